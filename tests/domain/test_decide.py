"""The rules of steering, by example and by random walks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.admission import admit
from domain.commands import CommandBody, CommandKind, Verdict, parse_command
from domain.decide import Decision, Rejection, allowed_commands, decide, targets_now
from domain.errors import SostenutoError
from domain.lifecycle import StageOutcome, block_stage, complete_stage, pass_gate, restore_stage, start_stage
from domain.settings import SongSettings
from domain.stages import ORDER, STEPS_FROM, SongStatus, Stage, StageStatus, position
from domain.state import LEDGER_SIZE, SongState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REF = "a" * 64


def new_state(**options):
    return SongState(
        composition_id="c",
        owner="local",
        title="Untitled",
        seed=1,
        created_at=NOW,
        settings=SongSettings(**options),
        prompt=REF,
        person=REF,
    )


def outcome(**more):
    given = {"artifacts": {"x": REF}, "computed": 1, "reused": 0, "seconds": 1.0, "unchanged": False}
    return StageOutcome(result=REF, context=REF, **{**given, **more})


def work(state):
    """Let the due stage run to its end."""
    start_stage(state, NOW)
    complete_stage(state, outcome(checks_ok=True), NOW)


def run(state, until=None):
    while state.due and state.stage is not until:
        state.outbox.clear()
        work(state)
    state.outbox.clear()
    return state


def give(state, kind, **body):
    return admit(state, kind, [body], delivery=f"d{state.admissions}{state.seq}", actor="me", now=NOW)


def accepted(state, kind, **body):
    admission = give(state, kind, **body)
    assert admission.result.verdict is Verdict.ACCEPTED, admission.result.message
    return admission.state


def refused(state, kind, **body):
    admission = give(state, kind, **body)
    assert admission.result.verdict is Verdict.REJECTED
    before, after = state.model_dump(), admission.state.model_dump()
    for name in ("ledger", "rejections", "seq", "outbox"):
        before.pop(name), after.pop(name)
    assert before == after
    return admission.result


def test_a_song_runs_to_the_end_by_itself():
    state = run(new_state())
    assert state.status is SongStatus.COMPLETED
    assert state.progress == 100
    assert state.retention_deadline == NOW + timedelta(days=30)


def test_review_all_waits_after_each_stage():
    state = new_state(review="all")
    for stage in ORDER[:-1]:
        run(state)
        assert (state.stage, state.status) == (stage, SongStatus.WAITING)
        assert state.current.status is StageStatus.AWAITING_REVIEW
        state = accepted(state, "advance")
    assert run(state).status is SongStatus.COMPLETED


@pytest.mark.parametrize("stage", ORDER)
@pytest.mark.parametrize("target", ORDER)
def test_only_neighbours_can_be_reached(stage, target):
    state = new_state(review="all")
    while state.stage is not stage:
        run(state)
        state = accepted(state, "advance")
    run(state)
    if target in STEPS_FROM[stage]:
        assert accepted(state, "advance", target=target).stage is target
    else:
        assert "allowed now" in refused(state, "advance", target=target).message


def test_advance_at_finalization_has_nowhere_to_go():
    result = refused(run(new_state()), "advance")
    assert "no stage after" in result.message or "last stage" in result.message
    assert result.allowed_targets == (Stage.MASTERING,)


def test_forward_past_a_running_or_blocked_stage_is_refused():
    state = new_state()
    assert "still running" in refused(state, "advance").message
    start_stage(state, NOW)
    block_stage(state, "the store is away", "media_store_unavailable", (), NOW)
    assert state.status is SongStatus.BLOCKED
    assert CommandKind.RETRY in allowed_commands(state)
    assert accepted(state, "retry").status is SongStatus.RUNNING


def test_a_manual_step_back_parks_the_song():
    state = accepted(run(new_state()), "advance", target="mastering")
    assert (state.stage, state.status) == (Stage.MASTERING, SongStatus.WAITING)
    state = run(accepted(state, "advance"))
    assert state.status is SongStatus.COMPLETED


def test_revise_loudness_goes_to_mastering_and_comes_back():
    state = accepted(run(new_state()), "revise", changes={"technical.loudness_target": -16})
    assert (state.stage, state.status) == (Stage.MASTERING, SongStatus.RUNNING)
    assert state.stages[Stage.FINALIZATION].status is StageStatus.STALE
    assert state.stages[Stage.MIXING].status is StageStatus.DONE
    state = run(state)
    assert state.status is SongStatus.COMPLETED
    assert state.stages[Stage.MASTERING].revision == 2


def test_revise_walks_back_one_step_at_a_time():
    state = run(new_state())
    walked = accepted(state, "revise", changes={"musical.tempo": 90}).transitions[state.transition_count :]
    assert [t.to_stage for t in walked] == list(reversed(ORDER[1:-1]))


def test_revise_comes_back_to_the_stage_where_the_song_was_parked():
    state = accepted(run(new_state()), "advance", target="mastering")
    state = run(accepted(state, "revise", stage="composition", changes={"musical.tempo": 90}))
    assert (state.stage, state.status) == (Stage.MASTERING, SongStatus.WAITING)


def test_revise_stops_at_the_next_gate():
    state = accepted(run(new_state()), "set_review", review=["mixing"])
    state = run(accepted(state, "revise", changes={"musical.tempo": 90}))
    assert (state.stage, state.current.status) == (Stage.MIXING, StageStatus.AWAITING_REVIEW)


def test_revise_while_running_stops_the_stage():
    state = run(new_state(), until=Stage.PRODUCTION)
    start_stage(state, NOW)
    admission = give(state, "revise", changes={"musical.tempo": 90})
    assert [e.kind for e in admission.effects] == ["stop_stage", "merge"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "nothing to revise"),
        ({"changes": {"musical.tempoo": 1}}, "unknown context path"),
        ({"changes": {"musical.tempo": 5000}}, "musical.tempo cannot be 5000"),
        ({"stage": "mastering", "changes": {"musical.tempo": 90}}, "comes after"),
        ({"stage": "encore", "changes": {"musical.tempo": 90}}, "stage cannot be 'encore'"),
        ({"instruction": "make it purple"}, "not understood"),
        ({"instruction": "900 lufs"}, "loudness_target cannot be"),
        ({"changes": {"creative.inspiration": "x" * 2001}}, "inspiration"),
        ({"changes": {"creative.constraints": {"x": "y" * 20_000}}}, "too many"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_cannot_be_revised_is_said(body, words):
    state = run(new_state(), until=Stage.ARRANGEMENT)
    assert words in refused(state, "revise", **body).message


def test_changes_with_advance_that_touch_what_is_done_are_redone_on_the_way():
    state = run(new_state(review=["composition"]))
    state = accepted(state, "advance", changes={"musical.key": "D minor"})
    assert (state.stage, state.due) == (Stage.COMPOSITION, True)
    state = run(state)
    assert state.status is SongStatus.COMPLETED
    assert state.stages[Stage.COMPOSITION].revision == 2


def test_a_repeated_command_is_applied_once():
    state = run(new_state(review="all"))
    first = admit(state, "advance", [{"command_id": "one"}], delivery="d1", actor="me", now=NOW)
    again = admit(first.state, "advance", [{"command_id": "one"}], delivery="d2", actor="other", now=NOW)
    assert again.result.duplicate
    assert again.result.verdict is Verdict.ACCEPTED
    assert again.state == first.state
    other = admit(first.state, "hold", [{"command_id": "one"}], delivery="d3", actor="me", now=NOW)
    assert (other.result.code, other.state) == ("command_id_reused", first.state)


def test_expectations_are_checked():
    state = run(new_state(review="all"))
    assert "not at mixing" in refused(state, "advance", expected_stage="mixing").message
    assert "not 7" in refused(state, "advance", expected_revision=7).message
    accepted(state, "advance", expected_stage="ideation", expected_revision=1)


def test_hold_and_resume():
    state = accepted(new_state(), "hold")
    assert (state.status, allowed_commands(state)[0]) == (SongStatus.HELD, CommandKind.RESUME)
    assert "held already" in refused(state, "hold").message
    assert accepted(state, "resume").status is SongStatus.RUNNING


def test_a_cancelled_song_takes_no_more_commands():
    state = accepted(run(new_state(review="all")), "cancel")
    assert (state.status, allowed_commands(state), targets_now(state)) == (SongStatus.CANCELLED, (), ())
    assert "cancelled" in refused(state, "advance").message


def test_a_gate_opens_by_itself_at_its_deadline():
    state = run(new_state(review=["ideation"], gate_deadlines_s={"ideation": 60}))
    assert state.gate_deadline == NOW + timedelta(seconds=60)
    pass_gate(state, NOW + timedelta(seconds=60))
    assert (state.stage, state.due) == (Stage.COMPOSITION, True)


def test_revert_restores_an_earlier_revision():
    state = run(accepted(run(new_state()), "revise", changes={"technical.loudness_target": -16}))
    admission = give(state, "revert", stage="mastering", revision=1)
    state = admission.state
    assert (state.status, state.restoring.revision) == (SongStatus.RUNNING, 1)
    assert "being fetched" in refused(state, "advance").message
    restore_stage(state, result=REF, context=REF, artifacts={}, take=1, now=NOW)
    assert (state.stage, state.status, state.current.status) == (Stage.MASTERING, SongStatus.WAITING, StageStatus.DONE)
    assert state.stages[Stage.FINALIZATION].status is StageStatus.STALE
    assert "no revision 9" in refused(state, "revert", stage="mastering", revision=9).message


def test_regenerate_is_a_new_take_and_old_takes_can_be_chosen():
    state = run(accepted(run(new_state()), "revise", stage="composition", instruction="regenerate"))
    assert (state.stages[Stage.COMPOSITION].take, state.stages[Stage.COMPOSITION].takes) == (2, 2)
    state = accepted(state, "choose_take", stage="composition", take=1)
    assert (state.stages[Stage.COMPOSITION].take, state.stage) == (1, Stage.COMPOSITION)
    assert "no take 3" in refused(state, "choose_take", stage="composition", take=3).message


def test_rejecting_the_enhancement_goes_back_to_the_prompt():
    state = accepted(run(new_state()), "reject_enhancement")
    assert (state.stage, state.enhancement_rejected) == (Stage.IDEATION, True)
    assert "already" in refused(run(state), "reject_enhancement").message


def test_unchanged_results_keep_their_revision():
    state = run(new_state())
    state = accepted(state, "advance", target="mastering")
    state = accepted(state, "advance")
    start_stage(state, NOW)
    complete_stage(state, outcome(unchanged=True, computed=0, reused=3), NOW)
    assert state.stages[Stage.FINALIZATION].revision == 1


ACTIONS = st.sampled_from(
    ["work", "block", "gate", "advance", "back", "revise", "revise_early", "hold", "resume", "retry", "cancel",
     "revert", "restored", "take", "reject", "review", "nonsense"]
)  # fmt: skip
BODIES = {
    "advance": ("advance", {}),
    "revise": ("revise", {"changes": {"technical.loudness_target": -16}}),
    "revise_early": ("revise", {"changes": {"musical.tempo": 90}}),
    "hold": ("hold", {}),
    "resume": ("resume", {}),
    "retry": ("retry", {}),
    "cancel": ("cancel", {}),
    "revert": ("revert", {"stage": "composition", "revision": 1}),
    "take": ("choose_take", {"take": 1}),
    "reject": ("reject_enhancement", {}),
    "review": ("set_review", {"review": ["mixing"]}),
    "nonsense": ("revise", {"changes": {"x": 1}}),
}


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTIONS, max_size=40))
def test_whatever_happens_the_song_stays_whole(actions):
    state = new_state()
    for action in actions:
        before, seq = state.stage, state.seq
        state = _act(state, action)
        assert abs(position(state.stage) - position(before)) <= 6
        assert [e.seq for e in state.outbox] == list(range(state.seq - len(state.outbox) + 1, state.seq + 1))
        assert state.seq >= seq
        running = [s for s in state.stages.values() if s.status is StageStatus.RUNNING]
        assert len(running) <= 1
        for stage in ORDER[: position(state.stage)]:
            assert state.stages[stage].status is StageStatus.DONE
        assert not (state.due and state.blocked)
        assert len(state.ledger) <= LEDGER_SIZE
        state.outbox = []
        state.unwritten = []


def _act(state, action):
    if action == "work" and state.due and not state.held:
        work(state)
    elif action == "block" and state.due and not state.held:
        start_stage(state, NOW)
        block_stage(state, "away", "x", (), NOW)
    elif action == "gate":
        pass_gate(state, NOW)
    elif action == "back":
        previous = STEPS_FROM[state.stage][0]
        return give(state, "advance", target=previous.value if previous else "ideation").state
    elif action in BODIES:
        kind, body = BODIES[action]
        return give(state, kind, **body).state
    elif action == "restored" and state.restoring and not state.blocked:
        restore_stage(state, result=REF, context=REF, artifacts={}, take=1, now=NOW)
    return state


FIELDS = [*CommandBody.model_fields, "nonsense"]


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from([*CommandKind, "foo", ""]),
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["command_id", "changes", "stage", "target", "x", "take"]), inner, max_size=3
                )
            ),
            max_leaves=6,
        ),
        max_size=2,
    ),
)
def test_no_delivery_breaks_the_door(kind, arguments):
    admission = admit(new_state(), str(kind), arguments, delivery="d", actor="a", now=NOW, trusted=False)
    assert admission.result.verdict in Verdict
    assert len(admission.state.model_dump_json()) < 65_536


def test_decide_is_pure():
    state = run(new_state())
    before = state.model_dump_json()
    command = parse_command("revise", [{"changes": {"musical.tempo": 90}}], command_id="c", actor="a")
    assert isinstance(decide(state, command, NOW), Decision)
    assert isinstance(decide(state, command.model_copy(update={"expected_stage": Stage.MIXING}), NOW), Rejection)
    assert state.model_dump_json() == before


def test_errors_have_codes_statuses_and_exit_codes():
    def tree(kind):
        return [kind, *(leaf for child in kind.__subclasses__() for leaf in tree(child))]

    for kind in tree(SostenutoError):
        assert kind.code
        assert 400 <= kind.http_status < 600
        assert kind.exit_code > 0


def test_the_state_stays_small():
    state = run(new_state())
    for number in range(300):
        kind, body = "hold" if number % 2 == 0 else "resume", {"command_id": f"{number:064d}"}
        state = admit(state, kind, [body], delivery="d", actor="u" * 80, now=NOW).state
        state.outbox = state.outbox[-10:]
    parts = [f"part_number_{n:02d}" for n in range(24)]
    for stage in ORDER:
        state.stages[stage].artifacts = {name: REF for name in ("score", "midi", "musicxml", "report_json", "brief")}
    state.stages[Stage.PRODUCTION].artifacts = {f"{k}:{p}": REF for k in ("part", "stem", "headroom") for p in parts}
    state.stages[Stage.MIXING].artifacts = {f"mixed:{p}": REF for p in parts}
    assert len(state.ledger) == LEDGER_SIZE
    assert len(state.model_dump_json()) < 65_536
