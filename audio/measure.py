"""Every figure of a finished sound, as the report shows it."""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict
from scipy.fft import rfft
from scipy.signal import butter, sosfilt

from audio.decibels import SILENCE_DB, gain_to_db, power_to_db
from audio.kernels import kernel
from audio.loudness import bin_energies, loudness, loudness_reference
from audio.rate import Array, Doubles
from audio.soundness import require_sound
from audio.true_peak import LONG, true_peak_db

__all__ = ["OCTAVES", "Measurement", "loudness_reference", "measure", "octave_bands"]

OCTAVES: Final = (31.5, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
"""Centres of the octave bands in Hz."""

_FFT: Final = 8192
_FULL_SCALE: Final = 1.0 - 2.0**-15
_WINDOW_S: Final = 0.05
_QUIET: Final = 1e-3


class Measurement(BaseModel):
    """What a sound measures; levels read `SILENCE_DB` (-120) where there is nothing to measure.

    `octave_bands_db` maps band centre in Hz to band power relative to the 1 kHz band; `correlation` is that of
    left and right over the whole sound; `low_side_db` is side against mid under 120 Hz.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    integrated_lufs: float
    max_short_term_lufs: float
    max_momentary_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    duration_s: float
    correlation: float
    crest_db: float
    dc: float
    longest_silence_s: float
    clipped_samples: int
    octave_bands_db: dict[str, float]
    low_side_db: float


def power_spectrum(x: Array, rate: int) -> tuple[Doubles, Doubles]:
    """Frequencies in Hz and summed power of both channels in Hann windows of 8192, half overlapped if short."""
    hop = _FFT if x.shape[0] > 30 * rate else _FFT // 2
    window = np.hanning(_FFT).astype(np.float32)
    power = np.zeros(_FFT // 2 + 1)
    padded = x if x.shape[0] >= _FFT else np.pad(x, ((0, _FFT - x.shape[0]), (0, 0)))
    piece = np.empty((2, _FFT), np.float32)
    for start in range(0, padded.shape[0] - _FFT + 1, hop):
        np.multiply(padded[start : start + _FFT].T, window, out=piece)
        spectrum = rfft(piece)
        power += (spectrum.real**2 + spectrum.imag**2).sum(axis=0)
    hertz = np.arange(_FFT // 2 + 1, dtype=np.float64) * (rate / _FFT)
    return hertz, np.asarray(power, np.float64)


def octave_bands(x: Array, rate: int) -> dict[str, float]:
    """Power of each octave band against the one at 1 kHz, in dB, keyed by its centre ("125", "31.5")."""
    f, power = power_spectrum(x, rate)
    edges = [(c / 2**0.5, c * 2**0.5) for c in OCTAVES]
    bands = [float(power[(f >= low) & (f < high)].sum()) for low, high in edges]
    reference = bands[OCTAVES.index(1000.0)]
    if reference <= 0.0:
        return {f"{c:g}": SILENCE_DB for c in OCTAVES}
    return {f"{c:g}": round(power_to_db(b / reference), 2) for c, b in zip(OCTAVES, bands, strict=True)}


class _Statistics(NamedTuple):
    """Sums over a sound: means, powers and cross power of left and right, highest sample, samples at full scale."""

    left: float
    right: float
    left_power: float
    right_power: float
    cross: float
    peak: float
    clipped: int


@kernel
def _statistics(x: Array, step: int, peaks: Doubles) -> Any:
    """One pass for all of `_Statistics`; `peaks` gets the highest sample of each whole window of `step` frames."""
    length = x.shape[0]
    left = right = left_power = right_power = cross = peak = 0.0
    clipped = 0
    for window in range(length // step + 1):
        high = 0.0
        for n in range(window * step, min((window + 1) * step, length)):
            a, b = np.float64(x[n, 0]), np.float64(x[n, 1])
            left += a
            right += b
            left_power += a * a
            right_power += b * b
            cross += a * b
            top = max(abs(a), abs(b))
            if top >= _FULL_SCALE:
                clipped += 1
            high = max(high, top)
        peak = max(peak, high)
        if window < peaks.shape[0]:
            peaks[window] = high
    return left, right, left_power, right_power, cross, peak, clipped


def _longest_silence(peaks: Doubles) -> float:
    """Longest inner stretch of 50 ms windows with no sample above -60 dBFS, in seconds."""
    loud = np.flatnonzero(peaks > _QUIET)
    return float(np.diff(loud).max() - 1) * _WINDOW_S if loud.size > 1 else 0.0


def _low_side(x: Array, rate: int) -> float:
    """Side against mid under 120 Hz in dB: means of short blocks, then a fourth-order low-pass."""
    step = max(1, rate // 3000)
    even = x[: x.shape[0] // step * step].reshape(-1, step * 2)
    if even.shape[0] == 0:
        return SILENCE_DB
    sums = even @ np.tile(np.eye(2, dtype=np.float32), (step, 1))
    sos = butter(4, 120.0, fs=rate / step, output="sos")
    low = sosfilt(sos, np.stack([sums[:, 0] + sums[:, 1], sums[:, 0] - sums[:, 1]]).astype(np.float64))
    mid, side = (float(np.mean(row**2)) for row in low)
    return power_to_db(side / mid) if mid > 0.0 else SILENCE_DB


def measure(x: Array, rate: int) -> Measurement:
    """Measure `x` `(frames, 2)` at `rate` Hz; one channel is measured as played on both sides.

    RenderError when `x` is empty or holds NaN or infinity.
    """
    x = require_sound(x, "the sound to measure")
    loud = loudness(bin_energies(x, rate))
    step = max(1, round(rate * _WINDOW_S))
    peaks = np.zeros(x.shape[0] // step)
    s = _Statistics(*_statistics(x, step, peaks))
    frames = x.shape[0]
    rms = math.sqrt((s.left_power + s.right_power) / (2 * frames))
    both = math.sqrt(s.left_power * s.right_power)
    return Measurement(
        integrated_lufs=loud.integrated,
        max_short_term_lufs=loud.max_short_term,
        max_momentary_lufs=loud.max_momentary,
        loudness_range_lu=loud.range,
        true_peak_dbtp=true_peak_db(x, LONG),
        sample_peak_dbfs=gain_to_db(s.peak),
        duration_s=frames / rate,
        correlation=max(-1.0, min(1.0, s.cross / both)) if both > 0.0 else 1.0,
        crest_db=gain_to_db(s.peak / rms) if rms > 0.0 else 0.0,
        dc=max(abs(s.left), abs(s.right)) / frames,
        longest_silence_s=_longest_silence(peaks),
        clipped_samples=s.clipped,
        octave_bands_db=octave_bands(x, rate),
        low_side_db=_low_side(x, rate),
    )
