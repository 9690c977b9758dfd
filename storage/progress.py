"""What a song is doing right now: one overwritten row for each song."""

from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.projection import Progress
from storage.records import ProgressRow
from storage.upserts import upsert


async def put_progress(session: AsyncSession, progress: Progress) -> None:
    """Keep `progress` unless a later one is kept already."""
    await upsert(session, ProgressRow, progress.model_dump(), unless=col(ProgressRow.time) > progress.time)


async def get_progress(session: AsyncSession, composition_id: str) -> Progress | None:
    """The latest progress of a song, if it ever reported any."""
    row = await session.get(ProgressRow, composition_id, populate_existing=True)
    return None if row is None else Progress.model_validate(row.model_dump())
