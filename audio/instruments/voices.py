"""A performed part as arrays that voice kernels read, and the gain curve of its expression controllers."""

from typing import Any, Final, NamedTuple

import numpy as np

from audio.rate import RATE, Array, Doubles, Integers, frames
from domain.score import ControlChange, PerformedPart, TimedNote
from domain.seeds import derive

_SUSTAIN: Final = 64
_GAIN_CONTROLLERS: Final = (7, 11)
_DEFAULTS: Final = {7: 100, 11: 127}
_SMOOTHING_S: Final = 0.02


class Voices(NamedTuple):
    """Notes by start: first frame, frames held, fundamental in Hz, velocity 0–1, pitch a glide comes from in Hz."""

    starts: Integers
    gates: Integers
    hertz: Doubles
    velocities: Doubles
    glide_from: Doubles


def _pedal_spans(controls: tuple[ControlChange, ...]) -> list[tuple[float, float]]:
    spans: list[tuple[float, float]] = []
    down: float | None = None
    for change in sorted((c for c in controls if c.number == _SUSTAIN), key=lambda c: c.time):
        if change.value >= 64 and down is None:
            down = change.time
        elif change.value < 64 and down is not None:
            spans.append((down, change.time))
            down = None
    return spans


def _released(note: TimedNote, spans: list[tuple[float, float]], next_same: float) -> float:
    """When the damper falls: at the pedal's release if it was down at the note's end, or when struck again."""
    for down, up in spans:
        if down <= note.end < up:
            return max(note.end, min(up, next_same))
    return note.end


def voices(part: PerformedPart, *, mono: bool = False) -> Voices:
    """Arrays of `part`'s notes, the sustain pedal applied; `mono` ends each note where the next one starts.

    Notes that start after the end of the stem are left out.
    """
    notes = sorted(part.notes, key=lambda n: (n.start, n.pitch, n.end))
    length = frames(part.duration_s)
    spans = _pedal_spans(part.controls)
    next_same: dict[int, float] = {}
    ends = [0.0] * len(notes)
    for i in range(len(notes) - 1, -1, -1):
        ends[i] = _released(notes[i], spans, next_same.get(notes[i].pitch, float("inf")))
        next_same[notes[i].pitch] = notes[i].start
    starts = np.array([frames(n.start) for n in notes], np.int64)
    stops = np.array([frames(e) for e in ends], np.int64)
    if mono and len(notes) > 1:
        stops[:-1] = np.minimum(stops[:-1], np.maximum(starts[1:], starts[:-1] + 1))
    hertz = 440.0 * 2.0 ** ((np.array([n.pitch for n in notes], np.float64) - 69.0) / 12.0)
    glide_from = hertz.copy()
    if len(notes) > 1:
        linked = starts[1:] - stops[:-1] < RATE // 20
        glide_from[1:] = np.where(linked, hertz[:-1], hertz[1:])
    inside = starts < length
    return Voices(
        starts[inside],
        np.maximum(stops - starts, 1)[inside],
        hertz[inside],
        np.array([n.velocity / 127.0 for n in notes], np.float64)[inside],
        glide_from[inside],
    )


def phases(seed: int, part: PerformedPart, voices_count: int, oscillators: int) -> Doubles:
    """Start phases 0–1 of every oscillator of every note: `(voices, oscillators)`."""
    return np.random.default_rng(derive(seed, "phases", part.id)).random((voices_count, oscillators))


def noise(seed: int, purpose: str, length: int) -> Array:
    """White noise, uniform ±1: `(length,)`."""
    generator = np.random.default_rng(derive(seed, "noise", purpose))
    return (generator.random(length, dtype=np.float32) * 2.0 - 1.0).astype(np.float32)


def _curve(changes: list[ControlChange], default: int, length: int) -> Doubles:
    """A controller as amplitude, squared as General MIDI asks for, in steps of 1 ms, smoothed."""
    step = RATE // 1000
    values = np.full(length // step + 2, float(default))
    for change in changes:
        values[min(round(change.time * 1000), len(values) - 1) :] = change.value
    width = max(1, round(_SMOOTHING_S * 1000))
    padded = np.concatenate((np.full(width, values[0]), values))
    total = np.cumsum(padded)
    smooth = (total[width:] - total[:-width]) / width
    return np.asarray((smooth / 127.0) ** 2)


def expression(part: PerformedPart, length: int) -> Array | None:
    """Gain `(length, 1)` of volume and expression against their defaults, or None when neither is used."""
    total: Any = None
    for number in _GAIN_CONTROLLERS:
        changes = sorted((c for c in part.controls if c.number == number), key=lambda c: c.time)
        if changes:
            curve = _curve(changes, _DEFAULTS[number], length) / (_DEFAULTS[number] / 127.0) ** 2
            total = curve if total is None else total * curve
    if total is None:
        return None
    at = np.arange(length) / (RATE // 1000)
    gain: Array = np.interp(at, np.arange(len(total)), total).astype(np.float32)[:, None]
    return gain
