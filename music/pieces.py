"""A score cut into its sections, so that one can be changed, moved or left out, and put together again.

A piece keeps the beats at which it stood; it is moved when the score is put together. What is not moved keeps its
bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.score import Chord, KeyChange, Note, Part, Score, Section, SectionKind, TempoChange, TimeSignature

EPS = 1e-6
T = TypeVar("T", TempoChange, KeyChange)
Timed = TypeVar("Timed", Note, Chord, TempoChange, KeyChange)


@dataclass(frozen=True, slots=True)
class Piece:
    """One section with what begins in it; `start` in beats. Its first tempo and key stand at `start`."""

    section: Section
    start: float
    bars: int
    bar: float
    chords: tuple[Chord, ...]
    notes: Mapping[str, tuple[Note, ...]]
    tempo: tuple[TempoChange, ...]
    keys: tuple[KeyChange, ...]

    @property
    def name(self) -> str:
        """The section's name."""
        return self.section.name

    @property
    def kind(self) -> SectionKind:
        """The section's kind."""
        return self.section.kind

    @property
    def end(self) -> float:
        """The beat at which it ends."""
        return self.start + self.bars * self.bar

    def key_at(self, beat: float) -> tuple[str, str]:
        """Key and scale at `beat`."""
        change = _holding(self.keys, beat)
        return change.key, change.scale

    def with_notes(self, changed: Mapping[str, Sequence[Note]]) -> "Piece":
        """The piece with other notes for some parts."""
        return replace(self, notes={**self.notes, **{id_: in_order(notes) for id_, notes in changed.items()}})


@dataclass(frozen=True, slots=True)
class Pieces:
    """A whole score in pieces; `players` are its parts without notes, `written` its sections before any edit."""

    title: str
    key: str
    scale: str
    metre: TimeSignature
    players: tuple[Part, ...]
    pieces: tuple[Piece, ...]
    written: tuple[Section, ...]

    def with_piece(self, index: int, piece: Piece) -> "Pieces":
        """The score with another piece at `index`."""
        return replace(self, pieces=(*self.pieces[:index], piece, *self.pieces[index + 1 :]))

    def score(self) -> Score:
        """The pieces in their order as one score; who plays nowhere is left out."""
        bar = 0
        sections: list[Section] = []
        chords: list[Chord] = []
        tempo: list[TempoChange] = []
        keys: list[KeyChange] = []
        notes: dict[str, list[Note]] = {player.id: [] for player in self.players}
        for piece in self.pieces:
            delta = bar * self.metre.beats_per_bar - piece.start
            sections.append(_placed(piece, bar))
            chords += moved(piece.chords, delta)
            tempo += moved(piece.tempo, delta)
            keys += moved(piece.keys, delta)
            for id_, written in piece.notes.items():
                notes[id_] += moved(written, delta)
            bar += piece.bars
        return Score(
            title=self.title, key=self.key, scale=self.scale, time_signature=self.metre, tempo=_news(tempo),
            key_changes=_news(keys, KeyChange(start=0, key=self.key, scale=self.scale)),
            sections=tuple(sections), chords=tuple(chords),
            parts=tuple(p.model_copy(update={"notes": tuple(notes[p.id])}) for p in self.players if notes[p.id]),
        )  # fmt: skip


def cut(score: Score) -> Pieces:
    """The score in pieces; what begins in a section is its own, however long it sounds."""
    bar = score.time_signature.beats_per_bar
    base = (KeyChange(start=0, key=score.key, scale=score.scale), *score.key_changes)
    pieces = []
    for section in score.sections:
        start, end = section.start_bar * bar, (section.start_bar + section.bars) * bar
        if section is score.sections[-1]:
            end = float("inf")
        pieces.append(
            Piece(
                section=section, start=start, bars=section.bars, bar=bar, chords=_within(score.chords, start, end),
                notes={part.id: _within(part.notes, start, end) for part in score.parts},
                tempo=_from(score.tempo, start, end), keys=_from(base, start, end),
            )
        )  # fmt: skip
    players = tuple(part.model_copy(update={"notes": ()}) for part in score.parts)
    return Pieces(score.title, score.key, score.scale, score.time_signature, players, tuple(pieces), score.sections)


def relaid(piece: Piece, order: Sequence[int]) -> Piece:
    """The piece with its bars in another `order`, each counted from 0 and used as often as it is named.

    Nothing sounds over a seam, where bars follow one another that did not before.
    """
    chords: list[Chord] = []
    tempo: list[TempoChange] = []
    keys: list[KeyChange] = []
    notes: dict[str, list[Note]] = {id_: [] for id_ in piece.notes}
    at = 0
    for first, count in _runs(order):
        start = piece.start + first * piece.bar
        end = start + count * piece.bar
        last = at + count == len(order)
        delta = piece.start + at * piece.bar - start
        chords += moved(clipped(piece.chords, start, end), delta)
        tempo += moved(_from(piece.tempo, start, end), delta)
        keys += moved(_from(piece.keys, start, end), delta)
        rings = last and first + count == piece.bars
        for id_, written in piece.notes.items():
            inside = _within(written, start, float("inf") if rings else end)
            notes[id_] += moved(inside if rings else _stopped(inside, end), delta)
        at += count
    return replace(
        piece, bars=len(order), chords=tuple(chords), tempo=_news(tempo), keys=_news(keys),
        notes={id_: tuple(written) for id_, written in notes.items()},
    )  # fmt: skip


def in_order(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Notes as a part holds them: by start, pitch and duration."""
    return tuple(sorted(notes, key=lambda n: (n.start, n.pitch, n.duration)))


def moved(things: Sequence[Timed], delta: float) -> list[Timed]:
    """Things `delta` beats later; the same things when that is 0."""
    if abs(delta) < EPS:
        return list(things)
    return [thing.model_copy(update={"start": max(0.0, round(thing.start + delta, 9))}) for thing in things]


def clipped(chords: Sequence[Chord], start: float, end: float) -> list[Chord]:
    """The chords as far as they sound from `start` to `end`."""
    cut_out = []
    for chord in chords:
        first, last = max(chord.start, start), min(chord.start + chord.duration, end)
        if last - first > EPS:
            whole = first == chord.start and last == chord.start + chord.duration
            cut_out.append(chord if whole else Chord(start=first, duration=round(last - first, 9), symbol=chord.symbol))
    return cut_out


def _placed(piece: Piece, bar: int) -> Section:
    section = piece.section
    if (section.start_bar, section.bars) == (bar, piece.bars):
        return section
    return section.model_copy(update={"start_bar": bar, "bars": piece.bars})


def _within(things: Sequence[Timed], start: float, end: float) -> tuple[Timed, ...]:
    return tuple(thing for thing in things if start - EPS <= thing.start < end - EPS)


def _stopped(notes: Sequence[Note], end: float) -> list[Note]:
    return [
        n if n.start + n.duration <= end + EPS else n.model_copy(update={"duration": round(end - n.start, 9)})
        for n in notes
    ]


def _holding(changes: Sequence[T], beat: float) -> T:
    return [change for change in changes if change.start <= beat + EPS][-1]


def _from(changes: Sequence[T], start: float, end: float) -> tuple[T, ...]:
    """What holds at `start`, and the changes up to `end`."""
    held: list[T] = [_holding(changes, start).model_copy(update={"start": start})]
    return tuple(held + [change for change in changes if start + EPS < change.start < end - EPS])


def _news(changes: Sequence[T], before: T | None = None) -> tuple[T, ...]:
    """Only the changes that change something."""
    kept: list[T] = []
    holds = before
    for change in changes:
        if holds is None or change.model_copy(update={"start": holds.start}) != holds:
            kept.append(change)
            holds = change
    return tuple(kept)


def _runs(order: Sequence[int]) -> list[tuple[int, int]]:
    """Stretches of bars that follow one another: (first bar, count)."""
    runs: list[tuple[int, int]] = []
    for bar in order:
        if runs and bar == runs[-1][0] + runs[-1][1]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((bar, 1))
    return runs
