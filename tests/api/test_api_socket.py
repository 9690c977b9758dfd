"""The event stream as a WebSocket: the same messages, resumed by number, closed with a code that says why."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from storage.database import Database
from tests.api.conftest import Api, serving, settings_in
from tests.api.test_api_live import _write as write_events
from tests.api.test_api_live import messages
from tests.fixtures.temporal import free_port

KEY = "first-key-0123456789"


def address(api: Api, song: str, after: int | str = 0) -> str:
    root = str(api.http.base_url).replace("http://", "ws://")
    return f"{root}/v1/ws/compositions/{song}?after={after}"


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}", api_keys=[SecretStr(KEY)])
    async with serving(settings) as served:
        yield served


async def _written(api: Api, song: str, last: int) -> None:
    database = Database(api.settings.database_url)
    await write_events(database, song, 1, last)
    await database.close()


async def _closed(socket: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionClosedError):
            async for _ in socket:
                pass
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_a_socket_tells_what_the_stream_tells(api: Api) -> None:
    song = await api.start()
    await api.until(song, status="completed")
    last = (await api.status(song))["sequence"]
    streamed: list[Any] = []
    async for message in messages(api.http, song):
        if "id" in message:
            streamed.append(json.loads(message["data"]))
        if len(streamed) == last:
            break
    for after in (0, last // 2):
        told: list[dict[str, Any]] = []
        async with connect(address(api, song, after)) as socket, asyncio.timeout(10):
            while len([one for one in told if one["type"] == "event"]) < last - after:
                told.append(json.loads(await socket.recv()))
        assert [one["data"] for one in told if one["type"] == "event"] == streamed[after:]
        assert {one["type"] for one in told} <= {"event", "progress"}


async def test_a_cancelled_song_ends_the_socket(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    async with connect(address(api, song)) as socket:
        await api.send(song, "cancellations")
        code, reason = await _closed(socket)
    assert (code, reason) == (1000, "the song has ended")
    last = (await api.until(song, status="cancelled"))["sequence"]
    for after in (last - 1, last):
        async with connect(address(api, song, after)) as socket:
            assert (await _closed(socket))[0] == 1000


async def test_who_may_not_listen_is_told_by_the_code(keyed: Api) -> None:
    await _written(keyed, "s", 2)
    for headers, song, code in (
        ({}, "s", 4401),
        ({"Authorization": "Bearer wrong-key-0123456789"}, "s", 4401),
        ({"Authorization": f"Bearer {KEY}"}, "s", 4404),
        ({"Authorization": f"Bearer {KEY}"}, "none", 4404),
    ):
        async with connect(address(keyed, song), additional_headers=headers) as socket:
            found, reason = await _closed(socket)
        assert found == code
        assert reason


async def test_a_bad_place_is_named(lone_api: Api) -> None:
    await _written(lone_api, "s", 2)
    async with connect(address(lone_api, "s", "x")) as socket:
        code, reason = await _closed(socket)
    assert code == 4422
    assert "after" in reason


async def test_the_server_says_that_it_goes_away(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}")
    async with serving(settings) as api:
        await _written(api, "s", 2)
        socket = await connect(address(api, "s"))
        assert json.loads(await socket.recv())["data"]["seq"] == 1
        api.server.stop()
        code, _ = await _closed(socket)
        await socket.close()
    assert code == 1001


async def test_a_socket_only_tells(lone_api: Api) -> None:
    await _written(lone_api, "s", 2)
    async with connect(address(lone_api, "s")) as socket:
        await socket.send('{"command": "cancel"}')
        code, reason = await _closed(socket)
    assert code == 1008
    assert "REST" in reason


async def test_a_page_of_another_site_opens_no_socket(lone_api: Api) -> None:
    await _written(lone_api, "s", 2)
    own, (host, port) = address(lone_api, "s"), (lone_api.http.base_url.host, lone_api.http.base_url.port)
    elsewhere = own.replace(f"{host}:", "evil.example:")
    for url, headers in ((own, {"Origin": "https://evil.example"}), (elsewhere, {})):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, host=host, port=port, additional_headers=headers)
        assert refused.value.response.status_code == 403
    async with connect(own, additional_headers={"Origin": str(lone_api.http.base_url)}) as socket:
        assert json.loads(await socket.recv())["data"]["seq"] == 1
