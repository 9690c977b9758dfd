"""Sums of the ledger, computed in SQL, and what budgets still allow."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.charges import Budgets, Left, Limit, Scope, Spent
from storage.clock import utc_now
from storage.columns import money_sum
from storage.records import ProviderTask
from storage.upserts import is_postgres

NOTHING = Decimal(0)


async def spend(
    session: AsyncSession,
    *,
    composition_id: str | None = None,
    owner: str | None = None,
    provider: str | None = None,
    day: date | None = None,
) -> Spent:
    """The sums over the calls that all of these apply to; a call counts on the day (UTC) on which it began."""
    about = {"composition_id": composition_id, "owner": owner, "provider": provider}
    asked = {name: value for name, value in about.items() if value is not None}
    query = _sums(tuple(asked)).where(*_on(day)) if day else _sums(tuple(asked))
    settled, reserved = (await session.exec(query, params=asked)).one()
    return Spent(settled, reserved)


@lru_cache
def _sums(names: tuple[str, ...]) -> Any:
    """The sums over calls of which some columns are given; kept, for every look at a song asks for them."""
    query = select(money_sum(col(ProviderTask.cost)), money_sum(col(ProviderTask.reserved)))
    columns = ProviderTask.__table__.c  # type: ignore[attr-defined]
    return query.where(*(columns[name] == bindparam(name) for name in names))


async def spend_by_provider(session: AsyncSession, *, day: date | None = None) -> dict[str, Spent]:
    """The sums of each provider that was ever asked, by name."""
    name = col(ProviderTask.provider)
    query = select(name, money_sum(col(ProviderTask.cost)), money_sum(col(ProviderTask.reserved)))
    rows = await session.exec(query.where(*_on(day)).group_by(name).order_by(name))
    return {provider: Spent(settled, reserved) for provider, settled, reserved in rows.all()}


async def left(session: AsyncSession, budgets: Budgets, scope: Scope, *, now: datetime | None = None) -> Left:
    """What the budgets allow to spend now on a song, by its owner, at a provider."""
    totals = await _totals(session, budgets, scope, now or utc_now())
    return Left(**{which: max(NOTHING, limit - total) for which, (limit, total) in totals.items()})


async def exceeded(
    session: AsyncSession, budgets: Budgets, scope: Scope, quote: Decimal, now: datetime
) -> tuple[Limit, Decimal] | None:
    """The first budget that `quote`, which is reserved already, goes beyond, and what it had left before."""
    if not quote:
        return None
    for which, (limit, total) in (await _totals(session, budgets, scope, now)).items():
        if total > limit:
            return which, max(NOTHING, limit - (total - quote))
    return None


async def lock_budgets(session: AsyncSession, budgets: Budgets, scope: Scope, now: datetime) -> None:
    """Until the transaction ends nobody else reserves money under one of these budgets.

    SQLite has one writer at a time, so that sums taken after a first write are safe by themselves.
    """
    if not is_postgres(session):
        return
    day = _day(now).isoformat()
    names: dict[Limit, str] = {
        "song": scope.composition_id,
        "owner": f"{day}/{scope.owner}",
        "provider": f"{day}/{scope.provider}",
        "day": day,
    }
    limited = [_lock(which, name) for which, name in names.items() if getattr(budgets, which) is not None]
    # In one order for everybody, so that no two wait for each other.
    for lock in sorted(limited):
        await session.exec(select(func.pg_advisory_xact_lock(lock)))


def _lock(which: str, name: str) -> int:
    digest = hashlib.sha256(f"sostenuto budget {which} {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


async def _totals(
    session: AsyncSession, budgets: Budgets, scope: Scope, now: datetime
) -> dict[Limit, tuple[Decimal, Decimal]]:
    """Limit and what counts against it, of each budget that has a limit."""
    day = _day(now)
    totals: dict[Limit, tuple[Decimal, Decimal]] = {}
    if budgets.song is not None:
        totals["song"] = budgets.song, (await spend(session, composition_id=scope.composition_id)).total
    if budgets.owner is not None:
        totals["owner"] = budgets.owner, (await spend(session, owner=scope.owner, day=day)).total
    if budgets.provider is not None:
        totals["provider"] = budgets.provider, (await spend(session, provider=scope.provider, day=day)).total
    if budgets.day is not None:
        totals["day"] = budgets.day, (await spend(session, day=day)).total
    return totals


def _day(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _on(day: date | None) -> list[ColumnElement[bool]]:
    if day is None:
        return []
    start = datetime.combine(day, time(), UTC)
    return [col(ProviderTask.created_at) >= start, col(ProviderTask.created_at) < start + timedelta(days=1)]
