"""Counter-melody: a second voice that moves when the tune rests and keeps out of its way when it sings.

Held tones go in contrary motion to the tune (J. J. Fux's second rule of the species), chosen among thirds, sixths and
sevenths of the chord; the rests of the tune are answered with an echo of its last figure.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from domain.score import Chord, Note
from music.comping import velocity
from music.theory import chord_scale, parse_chord

ANSWER_FROM = 1.4
"""Beats of rest in the tune from which on it is answered."""


def counter_line(
    chords: Sequence[Chord], lead: Sequence[Note], key: str, scale: str, low: int, high: int, loudness: float
) -> list[Note]:
    """A line in MIDI notes `low`–`high` over one section's `chords`, under the tune `lead` (both in song beats)."""
    notes: list[Note] = []
    last = (low + high) // 2
    for chord in chords:
        end = chord.start + chord.duration
        inside = [n for n in lead if chord.start - 1e-6 <= n.start < end - 1e-6]
        earlier = [n for n in lead if n.start < chord.start - 1e-6][-1:]
        direction = inside[0].pitch - earlier[0].pitch if inside and earlier else 0
        last = _guide_tone(chord, inside, direction, last, low, high)
        rest = max([n.start + n.duration for n in inside], default=chord.start)
        if end - rest < ANSWER_FROM or chord.duration < 2:
            notes.append(_note(last, chord.start, chord.duration * 0.96, 0.45, loudness))
            continue
        begin = float(np.ceil(max(rest, chord.start) * 2) / 2)
        if begin - chord.start >= 0.5:
            notes.append(_note(last, chord.start, (begin - chord.start) * 0.95, 0.4, loudness))
        before = [n for n in lead if n.start < begin - 1e-6][-4:]
        answer = _echo(chord, before, begin, end, last, key, scale, low, high, loudness)
        notes += answer
        last = answer[-1].pitch if answer else last
    return notes


def _guide_tone(chord: Chord, tune: Sequence[Note], direction: int, last: int, low: int, high: int) -> int:
    """The nearest telling tone of the chord, against the direction in which the tune comes into it."""
    spec = parse_chord(chord.symbol)
    wanted = {(spec.root + i) % 12 for i in spec.intervals if i not in (0, 7)} or {spec.root}
    sung = {n.pitch % 12 for n in tune if n.duration >= 1}

    def cost(pitch: int) -> tuple[float, int]:
        move = pitch - last
        parallel = 2.5 if move * direction > 0 else 0.0
        return (abs(move) + parallel + 4.0 * (pitch % 12 in sung), pitch)

    return min((p for p in range(low, high + 1) if p % 12 in wanted), key=cost)


def _echo(
    chord: Chord,
    figure: Sequence[Note],
    begin: float,
    end: float,
    start_at: int,
    key: str,
    scale: str,
    low: int,
    high: int,
    loudness: float,
) -> list[Note]:
    """The tune's last figure turned upside down, from `begin` to `end`, on the notes of the chord's scale."""
    ladder = [p for p in range(low, high + 1) if p % 12 in chord_scale(parse_chord(chord.symbol), key, scale)]
    if not ladder:
        return []
    at = min(range(len(ladder)), key=lambda i: (abs(ladder[i] - start_at), i))
    moves = [-_sign(b.pitch - a.pitch) for a, b in itertools.pairwise(figure)] or [1, 1, -1]
    lengths = [max(0.5, min(1.0, round((b.start - a.start) * 2) / 2)) for a, b in itertools.pairwise(figure)]
    lengths = lengths or [0.5, 0.5, 1.0]
    notes: list[Note] = []
    beat = begin
    for i in range(len(moves) + 1):
        left = end - beat
        if left < 0.45:
            break
        closing = i == len(moves) or left < 1.0
        length = left if closing else min(lengths[i], left)
        notes.append(_note(ladder[at], beat, min(length, 2.0) * 0.95, 0.65 if i == 0 else 0.55, loudness))
        beat += length
        if closing:
            break
        at = min(len(ladder) - 1, max(0, at + moves[i]))
    return notes


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def harmonised(
    lead: Sequence[Note], chords: Sequence[Chord], key: str, scale: str, low: int, high: int, loudness: float
) -> list[Note]:
    """The tune sung along a third or a sixth below, where it is long enough to be heard."""
    out: list[Note] = []
    for note in lead:
        chord = next((c for c in reversed(chords) if c.start <= note.start + 1e-6), None)
        if chord is None or note.duration < 0.4:
            continue
        spec = parse_chord(chord.symbol)
        tones, steps = spec.pitch_classes, chord_scale(spec, key, scale)
        pool = range(note.pitch - 9, note.pitch - 2)
        choices = [p for p in pool if p % 12 in tones and low <= p <= high] or [
            p for p in pool if p % 12 in steps and low <= p <= high
        ]
        if choices:
            pitch = max(choices)
            out.append(_note(pitch, note.start, note.duration, 0.5, loudness))
    return out


def _note(pitch: int, start: float, duration: float, accent: float, loudness: float) -> Note:
    return Note(pitch=pitch, start=start, duration=max(0.1, duration), velocity=velocity(accent, loudness))
