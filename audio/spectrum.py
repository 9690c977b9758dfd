"""Long-term spectra of mid and side, and the bands that ears and engineers read them in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from scipy.fft import rfft

from audio.decibels import SILENCE_DB, power_to_db
from audio.kernels import kernel
from audio.rate import Array, Doubles

OCTAVES: Final = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
"""Centres of the octave bands in Hz."""

THIRDS: Final = tuple(round(1000.0 * 2.0 ** (k / 3.0), 1) for k in range(-15, 13))
"""Centres of the third-octave bands in Hz, 31.2 Hz to 16 kHz."""

_FFT: Final = 8192
_BATCH: Final = 8
_SLOPE_HZ: Final = (100.0, 4000.0)


def band_edges(centres: Sequence[float], per_octave: int) -> list[tuple[float, float]]:
    """Lowest and highest frequency in Hz of each band, `per_octave` of them to an octave."""
    half = 2.0 ** (0.5 / per_octave)
    return [(c / half, c * half) for c in centres]


@dataclass(frozen=True)
class Spectra:
    """Power of mid and side `(bins,)` at `hertz`, summed over all windows, and the power of each octave in each window.

    Mid is half the sum of left and right, side half the difference: left and right together hold twice their power.
    """

    hertz: Doubles
    mid: Doubles
    side: Doubles
    windows: Doubles
    """`(windows, 10)`: power of mid and side in each of `OCTAVES`."""

    hop_s: float
    """Seconds from one window to the next."""

    @cached_property
    def total(self) -> Doubles:
        """Power of mid and side together."""
        return self.mid + self.side

    def bands(self, power: Doubles, centres: Sequence[float] = OCTAVES, per_octave: int = 1) -> Doubles:
        """`power` `(bins,)` summed in each band."""
        bounds = band_edges(centres, per_octave)
        return np.array([float(power[(self.hertz >= low) & (self.hertz < high)].sum()) for low, high in bounds])

    def octaves_db(self) -> dict[str, float]:
        """Power of each octave band against the one at 1 kHz, in dB, keyed by its centre ("125", "31.5")."""
        bands = self.bands(self.total)
        reference = float(bands[OCTAVES.index(1000.0)])
        if reference <= 0.0:
            return {f"{c:g}": SILENCE_DB for c in OCTAVES}
        return {f"{c:g}": round(power_to_db(float(b) / reference), 2) for c, b in zip(OCTAVES, bands, strict=True)}

    def slope(self) -> float:
        """Slope of the power density from 100 Hz to 4 kHz in dB an octave: a line through the third-octave bands."""
        low, high = _SLOPE_HZ
        centres = [c for c in THIRDS if low <= c * 1.01 and c <= high * 1.01]
        widths = np.array([b - a for a, b in band_edges(centres, 3)])
        density = self.bands(self.total, centres, 3) / widths
        if float(density.max(initial=0.0)) <= 0.0:
            return 0.0
        level = 10.0 * np.log10(np.maximum(density, density.max() * 1e-12))
        return float(np.polyfit(np.log2(centres), level, 1)[0])

    def side_under_db(self, hertz: float) -> float:
        """Side against mid under `hertz`, in dB."""
        low = self.hertz < hertz
        mid, side = float(self.mid[low].sum()), float(self.side[low].sum())
        return power_to_db(side / mid) if mid > 0.0 else SILENCE_DB

    def mono_losses(self, floor_db: float = -40.0) -> Doubles:
        """What each octave loses in mono, in dB ≥ 0; 0 in bands more than `floor_db` under the loudest."""
        mid, both = self.bands(self.mid), self.bands(self.total)
        heard = both > both.max(initial=0.0) * 10.0 ** (floor_db / 10.0)
        ratio = np.where(heard, mid / np.maximum(both, 1e-300), 1.0)
        return np.asarray(-10.0 * np.log10(np.maximum(ratio, 1e-12)), np.float64) + 0.0


@kernel
def _windowed(x: Array, start: int, hop: int, window: Array, out: Array) -> None:
    """Mid and side of `out.shape[0]` windows from `start`, each `hop` frames after the last."""
    for k in range(out.shape[0]):
        at = start + k * hop
        for n in range(window.shape[0]):
            left, right = x[at + n, 0], x[at + n, 1]
            half = np.float32(0.5) * window[n]
            out[k, 0, n] = (left + right) * half
            out[k, 1, n] = (left - right) * half


@kernel
def _accumulate(spectrum: Array, edges: Doubles, total: Doubles, windows: Doubles) -> None:
    """Add the power of `spectrum` `(windows, 2, bins * 2)` to `total` `(2, bins)` and to the octaves of each window."""
    for k in range(spectrum.shape[0]):
        for c in range(2):
            for b in range(total.shape[1]):
                real, imag = np.float64(spectrum[k, c, 2 * b]), np.float64(spectrum[k, c, 2 * b + 1])
                total[c, b] += real * real + imag * imag
            for o in range(edges.shape[0]):
                power = 0.0
                for b in range(int(edges[o, 0]), int(edges[o, 1])):
                    real, imag = np.float64(spectrum[k, c, 2 * b]), np.float64(spectrum[k, c, 2 * b + 1])
                    power += real * real + imag * imag
                windows[k, o] += power


def spectra(x: Array, rate: int) -> Spectra:
    """Spectra of `x` `(frames, 2)` in Hann windows of about 0.17 s; half overlapped where `x` is under 30 s."""
    size = _FFT * max(1, round(rate / 48_000))
    hop = size if x.shape[0] > 30 * rate else size // 2
    window = np.hanning(size).astype(np.float32)
    padded = x if x.shape[0] >= size else np.pad(x, ((0, size - x.shape[0]), (0, 0)))
    count = (padded.shape[0] - size) // hop + 1
    hertz = np.arange(size // 2 + 1, dtype=np.float64) * (rate / size)
    edges = np.searchsorted(hertz, np.array(band_edges(OCTAVES, 1))).astype(np.float64)
    total, windows = np.zeros((2, hertz.size)), np.zeros((count, len(OCTAVES)))
    pieces = np.empty((_BATCH, 2, size), np.float32)
    for first in range(0, count, _BATCH):
        batch = pieces[: min(_BATCH, count - first)]
        _windowed(padded, first * hop, hop, window, batch)
        _accumulate(rfft(batch).view(np.float32), edges, total, windows[first : first + batch.shape[0]])
    return Spectra(hertz, total[0], total[1], windows, hop / rate)
