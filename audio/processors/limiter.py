"""A look-ahead true-peak limiter: the gain is down before the peak comes and moves only smoothly.

It decides once every 16 frames; between two decisions the gain is a straight line. A line whose both ends are at most
what a block needs is at most that everywhere, so nothing is lost against a decision for each frame, and a loudness
loop can afford many rounds.
"""

import math
from typing import Final

import numpy as np

from audio.kernels import kernel
from audio.rate import GAIN_STEP, Array
from audio.true_peak import block_maxima

LOOK_AHEAD_S: Final = 0.003
RELEASE_S: Final = 0.05


@kernel
def _gain_line(peaks: Array, gain: float, ceiling: float, window: int, release: float, out: Array) -> None:
    """Lowest gain that the last `window` blocks need, released slowly, averaged over the next `window` points.

    The mean of values that are each at most the needed gain is at most the needed gain: no peak gets past,
    not even at the first or the last frame, for both ends go on in silence.
    """
    points = out.shape[0]
    needed = np.empty(points, np.float64)
    before = 1.0
    for k in range(points):
        level = peaks[k] * gain if k < points - 1 else 0.0
        after = ceiling / level if level > ceiling else 1.0
        needed[k] = min(before, after)
        before = after
    held = np.empty(points + window - 1, np.float64)
    keep = math.exp(-1.0 / release)
    level = 1.0
    for n in range(points + window - 1):
        lowest = 1.0
        for k in range(max(0, n - window + 1), min(n + 1, points)):
            lowest = min(lowest, needed[k])
        level = lowest if lowest < level else lowest + (level - lowest) * keep
        held[n] = level
    for k in range(points):
        total = 0.0
        for n in range(k, k + window):
            total += held[n]
        out[k] = total / window


@kernel
def _drawn(line: Array, out: Array) -> None:
    for k in range(line.shape[0] - 1):
        slope = (line[k + 1] - line[k]) / np.float32(GAIN_STEP)
        for n in range(k * GAIN_STEP, min((k + 1) * GAIN_STEP, out.shape[0])):
            out[n] = line[k] + slope * np.float32(n - k * GAIN_STEP)


@kernel
def _ride(x: Array, line: Array, gain: float) -> None:
    for k in range(line.shape[0] - 1):
        slope = (line[k + 1] - line[k]) / np.float32(GAIN_STEP)
        for n in range(k * GAIN_STEP, min((k + 1) * GAIN_STEP, x.shape[0])):
            g = (line[k] + slope * np.float32(n - k * GAIN_STEP)) * np.float32(gain)
            x[n, 0] *= g
            x[n, 1] *= g


def gain_line(peaks: Array, *, gain: float, ceiling: float, rate: int) -> Array:
    """Gain reduction at every `GAIN_STEP`th frame, `(blocks + 1,)`, each ≤ 1, for the highest `peaks` `(blocks,)`.

    Drawn straight between its points it holds `gain * peaks` at or under `ceiling` (both linear).
    """
    out = np.empty(peaks.shape[0] + 1, np.float32)
    window = max(2, round(LOOK_AHEAD_S * rate / GAIN_STEP))
    _gain_line(peaks, gain, ceiling, window, RELEASE_S * rate / GAIN_STEP, out)
    return out


def ride(x: Array, line: Array, gain: float = 1.0) -> Array:
    """`x` `(frames, 2)` times the drawn `line` and `gain`, in place; gives `x` back."""
    _ride(x, line, gain)
    return x


def limiter_gain(envelope: Array, *, gain: float, ceiling: float, rate: int) -> Array:
    """Gain reduction `(frames,)`, each ≤ 1, that holds `gain * envelope` at or under `ceiling` (both linear)."""
    peaks = np.empty(-(-envelope.shape[0] // GAIN_STEP), np.float32)
    block_maxima(envelope, peaks)
    out = np.empty_like(envelope)
    _drawn(gain_line(peaks, gain=gain, ceiling=ceiling, rate=rate), out)
    return out
