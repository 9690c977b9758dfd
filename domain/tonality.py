"""Keys, scales and chord symbols as text: what can be one, and how it is written."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

TONIC = re.compile(r"^[A-G](##|bb|#|b)?$")
CHORD = re.compile(
    r"^([A-G](##|bb|#|b)?|[#b]?(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i))"
    r"[A-Za-z0-9#b+°øΔ()\-]{0,14}(/([A-G](##|bb|#|b)?|\d{1,2}))?$"
)
SCALES = (
    "major", "minor", "dorian", "phrygian", "lydian", "mixolydian", "locrian",
    "harmonic_minor", "melodic_minor", "phrygian_dominant", "major_pentatonic", "minor_pentatonic", "blues",
)  # fmt: skip
MINOR_LIKE = frozenset(
    {"minor", "dorian", "phrygian", "locrian", "harmonic_minor", "melodic_minor", "minor_pentatonic", "blues"}
)
SCALE_WORDS = {"maj": "major", "min": "minor", "m": "minor", "ionian": "major", "aeolian": "minor"}


def _tonic(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip().replace("♯", "#").replace("♭", "b")
    text = text[:1].upper() + text[1:]
    if not TONIC.match(text):
        raise ValueError("a key is a note from A to G with # or b, such as F, Ab or C#, optionally with a scale")
    return text


def _scale(value: Any) -> Any:
    word = value.strip().lower() if isinstance(value, str) else value
    word = SCALE_WORDS.get(word, word.replace(" ", "_").replace("-", "_")) if isinstance(word, str) else word
    if isinstance(word, str) and word not in SCALES:
        raise ValueError(f"a scale is one of {', '.join(SCALES)}")
    return word


Tonic = Annotated[str, BeforeValidator(_tonic)]
"""The name of a key's tonic, such as F, Ab or C#."""
Scale = Annotated[str, BeforeValidator(_scale)]
"""The name of a scale, one of SCALES."""
