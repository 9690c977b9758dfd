"""Voicing: chords as notes, each leading to the next with as little movement as possible.

The sequence of voicings is the cheapest path (Viterbi) over close and open positions: movement of the voices
(D. Tymoczko, A Geometry of Music, 2011, ch. 2), distance from the middle of the register, muddy low intervals,
and parallel fifths and octaves of the outer voices.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations, pairwise

from music.theory import ChordSpec, parse_chord

Voicing = tuple[int, ...]


def tones(chord: ChordSpec, voices: int, rootless: bool) -> tuple[int, ...]:
    """Pitch classes to voice, the most telling first: third, seventh, colour, root, fifth."""
    third = [i for i in chord.intervals if i in (3, 4)] or [i for i in chord.intervals if i in (2, 5)]
    seventh = [i for i in chord.intervals if i in (9, 10, 11) and len(chord.intervals) > 3]
    fifth = [i for i in chord.intervals if i in (6, 7, 8)]
    colour = [i for i in chord.intervals if i >= 13]
    rest = [i for i in chord.intervals if i not in (0, *third, *seventh, *fifth, *colour)]
    root = [0]
    altered = [i for i in fifth if i != 7]
    if len(chord.intervals) <= 3:
        order = [*third, *root, *fifth, *rest]
    elif rootless:
        order = [*third, *seventh, *colour[-1:], *altered, *fifth, *root, *rest]
    else:
        order = [*third, *seventh, *root, *colour[-1:], *altered, *fifth, *rest]
    pcs = list(dict.fromkeys((chord.root + i) % 12 for i in order))
    return tuple(pcs[:voices])


@lru_cache(maxsize=8192)
def positions(symbol: str, voices: int, low: int, high: int, rootless: bool) -> tuple[Voicing, ...]:
    """Every close and drop-two position of a chord inside `low`–`high`, lowest note first."""
    pcs = tones(parse_chord(symbol), voices, rootless)
    found: set[Voicing] = set()
    for bottom in range(low, high + 1):
        if bottom % 12 not in pcs:
            continue
        stack = sorted(bottom + (pc - bottom) % 12 for pc in pcs)
        while len(stack) < min(voices, 3) and len(pcs) > 1:
            stack.append(stack[-len(pcs)] + 12)
        shapes = [tuple(stack)]
        if len(stack) >= 4:
            shapes.append(tuple(sorted([stack[-2] - 12, *stack[:-2], stack[-1]])))
        found.update(s for s in shapes if s[0] >= low and s[-1] <= high)
    if found:
        return tuple(sorted(found))
    return (tuple(sorted({low + (pc - low) % 12 for pc in pcs})),)


def lead_voices(
    symbols: Sequence[str],
    *,
    voices: int,
    low: int,
    high: int,
    rootless: bool = False,
    strict: bool = False,
    tonic: int | None = None,
) -> list[Voicing]:
    """A voicing for each chord symbol; the whole sequence moves as little as it can.

    `voices` notes each (fewer for small chords), MIDI notes within `low`–`high`. `strict` forbids parallel fifths and
    octaves between any two voices, as far as it can be done; otherwise only the outer voices mind. The pitch class
    `tonic` likes to be on top or doubled.
    """
    if not symbols:
        return []
    middle = (low + high) / 2
    layers = [positions(symbol, voices, low, high, rootless) for symbol in symbols]
    costs = [_shape_cost(v, middle, tonic) for v in layers[0]]
    back: list[list[int]] = []
    for before, now in pairwise(layers):
        pointers, fresh = [], []
        for voicing in now:
            options = [cost + _move_cost(old, voicing, strict) for cost, old in zip(costs, before, strict=True)]
            best = min(range(len(options)), key=options.__getitem__)
            pointers.append(best)
            fresh.append(options[best] + _shape_cost(voicing, middle, tonic))
        back.append(pointers)
        costs = fresh
    at = min(range(len(costs)), key=costs.__getitem__)
    path = [at]
    for pointers in reversed(back):
        at = pointers[at]
        path.append(at)
    return [layer[i] for layer, i in zip(layers, reversed(path), strict=True)]


@lru_cache(maxsize=65536)
def _move_cost(old: Voicing, new: Voicing, strict: bool) -> float:
    """Semitones that the voices travel, and a fine for outer voices in parallel fifths or octaves."""
    if old == new:
        return 0.0
    if len(old) == len(new):
        travel = float(sum(abs(a - b) for a, b in zip(old, new, strict=True)))
    else:
        travel = float(sum(min(abs(a - b) for b in old) for a in new)) + 1.0
    pairs = combinations(range(len(old)), 2) if strict and len(old) == len(new) else [(0, -1)]
    parallels = sum(_parallel(old[i], old[j], new[i], new[j]) for i, j in pairs)
    return travel + (6.0 if strict else 3.0) * parallels + 0.5 * max(0, abs(new[-1] - old[-1]) - 4)


def _parallel(old_low: int, old_high: int, new_low: int, new_high: int) -> bool:
    """Whether two voices move from one fifth or octave to another (J. J. Fux)."""
    same = (old_high - old_low) % 12 in (0, 7) and new_high - new_low == old_high - old_low
    return same and old_low != new_low


def _shape_cost(voicing: Voicing, middle: float, tonic: int | None) -> float:
    centre = sum(voicing) / len(voicing)
    mud = sum(b - a < 4 and a < 50 for a, b in pairwise(voicing))
    tight = len(voicing) > 1 and voicing[-1] - voicing[-2] == 1
    home = sum(note % 12 == tonic for note in voicing) + (voicing[-1] % 12 == tonic)
    return 0.12 * (centre - middle) ** 2 / 4 + 4.0 * mud + 2.0 * tight - 0.9 * home
