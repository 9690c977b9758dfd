"""Titles: a few words from the prompt, or a mood and an image that suit the genre."""

import re
from collections.abc import Sequence

import numpy as np

from domain.seeds import derive
from music.genres import Genre
from music.lexicon import TITLE_NOUNS
from music.matching import Found

LONGEST = 60
_ABOUT = re.compile(
    r"\b(?:about|titled|called|named|entitled)\s+[\"“'‘]?((?!\d|one |two |three |half |a minute)[^\"”.,;:!?\n]{3,48})",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“]([^\"”\n]{2,48})[\"”]")
_SMALL = {"a", "an", "the", "of", "in", "on", "at", "and", "or", "for", "to", "with", "by", "from"}
_LEADING = {"a", "an", "being"}
_UNIT = re.compile(r"\b(?:seconds?|minutes?|mins?|bpm|bars?|long)\b|\d", re.IGNORECASE)
_BRIGHT = ("Golden", "Morning", "Open", "First", "Shining", "Paper", "Wild")
_DARK = ("Silver", "Fading", "Quiet", "Last", "Winter", "Hollow", "Distant")


def make_title(text: str, found: Sequence[Found], style: Genre, valence: float, seed: int) -> str:
    """A title of at most 60 characters: a quoted or named subject of the prompt, else mood and image."""
    for pattern in (_QUOTED, _ABOUT):
        match = pattern.search(text)
        if match is not None and not _UNIT.search(match[1]):
            words = re.sub(r"[^\w\s'’&-]", "", match[1]).split()
            while words and words[0].lower() in _LEADING:
                words = words[1:]
            title = _capitals(" ".join(words[:7]))
            if title:
                return title[:LONGEST].strip()
    moods = [f.phrase for f in found if not f.negated and any(c == "mood" for c, _ in f.meanings)]
    # A mood of its own tells prompts apart; without one their words do.
    rng = np.random.default_rng(derive(seed, "title") if moods else derive(seed, "title", text))
    adjective = moods[0] if moods else str(rng.choice(_BRIGHT if valence >= 0.5 else _DARK))
    said = adjective.lower().split()
    nouns = [n for n in TITLE_NOUNS.get(style.spectrum, TITLE_NOUNS["pop"]) if n.lower() not in said]
    return _capitals(f"{adjective} {rng.choice(nouns)}")[:LONGEST]


def _capitals(text: str) -> str:
    words = text.split()
    return " ".join(w if i and w.lower() in _SMALL else w[:1].upper() + w[1:] for i, w in enumerate(words))
