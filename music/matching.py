"""Finding lexicon words in a text: longest phrase first, small spelling slips forgiven."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from music.genres import GENRES
from music.lexicon import ERA_STYLE, INSTRUMENT_WORDS, MOOD_WORDS, STYLE_WORDS, TEMPO_SHIFT
from music.numberwords import in_digits
from music.tongues import fold

LONGEST_PHRASE = 5
CLOSE_ENOUGH = 88.0
_WORD = re.compile(r"[\w#&'+]+")

Meaning = tuple[str, str]
"""(category, value): category is genre, mood, instrument, style, tempo or era."""


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase of the text that means something; `at` counts words, `written` is how it stands there."""

    phrase: str
    at: int
    words: int
    meanings: tuple[Meaning, ...]
    exact: bool
    negated: bool
    written: str


def _phrases(table: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for value, words in table.items():
        for phrase in {**dict.fromkeys(w.strip() for w in words.split(",")), value.replace("_", " "): None}:
            yield phrase, value


def lexicon() -> Mapping[str, tuple[Meaning, ...]]:
    """Every phrase with its meanings; one phrase may be a mood and a production word."""
    return _lexicon(tuple(GENRES))


@lru_cache(maxsize=4)
def _lexicon(genres: tuple[str, ...]) -> dict[str, tuple[Meaning, ...]]:
    out: dict[str, dict[Meaning, None]] = {}
    rows = [("genre", phrase, id_) for id_ in genres for phrase in GENRES[id_].phrases]
    rows += [("instrument", phrase, value) for phrase, value in _phrases(INSTRUMENT_WORDS)]
    rows += [("style", word, value) for value, words in STYLE_WORDS.items() for word in words.split(",")]
    for category, words in (("mood", MOOD_WORDS), ("tempo", TEMPO_SHIFT), ("era", ERA_STYLE)):
        rows += [(category, word, word) for word in words]
    for category, phrase, value in rows:
        out.setdefault(normal(phrase), {})[category, value] = None
    return {phrase: tuple(meanings) for phrase, meanings in out.items()}


def normal(phrase: str) -> str:
    """A phrase as it is looked up: small letters without accents, hyphens opened, numbers as digits."""
    return " ".join(re.sub(r"[-_]", " ", in_digits(fold(phrase.replace("’", "'")))).split())


def words_of(text: str) -> list[str]:
    """The words of a text as they are looked up."""
    return [match[0] for match in _WORD.finditer(normal(text))]


def _commas(text: str) -> frozenset[int]:
    """Numbers of the words before which a comma or another stop stands."""
    plain = normal(text)
    ends = 0
    stops = set()
    for number, match in enumerate(_WORD.finditer(plain)):
        if set(",;.:!?|()") & set(plain[ends : match.start()]):
            stops.add(number)
        ends = match.end()
    return frozenset(stops)


_NEGATIONS = {"no", "without", "minus", "sans", "zero", "avoid", "drop", "except", "skip", "not"}
_LINKS = {"any", "the", "a", "or", "and", "of", "kind", "too", "very", "with", "want", "use"}


# Instruments that are something else after a mood: "chill vibes".
_IDIOMS = {"vibes", "vibe"}
# Words that mean no tempo before others: "slowly building".
_GROWING = "building builds build evolving growing rising fading unfolding burn burning swelling getting"
_BUILDING = frozenset(_GROWING.split())
_NOT_BEFORE: dict[str, frozenset[str]] = {"slowly": _BUILDING, "slow": _BUILDING}


def _colours(found: Found) -> bool:
    return any(category in {"mood", "style", "genre", "era"} for category, _ in found.meanings)


def find(text: str) -> list[Found]:
    """All lexicon phrases of `text` in order; a word belongs to one phrase only, the longest."""
    words, stops = words_of(text)[:2500], _commas(text)
    table = lexicon()
    found: list[Found] = []
    at = 0
    while at < len(words):
        match = _longest(words, at, table) or _close(words, at, table)
        if match is None:
            at += 1
            continue
        phrase, length, exact = match
        if phrase in _IDIOMS and found and found[-1].at + found[-1].words == at and _colours(found[-1]):
            at += length
            continue
        if words[at + length : at + length + 1] and words[at + length] in _NOT_BEFORE.get(phrase, ()):
            at += length
            continue
        written = " ".join(words[at : at + length])
        found.append(
            Found(phrase, at, length, table[phrase], exact, _negated(words, at, length, found, stops), written)
        )
        at += length
    return found


def _longest(words: list[str], at: int, table: Mapping[str, tuple[Meaning, ...]]) -> tuple[str, int, bool] | None:
    for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
        phrase = " ".join(words[at : at + length])
        for form in (phrase, phrase.removesuffix("s")):
            if form in table:
                return form, length, True
    return None


def _close(words: list[str], at: int, table: Mapping[str, tuple[Meaning, ...]]) -> tuple[str, int, bool] | None:
    """A word of six letters or more that is nearly one of ours ("melancolic"); also two words."""
    for length in (2, 1):
        phrase = " ".join(words[at : at + length])
        if len(phrase) < 6 + 4 * (length - 1) or len(words) - at < length or not phrase[0].isalpha():
            continue
        best = _nearest(phrase, tuple(GENRES))
        if best is not None and best in table:
            return best, length, False
    return None


@lru_cache(maxsize=4096)
def _nearest(phrase: str, genres: tuple[str, ...]) -> str | None:
    pool = _pool(phrase[0], phrase.count(" "), genres)
    match = process.extractOne(phrase, pool, scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
    return str(match[0]) if match is not None else None


@lru_cache(maxsize=128)
def _pool(initial: str, spaces: int, genres: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(p for p in _lexicon(genres) if p[0] == initial and p.count(" ") == spaces and len(p) >= 5)


def _negated(words: list[str], at: int, length: int, found: list[Found], stops: frozenset[int]) -> bool:
    """Whether a negation stands before the phrase, over link words and other things that are left out.

    It reaches over a comma only in a list that ends with "or": "no drums, bass or guitar".
    """
    listed = bool({"or", "nor"} & {*words[at + length : at + length + 3], *words[max(0, at - 1) : at]})
    before = at - 1
    while before >= 0 and at - before <= 6:
        word = words[before]
        if before + 1 in stops and not listed:
            return False
        if word in _NEGATIONS:
            return not (word == "not" and before + 1 < len(words) and words[before + 1] in {"only", "just"})
        covering = [f for f in found if f.at <= before < f.at + f.words]
        if word == "with" or (word not in _LINKS and not (covering and covering[0].negated)):
            return False
        before -= 1
    return False
