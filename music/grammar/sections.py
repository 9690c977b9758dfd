"""The order and the lengths of sections: "intro, 2 verses, chorus", "verse 8 bars, chorus 8 bars, twice", "AABA"."""

import re
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from domain.errors import InvalidValue
from music.form import section_kind
from music.grammar.facts import Facts
from music.grammar.naming import SECTION
from music.grammar.script import GONE, Script

_UNIT = r"bars?|measures?|beats?|seconds?|secs?"
_ITEM = re.compile(
    rf"(?<![\w'])(?:(?P<count>\d{{1,2}})\s*(?:x|×)?\s+(?!\d))?(?:(?P<n1>\d{{1,4}})[\s-]*(?P<u1>{_UNIT})[\s-]+(?:long\s+)?)?"
    rf"(?P<name>{SECTION})(?P<plural>es|s)?(?:\s*#?(?P<no>[1-9])(?![\d/.])(?!\s*(?:{_UNIT}|x|times)))?(?![a-z])"
    rf"(?:\s*(?:[(:=]|of|for|lasting|is|with|\s)\s*(?P<n2>\d{{1,4}})[\s-]*(?P<u2>{_UNIT})(?:\s+each)?\)?)?"
)
_LINK = r"(?:,|;|\+|&|/|\||->|→|>|–|—|-|then|and|followed by|plus|finally|next|afterwards|to|into|back to|goes)"
_BESIDE = (
    r"an?|the|another|one more|last|final|first|second|third|short|long|big|quiet|instrumental|double|half|full|guitar"
    r"|sax|piano|synth|drum|violin|organ|trumpet"
)
_GAP = re.compile(rf"[\s()\[\]\x00]*(?:(?:{_LINK})[\s()\[\]\x00]*)*(?:(?:{_BESIDE})\s+){{0,3}}[\s()\[\]\x00]*")
_AGAIN = re.compile(
    r"(?P<group>[\s)\]]*,?\s*(?:and\s+)?(?:all\s+|both\s+|that\s+|this\s+)*(?:repeat(?:ed)?(?:\s+that|\s+it)?\s*)?)"
    r"(?:(?P<twice>twice|two times|again)|(?P<n>\d{1,2})\s*(?:times|x\b|×)|[x×]\s*(?P<m>\d{1,2}))(?:\s+each)?[\s)\]]*"
)
_FORM = re.compile(
    r"\b(?:(?P<before>[abc]{3,8})[\s-]+(?:form|structure)|(?:form|structure)\s*(?::|of|is)?\s*(?P<after>[abc]{3,8}))\b"
)
_CAPITALS = re.compile(r"(?<![\w])(?P<letters>[ABC]{4,8})(?![\w])")
_FORM_LETTERS = {"a": "theme", "b": "bridge", "c": "solo"}
_USUAL_BARS = {"intro": 4, "outro": 4, "prechorus": 4, "build": 4}
MOST_SECTIONS = 64
_NO_SECTION = re.compile(
    rf"\b(?:no|without|skip|minus|leave out|omit)\s+(?:an?\s+|the\s+|any\s+)?(?P<first>{SECTION})(?:es|s)?(?![a-z])"
    rf"(?:(?:\s*,\s*|\s+)(?:and|or|nor|&)\s+(?:no\s+|an?\s+|the\s+|without\s+)?(?P<second>{SECTION})(?:es|s)?(?![a-z]))?"
    r"(?=\s*(?:[,.;:!?)\x00]|$|(?:and|but|at|in|with|please|then)\b))"
)
_STARTS_WITH = re.compile(
    rf"\b(?:start|begin|open)(?:s|ning|ing|ting)?\s+(?:right\s+|straight\s+|directly\s+|off\s+)*(?:with|on|from|at|in)\s+"
    rf"(?:the|an?)\s+(?P<section>{SECTION})(?![a-z])(?=\s*(?:[,.;:!?)\x00]|$|(?:and|but|then|right)\b))"
)

Entry = dict[str, Any]


@dataclass(slots=True)
class _Item:
    name: str
    times: int
    length: tuple[float, str] | None
    start: int
    end: int


def read_sections(script: Script, facts: Facts) -> None:
    """The sections in order, or the lengths of single ones where no order is told."""
    _read_shape(script, facts)
    items = [item for match in islice(_ITEM.finditer(script.low), 200) if (item := _item(match)) is not None]
    runs = [run for run in _runs(items, script.low) if not _wishes_only(run, script.low)]
    best = max(runs, key=lambda run: (sum(i.times for i in run), -run[0].start), default=[])
    counted = sum(item.times for item in best)
    told = sum(item.length is not None for item in best)
    if best and ((counted >= 3 and (told or len(best) > 1)) or (told >= 2 and not _adorns(best, script.low))):
        lengths = {section_kind(i.name).value: i.length for run in runs for i in run if i.length is not None}
        rows = _expanded(best, script.low, lengths)[:MOST_SECTIONS]
        facts.structure, facts.told = [entry for entry, _ in rows], [said for _, said in rows]
        facts.quotes["structure"] = script.take(best[0].start, _end(best, script.low))
        return
    if _read_letters(script, facts):
        return
    for item in items:
        kind, again = section_kind(item.name).value, _AGAIN.match(script.low, item.end)
        many = item.times * _times(again) if again is not None and again["n"] != "1" else item.times
        if many > 1:
            facts.counts[kind] = min(many, 8)
            facts.quotes.setdefault("structure", script.low[item.start : again.end() if again else item.end].strip())
        if item.length is not None:
            facts.lengths[section_kind(item.name).value] = item.length
            facts.quotes.setdefault("structure", script.low[item.start : item.end].strip())
    for item in reversed([i for i in items if i.length is not None]):
        script.take(item.start, item.end)


def _times(again: re.Match[str]) -> int:
    return 2 if again["twice"] else max(1, int(again["n"] or again["m"]))


def _read_shape(script: Script, facts: Facts) -> None:
    """Sections that the song does not have, and the one it starts with."""
    for match in script.matches(_NO_SECTION):
        facts.unwanted |= {section_kind(word).value for word in (match["first"], match["second"]) if word}
        facts.quotes.setdefault("shape", script.take(*match.span()))
    if (start := _STARTS_WITH.search(script.low)) is not None:
        facts.opening = section_kind(start["section"]).value
        facts.quotes.setdefault("shape", script.take(*start.span()))


def _wishes_only(run: list[_Item], low: str) -> bool:
    """Whether all of a run have a tempo or key of their own, which tells of sections but not of their order."""
    apart = all(GONE in (low[i.end : i.end + 1], low[max(0, i.start - 1) : i.start]) for i in run)
    return apart and len(run) < 4 and not all(i.length is not None for i in run)


def _adorns(run: list[_Item], low: str) -> bool:
    """Whether two lengths tell about a song ("with a 16 bar intro and a 32 bar drop") and not all of its sections."""
    return (
        len(run) == 2
        and re.search(r"\b(?:with|has|having|plus|featuring)\s+(?:an?\s+|the\s+)?$", low[: run[0].start]) is not None
    )


def _item(match: re.Match[str]) -> _Item | None:
    number, unit = match["n1"] or match["n2"], match["u1"] or match["u2"]
    length = None
    if number is not None and unit is not None:
        if float(number) <= 0:
            raise InvalidValue(f"a section of {number} {unit} ({match[0].strip()}) cannot be played; use at least 1")
        length = (float(number), _unit(unit))
    count = int(match["count"]) if match["count"] and match["plural"] else 1
    if count < 1:
        raise InvalidValue(f"{match[0].strip()!r} cannot be played; use at least 1")
    name = match["name"] + (f" {match['no']}" if match["no"] else "")
    start = match.start() if not match["count"] or match["plural"] else match.end("count")
    return _Item(name, count, length, start, match.end())


def _unit(word: str) -> str:
    return "beats" if word.startswith("beat") else "seconds" if word.startswith("s") else "bars"


def _runs(items: list[_Item], low: str) -> list[list[_Item]]:
    """Items with nothing but links between them."""
    runs: list[list[_Item]] = []
    for item in items:
        if runs and _linked(low[runs[-1][-1].end : item.start]):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _linked(gap: str) -> bool:
    again = _AGAIN.match(gap)
    rest = gap[again.end() :] if again is not None else gap
    return len(gap) <= 60 and _GAP.fullmatch(rest) is not None


def _end(run: list[_Item], low: str) -> int:
    again = _AGAIN.match(low, run[-1].end)
    return again.end() if again is not None else run[-1].end


def _expanded(run: list[_Item], low: str, lengths: dict[str, tuple[float, str]]) -> list[tuple[Entry, bool]]:
    """The sections one by one, with whether their length was said.

    "Twice" after a comma or a bracket repeats all that came before, else the section before it.
    """
    out: list[tuple[Entry, bool]] = []
    plain = all("," not in low[a.end : b.start] for a, b in pairwise(run))
    for number, item in enumerate(run):
        opened = len(out)
        out += [_entry(item, lengths) for _ in range(item.times)]
        until = run[number + 1].start if number + 1 < len(run) else len(low)
        again = _AGAIN.match(low[item.end : until])
        if again is None:
            continue
        times = _times(again)
        whole = "," in again["group"] or ")" in again["group"] or "]" in again["group"] or "repeat" in again["group"]
        whole = whole or (plain and bool(again["m"]) and number > 0)
        first = 0 if whole else opened
        out += (out[first:] * (times - 1))[:MOST_SECTIONS]
    return out


def _entry(item: _Item, lengths: dict[str, tuple[float, str]]) -> tuple[Entry, bool]:
    kind = section_kind(item.name).value
    said = item.length or lengths.get(kind)
    count, unit = said or (float(_USUAL_BARS.get(kind, 8)), "bars")
    return {"name": item.name, "duration": count, "unit": unit}, said is not None


def _read_letters(script: Script, facts: Facts) -> bool:
    match = _FORM.search(script.low)
    letters = match and (match["before"] or match["after"])
    if not letters:
        match = _CAPITALS.search(script.text)
        letters = match["letters"].lower() if match and match["letters"] not in {"ABBA", "CBCA"} else None
        if letters is None or len(set(letters)) < 2 or letters == "abc":
            return False
    assert match is not None
    facts.told = [False] * len(letters)
    facts.structure = [{"name": _FORM_LETTERS[c], "duration": 8.0, "unit": "bars"} for c in letters]
    facts.quotes["structure"] = script.take(*match.span())
    return True
