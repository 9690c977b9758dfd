"""Sounds that mark the form rather than play notes: risers, impacts, vinyl noise. One for each note."""

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.signal import butter, sosfilt

from audio.instruments.voices import noise
from audio.kernels import kernel
from audio.rate import RATE, Array, Doubles, frames
from domain.score import PerformedPart, TimedNote
from domain.seeds import derive


@kernel
def _swept_band(hiss: Array, low: float, high: float, q: float, out: Array) -> None:
    """Band-pass whose centre rises exponentially from `low` to `high` Hz over the sound."""
    length = out.shape[0]
    first = second = 0.0
    for n in range(length):
        hertz = low * (high / low) ** (n / length)
        g = np.tan(np.pi * hertz / RATE)
        a1 = 1.0 / (1.0 + g * (g + 1.0 / q))
        v = hiss[n] - second
        band = a1 * (first + g * v)
        low_out = second + g * band
        first = 2.0 * band - first
        second = 2.0 * low_out - second
        out[n] = band / q


def _riser(note: TimedNote, seed: int) -> Array:
    length = max(frames(note.end - note.start), RATE // 4)
    t = np.arange(length) / length
    sides = []
    for side in ("left", "right"):
        out = np.zeros(length, np.float32)
        _swept_band(noise(seed, f"riser:{note.start}:{side}", length), 300.0, 9000.0, 1.4, out)
        sides.append(out * 1.2)
    hertz = 440.0 * 2.0 ** ((note.pitch - 69) / 12.0 + t)
    tone = np.sin(2.0 * np.pi * np.cumsum(np.minimum(hertz, 12_000.0)) / RATE) * 0.18
    shape = t**2 * np.minimum(1.0, (1.0 - t) * length / 480.0)
    return np.asarray(np.stack([s + tone for s in sides], axis=1) * shape[:, None], np.float32)


def _impact(note: TimedNote, seed: int) -> Array:
    length = frames(3.2)
    t = np.arange(length) / RATE
    boom = np.sin(2.0 * np.pi * np.cumsum(38.0 + 70.0 * np.exp(-t * 9.0)) / RATE) * np.exp(-t * 2.4)
    sos = butter(2, [120.0, 5200.0], "bandpass", fs=RATE, output="sos")
    sides = [
        sosfilt(sos, noise(seed, f"impact:{note.start}:{side}", length)) * np.exp(-t * 4.2)
        for side in ("left", "right")
    ]
    onset = np.minimum(1.0, t * 900.0) * np.minimum(1.0, (3.2 - t) * 20.0)
    return np.asarray(np.stack([0.8 * boom + 0.5 * s for s in sides], axis=1) * onset[:, None], np.float32)


def _vinyl(note: TimedNote, seed: int) -> Array:
    """Surface hiss, rumble and clicks; most clicks are small, few are loud."""
    length = max(frames(note.end - note.start), RATE // 10)
    generator = np.random.default_rng(derive(seed, "vinyl", round(note.start * 1000)))
    clicks = np.zeros((length, 2))
    count = generator.poisson(length / RATE * 9.0)
    at = generator.integers(0, length, count)
    size = generator.pareto(2.2, count).clip(0.0, 12.0) * 0.05
    pan = generator.random(count)
    clicks[at, 0] += size * np.sqrt(1.0 - pan)
    clicks[at, 1] += size * np.sqrt(pan)
    popped = sosfilt(butter(1, [900.0, 6500.0], "bandpass", fs=RATE, output="sos"), clicks, axis=0) * 3.0
    hiss: Doubles = generator.standard_normal((length, 2)) * 0.004
    hiss = np.asarray(sosfilt(butter(1, [500.0, 9000.0], "bandpass", fs=RATE, output="sos"), hiss, axis=0))
    edge = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / (RATE * 0.05))
    return np.asarray((popped + hiss) * edge[:, None], np.float32)


MAKERS: Final[dict[str, Callable[[TimedNote, int], Array]]] = {
    "riser": _riser,
    "impact": _impact,
    "vinyl_noise": _vinyl,
}


def render(part: PerformedPart, make: Callable[[TimedNote, int], Array], seed: int) -> Array:
    """Place what `make` gives for each note of `part`: float32 `(round(duration_s * RATE), 2)`."""
    out = np.zeros((frames(part.duration_s), 2), np.float32)
    for note in part.notes:
        start = frames(note.start)
        sound = make(note, seed)[: max(0, len(out) - start)]
        gain = 10.0 ** (20.0 * (note.velocity / 127.0 - 1.0) / 20.0)
        out[start : start + len(sound)] += sound * np.float32(gain)
    return out
