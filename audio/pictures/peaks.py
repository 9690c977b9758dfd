"""The peaks that a player in a browser draws a waveform from: two documents of the same columns.

`peaks.json` is what the audiowaveform program writes as version 2 with split channels and 16 bits, for waveform-data.js
and peaks.js. wavesurfer.js takes floats in ±1 instead, one array a channel, and draws whole numbers unscaled far
out of its picture; so it has a document of its own.
"""

from typing import Any, Final

import numpy as np

from audio.pictures.envelope import envelope, lanes
from audio.rate import Array

_FINEST: Final = 256
_MOST: Final = 8192
_FULL: Final = 32_767
_PLACES: Final = 4


def samples_per_pixel(frames: int) -> int:
    """A power of two, at least 256, that parts `frames` into at most 8192 columns: wider than any screen."""
    size = _FINEST
    while -(-frames // size) > _MOST:
        size *= 2
    return size


def peaks_of(x: Array, rate: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document for waveform-data.js and the one for wavesurfer.js, of `x` `(frames, 1 or 2)` at `rate` Hz.

    First: version, channels, sample_rate, samples_per_pixel, bits, length (columns) and data, minimum and maximum of
    every channel in turn, -32768 to 32767. Second: duration in seconds, and for each channel the sample of the
    greatest size in each column, in ±1, as `peaks`. RenderError when `x` is empty or holds NaN or infinity.
    """
    sound = lanes(x)
    frames, channels = sound.shape
    size = samples_per_pixel(frames)
    columns = -(-frames // size)
    found = envelope(sound, np.minimum(np.arange(columns + 1, dtype=np.int64) * size, frames))
    both = np.stack([found.low, found.high], axis=2)
    data = np.rint(np.clip(both.astype(np.float64), -1.0, 1.0) * _FULL).astype(np.int64)
    whole = {
        "version": 2,
        "channels": channels,
        "sample_rate": rate,
        "samples_per_pixel": size,
        "bits": 16,
        "length": columns,
        "data": data.ravel().tolist(),
    }
    outer = np.where(found.high >= -found.low, found.high, found.low)
    rounded = np.round(np.clip(outer.astype(np.float64), -1.0, 1.0), _PLACES)
    floats = {"duration": round(frames / rate, 6), "peaks": rounded.T.tolist()}
    return whole, floats
