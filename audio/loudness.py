"""Loudness by ITU-R BS.1770-5 and EBU Tech 3341/3342, in one pass over the samples.

The pass leaves K-weighted energies of 10 ms; every figure is read from these. A 100 ms grid would be
enough for the integrated value but misses the momentary maximum of Tech 3341 case 13 by 0.45 LU.
"""

import math
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyloudnorm

from audio.decibels import SILENCE_DB
from audio.kernels import kernel
from audio.rate import Array, Doubles

_BINS_PER_SECOND: Final = 100
_MOMENTARY: Final = 40
_SHORT_TERM: Final = 300
_OFFSET: Final = -0.691
_ABSOLUTE_GATE: Final = -70.0
_FLUSH_UNDER: Final = 1e-25


class Loudness(NamedTuple):
    """LUFS and LU; `SILENCE_DB` where nothing passes the gate or the sound is shorter than the window."""

    integrated: float
    max_short_term: float
    max_momentary: float
    range: float


@lru_cache(maxsize=16)
def k_weighting(rate: int) -> Doubles:
    """Two biquads `(2, 5)` as b0 b1 b2 a1 a2: the shelf and the high-pass of BS.1770-5 Annex 1 at `rate` Hz.

    The analogue prototypes behind the standard's 48 kHz table (B. De Man, Evaluation of implementations of
    the EBU R128 loudness measurement, 2018), carried to `rate` by the bilinear transform.
    """
    k = math.tan(math.pi * 1681.974450955533 / rate)
    q = 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0,
        2.0 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        2.0 * (k * k - 1.0) / a0,
        (1.0 - k / q + k * k) / a0,
    ]
    k = math.tan(math.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    a0 = 1.0 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]
    return np.array([shelf, high_pass])


@kernel
def _bin_energies(x: Array, edges: Any, sos: Doubles, out: Doubles) -> None:
    """Mean K-weighted power of both channels summed, for each bin between two edges; `out` is `(bins,)`."""
    b0, b1, b2, a1, a2 = sos[0]
    c0, c1, c2, d1, d2 = sos[1]
    p1 = p2 = q1 = q2 = r1 = r2 = s1 = s2 = 0.0
    for i in range(out.shape[0]):
        total = 0.0
        for n in range(edges[i], edges[i + 1]):
            left = np.float64(x[n, 0])
            right = np.float64(x[n, 1])
            u = b0 * left + p1
            p1 = b1 * left - a1 * u + p2
            p2 = b2 * left - a2 * u
            y = c0 * u + q1
            q1 = c1 * u - d1 * y + q2
            q2 = c2 * u - d2 * y
            v = b0 * right + r1
            r1 = b1 * right - a1 * v + r2
            r2 = b2 * right - a2 * v
            z = c0 * v + s1
            s1 = c1 * v - d1 * z + s2
            s2 = c2 * v - d2 * z
            total += y * y + z * z
        out[i] = total / (edges[i + 1] - edges[i])
        # States that fade out go denormal and slow the loop eightyfold.
        if max(abs(p1) + abs(p2), abs(q1) + abs(q2)) < _FLUSH_UNDER:
            p1 = p2 = q1 = q2 = 0.0
        if max(abs(r1) + abs(r2), abs(s1) + abs(s2)) < _FLUSH_UNDER:
            r1 = r2 = s1 = s2 = 0.0


def bin_energies(x: Array, rate: int) -> Doubles:
    """K-weighted power, both channels summed, of each whole 10 ms of `x` `(frames, 2)` at `rate` Hz."""
    bins = x.shape[0] * _BINS_PER_SECOND // rate
    edges = (np.arange(bins + 1, dtype=np.int64) * rate + _BINS_PER_SECOND // 2) // _BINS_PER_SECOND
    edges[-1:] = min(int(edges[-1]), x.shape[0])
    out = np.zeros(bins)
    if bins:
        _bin_energies(x, edges, k_weighting(rate), out)
    return out


def _windows(energies: Doubles, length: int) -> Doubles:
    """Mean power of every window of `length` bins, one for each bin that a whole window ends at."""
    if energies.shape[0] < length:
        return np.zeros(0)
    total = np.concatenate((np.zeros(1), np.cumsum(energies)))
    return np.maximum(total[length:] - total[:-length], 0.0) / length


def _lufs(power: float) -> float:
    return max(SILENCE_DB, _OFFSET + 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DB


def _power(lufs: float) -> float:
    return float(10.0 ** ((lufs - _OFFSET) / 10.0))


def integrated(energies: Doubles) -> float:
    """Gated programme loudness in LUFS of 10 ms energies; `SILENCE_DB` when nothing passes the gate."""
    blocks = _windows(energies, _MOMENTARY)[::10]
    loud = blocks[blocks > _power(_ABSOLUTE_GATE)]
    if loud.size == 0:
        return SILENCE_DB
    gated = loud[loud > loud.mean() * 0.1]
    return _lufs(float(gated.mean()))


def _range(short_term: Doubles) -> float:
    """Loudness range by EBU Tech 3342 (2023): P95 - P10 of gated short-term loudness, nearest rank."""
    loud = short_term[short_term > _power(_ABSOLUTE_GATE)]
    if loud.size == 0:
        return 0.0
    gated = np.sort(loud[loud >= loud.mean() * 0.01])
    low, high = (gated[round((gated.size - 1) * p)] for p in (0.10, 0.95))
    return _lufs(float(high)) - _lufs(float(low))


def loudness(energies: Doubles) -> Loudness:
    """All figures from the 10 ms energies that `bin_energies` made."""
    short_term, momentary = _windows(energies, _SHORT_TERM), _windows(energies, _MOMENTARY)
    return Loudness(
        integrated=integrated(energies),
        max_short_term=_lufs(float(short_term.max(initial=0.0))),
        max_momentary=_lufs(float(momentary.max(initial=0.0))),
        range=_range(short_term[::10]),
    )


def loudness_reference(x: Array, rate: int) -> float:
    """Integrated loudness in LUFS by pyloudnorm with the standard's own filter; needs 0.4 s of sound.

    pyloudnorm's default K filter reads 0.042 dB low, so the `DeMan` class is asked for by name.
    Shorter or silent sound answers `SILENCE_DB`.
    """
    if x.shape[0] < 0.4 * rate or not np.any(x):
        return SILENCE_DB
    value = float(pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(x.astype(np.float64)))
    return value if math.isfinite(value) else SILENCE_DB
