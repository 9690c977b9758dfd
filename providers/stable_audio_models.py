"""Stable Audio's contract as data: models with their limits, prices and paths, errors, and what it can do."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task

NAME: Final = "stable_audio"
TITLE: Final = "Stable Audio"
BASE_URL: Final = "https://api.stability.ai"
DEFAULT_MODEL: Final = "stable-audio-3"
CREDIT_USD: Final = Decimal("0.01")
MAX_PROMPT: Final = 10_000
MAX_SEED: Final = 4_294_967_294
LOCKED_OUT_S: Final = 60.0
"""How long an account is locked out after 429; no Retry-After is documented."""


@dataclass(frozen=True)
class Model:
    """A model: its path, whether it answers with a job, and its limits (seconds, bytes, sampler steps).

    A result costs `credits` and `step_credits` for each sampler step.
    """

    path: str
    job: bool
    longest_s: float
    shortest_upload_s: float
    upload_bytes: int
    steps: tuple[int, int]
    default_steps: int
    credits: Decimal
    step_credits: Decimal = Decimal(0)

    def price_usd(self, steps: int) -> Decimal:
        """What one result costs in US dollars."""
        return (self.credits + self.step_credits * steps) * CREDIT_USD


MODELS: Final[dict[str, Model]] = {
    "stable-audio-3": Model("stable-audio", True, 380, 6, 100 << 20, (4, 8), 8, Decimal(26)),
    "stable-audio-2.5": Model("stable-audio-2", False, 190, 6, 50 << 20, (4, 8), 8, Decimal(20)),
    "stable-audio-2": Model("stable-audio-2", False, 190, 6, 50 << 20, (30, 100), 50, Decimal(17), Decimal("0.06")),
}

BY_STATUS: Final[dict[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.MODERATION,
    404: ErrorKind.NOT_FOUND,
    413: ErrorKind.INVALID_REQUEST,
    422: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    500: ErrorKind.UPSTREAM,
    503: ErrorKind.OVERLOADED,
}

BY_NAME: Final[dict[str, ErrorKind]] = {
    "content_moderation": ErrorKind.MODERATION,
    "payment_required": ErrorKind.INSUFFICIENT_CREDITS,
    "unauthorized": ErrorKind.AUTH,
}
"""Names of errors that say more than their status."""


class Refused(BaseModel):
    """An error document."""

    model_config = ConfigDict(extra="ignore")

    id: str = ""
    name: str = ""
    errors: tuple[str, ...] = ()


class Accepted(BaseModel):
    """A job that was accepted."""

    model_config = ConfigDict(extra="ignore")

    id: str


class Balance(BaseModel):
    """Credits of the account; one is a cent."""

    model_config = ConfigDict(extra="ignore")

    credits: float


class Fields(BaseModel):
    """The form of a generation; what is not set is the vendor's default. Times in seconds, `seed` 0 is random."""

    prompt: str
    model: str
    duration: str | None = None
    seed: int | None = None
    steps: int | None = None
    cfg_scale: float | None = None
    output_format: str | None = None
    strength: float | None = None
    mask_start: str | None = None
    mask_end: str | None = None


def capabilities(model: str) -> Capabilities:
    """What the account's model can do."""
    limits = MODELS[model]
    return Capabilities(
        name=NAME,
        title=TITLE,
        tasks=frozenset({Task.INSTRUMENTAL, Task.SECTION_EDIT, Task.TRANSFORMATION}),
        shortest_s=1,
        longest_s=limits.longest_s,
        formats=("wav", "mp3"),
        section_edit=True,
        reference_audio=True,
        seed=True,
        price=Price(usd=limits.price_usd(limits.default_steps), per="call", note="failures are free; 1 credit = $0.01"),
        commercial="plan",
        licence="Stability AI's terms for its API; the limits of the account's plan apply",
        quality=0.68,
        speed=0.8,
        completion=(Completion.HTTP_STATUS,) if limits.job else (Completion.BYTES,),
        evidence={
            "text-to-audio": Evidence.VERIFIED,
            "audio-to-audio": Evidence.VERIFIED,
            "inpaint": Evidence.VERIFIED,
            "balance": Evidence.VERIFIED,
            "errors": Evidence.SECOND_HAND,
            "errors: 402": Evidence.UNVERIFIED,
        },
        note="Instrumental only, English prompts, 44.1 kHz stereo; an edit or a continuation needs the sound itself.",
    )
