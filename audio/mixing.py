"""The mix: stems in, a balanced stereo mix out, together with the stems that add up to it exactly."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from audio import tone
from audio.channel_strip import CLIPPED, CREST_DB, loudness_of, place, play
from audio.decibels import SILENCE_DB, db_to_gain, gain_to_db
from audio.filters import run
from audio.kernels import kernel
from audio.measure import Measurement, measure
from audio.mix_plan import Bus, MixPlan, PartPlan, plan_mix
from audio.processors.delay import ping_pong
from audio.processors.dynamics import gain_curve
from audio.processors.limiter import limiter_gain
from audio.processors.reverb import Space, reverb
from audio.rate import RATE, Array, frames
from audio.soundness import has_sound, require_sound
from audio.track_store import MEMORY_BYTES, TrackStore
from domain.errors import RenderError
from domain.score import PerformedPart, Role

__all__ = ["Decision", "Mix", "MixPlan", "mix", "plan_mix"]

Progress = Callable[[float], None] | None
Item = TypeVar("Item")
Made = TypeVar("Made")
Steps = npt.NDArray[np.int32]
"""Audio `(frames, 2)` in whole steps of 24 bits."""


@dataclass(frozen=True)
class Delivery(Generic[Made]):
    """Where finished stems go, one by one: `prepare` in a thread of the mix, then `take` in the stems' order.

    `prepare` gets a stem's number from 0, its name and its steps.
    """

    prepare: Callable[[int, str, Steps], Made]
    take: Callable[[str, Made], None]


_PEAK_DBFS: Final = -3.0
_STEP: Final = 2.0**-23
_RETURN_GAIN: Final = 1.4
_BUS_PEAKS_OVER_DB: Final = 16.0
_LOWEST_CORRELATION: Final = 0.7
"""Of left and right: folded to mono such a mix loses 0.71 dB, by ear (K-weighted) up to half as much again."""
_AT_ONCE: Final = 2
_LONG_FRAMES: Final = 6 * 60 * RATE
"""Tracks longer than this are worked on one at a time, for the sake of memory."""
RETURNS: Final = {"room": "reverb_room", "plate": "reverb_plate", "delay": "delay"}
"""The spaces by the names of their sends, and the names of their stems."""
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

    `stems` are after fader, pan, ducking and glue; the returns of reverb and delay are stems of their own. They are
    empty where the caller took them one by one.
    """

    mix: Array
    stems: dict[str, Array]
    decisions: list[Decision]
    measured: Measurement


def _each(items: Sequence[Item], work: Callable[[Item], Made], length: int) -> Iterator[Made]:
    """`work` done on `items` in their order, two at once unless they are long, and no more than these ahead."""
    at_once = 1 if length > _LONG_FRAMES else _AT_ONCE
    with ThreadPoolExecutor(at_once) as pool:
        begun = deque(pool.submit(work, item) for item in items[:at_once])
        waiting = iter(items[at_once:])
        while begun:
            made = begun.popleft().result()
            begun.extend(pool.submit(work, item) for item in islice(waiting, 1))
            yield made


# --- the channels ------------------------------------------------------------------------------------


class _Desk:
    """What a mix is made of while it is made."""

    def __init__(self, stems: Mapping[str, Array], parts: Sequence[PerformedPart], plan: MixPlan, tracks: TrackStore):
        self.plan, self.tracks, self.stems = plan, tracks, stems
        self.parts = {p.id: p for p in parts}
        self.decisions: list[Decision] = []
        self.length = 0

    def stem(self, name: str) -> Array:
        """A stem of the caller as an array of our own; all must be of one length."""
        x = np.array(require_sound(self.stems[name], f"stem {name!r}"))
        if self.length and x.shape[0] != self.length:
            lengths = sorted({x.shape[0], self.length})
            raise RenderError(f"stems differ in length ({lengths} frames); render every part to the same end")
        self.length = x.shape[0]
        return x

    def sum(self) -> Array:
        """All tracks together."""
        total: Array | None = None
        for name in self.tracks:
            x = self.tracks.get(name)
            if total is None:
                total = x.copy()
            else:
                _add(total, x, 1.0)
        if total is None:
            raise RenderError("there is no stem to mix; render at least one part")
        return total


def _check_names(stems: Mapping[str, Array], plan: MixPlan) -> None:
    planned = {p.id for p in plan.parts}
    if missing := sorted(planned - stems.keys()):
        raise RenderError(f"the stems of {', '.join(missing)} are missing; render these parts first")
    if unknown := sorted(stems.keys() - planned):
        raise RenderError(f"the stems {', '.join(unknown)} belong to no part of the plan; plan the mix again")


def _channel(desk: _Desk, strip: PartPlan) -> tuple[Array, list[Decision]]:
    x = desk.stem(strip.id)
    if strip.muted or not has_sound(x):
        reason = "asked for" if strip.muted else "the stem holds no sound"
        return np.zeros_like(x), [Decision(f"{strip.id}.level", "silent", reason)]
    if strip.role is Role.FULL_MIX:
        return x, [Decision(f"{strip.id}.level", "unchanged", "a finished mix passes through")]
    x, fader = play(x, strip, desk.parts, desk.plan)
    return x, _explain(strip, fader)


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
    if plan.role in CLIPPED:
        rows.append(Decision(f"{plan.id}.clip", f"{CREST_DB:.0f} dB over its loudness", "hits leave headroom"))
    if plan.compression:
        rows.append(Decision(f"{plan.id}.compression", f"{plan.compression.ratio:.1f}:1", "steadier level"))
    if plan.ducking:
        shown = f"{plan.ducking.depth_db:.1f} dB under {plan.ducking.key}"
        rows.append(Decision(f"{plan.id}.ducking", shown, reasons["ducking"]))
    return rows


def _play_channels(desk: _Desk, report: Callable[[float], None]) -> None:
    strips = desk.plan.parts
    if strips:
        desk.length = require_sound(desk.stems[strips[0].id], f"stem {strips[0].id!r}").shape[0]
    for number, (x, rows) in enumerate(_each(strips, lambda strip: _channel(desk, strip), desk.length)):
        desk.tracks.put(strips[number].id, x)
        desk.decisions += rows
        report(0.05 + 0.5 * (number + 1) / len(strips))


# --- the spaces --------------------------------------------------------------------------------------


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


def _wet(desk: _Desk, name: str, sends: Sequence[tuple[str, float]]) -> Array | None:
    """The wet sound of a space; as loud as the sends say, whatever the algorithm's own gain. None without sound."""
    sent = np.zeros_like(desk.tracks.get(sends[0][0]))
    for part, level in sends:
        _add(sent, desk.tracks.get(part), db_to_gain(level))
    if not has_sound(sent):
        return None
    before = sum(_powers(sent))
    wet = _return(name, sent, desk.plan.bus)
    after = sum(_powers(wet))
    if after <= 0.0:
        return None
    wet *= np.float32((before / after) ** 0.5 * _RETURN_GAIN)
    if desk.plan.channels == 1:
        place(wet, np.ones(wet.shape[0], np.float32), 1.0, 0.0, 1.0, 1.0, desk.plan.bus.mono_under_hz)
    return wet


def _add_returns(desk: _Desk) -> None:
    played = [(p, set(p.sends)) for p in desk.plan.parts if not p.muted]
    spaces = [
        (name, sends) for name in RETURNS if (sends := [(p.id, p.sends[name]) for p, has in played if name in has])
    ]
    for (name, sends), wet in zip(spaces, _each(spaces, lambda s: _wet(desk, *s), desk.length), strict=True):
        if wet is not None:
            desk.tracks.put(RETURNS[name], wet)
            shown = ", ".join(f"{p} {db:+.1f} dB" for p, db in sends)
            desk.decisions.append(Decision(f"sends.{name}", shown, "shared space"))


# --- the whole ---------------------------------------------------------------------------------------


def _balance(desk: _Desk, report: Callable[[float], None]) -> Array:
    """Move the octaves that are off towards the genre's spectrum, in the tracks where they live; gives the sum."""
    total, bus = desk.sum(), desk.plan.bus
    powers = tone.band_powers(total)
    if not powers.any():
        return total
    gains = tone.moves(powers, bus.target_bands, bus.target_ranges)
    shown = ", ".join(f"{g:+.1f} dB at {b} Hz" for b, g in zip(tone.BANDS, gains, strict=True) if g) or "flat"
    why = "towards the genre's usual spectrum, in the tracks that hold the octave"
    desk.decisions.append(Decision("bus.tone", shown, why))
    if not gains.any():
        return total

    def equalise(name: str) -> Array:
        x = desk.tracks.get(name)
        return run(x, tone.filters(gains, tone.band_powers(x), powers))

    names = list(desk.tracks)
    total[:] = 0.0
    for number, x in enumerate(_each(names, equalise, desk.length)):
        _add(total, x, 1.0)
        desk.tracks.put(names[number], x)
        report(0.7 + 0.12 * (number + 1) / len(names))
    return total


@kernel
def _add(total: Array, x: Array, gain: float) -> None:
    for n in range(x.shape[0]):
        total[n, 0] += x[n, 0] * np.float32(gain)
        total[n, 1] += x[n, 1] * np.float32(gain)


@kernel
def _powers(x: Array) -> tuple[float, float]:
    """Power of mid and side, summed in one order: a BLAS sums in another one on a machine with more cores."""
    mid = side = 0.0
    for n in range(x.shape[0]):
        left, right = np.float64(x[n, 0]), np.float64(x[n, 1])
        mid += (left + right) ** 2
        side += (left - right) ** 2
    return mid, side


@kernel
def _scale_side(x: Array, share: float) -> None:
    for n in range(x.shape[0]):
        mid = 0.5 * (x[n, 0] + x[n, 1])
        side = 0.5 * (x[n, 0] - x[n, 1]) * share
        x[n, 0] = mid + side
        x[n, 1] = mid - side


def _side_share(total: Array, decisions: list[Decision]) -> float:
    """Where left and right share too little to survive in mono, the side of every stem is lowered alike."""
    mid_power, side_power = _powers(total)
    allowed = mid_power * (1.0 - _LOWEST_CORRELATION) / (1.0 + _LOWEST_CORRELATION)
    if side_power <= allowed:
        return 1.0
    share = float((allowed / side_power) ** 0.5)
    decisions.append(Decision("bus.width", f"side {gain_to_db(share):.1f} dB", "the mix must hold together in mono"))
    return share


def _glue(total: Array, plan: MixPlan, decisions: list[Decision]) -> Array:
    """One gain curve, made from the sum, for every stem."""
    level = loudness_of(total)
    if plan.bus.glue_db <= 0.0 or level <= SILENCE_DB:
        return np.ones(total.shape[0], np.float32)
    curve = gain_curve(
        total, threshold_db=level + 1.0, ratio=2.0, attack_s=0.025, release_s=0.2, most_db=plan.bus.glue_db
    )
    peaks = np.maximum(np.abs(total[:, 0]), np.abs(total[:, 1])) * curve
    ceiling = db_to_gain(level + _BUS_PEAKS_OVER_DB)
    if float(peaks.max()) > ceiling:
        curve *= limiter_gain(peaks, gain=1.0, ceiling=ceiling, rate=RATE)
    most = gain_to_db(float(curve.min()))
    decisions.append(
        Decision("bus.glue", f"{most:.1f} dB at most", "one gain curve holds the band and its highest peaks together")
    )
    return curve


@kernel
def _highest(x: Array, curve: Array, share: float) -> float:
    """Highest magnitude of `x` with its side at `share`, under the gain curve."""
    top = 0.0
    for n in range(x.shape[0]):
        mid, side = 0.5 * (x[n, 0] + x[n, 1]), 0.5 * (x[n, 0] - x[n, 1]) * share
        top = max(top, max(abs(mid + side), abs(mid - side)) * curve[n])
    found: float = top
    return found


@kernel
def _settle(x: Array, curve: Array, share: float, scale: float, out: Steps) -> None:
    """Width, glue and gain of one stem in whole steps.

    The large number, added and taken away again, rounds to the nearest even as rint does and is much faster.
    """
    even = 1.5 * 2.0**52
    for n in range(x.shape[0]):
        mid, side = 0.5 * (np.float64(x[n, 0]) + x[n, 1]), 0.5 * (np.float64(x[n, 0]) - x[n, 1]) * share
        gain = curve[n] * scale
        left, right = np.int32(((mid + side) * gain + even) - even), np.int32(((mid - side) * gain + even) - even)
        out[n, 0], out[n, 1] = left, right


def _deliver(
    desk: _Desk, curve: Array, share: float, delivery: Delivery[Made], report: Callable[[float], None]
) -> Array:
    """All stems under one gain with headroom, in whole 24-bit steps, given away one by one; gives their exact sum."""
    names = list(desk.tracks)
    peaks = _each(names, lambda name: _highest(desk.tracks.get(name), curve, share), desk.length)
    loudest = max([_highest(desk.sum(), curve, share), *peaks])
    gain_db = round(_PEAK_DBFS - 0.01 - gain_to_db(loudest), 2) if loudest > 0.0 else 0.0
    total = np.zeros((desk.length, 2), np.int32)
    adding = Lock()

    def settle(number: int) -> Made:
        name = names[number]
        x = desk.tracks.get(name)
        # The steps take the place of the samples: a long track is there once.
        out = x.view(np.int32)
        _settle(x, curve, share, db_to_gain(gain_db) / _STEP, out)
        with adding:
            np.add(total, out, out=total)
        made = delivery.prepare(number, name, out)
        desk.tracks.drop(name)
        return made

    for number, made in enumerate(_each(range(len(names)), settle, desk.length)):
        delivery.take(names[number], made)
        report(0.86 + 0.1 * (number + 1) / len(names))
    desk.decisions.append(
        Decision("bus.gain", f"{gain_db:+.2f} dB", "one gain for every stem leaves headroom to master")
    )
    return total * np.float32(_STEP)


def mix(
    stems: Mapping[str, Array],
    parts: Sequence[PerformedPart],
    plan: MixPlan,
    *,
    seed: int,
    progress: Progress = None,
    delivery: Delivery[Any] | None = None,
    memory_bytes: int = MEMORY_BYTES,
) -> Mix:
    """Mix `stems` (by part id, `(frames, 2)` at 48 kHz, equal lengths) as `plan` says.

    `stems` may be a mapping that loads a stem when it is asked for; each is asked for once, the first one twice.
    Finished stems go to the `delivery` one by one, or into the answer where that is None; while the mix is made, tracks
    beyond `memory_bytes` lie in temporary files. RenderError names a stem that is missing, not finite, or of another
    length. Nothing in the mix is random; `seed` belongs to the contract of every step that makes sound.
    """
    report = progress or (lambda _: None)
    _check_names(stems, plan)
    done: dict[str, Array] = {}
    with TrackStore(memory_bytes) as tracks:
        desk = _Desk(stems, parts, plan, tracks)
        _play_channels(desk, report)
        curve, share = np.ones(desk.length, np.float32), 1.0
        if any(p.role is not Role.FULL_MIX for p in plan.parts):
            _add_returns(desk)
            report(0.7)
            total = _balance(desk, report)
            share = _side_share(total, desk.decisions)
            if share < 1.0:
                _scale_side(total, share)
            curve = _glue(total, plan, desk.decisions)
            del total
        report(0.85)

        kept = Delivery(lambda _number, _name, steps: steps * np.float32(_STEP), done.__setitem__)
        total = _deliver(desk, curve, share, delivery or kept, report)
    measured = measure(total, RATE)
    report(1.0)
    return Mix(total, done, desk.decisions, measured)
