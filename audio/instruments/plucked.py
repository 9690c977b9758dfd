"""Plucked strings by the extended Karplus-Strong algorithm (D. Jaffe and J. Smith, Computer Music Journal 7(2), 1983).

A burst of noise goes round a delay line as long as the string's period; every round loses some of its height and some
of its treble. The burst is darker when plucked softly and lacks the harmonics that have a node at the plucked place.
"""

import math
from typing import NamedTuple

import numpy as np

from audio.filters import low_pass, peak, run
from audio.instruments.voices import noise, voices
from audio.kernels import kernel
from audio.rate import RATE, Array, Doubles, Integers, frames
from domain.score import PerformedPart


class PluckedString(NamedTuple):
    """A string and its body. `sustain` s to -60 dB at middle C, `damping` 0–0.5 (treble lost each round), `pick` 0–0.5.

    `pick` is the plucked place as a share of the length; `course` cents part the two strings of a double course (0: a
    single string); `release` s after the finger lifts; `body` the resonances of the wood as (Hz, dB, Q).
    """

    sustain: float
    damping: float
    pick: float
    course: float = 0.0
    release: float = 0.12
    brightness: float = 6000.0
    velocity_db: float = 20.0
    level: float = 0.5
    body: tuple[tuple[float, float, float], ...] = ()


STRINGS: dict[str, PluckedString] = {
    "ukulele": PluckedString(
        2.2, 0.36, 0.28, release=0.09, brightness=4200.0,
        body=((310.0, 4.0, 1.6), (620.0, 3.0, 1.4), (1900.0, 1.5, 1.0)),
    ),
    "mandolin": PluckedString(
        2.6, 0.16, 0.16, course=5.0, release=0.1, brightness=8500.0, level=0.42,
        body=((280.0, 3.0, 1.4), (900.0, 2.0, 1.2), (3200.0, 2.0, 0.9)),
    ),
    "lute": PluckedString(
        3.4, 0.3, 0.2, course=3.0, release=0.16, brightness=5000.0, body=((130.0, 3.0, 1.4), (360.0, 3.0, 1.5))
    ),
}  # fmt: skip
"""Plucked instruments that sound fonts lack."""

_SECOND_STRING_S = 0.004


@kernel
def _string(
    out: Array, start: int, gate: int, hertz: float, amp: float, burst: Array, place: float, decay: Doubles
) -> None:
    """One string from `start` on; `decay` is height a round before and after the release, and the treble lost."""
    period = RATE / hertz
    # The averaging filter delays by its share; what is left of a whole number of samples is an all-pass (Thiran).
    whole = math.floor(period - decay[2] - 0.1)
    part = period - decay[2] - whole
    tuning = (1.0 - part) / (1.0 + part)
    line = np.zeros(whole)
    node = max(1, round(whole * place))
    for n in range(whole):
        line[n] = burst[n % burst.shape[0]] - burst[(n - node) % whole % burst.shape[0]]
    at, last, passed, before = 0, 0.0, 0.0, 0.0
    quiet = 0
    for n in range(out.shape[0] - start):
        value = line[at]
        kept = decay[0] if n < gate else decay[1]
        bent = ((1.0 - decay[2]) * value + decay[2] * last) * kept
        last = value
        tuned = tuning * bent + before - tuning * passed
        before, passed = bent, tuned
        line[at] = tuned if abs(tuned) > 1e-15 else 0.0
        at = at + 1 if at + 1 < whole else 0
        out[start + n] += value * amp
        quiet = quiet + 1 if abs(value) < 1e-5 else 0
        if quiet > 2 * whole:
            break


@kernel
def _strings(
    out: Array,
    starts: Integers,
    gates: Integers,
    hertz: Doubles,
    amps: Doubles,
    bursts: Array,
    place: float,
    decays: Doubles,
) -> None:
    for i in range(starts.shape[0]):
        if starts[i] < out.shape[0]:
            _string(out, starts[i], gates[i], hertz[i], amps[i], bursts[i], place, decays[i])


def _per_round(seconds: Doubles, hertz: Doubles) -> Doubles:
    """Height kept in one round of a string that falls by 60 dB in `seconds`."""
    return np.asarray(10.0 ** (-3.0 / (seconds * hertz)))


def _bursts(seed: int, part: PerformedPart, string: PluckedString, velocities: Doubles) -> Array:
    """A burst of noise for each note, `(notes, frames)`, without a mean; a soft pluck is a dark one."""
    length = RATE // 25
    source = noise(seed, part.id, length * velocities.size).reshape(-1, length)
    bursts = np.empty_like(source)
    for i, velocity in enumerate(velocities):
        cutoff = string.brightness * 2.0 ** (2.5 * (float(velocity) - 0.8))
        bursts[i] = run(np.repeat(source[i][:, None], 2, axis=1), [low_pass(cutoff), low_pass(cutoff)])[:, 0]
    bursts -= bursts.mean(axis=1, keepdims=True)
    loud = np.sqrt(np.mean(np.square(bursts), axis=1, keepdims=True))
    return np.asarray(bursts / np.maximum(loud, 1e-9) * 0.3, np.float32)


def render(part: PerformedPart, string: PluckedString, seed: int) -> Array:
    """Play `part` on `string`: float32 `(round(part.duration_s * RATE), 2)`; a double course is heard a little wide."""
    length = frames(part.duration_s)
    out = np.zeros((length, 2), np.float32)
    v = voices(part)
    if not v.starts.size:
        return out
    amps = string.level * 10.0 ** (string.velocity_db * (v.velocities - 1.0) / 20.0)
    bursts = _bursts(seed, part, string, v.velocities)
    sustain = string.sustain * (261.6256 / v.hertz) ** 0.5
    decays = np.empty((v.starts.size, 3))
    decays[:, 0] = _per_round(sustain, v.hertz)
    decays[:, 1] = _per_round(np.minimum(sustain, string.release), v.hertz)
    decays[:, 2] = string.damping
    late = frames(_SECOND_STRING_S) if string.course else 0
    for side, cents in enumerate((-0.5, 0.5) if string.course else (0.0,)):
        voice = np.zeros(length, np.float32)
        hertz = v.hertz * 2.0 ** (string.course * cents / 1200.0)
        _strings(
            voice, v.starts + late * side, v.gates, hertz, amps, np.roll(bursts, 97 * side, axis=1), string.pick, decays
        )
        far, near = (0.62, 0.78) if string.course else (1.0, 1.0)
        out[:, 0] += voice * np.float32(near if side == 0 else far)
        out[:, 1] += voice * np.float32(far if side == 0 else near)
    return run(out, [peak(hz, db, q) for hz, db, q in string.body])
