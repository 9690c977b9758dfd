"""The phrases that instructions are made of: sections, players, chords, intervals, amounts, and what they mean."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from domain.edits import CHORD_PATTERN
from domain.references import (
    ORDINALS,
    SECTION_PATTERN,
    known_instrument,
    near_instruments,
    ordinal,
    part_reference,
    section_reference,
)
from domain.score import SectionKind
from domain.tonality import SCALE_WORDS, SCALES
from domain.vocabulary import GROUPS

NUMBERS: Mapping[str, int] = {
    word: number + 1
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen")
    )
}  # fmt: skip
INTERVALS: Mapping[str, int] = {
    "half step": 1, "half-step": 1, "halfstep": 1, "semitone": 1, "half tone": 1, "minor second": 1,
    "whole step": 2, "whole-step": 2, "whole tone": 2, "tone": 2, "step": 2, "major second": 2, "second": 2,
    "minor third": 3, "major third": 4, "third": 4, "fourth": 5, "perfect fourth": 5, "tritone": 6, "fifth": 7,
    "perfect fifth": 7, "minor sixth": 8, "sixth": 9, "major sixth": 9, "minor seventh": 10, "seventh": 11,
    "major seventh": 11, "octave": 12,
}  # fmt: skip
HOW_MUCH: Mapping[str, float] = {
    "a little bit": 0.6, "a bit": 0.6, "a little": 0.6, "slightly": 0.6, "somewhat": 0.6, "much": 1.6, "a lot": 1.6,
    "far": 1.6, "way": 1.6, "even": 1.0,
}  # fmt: skip
_PLACES: Mapping[str, Literal["before", "after", "start", "end"]] = {
    "at the end": "end", "to the end": "end", "at the very end": "end", "at the start": "start",
    "at the beginning": "start", "to the start": "start", "before": "before", "in front of": "before",
    "after": "after", "behind": "after", "following": "after",
}  # fmt: skip


def _either(words: Mapping[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_AND = r"(?:\s*,\s*(?:and\s+)?|\s+and\s+)"
_SECTIONS = rf"{SECTION_PATTERN}(?:{_AND}{SECTION_PATTERN})*"
_ANY = r"[\w'&#-][\w'&# -]{0,59}?"
_PLAYERS = r"[\w&'-][\w&',\- ]{1,79}?"
_COUNT = rf"\d{{1,3}}|{_either(NUMBERS)}"
_SCALES = "|".join(sorted((s.replace("_", "[ _]") for s in (*SCALES, *SCALE_WORDS) if s != "m"), key=len, reverse=True))
_INTERVAL = rf"(?:(?:an?|one) )?(?:{_either(INTERVALS)})|(?:{_COUNT}) (?:{_either(INTERVALS)})s?"

# Phrase -> (what it has to look like, what may stand there to be told what is wrong with it).
PHRASES: Mapping[str, tuple[str, str]] = {
    "section": (_SECTIONS, _ANY),
    "at": (SECTION_PATTERN, _ANY),
    "part": (_PLAYERS, _PLAYERS),
    "new": (_PLAYERS, _PLAYERS),
    "chord": (CHORD_PATTERN, r"[A-Za-z#♭♯][^\s,;:]{0,23}"),
    "old": (CHORD_PATTERN, CHORD_PATTERN),
    "nth": (rf"{_either(ORDINALS)}|last|final|\d{{1,2}}(?:st|nd|rd|th)",) * 2,
    "count": (_COUNT,) * 2,
    "amount": (r"-?\d{1,3}(?:\.\d+)?",) * 2,
    "bpm": (r"\d{1,3}(?:\.\d+)?",) * 2,
    "key": (rf"[a-g](?:[#b♭♯]|[ -]?(?:flat|sharp))?(?: (?:{_SCALES}))?",) * 2,
    "interval": (_INTERVAL,) * 2,
    "direction": (r"up|down|higher|lower|upwards?|downwards?",) * 2,
    "raising": (r"raise|lower|lift",) * 2,
    "where": (_either(_PLACES),) * 2,
    "much": (rf"(?:(?:{_either(HOW_MUCH)}) )?",) * 2,
}

# Words that stand for one another in a form's pattern, and are not asked for afterwards.
ALIKE: Mapping[str, str] = {
    "to": "to|into|with|by|for|be|is|as|should be|becomes?",
    "of": "of|in|from|for|during",
    "longer": "longer|more",
    "sparse": "sparser|thinner|simpler|emptier|lighter|less busy|less dense|more sparse|calmer",
    "dense": "denser|busier|fuller|thicker|richer|more busy|more dense|more active",
    "loud": "louder|stronger|more powerful",
    "soft": "softer|quieter|gentler|less loud",
    "replace": "replace|change|swap|turn|exchange|switch|substitute",
    "remove": "drop|remove|delete|cut|cut out|skip|leave out|take out|omit|lose|scrap|without|no",
    "set": "change|set|turn|make|replace",
    "play": "play|use|put|have",
    "during": "in|for|during",
    "instead": "instead of|in place of|rather than",
    "shift": "move|shift|bring|take",
    "enter": "come in|comes in|enters?|starts?|plays?",
    "silence": "mute|silence|no|without|remove|drop|cut|take out|leave out",
}


@cache
def compiled(pattern: str, *, loosely: bool = False) -> re.Pattern[str]:
    """A form's pattern with {section}, {part} and the like filled in; `loosely` to be told what is wrong with them."""

    def phrase(match: re.Match[str]) -> str:
        name = match[1]
        return f"(?:{ALIKE[name]})" if name in ALIKE else f"(?P<{name}>{PHRASES[name][loosely]})"

    return re.compile(re.sub(r"\{([a-z]+)\}", phrase, pattern), re.IGNORECASE)


_POLITE = re.compile(
    r"^(?:please|can you|could you|would you|can we|could we|let'?s|let us|now|just|also|then|and|but|maybe"
    r"|i want you to|i'?d like you to|i'?d like|i would like|i want|i'?d love|we need|try to)\s+",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"^(?:make (?:it|the (?:whole |entire )?(?:song|track))|let it be|play it|give (?:me|us)|make|let|have|keep)\s+",
    re.IGNORECASE,
)
_LAST_WORDS = re.compile(r"\s+(?:please|now|thanks|thank you|instead|as well|too)$", re.IGNORECASE)
_COURTESY = re.compile(r"(?:please|thanks|thank you|thx|)", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[,;!?\n]|\.(?!\d)|\b(?:and|then|but)\b)(?!\d)\s*", re.IGNORECASE)


class Unknown(Exception):
    """Words in an instruction that name nothing that is known, and what could stand there."""

    def __init__(self, words: str, message: str) -> None:
        super().__init__(message)
        self.words = words


def clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a text begin and end."""
    found, start = [], 0
    for match in _SEPARATOR.finditer(text):
        found.append((start, match.start()))
        start = match.end()
    found.append((start, len(text)))
    return [(a, b) for a, b in found if text[a:b].strip() and not _COURTESY.fullmatch(text[a:b].strip(" ."))]


def stripped(clause: str) -> str:
    """A clause without its courtesies, with single spaces; "make the chorus louder" is "the chorus louder"."""
    words = " ".join(clause.split())
    while (shorter := _LAST_WORDS.sub("", _POLITE.sub("", words))) != words:
        words = shorter
    return _VERB.sub("", words)


class Words:
    """The phrases of a clause that has matched a form."""

    def __init__(self, match: re.Match[str]) -> None:
        self._said = {name: value.strip() for name, value in match.groupdict().items() if value is not None}

    def __getitem__(self, phrase: str) -> str:
        return self._said["chord" if phrase == "new" and "chord" in self._said else phrase]

    def sections(self, otherwise: str | None = None) -> list[str]:
        """Section references; raises `Unknown` for a word that names no kind of section."""
        if "section" not in self._said:
            return [otherwise] if otherwise else []
        return [_known_section(words) for words in _listed(self._said["section"])]

    def at(self) -> str | None:
        """The section beside which something is put."""
        return _known_section(self._said["at"]) if "at" in self._said else None

    def parts(self, otherwise: str | None = None) -> list[str]:
        """Player references."""
        if "part" not in self._said:
            return [otherwise] if otherwise else []
        return [_known_part(words) for words in _listed(self._said["part"])]

    def instruments(self, phrase: str) -> list[str]:
        """Ids of instruments."""
        return [_known_instrument(words) for words in _listed(self._said[phrase])]

    def nth(self) -> int:
        """The number of a chord, -1 for the last."""
        return ordinal(self._said["nth"]) if "nth" in self._said else self.count() or 0

    def count(self) -> int | None:
        """A number of bars."""
        return _number(self._said["count"]) if "count" in self._said else None

    def number(self, phrase: str) -> float:
        """A number in figures."""
        return float(self._said[phrase])

    def much(self, usual: float) -> float:
        """How much more or less."""
        return round(usual * HOW_MUCH.get(self._said.get("much", "").lower(), 1.0), 3)

    def key(self) -> tuple[str, str | None]:
        """Tonic and, when it is named, scale."""
        match = re.fullmatch(r"([a-g])((?:[#b♭♯]|[ -]?(?:flat|sharp))?)(?: (.+))?", self._said["key"], re.IGNORECASE)
        assert match is not None
        accidental = {"": "", "b": "b", "♭": "b", "flat": "b"}.get(match[2].strip(" -").lower(), "#")
        scale = match[3].lower().replace(" ", "_") if match[3] else None
        return match[1].upper() + accidental, SCALE_WORDS.get(scale, scale) if scale else None

    def semitones(self) -> int:
        """An interval with its direction."""
        match = re.fullmatch(
            rf"(?:(an?|one|{_COUNT}) )?({_either(INTERVALS)})s?", self._said["interval"], re.IGNORECASE
        )
        assert match is not None
        count = _number(match[1]) if match[1] and match[1].lower() not in ("a", "an") else 1
        way = self._said.get("direction", self._said.get("raising", "up")).lower()
        return count * INTERVALS[match[2].lower()] * (-1 if way.startswith(("down", "low")) else 1)

    def where(self) -> Literal["before", "after", "start", "end"]:
        """Where something is put."""
        where = _PLACES[self._said.get("where", "after").lower()]
        if "where" not in self._said:
            return where
        if (where in ("before", "after")) != ("at" in self._said):
            raise Unknown(self._said["where"], "say where: at the end, at the start, before or after a section")
        return where


def _number(word: str) -> int:
    return NUMBERS.get(word.lower()) or int(word)


def _listed(text: str) -> list[str]:
    return [words for words in re.split(_AND, text) if words]


def _known_section(words: str) -> str:
    if (known := section_reference(words)) is None:
        raise Unknown(
            words, f"{words!r} is no section; sections are {', '.join(SectionKind)}, as in 'verse 2', 'last chorus'"
        )
    return known


def _known_part(words: str) -> str:
    if (known := part_reference(words)) is None:
        groups = ", ".join(group.replace("_", " ") for group in list(GROUPS)[1:7])
        raise Unknown(words, f"{words!r} is no part; say {groups} or an instrument")
    return known


def _known_instrument(words: str) -> str:
    if (known := known_instrument(words)) is None:
        near = ", ".join(near_instruments(words))
        raise Unknown(words, f"{words!r} is no instrument here; say one such as {near}")
    return known
