"""Test signals, synthesised: tones as EBU Tech 3341 and 3342 describe them."""

import numpy as np

from audio.rate import RATE, Array


def tone(levels: list[tuple[float, float]], hertz: float = 1000.0, rate: int = RATE) -> Array:
    """A sine in both channels; each (seconds, dBFS) follows the last without a break in phase."""
    gains = np.concatenate([np.full(round(s * rate), 0.0 if db is None else 10 ** (db / 20)) for s, db in levels])
    wave = gains * np.sin(2 * np.pi * hertz * np.arange(len(gains)) / rate)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


SILENT = -400.0


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Array:
    return (np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2)) * level).astype(np.float32)
