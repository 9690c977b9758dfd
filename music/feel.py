"""The word over the first bar that says how written eighths are played."""

from music.genres import main_genre
from music.swing import swing_ratio

_SWINGS = 0.56
"""From this share of the first of two notes on, a listener hears swing (even notes have 0.5)."""


def feel_of(genre: list[str], tempo: float, swing: float | None = None) -> str:
    """`Swing`, `Swing 16ths`, or nothing where notes are played as they are written.

    `genre` as in a song's context, `tempo` in quarter notes a minute, `swing` 0–1 where somebody asked for it.
    """
    style = main_genre(genre)
    if swing_ratio(style, tempo, swing) < _SWINGS:
        return ""
    return "Swing" if style.swing_unit >= 0.5 else "Swing 16ths"
