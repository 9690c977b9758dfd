"""Facts in a prompt: tempo, key, metre, duration, chords, sections and what is to be left out, by grammar."""

import re
from dataclasses import dataclass, field
from typing import Any

from domain.errors import InvalidValue
from music.form import LONGEST_S, SECTION_WORDS, SHORTEST_S, section_kind
from music.metre import parse_metre
from music.theory import SCALES, is_chord, is_numeral, normal_key

SLOWEST, FASTEST = 20.0, 400.0

_UNITS = {
    word: i
    for i, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    w: (i + 2) * 10
    for i, w in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_NUMBER_WORD = "|".join([*_UNITS, *_TENS, "hundred"])
_NUMBER_WORDS = re.compile(rf"\b(?:{_NUMBER_WORD})(?:[\s-]+(?:and\s+)?(?:{_NUMBER_WORD}))*\b")
_NUM = r"(\d{1,6}(?:[.,]\d+)?)"
_RANGE = rf"{_NUM}(?:\s*(?:-|–|to)\s*{_NUM})?"
_TEMPO = (
    re.compile(rf"{_RANGE}[\s-]*(?:bpm|b\.p\.m|beats (?:per|a) minute)\b"),
    re.compile(rf"\b(?:bpm|tempo)\s*(?:of|is|at|around|about|:|=|~)?\s*(?:about|around)?\s*{_RANGE}"),
)
_HOURS = r"hours?|hrs?"
_MINUTES = r"minutes?|mins?"
_SECONDS = r"seconds?|secs?"
_DURATION = re.compile(
    rf"{_RANGE}[\s-]*({_HOURS}|{_MINUTES}|{_SECONDS}|s(?=\s+long|\b))(?:[\s,]*(?:and\s+)?{_NUM}[\s-]*({_SECONDS}))?\b"
)
_HALVES = (
    (re.compile(r"\b(\d+)\s+and\s+a\s+half\s+(minutes?|mins?|hours?)"), r"\1.5 \2"),
    (re.compile(r"\b(?:an?|1)\s+(minute|hour)\s+and\s+a\s+half\b"), r"1.5 \1"),
    (re.compile(r"\bhalf\s+an?\s+(minute|hour)\b"), r"0.5 \1"),
    (re.compile(r"\ban?\s+(?:couple of\s+)minutes\b"), "2 minutes"),
    (re.compile(r"\ban?\s+(minute|hour)\b"), r"1 \1"),
)
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?![\d:])")
_SECTION = "|".join(sorted((re.escape(w) for w in SECTION_WORDS if len(w) > 1), key=len, reverse=True))
_SCALE_NAMES = {
    **{name.replace("_", " "): name for name in SCALES},
    "maj": "major", "min": "minor", "natural minor": "minor", "aeolian": "minor", "ionian": "major",
    "pentatonic minor": "minor_pentatonic", "pentatonic major": "major_pentatonic", "spanish": "phrygian_dominant",
}  # fmt: skip
_SCALE = "|".join(sorted((re.escape(n) for n in _SCALE_NAMES if n != "blues"), key=len, reverse=True))
_ACCIDENTAL = r"(?:\s*(?:#|♯|♭)|b(?![a-z])|[\s-]+(?:sharp|flat)\b)?"
_KEY_WITH_SCALE = re.compile(
    rf"(?<![A-Za-z#♯♭'])([A-Ha-h])({_ACCIDENTAL})[\s-]+({_SCALE}|blues scale)\b", re.IGNORECASE
)
_KEY_NAMED = re.compile(
    r"\bkey(?:\s+(?:of|is|in)|\s*[:=])?\s*([A-Za-z])"
    r"(\s*[#♯♭]|b(?![a-z])|[\s-]+(?:sharp|flat)\b)?(m(?:in)?\b)?(?![a-z])"
)
_KEY_BARE = re.compile(r"\b[Ii]n\s+([A-G])([#♯♭]|b(?![a-z])|[\s-]+(?:sharp|flat)\b)?(m\b)?(?=[\s,.;:!)]|$)")
_SCALE_ALONE = re.compile(rf"\b({_SCALE})\b(?:[\s-]+(?:key|scale|mode|tonality|feel|harmony|chords?))?", re.IGNORECASE)
_METRE = re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])(\s*(?:time|meter|metre|signature))?")
_METRE_WORDS = {
    "triple meter": "3/4", "triple metre": "3/4", "three four": "3/4", "waltz time": "3/4", "five four": "5/4",
    "six eight": "6/8", "seven eight": "7/8", "common time": "4/4", "3 4 time": "3/4",
}  # fmt: skip
_CHORD_TOKEN = (
    r"(?:[A-G](?:#|b|♯|♭)?(?:maj|min|m|M|dim|aug|sus|add|°|ø|\+|Δ|-(?=7))?(?:\d{1,2})?"
    r"(?:sus[24]|b5|#5|b9|#9|#11|add9)?(?:/[A-G](?:#|b)?)?)"
)
_NUMERAL_TOKEN = r"(?:[b#♭♯]?(?:VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(?:maj7|m7b5|°7|°|dim7?|7|9|6|sus[24])?)"
_SEPARATOR = r"(?:\s*[-–—|,>→]+\s*|\s+)"
_CHORDS = re.compile(rf"(?<![\w#]){_CHORD_TOKEN}(?:{_SEPARATOR}{_CHORD_TOKEN}){{2,}}(?![\w#])")
_NUMERALS = re.compile(
    rf"(?<![\w'])(?:{_NUMERAL_TOKEN})(?:\s*[-–—|,>→]+\s*{_NUMERAL_TOKEN}|\s+{_NUMERAL_TOKEN}){{2,}}(?![\w'])"
)
_LENGTHS = re.compile(
    rf"\b(?:(?P<n1>\d+)[\s-]*(?P<u1>bar|measure|beat|second|sec)s?[\s-]+(?P<s1>{_SECTION})(?:\s*\d)?"
    rf"|(?P<s2>(?:{_SECTION})(?:\s*\d(?=\s*[(:=]|\s+\d|\s+of))?)\s*(?:[(:=]|of|for|lasting)?\s*"
    r"(?P<n2>\d+)[\s-]*(?P<u2>bar|measure|beat|second|sec)s?)\b"
)
_SECTION_LIST = re.compile(
    rf"\b(?:{_SECTION})(?:\s*\d)?(?:\s*(?:[,>→–—-]|->|then|and|followed by)+\s*"
    rf"(?:an?\s+|the\s+|then\s+|and\s+)*(?:{_SECTION})(?:\s*\d)?){{2,}}\b"
)
_LETTER_FORM = re.compile(r"\b(?:([abc]{3,8})[\s-]+(?:form|structure)|(?:form|structure)\s+([abc]{3,8}))\b")
_FORM_LETTERS = {"a": "theme", "b": "bridge", "c": "solo"}
_USUAL_BARS = {"intro": 4, "outro": 4, "prechorus": 4, "build": 4}
_NO = re.compile(
    r"\b(?:no|without|minus|sans|zero|free of|don't (?:use|want)|avoid|not any)\s+(?:any\s+|the\s+)?"
    r"((?:[a-z0-9'&-]+\s?){1,3})"
)


@dataclass(slots=True)
class Facts:
    """What a prompt says in so many words; `spans` are the places the facts were read from."""

    tempo: float | None = None
    key: str | None = None
    scale: str | None = None
    metre: str | None = None
    duration: float | None = None
    chords: dict[str, list[str]] = field(default_factory=dict)
    structure: list[dict[str, Any]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    quotes: dict[str, str] = field(default_factory=dict)
    spans: list[tuple[int, int]] = field(default_factory=list)


def read_facts(text: str) -> Facts:
    """The explicit facts of `text`. Raises `InvalidValue` naming an impossible tempo, key, metre or duration."""
    facts = Facts()
    plain = _in_digits(text)
    _read_tempo(plain, facts)
    _read_sections(plain, facts)
    _read_duration(plain, facts)
    _read_metre(plain, facts)
    _read_chords(text, facts)
    _read_key(text, facts)
    facts.left_out = [m[1].strip() for m in _NO.finditer(plain)]
    if re.search(r"\b(?:drumless|beatless)\b", plain):
        facts.left_out.append("drums")
    return facts


def _in_digits(text: str) -> str:
    """Lower case, number words as digits, halves as decimals."""
    lowered = text.lower().replace("’", "'")
    plain = _NUMBER_WORDS.sub(lambda m: _number(m[0]), lowered)
    for pattern, form in _HALVES:
        plain = pattern.sub(form, plain)
    return plain


def _number(words: str) -> str:
    total, part = 0, 0
    for word in re.split(r"[\s-]+", words):
        if word == "hundred":
            part = max(1, part) * 100
        elif word in _TENS or word in _UNITS:
            value = _TENS.get(word, _UNITS.get(word, 0))
            if part and part % 100 and (part % 10 or value >= 10):
                return words
            part += value
    return str(total + part)


def _mean(low: str, high: str | None) -> float:
    values = [float(v.replace(",", ".")) for v in (low, high) if v]
    return sum(values) / len(values)


def _read_tempo(plain: str, facts: Facts) -> None:
    for pattern in _TEMPO:
        match = pattern.search(plain)
        if match is None:
            continue
        tempo = _mean(match[1], match[2])
        if not SLOWEST <= tempo <= FASTEST:
            raise InvalidValue(f"a tempo of {tempo:g} bpm cannot be played; use {SLOWEST:g} to {FASTEST:g} bpm")
        facts.tempo, facts.quotes["tempo"] = tempo, match[0].strip()
        return


def _read_duration(plain: str, facts: Facts) -> None:
    seconds, quote = None, ""
    for match in _DURATION.finditer(plain):
        unit, value = match[3], _mean(match[1], match[2])
        if re.match(rf"[\s-]*(?:long\s+)?(?:{_SECTION})\b", plain[match.end() :]) or _is_decade(match, plain):
            continue
        factor = 3600 if unit.startswith("h") else 60 if unit.startswith("m") else 1
        seconds = value * factor + (float(match[4].replace(",", ".")) if match[4] else 0)
        quote = match[0]
        break
    if seconds is None and (clock := _CLOCK.search(plain)):
        seconds, quote = int(clock[1]) * 60.0 + int(clock[2]), clock[0]
    if seconds is None:
        return
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise InvalidValue(
            f"a duration of {seconds:g} s ({quote.strip()}) cannot be made; use {SHORTEST_S:g} to {LONGEST_S:g} seconds"
        )
    facts.duration, facts.quotes["duration"] = seconds, quote.strip()


def _is_decade(match: re.Match[str], plain: str) -> bool:
    """80s is a decade, 80 s a duration; 60s long is a duration too."""
    attached = match[3] == "s" and plain[match.end(1)] == "s"
    return attached and match[1].endswith("0") and not plain[match.end() :].lstrip().startswith("long")


def _read_metre(plain: str, facts: Facts) -> None:
    for match in _METRE.finditer(plain):
        try:
            parse_metre(f"{match[1]}/{match[2]}")
        except InvalidValue:
            if match[3]:
                raise
            continue
        facts.metre, facts.quotes["metre"] = f"{int(match[1])}/{int(match[2])}", match[0].strip()
        return
    for words, metre in _METRE_WORDS.items():
        if words in plain:
            facts.metre, facts.quotes["metre"] = metre, words
            return


def _set_key(facts: Facts, letter: str, accidental: str | None, quote: str) -> None:
    name = (letter.upper() + (accidental or "").strip()).replace(" ", " ")
    facts.key, facts.quotes["key"] = normal_key(name), quote.strip()


def _read_key(text: str, facts: Facts) -> None:
    named = _KEY_NAMED.search(text)
    for match in _KEY_WITH_SCALE.finditer(text):
        if match[1] == "a" and not _is_a_key(text, match):
            continue
        if match[1] in "bcdefgh" and not re.search(r"\b(?:in|key of|key)\s+$", text[: match.start()], re.IGNORECASE):
            continue
        _set_key(facts, match[1], match[2], match[0])
        facts.scale = _SCALE_NAMES.get(re.sub(r"\s+", " ", match[3].lower()), "blues")
        return
    if named is not None and (named[1].isupper() or len(text) > named.end(1)):
        if named[1].isupper():
            _set_key(facts, named[1], named[2], named[0])
            facts.scale = "minor" if named[3] else None
    elif (bare := _KEY_BARE.search(text)) is not None and (bare[1] != "A" or bare[2] or bare[3]):
        _set_key(facts, bare[1], bare[2], bare[0])
        facts.scale = "minor" if bare[3] else None
    if facts.scale is None and (alone := _SCALE_ALONE.search(text)) is not None:
        facts.scale = _SCALE_NAMES[re.sub(r"\s+", " ", alone[1].lower())]
        facts.quotes["scale"] = alone[0].strip()


def _is_a_key(text: str, match: re.Match[str]) -> bool:
    """Whether a small "a" names a key: "in a minor" does, "in a minor key" and "a major hit" do not."""
    before, after = text[: match.start()], text[match.end() :]
    article = re.match(r"\s+(?!and\b|at\b|with\b|about\b|for\b|around\b|in\b|by\b|of\b|feat)[A-Za-z]", after)
    return bool(re.search(r"\b(?:in|key of|key)\s+$", before, re.IGNORECASE)) and article is None


def _read_chords(text: str, facts: Facts) -> None:
    for pattern, readable in ((_CHORDS, is_chord), (_NUMERALS, is_numeral)):
        for match in pattern.finditer(text):
            tokens = [t for t in re.split(_SEPARATOR, match[0]) if t]
            clean = [t.replace("♯", "#").replace("♭", "b") for t in tokens]
            if not all(readable(t) for t in clean) or not _means_chords(text, match, clean):
                continue
            facts.chords[_section_before(text, match.start(), facts)] = clean
            facts.quotes["chords"] = match[0].strip()
            facts.spans.append(match.span())


def _means_chords(text: str, match: re.Match[str], tokens: list[str]) -> bool:
    """Letters in a row are chords when somebody says so, or when they could be nothing else."""
    around = text[max(0, match.start() - 40) : match.start()].lower()
    around += text[match.end() : match.end() + 30].lower()
    if re.search(r"chord|progression|harmon|verse|chorus|loop|changes", around):
        return True
    dressed = sum(len(t.replace("#", "").replace("b", "")) > 1 for t in tokens)
    return dressed >= 1 and len(tokens) >= 3


def _section_before(text: str, start: int, facts: Facts) -> str:
    """The section that a chord list belongs to: one named just before it, not used yet; else all."""
    before = text[max(0, start - 30) : start].lower()
    words = [m[0] for m in re.finditer(rf"\b(?:{_SECTION})\b", re.split(r"[.;\n]", before)[-1])]
    kind = section_kind(words[-1]).value if words else "all"
    return kind if kind not in facts.chords else "all"


def _read_sections(plain: str, facts: Facts) -> None:
    lengths: dict[str, tuple[float, str]] = {}
    ordered: list[dict[str, Any]] = []
    for match in _LENGTHS.finditer(plain):
        name = (match["s1"] or match["s2"]).strip()
        unit = {"b": "bars", "m": "bars", "s": "seconds"}[(match["u1"] or match["u2"])[0]]
        unit = "beats" if (match["u1"] or match["u2"]).startswith("beat") else unit
        count = float(match["n1"] or match["n2"])
        if count > 0:
            lengths[name] = (count, unit)
            ordered.append({"name": name, "duration": count, "unit": unit})
    listed = _SECTION_LIST.search(plain)
    if listed is not None:
        names = [m[0].strip() for m in re.finditer(rf"\b(?:{_SECTION})(?:\s*\d)?\b", listed[0])]
        facts.structure = [_entry(name, lengths) for name in names]
        facts.quotes["structure"] = listed[0]
    elif len(ordered) >= 2:
        facts.structure = ordered
        facts.quotes["structure"] = "section lengths"
    elif (letters := _LETTER_FORM.search(plain)) is not None:
        facts.structure = [_entry(_FORM_LETTERS[c], {}) for c in (letters[1] or letters[2])]
        facts.quotes["structure"] = letters[0]


def _entry(name: str, lengths: dict[str, tuple[float, str]]) -> dict[str, Any]:
    count, unit = lengths.get(name, (float(_USUAL_BARS.get(section_kind(name).value, 8)), "bars"))
    return {"name": name, "duration": count, "unit": unit}
