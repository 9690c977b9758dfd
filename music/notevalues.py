"""Note values: how a length is written so that the beats of its metre can be seen.

Time is in ticks, `DIVISIONS` to the quarter note: a sixteenth is 6, a triplet eighth 8, a 32nd 3.
"""

from functools import lru_cache

from domain.score import TimeSignature
from music.metre import is_compound, pulses

DIVISIONS = 24
QUARTER, EIGHTH, SIXTEENTH, THIRTY_SECOND = 24, 12, 6, 3
TRIPLET_EIGHTH, TRIPLET_SIXTEENTH = 8, 4

# Ticks -> (note type, dots, triplet).
VALUES: dict[int, tuple[str, int, bool]] = {
    192: ("breve", 0, False), 144: ("whole", 1, False), 96: ("whole", 0, False), 72: ("half", 1, False),
    48: ("half", 0, False), 36: ("quarter", 1, False), 24: ("quarter", 0, False), 18: ("eighth", 1, False),
    12: ("eighth", 0, False), 9: ("16th", 1, False), 6: ("16th", 0, False), 3: ("32nd", 0, False),
    16: ("quarter", 0, True), 8: ("eighth", 0, True), 4: ("16th", 0, True),
}  # fmt: skip

# How strongly a place in the bar must be seen.
_FINE, _SIXTEENTHS, _EIGHTHS, _BEAT, _GROUP, _EDGE, _WALL = -1, 0, 1, 2, 3, 4, 5
# Metres in quarters: where their groups part, and what no note may hide.
_HALVES: dict[int, tuple[int, ...]] = {4: (2,), 6: (3,), 8: (4,), 9: (3, 6), 12: (3, 6, 9)}
_WALLS: dict[int, tuple[int, ...]] = {5: (3,), 7: (4,), 10: (5,), 11: (4, 8)}


def bar_ticks(metre: TimeSignature) -> int:
    """Length of a bar in ticks."""
    return round(metre.beats_per_bar * DIVISIONS)


def beat_ticks(metre: TimeSignature) -> int:
    """Length of a counted beat in ticks: a dotted value in compound metres, a quarter at most in others."""
    unit = 4 * DIVISIONS // metre.denominator
    return 3 * unit if is_compound(metre) else min(QUARTER, unit)


@lru_cache(maxsize=64)
def group_starts(metre: TimeSignature) -> tuple[int, ...]:
    """Where the felt pulses of a bar begin, in ticks from the bar line."""
    return tuple(round(pulse * DIVISIONS) for pulse in pulses(metre))


@lru_cache(maxsize=64)
def _levels(metre: TimeSignature) -> tuple[int, ...]:
    """The strength of every tick of a bar, both bar lines included."""
    length = bar_ticks(metre)
    out = [_FINE] * (length + 1)
    for step, level in ((SIXTEENTH, _SIXTEENTHS), (EIGHTH, _EIGHTHS)):
        for tick in range(0, length + 1, step):
            out[tick] = level
    quarters = metre.denominator == 4
    for tick in group_starts(metre):
        out[tick] = _BEAT if quarters else _GROUP
    if metre.denominator == 2:
        for tick in range(QUARTER, length, 2 * QUARTER):
            out[tick] = _BEAT
    if quarters:
        for table, level in ((_HALVES, _GROUP), (_WALLS, _WALL)):
            for beat in table.get(metre.numerator, ()):
                out[beat * QUARTER] = level
    out[0] = out[length] = _EDGE
    return tuple(out)


def _plain(ticks: int) -> bool:
    return ticks in VALUES and not VALUES[ticks][2]


def _note_fits(start: int, end: int, metre: TimeSignature) -> bool:
    """Whether one note may be written from `start` to `end`: it hides no stronger beat than its own.

    Allowed beside that are the usual syncopations: a quarter between two off-beats and a half on beat two of 4/4.
    """
    levels, length = _levels(metre), end - start
    inside = levels[start + 1 : end]
    strongest = max(inside, default=_FINE)
    if not _plain(length) or strongest == _WALL:
        return False
    if strongest >= _GROUP and metre.denominator >= 8 and levels[end] < _GROUP:
        return False
    if levels[start] >= strongest:
        return True
    if length == 2 * QUARTER and start == QUARTER and metre.numerator == 4 == metre.denominator:
        return True
    even = length % (EIGHTH if strongest == _BEAT else SIXTEENTH) == 0
    crossed = sum(level >= strongest for level in inside)
    return strongest <= _BEAT and strongest - levels[start] == 1 and crossed == 1 and (even or levels[end] >= strongest)


def _rest_fits(start: int, end: int, metre: TimeSignature) -> bool:
    """Whether one rest may be written from `start` to `end`: rests hide nothing and are dotted in compound only."""
    levels, length = _levels(metre), end - start
    strongest = max(levels[start + 1 : end], default=_FINE)
    if not _plain(length) or length >= 4 * QUARTER or strongest == _WALL or levels[start] < strongest:
        return False
    if VALUES[length][1]:
        return is_compound(metre) and length == beat_ticks(metre) and levels[start] >= _GROUP
    return not (length == 2 * QUARTER and metre.numerator == 3)


@lru_cache(maxsize=8192)
def cut(start: int, end: int, metre: TimeSignature, *, rest: bool = False) -> tuple[int, ...]:
    """The values, in ticks, that a note or rest from `start` to `end` of a bar is written in.

    Both lie on the straight grid (multiples of a 32nd); the values add up to `end - start`.
    """
    fits = _rest_fits if rest else _note_fits
    if fits(start, end, metre) or end - start <= THIRTY_SECOND:
        return (end - start,)
    inside = _levels(metre)[start + 1 : end]
    strongest = max(inside)
    places = [start + 1 + i for i, level in enumerate(inside) if level == strongest]
    if strongest == _FINE:
        places = [at for at in places if at % THIRTY_SECOND == 0]
    at = next((place for place in reversed(places) if fits(start, place, metre)), places[0])
    return cut(start, at, metre, rest=rest) + cut(at, end, metre, rest=rest)
