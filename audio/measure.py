"""Every figure of a finished sound, as the report shows it."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict

from audio.clicks import find_clicks
from audio.decibels import SILENCE_DB, gain_to_db, power_to_db
from audio.kernels import kernel
from audio.loudness import bin_energies, loudness, loudness_reference
from audio.rate import Array, Doubles
from audio.soundness import require_sound
from audio.spectrum import OCTAVES, Spectra, spectra
from audio.true_peak import LONG, true_peak

__all__ = ["OCTAVES", "Measurement", "loudness_reference", "measure", "octave_bands"]

_FULL_SCALE: Final = 1.0 - 2.0**-15
_WINDOW_S: Final = 0.05
_QUIET: Final = 1e-3
_CORRELATION_WINDOWS: Final = 60
_CORRELATION_FLOOR: Final = 1e-6
_LOW_HZ: Final = 120.0
_CLICKS_TOLD: Final = 10


class Measurement(BaseModel):
    """What a sound measures; levels read `SILENCE_DB` (-120) where there is nothing to measure.

    Loudness by BS.1770-5 and EBU Tech 3341/3342. `octave_bands_db` maps band centre in Hz to band power relative to
    the 1 kHz band; `slope_db_per_octave` is that of the power density from 100 Hz to 4 kHz. `correlation` is that of
    left and right over the whole sound, `min_correlation` its lowest over three seconds; `balance_db` is left against
    right. `mono_loss_db` is what the sum of both sides lacks, `mono_band_loss_db` the same in the octave that loses
    most. `low_side_db` is side against mid under 120 Hz. `crest_db` is sample peak over RMS, `plr_db` true peak over
    integrated loudness. Silence is a stretch of 50 ms windows under -60 dBFS; `click_times_s` are the first ten.
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
    min_correlation: float
    balance_db: float
    mono_loss_db: float
    mono_band_loss_db: float
    low_side_db: float
    crest_db: float
    plr_db: float
    dc: float
    lead_silence_s: float
    tail_silence_s: float
    longest_silence_s: float
    clipped_samples: int
    clicks: int
    click_times_s: tuple[float, ...]
    octave_bands_db: dict[str, float]
    slope_db_per_octave: float


def octave_bands(x: Array, rate: int) -> dict[str, float]:
    """Power of each octave band against the one at 1 kHz, in dB, keyed by its centre ("125", "31.5")."""
    return spectra(x, rate).octaves_db()


@kernel
def _fill_table(x: Array, step: int, table: Doubles) -> None:
    """For each window of `step` frames: sums of left, right, their squares and product, peak, frames at full scale."""
    for window in range(table.shape[0]):
        left = right = left_power = right_power = cross = 0.0
        high = np.float32(0.0)
        clipped = 0
        for n in range(window * step, min((window + 1) * step, x.shape[0])):
            a, b = np.float64(x[n, 0]), np.float64(x[n, 1])
            left += a
            right += b
            left_power += a * a
            right_power += b * b
            cross += a * b
            top = max(abs(x[n, 0]), abs(x[n, 1]))
            if top >= _FULL_SCALE:
                clipped += 1
            high = max(high, top)
        table[window, 0] = left
        table[window, 1] = right
        table[window, 2] = left_power
        table[window, 3] = right_power
        table[window, 4] = cross
        table[window, 5] = high
        table[window, 6] = clipped


@dataclass(frozen=True)
class _Windows:
    """Sums over windows of 50 ms, `(windows, 7)`, the last one shorter, and what can be read from them."""

    table: Doubles
    frames: int

    @classmethod
    def of(cls, x: Array, rate: int) -> "_Windows":
        step = max(1, round(rate * _WINDOW_S))
        table = np.zeros((-(-x.shape[0] // step), 7))
        _fill_table(x, step, table)
        return cls(table, x.shape[0])

    @property
    def peak(self) -> float:
        return float(self.table[:, 5].max())

    @property
    def power(self) -> tuple[float, float, float]:
        """Sums of left and right squared, and of their product."""
        left, right, cross = self.table[:, 2:5].sum(axis=0)
        return float(left), float(right), float(cross)

    @property
    def rms(self) -> float:
        return math.sqrt(sum(self.power[:2]) / (2 * self.frames))

    @property
    def dc(self) -> float:
        return float(np.abs(self.table[:, :2].sum(axis=0)).max()) / self.frames

    def correlation(self) -> float:
        left, right, cross = self.power
        both = math.sqrt(left * right)
        return max(-1.0, min(1.0, cross / both)) if both > 0.0 else 1.0

    def lowest_correlation(self) -> float:
        """Over 3 s; stretches with next to nothing on one side do not count, a shorter sound is taken whole."""
        length = min(_CORRELATION_WINDOWS, self.table.shape[0])
        sums = np.cumsum(np.vstack((np.zeros(3), self.table[:, 2:5])), axis=0)
        left, right, cross = (sums[length:] - sums[:-length]).T
        floor = _CORRELATION_FLOOR * max(self.power[:2]) / self.table.shape[0] * length
        heard = (left > floor) & (right > floor)
        if not heard.any():
            return self.correlation()
        return float(np.clip(cross[heard] / np.sqrt(left[heard] * right[heard]), -1.0, 1.0).min())

    def balance(self) -> float:
        left, right, _ = self.power
        if left <= 0.0 or right <= 0.0:
            return 0.0 if left == right else math.copysign(-SILENCE_DB, left - right)
        return max(SILENCE_DB, min(-SILENCE_DB, 10.0 * math.log10(left / right)))

    def mono_loss(self) -> float:
        left, right, cross = self.power
        both = left + right
        return -power_to_db((both + 2.0 * cross) / (2.0 * both)) + 0.0 if both > 0.0 else 0.0

    def silences(self) -> tuple[float, float, float]:
        """Seconds of silence before the sound, inside of it at the longest, and after it."""
        loud = np.flatnonzero(self.table[:, 5] > _QUIET)
        if loud.size == 0:
            return self.table.shape[0] * _WINDOW_S, 0.0, 0.0
        inside = int(np.diff(loud).max() - 1) if loud.size > 1 else 0
        after = self.table.shape[0] - 1 - int(loud[-1])
        return int(loud[0]) * _WINDOW_S, inside * _WINDOW_S, after * _WINDOW_S


def measure(x: Array, rate: int, *, heard: Spectra | None = None) -> Measurement:
    """Measure `x` `(frames, 2)` at `rate` Hz; one channel is measured as played on both sides.

    `heard` are its spectra where they are known already. RenderError when `x` is empty or holds NaN or infinity.
    """
    x = require_sound(x, "the sound to measure")
    loud = loudness(bin_energies(x, rate))
    windows = _Windows.of(x, rate)
    tones = heard or spectra(x, rate)
    peak = gain_to_db(true_peak(x, LONG, at_least=windows.peak))
    lead, inside, tail = windows.silences()
    clicks = find_clicks(x, rate)
    return Measurement(
        integrated_lufs=loud.integrated,
        max_short_term_lufs=loud.max_short_term,
        max_momentary_lufs=loud.max_momentary,
        loudness_range_lu=loud.range,
        true_peak_dbtp=peak,
        sample_peak_dbfs=gain_to_db(windows.peak),
        duration_s=x.shape[0] / rate,
        correlation=windows.correlation(),
        min_correlation=windows.lowest_correlation(),
        balance_db=windows.balance(),
        mono_loss_db=windows.mono_loss(),
        mono_band_loss_db=float(tones.mono_losses().max()),
        low_side_db=tones.side_under_db(_LOW_HZ),
        crest_db=gain_to_db(windows.peak / windows.rms) if windows.rms > 0.0 else 0.0,
        plr_db=peak - loud.integrated if loud.integrated > SILENCE_DB else 0.0,
        dc=windows.dc,
        lead_silence_s=lead,
        tail_silence_s=tail,
        longest_silence_s=inside,
        clipped_samples=int(windows.table[:, 6].sum()),
        clicks=int(clicks.size),
        click_times_s=tuple(round(int(frame) / rate, 4) for frame in clicks[:_CLICKS_TOLD]),
        octave_bands_db=tones.octaves_db(),
        slope_db_per_octave=tones.slope(),
    )
