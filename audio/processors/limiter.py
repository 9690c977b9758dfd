"""A look-ahead true-peak limiter: the gain is down before the peak comes and moves only smoothly."""

import math
from typing import Final

import numpy as np

from audio.kernels import kernel
from audio.rate import Array

LOOK_AHEAD_S: Final = 0.003
RELEASE_S: Final = 0.05


@kernel
def _needed(envelope: Array, gain: float, ceiling: float, out: Array) -> None:
    for n in range(envelope.shape[0]):
        level = envelope[n] * gain
        out[n] = ceiling / level if level > ceiling else 1.0


@kernel
def _smooth(needed: Array, window: int, release: float, out: Array) -> None:
    """Minimum over the next `window` frames, released slowly, averaged over `window` frames before it.

    The mean of values that are each at most the needed gain is at most the needed gain: no peak gets past,
    not even at the first or the last frame, for the windows reach over both ends as if they went on.
    """
    length = needed.shape[0]
    queue = np.empty(window + 1, np.int64)
    ring = np.empty(window, np.float64)
    head = tail = 0
    held = 1.0
    total = 0.0
    keep = math.exp(-1.0 / release)
    for n in range(-window + 1, length + window - 1):
        ahead = n
        if 0 <= ahead < length:
            while tail > head and needed[queue[(tail - 1) % (window + 1)]] >= needed[ahead]:
                tail -= 1
            queue[tail % (window + 1)] = ahead
            tail += 1
        while tail > head and queue[head % (window + 1)] <= ahead - window:
            head += 1
        lowest = np.float64(needed[queue[head % (window + 1)]]) if tail > head else 1.0
        held = lowest if lowest < held else lowest + (held - lowest) * keep
        slot = (n + window - 1) % window
        if n < 1:
            ring[slot] = held
            if n == 0:
                total = 0.0
                for k in range(window):
                    total += ring[k]
        else:
            total += held - ring[slot]
            ring[slot] = held
        at = n - window + 1
        if 0 <= at < length:
            out[at] = min(total / window, 1.0)


def limiter_gain(envelope: Array, *, gain: float, ceiling: float, rate: int) -> Array:
    """Gain reduction `(frames,)`, each ≤ 1, that holds `gain * envelope` at or under `ceiling` (both linear)."""
    needed = np.empty_like(envelope)
    _needed(envelope, gain, ceiling, needed)
    out = np.empty_like(envelope)
    _smooth(needed, max(2, round(LOOK_AHEAD_S * rate)), RELEASE_S * rate, out)
    return out
