"""Keys and modes: of the song, and of sections that leave it."""

import re

from domain.errors import InvalidValue
from music.grammar.facts import Facts, KeyWish
from music.grammar.naming import SECTION_NAME, named
from music.grammar.script import Script
from music.theory import SCALES, name_pc, normal_key

# What people call a scale -> its name in the tables.
SCALE_NAMES: dict[str, str] = {
    **{name.replace("_", " "): name for name in SCALES if name != "blues"},
    "maj": "major", "min": "minor", "natural minor": "minor", "aeolian": "minor", "ionian": "major",
    "pentatonic minor": "minor_pentatonic", "pentatonic major": "major_pentatonic", "pentatonic": "major_pentatonic",
    "blues scale": "blues", "spanish phrygian": "phrygian_dominant", "spanish scale": "phrygian_dominant",
    "spanish mode": "phrygian_dominant", "hijaz": "phrygian_dominant", "freygish": "phrygian_dominant",
    "phrygian major": "phrygian_dominant", "jazz minor": "melodic_minor", "dorian minor": "dorian",
}  # fmt: skip


def _alternatives(words: object) -> str:
    return "|".join(sorted((re.escape(w).replace(r"\ ", r"[\s-]+") for w in words), key=len, reverse=True))  # type: ignore[attr-defined]


_SCALE = _alternatives(SCALE_NAMES)
_ACCIDENTAL = r"(?:\s*[#♯♭]{1,3}|b(?![a-z])|[\s-]+(?i:sharp|flat)\b)"
_KEY = rf"(?<![A-Za-z#♯♭'])(?P<note>[A-Ha-h])(?P<acc>{_ACCIDENTAL})?[\s-]*(?P<scale>(?i:{_SCALE}))\b"
_TONIC = rf"(?<![A-Za-z#♯♭'])(?P<tonic>[A-H])(?P<tacc>{_ACCIDENTAL})?(?P<m>m(?:in)?\b)?(?![\w#♯♭/])"
_EITHER = rf"(?:{_KEY}|{_TONIC})"
_ANY_LETTER = re.compile(
    rf"\b(?i:key of|key:|in the key|in)\s+([I-Z])(?:{_ACCIDENTAL})?[\s-]+(?i:{_SCALE})\b|\b(?i:key of)\s+([I-Z])(?![\w'])"
)
_WITH_SCALE = re.compile(_KEY)
_NAMED = re.compile(
    r"\b(?i:key)(?:\s+(?i:of|is|in)|\s*[:=])?\s*(?P<note>[A-Z])"
    rf"(?P<acc>{_ACCIDENTAL})?(?P<m>m(?:in)?\b)?(?![a-z])"
)
_BARE = re.compile(rf"\b[Ii]n\s+(?P<note>[A-G])(?P<acc>{_ACCIDENTAL})?(?P<m>m\b)?(?=[\s,.;:!)\x00]|$)")
_HEAD = re.compile(
    rf"^\s*(?P<note>[A-G])(?P<acc>{_ACCIDENTAL})?(?P<m>m)?(?=\s*[,;])|(?<=[,;])\s*(?P<note2>[A-G])(?P<acc2>{_ACCIDENTAL})?(?P<m2>m)?(?=\s*(?:[,;.]|$))"
)
_FREE = _alternatives(n for n in SCALE_NAMES if n not in {"major", "minor", "maj", "min", "blues scale"})
_MODE = re.compile(
    rf"\b(?P<free>{_FREE})\b"
    r"|\b(?P<plain>major|minor)[\s-]+(?:key|scale|mode|tonality|feel|harmony|chords|mood|sounding)\b"
    r"|\bin[\s-]+(?:a\s+)?(?P<in>major|minor)(?=\s*(?:[,.;]|$))"
    r"|\b(?P<minor>minor)\b(?!\s+(?:hit|third|second|sixth|seventh|7th|chord|detail|issue|setback|character|label|league))"
)

_STEPS: dict[str, int] = {
    "semitone": 1, "half step": 1, "half tone": 1, "whole step": 2, "whole tone": 2, "tone": 2, "step": 2,
    "minor third": 3, "major third": 4, "third": 4, "fourth": 5, "perfect fourth": 5, "fifth": 7, "perfect fifth": 7,
}  # fmt: skip
_STEP = "|".join(sorted((re.escape(s).replace(r"\ ", r"[\s-]+") for s in _STEPS), key=len, reverse=True))
_AMOUNT = rf"(?:(?:by|a|an|another|just)\s+)*(?P<count>\d{{1,2}})?\s*(?P<step>{_STEP})s?\b"
_IN_SECTION = rf"(?:\s*,?\s*(?:in|for|at|on|during|before|into|with)\s+{SECTION_NAME})"
_LIFT = r"(?:key[\s-]+(?:change|lift|shift)s?|modulat\w+|transpos\w+|rais\w+|lift\w*|shift\w*|go(?:es|ing)?|mov\w+|chang\w+\s+key|gear\s+(?:change|shift)s?)"
_VERB = r"(?:modulat\w+|key[\s-]+(?:change|shift)s?|chang\w+\s+key|chang\w+|switch\w*|shift\w*|mov\w+|go(?:es|ing)?|transpos\w+)"
_CHANGE_TO = re.compile(rf"\b(?i:{_VERB})\s+(?i:to|into)\s+(?i:the\s+key\s+of\s+|the\s+)?{_EITHER}(?i:{_IN_SECTION})?")
_SECTION_TO = re.compile(
    rf"(?i:{SECTION_NAME})\s*,?\s*(?i:is\s+|it\s+|we\s+)?(?i:{_VERB}\s+(?:to|into)|in|to|into)\s+(?i:the\s+key\s+of\s+)?{_EITHER}"
)
_KEY_SECTION = re.compile(rf"{_KEY}\s+(?i:in|for|during)\s+(?i:{SECTION_NAME})")
_SECTION_UP = re.compile(
    rf"(?i:{SECTION_NAME})\s+(?i:is\s+|{_LIFT}\s+)*(?i:(?P<dir>up|down)\s+)?(?i:{_AMOUNT})(?i:\s+(?P<dir2>higher|up|lower|down))?"
)
_UP_SECTION = re.compile(
    rf"\b(?i:{_LIFT})\s+(?i:the\s+key\s+)?(?i:(?P<dir>up|down)\s+)?(?i:{_AMOUNT})(?i:\s+(?P<dir2>higher|up|lower|down))?(?i:{_IN_SECTION})?"
)
_RELATION = re.compile(
    r"\b(?i:(?:modulat\w+|key[\s-]+change|mov\w+|shift\w*|go(?:es)?|chang\w+|switch\w*)\s+)(?i:to|into)\s+(?i:the\s+|its\s+)?"
    rf"(?i:(?P<relation>relative|parallel|dominant|subdominant)(?:\s+(?:minor|major|key))?)(?i:{_IN_SECTION})?"
)
_TRUCK = re.compile(
    rf"\b(?i:truck[\s-]*driver'?s?)(?i:\s+(?:modulation|gear\s+(?:change|shift)|key\s+change|ending))?(?i:{_IN_SECTION})?"
)
_PLAIN = re.compile(
    rf"\b(?P<none>(?i:no|without|without any|without a)\s+)?(?i:a\s+)?(?i:key[\s-]+(?:change|lift)s?|modulation)(?i:{_IN_SECTION})?"
)
_DOWN = {"down", "lower"}


def read_key_changes(script: Script, facts: Facts) -> None:
    """Keys that sections change to: "bridge in D major", "key change up a whole step in the last chorus"."""
    if not re.search(
        r"(?i)major|minor|key|modulat|transpos|step|tone|third|fourth|fifth|truck|gear|\bin [A-G]|mode|ian\b",
        script.text,
    ):
        return
    for pattern in (_CHANGE_TO, _KEY_SECTION, _SECTION_TO):
        _each(script, facts, pattern, _to_key)
    for pattern in (_SECTION_UP, _UP_SECTION):
        _each(script, facts, pattern, _by_steps)
    _each(script, facts, _RELATION, lambda m: KeyWish(_section(m), None, None, 0, m["relation"].lower(), ""))
    _each(script, facts, _TRUCK, lambda m: KeyWish(_section(m) or "last chorus", None, None, 2, None, ""))
    _each(script, facts, _PLAIN, lambda m: None if m["none"] else KeyWish(_section(m), None, None, 2, None, ""))


def _each(script: Script, facts: Facts, pattern: re.Pattern[str], wish: object) -> None:
    for match in list(pattern.finditer(script.text)):
        made = wish(match)  # type: ignore[operator]
        if made is not None:
            facts.keys.append(
                KeyWish(made.section, made.key, made.scale, made.shift, made.relation, script.take(*match.span()))
            )


def _section(match: re.Match[str]) -> str | None:
    return named(_Lowered(match)) if match["section"] else None  # type: ignore[arg-type]


class _Lowered:
    """The groups of a match in small letters."""

    def __init__(self, match: re.Match[str]) -> None:
        self._match = match

    def __getitem__(self, name: str) -> str | None:
        value = self._match[name]
        return value.lower() if isinstance(value, str) else None


def _to_key(match: re.Match[str]) -> KeyWish | None:
    if match.re is not _KEY_SECTION and match["tonic"]:
        key, scale = _tonic(match["tonic"], match["tacc"]), "minor" if match["m"] else None
    else:
        if match["note"].islower() and match["note"] not in "a" and match.re is _SECTION_TO and not match["acc"]:
            return None
        key, scale = _tonic(match["note"], match["acc"]), _scale_name(match["scale"])
    return KeyWish(_section(match), key, scale, 0, None, "")


def _by_steps(match: re.Match[str]) -> KeyWish | None:
    direction = (match["dir"] or match["dir2"] or "").lower()
    if not direction and match.re is _SECTION_UP:
        return None
    size = int(match["count"] or 1) * _STEPS[re.sub(r"[\s-]+", " ", match["step"].lower())]
    if not 1 <= size <= 12:
        raise InvalidValue(f"a key change of {size} semitones ({match[0].strip()}) is too far; use 1 to 12 semitones")
    return KeyWish(_section(match), None, None, -size if direction in _DOWN else size, None, "")


def _tonic(letter: str, accidental: str | None) -> str:
    return normal_key(letter.upper() + re.sub(r"\s+", " ", accidental or "").strip())


def _scale_name(words: str) -> str:
    return SCALE_NAMES[re.sub(r"[\s-]+", " ", words.lower())]


def read_key(script: Script, facts: Facts) -> None:
    """The song's key and mode; a second one that differs is a contradiction."""
    if (bad := _ANY_LETTER.search(script.text)) is not None:
        raise InvalidValue(f"there is no key {bad[1] or bad[2]!r}; use A to G with b or #, such as F, Ab or C#")
    said = [*_with_scale(script), *_tonics(script)]
    if said:
        facts.key, facts.scale, facts.quotes["key"] = said[0]
        for key, scale, quote in said[1:]:
            other = name_pc(key) != name_pc(facts.key) or (scale and facts.scale and scale != facts.scale)
            if other:
                facts.conflicts.append(
                    f'"{facts.quotes["key"]}" and "{quote}" are two keys for one song; the first was taken'
                )
                break
            facts.scale = facts.scale or scale
    _mode(script, facts)


def _with_scale(script: Script) -> list[tuple[str, str | None, str]]:
    said: list[tuple[str, str | None, str]] = []
    for match in list(_WITH_SCALE.finditer(script.text)):
        if match["note"].islower() and not match["acc"] and not _small_is_key(script.text, match):
            continue
        if (
            match["note"].isupper()
            and match["note"] == "A"
            and not match["acc"]
            and _starts_sentence(script.text, match)
        ):
            continue
        said.append((_tonic(match["note"], match["acc"]), _scale_name(match["scale"]), script.take(*match.span())))
    return said


def _small_is_key(text: str, match: re.Match[str]) -> bool:
    """Whether a small letter names a key: "in a minor" and "a minor, 90 bpm" do, "in a minor key" and "a major hit" do not."""
    before, after = text[: match.start()], text[match.end() :]
    led = re.search(r"\b(?:in|key of|key|key:)\s+$", before, re.IGNORECASE)
    if match["note"] != "a":
        return led is not None or re.match(r"\s*(?:[,;.)\x00]|$)", after) is not None
    noun = re.match(
        r"\s+(?!and\b|at\b|with\b|about\b|for\b|around\b|in\b|by\b|of\b|feat|without\b|no\b|to\b)[A-Za-z]", after
    )
    return noun is None and (led is not None or re.match(r"\s*(?:[,;.)]|$)", after) is not None)


def _starts_sentence(text: str, match: re.Match[str]) -> bool:
    """ "A minor chord opens it": a capital article, not a key."""
    starts = re.search(r"(?:^|[.!?]\s+)$", text[: match.start()]) is not None
    noun = re.match(r"\s+(?:key|hit|chord|scale|third|sixth|seventh|mode|tonality|feel|mood)\b", text[match.end() :])
    return starts and noun is not None


def _tonics(script: Script) -> list[tuple[str, str | None, str]]:
    said: list[tuple[str, str | None, str]] = []
    for pattern in (_NAMED, _BARE):
        for match in list(pattern.finditer(script.text)):
            if pattern is _BARE and match["note"] == "A" and not (match["acc"] or match["m"]):
                if not re.match(r"\s*(?:[,.;:!)\x00]|$)", script.text[match.end() :]):
                    continue
            key = _tonic(match["note"], match["acc"])
            said.append((key, "minor" if match["m"] else None, script.take(*match.span())))
    if not said and (match := _HEAD.search(script.text)) is not None:
        letter, accidental, minor = (
            match["note"] or match["note2"],
            match["acc"] or match["acc2"],
            match["m"] or match["m2"],
        )
        if accidental or minor:
            said.append((_tonic(letter, accidental), "minor" if minor else None, script.take(*match.span())))
    return said


def _mode(script: Script, facts: Facts) -> None:
    """A mode named without a tonic; beside a key with its own mode it may contradict it."""
    for match in list(_MODE.finditer(script.low)):
        words = next(g for g in (match["free"], match["plain"], match["in"], match["minor"]) if g)
        scale = _scale_name(words)
        quote = script.take(*match.span())
        if facts.scale is None:
            facts.scale, facts.quotes["scale"] = scale, quote
        elif scale != facts.scale and not _agrees(scale, facts.scale):
            taken = facts.quotes.get("key", facts.quotes.get("scale", facts.scale))
            facts.conflicts.append(f'"{taken}" and "{quote}" contradict each other; the first was taken')
            return


def _agrees(scale: str, other: str) -> bool:
    """Whether two names can be meant together: "C dorian, minor feel"."""
    thirds = [3 in SCALES[name] for name in (scale, other)]
    return thirds[0] == thirds[1] and "minor" in {scale, other} | ({"minor"} if "major" in {scale, other} else set())
