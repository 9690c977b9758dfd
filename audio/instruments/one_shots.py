"""Synthesised percussion: each hit as a soft, dark layer and a hard, bright one, `(frames,)` each."""

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.signal import butter, sosfilt

from audio.instruments.voices import noise
from audio.instruments.wavetables import SIZE, SQUARE, tables
from audio.rate import RATE, Array, Doubles


class Hit(NamedTuple):
    """How to make one drum. `pitch` Hz, `decay` s to -60 dB, `tone`/`noise`/`click` levels 0–1.

    `bend` is where the pitch comes from, in octaves above; `bend_time` s; `colour` Hz is the noise's centre.
    """

    kind: str
    pitch: float
    decay: float
    tone: float = 1.0
    noise: float = 0.0
    click: float = 0.0
    bend: float = 0.0
    bend_time: float = 0.05
    colour: float = 6000.0
    noise_decay: float = 0.15
    drive: float = 0.0
    level: float = 0.8
    pan: float = 0.0


def _time(seconds: float) -> Doubles:
    return np.arange(int(seconds * RATE)) / RATE


def _decay(t: Doubles, seconds: float) -> Doubles:
    return np.exp(-6.907755 * t / seconds)


def _filtered(x: Any, kind: str, hertz: Any, order: int = 2) -> Doubles:
    return np.asarray(sosfilt(butter(order, hertz, kind, fs=RATE, output="sos"), x))


def _swept_sine(t: Doubles, hit: Hit) -> Doubles:
    hertz = hit.pitch * 2.0 ** (hit.bend * _decay(t, hit.bend_time))
    phase = np.cumsum(hertz) / RATE
    return np.asarray(np.sin(2.0 * np.pi * (phase - phase[0])))


def _saturate(x: Doubles, drive: float) -> Doubles:
    if drive <= 0.0:
        return x
    return np.asarray(np.tanh(x * (1.0 + 3.0 * drive)) / math.tanh(1.0 + 3.0 * drive))


def _kick(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(max(hit.decay, 0.1))
    body = hit.tone * _swept_sine(t, hit) * _decay(t, hit.decay) * np.minimum(1.0, t * 1500.0)
    body = _saturate(body, hit.drive)
    click = _filtered(hiss[: len(t)], "highpass", 1500.0) * _decay(t, 0.018) * hit.click
    return body + click


def _drum(hit: Hit, hiss: Doubles) -> Doubles:
    """Snare, tom, rim shot: two modes of a skin and its wires."""
    t = _time(max(hit.decay, hit.noise_decay, 0.05))
    second = hit._replace(pitch=hit.pitch * 1.78)
    skin = _swept_sine(t, hit) + 0.45 * _swept_sine(t, second) * _decay(t, hit.decay * 0.6)
    wires = _filtered(hiss[: len(t)], "bandpass", [hit.colour * 0.25, min(hit.colour * 2.2, 20_000.0)], 1)
    sound = hit.tone * 0.7 * skin * _decay(t, hit.decay) + hit.noise * 2.0 * wires * _decay(t, hit.noise_decay)
    sound += hit.click * _filtered(hiss[: len(t)], "highpass", 4000.0) * _decay(t, 0.012)
    return _saturate(sound * np.minimum(1.0, t * 3000.0), hit.drive)


def _clap(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(hit.decay)
    bursts = sum(
        np.where(t >= at, np.exp(-np.maximum(t - at, 0.0) * rate), 0.0)
        for at, rate in ((0.0, 160.0), (0.011, 160.0), (0.022, 160.0), (0.032, 6.9 / hit.noise_decay))
    )
    return _filtered(hiss[: len(t)], "bandpass", [hit.colour * 0.55, hit.colour * 2.2], 1) * bursts * 1.6


def _metal(t: Doubles, pitch: float) -> Doubles:
    """Six square waves at the inharmonic ratios of an analogue hi-hat circuit."""
    total = np.zeros(len(t))
    for k, ratio in enumerate((1.0, 1.304, 1.466, 1.787, 1.932, 2.535)):
        hertz = pitch * ratio
        level = min(31, max(0, int(3.0 * math.log2(hertz / 16.0)) + 1))
        row = tables()[SQUARE, level]
        total += row[((t * hertz + k * 0.173) % 1.0 * SIZE).astype(np.int64)]
    return total / 6.0


def _hat(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(hit.decay)
    metal = hit.tone * _metal(t, hit.pitch) + hit.noise * hiss[: len(t)]
    shaped = _filtered(metal, "highpass", hit.colour, 4)
    return shaped * (_decay(t, hit.decay) * 0.7 + _decay(t, hit.decay * 0.2) * 0.5) * np.minimum(1.0, t * 4000.0)


def _cymbal(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(hit.decay)
    metal = hit.tone * _metal(t, hit.pitch) + hit.noise * hiss[: len(t)]
    bright = _filtered(metal, "highpass", hit.colour, 2) * _decay(t, hit.decay)
    dark = _filtered(metal, "bandpass", [hit.colour * 0.4, hit.colour * 1.2], 1) * _decay(t, hit.decay * 0.5)
    return (bright + dark * 0.6) * np.minimum(1.0, t * 1200.0)


def _cowbell(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(hit.decay)
    rows = tables()
    pair = [
        rows[SQUARE, int(3.0 * math.log2(hz / 16.0)) + 1][((t * hz) % 1.0 * SIZE).astype(np.int64)]
        for hz in (hit.pitch, hit.pitch * 1.48)
    ]
    return _filtered(pair[0] + pair[1], "bandpass", [hit.pitch, hit.pitch * 4.0], 1) * _decay(t, hit.decay) * 0.6


def _shaker(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(hit.decay)
    swell = np.minimum(1.0, t / 0.012) * _decay(np.maximum(t - 0.012, 0.0), hit.decay)
    return _filtered(hiss[: len(t)], "highpass", hit.colour, 2) * swell * 1.4


def _block(hit: Hit, hiss: Doubles) -> Doubles:
    t = _time(hit.decay)
    tone = _swept_sine(t, hit) + 0.4 * _swept_sine(t, hit._replace(pitch=hit.pitch * 2.71))
    return (tone * _decay(t, hit.decay) + hiss[: len(t)] * hit.noise * _decay(t, 0.008)) * np.minimum(1.0, t * 4000)


def _chip(hit: Hit, hiss: Doubles) -> Doubles:
    """Noise held for a number of frames, as a shift register makes it, and a swept square."""
    t = _time(hit.decay)
    held = hiss[(t * hit.colour).astype(np.int64)] * hit.noise * _decay(t, hit.noise_decay)
    hertz = hit.pitch * 2.0 ** (hit.bend * _decay(t, hit.bend_time))
    tone = np.sign(np.sin(2.0 * np.pi * np.cumsum(hertz) / RATE)) * hit.tone * _decay(t, hit.decay)
    mixed = held + _filtered(tone, "lowpass", 9000.0)
    return np.round(mixed * 15.0) / 15.0 * 0.7


_MAKERS = {
    "kick": _kick,
    "drum": _drum,
    "clap": _clap,
    "hat": _hat,
    "cymbal": _cymbal,
    "cowbell": _cowbell,
    "shaker": _shaker,
    "block": _block,
    "chip": _chip,
}

_FADE = 240


def layers(hit: Hit, seed: int, variant: int) -> tuple[Array, Array]:
    """The hit played softly and hard, both peaking near `hit.level`; its noise depends on seed and variant."""
    length = int(max(hit.decay, hit.noise_decay, 0.1) * RATE) + 1
    hiss = noise(seed, f"{hit.kind}:{hit.pitch}:{hit.colour}:{variant}", length).astype(np.float64)
    hard = _MAKERS[hit.kind](hit, hiss)
    hard *= hit.level / max(1e-9, float(np.abs(hard).max()))
    hard[-_FADE:] *= np.linspace(1.0, 0.0, _FADE)
    soft = _filtered(hard, "lowpass", max(900.0, min(hit.colour, 7000.0)), 1)
    soft *= hit.level / max(1e-9, float(np.abs(soft).max()))
    return soft.astype(np.float32), hard.astype(np.float32)
