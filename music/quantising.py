"""Quantising: onsets and ends on the grid of their beat, straight where straight explains them.

Time is in ticks (see `notevalues`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.score import Note, TimeSignature
from music.metre import is_compound
from music.notevalues import (
    DIVISIONS,
    EIGHTH,
    QUARTER,
    SIXTEENTH,
    THIRTY_SECOND,
    TRIPLET_EIGHTH,
    TRIPLET_SIXTEENTH,
    beat_ticks,
)  # fmt: skip

# Grid -> what it costs, in ticks of error, to prefer it to sixteenths.
_STRAIGHT: tuple[tuple[int, float], ...] = ((SIXTEENTH, 0.0), (THIRTY_SECOND, 1.7))
_SIMPLE: tuple[tuple[int, float], ...] = (
    (SIXTEENTH, 0.0), (TRIPLET_EIGHTH, 0.6), (THIRTY_SECOND, 1.7), (TRIPLET_SIXTEENTH, 1.9),
)  # fmt: skip
# Further cost of the two fine grids in tunes and chords, and of an onset that falls on another one.
_FINE_COST, _COLLISION_COST = 2.0, 4.0


@dataclass(frozen=True, slots=True)
class Span:
    """A quantised note; `played` is its length before quantising."""

    pitch: int
    start: int
    end: int
    velocity: int
    played: float


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of every beat of a part: `steps` maps a beat's number to its step, sixteenths elsewhere."""

    beat: int
    steps: dict[int, int]

    def step(self, tick: float) -> int:
        """The step of the grid at `tick`."""
        return self.steps.get(int(tick // self.beat), SIXTEENTH)

    def snap(self, tick: float) -> int:
        """The nearest place on the grid."""
        # An onset played just before a beat belongs to that beat.
        step = self.step(tick + 1e-6)
        return step * round(tick / step)

    def window(self, tick: int) -> tuple[int, int] | None:
        """Start and end of the triplet group that `tick` lies inside of, not on its edge; None where there is none."""
        step = self.step(tick)
        if step not in (TRIPLET_EIGHTH, TRIPLET_SIXTEENTH):
            return None
        size = QUARTER if step == TRIPLET_EIGHTH else EIGHTH
        return None if tick % size == 0 else (tick - tick % size, tick - tick % size + size)


def find_grid(notes: Sequence[Note], metre: TimeSignature, *, fine: bool = False) -> Grid:
    """For every beat the plainest grid that lies near to all onsets in it and keeps them apart.

    Grids finer than sixteenths are for percussion (`fine`); elsewhere only where onsets would fall together.
    """
    beat = beat_ticks(metre)
    options = _STRAIGHT if is_compound(metre) or metre.denominator >= 8 else _SIMPLE
    onsets: dict[int, set[float]] = {}
    for note in notes:
        tick = round(note.start * DIVISIONS, 3)
        onsets.setdefault(int((tick + 1e-6) // beat), set()).add(tick)
    steps = {}
    for number, ticks in onsets.items():
        costs = [_cost(ticks, step) + cost + _FINE_COST * (not fine and step < SIXTEENTH) for step, cost in options]
        step = options[costs.index(min(costs))][0]
        if step != SIXTEENTH:
            steps[number] = step
    return Grid(beat, steps)


def _cost(ticks: set[float], step: int) -> float:
    places = {step * round(tick / step) for tick in ticks}
    worst = max(abs(tick - step * round(tick / step)) for tick in ticks)
    return worst + _COLLISION_COST * (len(ticks) - len(places))


def quantised(notes: Sequence[Note], grid: Grid, limit: int) -> list[Span]:
    """The notes on `grid`, none beyond tick `limit`, by start and pitch; equal pitches neither double nor overlap."""
    spans: dict[tuple[int, int], Span] = {}
    for note in notes:
        start = grid.snap(note.start * DIVISIONS)
        if start >= limit:
            continue
        end = max(start + grid.step(start), grid.snap((note.start + note.duration) * DIVISIONS))
        span = Span(note.pitch, start, min(end, limit), note.velocity, note.duration * DIVISIONS)
        before = spans.get((start, note.pitch))
        if before is None or before.end < span.end:
            spans[start, note.pitch] = span
    later: dict[int, int] = {}
    out: list[Span] = []
    for span in sorted(spans.values(), key=lambda s: (-s.start, -s.pitch)):
        end = min(span.end, later.get(span.pitch, limit))
        out.append(Span(span.pitch, span.start, end, span.velocity, span.played))
        later[span.pitch] = span.start
    return out[::-1]
