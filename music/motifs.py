"""Motifs: a rhythm with a shape in scale steps, and the ways in which composers bring one back.

The operators are those of A. Schoenberg, Fundamentals of Musical Composition (1967), ch. 3: repetition, sequence,
inversion, retrograde, fragmentation, augmentation, and a changed ending.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from music.tunerhythms import Onsets


@dataclass(frozen=True, slots=True)
class Motif:
    """`onsets` are (start, length) in quarter notes in the bar; `steps` the scale steps from each note to the next.

    `level` is how many scale steps the whole stands above its first appearance.
    """

    onsets: Onsets
    steps: tuple[float, ...]
    level: int = 0


Weights = Mapping[int, float]
# Gesture -> phases of (share of the motif, weights of the scale steps). A leap is followed by what fills its gap.
GESTURES: dict[str, tuple[tuple[float, Weights], ...]] = {
    "rise": ((1.0, {1: 5, 2: 2, 0: 2, -1: 1.2}),),
    "fall": ((1.0, {-1: 5, -2: 2, 0: 2, 1: 1.2}),),
    "arch": ((0.5, {1: 4, 2: 2.5, 0: 1.5}), (0.5, {-1: 4, -2: 2, 0: 1.5})),
    "dip": ((0.5, {-1: 4, -2: 2, 0: 1.5}), (0.5, {1: 4, 2: 2.5, 0: 1.5})),
    "chant": ((0.7, {0: 6, 1: 1, -1: 1}), (0.3, {-1: 3, 1: 2, -2: 1.5, 2: 1})),
    "turn": ((1.0, {1: 3, -1: 3.4, 0: 1, 2: 0.6, -2: 0.8}),),
    "leap": ((0.3, {3: 3, 4: 3, 5: 1.5, 7: 0.6}), (0.7, {-1: 5, -2: 1.5, 0: 1.5, 1: 0.8})),
    "drop": ((0.3, {-3: 3, -4: 2, -5: 0.6}), (0.7, {1: 5, 2: 1.5, 0: 1.5})),
    "broken": ((1.0, {2: 4, -2: 4, 1: 1, -1: 1, 0: 1, 3: 1, -3: 1}),),
}
# What a section is made of.
CHARACTERS: dict[str, dict[str, float]] = {
    "telling": {"chant": 4, "turn": 3, "arch": 2, "fall": 2, "dip": 1.5, "rise": 1},
    "hook": {"leap": 3, "arch": 3, "rise": 2, "chant": 1.5, "broken": 1.5, "fall": 1.5, "drop": 1},
    "wandering": {"rise": 2, "fall": 2, "broken": 2, "dip": 2, "leap": 1.5, "turn": 1.5, "drop": 1},
}


def make_motif(onsets: Onsets, character: str, rng: np.random.Generator) -> Motif:
    """A fresh motif over a rhythm; `character` is a row of `CHARACTERS`."""
    names = list(CHARACTERS[character])
    weights = np.array([CHARACTERS[character][n] for n in names])
    phases = GESTURES[names[int(rng.choice(len(names), p=weights / weights.sum()))]]
    count = len(onsets) - 1
    steps: list[float] = []
    for i in range(count):
        reached, phase = 0.0, phases[-1][1]
        for share, candidate in phases:
            reached += share
            if (i + 0.5) / count <= reached:
                phase = candidate
                break
        values = np.array(list(phase.values()))
        steps.append(float(list(phase)[int(rng.choice(len(values), p=values / values.sum()))]))
    return Motif(onsets, tuple(steps))


def _sequence(shift: int) -> Callable[[Motif, float, np.random.Generator], Motif]:
    def up(motif: Motif, bar: float, rng: np.random.Generator) -> Motif:
        return replace(motif, level=motif.level + shift * (1 + int(rng.random() < 0.3)))

    return up


def _inverted(motif: Motif, bar: float, rng: np.random.Generator) -> Motif:
    return replace(motif, steps=tuple(-step for step in motif.steps))


def _retrograde(motif: Motif, bar: float, rng: np.random.Generator) -> Motif:
    return replace(motif, steps=tuple(-step for step in reversed(motif.steps)))


def _fragmented(motif: Motif, bar: float, rng: np.random.Generator) -> Motif:
    """The first half of the bar twice, the second time a step away."""
    half = bar / 2
    head = [(at, min(length, half - at)) for at, length in motif.onsets if at < half - 1e-6]
    if len(head) < 2:
        return motif
    steps = motif.steps[: len(head) - 1]
    back = -sum(steps) + float(rng.choice((-1, 1)))
    onsets = (*head, *((at + half, length) for at, length in head))
    return replace(motif, onsets=onsets, steps=(*steps, back, *steps))


def _augmented(motif: Motif, bar: float, rng: np.random.Generator) -> Motif:
    """The first half of the bar at half the speed."""
    half = bar / 2
    head = [(at * 2, min(length, half - at) * 2) for at, length in motif.onsets if at < half - 1e-6]
    return replace(motif, onsets=tuple(head), steps=motif.steps[: len(head) - 1]) if len(head) >= 2 else motif


def _new_ending(motif: Motif, bar: float, rng: np.random.Generator) -> Motif:
    """The last third goes elsewhere."""
    keep = max(1, len(motif.steps) * 2 // 3)
    tail = tuple(float(rng.choice((-2, -1, -1, 1, 1, 2))) for _ in motif.steps[keep:])
    return replace(motif, steps=(*motif.steps[:keep], *tail))


# Sign in a plan -> what it does to the motif.
OPERATORS: dict[str, Callable[[Motif, float, np.random.Generator], Motif]] = {
    "^": _sequence(1), "_": _sequence(-1), "!": _inverted, "%": _retrograde, "<": _fragmented, "*": _augmented,
    "'": _new_ending,
}  # fmt: skip
