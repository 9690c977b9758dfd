"""The one sample rate and the array shapes of the sound room."""

from typing import Final

import numpy as np
import numpy.typing as npt

RATE: Final = 48_000
"""Frames a second of every array between rendering and mastering."""

GAIN_STEP: Final = 16
"""Frames between two points of a gain line, which is straight between them."""

Array = npt.NDArray[np.float32]
"""Audio: `(frames, 2)`, full scale ±1."""

Doubles = npt.NDArray[np.float64]
"""Working precision: filter coefficients, curves, tables."""

Integers = npt.NDArray[np.int64]
"""Frame numbers and counts."""


def frames(seconds: float, rate: int = RATE) -> int:
    """Whole frames in `seconds` at `rate` Hz, rounded to the nearest."""
    return round(seconds * rate)
