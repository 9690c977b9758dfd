"""The ledger of calls that cost money: written before each call, so that nothing is ordered or charged twice.

    begin → submitting ─ accepted → running ─ succeeded | failed | cancelled
                 │ │                   └─ unknown ─┐
                 │ └─ unknown, or dead ──→ outcome_unknown ─ running | succeeded | failed | refused
                 └─ refused (money and charge are free again)

Every function is one short transaction of the caller's session, which must commit right after it: locks are held
until then. Amounts are US dollars with six decimals. Those that report about a call say whether it was still in a
state that allows the report; one that comes too late changes nothing.
"""

import hashlib
from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.errors import Conflict, NotFound
from domain.providers import ErrorKind
from storage.charges import Begun, Budgets, Charge, Left, Notice, Scope, Spent, State, charged_amount, quoted_amount
from storage.clock import utc_now
from storage.records import ProviderDelivery, ProviderTask, TaskStatus, derived_id
from storage.spending import exceeded, left, lock_budgets, spend, spend_by_provider
from storage.upserts import insert_missing

__all__ = [
    "Begun",
    "Budgets",
    "Charge",
    "Left",
    "Notice",
    "Scope",
    "Spent",
    "TaskStatus",
    "accepted",
    "begin",
    "cancelled",
    "failed",
    "find",
    "forget",
    "forget_deliveries",
    "left",
    "notice",
    "open_calls",
    "refused",
    "resolve_unknown",
    "spend",
    "spend_by_provider",
    "succeeded",
    "unknown",
]

CURRENCY: Final = "USD"
_TRIES: Final = 8
_DIED: Final = "whoever submitted it was gone before the answer was written down"

_FROM: Final[Mapping[TaskStatus, Set[TaskStatus]]] = {
    TaskStatus.RUNNING: {TaskStatus.SUBMITTING, TaskStatus.OUTCOME_UNKNOWN, TaskStatus.RUNNING},
    # A result counts whenever it comes, whatever was thought before.
    TaskStatus.SUCCEEDED: set(TaskStatus) - {TaskStatus.PENDING, TaskStatus.SUCCEEDED},
    TaskStatus.REFUSED: {TaskStatus.SUBMITTING, TaskStatus.OUTCOME_UNKNOWN},
    TaskStatus.FAILED: {TaskStatus.SUBMITTING, TaskStatus.RUNNING, TaskStatus.OUTCOME_UNKNOWN},
    TaskStatus.OUTCOME_UNKNOWN: {TaskStatus.SUBMITTING, TaskStatus.RUNNING, TaskStatus.OUTCOME_UNKNOWN},
    TaskStatus.CANCELLED: {TaskStatus.SUBMITTING, TaskStatus.RUNNING, TaskStatus.OUTCOME_UNKNOWN},
}
"""From which states a call comes into another."""

_OPEN: Final = (TaskStatus.SUBMITTING, TaskStatus.RUNNING, TaskStatus.OUTCOME_UNKNOWN)
_FIRST: Final = (TaskStatus.SUCCEEDED, TaskStatus.RUNNING, TaskStatus.SUBMITTING)
"""Of several attempts at one charge, the one in such a state tells how it stands; else the newest does."""
_FREED: Final[Mapping[str, Any]] = {"charge_key": None}


async def begin(session: AsyncSession, charge: Charge, *, now: datetime | None = None) -> Begun:
    """Claim a charge and reserve its money; of any number of callers exactly one gets `go`.

    A call that was left in `submitting` has an unknown outcome from now on: it is not submitted again, and should its
    caller live after all, what it reports still counts. A refused one is submitted again, as the next attempt.
    Raises InvalidValue for a quote that is no amount.
    """
    now = now or utc_now()
    quote = quoted_amount(charge.quote_usd)
    if quote:
        await lock_budgets(session, charge.budgets, charge.scope, now)
    for _ in range(_TRIES):
        if (known := await _known(session, charge)) is not None:
            return known
        row = _row(charge, quote, await _next_attempt(session, charge), now)
        if not await insert_missing(session, ProviderTask, [row]):
            # Somebody else's attempt is there now, or has been there and was refused.
            continue
        if (over := await exceeded(session, charge.budgets, charge.scope, quote, now)) is not None:
            await session.exec(delete(ProviderTask).where(_is(row["id"])))
            return Begun("over_budget", which=over[0], left=over[1])
        return Begun("go", id=row["id"], attempt=row["attempt"])
    raise Conflict(
        f"others claim the call of {charge.provider} for {charge.composition_id} and are refused, again and again: "
        "try later"
    )


async def accepted(session: AsyncSession, id_: str, job: Mapping[str, Any], *, now: datetime | None = None) -> bool:
    """The provider took the order: `job` is what waiting for it needs, with the provider's own `id` in it."""
    return await _move(session, id_, TaskStatus.RUNNING, _taken(job, now or utc_now()))


async def succeeded(
    session: AsyncSession,
    id_: str,
    *,
    result: str,
    cost: Decimal | None = None,
    tokens: int | None = None,
    seconds: float | None = None,
    response: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> bool:
    """It is made and stored under the hash `result`, however late; without a `cost` the quote was charged."""
    values = {
        **_settled(cost, now), "result": result, "tokens": tokens, "duration_s": seconds,
        "response": None if response is None else dict(response), "error_kind": None, "error": None,
    }  # fmt: skip
    return await _move(session, id_, TaskStatus.SUCCEEDED, values)


async def refused(
    session: AsyncSession,
    id_: str,
    kind: ErrorKind,
    reason: str,
    *,
    retry_after_s: float | None = None,
    now: datetime | None = None,
) -> bool:
    """The provider surely took nothing: the money is free, and the same charge may be submitted again."""
    values = {**_settled(Decimal(0), now), **_FREED, **_error(kind, reason), "retry_after_s": retry_after_s}
    return await _move(session, id_, TaskStatus.REFUSED, values)


async def failed(
    session: AsyncSession,
    id_: str,
    kind: ErrorKind,
    reason: str,
    *,
    cost: Decimal | None = None,
    seconds: float | None = None,
    now: datetime | None = None,
) -> bool:
    """The provider had accepted it and nothing came; `cost` is 0 where it was refunded, without one the quote counts.

    It is not submitted again unless a person asks for a resubmission.
    """
    values = {**_settled(cost, now), **_error(kind, reason), "duration_s": seconds}
    return await _move(session, id_, TaskStatus.FAILED, values)


async def unknown(session: AsyncSession, id_: str, reason: str) -> bool:
    """It may have been accepted and nobody can tell: the money stays reserved, and it is not submitted again."""
    return await _move(session, id_, TaskStatus.OUTCOME_UNKNOWN, _error(ErrorKind.OUTCOME_UNKNOWN, reason))


async def resolve_unknown(
    session: AsyncSession,
    id_: str,
    *,
    charged: bool,
    cost: Decimal | None = None,
    result: str | None = None,
    by: str = "",
    now: datetime | None = None,
) -> bool:
    """Somebody found out about an unknown outcome, and says so under the name `by`.

    With a `result` it succeeded. `charged` without one: it failed and cost `cost` or the quote. Else it was never
    taken: the money is free, and the same charge may be submitted again.
    """
    told = f"{by or 'a check'} found: {'charged' if charged else 'not charged'}"
    values = {**_settled(cost if charged else Decimal(0), now), **_error(ErrorKind.OUTCOME_UNKNOWN, told)}
    to = TaskStatus.FAILED if charged else TaskStatus.REFUSED
    if result is not None:
        to, values = TaskStatus.SUCCEEDED, {**values, "result": result, "error_kind": None}
    if to is TaskStatus.REFUSED:
        values |= _FREED
    return await _move(session, id_, to, values, of={TaskStatus.OUTCOME_UNKNOWN})


async def cancelled(
    session: AsyncSession, id_: str, *, cost: Decimal | None = None, now: datetime | None = None
) -> bool:
    """It was stopped for good. A `cost` of 0 frees the charge; without one the quote counts as charged.

    A call whose song merely stopped waiting is not cancelled: it runs on, and `begin` finds it again.
    """
    values = {**_settled(cost, now), **(_FREED if cost == 0 else {}), "error": "it was cancelled"}
    return await _move(session, id_, TaskStatus.CANCELLED, values)


async def notice(
    session: AsyncSession,
    provider: str,
    *,
    job_id: str = "",
    token: str = "",
    delivery_id: str = "",
    now: datetime | None = None,
) -> Notice:
    """A webhook of `provider` came, for the call with our `token` or, without one, with the provider's `job_id`.

    A call whose answer was lost learns its job from it and runs on. A delivery with a name counts once; one that met
    nobody may come again, since the call's answer may still be on its way.
    """
    now = now or utc_now()
    row = await _called(session, provider, job_id, token)
    if row is None:
        return Notice("nobody")
    if delivery_id:
        delivery = {
            "provider": provider, "delivery_id": _hashed(delivery_id), "task_id": row.id, "received_at": now,
        }  # fmt: skip
        if not await insert_missing(session, ProviderDelivery, [delivery]):
            return Notice("duplicate", row.id, row.composition_id, row.status)
    await session.exec(update(ProviderTask).where(_is(row.id)).values(noticed_at=now))
    if token and job_id and row.provider_job_id is None:
        job = {"id": job_id, "operation": row.operation, "data": {}}
        jobless = col(ProviderTask.provider_job_id).is_(None)
        await _move(session, row.id, TaskStatus.RUNNING, _taken(job, now), jobless)
    return Notice("noticed", row.id, row.composition_id, (await find(session, row.id)).status)


async def knows_token(session: AsyncSession, provider: str, token: str) -> bool:
    """Whether a call of `provider` was given this callback token."""
    return await _called(session, provider, "", token) is not None


async def find(session: AsyncSession, id_: str) -> ProviderTask:
    """The call as it is now. Raises NotFound."""
    row = await session.get(ProviderTask, id_, populate_existing=True)
    if row is None:
        raise NotFound(f"the ledger has no call {id_}: it was never begun, or was beyond a budget")
    return row


async def open_calls(session: AsyncSession, *, before: datetime, provider: str = "") -> list[ProviderTask]:
    """Calls begun before a time whose money is still reserved, oldest first: what an operator has to look after."""
    query = select(ProviderTask).where(col(ProviderTask.status).in_(_OPEN), col(ProviderTask.created_at) < before)
    if provider:
        query = query.where(col(ProviderTask.provider) == provider)
    return await _rows(session, query.order_by(col(ProviderTask.created_at), col(ProviderTask.id)))


async def forget(session: AsyncSession, composition_id: str) -> None:
    """Remove what people wrote and got from the calls of a song that is erased; the amounts stay for the budgets."""
    words: dict[str, Any] = {"request": {}, "response": None, "job": None, "error": None, "result": None}
    await session.exec(update(ProviderTask).where(col(ProviderTask.composition_id) == composition_id).values(**words))


async def forget_deliveries(session: AsyncSession, *, before: datetime) -> int:
    """Remove the memory of webhook deliveries from before a time; how many there were."""
    return (await session.exec(delete(ProviderDelivery).where(col(ProviderDelivery.received_at) < before))).rowcount


async def _move(
    session: AsyncSession,
    id_: str,
    to: TaskStatus,
    values: Mapping[str, Any],
    *where: ColumnElement[bool],
    of: Set[TaskStatus] = frozenset(TaskStatus),
) -> bool:
    """Bring a call into a state, unless it is in one that this cannot follow; whether it was moved."""
    statement = update(ProviderTask).where(_is(id_), col(ProviderTask.status).in_(sorted(_FROM[to] & of)), *where)
    return (await session.exec(statement.values(status=to, **values))).rowcount > 0


def _taken(job: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "job": dict(job), "provider_job_id": str(job["id"]), "accepted_at": now, "error_kind": None, "error": None,
    }  # fmt: skip


def _settled(cost: Decimal | None, now: datetime | None) -> dict[str, Any]:
    charged = col(ProviderTask.quoted) if cost is None else charged_amount(cost)
    return {"cost": charged, "reserved": Decimal(0), "completed_at": now or utc_now()}


def _error(kind: ErrorKind, reason: str) -> dict[str, Any]:
    return {"error_kind": kind, "error": reason}


def _is(id_: str) -> ColumnElement[bool]:
    return col(ProviderTask.id) == id_


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _identity(charge: Charge) -> tuple[ColumnElement[bool], ...]:
    return (
        col(ProviderTask.composition_id) == charge.composition_id,
        col(ProviderTask.step_key) == charge.step_key,
        col(ProviderTask.provider) == charge.provider,
    )


def _row(charge: Charge, quote: Decimal, attempt: int, now: datetime) -> dict[str, Any]:
    return {
        "id": derived_id("provider task", charge.composition_id, charge.step_key, charge.provider, attempt),
        "composition_id": charge.composition_id,
        "owner": charge.owner,
        "provider": charge.provider,
        "account": charge.account,
        "operation": charge.operation,
        "task_type": charge.task.value,
        "stage": charge.stage,
        "step_key": charge.step_key,
        "take": charge.take,
        "resubmission": charge.resubmission,
        "attempt": attempt,
        "charge_key": charge.key,
        "status": TaskStatus.SUBMITTING,
        "callback_token": _hashed(charge.callback_token) if charge.callback_token else None,
        "request": dict(charge.request),
        "quoted": quote,
        "reserved": quote,
        "currency": CURRENCY,
        "created_at": now,
    }


async def _next_attempt(session: AsyncSession, charge: Charge) -> int:
    last = await session.exec(select(func.max(col(ProviderTask.attempt))).where(*_identity(charge)))
    return (last.one() or 0) + 1


async def _known(session: AsyncSession, charge: Charge) -> Begun | None:
    """What earlier attempts came to; None when the charge may be submitted."""
    held = or_(col(ProviderTask.charge_key).is_not(None), col(ProviderTask.status) == TaskStatus.SUCCEEDED)
    query = select(ProviderTask).where(*_identity(charge), held).order_by(col(ProviderTask.attempt).desc())
    rows = await _rows(session, query)
    if not rows:
        return None
    row = min(rows, key=lambda row: _FIRST.index(row.status) if row.status in _FIRST else len(_FIRST))
    if row.status is TaskStatus.SUBMITTING:
        await _move(
            session, row.id, TaskStatus.OUTCOME_UNKNOWN, _error(ErrorKind.OUTCOME_UNKNOWN, _DIED),
            of={TaskStatus.SUBMITTING},
        )  # fmt: skip
        row = await find(session, row.id)
    elif row.status not in _FIRST and row.resubmission < charge.resubmission:
        return None
    # It may have been refused just now.
    return _told(row) if row.status in _STATES else None


async def _called(session: AsyncSession, provider: str, job_id: str, token: str) -> ProviderTask | None:
    """The call that a webhook is about."""
    if token:
        about = col(ProviderTask.callback_token) == _hashed(token)
    elif job_id:
        about = col(ProviderTask.provider_job_id) == job_id
    else:
        return None
    query = select(ProviderTask).where(and_(col(ProviderTask.provider) == provider, about))
    rows = await _rows(session, query.order_by(col(ProviderTask.created_at).desc()).limit(1))
    return rows[0] if rows else None


async def _rows(session: AsyncSession, query: SelectOfScalar[ProviderTask]) -> list[ProviderTask]:
    """Rows as they are in the database now, whatever the session has seen before."""
    return list((await session.exec(query.execution_options(populate_existing=True))).all())


def _told(row: ProviderTask) -> Begun:
    return Begun(
        _STATES[row.status], row.id, row.attempt, job=row.job, result=row.result, cost=row.cost or Decimal(0),
        kind=row.error_kind, reason=row.error or "",
    )  # fmt: skip


_STATES: Final[Mapping[TaskStatus, State]] = {
    TaskStatus.RUNNING: "running",
    TaskStatus.SUCCEEDED: "done",
    TaskStatus.FAILED: "failed",
    TaskStatus.CANCELLED: "failed",
    TaskStatus.OUTCOME_UNKNOWN: "unknown",
}
