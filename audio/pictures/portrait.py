"""What a cover shows of a song, as shares of its length and range: tune, bass, chords, sections, drums, contours."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from audio.pictures.colour import fifths
from audio.rate import Doubles
from domain.score import Note, Part, Role, Score

_POINTS: Final = 240
_TUNES: Final = (Role.LEAD, Role.COUNTER, Role.ARPEGGIO, Role.KEYS, Role.GUITAR, Role.STRINGS, Role.BRASS, Role.PAD)


class Sign(NamedTuple):
    """A note: beginning and length as shares of the song, height 0–1 in its part's range, velocity 0–1."""

    start: float
    length: float
    height: float
    loud: float


class Colouring(NamedTuple):
    """A chord: beginning and end as shares of the song, fifths from the tonic, whether its third is minor."""

    start: float
    end: float
    steps: int
    dark: bool


class Portrait(NamedTuple):
    """A song in shares; `bars` is its length, `phrase` the share that the most energetic section begins and ends at."""

    bars: int
    tune: tuple[Sign, ...]
    bass: tuple[Sign, ...]
    hits: tuple[Sign, ...]
    chords: tuple[Colouring, ...]
    energy: tuple[tuple[float, float, float], ...]
    contours: tuple[Doubles, ...]
    phrase: tuple[float, float]


def portrait(score: Score) -> Portrait:
    """Everything that covers are drawn from. A part without notes is left out."""
    total = score.beats
    pitched = [part for part in score.parts if part.notes and not part.is_drum and part.role is not Role.EFFECTS]
    drums = [part for part in score.parts if part.notes and part.is_drum]
    lead = _first(pitched, _TUNES)
    bass = _first(pitched, (Role.BASS,))
    loudest = max(score.sections, key=lambda s: (s.energy, -s.start_bar))
    hit_pitches = [note.pitch for part in drums for note in part.notes]
    span = (min(hit_pitches, default=0), max(hit_pitches, default=1))
    tonic = fifths(score.key)
    return Portrait(
        bars=score.bars,
        tune=_signs(lead.notes, total) if lead else (),
        bass=_signs(bass.notes, total) if bass else (),
        hits=tuple(sign for part in drums for sign in _signs(part.notes, total, span)),
        chords=tuple(
            Colouring(c.start / total, (c.start + c.duration) / total, _near(fifths(c.symbol) - tonic), _dark(c.symbol))
            for c in score.chords
            if c.symbol[0] in "ABCDEFG"
        ),
        energy=tuple((s.start_bar / score.bars, (s.start_bar + s.bars) / score.bars, s.energy) for s in score.sections),
        contours=tuple(contour(part, total) for part in pitched),
        phrase=(loudest.start_bar / score.bars, (loudest.start_bar + min(loudest.bars, 8)) / score.bars),
    )


def _first(parts: Sequence[Part], roles: Sequence[Role]) -> Part | None:
    """The part with the first of these roles, the one with most notes among several."""
    wanted = [part for part in parts if part.role in roles]
    return min(wanted, key=lambda part: (roles.index(part.role), -len(part.notes)), default=None)


def _signs(notes: Sequence[Note], total: float, span: tuple[int, int] | None = None) -> tuple[Sign, ...]:
    low, high = span or (min(n.pitch for n in notes), max(n.pitch for n in notes))
    return tuple(
        Sign(n.start / total, n.duration / total, (n.pitch - low) / max(1, high - low), n.velocity / 127)
        for n in notes
        if n.start < total
    )


def _near(steps: int) -> int:
    """The same root at most six fifths away."""
    return (steps + 5) % 12 - 5


def _dark(symbol: str) -> bool:
    rest = symbol[1:].lstrip("#b")
    return rest.startswith(("m", "dim", "o", "ø", "°")) and not rest.startswith("maj")


def contour(part: Part, total: float) -> Doubles:
    """The part's line at 240 times, smoothed: height 0–1 in its range, sinking to 0 where it rests."""
    low, high = min(n.pitch for n in part.notes), max(n.pitch for n in part.notes)
    height, weight = np.zeros(_POINTS), np.zeros(_POINTS)
    for note in part.notes:
        first = min(_POINTS - 1, int(note.start / total * _POINTS))
        last = max(first + 1, min(_POINTS, round((note.start + note.duration) / total * _POINTS)))
        height[first:last] += (0.35 + 0.65 * (note.pitch - low) / max(1, high - low)) * note.velocity
        weight[first:last] += note.velocity
    line = np.divide(height, weight, out=np.zeros(_POINTS), where=weight > 0)
    bell = np.exp(-0.5 * (np.arange(-14, 15) / 5.0) ** 2)
    return np.convolve(np.pad(line, 14, mode="edge"), bell / bell.sum(), mode="valid")
