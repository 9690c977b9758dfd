"""Notation: played lengths become measures of notes, rests and ties that a musician can read.

Time is in ticks, `DIVISIONS` to the quarter note: a sixteenth is 3, a triplet eighth is 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from domain.score import Note, TimeSignature
from music.metre import is_compound

DIVISIONS = 12
SIXTEENTH, TRIPLET = 3, 4

# Ticks -> (note type, dots, triplet).
VALUES: dict[int, tuple[str, int, bool]] = {
    48: ("whole", 0, False), 36: ("half", 1, False), 24: ("half", 0, False), 18: ("quarter", 1, False),
    12: ("quarter", 0, False), 9: ("eighth", 1, False), 6: ("eighth", 0, False), 3: ("16th", 0, False),
    8: ("quarter", 0, True), 4: ("eighth", 0, True), 2: ("16th", 0, True), 1: ("32nd", 0, True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """One written note, chord or rest: `start` in ticks from the bar line, pitches with their ties."""

    start: int
    ticks: int
    pitches: tuple[int, ...] = ()
    tied_from: frozenset[int] = frozenset()
    tied_to: frozenset[int] = frozenset()
    whole_bar: bool = False
    """A rest that fills its bar, written as a measure rest whatever the metre."""

    @property
    def value(self) -> tuple[str, int, bool]:
        """Note type, dots, whether it is a triplet."""
        return VALUES[self.ticks]


@dataclass(frozen=True, slots=True)
class _Span:
    pitch: int
    start: int
    end: int


def bar_ticks(metre: TimeSignature) -> int:
    """Length of a bar in ticks."""
    return round(metre.beats_per_bar * DIVISIONS)


def measures(notes: Sequence[Note], metre: TimeSignature, bars: int) -> list[list[Piece]]:
    """The pieces of each bar; those of one bar add up to its length exactly."""
    length = bar_ticks(metre)
    spans = _tidied(_quantised(notes, length * bars))
    cuts = sorted(
        {0, length * bars, *(s.start for s in spans), *(s.end for s in spans), *range(0, length * bars, length)}
    )
    out: list[list[Piece]] = [[] for _ in range(bars)]
    sounding: list[_Span] = []
    index = 0
    for begin, end in pairwise(cuts):
        sounding = [s for s in sounding if s.end > begin]
        while index < len(spans) and spans[index].start <= begin:
            sounding.append(spans[index])
            index += 1
        bar = begin // length
        out[bar] += _pieces(begin, end, sounding, metre, bar * length)
    return [_merged_rests(pieces, metre) for pieces in out]


def _quantised(notes: Sequence[Note], limit: int) -> list[_Span]:
    """Starts and ends on the sixteenths, or on the triplets in beats that are played in three."""
    triplets = _triplet_beats(notes)
    spans = []
    for note in notes:
        start = _snap(note.start, triplets)
        end = max(start + _grid(start, triplets), _snap(note.start + note.duration, triplets))
        if start < limit:
            spans.append(_Span(note.pitch, start, min(end, limit)))
    return sorted(spans, key=lambda s: (s.start, s.pitch, s.end))


def _triplet_beats(notes: Sequence[Note]) -> frozenset[int]:
    """Beats of which the onsets lie nearer to triplets than to sixteenths."""
    error: dict[int, list[float]] = {}
    for note in notes:
        ticks = note.start * DIVISIONS
        pair = error.setdefault(int(ticks // DIVISIONS), [0.0, 0.0])
        for i, grid in enumerate((SIXTEENTH, TRIPLET)):
            pair[i] += abs(ticks - grid * round(ticks / grid))
    return frozenset(beat for beat, (straight, three) in error.items() if three < straight - 0.5)


def _grid(ticks: int, triplets: frozenset[int]) -> int:
    return TRIPLET if ticks // DIVISIONS in triplets else SIXTEENTH


def _snap(beats: float, triplets: frozenset[int]) -> int:
    grid = TRIPLET if int(beats + 1e-6) in triplets else SIXTEENTH
    return int(grid * round(beats * DIVISIONS / grid))


def _tidied(spans: list[_Span]) -> list[_Span]:
    """Small gaps before the next onset are closed, equal pitches do not overlap, doubles are dropped."""
    onsets = sorted({s.start for s in spans})
    following = dict(pairwise(onsets))
    later: dict[int, int] = {}
    out: list[_Span] = []
    for span in reversed(spans):
        end = span.end
        after = following.get(span.start)
        if after is not None and 0 < after - end <= SIXTEENTH:
            end = after
        if span.pitch in later:
            end = min(end, later[span.pitch])
        if end > span.start:
            out.append(_Span(span.pitch, span.start, end))
            later[span.pitch] = span.start
    return sorted(out, key=lambda s: (s.start, s.pitch))


def _pieces(begin: int, end: int, sounding: Sequence[_Span], metre: TimeSignature, bar_start: int) -> list[Piece]:
    """A stretch in which nothing changes, cut into note values that show the beats."""
    pitches = tuple(sorted({s.pitch for s in sounding}))
    pieces = []
    at = begin
    for ticks in _cut(begin - bar_start, end - begin, metre):
        stop = at + ticks
        pieces.append(
            Piece(
                start=at - bar_start, ticks=ticks, pitches=pitches,
                tied_from=frozenset(s.pitch for s in sounding if s.start < at),
                tied_to=frozenset(s.pitch for s in sounding if s.end > stop),
            )
        )  # fmt: skip
        at = stop
    return pieces


def _cut(start: int, ticks: int, metre: TimeSignature) -> list[int]:
    """Note values for `ticks` ticks from `start` in the bar: first to the beat, then the longest that fit."""
    unit = 18 if is_compound(metre) and metre.denominator == 8 else DIVISIONS
    values = []
    while ticks > 0:
        room = unit - start % unit if start % unit else ticks
        piece = _longest(min(room, ticks))
        values.append(piece)
        start, ticks = start + piece, ticks - piece
    return values


def _longest(ticks: int) -> int:
    if ticks in VALUES:
        return ticks
    fits = [v for v in VALUES if v <= ticks]
    return max([v for v in fits if v % SIXTEENTH == 0] or fits)


def _merged_rests(pieces: list[Piece], metre: TimeSignature) -> list[Piece]:
    """Neighbouring rests written as few values as can be; an empty bar as one measure rest."""
    if not any(piece.pitches for piece in pieces):
        return [Piece(start=0, ticks=bar_ticks(metre), whole_bar=True)]
    out: list[Piece] = []
    for sounds, group in groupby(pieces, key=lambda piece: bool(piece.pitches)):
        run = list(group)
        if sounds:
            out += run
            continue
        at = run[0].start
        for ticks in _cut(at, sum(piece.ticks for piece in run), metre):
            # A whole rest would be read as a rest of the whole bar.
            for value in (24, 24) if ticks == 48 else (ticks,):
                out.append(Piece(start=at, ticks=value))
                at += value
    return out
