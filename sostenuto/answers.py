"""What the API answers, typed. Fields that a newer server adds are ignored."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.access import Role
from domain.commands import CommandKind
from domain.providers import BUILTIN, Capabilities
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage, StageStatus
from domain.state import Block


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


def _or_nothing(amount: Any) -> Any:
    return 0 if amount is None else amount


def _known(model: type[BaseModel], value: Any) -> Any:
    """What `model` knows of a value: it forbids other fields where people write them, an answer may have them."""
    if not isinstance(value, Mapping):
        return value
    fields = {name: model.model_fields[name].annotation for name in value if name in model.model_fields}
    return {
        name: _known(kind, value[name]) if isinstance(kind, type) and issubclass(kind, BaseModel) else value[name]
        for name, kind in fields.items()
    }


# Whoever sees a song only because it is public is told no amounts.
Dollars = Annotated[Decimal, BeforeValidator(_or_nothing)]
KnownSettings = Annotated[SongSettings, BeforeValidator(partial(_known, SongSettings))]
KnownBlock = Annotated[Block, BeforeValidator(partial(_known, Block))]


class Status(_Answer):
    """The short form of a song; `progress` in per cent, `sequence` the number of its newest event.

    `etag` is what `if_match` takes; None where it was not told, as in a list.
    """

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
    blocked: KnownBlock | None = None
    allowed_commands: tuple[CommandKind, ...] = ()
    allowed_targets: tuple[Stage, ...] = ()
    sequence: int = 0
    etag: str | None = None


class Reference(_Answer):
    """An uploaded song; `use` is the wish that names it, `notes` what was found in the file.

    `hash` is the SHA-256 of the file, `size` in bytes, `kind` music, voice or unclear, `rate` in Hz, `correlation` of
    left and right from -1 to 1, both confidences 0 to 1.
    """

    hash: str
    filename: str
    size: int = 0
    media_type: str = ""
    kind: str
    duration_s: float
    rate: int = 0
    channels: int = 0
    integrated_lufs: float
    loudness_range_lu: float = 0.0
    true_peak_dbtp: float = 0.0
    correlation: float = 0.0
    tempo_bpm: float
    tempo_confidence: float = 0.0
    key: str
    key_confidence: float = 0.0
    clipped_samples: int = 0
    notes: tuple[str, ...] = ()
    use: Mapping[str, Any]
    created_at: datetime | None = None


class SongSummary(Status):
    """A song in a list; `links` are addresses by name, `temporal_ui` among them.

    `role` is what the caller is to it; `owner` is None where they only see it because it is public. `family` is the id
    of the first version, `parent_id` that of the version it was made from, `is_main` says which one counts.
    """

    title: str
    prompt: str
    owner: str | None = None
    role: Role = Role.OWNER
    is_public: bool = False
    version_number: int = 1
    family: str = ""
    is_main: bool = True
    parent_id: str | None = None
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
    time: datetime | None = None


class Song(SongSummary):
    """A song in full; `context` is None while the media store is away.

    `spent_usd` is what providers have charged for it, `reserved_usd` what open calls of theirs may still be charged;
    both are 0 for whoever only sees it because it is public. `consistent` says that its workflow itself was asked.
    """

    settings: KnownSettings
    seed: int
    held: bool = False
    enhancement_accepted: bool | None = None
    context: Mapping[str, Any] | None = None
    stages: tuple[StageAnswer, ...] = ()
    now: Progress | None = None
    spent_usd: Dollars = Decimal(0)
    reserved_usd: Dollars = Decimal(0)
    consistent: bool = False

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
    """A stored file of a song; `hash` is the SHA-256 of its content, `size` in bytes, `url` below the API's root."""

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
    url: str = ""
    created_at: datetime | None = None


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
