"""Everything of somebody in one zip, made while it is sent: it is never held whole, neither in memory nor on disk."""

import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from sqlmodel import SQLModel, col, select

from api.callers import Owner
from api.downloads import Pipe
from api.files import content_disposition, read, safe_name
from api.services import Services, ServicesDep
from domain.errors import NotFound
from storage.records import (
    ApiKey,
    Collaborator,
    Command,
    Composition,
    CompositionMedia,
    Event,
    PromptEnhancement,
    ProviderTask,
    ReferenceTrack,
    StageRevision,
    Transition,
    WebhookEndpoint,
)

router = APIRouter(prefix="/v1/me", tags=["me"])

# What says nothing about a person and could be used against them.
SECRETS = {"key_hash", "secret", "previous_secret", "callback_token", "token_hash", "charge_key"}
_OF_A_SONG: tuple[tuple[str, Any], ...] = (
    ("history.json", Transition),
    ("events.json", Event),
    ("commands.json", Command),
    ("revisions.json", StageRevision),
    ("enhancements.json", PromptEnhancement),
    ("provider-tasks.json", ProviderTask),
    ("media.json", CompositionMedia),
    ("collaborators.json", Collaborator),
)
_DOCUMENTS = ("prompt", "person", "context")


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"description": "The zip; `manifest.json`, its last file, has every SHA-256.",
                     "content": {"application/zip": {}}}},
)  # fmt: skip
async def export(owner: Owner, services: ServicesDep) -> StreamingResponse:
    """Everything of yours as a zip: songs with their whole histories and files, uploads, and what is known of you.

    Keys and webhooks are listed without their secrets. A zip that ends before its `manifest.json` is not whole.
    """
    name = f"sostenuto-export-{datetime.now(UTC):%Y-%m-%d}.zip"
    headers = {"Content-Disposition": content_disposition(name), "Cache-Control": "private, no-store"}
    return StreamingResponse(_exported(services, owner), headers=headers, media_type="application/zip")


@dataclass
class _Writer:
    """A zip that is written piece by piece, and what its manifest has to say."""

    pipe: Pipe = field(default_factory=Pipe)
    files: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.archive = zipfile.ZipFile(self.pipe, "w", zipfile.ZIP_STORED)  # type: ignore[call-overload]

    def document(self, path: str, content: Any) -> bytes:
        """Add a JSON document; the bytes to send."""
        data = (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        self.archive.writestr(zipfile.ZipInfo(path, _stamp(datetime.now(UTC))), data)
        self._list(path, hashlib.sha256(data).hexdigest(), len(data))
        return self.pipe.take()

    async def object(self, services: Services, path: str, hash: str, at: datetime) -> AsyncIterator[bytes]:
        """Add a stored object, a chunk at a time; one that is not there any more is listed as missing."""
        try:
            size = await services.media.asize(hash)
        except NotFound:
            self.files.append({"path": path, "sha256": hash, "missing": True})
            return
        entry = zipfile.ZipInfo(path, _stamp(at))
        entry.external_attr, entry.file_size = 0o644 << 16, size
        digest = hashlib.sha256()
        with self.archive.open(entry, "w") as target:
            async for chunk in read(services.media, hash, 0, size, services.metrics):
                digest.update(chunk)
                target.write(chunk)
                yield self.pipe.take()
        self._list(path, digest.hexdigest(), size)
        yield self.pipe.take()

    def end(self, owner: str) -> bytes:
        """Add the manifest and close the zip; the bytes to send."""
        manifest = {"owner": owner, "made_at": datetime.now(UTC).isoformat(), "files": self.files}
        sent = self.document("manifest.json", manifest)
        self.archive.close()
        return sent + self.pipe.take()

    def _list(self, path: str, sha256: str, size: int) -> None:
        self.files.append({"path": path, "sha256": sha256, "bytes": size})


async def _exported(services: Services, owner: str) -> AsyncIterator[bytes]:
    writer = _Writer()
    yield writer.document("me.json", await _about(services, owner))
    for song in await _ids(services, owner):
        async for data in _song(services, writer, song):
            yield data
    for upload in await _rows(services, select(ReferenceTrack).where(col(ReferenceTrack.owner) == owner)):
        path = f"references/{upload.hash[:12]} {safe_name(upload.filename or 'upload')}"
        async for data in writer.object(services, path, upload.hash, upload.created_at):
            yield data
    yield writer.end(owner)


async def _about(services: Services, owner: str) -> dict[str, Any]:
    """What is kept of a person besides songs."""
    keys = select(ApiKey).where(col(ApiKey.user_id) == owner)
    hooks = select(WebhookEndpoint).where(col(WebhookEndpoint.owner) == owner)
    shared = select(Collaborator).where(col(Collaborator.user_id) == owner)
    uploads = select(ReferenceTrack).where(col(ReferenceTrack.owner) == owner)
    named = {"keys": keys, "webhooks": hooks, "shared_with_you": shared, "references": uploads}
    return {"owner": owner, **{name: _plain(await _rows(services, query)) for name, query in named.items()}}


async def _ids(services: Services, owner: str) -> Sequence[str]:
    query = select(col(Composition.id)).where(col(Composition.owner) == owner).order_by(col(Composition.created_at))
    return await _rows(services, query)


async def _song(services: Services, writer: _Writer, song_id: str) -> AsyncIterator[bytes]:
    found = await _rows(services, select(Composition).where(col(Composition.id) == song_id))
    if not found:
        return
    song = found[0]
    folder = f"songs/{safe_name(song.title)} {song.id}"
    yield writer.document(f"{folder}/song.json", _plain(found)[0])
    for name, table in _OF_A_SONG:
        rows = await _rows(services, select(table).where(col(table.composition_id) == song.id))
        yield writer.document(f"{folder}/{name}", _plain(rows))
    for name in _DOCUMENTS:
        if hash := getattr(song, name):
            extension = "txt" if name == "prompt" else "json"
            async for data in writer.object(services, f"{folder}/{name}.{extension}", hash, song.created_at):
                yield data
    media = select(CompositionMedia).where(col(CompositionMedia.composition_id) == song.id)
    for row in await _rows(services, media.order_by(col(CompositionMedia.id))):
        name = safe_name((row.filename or row.name).rpartition("/")[2].rpartition(":")[2])
        path = f"{folder}/media/{row.stage.value} {row.revision}.{row.take}/{safe_name(row.name)}/{name}"
        async for data in writer.object(services, path, row.hash, row.created_at):
            yield data


async def _rows(services: Services, query: Any) -> Sequence[Any]:
    async with services.database.session() as session:
        rows: Sequence[Any] = (await session.exec(query)).all()
    return rows


def _plain(rows: Iterable[SQLModel]) -> list[dict[str, Any]]:
    return [row.model_dump(mode="json", exclude=SECRETS) for row in rows]


def _stamp(at: datetime) -> tuple[int, int, int, int, int, int]:
    year, *rest = at.timetuple()[:6]
    return (max(year, 1980), *rest)  # type: ignore[return-value]
