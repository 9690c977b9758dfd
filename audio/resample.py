"""Sample-rate conversion."""

from math import gcd

import numpy as np
from scipy.signal import resample_poly

from audio.rate import Array


def resample(x: Array, rate: int, new_rate: int) -> Array:
    """`x` `(frames, channels)` at `rate` Hz as it sounds at `new_rate` Hz; polyphase with a Kaiser window."""
    if rate == new_rate:
        return x
    common = gcd(rate, new_rate)
    y = resample_poly(x, new_rate // common, rate // common, axis=0, window=("kaiser", 12.0))
    return np.ascontiguousarray(y, dtype=np.float32)
