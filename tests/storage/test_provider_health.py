"""Pauses and averages of providers as all workers share them, and what the workers tell about providers."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.breakers import PAUSES, TRIAL_S
from domain.providers import Breaker, Capabilities, ErrorKind, Price, Statistics, Task
from storage import provider_health as health
from storage import provider_status
from storage.database import Database
from storage.provider_health import Operation
from storage.provider_status import Status
from tests.storage.song_support import fresh

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def operation() -> Operation:
    return Operation(fresh("vendor"), "acc", "generate")


async def fail(
    db: Database, where: Operation, kind: ErrorKind, now: datetime = NOW, retry_after_s: float | None = None
) -> Breaker:
    async with db.session() as session:
        return await health.call_failed(session, where, kind, retry_after_s=retry_after_s, now=now)


async def succeed(db: Database, where: Operation, seconds: float, usd: str, now: datetime = NOW) -> None:
    async with db.session() as session:
        await health.call_succeeded(session, where, seconds=seconds, usd=Decimal(usd), now=now)


async def claim(db: Database, where: Operation, now: datetime = NOW) -> Breaker:
    async with db.session() as session:
        return await health.claim(session, where, now=now)


async def condition(db: Database, where: Operation, now: datetime = NOW) -> health.Condition:
    async with db.session() as session:
        return (await health.conditions(session, [where], now=now))[where]


async def test_nothing_is_known_of_who_was_never_asked(db: Database) -> None:
    where = operation()
    assert await condition(db, where) == health.Condition(Breaker(), Breaker(), Statistics())
    assert await claim(db, where) == Breaker()


async def test_a_failure_closes_its_operation_and_no_other(db: Database) -> None:
    where = operation()
    pause = await fail(db, where, ErrorKind.OVERLOADED)
    assert pause.open_for_s == PAUSES[ErrorKind.OVERLOADED].first_s
    assert (await condition(db, where)).breaker == pause
    assert (await condition(db, where, after(pause.open_for_s))).breaker == Breaker()
    assert await claim(db, where, after(1)) == Breaker(open_for_s=pause.open_for_s - 1, reason=pause.reason)
    for other in (where._replace(operation="stems"), where._replace(account="acc2")):
        assert (await condition(db, other)).breaker == (await condition(db, other)).account == Breaker()
    asked = await fail(db, where._replace(operation="wav"), ErrorKind.RATE_LIMITED, retry_after_s=77.0)
    assert asked.open_for_s == 77.0


async def test_missing_credits_close_the_whole_account(db: Database) -> None:
    where = operation()
    pause = await fail(db, where, ErrorKind.INSUFFICIENT_CREDITS)
    other = where._replace(operation="stems")
    found = await condition(db, other)
    assert (found.breaker, found.account) == (Breaker(), pause)
    assert await claim(db, other) == pause
    assert (await condition(db, where)).statistics == Statistics(), "the operation is not worse for it"
    await succeed(db, where, 1.0, "0.1", after(pause.open_for_s))
    assert (await condition(db, other, after(pause.open_for_s))).account == Breaker()


async def test_after_a_pause_one_of_many_tries(db: Database) -> None:
    where = operation()
    pause = await fail(db, where, ErrorKind.UPSTREAM)
    later = after(pause.open_for_s + 1)
    claims = await asyncio.gather(*(claim(db, where, later) for _ in range(12)))
    assert sorted(one.open_for_s for one in claims) == [0.0] + [TRIAL_S] * 11
    again = await fail(db, where, ErrorKind.UPSTREAM, later)
    assert again.open_for_s == 2 * pause.open_for_s
    much_later = later + timedelta(seconds=again.open_for_s + 1)
    assert (await claim(db, where, much_later)).open_for_s == 0
    await succeed(db, where, 1.0, "0", much_later)
    assert await asyncio.gather(*(claim(db, where, much_later) for _ in range(3))) == [Breaker()] * 3


async def test_what_is_one_orders_fault_is_no_failure_of_the_provider(db: Database) -> None:
    where = operation()
    assert await fail(db, where, ErrorKind.MODERATION) == Breaker()
    assert await condition(db, where) == health.Condition()
    pause = await fail(db, where, ErrorKind.TIMEOUT)
    later = after(pause.open_for_s)
    await claim(db, where, later)
    assert await fail(db, where, ErrorKind.COPYRIGHT, later) == Breaker(), "it answered, so it works again"


async def test_averages_begin_with_the_first_call_and_follow_the_newest(db: Database) -> None:
    where = operation()
    await fail(db, where, ErrorKind.UPSTREAM)
    await succeed(db, where, 40.0, "0.40", after(60))
    found = (await condition(db, where, after(60))).statistics
    assert (found.calls, found.success, found.seconds, found.usd) == (2, 0.5, 40.0, pytest.approx(0.4))
    for number in range(60):
        await succeed(db, where, 10.0, "0.1", after(61 + number))
    found = (await condition(db, where, after(200))).statistics
    assert found.calls == 62
    assert found.success > 0.99
    assert found.seconds == pytest.approx(10.0, abs=0.1)
    assert found.usd == pytest.approx(0.1, abs=0.001)


async def test_no_call_is_lost_from_the_averages(db: Database) -> None:
    where = operation()
    await asyncio.gather(*(succeed(db, where, 5.0, "0.2") for _ in range(30)))
    found = (await condition(db, where)).statistics
    assert (found.calls, found.success, found.seconds) == (30, 1.0, pytest.approx(5.0))


async def test_quality_is_what_was_measured(db: Database) -> None:
    where = operation()
    for quality in (0.8, 0.3):
        async with db.session() as session:
            await health.judged(session, where, quality, now=NOW)
    found = (await condition(db, where)).statistics
    assert (found.calls, found.quality) == (0, pytest.approx(0.8 - health.WEIGHT * 0.5))


def capabilities(name: str) -> Capabilities:
    return Capabilities(
        name=name, title=name.title(), tasks=frozenset({Task.VOCALS, Task.FULL_SONG, Task.STEMS}),
        price=Price(usd=Decimal("0.111"), per="song"), official=False,
    )  # fmt: skip


async def test_what_a_worker_tells_is_read_as_it_was_told(db: Database) -> None:
    names = ["zeta_one", "alpha_two"]
    told = [
        Status(capabilities(names[0]), "acc", True, healthy=True, credits=12.5, note="fine"),
        Status(capabilities(names[1]), missing="SUNO_API_KEY is not set"),
    ]
    async with db.session() as session:
        await provider_status.publish(session, told, now=NOW)
    newer = Status(capabilities(names[1]), "acc", True, healthy=False, note="401", checked_at=after(5))
    older = Status(capabilities(names[1]), "acc", True, healthy=True, checked_at=after(4))
    for status in (newer, older):
        async with db.session() as session:
            await provider_status.publish(session, [status], now=after(60))
    async with db.session() as session:
        found = [one for one in await provider_status.published(session) if one.capabilities.name in names]
    assert found == [newer, Status(capabilities(names[0]), "acc", True, "", True, 12.5, "fine", NOW)]
