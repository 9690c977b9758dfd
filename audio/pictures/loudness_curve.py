"""Loudness over time: momentary and short-term, against the target and the loudness of the whole."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from audio.loudness import MOMENTARY_S, SHORT_TERM_S, bin_energies, course, integrated
from audio.pictures.canvas import (
    INK,
    LEFT,
    LINE,
    QUIET,
    RIGHT,
    TOP,
    WIDTH,
    Colour,
    Sheet,
    Stretch,
    draw_boundaries,
    draw_frame,
    new_image,
    sheet,
    small_png,
    text,
)
from audio.rate import Array, Doubles
from audio.soundness import require_sound

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_HEIGHT: Final = 520
_FINE: Final = 3
_UNDER_TARGET_LU: Final = 26
_STEP_LU: Final = 5
_MOMENTARY: Final[Colour] = (176, 196, 214)
_SHORT_TERM: Final[Colour] = (24, 90, 157)
_TARGET: Final[Colour] = (192, 86, 0)
_WHOLE: Final[Colour] = (34, 122, 72)


def draw_loudness(
    x: Array, rate: int, *, target_lufs: float | None = None, stretches: Sequence[Stretch] = (), title: str = ""
) -> bytes:
    """Momentary (400 ms) and short-term (3 s) loudness of `x` `(frames, 1 or 2)` at `rate` Hz over time, as PNG.

    A value is drawn at the middle of its window. The scale reaches from 26 LU under the target (or the whole
    sound's own loudness) to over the loudest moment. RenderError when `x` is empty or holds NaN or infinity.
    """
    from PIL import ImageDraw

    sound = require_sound(x, "the sound to draw")
    energies = bin_energies(sound, rate)
    whole = integrated(energies)
    momentary, short_term = course(energies, MOMENTARY_S), course(energies, SHORT_TERM_S)
    middle = target_lufs if target_lufs is not None else max(whole, -40.0)
    top = _STEP_LU * (1 + int(np.ceil(max(middle, float(momentary.max(initial=-120.0))) / _STEP_LU)))
    scale = (float(_STEP_LU * ((middle - _UNDER_TARGET_LU) // _STEP_LU)), float(min(top, 5)))
    plan = sheet(_HEIGHT, sound.shape[0] / rate, title, "", stretches)
    image = new_image(plan)
    draw = ImageDraw.Draw(image)
    _draw_scale(draw, plan, scale)
    draw_boundaries(draw, plan, (190, 194, 200))
    image = _with_curve(image, plan, _points(plan, scale, momentary, MOMENTARY_S), _MOMENTARY, 1.3)
    image = _with_curve(image, plan, _points(plan, scale, short_term, SHORT_TERM_S), _SHORT_TERM, 3.0)
    draw = ImageDraw.Draw(image)
    lines = [(whole, _WHOLE, "whole")] if whole > scale[0] else []
    if target_lufs is not None:
        lines.append((target_lufs, _TARGET, "target"))
    _draw_lines(draw, plan, scale, lines)
    draw_frame(draw, plan)
    _draw_legend(draw)
    return small_png(image)


def _y(plan: Sheet, scale: tuple[float, float], lufs: float) -> float:
    low, high = scale
    return TOP + plan.rows * (high - lufs) / (high - low)


def _draw_scale(draw: "ImageDraw.ImageDraw", plan: Sheet, scale: tuple[float, float]) -> None:
    for level in range(int(scale[0]), int(scale[1]) + 1, _STEP_LU):
        y = _y(plan, scale, level)
        draw.line((LEFT, y, WIDTH - RIGHT, y), fill=LINE)
        text(draw, (LEFT - 9, y), f"{level}", 12, QUIET, "rm")


def _points(plan: Sheet, scale: tuple[float, float], values: Doubles, window_s: float) -> list[tuple[float, float]]:
    """The highest value of every column (at least), so that no peak is lost between pixels."""
    if values.shape[0] == 0:
        return []
    step = max(1, values.shape[0] // plan.columns)
    starts = np.arange(0, values.shape[0], step)
    highest = np.maximum(np.maximum.reduceat(values, starts), scale[0])
    times = (starts + step / 2) / 100.0 + window_s / 2
    inside = times <= plan.duration_s
    x = LEFT + times[inside] / plan.duration_s * plan.columns
    y = TOP + plan.rows * (scale[1] - highest[inside]) / (scale[1] - scale[0])
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _with_curve(
    image: "Image.Image", plan: Sheet, points: list[tuple[float, float]], colour: Colour, width: float
) -> "Image.Image":
    """A smooth line: drawn in threefold size as a mask, then reduced."""
    from PIL import Image, ImageDraw

    if len(points) < 2:
        return image
    mask = Image.new("L", (plan.columns * _FINE, plan.rows * _FINE), 0)
    fine = [((x - LEFT) * _FINE, (y - TOP) * _FINE) for x, y in points]
    ImageDraw.Draw(mask).line(fine, fill=255, width=round(width * _FINE), joint="curve")
    image.paste(colour, (LEFT, TOP), mask.reduce(_FINE))
    return image


def _draw_lines(
    draw: "ImageDraw.ImageDraw", plan: Sheet, scale: tuple[float, float], lines: Sequence[tuple[float, Colour, str]]
) -> None:
    """Level lines with their names at the right, the name below where two would cover one another."""
    for number, (level, colour, name) in enumerate(lines):
        y = _y(plan, scale, level)
        dash, gap = (12, 6) if name == "target" else (3, 5)
        x = LEFT
        while x < WIDTH - RIGHT:
            draw.line((x, y, min(x + dash, WIDTH - RIGHT), y), fill=colour, width=2)
            x += dash + gap
        close = number > 0 and abs(y - _y(plan, scale, lines[0][0])) < 30
        shift = 30 if close else 0
        text(draw, (WIDTH - RIGHT + 8, y + shift), name, 12, colour, "ls")
        text(draw, (WIDTH - RIGHT + 8, y + shift + 13), f"{level:.1f}", 12, colour, "ls")


def _draw_legend(draw: "ImageDraw.ImageDraw") -> None:
    x = WIDTH - RIGHT
    for colour, name in ((_MOMENTARY, "momentary, 400 ms"), (_SHORT_TERM, "short-term, 3 s")):
        x -= 150
        draw.rectangle((x, 26, x + 18, 30), fill=colour)
        text(draw, (x + 25, 28), name, 13, INK, "lm")
    text(draw, (x - 16, 28), "LUFS:", 13, QUIET, "rm")
