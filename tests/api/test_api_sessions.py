"""Signing in: a cookie for browsers, of which only a hash is kept, and which no other site can make use of."""

import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
import websockets
from pydantic import SecretStr
from sqlmodel import select
from starlette.requests import Request

from api.callers import owner_of
from api.credentials import COOKIE, Credentials
from api.sessions import _secure
from domain.access import Scope
from storage.access import SESSION_LASTS, open_session
from storage.clock import utc_now
from storage.database import Database
from storage.records import Session
from tests.api.conftest import PROMPT, Api, settings_in
from tests.api.people import FIRST, SECOND, bearer, browser, database, issued, keyed_api, song_of, told


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    async with keyed_api(tmp_path) as served:
        yield served


async def sign_in(http: httpx.AsyncClient, key: str = FIRST) -> httpx.Response:
    answer = await http.post("/v1/sessions", json={"api_key": key})
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_browser_signs_in_and_out(keyed: Api, tmp_path: Path) -> None:
    async with browser(keyed) as http:
        answer = await sign_in(http)
        cookie = SimpleCookie(answer.headers["set-cookie"])[COOKIE]
        kept = (bool(cookie["httponly"]), cookie["samesite"].lower(), cookie["path"], int(cookie["max-age"]))
        assert kept == (True, "strict", "/", int(SESSION_LASTS.total_seconds()))
        # Over plain http on this very machine; see test_the_cookie_is_for_tls.
        assert not cookie["secure"]
        me = (await http.get("/v1/me")).json()
        assert (me["owner"], me["via"]) == (owner_of(FIRST), "session")
        assert (await http.get(answer.headers["location"])).json() == answer.json()
        with closing(sqlite3.connect(tmp_path / "sostenuto.db")) as kept_there:
            dump = "\n".join(kept_there.iterdump())
        assert cookie.value not in dump
        assert hashlib.sha256(cookie.value.encode()).hexdigest() in dump
        gone = await http.delete("/v1/sessions")
        assert gone.status_code == 204
        assert not http.cookies
        http.cookies.set(COOKIE, cookie.value)
        assert told(await http.get("/v1/me")) == (401, "unauthorized")
        assert (await http.delete("/v1/sessions")).status_code == 204


async def test_a_session_may_do_what_its_key_may_and_ends_with_it(keyed: Api) -> None:
    ends = utc_now() + timedelta(days=3)
    new = await issued(keyed, scopes=["read"], expires_at=ends.isoformat())
    async with browser(keyed) as http:
        answer = await http.post("/v1/sessions", headers=bearer(new["key"]))
        assert (answer.status_code, answer.json()["scopes"]) == (201, ["read"])
        assert answer.json()["expires_at"] == new["expires_at"]
        assert told(await http.post("/v1/compositions", json={"prompt": PROMPT})) == (403, "missing_scope")
        assert (await http.get("/v1/compositions")).status_code == 200
        await keyed.http.delete(f"/v1/api-keys/{new['id']}", headers=bearer(FIRST))
        assert told(await http.get("/v1/compositions")) == (401, "unauthorized")


async def test_only_a_key_signs_in(keyed: Api, lone_api: Api) -> None:
    async with browser(keyed) as http:
        for body in (None, {}, {"api_key": "wrong-key-0123456789"}, {"api_key": ""}):
            assert told(await http.post("/v1/sessions", json=body)) == (401, "unauthorized")
        assert not http.cookies
        await sign_in(http)
        assert told(await http.post("/v1/sessions")) == (401, "unauthorized")
    assert told(await lone_api.http.post("/v1/sessions")) == (401, "unauthorized")


async def test_a_repeated_sign_in_gets_no_second_cookie(keyed: Api) -> None:
    headers = bearer(FIRST) | {"Idempotency-Key": "in"}
    async with browser(keyed) as http:
        answers = [await http.post("/v1/sessions", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert ["set-cookie" in answer.headers for answer in answers] == [True, False]
    async with database(keyed).session() as session:
        assert len((await session.exec(select(Session))).all()) == 1


async def test_another_site_can_do_nothing_with_the_cookie(keyed: Api) -> None:
    own = str(keyed.http.base_url).rstrip("/")
    async with browser(keyed) as http:
        await sign_in(http)
        foreign = (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://127.0.0.1:1"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        )
        for headers in foreign:
            answer = await http.post("/v1/compositions", json={"prompt": PROMPT}, headers=headers)
            assert told(answer) == (403, "cross_site"), headers
            signing_in = await http.post("/v1/sessions", json={"api_key": SECOND}, headers=headers)
            assert told(signing_in) == (403, "cross_site"), headers
        assert (await http.get("/v1/compositions")).json()["items"] == []
        # Whoever sends a key acts of their own will, from wherever.
        with_key = bearer(FIRST) | foreign[0]
        assert (await http.post("/v1/compositions", json={"prompt": PROMPT}, headers=with_key)).status_code == 202
        for headers in ({"Origin": own}, {"Sec-Fetch-Site": "same-origin"}, {}):
            answer = await http.post("/v1/compositions", json={"prompt": PROMPT}, headers=headers)
            assert answer.status_code == 202


async def test_the_public_name_is_no_other_site(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, public_url="https://music.example.org") as api, browser(api) as http:
        await sign_in(http)
        for origin, status in (("https://music.example.org", 202), ("http://music.example.org", 403)):
            answer = await http.post("/v1/compositions", json={"prompt": PROMPT}, headers={"Origin": origin})
            assert answer.status_code == status


async def test_the_cookie_opens_streams_for_pages_of_this_site_alone(keyed: Api) -> None:
    own = str(keyed.http.base_url).rstrip("/")
    song = await song_of(keyed)
    await keyed.http.post(f"{song}/cancellations", headers=bearer(FIRST))
    url = f"{own}/v1/ws/compositions/{song.rpartition('/')[2]}".replace("http", "ws", 1)
    async with browser(keyed) as http:
        await sign_in(http)
        cookie = {"Cookie": f"{COOKIE}={http.cookies[COOKIE]}"}
        async with http.stream("GET", f"{song}/events") as events:
            assert events.status_code == 200
        async with websockets.connect(url, additional_headers=cookie, origin=websockets.Origin(own)) as socket:
            assert socket.close_code is None
        with pytest.raises(websockets.InvalidStatus, match="403"):
            async with websockets.connect(
                url, additional_headers=cookie, origin=websockets.Origin("https://evil.example")
            ):
                pass
    async with browser(keyed) as http:
        assert (await http.get(f"{song}/events")).status_code == 401


async def test_a_session_of_a_key_that_is_configured_no_more_has_ended(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, api_keys=[SecretStr(FIRST)])
    base = Database(settings.database_url)
    await base.migrate()
    async with base.session() as session:
        opened = await open_session(session, user=owner_of(FIRST), scopes=list(Scope), key_id=owner_of(FIRST))
    caller = await Credentials(settings, base).by_cookie(opened.token)
    assert caller is not None
    assert caller.owner == owner_of(FIRST)
    other = settings_in(tmp_path, api_keys=[SecretStr(SECOND)])
    assert await Credentials(other, base).by_cookie(opened.token) is None
    await base.close()


async def test_an_old_session_has_ended(keyed: Api) -> None:
    long_ago = utc_now() - SESSION_LASTS - timedelta(seconds=1)
    async with database(keyed).session() as session:
        opened = await open_session(session, user="ada", scopes=[Scope.READ], key_id=None, now=long_ago)
    async with browser(keyed) as http:
        http.cookies.set(COOKIE, opened.token)
        assert told(await http.get("/v1/me")) == (401, "unauthorized")


async def test_a_key_counts_more_than_the_cookie(keyed: Api) -> None:
    async with browser(keyed) as http:
        await sign_in(http)
        me = (await http.get("/v1/me", headers=bearer(SECOND))).json()
        assert me["owner"] == owner_of(SECOND)
        assert told(await http.get("/v1/me", headers=bearer("wrong-key-0123456789"))) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("scheme", "host", "secure"),
    [
        ("http", "127.0.0.1:8000", False),
        ("http", "localhost", False),
        ("http", "music.example.org", True),
        ("https", "localhost", True),
        ("http", "192.168.1.5", True),
    ],
)
def test_the_cookie_is_for_tls(scheme: str, host: str, secure: bool) -> None:
    headers = [(b"host", host.encode())]
    scope = {"type": "http", "scheme": scheme, "path": "/", "headers": headers, "query_string": b"", "method": "POST"}
    assert _secure(Request(scope)) is secure
