"""The critic: how good a candidate is by numbers, before anybody hears it.

Every layer is written several times and the best is kept: chords whose key is heard and that differ from section to
section, grooves and tunes that come close to what people play and write, basses that sit on the kick. Figures are
means over human songs: tunes POP909 (152 songs), drums the Groove MIDI recordings. Higher is better; deterministic.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from domain.score import Note, SectionKind
from music.grooves import SNARE
from music.keyfinding import key_clarity
from music.material import Rhythm, SectionHarmony, SectionLine
from music.theory import parse_chord

K = SectionKind


def harmony_merit(plan: Mapping[SectionKind, list[list[str]]], key: str, scale: str) -> float:
    """How well the key is heard in the whole plan, plus contrast between verse, chorus and bridge."""
    heard = [symbol for kind in (K.VERSE, K.CHORUS, K.BRIDGE, K.OUTRO) for bar in plan[kind] for symbol in bar]
    clarity = key_clarity(heard, key, scale)
    contrast = sum(plan[a] != plan[b] for a, b in ((K.VERSE, K.CHORUS), (K.CHORUS, K.BRIDGE)))
    variety = len(set(heard)) / 12
    return clarity * 3 + 0.15 * contrast + 0.2 * min(1.0, variety)


def groove_merit(rhythm: Rhythm) -> float:
    """How much a groove is like a drummer's: ghosts among the snares, a second bar that answers, levels that grow.

    People play 46 % of their snare strokes as ghosts (Groove MIDI); a groove without a snare is judged by the rest.
    """
    verse, chorus = rhythm.at(1), rhythm.at(2)
    snares = [hit.velocity for hit in verse.hits if hit.pitch == SNARE]
    ghosts = abs(float(np.mean([v < 50 for v in snares])) - _GHOSTS) if snares else 0.3
    bar = rhythm.beats_per_bar
    halves = [{(h.pitch, h.start % bar) for h in verse.hits if i * bar <= h.start < (i + 1) * bar} for i in (0, 1)]
    answer = len(halves[0] ^ halves[1]) / max(1, len(halves[0] | halves[1])) if verse.bars > 1 else 0.0
    growth = len(chorus.hits) / max(1, chorus.bars) - len(verse.hits) / max(1, verse.bars)
    return -ghosts + 0.5 * min(answer, 0.4) + 0.05 * min(growth, 4.0)


def bass_merit(notes: Sequence[Note], kicks: Sequence[Sequence[float]], bar: float) -> float:
    """How well a line sits: on the kick, moving by step or by fourth and fifth, not leaping about. 1 is best."""
    if len(notes) < 2:
        return 0.0
    locked = [
        any(abs(note.start % bar - kick) < 0.06 for kick in kicks[int(note.start // bar) % len(kicks)])
        for note in notes
    ]
    moves = np.abs(np.diff([note.pitch for note in notes]))
    smooth = np.isin(moves, (0, 1, 2, 5, 7, 12))
    return float(0.5 * np.mean(locked) + 0.5 * np.mean(smooth) - 0.5 * np.mean(moves > 12))


# Shares in human pop melodies (POP909, 152 songs): what is wanted, and what an error weighs.
_REPEATS, _STEPS, _LEAPS, _TURNS = 0.21, 0.46, 0.14, 0.6
_REST, _ON_BEAT, _OFF_BEAT = 0.3, 0.73, 0.6
_GHOSTS = 0.46
"""Share of ghosts among the snare strokes of people."""


def tune_merit(line: SectionLine, section: SectionHarmony, bar: float, span: int) -> float:
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
