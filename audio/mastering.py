"""The master: tone, loudness, true-peak ceiling, sample rate, bit depth, verified on independent meters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.signal import firwin, oaconvolve

from audio.decibels import SILENCE_DB, db_to_gain, gain_to_db
from audio.filters import Biquad, high_pass, high_shelf, low_shelf, run
from audio.loudness import bin_energies, integrated
from audio.measure import Measurement, measure, octave_bands
from audio.mix_tables import genre_mix, reference_bands
from audio.mixing import Decision
from audio.processors.limiter import limiter_gain
from audio.rate import RATE, Array
from audio.resample import resample
from audio.soundness import require_sound
from audio.true_peak import ITU, LONG, envelope, true_peak
from domain.errors import InvalidValue, RenderError
from domain.seeds import derive

Progress = Callable[[float], None] | None

_TOP_HZ: Final = 20_500.0
_TAPS: Final = 255
_MARGIN_DB: Final = 0.1
_MOST_REDUCTION_DB: Final = 6.0
_MOST_ACTIVE: Final = 0.25
_ACTIVE_DB: Final = -0.1
_TOLERANCE_LU: Final = 0.02
_ROUNDS: Final = 10
_RATES: Final = (44_100, 48_000, 88_200, 96_000)


@dataclass(frozen=True)
class Master:
    """`audio` is int32 `(frames, 2)` scaled to the bit depth; `limited` says the target gave way to the limiter."""

    audio: npt.NDArray[np.int32]
    rate: int
    bit_depth: int
    decisions: list[Decision]
    limited: bool
    measured: Measurement


def _check(target_lufs: float, ceiling_dbtp: float, rate: int, bit_depth: int) -> None:
    if not -36.0 <= target_lufs <= -6.0:
        raise InvalidValue(f"technical.loudness_target = {target_lufs}: choose -36 to -6 LUFS")
    if not -12.0 <= ceiling_dbtp <= 0.0:
        raise InvalidValue(f"the ceiling {ceiling_dbtp} dBTP is out of range; choose -12 to 0")
    if rate not in _RATES:
        raise InvalidValue(f"technical.sample_rate = {rate}: choose {', '.join(map(str, _RATES))}")
    if bit_depth not in (16, 24):
        raise InvalidValue(f"technical.bit_depth = {bit_depth}: choose 16 or 24")


def _tilt(x: Array, genre: Sequence[str], decisions: list[Decision]) -> Array:
    """Two shelves, at most 3 dB each, towards the genre's spectrum; nothing within 2.5 dB of it."""
    bands, target = octave_bands(x, RATE), reference_bands(genre_mix(tuple(genre)))
    centre = float(np.mean([bands[f"{f:g}"] - target[f] for f in (250.0, 500.0, 1000.0, 2000.0)]))

    def correction(names: Sequence[float]) -> float:
        miss = float(np.mean([bands[f"{f:g}"] - target[f] for f in names])) - centre
        excess = np.sign(miss) * max(0.0, abs(miss) - 2.5)
        return round(float(np.clip(-0.8 * excess, -3.0, 3.0)), 2)

    low, high = correction((63.0, 125.0)), correction((4000.0, 8000.0))
    sections: list[Biquad] = [high_pass(22.0)]
    sections += [make(hz, db) for make, hz, db in ((low_shelf, 130.0, low), (high_shelf, 4500.0, high)) if db]
    decisions.append(
        Decision("tone", f"{low:+.1f} dB low, {high:+.1f} dB high", "towards the genre's usual spectrum, 3 dB at most")
    )
    return run(x, sections)


def _low_passed(x: Array, rate: int) -> Array:
    """Nothing near Nyquist for two meters to disagree about; linear phase, no shift."""
    cutoff = min(_TOP_HZ, 0.46 * rate)
    taps = firwin(_TAPS, cutoff, fs=rate, window=("kaiser", 7.0)).astype(np.float32)
    half = _TAPS // 2
    padded = np.pad(x, ((half, half), (0, 0)))
    return np.ascontiguousarray(oaconvolve(padded, taps[:, None], mode="valid", axes=0), dtype=np.float32)


def _resampled(x: Array, rate: int) -> Array:
    """At `rate`, with exactly as many frames as the duration asks for."""
    length = round(x.shape[0] * rate / RATE)
    y = resample(x, RATE, rate)[:length]
    return np.pad(y, ((0, length - y.shape[0]), (0, 0))) if y.shape[0] < length else y


def _active(curve: Array) -> float:
    return float(np.mean(curve < db_to_gain(_ACTIVE_DB))) if curve.size else 0.0


def _within_bounds(curve: Array) -> bool:
    return gain_to_db(float(curve.min())) >= -_MOST_REDUCTION_DB and _active(curve) <= _MOST_ACTIVE


@dataclass
class _Desk:
    """The loudness loop's material: the true-peak envelope is found once, for it scales with the gain."""

    x: Array
    peaks: Array
    ceiling: float
    rate: int

    def curve(self, gain_db: float) -> Array:
        return limiter_gain(self.peaks, gain=db_to_gain(gain_db), ceiling=self.ceiling, rate=self.rate)

    def loudness(self, gain_db: float, curve: Array) -> float:
        return integrated(bin_energies(self.x * curve[:, None], self.rate)) + gain_db


def _highest_allowed(desk: _Desk, low: float, high: float) -> float:
    """Largest gain in dB at which the limiter stays within its bounds, to 0.01 dB; `low` is known to be fine."""
    while high - low > 0.01:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _within_bounds(desk.curve(middle)) else (low, middle)
    return low


def _match(desk: _Desk, target: float, most: Callable[[Array], bool]) -> tuple[float, Array, float]:
    """Gain in dB, limiter curve and loudness nearest to `target`, by the secant rule."""
    start = integrated(bin_energies(desk.x, desk.rate))
    if start <= SILENCE_DB:
        # Shorter than a gating block: the whole sound's own level stands in.
        start = gain_to_db(float(np.sqrt(np.mean(np.square(desk.x, dtype=np.float64)))))
    gain = target - start
    curve = desk.curve(gain)
    if curve.min() >= 1.0:
        return gain, curve, target
    before: tuple[float, float] | None = None
    loud = desk.loudness(gain, curve)
    for _ in range(_ROUNDS):
        miss = target - loud
        if abs(miss) <= _TOLERANCE_LU or (miss > 0.0 and not most(curve)):
            break
        slope = 1.0
        if before is not None and abs(gain - before[0]) > 1e-6:
            slope = min(1.0, max(0.15, (loud - before[1]) / (gain - before[0])))
        before = gain, loud
        gain += miss / slope
        curve = desk.curve(gain)
        loud = desk.loudness(gain, curve)
    return gain, curve, loud


def _limited(desk: _Desk, target: float, decisions: list[Decision]) -> tuple[Array, bool]:
    """The sound at the target, or as near as the limiter's bounds let it come."""
    gain, curve, loud = _match(desk, target, _within_bounds)
    gave_way = False
    if not _within_bounds(curve):
        untouched = gain_to_db(desk.ceiling) - gain_to_db(float(desk.peaks.max()))
        gain = _highest_allowed(desk, min(untouched, gain), gain)
        curve = desk.curve(gain)
        loud = desk.loudness(gain, curve)
        gave_way = abs(loud - target) > 0.05
    reduction, share = gain_to_db(float(curve.min())), _active(curve)
    decisions.append(Decision("gain", f"{gain:+.2f} dB", f"brings the mix to {loud:.2f} LUFS, {target:g} was asked"))
    why = "its bounds (6 dB, 25 % of the time) come before the target" if gave_way else "holds the true-peak ceiling"
    decisions.append(Decision("limiter", f"{reduction:.2f} dB at most, active {share:.1%} of the time", why))
    return desk.x * (curve * np.float32(db_to_gain(gain)))[:, None], gave_way


def _trimmed(x: Array, ceiling_dbtp: float, decisions: list[Decision]) -> Array:
    """Static trim when any of the detectors reads over the ceiling."""
    highest = gain_to_db(max(true_peak(x, LONG), true_peak(x, ITU)))
    over = highest - (ceiling_dbtp - 0.01)
    if over <= 0.0:
        return x
    decisions.append(Decision("trim", f"-{over:.2f} dB", "an independent true-peak meter read over the ceiling"))
    return x * np.float32(db_to_gain(-over))


def _dithered(x: Array, bit_depth: int, seed: int) -> npt.NDArray[np.int32]:
    """Whole steps of `bit_depth` bits with triangular dither of ±1 step; digital silence stays silent."""
    generator = np.random.default_rng(derive(seed, "dither", bit_depth))
    top = 2 ** (bit_depth - 1)
    out = np.empty(x.shape, np.int32)
    block = 1 << 16
    for start in range(0, x.shape[0], block):
        piece = x[start : start + block].astype(np.float64) * top
        noise = generator.random(piece.shape, np.float32) - generator.random(piece.shape, np.float32)
        dithered = np.where(piece == 0.0, 0.0, np.rint(piece + noise))
        out[start : start + block] = np.clip(dithered, -top, top - 1)
    return out


def master(
    x: Array,
    *,
    target_lufs: float,
    ceiling_dbtp: float,
    genre: Sequence[str],
    rate: int,
    bit_depth: int,
    seed: int,
    progress: Progress = None,
) -> Master:
    """Master the mix `x` `(frames, 2)` at 48 kHz to `target_lufs` (−36…−6) under `ceiling_dbtp` (−12…0).

    The limiter takes at most 6 dB and works at most 25 % of the time; where the target needs more, it is
    missed, `limited` is true and the decisions say so. RenderError on silence, NaN or infinity; InvalidValue
    on a target, ceiling, rate or bit depth that is not offered.
    """
    _check(target_lufs, ceiling_dbtp, rate, bit_depth)
    report = progress or (lambda _: None)
    decisions: list[Decision] = []
    y = require_sound(x, "the mix to master").copy()
    if float(np.abs(y).max()) < 1e-6:
        raise RenderError("the mix to master is silent; render parts that sound")
    y = _tilt(y, genre, decisions)
    y = _low_passed(_resampled(y, rate), rate)
    report(0.3)
    desk = _Desk(y, envelope(y), db_to_gain(ceiling_dbtp - _MARGIN_DB), rate)
    y, gave_way = _limited(desk, target_lufs, decisions)
    report(0.8)
    audio = _dithered(_trimmed(y, ceiling_dbtp, decisions), bit_depth, seed)
    decisions.append(Decision("dither", f"{bit_depth} bit, triangular", "rounding becomes noise, not distortion"))
    measured = measure((audio * 2.0 ** (1 - bit_depth)).astype(np.float32), rate)
    report(1.0)
    return Master(audio, rate, bit_depth, decisions, gave_way, measured)
