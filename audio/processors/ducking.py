"""Ducking keyed by the notes of another part: exact, as the score is known."""

from collections.abc import Sequence

import numpy as np

from audio.rate import RATE, Array, frames


def duck_curve(starts: Sequence[float], length: int, *, depth_db: float, attack_s: float, release_s: float) -> Array:
    """Gain `(length,)` that dips by `depth_db` at each of `starts` (s) and comes back within `release_s`.

    The dip begins `attack_s` before the note, so that the note meets a space already made. Where dips overlap,
    the deeper one counts.
    """
    down, up = max(1, frames(attack_s)), max(1, frames(release_s))
    fall = np.linspace(0.0, 1.0, down)
    rise = 0.5 + 0.5 * np.cos(np.pi * np.linspace(0.0, 1.0, up))
    dip = (10.0 ** (-abs(depth_db) / 20.0 * np.concatenate((fall, rise)))).astype(np.float32)
    gain = np.ones(length, np.float32)
    for start in starts:
        first = round(start * RATE) - down
        skip, stop = max(0, -first), min(length, first + len(dip))
        if stop > first + skip:
            window = gain[first + skip : stop]
            np.minimum(window, dip[skip : skip + len(window)], out=window)
    return gain
