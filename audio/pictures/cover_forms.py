"""Three ways to draw a song: as a landscape, as a record that goes round once, as a page of tiles."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from audio.pictures.canvas import Colour
from audio.pictures.colour import Palette, gradient
from audio.pictures.portrait import Portrait
from audio.rate import Doubles

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIDE: Final = 1400
_FINE: Final = 2
_CENTRE: Final = (700, 560)
_RIDGES: Final = 6
_FOOT: Final = 1110
_SHORE: Final = 850
# Widths of the houses of a town in points of a part's line.
_STEPS: Final = (8, 11, 6, 9, 7)
_TILES: Final = (8, 6)
_TILE: Final = SIDE / 8
_UNITS: Final = (0.25, 0.5, 1, 2, 4, 8)
# How far a line moves inside of a tile, as a share of its range: under the first it stays, over the second it leaps.
_STAYS: Final = 0.09
_LEAPS: Final = 0.34
_PEAK: Final = 0.93
_BUSY: Final = 7


def _brush(image: "Image.Image") -> tuple["Image.Image", "ImageDraw.ImageDraw"]:
    """The image in double size and a brush that blends: reduced afterwards, edges are smooth."""
    from PIL import Image, ImageDraw

    fine = image.resize((SIDE * _FINE, SIDE * _FINE), Image.Resampling.NEAREST)
    return fine, ImageDraw.Draw(fine, "RGBA")


def _disc(draw: "ImageDraw.ImageDraw", x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
    box = tuple(value * _FINE for value in (x - radius, y - radius, x + radius, y + radius))
    draw.ellipse(box, fill=colour)


def _polygon(draw: "ImageDraw.ImageDraw", points: Sequence[tuple[float, float]], colour: tuple[int, ...]) -> None:
    draw.polygon([(x * _FINE, y * _FINE) for x, y in points], fill=colour)


def draw_ridges(image: "Image.Image", song: Portrait, colours: Palette, family: str) -> "Image.Image":
    """A landscape from left to right: every part a ridge, the tune as lights in the sky, the sun at the climax.

    Lo-fi stands in a town, ambient at the water.
    """
    from PIL import Image

    canvas = np.repeat(gradient(_sky(colours), SIDE)[:, None, :], SIDE, axis=1)
    fine, draw = _brush(Image.fromarray(np.rint(canvas).astype(np.uint8)))
    start, end = song.phrase
    x = 240 + (start + end) / 2 * (SIDE - 480)
    y = 580 - 170 * colours.valence
    sun = colours.shade(0.93 if colours.night else 0.99, 50, 0.55)
    for number, radius in enumerate((330, 262, 206)):
        _disc(draw, x, y, radius, (*sun, 16 + 10 * number))
    _disc(draw, x, y, 150, (*sun, 255))
    light = colours.shade(0.98, 50, 0.3)
    for sign in song.tune:
        size = 2.0 + 4.0 * sign.loud**2 + 60 * min(sign.length, 0.03)
        at = 60 + sign.start * (SIDE - 120), 410 - 330 * sign.height
        _disc(draw, *at, size, (*light, 120 + round(130 * sign.loud)))
    lines = sorted(song.contours, key=lambda line: float(line.std()))[:_RIDGES]
    for number, line in enumerate(lines):
        _draw_ridge(draw, song, colours, line, (number + 1) / len(lines), town=family == "lofi")
    _polygon(draw, [(0, SIDE), (0, _FOOT), (SIDE, _FOOT), (SIDE, SIDE)], (*colours.ground, 255))
    done = fine.reduce(_FINE)
    return _mirrored(done) if family == "ambient" else done


def _sky(colours: Palette) -> list[tuple[float, Colour]]:
    if colours.night:
        return [
            (0.0, colours.dusk(0.19, 0.8)), (0.3, colours.dusk(0.36, 0.5)), (0.55, colours.dusk(0.58, 0.15)),
            (0.72, colours.shade(0.74, 20, 0.9)), (1.0, colours.shade(0.74, 20, 0.9)),
        ]  # fmt: skip
    return [(0.0, colours.shade(0.76)), (0.4, colours.shade(0.86, 25)), (0.72, colours.shade(0.95, 55, 0.8)),
            (1.0, colours.shade(0.95, 60, 0.7))]  # fmt: skip


def _draw_ridge(
    draw: "ImageDraw.ImageDraw", song: Portrait, colours: Palette, line: Doubles, near: float, *, town: bool
) -> None:
    """One part's line as a silhouette; `near` is 0 for the farthest to 1 for the nearest."""
    tall = 210 + 110 * (1 - near)
    heights = 660 + 400 * near - tall * line * _swell(song, len(line))
    colour = (
        colours.dusk(0.62 - 0.43 * near, 0.15 + 0.65 * near)
        if colours.night
        else colours.shade(0.8 - 0.36 * near, 40 * (1 - near))
    )
    xs = np.linspace(0, SIDE, len(line))
    if town:
        width = _STEPS[round(near * 10) % len(_STEPS)]
        heights = np.repeat(heights[width // 2 :: width], width)[: len(line)]
        heights = np.pad(heights, (0, len(line) - len(heights)), mode="edge")
        edge = np.flatnonzero(np.diff(heights)) + 1
        xs, heights = np.insert(xs, edge, xs[edge]), np.insert(heights, edge, heights[edge - 1])
    outline = list(zip(xs.tolist(), heights.tolist(), strict=True))
    _polygon(draw, [(0, SIDE), *outline, (SIDE, SIDE)], (*colour, 255))
    if town:
        _draw_windows(draw, song, xs, heights, colours, near)


def _draw_windows(
    draw: "ImageDraw.ImageDraw", song: Portrait, xs: Doubles, heights: Doubles, colours: Palette, near: float
) -> None:
    """Strokes of the drums and the bass as lit windows, where a house stands."""
    lit = (*colours.shade(0.9, 50, 0.9), 60 + round(130 * near))
    for number, sign in enumerate((*song.bass, *song.hits)):
        x = round(sign.start * SIDE / 18) * 18 + 5
        roof = float(np.interp(x + 4, xs, heights))
        y = roof + 22 + 26 * ((number * 7) % 6)
        if number % 3 == round(near * 6) % 3 and y < _FOOT - 20:
            draw.rectangle([v * _FINE for v in (x, y, x + 7, y + 11)], fill=lit)


def _mirrored(image: "Image.Image") -> "Image.Image":
    """Water from the shore down: what stands above it upside down, darker, in ripples that widen."""
    from PIL import Image

    pixels = np.asarray(image, np.float32).copy()
    depth = _FOOT - _SHORE
    above = pixels[_SHORE - depth : _SHORE][::-1]
    rows = np.arange(depth)
    waves = np.rint(np.sin(rows**0.72 * 1.9) * (2 + rows / 22)).astype(np.int64)
    rolled = np.stack([np.roll(above[row], int(waves[row]), axis=0) for row in rows])
    fade = (0.82 - 0.5 * rows / depth)[:, None, None].astype(np.float32)
    pixels[_SHORE:_FOOT] = rolled * fade + pixels[-1, 0] * (1 - fade)
    return Image.fromarray(np.rint(pixels).astype(np.uint8))


def _swell(song: Portrait, points: int) -> Doubles:
    """The sections' energy along the song, 0.6–1.3, softly joined."""
    at = (np.arange(points) + 0.5) / points
    steps = np.full(points, 0.5)
    for start, end, energy in song.energy:
        steps[(at >= start) & (at < end)] = energy
    soft = np.convolve(np.pad(steps, 10, mode="edge"), np.full(21, 1 / 21), mode="valid")
    return 0.6 + 0.7 * soft


def draw_rings(image: "Image.Image", song: Portrait, colours: Palette, family: str) -> "Image.Image":
    """A record that goes round once, from the top: chords are its colours, energy its edge, the tune its groove."""
    fine, draw = _brush(image)
    for chord in song.chords:
        energy = _energy(song, (chord.start + chord.end) / 2)
        outer = 300 + 190 * energy
        colour = colours.of_fifths(chord.steps, 0.5 if chord.dark else 0.7)
        _wedge(draw, chord.start, chord.end, 196, outer, (*colour, 235))
    for sign in song.bass:
        _wedge(draw, sign.start, sign.start + max(sign.length, 0.0016), 150, 160 + 26 * sign.loud, (*colours.ink, 150))
    for sign in song.hits:
        outer = 316 + 190 * _energy(song, sign.start)
        _spoke(draw, sign.start, outer + 6, outer + 12 + 42 * sign.loud * (1 - 0.7 * sign.height), (*colours.ink, 70))
    _draw_groove(draw, song, colours)
    _disc(draw, *_CENTRE, 128, (*colours.accent, 255))
    _disc(draw, *_CENTRE, 20, (*colours.ground, 255))
    return fine.reduce(_FINE)


def _draw_groove(draw: "ImageDraw.ImageDraw", song: Portrait, colours: Palette) -> None:
    """Every note of the tune as an arc, the higher the farther out."""
    for sign in song.tune:
        radius = (214 + 74 * sign.height) * _FINE
        box = [c * _FINE + s * radius for s in (-1, 1) for c in _CENTRE]
        begin = 360 * sign.start - 90
        draw.arc(box, begin, begin + max(360 * sign.length, 0.8), fill=(*colours.ink, 245), width=5 * _FINE)


def _energy(song: Portrait, at: float) -> float:
    return next((energy for start, end, energy in song.energy if start <= at < end), 0.5)


def _point(share: float, radius: float) -> tuple[float, float]:
    angle = 2 * math.pi * share - math.pi / 2
    return _CENTRE[0] + radius * math.cos(angle), _CENTRE[1] + radius * math.sin(angle)


def _wedge(
    draw: "ImageDraw.ImageDraw", start: float, end: float, inner: float, outer: float, colour: tuple[int, ...]
) -> None:
    steps = np.linspace(start, end, max(3, int((end - start) * 180) + 2)).tolist()
    edge = [_point(share, outer) for share in steps] + [_point(share, inner) for share in reversed(steps)]
    _polygon(draw, edge, colour)


def _spoke(draw: "ImageDraw.ImageDraw", share: float, inner: float, outer: float, colour: tuple[int, ...]) -> None:
    ends = [tuple(v * _FINE for v in _point(share, radius)) for radius in (inner, outer)]
    draw.line(ends, fill=colour, width=2 * _FINE)


def draw_tiles(image: "Image.Image", song: Portrait, colours: Palette, family: str) -> "Image.Image":
    """A page of tiles, a bar or so each, in rows: the chord is its ground, the tune's way through it its shape.

    A line that rises, falls, stays or rests has a shape each; repeated sections repeat their tiles.
    """
    fine, draw = _brush(image)
    unit = next((u for u in _UNITS if song.bars / u <= _TILES[0] * _TILES[1] + 8), _UNITS[-1])
    there = max(1, int(song.bars / unit))
    for number in range(_TILES[0] * _TILES[1]):
        cell = number % there
        start, end = cell * unit / song.bars, (cell + 1) * unit / song.bars
        row, column = divmod(number, _TILES[0])
        _draw_tile(draw, song, colours, family, (column * _TILE, row * _TILE), (start, end))
    return fine.reduce(_FINE)


def _draw_tile(
    draw: "ImageDraw.ImageDraw",
    song: Portrait,
    colours: Palette,
    family: str,
    at: tuple[float, float],
    span: tuple[float, float],
) -> None:
    start, end = span
    chord = next((c for c in song.chords if c.start <= start + 1e-9 < c.end), None)
    energy = _energy(song, start)
    steps, dark = (chord.steps, chord.dark) if chord else (0, False)
    if colours.night:
        back, front = 0.2 + 0.16 * energy - 0.05 * dark, 0.56 + 0.2 * energy
    else:
        back, front = 0.93 - 0.1 * energy - 0.08 * dark, 0.72 - 0.2 * energy
    x, y = at
    ground = colours.of_fifths(steps, back, 0.75)
    draw.rectangle([v * _FINE for v in (x, y, x + _TILE, y + _TILE)], fill=(*ground, 255))
    notes = [sign for sign in song.tune if start <= sign.start < end - 1e-9]
    colour = colours.of_fifths(steps + 2, front, 1.1)
    if not notes:
        _disc(draw, x + _TILE / 2, y + _TILE / 2, 9, (*colour, 255))
        return
    rise = notes[-1].height - notes[0].height
    _SHAPES.get(family, _round)(draw, at, rise, (*colour, 255))
    high = max(note.height for note in notes)
    if high >= _PEAK:
        _disc(draw, x + _TILE / 2, y + _TILE / 2, 14 + 8 * len(notes) ** 0.5, (*colours.accent, 255))
    elif len(notes) >= _BUSY:
        _disc(draw, x + _TILE / 2, y + _TILE / 2, 16, (*colours.ink, 255))


def _round(draw: "ImageDraw.ImageDraw", at: tuple[float, float], rise: float, colour: tuple[int, ...]) -> None:
    """A quarter disc that opens upwards or downwards, a disc for a line that stays."""
    x, y = at
    if abs(rise) < _STAYS:
        _disc(draw, x + _TILE / 2, y + _TILE / 2, _TILE * 0.44, colour)
        return
    corner_y = y + _TILE if rise > 0 else y
    corner_x = x if abs(rise) < _LEAPS else x + _TILE
    first = {(True, True): 270, (True, False): 0, (False, True): 180, (False, False): 90}[corner_x == x, rise > 0]
    box = [v * _FINE for v in (corner_x - _TILE, corner_y - _TILE, corner_x + _TILE, corner_y + _TILE)]
    draw.pieslice(box, first, first + 90, fill=colour)


def _sharp(draw: "ImageDraw.ImageDraw", at: tuple[float, float], rise: float, colour: tuple[int, ...]) -> None:
    """A triangle that points up or down, a slanted bar for a line that stays."""
    x, y = at
    left, right, top, bottom = x, x + _TILE, y, y + _TILE
    if abs(rise) < _STAYS:
        third = _TILE / 3
        points = [(left, bottom - third), (right - third, top), (right, top), (right, top + third),
                  (left + third, bottom), (left, bottom)]  # fmt: skip
    elif abs(rise) < _LEAPS:
        points = [(left, bottom), (right, bottom), (left if rise > 0 else right, top)]
    else:
        peak, foot = (top, bottom) if rise > 0 else (bottom, top)
        points = [(left, foot), (right, foot), ((left + right) / 2, peak)]
    _polygon(draw, points, colour)


def _square(draw: "ImageDraw.ImageDraw", at: tuple[float, float], rise: float, colour: tuple[int, ...]) -> None:
    """A stair of pixels upwards or downwards, a block for a line that stays."""
    x, y = at
    step = _TILE / 5
    for i in range(5):
        tall = 3 if abs(rise) < _STAYS else i + 1 if rise > 0 else 5 - i
        if abs(rise) < _STAYS and i in (0, 4):
            continue
        top = y + _TILE - tall * step if abs(rise) >= _STAYS else y + step
        bottom = y + _TILE if abs(rise) >= _STAYS else y + 4 * step
        draw.rectangle([v * _FINE for v in (x + i * step, top, x + (i + 1) * step, bottom)], fill=colour)


_SHAPES: Final[Mapping[str, Callable[..., None]]] = MappingProxyType({"rock": _sharp, "chip": _square})
