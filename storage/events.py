"""Numbered events of a song, as live views and webhooks read them."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.events import Event as SongEvent
from domain.events import EventType
from storage.asked import asked_rows, given
from storage.records import Composition, Event
from storage.upserts import is_postgres


async def events_after(session: AsyncSession, composition_id: str, after: int, limit: int = 500) -> list[SongEvent]:
    """Events with a sequence above `after` (0: from the first), in order and without gap, at most `limit`.

    The list ends before a sequence number that has not been written yet, so that no reader can skip it.
    """
    after = max(after, 0)
    query = (
        select(Event)
        .where(col(Event.composition_id) == composition_id, col(Event.seq) > after)
        .order_by(col(Event.seq))
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    gapless = (row for number, row in enumerate(rows, start=after + 1) if row.seq == number)
    return [SongEvent(seq=row.seq, type=row.type, time=row.time, payload=row.payload) for row in gapless]


async def newest_events(
    session: AsyncSession, composition_id: str, types: Sequence[EventType], limit: int = 20
) -> list[SongEvent]:
    """The latest events of some types, newest first, at most `limit`."""
    query = (
        select(Event)
        .where(col(Event.composition_id) == composition_id, col(Event.type).in_(types))
        .order_by(col(Event.seq).desc())
        .limit(limit)
    )
    rows = (await session.exec(query)).all()
    return [SongEvent(seq=row.seq, type=row.type, time=row.time, payload=row.payload) for row in rows]


async def last_seq(session: AsyncSession, composition_id: str) -> int:
    """Sequence of the song's shown snapshot, 0 for a song that has none."""
    query = select(col(Composition.last_seq)).where(col(Composition.id) == composition_id)
    return (await session.exec(query)).one_or_none() or 0


async def newest_seq(session: AsyncSession, composition_id: str) -> int:
    """The highest number that an event of the song has, 0 for none."""
    query = select(func.max(col(Event.seq))).where(col(Event.composition_id) == composition_id)
    return (await session.exec(query)).one() or 0


async def events_of(session: AsyncSession, heads: Mapping[str, int], limit: int) -> dict[str, list[SongEvent]]:
    """For many songs at once: at most `limit` events after each song's number, in order and without gap."""
    rows = await session.exec(_events_of(is_postgres(session)), params={**given(heads), "most": limit})
    found: dict[str, list[SongEvent]] = {}
    for row in rows.all():
        events = found.setdefault(row.composition_id, [])
        if row.seq == heads[row.composition_id] + len(events) + 1:
            events.append(SongEvent(seq=row.seq, type=row.type, time=row.time, payload=row.payload))
    return found


@cache
def _events_of(postgres: bool) -> Any:
    songs, song, head = asked_rows(postgres=postgres)
    after = and_(col(Event.seq) > head, col(Event.seq) <= head + bindparam("most", type_=Integer()))
    return (
        select(Event)
        .join(songs, and_(col(Event.composition_id) == song, after))
        .order_by(col(Event.composition_id), col(Event.seq))
    )
