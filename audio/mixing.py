"""The mix: stems in, a balanced stereo mix out, together with the stems that add up to it exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from audio.decibels import SILENCE_DB, db_to_gain, gain_to_db
from audio.filters import BUTTERWORTH_Q, Biquad, high_pass, high_shelf, low_shelf, peak, run
from audio.kernels import kernel
from audio.loudness import bin_energies, integrated
from audio.measure import Measurement, measure, octave_bands
from audio.mix_plan import KICKS, Band, Bus, Compression, Ducking, MixPlan, PartPlan, plan_mix
from audio.processors.delay import ping_pong
from audio.processors.ducking import duck_curve
from audio.processors.dynamics import gain_curve
from audio.processors.limiter import limiter_gain
from audio.processors.reverb import Space, reverb
from audio.processors.saturation import soft_clip
from audio.rate import RATE, Array, Doubles, frames
from audio.soundness import has_sound, require_sound
from domain.errors import RenderError
from domain.score import PerformedPart, Role

__all__ = ["Decision", "Mix", "MixPlan", "mix", "plan_mix"]

Progress = Callable[[float], None] | None

_LEAD_LUFS: Final = -20.0
_PEAK_DBFS: Final = -3.0
_STEP: Final = 2.0**-23
_USUAL_WIDTH: Final = 0.7
_RETURN_GAIN: Final = 1.4
_CLIPPED: Final = frozenset({Role.DRUMS, Role.PERCUSSION, Role.EFFECTS})
_CREST_DB: Final = 12.0
_PEAKS_OVER_DB: Final = 13.0
_BUS_PEAKS_OVER_DB: Final = 16.0
_LOWEST_CORRELATION: Final = 0.4
_RETURNS: Final = {"room": "reverb_room", "plate": "reverb_plate", "delay": "delay"}
_SPACES: Final = {"room": (0.008, 5200.0, 0.42, 180.0), "plate": (0.022, 6500.0, 1.0, 260.0)}
"""Pre-delay s, damping Hz, size and low cut Hz of the two reverbs."""


@dataclass(frozen=True)
class Decision:
    """One setting of the mix or master, its value as people read it, and why it is so."""

    what: str
    value: str
    reason: str


@dataclass(frozen=True)
class Mix:
    """`mix` and `stems`, each `(frames, 2)` in whole 24-bit steps; the stems add up to the mix to the last bit.

    `stems` are after fader, pan, ducking and glue; the returns of reverb and delay are stems of their own.
    """

    mix: Array
    stems: dict[str, Array]
    decisions: list[Decision]
    measured: Measurement


def _loudness(x: Array, energies: Doubles | None = None) -> float:
    """Loudness of a stem in LUFS; for a stem shorter or quieter than the gate, its plain level."""
    value = integrated(bin_energies(x, RATE) if energies is None else energies)
    if value > SILENCE_DB:
        return value
    power = float(np.mean(np.square(x, dtype=np.float64))) if x.size else 0.0
    return gain_to_db(power**0.5)


@kernel
def _place(
    x: Array, curve: Array, mid_gain: float, side_gain: float, left: float, right: float, low_cut: float
) -> None:
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
        _place(x, curve, gain, 0.0, 1.0, 1.0, low)
        return x
    width = whole.bus.width / _USUAL_WIDTH
    angle = (1.0 + max(-1.0, min(1.0, plan.pan * width))) * np.pi / 4.0
    left, right = float(np.cos(angle)) * 2**0.5, float(np.sin(angle)) * 2**0.5
    _place(x, curve, gain, gain * width * (1.0 - 0.6 * abs(plan.pan)), left, right, low)
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


def _channel(x: Array, plan: PartPlan, parts: Mapping[str, PerformedPart], whole: MixPlan) -> tuple[Array, float]:
    """One stem through its channel strip; gives the sound and the fader in dB."""
    x = _equalised(x.copy(), plan.eq, plan.high_pass_hz)
    energies = bin_energies(x, RATE)
    level = _loudness(x, energies)
    if plan.role in _CLIPPED:
        soft_clip(x, db_to_gain(level + _CREST_DB))
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


def _return(name: str, sent: Array, bus: Bus) -> Array:
    if name == "delay":
        wet = ping_pong(sent, seconds=bus.delay_s, feedback=0.45)
    else:
        pre, damping, size, cut = _SPACES[name]
        decay = bus.room_decay_s if name == "room" else bus.plate_decay_s
        wet = reverb(sent, Space(decay, pre, damping, size, cut))
    fade = min(frames(0.05), wet.shape[0])
    wet[wet.shape[0] - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    return wet


def _returns(channels: Mapping[str, Array], plan: MixPlan, decisions: list[Decision]) -> dict[str, Array]:
    """The wet stems; each is as loud as the sends say, whatever the algorithm's own gain."""
    found: dict[str, Array] = {}
    for name, stem in _RETURNS.items():
        sends = [(p.id, p.sends[name]) for p in plan.parts if name in p.sends and p.id in channels and not p.muted]
        if not sends:
            continue
        sent = np.zeros_like(channels[sends[0][0]])
        for part, level in sends:
            sent += channels[part] * np.float32(db_to_gain(level))
        if not has_sound(sent):
            continue
        wet = _return(name, sent, plan.bus)
        # A send says how loud the space is against the sound, whatever the algorithm's own gain.
        before, after = float(np.vdot(sent, sent)), float(np.vdot(wet, wet))
        if after <= 0.0:
            continue
        wet *= np.float32((before / after) ** 0.5 * _RETURN_GAIN)
        if plan.channels == 1:
            _place(wet, np.ones(wet.shape[0], np.float32), 1.0, 0.0, 1.0, 1.0, plan.bus.mono_under_hz)
        found[stem] = wet
        decisions.append(Decision(f"sends.{name}", ", ".join(f"{p} {db:+.1f} dB" for p, db in sends), "shared space"))
    return found


_TONE_BANDS: Final = ("63", "125", "250", "500", "1000", "2000", "4000", "8000")
_TONE_SHARE: Final = 0.65
_TONE_MOST_DB: Final = 3.0
_TONE_COUNT: Final = 4


def _tone(total: Array, plan: MixPlan, decisions: list[Decision]) -> list[Biquad]:
    """Broad equaliser on the whole mix: the four octaves farthest from the genre's spectrum, part of the way, 3 dB."""
    if not has_sound(total):
        return []
    bands, target = octave_bands(total, RATE), plan.bus.target_bands
    miss = {b: bands[b] - target[b] for b in _TONE_BANDS}
    centre = float(np.median(list(miss.values())))
    wanted = {
        b: round(float(np.clip((centre - m) * _TONE_SHARE, -_TONE_MOST_DB, _TONE_MOST_DB)), 2) for b, m in miss.items()
    }
    chosen = sorted(wanted, key=lambda b: -abs(wanted[b]))[:_TONE_COUNT]
    moves = [(float(b), wanted[b]) for b in _TONE_BANDS if b in chosen and abs(wanted[b]) >= 0.4]
    shown = ", ".join(f"{db:+.1f} dB at {hz:g} Hz" for hz, db in moves) or "flat"
    decisions.append(Decision("bus.tone", shown, "part of the way to the genre's usual spectrum"))
    return [_band(hz, db) for hz, db in moves]


def _band(hertz: float, gain_db: float) -> Biquad:
    if hertz <= 63.0:
        return low_shelf(85.0, gain_db)
    return high_shelf(6000.0, gain_db) if hertz >= 8000.0 else peak(hertz, gain_db, 1.1)


def _sum(stems: Mapping[str, Array]) -> Array:
    total: Array | None = None
    for x in stems.values():
        total = x.copy() if total is None else np.add(total, x, out=total)
    if total is None:
        raise RenderError("there is no stem to mix; render at least one part")
    return total


def _glued(stems: dict[str, Array], plan: MixPlan, decisions: list[Decision]) -> None:
    """One gain curve, made from the sum, on every stem."""
    total = _sum(stems)
    level = _loudness(total)
    if plan.bus.glue_db <= 0.0 or level <= SILENCE_DB:
        return
    curve = gain_curve(
        total, threshold_db=level + 1.0, ratio=2.0, attack_s=0.025, release_s=0.2, most_db=plan.bus.glue_db
    )
    peaks = np.maximum(np.abs(total[:, 0]), np.abs(total[:, 1])) * curve
    ceiling = db_to_gain(level + _BUS_PEAKS_OVER_DB)
    if float(peaks.max()) > ceiling:
        curve *= limiter_gain(peaks, gain=1.0, ceiling=ceiling, rate=RATE)
    for x in stems.values():
        x *= curve[:, None]
    most = gain_to_db(float(curve.min()))
    decisions.append(
        Decision("bus.glue", f"{most:.1f} dB at most", "one gain curve holds the band and its highest peaks together")
    )


@kernel
def _scale_side(x: Array, share: float) -> None:
    for n in range(x.shape[0]):
        mid = 0.5 * (x[n, 0] + x[n, 1])
        side = 0.5 * (x[n, 0] - x[n, 1]) * share
        x[n, 0] = mid + side
        x[n, 1] = mid - side


def _narrowed(stems: Mapping[str, Array], decisions: list[Decision]) -> None:
    """Where left and right share too little to survive in mono, the side of every stem is lowered alike."""
    total = _sum(stems)
    mid, side = total[:, 0] + total[:, 1], total[:, 0] - total[:, 1]
    mid_power, side_power = float(np.vdot(mid, mid)), float(np.vdot(side, side))
    allowed = mid_power * (1.0 - _LOWEST_CORRELATION) / (1.0 + _LOWEST_CORRELATION)
    if side_power <= allowed:
        return
    share = (allowed / side_power) ** 0.5
    for x in stems.values():
        _scale_side(x, share)
    decisions.append(Decision("bus.width", f"side {gain_to_db(share):.1f} dB", "the mix must hold together in mono"))


def _quantised(stems: dict[str, Array], decisions: list[Decision]) -> tuple[Array, dict[str, Array]]:
    """All stems under one gain with headroom, in whole 24-bit steps, and their exact sum."""
    loudest = max(float(np.abs(x).max()) for x in (_sum(stems), *stems.values()))
    gain_db = round(_PEAK_DBFS - 0.01 - gain_to_db(loudest), 2) if loudest > 0.0 else 0.0
    scale = np.float32(db_to_gain(gain_db) / _STEP)
    total = np.zeros_like(next(iter(stems.values())))
    for x in stems.values():
        np.rint(np.multiply(x, scale, out=x), out=x)
        total += x
        x *= np.float32(_STEP)
    total *= np.float32(_STEP)
    decisions.append(Decision("bus.gain", f"{gain_db:+.2f} dB", "one gain for every stem leaves headroom to master"))
    return total, stems


def _checked(stems: Mapping[str, Array], plan: MixPlan) -> dict[str, Array]:
    planned = {p.id for p in plan.parts}
    if missing := sorted(planned - stems.keys()):
        raise RenderError(f"the stems of {', '.join(missing)} are missing; render these parts first")
    if unknown := sorted(stems.keys() - planned):
        raise RenderError(f"the stems {', '.join(unknown)} belong to no part of the plan; plan the mix again")
    checked = {p.id: require_sound(stems[p.id], f"stem {p.id!r}") for p in plan.parts}
    lengths = {x.shape[0] for x in checked.values()}
    if len(lengths) > 1:
        raise RenderError(f"stems differ in length ({sorted(lengths)} frames); render every part to the same end")
    return checked


def _explain(plan: PartPlan, fader: float) -> list[Decision]:
    reasons = plan.reasons
    rows = [
        Decision(f"{plan.id}.level", f"{plan.level_db:+.1f} LU, fader {fader:+.1f} dB", reasons["level_db"]),
        Decision(f"{plan.id}.pan", f"{plan.pan:+.2f}", reasons["pan"]),
        Decision(f"{plan.id}.high_pass", f"{plan.high_pass_hz:.0f} Hz", reasons["high_pass_hz"]),
    ]
    if plan.gain_db:
        rows.append(Decision(f"{plan.id}.gain", f"{plan.gain_db:+.1f} dB", reasons["gain_db"]))
    if plan.eq:
        shown = ", ".join(f"{b.gain_db:+.1f} dB at {b.hz:.0f} Hz" for b in plan.eq)
        rows.append(Decision(f"{plan.id}.eq", shown, reasons.get("eq", "")))
    if plan.role in _CLIPPED:
        rows.append(Decision(f"{plan.id}.clip", f"{_CREST_DB:.0f} dB over its loudness", "hits leave headroom"))
    if plan.compression:
        rows.append(Decision(f"{plan.id}.compression", f"{plan.compression.ratio:.1f}:1", "steadier level"))
    if plan.ducking:
        shown = f"{plan.ducking.depth_db:.1f} dB under {plan.ducking.key}"
        rows.append(Decision(f"{plan.id}.ducking", shown, reasons["ducking"]))
    return rows


def _channels(
    stems: Mapping[str, Array],
    plan: MixPlan,
    parts: Mapping[str, PerformedPart],
    decisions: list[Decision],
    report: Callable[[float], None],
) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for i, strip in enumerate(plan.parts):
        x = stems[strip.id]
        if strip.muted or not has_sound(x):
            found[strip.id] = np.zeros_like(x)
            reason = "asked for" if strip.muted else "the stem holds no sound"
            decisions.append(Decision(f"{strip.id}.level", "silent", reason))
        elif strip.role is Role.FULL_MIX:
            found[strip.id] = x.copy()
            decisions.append(Decision(f"{strip.id}.level", "unchanged", "a finished mix passes through"))
        else:
            found[strip.id], fader = _channel(x, strip, parts, plan)
            decisions += _explain(strip, fader)
        report(0.05 + 0.5 * (i + 1) / len(plan.parts))
    return found


def mix(
    stems: Mapping[str, Array],
    parts: Sequence[PerformedPart],
    plan: MixPlan,
    *,
    seed: int,
    progress: Progress = None,
) -> Mix:
    """Mix `stems` (by part id, `(frames, 2)` at 48 kHz, equal lengths) as `plan` says.

    RenderError names a stem that is missing, not finite, or of another length. Nothing in the mix is random;
    `seed` belongs to the contract of every step that makes sound.
    """
    report = progress or (lambda _: None)
    decisions: list[Decision] = []
    whole = any(p.role is not Role.FULL_MIX for p in plan.parts)
    channels = _channels(_checked(stems, plan), plan, {p.id: p for p in parts}, decisions, report)
    if whole:
        channels |= _returns(channels, plan, decisions)
        report(0.75)
        tone = _tone(_sum(channels), plan, decisions)
        for x in channels.values():
            run(x, tone)
        _narrowed(channels, decisions)
        _glued(channels, plan, decisions)
    report(0.9)
    total, done = _quantised(channels, decisions)
    measured = measure(total, RATE)
    report(1.0)
    return Mix(total, done, decisions, measured)
