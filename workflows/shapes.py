"""What goes into the workflow's state and out of it: small pure functions between the models."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from domain.branching import Branch
    from domain.decide import allowed_commands, targets_now
    from domain.edits import edits_in
    from domain.events import Event
    from domain.lifecycle import StageOutcome
    from domain.providers import BUILTIN
    from domain.references import read_sections
    from domain.song_input import SongInput
    from domain.stages import SongStatus
    from domain.state import Snapshot, SongState, Transition
    from domain.steps import Concluded, UnwrittenResult
    from workflows.stage_run import StageRun

PROJECTED_AT_ONCE = 32
PROJECTED_BYTES = 24_000

_SNAPSHOT_FIELDS = (
    "composition_id", "title", "stage", "status", "progress", "stages", "held", "blocked",
    "waiting_since", "gate_deadline", "seed", "head",
)  # fmt: skip


class SongEnd(BaseModel):
    """How a song's workflow ended."""

    composition_id: str
    status: SongStatus
    sequence: int


def new_state(start: SongInput, now: datetime) -> SongState:
    """The state of a song that begins."""
    return SongState(
        composition_id=start.composition_id,
        owner=start.owner,
        title=start.title,
        seed=start.seed if start.settings.seed is None else start.settings.seed,
        created_at=start.created_at or now,
        settings=start.settings,
        edits=edits_in(start.changes) or 0,
        **_branched(start.branch),
    )


def _branched(branch: Branch | None) -> dict[str, Any]:
    if branch is None:
        return {}
    accepted = branch.enhancement_accepted
    return {
        "parent": branch.head,
        "opening": True,
        "enhancement_accepted": accepted,
        "enhancement_rejected": accepted is False,
    }


def snapshot_of(state: SongState, *, recorded: bool, continued: int) -> Snapshot:
    """What a song is doing, what it waits for, what is allowed now."""
    return Snapshot(
        **{name: getattr(state, name) for name in _SNAPSHOT_FIELDS},
        review=state.settings.review,
        allowed_commands=allowed_commands(state),
        allowed_targets=targets_now(state),
        rejected=tuple(state.rejections),
        sequence=state.seq,
        recorded=recorded,
        continued=continued,
    )


def outcome_of(run: StageRun, concluded: Concluded, context: str, seconds: float) -> StageOutcome:
    """What the state needs to know of a stage's run."""
    artifacts = {name: a.hash for result in run.results for name, a in result.outputs.items()}
    measured: dict[str, Any] = {k: v for result in run.results for k, v in result.measured.items()}
    return StageOutcome(
        result=concluded.result,
        context=context,
        artifacts=artifacts,
        computed=sum(not result.cached for result in run.results),
        reused=sum(result.cached for result in run.results),
        seconds=seconds,
        unchanged=concluded.unchanged,
        title=measured.get("title"),
        confidence=measured.get("confidence", 0.5),
        checks_ok=bool(measured.get("checks_ok", False)),
        sections=read_sections(str(measured.get("sections", ""))),
        provider=next((one.provider for one in reversed(run.provided) if one.provider != BUILTIN), BUILTIN),
        fallback_from=next((one.tried[0].provider for one in run.provided if one.tried), None),
    )


def unwritten_results(entries: Sequence[Transition]) -> Iterator[UnwrittenResult]:
    """Stage results among entries of the history that the media store does not have yet."""
    for entry in entries:
        if entry.from_stage is entry.to_stage and entry.result:
            yield UnwrittenResult(stage=entry.from_stage, revision=entry.revision, take=entry.take, result=entry.result)


def fitting(events: Sequence[Event]) -> list[Event]:
    """The first events, as many as one payload carries beside the snapshot."""
    chosen: list[Event] = []
    size = 0
    for event in events[:PROJECTED_AT_ONCE]:
        size += len(event.model_dump_json())
        if chosen and size > PROJECTED_BYTES:
            break
        chosen.append(event)
    return chosen


def decoded(args: Sequence[RawValue]) -> list[Any]:
    """What a message carried; of what cannot be decoded its first bytes, for the door to refuse."""
    converter = workflow.payload_converter()
    values: list[Any] = []
    for arg in args:
        try:
            values.append(converter.from_payload(arg.payload))
        except Exception:
            values.append(bytes(arg.payload.data[:200]))
    return values
