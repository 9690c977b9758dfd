"""Pictures of a song: its score page by page with a timemap, its peaks for players, waveform, spectrogram, loudness.

What finalization has drawn is served as it is. Anything else (an intermediate stage, a stem, an earlier revision) is
drawn when it is first asked for, by a program of its own, and kept.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from api.drawing import LOUDNESS, SCORE, SOUND, Drawer
from api.files import FILE_POLICY, content_disposition
from api.models import MAX_NUMBER
from api.services import Services, ServicesDep, SongDep
from api.views import results_of
from domain.errors import NotFound
from domain.stages import ORDER, Stage
from domain.steps import Artifact, MediaType, StageResult
from storage.records import Composition
from storage.songs import media

MAX_POINTS = 8192
CACHE_CONTROL = "private, no-cache"
"""The newest picture has one address, so that a cached one is asked after each time: 304 costs next to nothing."""
_HEARD = (
    MediaType.AUDIO_WAV, MediaType.AUDIO_FLAC, MediaType.AUDIO_MP3, MediaType.AUDIO_OPUS, MediaType.PREVIEW,
)  # fmt: skip
_BY_FINALIZATION: Mapping[str, str] = {
    "peaks.json": "peaks",
    "waveform.png": "waveform_png",
    "spectrogram.png": "spectrogram_png",
}
_WRITTEN = "vnd.recordare.musicxml"

router = APIRouter(prefix="/v1/compositions/{id}", tags=["pictures"])


class Peaks(BaseModel):
    """Peaks as waveform-data.js, peaks.js and wavesurfer.js read them.

    `data` has for each of `length` columns the minimum and the maximum of every channel in turn, whole numbers of
    `bits` bits; a column is `samples_per_pixel` samples at `sample_rate` Hz.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 2,
                    "channels": 1,
                    "sample_rate": 48000,
                    "samples_per_pixel": 24000,
                    "bits": 16,
                    "length": 2,
                    "data": [-12000, 11800, -31000, 30500],
                }
            ]
        }
    )

    version: int = 2
    channels: int
    sample_rate: int
    samples_per_pixel: int
    bits: int
    length: int
    data: list[int]


class LoudnessCurve(BaseModel):
    """How loud a sound is over time (BS.1770-5, EBU Tech 3341), and the figures of the whole.

    `momentary` (400 ms) and `short_term` (3 s) hold for each step of `step_s` seconds the highest LUFS of the windows
    whose middle lies in it, null where there is none, as at both ends.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "duration_s": 4.0,
                    "step_s": 1.0,
                    "integrated_lufs": -14.0,
                    "loudness_range_lu": 0.4,
                    "max_momentary_lufs": -13.1,
                    "max_short_term_lufs": -13.8,
                    "true_peak_dbtp": -1.0,
                    "momentary": [-14.2, -13.1, -13.9, -14.4],
                    "short_term": [None, -14.0, -13.8, None],
                }
            ]
        }
    )

    duration_s: float
    step_s: float
    integrated_lufs: float
    loudness_range_lu: float
    max_momentary_lufs: float
    max_short_term_lufs: float
    true_peak_dbtp: float
    momentary: list[float | None]
    short_term: list[float | None]


class TimedNotes(BaseModel):
    """Notes that begin (`on`) and end (`off`) at `tstamp` ms, by the ids of the pages' elements."""

    tstamp: float
    qstamp: float | None = None
    on: list[str] = []
    off: list[str] = []
    tempo: float | None = None


class Timemap(BaseModel):
    """Which notes of the score sound when, and on how many pages it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"pages": 3, "events": [{"tstamp": 0, "qstamp": 0, "on": ["n1"], "off": []}]}]}
    )

    pages: int
    events: list[TimedNotes]


class Source(BaseModel):
    """A stored file, and what finalization has drawn of it by the names of the pictures."""

    hash: str
    drawn: dict[str, Artifact] = {}


def drawer_of(request: Request) -> Drawer:
    """The application's one drawer."""
    drawer: Drawer = request.app.state.drawer
    return drawer


DrawerDep = Annotated[Drawer, Depends(drawer_of)]


async def sound_of(
    song: SongDep,
    services: ServicesDep,
    stage: Annotated[Stage | None, Query(description="Of which stage; else the latest that can be heard.")] = None,
    stem: Annotated[str | None, Query(max_length=120, description="One stem by name; else the whole song.")] = None,
    hash: Annotated[
        str | None, Query(max_length=64, description="One file of the song by its SHA-256, of any revision.")
    ] = None,
) -> Source:
    """The sound that is to be drawn; NotFound tells what there is."""
    if hash is not None:
        return await _file_of(services, song, hash)
    results = await results_of(services, song)
    for candidate in [stage] if stage else reversed(ORDER):
        if (result := results.get(candidate)) and (found := _sound(result, stem)):
            final = candidate is Stage.FINALIZATION or (candidate is Stage.MASTERING and stage is None)
            return Source(hash=found.hash, drawn=_drawn(results) if final and stem is None else {})
    raise NotFound(f"this song has no {f'stem {stem[:80]!r}' if stem else 'sound'}; it has {_heard_of(results)}")


SoundDep = Annotated[Source, Depends(sound_of)]


async def score_of(song: SongDep, services: ServicesDep) -> Source:
    """The newest written score; NotFound says when there will be one."""
    for result in reversed((await results_of(services, song)).values()):
        files = [
            a for n, a in sorted(result.artifacts.items(), key=lambda i: i[0] != "musicxml") if _WRITTEN in a.media_type
        ]
        if files:
            return Source(hash=files[0].hash)
    raise NotFound("this song has no written score yet: it is written at finalization; GET …/media lists its files")


ScoreDep = Annotated[Source, Depends(score_of)]
_PNG: dict[int | str, dict[str, Any]] = {200: {"description": "The picture.", "content": {"image/png": {}}}}


@router.get(
    "/score.svg",
    response_class=Response,
    responses={200: {"description": "The page.", "content": {"image/svg+xml": {}}}},
)
async def get_score(
    score: ScoreDep,
    services: ServicesDep,
    drawer: DrawerDep,
    request: Request,
    page: Annotated[int, Query(ge=1, le=MAX_NUMBER, description="Pages count from 1.")] = 1,
) -> Response:
    """One page of the newest score, A4 upright."""
    drawn = await drawer.drawn(SCORE, score.hash)
    if (artifact := drawn.get(f"page-{page}.svg")) is None:
        raise NotFound(f"the score has {_pages(drawn)} pages, there is no page {page}")
    return await _picture(request, services, artifact)


@router.get("/score/timemap.json", response_model=Timemap)
async def get_timemap(score: ScoreDep, services: ServicesDep, drawer: DrawerDep, request: Request) -> Response:
    """How many pages the score has, and which of its notes sound when: what a playback cursor needs."""
    drawn = await drawer.drawn(SCORE, score.hash)
    artifact = drawn["timemap.json"]
    return await _document(request, artifact.hash, lambda: _timemap(services, drawn))


@router.get("/peaks.json", response_model=Peaks)
async def get_peaks(
    sound: SoundDep,
    services: ServicesDep,
    drawer: DrawerDep,
    request: Request,
    points: Annotated[int, Query(ge=1, le=MAX_POINTS, description="At most how many columns.")] = 1000,
) -> Response:
    """What a player draws a waveform from: lowest and highest sample of each column."""
    artifact = await _sounding(drawer, sound, "peaks.json")
    return await _document(request, f"{artifact.hash}-{points}", lambda: _peaks(services, artifact.hash, points))


@router.get("/loudness.json", response_model=LoudnessCurve)
async def get_loudness(
    sound: SoundDep,
    services: ServicesDep,
    drawer: DrawerDep,
    request: Request,
    points: Annotated[int, Query(ge=1, le=MAX_POINTS, description="At most how many steps.")] = 1000,
) -> Response:
    """How loud the sound is over time, and as a whole."""
    artifact = (await drawer.drawn(LOUDNESS, sound.hash))["loudness.json"]
    return await _document(request, f"{artifact.hash}-{points}", lambda: _loudness(services, artifact.hash, points))


@router.get("/waveform.png", response_class=Response, responses=_PNG)
async def get_waveform(sound: SoundDep, services: ServicesDep, drawer: DrawerDep, request: Request) -> Response:
    """The sound over time, full scale from edge to edge."""
    return await _picture(request, services, await _sounding(drawer, sound, "waveform.png"))


@router.get("/spectrogram.png", response_class=Response, responses=_PNG)
async def get_spectrogram(sound: SoundDep, services: ServicesDep, drawer: DrawerDep, request: Request) -> Response:
    """The sound's frequencies over time."""
    return await _picture(request, services, await _sounding(drawer, sound, "spectrogram.png"))


async def _sounding(drawer: Drawer, sound: Source, name: str) -> Artifact:
    if name in sound.drawn:
        return sound.drawn[name]
    return (await drawer.drawn(SOUND, sound.hash))[name]


async def _file_of(services: Services, song: Composition, hash_: str) -> Source:
    async with services.database.session() as session:
        rows = await media(session, song.id)
    sounds = (*_HEARD, MediaType.STEMS)
    if not any(row.hash == hash_ and row.type in sounds for row in rows):
        raise NotFound(f"this song has no sound file {hash_!r}: GET …/media lists its files")
    return Source(hash=hash_)


def _sound(result: StageResult, stem: str | None) -> Artifact | None:
    files = sorted(result.artifacts.items())
    if stem is not None:
        return next((a for name, a in files if a.type is MediaType.STEMS and name.rpartition(":")[2] == stem), None)
    return next((a for type_ in _HEARD for _, a in files if a.type is type_), None)


def _drawn(results: Mapping[Stage, StageResult]) -> dict[str, Artifact]:
    final = results.get(Stage.FINALIZATION)
    made = final.artifacts if final else {}
    return {picture: made[name] for picture, name in _BY_FINALIZATION.items() if name in made}


def _heard_of(results: Mapping[Stage, StageResult]) -> str:
    there = []
    for stage, result in results.items():
        stems = [n.rpartition(":")[2] for n, a in sorted(result.artifacts.items()) if a.type is MediaType.STEMS]
        whole = ["the whole song"] if _sound(result, None) else []
        if whole or stems:
            there.append(f"{stage}: {', '.join([*whole, *(f'stem {stem}' for stem in stems)])}")
    return "; ".join(there) or "nothing to hear yet"


async def _picture(request: Request, services: Services, artifact: Artifact) -> Response:
    headers = _headers(artifact.hash, artifact.filename or "picture")
    if _has(request, artifact.hash):
        return Response(status_code=304, headers=headers)
    return Response(await services.media.aget(artifact.hash), headers=headers, media_type=artifact.media_type)


async def _document(request: Request, tag: str, make: Any) -> Response:
    if _has(request, tag):
        return Response(status_code=304, headers=_headers(tag))
    document: BaseModel = await make()
    return Response(document.model_dump_json(exclude_none=True), headers=_headers(tag), media_type="application/json")


def _headers(tag: str, name: str = "") -> dict[str, str]:
    headers = {"ETag": f'"{tag}"', "Cache-Control": CACHE_CONTROL, "Content-Security-Policy": FILE_POLICY}
    return headers | ({"Content-Disposition": content_disposition(name, inline=True)} if name else {})


def _has(request: Request, tag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return f'"{tag}"' in [part.strip().removeprefix("W/") for part in given.split(",")]


def _pages(drawn: Mapping[str, Artifact]) -> int:
    return sum(name.startswith("page-") for name in drawn)


async def _timemap(services: Services, drawn: Mapping[str, Artifact]) -> Timemap:
    events = json.loads(await services.media.aget(drawn["timemap.json"].hash))
    return Timemap(pages=_pages(drawn), events=events)


async def _peaks(services: Services, hash_: str, points: int) -> Peaks:
    fine = Peaks.model_validate_json(await services.media.aget(hash_))
    return coarser(fine, points)


async def _loudness(services: Services, hash_: str, points: int) -> LoudnessCurve:
    fine = LoudnessCurve.model_validate_json(await services.media.aget(hash_))
    return fewer_steps(fine, points)


def fewer_steps(fine: LoudnessCurve, points: int) -> LoudnessCurve:
    """The same curves in at most `points` steps, each with the highest value of those it joins."""
    joined = -(-len(fine.momentary) // points)
    if joined <= 1:
        return fine

    def highest(values: list[float | None]) -> list[float | None]:
        blocks = [values[start : start + joined] for start in range(0, len(values), joined)]
        return [max((value for value in block if value is not None), default=None) for block in blocks]

    update = {
        "step_s": round(fine.step_s * joined, 6),
        "momentary": highest(fine.momentary),
        "short_term": highest(fine.short_term),
    }
    return fine.model_copy(update=update)


def coarser(fine: Peaks, points: int) -> Peaks:
    """The same peaks in at most `points` columns, each of equally many samples."""
    joined = -(-fine.length // points)
    if joined <= 1:
        return fine
    lanes = 2 * fine.channels
    data = []
    for start in range(0, fine.length, joined):
        block = fine.data[start * lanes : (start + joined) * lanes]
        data += [(max if lane % 2 else min)(block[lane::lanes]) for lane in range(lanes)]
    size = fine.samples_per_pixel * joined
    return fine.model_copy(update={"samples_per_pixel": size, "length": len(data) // lanes, "data": data})
