"""Frequency modulation: pairs of sines, as electric pianos, bells and glassy pads are made (J. Chowning, 1973)."""

import math
from typing import Final, NamedTuple

import numpy as np

from audio.instruments.voices import phases, voices
from audio.kernels import inlined, kernel
from audio.rate import RATE, Array, Doubles, Integers, frames
from domain.score import PerformedPart

_CONTROL: Final = 32
_TOP_HZ: Final = 19_000.0


class Pair(NamedTuple):
    """A carrier and its modulator. Ratios to the key's pitch; `depth` is the modulation index in radians.

    `depth_velocity` 0–1 is how much of the depth a soft touch takes away; level and depth each die away by 60 dB in
    their own time (s, for middle C; higher notes are shorter). `sustain` is the level the decay ends on.
    """

    carrier: float
    modulator: float
    depth: float
    depth_decay: float
    level: float
    decay: float
    depth_velocity: float = 0.6
    level_velocity: float = 0.0
    depth_floor: float = 0.2
    sustain: float = 0.0
    cents: float = 0.0
    pan: float = 0.0


class FmPatch(NamedTuple):
    """Pairs that sound together under one attack and release (s); `velocity_db` between softest and hardest."""

    pairs: tuple[Pair, ...]
    attack: float = 0.002
    release: float = 0.25
    velocity_db: float = 24.0
    level: float = 0.3
    tracking: float = 0.5


@inlined
def _sine(turns: float) -> float:
    """Sine of `turns` full circles, by an odd polynomial of ninth degree on a quarter (error 4e-9).

    Without a table or a branch, so that a loop of them runs in SIMD lanes.
    """
    x = turns - math.floor(turns + 0.5)
    y = max(min(x, 0.5 - x), -0.5 - x)
    z = y * y
    return y * (
        6.283185159446569
        + z * (-41.341654887207305 + z * (81.60099536106362 + z * (-76.54958778475192 + z * 39.53526142452404)))
    )


@kernel
def _pair(
    out: Array,
    start: int,
    gate: int,
    hertz: float,
    velocity: float,
    pair: Doubles,
    envelope: Doubles,
    phase: float,
) -> None:
    carrier, modulator, index, index_decay, level, decay = pair[0], pair[1], pair[2], pair[3], pair[4], pair[5]
    attack, release, velocity_db, gain, tracking = envelope[0], envelope[1], envelope[2], envelope[3], envelope[4]
    hz = hertz * 2.0 ** (pair[10] / 1200.0)
    if hz * carrier > _TOP_HZ:
        return
    shorter = (261.6256 / hertz) ** tracking
    room = max(0.0, (_TOP_HZ / hz - carrier) / max(modulator, 0.01) - 1.0)
    depth = min(room, index * (1.0 - pair[6] * (1.0 - velocity))) / (2.0 * math.pi)
    floor, sustain = pair[8], pair[9]
    amp = gain * level * 10.0 ** (velocity_db * (velocity - 1.0) / 20.0) * (1.0 - pair[7] * (1.0 - velocity))
    angle = (1.0 + pair[11]) * math.pi / 4.0
    left, right = math.cos(angle) * math.sqrt(2.0) * amp, math.sin(angle) * math.sqrt(2.0) * amp
    fall = math.exp(-6.907755 / (decay * shorter * RATE))
    index_fall = math.exp(-6.907755 / (index_decay * shorter * RATE))
    release_fall = math.exp(-6.907755 / (release * RATE))
    rise = 1.0 / max(1.0, attack * RATE)
    ring, shape, held, opening = 1.0, 1.0, 1.0, 0.0
    step_c, step_m = hz * carrier / RATE, hz * modulator / RATE
    last = out.shape[0] - start
    loud, bent = np.empty(_CONTROL), np.empty(_CONTROL)
    for block in range(0, last, _CONTROL):
        if block > attack * RATE and (sustain + (1.0 - sustain) * ring) * held < 1e-5:
            break
        count = min(_CONTROL, last - block)
        for k in range(count):
            if block + k >= gate:
                held *= release_fall
            opening = min(1.0, opening + rise)
            loud[k] = (sustain + (1.0 - sustain) * ring) * held * opening
            bent[k] = depth * (floor + (1.0 - floor) * shape)
            ring *= fall
            shape *= index_fall
        for k in range(count):
            turns = phase + step_c * (block + k) + bent[k] * _sine(step_m * (block + k))
            loud[k] *= _sine(turns)
        at = start + block
        for k in range(count):
            out[at + k, 0] += loud[k] * left
            out[at + k, 1] += loud[k] * right


@kernel
def _voices(
    out: Array,
    starts: Integers,
    gates: Integers,
    hertz: Doubles,
    velocities: Doubles,
    pairs: Doubles,
    envelope: Doubles,
    phase: Doubles,
) -> None:
    for i in range(starts.shape[0]):
        for k in range(pairs.shape[0]):
            _pair(out, starts[i], gates[i], hertz[i], velocities[i], pairs[k], envelope, phase[i, k])


def render(part: PerformedPart, patch: FmPatch, seed: int) -> Array:
    """Play `part` with `patch`: float32 `(round(duration_s * RATE), 2)`."""
    out = np.zeros((frames(part.duration_s), 2), np.float32)
    v = voices(part)
    if v.starts.size:
        envelope = np.array([patch.attack, patch.release, patch.velocity_db, patch.level, patch.tracking], np.float64)
        phase = phases(seed, part, v.starts.size, len(patch.pairs)) * (1.0 if patch.attack > 0.01 else 0.0)
        pairs = np.array(patch.pairs, np.float64)
        _voices(out, v.starts, v.gates, v.hertz, v.velocities, pairs, envelope, phase)
    return out
