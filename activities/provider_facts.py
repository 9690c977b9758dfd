"""What the router decides on: who can do a task, what it would cost, how everybody fares, what may still be spent."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from activities.provider_desk import Desk
from domain.providers import BUILTIN, SOUND_TASKS, Breaker, Candidate, Task, Wishes
from domain.providing import Asking
from providers.errors import ProviderError
from providers.orders import Order
from storage.charges import Budgets, Scope
from storage.database import Database
from storage.provider_health import Condition, Operation, conditions
from storage.provider_status import Status, publish
from storage.spending import left

LOOK_EVERY = timedelta(minutes=5)
LOOK_S = 15.0

_NOT_DECIDED_ON: Final = {"evidence": {}, "note": "", "licence": "", "completion": ()}
"""Words for people would only make the song's history long."""

log = structlog.get_logger()


def able_accounts(desk: Desk, asking: Asking) -> list[str]:
    """The configured providers that have the task."""
    return [name for name in desk.adapters if asking.task in desk.catalogue[name].tasks]


async def candidates_for(
    session: AsyncSession, desk: Desk, asking: Asking, order: Order | None
) -> tuple[Candidate, ...]:
    """Every provider that has the task, with what this order would cost there."""
    able = [name for name, known in desk.catalogue.items() if asking.task in known.tasks]
    if _stays_at_home(desk, asking):
        able = [name for name in able if name == BUILTIN]
    priced = [(name, *_priced(desk, name, order)) for name in able]
    asked = [where for _, where, _, _ in priced if where]
    known = await conditions(session, asked)
    budgets = Budgets(provider=desk.settings.budget_provider_day)
    found = []
    for name, where, quote, unable in priced:
        condition = known.get(where, Condition()) if where else Condition()
        spare = await left(session, budgets, Scope(asking.composition_id, asking.owner, name))
        found.append(
            Candidate(
                capabilities=desk.catalogue[name].model_copy(update=_NOT_DECIDED_ON),
                configured=name == BUILTIN or name in desk.adapters,
                missing=desk.missing.get(name, ""),
                unable=unable,
                quote_usd=quote,
                left_usd=spare.provider,
                plan_commercial=name in desk.settings.commercial_plans,
                # A person who has an order placed again has decided not to wait.
                breaker=Breaker() if asking.resubmission else condition.breaker,
                account=condition.account,
                statistics=condition.statistics,
            )
        )
    return tuple(found)


async def wishes_for(session: AsyncSession, desk: Desk, asking: Asking) -> Wishes:
    """What the song and the operator want of the choice."""
    spare = await left(session, desk.budgets(asking.budget_usd), Scope(asking.composition_id, asking.owner, ""))
    order = desk.settings.provider_order.get(asking.task)
    return Wishes(
        preferred=asking.preferred,
        forbidden=asking.forbidden,
        order=None if order is None else tuple(order),
        unofficial_allowed=desk.settings.unofficial_providers,
        commercial=desk.settings.commercial_use,
        left_usd=spare.least,
        after_moderation=desk.settings.after_moderation,
        moderation_order=tuple(desk.settings.moderation_order) or None,
    )


def at_home(desk: Desk, asking: Asking) -> bool:
    """Whether a song of our own engine is wanted: nobody asked for providers, and nobody preferred makes any sound.

    Our engine makes it as it can; it is not refused for what only others do, such as singing.
    """
    if asking.task not in SOUND_TASKS or asking.production == "provider":
        return False
    return not any(SOUND_TASKS & desk.catalogue[name].tasks for name in _others_preferred(desk, asking))


def _stays_at_home(desk: Desk, asking: Asking) -> bool:
    """Sound is made by our own engine unless the song asks for providers, or prefers one that makes sound."""
    if asking.task not in SOUND_TASKS or asking.task is Task.STEMS or asking.production == "provider":
        return False
    return not any(asking.task in desk.catalogue[name].tasks for name in _others_preferred(desk, asking))


def _others_preferred(desk: Desk, asking: Asking) -> list[str]:
    return [name for name in asking.preferred if name in desk.catalogue and name != BUILTIN]


def _priced(desk: Desk, name: str, order: Order | None) -> tuple[Operation | None, Decimal, str]:
    """Where an order would go, what it would cost, or why it cannot be placed there."""
    if name == BUILTIN:
        return None, Decimal(0), ""
    adapter = desk.adapters.get(name)
    if adapter is None or order is None:
        return None, Decimal(0), ""
    try:
        where = Operation(name, desk.accounts[name].name, adapter.operation(order))
        return where, adapter.quote(order), ""
    except ProviderError as error:
        return None, Decimal(0), error.message


async def publish_status(database: Database, desk: Desk) -> None:
    """Write down now and then what this worker knows of the providers, for an API that holds no keys."""
    while True:
        try:
            found = await asyncio.gather(*(status_of(desk, name) for name in desk.catalogue))
            async with database.session() as session:
                await publish(session, found)
                await session.commit()
        except Exception as error:
            log.warning("status of the providers not written", reason=str(error)[:200])
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def status_of(desk: Desk, name: str) -> Status:
    """One provider, by a look at its account that costs nothing."""
    known, adapter = desk.catalogue[name], desk.adapters.get(name)
    if name == BUILTIN:
        return Status(known, configured=True, healthy=True)
    if adapter is None:
        return Status(known, missing=desk.missing.get(name, "not set up"))
    seen = Status(known, account=desk.accounts[name].name, configured=True)
    try:
        async with asyncio.timeout(LOOK_S):
            health = await adapter.probe()
    except (ProviderError, TimeoutError) as error:
        return replace(seen, healthy=False, note=str(error)[:300] or "no answer")
    return replace(seen, healthy=health.ok, credits=health.credits, note=health.note)
