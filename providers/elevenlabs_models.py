"""ElevenLabs Music's contract as data: requests and answers, limits, errors, and what it can do."""

from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task

NAME: Final = "elevenlabs"
TITLE: Final = "ElevenLabs Music"
BASE_URL: Final = "https://api.elevenlabs.io"
DEFAULT_MODEL: Final = "music_v2_5"
MODELS: Final = ("music_v1", "music_v2", "music_v2_5")
SHORTEST_MS: Final = 3_000
LONGEST_MS: Final = 600_000
MAX_CHUNKS: Final = 30
MIN_RANGE_MS: Final = 50
SECTION_MS: Final = (3_000, 120_000)
"""Shortest and longest section of a plan of music_v1."""
MAX_LINES: Final = 30
MAX_LINE: Final = 200
MAX_PROMPT: Final = 4_100
MAX_UPLOAD_BYTES: Final = 200 << 20
USD_PER_MINUTE: Final = Decimal("0.80")
"""The highest resale price that was seen, for a started minute: the direct price depends on the plan."""

BY_CODE: Final[dict[str, ErrorKind]] = {
    "bad_prompt": ErrorKind.MODERATION,
    "bad_composition_plan": ErrorKind.MODERATION,
    "invalid_api_key": ErrorKind.AUTH,
    "copyrighted_material": ErrorKind.COPYRIGHT,
    "quota_exceeded": ErrorKind.INSUFFICIENT_CREDITS,
    "too_many_concurrent_requests": ErrorKind.CONCURRENCY_LIMIT,
    "system_busy": ErrorKind.OVERLOADED,
}
"""What `detail.status` says; it says more than the HTTP status, which is 401 also for an empty account."""

BY_STATUS: Final[dict[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.PLAN_DENIED,
    404: ErrorKind.NOT_FOUND,
    413: ErrorKind.INVALID_REQUEST,
    422: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    500: ErrorKind.UPSTREAM,
    503: ErrorKind.OVERLOADED,
}


class Range(BaseModel):
    """A part of a stored song, in milliseconds."""

    start_ms: int
    end_ms: int


class GenerationChunk(BaseModel):
    """A stretch of music to make, with lyrics and section tag in `text`."""

    text: str
    duration_ms: int
    positive_styles: tuple[str, ...] = ()
    negative_styles: tuple[str, ...] = ()
    context_adherence: Literal["low", "medium", "high"] | None = None


class ReferenceChunk(BaseModel):
    """A stretch of a stored song, taken over as it is."""

    song_id: str
    range: Range


class ChunkPlan(BaseModel):
    """A composition plan of music_v2 and later."""

    chunks: tuple[GenerationChunk | ReferenceChunk, ...]


class Section(BaseModel):
    """A section of a plan of music_v1."""

    section_name: str
    positive_local_styles: tuple[str, ...] = ()
    negative_local_styles: tuple[str, ...] = ()
    duration_ms: int
    lines: tuple[str, ...] = ()


class SectionPlan(BaseModel):
    """A composition plan of music_v1."""

    positive_global_styles: tuple[str, ...]
    negative_global_styles: tuple[str, ...]
    sections: tuple[Section, ...]


class Compose(BaseModel):
    """The body of compose: either a prompt with length and voice, or a plan with a seed."""

    model_id: str
    prompt: str | None = None
    music_length_ms: int | None = None
    force_instrumental: bool | None = None
    composition_plan: ChunkPlan | SectionPlan | None = None
    seed: int | None = None
    respect_sections_durations: bool | None = None
    store_for_inpainting: bool | None = None
    with_timestamps: bool | None = None


class Word(BaseModel):
    """A sung word."""

    model_config = ConfigDict(extra="ignore")

    word: str
    start_ms: float
    end_ms: float


class Details(BaseModel):
    """The document that comes with the sound of a detailed composition."""

    model_config = ConfigDict(extra="ignore")

    words_timestamps: tuple[Word, ...] | None = None


class Detail(BaseModel):
    """What went wrong; `data` may hold what would be accepted."""

    model_config = ConfigDict(extra="ignore")

    status: str = ""
    message: str = ""
    data: dict[str, Any] | None = None


class Refused(BaseModel):
    """An error document; validation errors come as a list."""

    model_config = ConfigDict(extra="ignore")

    detail: Detail | list[dict[str, Any]] | str = ""


class Subscription(BaseModel):
    """The account's credits of the running period."""

    model_config = ConfigDict(extra="ignore")

    tier: str = ""
    character_count: float = 0
    character_limit: float = 0


def capabilities(*, model: str, keeps_songs: bool, usd_per_minute: Decimal) -> Capabilities:
    """What an account can do; sections are edited where songs are kept, by a model whose plans take references."""
    edits = keeps_songs and model != "music_v1"
    tasks = {Task.FULL_SONG, Task.INSTRUMENTAL, Task.STEMS} | ({Task.SECTION_EDIT} if edits else set())
    return Capabilities(
        name=NAME,
        title=TITLE,
        tasks=frozenset(tasks),
        vocals=True,
        lyrics=True,
        shortest_s=SHORTEST_MS / 1000,
        longest_s=LONGEST_MS / 1000,
        formats=("mp3", "wav"),
        section_edit=edits,
        stems=True,
        seed=True,
        price=Price(usd=usd_per_minute, per="minute", note="by the plan; the default is the highest resale price seen"),
        commercial="plan",
        licence="ElevenLabs music terms; commercial use by the account's plan",
        quality=0.85,
        speed=0.7,
        completion=(Completion.BYTES,),
        evidence={
            "compose": Evidence.VERIFIED,
            "compose_detailed": Evidence.VERIFIED,
            "stems": Evidence.VERIFIED,
            "section_edit": Evidence.VERIFIED,
            "extend": Evidence.VERIFIED,
            "errors": Evidence.VERIFIED,
            "subscription": Evidence.SECOND_HAND,
            "pcm as stereo": Evidence.SECOND_HAND,
            "price": Evidence.UNVERIFIED,
            "billing of failures": Evidence.UNVERIFIED,
        },
        note="A section edit needs a song that was kept (store_for_inpainting, an enterprise feature); "
        "the seed counts with a plan only.",
    )
