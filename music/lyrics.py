"""Lyrics under the notes: sections found by their headings, words parted into syllables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.score import Section

_NAMES = "intro|verse|pre-?chorus|chorus|refrain|hook|bridge|middle 8|solo|outro|strophe"
# A heading: [anything], # anything, or a section's own name in brackets or with a colon.
_HEADING = re.compile(
    rf"^\s*(?:\[\s*([^\]]*?)\s*\]|#+\s*(.*?)|\(?((?:{_NAMES})\s*\d*)\s*(?:\)|:|\):))\s*$", re.IGNORECASE
)
_VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøœùúûüýÿ"
# Letters that are spoken together and are not parted.
_TOGETHER = ("ch", "sh", "th", "ph", "wh", "ck", "gh", "qu", "bl", "br", "cl", "cr", "dr", "fl", "fr", "gl", "gr",
             "pl", "pr", "tr", "st")  # fmt: skip
_SPOKEN_E = ("le", "ee", "ye")
_KINDS = {"refrain": "chorus", "hook": "chorus", "pre-chorus": "prechorus", "middle 8": "bridge", "strophe": "verse"}


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable and where it stands in its word: single, begin, middle or end."""

    text: str
    syllabic: str


@dataclass(frozen=True, slots=True)
class Verse:
    """The syllables under one heading; the heading is empty where there was none."""

    heading: str
    syllables: tuple[Syllable, ...]


def heading_of(line: str) -> str | None:
    """What a line heads, in small letters, "" where it names nothing; None for a line that is sung."""
    match = _HEADING.match(line)
    return None if match is None else (match[1] or match[2] or match[3] or "").strip().lower()


def read_lyrics(text: str | None) -> list[Verse]:
    """The verses of a lyric in their order."""
    verses: list[Verse] = []
    heading = ""
    lines: list[str] = []

    def close() -> None:
        syllables = tuple(s for line in lines for word in line.split() for s in syllables_of(word))
        if syllables:
            verses.append(Verse(heading, syllables))

    for line in (text or "").splitlines():
        found = heading_of(line)
        if found is None:
            lines.append(line)
            continue
        close()
        heading, lines = found, []
    close()
    return verses


def lay_verses(verses: Sequence[Verse], sections: Sequence[Section]) -> dict[int, tuple[Syllable, ...]]:
    """By the first bar of a section, the syllables sung from there on.

    Verses with headings go to the sections of that name or kind, in their order; a chorus that comes again is sung
    again. Without headings everything is sung from the first bar on.
    """
    if not any(verse.heading for verse in verses):
        whole = tuple(syllable for verse in verses for syllable in verse.syllables)
        return {0: whole} if whole else {}
    waiting = list(verses)
    last: dict[str, Verse] = {}
    out: dict[int, tuple[Syllable, ...]] = {}
    for section in sections:
        found = next((v for v in waiting if _belongs(v, section)), None)
        if found is not None:
            waiting.remove(found)
            last[section.kind] = found
        elif section.kind == "chorus":
            found = last.get(section.kind)
        if found is not None:
            out[section.start_bar] = found.syllables
    return out


def _belongs(verse: Verse, section: Section) -> bool:
    plain = re.sub(r"\s*\d+$", "", verse.heading)
    return section.name.lower() == verse.heading or _KINDS.get(plain, plain.replace("-", "")) == section.kind


def syllables_of(word: str) -> tuple[Syllable, ...]:
    """A word's syllables: at its own hyphens if it has any inside, else by its vowels."""
    bare = word.strip("-–—")
    if not bare:
        return ()
    parts = [part for part in bare.split("-") if part] if "-" in bare else _parted(bare)
    if len(parts) == 1:
        return (Syllable(parts[0], "single"),)
    return tuple(
        Syllable(part, "begin" if i == 0 else "end" if i == len(parts) - 1 else "middle")
        for i, part in enumerate(parts)
    )


def _parted(word: str) -> list[str]:
    """A word parted between its vowels; one consonant opens the next syllable, of two the first closes this one."""
    lower = word.lower()
    groups = [match.span() for match in re.finditer(f"[{_VOWELS}]+", lower)]
    letters = re.sub(r"\W+$", "", lower)
    if len(groups) > 1 and letters.endswith(("e", "es", "ed")) and not letters.endswith((*_SPOKEN_E, "ted", "ded")):
        silent = groups[-1]
        if silent == (len(letters.rstrip("sd")) - 1, len(letters.rstrip("sd"))):
            groups.pop()
    cuts = []
    for (_, end), (start, _) in pairwise(groups):
        between = lower[end:start]
        keep = 0 if len(between) == 1 or between in _TOGETHER else 1
        suffix = re.sub(r"\W+$", "", lower[start:])
        cuts.append(start if suffix == "ing" and len(between) == 1 and end - groups[0][0] > 1 else end + keep)
    edges = [0, *cuts, len(word)]
    return [word[a:b] for a, b in pairwise(edges)]
