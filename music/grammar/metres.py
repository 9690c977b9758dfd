"""Metre: a time signature or words for one."""

import re

from domain.errors import InvalidValue
from music.grammar.facts import Facts
from music.grammar.script import Script
from music.metre import parse_metre

_NAMED = r"\s*-?\s*(?:time|meter|metre|signature|takt)\b"
_METRE = re.compile(
    rf"(?P<before>\b(?:in|meter|metre|time signature)\s*(?:of|is|:|=)?\s*)?(?<![\d/])(?P<top>\d{{1,3}})/(?P<bottom>\d{{1,3}})"
    rf"(?![\d/])(?P<after>{_NAMED})?"
)
_WORDS: dict[str, str] = {
    r"(?:3[\s-]+4|triple|waltz)[\s-]+(?:time|met(?:er|re))|three[\s-]four|in 3(?=\s*[,.;]|$)": "3/4",
    r"(?:4[\s-]+4|common|quadruple)[\s-]+(?:time|met(?:er|re))|in 4(?=\s*[,.;]|$)": "4/4",
    r"cut[\s-]+time|alla breve": "2/2",
    r"(?:2[\s-]+4|duple)[\s-]+(?:time|met(?:er|re))": "2/4",
    r"(?:5[\s-]+4|quintuple)(?:[\s-]+(?:time|met(?:er|re)))?(?!\s*(?:bar|bpm|second))|in 5(?=\s*[,.;]|$)": "5/4",
    r"(?:6[\s-]+8|compound|compound duple)[\s-]+(?:time|met(?:er|re))|6[\s-]8(?=\s*(?:feel|groove|swing|ballad|[,.;]|$))": "6/8",
    r"7[\s-]+8(?:[\s-]+(?:time|met(?:er|re)))?(?=\s*(?:feel|groove|[,.;]|$))|septuple(?:[\s-]+(?:time|met(?:er|re)))?"
    r"|in 7(?=\s*[,.;]|$)": "7/8",
    r"9[\s-]+8[\s-]+(?:time|met(?:er|re))|slip jig|compound triple(?:\s+(?:time|met(?:er|re)))?": "9/8",
    r"12[\s-]+8(?:[\s-]+(?:time|met(?:er|re)|feel|groove|shuffle|blues))": "12/8",
}
_PATTERNS = tuple((re.compile(rf"\b(?:{words})(?![\d/])"), metre) for words, metre in _WORDS.items())


def read_metre(script: Script, facts: Facts) -> None:
    """The time signature; one that cannot be played is an error where the prompt clearly means a metre."""
    said: list[tuple[str, str]] = []
    for match in list(_METRE.finditer(script.low)):
        text = f"{int(match['top'])}/{int(match['bottom'])}"
        try:
            parse_metre(text)
        except InvalidValue:
            if match["after"] or (match["before"] and match[0].strip() != "in 24/7"):
                raise
            continue
        said.append((text, script.take(*match.span())))
    for pattern, metre in _PATTERNS:
        if (match := pattern.search(script.low)) is not None:
            said.append((metre, script.take(*match.span())))
    if not said:
        return
    facts.metre, facts.quotes["metre"] = said[0]
    other = next((s for s in said if s[0] != facts.metre), None)
    if other is not None:
        facts.conflicts.append(f'"{said[0][1]}" and "{other[1]}" are two metres for one song; {facts.metre} was taken')
