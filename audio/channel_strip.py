"""One channel of the desk: low cut, equaliser, clip, compression, fader, ducking, width and pan."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from audio.decibels import SILENCE_DB, db_to_gain, gain_to_db
from audio.filters import BUTTERWORTH_Q, Biquad, high_pass, peak, run
from audio.kernels import kernel
from audio.loudness import bin_energies, integrated
from audio.mix_plan import KICKS, Band, Compression, Ducking, MixPlan, PartPlan
from audio.processors.ducking import duck_curve
from audio.processors.dynamics import gain_curve
from audio.processors.limiter import limiter_gain
from audio.processors.saturation import soft_clip
from audio.rate import RATE, Array, Doubles
from domain.score import PerformedPart, Role

CLIPPED: Final = frozenset({Role.DRUMS, Role.PERCUSSION, Role.EFFECTS})
"""Roles whose hits are bent under `CREST_DB` over their own loudness."""

CREST_DB: Final = 12.0

_LEAD_LUFS: Final = -20.0
_USUAL_WIDTH: Final = 0.7
_PEAKS_OVER_DB: Final = 13.0


def loudness_of(x: Array, energies: Doubles | None = None) -> float:
    """Loudness of a stem in LUFS; for a stem shorter or quieter than the gate, its plain level."""
    value = integrated(bin_energies(x, RATE) if energies is None else energies)
    if value > SILENCE_DB:
        return value
    power = float(np.mean(np.square(x, dtype=np.float64))) if x.size else 0.0
    return gain_to_db(power**0.5)


@kernel
def place(x: Array, curve: Array, mid_gain: float, side_gain: float, left: float, right: float, low_cut: float) -> None:
    """Gain curve, width and pan in one pass; the side loses what lies under the low cut."""
    share = 1.0 - np.exp(-2.0 * np.pi * low_cut / RATE)
    low1 = low2 = low3 = 0.0
    for n in range(x.shape[0]):
        mid = 0.5 * (np.float64(x[n, 0]) + x[n, 1]) * mid_gain
        side = 0.5 * (np.float64(x[n, 0]) - x[n, 1]) * side_gain
        low1 += (side - low1) * share
        high = side - low1
        low2 += (high - low2) * share
        high -= low2
        low3 += (high - low3) * share
        high -= low3
        if n % 64 == 0 and abs(low1) + abs(low2) + abs(low3) < 1e-20:
            low1 = low2 = low3 = 0.0
        x[n, 0] = (mid + high) * left * curve[n]
        x[n, 1] = (mid - high) * right * curve[n]


def _pan(x: Array, curve: Array, plan: PartPlan, whole: MixPlan, gain: float) -> Array:
    """Constant-power pan of the stem's own stereo picture; one channel puts everything in the middle."""
    low = whole.bus.mono_under_hz
    if whole.channels == 1:
        place(x, curve, gain, 0.0, 1.0, 1.0, low)
        return x
    width = whole.bus.width / _USUAL_WIDTH
    angle = (1.0 + max(-1.0, min(1.0, plan.pan * width))) * np.pi / 4.0
    left, right = float(np.cos(angle)) * 2**0.5, float(np.sin(angle)) * 2**0.5
    place(x, curve, gain, gain * width * (1.0 - 0.6 * abs(plan.pan)), left, right, low)
    return x


def _equalised(x: Array, bands: Sequence[Band], low_cut_hz: float) -> Array:
    sections: list[Biquad] = [high_pass(low_cut_hz, BUTTERWORTH_Q)]
    sections += [peak(b.hz, b.gain_db, b.q) for b in bands]
    return run(x, sections)


def _compression(x: Array, c: Compression, level: float) -> Array:
    return gain_curve(
        x,
        threshold_db=level + c.over_db,
        ratio=c.ratio,
        attack_s=c.attack_s,
        release_s=c.release_s,
        most_db=8.0,
    )


def _held_peaks(x: Array, curve: Array, level: float) -> Array:
    """Gain that holds the few highest peaks of a compressed stem, so that they do not cost the whole mix its level."""
    ceiling = db_to_gain(level + _PEAKS_OVER_DB)
    peaks = np.maximum(np.abs(x[:, 0]), np.abs(x[:, 1])) * curve
    if float(peaks.max()) <= ceiling:
        return np.ones_like(curve)
    return limiter_gain(peaks, gain=1.0, ceiling=ceiling, rate=RATE)


def _duck(length: int, d: Ducking, parts: Mapping[str, PerformedPart]) -> Array:
    kicks = [n.start for n in parts[d.key].notes if n.pitch in KICKS]
    return duck_curve(kicks, length, depth_db=d.depth_db, attack_s=d.attack_s, release_s=d.release_s)


def _level_under(curve: Array, energies: Doubles) -> float:
    """Loudness after a slow gain, from the energies before it and the gain's mean in each 10 ms."""
    step = RATE // 100
    gains = curve[: energies.shape[0] * step].reshape(-1, step).mean(axis=1, dtype=np.float64)
    return integrated(energies * gains**2)


def play(x: Array, plan: PartPlan, parts: Mapping[str, PerformedPart], whole: MixPlan) -> tuple[Array, float]:
    """One stem `(frames, 2)` through its channel, in place; gives the sound and the fader in dB."""
    x = _equalised(x, plan.eq, plan.high_pass_hz)
    energies = bin_energies(x, RATE)
    level = loudness_of(x, energies)
    if plan.role in CLIPPED:
        soft_clip(x, db_to_gain(level + CREST_DB))
    curve = np.ones(x.shape[0], np.float32)
    if plan.compression is not None:
        curve = _compression(x, plan.compression, level)
        after = _level_under(curve, energies)
        level = after if after > SILENCE_DB else level
    fader = _LEAD_LUFS + plan.level_db + plan.gain_db - level
    curve *= _held_peaks(x, curve, level)
    if plan.ducking is not None:
        curve *= _duck(x.shape[0], plan.ducking, parts)
    return _pan(x, curve, plan, whole, db_to_gain(fader)), fader
