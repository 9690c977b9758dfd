"""The master: tone, loudness, true-peak ceiling, sample rate, bit depth, verified on independent meters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audio.decibels import SILENCE_DB, db_to_gain, gain_to_db
from audio.filters import high_pass, run
from audio.genre_bands import plr_range
from audio.kernels import kernel
from audio.loudness import bin_energies, integrated
from audio.measure import Measurement, measure
from audio.mixing import Decision
from audio.processors.limiter import gain_line, ride
from audio.processors.multiband import BANDS, compress, jump_db
from audio.rate import GAIN_STEP, RATE, Array, Doubles
from audio.resample import resample
from audio.soundness import require_sound
from audio.spectrum import Spectra, spectra
from audio.tonal_balance import ReferenceProfile, apply, towards_genre, towards_reference
from audio.true_peak import ITU, block_peaks, true_peak
from domain.errors import InvalidValue, RenderError
from domain.seeds import derive

Progress = Callable[[float], None] | None

_MARGIN_DB: Final = 0.1
_VERIFIED_DB: Final = 0.005
_MOST_REDUCTION_DB: Final = 6.0
_MOST_ACTIVE: Final = 0.25
_ACTIVE_DB: Final = -0.1
_TOLERANCE_LU: Final = 0.01
_MISSED_LU: Final = 0.05
_ROUNDS: Final = 12
_EXACT_ROUNDS: Final = 4
_COVERED_DB: Final = 1.5
_OFFSET: Final = 1e-4
_SILENT: Final = 1e-6
_FULL_SCALE: Final = 1.0 - 2.0**-15
_RUMBLE_HZ: Final = 22.0
_FORCED_OVER_DB: Final = 1.0
_RATES: Final = (44_100, 48_000, 88_200, 96_000)
_BLOCK: Final = 1 << 16


@dataclass(frozen=True)
class Master:
    """`audio` is int32 `(frames, 2)` scaled to the bit depth; `limited` says the target gave way to the limiter."""

    audio: npt.NDArray[np.int32]
    rate: int
    bit_depth: int
    decisions: list[Decision]
    limited: bool
    measured: Measurement


def _check(target_lufs: float, ceiling_dbtp: float, rate: int, bit_depth: int, tone: float) -> None:
    if not -36.0 <= target_lufs <= -6.0:
        raise InvalidValue(f"technical.loudness_target = {target_lufs}: choose -36 to -6 LUFS")
    if not -12.0 <= ceiling_dbtp <= 0.0:
        raise InvalidValue(f"the ceiling {ceiling_dbtp} dBTP is out of range; choose -12 to 0")
    if rate not in _RATES:
        raise InvalidValue(f"technical.sample_rate = {rate}: choose {', '.join(map(str, _RATES))}")
    if bit_depth not in (16, 24):
        raise InvalidValue(f"technical.bit_depth = {bit_depth}: choose 16 or 24")
    if not 0.0 <= tone <= 1.0:
        raise InvalidValue(f"the tonal balance {tone} is out of range; choose 0 to 1")


@kernel
def _survey(x: Array, full: float) -> Any:
    """Sums of left and right, highest magnitude, frames at full scale."""
    left = right = 0.0
    peak = np.float32(0.0)
    clipped = 0
    for n in range(x.shape[0]):
        left += np.float64(x[n, 0])
        right += np.float64(x[n, 1])
        top = max(abs(x[n, 0]), abs(x[n, 1]))
        peak = max(peak, top)
        if top >= full:
            clipped += 1
    return left, right, peak, clipped


def _surveyed(x: Array, decisions: list[Decision]) -> tuple[float, float]:
    """The constant offset of each side, where there is one to take away; what cannot be undone is said.

    RenderError when the mix is silent.
    """
    left, right, peak, clipped = _survey(x, _FULL_SCALE)
    if peak < _SILENT:
        raise RenderError("the mix to master is silent; render parts that sound")
    if clipped > 1:
        decisions.append(Decision("clipped mix", f"{clipped} frames", "the mix reaches full scale before mastering"))
    left, right = float(left) / x.shape[0], float(right) / x.shape[0]
    if max(abs(left), abs(right)) < _OFFSET:
        return 0.0, 0.0
    decisions.append(Decision("dc", f"{left:+.4f} left, {right:+.4f} right", "an offset costs headroom and clicks"))
    return left, right


def _steadied(
    x: Array, heard: Spectra, wanted: bool | None, decisions: list[Decision], offset: tuple[float, float]
) -> Array:
    """Bass and treble held where they jump out; a copy when anything was done."""
    y = x
    for band in BANDS if wanted is not False else ():
        jump = jump_db(heard, band)
        jumps = jump > band.free_db
        if not jumps and not wanted:
            continue
        if y is x:
            y = x - np.array(offset, np.float32)
        over = 0.5 * band.free_db if jumps else _FORCED_OVER_DB
        y, most = compress(y, band, RATE, over)
        why = f"it stands out of the mix by up to {jump:.1f} dB" if jumps else "asked for"
        decisions.append(
            Decision(f"multiband.{band.end}", f"{most:.1f} dB at most, 2:1 at {band.crossover_hz:g} Hz", why)
        )
    return y


def _resampled(x: Array, rate: int) -> Array:
    """At `rate`, with exactly as many frames as the duration asks for."""
    length = round(x.shape[0] * rate / RATE)
    y = resample(x, RATE, rate)[:length]
    return np.pad(y, ((0, length - y.shape[0]), (0, 0))) if y.shape[0] < length else y


def _active(line: Array) -> float:
    return float(np.mean(line < db_to_gain(_ACTIVE_DB))) if line.size else 0.0


def _within_bounds(line: Array) -> bool:
    return gain_to_db(float(line.min())) >= -_MOST_REDUCTION_DB and _active(line) <= _MOST_ACTIVE


@dataclass
class _Desk:
    """The loudness loop's material: peaks and energies are found once, for both scale with the gain.

    `peaks` are exact where `covered_db` of gain can bring them over the ceiling; more gain than that finds them anew.
    """

    x: Array
    ceiling: float
    rate: int
    energies: Doubles = field(init=False)
    peaks: Array = field(init=False)
    covered_db: float = field(init=False, default=-np.inf)

    def __post_init__(self) -> None:
        self.energies = bin_energies(self.x, self.rate)

    def line(self, gain_db: float) -> Array:
        """The limiter's gain line at `gain_db`."""
        if gain_db > self.covered_db:
            self.covered_db = gain_db + _COVERED_DB
            self.peaks = block_peaks(self.x, under=self.ceiling * db_to_gain(-self.covered_db))
        return gain_line(self.peaks, gain=db_to_gain(gain_db), ceiling=self.ceiling, rate=self.rate)

    def loudness(self, gain_db: float, line: Array) -> float:
        """Of the sound after gain and limiter, measured."""
        return integrated(bin_energies(self.x, self.rate, line)) + gain_db

    def guess(self, gain_db: float, line: Array) -> float:
        """The same from the energies before the limiter and its mean gain: quick, and off by a nearly constant bit."""
        edges = (np.arange(self.energies.shape[0] + 1) * self.rate // 100) // GAIN_STEP
        power = np.add.reduceat(np.square(line, dtype=np.float64), edges[:-1]) / np.diff(edges)
        return integrated(self.energies * power) + gain_db


def _highest_allowed(desk: _Desk, low: float, high: float) -> float:
    """Largest gain in dB at which the limiter stays within its bounds, to 0.01 dB; `low` is known to be fine."""
    while high - low > 0.01:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _within_bounds(desk.line(middle)) else (low, middle)
    return low


def _reach(desk: _Desk, goal: float, gain: float) -> tuple[float, Array]:
    """Gain in dB at which the guessed loudness is `goal`, by the secant rule, and its line.

    It stops where the limiter is past its bounds anyway.
    """
    line = desk.line(gain)
    loud = desk.guess(gain, line)
    slope = 1.0
    for _ in range(_ROUNDS):
        miss = goal - loud
        if abs(miss) <= 0.5 * _TOLERANCE_LU or (miss > 0.0 and not _within_bounds(line)):
            break
        step = miss / slope
        after = desk.line(gain + step)
        louder = desk.guess(gain + step, after)
        slope = min(1.0, max(0.15, (louder - loud) / step))
        gain, line, loud = gain + step, after, louder
    return gain, line


def _match(desk: _Desk, target: float) -> tuple[float, Array, float]:
    """Gain in dB, limiter line and loudness nearest to `target`."""
    start = integrated(desk.energies)
    if start <= SILENCE_DB:
        # Shorter than a gating block: the whole sound's own level stands in.
        start = gain_to_db(float(np.sqrt(np.mean(np.square(desk.x, dtype=np.float64)))))
        gain = target - start
        return gain, desk.line(gain), target
    gain, bias = target - start, 0.0
    loud = target
    for _ in range(_EXACT_ROUNDS):
        gain, line = _reach(desk, target - bias, gain)
        if line.min() >= 1.0:
            return gain, line, gain + start
        loud = desk.loudness(gain, line)
        if abs(loud - target) <= _TOLERANCE_LU or not _within_bounds(line):
            break
        bias = loud - desk.guess(gain, line)
    return gain, line, loud


def _limited(desk: _Desk, target: float, asked: float, decisions: list[Decision]) -> tuple[Array, bool]:
    """The sound at the target, or as near as the limiter's bounds let it come; in place."""
    gain, line, loud = _match(desk, target)
    why = "holds the true-peak ceiling"
    if not _within_bounds(line):
        untouched = gain_to_db(desk.ceiling) - gain_to_db(float(desk.peaks.max()))
        gain = _highest_allowed(desk, min(untouched, gain), gain)
        line = desk.line(gain)
        loud = desk.loudness(gain, line)
        why = "its bounds (6 dB, 25 % of the time) come before the target"
    gave_way = abs(loud - asked) > _MISSED_LU
    reduction, share = gain_to_db(float(line.min())), _active(line)
    decisions.append(Decision("gain", f"{gain:+.2f} dB", f"brings the mix to {loud:.2f} LUFS, {asked:g} was asked"))
    decisions.append(Decision("limiter", f"{reduction:.2f} dB at most, active {share:.1%} of the time", why))
    return ride(desk.x, line, db_to_gain(gain)), gave_way


def _allowed_target(target: float, ceiling: float, genre: Sequence[str], decisions: list[Decision]) -> float:
    """The target, or the loudest that keeps the genre's peak to loudness ratio under the ceiling."""
    floor = plr_range(genre).low
    if target <= ceiling - floor:
        return target
    decisions.append(
        Decision(
            "target", f"{ceiling - floor:g} LUFS", f"louder would leave less than the genre's {floor:g} dB of crest"
        )
    )
    return ceiling - floor


@kernel
def _quantise(x: Array, noise: npt.NDArray[np.uint32], top: float) -> None:
    """Round to whole steps of `1 / top` in place; each 32-bit word is two 16-bit draws, their difference the dither."""
    for n in range(x.shape[0]):
        for c in range(2):
            value = np.float64(x[n, c]) * top
            if value != 0.0:
                draw = noise[n, c]
                value = np.rint(value + (np.float64(draw >> 16) - np.float64(draw & 0xFFFF)) / 65536.0)
                x[n, c] = min(max(value, -top), top - 1.0) / top


@kernel
def _to_integers(x: Array, top: float, out: npt.NDArray[np.int32]) -> None:
    for n in range(x.shape[0]):
        out[n, 0] = np.int32(np.rint(np.float64(x[n, 0]) * top))
        out[n, 1] = np.int32(np.rint(np.float64(x[n, 1]) * top))


def _dithered(x: Array, bit_depth: int, seed: int) -> Array:
    """Whole steps of `bit_depth` bits with triangular dither of ±1 step, in place; digital silence stays silent."""
    generator = np.random.default_rng(derive(seed, "dither", bit_depth))
    for start in range(0, x.shape[0], _BLOCK):
        piece = x[start : start + _BLOCK]
        _quantise(piece, generator.integers(0, 1 << 32, piece.shape, np.uint32), 2.0 ** (bit_depth - 1))
    return x


def _verified(x: Array, ceiling_dbtp: float, rate: int, bit_depth: int, seed: int, rows: list[Decision]) -> Measurement:
    """Dither and measure; where any true-peak detector reads over the ceiling, a static trim and once more."""
    while True:
        measured = measure(_dithered(x, bit_depth, seed), rate)
        highest = max(
            db_to_gain(measured.true_peak_dbtp), true_peak(x, ITU, at_least=db_to_gain(measured.sample_peak_dbfs))
        )
        over = gain_to_db(highest) - (ceiling_dbtp - _VERIFIED_DB)
        if over <= 0.0:
            break
        over += _VERIFIED_DB
        rows.append(Decision("trim", f"-{over:.2f} dB", "an independent true-peak meter read over the ceiling"))
        x *= np.float32(db_to_gain(-over))
    rows.append(Decision("dither", f"{bit_depth} bit, triangular", "rounding becomes noise, not distortion"))
    return measured


def master(
    x: Array,
    *,
    target_lufs: float,
    ceiling_dbtp: float,
    genre: Sequence[str],
    rate: int,
    bit_depth: int,
    seed: int,
    reference: ReferenceProfile | None = None,
    tone: float = 1.0,
    multiband: bool | None = None,
    progress: Progress = None,
) -> Master:
    """Master the mix `x` `(frames, 2)` at 48 kHz to `target_lufs` (−36…−6) under `ceiling_dbtp` (−12…0).

    The spectrum moves `tone` (0–1) of the way towards the genre's, or that of a `reference`, within bounds; bass and
    treble are compressed where they jump out, or as `multiband` says. The limiter takes at most 6 dB and works at most
    25 % of the time, and the genre's least peak to loudness ratio is kept; where the target needs more, it is missed,
    `limited` is true and the decisions say so. RenderError on silence, NaN or infinity; InvalidValue on a target,
    ceiling, rate or bit depth that is not offered. `x` is left as it is.
    """
    _check(target_lufs, ceiling_dbtp, rate, bit_depth, tone)
    report = progress or (lambda _: None)
    rows: list[Decision] = []
    x = require_sound(x, "the mix to master")
    offset = _surveyed(x, rows)
    heard = spectra(x, RATE)
    report(0.1)
    balance = towards_reference(heard, reference, tone) if reference else towards_genre(heard, genre, tone)
    rows.append(Decision("tone", balance.shown(), balance.reason))
    steady = _steadied(x, heard, multiband, rows, offset)
    y = apply(_resampled(steady, rate), balance, rate, offset if steady is x else (0.0, 0.0))
    del steady
    run(y, [high_pass(_RUMBLE_HZ, rate=rate)])
    report(0.35)
    desk = _Desk(y, db_to_gain(ceiling_dbtp - _MARGIN_DB), rate)
    y, gave_way = _limited(
        desk, _allowed_target(target_lufs, ceiling_dbtp - _MARGIN_DB, genre, rows), target_lufs, rows
    )
    report(0.7)
    measured = _verified(y, ceiling_dbtp, rate, bit_depth, seed, rows)
    audio = y.view(np.int32)
    _to_integers(y, 2.0 ** (bit_depth - 1), audio)
    report(1.0)
    return Master(audio, rate, bit_depth, rows, gave_way, measured)
