"""Band-limited wavetables: one row for each third of an octave, holding only the harmonics under 20 kHz."""

from functools import lru_cache
from typing import Final

import numpy as np

from audio.rate import Array, Doubles

SIZE: Final = 4096
LEVELS: Final = 32
LOWEST_HZ: Final = 16.0
_TOP_HZ: Final = 20_000.0
_MOST_HARMONICS: Final = 640

SINE, SAW, SQUARE, TRIANGLE, PULSE_25, PULSE_12, ORGAN, STEPPED = range(8)

_DRAWBARS: Final = {1: 8, 2: 8, 3: 6, 4: 4, 6: 2, 8: 3, 10: 0, 12: 1, 16: 2}
"""Harmonics of half the key's pitch (16', 8', 5 1/3' … 1') to drawbar positions 0–8."""


def _pulse(duty: float, n: Doubles) -> Doubles:
    return np.asarray(4.0 / (np.pi * n) * np.sin(np.pi * n * duty))


def _stepped(harmonics: int) -> Doubles:
    """Spectrum of a 4-bit triangle, the staircase of early game consoles."""
    phase = np.arange(SIZE) / SIZE
    stairs = np.rint((1.0 - 4.0 * np.abs(phase - 0.5)) * 7.5 - 0.5) / 7.5 + 1.0 / 15.0
    spectrum = np.fft.rfft(stairs) / (SIZE / 2)
    return np.asarray(np.abs(spectrum[1 : harmonics + 1]) * np.sign(spectrum[1 : harmonics + 1].real + 1e-12))


def _amplitudes(wave: int, harmonics: int) -> tuple[Doubles, Doubles]:
    """Sine and cosine amplitude of harmonics 1…`harmonics`, so that the wave peaks near 1."""
    n = np.arange(1, harmonics + 1, dtype=np.float64)
    none = np.zeros(harmonics)
    odd = n % 2 == 1
    if wave == SINE:
        return np.where(n == 1, 1.0, 0.0), none
    if wave == SAW:
        return 2.0 / (np.pi * n), none
    if wave == TRIANGLE:
        return none, np.where(odd, 8.0 / (np.pi * n) ** 2, 0.0)
    if wave == ORGAN:
        bars = np.array([_DRAWBARS.get(int(k), 0) / 8.0 for k in n])
        return bars / 2.4, none
    if wave == STEPPED:
        return none, _stepped(harmonics)
    duty = {SQUARE: 0.5, PULSE_25: 0.25, PULSE_12: 0.125}[wave]
    return none, _pulse(duty, n) / 2.0 * (1.6 if wave == SQUARE else 1.3)


def _row(wave: int, harmonics: int) -> Array:
    sines, cosines = _amplitudes(wave, harmonics)
    spectrum = np.zeros(SIZE // 2 + 1, np.complex128)
    spectrum[1 : harmonics + 1] = (cosines - 1j * sines) * (SIZE / 2)
    row = np.fft.irfft(spectrum, SIZE)
    return np.append(row, row[0]).astype(np.float32)


@lru_cache(maxsize=1)
def tables() -> Array:
    """All waves: `(waves, LEVELS, SIZE + 1)`; row `k` serves fundamentals under `LOWEST_HZ * 2**((k + 1) / 3)`."""
    waves = []
    for wave in range(8):
        rows = []
        for level in range(LEVELS):
            highest = LOWEST_HZ * 2.0 ** ((level + 1) / 3.0)
            rows.append(_row(wave, max(1, min(_MOST_HARMONICS, int(_TOP_HZ / highest)))))
        waves.append(rows)
    return np.array(waves, np.float32)
