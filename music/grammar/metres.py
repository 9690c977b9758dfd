"""Metre: a time signature or words for one."""

import re

from domain.errors import InvalidValue
from music.grammar.facts import Facts
from music.grammar.script import Script
from music.metre import parse_metre

_NAMED = r"\s*-?\s*(?:time|meter|metre|signature|takt)\b"
_METRE = re.compile(
    r"(?P<before>\b(?:in|meter|metre|time signature)\s*(?:of|is|:|=)?\s*)?"
    rf"(?<![\d/])(?P<top>\d{{1,3}})/(?P<bottom>\d{{1,3}})(?![\d/])(?P<after>{_NAMED})?"
)
_TIME = r"[\s-]+(?:time|met(?:er|re))"
_CLOSED = r"(?=\s*(?:[,.;]|$))"
_WORDS: dict[str, str] = {
    rf"(?:3[\s-]+4|triple|waltz){_TIME}|in 3{_CLOSED}": "3/4",
    rf"(?:4[\s-]+4|common|quadruple){_TIME}|in 4{_CLOSED}": "4/4",
    rf"cut{_TIME}|alla breve": "2/2",
    rf"(?:2[\s-]+4|duple){_TIME}": "2/4",
    rf"(?:5[\s-]+4|quintuple){_TIME}|in 5{_CLOSED}": "5/4",
    rf"(?:6[\s-]+8|compound|compound duple){_TIME}|6[\s-]8(?=\s*(?:feel|groove|swing|ballad|[,.;]|$))": "6/8",
    rf"7[\s-]+8{_TIME}|7[\s-]8(?=\s*(?:feel|groove|[,.;]|$))|septuple{_TIME}|in 7{_CLOSED}": "7/8",
    rf"9[\s-]+8{_TIME}|slip jig|compound triple{_TIME}": "9/8",
    r"12[\s-]+8[\s-]+(?:time|met(?:er|re)|feel|groove|shuffle|blues)": "12/8",
}
_PATTERNS = tuple((re.compile(rf"\b(?:{words})(?![\d/])"), metre) for words, metre in _WORDS.items())


def read_metre(script: Script, facts: Facts) -> None:
    """The time signature; one that cannot be played is an error where the prompt clearly means a metre."""
    said: list[tuple[str, str]] = []
    for match in script.matches(_METRE):
        text = f"{int(match['top'])}/{int(match['bottom'])}"
        try:
            parse_metre(text)
        except InvalidValue:
            if match["after"] or (match["before"] and match[0].strip() != "in 24/7"):
                raise
            continue
        said.append((text, script.take(*match.span())))
    for pattern, metre in _PATTERNS:
        said += [(metre, script.take(*match.span())) for match in script.matches(pattern)[:1]]
    if not said:
        return
    facts.metre, facts.quotes["metre"] = said[0]
    other = next((s for s in said if s[0] != facts.metre), None)
    if other is not None:
        facts.conflicts.append(f'"{said[0][1]}" and "{other[1]}" are two metres for one song; {facts.metre} was taken')
