"""ACE-Step 1.5's own server in data: what it takes, what it answers, what its errors mean and what it can do."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task

TITLE: Final = "ACE-Step"
BASE_URL: Final = "http://127.0.0.1:8001"
SHORTEST_S: Final = 10.0
LONGEST_S: Final = 600.0
SLOWEST_BPM: Final = 30
FASTEST_BPM: Final = 300
LONGEST_PROMPT: Final = 512
LONGEST_LYRICS: Final = 4096
LARGEST_BATCH: Final = 8
LARGEST_UPLOAD: Final = 200 << 20
SEEDS: Final = 1 << 31
INSTRUMENTAL_LYRICS: Final = "[Instrumental]"
"""What stands for lyrics where nobody sings: there is no switch for it on this server."""
EXTRACT_VOICE: Final = "Extract the vocals track from the audio:"
METERS: Final[Mapping[str, str]] = {"2/4": "2", "3/4": "3", "4/4": "4", "6/8": "6"}
"""Metres by the server's name; any other is left to the model."""

KINDS: Final[Mapping[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    404: ErrorKind.NOT_FOUND,
    413: ErrorKind.INVALID_REQUEST,
    415: ErrorKind.INVALID_REQUEST,
    422: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.OVERLOADED,
    500: ErrorKind.UPSTREAM,
    503: ErrorKind.OVERLOADED,
}
"""Statuses and the envelope's codes alike; 429 says that the queue is full. Any other is UPSTREAM."""

CAPABILITIES: Final = Capabilities(
    name="ace_step",
    title="ACE-Step 1.5 (own server)",
    tasks=frozenset(
        {
            Task.FULL_SONG,
            Task.INSTRUMENTAL,
            Task.VOCALS,
            Task.SECTION_EDIT,
            Task.TRANSFORMATION,
        }
    ),
    vocals=True,
    lyrics=True,
    languages=("en", "zh", "ja", "es", "fr"),
    shortest_s=SHORTEST_S,
    longest_s=LONGEST_S,
    formats=("wav", "flac", "mp3"),
    section_edit=True,
    reference_audio=True,
    seed=True,
    price=Price(usd=Decimal(0), note="runs on your own server"),
    commercial="yes",
    licence="MIT",
    quality=0.7,
    speed=0.7,
    completion=(Completion.POLL,),
    evidence={
        "text2music": Evidence.VERIFIED,
        "cover": Evidence.VERIFIED,
        "repaint": Evidence.VERIFIED,
        "extract": Evidence.VERIFIED,
        "query": Evidence.VERIFIED,
        "download": Evidence.VERIFIED,
        "health": Evidence.VERIFIED,
        "errors": Evidence.VERIFIED,
        "instrumental by lyrics": Evidence.VERIFIED,
        "failure words": Evidence.UNVERIFIED,
    },
    note="no stems for songs: it takes out the voice alone, and only with a base model on the server",
)

TaskType = Literal["text2music", "cover", "repaint", "extract"]


class ReleaseTask(BaseModel):
    """What /release_task takes; None keeps the server's default. `batch_size` has a default of 2 there, never here.

    Lengths and times in seconds.
    """

    prompt: str = Field(max_length=LONGEST_PROMPT)
    lyrics: str | None = Field(default=None, max_length=LONGEST_LYRICS)
    task_type: TaskType
    instruction: str | None = None
    audio_format: Literal["mp3", "wav", "flac"]
    thinking: bool | None = None
    vocal_language: str | None = None
    model: str | None = None
    bpm: int | None = Field(default=None, ge=SLOWEST_BPM, le=FASTEST_BPM)
    key_scale: str | None = None
    time_signature: Literal["2", "3", "4", "6"] | None = None
    audio_duration: float | None = Field(default=None, ge=SHORTEST_S, le=LONGEST_S)
    inference_steps: int | None = Field(default=None, ge=1, le=200)
    use_random_seed: bool = False
    seed: int = Field(ge=0, lt=SEEDS)
    batch_size: int = Field(ge=1, le=LARGEST_BATCH)
    src_audio_path: str | None = None
    repainting_start: float | None = Field(default=None, ge=0)
    repainting_end: float | None = Field(default=None, ge=0)
    audio_cover_strength: float | None = Field(default=None, ge=0, le=1)


class Envelope(BaseModel):
    """The outermost object of every answer that is no HTTP error; `code` 200 is success."""

    model_config = ConfigDict(extra="ignore")

    data: Any = None
    code: int = 200
    error: str | None = None


class Released(BaseModel):
    """A task that was taken."""

    model_config = ConfigDict(extra="ignore")

    task_id: str = Field(min_length=1)
    queue_position: int | None = None


class Queried(BaseModel):
    """How a task stands: 0 queued or running, 1 succeeded, 2 failed; `result` is a JSON document as text."""

    model_config = ConfigDict(extra="ignore")

    task_id: str
    status: Literal[0, 1, 2]
    result: str | None = None


class Metas(BaseModel):
    """What the model says about the music."""

    model_config = ConfigDict(extra="ignore")

    duration: float | str | None = None


class Made(BaseModel):
    """One piece of music in a result."""

    model_config = ConfigDict(extra="ignore")

    file: str = ""
    status: int | None = None
    error: str | None = None
    metas: Metas | None = None
    dit_model: str | None = None


class Trouble(BaseModel):
    """An error of the web framework."""

    model_config = ConfigDict(extra="ignore")

    detail: Any = None


class HealthData(BaseModel):
    """What /health says."""

    model_config = ConfigDict(extra="ignore")

    status: str = ""
    version: str = ""


class Stats(BaseModel):
    """What /v1/stats says; seconds of one task on average."""

    model_config = ConfigDict(extra="ignore")

    queue_size: int | None = None
    avg_job_seconds: float | None = None
