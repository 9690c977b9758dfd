"""A functional grammar of four-bar phrases: tonic, subdominant, dominant and their prolongations.

After M. Rohrmeier, Towards a generative syntax of tonal harmony (2011), flattened to phrase level: a template names the
function of each bar, a vocabulary says which chords a style uses for it. T tonic, P what prolongs it, S subdominant,
D dominant. Degrees are those of the major scale on the tonic, as in `music.progressions`.
"""

from collections.abc import Mapping

import numpy as np

Weights = Mapping[str, float]
Vocabulary = Mapping[str, Weights]

# Slot of a section -> templates of its phrase, with weights.
TEMPLATES: dict[str, dict[str, float]] = {
    "verse": {"T P S D": 4, "T S T D": 2, "T T S D": 2, "T P S S": 2, "T D P S": 3, "T S P D": 2},
    "chorus": {"T D P S": 4, "S D T P": 3, "T P S D": 3, "S T D P": 2, "T S D T": 2, "S S T D": 1},
    "bridge": {"P S T D": 3, "S P S D": 3, "P P S D": 2, "S T S D": 2, "P D S D": 1},
}

_PLAIN_MAJOR: Vocabulary = {
    "T": {"I": 8, "I/3": 1}, "P": {"vi": 5, "iii": 2, "V/7": 1.5}, "S": {"IV": 6, "ii": 3}, "D": {"V": 8},
}  # fmt: skip
_PLAIN_MINOR: Vocabulary = {
    "T": {"i": 8}, "P": {"bVI": 4, "bIII": 4}, "S": {"iv": 4, "bVI": 3}, "D": {"bVII": 4, "v": 1, "V": 2},
}  # fmt: skip

# Language -> (share of phrases from the grammar, vocabulary in major, in minor); the others only quote their tables.
VOCABULARIES: dict[str, tuple[float, Vocabulary, Vocabulary]] = {
    "pop": (0.45, _PLAIN_MAJOR, _PLAIN_MINOR),
    "rock": (
        0.35,
        {"T": {"I": 8}, "P": {"vi": 4, "bVII": 3}, "S": {"IV": 6, "ii": 1}, "D": {"V": 5, "bVII": 2}},
        {"T": {"i": 8}, "P": {"bIII": 4, "bVI": 3}, "S": {"iv": 4, "bVI": 4}, "D": {"bVII": 6, "V": 1}},
    ),
    "folk": (
        0.4,
        {"T": {"I": 8, "I/3": 1}, "P": {"vi": 4, "iii": 1}, "S": {"IV": 6, "ii": 2}, "D": {"V": 8, "V/7": 1}},
        {"T": {"i": 8}, "P": {"bIII": 5, "bVI": 2}, "S": {"iv": 4, "bVI": 2}, "D": {"bVII": 5, "v": 2, "V": 2}},
    ),
    "jazz": (
        0.4,
        {"T": {"I": 6, "iii": 1}, "P": {"vi": 4, "VI7": 3, "iii": 2}, "S": {"ii": 6, "IV": 2}, "D": {"V7": 8}},
        {"T": {"i": 8}, "P": {"bVI": 3, "bIII": 2, "iv7": 1}, "S": {"iim7b5": 4, "iv": 3}, "D": {"V7": 8}},
    ),
    "soul": (
        0.4,
        {"T": {"I": 8, "I/3": 1}, "P": {"vi": 4, "iii": 4}, "S": {"IV": 5, "ii": 4}, "D": {"V": 4, "IV/5": 3}},
        {"T": {"i": 8}, "P": {"bVI": 4, "bIII": 3}, "S": {"iv": 5, "iim7b5": 1}, "D": {"V7": 3, "bVII": 2, "v": 2}},
    ),
    "hip_hop": (
        0.35,
        {"T": {"I": 6, "iii": 1}, "P": {"vi": 5, "iii": 3}, "S": {"IV": 5, "ii": 4}, "D": {"V": 4, "iv": 2}},
        {"T": {"i": 8}, "P": {"bVI": 5, "bIII": 3}, "S": {"iv": 6, "bVI": 2}, "D": {"V": 4, "v": 2, "bVII": 2}},
    ),
    "house": (0.3, _PLAIN_MAJOR, {**_PLAIN_MINOR, "D": {"v": 4, "bVII": 4}}),
    "trance": (0.35, _PLAIN_MAJOR, {**_PLAIN_MINOR, "D": {"bVII": 6, "V": 1}}),
    "synthwave": (0.35, _PLAIN_MAJOR, {**_PLAIN_MINOR, "D": {"bVII": 6, "V": 1}}),
    "cinematic": (
        0.4,
        {"T": {"I": 8, "I/3": 1}, "P": {"vi": 4, "iii": 2, "bVI": 1}, "S": {"IV": 5, "ii": 1, "iv": 1}, "D": {"V": 6}},
        {"T": {"i": 8}, "P": {"bVI": 5, "bIII": 3}, "S": {"iv": 5, "bVI": 2, "bII": 1}, "D": {"V": 4, "bVII": 3}},
    ),
    "classical": (
        0.45,
        {"T": {"I": 8, "I/3": 2}, "P": {"vi": 5}, "S": {"IV": 3, "ii/4": 4, "ii": 2}, "D": {"V": 4, "V7": 3, "V/7": 1}},
        {"T": {"i": 8}, "P": {"bVI": 4, "bIII": 2}, "S": {"iv": 4, "iidim/4": 3}, "D": {"V": 4, "V7": 4, "V7/7": 2}},
    ),
    "reggae": (0.4, _PLAIN_MAJOR, {**_PLAIN_MINOR, "D": {"v": 4, "bVII": 4}}),
    "latin": (
        0.35,
        {"T": {"I": 8}, "P": {"vi": 3, "VI7": 2}, "S": {"IV": 4, "ii": 5}, "D": {"V7": 8}},
        {"T": {"i": 8}, "P": {"bVI": 3, "bIII": 2}, "S": {"iv": 6, "iim7b5": 2}, "D": {"V7": 8}},
    ),
    "metal": (
        0.3,
        {"T": {"I": 8}, "P": {"bVI": 3, "bVII": 3}, "S": {"IV": 3, "bVI": 3}, "D": {"bVII": 5, "V": 2}},
        {"T": {"i": 8}, "P": {"bVI": 4, "bIII": 3}, "S": {"iv": 3, "bVI": 3, "bII": 3}, "D": {"bVII": 5, "V": 2}},
    ),
    "gospel": (
        0.35,
        {"T": {"I": 6, "I/3": 3}, "P": {"vi": 4, "III7": 3}, "S": {"IV": 5, "ii": 4}, "D": {"V": 3, "IV/5": 3}},
        _PLAIN_MINOR,
    ),
    "chip": (0.45, {**_PLAIN_MAJOR, "D": {"V": 6, "bVII": 2}}, {**_PLAIN_MINOR, "D": {"V": 4, "bVII": 4}}),
}  # fmt: skip


def phrase(language: str, mode: str, slot: str, valence: float, rng: np.random.Generator) -> str | None:
    """Four bars from the grammar, as in the tables ("I | vi | IV | V"); None when the style quotes this time.

    `valence` (0–1) leans the choice to major chords or to minor and lowered ones.
    """
    share, major, minor = VOCABULARIES.get(language, (0.0, {}, {}))
    if rng.random() >= share:
        return None
    vocabulary = minor if mode == "minor" else major
    functions = _draw(TEMPLATES[slot], rng).split()
    bars: list[str] = []
    for function in functions:
        weights = {
            chord: w * float(np.exp(2.5 * (valence - 0.5) * _brightness(chord)))
            for chord, w in vocabulary[function].items()
            if not bars or chord != bars[-1]
        }
        bars.append(_draw(weights or vocabulary[function], rng))
    return " | ".join(bars)


def _brightness(chord: str) -> int:
    return -1 if chord[0] in "b#" or chord.lstrip("b#")[0].islower() else 1


def _draw(weights: Weights, rng: np.random.Generator) -> str:
    values = np.array(list(weights.values()), dtype=float)
    return str(list(weights)[int(rng.choice(len(values), p=values / values.sum()))])
