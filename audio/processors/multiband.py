"""Compression of one end of the spectrum, for a mix whose bass or treble jumps out now and then.

The band is split off by a fourth-order Linkwitz-Riley crossover (two Butterworth filters in a row): low and high add
up to an all-pass, flat at every frequency, so a gain of one on both changes no level. Where nothing jumps, nothing is
split.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.signal import butter, sosfilt

from audio.decibels import db_to_gain, gain_to_db
from audio.kernels import kernel
from audio.rate import Array, Doubles
from audio.spectrum import OCTAVES, Spectra

MOST_DB: Final = 3.0
"""Most that a band is lowered."""

_RATIO: Final = 2.0
_ATTACK_S: Final = 0.03
_RELEASE_S: Final = 0.25
_STEP_S: Final = 0.01
_CHUNK: Final = 1 << 17
_AUDIBLE_DB: Final = 20.0
_LOUDEST: Final = 95.0
_LEAST_SECONDS: Final = 4
_FLOOR: Final = 1e-6

End = Literal["low", "high"]


@dataclass(frozen=True)
class Band:
    """One end of the spectrum: its crossover in Hz, the octaves it holds, and how far it may stand out unheld in dB.

    Cymbals come and go with the sections of a song, so treble may more than bass.
    """

    end: End
    crossover_hz: float
    octaves: tuple[float, ...]
    free_db: float


BANDS: Final = (Band("low", 177.0, (31.5, 63.0, 125.0), 6.0), Band("high", 5657.0, (8000.0, 16000.0), 10.0))


def jump_db(heard: Spectra, band: Band) -> float:
    """How far the band stands out in the twentieth of all seconds in which it does most, in dB.

    In each second it stands out as far as it is over its usual level and over its usual share against all the rest,
    whichever is less: a bass alone is no jump, nor is a bass that is louder when everything is.
    """
    columns = [OCTAVES.index(c) for c in band.octaves]
    together = max(1, round(1.0 / heard.hop_s))
    seconds = heard.windows.shape[0] // together
    if seconds < _LEAST_SECONDS:
        return 0.0
    power = heard.windows[: seconds * together].reshape(seconds, together, -1).sum(axis=1)
    whole = power.sum(axis=1)
    power = power[whole > whole.max() * 10.0 ** (-_AUDIBLE_DB / 10.0)]
    inside = power[:, columns].sum(axis=1)
    rest = power.sum(axis=1) - inside
    floor = _FLOOR * float(whole.max()) + 1e-30
    level = 10.0 * np.log10(inside + floor)
    share = level - 10.0 * np.log10(rest + floor)
    over = np.minimum(level - np.median(level), share - np.median(share))
    return float(np.percentile(over, _LOUDEST))


def _crossover(hertz: float, rate: int, end: End) -> Doubles:
    one = butter(2, hertz, "lowpass" if end == "low" else "highpass", fs=rate, output="sos")
    return np.asarray(np.vstack((one, one)), np.float64)


def split(x: Array, hertz: float, rate: int) -> tuple[Array, Array]:
    """Low and high of `x` `(frames, 2)` at `hertz`; together they are `x` through an all-pass."""
    low, high = (sosfilt(_crossover(hertz, rate, end), x, axis=0).astype(np.float32) for end in ("low", "high"))
    return low, high


def _chunks(x: Array, hertz: float, rate: int, end: End) -> Iterator[tuple[int, Doubles]]:
    """The band in chunks, each with its first frame; the filter runs on from one to the next."""
    sections = _crossover(hertz, rate, end)
    state = np.zeros((sections.shape[0], 2, 2))
    for start in range(0, x.shape[0], _CHUNK):
        y, state = sosfilt(sections, x[start : start + _CHUNK], axis=0, zi=state)
        yield start, y


def _levels(x: Array, band: Band, rate: int) -> Doubles:
    """Level of the band in dB of each 10 ms, the louder side's."""
    step = round(_STEP_S * rate)
    power = np.zeros(-(-x.shape[0] // step) * step)
    for start, y in _chunks(x, band.crossover_hz, rate, band.end):
        power[start : start + y.shape[0]] = np.square(y).max(axis=1)
    return np.asarray(10.0 * np.log10(power.reshape(-1, step).mean(axis=1) + 1e-14), np.float64)


@kernel
def _reductions(levels: Doubles, threshold: float, slope: float, most: float, up: float, down: float) -> Doubles:
    out = np.empty(levels.shape[0])
    reduction = 0.0
    for n in range(levels.shape[0]):
        wanted = max(-most, slope * max(0.0, levels[n] - threshold))
        keep = up if wanted < reduction else down
        reduction = wanted + (reduction - wanted) * keep
        out[n] = reduction
    return out


def compress(x: Array, band: Band, rate: int, over_db: float) -> tuple[Array, float]:
    """`x` `(frames, 2)` in place, the band 2:1 over its usual level plus `over_db`; and the most it was lowered, in dB.

    Both sides get one gain, so the picture stays where it is.
    """
    levels = _levels(x, band, rate)
    usual = float(np.median(levels[levels > levels.max() - _AUDIBLE_DB]))
    up, down = (math.exp(-_STEP_S / seconds) for seconds in (_ATTACK_S, _RELEASE_S))
    reductions = _reductions(levels, usual + over_db, 1.0 / _RATIO - 1.0, MOST_DB, up, down)
    step = round(_STEP_S * rate)
    points = np.arange(reductions.shape[0]) * step
    other: End = "high" if band.end == "low" else "low"
    pairs = zip(_chunks(x, band.crossover_hz, rate, band.end), _chunks(x, band.crossover_hz, rate, other), strict=True)
    for (start, inside), (_, outside) in pairs:
        at = np.arange(start, start + inside.shape[0])
        gain = 10.0 ** (np.interp(at, points, reductions) / 20.0)
        x[start : start + inside.shape[0]] = inside * gain[:, None] + outside
    lowest = db_to_gain(float(reductions.min(initial=0.0)))
    return x, gain_to_db(lowest)
