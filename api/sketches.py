"""A song's sketch, as early as there is any of it: its opening while the rest is played, then one file with ranges."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.files import FILE_POLICY, content_disposition, file_response, read, safe_name
from api.services import Services, ServicesDep, SongDep
from api.views import stage_summaries, waiting_for
from domain.errors import NotFound
from domain.events import AudioReady, Event, EventType, StageStarted
from domain.stages import SongStatus, Stage, StageStatus
from domain.state import Block
from domain.steps import MediaType, Ref, StageResult
from storage.events import newest_events
from storage.records import Composition
from storage.songs import get_song

LOOK_EVERY_S = 0.05
LONGEST_WAIT_S = 30.0
# The rest of a sketch is played in a second or two; who waits longer waits for a worker that has died.
REST_WITHIN_S = 30.0
HEADER = "Sostenuto-Sketch"
MEDIA_TYPE = "audio/flac"
_READY = (StageStatus.DONE, StageStatus.AWAITING_REVIEW)

router = APIRouter(prefix="/v1/compositions/{id}", tags=["downloads"])


@dataclass(frozen=True)
class Sketch:
    """Sound of an arrangement. `part` is opening while more of it comes; `state` is current, or earlier: outdated."""

    hash: Ref
    part: str
    state: str
    revision: int | None
    take: int | None

    @property
    def told(self) -> str:
        """What the header says."""
        return f"{self.state}; part={self.part}; stage=arrangement; revision={self.revision}; take={self.take}"


@dataclass(frozen=True)
class Look:
    """A song's sketch now, an earlier one for want of it, and whether there will be one without anybody's doing."""

    song: Composition
    now: Sketch | None
    earlier: Sketch | None
    coming: bool


_BINARY: dict[str, Any] = {"content": {MEDIA_TYPE: {}}}


@router.get(
    "/sketch",
    response_class=Response,
    responses={
        200: {
            "description": f"The sketch, or its opening and the rest as it is played; {HEADER} says which.",
            **_BINARY,
        },
        206: {"description": "The range that was asked for, of a sketch that is complete.", **_BINARY},
    },
)
async def get_sketch(
    song: SongDep,
    services: ServicesDep,
    request: Request,
    wait: Annotated[
        float, Query(ge=0, le=LONGEST_WAIT_S, description="Seconds to wait for a song that is on its way to one.")
    ] = 20.0,
) -> Response:
    """The song as it is written now, played quickly by the sampler: to be asked for right after the start.

    FLAC, 32 kHz. The answer begins as soon as the opening is there. `404` says what has to happen first.
    """
    found = await _await_sketch(services, song, wait)
    name = content_disposition(safe_name(f"{found.song.title} (sketch)", ".flac"), inline=True)
    sketch = found.now or found.earlier
    if sketch is None:
        raise NotFound(f"there is no sketch of this song yet: {_reason(found.song)}")
    if sketch.part == "opening":
        return await _stream(services, found.song, sketch, name)
    response = await file_response(
        request,
        services.media,
        services.metrics,
        hash_=sketch.hash,
        size=await services.media.asize(sketch.hash),
        media_type=MEDIA_TYPE,
        disposition=name,
    )
    # The address stays when the song changes: a copy is good only while its entity tag is.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers[HEADER] = sketch.told
    return response


async def _await_sketch(services: Services, song: Composition, wait: float) -> Look:
    until = time.monotonic() + wait
    while True:
        found = await _look(services, song)
        if found.now or not found.coming or time.monotonic() >= until:
            return found
        await asyncio.sleep(LOOK_EVERY_S)


async def _look(services: Services, song: Composition) -> Look:
    async with services.database.session() as session:
        song = await get_song(session, song.id) or song
        events = await newest_events(session, song.id, (EventType.STAGE_STARTED, EventType.AUDIO_READY))
    entry = stage_summaries(song)[Stage.ARRANGEMENT]
    done = entry.status in _READY
    running = entry.status is StageStatus.RUNNING
    kept = None
    if entry.result and (done or not running):
        result = await services.media.aget_model(entry.result, StageResult)
        kept = next((a.hash for a in result.artifacts.values() if _is_whole(a.type, a.filename)), None)
    file = Sketch(kept, "whole", "current" if done else "earlier", entry.revision, entry.take) if kept else None
    coming = not done and song.status is SongStatus.RUNNING
    if running:
        return Look(song, _announced(events), None, coming)
    return Look(song, file if done else None, None if done else file, coming)


def _is_whole(type_: MediaType, filename: str | None) -> bool:
    return type_ is MediaType.PREVIEW and not (filename or "").startswith("opening")


def _announced(events: Sequence[Event]) -> Sketch | None:
    """What the arrangement that runs has let hear, by the song's latest events, newest first."""
    for event in events:
        if event.type is EventType.STAGE_STARTED:
            if StageStarted.model_validate(event.payload).stage is Stage.ARRANGEMENT:
                return None
            continue
        heard = AudioReady.model_validate(event.payload)
        if heard.stage is Stage.ARRANGEMENT and heard.hash:
            return Sketch(heard.hash, heard.part, "current", heard.revision, heard.take)
    return None


def _reason(song: Composition) -> str:
    blocked = Block.model_validate(song.blocked) if song.blocked else None
    told = waiting_for(song.status, song.stage, blocked, started=song.started)
    if told:
        return told
    return (
        "it was cancelled" if song.status is SongStatus.CANCELLED else f"it is at {song.stage}, ask again in a moment"
    )


async def _stream(services: Services, song: Composition, opening: Sketch, name: str) -> Response:
    size = await services.media.asize(opening.hash)
    headers = {
        "Content-Disposition": name,
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": FILE_POLICY,
        HEADER: opening.told,
    }
    return StreamingResponse(_pieces(services, song, opening, size), headers=headers, media_type=MEDIA_TYPE)


async def _pieces(services: Services, song: Composition, opening: Sketch, size: int) -> AsyncIterator[bytes]:
    """The opening, then what the whole file has after it; only the opening where its arrangement is given up."""
    async for chunk in read(services.media, opening.hash, 0, size, services.metrics):
        yield chunk
    whole = await _whole_of(services, song, opening)
    if whole is not None:
        length = await services.media.asize(whole) - size
        async for chunk in read(services.media, whole, size, length, services.metrics):
            yield chunk


async def _whole_of(services: Services, song: Composition, opening: Sketch) -> Ref | None:
    until = time.monotonic() + REST_WITHIN_S
    while time.monotonic() < until:
        async with services.database.session() as session:
            events = await newest_events(session, song.id, (EventType.STAGE_STARTED, EventType.AUDIO_READY))
            now = await get_song(session, song.id)
        heard = _announced(events)
        if heard is None or (heard.revision, heard.take) != (opening.revision, opening.take):
            return None
        if heard.part == "whole":
            return heard.hash
        if now is None or now.status in (SongStatus.BLOCKED, SongStatus.CANCELLED):
            return None
        await asyncio.sleep(LOOK_EVERY_S)
    return None
