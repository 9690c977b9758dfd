"""Rhythms of tunes: one-bar figures, and the plans by which figures return in a phrase.

Sixteen squares are one bar of 4/4: x a note, - held, . silent. Figures are sorted by how busy they are.
"""

from itertools import pairwise

import numpy as np

from domain.score import TimeSignature
from music.metre import pulses

Onsets = tuple[tuple[float, float], ...]
"""(start in the bar, length) pairs in quarter notes."""

FIGURES: tuple[tuple[str, ...], ...] = (
    ("x-------x-------", "x-----------x---", "x---x-------....", "x-----x---------", "....x---x-------",
     "x---------x-x---", "x-------x---x---", "........x---x---"),
    ("x---x---x---x---", "x---x-x-x-------", "x-x-x---x---....", "x-----x-x---x---", "..x-x-x-x-------",
     "x--x--x---x-x---", "x-x-x-x-x-------", "....x-x-x-x-x---", "x---x-x---x-----", "x-x---x-x---x---",
     "..x---x-x---x---", "x-----x-x-x-x---", "x--x--x-x---x---", "x---x---x-x-x-x-"),
    ("x-x-x-x-x-x-x---", "x-x-x-x-x---x-x-", "x-xxx-x-x-x-x---", "x--xx-x-x--xx---", "..x-x-x-x-x-x-x-",
     "x-x-xxx-x-x-x---", "x-x--xx-x-x-x---", "xxx-x-x-xxx-x---", "x-x-x--xx-x-x---", "x--x--x-x--x--x-"),
)  # fmt: skip
ENDINGS: tuple[str, ...] = (
    "x-------........", "x---x-------....", "x-x-x-------....", "x-----------....", "x-----x-----....",
    "x---x---x---....", "x-x-x-x-x---....",
)  # fmt: skip

# Plans of a phrase, a letter a bar: equal letters share figure and shape; e closes openly, E closes fully.
PLANS: dict[str, tuple[str, ...]] = {
    "verse": ("abae abcE", "abce abcE", "aabe aacE", "abab cbcE"),
    "chorus": ("hihe hihE", "hhie hhiE", "hihe hijE", "hiji hijE"),
    "bridge": ("klke klmE", "kklm kkmE", "klkl mlmE"),
    "solo": ("klme nloE", "klkm nopE"),
    "sparse": ("a.e. a.E.", "ae.. aE..", ".a.e .a.E"),
}


def read_figure(line: str) -> Onsets:
    """Onsets and lengths of a written figure; a note before a silence or the end is clipped a little."""
    onsets = []
    for i, mark in enumerate(line):
        if mark != "x":
            continue
        run = 1
        while i + run < len(line) and line[i + run] == "-":
            run += 1
        onsets.append((i * 0.25, run * 0.25))
    return tuple(onsets)


def syncopation(onsets: Onsets) -> float:
    """Share of notes that begin off the beat and are held over the next one."""
    if not onsets:
        return 0.0
    over = sum(start % 1 != 0 and start % 1 + length > 1 for start, length in onsets)
    return over / len(onsets)


def figure(metre: TimeSignature, density: float, wanted: float, rng: np.random.Generator) -> Onsets:
    """A figure of about the wanted `density` (0–1) and syncopation (0–1)."""
    if metre.beats_per_bar != 4 or metre.denominator > 4:
        return _built(metre, density, rng)
    level = min(2, max(0, int(rng.normal(density * 3 - 0.5, 0.45) + 0.5)))
    figures = [read_figure(line) for line in FIGURES[level]]
    weights = np.exp(-4.0 * np.abs(np.array([syncopation(f) for f in figures]) * 2 - wanted))
    return figures[int(rng.choice(len(figures), p=weights / weights.sum()))]


def ending(metre: TimeSignature, density: float, rng: np.random.Generator) -> Onsets:
    """A closing figure: it comes to rest and leaves room to breathe."""
    if metre.beats_per_bar != 4 or metre.denominator > 4:
        places = pulses(metre)
        stop = places[-1] if len(places) > 1 else metre.beats_per_bar * 0.6
        if len(places) > 2 and rng.random() < density:
            return ((0.0, places[1]), (places[1], stop - places[1]))
        return ((0.0, stop),)
    last = len(ENDINGS) if density > 0.4 else 5
    return read_figure(ENDINGS[int(rng.integers(last))])


def _built(metre: TimeSignature, density: float, rng: np.random.Generator) -> Onsets:
    """A figure for any metre, pulse by pulse: held over, one note, or divided."""
    places = [*pulses(metre), metre.beats_per_bar]
    onsets: list[tuple[float, float]] = []
    for i, (start, end) in enumerate(pairwise(places)):
        length = end - start
        roll = rng.random()
        if i and onsets and roll < 0.42 - 0.35 * density:
            onsets[-1] = (onsets[-1][0], onsets[-1][1] + length)
        elif roll > 1.05 - 0.6 * density:
            parts = 3 if length in (0.75, 1.5) and rng.random() < 0.5 else 2
            cut = length * 2 / 3 if length in (0.75, 1.5) and parts == 2 else length / parts
            onsets.append((start, cut))
            if parts == 3:
                onsets.append((start + cut, cut))
                onsets.append((start + 2 * cut, cut))
            else:
                onsets.append((start + cut, length - cut))
        else:
            onsets.append((start, length))
    return tuple(onsets)


def plan(name: str, bars: int, rng: np.random.Generator) -> str:
    """A plan letter for each bar; longer sections repeat the plan's first half and keep its end."""
    choices = PLANS[name]
    letters = choices[int(rng.integers(len(choices)))].replace(" ", "")
    if bars <= 4:
        return letters[8 - bars :] if bars < 4 else letters[:3] + "E"
    first = letters[:4]
    repeats = -(-max(0, bars - 4) // 4)
    return ((first * repeats)[: bars - 4]) + letters[4:]
