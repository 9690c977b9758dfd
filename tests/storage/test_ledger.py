"""The ledger of providers: one submission for a charge, no money beyond a budget, sums to the millionth."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from domain.errors import InvalidValue, NotFound
from domain.providers import ErrorKind, Task
from domain.stages import Stage
from storage import ledger, songs
from storage.database import Database
from storage.ledger import Begun, Budgets, Charge, Scope, Spent, TaskStatus
from storage.records import ProviderTask
from tests.storage.song_support import Song, fresh, ref

D = Decimal
_days = count(1)
JOB = {"id": "job-1", "operation": "generate", "data": {"model": "v5"}}


def new_day() -> datetime:
    """Noon of a day on which no other test spends."""
    return datetime(2031, 1, 1, 12, tzinfo=UTC) + timedelta(days=next(_days))


def charge(quote: str = "0.40", **given: Any) -> Charge:
    values: dict[str, Any] = {
        "composition_id": fresh("song"), "owner": fresh("owner"), "stage": Stage.PRODUCTION, "step_key": ref("step"),
        "provider": fresh("vendor"), "task": Task.FULL_SONG, "account": "acc", "operation": "generate",
        "quote_usd": D(quote), "request": {"prompt": "a waltz"},
    }  # fmt: skip
    return Charge(**values | given)


async def begin(db: Database, what: Charge, now: datetime | None = None) -> Begun:
    async with db.session() as session:
        return await ledger.begin(session, what, now=now)


async def tell(db: Database, report: Callable[..., Awaitable[bool]], *args: Any, **kwargs: Any) -> bool:
    async with db.session() as session:
        return await report(session, *args, **kwargs)


async def status(db: Database, id_: str) -> TaskStatus:
    async with db.session() as session:
        return (await ledger.find(session, id_)).status


async def spent(db: Database, what: Charge) -> Spent:
    async with db.session() as session:
        return await ledger.spend(session, composition_id=what.composition_id)


async def test_exactly_one_of_fifty_callers_submits(db: Database) -> None:
    what = charge()
    begun = await asyncio.gather(*(begin(db, what) for _ in range(50)))
    assert Counter(one.state for one in begun) == {"go": 1, "unknown": 49}
    (go,) = [one for one in begun if one.state == "go"]
    assert {one.id for one in begun} == {go.id}
    assert await spent(db, what) == Spent(D(0), D("0.40"))
    # The one that submits is alive, and what it reports counts.
    assert await tell(db, ledger.accepted, go.id, JOB)
    again = await begin(db, what)
    assert (again.state, again.job) == ("running", JOB)


async def test_one_of_many_submits_after_a_refusal_as_well(db: Database) -> None:
    what = charge(budgets=Budgets(song=D("0.40")))
    first = await begin(db, what)
    assert await tell(db, ledger.refused, first.id, ErrorKind.RATE_LIMITED, "slow down", retry_after_s=7.5)
    assert await spent(db, what) == Spent(D(0), D(0))
    begun = await asyncio.gather(*(begin(db, what) for _ in range(20)))
    (second,) = [one for one in begun if one.state == "go"]
    assert (second.attempt, second.id == first.id) == (2, False)
    async with db.session() as session:
        row = await ledger.find(session, first.id)
    assert (row.status, row.error_kind, row.error, row.retry_after_s) == (
        TaskStatus.REFUSED, ErrorKind.RATE_LIMITED, "slow down", 7.5,
    )  # fmt: skip


async def test_who_died_while_submitting_leaves_an_unknown_outcome(db: Database) -> None:
    what = charge()
    dead = await begin(db, what)
    for _ in range(3):
        found = await begin(db, what)
        assert (found.state, found.id, found.kind) == ("unknown", dead.id, ErrorKind.OUTCOME_UNKNOWN)
        assert "gone" in found.reason
    assert await status(db, dead.id) is TaskStatus.OUTCOME_UNKNOWN
    assert await spent(db, what) == Spent(D(0), D("0.40"))


async def test_a_result_is_paid_for_once_and_found_again(db: Database) -> None:
    what = charge("0.4000001", callback_token="secret", take=2)
    go = await begin(db, what)
    assert await spent(db, what) == Spent(D(0), D("0.400001")), "a quote is rounded up"
    assert await tell(db, ledger.accepted, go.id, JOB)
    done = {"result": ref("made"), "cost": D("0.35"), "tokens": 12, "seconds": 3.5, "response": {"model": "v5"}}
    assert await tell(db, ledger.succeeded, go.id, **done)
    assert not await tell(db, ledger.succeeded, go.id, **done | {"cost": D("9")}), "it is settled"
    assert not await tell(db, ledger.failed, go.id, ErrorKind.UPSTREAM, "too late")
    assert not await tell(db, ledger.unknown, go.id, "too late")
    again = await begin(db, what)
    assert (again.state, again.result, again.cost, again.id) == ("done", ref("made"), D("0.35"), go.id)
    assert await spent(db, what) == Spent(D("0.35"), D(0))
    async with db.session() as session:
        row = await ledger.find(session, go.id)
    assert (row.take, row.tokens, row.duration_s, row.currency, row.quoted) == (2, 12, 3.5, "USD", D("0.400001"))
    assert row.callback_token is not None
    assert "secret" not in row.callback_token


async def test_without_a_cost_the_quote_was_charged(db: Database) -> None:
    made, lost, stopped = charge("0.10"), charge("0.20"), charge("0.30")
    assert await tell(db, ledger.succeeded, (await begin(db, made)).id, result=ref(1))
    assert await tell(db, ledger.failed, (await begin(db, lost)).id, ErrorKind.UPSTREAM, "it broke")
    assert await tell(db, ledger.cancelled, (await begin(db, stopped)).id)
    for what, cost, state in ((made, "0.10", "done"), (lost, "0.20", "failed"), (stopped, "0.30", "failed")):
        assert await spent(db, what) == Spent(D(cost), D(0))
        assert (await begin(db, what)).state == state


async def test_what_failed_is_submitted_again_only_when_a_person_asks(db: Database) -> None:
    what = charge()
    go = await begin(db, what)
    await tell(db, ledger.accepted, go.id, JOB)
    assert await tell(db, ledger.failed, go.id, ErrorKind.MODERATION, "not these words", cost=D(0))
    kept = await begin(db, what)
    assert (kept.state, kept.kind, kept.reason, kept.cost) == ("failed", ErrorKind.MODERATION, "not these words", D(0))
    asked = replace(what, resubmission=1)
    begun = await asyncio.gather(*(begin(db, asked) for _ in range(10)))
    assert Counter(one.state for one in begun) == {"go": 1, "unknown": 9}
    (second,) = [one for one in begun if one.state == "go"]
    assert second.attempt == 2
    assert (await begin(db, what)).state == "unknown", "an older request cannot start what a newer one has"


async def test_a_resubmission_does_not_repeat_what_runs_or_is_there(db: Database) -> None:
    what = charge()
    go = await begin(db, what)
    await tell(db, ledger.accepted, go.id, JOB)
    assert (await begin(db, replace(what, resubmission=1))).state == "running"
    assert await tell(db, ledger.unknown, go.id, "no callback came")
    assert (await begin(db, replace(what, resubmission=1))).state == "go"
    assert await spent(db, what) == Spent(D(0), D("0.80")), "both may be charged"
    assert await tell(db, ledger.succeeded, go.id, result=ref("late"), cost=D("0.40"))
    again = await begin(db, replace(what, resubmission=2))
    assert (again.state, again.result) == ("done", ref("late"))


async def test_a_late_result_counts_whatever_was_thought(db: Database) -> None:
    for settle in ("unknown", "charged", "not charged", "failed", "cancelled"):
        what = charge()
        go = await begin(db, what)
        await tell(db, ledger.unknown, go.id, "the line was cut")
        if settle.endswith("charged"):
            assert await tell(db, ledger.resolve_unknown, go.id, charged=settle == "charged", by="user:ada")
        elif settle == "failed":
            assert await tell(db, ledger.failed, go.id, ErrorKind.UPSTREAM, "it says so", cost=D(0))
        elif settle == "cancelled":
            assert await tell(db, ledger.cancelled, go.id, cost=D(0))
        assert await tell(db, ledger.succeeded, go.id, result=ref("late"), cost=D("0.38")), settle
        assert (await begin(db, what)).result == ref("late"), settle
        assert await spent(db, what) == Spent(D("0.38"), D(0)), settle


@pytest.mark.parametrize(
    ("found", "settled", "then"),
    [
        ({"charged": True}, "0.40", "failed"),
        ({"charged": True, "cost": D("0.3")}, "0.3", "failed"),
        ({"charged": False}, "0", "go"),
        ({"charged": True, "result": ref("found")}, "0.40", "done"),
        ({"charged": False, "result": ref("found")}, "0", "done"),
    ],
)
async def test_a_person_decides_what_became_of_an_unknown_call(
    db: Database, found: dict[str, Any], settled: str, then: str
) -> None:
    what = charge()
    go = await begin(db, what)
    assert not await tell(db, ledger.resolve_unknown, go.id, **found), "it is not unknown"
    await tell(db, ledger.unknown, go.id, "the line was cut")
    assert await tell(db, ledger.resolve_unknown, go.id, **found, by="user:ada")
    assert not await tell(db, ledger.resolve_unknown, go.id, **found), "it is decided"
    assert await spent(db, what) == Spent(D(settled), D(0))
    async with db.session() as session:
        assert "user:ada" in ((await ledger.find(session, go.id)).error or "")
    assert (await begin(db, what)).state == then


BUDGETS = [
    ("song", lambda: {"composition_id": fresh("song"), "owner": fresh("owner")}),
    ("owner", lambda: {"owner": fresh("owner")}),
    ("provider", lambda: {"provider": fresh("vendor")}),
    ("day", dict),
]


@pytest.mark.parametrize(("which", "shared"), BUDGETS)
async def test_many_reservations_at_once_stay_within_a_budget(
    db: Database, which: str, shared: Callable[[], dict[str, Any]]
) -> None:
    now, same = new_day(), shared()
    budgets = Budgets(**{which: D("1.00")})
    calls = [charge("0.30", step_key=ref(i), budgets=budgets, **same) for i in range(24)]
    begun = await asyncio.gather(*(begin(db, call, now) for call in calls))
    assert Counter(one.state for one in begun) == {"go": 3, "over_budget": 21}
    assert {(one.which, one.left) for one in begun if one.state == "over_budget"} <= {
        (which, D("0.10")), (which, D("0.40")), (which, D("0.70")), (which, D("1.00")),
    }  # fmt: skip
    # What is free again can be reserved again, and to the last millionth.
    go = next(one for one in begun if one.state == "go")
    await tell(db, ledger.refused, go.id, ErrorKind.OVERLOADED, "later")
    more = [replace(calls[0], step_key=fresh("step"), quote_usd=D(quote)) for quote in ("0.400001", "0.4", "0.000001")]
    assert [(await begin(db, call, now)).state for call in more] == ["over_budget", "go", "over_budget"]
    free = replace(calls[0], step_key=fresh("step"), quote_usd=D(0))
    assert (await begin(db, free, now)).state == "go", "what costs nothing needs no budget"
    async with db.session() as session:
        scope = Scope(calls[0].composition_id, calls[0].owner, calls[0].provider)
        assert getattr(await ledger.left(session, budgets, scope, now=now), which) == 0
        tomorrow = await ledger.left(session, budgets, scope, now=now + timedelta(days=1))
    assert getattr(tomorrow, which) == (0 if which == "song" else 1)


async def test_a_call_beyond_a_budget_leaves_nothing_behind(db: Database) -> None:
    what = charge(budgets=Budgets(song=D("0.39")))
    over = await begin(db, what)
    assert (over.state, over.which, over.left) == ("over_budget", "song", D("0.39"))
    async with db.session() as session:
        assert await songs.provider_tasks(session, what.composition_id) == []
    richer = replace(what, budgets=Budgets(song=D("0.40")))
    assert (await begin(db, richer)).attempt == 1


async def test_what_is_left_is_told_for_each_budget(db: Database) -> None:
    now, what = new_day(), charge("0.25")
    await begin(db, what, now)
    budgets = Budgets(song=D("1"), owner=D("0.5"), provider=D("0.2"))
    async with db.session() as session:
        rest = await ledger.left(session, budgets, what.scope, now=now)
        nothing = await ledger.left(session, Budgets(), what.scope, now=now)
    assert (rest.song, rest.owner, rest.provider, rest.day) == (D("0.75"), D("0.25"), D(0), None)
    assert (rest.least, nothing.least) == (D("0.25"), None)


async def test_sums_are_exact(db: Database) -> None:
    now = new_day()
    first = charge("0.1")
    amounts = [D("0.1"), D("0.2"), D("0.000001"), D("999999.999999"), D("0")] + [D("0.1")] * 95
    for number, amount in enumerate(amounts):
        go = await begin(db, replace(first, step_key=f"s{number}", quote_usd=amount), now)
        if number % 2:
            await tell(db, ledger.succeeded, go.id, result=ref(number), cost=amount)
    async with db.session() as session:
        for about in (
            {"composition_id": first.composition_id}, {"owner": first.owner}, {"provider": first.provider},
            {"day": now.date()}, {"owner": first.owner, "provider": first.provider, "day": now.date()},
        ):  # fmt: skip
            found = await ledger.spend(session, **about)
            assert found == Spent(sum(amounts[1::2], D(0)), sum(amounts[::2], D(0))), about
            assert found.total == sum(amounts, D(0))
        assert await ledger.spend(session, owner="nobody") == Spent(D(0), D(0))
        assert await ledger.spend(session, owner=first.owner, day=(now + timedelta(days=1)).date()) == Spent()
        by_provider = await ledger.spend_by_provider(session, day=now.date())
    assert by_provider == {first.provider: Spent(sum(amounts[1::2], D(0)), sum(amounts[::2], D(0)))}


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-0.01", "1000000000"])
async def test_what_is_no_amount_is_refused(db: Database, amount: str) -> None:
    what = charge(amount)
    with pytest.raises(InvalidValue, match="no amount"):
        await begin(db, what)
    go = await begin(db, replace(what, quote_usd=D(1)))
    with pytest.raises(InvalidValue, match="no amount"):
        await tell(db, ledger.succeeded, go.id, result=ref(1), cost=D(amount))
    assert await status(db, go.id) is TaskStatus.SUBMITTING


async def test_a_webhook_counts_once(db: Database) -> None:
    what = charge()
    go = await begin(db, what)

    async def deliver(**given: str) -> ledger.Notice:
        async with db.session() as session:
            return await ledger.notice(session, what.provider, **given)

    assert (await deliver(job_id="job-1", delivery_id="d1")).state == "nobody", "its answer is still on its way"
    await tell(db, ledger.accepted, go.id, JOB)
    notices = await asyncio.gather(*(deliver(job_id="job-1", delivery_id="d1") for _ in range(12)))
    assert Counter(one.state for one in notices) == {"noticed": 1, "duplicate": 11}
    assert {(one.task_id, one.composition_id) for one in notices} == {(go.id, what.composition_id)}
    assert (await deliver(job_id="job-1", delivery_id="d2")).state == "noticed"
    assert (await deliver(job_id="job-2", delivery_id="d3")).state == "nobody"
    assert (await deliver(job_id="job-1", token="guessed")).state == "nobody"
    assert (await deliver()).state == "nobody"
    async with db.session() as session:
        assert (await ledger.notice(session, fresh("vendor"), job_id="job-1")).state == "nobody"
        assert (await ledger.find(session, go.id)).noticed_at is not None
    assert await status(db, go.id) is TaskStatus.RUNNING


@pytest.mark.parametrize("lost", [True, False])
async def test_a_webhook_with_our_token_tells_a_lost_job(db: Database, lost: bool) -> None:
    what = charge(callback_token=fresh("token"))
    go = await begin(db, what)
    if lost:
        await tell(db, ledger.unknown, go.id, "the answer was cut off")
    async with db.session() as session:
        told = await ledger.notice(session, what.provider, job_id="j9", token=what.callback_token, delivery_id="d")
    assert (told.state, told.status) == ("noticed", TaskStatus.RUNNING)
    found = await begin(db, what)
    assert (found.state, found.job, found.kind) == (
        "running", {"id": "j9", "operation": "generate", "data": {}}, None,
    )  # fmt: skip
    async with db.session() as session:
        assert (await ledger.notice(session, what.provider, job_id="other", token=what.callback_token)).task_id == go.id
        assert (await ledger.find(session, go.id)).provider_job_id == "j9"
    assert await tell(db, ledger.accepted, go.id, JOB), "the vendor's own answer knows best"
    assert (await begin(db, what)).job == JOB


async def test_old_deliveries_are_forgotten(db: Database) -> None:
    what, now = charge(), new_day() - timedelta(days=9000)
    go = await begin(db, what, now)
    await tell(db, ledger.accepted, go.id, JOB)
    async with db.session() as session:
        await ledger.notice(session, what.provider, job_id="job-1", delivery_id="d", now=now)
        assert await ledger.forget_deliveries(session, before=now) == 0
        assert await ledger.forget_deliveries(session, before=now + timedelta(seconds=1)) == 1


async def test_an_erased_song_leaves_its_amounts_and_none_of_its_words(db: Database) -> None:
    song = Song()
    async with db.session() as session:
        await songs.request_song(
            session, composition_id=song.id, owner=song.owner, title="t", prompt="p", settings=song.settings, seed=1,
            created_at=song.now,
        )  # fmt: skip
    what = charge(composition_id=song.id, owner=song.owner)
    go = await begin(db, what)
    await tell(db, ledger.succeeded, go.id, result=ref(1), response={"lyrics": "la"})
    async with db.session() as session:
        await ledger.forget(session, song.id)
        await session.delete(await songs.get_song(session, song.id))
    async with db.session() as session:
        assert await ledger.spend(session, owner=song.owner) == Spent(D("0.40"), D(0))
        row = await ledger.find(session, go.id)
    assert (row.request, row.response, row.error, row.result) == ({}, None, None, None)


async def test_open_calls_are_listed_for_the_operator(db: Database) -> None:
    now, vendor = new_day(), fresh("vendor")
    begun = [await begin(db, charge(provider=vendor), now + timedelta(minutes=i)) for i in range(5)]
    await tell(db, ledger.accepted, begun[1].id, JOB)
    await tell(db, ledger.unknown, begun[2].id, "cut")
    await tell(db, ledger.refused, begun[3].id, ErrorKind.AUTH, "wrong key")
    async with db.session() as session:
        rows = await ledger.open_calls(session, before=now + timedelta(minutes=4), provider=vendor)
        with pytest.raises(NotFound, match="no call"):
            await ledger.find(session, "nothing")
    assert [row.id for row in rows] == [one.id for one in begun[:3]]


@dataclass
class Books:
    """What the vendors of a walk have taken and charged, kept by hand beside the ledger."""

    now: datetime = field(default_factory=new_day)
    names: list[str] = field(default_factory=lambda: [fresh("walk") for _ in range(2)])
    calls: dict[str, Charge] = field(default_factory=dict)
    money: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    taken: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def charge(self, song: int, step: int, vendor: int, cents: int, resubmission: int) -> Charge:
        budgets = Budgets(song=D("1.00"), owner=D("1.50"), provider=D("1.20"), day=D("2.00"))
        return charge(
            str(D(cents) / 100), composition_id=f"{self.names[song]}-song", owner=self.names[0], step_key=f"k{step}",
            provider=f"{self.names[vendor]}-vendor", budgets=budgets, resubmission=resubmission,
        )  # fmt: skip

    def total(self, **about: str) -> Spent:
        rows = [self.money[i] for i, c in self.calls.items() if all(getattr(c, k) == v for k, v in about.items())]
        return Spent(sum((r[0] for r in rows), D(0)), sum((r[1] for r in rows), D(0)))


REPORTS = ("accepted", "succeeded", "refused", "failed", "unknown", "cancelled", "charged", "not charged")
STEP = st.tuples(
    st.integers(0, 1), st.integers(0, 2), st.integers(0, 1), st.integers(0, 70), st.integers(0, 1),
    st.lists(st.tuples(st.sampled_from(REPORTS), st.integers(0, 9), st.integers(0, 100)), max_size=3),
)  # fmt: skip


async def _report(db: Database, books: Books, id_: str, name: str, percent: int) -> None:
    """A vendor's or a person's word on a call; the books believe what the ledger says that it took."""
    quote = books.calls[id_].quote_usd
    cost = (quote * percent / 100).quantize(D("0.000001"))
    keep = {"accepted": (D(0), quote), "unknown": (D(0), quote), "charged": (quote, D(0))}
    free = {"refused": (D(0), D(0)), "not charged": (D(0), D(0))}
    reports: dict[str, Callable[[], Awaitable[bool]]] = {
        "accepted": lambda: tell(db, ledger.accepted, id_, JOB),
        "succeeded": lambda: tell(db, ledger.succeeded, id_, result=ref(id_), cost=cost),
        "refused": lambda: tell(db, ledger.refused, id_, ErrorKind.OVERLOADED, "full"),
        "failed": lambda: tell(db, ledger.failed, id_, ErrorKind.UPSTREAM, "broken", cost=cost),
        "unknown": lambda: tell(db, ledger.unknown, id_, "cut"),
        "cancelled": lambda: tell(db, ledger.cancelled, id_),
        "charged": lambda: tell(db, ledger.resolve_unknown, id_, charged=True),
        "not charged": lambda: tell(db, ledger.resolve_unknown, id_, charged=False),
    }
    if name == "succeeded" and await status(db, id_) in (TaskStatus.REFUSED, TaskStatus.CANCELLED, TaskStatus.FAILED):
        # A late charge for what was thought free may break a budget: it is true all the same, and tested above.
        return
    if not await reports[name]():
        return
    default = (quote, D(0)) if name == "cancelled" else (cost, D(0))
    books.money[id_] = (keep | free).get(name, default)
    if name in free:
        call = books.calls[id_]
        books.taken[call.composition_id, call.step_key, call.provider, call.resubmission] -= 1


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=20))
async def test_whatever_happens_budgets_hold_and_nothing_is_submitted_twice(db: Database, steps: list[Any]) -> None:
    books = Books()
    for *where, reports in steps:
        call = books.charge(*where)
        begun = await begin(db, call, books.now)
        if begun.state == "go":
            books.calls[begun.id], books.money[begun.id] = call, (D(0), call.quote_usd)
            books.taken[call.composition_id, call.step_key, call.provider, call.resubmission] += 1
        for name, which, percent in reports:
            if books.calls:
                await _report(db, books, list(books.calls)[which % len(books.calls)], name, percent)
        assert not books.taken or max(books.taken.values()) <= 1
        async with db.session() as session:
            everybody = await ledger.spend(session, day=books.now.date())
            assert everybody == books.total()
            assert everybody.total <= D("1.50"), "all belongs to one owner"
            for name in books.names:
                song, vendor = f"{name}-song", f"{name}-vendor"
                of_song = await ledger.spend(session, composition_id=song)
                at_vendor = await ledger.spend(session, provider=vendor, day=books.now.date())
                assert (of_song, at_vendor) == (books.total(composition_id=song), books.total(provider=vendor))
                assert of_song.total <= D("1.00")
                assert at_vendor.total <= D("1.20")
    async with db.session() as session:
        query = select(col(ProviderTask.id)).where(col(ProviderTask.owner) == books.names[0])
        assert set((await session.exec(query)).all()) == set(books.calls), "every row was a submission"
