"""What a branch takes over, with which settings, and where it comes to rest."""

from datetime import UTC, datetime

import pytest

from domain.admission import admit
from domain.branching import (
    Branch,
    OpenedBranch,
    TakenStage,
    lineage,
    opening_command,
    settings_then,
    take_over,
)
from domain.commands import CommandKind, Verdict
from domain.context import effective
from domain.lifecycle import StageOutcome
from domain.settings import SongSettings
from domain.stages import ORDER, SongStatus, Stage, StageStatus
from domain.state import SongState, Transition

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def step(number: int, stage: Stage, revision: int, result: str | None, to: Stage | None = None) -> Transition:
    return Transition(
        number=number, from_stage=stage, to_stage=to or stage, revision=revision, time=NOW, by="policy",
        result=result and result * 64,
    )  # fmt: skip


# Composition is revised after arrangement, and goes back to its first revision afterwards.
HISTORY = [
    step(9, Stage.ARRANGEMENT, 3, "f"),
    step(8, Stage.COMPOSITION, 1, "b"),
    step(7, Stage.ARRANGEMENT, 2, "e"),
    step(6, Stage.COMPOSITION, 2, "d"),
    step(5, Stage.ARRANGEMENT, 1, "c", to=Stage.COMPOSITION),
    step(4, Stage.ARRANGEMENT, 1, "c"),
    step(3, Stage.COMPOSITION, 1, "b"),
    step(2, Stage.IDEATION, 1, "a", to=Stage.COMPOSITION),
    step(1, Stage.IDEATION, 1, "a"),
]


@pytest.mark.parametrize(
    ("stage", "revision", "results"),
    [
        (Stage.ARRANGEMENT, 1, "abc"),
        (Stage.ARRANGEMENT, 2, "ade"),
        (Stage.ARRANGEMENT, 3, "abf"),
        (Stage.COMPOSITION, 2, "ad"),
        (Stage.IDEATION, 1, "a"),
        (Stage.ARRANGEMENT, 4, ""),
        (Stage.MIXING, 1, ""),
    ],
)
def test_earlier_stages_are_taken_as_they_were_then(stage, revision, results):
    assert lineage(HISTORY, stage, revision) == tuple(letter * 64 for letter in results)


def then(person, patches, past, stage=Stage.COMPOSITION):
    """The settings of then, and whether they give the context of then for what had been read."""
    context = effective(past, patches).model_dump(mode="json")
    found = settings_then(person, patches, context, stage)
    return found, effective(found, patches)


def test_what_was_read_is_as_it_was_and_what_is_read_later_as_it_is():
    person = {"musical": {"tempo": 100, "key": "D"}, "technical": {"loudness_target": -18}}
    found, now = then(person, [{"musical": {"genre": ["jazz"]}}], {"musical": {"tempo": 80, "key": "D"}})
    assert (now.musical.tempo, now.musical.key, now.musical.genre) == (80, "D", ["jazz"])
    assert now.technical.loudness_target == -18
    assert found["musical"]["key"] == "D"


def test_a_setting_that_was_made_later_gives_way_to_what_the_stages_said():
    found, now = then({"musical": {"tempo": 100}}, [{"musical": {"tempo": 72}}], {})
    assert now.musical.tempo == 72
    assert "tempo" not in found.get("musical", {})


def test_a_setting_that_was_taken_back_since_counts_again():
    _, now = then({"musical": {"tempo": None}}, [{"musical": {"tempo": 72}}], {"musical": {"tempo": 90}})
    assert now.musical.tempo == 90


def test_a_setting_stays_the_persons_own_where_a_later_stage_would_say_otherwise():
    found, _ = then({"musical": {"tempo": 120}}, [], {"musical": {"tempo": 120}})
    assert effective(found, [{"musical": {"tempo": 60}}]).musical.tempo == 120


def opened(last: Stage) -> OpenedBranch:
    outcome = {"context": "c" * 64, "artifacts": {}, "computed": 0, "reused": 3, "seconds": 0.0, "unchanged": False}
    return OpenedBranch(
        prompt="a" * 64,
        person="b" * 64,
        stages=tuple(
            TakenStage(stage=stage, take=2, outcome=StageOutcome(result="d" * 64, **outcome))
            for stage in ORDER[: ORDER.index(last) + 1]
        ),
    )


def branched(last: Stage, **settings) -> SongState:
    state = SongState(
        composition_id="b", owner="local", title="Waltz", seed=1, created_at=NOW, opening=True,
        settings=SongSettings.model_validate(settings), prompt="a" * 64, person="b" * 64,
    )  # fmt: skip
    take_over(state, opened(last), NOW)
    return state


@pytest.mark.parametrize("last", ORDER)
def test_a_branch_rests_after_the_last_stage_that_it_took_over(last):
    state = branched(last)
    assert (state.stage, state.due) == (last, False)
    assert state.status is (SongStatus.COMPLETED if last is Stage.FINALIZATION else SongStatus.WAITING)
    taken = [state.stages[stage] for stage in ORDER[: ORDER.index(last) + 1]]
    assert {(s.status, s.revision, s.revisions, s.computed, s.reused, s.take) for s in taken} == {
        (StageStatus.DONE, 1, 1, 0, 3, 2)
    }
    assert (state.retention_deadline is not None) is (last is Stage.FINALIZATION)
    assert state.transition_count == 2 * len(taken) - 1
    assert (state.park_at, state.open_gates_until, state.opening) == (None, None, False)


def test_a_branch_stands_at_its_gate_and_opens_those_before():
    state = branched(Stage.MIXING, review=["composition", "mixing"])
    assert (state.stage, state.current.status) == (Stage.MIXING, StageStatus.AWAITING_REVIEW)


@pytest.mark.parametrize(
    ("last", "given", "kind", "at"),
    [
        (Stage.MIXING, {"changes": {"musical": {"tempo": 70}}}, CommandKind.ADVANCE, Stage.COMPOSITION),
        (Stage.MIXING, {"changes": {"technical": {"loudness_target": -16}}}, CommandKind.ADVANCE, Stage.MASTERING),
        (Stage.FINALIZATION, {"changes": {"technical": {"loudness_target": -16}}}, CommandKind.REVISE, Stage.MASTERING),
        (Stage.MIXING, {"instruction": "a bit slower"}, CommandKind.REVISE, Stage.COMPOSITION),
    ],
)
def test_changes_are_made_from_the_earliest_stage_that_they_concern(last, given, kind, at):
    state = branched(last)
    branch = Branch(parent="p", stage=last, revision=1, actor="user:local", **given)
    command, body = opening_command(state, branch)
    assert command is kind
    admission = admit(state, command, [body], delivery="branch", actor="user:local", now=NOW)
    assert admission.result.verdict is Verdict.ACCEPTED, admission.result.message
    assert (admission.state.stage, admission.state.due) == (at, True)


def test_while_a_branch_is_made_it_takes_no_revision_but_can_be_cancelled():
    state = SongState(
        composition_id="b", owner="local", title="Waltz", seed=1, created_at=NOW, settings=SongSettings(), opening=True
    )
    for kind, body in (
        (CommandKind.REVISE, {"changes": {"musical.tempo": 70}}),
        (CommandKind.CHOOSE_TAKE, {"take": 1}),
    ):
        refused = admit(state, kind, [body], delivery="early", actor="user:local", now=NOW).result
        assert (refused.verdict, refused.code) == (Verdict.REJECTED, "not_allowed_now")
    cancelled = admit(state, CommandKind.CANCEL, [{}], delivery="end", actor="user:local", now=NOW)
    assert cancelled.state.status is SongStatus.CANCELLED
