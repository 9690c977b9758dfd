"""Compression: level detectors and the gain curves they make."""

import math
from typing import Final

import numpy as np

from audio.kernels import kernel
from audio.rate import RATE, Array

_STEP: Final = 16


@kernel
def _gain_curve(
    x: Array,
    threshold_db: float,
    ratio: float,
    knee_db: float,
    attack: float,
    release: float,
    most_db: float,
    out: Array,
) -> None:
    """Gain for each frame; detector is the smoothed power of the louder side, decided every 16 frames."""
    up = math.exp(-_STEP / (attack * RATE))
    down = math.exp(-_STEP / (release * RATE))
    slope = 1.0 / ratio - 1.0
    reduction = 0.0
    before = 1.0
    length = x.shape[0]
    for start in range(0, length, _STEP):
        stop = min(start + _STEP, length)
        left = right = 0.0
        for n in range(start, stop):
            left += np.float64(x[n, 0]) * x[n, 0]
            right += np.float64(x[n, 1]) * x[n, 1]
        power = max(left, right) / (stop - start)
        over = 10.0 * math.log10(power + 1e-14) - threshold_db
        if over <= -0.5 * knee_db:
            wanted = 0.0
        elif over < 0.5 * knee_db:
            wanted = slope * (over + 0.5 * knee_db) ** 2 / (2.0 * knee_db)
        else:
            wanted = slope * over
        wanted = max(wanted, -most_db)
        keep = up if wanted < reduction else down
        reduction = wanted + (reduction - wanted) * keep
        if abs(reduction) < 1e-9:
            reduction = 0.0
        after = 10.0 ** (reduction / 20.0)
        for n in range(start, stop):
            out[n] = before + (after - before) * (n - start + 1) / (stop - start)
        before = after


def gain_curve(
    x: Array,
    *,
    threshold_db: float,
    ratio: float,
    attack_s: float,
    release_s: float,
    knee_db: float = 6.0,
    most_db: float = 24.0,
) -> Array:
    """Gain `(frames,)` of a feed-forward compressor listening to `x` `(frames, 2)`; threshold in dBFS RMS.

    Reduction never exceeds `most_db`. Law with soft knee: Giannoulis, Massberg, Reiss, JAES 60(6), 2012.
    """
    out = np.empty(x.shape[0], np.float32)
    _gain_curve(x, threshold_db, ratio, knee_db, attack_s, release_s, most_db, out)
    return out
