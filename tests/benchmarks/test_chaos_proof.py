"""What the chaos run calls proven: an honest ledger passes, and each way of cheating is found."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from benchmarks.chaos_proof import Ended, Evidence, prove
from benchmarks.chaos_providers import wish
from benchmarks.chaos_vendors import Taken
from domain.providers import ErrorKind
from domain.stages import Stage
from storage.records import ProviderTask, TaskStatus

PRICE = Decimal("0.26")


def row(song="a", status=TaskStatus.SUCCEEDED, *, provider="suno", step="s", token="", resubmission=0, **more):
    settled = status in (TaskStatus.SUCCEEDED, TaskStatus.FAILED)
    return ProviderTask(
        id=f"{song}{step}{resubmission}", composition_id=song, owner=song, provider=provider, task_type="instrumental",
        stage=Stage.PRODUCTION, step_key=step, status=status, resubmission=resubmission, quoted=PRICE,
        reserved=PRICE if status is TaskStatus.OUTCOME_UNKNOWN else Decimal(0), cost=PRICE if settled else None,
        callback_token=hashlib.sha256(token.encode()).hexdigest() if token else None,
        created_at=datetime(2026, 1, 1, tzinfo=UTC), **more,
    )  # fmt: skip


def song(id_="a", status="completed", code="", reason=""):
    return Ended(id_, id_, status, code, reason, 0)


def evidence(rows, taken, songs=None, refusals=0, deaths=()):
    spent = sum((one.usd for one in taken if not one.refunded), Decimal(0))
    ended = songs or [song(id_) for id_ in sorted({one.composition_id for one in rows})]
    return Evidence(ended, rows, {"suno": taken}, {"suno": refusals}, {"suno": spent}, deaths)


def charge(fault="", token="", person="", usd=PRICE):
    return Taken(usd, False, fault, token, person)


LOST = row("b", TaskStatus.OUTCOME_UNKNOWN, error="the connection broke", error_kind=ErrorKind.OUTCOME_UNKNOWN)
HONEST = evidence([row("a"), LOST], [charge(), charge("lost")])


def test_an_honest_run_passes_and_shows_both_sides():
    lines, wrong = prove(HONEST)
    assert wrong == []
    told = next(line for line in lines if line.startswith("suno"))
    assert told.split() == ["suno", "2", "0", "1", "1", "2", "1", "0.520000", "0.260000", "0.260000", "0.260000"]
    assert not any(line.startswith("FAIL") for line in lines)


@pytest.mark.parametrize(
    ("cheated", "says"),
    [
        (evidence([row("a")], [charge(), charge()]), "took 2 orders"),
        (evidence([row("a"), row("a")], [charge()] * 2), "the ledger has 2 orders"),
        (evidence([row("a", token="t"), row("b", token="u")], [charge(token="t")] * 2), "took one order 2 times"),
        (evidence([row("a", TaskStatus.REFUSED, token="t"), row("b")], [charge(token="t")], refusals=1),
         "an order that the ledger refused"),
        (evidence([row("a"), row("b")], [charge(person=hashlib.sha256(b"a").hexdigest()[:32])] * 2),
         "charged a song 2 times"),
        (evidence([row("a")], [charge(usd=Decimal("0.25"))]), "charges that the server has not"),
        (evidence([row("a"), row("b", TaskStatus.OUTCOME_UNKNOWN)], [charge(), charge()]), "0 answers lost"),
        (evidence([row("a", TaskStatus.SUBMITTING)], []), "is submitting"),
        (evidence([row("a", TaskStatus.REFUSED)], [], refusals=0), "the server refused 0 times"),
        (evidence([row("a")], [charge()], [song(status="hung")]), "song a is hung"),
        (evidence([row("a")], [charge()], [song(status="blocked", code="internal_error")]), "is blocked by internal_e"),
        (evidence([row("a")], [charge()], [song(status="blocked", code="outcome_unknown", reason="suno may have")]),
         "it has no order without an answer"),
        (evidence([row("a")], [charge()],
                  [song(status="blocked", code="no_provider", reason="nobody: suno (overloaded: busy)")]),
         "the ledger knows of none"),
        (evidence([row("a")], [charge()], deaths=["worker ended with 1"]), "worker ended with 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(cheated, says):
    lines, wrong = prove(cheated)
    assert any(says in problem for problem in wrong), wrong
    assert any(line.startswith("FAIL") for line in lines)


def test_an_order_that_a_callback_saved_is_told():
    lines, wrong = prove(evidence([row("a", token="t")], [charge("lost", token="t")]))
    assert wrong == []
    assert any(line.split()[:1] == ["1"] and "callback" in line for line in lines)


def test_reserved_money_must_cover_what_was_lost():
    short = LOST.model_copy(update={"reserved": Decimal("0.10"), "quoted": Decimal("0.10")})
    _, wrong = prove(replace(HONEST, rows=[row("a"), short]))
    assert any("reserved" in problem for problem in wrong), wrong


def test_wishes_repeat_and_differ():
    wishes = [wish(1, number) for number in range(40)]
    assert wishes == [wish(1, number) for number in range(40)]
    assert len({one.id for one in wishes}) == 40
    assert {one.settings.on_unknown for one in wishes} == {"block", "fallback"}
    assert wishes[0].settings != wish(2, 0).settings or wishes[1].settings != wish(2, 1).settings
