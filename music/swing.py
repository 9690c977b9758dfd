"""Swing: how the first of two short notes is lengthened."""

import numpy as np

from music.genres import Genre


def swing_ratio(style: Genre, tempo: float, wish: float | None) -> float:
    """Share of the first of two swung notes: 0.5 even, 0.667 triplets.

    `wish` 0 (even) to 1 (triplets) decides when given; otherwise the genre's own, which flattens as the tempo
    rises where eighths are swung (players' ratios near 1:1 at 300 bpm).
    """
    if wish is not None:
        return 0.5 + wish / 6
    if style.swing <= 0.5 or style.swing_unit < 0.5:
        return style.swing
    return 0.5 + (style.swing - 0.5) * float(np.clip((300 - tempo) / 170, 0.0, 1.1))
