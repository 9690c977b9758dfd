"""What the workflow tells the database after each change: a snapshot, new events, new steps of the history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.admission import ledger_id
from domain.commands import CommandKind
from domain.decide import allowed_commands, targets_now
from domain.events import Event
from domain.providers import BUILTIN
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage, StageStatus
from domain.state import Block, Ref, SongState, Transition


class StageSummary(BaseModel):
    """A stage as the read model shows it; `result` refers to its StageResult document."""

    model_config = ConfigDict(frozen=True)

    status: StageStatus
    revision: int
    take: int
    takes: int
    result: Ref | None
    context: Ref | None
    started_at: datetime | None
    completed_at: datetime | None
    computed: int
    reused: int
    seconds: float
    provider: str = BUILTIN
    fallback_from: str | None = None
    cost: str = "0"


class Projection(BaseModel):
    """One write of the read model, ordered by `sequence`; an older or equal one is ignored.

    `digests` say for the commands among `events` what was asked, so that the archive knows a repetition.
    """

    model_config = ConfigDict(frozen=True)

    composition_id: str
    owner: str
    title: str
    sequence: int
    stage: Stage
    status: SongStatus
    progress: float
    stages: dict[Stage, StageSummary]
    settings: SongSettings
    seed: int
    prompt: Ref | None
    person: Ref | None
    held: bool
    blocked: Block | None
    waiting_since: datetime | None
    gate_deadline: datetime | None
    enhancement_accepted: bool | None
    allowed_commands: tuple[CommandKind, ...]
    allowed_targets: tuple[Stage, ...]
    created_at: datetime
    time: datetime
    head: Ref | None
    parent: Ref | None = None
    checks_ok: bool
    events: tuple[Event, ...] = ()
    digests: dict[str, str] = {}
    transitions: tuple[Transition, ...] = ()


class Projected(BaseModel):
    """The new head of the manifest chain, and up to which transition it was written.

    `complete` is False when documents of the song could not be read, so that its files are not listed yet.
    """

    model_config = ConfigDict(frozen=True)

    head: Ref | None
    written: int = 0
    complete: bool = True


class Manifest(BaseModel):
    """One link of a song's history in the media store, immutable like a commit."""

    model_config = ConfigDict(frozen=True)

    composition_id: str
    previous: Ref | None
    parent: Ref | None = None
    sequence: int
    transition: Transition
    artifacts: dict[str, Ref] = {}


class Progress(BaseModel):
    """The small overwritten line of what a song is doing right now; `fraction` 0–1 of the step."""

    model_config = ConfigDict(frozen=True)

    composition_id: str
    stage: Stage
    step: str
    label: str
    fraction: float
    done: int = 0
    total: int = 0
    time: datetime


def project(
    state: SongState, now: datetime, *, events: Sequence[Event], transitions: Sequence[Transition]
) -> Projection:
    """The projection of a state as of now."""
    shared: dict[str, Any] = {name: getattr(state, name) for name in _SHARED}
    return Projection(
        **shared,
        sequence=state.seq,
        stages={
            stage: StageSummary.model_validate(entry.model_dump(include=set(StageSummary.model_fields)))
            for stage, entry in state.stages.items()
        },
        allowed_commands=allowed_commands(state),
        allowed_targets=targets_now(state),
        time=now,
        events=tuple(events),
        digests=_digests(state, events),
        transitions=tuple(transitions),
    )


def _digests(state: SongState, events: Sequence[Event]) -> dict[str, str]:
    known = {entry.id: entry.d for entry in state.ledger}
    settled = [str(e.payload["command_id"]) for e in events if "command_id" in e.payload]
    return {id: known[kept] for id in settled if (kept := ledger_id(id)) in known}


_SHARED = sorted(
    (set(Projection.model_fields) & set(SongState.model_fields) - {"stages", "transitions"}) | {"progress"}
)
