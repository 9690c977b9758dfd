"""What the API answers, typed. Fields that a newer server adds are ignored."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.commands import CommandKind
from domain.providers import BUILTIN, Capabilities
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage, StageStatus
from domain.state import Block


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Status(_Answer):
    """The short form of a song; `progress` in per cent, `sequence` the number of its newest event."""

    id: str
    status: SongStatus
    current_stage: Stage
    progress: float
    is_completed: bool = False
    checks_ok: bool = False
    started: bool = True
    waiting_for: str | None = None
    waiting_since: datetime | None = None
    gate_deadline: datetime | None = None
    blocked: Block | None = None
    allowed_commands: tuple[CommandKind, ...] = ()
    allowed_targets: tuple[Stage, ...] = ()
    sequence: int = 0


class Reference(_Answer):
    """An uploaded song; `use` is the wish that names it, `notes` what was found in the file."""

    hash: str
    filename: str
    kind: str
    duration_s: float
    integrated_lufs: float
    key: str
    tempo_bpm: float
    notes: tuple[str, ...] = ()
    use: Mapping[str, Any]


class SongSummary(Status):
    """A song in a list; `links` are addresses by name, `temporal_ui` among them."""

    title: str
    prompt: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    links: Mapping[str, str] = {}


class StageAnswer(_Answer):
    """One stage of a song; `seconds` of work, `computed` and `reused` count its steps.

    `provider` made it, after `fallback_from` had failed; `cost` in US dollars is that of all its revisions.
    """

    stage: Stage
    status: StageStatus
    revision: int = 0
    take: int = 1
    takes: int = 1
    started_at: datetime | None = None
    completed_at: datetime | None = None
    computed: int = 0
    reused: int = 0
    seconds: float = 0.0
    provider: str = BUILTIN
    fallback_from: str | None = None
    cost: str = "0"


class Progress(_Answer):
    """What a song is doing right now; `fraction` 0 to 1 of the step."""

    stage: Stage
    step: str
    label: str = ""
    fraction: float = 0.0
    done: int = 0
    total: int = 0


class Song(SongSummary):
    """A song in full; `context` is None while the media store is away.

    `spent_usd` is what providers have charged for it, `reserved_usd` what open calls of theirs may still be charged.
    """

    settings: SongSettings
    seed: int
    held: bool = False
    context: Mapping[str, Any] | None = None
    stages: tuple[StageAnswer, ...] = ()
    now: Progress | None = None
    spent_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)

    def stage(self, stage: Stage) -> StageAnswer | None:
        """How one stage stands, or None when the song has not got there."""
        return next((entry for entry in self.stages if entry.stage is stage), None)


class SongPage(_Answer):
    """A page of songs, newest change first; `next_cursor` fetches the next one, None on the last."""

    items: tuple[SongSummary, ...] = ()
    next_cursor: str | None = None


class CommandAnswer(_Answer):
    """What became of a command. `pending`: it is stored and applied once as soon as a worker is up."""

    command_id: str
    kind: CommandKind
    verdict: Literal["accepted", "pending", "rejected"]
    code: str = "ok"
    message: str
    status: SongStatus
    current_stage: Stage
    allowed_targets: tuple[Stage, ...] = ()
    allowed_commands: tuple[CommandKind, ...] = ()
    duplicate: bool = False


class MediaFile(_Answer):
    """A stored file of a song; `hash` is the SHA-256 of its content, `size` in bytes."""

    name: str
    filename: str | None = None
    stage: Stage
    revision: int
    take: int = 1
    type: str = ""
    media_type: str = ""
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    details: Mapping[str, Any] = {}


class MediaList(_Answer):
    """Files of a song, newest revision first."""

    items: tuple[MediaFile, ...] = ()


class Pause(_Answer):
    """A provider's operation that is left alone for so many seconds; the empty operation is the whole account."""

    operation: str
    seconds: float
    reason: str = ""


class Provider(_Answer):
    """A provider as a worker saw it at `checked_at`; `missing` is why it is not offered, amounts are US dollars."""

    name: str
    configured: bool
    missing: str = ""
    healthy: bool | None = None
    credits: float | None = None
    note: str = ""
    capabilities: Capabilities
    spent_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)
    pauses: tuple[Pause, ...] = ()
    checked_at: datetime | None = None


class ProviderList(_Answer):
    """All providers, Sostenuto's own engine first."""

    items: tuple[Provider, ...] = ()


class LiveMessage(_Answer):
    """A live message: a numbered event, or the unnumbered `progress` and `quiet` (then `seq` is None)."""

    seq: int | None
    type: str
    payload: Mapping[str, Any]
