"""Edits of a finished score: what a person may change in it, as plain data.

The context path `musical.edits` holds a song's edits in their order. They are applied each time the song is
arranged, so they outlive whatever is written anew. Instructions in words become these edits, and a language model
that maps free words has to answer with them: one JSON object for each edit, told apart by `op`.

Sections and players are named as `domain.references` says: `"chorus"` is every chorus, `"verse 2"` one verse,
`"song"` everything; `"piano"` whoever plays a piano, `"drums"`, `"lead"`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from domain.references import InstrumentId, PartRef, SectionRef
from domain.tonality import CHORD, Scale, Tonic

MAX_EDITS = 64
_QUALITY = re.compile(
    r"(?:maj|major|ma|min|minor|mi|mmaj|m|M|dim|aug|sus|add|alt|dom|power|o|ø|°|Δ|\+|-|\(|\)|[#b]?\d{1,2}|/9)*"
)
_ROOT = re.compile(r"(?:[A-G](?:##|bb|#|b)?|[#b]?(?:VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i))")
CHORD_PATTERN = rf"{_ROOT.pattern}{_QUALITY.pattern}(?:/(?:[A-G](?:##|bb|#|b)?|[b#]?[1-7]))?"
"""A regular expression, without groups, for what a chord symbol may look like."""


def _symbol(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip().replace("♯", "#").replace("♭", "b")
    if re.match(r"[a-h](?![a-z]*[ivIV])", text) and not CHORD.match(text):
        text = text[:1].upper() + text[1:]
    root = _ROOT.match(text)
    quality = re.sub(r"/(?:[A-G](?:##|bb|#|b)?|[b#]?[1-7])$", "", text[root.end() :]) if root else ""
    if not CHORD.match(text) or not _QUALITY.fullmatch(quality):
        raise ValueError("a chord is a root from A to G or a Roman numeral with a quality, such as Em7, Ab/C or IV")
    return text


ChordSymbol = Annotated[str, BeforeValidator(_symbol), Field(max_length=24)]
"""A chord symbol such as Em7 or Ab/C, or a Roman numeral."""
Amount = Annotated[float, Field(ge=-1, le=1)]


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _exactly_one(edit: BaseModel, *names: str) -> None:
    if sum(getattr(edit, name) is not None for name in names) != 1:
        raise ValueError(f"{getattr(edit, 'op', 'an edit')} needs exactly one of {', '.join(names)}")


class ChangeChord(_Edit):
    """Another chord in a section: its `nth` chord (from 1; -1 is the last), its whole `bar` (from 1), or each `old`.

    The notes of the span follow by their role in the chord: root to root, third to third; others by scale step.
    """

    op: Literal["change_chord"] = "change_chord"
    section: SectionRef
    nth: Annotated[int, Field(ge=-1, le=128)] | None = None
    bar: Annotated[int, Field(ge=1, le=256)] | None = None
    old: ChordSymbol | None = None
    new: ChordSymbol

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        _exactly_one(self, "nth", "bar", "old")
        if self.nth == 0:
            raise ValueError("chords are counted from 1; -1 is the last")
        return self


class ChangeLength(_Edit):
    """A section of `bars` bars, longer or shorter `by` bars, or `times` as long (rounded to whole bars).

    Bars that are added repeat what stands before the section's ending; the ending itself stays.
    """

    op: Literal["change_length"] = "change_length"
    section: SectionRef
    bars: Annotated[int, Field(ge=1, le=128)] | None = None
    by: Annotated[int, Field(ge=-128, le=128)] | None = None
    times: Annotated[float, Field(gt=0, le=8)] | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        _exactly_one(self, "bars", "by", "times")
        return self


class DropSection(_Edit):
    """The section is left out."""

    op: Literal["drop_section"] = "drop_section"
    section: SectionRef


class InsertSection(_Edit):
    """A copy of `section` (of several the one that stands nearest before the place), at `where`.

    `after` and `before` are seen from `at`; without `at` from the section itself, which so is repeated. `start` and
    `end` are the song's; at its end the copy stands before an outro.
    """

    op: Literal["insert_section"] = "insert_section"
    section: SectionRef
    where: Literal["before", "after", "start", "end"] = "after"
    at: SectionRef | None = None


class Transpose(_Edit):
    """Higher or lower by `semitones`, or the nearest way to `key`. The mode stays: a `scale` that is given must fit."""

    op: Literal["transpose"] = "transpose"
    section: SectionRef = "song"
    semitones: Annotated[int, Field(ge=-24, le=24)] | None = None
    key: Tonic | None = None
    scale: Scale | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        _exactly_one(self, "semitones", "key")
        return self


class SwapInstrument(_Edit):
    """`new` plays what `old` has played, in its own range."""

    op: Literal["swap_instrument"] = "swap_instrument"
    old: PartRef
    new: InstrumentId


class Mute(_Edit):
    """A part rests in a section; muted everywhere it leaves the band."""

    op: Literal["mute"] = "mute"
    part: PartRef
    section: SectionRef = "song"


class ChangeDensity(_Edit):
    """Fewer notes (`amount` below 0) or more (above 0); metrically weak notes go first."""

    op: Literal["change_density"] = "change_density"
    amount: Amount
    section: SectionRef = "song"
    part: PartRef = "band"


class ChangeLoudness(_Edit):
    """Softer (`amount` below 0) or louder (above 0) playing: 1 is half as strong again."""

    op: Literal["change_loudness"] = "change_loudness"
    amount: Amount
    section: SectionRef = "song"
    part: PartRef = "band"


class ChangeTempo(_Edit):
    """A section at `bpm` quarter notes a minute, or `times` as fast as before."""

    op: Literal["change_tempo"] = "change_tempo"
    section: SectionRef
    bpm: Annotated[float, Field(ge=20, le=400)] | None = None
    times: Annotated[float, Field(ge=0.25, le=4)] | None = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        _exactly_one(self, "bpm", "times")
        return self


Edit = Annotated[
    ChangeChord | ChangeLength | DropSection | InsertSection | Transpose | SwapInstrument | Mute | ChangeDensity
    | ChangeLoudness | ChangeTempo,
    Field(discriminator="op"),
]  # fmt: skip
"""Any edit, told apart by `op`."""
_EDITS: TypeAdapter[tuple[Edit, ...]] = TypeAdapter(tuple[Edit, ...])


def read_edits(values: Sequence[Any]) -> tuple[Edit, ...]:
    """Edits from what the context holds of them; pydantic's ValidationError for what is none."""
    return _EDITS.validate_python(list(values))


def edits_in(changes: Mapping[str, Any]) -> int | None:
    """How many edits a context patch leaves the song with; None when it says nothing about them."""
    musical = changes.get("musical", {})
    if musical is None:
        return 0
    inside = musical if isinstance(musical, Mapping) else {}
    if "edits" not in inside and "musical.edits" not in changes:
        return None
    edits = inside.get("edits", changes.get("musical.edits"))
    return len(edits) if isinstance(edits, Sequence) else 0


def sections_named(edit: Edit) -> tuple[str, ...]:
    """The section references of an edit."""
    return tuple(ref for name in ("section", "at") if (ref := getattr(edit, name, None)) is not None)


def shown(edit: Edit) -> str:
    """An edit in a line: "mute part drums section intro"."""
    fields = edit.model_dump(mode="json", exclude={"op"}, exclude_none=True, exclude_defaults=True)
    return " ".join([edit.op.replace("_", " "), *(f"{name} {value}" for name, value in fields.items())])
