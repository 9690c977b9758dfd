"""How providers fare, kept for all workers: pauses after failures, and exponential averages of their calls.

What a failure means is decided in `domain.breakers`; here it is read, applied and written as one step. Every
function is one short transaction of the caller's session, which must commit right after it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.breakers import BreakerState, after_failure, after_success, breaker, phase, scope, trying
from domain.providers import Breaker, ErrorKind, Statistics
from storage.clock import utc_now
from storage.records import ProviderHealth
from storage.upserts import insert_missing

ACCOUNT: Final = ""
"""The operation that stands for the account itself."""
WEIGHT: Final = 0.1
"""Weight of the newest call in the averages, once ten calls are known; before that all calls weigh the same."""


class Operation(NamedTuple):
    """An operation of an account at a provider."""

    provider: str
    account: str
    operation: str


class Condition(NamedTuple):
    """What the router sees of an operation."""

    breaker: Breaker = Breaker()
    account: Breaker = Breaker()
    statistics: Statistics = Statistics()


async def conditions(
    session: AsyncSession, operations: Iterable[Operation], *, now: datetime | None = None
) -> dict[Operation, Condition]:
    """How each of the operations fares now."""
    wanted = list(operations)
    moment = (now or utc_now()).timestamp()
    known: dict[Operation, ProviderHealth] = {}
    for provider in sorted({key.provider for key in wanted}):
        known |= await _of(session, provider)
    return {key: _condition(known.get(key), known.get(key._replace(operation=ACCOUNT)), moment) for key in wanted}


async def pauses(session: AsyncSession, *, now: datetime | None = None) -> list[tuple[Operation, Breaker]]:
    """Every operation and account (the operation "") that is left alone now, in order."""
    moment = now or utc_now()
    query = select(ProviderHealth).where(col(ProviderHealth.open_until) > moment)
    rows = (await session.exec(query.execution_options(populate_existing=True))).all()
    found = {
        Operation(row.provider, row.account, row.operation): breaker(_state(row), now=moment.timestamp())
        for row in rows
    }
    return sorted(found.items())


async def claim(session: AsyncSession, where: Operation, *, now: datetime | None = None) -> Breaker:
    """Ask right before a call whether it may be made; `open_for_s` 0: it may.

    After a pause one caller is let through to try, and all others wait for what comes of it.
    """
    moment = (now or utc_now()).timestamp()
    known = await _of(session, where.provider)
    phases = {phase(_state(known[key]), now=moment) for key in _account_first(where) if key in known}
    if phases <= {"closed"}:
        # Nearly always: nothing has to be written.
        return Breaker()
    rows = [await _locked(session, key, moment) for key in _account_first(where)]
    states = [_state(row) for row in rows]
    closed = _longest(*(breaker(state, now=moment) for state in states))
    if closed.open_for_s == 0:
        for row, state in zip(rows, states, strict=True):
            _keep(row, trying(state, now=moment), moment)
    return closed


async def call_failed(
    session: AsyncSession,
    where: Operation,
    kind: ErrorKind,
    *,
    retry_after_s: float | None = None,
    now: datetime | None = None,
) -> Breaker:
    """A call came to nothing; the pause of its account or operation that there is now.

    Only failures of the operation count in its averages: not those of the account, and not those of one order.
    """
    moment = (now or utc_now()).timestamp()
    whose = scope(kind)
    account, operation = [await _locked(session, key, moment) for key in _account_first(where)]
    for row, name in ((account, "account"), (operation, "operation")):
        # What is one order's own fault was a proper answer, for both.
        if whose in (None, name):
            _keep(row, after_failure(_state(row), kind, now=moment, retry_after_s=retry_after_s), moment)
    if whose == "operation":
        _count(operation, 0.0)
    return _longest(*(breaker(_state(row), now=moment) for row in (account, operation)))


async def call_succeeded(
    session: AsyncSession, where: Operation, *, seconds: float, usd: Decimal, now: datetime | None = None
) -> None:
    """A call gave a result, after `seconds`, for `usd`."""
    moment = (now or utc_now()).timestamp()
    account, operation = [await _locked(session, key, moment) for key in _account_first(where)]
    for row in (account, operation):
        _keep(row, after_success(_state(row), now=moment), moment)
    # Nothing lasts 0 seconds: then none has succeeded before.
    weight = _weight(operation) if operation.seconds else 1.0
    operation.seconds += weight * (max(seconds, 1e-3) - operation.seconds)
    operation.usd += weight * (float(usd) - operation.usd)
    _count(operation, 1.0)


async def judged(session: AsyncSession, where: Operation, quality: float, *, now: datetime | None = None) -> None:
    """A result of the operation was measured or chosen: `quality` 0–1."""
    moment = (now or utc_now()).timestamp()
    row = await _locked(session, where, moment)
    before = quality if row.quality is None else row.quality
    row.quality = before + WEIGHT * (min(1.0, max(0.0, quality)) - before)


def _longest(*breakers: Breaker) -> Breaker:
    return max(breakers, key=lambda one: one.open_for_s)


def _account_first(where: Operation) -> tuple[Operation, Operation]:
    """Both rows of a call, in the one order in which everybody locks them."""
    return where._replace(operation=ACCOUNT), where


def _count(row: ProviderHealth, success: float) -> None:
    row.success += _weight(row) * (success - row.success)
    row.calls += 1


def _weight(row: ProviderHealth) -> float:
    return max(WEIGHT, 1.0 / (row.calls + 1))


def _state(row: ProviderHealth) -> BreakerState:
    until = row.open_until.timestamp() if row.open_until else 0.0
    return BreakerState(failures=row.failures, open_until=until, reason=row.reason, trial=row.trial)


def _keep(row: ProviderHealth, state: BreakerState, moment: float) -> None:
    row.failures, row.reason, row.trial = state.failures, state.reason, state.trial
    row.open_until = _time(state.open_until) if state.open_until else None
    row.updated_at = _time(moment)


def _time(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def _condition(row: ProviderHealth | None, account: ProviderHealth | None, moment: float) -> Condition:
    closed = breaker(_state(account), now=moment) if account else Breaker()
    if row is None:
        return Condition(account=closed)
    known = Statistics(
        calls=row.calls, success=row.success, seconds=row.seconds, usd=row.usd, quality=row.quality
    )  # fmt: skip
    return Condition(breaker(_state(row), now=moment), closed, known)


async def _of(session: AsyncSession, provider: str) -> dict[Operation, ProviderHealth]:
    query = select(ProviderHealth).where(col(ProviderHealth.provider) == provider)
    rows = (await session.exec(query.execution_options(populate_existing=True))).all()
    return {Operation(row.provider, row.account, row.operation): row for row in rows}


async def _locked(session: AsyncSession, key: Operation, moment: float) -> ProviderHealth:
    """The row, which is nobody else's until the transaction ends; the insertion takes SQLite's one write lock."""
    await insert_missing(session, ProviderHealth, [{**key._asdict(), "updated_at": _time(moment)}])
    query = select(ProviderHealth).where(
        col(ProviderHealth.provider) == key.provider,
        col(ProviderHealth.account) == key.account,
        col(ProviderHealth.operation) == key.operation,
    )
    return (await session.exec(query.with_for_update().execution_options(populate_existing=True))).one()
