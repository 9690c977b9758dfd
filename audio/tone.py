"""Tonal balance of a mix: which octaves are too strong or too weak, and in which tracks to move them.

A broad equaliser over the whole mix would colour everything; here each move is made only where the octave lives.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from scipy.fft import rfft

from audio.decibels import power_to_db
from audio.filters import Biquad, high_shelf, low_shelf, peak, response_db
from audio.rate import RATE, Array, Doubles

BANDS: Final = ("63", "125", "250", "500", "1000", "2000", "4000", "8000", "16000")
"""Octaves that are balanced, by centre in Hz."""

_PART_OF_THE_WAY: Final = 0.85
_MOST_DB: Final = 6.0
_LEAST_DB: Final = 0.4
_STIFFNESS: Final = 0.12
_FFT: Final = 8192
_SHARE: Final = 0.06
"""A track with less of an octave's power than this is left alone there."""


def band_powers(x: Array) -> Doubles:
    """Power of `x` `(frames, 2)` in each octave of `BANDS`, from windows spread over it: `(bands,)`."""
    window = np.hanning(_FFT).astype(np.float32)
    hop = _FFT * (4 if x.shape[0] > 60 * RATE else 2)
    power = np.zeros(_FFT // 2 + 1)
    for start in range(0, max(1, x.shape[0] - _FFT + 1), hop):
        piece = x[start : start + _FFT].T
        spectrum = rfft(piece * window[: piece.shape[1]], n=_FFT)
        power += (spectrum.real**2 + spectrum.imag**2).sum(axis=0)
    hertz = np.arange(_FFT // 2 + 1) * (RATE / _FFT)
    edges = [(float(band) / 2**0.5, float(band) * 2**0.5) for band in BANDS]
    return np.array([float(power[(hertz >= low) & (hertz < high)].sum()) for low, high in edges])


def moves(total: Doubles, target: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> Doubles:
    """Gain in dB of each octave's filter that brings a mix with band powers `total` towards `target`.

    `target` holds dB against 1 kHz; what lies within `ranges` (dB under and over the target) is left as it is.
    """
    level = np.array([power_to_db(p) for p in total])
    miss = level - np.array([target[band] for band in BANDS])
    miss -= float(np.median(miss[:-1]))  # What 16 kHz holds is a choice of instruments, not the level.
    low, high = (np.array([ranges[band][side] for band in BANDS]) for side in (0, 1))
    excess = np.where(miss > high, miss - high, np.where(miss < low, miss - low, 0.0))
    wanted = np.clip(-_PART_OF_THE_WAY * excess, -_MOST_DB, _MOST_DB)
    shapes = _responses()
    gains = np.linalg.solve(shapes.T @ shapes + _STIFFNESS * np.eye(len(BANDS)), shapes.T @ wanted)
    gains = np.clip(gains, -_MOST_DB, _MOST_DB)
    return np.where(np.abs(gains) >= _LEAST_DB, np.round(gains, 2), 0.0)


def filters(gains: Doubles, own: Doubles, total: Doubles) -> list[Biquad]:
    """The filters of one track with band powers `own`: those of the octaves that it has a share of."""
    share = own / np.maximum(total, 1e-30)
    return [_filter(band, float(g)) for band, g, s in zip(BANDS, gains, share, strict=True) if g and s >= _SHARE]


def _filter(band: str, gain_db: float) -> Biquad:
    hertz = float(band)
    if hertz <= 63.0:
        return low_shelf(85.0, gain_db)
    return high_shelf(10_500.0, gain_db) if hertz >= 16_000.0 else peak(hertz, gain_db, 1.2)


@lru_cache(maxsize=1)
def _responses() -> Doubles:
    """How much of each filter's 1 dB arrives in each octave: `(octave, filter)`."""
    places = 2.0 ** np.linspace(-0.4, 0.4, 5)
    columns = [
        [float(np.mean(response_db([_filter(band, 1.0)], float(octave) * places))) for octave in BANDS]
        for band in BANDS
    ]
    return np.array(columns).T
