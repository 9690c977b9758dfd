"""The piano roll: a whole song on one picture, every part in its colour, percussion as lanes below.

Pillow is imported when something is drawn, not before. Equal input gives equal bytes for one version of Pillow.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from domain.score import Note, Part, Role, Score
from music.drumstaff import stroke
from music.scorelayout import score_order, section_label

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

# Colours that stay apart for colour-blind eyes too (after Okabe and Ito, and Tol), one for each part in turn.
_COLOURS: tuple[tuple[int, int, int], ...] = (
    (213, 94, 0), (0, 114, 178), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233), (136, 34, 85),
    (153, 153, 51), (68, 119, 170), (170, 68, 153), (102, 102, 102), (34, 136, 51),
)  # fmt: skip
_PAPER, _INK, _QUIET, _LINE = (255, 255, 255), (32, 33, 36), (110, 114, 120), (224, 226, 230)
_BANDS = ((246, 247, 249), (255, 255, 255))
_BLACK_KEYS = frozenset({1, 3, 6, 8, 10})
_WIDEST, _NARROWEST = 2400, 1200
_LEFT, _RIGHT, _TOP, _BOTTOM = 104, 24, 92, 24
_RULER, _ROW, _LANE, _LEGEND = 40, 9, 13, 26
_PIXELS_A_BAR = 26
_NUMBER_ROOM = 34
_FAINT, _FULL = 70, 255
_MOST_LANES = 12
# Lanes of percussion from the top down.
_HIGH_FIRST = ("cymbal", "ride", "splash", "china", "hi-hat", "shaker", "maracas", "cabasa", "tambourine")


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where everything is on the picture, in pixels."""

    width: int
    height: int
    beats: float
    low: int
    high: int
    lanes: tuple[int, ...]
    roll_top: int
    lanes_top: int

    def x(self, beat: float) -> float:
        return _LEFT + beat / self.beats * (self.width - _LEFT - _RIGHT)

    def y(self, pitch: int) -> int:
        """Top of a pitch's row."""
        return self.roll_top + (self.high - pitch) * _ROW


def draw_piano_roll(score: Score) -> bytes:
    """The score as PNG: 1200–2400 pixels wide by its length, as high as its range asks."""
    from PIL import Image, ImageDraw

    pitched = [part for part in score_order(score.parts) if not part.is_drum and part.notes]
    drums = [part for part in score_order(score.parts) if part.is_drum and part.notes]
    plan = _planned(score, pitched, drums)
    image = Image.new("RGB", (plan.width, plan.height), _PAPER)
    draw = ImageDraw.Draw(image, "RGBA")
    colours = {part.id: _COLOURS[i % len(_COLOURS)] for i, part in enumerate([*pitched, *drums])}
    _draw_paper(draw, score, plan)
    for part in reversed(pitched):
        _draw_part(draw, part, colours[part.id], plan)
    for part in drums:
        _draw_lanes(draw, part, colours[part.id], plan)
    _draw_names(draw, score, [*pitched, *drums], colours, plan)
    return _png(image)


def _planned(score: Score, pitched: Sequence[Part], drums: Sequence[Part]) -> _Plan:
    pitches = [note.pitch for part in pitched for note in part.notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    struck = [note.pitch for part in drums for note in part.notes]
    often = sorted(set(struck), key=lambda pitch: (-struck.count(pitch), pitch))[:_MOST_LANES]
    lanes = tuple(sorted(often, key=_lane_order))
    roll_top = _TOP + _RULER
    lanes_top = roll_top + (high - low + 1) * _ROW + (20 if lanes else 0)
    wanted = _LEFT + _RIGHT + max(1, score.bars) * _PIXELS_A_BAR
    return _Plan(
        width=min(_WIDEST, max(_NARROWEST, wanted)),
        height=lanes_top + len(lanes) * _LANE + _BOTTOM,
        beats=max(score.beats, score.time_signature.beats_per_bar),
        low=low,
        high=high,
        lanes=lanes,
        roll_top=roll_top,
        lanes_top=lanes_top,
    )


def _lane_order(pitch: int) -> tuple[int, int]:
    """Cymbals at the top, then drums from the highest to the bass drum."""
    name = stroke(pitch).name.lower()
    metal = next((i for i, word in enumerate(_HIGH_FIRST) if word in name), len(_HIGH_FIRST))
    return metal, -pitch


def _draw_paper(draw: "ImageDraw.ImageDraw", score: Score, plan: _Plan) -> None:
    """Section bands, the rows of the black keys, bar lines and octave names."""
    bar = score.time_signature.beats_per_bar
    bottom = plan.height - _BOTTOM
    for i, section in enumerate(score.sections):
        left, right = plan.x(section.start_bar * bar), plan.x((section.start_bar + section.bars) * bar)
        draw.rectangle((left, _TOP, right, bottom), fill=_BANDS[i % 2])
    for pitch in range(plan.low, plan.high + 1):
        top = plan.y(pitch)
        if pitch % 12 in _BLACK_KEYS:
            draw.rectangle((_LEFT, top, plan.width - _RIGHT, top + _ROW - 1), fill=(32, 33, 36, 9))
        if pitch % 12 == 0:
            draw.line((_LEFT, top + _ROW, plan.width - _RIGHT, top + _ROW), fill=_LINE)
            _text(draw, (_LEFT - 8, top + _ROW / 2), f"C{pitch // 12 - 1}", 12, _QUIET, "rm")
    for i, pitch in enumerate(plan.lanes):
        top = plan.lanes_top + i * _LANE
        draw.line((_LEFT, top, plan.width - _RIGHT, top), fill=_LINE)
        _text(draw, (_LEFT - 8, top + _LANE / 2), _short(stroke(pitch).name), 11, _QUIET, "rm")
    step = _bar_step(plan.x(bar) - plan.x(0))
    for number in range(score.bars + 1):
        x = plan.x(number * bar)
        draw.line((x, _TOP + _RULER, x, bottom), fill=(190, 194, 200) if number % 4 == 0 else _LINE)
        if number % step == 0 and number < score.bars:
            _text(draw, (x + 3, _TOP + _RULER - 5), str(number + 1), 11, _QUIET, "ls")


def _bar_step(pixels: float) -> int:
    """Every how many bars a number fits."""
    step: int = 1
    while step * pixels < _NUMBER_ROOM:
        step *= 2
    return step


def _draw_part(draw: "ImageDraw.ImageDraw", part: Part, colour: tuple[int, int, int], plan: _Plan) -> None:
    for note in part.notes:
        left, right = _edges(note, plan)
        top = plan.y(note.pitch)
        draw.rectangle((left, top + 1, right, top + _ROW - 2), fill=(*colour, _opacity(note)))
        draw.line((left, top + 1, left, top + _ROW - 2), fill=(*(c * 2 // 3 for c in colour), _FULL))


def _draw_lanes(draw: "ImageDraw.ImageDraw", part: Part, colour: tuple[int, int, int], plan: _Plan) -> None:
    lanes = {pitch: plan.lanes_top + i * _LANE for i, pitch in enumerate(plan.lanes)}
    for note in part.notes:
        if note.pitch in lanes:
            left, top = plan.x(note.start), lanes[note.pitch]
            draw.rectangle((left, top + 2, left + 2.5, top + _LANE - 3), fill=(*colour, _opacity(note)))


def _edges(note: Note, plan: _Plan) -> tuple[float, float]:
    left = plan.x(note.start)
    return left, max(left + 1.5, plan.x(min(note.start + note.duration, plan.beats)) - 1)


def _opacity(note: Note) -> int:
    """Quiet notes are faint: velocity 1–127 to opacity."""
    loud: float = min(1.0, (note.velocity / 115) ** 1.4)
    return round(_FAINT + (_FULL - _FAINT) * loud)


def _draw_names(
    draw: "ImageDraw.ImageDraw",
    score: Score,
    parts: Sequence[Part],
    colours: dict[str, tuple[int, int, int]],
    plan: _Plan,
) -> None:
    """Title, facts, legend, and the sections' names."""
    metre = score.time_signature
    facts = (
        f"{score.key} {score.scale.replace('_', ' ')}   {metre.numerator}/{metre.denominator}   "
        f"{round(score.tempo[0].bpm / score.time_signature.counted_beat)} bpm   {score.bars} bars"
    )
    _text(draw, (_LEFT, 34), score.title, 24, _INK, "ls")
    _text(draw, (plan.width - _RIGHT, 34), facts, 14, _QUIET, "rs")
    for x, part in _legend(draw, parts, plan):
        draw.rectangle((x, 54, x + 16, 66), fill=colours[part.id])
        _text(draw, (x + 22, 60), part.name, 13, _INK, "lm")
    bar = metre.beats_per_bar
    for section in score.sections:
        left = plan.x(section.start_bar * bar)
        room = plan.x((section.start_bar + section.bars) * bar) - left - 8
        draw.line((left, _TOP, left, _TOP + _RULER), fill=(150, 154, 160))
        _text(draw, (left + 5, _TOP + 15), _fitting(draw, section_label(section.name), 13, room), 13, _INK, "ls")


def _legend(draw: "ImageDraw.ImageDraw", parts: Sequence[Part], plan: _Plan) -> Iterator[tuple[float, Part]]:
    """Where each part's entry begins, as far as they fit in one line."""
    x = float(_LEFT)
    for part in parts:
        if part.role is Role.EFFECTS:
            continue
        size = 22 + draw.textlength(_plain(part.name), font=_font(13)) + 22
        if x + size > plan.width - _RIGHT:
            return
        yield x, part
        x += size


def _fitting(draw: "ImageDraw.ImageDraw", text: str, size: int, room: float) -> str:
    """The text, or as much of its beginning as fits."""
    text = _plain(text)
    while text and draw.textlength(text, font=_font(size)) > room:
        text = text[:-1]
    return text


def _text(
    draw: "ImageDraw.ImageDraw",
    at: tuple[float, float],
    text: str,
    size: int,
    colour: tuple[int, int, int],
    anchor: str,
) -> None:
    draw.text(at, _plain(text), font=_font(size), fill=colour, anchor=anchor)


@lru_cache(maxsize=16)
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    """Pillow's own font, which is the same on every machine."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _plain(text: str) -> str:
    """The characters that Pillow's own font can draw."""
    return "".join(c for c in text if c.isprintable() and ord(c) < 0x250).strip()


def _short(name: str) -> str:
    return name.replace("Acoustic ", "").replace("cymbal", "").replace("Electric ", "El. ").strip()


def _png(image: "Image.Image") -> bytes:
    from PIL.Image import Dither, Quantize

    buffer = io.BytesIO()
    palette = image.quantize(colors=256, method=Quantize.FASTOCTREE, dither=Dither.NONE)
    palette.save(buffer, format="PNG", optimize=False, compress_level=6)
    return buffer.getvalue()
