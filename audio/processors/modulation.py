"""Delay lines and gains that move: tape wobble, chorus, tremolo, rotary speaker, mono-safe width."""

import math
from typing import Final

import numpy as np

from audio.filters import high_pass, low_pass, run
from audio.kernels import kernel
from audio.rate import RATE, Array, Doubles
from domain.seeds import derive


@kernel
def _read_delayed(x: Array, delay: Array, out: Array, c: int, gain: float) -> None:
    """Add channel `c` of `x`, delayed by `delay` samples each, with cubic (Catmull-Rom) interpolation."""
    length = x.shape[0]
    for n in range(length):
        at = n - np.float64(delay[n])
        i = math.floor(at)
        f = at - i
        if i < 1 or i + 2 >= length:
            if 0 <= i < length:
                out[n, c] += x[i, c] * gain
            continue
        a, b, d, e = x[i - 1, c], x[i, c], x[i + 1, c], x[i + 2, c]
        m0, m1 = 0.5 * (d - a), 0.5 * (e - b)
        f2 = f * f
        f3 = f2 * f
        value = (2 * f3 - 3 * f2 + 1) * b + (f3 - 2 * f2 + f) * m0 + (3 * f2 - 2 * f3) * d + (f3 - f2) * m1
        out[n, c] += value * gain


def _slow_noise(seed: int, purpose: str, length: int, hertz: float) -> Doubles:
    """Smooth random curve of unit variance that changes about `hertz` times a second."""
    points = int(length / RATE * hertz) + 4
    values = np.random.default_rng(derive(seed, "slow noise", purpose)).standard_normal(points)
    return np.asarray(np.interp(np.arange(length) * hertz / RATE, np.arange(points), values))


def wobble(x: Array, seed: int, *, wow_hz: float = 0.6, wow_cents: float = 6.0, flutter_cents: float = 2.0) -> Array:
    """Wow and flutter of a tape or turntable, as peak pitch deviation in cents; both channels alike."""
    length = x.shape[0]
    t = np.arange(length) / RATE
    delay = np.full(length, 0.0)
    for hertz, cents, name in ((wow_hz, wow_cents, "wow"), (wow_hz * 9.7, flutter_cents, "flutter")):
        slope = 2.0 ** (cents / 1200.0) - 1.0
        drift = _slow_noise(seed, name, length, hertz)
        delay += slope * RATE / (2.0 * np.pi * hertz) * (np.sin(2.0 * np.pi * hertz * t) + 0.35 * drift)
    delay -= delay.min()
    # The stem must not slip against the others, so the mean delay starts from nothing.
    shift = (delay * np.minimum(1.0, t * 4.0)).astype(np.float32)
    out = np.zeros_like(x)
    for c in (0, 1):
        _read_delayed(x, shift, out, c, 1.0)
    return out


def chorus(x: Array, *, hertz: float = 0.6, depth_ms: float = 2.2, mix: float = 0.4) -> Array:
    """Two moving voices, a quarter turn apart left and right: width that keeps left and right in phase."""
    t = np.arange(x.shape[0]) / RATE
    out = x * np.float32(1.0 - 0.35 * mix)
    for c, turn in ((0, 0.0), (1, 0.25)):
        delay = (9.0 + depth_ms * np.sin(2.0 * np.pi * (hertz * t + turn))) * RATE / 1000.0
        _read_delayed(x, delay.astype(np.float32), out, c, mix)
    return out


def tremolo(x: Array, *, hertz: float, depth: float, stereo: bool) -> Array:
    """Level swings by `depth` 0–1 at `hertz`; `stereo` swings left against right. In place."""
    t = np.arange(x.shape[0]) / RATE
    swing = np.sin(2.0 * np.pi * hertz * t) * 0.5 * depth
    x[:, 0] *= (1.0 - 0.5 * depth + swing).astype(np.float32)
    x[:, 1] *= (1.0 - 0.5 * depth + (-swing if stereo else swing)).astype(np.float32)
    return x


_ROTOR_HZ: Final = 0.85
_HORN_HZ: Final = 5.6


def rotary(x: Array, *, fast: float = 0.35) -> Array:
    """A rotating speaker: horn over 800 Hz with Doppler and level swing, slow drum under it."""
    low = run(x.copy(), [low_pass(800.0), low_pass(800.0)])
    high = x - low
    hertz = _ROTOR_HZ + (_HORN_HZ - _ROTOR_HZ) * fast
    t = np.arange(x.shape[0]) / RATE
    out = tremolo(low, hertz=hertz * 0.8, depth=0.15, stereo=False)
    for c, turn in ((0, 0.0), (1, 0.3)):
        angle = 2.0 * np.pi * (hertz * t + turn)
        delay = (1.2 + 0.35 * np.sin(angle)) * RATE / 1000.0
        horn = np.zeros_like(x)
        _read_delayed(high, delay.astype(np.float32), horn, c, 1.0)
        out[:, c] += horn[:, c] * (0.85 + 0.25 * np.cos(angle)).astype(np.float32)
    return out


def widen(x: Array, amount: float) -> Array:
    """Add side sound over 250 Hz made from a delayed mid; the mono sum stays as it was. `amount` 0–1."""
    mid = x.mean(axis=1, keepdims=True)
    delayed = np.zeros_like(mid)
    shift = round(0.0113 * RATE)
    delayed[shift:] = mid[:-shift] if len(mid) > shift else 0.0
    side = run(np.repeat(delayed, 2, axis=1), [high_pass(250.0)])[:, 0] * np.float32(amount)
    x[:, 0] += side
    x[:, 1] -= side
    return x
