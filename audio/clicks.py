"""Clicks: steps from one sample to the next that no band-limited music has.

A hard edge (a cut tail, a dropped buffer, a jump of gain, a stuck sample) puts energy up to Nyquist into a few
samples and nowhere else. Music has such energy too, but spread: a hat or a snare holds it for milliseconds, a saw wave
repeats it every period. So the second difference of the sound, which is small for all that is smooth, is searched
for peaks that stand alone: gone within a fraction of a millisecond and not repeated around them.
"""

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from audio.kernels import kernel
from audio.rate import Array, Doubles, Integers

_BLOCK_S: Final = 16 / 48_000
_SMALLEST: Final = 0.01
_ALONE: Final = 4.5
_AROUND_S: Final = 0.1
_LIKE: Final = 3.0
_MOST_LIKE_IT: Final = 2
_NEAR_S: Final = 0.004
_CORE_S: Final = 6 / 48_000
_BACK_S: Final = 2 / 48_000
_RETURN: Final = 0.4
_SKIRT_S: Final = 1 / 1000
_SAME_S: Final = 0.002


@kernel
def _roughness(x: Array, block: int, out: Array) -> None:
    """Highest second difference of either channel in each block of `x` `(frames, 2)`, with silence around it."""
    length = x.shape[0]
    for i in range(out.shape[0]):
        high = np.float32(0.0)
        for c in range(2):
            for n in range(i * block, min((i + 1) * block, length + 2)):
                now = x[n, c] if n < length else np.float32(0.0)
                last = x[n - 1, c] if 0 < n <= length else np.float32(0.0)
                before = x[n - 2, c] if 1 < n <= length + 1 else np.float32(0.0)
                high = max(high, abs(now - last - last + before))
        out[i] = high


def _candidates(rough: Array, near: int) -> Integers:
    """Blocks that are rough, and several times rougher than every block within `near`, their two neighbours aside."""
    padded = np.pad(rough, near)
    beside = sliding_window_view(padded, near - 1).max(axis=1)
    before, after = beside[: rough.shape[0]], beside[near + 2 : near + 2 + rough.shape[0]]
    return np.flatnonzero((rough >= _SMALLEST) & (rough > np.maximum(before, after) * _ALONE))


def _repeated(rough: Array, at: int, candidates: Integers, reach: int) -> bool:
    """Whether more candidates nearly as rough lie around than one fault leaves: then they are the sound's own edges."""
    first, last = np.searchsorted(candidates, (at - reach, at + reach + 1))
    return int(np.count_nonzero(rough[candidates[first:last]] * _LIKE > rough[at])) > 1 + _MOST_LIKE_IT


def _second_difference(x: Array, start: int, stop: int) -> Doubles:
    """At `start` to `stop`, of the rougher channel; frames outside of `x` are silent."""
    low, high = max(0, start - 2), min(x.shape[0], stop)
    piece = np.zeros((stop - start + 2, 2))
    piece[low - start + 2 : high - start + 2] = x[low:high]
    both = np.diff(piece, 2, axis=0)
    return np.asarray(both[:, int(np.argmax(np.abs(both).max(axis=0)))], np.float64)


def _is_step(bend: Doubles, rate: int) -> bool:
    """Whether the second difference `bend` is that of a jump: there and back at once, and over on both sides.

    A tone that begins without a fade bends once and does not jump.
    """
    core, skirt, back = max(3, round(_CORE_S * rate)), round(_SKIRT_S * rate), max(2, round(_BACK_S * rate))
    rough = np.abs(bend)
    at = int(np.argmax(rough))
    outside = np.concatenate((rough[max(0, at - skirt) : max(0, at - core)], rough[at + core + 1 : at + skirt]))
    returned = -np.sign(bend[at]) * bend[max(0, at - back) : at + back + 1]
    return bool(float(outside.max(initial=0.0)) * _ALONE <= rough[at] and returned.max() >= _RETURN * rough[at])


def find_clicks(x: Array, rate: int) -> Integers:
    """Frames of `x` `(frames, 2)` at which it clicks, in order; a click is a step of about 0.01 or more.

    Frame 0 and the frame count itself stand for a sound that starts or stops away from zero. Clicks closer than 2 ms
    count once.
    """
    block = max(8, round(_BLOCK_S * rate))
    rough = np.empty((x.shape[0] + 1) // block + 1, np.float32)
    _roughness(x, block, rough)
    reach, found = round(_AROUND_S * rate / block), []
    candidates = _candidates(rough, max(4, round(_NEAR_S * rate / block)))
    for at in candidates:
        if _repeated(rough, int(at), candidates, reach):
            continue
        start = int(at) * block - round(_SKIRT_S * rate)
        around = _second_difference(x, start, (int(at) + 1) * block + round(_SKIRT_S * rate))
        if _is_step(around, rate):
            found.append(min(start + int(np.argmax(np.abs(around))), x.shape[0]))
    frames = np.array(found, np.int64)
    return frames[np.diff(frames, prepend=-rate) > _SAME_S * rate]
