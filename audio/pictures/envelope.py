"""Lowest sample, highest sample and power of every stretch of a sound, in one pass."""

from typing import Any, NamedTuple

import numpy as np

from audio.kernels import kernel
from audio.rate import Array
from audio.soundness import require_sound


class Envelope(NamedTuple):
    """For every column and channel `(columns, channels)`: lowest and highest sample and RMS, float32."""

    low: Array
    high: Array
    rms: Array


@kernel
def _fill(x: Array, edges: Any, low: Array, high: Array, rms: Array) -> None:
    """`edges` `(columns + 1,)` in frames; an empty column takes the frame that it begins at."""
    last = x.shape[0] - 1
    for i in range(low.shape[0]):
        start = min(edges[i], last)
        end = max(edges[i + 1], start + 1)
        for c in range(x.shape[1]):
            lowest = highest = x[start, c]
            power = 0.0
            for n in range(start, end):
                value = x[n, c]
                lowest = min(lowest, value)
                highest = max(highest, value)
                power += np.float64(value) * np.float64(value)
            low[i, c] = lowest
            high[i, c] = highest
            rms[i, c] = (power / (end - start)) ** 0.5


def envelope(x: Array, edges: Any) -> Envelope:
    """The envelope of `x` `(frames, channels)` between neighbours of `edges`, rising whole frames up to its length."""
    columns, channels = len(edges) - 1, x.shape[1]
    out = Envelope(*(np.zeros((columns, channels), np.float32) for _ in range(3)))
    _fill(x, np.asarray(edges, np.int64), *out)
    return out


def column_edges(frames: int, columns: int) -> Any:
    """Edges that part `frames` evenly among `columns`."""
    return np.arange(columns + 1, dtype=np.int64) * frames // columns


def lanes(x: Array) -> Array:
    """`x` as contiguous float32 `(frames, 1 or 2)`; RenderError when it is empty or holds NaN or infinity."""
    both = require_sound(x, "the sound to draw")
    return both if np.shape(x)[1:] == (2,) else np.ascontiguousarray(both[:, :1])
