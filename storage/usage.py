"""What an owner uses of what an installation allows: songs at work, money of the day."""

import hashlib

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.stages import SongStatus
from storage.charges import Spent
from storage.clock import utc_now
from storage.records import Composition
from storage.spending import spend
from storage.upserts import is_postgres


async def running_songs(session: AsyncSession, owner: str) -> int:
    """How many songs of `owner` are being worked on; one that waits for somebody is not."""
    at_work = (col(Composition.status) == SongStatus.RUNNING, col(Composition.is_active).is_(True))
    query = select(func.count()).select_from(Composition).where(col(Composition.owner) == owner, *at_work)
    return (await session.exec(query)).one()


async def spent_today(session: AsyncSession, owner: str) -> Spent:
    """What providers were paid today (UTC) for songs of `owner`, and what they may still charge."""
    return await spend(session, owner=owner, day=utc_now().date())


async def lock_starts(session: AsyncSession, owner: str) -> None:
    """Until the transaction ends nobody else starts a song of `owner`.

    SQLite has one writer at a time, so that a count taken after a first write is safe by itself.
    """
    if is_postgres(session):
        digest = hashlib.sha256(f"sostenuto starts {owner}".encode()).digest()
        await session.exec(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], "big", signed=True))))
