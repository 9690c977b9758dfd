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
    "x-------........", "x---x-----......", "x-x-x-----......", "x---------......", "x-----x---......",
    "x---x---x-......", "x-x-x-x---......", "x---............", "x-x-x---........", "..x-x-----......",
)  # fmt: skip

# One beat in four squares, with how busy it is (0–2) and how much it pushes (0–1); figures are built of four.
CELLS: tuple[tuple[str, int, float], ...] = (
    ("x---", 0, 0.0), ("----", 0, 0.2), ("....", 0, 0.1), ("x-x-", 1, 0.0), ("--x-", 1, 0.7), ("..x-", 1, 0.5),
    ("x--x", 2, 0.8), ("x-xx", 2, 0.2), ("-x-x", 2, 1.0), ("xxx-", 2, 0.3), ("-xx-", 2, 0.8), ("xx-x", 2, 0.6),
)  # fmt: skip

# Plans of a phrase, a token a bar: equal letters share a motif, the signs after it say how it comes back
# (`music.motifs.OPERATORS`); e closes openly, E closes fully, a dot is silence. Sentences and periods after
# W. Caplin, Classical Form (1998).
PLANS: dict[str, tuple[str, ...]] = {
    "verse": (
        "a b a' e  a b c E",
        "a a^ b e  a a^ c E",
        "a b c e  a b c' E",
        "a a' b e  a_ a_' b E",
        "a b a^ e  a! b c E",
        "a . a^ e  a b c E",
        "a a b e  a a^ b< E",
    ),
    "chorus": (
        "h i h e  h i h' E",
        "h h^ i e  h h^ j E",
        "h i h^ i_  h i j E",
        "h h i e  h h^ i' E",
        "h i h' e  h^ i^ j E",
        "h e h' e  h e j E",
    ),
    "bridge": (
        "k k^ l e  k_ l m E",
        "k l k_ l_  m m^ n E",
        "k k! l e  k* l n E",
        "k k^ k^ e  l l_ m E",
        "k e l e  k^ l^ m E",
    ),
    "solo": ("k l m e  n l< o E", "k l k% n  o p m E", "k k^ l m  n o k! E"),
    "sparse": (". a . e  . a . E", "a e . .  a E . .", ". a . e  . b . E"),
    "blues": ("a b e .  a b e .  c d E .", "a a' e .  a b e .  c c_ E .", "a e . .  a^ e . .  c d E ."),
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


def figure(metre: TimeSignature, density: float, wanted: float, finest: float, rng: np.random.Generator) -> Onsets:
    """A figure of about the wanted `density` (0–1) and syncopation (0–1), no note shorter than `finest` beats."""
    if metre.beats_per_bar != 4 or metre.denominator > 4:
        return _built(metre, density, rng)
    if rng.random() < 0.5:
        for _ in range(6):
            made = _of_cells(density, wanted, finest, rng)
            if len(made) >= 3:
                return made
    level = min(2, max(0, int(rng.normal(density * 3 - 0.5, 0.45) + 0.5)))
    figures = [f for f in map(read_figure, FIGURES[level]) if _fits(f, finest)]
    figures = figures or [f for f in map(read_figure, FIGURES[1]) if _fits(f, finest)]
    weights = np.exp(-4.0 * np.abs(np.array([syncopation(f) for f in figures]) * 2 - wanted))
    return figures[int(rng.choice(len(figures), p=weights / weights.sum()))]


def _fits(onsets: Onsets, finest: float) -> bool:
    return all(start % finest < 1e-6 for start, _ in onsets)


def _of_cells(density: float, wanted: float, finest: float, rng: np.random.Generator) -> Onsets:
    """Four beats from the table of cells; a beat likes to repeat one that was there before."""
    cells = [cell for cell in CELLS if finest <= 0.25 or cell[1] < 2]
    busy = np.array([cell[1] for cell in cells])
    push = np.array([cell[2] for cell in cells])
    weights = np.exp(-1.6 * np.abs(busy - 2.2 * density) - 2.2 * np.abs(push - wanted) * (push > 0.15))
    chosen: list[int] = []
    for beat in range(4):
        own = weights.copy()
        if chosen:
            own[chosen[beat // 2 - 1 if beat == 3 else 0]] *= 2.0
        chosen.append(int(rng.choice(len(cells), p=own / own.sum())))
    line = "".join(cells[i][0] for i in chosen)
    first = line.find("x")
    return read_figure("." * max(0, first) + line[max(0, first) :]) if first >= 0 else ()


def ending(metre: TimeSignature, density: float, rng: np.random.Generator) -> Onsets:
    """A closing figure: it comes to rest and leaves room to breathe."""
    if metre.beats_per_bar != 4 or metre.denominator > 4:
        return _built_ending(metre, density, rng)
    last = len(ENDINGS) if density > 0.4 else 5
    return read_figure(ENDINGS[int(rng.integers(last))])


def _built_ending(metre: TimeSignature, density: float, rng: np.random.Generator) -> Onsets:
    """A closing figure for any metre: one to three notes, the last pulses silent."""
    places = pulses(metre)
    if len(places) == 1:
        return ((0.0, metre.beats_per_bar * 0.6),)
    stop = places[-1] if len(places) <= 3 or rng.random() < 0.5 else places[-2]
    roll = rng.random()
    if roll < 0.35 or stop <= places[1]:
        return ((0.0, min(stop, places[1])),) if roll < 0.15 else ((0.0, stop),)
    if roll < 0.35 + 0.4 * density:
        half = places[1] / 2
        return ((0.0, half), (half, places[1] - half), (places[1], stop - places[1]))
    return ((0.0, places[1]), (places[1], stop - places[1]))


def pushed(onsets: Onsets, room: float) -> Onsets:
    """The first note an eighth before the bar line, where the bar before leaves `room` beats."""
    if not onsets or onsets[0][0] > 0 or room < 0.5:
        return onsets
    return ((-0.5, onsets[0][1] + 0.5), *onsets[1:])


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


def plan(name: str, bars: int, rng: np.random.Generator) -> tuple[str, ...]:
    """A plan token for each bar; longer sections repeat the plan's first half and keep its end."""
    if bars == 12 and name in {"verse", "chorus"}:
        name = "blues"
    tokens = PLANS[name][int(rng.integers(len(PLANS[name])))].split()
    if bars >= len(tokens):
        head = tokens[: len(tokens) // 2]
        more = bars - len(tokens)
        return (*(head * -(-more // len(head)))[:more], *tokens)
    if bars <= 4:
        return (*tokens[: bars - 1], "E")
    return (*tokens[: bars - 4], *tokens[-4:])
