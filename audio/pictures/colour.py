"""Colours that belong together, from the song: its key is the hue, its mood the light and the strength.

Mixed in OKLCH, where equal steps look equal (B. Ottosson, A perceptual color space for image processing, 2020).
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from audio.pictures.canvas import Colour
from audio.rate import Array

_LETTERS: Final[Mapping[str, int]] = MappingProxyType({"C": 0, "D": 2, "E": 4, "F": -1, "G": 1, "A": 3, "B": 5})
_DARK_MODES: Final = frozenset(
    {"minor", "dorian", "phrygian", "locrian", "harmonic_minor", "melodic_minor", "minor_pentatonic", "blues"}
)
_C_MAJOR_HUE: Final = 85.0
_HUE_A_FIFTH: Final = 30.0
_NIGHT_HUE: Final = 285.0


def fifths(name: str) -> int:
    """Steps along the circle of fifths from C to the root of a key or chord, such as Bb -2 and E7b9 4."""
    rest = name[1:]
    signs = rest[: len(rest) - len(rest.lstrip("#b"))]
    return _LETTERS[name[0]] + 7 * (signs.count("#") - signs.count("b"))


def is_dark(scale: str) -> bool:
    """Whether a scale has a minor third."""
    return scale in _DARK_MODES


def oklch(light: float, chroma: float, hue: float) -> Colour:
    """SRGB of lightness 0–1, chroma 0–0.4 and hue in degrees; what a screen cannot show loses chroma."""
    for _ in range(12):
        red, green, blue = _linear(light, chroma, hue)
        if min(red, green, blue) >= -1e-4 and max(red, green, blue) <= 1.0001:
            break
        chroma *= 0.88
    return _byte(red), _byte(green), _byte(blue)


def _linear(light: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _byte(linear: float) -> int:
    value = min(1.0, max(0.0, linear))
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))


class Palette(NamedTuple):
    """Colours of one song; `ink` reads on `ground`, `hue` is the tonic's."""

    hue: float
    chroma: float
    night: bool
    ground: Colour
    ink: Colour
    accent: Colour
    valence: float

    def of_fifths(self, steps: float, light: float, strength: float = 1.0) -> Colour:
        """The colour of a chord whose root lies `steps` fifths from the tonic."""
        return oklch(light, self.chroma * strength, self.hue + 24.0 * steps)

    def shade(self, light: float, turn: float = 0.0, strength: float = 1.0) -> Colour:
        """The tonic's colour at a lightness, its hue turned by degrees."""
        return oklch(light, self.chroma * strength, self.hue + turn)

    def dusk(self, light: float, share: float, strength: float = 1.0) -> Colour:
        """Between the tonic's colour (0) and night blue (1), the shorter way round: dark yellow would be mud."""
        turn = ((_NIGHT_HUE - self.hue + 180.0) % 360.0 - 180.0) * share
        return oklch(light, self.chroma * strength, self.hue + turn)


def palette(key: str, scale: str, *, valence: float, arousal: float, night: bool) -> Palette:
    """From a key such as Bb and minor, mood 0–1, and whether the ground is dark."""
    hue = (_C_MAJOR_HUE - _HUE_A_FIFTH * fifths(key) - (150.0 if is_dark(scale) else 0.0)) % 360
    chroma = 0.085 + 0.09 * arousal + 0.02 * valence
    ground = oklch(0.9 + 0.05 * valence, 0.035, hue)
    ink = oklch(0.96, 0.02, hue) if night else oklch(0.22, 0.05, hue)
    if night:
        turn = ((_NIGHT_HUE - hue + 180.0) % 360.0 - 180.0) * 0.8
        ground = oklch(0.18 + 0.04 * valence, 0.05, hue + turn)
    accent = oklch(0.8 if night else 0.66, 0.16, hue + 165)
    return Palette(hue, chroma, night, ground, ink, accent, valence)


def gradient(stops: Sequence[tuple[float, Colour]], size: int) -> Array:
    """`size` colours from the first stop to the last, `(size, 3)`; stops are shares 0–1, rising."""
    at = np.linspace(0.0, 1.0, size)
    where = [share for share, _ in stops]
    return np.stack([np.interp(at, where, [c[i] for _, c in stops]) for i in range(3)], axis=1).astype(np.float32)
