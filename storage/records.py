"""The tables: read model and archive of the songs, ledger of providers and commands, access and notifications."""

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.commands import Verdict
from domain.events import EventType
from domain.providers import ErrorKind
from domain.stages import SongStatus, Stage
from domain.steps import MediaType
from storage.access_records import (
    ApiKey,
    Collaborator,
    Invitation,
    Session,
    User,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from storage.columns import HASH, ID, OWNER, Json, Line, Money, Name, UtcDateTime, Words

__all__ = [
    "ApiKey",
    "Collaborator",
    "Command",
    "Composition",
    "CompositionMedia",
    "Event",
    "IdempotencyRecord",
    "Invitation",
    "ProgressRow",
    "PromptEnhancement",
    "ProviderDelivery",
    "ProviderHealth",
    "ProviderStatus",
    "ProviderTask",
    "ReferenceTrack",
    "Session",
    "StageRevision",
    "StepCache",
    "TaskStatus",
    "Transition",
    "User",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "derived_id",
]

_IDS = uuid.UUID("6f1ab2f2-6f64-5d4a-9a67-1b2f0a6b8f5e")


def derived_id(*parts: str | int) -> str:
    """An id that follows from what it names, so that writing a thing twice makes one row."""
    return str(uuid.uuid5(_IDS, "\x1f".join(map(str, parts))))


class TaskStatus(StrEnum):
    """How an attempt at a provider stands.

    `submitting` is written before the call; `refused`: nothing was taken, nothing is charged; `failed`: accepted, and
    no result came; `outcome_unknown`: it may have been accepted, and its money stays reserved.
    """

    PENDING = "pending"
    SUBMITTING = "submitting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CANCELLED = "cancelled"


def _song(*, primary_key: bool = False) -> Any:
    """A column that refers to a song and goes when the song goes."""
    return Field(
        sa_type=ID,
        primary_key=primary_key,
        sa_column_args=[ForeignKey("compositions.id", ondelete="CASCADE")],
    )


class Composition(SQLModel, table=True):
    """A song as lists and pages read it; `last_seq` is the sequence of the projection that it shows.

    `branching` is what a branch's workflow starts from. `edition` counts what was changed here and not by the
    workflow, such as the name: with `last_seq` it tells whether a row that was read before still holds. Some time
    after `archived_at` the files go that no other song shares: `condemned_at` says since when no step reuses them,
    `removal_began_at` from when on the song cannot be restored, `files_removed_at` when all were gone.
    """

    __tablename__ = "compositions"
    __table_args__ = (
        Index(None, "owner", "stage"),
        Index(None, "owner", "updated_at", "id"),
        Index(None, "created_at"),
        Index(None, "is_public", "is_active"),
        Index(None, "started", "created_at"),
        Index(None, "is_active", "archived_at"),
        Index(None, "is_public", "updated_at", "id"),
    )

    id: str = Field(sa_type=ID, primary_key=True)
    owner: str = Field(sa_type=OWNER)
    title: str = Field(default="Untitled", sa_type=Line(255))
    renamed: bool = False
    description: str = Field(default="", sa_type=Words)
    stage: Stage = Field(default=Stage.IDEATION, sa_type=Name(Stage))
    status: SongStatus = Field(default=SongStatus.RUNNING, sa_type=Name(SongStatus))
    started: bool = False
    last_seq: int = 0
    seed: int = Field(default=0, sa_type=BigInteger)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    prompt: str | None = Field(default=None, sa_type=HASH)
    person: str | None = Field(default=None, sa_type=HASH)
    context: str | None = Field(default=None, sa_type=HASH)
    head: str | None = Field(default=None, sa_type=HASH)
    progress: float = 0.0
    held: bool = False
    blocked: dict[str, Any] | None = Field(default=None, sa_type=Json, nullable=True)
    enhancement_accepted: bool | None = None
    allowed_commands: list[str] = Field(default_factory=list, sa_type=Json)
    allowed_targets: list[str] = Field(default_factory=list, sa_type=Json)
    waiting_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    gate_deadline: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checks_ok: bool = False
    stage_data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    family: str = Field(default="", sa_type=ID, index=True)
    version_number: int = 1
    parent_id: str | None = Field(
        default=None,
        sa_type=ID,
        nullable=True,
        index=True,
        sa_column_args=[ForeignKey("compositions.id", ondelete="SET NULL")],
    )
    parent_stage: Stage | None = Field(default=None, sa_type=Name(Stage))
    parent_revision: int | None = None
    branching: dict[str, Any] | None = Field(default=None, sa_type=Json, nullable=True)
    is_main: bool = True
    is_public: bool = False
    is_active: bool = True
    is_completed: bool = False
    edition: int = 0
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    condemned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removal_began_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    files_removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StageRevision(SQLModel, table=True):
    """One processed state of a stage, never deleted; `result` refers to its StageResult document."""

    __tablename__ = "stage_revisions"

    composition_id: str = _song(primary_key=True)
    stage: Stage = Field(sa_type=Name(Stage), primary_key=True)
    revision: int = Field(primary_key=True)
    take: int = Field(primary_key=True)
    result: str = Field(sa_type=HASH)
    context: str | None = Field(default=None, sa_type=HASH)
    measured: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    computed: int = 0
    reused: int = 0
    seconds: float = 0.0
    completed_at: datetime = Field(sa_type=UtcDateTime)


class CompositionMedia(SQLModel, table=True):
    """A file that a stage made: `name` is the artifact's, `details` hold duration, format, loudness and the like."""

    __tablename__ = "composition_media"
    __table_args__ = (
        UniqueConstraint("composition_id", "stage", "revision", "take", "name"),
        Index(None, "hash"),
        Index(None, "composition_id", "type"),
    )

    id: str = Field(sa_type=ID, primary_key=True)
    composition_id: str = _song()
    stage: Stage = Field(sa_type=Name(Stage))
    revision: int
    take: int = 1
    name: str = Field(sa_type=Line(200))
    type: MediaType = Field(sa_type=Name(MediaType))
    media_type: str = Field(sa_type=Line(127))
    filename: str | None = Field(default=None, sa_type=Line(255))
    hash: str = Field(sa_type=HASH)
    size: int = Field(sa_type=BigInteger)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)


class PromptEnhancement(SQLModel, table=True):
    """What became of a prompt; `accepted` is null when nobody was asked, `seq` says how fresh that is."""

    __tablename__ = "prompt_enhancements"
    __table_args__ = (UniqueConstraint("composition_id", "revision", "take"),)

    id: str = Field(sa_type=ID, primary_key=True)
    composition_id: str = _song()
    revision: int
    take: int = 1
    original: str = Field(sa_type=Words)
    enhanced: str = Field(sa_type=Words)
    method: str = Field(default="chain_of_thought", sa_type=String(64))
    parameters: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    reasoning: list[Any] = Field(default_factory=list, sa_type=Json)
    confidence: float = 0.5
    accepted: bool | None = None
    seq: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)


class ProviderTask(SQLModel, table=True):
    """One attempt at an outside provider, and its money: `reserved` while it is open, `cost` once it is settled.

    `charge_key` stands for what may be charged once, and is null where an attempt was refused or cost nothing that
    counts. The row outlives its song, since budgets go by what was spent and not by what was kept.
    """

    __tablename__ = "provider_tasks"
    __table_args__ = (
        UniqueConstraint("composition_id", "step_key", "provider", "attempt"),
        UniqueConstraint("charge_key"),
        Index(None, "composition_id", "provider"),
        Index(None, "status", "created_at"),
        Index(None, "owner", "created_at"),
        Index(None, "provider", "created_at"),
        Index(None, "created_at"),
        Index(None, "provider", "provider_job_id"),
        Index(None, "callback_token"),
    )

    id: str = Field(sa_type=ID, primary_key=True)
    composition_id: str = Field(sa_type=ID)
    owner: str = Field(default="", sa_type=OWNER)
    provider: str = Field(sa_type=String(64))
    account: str = Field(default="", sa_type=String(64))
    operation: str = Field(default="", sa_type=Line(64))
    task_type: str = Field(sa_type=String(32))
    stage: Stage = Field(sa_type=Name(Stage))
    step_key: str = Field(sa_type=String(128))
    take: int = 1
    resubmission: int = 0
    attempt: int = 1
    charge_key: str | None = Field(default=None, sa_type=HASH)
    status: TaskStatus = Field(default=TaskStatus.PENDING, sa_type=Name(TaskStatus))
    provider_job_id: str | None = Field(default=None, sa_type=Line(255))
    job: dict[str, Any] | None = Field(default=None, sa_type=Json, nullable=True)
    callback_token: str | None = Field(default=None, sa_type=HASH)
    request: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    response: dict[str, Any] | None = Field(default=None, sa_type=Json, nullable=True)
    result: str | None = Field(default=None, sa_type=HASH)
    error_kind: ErrorKind | None = Field(default=None, sa_type=Name(ErrorKind))
    error: str | None = Field(default=None, sa_type=Words)
    retry_after_s: float | None = None
    duration_s: float | None = None
    tokens: int | None = None
    quoted: Decimal = Field(default=Decimal(0), sa_type=Money)
    reserved: Decimal = Field(default=Decimal(0), sa_type=Money)
    cost: Decimal | None = Field(default=None, sa_type=Money)
    currency: str | None = Field(default=None, sa_type=String(3))
    created_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    noticed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProviderDelivery(SQLModel, table=True):
    """A delivery of a provider's webhook that has been read."""

    __tablename__ = "provider_deliveries"

    provider: str = Field(sa_type=String(64), primary_key=True)
    delivery_id: str = Field(sa_type=HASH, primary_key=True)
    task_id: str = Field(sa_type=ID)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ProviderHealth(SQLModel, table=True):
    """How an operation of an account fares; operation "" is the account itself. Averages are exponential.

    `open_until`: it is not asked before, except by the one call of a `trial`. `usd` and `seconds` are those of a call,
    `success` and `quality` 0–1.
    """

    __tablename__ = "provider_health"

    provider: str = Field(sa_type=String(64), primary_key=True)
    account: str = Field(sa_type=String(64), primary_key=True)
    operation: str = Field(sa_type=Line(64), primary_key=True)
    failures: int = 0
    open_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: ErrorKind | None = Field(default=None, sa_type=Name(ErrorKind))
    trial: bool = False
    calls: int = 0
    success: float = 1.0
    seconds: float = 0.0
    usd: float = 0.0
    quality: float | None = None
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ProviderStatus(SQLModel, table=True):
    """A provider as a worker saw it last; the API, which holds no keys, reads this."""

    __tablename__ = "provider_status"

    provider: str = Field(sa_type=String(64), primary_key=True)
    account: str = Field(default="", sa_type=String(64))
    capabilities: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    configured: bool = False
    missing: str = Field(default="", sa_type=Words)
    healthy: bool | None = None
    credits: float | None = None
    note: str = Field(default="", sa_type=Words)
    checked_at: datetime = Field(sa_type=UtcDateTime)


class Event(SQLModel, table=True):
    """A numbered event of a song; live views and webhooks read these."""

    __tablename__ = "events"

    composition_id: str = _song(primary_key=True)
    seq: int = Field(primary_key=True)
    type: EventType = Field(sa_type=Name(EventType))
    time: datetime = Field(sa_type=UtcDateTime)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class Command(SQLModel, table=True):
    """A settled command; `seq` is the event that settled it, `digest` tells a repetition from another command."""

    __tablename__ = "commands"

    composition_id: str = _song(primary_key=True)
    id: str = Field(sa_type=Line(200), primary_key=True)
    seq: int
    kind: str = Field(sa_type=Line(64))
    actor: str = Field(sa_type=Line(200))
    verdict: Verdict = Field(sa_type=Name(Verdict))
    code: str = Field(default="ok", sa_type=Line(64))
    digest: str = Field(default="", sa_type=String(8))
    message: str = Field(default="", sa_type=Words)
    time: datetime = Field(sa_type=UtcDateTime)


class Transition(SQLModel, table=True):
    """One recorded step of a song along the stages."""

    __tablename__ = "transitions"

    composition_id: str = _song(primary_key=True)
    number: int = Field(primary_key=True)
    from_stage: Stage = Field(sa_type=Name(Stage))
    to_stage: Stage = Field(sa_type=Name(Stage))
    revision: int
    take: int = 1
    time: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(sa_type=Line(200))
    command_id: str | None = Field(default=None, sa_type=Line(200))
    result: str | None = Field(default=None, sa_type=HASH)
    context: str | None = Field(default=None, sa_type=HASH)


class StepCache(SQLModel, table=True):
    """The result of a step under its key, shared by all songs."""

    __tablename__ = "step_cache"

    key: str = Field(sa_type=String(128), primary_key=True)
    step: str = Field(sa_type=String(64), index=True)
    result: dict[str, Any] = Field(sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ContextRow(SQLModel, table=True):
    """A song's effective context as JSON, and the key of the documents it follows from; no loss when dropped."""

    __tablename__ = "song_contexts"

    composition_id: str = Field(sa_type=ID, primary_key=True)
    documents: str = Field(sa_type=HASH)
    context: str = Field(sa_type=Text)


class ProgressRow(SQLModel, table=True):
    """What a song is doing right now; overwritten, and no loss when dropped."""

    __tablename__ = "progress"

    composition_id: str = Field(sa_type=ID, primary_key=True)
    stage: Stage = Field(sa_type=Name(Stage))
    step: str = Field(sa_type=Line(64))
    label: str = Field(default="", sa_type=Line(255))
    fraction: float = 0.0
    done: int = 0
    total: int = 0
    time: datetime = Field(sa_type=UtcDateTime)


class ReferenceTrack(SQLModel, table=True):
    """A song that somebody uploaded to come near to; `analysis` is what was heard in it."""

    __tablename__ = "reference_tracks"

    owner: str = Field(sa_type=OWNER, primary_key=True)
    hash: str = Field(sa_type=HASH, primary_key=True)
    filename: str = Field(default="", sa_type=Line(255))
    size: int = Field(sa_type=BigInteger)
    media_type: str = Field(sa_type=Line(127))
    analysis: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)


class IdempotencyRecord(SQLModel, table=True):
    """The answer to a request under its Idempotency-Key; `status` is null while the first one is in flight."""

    __tablename__ = "idempotency_records"

    owner: str = Field(sa_type=OWNER, primary_key=True)
    key: str = Field(sa_type=String(255), primary_key=True)
    method_path: str = Field(sa_type=String(512))
    body_sha256: str = Field(sa_type=HASH)
    status: int | None = None
    body: str | None = Field(default=None, sa_type=Words)
    headers: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
