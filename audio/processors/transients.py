"""The front of notes against their body: more attack, or silence after it."""

import math

import numpy as np

from audio.kernels import kernel
from audio.rate import RATE, Array


@kernel
def _followers(x: Array, fast: float, slow: float, fall: float, out: Array) -> None:
    """Ratio of a fast to a slow envelope of the louder side, at least 1: high where a note begins."""
    quick = lazy = 0.0
    for n in range(x.shape[0]):
        level = max(abs(np.float64(x[n, 0])), abs(np.float64(x[n, 1])))
        quick += (level - quick) * (fast if level > quick else fall)
        lazy += (level - lazy) * (slow if level > lazy else fall)
        if quick + lazy < 1e-20:
            quick = lazy = 0.0
        out[n] = max(1.0, quick / (lazy + 1e-5))


def _share(seconds: float) -> float:
    return 1.0 - math.exp(-1.0 / (seconds * RATE))


def punch(x: Array, amount: float) -> Array:
    """Lift attacks by up to 6 dB times `amount` 0–1, in place."""
    ratio = np.empty(x.shape[0], np.float32)
    _followers(x, _share(0.001), _share(0.025), _share(0.12), ratio)
    x *= np.minimum(ratio ** np.float32(amount * 0.5), np.float32(2.0**amount))[:, None]
    return x


@kernel
def _gate(x: Array, threshold: float, hold: int, release: float) -> None:
    gain, waited = 1.0, 0
    for n in range(x.shape[0]):
        level = max(abs(np.float64(x[n, 0])), abs(np.float64(x[n, 1])))
        waited = 0 if level > threshold else waited + 1
        if waited <= hold:
            gain += (1.0 - gain) * 0.02
        else:
            gain = max(gain * release, 1e-5)
        x[n, 0] *= gain
        x[n, 1] *= gain


def gate(x: Array, under_db: float) -> Array:
    """Close 60 ms after the level falls `under_db` below the stem's own peak, in place."""
    top = float(np.abs(x).max()) if x.size else 0.0
    if top > 0.0:
        _gate(x, top * 10.0 ** (-abs(under_db) / 20.0), RATE * 60 // 1000, math.exp(-6.9 / (0.05 * RATE)))
    return x
