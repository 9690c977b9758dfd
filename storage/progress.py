"""What a song is doing right now: one overwritten row for each song."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.projection import Progress
from storage.asked import asked_rows, given
from storage.records import ProgressRow
from storage.upserts import is_postgres, upsert


async def put_progress(session: AsyncSession, progress: Progress) -> None:
    """Keep `progress` unless a later one is kept already."""
    await upsert(session, ProgressRow, progress.model_dump(), unless=col(ProgressRow.time) > progress.time)


async def get_progress(session: AsyncSession, composition_id: str) -> Progress | None:
    """The latest progress of a song, if it ever reported any."""
    row = await session.get(ProgressRow, composition_id, populate_existing=True)
    return None if row is None else Progress.model_validate(row.model_dump())


async def progress_of(session: AsyncSession, composition_ids: Sequence[str]) -> list[Progress]:
    """The latest progress of each of some songs that has reported any."""
    rows = await session.exec(_progress_of(is_postgres(session)), params=given(composition_ids))
    return [Progress.model_validate(row.model_dump()) for row in rows.all()]


@cache
def _progress_of(postgres: bool) -> Any:
    songs, song, _ = asked_rows(postgres=postgres)
    return select(ProgressRow).join(songs, col(ProgressRow.composition_id) == song)
