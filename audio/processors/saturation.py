"""Waveshaping without aliasing to speak of, and the coarser digital kind with it."""

import math

import numpy as np

from audio.decibels import db_to_gain
from audio.filters import low_pass, run
from audio.kernels import kernel
from audio.rate import RATE, Array


@kernel
def _shape(x: Array, gain: float, out_gain: float, mix: float) -> None:
    """U / sqrt(1 + u²) by its antiderivative: the mean of the curve over each step between two samples.

    Antiderivative anti-aliasing after J. Parker et al. (DAFx 2016); for this curve the quotient is free of the
    division by a vanishing step: (u + v) / (sqrt(1 + u²) + sqrt(1 + v²)).
    """
    for c in range(x.shape[1]):
        before = 0.0
        root = 1.0
        for n in range(x.shape[0]):
            dry = np.float64(x[n, c])
            now = dry * gain
            next_root = math.sqrt(1.0 + now * now)
            wet = (now + before) / (next_root + root)
            x[n, c] = dry + (wet * out_gain - dry) * mix
            before = now
            root = next_root


def saturate(x: Array, drive_db: float, mix: float = 1.0) -> Array:
    """Drive `x` `(frames, 2)` into a soft curve by `drive_db` against its own level, in place; level about kept."""
    level = float(np.sqrt(np.mean(np.square(x, dtype=np.float64)))) if x.size else 0.0
    if level <= 0.0:
        return x
    gain = db_to_gain(drive_db) * 0.18 / level
    # What a sine of that level loses in the curve is given back.
    out_gain = 1.0 / (gain * (1.0 - 0.3 * min(1.0, gain * level)))
    _shape(x, gain, out_gain, mix)
    return x


@kernel
def _soft_clip(x: Array, ceiling: float) -> int:
    knee = 0.5 * ceiling
    room = ceiling - knee
    touched = 0
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            size = abs(np.float64(x[n, c]))
            if size > knee:
                over = (size - knee) / room
                bent = knee + room * over / math.sqrt(1.0 + over * over)
                x[n, c] = bent if x[n, c] > 0.0 else -bent
                touched += 1 if size > ceiling else 0
    return touched


def soft_clip(x: Array, ceiling: float) -> int:
    """Bend peaks of `x` under `ceiling` (linear), from half of it on, in place; gives how many samples were over it."""
    return int(_soft_clip(x, ceiling)) if ceiling > 0.0 else 0


def reduce_bits(x: Array, bits: float, hold_hz: float) -> Array:
    """Quantise `x` to `bits` of its own peak and hold samples at `hold_hz`, like an early sampler; in place."""
    top = float(np.abs(x).max()) if x.size else 0.0
    if top <= 0.0:
        return x
    run(x, [low_pass(hold_hz * 0.42), low_pass(hold_hz * 0.42)])
    steps = np.float32(2.0 ** (bits - 1.0) / top)
    held = (np.floor(np.arange(x.shape[0]) * hold_hz / RATE) * RATE / hold_hz).astype(np.int64)
    x[:] = np.rint(x[held] * steps) / steps
    return run(x, [low_pass(hold_hz * 0.5)])
