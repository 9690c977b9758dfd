"""What the writers hand on: chords, grooves, tunes and bass lines for each section kind, and the form.

Material is written once for a kind of section and used wherever the form repeats it. Times are in quarter
notes from the start of the section (or of the bar, for grooves).
"""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import InvalidValue
from domain.score import Beats, Chord, Note, Pitch, PositiveBeats, Section, SectionKind, TempoChange, Unit, Velocity
from music.sectionnames import resolve

TAIL_S = 2.5
"""Seconds that ring on after the last bar; form and performance both count with it."""


class _Material(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Piece(_Material):
    """Material for every section of a kind, or, with a `name`, in its place for that section or kind alone.

    `given` says that it stands over chords which the person wrote: they go round as they are.
    """

    kind: SectionKind
    bars: Annotated[int, Field(ge=1)]
    name: str | None = None
    given: bool = False


PieceT = TypeVar("PieceT", bound=_Piece)


def choose(pieces: Sequence[PieceT], sections: Sequence[Section]) -> dict[str, PieceT]:
    """The piece that each section uses, by the section's name: one of its own, else that of its kind.

    Of several the one that is named for the fewest sections is used, of equals the last. A take of a section that the
    form does not have is left out; chords that were given for one raise `InvalidValue`.
    """
    chosen = {s.name: next(p for p in pieces if p.kind is s.kind and p.name is None) for s in sections}
    names, kinds = [s.name for s in sections], [s.kind for s in sections]
    own: list[dict[str, PieceT]] = []
    for piece in sorted(pieces, key=lambda piece: piece.name != piece.kind.value):
        try:
            own += [resolve({piece.name: piece}, names, kinds)] if piece.name is not None else []
        except InvalidValue as error:
            if isinstance(piece, SectionHarmony) and piece.given:
                raise InvalidValue(f"musical.chord_progression: {error.message}") from None
    for found in sorted(own, key=len, reverse=True):
        chosen.update(found)
    return chosen


class SectionHarmony(_Piece):
    """The chords of one kind of section; they fill `bars` bars without a gap."""

    chords: tuple[Chord, ...]
    pinned: bool = False
    """Chords that were given for these sections by name: in whatever key a section is, they are meant as written."""

    def by_bar(self, beats_per_bar: float) -> tuple[str, ...]:
        """The chords of each bar parted by spaces, as a person would give them."""
        out = []
        for bar in range(self.bars):
            begin, end = bar * beats_per_bar, (bar + 1) * beats_per_bar
            inside = [c.symbol for c in self.chords if begin - 1e-6 < c.start < end - 1e-6]
            opening = next(c for c in reversed(self.chords) if c.start <= begin + 1e-6)
            out.append(" ".join(inside if opening.start > begin - 1e-6 else [opening.symbol, *inside]))
        return tuple(out)


class Harmony(_Material):
    """Chords for every kind of section, and the chord that ends the song."""

    key: str
    scale: str
    beats_per_bar: PositiveBeats
    sections: tuple[SectionHarmony, ...]
    final: str

    def of(self, kind: SectionKind) -> SectionHarmony:
        """The chords of `kind`."""
        return next(section for section in self.sections if section.kind is kind and section.name is None)


class Hit(_Material):
    """A drum stroke or a comping stroke in a pattern; `pitch` is a General MIDI percussion note."""

    pitch: Pitch
    start: Beats
    velocity: Velocity


class Groove(_Material):
    """A drum pattern of `bars` bars; `level` 0 (sparse) to 3 (full)."""

    level: Annotated[int, Field(ge=0, le=3)]
    bars: Annotated[int, Field(ge=1)]
    hits: tuple[Hit, ...]


class Fill(_Material):
    """A drum fill that takes the last `beats` of a bar; hits count from the start of the fill."""

    beats: PositiveBeats
    hits: tuple[Hit, ...]


class Stroke(_Material):
    """One chord stroke of an accompaniment; `accent` 0–1, `voice` 0 for the whole chord, n for its n-th note."""

    start: Beats
    duration: PositiveBeats
    accent: Unit
    voice: Annotated[int, Field(ge=0, le=8)] = 0


class Comping(_Material):
    """An accompaniment pattern of one bar for energy level 0–3."""

    level: Annotated[int, Field(ge=0, le=3)]
    strokes: tuple[Stroke, ...]


class Rhythm(_Material):
    """The rhythm section's vocabulary for a song."""

    groove: str
    beats_per_bar: PositiveBeats
    swing: Annotated[float, Field(ge=0.5, le=0.75)]
    swing_unit: PositiveBeats
    drums: bool
    grooves: tuple[Groove, ...]
    percussion: tuple[Groove, ...]
    fills: tuple[Fill, ...]
    comping: tuple[Comping, ...]
    arpeggio: tuple[Stroke, ...]
    figuration: tuple[Stroke, ...] = ()
    """One bar of broken chords for the calm sections; empty where the style does not break its chords."""

    def at(self, level: int) -> Groove:
        """The drum pattern of `level`."""
        return self.grooves[max(0, min(3, level))]


class SectionLine(_Piece):
    """A tune or bass line for one kind of section."""

    notes: tuple[Note, ...]
    repeat: tuple[Note, ...] = ()
    """The same line with another ending or ornament, for its second time; empty when it does not change."""


class Melody(_Material):
    """A tune for every kind of section; `hook` is the chorus's figure."""

    beats_per_bar: PositiveBeats
    sections: tuple[SectionLine, ...]
    hook: tuple[Note, ...]

    def of(self, kind: SectionKind) -> SectionLine:
        """The tune of `kind`."""
        return next(section for section in self.sections if section.kind is kind and section.name is None)


class BassLine(_Material):
    """A bass line for every kind of section."""

    style: str
    beats_per_bar: PositiveBeats
    sections: tuple[SectionLine, ...]

    def of(self, kind: SectionKind) -> SectionLine:
        """The bass line of `kind`."""
        return next(section for section in self.sections if section.kind is kind and section.name is None)


class Form(_Material):
    """The song's sections in order.

    `duration_s` is what the song will last, tail included; `tempo` is the whole tempo map, the broadening of the
    last bars included.
    """

    sections: tuple[Section, ...]
    beats_per_bar: PositiveBeats
    duration_s: Annotated[float, Field(gt=0)]
    tempo: tuple[TempoChange, ...]

    @property
    def bars(self) -> int:
        """Length in bars."""
        return sum(section.bars for section in self.sections)


_HOOKED = frozenset({SectionKind.CHORUS, SectionKind.DROP})


BREATH = 0.75
"""Beats of rest after a phrase that is a section by itself."""


def first_phrase(piece: _Piece, section_bars: int) -> bool:
    """Whether a section uses the first phrase of longer material and nothing else."""
    return section_bars < piece.bars and section_bars % 4 == 0 and piece.kind in _HOOKED


def bar_map(piece: _Piece, section_bars: int) -> tuple[int, ...]:
    """For each bar of a section the bar of the material that it uses.

    The material repeats; a rest of it is its ending, so that the cadence stands where the section ends. A chorus that
    is shorter than its material is its first phrase, with the hook. Chords that were given go round from their
    beginning.
    """
    whole, rest = divmod(section_bars, piece.bars)
    last = range(rest) if piece.given or first_phrase(piece, section_bars) else range(piece.bars - rest, piece.bars)
    return tuple(range(piece.bars)) * whole + tuple(last)


def lay_notes(
    versions: Sequence[tuple[Note, ...]], piece: _Piece, section_bars: int, beats_per_bar: float
) -> list[Note]:
    """Material laid over a section of another length, by `bar_map`; each time through takes the next version.

    No note crosses a seam, where the bars that follow one another in the section do not in the material.
    """
    chosen = bar_map(piece, section_bars)
    laid: list[Note] = []
    for i, bar in enumerate(chosen):
        run = 1
        while i + run < len(chosen) and chosen[i + run] == bar + run:
            run += 1
        for note in versions[(i // piece.bars) % len(versions)]:
            if int(note.start // beats_per_bar + 1e-9) != bar:
                continue
            start = note.start + (i - bar) * beats_per_bar
            room = (i + run) * beats_per_bar - start
            laid.append(note.model_copy(update={"start": start, "duration": min(note.duration, room)}))
    return laid
