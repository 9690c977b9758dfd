"""The rules of steering: `decide(state, command)` says what a command does to a song, or why it may not.

Pure and synchronous: no clock, no I/O, no Temporal. The workflow executes the effects and nothing else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.commands import Command, CommandKind
from domain.context import check_path
from domain.errors import CommandRejected
from domain.events import EventType
from domain.instructions import Operation
from domain.providers import NO_PROVIDER, OUTCOME_UNKNOWN
from domain.revising import NotInSong, fitted
from domain.stages import (
    ORDER,
    Stage,
    StageStatus,
    allowed_targets,
    following,
    position,
    preceding,
    walk_back,
)
from domain.state import OUTBOX_LIMIT, TRANSITION_TAIL, Restoring, SongState, Transition, settle
from domain.steps import earliest_reader

SEQUENCE_MISMATCH = "sequence_mismatch"


class Effect(BaseModel):
    """Something for the workflow to do: stop the running stage, or merge the person's changes."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["stop_stage", "merge"]
    changes: dict[str, object] = {}
    operations: tuple[Operation, ...] = ()
    actor: str = ""


class Decision(BaseModel):
    """An accepted command: the state after it, what to do, and what to tell the person."""

    state: SongState
    effects: tuple[Effect, ...]
    message: str


class Rejection(BaseModel):
    """A refused command; nothing has changed."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str


class _Refuse(CommandRejected):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.reason = code


def decide(state: SongState, command: Command, now: datetime) -> Decision | Rejection:
    """What `command` does to `state` at the time `now`; the given state is left as it is."""
    after = state.model_copy(deep=True)
    try:
        _check_common(after, command)
        effects, message = _RULES[command.kind](after, command, now)
    except _Refuse as refusal:
        return Rejection(code=refusal.reason, message=refusal.message)
    except NotInSong as absent:
        return Rejection(code="not_in_song", message=absent.message)
    settle(after, now)
    return Decision(state=after, effects=tuple(effects), message=message)


def allowed_commands(state: SongState) -> tuple[CommandKind, ...]:
    """The commands that could be accepted in this state, whatever their arguments."""
    return tuple(kind for kind in CommandKind if not _obstacle(state, kind))


def targets_now(state: SongState) -> tuple[Stage, ...]:
    """Stages to which `advance` may go in this state."""
    if state.cancelled or state.held:
        return ()
    return tuple(
        target
        for target in allowed_targets(state.stage)
        if position(target) < position(state.stage) or _forward_obstacle(state) is None
    )


_Outcome = tuple[list[Effect], str]


def _check_common(state: SongState, command: Command) -> None:
    if command.expected_sequence not in (None, state.seq):
        # First of all: whoever decided on an older picture should hear of that, and not of what follows from it.
        raise _Refuse(
            SEQUENCE_MISMATCH,
            f"the song is at event {state.seq}, and the command was meant for it at event {command.expected_sequence}",
        )
    if len(state.outbox) >= OUTBOX_LIMIT and command.kind not in _ALWAYS:
        raise _Refuse("busy", f"{len(state.outbox)} events wait for the database: try again when it is back")
    if obstacle := _obstacle(state, command.kind):
        raise _Refuse("not_allowed_now", obstacle)
    if command.expected_stage not in (None, state.stage):
        raise _Refuse("stage_mismatch", f"the song is at {state.stage}, not at {command.expected_stage}")
    if command.expected_revision not in (None, state.current.revision):
        raise _Refuse(
            "revision_mismatch",
            f"{state.stage} is at revision {state.current.revision}, not {command.expected_revision}",
        )


# These must get through when the database is away; each adds two events at most.
_ALWAYS = frozenset({CommandKind.CANCEL, CommandKind.HOLD, CommandKind.RESUME})


def _obstacle(state: SongState, kind: CommandKind) -> str | None:
    if state.cancelled:
        return "the song is cancelled: it takes no more commands"
    return _OBSTACLES[kind](state)


def _held(state: SongState) -> str | None:
    return "the song is held: resume it first" if state.held else None


def _opening(state: SongState) -> str | None:
    return "the branch is being made: try again in a moment" if state.opening else _held(state)


def _completed(state: SongState) -> bool:
    return state.stage is Stage.FINALIZATION and state.current.status is StageStatus.DONE and not state.due


def _no_enhancement(state: SongState) -> str | None:
    if not state.settings.enhancement.enabled:
        return "enhancement is off for this song"
    if state.stages[Stage.IDEATION].revision == 0:
        return "there is no enhancement yet: ideation has not finished"
    return "the enhancement was rejected already" if state.enhancement_rejected else None


_OBSTACLES: Mapping[CommandKind, Callable[[SongState], str | None]] = {
    CommandKind.ADVANCE: lambda s: _held(s) or (None if targets_now(s) else _forward_obstacle(s)),
    CommandKind.REVISE: _opening,
    CommandKind.HOLD: lambda s: (
        "the song is held already" if s.held else "the song is complete: nothing to hold" if _completed(s) else None
    ),
    CommandKind.RESUME: lambda s: None if s.held else "the song is not held",
    CommandKind.RETRY: lambda s: _held(s) or (None if s.blocked else "nothing is blocked: retry only mends a block"),
    CommandKind.CANCEL: lambda s: "the song is complete: there is nothing to cancel" if _completed(s) else None,
    CommandKind.REVERT: lambda s: _held(s) or (
        None if any(x.revision for x in s.stages.values()) else "no stage has a revision yet"
    ),
    CommandKind.CHOOSE_TAKE: _opening,
    CommandKind.ACCEPT_ENHANCEMENT: lambda s: _no_enhancement(s) or (
        "the enhancement was accepted already" if s.enhancement_accepted else None
    ),
    CommandKind.REJECT_ENHANCEMENT: lambda s: _held(s) or _no_enhancement(s),
    CommandKind.SET_REVIEW: lambda _: None,
}  # fmt: skip


def _forward_obstacle(state: SongState) -> str | None:
    if state.blocked:
        return f"{state.stage} is blocked ({state.blocked.reason}): retry, revise or step back"
    if state.restoring:
        return f"revision {state.restoring.revision} of {state.stage} is being fetched"
    if state.due:
        return f"{state.stage} is still running"
    if following(state.stage) is None:
        return f"the song is at {state.stage}, the last stage: there is no stage after it"
    return None


def _advance(state: SongState, command: Command, now: datetime) -> _Outcome:
    target = command.target or following(state.stage)
    allowed = ", ".join(targets_now(state)) or "none"
    if target is None:
        raise _Refuse("no_stage_after", f"the song is at {state.stage}, the last stage; allowed now: {allowed}")
    if target not in allowed_targets(state.stage):
        raise _Refuse("not_adjacent", f"from {state.stage} the song cannot go to {target}; allowed now: {allowed}")
    command = fitted(state, command)
    effects = _merge(command)
    if position(target) < position(state.stage):
        return [*_stop(state), *effects], _step_back(state, target, command, now)
    if obstacle := _forward_obstacle(state):
        raise _Refuse("not_ready", f"{obstacle}; allowed now: {allowed}")
    earliest = min((earliest_reader(path) for path in command.paths), key=position, default=None)
    if earliest is not None and position(earliest) <= position(state.stage):
        # Going on with material that does not fit the change would lie: it is made anew on the way.
        message = _walk_back(state, earliest, command, now)
        state.open_gates_until = target
        return effects, message
    _leave(state, now)
    _move(state, target, command, now)
    _enter(state)
    return effects, f"{target} starts"


def _step_back(state: SongState, target: Stage, command: Command, now: datetime) -> str:
    _unsettle(state)
    _move(state, target, command, now)
    state.due = False
    state.blocked = state.restoring = None
    state.park_at = state.open_gates_until = None
    state.gate_deadline = None
    return f"back at {target}; it waits for the next command"


def _revise(state: SongState, command: Command, now: datetime) -> _Outcome:
    if not command.changes and not command.operations:
        raise _Refuse("nothing_to_revise", "nothing to revise: give changes or an instruction")
    stage = command.stage or _default_stage(state, command)
    if position(stage) > position(state.stage):
        raise _Refuse("later_stage", f"{stage} comes after {state.stage}: revise the current stage or an earlier one")
    for path in command.paths:
        check_path(path)
    command = fitted(state, command)
    effects = [*_stop(state), *_merge(command)]
    state.park_at = None if state.due or state.blocked or _gated(state, state.stage) else state.stage
    if _completed(state):
        state.park_at = None
    message = _walk_back(state, stage, command, now)
    if any(op.op == "new_take" for op in command.operations):
        revised = state.stages[stage]
        revised.takes += 1
        revised.take = revised.takes
    return effects, message


def _default_stage(state: SongState, command: Command) -> Stage:
    if not command.changes:
        paths = [op.path for op in command.operations if op.path]
        if not paths:
            return state.stage
    earliest = min((earliest_reader(path) for path in command.paths), key=position, default=state.stage)
    return min(earliest, state.stage, key=position)


def _revert(state: SongState, command: Command, now: datetime) -> _Outcome:
    stage, revision = command.stage, command.revision
    assert stage is not None
    assert revision is not None
    known = state.stages[stage].revisions
    if position(stage) > position(state.stage):
        raise _Refuse("later_stage", f"{stage} comes after {state.stage}: revert the current stage or an earlier one")
    if revision > known:
        raise _Refuse("no_such_revision", f"{stage} has no revision {revision}: it has {known}")
    effects = _stop(state)
    _walk_back(state, stage, command, now)
    state.due = False
    state.park_at = None
    state.restoring = Restoring(stage=stage, revision=revision)
    return effects, f"{stage} goes back to revision {revision}"


def _choose_take(state: SongState, command: Command, now: datetime) -> _Outcome:
    stage = command.stage or state.stage
    take = command.take
    assert take is not None
    if position(stage) > position(state.stage):
        raise _Refuse("later_stage", f"{stage} comes after {state.stage}: choose a take of an earlier stage")
    if take > state.stages[stage].takes:
        raise _Refuse("no_such_take", f"{stage} has no take {take}: it has {state.stages[stage].takes}")
    effects = _stop(state)
    message = _walk_back(state, stage, command, now)
    state.park_at = None
    state.stages[stage].take = take
    return effects, f"take {take}: {message}"


def _hold(state: SongState, command: Command, now: datetime) -> _Outcome:
    state.held = True
    return [], "held: the step under way ends, no other starts"


def _resume(state: SongState, command: Command, now: datetime) -> _Outcome:
    state.held = False
    return [], "resumed"


def _retry(state: SongState, command: Command, now: datetime) -> _Outcome:
    code = state.blocked.code if state.blocked else ""
    state.blocked = None
    if state.restoring is None:
        _enter(state)
    if code in (OUTCOME_UNKNOWN, NO_PROVIDER):
        # What an earlier try came to is known: only a new submission can come to anything else.
        state.current.resubmissions += 1
    if code == OUTCOME_UNKNOWN:
        return [], f"{state.stage} is tried again: the order is placed anew unless its result came; it may cost twice"
    return [], f"{state.stage} is tried again"


def _cancel(state: SongState, command: Command, now: datetime) -> _Outcome:
    effects = _stop(state)
    state.cancelled = True
    state.due = state.held = False
    state.restoring = None
    state.emit(EventType.SONG_CANCELLED, now, by=command.actor)
    return effects, "cancelled; everything made so far is kept"


def _accept_enhancement(state: SongState, command: Command, now: datetime) -> _Outcome:
    state.enhancement_accepted = True
    return [], "the enhancement is accepted"


def _reject_enhancement(state: SongState, command: Command, now: datetime) -> _Outcome:
    effects = _stop(state)
    state.enhancement_accepted = False
    state.enhancement_rejected = True
    message = _walk_back(state, Stage.IDEATION, command, now)
    state.park_at = None
    return effects, f"the original prompt counts again: {message}"


def _set_review(state: SongState, command: Command, now: datetime) -> _Outcome:
    assert command.review is not None
    state.settings = state.settings.model_copy(update={"review": command.review})
    names = ", ".join(command.review) or "no stage"
    return [], f"the song waits for review after {names}"


_RULES: Mapping[CommandKind, Callable[[SongState, Command, datetime], _Outcome]] = {
    CommandKind.ADVANCE: _advance,
    CommandKind.REVISE: _revise,
    CommandKind.HOLD: _hold,
    CommandKind.RESUME: _resume,
    CommandKind.RETRY: _retry,
    CommandKind.CANCEL: _cancel,
    CommandKind.REVERT: _revert,
    CommandKind.CHOOSE_TAKE: _choose_take,
    CommandKind.ACCEPT_ENHANCEMENT: _accept_enhancement,
    CommandKind.REJECT_ENHANCEMENT: _reject_enhancement,
    CommandKind.SET_REVIEW: _set_review,
}


def _gated(state: SongState, stage: Stage) -> bool:
    return stage in state.settings.review


def _stop(state: SongState) -> list[Effect]:
    return [Effect(kind="stop_stage")] if state.due else []


def _merge(command: Command) -> list[Effect]:
    if not command.changes and not any(op.path for op in command.operations):
        return []
    return [Effect(kind="merge", changes=command.changes, operations=command.operations, actor=command.actor)]


def _unsettle(state: SongState) -> None:
    """A stage that is left in the middle has only its earlier result, if any."""
    current = state.current
    if state.due or state.blocked:
        current.status = StageStatus.STALE if current.result else StageStatus.PENDING
    elif current.status is StageStatus.AWAITING_REVIEW:
        current.status = StageStatus.DONE


def _leave(state: SongState, now: datetime) -> None:
    state.current.status = StageStatus.DONE
    state.gate_deadline = None


def _enter(state: SongState) -> None:
    state.due = True
    if state.current.status is not StageStatus.DONE:
        state.current.status = StageStatus.STALE if state.current.result else StageStatus.PENDING


def _walk_back(state: SongState, stage: Stage, command: Command, now: datetime) -> str:
    """One recorded step at a time back to `stage`, which is due again; what comes after it becomes stale."""
    _unsettle(state)
    for _, to in walk_back(state.stage, stage):
        _move(state, to, command, now)
    stale = [s for s in ORDER[position(stage) :] if state.stages[s].result]
    for later in stale:
        state.stages[later].status = StageStatus.STALE
    if later_stale := [s for s in stale if s is not stage]:
        state.emit(EventType.STAGE_STALE, now, stages=tuple(later_stale))
    state.blocked = state.restoring = None
    state.open_gates_until = None
    state.gate_deadline = None
    state.due = True
    return f"{stage} is processed again"


def _move(state: SongState, to: Stage, command: Command, now: datetime) -> None:
    record_move(state, to, now, by=command.actor, command_id=command.command_id)


def record_move(state: SongState, to: Stage, now: datetime, *, by: str, command_id: str | None = None) -> None:
    """Go one step along the stages and write it down."""
    assert to in (preceding(state.stage), following(state.stage))
    state.emit(EventType.STAGE_CHANGED, now, from_stage=state.stage, to_stage=to, by=by)
    record(state, to, now, by=by, command_id=command_id)
    state.stage = to


def record(state: SongState, to: Stage, now: datetime, *, by: str, command_id: str | None = None) -> None:
    """Write one entry of the history: a step to another stage, or `to` the same one when it was processed."""
    state.transition_count += 1
    entry = Transition(
        number=state.transition_count,
        from_stage=state.stage,
        to_stage=to,
        revision=state.current.revision,
        take=state.current.take,
        time=now,
        by=by,
        command_id=command_id,
        result=state.current.result,
        context=state.current.context,
    )
    state.transitions = [*state.transitions, entry][-TRANSITION_TAIL:]
    state.unwritten = [*state.unwritten, entry]
