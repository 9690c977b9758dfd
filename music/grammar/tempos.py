"""Tempo: a number, a range, a number for one section, a way from one tempo to another."""

import re

from domain.context import TEMPO_RANGE_BPM
from domain.errors import InvalidValue
from music.grammar.facts import Facts, TempoWish
from music.grammar.naming import SECTION_NAME, named, take_around
from music.grammar.script import Script

SLOWEST, FASTEST = (float(limit) for limit in TEMPO_RANGE_BPM)

_NUM = r"(\d{1,6}(?:[.,]\d+)?)"
_BPM = r"[\s-]*(?:bpm|b\.p\.m\.?|beats (?:per|a) minute)(?![a-z])"
_RANGE = rf"{_NUM}(?:\s*(?:-|–|to)\s*{_NUM})?"
_SPEED_UP = (
    r"(?:speed\w*(?:\s+up)?|accelerat\w+|slow\w*(?:\s+down)?|drops?|dropping|rises?|rising|jumps?|goes|going|changes?|increas\w+"
    r"|decreas\w+|picks?\s+up|builds?(?:\s+up)?|ramps?(?:\s+up)?|climbs?|gets?(?:\s+faster|\s+slower)?)"
)
_JOIN = r"\s+(?:in|for|during|at|by|on|with|through)\s+"
_SECTION_AT = re.compile(
    rf"{SECTION_NAME}(?:\s+part)?\s+(?:is\s+|are\s+|plays?\s+|runs?\s+|{_SPEED_UP}\s+)?(?P<how>at|in|to|@|of|with)\s+{_NUM}{_BPM}"
)
_AT_SECTION = re.compile(rf"{_NUM}{_BPM}\s+(?:in|for|during|on|through)\s+{SECTION_NAME}")
_SECTION_IN_BRACKETS = re.compile(
    rf"{SECTION_NAME}\s*[(:]\s*(?:\d{{1,3}}\s*(?:bars?|measures?)\s*,\s*)?(?P<bpm>{_NUM}{_BPM})"
)
_UNIT = (
    r"bars?|measures?|beats?|seconds?|secs?|s|minutes?|mins?|m|%|percent|hz|khz|db|lufs|am|pm|o'clock|semitones?"
    r"|st|nd|rd|th"
)
_SECTION_LENGTH_AT = re.compile(
    rf"{SECTION_NAME}\s+(?:is\s+|of\s+|for\s+)?\d{{1,4}}[\s-]*(?:bars?|measures?|seconds?|secs?)"
    rf"(?P<bpm>\s*,?\s*(?:at|@)\s*{_NUM}{_BPM})"
)
# A number without a unit: "chorus at 140, verse at 110".
_SECTION_AT_BARE = re.compile(
    rf"{SECTION_NAME}(?:\s+part)?\s+(?:is\s+|are\s+|plays?\s+|runs?\s+)?(?P<how>at|@)\s*(?P<bpm>\d{{2,3}})(?![\d/:]|[.,]\d)"
    rf"(?!{_BPM})(?![\s-]*(?:{_UNIT})(?![a-z]))"
)
_SECTION_BPM = re.compile(rf"{SECTION_NAME}\s*[:=]?\s+(?P<bpm>{_NUM}{_BPM})")
_TO_IN_SECTION = re.compile(rf"{_SPEED_UP}\s+to\s+{_NUM}(?:{_BPM})?{_JOIN}{SECTION_NAME}")
_FROM_TO = re.compile(rf"\bfrom\s+{_NUM}(?:{_BPM})?\s+(?:up\s+|down\s+)?to\s+{_NUM}{_BPM}")
_STARTS = re.compile(
    rf"\b(?:start\w*|begin\w*|open\w*)\s+(?:out\s+)?(?:at|with|from|on)\s+{_NUM}(?:{_BPM})?(?!\s*(?:bar|second|minute))"
)
_ENDS = re.compile(rf"\b(?:end|ends|ending|finish\w*|clos\w*)\s+(?:at|with|on|up at)\s+{_NUM}{_BPM}")
_REACHES = re.compile(rf"\b{_SPEED_UP}\s+(?:gradually\s+|slowly\s+)?to\s+{_NUM}{_BPM}")
_FEEL_SECTION = re.compile(rf"\b(half|double)[\s-]*time(?:\s+feel)?(?:\s+(?:in|for|during|on))?\s+{SECTION_NAME}")
_SECTION_FEEL = re.compile(
    rf"{SECTION_NAME}\s+(?:is\s+|goes\s+|drops\s+|plays\s+)?(?:in|into|to)\s+(half|double)[\s-]*time(?:\s+feel)?"
)
_SLOWER_SECTION = re.compile(rf"\b(?:a\s+|the\s+)?(slower|faster)\s+{SECTION_NAME}")
_SECTION_SLOWER = re.compile(
    rf"{SECTION_NAME}\s+(?:is\s+|gets\s+|goes\s+|plays\s+|a\s+(?:bit|little)\s+)*(slower|faster)\b"
)
_SLOW_SECTION = re.compile(
    rf"\b(slow|fast)\s+(?:[a-z]+-key\s+)?(?=(?:verse|chorus|bridge|intro|outro|refrain)){SECTION_NAME}"
)
_WHOLE = (
    re.compile(rf"{_RANGE}{_BPM}"),
    re.compile(rf"\b(?:bpm|tempo)\s*(?:of|is|at|around|about|:|=|~)?\s*(?:about|around)?\s*{_RANGE}(?![\d/])"),
    re.compile(rf"(?:♩|\bq|\bquarter(?:\s+note)?)\s*=\s*{_RANGE}"),
)
_AT = re.compile(r"\b(?:at|@)\s+(?:about\s+|around\s+)?(\d{2,3})(?=\s*(?:[,.;!)\x00]|$|in\b|with\b))")
_LONE = re.compile(r"(?:^|[,;!\x00])\s*(\d{2,3})(?=\s*(?:[,;.!\x00]|$))|(?<=\s)(\d{2,3})\s*$")
_FACTORS = {"half": 0.5, "double": 2.0, "slower": 0.85, "faster": 1.15, "slow": 0.8, "fast": 1.25}
# Sections that a lone "chorus at 118 bpm" may stand for the whole song with.
_BODY = frozenset({"verse", "chorus", "drop", "solo", "theme"})


def read_tempos(script: Script, facts: Facts) -> None:
    """Tempos of sections first, then the song's; a second one for the whole song is a contradiction."""
    _read_sections(script, facts)
    _read_way(script, facts)
    _read_whole(script, facts)
    if facts.tempo is None and len(facts.tempos) == 1 and facts.tempos[0].aside and facts.ramp is None:
        only = facts.tempos.pop()
        facts.tempo, facts.quotes["tempo"] = only.bpm, only.quote
    body = [wish for wish in facts.tempos if wish.bpm is not None and wish.section in _BODY]
    if facts.tempo is None and body:
        first = min(body, key=lambda wish: wish.section != "verse")
        facts.tempo, facts.quotes["tempo"] = first.bpm, first.quote


def _value(number: str) -> float:
    bpm = float(number.replace(",", "."))
    if not SLOWEST <= bpm <= FASTEST:
        raise InvalidValue(f"a tempo of {bpm:g} bpm cannot be played; use {SLOWEST:g} to {FASTEST:g} bpm")
    return bpm


def _read_sections(script: Script, facts: Facts) -> None:
    for pattern in (_TO_IN_SECTION, _AT_SECTION, _SECTION_AT):
        for match in script.matches(pattern):
            name = named(match)
            numbers = [g for g in match.groups() if g and re.fullmatch(r"\d{1,6}(?:[.,]\d+)?", g) and g != match["no"]]
            aside = pattern is _SECTION_AT and name in _BODY and match["how"] != "to"
            facts.tempos.append(TempoWish(name, _value(numbers[-1]), None, take_around(script, match), aside))
    for match in script.matches(_SECTION_IN_BRACKETS):
        bpm = _value(match["bpm"].split("b")[0].strip(" -"))
        facts.tempos.append(TempoWish(named(match), bpm, None, script.take(*match.span("bpm")), named(match) in _BODY))
    for match in script.matches(_SECTION_LENGTH_AT):
        bpm = _value(match["bpm"].strip(" ,at@").split("b")[0].strip(" -"))
        facts.tempos.append(TempoWish(named(match), bpm, None, script.take(*match.span("bpm"))))
    if len(several := script.matches(_SECTION_BPM)) > 1:  # One alone may end a list of sections and mean them all.
        for match in several:
            bpm = _value(match["bpm"].split("b")[0].strip(" -"))
            facts.tempos.append(TempoWish(named(match), bpm, None, take_around(script, match)))
    for match in script.matches(_SECTION_AT_BARE):
        if 40 <= int(match["bpm"]) <= 240:
            wish = TempoWish(named(match), float(match["bpm"]), None, match[0], named(match) in _BODY)
            take_around(script, match)
            facts.tempos.append(wish)
    _read_factors(script, facts)


def _read_factors(script: Script, facts: Facts) -> None:
    """Sections that are slower or faster than the song by words."""
    for pattern in (_FEEL_SECTION, _SECTION_FEEL, _SLOWER_SECTION, _SECTION_SLOWER, _SLOW_SECTION):
        for match in script.matches(pattern):
            factor = next(_FACTORS[g] for g in match.groups() if g in _FACTORS)
            facts.tempos.append(TempoWish(named(match), None, factor, take_around(script, match)))


def _read_way(script: Script, facts: Facts) -> None:
    """The way of a tempo: "from 80 to 120 bpm", "starts at 80 bpm", "ends at 60 bpm", "speeds up to 140 bpm"."""
    if (match := _FROM_TO.search(script.low)) is not None:
        facts.tempo, goal = _value(match[1]), _value(match[2])
        facts.quotes["tempo"] = facts.quotes["ramp"] = script.take(*match.span())
        facts.ramp = goal
    if (match := _STARTS.search(script.low)) is not None and facts.tempo is None:
        facts.tempo = _value(match[1])
        facts.quotes["tempo"] = script.take(*match.span())
    if (match := _ENDS.search(script.low)) is not None:
        bpm = _value(match[1])
        facts.tempos.append(TempoWish("last section", bpm, None, script.take(*match.span())))
    if (match := _REACHES.search(script.low)) is not None:
        facts.ramp = _value(match[1])
        facts.quotes["ramp"] = script.take(*match.span())


def _bare(script: Script) -> list[tuple[float, str]]:
    """A number that can only be a tempo: "at 92", "F minor, 128"."""
    for pattern in (_AT, _LONE):
        for match in script.matches(pattern):
            group = next(i for i, g in enumerate(match.groups(), start=1) if g)
            if 40 <= int(match[group]) <= 240:
                return [(float(match[group]), script.take(*match.span(group)))]
    return []


def _read_whole(script: Script, facts: Facts) -> None:
    said: list[tuple[float, str]] = []
    for pattern in _WHOLE:
        for match in script.matches(pattern):
            values = [_value(v) for v in (match[1], match[2]) if v]
            said.append((sum(values) / len(values), script.take(*match.span())))
    if not said and facts.tempo is None and not facts.tempos:
        said = _bare(script)
    if said and facts.tempo is None:
        facts.tempo, facts.quotes["tempo"] = said[0]
    for bpm, quote in said:
        if facts.tempo is not None and abs(bpm - facts.tempo) > 0.01:
            facts.conflicts.append(
                f'"{facts.quotes["tempo"]}" and "{quote}" are two tempos for one song; {facts.tempo:g} bpm was taken'
            )
            break
