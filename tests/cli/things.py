"""What the client's calls are about beside songs: a receiver of webhooks, a song with real sound, lost answers."""

import asyncio
import io
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np
import soundfile
from temporalio.client import Client as TemporalClient
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.runtime import Runtime
from activities.webhooks import Webhooks
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from domain.steps import Artifact, MediaType, StageResult
from storage.config import Settings
from storage.database import Database
from storage.media import MediaStore
from storage.songs import get_song, request_song
from tests.fixtures.receiver import Receiver, receiving
from worker import webhook_worker

RATE = 8000
DRAWN = "drawn-song"
NOTE = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration><type>whole</type></note>"
BARS = 8
SCORE = f"""<?xml version="1.0" encoding="UTF-8"?>
<score-partwise version="4.0"><part-list><score-part id="P1"><part-name>Piano</part-name></score-part></part-list>
<part id="P1"><measure number="1"><attributes><divisions>1</divisions>
<time><beats>4</beats><beat-type>4</beat-type></time>
<clef><sign>G</sign><line>2</line></clef></attributes>{NOTE}</measure>
{"".join(f'<measure number="{n}">{NOTE}</measure>' for n in range(2, BARS + 1))}</part></score-partwise>"""
MIX_SECONDS = 4.0


def tone(seconds: float, hertz: float) -> bytes:
    """A sine of half the full scale, mono, as WAV."""
    file = io.BytesIO()
    sound = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)
    soundfile.write(file, sound, RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()


async def keep_drawn_song(settings: Settings) -> None:
    """A completed song with real sound and a real score, as pictures need them; the tiny steps make neither."""
    database, store = Database(settings.database_url), MediaStore.open(settings)

    async def kept(data: bytes, type_: MediaType, media_type: str) -> Artifact:
        return Artifact(hash=await store.aput(data), size=len(data), type=type_, media_type=media_type)

    made = {
        Stage.PRODUCTION: {"stem:01_keys": await kept(tone(2.0, 220), MediaType.STEMS, "audio/wav")},
        Stage.MIXING: {"mix": await kept(tone(MIX_SECONDS, 440), MediaType.AUDIO_WAV, "audio/wav")},
        Stage.ARRANGEMENT: {
            "musicxml": await kept(SCORE.encode(), MediaType.SCORE, "application/vnd.recordare.musicxml+xml")
        },
    }
    context = await store.aput_json({})
    async with database.session() as session:
        await request_song(
            session, composition_id=DRAWN, owner="local", title="Drawn", prompt="p", settings=SongSettings(), seed=1,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        row = await get_song(session, DRAWN)
        assert row is not None
        row.started, row.status = True, SongStatus.COMPLETED
        data = dict(row.stage_data)
        for stage, artifacts in made.items():
            result = StageResult(
                stage=stage, revision=1, take=1, context=context, patch={}, artifacts=artifacts, measured={}
            )
            data[stage.value] = {**data[stage.value], "result": await store.aput_json(result), "revision": 1}
        row.stage_data = data
    await database.close()


@contextmanager
def receiver_in(settings: Settings, run: Callable[[Coroutine[Any, Any, None]], "Future[None]"]) -> Iterator[Receiver]:
    """A receiver and the worker that sends to it, for the block, where `run` runs them."""
    made: list[tuple[Receiver, asyncio.AbstractEventLoop, asyncio.Event]] = []
    ready = threading.Event()

    async def receive() -> None:
        over = asyncio.Event()
        client = await TemporalClient.connect(settings.temporal_address, data_converter=pydantic_data_converter)
        runtime = Runtime.open(settings)
        async with receiving() as receiver, webhook_worker(client, Webhooks(runtime)):
            made.append((receiver, asyncio.get_running_loop(), over))
            ready.set()
            await over.wait()
        await runtime.close()

    running = run(receive())
    assert ready.wait(30), running.exception(1)
    receiver, loop, over = made[0]
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(over.set)
        running.result(60)


@dataclass
class Lossy(httpx.BaseTransport):
    """The way to a real API on which, once, what follows a request to `path` with `method` is lost.

    By default the answer is lost after the API has done its work; with `before` nothing even reaches it.
    """

    method: str
    path: str
    before: bool = False
    lost: int = 0

    def __post_init__(self) -> None:
        self._way = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass on a request; raise where this one is lost."""
        if self.lost or (request.method, request.url.path) != (self.method, self.path):
            return self._way.handle_request(request)
        self.lost += 1
        if self.before:
            raise httpx.ConnectError("nobody listens", request=request)
        self._way.handle_request(request).read()
        raise httpx.ReadError("the line went dead", request=request)

    def close(self) -> None:
        """Close the way."""
        self._way.close()
