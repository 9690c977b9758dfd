"""Floats to whole steps of a bit depth, as files hold them; in blocks, so that nothing large is made in between."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from audio.kernels import kernel
from domain.errors import RenderError

_TO_EVEN: Final = 1.5 * 2.0**52
"""Added and taken away again it rounds a double to the nearest whole number, ties to even, much faster than rint."""


@kernel
def _steps(x: Any, scale: float, top: float, shift: int, out: Any) -> bool:
    """Whether every sample of `x` is finite; `out` gets the steps, held at full scale, `shift` bits to the left."""
    bad = 0
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            value = np.float64(x[n, c]) * scale
            bad += not abs(value) < np.inf
            held = min(max(value, -top), top - 1.0)
            out[n, c] = np.int32((held + _TO_EVEN) - _TO_EVEN) << shift
    return bad == 0


def steps(
    x: npt.NDArray[np.floating[Any]] | npt.NDArray[np.int32], bit_depth: int, *, shift: int = 0, gain: float = 1.0
) -> npt.NDArray[np.int32]:
    """Integers of `bit_depth` bits for `x` `(frames, channels)`, rounded, times `gain`, `shift` bits to the left.

    Integers pass as they are, shifted. RenderError for NaN or infinity; levels over full scale are held at it.
    """
    if x.dtype == np.int32:
        return x.astype(np.int32, copy=False) << shift
    out = np.empty(x.shape, np.int32)
    top = 2.0 ** (bit_depth - 1)
    if not _steps(np.ascontiguousarray(x), top * gain, top, shift, out):
        raise RenderError("the sound to write holds NaN or infinity; render it again")
    return out
