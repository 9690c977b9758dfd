"""A stream ends soon after the right to it: removed, lowered, hidden, archived, revoked, signed out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from api.callers import owner_of
from api.credentials import COOKIE
from domain.access import Role
from storage.collaborators import give_role
from storage.records import Composition
from storage.roles import roles_in
from tests.api.conftest import Api
from tests.api.people import FIRST, SECOND, bearer, database, issued, keyed_api, song_of

OWNER, OTHER = bearer(FIRST), bearer(SECOND)
SOON_S = 0.1
"""The pause between two looks in these tests."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def keyed(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr("api.audience.CHECK_EVERY_S", SOON_S)
    values = {}
    if request.param == "postgres":
        new_url: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        values["database_url"] = new_url()
    async with keyed_api(tmp_path, **values) as served:
        yield served


@dataclass(frozen=True)
class Case:
    """With which headers somebody listens, what ends their right, and what they are told when they come again."""

    headers: dict[str, str]
    ends: Callable[[], Awaitable[httpx.Response]]
    again: int


async def share(api: Api, song: str, role: Role = Role.EDITOR) -> str:
    """The place of the second key's owner in a song."""
    async with database(api).session() as session:
        await give_role(session, song.rpartition("/")[2], owner_of(SECOND), role)
    return f"{song}/collaborators/{owner_of(SECOND)}"


async def removed(api: Api, song: str) -> Case:
    place = await share(api, song)
    return Case(OTHER, lambda: api.http.delete(place, headers=OWNER), 404)


async def lowered(api: Api, song: str) -> Case:
    place = await share(api, song)
    return Case(OTHER, lambda: api.http.patch(place, json={"role": "viewer"}, headers=OWNER), 200)


async def hidden(api: Api, song: str) -> Case:
    await api.http.patch(song, json={"is_public": True}, headers=OWNER)
    return Case({}, lambda: api.http.patch(song, json={"is_public": False}, headers=OWNER), 401)


async def archived(api: Api, song: str) -> Case:
    return Case(OWNER, lambda: api.http.delete(song, headers=OWNER), 404)


async def revoked(api: Api, song: str) -> Case:
    key = await issued(api, name="for a while")
    return Case(bearer(key["key"]), lambda: api.http.delete(f"/v1/api-keys/{key['id']}", headers=OWNER), 401)


async def signed_out(api: Api, song: str) -> Case:
    async with httpx.AsyncClient(base_url=api.http.base_url) as browser:
        await browser.post("/v1/sessions", headers=OWNER)
        cookie = {"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    return Case(cookie, lambda: api.http.delete("/v1/sessions", headers=cookie), 401)


CASES = (removed, lowered, hidden, archived, revoked, signed_out)


@contextlib.asynccontextmanager
async def listening(api: Api, song: str, headers: dict[str, str]) -> AsyncIterator[asyncio.Task[bytes]]:
    """A stream that has begun, as a task that ends with it."""
    async with api.http.stream("GET", f"{song}/events", headers=headers) as stream:
        assert stream.status_code == 200
        chunks = stream.aiter_bytes()
        await anext(chunks)

        async def rest() -> bytes:
            return b"".join([chunk async for chunk in chunks])

        reading = asyncio.create_task(rest())
        yield reading
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
async def test_a_stream_ends_with_the_right_to_it(keyed: Api, case: Callable[[Api, str], Awaitable[Case]]) -> None:
    song = await song_of(keyed)
    known = await case(keyed, song)
    other = await song_of(keyed)
    async with listening(keyed, song, known.headers) as ends, listening(keyed, other, OWNER) as stays:
        await asyncio.sleep(4 * SOON_S)
        assert not ends.done(), "nothing has changed yet"
        assert (await known.ends()).status_code in (200, 204)
        await asyncio.wait_for(ends, 10)
        await asyncio.sleep(4 * SOON_S)
        assert not stays.done(), "nobody else is sent away"
    async with keyed.http.stream("GET", f"{song}/events", headers=known.headers) as again:
        assert again.status_code == known.again


async def test_a_socket_says_that_one_may_come_again(keyed: Api) -> None:
    song = await song_of(keyed)
    place = await share(keyed, song)
    url = f"ws://127.0.0.1:{keyed.http.base_url.port}/v1/ws/compositions/{song.rpartition('/')[2]}"
    async with connect(url, additional_headers=OTHER) as socket:
        await keyed.http.delete(place, headers=OWNER)
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert (socket.close_code, socket.close_reason) == (
            1001,
            "what you are to the song has changed: connect again",
        )
    async with connect(url, additional_headers=OTHER) as socket:
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == 4404


async def test_many_roles_are_what_each_is_by_itself(keyed: Api) -> None:
    songs = [(await song_of(keyed)).rpartition("/")[2] for _ in range(4)]
    await share(keyed, songs[0], Role.VIEWER)
    await keyed.http.patch(f"/v1/compositions/{songs[1]}", json={"is_public": True}, headers=OWNER)
    await share(keyed, songs[2])
    await keyed.http.delete(f"/v1/compositions/{songs[2]}", headers=OWNER)
    users = (owner_of(FIRST), owner_of(SECOND), None)
    async with database(keyed).session() as session:
        found = await roles_in(session, {(song, user) for song in [*songs, "none"] for user in users})
        assert await session.get(Composition, songs[3])
    assert [[found[song, user] for user in users] for song in [*songs, "none"]] == [
        [Role.OWNER, Role.VIEWER, None],
        [Role.OWNER, Role.PUBLIC, Role.PUBLIC],
        [None, None, None],
        [Role.OWNER, None, None],
        [None, None, None],
    ]
