"""The workflow's state: all that decides what happens next, in under 64 KB; everything large is a reference."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.commands import CommandKind, Verdict
from domain.events import Event, EventType, event
from domain.providers import BUILTIN
from domain.references import KnownSection
from domain.settings import SongSettings
from domain.stages import ORDER, SongStatus, Stage, StageStatus, position

SCHEMA_VERSION = 1
LEDGER_SIZE = 256
TRANSITION_TAIL = 32
REJECTION_TAIL = 12
OUTBOX_LIMIT = 64
MESSAGE_BYTES = 400
ACTOR_BYTES = 96
PATHS_SHOWN = 48
SECTIONS_BYTES = 4096

Ref = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class StageState(BaseModel):
    """Where one stage stands. `artifacts` names its outputs by content hash; `computed`/`reused` count steps.

    `revision` is the one shown, `revisions` the highest made: they differ after going back to an earlier one.
    `provider` made it, after `fallback_from` had failed; `cost` is what all its revisions cost, in US dollars.
    `resubmissions` counts how often a person had an order placed again whose outcome nobody knew.
    """

    model_config = ConfigDict(extra="forbid")

    status: StageStatus = StageStatus.PENDING
    revision: int = 0
    revisions: int = 0
    take: int = 1
    takes: int = 1
    result: Ref | None = None
    context: Ref | None = None
    artifacts: dict[str, Ref] = {}
    started_at: datetime | None = None
    completed_at: datetime | None = None
    computed: int = 0
    reused: int = 0
    seconds: float = 0.0
    provider: str = BUILTIN
    fallback_from: str | None = None
    cost: str = "0"
    resubmissions: int = 0


class Block(BaseModel):
    """Why a song cannot go on, in words a person understands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    reason: str
    code: str = "error"
    missing: tuple[str, ...] = ()


class Transition(BaseModel):
    """One entry of the history: from, to, when, by whom, because of which command.

    `revision`, `take`, `result` and `context` are those of `from_stage` as it then was. From a stage to the same
    stage means that it was processed and this is its new result.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    from_stage: Stage
    to_stage: Stage
    revision: int
    take: int = 1
    time: datetime
    by: str
    command_id: str | None = None
    result: Ref | None = None
    context: Ref | None = None


class Restoring(BaseModel):
    """An earlier revision of the current stage that is being fetched from the history."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stage: Stage
    revision: int


class LedgerEntry(BaseModel):
    """A settled command, kept so that a repeated one is harmless; `d` is a digest of it, empty where none is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: str
    code: str
    d: str

    @property
    def verdict(self) -> Verdict:
        """Accepted exactly when the code is `ok`."""
        return Verdict.ACCEPTED if self.code == "ok" else Verdict.REJECTED


class RejectedCommand(BaseModel):
    """A refused command, as the snapshot shows it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command_id: str
    kind: str
    actor: str
    code: str
    message: str
    time: datetime


class SongState(BaseModel):
    """Everything a song's workflow knows.

    `sections` are those of the latest arrangement, empty while they are not known; `edits` counts the score's edits.
    `parent` is the head of the song that this one was branched from, `opening` that it has not been taken over yet.
    """

    model_config = ConfigDict(extra="forbid")

    schema_version: int = SCHEMA_VERSION
    composition_id: str
    owner: str
    title: str
    seed: int
    created_at: datetime
    settings: SongSettings
    prompt: Ref | None = None
    person: Ref | None = None
    sections: tuple[KnownSection, ...] = ()
    edits: int = 0
    stage: Stage = Stage.IDEATION
    status: SongStatus = SongStatus.RUNNING
    stages: dict[Stage, StageState] = Field(default_factory=lambda: {stage: StageState() for stage in ORDER})
    due: bool = True
    held: bool = False
    cancelled: bool = False
    enhancement_rejected: bool = False
    enhancement_accepted: bool | None = None
    restoring: Restoring | None = None
    park_at: Stage | None = None
    open_gates_until: Stage | None = None
    blocked: Block | None = None
    waiting_since: datetime | None = None
    gate_deadline: datetime | None = None
    retention_deadline: datetime | None = None
    ledger: list[LedgerEntry] = []
    rejections: list[RejectedCommand] = []
    admissions: int = 0
    seq: int = 0
    outbox: list[Event] = []
    transitions: list[Transition] = []
    transition_count: int = 0
    unwritten: list[Transition] = []
    head: Ref | None = None
    parent: Ref | None = None
    opening: bool = False
    checks_ok: bool = False
    projected: int = 0

    @property
    def current(self) -> StageState:
        """The state of the stage at which the song is."""
        return self.stages[self.stage]

    @property
    def progress(self) -> float:
        """Completed stages in per cent; a finished song is 100."""
        done = sum(s.status in (StageStatus.DONE, StageStatus.AWAITING_REVIEW) for s in self.stages.values())
        return round(100.0 * done / len(ORDER), 1)

    def emit(self, type_: EventType, now: datetime, **payload: object) -> None:
        """Number an event and put it into the outbox."""
        self.seq += 1
        self.outbox.append(event(self.seq, type_, now, **payload))

    def after(self, stage: Stage) -> list[Stage]:
        """Stages later than `stage`."""
        return list(ORDER[position(stage) + 1 :])


def shortened(text: str, size: int = MESSAGE_BYTES) -> str:
    """`text` in at most `size` bytes of UTF-8: the state and the history have their limits in bytes."""
    data = text.encode("utf-8", "replace")
    return text if len(data) <= size else data[: size - 3].decode("utf-8", "ignore") + "..."


class Snapshot(BaseModel):
    """The `snapshot` query: what a song is doing, what it waits for, what is allowed now.

    `recorded` says that the database and the chain of manifests have everything up to `sequence`.
    """

    composition_id: str
    title: str
    stage: Stage
    status: SongStatus
    progress: float
    stages: dict[Stage, StageState]
    review: tuple[Stage, ...]
    held: bool
    blocked: Block | None
    waiting_since: datetime | None
    gate_deadline: datetime | None
    allowed_commands: tuple[CommandKind, ...]
    allowed_targets: tuple[Stage, ...]
    rejected: tuple[RejectedCommand, ...]
    sequence: int
    seed: int
    head: str | None
    recorded: bool = True
    continued: int = 0


def settle(state: SongState, now: datetime) -> None:
    """Derive the song's status from its parts; keep `waiting_since` while it stays the same."""
    before = state.status
    state.status = _status(state)
    waits = state.status in (SongStatus.WAITING, SongStatus.HELD, SongStatus.BLOCKED)
    if not waits:
        state.waiting_since = None
    elif state.waiting_since is None or before is not state.status:
        state.waiting_since = now


def _status(state: SongState) -> SongStatus:
    finished = state.stage is Stage.FINALIZATION and state.current.status is StageStatus.DONE and not state.due
    table: Mapping[SongStatus, bool] = {
        SongStatus.CANCELLED: state.cancelled,
        SongStatus.HELD: state.held,
        SongStatus.BLOCKED: state.blocked is not None,
        SongStatus.RUNNING: state.due or state.restoring is not None,
        SongStatus.COMPLETED: finished,
    }
    return next((status for status, holds in table.items() if holds), SongStatus.WAITING)
