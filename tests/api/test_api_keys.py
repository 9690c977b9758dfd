"""Issued keys: shown once, kept as a hash, never stronger than the key that made them, and useless once revoked."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from api.callers import owner_of
from api.credentials import FRESH_S, WRONG_KEYS, Credentials
from api.problems import ApiProblem
from domain.access import Scope
from sostenuto.cli import app
from storage.access import create_key
from storage.clock import utc_now
from storage.database import Database
from storage.records import ApiKey
from tests.api.conftest import Api, settings_in
from tests.api.people import FIRST, SECOND, bearer, database, issued, keyed_api, services, song_of, told

MOST_WRONG = int(WRONG_KEYS.partition("/")[0])


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    async with keyed_api(tmp_path) as served:
        yield served


async def test_a_key_is_told_once_and_only_its_hash_is_kept(keyed: Api, tmp_path: Path) -> None:
    new = await issued(keyed, name="studio", scopes=["read", "write"])
    start, prefix, secret = new["key"].split("_")
    assert (start, f"{start}_{prefix}", len(secret)) == ("sos", new["prefix"], 43)
    shown = await keyed.http.get("/v1/api-keys", headers=bearer(FIRST))
    one = await keyed.http.get(f"/v1/api-keys/{new['id']}", headers=bearer(FIRST))
    assert one.json() == shown.json()["items"][0] == {name: new[name] for name in new if name != "key"}
    async with database(keyed).session() as session:
        row = await session.get(ApiKey, new["id"])
    assert row is not None
    assert row.key_hash == hashlib.sha256(new["key"].encode()).hexdigest()
    with closing(sqlite3.connect(tmp_path / "sostenuto.db")) as kept:
        assert secret not in "\n".join(kept.iterdump())


async def test_a_repeated_request_gets_the_key_without_its_secret(keyed: Api, tmp_path: Path) -> None:
    headers = bearer(FIRST) | {"Idempotency-Key": "once"}
    answers = await asyncio.gather(
        *(keyed.http.post("/v1/api-keys", json={"name": "a"}, headers=headers) for _ in range(5))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    secrets = [answer.json()["key"] for answer in answers if answer.json()["key"]]
    assert len(secrets) == 1
    assert sum(answer.headers.get("idempotency-replayed") == "true" for answer in answers) == 4
    with closing(sqlite3.connect(tmp_path / "sostenuto.db")) as kept:
        assert secrets[0] not in "\n".join(kept.iterdump())


async def test_a_key_acts_for_who_made_it(keyed: Api) -> None:
    song = await song_of(keyed)
    new = await issued(keyed, scopes=["read"])
    assert (await keyed.http.get(song, headers=bearer(new["key"]))).status_code == 200
    me = (await keyed.http.get("/v1/me", headers=bearer(new["key"]))).json()
    assert (me["owner"], me["via"], me["scopes"]) == (owner_of(FIRST), "key", ["read"])
    changed = await keyed.http.patch(song, json={"title": "Mine"}, headers=bearer(new["key"]))
    assert told(changed) == (403, "missing_scope")


async def test_nobody_makes_a_stronger_key(keyed: Api) -> None:
    ends = utc_now() + timedelta(days=1)
    weak = await issued(keyed, scopes=["read", "keys"], expires_at=ends.isoformat())
    for scopes in (["write"], ["read", "webhooks"]):
        answer = await keyed.http.post("/v1/api-keys", json={"scopes": scopes}, headers=bearer(weak["key"]))
        assert told(answer) == (403, "missing_scope")
    later = {"expires_at": (ends + timedelta(seconds=1)).isoformat()}
    assert (await keyed.http.post("/v1/api-keys", json=later, headers=bearer(weak["key"]))).status_code == 422
    child = await issued(keyed, weak["key"])
    assert (child["scopes"], child["expires_at"]) == (["read", "keys"], weak["expires_at"])


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": []},
        {"scopes": ["admin"]},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2030-01-01T00:00:00"},
        {"name": "two\nlines"},
        {"name": "x" * 256},
        {"key": "sos_mine"},
    ],
)
async def test_a_malformed_wish_is_refused(keyed: Api, body: dict[str, object]) -> None:
    assert (await keyed.http.post("/v1/api-keys", json=body, headers=bearer(FIRST))).status_code == 422


async def test_a_revoked_key_is_useless_at_once(keyed: Api) -> None:
    new = await issued(keyed)
    assert (await keyed.http.get("/v1/me", headers=bearer(new["key"]))).status_code == 200
    for _ in range(2):
        gone = await keyed.http.delete(f"/v1/api-keys/{new['id']}", headers=bearer(FIRST))
        assert gone.status_code == 204
    assert told(await keyed.http.get("/v1/me", headers=bearer(new["key"]))) == (401, "unauthorized")
    shown = (await keyed.http.get(f"/v1/api-keys/{new['id']}", headers=bearer(FIRST))).json()
    assert shown["revoked_at"]
    assert shown["last_used_at"]


async def test_an_expired_key_is_useless(keyed: Api) -> None:
    async with database(keyed).session() as session:
        past = utc_now() - timedelta(seconds=1)
        new = await create_key(session, key_id="k", owner="ada", name="", scopes=[Scope.READ], expires_at=past)
    assert told(await keyed.http.get("/v1/me", headers=bearer(new.secret))) == (401, "unauthorized")


async def test_keys_of_others_do_not_exist(keyed: Api) -> None:
    new = await issued(keyed)
    path = f"/v1/api-keys/{new['id']}"
    for method in ("GET", "DELETE"):
        assert told(await keyed.http.request(method, path, headers=bearer(SECOND))) == (404, "not_found")
    assert (await keyed.http.get("/v1/api-keys", headers=bearer(SECOND))).json()["items"] == []
    assert (await keyed.http.get("/v1/me", headers=bearer(new["key"]))).status_code == 200


async def test_keys_are_paged_newest_first(keyed: Api) -> None:
    made = [(await issued(keyed, name=str(number)))["id"] for number in range(5)]
    found: list[str] = []
    cursor: str | None = None
    while cursor is not None or not found:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await keyed.http.get("/v1/api-keys", params=query, headers=bearer(FIRST))).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == made[::-1]
    bad = await keyed.http.get("/v1/api-keys", params={"cursor": "WzFd"}, headers=bearer(FIRST))
    assert told(bad) == (422, "invalid_input")


async def test_who_tries_keys_is_stopped_and_nobody_who_came_in_before(keyed: Api) -> None:
    known = await issued(keyed)
    for key in (FIRST, known["key"]):
        assert (await keyed.http.get("/v1/me", headers=bearer(key))).status_code == 200
    guesses = [f"sos_{number:08}_guess" if number % 2 else f"guess-{number:08}" for number in range(MOST_WRONG)]
    for guess in guesses:
        assert told(await keyed.http.get("/v1/me", headers=bearer(guess))) == (401, "unauthorized")
    stopped = await keyed.http.get("/v1/me", headers=bearer("one-more-guess"))
    assert told(stopped) == (429, "too_many_requests")
    assert 1 <= int(stopped.headers["retry-after"]) <= 60
    signing_in = await keyed.http.post("/v1/sessions", json={"api_key": "one-more-guess"})
    assert told(signing_in) == (429, "too_many_requests")
    # A right key that was never seen from here could be a guess that hit.
    assert told(await keyed.http.get("/v1/me", headers=bearer(SECOND))) == (429, "too_many_requests")
    for key in (FIRST, known["key"]):
        assert (await keyed.http.get("/v1/me", headers=bearer(key))).status_code == 200


async def test_what_was_looked_up_is_believed_for_moments(tmp_path: Path) -> None:
    settings, now = settings_in(tmp_path), [0.0]
    base = Database(settings.database_url)
    await base.migrate()
    known = Credentials(settings, base, clock=lambda: now[0])
    async with base.session() as session:
        new = await create_key(session, key_id="k", owner="ada", name="", scopes=[Scope.READ], expires_at=None)
    assert (caller := await known.by_key(new.secret, "here"))
    assert caller.owner == "ada"
    async with base.session() as session:
        row = await session.get(ApiKey, "k")
        assert row is not None
        row.revoked_at = utc_now()
    assert await known.by_key(new.secret, "here") is not None
    now[0] = FRESH_S + 0.1
    assert await known.by_key(new.secret, "here") is None
    await base.close()


async def test_wrong_keys_of_one_address_stop_no_other(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    base = Database(settings.database_url)
    await base.migrate()
    known = Credentials(settings, base)
    for number in range(MOST_WRONG):
        assert await known.by_key(f"sos_{number}", "there") is None
    with pytest.raises(ApiProblem, match="too many wrong"):
        await known.by_key("sos_more", "there")
    assert await known.by_key("sos_more", "here") is None
    await base.close()


async def test_use_is_noted_at_most_once_a_minute(keyed: Api) -> None:
    new = await issued(keyed)
    times = []
    for _ in range(2):
        services(keyed).credentials.forget(key_id=new["id"])
        assert (await keyed.http.get("/v1/me", headers=bearer(new["key"]))).status_code == 200
        times.append((await keyed.http.get(f"/v1/api-keys/{new['id']}", headers=bearer(FIRST))).json()["last_used_at"])
    assert times[0] is not None
    assert times[0] == times[1]


async def test_me_has_a_name_and_shows_limits(keyed: Api) -> None:
    await song_of(keyed)
    named = await keyed.http.patch("/v1/me", json={"name": "  Ada  "}, headers=bearer(FIRST))
    me = (await keyed.http.get("/v1/me", headers=bearer(FIRST))).json()
    assert named.json()["name"] == me["name"] == "Ada"
    assert me["limits"]["running_songs"] == {"limit": 50, "used": 1}
    assert me["limits"]["requests"] == "600/minute"
    assert me["limits"]["spend_today_usd"]["limit"] is None


async def test_without_keys_an_issued_key_still_says_who_one_is(lone_api: Api) -> None:
    async with database(lone_api).session() as session:
        new = await create_key(session, key_id="k", owner="ada", name="", scopes=[Scope.READ], expires_at=None)
    me = [
        (await lone_api.http.get("/v1/me", headers=headers)).json()["owner"]
        for headers in ({}, bearer(new.secret), bearer("of-another-program"))
    ]
    assert me == ["local", "ada", "local"]
    wrong = await lone_api.http.get("/v1/me", headers=bearer(new.secret + "x"))
    assert told(wrong) == (401, "unauthorized")


Cli = Callable[..., dict[str, object]]


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    def run(*words: str) -> dict[str, object]:
        assert app(["keys", *words, "--data", str(tmp_path), "--json"], standalone_mode=False) == 0
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    return run


def test_the_operator_issues_lists_and_revokes_keys(cli: Cli) -> None:
    new = cli("create", "--owner", "ada", "--name", "studio", "--scopes", "write, read", "--expires", "2999-01-01")
    assert (new["owner"], new["name"], new["scopes"]) == ("ada", "studio", ["read", "write"])
    assert str(new["expires_at"]).startswith("2999-01-01T00:00:00")
    assert str(new["key"]).startswith(f"{new['prefix']}_")
    assert cli("create")["owner"] == "local"
    (listed,) = cli("list", "--owner", "ada")["keys"]  # type: ignore[misc]
    assert listed == {name: value for name, value in new.items() if name != "key"}
    assert cli("revoke", str(new["prefix"]))["revoked_at"]
    (revoked,) = cli("list", "--owner", "ada")["keys"]  # type: ignore[misc]
    assert revoked["revoked_at"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["revoke", "none"], 4),
        (["create", "--scopes", "fly"], 2),
        (["create", "--expires", "soon"], 2),
        (["create", "--expires", "2001-01-01"], 2),
    ],
)
def test_the_operator_is_told_what_is_wrong(
    words: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app(["keys", *words, "--data", str(tmp_path)], standalone_mode=False) == code
    assert capsys.readouterr().err.startswith("error: ")
