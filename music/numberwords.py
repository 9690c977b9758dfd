"""Numbers in words as digits: "one hundred twenty" is 120, "two and a half minutes" 2.5 minutes."""

import re

_UP_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_BY_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: value for value, word in enumerate(_UP_TO_NINETEEN.split())}
_TENS = {word: 10 * (place + 2) for place, word in enumerate(_BY_TENS.split())}
_NUMBER = "|".join([*_UNITS, *_TENS, "hundred"])
_NUMBERS = re.compile(rf"\b(?:{_NUMBER})(?:[\s-]+(?:and\s+)?(?:{_NUMBER}))*\b", re.IGNORECASE)
_HALVES = (
    (re.compile(r"\b(\d+)\s+and\s+a\s+half\s+(minutes?|mins?|hours?)", re.IGNORECASE), r"\1.5 \2"),
    (re.compile(r"\b(?:an?|1)\s+(minute|hour)\s+and\s+a\s+half\b", re.IGNORECASE), r"1.5 \1"),
    (re.compile(r"\bhalf\s+an?\s+(minute|hour)\b", re.IGNORECASE), r"0.5 \1"),
    (re.compile(r"\ba\s+couple\s+of\s+minutes\b", re.IGNORECASE), "2 minutes"),
    (re.compile(r"\ban?\s+(minute|hour)\b", re.IGNORECASE), r"1 \1"),
)


def in_digits(text: str) -> str:
    """`text` with number words as digits and halves as decimals; the rest keeps its letters."""
    plain = _NUMBERS.sub(lambda match: _digits(match[0]), text)
    for pattern, form in _HALVES:
        plain = pattern.sub(form, plain)
    return plain


def _digits(words: str) -> str:
    """The digits of a number in words; of a row that is no number ("one two three") the words one by one."""
    total, part = 0, 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word == "hundred":
            part = max(1, part) * 100
        elif word in _TENS or word in _UNITS:
            value = _TENS.get(word, _UNITS.get(word, 0))
            if part and part % 100 and (part % 10 or value >= 10):
                return " ".join(
                    str(_TENS.get(w, _UNITS.get(w, 100))) for w in re.split(r"[\s-]+(?:and\s+)?", words.lower())
                )
            part += value
    return str(total + part)
