"""How prompts write keys and scales: the patterns that the readers of keys share."""

import re
from collections.abc import Iterable

from music.theory import SCALES, normal_key

# What people call a scale -> its name in the tables.
SCALE_NAMES: dict[str, str] = {
    **{name.replace("_", " "): name for name in SCALES if name != "blues"},
    "maj": "major", "min": "minor", "natural minor": "minor", "aeolian": "minor", "ionian": "major",
    "pentatonic minor": "minor_pentatonic", "pentatonic major": "major_pentatonic", "pentatonic": "major_pentatonic",
    "blues scale": "blues", "spanish phrygian": "phrygian_dominant", "spanish scale": "phrygian_dominant",
    "spanish mode": "phrygian_dominant", "hijaz": "phrygian_dominant", "freygish": "phrygian_dominant",
    "phrygian major": "phrygian_dominant", "jazz minor": "melodic_minor", "dorian minor": "dorian",
}  # fmt: skip


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of `words`, the longest first; hyphens stand for spaces."""
    return "|".join(sorted((re.escape(w).replace(r"\ ", r"[\s-]+") for w in words), key=len, reverse=True))


ACCIDENTAL = r"(?:\s*[#♯♭]{1,3}|b(?![a-ln-z])|[\s-]+(?i:sharp|flat)\b)"
SCALE = alternatives(SCALE_NAMES)
KEY = (
    rf"(?<![A-Za-z#♯♭'])(?P<note>[A-Ha-h])(?P<acc>{ACCIDENTAL})?[\s-]*(?P<scale>(?i:{SCALE}))\b"
    r"(?!-(?!(?:key|mode|scale)\b)[a-z])"
)
"""A tonic with its scale; the groups are `note`, `acc` and `scale`."""
TONIC = rf"(?<![A-Za-z#♯♭'])(?P<tonic>[A-H])(?P<tacc>{ACCIDENTAL})?(?P<m>m(?:in)?\b)?(?![\w#♯♭/])"
"""A tonic alone, perhaps with m; the groups are `tonic`, `tacc` and `m`."""


def tonic(letter: str, accidental: str | None) -> str:
    """The tonic of a letter and what was written for its accidental. Raises `InvalidValue` for no key."""
    return normal_key(letter.upper() + re.sub(r"\s+", " ", accidental or "").strip())


def scale_name(words: str) -> str:
    """The table's name of a scale as written."""
    return SCALE_NAMES[re.sub(r"[\s-]+", " ", words.lower())]
