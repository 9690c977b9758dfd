"""How clearly a key is heard in a set of chords: correlation with the key profiles of listeners."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from music.theory import is_minor, name_pc, parse_chord

# Probe-tone ratings: C. Krumhansl, Cognitive Foundations of Musical Pitch (1990), table 2.1.
_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def chord_histogram(symbols: Sequence[str]) -> npt.NDArray[np.float64]:
    """Weight of each of the twelve pitch classes in the chords; root and bass weigh more."""
    weights = np.zeros(12)
    for symbol in symbols:
        chord = parse_chord(symbol)
        for interval in chord.intervals:
            weights[(chord.root + interval) % 12] += 1.0 if interval < 12 else 0.4
        weights[chord.root] += 0.5
        weights[chord.bass] += 0.7
    return weights


def key_scores(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Correlation with the 24 keys: rows major and minor, columns the tonic's pitch class."""
    return np.array([[np.corrcoef(weights, np.roll(p, tonic))[0, 1] for tonic in range(12)] for p in (_MAJOR, _MINOR)])


def best_key(symbols: Sequence[str]) -> tuple[int, bool]:
    """Tonic pitch class and whether the key is minor, for chords given without a key; the first chord counts."""
    weights = chord_histogram([*symbols, symbols[0], symbols[-1]])
    scores = key_scores(weights)
    first = parse_chord(symbols[0])
    scores[int(first.is_minor), first.root] += 0.15
    row, tonic = np.unravel_index(int(np.argmax(scores)), scores.shape)
    return int(tonic), bool(row)


def key_clarity(symbols: Sequence[str], key: str, scale: str) -> float:
    """How much better `key` fits than the best other key (about -0.5 to 0.5; above 0 it is heard)."""
    scores = key_scores(chord_histogram(symbols))
    row, tonic = int(is_minor(scale)), name_pc(key)
    own = float(scores[row, tonic])
    scores[row, tonic] = -1.0
    return own - float(scores.max())
