"""Many streams: no gap and no repeat however often they break, one look for all, and nobody who does not read."""

import asyncio
import contextlib
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr
from sqlalchemy.pool import QueuePool
from websockets.asyncio.client import connect

import api.live
from api.services import Services
from domain.events import EventType
from domain.seeds import derive
from storage.clock import utc_now
from storage.database import Database
from storage.records import Event
from storage.upserts import insert_missing
from tests.api.conftest import Api, serving, settings_in
from tests.api.test_api_live import _write as write_events
from tests.api.test_api_socket import address
from tests.fixtures.temporal import free_port

SONGS, CLIENTS, EVENTS, CUTS = 12, 48, 40, 500
_ID = re.compile(rb"^id: (\d+)$", re.M)


@contextlib.asynccontextmanager
async def sse(api: Api, song: str, after: int, **options: Any) -> AsyncIterator[asyncio.StreamReader]:
    """A bare event stream, cut off hard at the end."""
    url = api.http.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port, **options)
    head = f"GET /v1/compositions/{song}/events?after={after} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    writer.write(head.encode())
    await writer.drain()
    try:
        yield reader
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def by_sse(api: Api, song: str, after: int) -> AsyncIterator[int]:
    """Numbers of events, from server-sent events."""
    async with sse(api, song, after) as reader:
        while line := await reader.readline():
            if found := _ID.match(line.rstrip()):
                yield int(found[1])


async def by_socket(api: Api, song: str, after: int) -> AsyncIterator[int]:
    """Numbers of events, from a WebSocket."""
    async with connect(address(api, song, after), compression=None, close_timeout=0) as stream:
        async for text in stream:
            message = json.loads(text)
            if message["type"] == "event":
                yield message["data"]["seq"]


@dataclass
class Crowd:
    """Clients that lose their stream at random, and how often all of them together did."""

    api: Api
    cuts: int = 0
    seen: dict[int, list[int]] = field(default_factory=dict)

    async def listen(self, number: int) -> None:
        """Follow one song to its last event, by either kind of stream, cut off again and again."""
        random = np.random.default_rng(derive(1, "disconnects", number))
        seen = self.seen.setdefault(number, [])
        while len(seen) < EVENTS:
            way = (by_sse, by_socket)[int(random.integers(2))]
            stay = int(random.integers(1, 6))
            async with contextlib.aclosing(way(self.api, f"s{number % SONGS}", seen[-1] if seen else 0)) as stream:
                async for seq in stream:
                    seen.append(seq)
                    stay -= 1
                    if not stay or len(seen) == EVENTS:
                        break
            self.cuts += 1


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_thousand_disconnects_leave_no_gap_and_no_repeat(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    values: dict[str, Any] = {}
    if kind == "postgres":
        new_url: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        values = {"database_url": new_url()}
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}", **values)
    async with serving(settings) as served:
        database = Database(settings.database_url)
        for number in range(SONGS):
            await write_events(database, f"s{number}", 1, 1)
        crowd = Crowd(served)
        random = np.random.default_rng(derive(1, "writer", kind))

        async def write() -> None:
            done = [1] * SONGS
            while min(done) < EVENTS:
                song = int(random.choice([n for n in range(SONGS) if done[n] < EVENTS]))
                last = min(EVENTS, done[song] + int(random.integers(1, 9)))
                await write_events(database, f"s{song}", done[song] + 1, last)
                done[song] = last
                await asyncio.sleep(0.005)

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            group.create_task(write())
            for number in range(CLIENTS):
                group.create_task(crowd.listen(number))
        await database.close()
    assert crowd.cuts >= CUTS
    assert [seen for seen in crowd.seen.values() if seen != list(range(1, EVENTS + 1))] == []


async def test_all_streams_of_a_song_share_one_look(lone_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = {"shared": 0, "own": 0}

    def counted(name: str, kind: str) -> None:
        real = getattr(api.live, name)

        async def look(*given: Any, **named: Any) -> Any:
            looks[kind] += 1
            return await real(*given, **named)

        monkeypatch.setattr(api.live, name, look)

    counted("events_of", "shared")
    counted("events_after", "own")
    database = Database(lone_api.settings.database_url)
    await write_events(database, "s", 1, 3)
    many, last = 150, 9
    seen: list[list[int]] = [[] for _ in range(many)]

    async def listen(number: int) -> None:
        async with contextlib.aclosing(by_sse(lone_api, "s", 0)) as stream:
            async for seq in stream:
                seen[number].append(seq)
                if seq == last:
                    return

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for number in range(many):
            group.create_task(listen(number))
        await _until(lambda: all(len(one) >= 3 for one in seen))
        caught_up = looks["own"]
        for seq in range(4, last + 1):
            await write_events(database, "s", seq, seq)
    await database.close()
    assert seen == [list(range(1, last + 1))] * many
    assert caught_up < many, "streams at the same place share their page"
    assert looks["own"] == caught_up, "no stream asks for itself once it is up to date"


async def test_who_does_not_read_is_cut_off_and_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.streams.SEND_WITHIN_S", 0.7)
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}")
    async with serving(settings) as served:
        database = Database(settings.database_url)
        await write_events(database, "s", 1, 1)
        rows = [
            {"composition_id": "s", "seq": n, "type": EventType.CONTEXT_CHANGED, "time": utc_now(),
             "payload": {"paths": ["x" * 40_000], "by": "test"}}
            for n in range(2, 202)
        ]  # fmt: skip
        async with database.session() as session:
            await insert_missing(session, Event, rows)
        await database.close()
        services: Services = served.server.config.app.state.services  # type: ignore[union-attr]
        for upgrade in (False, True):
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect((served.http.base_url.host, served.http.base_url.port))
            deaf.sendall(_deaf_request(upgrade=upgrade))
            mine = deaf.getsockname()
            await _until(lambda mine=mine: mine in _clients(served))
            pool = services.database.engine.pool
            assert isinstance(pool, QueuePool)
            await asyncio.sleep(0.4)
            assert pool.checkedout() == 0, "a stream that waits for its client holds no connection"
            numbers = [seq async for seq in _first(by_sse(served, "s", 0), 201)]
            assert numbers == list(range(1, 202)), "others are not held up"
            await _until(lambda mine=mine: mine not in _clients(served))
            deaf.close()
        await _until(lambda: "sostenuto_event_streams 0" in services.metrics.render())
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], "nobody has to be told of it"


def _deaf_request(*, upgrade: bool) -> bytes:
    if not upgrade:
        return b"GET /v1/compositions/s/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    return (
        b"GET /v1/ws/compositions/s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )


def _clients(served: Api) -> set[Any]:
    return {getattr(connection, "client", None) for connection in served.server.server_state.connections}


async def _first(stream: AsyncIterator[int], count: int) -> AsyncIterator[int]:
    async with contextlib.aclosing(stream):  # type: ignore[type-var]
        async for number in stream:
            yield number
            count -= 1
            if not count:
                return


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came true")


async def test_streams_are_counted_by_caller_and_in_all(tmp_path: Path) -> None:
    keys = ["first-key-0123456789", "second-key-0123456789", "third-key-0123456789"]
    settings = settings_in(
        tmp_path, temporal_address=f"127.0.0.1:{free_port()}", api_keys=[SecretStr(key) for key in keys],
        streams_per_caller=2, streams_in_all=3,
    )  # fmt: skip
    async with serving(settings) as served, contextlib.AsyncExitStack() as open_:
        songs = []
        for key in keys:
            answer = await served.http.post("/v1/compositions", json={"prompt": "a song"}, headers=_as(key))
            songs.append(answer.json()["id"])

        async def ask(number: int) -> Any:
            where = f"/v1/compositions/{songs[number]}/events"
            return await open_.enter_async_context(served.http.stream("GET", where, headers=_as(keys[number])))

        assert [(await ask(number)).status_code for number in (0, 0)] == [200, 200]
        third = await ask(0)
        assert (third.status_code, third.headers["retry-after"]) == (429, "10")
        assert "at most 2" in json.loads(await third.aread())["detail"]
        assert (await ask(1)).status_code == 200
        full = await ask(2)
        assert (full.status_code, json.loads(await full.aread())["code"]) == (503, "limit_reached")
        async with connect(address(served, songs[2]), additional_headers=_as(keys[2])) as refused:
            await refused.wait_closed()
            assert refused.close_code == 4503
        await open_.aclose()
        await _until(lambda: not served.server.config.app.state.streams._open)  # type: ignore[union-attr]
        assert (await ask(2)).status_code == 200


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
