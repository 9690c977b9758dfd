"""Outside providers as data: what they can do, what can go wrong with them, and what was decided about them.

No adapter is known here: the router decides on these models alone (`domain.routing`).
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_serializer

BUILTIN = "builtin"
"""The name of Sostenuto's own engine among the providers."""

PROVIDERS = (
    BUILTIN, "suno", "udio", "elevenlabs", "mureka", "ace_step", "musicgen", "musicgen_local", "stable_audio",
    "openai", "anthropic", "local_llm",
)  # fmt: skip
"""The names that this version knows, for doors that know no adapter."""

NO_PROVIDER = "no_provider"
"""Code of a block: everybody who could do a task was tried, or may not be asked."""

OUTCOME_UNKNOWN = "outcome_unknown"
"""Code of a block: an order may have been accepted and charged, and nobody can tell."""

PROVIDER_QUEUE = "sostenuto-provider-{name}"
"""Temporal task queue of one provider, where its rate limit applies."""


class Task(StrEnum):
    """What a stage may ask of a provider."""

    FULL_SONG = "full_song"
    INSTRUMENTAL = "instrumental"
    VOCALS = "vocals"
    LYRICS = "lyrics"
    ENHANCEMENT = "enhancement"
    MUSIC_THEORY = "music_theory"
    MELODY = "melody"
    BASS = "bass"
    RHYTHM = "rhythm"
    STRUCTURE = "structure"
    STEMS = "stems"
    SECTION_EDIT = "section_edit"
    ANALYSIS = "analysis"
    TRANSFORMATION = "transformation"


SOUND_TASKS = frozenset(
    {Task.FULL_SONG, Task.INSTRUMENTAL, Task.VOCALS, Task.STEMS, Task.SECTION_EDIT, Task.TRANSFORMATION}
)
"""Tasks whose result is audio."""

FOLLOWING_TASKS = frozenset({Task.STEMS, Task.SECTION_EDIT})
"""Tasks that work on an earlier result and go back to the provider that made it."""


class ErrorKind(StrEnum):
    """What went wrong, whatever the vendor calls it."""

    AUTH = "auth"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    PLAN_DENIED = "plan_denied"
    MODERATION = "moderation"
    COPYRIGHT = "copyright"
    INVALID_REQUEST = "invalid_request"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    CONCURRENCY_LIMIT = "concurrency_limit"
    OVERLOADED = "overloaded"
    UPSTREAM = "upstream"
    TIMEOUT = "timeout"
    OUTCOME_UNKNOWN = "outcome_unknown"
    RESULT_EXPIRED = "result_expired"
    UNSUPPORTED = "unsupported"


RETRIED = frozenset(
    {ErrorKind.RATE_LIMITED, ErrorKind.CONCURRENCY_LIMIT, ErrorKind.OVERLOADED, ErrorKind.UPSTREAM, ErrorKind.TIMEOUT}
)
"""Errors after which the same provider may be asked again: it said, or it is sure, that it took nothing."""


class Completion(StrEnum):
    """How a provider hands over what it made."""

    BYTES = "bytes"
    JSON = "json"
    POLL = "poll"
    HTTP_STATUS = "http_status"
    CALLBACK = "callback"
    SSE = "sse"


class Evidence(StrEnum):
    """How sure a part of a vendor's contract is."""

    VERIFIED = "verified"
    SECOND_HAND = "second-hand"
    UNVERIFIED = "unverified"


class Price(BaseModel):
    """What a call costs, in US dollars for one `per`; language models take `usd` for tokens in, `usd_out` for out."""

    model_config = ConfigDict(frozen=True)

    usd: Decimal = Decimal(0)
    per: Literal["call", "song", "minute", "million tokens"] = "call"
    usd_out: Decimal = Decimal(0)
    note: str = ""


class Capabilities(BaseModel):
    """What a provider can do, declared as data and checked before any call.

    Durations in seconds; `quality` and `speed` 0–1 count until there are statistics. `commercial` says whether its
    results may be sold: "plan" depends on the account's plan. `calls_per_s` is the vendor's limit, None where it
    names none. `evidence` marks each operation of its contract.
    """

    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
    title: str
    tasks: frozenset[Task]
    vocals: bool = False
    lyrics: bool = False
    languages: tuple[str, ...] = ()
    shortest_s: float = 0.0
    longest_s: float = 0.0
    formats: tuple[str, ...] = ()
    section_edit: bool = False
    stems: bool = False
    reference_audio: bool = False
    seed: bool = False
    price: Price = Price()
    commercial: Literal["yes", "no", "plan", "unknown"] = "unknown"
    licence: str = ""
    official: bool = True
    quality: Annotated[float, Field(ge=0, le=1)] = 0.5
    speed: Annotated[float, Field(ge=0, le=1)] = 0.5
    completion: tuple[Completion, ...] = ()
    calls_per_s: float | None = None
    evidence: dict[str, Evidence] = {}
    note: str = ""

    @field_serializer("tasks")
    def _in_order(self, tasks: frozenset[Task]) -> list[Task]:
        """A set has no order, and the same should be written the same."""
        return sorted(tasks)


class Breaker(BaseModel):
    """Whether a (provider, account, operation) may be asked now: `open_for_s` more seconds it may not."""

    model_config = ConfigDict(frozen=True)

    open_for_s: float = 0.0
    reason: str = ""


class Statistics(BaseModel):
    """How a provider's calls of one task went so far; averages are exponential. `calls` 0: nothing is known."""

    model_config = ConfigDict(frozen=True)

    calls: int = 0
    success: float = 1.0
    seconds: float = 0.0
    usd: float = 0.0
    quality: float | None = None


class Candidate(BaseModel):
    """A provider as the router sees it at one moment.

    `configured` is False with a reason in `missing` (such as a key that is not set); `unable` is why a configured one
    cannot take this very order, in its adapter's words. `quote_usd` is what this very call would cost; `left_usd` what
    its own daily budget still allows. `plan_commercial`: the operator says that the account's plan lets results be
    sold, where that depends on the plan.
    """

    model_config = ConfigDict(frozen=True)

    capabilities: Capabilities
    configured: bool = True
    missing: str = ""
    unable: str = ""
    quote_usd: Decimal = Decimal(0)
    left_usd: Decimal | None = None
    plan_commercial: bool = False
    breaker: Breaker = Breaker()
    account: Breaker = Breaker()
    statistics: Statistics = Statistics()


class Needs(BaseModel):
    """What a call needs, as far as choosing a provider goes. `origin` is who made the result that is worked on."""

    model_config = ConfigDict(frozen=True)

    task: Task
    duration_s: float | None = None
    vocals: bool = False
    lyrics: bool = False
    reference_audio: bool = False
    format: str = ""
    origin: str = ""


class Wishes(BaseModel):
    """What the song's settings say about providers. `left_usd` is what budgets of song, owner and day still allow.

    `order` takes the place of the usual order for the task. `after_moderation` says whether another provider may be
    asked for what one has refused; `moderation_order` who alone may be then, besides the built-in engine (None: all).
    """

    model_config = ConfigDict(frozen=True)

    preferred: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    order: tuple[str, ...] | None = None
    unofficial_allowed: bool = False
    commercial: bool = False
    left_usd: Decimal | None = None
    after_moderation: Literal["stop", "next"] = "next"
    moderation_order: tuple[str, ...] | None = None


class Tried(BaseModel):
    """An attempt of this very call that has failed."""

    model_config = ConfigDict(frozen=True)

    provider: str
    kind: ErrorKind
    reason: str = ""


class Refusal(BaseModel):
    """A provider that is not asked, and why."""

    model_config = ConfigDict(frozen=True)

    provider: str
    reason: str


class Choice(BaseModel):
    """What the router decided: `provider` is empty when there is none left.

    `ranking` holds all that could be asked, best first; `refused` all others with the reason; `reasons` tells a
    person why the first is first.
    """

    model_config = ConfigDict(frozen=True)

    task: Task
    provider: str = ""
    quote_usd: Decimal = Decimal(0)
    ranking: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    reasons: tuple[str, ...] = ()
