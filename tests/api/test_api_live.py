"""Live events: no gap, no repeat, whatever breaks in between; streams end when they should."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from api.live import PAGE
from domain.events import Event, EventType
from domain.projection import Progress, Projection, StageSummary
from domain.seeds import derive
from domain.settings import SongSettings
from domain.stages import ORDER, SongStatus, Stage, StageStatus
from storage.database import Database
from storage.progress import put_progress
from storage.projection import project
from storage.records import Composition
from storage.records import Event as EventRow
from storage.upserts import insert_missing
from tests.api.conftest import Api, serving, settings_in
from tests.fixtures.temporal import free_port

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def messages(
    http: httpx.AsyncClient, song: str, *, after: int | None = None, last_event_id: int | None = None
) -> AsyncIterator[dict[str, str]]:
    """The stream's messages, as an EventSource would read them."""
    headers = {} if last_event_id is None else {"Last-Event-ID": str(last_event_id)}
    params = {} if after is None else {"after": after}
    async with http.stream("GET", f"/v1/compositions/{song}/events", headers=headers, params=params) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            if line and name:
                fields[name] = value
            elif not line:
                if "data" in fields:
                    yield fields
                fields = {}


async def numbered(http: httpx.AsyncClient, song: str, count: int, **start: Any) -> list[int]:
    """Numbers of the next `count` numbered events."""
    found: list[int] = []
    stream = messages(http, song, **start)
    async for message in stream:
        if "id" in message:
            found.append(int(message["id"]))
        if len(found) == count:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return found


async def test_a_stream_tells_a_song_from_its_start_to_its_end(api: Api) -> None:
    song = await api.start()
    seen: list[dict[str, Any]] = []
    unnumbered = 0
    async with asyncio.timeout(20):
        async for message in messages(api.http, song):
            data = json.loads(message["data"])
            if message["event"] == "progress":
                assert "id" not in message
                assert 0 <= data["fraction"] <= 1
                unnumbered += 1
                continue
            assert (int(message["id"]), message["event"]) == (data["seq"], data["type"])
            seen.append(data)
            if data["type"] == "song_completed":
                break
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert {event["composition_id"] for event in seen} == {song}
    assert [e["payload"]["stage"] for e in seen if e["type"] == "stage_complete"] == [str(stage) for stage in ORDER]
    assert unnumbered


async def test_a_completed_song_keeps_its_stream_and_a_cancelled_one_ends_it(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    waits = await api.until(song, status="waiting")

    async def rest() -> list[str]:
        return [m["event"] async for m in messages(api.http, song, after=waits["sequence"]) if "id" in m]

    listening = asyncio.create_task(rest())
    await asyncio.sleep(0.3)
    await api.send(song, "cancellations")
    async with asyncio.timeout(5):
        assert await listening == ["song_cancelled", "command_accepted"]
    last = (await api.until(song, status="cancelled"))["sequence"]
    async with asyncio.timeout(5):
        resumed = [m["event"] async for m in messages(api.http, song, after=last - 1)]
        assert resumed == ["command_accepted"], "whoever went away after song_cancelled is not kept waiting"
    answer = await api.http.get(f"/v1/compositions/{song}/events", params={"after": last})
    assert answer.status_code == 204, "an EventSource stops asking"


async def test_a_cancelled_song_is_told_to_its_last_event_over_the_edge_of_a_page(tmp_path: Path) -> None:
    async with serving(settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}")) as api:
        database = api.server._services.database
        await _write(database, "s", 1, PAGE - 1)
        ends = {PAGE: ("song_cancelled", {"by": "x"}), PAGE + 1: ("command_rejected", {})}
        rows = [{"composition_id": "s", "seq": n, "type": t, "time": NOW, "payload": p} for n, (t, p) in ends.items()]
        async with database.session() as session:
            await insert_missing(session, EventRow, rows)
            row = await session.get(Composition, "s")
            assert row is not None
            row.status, row.last_seq = SongStatus.CANCELLED, PAGE + 1
        async with asyncio.timeout(10):
            told = [int(m["id"]) async for m in messages(api.http, "s") if "id" in m]
        assert told == list(range(1, PAGE + 2))


async def _write(database: Database, song: str, first: int, last: int) -> None:
    """Project events `first` to `last` of a song, as its workflow would."""
    events = tuple(
        Event(seq=n, type=EventType.CONTEXT_CHANGED, time=NOW, payload={"paths": [f"p{n}"], "by": "test"})
        for n in range(first, last + 1)
    )
    pending = StageSummary(
        status=StageStatus.PENDING, revision=0, take=1, takes=1, result=None, context=None,
        started_at=None, completed_at=None, computed=0, reused=0, seconds=0.0,
    )  # fmt: skip
    message = Projection(
        composition_id=song, owner="local", title="T", sequence=last, stage=Stage.IDEATION,
        status=SongStatus.RUNNING, progress=0.0, stages=dict.fromkeys(ORDER, pending), settings=SongSettings(),
        seed=1, prompt=None, person=None, held=False, blocked=None, waiting_since=None, gate_deadline=None,
        enhancement_accepted=None, allowed_commands=(), allowed_targets=(), created_at=NOW,
        time=NOW + timedelta(seconds=last), head=None, checks_ok=False, events=events,
    )  # fmt: skip
    async with database.session() as session:
        await project(session, message, prompt="p", results={})


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a_viewer_that_is_cut_off_again_and_again_misses_and_repeats_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    values = {}
    if kind == "postgres":
        new_url: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        values = {"database_url": new_url()}
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}", **values)
    total = 300
    async with serving(settings) as api:
        database = Database(settings.database_url)
        await _write(database, "s", 1, 1)
        random = np.random.default_rng(derive(1, "viewer", kind))

        async def write() -> None:
            done = 1
            while done < total:
                until = min(total, done + int(random.integers(1, 12)))
                await _write(database, "s", done + 1, until)
                done = until
                await asyncio.sleep(0.005)

        writing = asyncio.create_task(write())
        seen: list[int] = []
        async with asyncio.timeout(40):
            while len(seen) < total:
                wanted = min(int(random.integers(1, 25)), total - len(seen))
                start = {"last_event_id" if len(seen) % 2 else "after": seen[-1] if seen else 0}
                seen += await numbered(api.http, "s", wanted, **start)
        await writing
        assert seen == list(range(1, total + 1))
        await database.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_news_arrive_within_half_a_second(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    values = {}
    if kind == "postgres":
        new_url: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        values = {"database_url": new_url()}
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}", **values)
    async with serving(settings) as api:
        database = Database(settings.database_url)
        await _write(database, "s", 1, 1)
        stream = messages(api.http, "s", after=0)
        assert (await anext(stream))["id"] == "1"
        for n in range(2, 6):
            await asyncio.sleep(0.1)
            written = time.monotonic()
            await _write(database, "s", n, n)
            async with asyncio.timeout(2):
                assert (await anext(stream))["id"] == str(n)
            assert time.monotonic() - written < 0.6
        line = Progress(
            composition_id="s", stage=Stage.MIXING, step="mix", label="bass", fraction=0.25,
            time=NOW + timedelta(days=1),
        )  # fmt: skip
        async with database.session() as session:
            await put_progress(session, line)
        async with asyncio.timeout(2):
            assert json.loads((await anext(stream))["data"])["label"] == "bass"
        assert (await api.http.get("/metrics")).text.count("sostenuto_event_streams 1") == 1
        await stream.aclose()  # type: ignore[attr-defined]
        await database.close()


async def test_a_viewer_resumes_where_it_was_after_the_server_was_killed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}")
    database = Database(settings.database_url)
    await database.migrate()
    await _write(database, "s", 1, 20)
    port = free_port()
    seen: list[int] = []
    for ending in (signal.SIGKILL, signal.SIGTERM):
        with _serving_apart(tmp_path, port) as server:
            seen += await _watch_until(server, port, seen[-1] if seen else 0, ending)
    assert seen == list(range(1, 21))
    await database.close()


async def _watch_until(server: "subprocess.Popen[bytes]", port: int, after: int, ending: signal.Signals) -> list[int]:
    """Ten events from a server that is ended while another stream is open."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
        await _until_alive(http)
        seen = await numbered(http, "s", 10, last_event_id=after)
        listening = asyncio.create_task(_drain(messages(http, "s", after=seen[-1])))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        server.send_signal(ending)
        assert await asyncio.to_thread(server.wait, 10) == (0 if ending is signal.SIGTERM else -ending)
        assert time.monotonic() - began < 3, "open streams do not delay the end"
        await asyncio.gather(listening, return_exceptions=True)
        return seen


async def _drain(stream: AsyncIterator[dict[str, str]]) -> None:
    async for _ in stream:
        pass


@contextlib.contextmanager
def _serving_apart(folder: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The API in a process of its own."""
    environment = {
        **os.environ,
        "SOSTENUTO_DATA_DIR": str(folder),
        "SOSTENUTO_API_PORT": str(port),
        "SOSTENUTO_TEMPORAL_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    code = "import os; from api.server import serve; serve(); os._exit(0)"
    server = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield server
    finally:
        server.kill()
        server.wait()


async def _until_alive(http: httpx.AsyncClient) -> None:
    for _ in range(600):
        try:
            if (await http.get("/livez")).status_code == 200:
                return
        except httpx.TransportError:
            await asyncio.sleep(0.05)
    raise AssertionError("the API did not come up")


async def test_a_bad_resume_point_is_named(api: Api) -> None:
    song = await api.start(settings={"review": "all"})
    answer = await api.http.get(f"/v1/compositions/{song}/events", headers={"Last-Event-ID": "abc"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
