"""How long the song is to be."""

import re

from domain.errors import InvalidValue
from music.form import LONGEST_S, SHORTEST_S
from music.grammar.facts import Facts
from music.grammar.naming import SECTION
from music.grammar.script import Script

_NUM = r"(\d{1,6}(?:[.,]\d+)?)"
_HOURS, _MINUTES, _SECONDS = r"hours?|hrs?|h(?![a-z])", r"minutes?|mins?", r"seconds?|secs?"
_DURATION = re.compile(
    rf"{_NUM}(?:\s*(?:-|–|to)\s*{_NUM})?[\s-]*({_HOURS}|{_MINUTES}|{_SECONDS}|m(?=\s*\d)|s(?=\s+long|\b))"
    rf"(?:[\s,]*(?:and\s+)?{_NUM}[\s-]*({_SECONDS}|s\b))?(?![a-z])"
)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?![\d:])")
_EXACTLY = re.compile(r"\b(?:exactly|precisely|on the dot|to the second|sharp on)\b")


def read_duration(script: Script, facts: Facts) -> None:
    """The duration in seconds; a second one that differs is a contradiction."""
    said = [*_spans(script), *_clocks(script)]
    facts.exact = _EXACTLY.search(script.low) is not None and bool(said)
    for seconds, quote in said:
        if not SHORTEST_S <= seconds <= LONGEST_S:
            raise InvalidValue(
                f"a duration of {seconds:g} s ({quote}) cannot be made; use {SHORTEST_S:g} to {LONGEST_S:g} seconds"
            )
        if facts.duration is None:
            facts.duration, facts.quotes["duration"] = seconds, quote
        elif abs(seconds - facts.duration) > 0.5:
            facts.conflicts.append(
                f'"{facts.quotes["duration"]}" and "{quote}" are two lengths; {facts.duration:g} seconds were taken'
            )


def _spans(script: Script) -> list[tuple[float, str]]:
    said = []
    for match in script.matches(_DURATION):
        after = script.low[match.end() :]
        if re.match(rf"[\s-]*(?:long\s+)?(?:{SECTION})\b", after) or _is_other(match, script.low):
            continue
        values = [float(v.replace(",", ".")) for v in (match[1], match[2]) if v]
        factor = 3600 if match[3].startswith("h") else 60 if match[3].startswith("m") else 1
        seconds = sum(values) / len(values) * factor + (float(match[4].replace(",", ".")) if match[4] else 0)
        said.append((seconds, script.take(*match.span())))
    return said


def _clocks(script: Script) -> list[tuple[float, str]]:
    """Lengths like "2:30"; an hour of the day ("at 5:30 am", "3:00 in the morning") is none."""
    said = []
    for match in script.matches(_CLOCK):
        if re.match(
            r"\s*(?:am|pm|a\.m|p\.m|o'clock|in the (?:morning|evening|afternoon)|at night)", script.low[match.end() :]
        ):
            continue
        if re.search(r"\b(?:at|around|by|after)\s*$", script.low[: match.start()]):
            continue
        said.append((int(match[1]) * 60.0 + int(match[2]), script.take(*match.span())))
    return said


def _is_other(match: re.Match[str], low: str) -> bool:
    """80s is a decade, 808s are drums and "a 2 second delay" is an effect, none of them the length of the song."""
    attached = match[3] == "s" and low[match.end(1)] == "s"
    meant = re.search(r"(?:duration|length|long|lasts?|lasting|for|=|:)\s*$", low[: match.start()]) is not None
    decade = not meant and attached and match[1].endswith("0") and not low[match.end() :].lstrip().startswith("long")
    effect = re.match(r"[\s-]*(?:delay|echo|reverb|attack|release|decay|ago|later|before|fade)", low[match.end() :])
    machine = attached and match[1] in {"303", "606", "707", "808", "909"}
    return decade or machine or effect is not None
