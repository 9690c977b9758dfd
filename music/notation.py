"""Notation: played lengths become voices and measures of notes, rests and ties that a musician can read.

Time is in ticks (see `notevalues`). What is kept exactly is every onset and pitch on the grid; lengths are written
the way a copyist would: small gaps are closed, a note ends where the next of its voice begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from domain.score import Note, TimeSignature
from music.notevalues import DIVISIONS, EIGHTH, QUARTER, SIXTEENTH, VALUES, bar_ticks, cut
from music.quantising import Grid, Span, find_grid, quantised

__all__ = ["DIVISIONS", "VALUES", "Event", "Piece", "bar_ticks", "events_of", "measures", "two_voices", "write_bars"]

# A note that sounds on for this long under or over others is written in a voice of its own.
HELD = QUARTER
STACCATO = 0.5


@dataclass(frozen=True, slots=True)
class Event:
    """A note or chord of one voice from `start` to `end`; `velocities` go with `pitches`, lowest first."""

    start: int
    end: int
    pitches: tuple[int, ...]
    velocities: tuple[int, ...]
    staccato: bool = False
    tied_in: frozenset[int] = frozenset()
    tied_out: frozenset[int] = frozenset()
    """Pitches that sound on from the event before, and into the next one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One written note, chord or rest: `start` in ticks from the bar line."""

    start: int
    ticks: int
    pitches: tuple[int, ...] = ()
    velocities: tuple[int, ...] = ()
    tied_from: frozenset[int] = frozenset()
    tied_to: frozenset[int] = frozenset()
    staccato: bool = False
    whole_bar: bool = False
    """A rest that fills its bar, written as a measure rest whatever the metre."""

    @property
    def value(self) -> tuple[str, int, bool]:
        """Note type, dots, whether it is a triplet."""
        return VALUES[self.ticks]


def measures(notes: Sequence[Note], metre: TimeSignature, bars: int) -> list[list[Piece]]:
    """The notes in one voice: the pieces of each bar, which add up to its length exactly."""
    grid = find_grid(notes, metre)
    spans = quantised(notes, grid, bar_ticks(metre) * bars)
    return write_bars(events_of(spans, grid), grid, metre, bars)


def two_voices(spans: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Moving notes, and those held under or over them; the second is empty where one voice shows everything."""
    onsets = sorted({span.start for span in spans})
    following = dict(pairwise(onsets))
    held = [span for span in spans if span.end - following.get(span.start, span.end) >= HELD]
    moving = [span for span in spans if span.end - following.get(span.start, span.end) < HELD]
    if not held or not moving or _is_ringing(held, following):
        return list(spans), []
    return moving, held


def _is_ringing(held: Sequence[Span], following: dict[int, int]) -> bool:
    """Whether what is held is a broken chord let ring: mostly each held note is followed by another one."""
    starts = {span.start for span in held}
    return sum(following.get(span.start) in starts for span in held) > len(held) / 2


def events_of(spans: Sequence[Span], grid: Grid, *, sustained: bool = False) -> list[Event]:
    """The spans as one voice of notes and chords that do not overlap, with lengths that are easy to read.

    `sustained` ties a tone that sounds on under the next chord over to it, as pads and strings are written; otherwise
    it ends where the next one begins.
    """
    groups = [list(group) for _, group in groupby(spans, key=lambda span: span.start)]
    out: list[Event] = []
    over: list[Span] = []
    for i, group in enumerate(groups):
        start = group[0].start
        following = groups[i + 1][0].start if i + 1 < len(groups) else None
        struck = {span.pitch for span in group}
        kept = [span for span in over if span.pitch not in struck]
        chord = sorted([*group, *kept], key=lambda span: span.pitch)
        end = _written_end(start, max(span.end for span in chord), following, grid)
        over = [span for span in chord if sustained and end == following and span.end - end >= QUARTER]
        short = max(span.played for span in group) <= STACCATO * (end - start)
        out.append(
            Event(
                start=start, end=end, pitches=tuple(span.pitch for span in chord),
                velocities=tuple(span.velocity for span in chord), staccato=short and end - start <= QUARTER,
                tied_in=frozenset(span.pitch for span in kept),
            )
        )  # fmt: skip
    return [
        replace(event, tied_out=after.tied_in) if after is not None and after.tied_in else event
        for event, after in zip(out, [*out[1:], None][: len(out)], strict=True)
    ]


def _written_end(start: int, end: int, following: int | None, grid: Grid) -> int:
    """Where a note from `start` to `end` is written to end: at the next onset or on an easy place near its end."""
    if following is not None and end >= following:
        return following
    beat = grid.beat
    over = end % beat
    if 0 < over <= SIXTEENTH and end - start > beat:
        return end - over
    limit = end if over == 0 else end - over + beat
    limit = limit if following is None else min(limit, following)
    gap = limit - end
    if gap < EIGHTH or (gap <= EIGHTH and end - start > beat):
        return limit
    return end + -end % EIGHTH if grid.window(end) is None else end


def write_bars(events: Sequence[Event], grid: Grid, metre: TimeSignature, bars: int) -> list[list[Piece]]:
    """One voice's pieces of each bar, rests included; those of one bar add up to its length exactly."""
    length = bar_ticks(metre)
    out: list[list[Piece]] = [[] for _ in range(bars)]
    for start, end, event in _stretches(events, length * bars):
        at = start
        while at < end:
            bar = at // length
            stop = min(end, (bar + 1) * length)
            out[bar] += _pieces(at, stop, event, grid, metre, bar * length)
            at = stop
    rest = Piece(start=0, ticks=length, whole_bar=True)
    return [pieces if any(piece.pitches for piece in pieces) else [rest] for pieces in out]


def _stretches(events: Sequence[Event], end: int) -> Iterator[tuple[int, int, Event | None]]:
    """Events and the silences between them, from the beginning to tick `end`."""
    at = 0
    for event in events:
        if event.start > at:
            yield at, event.start, None
        yield event.start, event.end, event
        at = event.end
    if at < end:
        yield at, end, None


def _pieces(begin: int, end: int, event: Event | None, grid: Grid, metre: TimeSignature, bar: int) -> list[Piece]:
    """A note, chord or rest inside of one bar, in values that show the beats."""
    out, at = [], begin
    for ticks in _values(begin, end, event is None, grid, metre, bar):
        if event is None:
            out.append(Piece(at - bar, ticks))
        else:
            first, last = at == event.start, at + ticks == event.end
            whole = frozenset(event.pitches)
            out.append(
                Piece(
                    at - bar, ticks, event.pitches, event.velocities,
                    tied_from=event.tied_in if first else whole, tied_to=event.tied_out if last else whole,
                    staccato=event.staccato and first and last,
                )
            )  # fmt: skip
        at += ticks
    return out


def _values(begin: int, end: int, rest: bool, grid: Grid, metre: TimeSignature, bar: int) -> Iterator[int]:
    """Values from `begin` to `end`; a triplet group that is entered or left inside is cut out first."""
    windows = [window for window in (grid.window(begin), grid.window(end)) if window is not None]
    places = sorted({begin, end, *(edge for window in windows for edge in window if begin < edge < end)})
    for start, stop in pairwise(places):
        if any(low <= start and stop <= high for low, high in windows):
            yield stop - start
        else:
            yield from cut(start - bar, stop - bar, metre, rest=rest)
