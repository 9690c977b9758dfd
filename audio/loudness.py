"""Loudness by ITU-R BS.1770-5 and EBU Tech 3341/3342, in one pass over the samples.

The pass leaves K-weighted energies of 10 ms; every figure is read from these. A 100 ms grid would be
enough for the integrated value but misses the momentary maximum of Tech 3341 case 13 by 0.45 LU.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyloudnorm

from audio.decibels import SILENCE_DB
from audio.kernels import kernel
from audio.rate import GAIN_STEP, Array, Doubles, Integers
from domain.errors import InvalidValue

_BINS_PER_SECOND: Final = 100
_MOMENTARY: Final = 40
_SHORT_TERM: Final = 300
MOMENTARY_S: Final = 0.4
SHORT_TERM_S: Final = 3.0
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
def _add_bin_energies(x: Array, line: Array, edges: Any, sos: Doubles, weights: Doubles, out: Doubles) -> None:
    """Add the mean K-weighted power of two weighted channels of each bin between two edges to `out` `(bins,)`.

    `line` is a factor for every `GAIN_STEP`th frame, straight between, or empty for none.
    """
    b0, b1, b2, a1, a2 = sos[0]
    c0, c1, c2, d1, d2 = sos[1]
    p1 = p2 = q1 = q2 = r1 = r2 = s1 = s2 = 0.0
    moved = line.shape[0] > 0
    for i in range(out.shape[0]):
        first = second = 0.0
        for n in range(edges[i], edges[i + 1]):
            left = np.float64(x[n, 0])
            right = np.float64(x[n, 1])
            if moved:
                k = n // GAIN_STEP
                factor = line[k] + (line[k + 1] - line[k]) * np.float32((n % GAIN_STEP) / GAIN_STEP)
                left *= factor
                right *= factor
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
            first += y * y
            second += z * z
        out[i] += (weights[0] * first + weights[1] * second) / (edges[i + 1] - edges[i])
        # States that fade out go denormal and slow the loop eightyfold.
        if max(abs(p1) + abs(p2), abs(q1) + abs(q2)) < _FLUSH_UNDER:
            p1 = p2 = q1 = q2 = 0.0
        if max(abs(r1) + abs(r2), abs(s1) + abs(s2)) < _FLUSH_UNDER:
            r1 = r2 = s1 = s2 = 0.0


def _edges(frames: int, rate: int) -> Integers:
    """First frame of each whole 10 ms, and the end of the last."""
    bins = frames * _BINS_PER_SECOND // rate
    edges = (np.arange(bins + 1, dtype=np.int64) * rate + _BINS_PER_SECOND // 2) // _BINS_PER_SECOND
    edges[-1:] = min(int(edges[-1]), frames)
    return edges


_NO_LINE: Final[Array] = np.empty(0, np.float32)


def bin_energies(x: Array, rate: int, line: Array | None = None) -> Doubles:
    """K-weighted power, both channels summed, of each whole 10 ms of `x` `(frames, 2)` at `rate` Hz.

    With `line`, a limiter's `gain_line`, it is the power of `x` times that line, which need not be multiplied out.
    """
    edges = _edges(x.shape[0], rate)
    out = np.zeros(edges.shape[0] - 1)
    if out.size:
        _add_bin_energies(x, _NO_LINE if line is None else line, edges, k_weighting(rate), np.ones(2), out)
    return out


CHANNEL_WEIGHTS: Final[Mapping[int, tuple[float, ...]]] = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    5: (1.0, 1.0, 1.0, 1.41, 1.41),
    6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41),
}
"""G of BS.1770-5 table 4 by channel count: L R, L R C, L R C Ls Rs; of six the fourth is the LFE and does not count."""


def loudness_of_channels(x: Array, rate: int) -> Loudness:
    """Loudness of `x` `(frames, channels)` in mono, stereo, 3.0, 5.0 or 5.1 (L R C LFE Ls Rs).

    One channel counts once, as the standard has it, 3 LU under the same sound on two loudspeakers. InvalidValue for
    another number of channels.
    """
    if x.ndim != 2 or x.shape[1] not in CHANNEL_WEIGHTS:
        raise InvalidValue(f"loudness of a sound of shape {x.shape}: give (frames, 1, 2, 3, 5 or 6 channels)")
    weights = np.array(CHANNEL_WEIGHTS[x.shape[1]])
    edges = _edges(x.shape[0], rate)
    out = np.zeros(edges.shape[0] - 1)
    for first in range(0, x.shape[1], 2):
        pair = np.zeros((x.shape[0], 2), np.float32)
        pair[:, : x.shape[1] - first] = x[:, first : first + 2]
        gains = np.append(weights[first : first + 2], 0.0)[:2]
        _add_bin_energies(pair, _NO_LINE, edges, k_weighting(rate), gains, out)
    return loudness(out)


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


def _range(windows: Doubles) -> float:
    """Loudness range by EBU Tech 3342 (2023): P95 - P10 of gated short-term loudness, nearest rank."""
    loud = windows[windows > _power(_ABSOLUTE_GATE)]
    if loud.size == 0:
        return 0.0
    gated = np.sort(loud[loud >= loud.mean() * 0.01])
    low, high = (gated[round((gated.size - 1) * p)] for p in (0.10, 0.95))
    return _lufs(float(high)) - _lufs(float(low))


def momentary(energies: Doubles) -> Doubles:
    """Momentary loudness in LUFS of every whole 0.4 s of 10 ms energies, one value each 10 ms."""
    return _series(_windows(energies, _MOMENTARY))


def short_term(energies: Doubles) -> Doubles:
    """Short-term loudness in LUFS of every whole 3 s of 10 ms energies, one value each 10 ms."""
    return _series(_windows(energies, _SHORT_TERM))


def _series(power: Doubles) -> Doubles:
    floor = _power(SILENCE_DB)
    return np.asarray(_OFFSET + 10.0 * np.log10(np.maximum(power, floor)), np.float64)


def loudness(energies: Doubles) -> Loudness:
    """All figures from the 10 ms energies that `bin_energies` made."""
    long, brief = _windows(energies, _SHORT_TERM), _windows(energies, _MOMENTARY)
    return Loudness(
        integrated=integrated(energies),
        max_short_term=_lufs(float(long.max(initial=0.0))),
        max_momentary=_lufs(float(brief.max(initial=0.0))),
        range=_range(long[::10]),
    )


def course(energies: Doubles, window_s: float) -> Doubles:
    """LUFS of every window of `window_s` seconds in the 10 ms energies, one for each 10 ms that a window ends at."""
    power = _windows(energies, round(window_s * _BINS_PER_SECOND))
    return np.maximum(_OFFSET + 10.0 * np.log10(np.maximum(power, 1e-30)), SILENCE_DB)


def loudness_reference(x: Array, rate: int) -> float:
    """Integrated loudness in LUFS by pyloudnorm with the standard's own filter; needs 0.4 s of sound.

    pyloudnorm's default K filter reads 0.042 dB low, so the `DeMan` class is asked for by name.
    Shorter or silent sound answers `SILENCE_DB`.
    """
    if x.shape[0] < 0.4 * rate or not np.any(x):
        return SILENCE_DB
    value = float(pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(x.astype(np.float64)))
    return value if math.isfinite(value) else SILENCE_DB
