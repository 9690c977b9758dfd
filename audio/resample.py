"""Sample-rate conversion."""

from math import gcd
from typing import Final

import numpy as np
from scipy.signal import firwin, kaiserord, resample_poly

from audio.rate import Array

_STOP_DB: Final = 100.0
_PASS: Final = 0.9
"""Share of the lower Nyquist frequency that passes untouched; from it up to Nyquist the filter falls to its stop."""


def resample(x: Array, rate: int, new_rate: int) -> Array:
    """`x` `(frames, channels)` at `rate` Hz as it sounds at `new_rate` Hz; nothing over either Nyquist remains.

    Polyphase, flat to 0.9 of the lower Nyquist frequency and 100 dB down at it (Kaiser window), so that a 25 kHz tone
    at 192 kHz does not come back as one at 23 kHz.
    """
    if rate == new_rate:
        return x
    common = gcd(rate, new_rate)
    up, down = new_rate // common, rate // common
    longest = max(up, down)
    taps, beta = kaiserord(_STOP_DB, (1.0 - _PASS) / longest)
    kernel = firwin(taps | 1, (1.0 + _PASS) / 2.0 / longest, window=("kaiser", beta))
    return np.ascontiguousarray(resample_poly(x, up, down, axis=0, window=kernel), dtype=np.float32)
