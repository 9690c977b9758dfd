"""What people change of a song besides its music: name, visibility, and its place in the archive."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.stages import SongStatus
from storage.records import Composition

ENDED = (SongStatus.CANCELLED, SongStatus.COMPLETED)
Expected = tuple[int, int]
"""Sequence and edition that a change is meant for."""


async def edit(
    session: AsyncSession,
    composition_id: str,
    values: dict[str, Any],
    *,
    now: datetime,
    expected: Expected | None = None,
) -> bool:
    """Change columns of an active song, which makes the next edition; False where it is not as `expected`."""
    return await _change(session, composition_id, values, now, _active(), *_as_expected(expected))


async def archive(
    session: AsyncSession, composition_id: str, *, now: datetime, expected: Expected | None = None
) -> bool:
    """Put an active song into the archive; False where it is not as `expected`, or in the archive already."""
    values = {"is_active": False, "archived_at": now}
    return await _change(session, composition_id, values, now, _active(), *_as_expected(expected))


async def restore(session: AsyncSession, composition_id: str, *, now: datetime) -> bool:
    """Take a song out of the archive; False where it is in none, or the removal of its files has begun."""
    whole = (col(Composition.is_active).is_(False), col(Composition.removal_began_at).is_(None))
    values = {"is_active": True, "archived_at": None, "condemned_at": None}
    return await _change(session, composition_id, values, now, *whole)


async def running_in_the_archive(session: AsyncSession, *, before: datetime, limit: int = 50) -> list[Composition]:
    """Songs archived before a time whose workflow has not heard of it, the longest archived first."""
    query = (
        select(Composition)
        .where(
            col(Composition.is_active).is_(False),
            col(Composition.archived_at) < before,
            col(Composition.started).is_(True),
            col(Composition.status).not_in(ENDED),
        )
        .order_by(col(Composition.archived_at), col(Composition.id))
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def mark_ended(session: AsyncSession, composition_id: str) -> None:
    """Show an archived song as cancelled whose workflow is gone without having said so."""
    mine = (col(Composition.id) == composition_id, col(Composition.is_active).is_(False))
    edition = col(Composition.edition) + 1
    gone = {"status": SongStatus.CANCELLED, "allowed_commands": [], "allowed_targets": [], "edition": edition}
    await session.exec(update(Composition).where(*mine).values(**gone))


async def condemnable(session: AsyncSession, *, archived_before: datetime, limit: int | None = 100) -> list[str]:
    """Songs whose time in the archive is over and whose workflow has ended, the longest archived first."""
    query = (
        select(col(Composition.id))
        .where(
            col(Composition.is_active).is_(False),
            col(Composition.archived_at) <= archived_before,
            col(Composition.condemned_at).is_(None),
            col(Composition.files_removed_at).is_(None),
            or_(col(Composition.started).is_(False), col(Composition.status).in_(ENDED)),
        )
        .order_by(col(Composition.archived_at), col(Composition.id))
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def condemned(session: AsyncSession) -> list[str]:
    """Songs that were chosen to lose their files and still have them, the longest ago first."""
    query = (
        select(col(Composition.id))
        .where(
            col(Composition.is_active).is_(False),
            col(Composition.condemned_at).is_not(None),
            col(Composition.files_removed_at).is_(None),
        )
        .order_by(col(Composition.condemned_at), col(Composition.id))
    )
    return list((await session.exec(query)).all())


async def condemn(session: AsyncSession, songs: Sequence[str], *, now: datetime) -> None:
    """Note that from now on no step reuses the files of some archived songs; one restored meanwhile is left alone."""
    await session.exec(
        update(Composition)
        .where(col(Composition.id).in_(songs), col(Composition.is_active).is_(False))
        .values(condemned_at=now)
    )


async def begin_removal(
    session: AsyncSession, *, condemned_before: datetime, now: datetime, limit: int = 100
) -> list[str]:
    """The songs whose files go now; from here on none of them can be restored."""
    due = (
        select(col(Composition.id))
        .where(
            col(Composition.is_active).is_(False),
            col(Composition.condemned_at) <= condemned_before,
            col(Composition.files_removed_at).is_(None),
        )
        .order_by(col(Composition.condemned_at), col(Composition.id))
        .limit(limit)
    )
    found = list((await session.exec(due)).all())
    fresh = (col(Composition.is_active).is_(False), col(Composition.removal_began_at).is_(None))
    await session.exec(update(Composition).where(col(Composition.id).in_(found), *fresh).values(removal_began_at=now))
    begun = select(col(Composition.id)).where(
        col(Composition.id).in_(found), col(Composition.removal_began_at).is_not(None)
    )
    return list((await session.exec(begun.order_by(col(Composition.id)))).all())


async def end_removal(session: AsyncSession, songs: Sequence[str], *, now: datetime) -> None:
    """Note that the files of some songs are gone."""
    await session.exec(update(Composition).where(col(Composition.id).in_(songs)).values(files_removed_at=now))


async def at_work(session: AsyncSession) -> list[str]:
    """Songs that may know of files which no row names yet: their workflows tell."""
    query = select(col(Composition.id)).where(col(Composition.started).is_(True), col(Composition.status).not_in(ENDED))
    return list((await session.exec(query.order_by(col(Composition.id)))).all())


def _active() -> ColumnElement[bool]:
    return col(Composition.is_active).is_(True)


def _as_expected(expected: Expected | None) -> tuple[ColumnElement[bool], ...]:
    if expected is None:
        return ()
    sequence, edition = expected
    return col(Composition.last_seq) == sequence, col(Composition.edition) == edition


async def _change(
    session: AsyncSession, composition_id: str, values: dict[str, Any], now: datetime, *where: ColumnElement[bool]
) -> bool:
    """One statement, so that of two changes meant for the same edition one is made."""
    next_edition = {"edition": col(Composition.edition) + 1, "updated_at": now}
    statement = update(Composition).where(col(Composition.id) == composition_id, *where)
    return (await session.exec(statement.values(**values, **next_edition))).rowcount > 0
