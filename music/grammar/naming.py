"""How prompts name sections: "the bridge", "last chorus", "second verse", "chorus 2"."""

import re
from collections.abc import Mapping

from music.form import SECTION_WORDS, section_kind
from music.grammar.script import Script

ORDINALS = {
    "first": "first", "1st": "first", "opening": "first", "second": "second", "2nd": "second", "third": "third",
    "3rd": "third", "fourth": "fourth", "4th": "fourth", "fifth": "fifth", "5th": "fifth", "last": "last",
    "final": "last", "closing": "last",
}  # fmt: skip

SECTION = "|".join(sorted((re.escape(word) for word in SECTION_WORDS if len(word) > 1), key=len, reverse=True))
"""Alternatives for a section's word in small letters."""

_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_LENGTHS = r"bars?|bpm|beats?|measures?|seconds?|secs?|minutes?|semitones?|times"
SECTION_NAME = (
    rf"\b(?:(?:the|a|an|its|each|every|all)\s+)?(?:(?P<ordinal>{_ORDINAL})\s+)?(?P<section>{SECTION})(?:es|s)?"
    rf"(?:\s*#?(?P<no>[1-9])(?![\d/.:])(?!\s*(?:{_LENGTHS})\b))?(?![a-z])"
)
"""A section by name; the groups are `ordinal`, `section` and `no`."""


def named(match: re.Match[str] | Mapping[str, str]) -> str:
    """The name that `sectionnames.resolve` understands: "last chorus", "verse 2" or just the kind."""
    kind = section_kind(match["section"]).value
    if match["ordinal"]:
        return f"{ORDINALS[match['ordinal']]} {kind}"
    return f"{kind} {match['no']}" if match["no"] else kind


def take_around(script: Script, match: re.Match[str]) -> str:
    """Take out a wish for a section but for the section's own words, which may stand in a list of sections."""
    quote = match[0].strip(" ,")
    first = "ordinal" if match["ordinal"] else "section"
    last = "no" if match["no"] else "section"
    script.take(match.start(), match.start(first))
    script.take(match.end(last), match.end())
    return quote
