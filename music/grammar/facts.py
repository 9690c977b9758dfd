"""What a prompt says in so many words."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TempoWish:
    """A tempo for one section: in bpm, or as a factor of the song's tempo. `aside` when it may mean the whole song."""

    section: str
    bpm: float | None
    factor: float | None
    quote: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class KeyWish:
    """A key for one section: named, or so many semitones away, or by relation ("relative", "parallel", "dominant")."""

    section: str | None
    key: str | None
    scale: str | None
    shift: int
    relation: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class RestWish:
    """Players that rest in some `sections`.

    `how`: "in" them, "until" the first of them, everywhere but there ("only"), or everybody else there ("alone").
    `players` are groups or instruments of `domain.vocabulary`.
    """

    players: tuple[str, ...]
    how: str
    sections: tuple[str, ...]
    quote: str


@dataclass(slots=True)
class Facts:
    """The facts of a prompt, each with the words that say it.

    `chords` maps a section kind (or "all") to bars of chord symbols, Roman numerals or scale degrees. `lengths` maps a
    section kind to a length where no order of sections is told;
    `unwanted` are kinds of sections that the song does not have, `opening` the kind it starts with, `counts` how
    often a kind comes.
    `told` says of each section of `structure` whether its length was said. `ramp` is the tempo reached at the end.
    `rest` is the text without what was read from it.
    """

    tempo: float | None = None
    ramp: float | None = None
    key: str | None = None
    scale: str | None = None
    metre: str | None = None
    duration: float | None = None
    exact: bool = False
    chords: dict[str, list[str]] = field(default_factory=dict)
    structure: list[dict[str, Any]] = field(default_factory=list)
    told: list[bool] = field(default_factory=list)
    lengths: dict[str, tuple[float, str]] = field(default_factory=dict)
    tempos: list[TempoWish] = field(default_factory=list)
    keys: list[KeyWish] = field(default_factory=list)
    unwanted: set[str] = field(default_factory=set)
    opening: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    rests: list[RestWish] = field(default_factory=list)
    feel: dict[str, Any] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    quotes: dict[str, str] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    remarks: list[tuple[str, str, str]] = field(default_factory=list)
    rest: str = ""
