"""The cover: a square picture drawn from the song's own notes, chords, sections, key and mood, with its title.

1400 pixels a side: the least that shops and directories of podcasts take, twice what a phone shows, and small enough
to lie inside of every MP3 and FLAC of the song.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from audio.pictures.canvas import fitting, font, plain, png, small_png
from audio.pictures.colour import Palette, palette
from audio.pictures.cover_forms import SIDE, draw_ridges, draw_rings, draw_tiles
from audio.pictures.portrait import Portrait, portrait
from domain.score import Score

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

COVER_PIXELS: Final = SIDE
COVER_BYTES: Final = 500_000
_MARGIN: Final = 92
_BASELINE: Final = 1262
_CAPTION: Final = 1334
_SIZES: Final = (150, 132, 116, 100, 88, 76, 66, 58)
_LINES: Final = 2

Form = Callable[["Image.Image", Portrait, Palette, str], "Image.Image"]
# The families that titles are taken from have a picture of their own; whether its ground is dark.
_FORMS: Final[Mapping[str, tuple[Form, bool]]] = MappingProxyType(
    {
        "acoustic": (draw_ridges, False), "ambient": (draw_ridges, True), "orchestral": (draw_ridges, True),
        "lofi": (draw_ridges, True), "dance": (draw_rings, True), "hip_hop": (draw_rings, True),
        "chip": (draw_tiles, True), "pop": (draw_tiles, False), "rock": (draw_tiles, True),
        "jazz": (draw_tiles, False), "latin": (draw_tiles, False),
    }
)  # fmt: skip


def draw_cover(
    score: Score, *, family: str = "pop", genre: str = "", valence: float = 0.5, arousal: float = 0.5
) -> bytes:
    """The cover of a song as PNG of 1400 × 1400 pixels and at most 500 kB.

    `family` is the genre's family (`spectrum` in its table) and chooses the kind of picture, `genre` its name for the
    line under the title; mood is 0–1. Of a title only what Pillow's own font can write is shown.
    """
    from PIL import Image, ImageDraw

    form, night = _FORMS.get(family, _FORMS["pop"])
    colours = palette(score.key, score.scale, valence=valence, arousal=arousal, night=night)
    image = form(Image.new("RGB", (SIDE, SIDE), colours.ground), portrait(score), colours, family)
    draw = ImageDraw.Draw(image, "RGBA")
    _write_title(draw, score.title, colours)
    metre = score.time_signature
    facts = (
        genre,
        f"{score.key} {score.scale.replace('_', ' ')}",
        f"{metre.numerator}/{metre.denominator}",
        f"{round(score.tempo[0].bpm / metre.counted_beat)} bpm",
    )
    words = "   ·   ".join(plain(fact) for fact in facts if plain(fact))
    draw.text((_MARGIN + 4, _CAPTION), words, font=font(36), fill=(*colours.ink, 200), anchor="ls")
    data = png(image)
    return data if len(data) <= COVER_BYTES else small_png(image)


def _write_title(draw: "ImageDraw.ImageDraw", title: str, colours: Palette) -> None:
    lines, size = _set(draw, plain(title))
    for number, line in enumerate(reversed(lines)):
        at = (_MARGIN, _BASELINE - round(number * size * 1.06))
        draw.text(at, line, font=font(size), fill=colours.ink, anchor="ls", stroke_width=max(1, size // 60))


def _set(draw: "ImageDraw.ImageDraw", title: str) -> tuple[list[str], int]:
    """The title in at most two lines and the largest size that fits; a title too long for any is cut."""
    room = SIDE - 2 * _MARGIN
    for size in _SIZES:
        lines = _broken(draw, title, size, room)
        if len(lines) <= _LINES and all(draw.textlength(line, font=font(size)) <= room for line in lines):
            return lines, size
    return [fitting(draw, title, _SIZES[-1], room)], _SIZES[-1]


def _broken(draw: "ImageDraw.ImageDraw", title: str, size: int, room: float) -> list[str]:
    lines: list[str] = []
    for word in title.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and draw.textlength(longer, font=font(size)) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
