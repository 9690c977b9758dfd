"""Keys of sections that leave the song's: "bridge in D major", "key change up a whole step in the last chorus"."""

import re
from collections.abc import Callable

from domain.errors import InvalidValue
from music.grammar.facts import Facts, KeyWish
from music.grammar.naming import SECTION_NAME, named, take_around
from music.grammar.script import Script
from music.grammar.tonality import KEY, TONIC, alternatives, scale_name, tonic

_STEPS: dict[str, int] = {
    "semitone": 1, "half step": 1, "half tone": 1, "whole step": 2, "whole tone": 2, "tone": 2, "step": 2,
    "minor third": 3, "major third": 4, "third": 4, "fourth": 5, "perfect fourth": 5, "fifth": 7, "perfect fifth": 7,
}  # fmt: skip
_MOVES = r"modulat\w+|transpos\w+|shift\w*|go(?:es|ing)?|mov\w+|chang\w+\s+key"
_LIFT = rf"(?i:key[\s-]+(?:change|lift|shift)s?|gear\s+(?:change|shift)s?|rais\w+|lift\w*|{_MOVES})"
_VERB = rf"(?i:key[\s-]+(?:change|shift)s?|chang\w+|switch\w*|{_MOVES})"
_EITHER = rf"(?:{KEY}|{TONIC})"
_SECTION = rf"(?i:{SECTION_NAME})"
_IN_SECTION = rf"(?i:\s*,?\s*(?:in|for|at|on|during|before|into|with)\s+{SECTION_NAME})"
_AMOUNT = rf"(?i:(?:by\s+|an?\s+|another\s+|just\s+)*(?P<count>\d{{1,2}})?\s*(?P<step>{alternatives(_STEPS)})s?\b)"
_UP = r"(?i:(?P<dir>up|down)\s+)?"
_HIGHER = r"(?i:\s+(?P<dir2>higher|up|lower|down))?"
_OF_KEY = r"(?i:the\s+key\s+of\s+|the\s+)?"

_CHANGE_TO = re.compile(rf"\b{_VERB}\s+(?i:to|into)\s+{_OF_KEY}{_EITHER}{_IN_SECTION}?")
_SECTION_TO = re.compile(
    rf"{_SECTION}\s*,?\s*(?i:is\s+|it\s+|we\s+)?(?:{_VERB}\s+(?i:to|into)|(?i:in|to|into))\s+{_OF_KEY}{_EITHER}"
)
_KEY_SECTION = re.compile(rf"{KEY}\s+(?i:in|for|during)\s+{_SECTION}")
_SECTION_UP = re.compile(rf"{_SECTION}\s+(?:(?i:is)\s+|{_LIFT}\s+)*{_UP}{_AMOUNT}{_HIGHER}")
_UP_SECTION = re.compile(rf"\b{_LIFT}\s+(?i:the\s+key\s+)?{_UP}{_AMOUNT}{_HIGHER}{_IN_SECTION}?")
_RELATION = re.compile(
    rf"\b{_VERB}\s+(?i:to|into)\s+(?i:the\s+|its\s+)?(?i:(?P<relation>relative|parallel|dominant|subdominant))"
    rf"(?i:\s+(?:minor|major|key))?{_IN_SECTION}?"
)
_MODE_SECTION = re.compile(rf"\b(?i:(?P<mode>major|minor))(?i:[\s-]key)?\s+{_SECTION}")
_TRUCK = re.compile(
    rf"\b(?i:truck[\s-]*driver'?s?)(?i:\s+(?:modulation|gear\s+(?:change|shift)|key\s+change|ending))?{_IN_SECTION}?"
)
_PLAIN = re.compile(
    r"\b(?P<none>(?i:no|without|without any|without a)\s+)?(?i:a\s+)?"
    rf"(?i:key[\s-]+(?:change|lift)s?|modulation){_IN_SECTION}?"
)
_WORTH_READING = re.compile(
    r"(?i)major|minor|key|modulat|transpos|step|tone|third|fourth|fifth|truck|gear|mode|ian\b|\b(?:in|to) [a-h]"
)
_DOWN = {"down", "lower"}
_WHOLE_STEP = 2


def read_key_changes(script: Script, facts: Facts) -> None:
    """Every key that a section is to have: named, so many steps away, or by its relation to the song's."""
    if _WORTH_READING.search(script.text) is None:
        return
    readers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], KeyWish | None]], ...] = (
        (_CHANGE_TO, _to_key),
        (_KEY_SECTION, _to_key),
        (_SECTION_TO, _to_key),
        (_SECTION_UP, _by_steps),
        (_UP_SECTION, _by_steps),
        (_RELATION, lambda m: _wish(m, relation=m["relation"].lower())),
        (_MODE_SECTION, lambda m: _wish(m, scale=m["mode"].lower(), relation="parallel")),
        (_TRUCK, lambda m: _wish(m, shift=_WHOLE_STEP)),
        (_PLAIN, lambda m: None if m["none"] else _wish(m, shift=_WHOLE_STEP)),
    )
    for pattern, read in readers:
        for match in script.matches(pattern, written=True):
            wish = read(match)
            if wish is not None:
                if match["section"]:
                    take_around(script, match)
                else:
                    script.take(*match.span())
                facts.keys.append(wish)


def _wish(
    match: re.Match[str], key: str | None = None, scale: str | None = None, shift: int = 0, relation: str | None = None
) -> KeyWish:
    section = (
        named({name: (match[name] or "").lower() for name in ("ordinal", "section", "no")})
        if match["section"]
        else None
    )
    return KeyWish(section, key, scale, shift, relation, match[0].strip(" ,"))


def _to_key(match: re.Match[str]) -> KeyWish | None:
    """A key with its scale, or a capital letter; "break in a minor way" and "chorus in a" name none."""
    if match.re is not _KEY_SECTION and match["tonic"]:
        if (
            match["tonic"] == "A"
            and not (match["tacc"] or match["m"])
            and re.match(r"\s+[a-z]", match.string[match.end() :])
        ):
            return None
        return _wish(match, tonic(match["tonic"], match["tacc"]), "minor" if match["m"] else None)
    if match["note"].islower() and match["note"] != "a" and match.re is _SECTION_TO and not match["acc"]:
        return None
    return _wish(match, tonic(match["note"], match["acc"]), scale_name(match["scale"]))


def _by_steps(match: re.Match[str]) -> KeyWish | None:
    direction = (match["dir"] or match["dir2"] or "").lower()
    if not direction and match.re is _SECTION_UP:
        return None
    size = int(match["count"] or 1) * _STEPS[re.sub(r"[\s-]+", " ", match["step"].lower())]
    if not 1 <= size <= 12:
        raise InvalidValue(f"a key change of {size} semitones ({match[0].strip()}) is too far; use 1 to 12 semitones")
    return _wish(match, shift=-size if direction in _DOWN else size)
