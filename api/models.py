"""What goes in and comes out of the API: request bodies and views, each with an example."""

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from domain.access import Role
from domain.commands import CommandKind, CommandResult
from domain.events import EventType
from domain.providers import ErrorKind
from domain.providing import Provided
from domain.settings import MAX_PROMPT_CHARACTERS, SongSettings, normalise_review
from domain.stages import SongStatus, Stage, StageStatus
from domain.state import Block
from domain.steps import Artifact, Completeness, MediaType
from domain.strict import Whole

MAX_DEPTH = 12
# What a database integer holds.
MAX_NUMBER = 2**31 - 1


def _plain_text(text: str) -> str:
    if any(not char.isprintable() for char in text):
        raise ValueError("a title is one line of printable characters")
    return text.strip() or "Untitled"


def _shallow(changes: dict[str, Any]) -> dict[str, Any]:
    for depth, value in _walk(changes, 1):
        if depth > MAX_DEPTH:
            raise ValueError(f"changes nest at most {MAX_DEPTH} levels deep")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("a number is finite")
    return changes


def _walk(root: Any, depth: int) -> Iterator[tuple[int, Any]]:
    """Values with their depth, without recursion: a hostile body cannot exhaust the stack."""
    waiting = [(depth, root)]
    while waiting:
        depth, value = waiting.pop()
        yield depth, value
        if depth > MAX_DEPTH:
            return
        if isinstance(value, Mapping):
            waiting.extend((depth + 1, inner) for inner in value.values())
        elif isinstance(value, list):
            waiting.extend((depth + 1, inner) for inner in value)


def _named_review(settings: Any) -> Any:
    review = settings.get("review") if isinstance(settings, Mapping) else None
    nothing = isinstance(settings, Mapping) and "review" in settings and review is None
    if nothing or (isinstance(review, list) and not all(isinstance(stage, str) for stage in review)):
        raise ValueError('review names stages: such as ["mixing"], "all" or "none"')
    return settings


Changes = Annotated[
    dict[str, Any],
    AfterValidator(_shallow),
    Field(
        description="Context patch, nested or by dot paths; null takes a setting back.",
        examples=[{"technical.loudness_target": -16, "musical": {"tempo": 92}}],
    ),
]
Title = Annotated[str, AfterValidator(_plain_text), Field(max_length=255)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def _example(**fields: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra={"examples": [fields]})


class StartSong(_Body):
    """A new song: what it should be (`prompt`, `context`) and how it is produced (`settings`)."""

    model_config = _example(
        prompt="melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor, about one minute",
        title="Rainy Window",
        settings={"review": ["ideation"], "formats": ["flac", "mp3"], "seed": 7},
        context={"technical.loudness_target": -14},
    )

    # Checked by domain.check_prompt, so that every door says the same; the limits are told to readers only.
    prompt: str = Field(json_schema_extra={"minLength": 1, "maxLength": MAX_PROMPT_CHARACTERS})
    title: Title = "Untitled"
    settings: Annotated[SongSettings, BeforeValidator(_named_review)] = SongSettings()
    context: Changes = {}


class _CommandBody(_Body):
    expected_stage: Stage | None = Field(default=None, description="Refuse unless the song is at this stage.")
    expected_revision: Whole | None = Field(
        default=None, ge=0, le=MAX_NUMBER, description="Refuse unless the stage is at it."
    )
    expected_sequence: Whole | None = Field(
        default=None, ge=0, le=MAX_NUMBER, description="Refuse (412) unless this is the song's newest event."
    )


class AdvanceBody(_CommandBody):
    """Go on to the next stage, or to an adjacent `target`; `changes` are applied on the way."""

    model_config = _example(target="mixing")

    target: Stage | None = None
    changes: Changes = {}


class ReviseBody(_CommandBody):
    """Change something and process a stage again, at the latest the current one; then the song goes on by itself."""

    model_config = _example(instruction="a bit slower", changes={"musical.key": "D minor"})

    stage: Stage | None = None
    changes: Changes = {}
    instruction: str | None = Field(default=None, max_length=2000)


class RevertBody(_CommandBody):
    """Go back to an earlier result of a stage."""

    model_config = _example(stage="composition", revision=1)

    stage: Stage
    revision: Whole = Field(ge=1, le=MAX_NUMBER)


class PlainBody(_CommandBody):
    """A command that needs nothing more."""

    model_config = _example(expected_stage="mastering")


class ChoiceBody(_CommandBody):
    """Which stage the take belongs to; the current one where it is not said."""

    model_config = _example(stage="composition")

    stage: Stage | None = None


class ReviewBody(_CommandBody):
    """After which stages the song waits for a decision: names, "all" or "none"."""

    model_config = _example(review=["arrangement", "mixing"])

    review: list[Stage] | Literal["all", "none"]

    def stages(self) -> list[str]:
        """The named stages in production order."""
        named = normalise_review(self.review)
        assert isinstance(named, tuple)
        return [stage.value for stage in named]


class CommandAnswer(BaseModel):
    """What became of a command. `pending`: it is stored and applied once as soon as a worker is up."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "command_id": "4f1c",
                    "kind": "advance",
                    "verdict": "accepted",
                    "code": "ok",
                    "message": "mixing starts",
                    "status": "running",
                    "current_stage": "mixing",
                    "allowed_targets": ["production"],
                    "allowed_commands": ["revise", "hold", "cancel"],
                    "duplicate": False,
                }
            ]
        }
    )

    command_id: str
    kind: CommandKind
    verdict: Literal["accepted", "pending"]
    code: str = "ok"
    message: str
    status: SongStatus
    current_stage: Stage
    allowed_targets: tuple[Stage, ...] = ()
    allowed_commands: tuple[CommandKind, ...] = ()
    duplicate: bool = False

    @classmethod
    def of(cls, result: CommandResult) -> "CommandAnswer":
        """The answer that a song's workflow gave."""
        return cls(**result.model_dump(exclude={"verdict"}), verdict="accepted")


class Progress(BaseModel):
    """What a song is doing right now; `fraction` 0 to 1 of the step."""

    stage: Stage
    step: str
    label: str
    fraction: float
    done: int
    total: int
    time: datetime


class SongStatusView(BaseModel):
    """The short form of a song."""

    id: str
    status: SongStatus
    current_stage: Stage
    progress: float = Field(description="Completed stages in per cent.")
    is_completed: bool
    checks_ok: bool = Field(description="Whether the finished song holds every check of its own.")
    started: bool = Field(description="False until Temporal has taken the song.")
    waiting_for: str | None = Field(description="What has to happen before the song goes on, in words.")
    waiting_since: datetime | None
    gate_deadline: datetime | None
    blocked: Block | None
    allowed_commands: list[CommandKind]
    allowed_targets: list[Stage]
    sequence: int = Field(description="Number of the newest event.")


class SongSummary(SongStatusView):
    """A song in a list."""

    title: str
    prompt: str
    owner: str | None = Field(description="Whose song it is; null where you only see it because it is public.")
    role: Role = Field(description="What you are to the song.")
    is_public: bool = Field(description="Whether anybody may see it.")
    version_number: int
    family: str = Field(description="Id of the first version, which all versions share.")
    is_main: bool = Field(description="Whether it is the version of its family that counts.")
    parent_id: str | None = Field(description="The version that it was made from.")
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    links: dict[str, str] = Field(description="status, events, history, media, download, sketch and temporal_ui.")


class StageView(BaseModel):
    """One stage of a song; `computed` and `reused` count its steps, `seconds` is its wall-clock time."""

    stage: Stage
    status: StageStatus
    revision: int
    take: int
    takes: int
    started_at: datetime | None
    completed_at: datetime | None
    computed: int
    reused: int
    seconds: float
    provider: str = Field(description="Who made it; `builtin` is our own engine.")
    fallback_from: str | None = Field(description="Who was asked before, and failed.")
    cost: str = Field(description="What providers were paid for all its revisions, in US dollars.")


class Decision(BaseModel):
    """What a step of a stage decided and why, such as `lead.pan`, 0.2, and the reason in words."""

    what: str
    value: Any = None
    reason: str


class StageDetail(StageView):
    """A stage with what it made: context patch, artifacts, measurements and the parameters of its steps.

    `decisions` tells what its steps decided and why, in their order. `provided` tells for each task who was asked, who
    did it and why, who failed before, and what it cost.
    """

    context: dict[str, Any] | None = Field(description="Effective context with which the stage was processed.")
    outputs: dict[str, Artifact]
    patch: dict[str, Any]
    measured: dict[str, float | int | str | bool]
    steps: list[dict[str, Any]]
    decisions: list[Decision] = []
    provided: list[Provided]
    requires: tuple[str, ...] = Field(description="Context paths and artifacts without which it does not start.")
    completeness: Completeness


class SongDetail(SongSummary):
    """All of a song: settings, effective context, stages, what it does right now."""

    settings: SongSettings
    seed: int
    held: bool
    enhancement_accepted: bool | None
    context: dict[str, Any] | None = Field(description="Effective context; null while the media store is away.")
    stages: list[StageView]
    now: Progress | None
    spent_usd: Decimal | None = Field(
        description="What providers have charged for this song, in US dollars; null for the public."
    )
    reserved_usd: Decimal | None = Field(description="What its open calls of providers may still be charged.")
    consistent: bool = Field(default=False, description="Whether the workflow itself was asked.")


class SongList(BaseModel):
    """A page of songs, newest change first; `next_cursor` fetches the next one."""

    items: list[SongSummary]
    next_cursor: str | None


class TransitionView(BaseModel):
    """One recorded step of a song along the stages."""

    number: int
    from_stage: Stage
    to_stage: Stage
    revision: int
    take: int
    time: datetime
    by: str
    command_id: str | None
    context: str | None = Field(description="Hash of the context as it then was.")


class History(BaseModel):
    """Recorded steps, newest first; `next_before` fetches older ones."""

    items: list[TransitionView]
    next_before: int | None


class MediaView(BaseModel):
    """A file of a song; `hash` is its SHA-256 and `url` serves its bytes."""

    name: str
    filename: str | None
    stage: Stage
    revision: int
    take: int
    type: MediaType
    media_type: str
    hash: str
    size: int
    details: dict[str, Any]
    url: str
    created_at: datetime


class MediaList(BaseModel):
    """Files of a song, newest revision first."""

    items: list[MediaView]


class EnhancementView(BaseModel):
    """What became of the prompt, with the reasoning step by step; `confidence` 0 to 1."""

    id: str
    revision: int
    take: int
    original: str
    enhanced: str
    method: str
    parameters: dict[str, Any]
    reasoning: list[Any]
    confidence: float
    accepted: bool | None
    created_at: datetime


class EnhancementList(BaseModel):
    """Enhancements of a song, newest first."""

    items: list[EnhancementView]


class ProviderTaskView(BaseModel):
    """A call of an outside provider and its money: `quoted` before it, `reserved` while it is open, `cost` at its end.

    Amounts are in `currency`. `attempt` counts the calls for one order, `resubmission` how often a person has had it
    placed again; `error_kind` is what went wrong whatever the vendor calls it, `error` the vendor's words.
    """

    id: str
    provider: str
    task_type: str
    operation: str
    stage: Stage
    take: int
    attempt: int
    resubmission: int
    status: str
    provider_job_id: str | None
    error_kind: ErrorKind | None
    error: str | None
    duration_s: float | None
    tokens: int | None
    quoted: Decimal
    reserved: Decimal
    cost: Decimal | None
    currency: str | None
    created_at: datetime
    accepted_at: datetime | None
    completed_at: datetime | None


class ProviderTaskList(BaseModel):
    """Provider calls of a song, oldest first."""

    items: list[ProviderTaskView]


class EventView(BaseModel):
    """A numbered event of a song; `seq` is the id to resume from."""

    composition_id: str
    seq: int
    type: EventType
    time: datetime
    payload: dict[str, Any]
