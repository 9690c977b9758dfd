"""The waveform: every channel as a band between its lowest and highest sample, its RMS inside."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from audio.decibels import gain_to_db
from audio.pictures.canvas import (
    LEFT,
    LINE,
    QUIET,
    TOP,
    Colour,
    Stretch,
    draw_boundaries,
    draw_frame,
    new_image,
    sheet,
    small_png,
    text,
)
from audio.pictures.envelope import Envelope, column_edges, envelope, lanes
from audio.rate import Array, Doubles

if TYPE_CHECKING:
    from PIL import ImageDraw

_HEIGHT: Final = 480
_GAP: Final = 24
_NAMES: Final = {1: ("",), 2: ("L", "R")}
_PEAK: Final[Colour] = (122, 168, 214)
_BODY: Final[Colour] = (24, 90, 157)
_MARKS: Final = (1.0, 0.5, 0.0, -0.5, -1.0)


def draw_waveform(x: Array, rate: int, *, stretches: Sequence[Stretch] = (), title: str = "") -> bytes:
    """The waveform of `x` `(frames, 1 or 2)` at `rate` Hz as PNG, 1600 pixels wide, full scale from edge to edge.

    The light band reaches from the lowest to the highest sample of a column, the dark one shows its RMS.
    RenderError when `x` is empty or holds NaN or infinity.
    """
    from PIL import Image, ImageDraw

    sound = lanes(x)
    channels = sound.shape[1]
    peak = float(np.abs(sound).max())
    facts = f"peak {gain_to_db(peak):.1f} dBFS   {rate / 1000:g} kHz   dark: RMS" if peak else "silence"
    plan = sheet(_HEIGHT, sound.shape[0] / rate, title, facts, stretches)
    found = envelope(sound, column_edges(sound.shape[0], plan.columns))
    image = new_image(plan)
    room = (plan.rows - _GAP * (channels - 1)) / channels
    middles = [TOP + room / 2 + (room + _GAP) * channel for channel in range(channels)]
    _draw_scale(ImageDraw.Draw(image), plan.x(plan.duration_s), middles, room / 2)
    image = Image.fromarray(_inked(np.asarray(image, np.float32), found, middles, room / 2))
    draw = ImageDraw.Draw(image)
    draw_boundaries(draw, plan, (60, 64, 70))
    draw_frame(draw, plan)
    for name, middle in zip(_NAMES[channels], middles, strict=True):
        text(draw, (16, middle), name, 15, QUIET, "lm")
    return small_png(image)


def _draw_scale(draw: "ImageDraw.ImageDraw", right: float, middles: Sequence[float], half: float) -> None:
    for middle in middles:
        for mark in _MARKS:
            y = middle - mark * half
            draw.line((LEFT, y, right, y), fill=LINE)
            text(draw, (LEFT - 8, y), f"{mark:g}", 11, QUIET, "rm")


def _inked(picture: Array, found: Envelope, middles: Sequence[float], half: float) -> npt.NDArray[np.uint8]:
    """Blend both bands of every channel into the picture `(rows, columns, 3)`."""
    for channel, middle in enumerate(middles):
        low, high, rms = (part[:, channel] for part in found)
        picture = _blend(picture, middle - high * half, middle - low * half, _PEAK)
        # A band of RMS never leaves the one of the peaks: sound with an offset does.
        inner = (
            middle - np.minimum(rms, np.maximum(high, 0)) * half,
            middle + np.minimum(rms, np.maximum(-low, 0)) * half,
        )
        picture = _blend(picture, *inner, _BODY)
    return np.rint(picture).astype(np.uint8)


def _blend(picture: Array, top: Array | Doubles, bottom: Array | Doubles, colour: Colour) -> Array:
    """Cover the columns of the plot between `top` and `bottom` in pixels, at least a pixel, edges by their share."""
    first, last = int(np.floor(top.min())), int(np.ceil(bottom.max())) + 1
    thin = np.maximum(1.0 - (bottom - top), 0.0) / 2
    rows = np.arange(first, last, dtype=np.float32)[:, None]
    share = np.minimum(rows + 1, bottom + thin) - np.maximum(rows, top - thin)
    share = np.clip(share, 0.0, 1.0)[:, :, None].astype(np.float32)
    part = picture[first:last, LEFT : LEFT + top.shape[0]]
    part += (np.asarray(colour, np.float32) - part) * share
    return picture
