"""Working on a song together: invitations, roles, guests; and what a public song keeps to those who work on it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from api.callers import owner_of
from api.live import Message
from api.publicity import HIDDEN
from api.publicity import told as told_message
from domain.access import Role
from domain.steps import MediaType
from storage.clock import utc_now
from storage.collaborators import INVITATION_LASTS, MAX_PEOPLE, invite
from storage.records import Composition, CompositionMedia, Event, Invitation, Transition
from storage.songs import media_by_hash
from tests.api.conftest import PROMPT, Api
from tests.api.people import FIRST, SECOND, bearer, browser, database, keyed_api, services, song_of, told

OWNER, OTHER = bearer(FIRST), bearer(SECOND)


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    async with keyed_api(tmp_path) as served:
        yield served


async def invited(
    api: Api, song: str, role: str = "editor", headers: dict[str, str] = OWNER, **more: Any
) -> dict[str, Any]:
    answer = await api.http.post(f"{song}/collaborators", json={"role": role, **more}, headers=headers)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def accept(http: httpx.AsyncClient, offer: dict[str, Any], **how: Any) -> httpx.Response:
    return await http.post(f"/v1/invitations/{offer['token']}/acceptance", **how)


async def test_a_key_holder_joins_and_works_on_the_song(keyed: Api) -> None:
    song = await song_of(keyed)
    assert (await keyed.http.get(song, headers=OTHER)).status_code == 404
    await keyed.http.patch("/v1/me", json={"name": "Grace"}, headers=OWNER)
    offer = await invited(keyed, song, email="ada@example.org")
    seen = (await keyed.http.get(f"/v1/invitations/{offer['token']}")).json()
    assert (seen["role"], seen["invited_by"], seen["title"]) == ("editor", "Grace", "Untitled")
    assert offer["link"].endswith(f"/v1/invitations/{offer['token']}")
    joined = await accept(keyed.http, offer, headers=OTHER)
    assert (joined.status_code, joined.json()["role"], joined.json()["user"]) == (201, "editor", owner_of(SECOND))
    assert joined.headers["location"] == song
    renamed = await keyed.http.patch(song, json={"title": "Ours"}, headers=OTHER)
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Ours")
    people = (await keyed.http.get(f"{song}/collaborators", headers=OTHER)).json()["items"]
    assert [(one["user"], one["role"]) for one in people] == [(owner_of(FIRST), "owner"), (owner_of(SECOND), "editor")]
    assert "ada@example.org" not in str(people)
    (kept,) = (await keyed.http.get(f"{song}/invitations", headers=OWNER)).json()["items"]
    assert (kept["state"], kept["accepted_by"], kept["email"]) == ("accepted", owner_of(SECOND), "ada@example.org")


async def test_the_token_is_told_once_and_kept_nowhere(keyed: Api, tmp_path: Path) -> None:
    song = await song_of(keyed)
    with structlog.testing.capture_logs() as lines:
        answers = [
            await keyed.http.post(f"{song}/collaborators", headers=OWNER | {"Idempotency-Key": "k"}) for _ in range(2)
        ]
        token = answers[0].json()["token"]
        await keyed.http.get(f"/v1/invitations/{token}")
        accepting = {"json": {"name": "Ada"}, "headers": {"Idempotency-Key": "k"}}
        async with browser(keyed) as http:
            joined = [await accept(http, {"token": token}, **accepting) for _ in range(2)]
    assert answers[1].json() == answers[0].json() | {"token": None, "link": None}
    assert joined[0].json() == joined[1].json()
    assert ["set-cookie" in answer.headers for answer in joined] == [True, False]
    with closing(sqlite3.connect(tmp_path / "sostenuto.db")) as kept:
        dump = "\n".join(kept.iterdump())
    assert token not in dump
    assert token not in repr(lines)


async def test_somebody_without_a_key_becomes_a_guest_of_one_song(keyed: Api) -> None:
    song, other = await song_of(keyed), await song_of(keyed)
    offer = await invited(keyed, song)
    async with browser(keyed) as http:
        assert told(await accept(http, offer)) == (401, "unauthorized")
        joined = await accept(http, offer, json={"name": " Ada "})
        assert (joined.status_code, joined.json()["name"]) == (201, "Ada")
        me = (await http.get("/v1/me")).json()
        assert (me["is_guest"], me["via"], me["scopes"]) == (True, "session", ["read", "write"])
        assert (await http.patch(song, json={"title": "Ours"})).status_code == 200
        assert (await http.get(other)).status_code == 404
        assert told(await http.post("/v1/compositions", json={"prompt": PROMPT})) == (403, "forbidden")
        assert told(await http.post("/v1/references", content=b"RIFF")) == (403, "forbidden")
        assert told(await http.post("/v1/api-keys")) == (403, "missing_scope")
        assert told(await http.post("/v1/webhook-endpoints", json={})) == (403, "missing_scope")


async def test_without_keys_two_browsers_can_be_two_people(lone_api: Api) -> None:
    song = await song_of(lone_api, None)
    offer = await invited(lone_api, song, "viewer", {})
    assert told(await accept(lone_api.http, offer)) == (409, "conflict")
    async with browser(lone_api) as ada:
        assert (await accept(ada, offer, json={"name": "Ada"})).status_code == 201
        whose = [(await http.get("/v1/me")).json()["owner"] for http in (ada, lone_api.http)]
        assert whose[0].startswith("guest-")
        assert whose[1] == "local"
        assert told(await ada.patch(song, json={"title": "Mine"})) == (403, "forbidden")
        assert (await ada.get(song)).json()["role"] == "viewer"
        # The second invitation makes the same guest more, not another one.
        more = await accept(ada, await invited(lone_api, song, "editor", {}), json={"name": "Eve"})
        assert (more.json()["user"], more.json()["name"], more.json()["role"]) == (whose[0], "Ada", "editor")
        assert (await ada.patch(song, json={"title": "Ours"})).status_code == 200
        assert (await ada.post("/v1/compositions", json={"prompt": PROMPT})).status_code == 202


async def test_an_invitation_makes_nobody_less(keyed: Api) -> None:
    song = await song_of(keyed)
    for role, becomes in (("viewer", "viewer"), ("editor", "editor"), ("viewer", "editor")):
        joined = await accept(keyed.http, await invited(keyed, song, role), headers=OTHER)
        assert joined.json()["role"] == becomes
    people = (await keyed.http.get(f"{song}/collaborators", headers=OWNER)).json()["items"]
    assert len(people) == 2


async def test_the_owner_cannot_accept(keyed: Api) -> None:
    song = await song_of(keyed)
    offer = await invited(keyed, song)
    assert told(await accept(keyed.http, offer, headers=OWNER)) == (409, "conflict")
    assert (await keyed.http.get(f"/v1/invitations/{offer['token']}")).status_code == 200


async def test_an_invitation_is_used_once_however_many_try(keyed: Api) -> None:
    song = await song_of(keyed)
    offer = await invited(keyed, song)
    async with browser(keyed) as http:
        answers = await asyncio.gather(*(accept(http, offer, json={"name": f"Guest {n}"}) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [410] * 7
    people = (await keyed.http.get(f"{song}/collaborators", headers=OWNER)).json()["items"]
    assert len(people) == 2
    assert told(await keyed.http.get(f"/v1/invitations/{offer['token']}")) == (410, "gone")


async def test_an_invitation_that_is_over_or_taken_back_lets_nobody_in(keyed: Api) -> None:
    song = await song_of(keyed)
    old, back, hidden = [await invited(keyed, song) for _ in range(3)]
    async with database(keyed).session() as session:
        row = await session.get(Invitation, old["id"])
        assert row is not None
        assert row.expires_at - row.created_at == INVITATION_LASTS
        row.expires_at = utc_now() - timedelta(seconds=1)
    assert told(await accept(keyed.http, old, headers=OTHER)) == (410, "gone")
    gone = await keyed.http.delete(f"{song}/invitations/{back['id']}", headers=OWNER)
    assert gone.status_code == 204
    assert told(await accept(keyed.http, back, headers=OTHER)) == (404, "not_found")
    await keyed.http.delete(song, headers=OWNER)
    assert told(await accept(keyed.http, hidden, headers=OTHER)) == (404, "not_found")
    for token in ("x" * 43, hidden["token"] + "a"):
        assert told(await keyed.http.get(f"/v1/invitations/{token}")) == (404, "not_found")


async def test_open_invitations_are_bounded(keyed: Api) -> None:
    song = await song_of(keyed)
    async with database(keyed).session() as session:
        for number in range(MAX_PEOPLE):
            await invite(
                session, invitation_id=str(number), composition_id=song.rpartition("/")[2], role=Role.VIEWER,
                email=None, invited_by="ada",
            )  # fmt: skip
    assert told(await keyed.http.post(f"{song}/collaborators", headers=OWNER)) == (409, "limit_reached")
    await keyed.http.delete(f"{song}/invitations/0", headers=OWNER)
    await invited(keyed, song)


async def test_roles_change_people_leave_and_are_removed(keyed: Api) -> None:
    song = await song_of(keyed)
    places = {}
    for name in ("Ada", "Eve"):
        async with browser(keyed) as http:
            places[name] = (await accept(http, await invited(keyed, song), json={"name": name})).json()["user"]
            cookies = http.cookies
        if name == "Ada":
            ada = cookies
    async with browser(keyed) as http:
        http.cookies = ada
        assert told(await http.delete(f"{song}/collaborators/{places['Eve']}")) == (403, "forbidden")
        one = f"{song}/collaborators/{places['Ada']}"
        status = f"{song}/status"
        as_editor = {"If-None-Match": (await http.get(status)).headers["etag"]}
        assert (await http.get(status, headers=as_editor)).status_code == 304
        lowered = await keyed.http.patch(one, json={"role": "viewer"}, headers=OWNER)
        assert (await http.get(status, headers=as_editor)).status_code == 200, "what is seen depends on the role"
        same = {"If-Match": as_editor["If-None-Match"]}
        assert (await keyed.http.patch(song, json={"title": "Ours"}, headers=OWNER | same)).status_code == 200
        assert (lowered.status_code, lowered.json()["role"], lowered.json()["name"]) == (200, "viewer", "Ada")
        assert told(await http.patch(song, json={"title": "Mine"})) == (403, "forbidden")
        assert (await http.delete(one)).status_code == 204
        assert (await http.get(song)).status_code == 404
    eve = f"{song}/collaborators/{places['Eve']}"
    assert (await keyed.http.delete(eve, headers=OWNER)).status_code == 204
    for call in (keyed.http.delete(eve, headers=OWNER), keyed.http.patch(eve, json={"role": "viewer"}, headers=OWNER)):
        assert told(await call) == (404, "not_found")
    me = f"{song}/collaborators/{owner_of(FIRST)}"
    assert told(await keyed.http.delete(me, headers=OWNER)) == (409, "conflict")


@pytest.mark.parametrize("body", [{"role": "owner"}, {"role": "public"}, {"email": "nobody"}, {"email": "a@b\nc"}])
async def test_a_malformed_invitation_is_refused(keyed: Api, body: dict[str, str]) -> None:
    song = await song_of(keyed)
    answer = await keyed.http.post(f"{song}/collaborators", json=body, headers=OWNER)
    assert told(answer) == (422, "invalid_input")


async def published(api: Api) -> tuple[str, str, str]:
    """A public song with a file, a report and a history: its path, and both hashes."""
    song = await song_of(api)
    id_, now, store = song.rpartition("/")[2], utc_now(), services(api).media
    sound, report = await store.aput(b"a tune"), await store.aput(b"report")
    async with database(api).session() as session:
        row = await session.get(Composition, id_)
        assert row is not None
        row.is_public, row.started, row.last_seq = True, True, 2
        row.settings = row.settings | {"budget": 4.5}
        for name, kind, hash_ in (("mix", MediaType.AUDIO_MP3, sound), ("report", MediaType.REPORT, report)):
            session.add(
                CompositionMedia(
                    id=f"{name}-{id_}", composition_id=id_, stage="mixing", revision=1, name=name, type=kind,
                    media_type="text/plain", hash=hash_, size=6, created_at=now,
                )
            )  # fmt: skip
        session.add(
            Transition(
                composition_id=id_, number=1, from_stage="ideation", to_stage="composition", revision=1, take=1,
                time=now, by="user:secret-person", command_id="secret-command",
            )
        )  # fmt: skip
        money = {"provider": "suno", "amount": "12.34", "currency": "USD"}
        ended = {"by": "user:secret-person"}
        session.add(Event(composition_id=id_, seq=1, type="cost_recorded", time=now, payload=money))
        session.add(Event(composition_id=id_, seq=2, type="song_cancelled", time=now, payload=ended))
    return song, sound, report


SECRETS = ("secret-person", "secret-command", "12.34", "4.5", owner_of(FIRST), "temporal_ui", "/signals")


async def test_a_public_song_shows_no_money_and_no_people(keyed: Api) -> None:
    song, sound, report = await published(keyed)
    paths = (song, f"{song}/status", f"{song}/history", f"{song}/media", f"{song}/stages/mixing", f"{song}/events")
    for headers in ({}, OTHER):
        for path in (*paths, "/v1/compositions?scope=public"):
            answer = await keyed.http.get(path, headers=headers)
            assert answer.status_code == 200, answer.text
            assert not [secret for secret in SECRETS if secret in answer.text], path
        detail = (await keyed.http.get(song, headers=headers)).json()
        hidden = ("owner", "spent_usd", "reserved_usd", "blocked", "allowed_commands")
        assert [detail[name] for name in hidden] == [None, None, None, None, []]
        assert detail["role"] == "public"
        listed = (await keyed.http.get(f"{song}/media", headers=headers)).json()["items"]
        assert [item["name"] for item in listed] == ["mix"]
        assert (await keyed.http.get(f"/v1/media/{sound}/content", headers=headers)).text == "a tune"
        assert (await keyed.http.get(f"/v1/media/{report}/content", headers=headers)).status_code in (401, 404)
        for format_ in ("report", "release"):
            refused = await keyed.http.get(f"{song}/download", params={"format": format_}, headers=headers)
            assert told(refused) == (403, "forbidden")
    mine = "".join([(await keyed.http.get(path, headers=OWNER)).text for path in paths])
    assert [secret for secret in SECRETS if secret not in mine] == []
    assert (await keyed.http.get(f"/v1/media/{report}/content", headers=OWNER)).text == "report"


async def test_files_of_an_archived_song_are_nobodys(keyed: Api) -> None:
    song, sound, _ = await published(keyed)
    async with database(keyed).session() as session:
        assert await media_by_hash(session, None, sound) is not None
    assert (await keyed.http.delete(song, headers=OWNER)).status_code == 204
    async with database(keyed).session() as session:
        for who in (None, owner_of(FIRST), owner_of(SECOND)):
            assert await media_by_hash(session, who, sound) is None
    assert (await keyed.http.get(f"/v1/media/{sound}/content", headers=OWNER)).status_code == 404


def test_only_the_public_hears_less() -> None:
    data = '{"seq":1,"payload":{"by":"user:ada","amount":"1","paths":["a"],"reason":"costs $3"}}'
    message = Message(1, "stage_blocked", utc_now(), data)
    assert told_message(message, Role.VIEWER) is message
    assert told_message(message, Role.PUBLIC).data == (
        '{"seq": 1, "payload": {"by": "", "amount": "0", "paths": ["a"], "reason": ""}}'
    )
    assert {"owner", "by", "actor", "amount", "spent_usd"} <= HIDDEN.keys()
