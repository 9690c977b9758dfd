"""The sheet that all pictures of a sound share: title, sections, time along the bottom, one family of colours."""

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

PAPER: Final = (255, 255, 255)
INK: Final = (32, 33, 36)
QUIET: Final = (104, 108, 114)
LINE: Final = (224, 226, 230)
EDGE: Final = (150, 154, 160)
BANDS: Final[tuple[Colour, Colour]] = ((246, 247, 249), (255, 255, 255))

WIDTH: Final = 1600
LEFT, RIGHT, TOP, BOTTOM = 76, 92, 92, 44
_STEPS_S: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
_TICK_ROOM: Final = 90


class Stretch(NamedTuple):
    """A section as it lies in the sound: name, beginning and end in seconds, number of its first bar from 1."""

    name: str
    start_s: float
    end_s: float
    bar: int


class Sheet(NamedTuple):
    """Where time runs on a picture: `WIDTH` pixels wide, `height` high, the plot between its margins."""

    height: int
    duration_s: float
    title: str
    facts: str
    stretches: tuple[Stretch, ...]

    @property
    def columns(self) -> int:
        """Pixels of the plot from left to right."""
        return WIDTH - LEFT - RIGHT

    @property
    def rows(self) -> int:
        """Pixels of the plot from top to bottom."""
        return self.height - TOP - BOTTOM

    def x(self, seconds: float) -> float:
        """Where a time lies; beyond the end it is the plot's right edge."""
        return LEFT + min(1.0, seconds / self.duration_s) * self.columns


def sheet(height: int, duration_s: float, title: str, facts: str, stretches: Sequence[Stretch]) -> Sheet:
    """A sheet for a sound of `duration_s` seconds; what lies beyond its end is left out."""
    inside = tuple(s for s in stretches if s.start_s < duration_s)
    return Sheet(height, max(duration_s, 1e-3), title, facts, inside)


def new_image(plan: Sheet) -> "Image.Image":
    """Paper with the sections as bands."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, plan.height), PAPER)
    draw = ImageDraw.Draw(image)
    for number, stretch in enumerate(plan.stretches):
        box = (plan.x(stretch.start_s), TOP, plan.x(stretch.end_s), plan.height - BOTTOM)
        draw.rectangle(box, fill=BANDS[number % 2])
    return image


def draw_frame(draw: "ImageDraw.ImageDraw", plan: Sheet) -> None:
    """Title and facts, the sections with their names and first bars, the times."""
    text(draw, (LEFT, 34), plan.title, 24, INK, "ls")
    text(draw, (WIDTH - RIGHT, 34), plan.facts, 14, QUIET, "rs")
    for stretch in plan.stretches:
        left = plan.x(stretch.start_s)
        room = plan.x(stretch.end_s) - left - 8
        draw.line((left, 48, left, TOP), fill=EDGE)
        text(draw, (left + 5, 64), fitting(draw, stretch.name, 13, room), 13, INK, "ls")
        text(draw, (left + 5, 82), fitting(draw, f"bar {stretch.bar}", 11, room), 11, QUIET, "ls")
    bottom = plan.height - BOTTOM
    draw.line((LEFT, bottom, WIDTH - RIGHT, bottom), fill=EDGE)
    for seconds in _times(plan):
        x = plan.x(seconds)
        draw.line((x, bottom, x, bottom + 5), fill=EDGE)
        text(draw, (x, bottom + 9), clock(seconds), 12, QUIET, "ma")


def draw_boundaries(draw: "ImageDraw.ImageDraw", plan: Sheet, colour: Colour | int) -> None:
    """A thin line through the plot where each section begins, but for the first; a whole number is a palette entry."""
    for stretch in plan.stretches[1:]:
        x = round(plan.x(stretch.start_s))
        draw.line((x, TOP, x, plan.height - BOTTOM - 1), fill=colour)


def _times(plan: Sheet) -> Iterator[float]:
    step = next(
        (s for s in _STEPS_S if s / plan.duration_s * plan.columns >= _TICK_ROOM),
        _STEPS_S[-1],
    )
    for number in range(int(plan.duration_s / step + 1e-6) + 1):
        yield number * step


def clock(seconds: float) -> str:
    """1:05, and 0:00.2 where tenths count."""
    whole, rest = divmod(round(seconds * 10), 10)
    tenths = f".{rest}" if rest else ""
    return f"{whole // 60}:{whole % 60:02d}{tenths}"


def text(
    draw: "ImageDraw.ImageDraw", at: tuple[float, float], words: str, size: int, colour: Colour, anchor: str
) -> None:
    """Words in Pillow's own font, at an anchor as Pillow names them."""
    draw.text(at, plain(words), font=font(size), fill=colour, anchor=anchor)


def fitting(draw: "ImageDraw.ImageDraw", words: str, size: int, room: float) -> str:
    """The words, or as much of their beginning as fits into `room` pixels."""
    words = plain(words)
    while words and draw.textlength(words, font=font(size)) > room:
        words = words[:-1]
    return words


@lru_cache(maxsize=16)
def font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Pillow's own font, which is the same on every machine."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def plain(words: str) -> str:
    """The characters that Pillow's own font can draw."""
    return "".join(c for c in words if c.isprintable() and ord(c) < 0x250).strip()


def small_png(image: "Image.Image") -> bytes:
    """A PNG of at most 256 colours."""
    from PIL.Image import Dither, Quantize

    return png(image.quantize(colors=256, method=Quantize.FASTOCTREE, dither=Dither.NONE))


def png(image: "Image.Image") -> bytes:
    """The image as it is, as PNG."""
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=False, compress_level=6)
    return buffer.getvalue()
