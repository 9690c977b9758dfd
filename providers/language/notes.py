"""What tune and bass have in common: lines of notes in a language model's answer, checked against their chords."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from domain.errors import InvalidValue
from domain.score import Note, SectionKind, TimeSignature
from music.material import Harmony, SectionHarmony, SectionLine
from music.metre import weight
from music.theory import ChordSpec, chord_scale, parse_chord
from providers.language.schema import Document, Reason, Whole

SLACK: Final = 0.05
"""Beats by which a note may reach into the next one; it is cut there."""
SPARSEST: Final = 0.5
"""Notes a bar that a line must have."""


class WrittenNote(Document):
    """A note: MIDI pitch (60 is middle C), start and length in quarter notes from the start of the section."""

    pitch: Whole
    start: float
    length: float


class WrittenLine(Document):
    """The line of one kind of section."""

    kind: SectionKind
    notes: list[WrittenNote]


class LinesAnswer(Document):
    """A line for each kind of section."""

    sections: list[WrittenLine]
    reasoning: list[Reason]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a line must keep to: its range in MIDI notes, and the share of its notes that fit the chord they meet."""

    low: int
    high: int
    fitting: float


def chord_lines(harmony: Harmony, kinds: Iterable[SectionKind]) -> str:
    """The chords of each kind, bar by bar, for the model to read."""
    out = []
    for kind in kinds:
        piece = harmony.of(kind)
        bars = " | ".join(piece.by_bar(harmony.beats_per_bar))
        out.append(f"{kind.value}: {piece.bars} bars, {piece.bars * harmony.beats_per_bar:g} beats: {bars}")
    return "\n".join(out)


def read_lines(
    answer: LinesAnswer, harmony: Harmony, metre: TimeSignature, kinds: Sequence[SectionKind], rules: Rules
) -> dict[SectionKind, SectionLine]:
    """The line of each of `kinds`. Raises `InvalidValue` naming the section and note that is wrong."""
    written: dict[SectionKind, WrittenLine] = {}
    for line in answer.sections:
        if line.kind in written:
            raise InvalidValue(f"sections: there are two lines for the {line.kind.value}")
        written[line.kind] = line
    if missing := [kind.value for kind in kinds if kind not in written]:
        raise InvalidValue(f"sections: the line of the {missing[0]} is missing")
    return {kind: _line(written[kind], harmony, metre, rules) for kind in kinds}


def _line(written: WrittenLine, harmony: Harmony, metre: TimeSignature, rules: Rules) -> SectionLine:
    chords, name = harmony.of(written.kind), written.kind.value
    end = chords.bars * harmony.beats_per_bar
    notes = sorted(written.notes, key=lambda note: note.start)
    for note in notes:
        _check_note(note, name, end, rules)
    if len(notes) < SPARSEST * chords.bars:
        raise InvalidValue(f"{name}: {len(notes)} notes in {chords.bars} bars are no line")
    for before, after in pairwise(notes):
        if before.start + before.length > after.start + SLACK:
            raise InvalidValue(
                f"{name}: the notes at beats {before.start:g} and {after.start:g} overlap; a line has one at a time"
            )
    _check_fit(notes, chords, harmony, name, rules)
    follows = [note.start for note in notes[1:]] + [end]
    return SectionLine(
        kind=written.kind,
        bars=chords.bars,
        given=chords.given,
        notes=tuple(
            Note(
                pitch=note.pitch,
                start=round(note.start, 4),
                duration=round(min(note.length, after - note.start), 4),
                velocity=68 + round(24 * weight(metre, note.start)),
            )
            for note, after in zip(notes, follows, strict=True)
        ),
    )


def _check_note(note: WrittenNote, name: str, end: float, rules: Rules) -> None:
    if not rules.low <= note.pitch <= rules.high:
        raise InvalidValue(
            f"{name}: pitch {note.pitch} at beat {note.start:g} is out of range, which is {rules.low} to {rules.high}"
        )
    if note.length < SLACK + 1e-9:
        raise InvalidValue(f"{name}: the note at beat {note.start:g} has no length ({note.length:g})")
    if note.start < 0 or note.start + note.length > end + SLACK or note.start >= end - SLACK:
        raise InvalidValue(
            f"{name}: the note at beat {note.start:g} with length {note.length:g} is not within the {end:g} beats"
        )


def _check_fit(notes: Sequence[WrittenNote], chords: SectionHarmony, harmony: Harmony, name: str, rules: Rules) -> None:
    fits = sum(
        note.pitch % 12 in chord_scale(chord_at(chords, note.start), harmony.key, harmony.scale) for note in notes
    )
    if fits < rules.fitting * len(notes):
        raise InvalidValue(
            f"{name}: {fits} of {len(notes)} notes fit {harmony.key} {harmony.scale} and its chords; "
            f"{rules.fitting:.0%} must"
        )


def chord_at(chords: SectionHarmony, beat: float) -> ChordSpec:
    """The chord that sounds at `beat` of the section."""
    return parse_chord(next(c for c in reversed(chords.chords) if c.start <= beat + SLACK).symbol)


def replaced(sections: Sequence[SectionLine], lines: Mapping[SectionKind, SectionLine]) -> tuple[SectionLine, ...]:
    """`sections` with the lines that were written in the places of those of their kinds."""
    return tuple(lines.get(old.kind, old) if old.name is None else old for old in sections)
