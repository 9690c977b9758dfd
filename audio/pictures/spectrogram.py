"""The spectrogram: what sounds when and how high, from 20 Hz to 20 kHz on a logarithmic axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

from audio.pictures.canvas import (
    BOTTOM,
    EDGE,
    LEFT,
    QUIET,
    RIGHT,
    TOP,
    WIDTH,
    Sheet,
    Stretch,
    draw_boundaries,
    draw_frame,
    new_image,
    png,
    sheet,
    text,
)
from audio.rate import Array, Doubles
from audio.soundness import require_sound

if TYPE_CHECKING:
    from PIL import ImageDraw

Indices = npt.NDArray[np.uint8]

LOWEST_HZ, HIGHEST_HZ = 20.0, 20_000.0
FLOOR_DB, CEILING_DB = -96.0, -12.0
_HEIGHT: Final = 760
_FFT: Final = 8192
_SHADES: Final = 96
_GREYS: Final = 64
_BLOCK: Final = 128
_TICKS: Final = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_LEGEND_DB: Final = (-96, -84, -72, -60, -48, -36, -24, -12)
# From silence to loud: each stop is lighter than the one before, so that it reads without colour too.
_STOPS: Final = (
    (0.00, (9, 8, 24)), (0.18, (38, 18, 82)), (0.36, (98, 26, 112)), (0.52, (164, 48, 102)), (0.68, (222, 86, 72)),
    (0.82, (250, 146, 60)), (0.93, (252, 208, 110)), (1.00, (255, 250, 220)),
)  # fmt: skip


def band_levels(x: Array, rate: int, columns: int, rows: int) -> Array:
    """Levels `(rows, columns)` in dB of the mean of both channels of `x` `(frames, 2)`, highest pitch first.

    One Hann window of 8192 frames around the middle of each column; a row holds the mean power of the bins in its
    band, of which the lowest rows share some. A sine at full scale reads 0 dB at its bin's centre.
    """
    mid = np.ascontiguousarray(x.mean(axis=1, dtype=np.float32))
    padded = np.pad(mid, _FFT // 2)
    starts = ((np.arange(columns) + 0.5) * mid.shape[0] / columns).astype(np.int64)
    window = np.hanning(_FFT).astype(np.float32) * np.float32(4.0 / _FFT)
    low, high = _edges(rate, rows)
    out = np.empty((rows, columns), np.float32)
    for first in range(0, columns, _BLOCK):
        block = starts[first : first + _BLOCK]
        pieces = np.stack([padded[start : start + _FFT] for start in block]) * window
        spectrum = rfft(pieces)
        power = spectrum.real**2 + spectrum.imag**2
        total = np.zeros((power.shape[0], power.shape[1] + 1))
        np.cumsum(power, axis=1, out=total[:, 1:])
        mean = (_at(total, high) - _at(total, low)) / (high - low)
        out[:, first : first + _BLOCK] = 10.0 * np.log10(np.maximum(mean, 1e-14)).T
    return out


def _edges(rate: int, rows: int) -> tuple[Doubles, Doubles]:
    """Lower and upper end of each row's band in bins; at least two bins wide, so that low rows change smoothly."""
    ratio = np.log(HIGHEST_HZ / LOWEST_HZ)
    hertz = HIGHEST_HZ * np.exp(-ratio * (np.arange(rows + 1) / rows))
    bins = hertz * (_FFT / rate) + 0.5
    middle, half = (bins[:-1] + bins[1:]) / 2, np.maximum((bins[:-1] - bins[1:]) / 2, 1.0)
    top = _FFT // 2 + 1
    return np.clip(middle - half, 0, top - 1), np.clip(middle + half, 1, top)


def _at(total: Doubles, edge: Doubles) -> Doubles:
    """Sums up to each edge, between two bins by their share."""
    whole = np.minimum(edge.astype(np.int64), total.shape[1] - 2)
    here = total[:, whole]
    value: Doubles = here + (total[:, whole + 1] - here) * (edge - whole)
    return value


def draw_spectrogram(x: Array, rate: int, *, stretches: Sequence[Stretch] = (), title: str = "") -> bytes:
    """The spectrogram of `x` `(frames, 1 or 2)` at `rate` Hz as PNG, 1600 × 760 pixels, -96 to -12 dBFS in colour.

    RenderError when `x` is empty or holds NaN or infinity.
    """
    from PIL import Image, ImageDraw

    sound = require_sound(x, "the sound to draw")
    facts = "dBFS per bin of 8192, both channels"
    plan = sheet(_HEIGHT, sound.shape[0] / rate, title, facts, stretches)
    frame = new_image(plan)
    draw = ImageDraw.Draw(frame)
    _draw_axes(draw, plan)
    draw_frame(draw, plan)
    index: Indices = np.asarray(frame.convert("L")) // np.uint8(4) + np.uint8(_SHADES)
    levels = band_levels(sound, rate, plan.columns, plan.rows)
    index[TOP : TOP + plan.rows, LEFT : LEFT + plan.columns] = _shades(levels)
    ramp = np.linspace(CEILING_DB, FLOOR_DB, plan.rows, dtype=np.float32)[:, None]
    index[TOP : TOP + plan.rows, WIDTH - RIGHT + 20 : WIDTH - RIGHT + 36] = _shades(ramp)
    image = Image.fromarray(index, "P")
    image.putpalette(_palette())
    draw_boundaries(ImageDraw.Draw(image), plan, _SHADES + _GREYS * 5 // 8)
    return png(image)


def _draw_axes(draw: "ImageDraw.ImageDraw", plan: Sheet) -> None:
    span = np.log(HIGHEST_HZ / LOWEST_HZ)
    for hertz in _TICKS:
        y = TOP + plan.rows * float(np.log(HIGHEST_HZ / hertz) / span)
        draw.line((LEFT - 5, y, LEFT, y), fill=EDGE)
        words = f"{hertz // 1000} kHz" if hertz >= 1000 else f"{hertz} Hz"
        text(draw, (LEFT - 9, y), words, 12, QUIET, "rm")
    for level in _LEGEND_DB:
        y = TOP + plan.rows * (CEILING_DB - level) / (CEILING_DB - FLOOR_DB)
        text(draw, (WIDTH - RIGHT + 42, y), f"{level}", 12, QUIET, "lm")
    text(draw, (WIDTH - RIGHT + 20, plan.height - BOTTOM + 9), "dBFS", 12, QUIET, "la")


def _shades(levels: Array) -> Indices:
    """Palette entries for levels in dB."""
    share = (levels - FLOOR_DB) * ((_SHADES - 1) / (CEILING_DB - FLOOR_DB))
    shades: Indices = np.rint(np.clip(share, 0, _SHADES - 1)).astype(np.uint8)
    return shades


def _palette() -> list[int]:
    """First the shades from quiet to loud, then the greys that text is drawn in."""
    at = np.linspace(0, 1, _SHADES)
    where = [stop for stop, _ in _STOPS]
    shades = np.stack([np.interp(at, where, [colour[c] for _, colour in _STOPS]) for c in range(3)], axis=1)
    greys = np.repeat(np.linspace(0, 255, _GREYS)[:, None], 3, axis=1)
    return [int(value) for value in np.rint(np.concatenate([shades, greys])).ravel()]
