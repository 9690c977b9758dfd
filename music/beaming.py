"""Beams and tuplet groups of one voice in one bar."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby

from domain.score import TimeSignature
from music.notation import Piece
from music.notevalues import EIGHTH, QUARTER, bar_ticks, group_starts

_FLAGS: Mapping[str, int] = {"eighth": 1, "16th": 2, "32nd": 3}
_STROKES: Mapping[tuple[bool, bool], str] = {(True, True): "continue", (True, False): "end", (False, True): "begin"}


def beams(pieces: Sequence[Piece], metre: TimeSignature) -> dict[int, tuple[str, ...]]:
    """By the piece's place in `pieces`: what each beam does there (begin, continue, end, forward or backward hook)."""
    starts = _windows(pieces, metre)
    out: dict[int, tuple[str, ...]] = {}

    def window(index: int) -> tuple[bool, int]:
        piece = pieces[index]
        if piece.pitches and piece.value[0] in _FLAGS:
            return True, bisect_right(starts, piece.start)
        return False, index

    for (beamed, _), group in groupby(range(len(pieces)), key=window):
        places = list(group)
        if beamed and len(places) > 1:
            flags = [_FLAGS[pieces[i].value[0]] for i in places]
            out.update({i: _strokes(flags, n) for n, i in enumerate(places)})
    return out


def _strokes(flags: Sequence[int], n: int) -> tuple[str, ...]:
    alone = "forward hook" if n == 0 else "backward hook"
    return tuple(
        _STROKES.get((n > 0 and flags[n - 1] >= level, n + 1 < len(flags) and flags[n + 1] >= level), alone)
        for level in range(1, flags[n] + 1)
    )


def _windows(pieces: Sequence[Piece], metre: TimeSignature) -> list[int]:
    """Where beams begin anew: at every pulse; eighths alone are joined by half bars, six of them in 3/4."""
    if metre.denominator > 4:
        return list(group_starts(metre))
    length = bar_ticks(metre)
    if metre.numerator == 3 and metre.denominator == 4:
        whole = len(pieces) == length // EIGHTH and all(p.pitches and p.ticks == EIGHTH for p in pieces)
        return [0] if whole else list(range(0, length, QUARTER))
    starts: list[int] = []
    for begin in range(0, length, 2 * QUARTER):
        inside = [p for p in pieces if begin <= p.start < begin + 2 * QUARTER]
        joined = all(p.ticks % EIGHTH == 0 for p in inside) and metre.numerator % 2 == 0
        starts += [begin] if joined else [begin, begin + QUARTER]
    return starts


def tuplets(pieces: Sequence[Piece]) -> dict[int, tuple[bool, bool]]:
    """By the piece's place in `pieces`: whether a triplet group starts and whether one stops there."""
    out: dict[int, tuple[bool, bool]] = {}
    run: list[int] = []
    total = 0
    for i, piece in enumerate(pieces):
        if piece.whole_bar or not piece.value[2]:
            continue
        run.append(i)
        total += piece.ticks
        # Triplet eighths never add up to an eighth, triplet sixteenths first do.
        if total in (EIGHTH, QUARTER):
            out.update({j: (j == run[0], j == run[-1]) for j in run})
            run, total = [], 0
    return out
