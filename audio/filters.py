"""Biquad filters: the designs of R. Bristow-Johnson's Audio EQ Cookbook, and one fast stereo cascade."""

import math
from collections.abc import Sequence

import numpy as np

from audio.kernels import kernel
from audio.rate import RATE, Array, Doubles

BUTTERWORTH_Q = math.sqrt(0.5)

Biquad = tuple[float, float, float, float, float]
"""b0 b1 b2 a1 a2, normalised by a0."""


def _angle(frequency: float, q: float, rate: int) -> tuple[float, float]:
    """cos(w0) and alpha of the cookbook; the frequency is held under 0.49 of the rate."""
    w = 2.0 * math.pi * min(frequency, 0.49 * rate) / rate
    return math.cos(w), math.sin(w) / (2.0 * q)


def _normalised(b0: float, b1: float, b2: float, a0: float, a1: float, a2: float) -> Biquad:
    return b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0


def low_pass(frequency: float, q: float = BUTTERWORTH_Q, rate: int = RATE) -> Biquad:
    """12 dB an octave above `frequency` Hz."""
    c, alpha = _angle(frequency, q, rate)
    return _normalised((1 - c) / 2, 1 - c, (1 - c) / 2, 1 + alpha, -2 * c, 1 - alpha)


def high_pass(frequency: float, q: float = BUTTERWORTH_Q, rate: int = RATE) -> Biquad:
    """12 dB an octave under `frequency` Hz."""
    c, alpha = _angle(frequency, q, rate)
    return _normalised((1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha)


def band_pass(frequency: float, q: float, rate: int = RATE) -> Biquad:
    """Unity gain at `frequency` Hz, bandwidth `frequency / q`."""
    c, alpha = _angle(frequency, q, rate)
    return _normalised(alpha, 0.0, -alpha, 1 + alpha, -2 * c, 1 - alpha)


def peak(frequency: float, gain_db: float, q: float = 1.0, rate: int = RATE) -> Biquad:
    """`gain_db` at `frequency` Hz, bell of width `q`."""
    c, alpha = _angle(frequency, q, rate)
    a = 10.0 ** (gain_db / 40.0)
    return _normalised(1 + alpha * a, -2 * c, 1 - alpha * a, 1 + alpha / a, -2 * c, 1 - alpha / a)


def _shelf(frequency: float, gain_db: float, rate: int, sign: float) -> Biquad:
    c, alpha = _angle(frequency, BUTTERWORTH_Q, rate)
    a = 10.0 ** (gain_db / 40.0)
    c *= sign
    root = 2.0 * math.sqrt(a) * alpha
    return _normalised(
        a * ((a + 1) - (a - 1) * c + root),
        sign * 2 * a * ((a - 1) - (a + 1) * c),
        a * ((a + 1) - (a - 1) * c - root),
        (a + 1) + (a - 1) * c + root,
        sign * -2 * ((a - 1) + (a + 1) * c),
        (a + 1) + (a - 1) * c - root,
    )


def low_shelf(frequency: float, gain_db: float, rate: int = RATE) -> Biquad:
    """`gain_db` under `frequency` Hz, half of it there."""
    return _shelf(frequency, gain_db, rate, 1.0)


def high_shelf(frequency: float, gain_db: float, rate: int = RATE) -> Biquad:
    """`gain_db` over `frequency` Hz, half of it there."""
    return _shelf(frequency, gain_db, rate, -1.0)


_FLUSH_EVERY = 64
_FLUSH_UNDER = 1e-25
"""States that fade towards zero become denormal numbers, which cost eighty times as much to compute with."""


@kernel
def _cascade(x: Array, sections: Doubles) -> None:
    """Run every section over `x` `(frames, 2)` in place; transposed direct form II in double precision."""
    count = sections.shape[0]
    state = np.zeros((count, 4))
    length = x.shape[0]
    for start in range(0, length, _FLUSH_EVERY):
        for n in range(start, min(start + _FLUSH_EVERY, length)):
            left = np.float64(x[n, 0])
            right = np.float64(x[n, 1])
            for k in range(count):
                b0, b1, b2 = sections[k, 0], sections[k, 1], sections[k, 2]
                a1, a2 = sections[k, 3], sections[k, 4]
                y = b0 * left + state[k, 0]
                state[k, 0] = b1 * left - a1 * y + state[k, 1]
                state[k, 1] = b2 * left - a2 * y
                z = b0 * right + state[k, 2]
                state[k, 2] = b1 * right - a1 * z + state[k, 3]
                state[k, 3] = b2 * right - a2 * z
                left = y
                right = z
            x[n, 0] = left
            x[n, 1] = right
        for k in range(count):
            for j in range(4):
                if abs(state[k, j]) < _FLUSH_UNDER:
                    state[k, j] = 0.0


def run(x: Array, sections: Sequence[Biquad]) -> Array:
    """Filter `x` `(frames, 2)` in place through `sections` one after another; gives `x` back."""
    if sections and x.shape[0]:
        _cascade(x, np.array(sections, np.float64))
    return x


def response_db(sections: Sequence[Biquad], frequencies: Doubles, rate: int = RATE) -> Doubles:
    """Gain in dB of the cascade at each of `frequencies` in Hz."""
    z = np.exp(-2j * np.pi * frequencies / rate)
    total = np.zeros(len(frequencies))
    for b0, b1, b2, a1, a2 in sections:
        total += 20.0 * np.log10(np.abs((b0 + b1 * z + b2 * z * z) / (1.0 + a1 * z + a2 * z * z)))
    return total
