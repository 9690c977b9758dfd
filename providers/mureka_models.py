"""Mureka's contract as data: requests and answers, limits, errors, and what it can do."""

from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task

NAME: Final = "mureka"
TITLE: Final = "Mureka"
BASE_URL: Final = "https://api.mureka.ai"
DEFAULT_MODEL: Final = "auto"
REASONING_MODEL: Final = "mureka-o2"
"""Makes songs only, no instrumentals."""
EXTENDING: Final = ("mureka-8", "mureka-7.6")
"""Models that continue a song; the first is taken where the account's model is none of them."""
MAX_LYRICS: Final = 5_000
MAX_PROMPT: Final = 1_024
MAX_EASY_PROMPT: Final = 2_000
MAX_SONGS: Final = 3
EXTEND_AT_MS: Final = (8_000, 420_000)
EDIT_SPAN_S: Final = 3.0
EDIT_MARGIN_S: Final = 12.0
MAX_STEM_UPLOAD_BYTES: Final = 10 << 20
STEM_UPLOADS: Final = frozenset({"audio/mpeg", "audio/mp4"})
LONGEST_S: Final = 300.0

SONG_USD: Final[dict[str, Decimal]] = {"mureka-9.5": Decimal("0.15"), "auto": Decimal("0.15")}
"""Prices seen of single models; `auto` is the newest, so it is quoted as that."""
DEFAULT_SONG_USD: Final = Decimal("0.045")
STEMS_USD: Final = Decimal("0.06")

QUERIES: Final[dict[str, str]] = {"instrumental": "/v1/instrumental/query"}
"""Where a job is asked for, by operation; all others at the songs' address."""
SONG_QUERY: Final = "/v1/song/query"

RUNNING: Final = frozenset({"preparing", "queued", "running", "streaming", "reviewing"})
PROGRESS: Final = {"preparing": 0.0, "queued": 0.05, "running": 0.3, "streaming": 0.6, "reviewing": 0.9}

BY_STATUS: Final[dict[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    403: ErrorKind.PLAN_DENIED,
    404: ErrorKind.NOT_FOUND,
    413: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    451: ErrorKind.MODERATION,
    500: ErrorKind.UPSTREAM,
    503: ErrorKind.OVERLOADED,
}

BY_WORD: Final[tuple[tuple[str, ErrorKind], ...]] = (
    ("quota", ErrorKind.INSUFFICIENT_CREDITS),
    ("balance", ErrorKind.INSUFFICIENT_CREDITS),
    ("credit", ErrorKind.INSUFFICIENT_CREDITS),
    ("concurren", ErrorKind.CONCURRENCY_LIMIT),
)
"""What the message of a 429 says decides: the status stands for too many calls and for an empty account."""

FAILED_BY_STATUS: Final = {"timeouted": ErrorKind.TIMEOUT}
FAILED_BY_WORD: Final[tuple[tuple[str, ErrorKind], ...]] = (
    ("safety", ErrorKind.MODERATION),
    ("sensitive", ErrorKind.MODERATION),
    ("moderation", ErrorKind.MODERATION),
    ("review", ErrorKind.MODERATION),
    ("copyright", ErrorKind.COPYRIGHT),
)
"""What the reason of a failed job says; all others are the vendor's own failure."""


class Generate(BaseModel):
    """A song to given lyrics, a song to a prompt alone (`lyrics` unset), or an instrumental; `n` songs are billed."""

    model: str
    n: int
    lyrics: str | None = None
    prompt: str | None = None
    gender: str | None = None


class Extend(BaseModel):
    """A continuation from `extend_at` milliseconds on."""

    song_id: str
    lyrics: str
    extend_at: int
    extend_type: str
    model: str


class RegionEdit(BaseModel):
    """A span of a song in milliseconds, to be made anew."""

    song_id: str
    edit_start: int
    edit_end: int
    lyrics: str | None = None


class Separate(BaseModel):
    """A song to take apart: an address, or the sound as a data URL."""

    url: str
    model: str | None = None


class Word(BaseModel):
    """A sung word; milliseconds."""

    model_config = ConfigDict(extra="ignore")

    start: float
    end: float
    text: str


class Line(BaseModel):
    """A sung line."""

    model_config = ConfigDict(extra="ignore")

    words: tuple[Word, ...] | None = None


class LyricsSection(BaseModel):
    """A sung section."""

    model_config = ConfigDict(extra="ignore")

    lines: tuple[Line, ...] | None = None


class Choice(BaseModel):
    """A song that was made; `duration` in milliseconds, addresses hold for 30 days."""

    model_config = ConfigDict(extra="ignore")

    id: str = ""
    url: str | None = None
    flac_url: str | None = None
    wav_url: str | None = None
    duration: float | None = None
    lyrics_sections: tuple[LyricsSection, ...] | None = None


class Song(BaseModel):
    """A job and, once it has succeeded, its songs."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: str
    model: str = ""
    failed_reason: str | None = None
    choices: tuple[Choice, ...] | None = None


class Separated(BaseModel):
    """Where the archives of stems and of MIDI files lie."""

    model_config = ConfigDict(extra="ignore")

    zip_url: str
    midi_zip_url: str | None = None


class Billing(BaseModel):
    """The account's balance."""

    model_config = ConfigDict(extra="ignore")

    balance: float
    concurrent_request_limit: int | None = None


class Complaint(BaseModel):
    """What went wrong, in words."""

    model_config = ConfigDict(extra="ignore")

    message: str = ""


class Refused(BaseModel):
    """An error document."""

    model_config = ConfigDict(extra="ignore")

    error: Complaint = Complaint()
    trace_id: str = ""


def capabilities(*, model: str, song_usd: Decimal) -> Capabilities:
    """What an account can do with its model."""
    return Capabilities(
        name=NAME,
        title=TITLE,
        tasks=frozenset({Task.FULL_SONG, Task.INSTRUMENTAL, Task.STEMS, Task.SECTION_EDIT})
        - ({Task.INSTRUMENTAL} if model == REASONING_MODEL else frozenset()),
        vocals=True,
        lyrics=True,
        languages=("zh", "en", "ja", "ko", "pt", "es", "de", "fr", "it", "ru"),
        shortest_s=0.0,
        longest_s=LONGEST_S,
        formats=("wav", "flac", "mp3"),
        section_edit=True,
        stems=True,
        price=Price(usd=song_usd, per="song", note="stems $0.06; seen second-hand"),
        commercial="plan",
        licence="Mureka's terms for its paid API, which grant commercial use",
        quality=0.75,
        speed=0.6,
        completion=(Completion.POLL,),
        evidence={
            "song": Evidence.VERIFIED,
            "easy_song": Evidence.VERIFIED,
            "instrumental": Evidence.VERIFIED,
            "extend": Evidence.VERIFIED,
            "region_edit": Evidence.VERIFIED,
            "stems": Evidence.VERIFIED,
            "billing": Evidence.VERIFIED,
            "errors": Evidence.VERIFIED,
            "reasons of failed jobs": Evidence.UNVERIFIED,
            "price": Evidence.SECOND_HAND,
        },
        note="The length cannot be ordered; outputs may carry a watermark of 5 s at their end.",
    )
