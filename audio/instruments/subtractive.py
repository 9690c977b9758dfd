"""The subtractive synthesizer: wavetable oscillators in unison, a resonant low-pass, two envelopes, an LFO.

The filter is the trapezoidal state-variable filter (A. Simper, Linear Trapezoidal Integrated SVF, 2013): stable
under fast modulation. Four poles are two in series.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from audio.instruments.voices import Voices, noise, phases, voices
from audio.instruments.wavetables import LEVELS, LOWEST_HZ, SAW, SINE, SIZE, tables
from audio.kernels import kernel
from audio.rate import RATE, Array, Doubles, Integers, frames
from domain.score import PerformedPart

_BLOCK: Final = 32


class Patch(NamedTuple):
    """Settings of a sound. Times in s, pitches in cents or octaves, levels as amplitude, LFO rate in Hz.

    `wave_b` plays at `ratio_b` times the pitch, `sub` is a sine at the pitch that gives weight. The cutoff is
    `cutoff` Hz for a note at middle C, moved by `key_track`, by the filter envelope times `env_octaves` and by
    velocity times `velocity_octaves`. `velocity_db` is what lies between the softest and the hardest note.
    `mono` sounds one note at a time.
    """

    wave: int = SAW
    wave_b: int = SAW
    level_b: float = 0.0
    ratio_b: float = 1.0
    sub: float = 0.0
    noise: float = 0.0
    unison: int = 1
    detune: float = 0.0
    spread: float = 0.0
    ratio: float = 1.0
    cutoff: float = 18_000.0
    key_track: float = 0.5
    env_octaves: float = 0.0
    velocity_octaves: float = 1.0
    resonance: float = 0.0
    four_poles: bool = False
    filter_decay: float = 0.3
    filter_sustain: float = 0.0
    filter_attack: float = 0.002
    attack: float = 0.003
    decay: float = 0.3
    sustain: float = 0.8
    release: float = 0.1
    lfo_hz: float = 5.2
    lfo_cents: float = 0.0
    lfo_octaves: float = 0.0
    lfo_delay: float = 0.3
    pitch_drop: float = 0.0
    pitch_drop_time: float = 0.03
    glide: float = 0.0
    drive: float = 0.0
    velocity_db: float = 22.0
    level: float = 0.3
    mono: bool = False


@kernel
def _level(hertz: float) -> int:
    return min(LEVELS - 1, max(0, math.floor(3.0 * math.log2(max(hertz, 1e-3) / LOWEST_HZ)) + 1))


@kernel
def _fall(seconds: float) -> float:
    """Factor a sample for an exponential that falls by 60 dB in `seconds`."""
    return math.exp(-6.907755 / max(1.0, seconds * RATE))


@kernel
def _oscillate(block: Doubles, row: Array, phase: float, step: float, left: float, right: float) -> float:
    """Add a block of one oscillator to both channels; `phase` and `step` count table entries. Gives the next phase.

    Every sample's phase is computed from the block's first one, so that the loop has no chain to wait for.
    """
    for n in range(_BLOCK):
        at = phase + n * step
        whole = int(at)
        i = whole & (SIZE - 1)
        value = row[i] + (row[i + 1] - row[i]) * (at - whole)
        block[0, n] += value * left
        block[1, n] += value * right
    return (phase + _BLOCK * step) % SIZE


@kernel
def _low_pass(block: Doubles, s: Doubles, a1: float, a2: float, a3: float) -> None:
    """One two-pole stage over the block; both channels in one loop, so that neither waits for its own last step."""
    for n in range(_BLOCK):
        v, w = block[0, n] - s[1], block[1, n] - s[3]
        band, other = a1 * s[0] + a2 * v, a1 * s[2] + a2 * w
        low, low_other = s[1] + a2 * s[0] + a3 * v, s[3] + a2 * s[2] + a3 * w
        s[0], s[2] = 2.0 * band - s[0], 2.0 * other - s[2]
        s[1], s[3] = 2.0 * low - s[1], 2.0 * low_other - s[3]
        block[0, n], block[1, n] = low, low_other


@kernel
def _filter(block: Doubles, stages: int, state: Doubles, hertz: float, damping: float) -> None:
    g = math.tan(math.pi * min(20_000.0, max(20.0, hertz)) / RATE)
    a1 = 1.0 / (1.0 + g * (g + damping))
    for stage in range(stages):
        _low_pass(block, state[stage], a1, g * a1, g * g * a1)


@kernel
def _amplitude(env: Doubles, state: Doubles, start: int, gate: int, p: Patch) -> bool:
    """The amplitude envelope of a block; `state` is level and whether it still rises. False when it has died away."""
    rise = 1.0 / max(1.0, p.attack * RATE)
    decay, release = _fall(p.decay), _fall(p.release)
    level, rising = state[0], state[1] > 0.0
    for n in range(_BLOCK):
        if start + n >= gate:
            level *= release
        elif rising:
            level += rise
            if level >= 1.0:
                level = 1.0
                rising = False
        else:
            level = p.sustain + (level - p.sustain) * decay
        env[n] = level
    state[0], state[1] = level, 1.0 if rising else 0.0
    return level > 1e-5 or start + _BLOCK < gate


@kernel
def _oscillators(
    block: Doubles, banks: Array, rows: Integers, phase: Doubles, gains: Doubles, step: float, p: Patch
) -> None:
    """Unison voices spread over the picture; the second wave and the sine under it in the middle."""
    unison = p.unison
    for u in range(unison):
        place = 2.0 * u / (unison - 1) - 1.0 if unison > 1 else 0.0
        detuned = step * 2.0 ** (p.detune * place / 1200.0)
        phase[u] = _oscillate(block, banks[p.wave, rows[0]], phase[u], detuned, gains[0, u], gains[1, u])
    if p.level_b > 0.0:
        row = banks[p.wave_b, rows[1]]
        phase[unison] = _oscillate(block, row, phase[unison], step * p.ratio_b, p.level_b, p.level_b)
    if p.sub > 0.0:
        phase[unison + 1] = _oscillate(block, banks[SINE, 0], phase[unison + 1], step, p.sub, p.sub)


@kernel
def _spread(p: Patch) -> Doubles:
    """Left and right gain of each unison voice, constant power, the whole as loud as one voice."""
    gains = np.empty((2, p.unison))
    for u in range(p.unison):
        place = 2.0 * u / (p.unison - 1) - 1.0 if p.unison > 1 else 0.0
        angle = (1.0 + p.spread * place * (1.0 if u % 2 == 0 else -1.0)) * math.pi / 4.0
        gains[0, u] = math.cos(angle) * math.sqrt(2.0 / p.unison)
        gains[1, u] = math.sin(angle) * math.sqrt(2.0 / p.unison)
    return gains


@kernel
def _mix_in(out: Array, block: Doubles, env: Doubles, hiss: Array, start: int, amp: float, p: Patch) -> None:
    drive = 1.0 + 3.0 * p.drive
    for n in range(min(_BLOCK, out.shape[0] - start)):
        left, right = block[0, n], block[1, n]
        if p.noise > 0.0:
            extra = p.noise * hiss[(start + n) % hiss.shape[0]]
            left += extra
            right += extra
        if p.drive > 0.0:
            left = left * drive / math.sqrt(1.0 + left * left * drive * drive)
            right = right * drive / math.sqrt(1.0 + right * right * drive * drive)
        out[start + n, 0] += left * env[n] * amp
        out[start + n, 1] += right * env[n] * amp


@kernel
def _voice(
    out: Array,
    start: int,
    gate: int,
    hertz: float,
    velocity: float,
    glide_from: float,
    phase: Doubles,
    hiss: Array,
    banks: Array,
    p: Patch,
) -> None:
    base = hertz * p.ratio
    reach = 2.0 ** ((abs(p.lfo_cents) + p.detune) / 1200.0)
    glide = math.log2(glide_from / hertz) if p.glide > 0.0 else 0.0
    reach *= 2.0 ** max(0.0, glide)
    rows = np.array([_level(base * reach), _level(base * reach * p.ratio_b)])
    gains = _spread(p)
    phase *= SIZE
    amp = p.level * 10.0 ** (p.velocity_db * (velocity - 1.0) / 20.0)
    centre = p.cutoff * (hertz / 261.6256) ** p.key_track * 2.0 ** (p.velocity_octaves * (velocity - 0.75))
    damping = 2.0 - 1.96 * p.resonance
    block, env = np.empty((2, _BLOCK)), np.empty(_BLOCK)
    filters, state = np.zeros((2, 4)), np.array([0.0, 1.0])
    for n in range(0, out.shape[0] - start, _BLOCK):
        t = n / RATE
        wobble = math.sin(2.0 * math.pi * p.lfo_hz * t) * min(1.0, t / max(p.lfo_delay, 1e-3))
        drop = p.pitch_drop * math.exp(-6.907755 * t / p.pitch_drop_time)
        slide = glide * math.exp(-6.907755 * t / max(p.glide, 1e-3))
        step = base * SIZE / RATE * 2.0 ** ((p.lfo_cents * wobble / 100.0 + drop) / 12.0 + slide)
        block[:] = 0.0
        _oscillators(block, banks, rows, phase, gains, step, p)
        shape = min(1.0, t / max(p.filter_attack, 1e-4))
        if t > p.filter_attack:
            fallen = math.exp(-6.907755 * (t - p.filter_attack) / p.filter_decay)
            shape = p.filter_sustain + (1.0 - p.filter_sustain) * fallen
        octaves = p.env_octaves * shape + p.lfo_octaves * wobble
        _filter(block, 2 if p.four_poles else 1, filters, centre * 2.0**octaves, damping)
        alive = _amplitude(env, state, n, gate, p)
        _mix_in(out, block, env, hiss, start + n, amp, p)
        if not alive:
            break


@kernel
def _voices(
    out: Array,
    starts: Integers,
    gates: Integers,
    hertz: Doubles,
    velocities: Doubles,
    glide_from: Doubles,
    phase: Doubles,
    hiss: Array,
    banks: Array,
    p: Patch,
) -> None:
    for i in range(starts.shape[0]):
        _voice(out, starts[i], gates[i], hertz[i], velocities[i], glide_from[i], phase[i], hiss, banks, p)


def render(part: PerformedPart, patch: Patch, seed: int) -> Array:
    """Play `part` with `patch`: float32 `(round(duration_s * RATE), 2)`."""
    out = np.zeros((frames(part.duration_s), 2), np.float32)
    v: Voices = voices(part, mono=patch.mono)
    if v.starts.size:
        phase = phases(seed, part, v.starts.size, patch.unison + 2)
        phase[:, patch.unison :] = 0.0
        if patch.unison == 1:
            phase[:] = 0.0
        hiss = noise(seed, part.id, RATE if patch.noise > 0.0 else 1)
        _voices(out, v.starts, v.gates, v.hertz, v.velocities, v.glide_from, phase, hiss, tables(), patch)
    return out
