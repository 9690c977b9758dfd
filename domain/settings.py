"""Settings of a song: how it is produced, as opposed to what it is (the context)."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from domain.stages import ORDER, Stage
from domain.strict import Number, Truth, Whole

MAX_PROMPT_CHARACTERS = 10_000
MAX_BUDGET_USD = 1_000_000
DEFAULT_RETENTION_S = 30 * 24 * 3600

AudioFormat = Literal["wav", "flac", "mp3", "opus"]


class Enhancement(BaseModel):
    """Whether and how far the prompt is enriched before composing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: Truth = True
    level: Literal["light", "moderate", "strong"] = "moderate"
    show_reasoning: Truth = False


class SongSettings(BaseModel):
    """How a song is produced. `gate_deadlines_s` advances a review gate by itself after so many seconds.

    `budget` is what outside providers may cost in US dollars. `production` by a `provider` asks any that is configured,
    `auto` asks one only where `providers_preferred` names one that makes sound. Where one is asked, `vocals` wants
    a song that is sung, with words written for it, `stems` its parts one by one, and `cover` one that is made from the
    uploaded song.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: Annotated[Whole, Field(ge=0, lt=2**63)] | None = None
    enhancement: Enhancement = Enhancement()
    review: tuple[Stage, ...] = ()
    gate_deadlines_s: dict[Stage, Annotated[Number, Field(gt=0, le=366 * 24 * 3600)]] = {}
    formats: tuple[AudioFormat, ...] = ("flac", "mp3")
    candidates: Annotated[Whole, Field(ge=1, le=16)] = 8
    providers_preferred: Annotated[tuple[str, ...], Field(max_length=16)] = ()
    providers_forbidden: Annotated[tuple[str, ...], Field(max_length=16)] = ()
    budget: Annotated[Number, Field(ge=0, le=MAX_BUDGET_USD, allow_inf_nan=False)] | None = None
    on_unknown: Literal["block", "fallback"] = "block"
    production: Literal["auto", "builtin", "provider"] = "auto"
    vocals: Truth = False
    stems: Truth = False
    cover: Truth = False
    retention_s: Annotated[Number, Field(gt=0, le=10 * 366 * 24 * 3600)] = DEFAULT_RETENTION_S

    @field_validator("review", mode="before")
    @classmethod
    def _all_stages(cls, value: object) -> object:
        return normalise_review(value)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if len(set(self.formats)) != len(self.formats):
            raise ValueError("formats are named once each")
        both = sorted({*self.providers_preferred} & {*self.providers_forbidden})
        if both:
            raise ValueError(f"{both[0]} is preferred and forbidden at once: name it in one of the two lists")
        return self


def normalise_review(value: object) -> object:
    """Every stage for "all", no stage for "none", one or more names otherwise, in production order."""
    if value == "all":
        return ORDER
    if value in ("none", None, ""):
        return ()
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if isinstance(value, list | tuple) and all(isinstance(v, str) and v in set(ORDER) for v in value):
        return tuple(stage for stage in ORDER if stage in value)
    return value
