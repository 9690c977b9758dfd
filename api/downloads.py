"""A song's files to take home: the newest of a kind, named after the song; stems or the whole release as one zip."""

import zipfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.files import content_disposition, file_response, read, safe_name
from api.problems import ApiProblem
from api.publicity import may_have
from api.services import Services, ServicesDep, SongAccessDep, SongDep
from api.views import results_of
from domain.errors import NotFound
from domain.stages import ORDER, Stage
from domain.steps import Artifact, MediaType
from storage.records import Composition

Format = Literal["wav", "mp3", "flac", "opus", "midi", "musicxml", "stems", "report", "release"]

router = APIRouter(prefix="/v1/compositions/{id}", tags=["downloads"])


class _Kind(BaseModel):
    """How files of a format are recognised, and the extension that they get."""

    type: MediaType
    extension: str
    suffix: str = ""


KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "wav": _Kind(type=MediaType.AUDIO_WAV, extension=".wav"),
        "mp3": _Kind(type=MediaType.AUDIO_MP3, extension=".mp3"),
        "flac": _Kind(type=MediaType.AUDIO_FLAC, extension=".flac"),
        "opus": _Kind(type=MediaType.AUDIO_OPUS, extension=".opus"),
        "midi": _Kind(type=MediaType.MIDI, extension=".mid"),
        "musicxml": _Kind(type=MediaType.SCORE, extension=".musicxml", suffix=".musicxml"),
        "stems": _Kind(type=MediaType.STEMS, extension=" stems.zip"),
        "report": _Kind(type=MediaType.REPORT, extension=" report.html", suffix=".html"),
    }
)
# Which of several files of a kind is meant: the first of these names that exists, else the first by name.
PREFERRED = ("master", "mix", "song", "musicxml", "score", "report")


REPORT = "report.json"
_WITH_REPORT = ("report", "release")


class Entry(NamedTuple):
    """A file of a zip: its path in there, its content hash and its size in bytes."""

    path: str
    hash: str
    size: int


class Found(BaseModel):
    """Files of one format at one stage."""

    stage: Stage
    files: tuple[tuple[str, Artifact], ...]


@router.get(
    "/download",
    response_class=Response,
    responses={200: {"description": "The file, named after the song.", "content": {"*/*": {}}}},
)
async def download(
    song: SongDep,
    access: SongAccessDep,
    services: ServicesDep,
    request: Request,
    format: Annotated[Format, Query(description="What kind of file.")] = "mp3",
    stage: Annotated[Stage | None, Query(description="An intermediate stage; else the latest that has it.")] = None,
) -> Response:
    """The newest file of a kind: the final master as MP3 where nothing else is asked for.

    `release` is everything of a finished song in one zip.
    """
    if format in _WITH_REPORT and not may_have(MediaType.REPORT, access.role):
        raise ApiProblem(403, "forbidden", f"the {format} tells what the song cost: it is for those who work on it")
    if format == "release":
        entries = await release_entries(services, song, stage)
        return await _zip_response(services, song, entries, safe_name(song.title, ".zip"))
    found = await find(services, song, format, stage)
    kind = KINDS[format]
    label = f" ({stage.value})" if stage and stage is not ORDER[-1] else ""
    name = safe_name(song.title + label, kind.extension)
    if format == "stems":
        entries = [Entry(_inside(name, stem), stem.hash, stem.size) for name, stem in found.files]
        return await _zip_response(services, song, entries, name)
    _, artifact = _best(found.files)
    return await file_response(
        request,
        services.media,
        services.metrics,
        hash_=artifact.hash,
        size=artifact.size,
        media_type=artifact.media_type,
        disposition=content_disposition(name),
    )


async def find(services: Services, song: Composition, format_: str, stage: Stage | None) -> Found:
    """Files of a format as the song now has them; NotFound says which formats exist."""
    results = await results_of(services, song)
    stages = [stage] if stage else list(reversed(ORDER))
    for candidate in stages:
        result = results.get(candidate)
        files = _of_kind(KINDS[format_], result.artifacts) if result else ()
        if files:
            return Found(stage=candidate, files=files)
    there = {
        s.value: [name for name, kind in KINDS.items() if _of_kind(kind, results[s].artifacts)]
        for s in ORDER
        if s in results
    }
    shown = "; ".join(f"{name}: {', '.join(formats)}" for name, formats in there.items() if formats)
    where = f" at {stage}" if stage else ""
    raise NotFound(f"this song has no {format_}{where}; it has {shown or 'no files yet'}")


async def release_entries(services: Services, song: Composition, stage: Stage | None) -> list[Entry]:
    """The files of the newest finalization in a folder named after the song; NotFound while there are none.

    They are those that its report lists, and those that finalization itself names, such as the report.
    """
    if stage not in (None, Stage.FINALIZATION):
        raise NotFound(f"a release is made at finalization, not at {stage}: leave out the stage")
    result = (await results_of(services, song)).get(Stage.FINALIZATION)
    own = {a.filename: (a.hash, a.size) for a in result.artifacts.values() if a.filename} if result else {}
    if REPORT not in own:
        raise NotFound("this song has no release yet: it is written when finalization is done")
    report: dict[str, Any] = await services.media.aget_json(own[REPORT][0])
    files = {str(file["path"]): (str(file["sha256"]), int(file["bytes"])) for file in report["files"]} | own
    folder = safe_name(song.title)
    return [
        Entry("/".join((folder, *(safe_name(part) for part in PurePosixPath(path).parts))), *files[path])
        for path in sorted(files)
    ]


def _of_kind(kind: _Kind, artifacts: Mapping[str, Artifact]) -> tuple[tuple[str, Artifact], ...]:
    return tuple(
        (name, artifact)
        for name, artifact in sorted(artifacts.items())
        if artifact.type is kind.type and (artifact.filename or name).endswith(kind.suffix)
    )


def _best(files: Sequence[tuple[str, Artifact]]) -> tuple[str, Artifact]:
    def rank(item: tuple[str, Artifact]) -> tuple[int, str]:
        stem = item[0].partition(".")[0].partition(":")[0]
        return (PREFERRED.index(stem) if stem in PREFERRED else len(PREFERRED), item[0])

    return min(files, key=rank)


async def _zip_response(services: Services, song: Composition, entries: Sequence[Entry], name: str) -> Response:
    """The zip as a stream. Raises NotFound or MediaStoreUnavailable before anything is sent."""
    for entry in entries:
        await services.media.asize(entry.hash)
    headers = {"Content-Disposition": content_disposition(name), "Cache-Control": "private, no-store"}
    body = _zipped(services, entries, song.created_at)
    return StreamingResponse(body, headers=headers, media_type="application/zip")


class Pipe:
    """What the zip writer writes into and the response reads out of; it cannot be sought in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


async def _zipped(services: Services, entries: Sequence[Entry], created: datetime) -> AsyncIterator[bytes]:
    """A stored (uncompressed) zip of the files, a chunk at a time; its times are the song's."""
    pipe = Pipe()
    stamp = created.timetuple()[:6]
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for path, hash_, size in entries:
            entry = zipfile.ZipInfo(path, (max(stamp[0], 1980), *stamp[1:]))
            entry.external_attr = 0o644 << 16
            entry.file_size = size
            with archive.open(entry, "w") as target:
                async for chunk in read(services.media, hash_, 0, size, services.metrics):
                    target.write(chunk)
                    yield pipe.take()
            yield pipe.take()
    yield pipe.take()


def _inside(name: str, artifact: Artifact) -> str:
    """A stem's name inside the zip: its own file name without folders."""
    return safe_name((artifact.filename or name).rpartition("/")[2].rpartition(":")[2])
