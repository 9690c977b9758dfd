"""A tempo delay that answers left, then right, darker with each echo."""

from typing import Final

import numpy as np

from audio.filters import high_pass, low_pass, run
from audio.kernels import kernel
from audio.rate import RATE, Array

_DAMPING: Final = 0.45


@kernel
def _echoes(x: Array, out: Array, length: int, feedback: float) -> None:
    low_left = low_right = 0.0
    for n in range(length, x.shape[0]):
        mono = 0.5 * (np.float64(x[n - length, 0]) + x[n - length, 1])
        low_left += (out[n - length, 1] * feedback - low_left) * (1.0 - _DAMPING)
        low_right += (out[n - length, 0] - low_right) * (1.0 - _DAMPING)
        if abs(low_left) + abs(low_right) < 1e-20:
            low_left = low_right = 0.0
        out[n, 0] = mono + low_left
        out[n, 1] = low_right * feedback


def ping_pong(x: Array, *, seconds: float, feedback: float = 0.5) -> Array:
    """The echoes only, of `x` `(frames, 2)`: every `seconds`, first on the left, band-limited 250 Hz–6 kHz."""
    out = np.zeros_like(x)
    _echoes(x, out, max(1, round(seconds * RATE)), feedback)
    return run(out, [high_pass(250.0), low_pass(6000.0)])
