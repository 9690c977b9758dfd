"""Key and mode of the song."""

import re

from domain.errors import InvalidValue
from music.grammar.facts import Facts
from music.grammar.script import Script
from music.grammar.tonality import ACCIDENTAL, KEY, SCALE, SCALE_NAMES, alternatives, scale_name, tonic
from music.theory import SCALES, name_pc

_ANY_LETTER = re.compile(
    rf"\b(?i:key of|key:|in the key|in)\s+([I-Z])(?:{ACCIDENTAL})?[\s-]+(?i:{SCALE})\b"
    r"|\b(?i:key of)\s+([I-Z])(?![\w'])"
)
_WITH_SCALE = re.compile(KEY)
_NAMED = re.compile(
    r"\b(?i:key)(?:\s+(?i:of|is|in)|\s*[:=])?\s*(?P<note>[A-Z])"
    rf"(?P<acc>{ACCIDENTAL})?(?P<m>m(?:in)?\b)?(?![a-z])"
)
_BARE = re.compile(rf"\b[Ii]n\s+(?P<note>[A-G])(?P<acc>{ACCIDENTAL})?(?P<m>m\b)?(?=[\s,.;:!)\x00]|$)")
# A key that stands alone between commas: "C#m, 120 bpm".
_ALONE = re.compile(rf"(?:^|[,;\x00])\s*(?P<note>[A-G])(?P<acc>{ACCIDENTAL})?(?P<m>m)?(?=\s*(?:[,;.\x00]|$))")
_FREE = alternatives(name for name in SCALE_NAMES if name not in {"major", "minor", "maj", "min", "blues scale"})
_NO_MODE = "hit|third|second|sixth|seventh|7th|chord|detail|issue|setback|character|label|league"
_MODE = re.compile(
    rf"\b(?P<free>{_FREE})\b"
    r"|\b(?P<plain>major|minor)[\s-]+(?:key|scale|mode|tonality|feel|harmony|chords|mood|sounding)\b"
    r"|\bin[\s-]+(?:a\s+)?(?P<in>major|minor)(?=\s*(?:[,.;]|$))"
    rf"|\b(?P<minor>minor)\b(?!\s+(?:{_NO_MODE}))"
)
# A mode that is refused, and one that stands before its tonic: "not in major", "blues scale in A".
_NOT_MODE = re.compile(
    r"\b(?:not|never|(?:is|does|should)n't|no)\s+(?:be\s+)?(?:in\s+)?(?:a\s+|the\s+)?(?P<mode>major|minor)\b"
    rf"(?!\s+(?:{_NO_MODE}))(?:[\s-]+(?:key|scale|mode|tonality))?"
)
_BEFORE = alternatives([*(name for name in SCALE_NAMES if name not in {"major", "minor", "maj", "min"}), "blues"])
_MODE_FIRST = re.compile(
    rf"\b(?P<scale>(?i:{_BEFORE}))(?P<word>(?i:\s+(?:scale|mode)))?\s+(?i:in|on|of|from)\s+(?P<note>[A-G])(?P<acc>{ACCIDENTAL})?"
    r"(?:(?P<m>m)\b|\s+(?P<plain>(?i:major|minor))\b)?(?![\w#♯♭'])"
)
_PLAIN_PENTATONIC = "pentatonic"
_LED = re.compile(r"\b(?:in|key of|key|key:)\s+$", re.IGNORECASE)
_CLAUSE_END = re.compile(r"\s*(?:[,;:.!)\x00]|$)")
_GOES_ON = r"and|at|with|about|for|around|in|by|of|feat|without|no|to"
_KEY_ENDS = re.compile(rf"{_CLAUSE_END.pattern}|\s+(?:{_GOES_ON})\b")
_NOUN = re.compile(rf"\s+(?!(?:{_GOES_ON})\b)[A-Za-z]")


def read_key(script: Script, facts: Facts) -> None:
    """The song's key and mode; a second one that differs is a contradiction."""
    if (bad := _ANY_LETTER.search(script.text)) is not None:
        raise InvalidValue(f"there is no key {bad[1] or bad[2]!r}; use A to G with b or #, such as F, Ab or C#")
    _refused_mode(script, facts)
    named = [*_mode_first(script), *_with_scale(script)]
    said = [*named, *_tonics(script, alone=not named)]
    if said:
        key, scale, facts.quotes["key"] = said[0]
        facts.key, facts.scale = key, scale or facts.scale
        for key, scale, quote in said[1:]:
            other = name_pc(key) != name_pc(facts.key) or (scale and facts.scale and scale != facts.scale)
            if other:
                facts.conflicts.append(
                    f'"{facts.quotes["key"]}" and "{quote}" are two keys for one song; the first was taken'
                )
                break
            facts.scale = facts.scale or scale
    _mode(script, facts)


Said = list[tuple[str, str | None, str]]


def _refused_mode(script: Script, facts: Facts) -> None:
    """A song "not in major" is in minor, and the other way round."""
    for match in script.matches(_NOT_MODE)[:1]:
        facts.scale = "minor" if match["mode"] == "major" else "major"
        facts.quotes["scale"] = script.take(*match.span())


def _mode_first(script: Script) -> Said:
    """A mode before its tonic: "blues scale in A", "pentatonic in E minor", "dorian in D"."""
    said: Said = []
    for match in script.matches(_MODE_FIRST, written=True):
        words = re.sub(r"[\s-]+", " ", match["scale"].lower())
        if words == "blues" and not match["word"]:
            continue
        scale = "blues" if words == "blues" else scale_name(words)
        if words == _PLAIN_PENTATONIC and (match["m"] or (match["plain"] or "").lower() == "minor"):
            scale = "minor_pentatonic"
        said.append((tonic(match["note"], match["acc"]), scale, script.take(*match.span())))
    return said


def _with_scale(script: Script) -> Said:
    said: Said = []
    for match in script.matches(_WITH_SCALE, written=True):
        small = match["note"].islower() and not match["acc"] and not _small_is_key(match)
        if not small and not _is_article(match):
            said.append((tonic(match["note"], match["acc"]), scale_name(match["scale"]), script.take(*match.span())))
    return said


def _small_is_key(match: re.Match[str]) -> bool:
    """Whether a small letter names a key: "in a minor" does, "in a minor key" and "a major hit" do not."""
    after = match.string[match.end() :]
    led = _LED.search(match.string[: match.start()]) is not None
    closed = _CLAUSE_END.match(after) is not None
    return closed or (led and (match["note"] != "a" or _NOUN.match(after) is None))


def _is_article(match: re.Match[str]) -> bool:
    """Whether a capital A is an article, as in "A minor chord opens it"."""
    if match["note"] != "A" or match["acc"]:
        return False
    starts = re.search(r"(?:^|[.!?]\s+)$", match.string[: match.start()]) is not None
    return (
        starts
        and re.match(rf"\s+(?:key|scale|mode|tonality|feel|mood|{_NO_MODE})\b", match.string[match.end() :]) is not None
    )


def _tonics(script: Script, *, alone: bool) -> Said:
    """Keys without the name of a scale: "key of F", "in Bm", or `alone` between commas with # or b or m."""
    said: Said = []
    for pattern in (_NAMED, _BARE, _ALONE):
        for match in script.matches(pattern, written=True):
            plain = not (match["acc"] or match["m"])
            if pattern is _ALONE and (plain or said or not alone):
                continue
            if pattern is _BARE and match["note"] == "A" and plain and not _KEY_ENDS.match(match.string[match.end() :]):
                continue
            key = tonic(match["note"], match["acc"])
            said.append((key, "minor" if match["m"] else None, script.take(*match.span())))
    return said


def _mode(script: Script, facts: Facts) -> None:
    """A mode named without a tonic; beside a key with its own mode it may contradict it."""
    for match in script.matches(_MODE):
        words = next(g for g in (match["free"], match["plain"], match["in"], match["minor"]) if g)
        scale = scale_name(words)
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
