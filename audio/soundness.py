"""Is this a sound at all: shape, finite samples, anything but silence. Each check stops at the first answer."""

import numpy as np

from audio.kernels import kernel
from audio.rate import Array
from domain.errors import RenderError


@kernel
def _first_not_finite(x: Array) -> int:
    for n in range(x.shape[0]):
        if not (abs(x[n, 0]) < np.inf and abs(x[n, 1]) < np.inf):
            return n
    return -1


@kernel
def _has_sound(x: Array) -> bool:
    n = 0
    while n < x.shape[0] and x[n, 0] == 0.0 and x[n, 1] == 0.0:
        n += 1
    found: bool = n < x.shape[0]
    return found


def first_not_finite(x: Array) -> int:
    """First frame of `x` `(frames, 2)` that holds NaN or infinity, or -1."""
    return _first_not_finite(x)


def has_sound(x: Array) -> bool:
    """Whether any sample of `x` `(frames, 2)` is not zero."""
    return bool(_has_sound(x))


def require_sound(x: Array, name: str) -> Array:
    """`x` as contiguous float32 `(frames, 2)`; one channel is doubled, as it would be played.

    RenderError names the sound when it is empty, of another shape, or holds NaN or infinity.
    """
    y = np.asarray(x)
    if y.ndim == 1:
        y = y[:, None]
    if y.ndim != 2 or y.shape[1] not in (1, 2) or y.shape[0] == 0:
        raise RenderError(f"{name} has shape {np.shape(x)}; give (frames, 2) with at least one frame")
    if y.shape[1] == 1:
        y = np.repeat(y, 2, axis=1)
    y = np.ascontiguousarray(y, dtype=np.float32)
    bad = first_not_finite(y)
    if bad >= 0:
        raise RenderError(f"{name} holds NaN or infinity at frame {bad}; render it again")
    return y
