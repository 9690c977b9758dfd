"""A song's effective context: put together from the documents it follows from, and kept beside the song's row.

The projector keeps it whenever one of its documents is another; a key over all of them says whether what is kept
still holds, so that whoever reads it never shows an old one and reads the documents where it is not there.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.context import effective
from domain.stages import ORDER, Stage, position
from domain.steps import StageResult
from storage.media import MediaStore
from storage.records import ContextRow
from storage.upserts import upsert

Documents = tuple[str | None, ...]
"""Hashes of what the person set (None: nothing) and of the reached stages' results, in production order."""


def documents_of(person: str | None, stage: Stage, results: Mapping[Stage, str | None]) -> Documents:
    """What the context of a song at `stage` follows from; `results` by stage, None where there is none."""
    reached = (results.get(one) for one in ORDER if position(one) <= position(stage))
    return (person, *(result for result in reached if result))


def key_of(documents: Documents) -> str:
    """64 hex digits that no other documents have."""
    return hashlib.sha256(json.dumps(documents).encode()).hexdigest()


def read_context(store: MediaStore, documents: Documents) -> dict[str, Any]:
    """Defaults, overlaid by the stages' results in order, overlaid by what the person set; as JSON.

    Raises MediaStoreUnavailable, and NotFound for a document that is not there.
    """
    person, *results = documents
    given = store.get_json(person) if person else {}
    return effective(given, _patches(store, results)).model_dump(mode="json")


async def kept_key(session: AsyncSession, composition_id: str) -> str | None:
    """The key of what is kept of a song, None for nothing."""
    query = select(col(ContextRow.documents)).where(col(ContextRow.composition_id) == composition_id)
    return (await session.exec(query)).first()


async def keep_context(
    session: AsyncSession, composition_id: str, documents: Documents, context: Mapping[str, Any]
) -> None:
    """Keep the context that follows from `documents`, in place of an earlier one."""
    text = json.dumps(context, ensure_ascii=False)
    await upsert(
        session, ContextRow, {"composition_id": composition_id, "documents": key_of(documents), "context": text}
    )


def _patches(store: MediaStore, results: Sequence[str | None]) -> list[dict[str, Any]]:
    return [store.get_model(result, StageResult).patch for result in results if result]
