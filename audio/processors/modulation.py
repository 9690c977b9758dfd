"""Delay lines and gains that move: tape wobble, chorus, tremolo, rotary speaker, mono-safe width."""

import math
from typing import Final

import numpy as np

from audio.filters import high_pass, low_pass, run
from audio.kernels import inlined, kernel
from audio.rate import RATE, Array, Doubles
from domain.seeds import derive

_STEP: Final = 32


@inlined
def _between(x: Array, c: int, at: float) -> float:
    """Channel `c` of `x` at the fractional frame `at`, by cubic (Catmull-Rom) interpolation; silence outside."""
    i = math.floor(at)
    f = at - i
    if i < 1 or i + 2 >= x.shape[0]:
        return 0.0 if i < 0 or i >= x.shape[0] else x[i, c]
    a, b, d, e = x[i - 1, c], x[i, c], x[i + 1, c], x[i + 2, c]
    m0, m1 = 0.5 * (d - a), 0.5 * (e - b)
    value: float = b + f * (m0 + f * (3.0 * (d - b) - 2.0 * m0 - m1 + f * (2.0 * (b - d) + m0 + m1)))
    return value


@kernel
def _read_delayed(x: Array, delay: Array, out: Array) -> None:
    """Both channels of `x`, delayed by `delay` frames each."""
    for n in range(x.shape[0]):
        at = n - np.float64(delay[n])
        for c in range(2):
            out[n, c] = _between(x, c, at)


@kernel
def _swing(turns: float, hertz: float, n: int) -> float:
    return math.sin(2.0 * math.pi * (hertz * n / RATE + turns))


@kernel
def _swung_delay(
    x: Array, out: Array, c: int, centre: float, depth: float, hertz: float, turns: float, gain: float
) -> None:
    """Add channel `c` of `x`, delayed by `centre` ± `depth` frames swinging at `hertz`; gain as given."""
    for start in range(0, x.shape[0], _STEP):
        here, there = _swing(turns, hertz, start), _swing(turns, hertz, start + _STEP)
        for n in range(start, min(start + _STEP, x.shape[0])):
            swing = here + (there - here) * (n - start) / _STEP
            out[n, c] += gain * _between(x, c, n - centre - depth * swing)


@kernel
def _swung_gain(x: Array, c: int, base: float, depth: float, hertz: float, turns: float) -> None:
    """Multiply channel `c` by `base` ± `depth`, swinging at `hertz`."""
    for start in range(0, x.shape[0], _STEP):
        here, there = _swing(turns, hertz, start), _swing(turns, hertz, start + _STEP)
        for n in range(start, min(start + _STEP, x.shape[0])):
            x[n, c] *= base + depth * (here + (there - here) * (n - start) / _STEP)


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
    out = np.empty_like(x)
    _read_delayed(x, shift, out)
    return out


_MS: Final = RATE / 1000.0


def chorus(x: Array, *, hertz: float = 0.6, depth_ms: float = 2.2, mix: float = 0.4) -> Array:
    """Two moving voices, a quarter turn apart left and right: width that keeps left and right in phase."""
    out = x * np.float32(1.0 - 0.35 * mix)
    for c, turns in ((0, 0.0), (1, 0.25)):
        _swung_delay(x, out, c, 9.0 * _MS, depth_ms * _MS, hertz, turns, mix)
    return out


def tremolo(x: Array, *, hertz: float, depth: float, stereo: bool) -> Array:
    """Level swings by `depth` 0–1 at `hertz`; `stereo` swings left against right. In place."""
    for c, turns in ((0, 0.0), (1, 0.5 if stereo else 0.0)):
        _swung_gain(x, c, 1.0 - 0.5 * depth, 0.5 * depth, hertz, turns)
    return x


_ROTOR_HZ: Final = 0.85
_HORN_HZ: Final = 5.6


def rotary(x: Array, *, fast: float = 0.35) -> Array:
    """A rotating speaker: horn over 800 Hz with Doppler and level swing, slow drum under it."""
    low = run(x.copy(), [low_pass(800.0), low_pass(800.0)])
    high = x - low
    hertz = _ROTOR_HZ + (_HORN_HZ - _ROTOR_HZ) * fast
    horn = np.zeros_like(x)
    for c, turns in ((0, 0.0), (1, 0.3)):
        _swung_delay(high, horn, c, 1.2 * _MS, 0.35 * _MS, hertz, turns, 1.0)
        _swung_gain(horn, c, 0.85, 0.25, hertz, turns + 0.25)
    horn += tremolo(low, hertz=hertz * 0.8, depth=0.15, stereo=False)
    return horn


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
