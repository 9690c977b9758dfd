"""Reverberation: input diffusers into an eight-line feedback delay network (J.-M. Jot, 1991), Householder mixed.

Delay lengths are primes, so that echoes fall between one another; each line is damped by a one-pole low-pass.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from audio.filters import high_pass, low_pass, run
from audio.kernels import kernel
from audio.rate import RATE, Array, Doubles, Integers


class Space(NamedTuple):
    """A room: decay to -60 dB in s, pre-delay in s, damping Hz, size as factor of the delays, low cut Hz."""

    decay_s: float
    pre_delay_s: float
    damping_hz: float
    size: float
    low_cut_hz: float = 200.0


_LINES: Final = (1423, 1609, 1777, 1987, 2203, 2423, 2657, 2903)
_DIFFUSERS: Final = (149, 211, 347, 463)
_DIFFUSION: Final = 0.62


@kernel
def _network(x: Array, lines: Integers, gains: Doubles, damping: float, diffusers: Integers, pre_delay: int) -> None:
    """The wet sound in place of the dry one, which is held back for `pre_delay` frames."""
    held_back = np.zeros((pre_delay + 1, 2), np.float32)
    slot = 0
    count = lines.shape[0]
    longest = 0
    for k in range(count):
        longest = max(longest, lines[k])
    memory = np.zeros((count, longest), np.float32)
    write = np.zeros(count, np.int64)
    low = np.zeros(count)
    taps = np.zeros(count)
    stages = diffusers.shape[0]
    spread = np.zeros((2, stages, 1024), np.float32)
    for n in range(x.shape[0]):
        held_back[slot, 0], held_back[slot, 1] = x[n, 0], x[n, 1]
        slot = slot + 1 if slot < pre_delay else 0
        left, right = np.float64(held_back[slot, 0]), np.float64(held_back[slot, 1])
        for s in range(stages):
            at = n % diffusers[s]
            held = spread[0, s, at]
            back = left + _DIFFUSION * held
            spread[0, s, at] = back
            left = held - _DIFFUSION * back
            held = spread[1, s, at]
            back = right + _DIFFUSION * held
            spread[1, s, at] = back
            right = held - _DIFFUSION * back
        total = 0.0
        for k in range(count):
            value = memory[k, write[k]]
            low[k] += (value - low[k]) * damping
            taps[k] = low[k] * gains[k]
            total += taps[k]
        total *= 2.0 / count
        wet_left = wet_right = 0.0
        for k in range(count):
            fed = left if k % 2 == 0 else right
            value = fed + taps[k] - total
            memory[k, write[k]] = value if abs(value) > 1e-20 else 0.0
            write[k] = write[k] + 1 if write[k] + 1 < lines[k] else 0
            if k % 2 == 0:
                wet_left += taps[k] if k % 4 == 0 else -taps[k]
            else:
                wet_right += taps[k] if k % 4 == 1 else -taps[k]
        x[n, 0] = wet_left * 0.5
        x[n, 1] = wet_right * 0.5


def reverb(x: Array, space: Space) -> Array:
    """The wet sound only, of `x` `(frames, 2)` in `space`, in place; low-cut, with no direct sound in it."""
    lines = np.array([max(64, round(n * space.size)) for n in _LINES], np.int64)
    gains: Doubles = 10.0 ** (-3.0 * lines.astype(np.float64) / (space.decay_s * RATE))
    damping = 1.0 - math.exp(-2.0 * math.pi * space.damping_hz / RATE)
    diffusers = np.array([min(1023, max(16, round(n * space.size))) for n in _DIFFUSERS], np.int64)
    _network(x, lines, gains, damping, diffusers, round(space.pre_delay_s * RATE))
    return run(x, [high_pass(space.low_cut_hz), low_pass(12_000.0)])
