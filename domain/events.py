"""Events of a song, numbered without gap by its workflow, each with a schema for its payload."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.stages import Stage


class EventType(StrEnum):
    """What happened."""

    SONG_CREATED = "song_created"
    STAGE_STARTED = "stage_started"
    STAGE_COMPLETE = "stage_complete"
    STAGE_BLOCKED = "stage_blocked"
    STAGE_STALE = "stage_stale"
    STAGE_CHANGED = "stage_changed"
    REVIEW_REQUESTED = "review_requested"
    COMMAND_ACCEPTED = "command_accepted"
    COMMAND_REJECTED = "command_rejected"
    ENHANCEMENT_READY = "enhancement_ready"
    TAKE_READY = "take_ready"
    AUDIO_READY = "audio_ready"
    PROVIDER_SELECTED = "provider_selected"
    PROVIDER_FAILED = "provider_failed"
    COST_RECORDED = "cost_recorded"
    CONTEXT_CHANGED = "context_changed"
    SONG_COMPLETED = "song_completed"
    SONG_CANCELLED = "song_cancelled"


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SongCreated(_Payload):
    title: str
    seed: int


class StageStarted(_Payload):
    stage: Stage
    revision: int
    take: int


class StageComplete(_Payload):
    """`progress` is the song's percentage; `computed` and `reused` count the stage's steps."""

    stage: Stage
    progress: float
    revision: int
    take: int
    computed: int
    reused: int
    seconds: float


class StageBlocked(_Payload):
    stage: Stage
    reason: str
    missing: tuple[str, ...] = ()


class StageStale(_Payload):
    stages: tuple[Stage, ...]


class StageChanged(_Payload):
    """One step of the song along the stages."""

    from_stage: Stage
    to_stage: Stage
    by: str


class ReviewRequested(_Payload):
    stage: Stage
    deadline: datetime | None = None


class CommandSettled(_Payload):
    command_id: str
    kind: str
    actor: str
    message: str
    code: str = "ok"


class EnhancementReady(_Payload):
    title: str
    confidence: float


class TakeReady(_Payload):
    stage: Stage
    take: int


class AudioReady(_Payload):
    """Something can be heard; `url` is relative to the API's root.

    A sketch's `part` is `opening` while the rest is played; `hash` is the file's, `revision` and `take` the stage's.
    """

    stage: Stage
    url: str
    part: Literal["opening", "whole"] = "whole"
    hash: str | None = None
    revision: int | None = None
    take: int | None = None


class ProviderEvent(_Payload):
    stage: Stage
    provider: str
    reason: str = ""


class CostRecorded(_Payload):
    provider: str
    amount: str
    currency: str


class ContextChanged(_Payload):
    paths: tuple[str, ...]
    by: str


class SongCompleted(_Payload):
    seconds: float | None = None
    checks_ok: bool


class SongCancelled(_Payload):
    by: str


PAYLOADS: Mapping[EventType, type[_Payload]] = MappingProxyType(
    {
        EventType.SONG_CREATED: SongCreated,
        EventType.STAGE_STARTED: StageStarted,
        EventType.STAGE_COMPLETE: StageComplete,
        EventType.STAGE_BLOCKED: StageBlocked,
        EventType.STAGE_STALE: StageStale,
        EventType.STAGE_CHANGED: StageChanged,
        EventType.REVIEW_REQUESTED: ReviewRequested,
        EventType.COMMAND_ACCEPTED: CommandSettled,
        EventType.COMMAND_REJECTED: CommandSettled,
        EventType.ENHANCEMENT_READY: EnhancementReady,
        EventType.TAKE_READY: TakeReady,
        EventType.AUDIO_READY: AudioReady,
        EventType.PROVIDER_SELECTED: ProviderEvent,
        EventType.PROVIDER_FAILED: ProviderEvent,
        EventType.COST_RECORDED: CostRecorded,
        EventType.CONTEXT_CHANGED: ContextChanged,
        EventType.SONG_COMPLETED: SongCompleted,
        EventType.SONG_CANCELLED: SongCancelled,
    }
)


class Event(BaseModel):
    """A numbered event; `payload` is of the schema that PAYLOADS names for its type."""

    model_config = ConfigDict(frozen=True)

    seq: int
    type: EventType
    time: datetime
    payload: dict[str, Any]


def event(seq: int, type_: EventType, time: datetime, **payload: Any) -> Event:
    """An event whose payload is checked against its schema."""
    checked = PAYLOADS[type_].model_validate(payload)
    return Event(seq=seq, type=type_, time=time, payload=checked.model_dump(mode="json"))
