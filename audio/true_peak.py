"""True peak: the highest level between the samples, by four-times interpolation (BS.1770-5 Annex 2).

The standard's 12-tap filter is allowed but reads up to 0.5 dB apart from others near Nyquist, so two
detectors live here: `ITU`, the table of the standard, and `LONG`, a 32-tap Kaiser filter per phase.
"""

from typing import Final

import numpy as np
from scipy.signal import firwin

from audio.decibels import gain_to_db
from audio.kernels import kernel
from audio.rate import GAIN_STEP, Array, Doubles

_PHASE_0 = (
    0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
    0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500,
)  # fmt: skip
_PHASE_1 = (
    -0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
    0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375,
)  # fmt: skip

ITU: Final[Doubles] = np.array([_PHASE_0, _PHASE_1, _PHASE_1[::-1], _PHASE_0[::-1]])
"""`(phases, taps)` of Annex 2."""


def _polyphase(taps_per_phase: int, phases: int, beta: float) -> Doubles:
    taps = firwin(taps_per_phase * phases + 1, 1.0 / phases, window=("kaiser", beta))[:-1] * phases
    return np.ascontiguousarray(taps.reshape(taps_per_phase, phases).T[:, ::-1])


LONG: Final[Doubles] = _polyphase(32, 4, 8.0)
"""`(phases, taps)`: 32 taps a phase; its first phase is the sample itself."""

_BLOCK: Final = 64


@kernel
def _block_peaks(segment: Array, bank: Array, sums: Array, peaks: Array) -> None:
    """Highest magnitude over all phases at each of the block's samples; `segment` holds the block's past too.

    The loop over samples is innermost, so it runs in SIMD lanes with every sum in its written order.
    """
    phases, taps = bank.shape
    peaks[:] = 0.0
    for p in range(phases):
        sums[:] = 0.0
        for t in range(taps):
            weight = bank[p, t]
            for n in range(_BLOCK):
                sums[n] += weight * segment[n + t]
        for n in range(_BLOCK):
            peaks[n] = max(peaks[n], abs(sums[n]))


@kernel
def _peak(x: Array, bank: Array, bound: float, floor: float) -> float:
    """Highest interpolated magnitude; blocks that cannot beat the best so far by the L1 bound are skipped."""
    length, channels = x.shape
    taps = bank.shape[1]
    segment = np.zeros(_BLOCK + taps, np.float32)
    sums = np.zeros(_BLOCK, np.float32)
    peaks = np.zeros(_BLOCK, np.float32)
    best = floor
    for c in range(channels):
        for start in range(0, length + taps, _BLOCK):
            top = np.float32(0.0)
            for n in range(_BLOCK + taps - 1):
                at = start - taps + 1 + n
                segment[n] = x[at, c] if 0 <= at < length else np.float32(0.0)
                top = max(top, abs(segment[n]))
            if top * bound <= best:
                continue
            _block_peaks(segment, bank, sums, peaks)
            for n in range(_BLOCK):
                best = max(best, np.float64(peaks[n]))
    return best


@kernel
def _envelope(x: Array, bank: Array, bound: float, under: float, out: Array) -> None:
    """Highest magnitude at each frame; where no phase can exceed `under`, the sample alone is taken."""
    length, channels = x.shape
    taps = bank.shape[1]
    delay = taps // 2 - 1
    segment = np.zeros(_BLOCK + taps, np.float32)
    sums = np.zeros(_BLOCK, np.float32)
    peaks = np.zeros(_BLOCK, np.float32)
    for n in range(length):
        out[n] = max(abs(x[n, 0]), abs(x[n, 1]))
    for c in range(channels):
        for start in range(0, length + taps, _BLOCK):
            top = np.float32(0.0)
            for n in range(_BLOCK + taps - 1):
                at = start - taps + 1 + n
                segment[n] = x[at, c] if 0 <= at < length else np.float32(0.0)
                top = max(top, abs(segment[n]))
            if top * bound <= under:
                continue
            _block_peaks(segment, bank, sums, peaks)
            for n in range(_BLOCK):
                after = start + n - delay
                for at in (after - 1, after):
                    if 0 <= at < length:
                        out[at] = max(out[at], peaks[n])


def _bound(bank: Doubles) -> float:
    """How far an interpolated value can lie over the highest sample around it."""
    return float(np.abs(bank).sum(axis=1).max())


def envelope(x: Array, under: float = 0.0) -> Array:
    """Highest true-peak magnitude of both channels around each frame of `x` `(frames, 2)`: `(frames,)`.

    A peak between two samples counts for both. Where nothing between the samples can exceed `under`, the sample
    stands for it, which saves most of the work when only what lies over `under` matters.
    """
    out = np.empty(x.shape[0], np.float32)
    _envelope(x, LONG.astype(np.float32), _bound(LONG), under, out)
    return out


@kernel
def block_maxima(envelope: Array, out: Array) -> None:
    """Highest value of each `GAIN_STEP` frames of `envelope` `(frames,)` into `out` `(ceil(frames / GAIN_STEP),)`."""
    for k in range(out.shape[0]):
        high = np.float32(0.0)
        for n in range(k * GAIN_STEP, min((k + 1) * GAIN_STEP, envelope.shape[0])):
            high = max(high, envelope[n])
        out[k] = high


_CHUNK: Final = 1 << 18


def block_peaks(x: Array, under: float = 0.0) -> Array:
    """Highest value of `envelope` in each `GAIN_STEP` frames of `x`: `(ceil(frames / GAIN_STEP),)`."""
    out = np.empty(-(-x.shape[0] // GAIN_STEP), np.float32)
    reach = LONG.shape[1]
    for start in range(0, x.shape[0], _CHUNK):
        low, high = max(0, start - reach), min(x.shape[0], start + _CHUNK + reach)
        peaks = envelope(x[low:high], under)[start - low : start - low + _CHUNK]
        block_maxima(peaks, out[start // GAIN_STEP : -(-(start + peaks.shape[0]) // GAIN_STEP)])
    return out


def true_peak(x: Array, bank: Doubles = LONG, *, at_least: float | None = None) -> float:
    """Highest magnitude of `x` `(frames, channels)` between and on the samples; 1.0 is full scale.

    `at_least` is the highest sample where it is known already: nothing under it is searched.
    """
    if x.shape[0] == 0:
        return 0.0
    floor = max(float(x.max()), -float(x.min())) if at_least is None else at_least
    return float(_peak(x, bank.astype(np.float32), _bound(bank), floor))


def true_peak_db(x: Array, bank: Doubles = LONG) -> float:
    """True peak in dBTP."""
    return gain_to_db(true_peak(x, bank))
