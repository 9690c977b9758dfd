"""What happens to a song by itself: stages start, end, block; gates open; the song is complete.

Like `decide`, pure rules on the state, which they change in place; the workflow calls them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from domain.decide import record, record_move
from domain.events import EventType
from domain.providers import BUILTIN
from domain.references import KnownSection
from domain.stages import ORDER, Stage, StageStatus, following, position
from domain.state import PATHS_SHOWN, SECTIONS_BYTES, Block, SongState, settle, shortened

POLICY = "policy"


class StageOutcome(BaseModel):
    """How a stage's run ended, as far as the state needs to know."""

    model_config = ConfigDict(frozen=True)

    result: str
    context: str
    artifacts: dict[str, str]
    computed: int
    reused: int
    seconds: float
    unchanged: bool
    title: str | None = None
    confidence: float = 0.5
    checks_ok: bool = False
    sections: tuple[KnownSection, ...] = ()
    provider: str = BUILTIN
    fallback_from: str | None = None


def start_stage(state: SongState, now: datetime) -> None:
    """The current stage runs."""
    current = state.current
    current.status = StageStatus.RUNNING
    current.started_at = now
    current.completed_at = None
    state.retention_deadline = None
    state.emit(EventType.STAGE_STARTED, now, stage=state.stage, revision=current.revision + 1, take=current.take)
    settle(state, now)


def complete_stage(state: SongState, outcome: StageOutcome, now: datetime) -> None:
    """The current stage has its result; go on to a gate, a stop, the next stage or the end."""
    stage, current = state.stage, state.current
    current.status = StageStatus.DONE
    current.completed_at = now
    if not (outcome.unchanged and current.revision):
        current.revisions += 1
        current.revision = current.revisions
        # What is told of a revision is how it was made, however often it is reused.
        current.computed, current.reused, current.seconds = outcome.computed, outcome.reused, outcome.seconds
        current.provider, current.fallback_from = outcome.provider, outcome.fallback_from
    current.result, current.context = outcome.result, outcome.context
    current.artifacts = dict(outcome.artifacts)
    state.due = False
    record(state, stage, now, by=POLICY)
    state.emit(
        EventType.STAGE_COMPLETE, now, stage=stage, progress=state.progress, revision=current.revision,
        take=current.take, computed=outcome.computed, reused=outcome.reused, seconds=round(outcome.seconds, 3),
    )  # fmt: skip
    _announce(state, outcome, now)
    _go_on(state, now)
    settle(state, now)


def _announce(state: SongState, outcome: StageOutcome, now: datetime) -> None:
    if state.stage is Stage.IDEATION:
        if outcome.title and state.title == "Untitled":
            state.title = outcome.title[:255]
        if state.settings.enhancement.enabled and not state.enhancement_rejected:
            state.emit(EventType.ENHANCEMENT_READY, now, title=state.title, confidence=outcome.confidence)
    if state.stage is Stage.ARRANGEMENT:
        size = sum(len(section.model_dump_json()) for section in outcome.sections)
        state.sections = outcome.sections if size <= SECTIONS_BYTES else ()
    for name in ("mix", "master"):
        if name in outcome.artifacts and state.stage in (Stage.MIXING, Stage.MASTERING):
            url = f"/v1/media/{outcome.artifacts[name]}/content"
            state.emit(EventType.AUDIO_READY, now, stage=state.stage, url=url)
    state.checks_ok = outcome.checks_ok if state.stage is Stage.FINALIZATION else state.checks_ok


def _go_on(state: SongState, now: datetime) -> None:
    stage = state.stage
    if state.open_gates_until is not None and position(stage) >= position(state.open_gates_until):
        state.open_gates_until = None
    gate_is_open = state.open_gates_until is not None
    if stage in state.settings.review and not gate_is_open:
        _wait_for_review(state, now)
    elif state.park_at is stage:
        state.park_at = None
    elif following(stage) is None:
        _finish(state, now)
    else:
        forward(state, now, by=POLICY)


def _wait_for_review(state: SongState, now: datetime) -> None:
    state.park_at = None
    if state.stage is Stage.FINALIZATION:
        _finish(state, now)
        return
    state.current.status = StageStatus.AWAITING_REVIEW
    seconds = state.settings.gate_deadlines_s.get(state.stage)
    state.gate_deadline = now + timedelta(seconds=seconds) if seconds else None
    state.emit(EventType.REVIEW_REQUESTED, now, stage=state.stage, deadline=state.gate_deadline)


def _finish(state: SongState, now: datetime) -> None:
    state.retention_deadline = now + timedelta(seconds=state.settings.retention_s)
    seconds = sum(state.stages[stage].seconds for stage in ORDER)
    state.emit(EventType.SONG_COMPLETED, now, seconds=round(seconds, 3), checks_ok=state.checks_ok)


def forward(state: SongState, now: datetime, *, by: str) -> None:
    """One step forward; the next stage is due."""
    target = following(state.stage)
    assert target is not None
    state.current.status = StageStatus.DONE
    state.gate_deadline = None
    record_move(state, target, now, by=by)
    state.due = True
    entered = state.current
    if entered.status is not StageStatus.DONE:
        entered.status = StageStatus.STALE if entered.result else StageStatus.PENDING


def pass_gate(state: SongState, now: datetime) -> None:
    """The gate's deadline has passed: the song goes on by itself."""
    if state.current.status is StageStatus.AWAITING_REVIEW and not state.held:
        forward(state, now, by=POLICY)
        settle(state, now)


def block_stage(state: SongState, reason: str, code: str, missing: tuple[str, ...], now: datetime) -> None:
    """The current stage cannot go on; it waits for retry, revise or a step back."""
    state.due = False
    state.current.status = StageStatus.BLOCKED
    state.blocked = Block(stage=state.stage, reason=shortened(reason), code=code, missing=missing)
    state.emit(EventType.STAGE_BLOCKED, now, stage=state.stage, reason=state.blocked.reason, missing=missing)
    settle(state, now)


def restore_stage(state: SongState, *, result: str, context: str | None, artifacts: Mapping[str, str], take: int,
                  now: datetime) -> None:  # fmt: skip
    """The current stage has the earlier result that was being fetched; the song waits there."""
    assert state.restoring is not None
    current = state.current
    current.revision = state.restoring.revision
    state.restoring = None
    current.status = StageStatus.DONE
    current.result, current.context, current.artifacts, current.take = result, context, dict(artifacts), take
    current.completed_at = now
    state.due = False
    record(state, state.stage, now, by=POLICY)
    state.emit(EventType.TAKE_READY, now, stage=state.stage, take=take)
    if state.stage is Stage.FINALIZATION:
        state.retention_deadline = now + timedelta(seconds=state.settings.retention_s)
    settle(state, now)


def paid(state: SongState, stage: Stage, provider: str, amount: Decimal, now: datetime) -> None:
    """A provider was paid for a stage, in US dollars."""
    entry = state.stages[stage]
    entry.cost = str(Decimal(entry.cost) + amount)
    state.emit(EventType.COST_RECORDED, now, provider=provider, amount=str(amount), currency="USD")


def changed_context(state: SongState, paths: tuple[str, ...], by: str, now: datetime) -> None:
    """The person's settings have changed."""
    state.emit(EventType.CONTEXT_CHANGED, now, paths=paths[:PATHS_SHOWN], by=by)
