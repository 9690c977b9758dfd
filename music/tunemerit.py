"""How good a tune is by numbers: closeness to what people write, before anybody hears it."""

import numpy as np

from music.material import SectionHarmony, SectionLine
from music.theory import parse_chord

# Shares in human pop melodies (POP909, 152 songs): what is wanted, and what an error weighs.
_REPEATS, _STEPS, _LEAPS, _TURNS = 0.21, 0.46, 0.14, 0.6
_REST, _ON_BEAT, _OFF_BEAT = 0.3, 0.73, 0.6


def merit(line: SectionLine, section: SectionHarmony, bar: float, span: int) -> float:
    """0 is as people write, lower is further from it.

    Repeats, steps and leaps in proportion, leaps that turn back, rests, chord tones on and off the beat, a range that
    is used, and one peak rather than many.
    """
    pitches = np.array([n.pitch for n in line.notes])
    if len(pitches) < 3:
        return -9.0
    moves = np.diff(pitches)
    size = np.abs(moves)
    errors = [
        abs(float(np.mean(size == 0)) - _REPEATS),
        abs(float(np.mean((size > 0) & (size < 3))) - _STEPS),
        abs(float(np.mean(size >= 5)) - _LEAPS),
        0.3 * abs(_turning(moves) - _TURNS),
        1.2 * abs(1 - sum(n.duration for n in line.notes) / (section.bars * bar) - _REST),
        abs(float(np.ptp(pitches)) - 0.72 * span) / 24,
        0.05 * max(0, int(np.sum(pitches == pitches.max())) - 3),
        *_harmony_errors(line, section),
    ]
    return -float(sum(errors))


def _turning(moves: np.ndarray[tuple[int], np.dtype[np.int_]]) -> float:
    """Share of leaps after which the tune turns back."""
    leaps = np.abs(moves[:-1]) >= 5
    return float(np.mean((moves[:-1] * moves[1:] < 0)[leaps])) if leaps.any() else _TURNS


def _harmony_errors(line: SectionLine, section: SectionHarmony) -> list[float]:
    inside: dict[bool, list[bool]] = {True: [], False: []}
    for note in line.notes:
        chord = parse_chord(next(c for c in reversed(section.chords) if c.start <= max(0.0, note.start) + 1e-6).symbol)
        inside[note.start % 1 < 1e-6].append(note.pitch % 12 in chord.pitch_classes)
    wanted = ((inside[True], _ON_BEAT), (inside[False], _OFF_BEAT))
    return [0.5 * abs(float(np.mean(hits)) - share) if hits else 0.0 for hits, share in wanted]
