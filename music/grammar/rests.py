"""Who rests in some sections: "no drums in the verse", "verse without drums", "drums only in the chorus"."""

import re
from collections.abc import Iterator

from domain.vocabulary import GROUPS, INSTRUMENT_WORDS
from music.grammar.facts import Facts, RestWish
from music.grammar.naming import SECTION_NAME, named
from music.grammar.script import Script

_NOT = r"(?:no|without|minus|sans|not any|leave out|(?:don't|do not) (?:use|want)|mute|silence)"


def _player_words() -> Iterator[tuple[str, str]]:
    """What people call players -> the group or instrument; a group's word goes before an instrument's."""
    for id_, words in INSTRUMENT_WORDS.items():
        yield from ((word.strip(), id_) for word in (*words.split(","), id_.replace("_", " ")))
    for group, (words, _, _) in GROUPS.items():
        yield from ((word.strip(), group) for word in words.split(","))


PLAYERS = dict(_player_words())
_SECTION = re.sub(r"\?P<\w+>", "?:", SECTION_NAME)
_WORD = rf"(?:{'|'.join(sorted(map(re.escape, PLAYERS), key=len, reverse=True))})(?:s(?![a-z]))?"
_JOIN = r"(?:\s*,\s*(?:(?:and|or|nor)\s+)?|\s+(?:and|or|nor|&)\s+)(?:no\s+|any\s+|the\s+|without\s+)?"
_WHO = rf"(?:any\s+|the\s+|an?\s+)?(?P<who>{_WORD}(?:{_JOIN}{_WORD})*)(?![\w'-])"
_EDGE = r"(?:in |for )?the\s+(?:very\s+)?(?:beginning|start|first\s+\d{1,2}\s+(?:bars|measures|seconds)|end)(?![a-z])"
_WHERE = rf"(?P<where>{_SECTION}(?:(?:\s*,\s*{_SECTION})*,?\s*(?:and|or|&)\s+{_SECTION})?)"
_IN = r"(?:in|during|on|through|throughout|for)"

# How it may be said -> who rests: the players there ("in"), before it ("until"), everywhere else ("only"), or
# everybody else there ("alone").
_SAID: tuple[tuple[str, str], ...] = (
    (rf"\b{_NOT}\s+{_WHO}\s+(?:except|but|other than|outside)\s+(?:{_IN}\s+)?{_WHERE}", "only"),
    (rf"\b{_NOT}\s+{_WHO}\s+(?:until|till|before)\s+{_WHERE}", "until"),
    (rf"\b{_NOT}\s+{_WHO}\s+{_IN}\s+{_WHERE}", "in"),
    (rf"\b{_NOT}\s+{_WHO}\s+(?:{_IN}|at)\s+(?P<where>{_EDGE})", "in"),
    (rf"\b{_NOT}\s+(?:the\s+)?(?P<where>(?:intro|verse|chorus|bridge|outro)(?![a-z]))\s+{_WHO}", "in"),
    (rf"\b(?P<cut>(?P<who>drum|beat)less)\s+(?P<where>{_SECTION})", "in"),
    (rf"(?P<where>{_SECTION})(?P<cut>\s*(?:,|:|has|have|is|are|with)?\s+{_NOT}\s+{_WHO})(?=\s*(?:[,.;!)]|$|and\b|then\b|but\b))",
     "in"),
    (rf"{_WHO}(?P<cut>\s+(?:(?:come|comes|coming|enter|enters|entering|start|starts|play|plays|playing)\s+)?(?:only|just)\s+"
     rf"(?:(?:come in|comes in|enter|enters|start|starts|play|plays)\s+)?(?:from|after|at)\s+{_WHERE}"
     r"(?:\s+on(?:wards?)?)?)",
     "until"),
    (rf"{_WHO}(?P<cut>\s+(?:come|comes|coming)\s+in\s+(?:only\s+)?(?:at|in|with|from|on)\s+{_WHERE})", "until"),
    (rf"\b(?P<cut>only|just)\s+{_WHO}(?P<cut2>\s+{_IN}\s+{_WHERE})", "alone"),
    (rf"(?P<where>{_SECTION})(?P<cut>\s+(?:has|have|is|are|with)\s+(?:only|just))\s+{_WHO}(?=\s*(?:[,.;!)]|$))",
     "alone"),
    (rf"{_WHO}(?P<cut>\s+(?:(?:play|plays|playing)\s+)?(?:only|just|solely)\s+(?:(?:play|plays|playing)\s+)?{_IN}\s+{_WHERE})",
     "only"),
    (rf"{_WHO}(?P<cut>\s+{_IN}\s+{_WHERE}\s+only\b)", "only"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern), how) for pattern, how in _SAID)
_ONE = re.compile(_WORD)
_ONE_SECTION = re.compile(SECTION_NAME)


def read_rests(script: Script, facts: Facts) -> None:
    """Every wish that players rest in some sections only; its words are taken out, so the players stay in the song.

    Players that are wanted somewhere ("drums only in the chorus") are left to be read as asked for; so is the name
    of a section that stands before its wish ("verse without drums").
    """
    for pattern, how in _PATTERNS:
        for match in script.matches(pattern):
            who = tuple(dict.fromkeys(_player(word[0]) for word in _ONE.finditer(match["who"])))
            facts.rests.append(RestWish(who, how, _sections(match["where"]), match[0].strip(" ,.;")))
            cuts = [name for name in ("cut", "cut2") if name in pattern.groupindex]
            for span in [match.span(name) for name in cuts] or [match.span()]:
                script.take(*span)


def _sections(words: str) -> tuple[str, ...]:
    """The sections of "the verse and the bridge"; the first or last of the song for its beginning and its end."""
    found = tuple(dict.fromkeys(named(section) for section in _ONE_SECTION.finditer(words)))
    return found or ("last section" if words.endswith("end") else "first section",)


def _player(word: str) -> str:
    return PLAYERS[word] if word in PLAYERS else PLAYERS[word.removesuffix("s")]
