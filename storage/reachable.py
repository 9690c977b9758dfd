"""Which stored objects a song needs: those that its rows name, and those that its documents name, and so on.

A document is a JSON object; whatever in it looks like a content hash counts. So a file may be kept that nobody needs
any more, and none is removed that somebody needs.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import NotFound
from storage.database import Database
from storage.media import MediaStore
from storage.records import (
    Composition,
    CompositionMedia,
    Event,
    ProviderTask,
    ReferenceTrack,
    StageRevision,
    StepCache,
    Transition,
)

DOCUMENT_BYTES = 4_000_000
"""No document of ours is larger: what is, is sound."""
PAGE = 200
_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_OF_A_SONG: tuple[Any, ...] = (StageRevision, CompositionMedia, Transition, Event)

Beat = Callable[[], None]


def hashes_in(text: str) -> list[str]:
    """Everything in a text that looks like a content hash, once each, in order."""
    return list(dict.fromkeys(_HASH.findall(text)))


async def named_by_songs(session: AsyncSession, songs: Sequence[str]) -> list[str]:
    """Hashes that the rows of some songs name, provider calls aside."""
    found: dict[str, None] = {}
    query = select(Composition).where(col(Composition.id).in_(songs)).order_by(col(Composition.id))
    for row in (await session.exec(query)).all():
        found |= dict.fromkeys(hashes_in(_text(row)))
    for table in _OF_A_SONG:
        of_songs = select(table).where(col(table.composition_id).in_(songs))
        for line in (await session.exec(of_songs)).all():
            found |= dict.fromkeys(hashes_in(_text(line)))
    return list(found)


async def named_by_calls(session: AsyncSession, *, besides: Sequence[str] = ()) -> list[str]:
    """Hashes that the ledger of providers names: what was paid for is kept. `besides` names songs to leave out."""
    columns = (col(ProviderTask.result), col(ProviderTask.job), col(ProviderTask.request), col(ProviderTask.response))
    query = select(*columns).where(col(ProviderTask.composition_id).not_in(besides))
    found: dict[str, None] = {}
    for line in (await session.exec(query)).all():
        found |= dict.fromkeys(hashes_in(repr(tuple(line))))
    return list(found)


async def named_by_references(session: AsyncSession, *, besides: str = "") -> list[str]:
    """Uploads, and what was heard in them; `besides` is an owner to leave out."""
    query = select(ReferenceTrack).where(col(ReferenceTrack.owner) != besides)
    found: dict[str, None] = {}
    for row in (await session.exec(query)).all():
        found |= dict.fromkeys(hashes_in(_text(row)))
    return list(found)


async def songs_with_files(database: Database, *, besides: Sequence[str]) -> AsyncIterator[list[str]]:
    """Ids of all songs that still have files, page by page, without those of `besides`."""
    last = ""
    while True:
        query = (
            select(col(Composition.id))
            .where(col(Composition.id) > last, col(Composition.files_removed_at).is_(None))
            .order_by(col(Composition.id))
            .limit(PAGE)
        )
        async with database.session() as session:
            page = list((await session.exec(query)).all())
        if not page:
            return
        last = page[-1]
        yield [song for song in page if song not in besides]


async def reach(
    store: MediaStore, roots: Iterable[str], beat: Beat, *, seen: dict[str, None] | None = None
) -> dict[str, None]:
    """The roots and whatever their documents name, in the order of discovery; what `seen` holds is not read again.

    Objects that are not there are left out. `beat` is called for each object that is looked at.
    """
    found = {} if seen is None else seen
    waiting = [root for root in roots if root not in found]
    while waiting:
        hash = waiting.pop()
        if hash in found:
            continue
        beat()
        inside = await _named_by(store, hash)
        if inside is None:
            continue
        found[hash] = None
        waiting.extend(one for one in reversed(inside) if one not in found)
    return found


async def forget_steps(database: Database, hashes: Mapping[str, None], beat: Beat) -> int:
    """Drop kept results of steps that name one of some objects, so that no step takes them again; how many."""
    last, dropped = "", 0
    while True:
        beat()
        async with database.session() as session:
            query = select(StepCache).where(col(StepCache.key) > last).order_by(col(StepCache.key)).limit(PAGE)
            rows = (await session.exec(query)).all()
            for row in rows:
                if any(hash in hashes for hash in hashes_in(json.dumps(row.result))):
                    await session.delete(row)
                    dropped += 1
        if not rows:
            return dropped
        last = rows[-1].key


async def _named_by(store: MediaStore, hash: str) -> list[str] | None:
    """The hashes in an object, none where it is no document; None where it is not there."""
    try:
        if not 0 < await store.asize(hash) <= DOCUMENT_BYTES:
            return []
        if await store.aget_range(hash, 0, 1) not in (b"{", b"["):
            return []
        return hashes_in((await store.aget(hash)).decode("utf-8", "replace"))
    except NotFound:
        return None


def _text(row: SQLModel) -> str:
    return json.dumps(row.model_dump(mode="json"))
