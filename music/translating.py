"""Prompts in other languages, put into the English that the grammar reads, word by word from the tables of `tongues`.

Not a translation to be read by people: only words that mean something to the composer are exchanged; what stands
between quotation marks is left alone. Key names are the delicate part: "la menor" is A minor, "h-Moll" is B minor and
"b-Moll" B flat minor.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from music.genres import GENRES
from music.lexicon import EMOJI, ENGLISH_WORDS, ITALIAN_TEMPO
from music.matching import lexicon
from music.tongues import TONGUES, Tongue, fold

LONGEST_PHRASE = 5
ENOUGH = 2
"""Points for a language to be believed: a word of its tables counts two, a little word one."""

_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s\-'’]{1,3}")
_QUOTED = re.compile(r"[\"“„«][^\"“”„»\n]{1,80}[\"”“»]")
_LETTER_NOTE = r"[a-g](?:#|b)?"


@dataclass(frozen=True, slots=True)
class Translated:
    """The text in English, the name of its language (None for English), and what was read as what."""

    text: str
    language: str | None
    read_as: tuple[tuple[str, str], ...]


def translate(text: str) -> Translated:
    """`text` with emoji put into words and, in one of the known languages, the composer's words in English."""
    text = _without_emoji(unicodedata.normalize("NFC", text))
    folded = fold(text)
    tongue = _language(folded)
    edits = dict(_key_edits(text, folded, tongue))
    if tongue is not None:
        taken = sorted(edits)
        edits.update(_word_edits(text, folded, tongue, taken))
    out, at, read_as = [], 0, []
    for (start, end), english in sorted(edits.items()):
        out += [text[at:start], english]
        at = end
        read_as.append((text[start:end], english))
    return Translated("".join([*out, text[at:]]), tongue.name if tongue else None, tuple(read_as))


@lru_cache(maxsize=1)
def _emoji() -> re.Pattern[str]:
    return re.compile("|".join(sorted((re.escape(e) for e in EMOJI), key=len, reverse=True)))


def _without_emoji(text: str) -> str:
    """Every emoji that is known as its word, said once."""
    text = text.replace("\ufe0f", "").replace("\u200d", "")
    seen: dict[str, None] = {}

    def spoken(match: re.Match[str]) -> str:
        said = " " if EMOJI[match[0]] in seen else f" {EMOJI[match[0]]} "
        seen[EMOJI[match[0]]] = None
        return said

    return _emoji().sub(spoken, text)


def _language(folded: str) -> Tongue | None:
    """The language that the words of a text speak for, if any does more than English."""
    tokens = set(_WORD.findall(folded[:4000]))
    foreign = {word for word in tokens if word not in lexicon()} - ENGLISH_WORDS - set(ITALIAN_TEMPO)
    best, most = None, 0
    for tongue in TONGUES:
        score = sum(2 for word in foreign if word in _telling(tongue.name))
        score += len(foreign & tongue.mark_words)
        score += 3 if _key_pattern(tongue.name, False).search(folded) else 0
        if score > most:
            best, most = tongue, score
    return best if most >= max(ENOUGH, len(tokens & ENGLISH_WORDS - _ANYWHERE) + 1) else None


# English words that other languages use as well say nothing about the language of a text.
_SHARED = "a in on do me am no as so die an so still final solo song pop rock bass alto six horn piano"
_ANYWHERE = frozenset(_SHARED.split())


@lru_cache(maxsize=8)
def _telling(name: str) -> frozenset[str]:
    """Single words of a language's tables that give it away, bent forms included."""
    tongue = next(t for t in TONGUES if t.name == name)
    words = {w for subject, table in tongue.tables.items() if subject != "little words" for w in _singles(table)}
    words |= {w for w in tongue.mode_names if " " not in w}
    bent = {_bend(w, ending, base) for w in words for ending, base in tongue.endings if _fits(w, base)}
    return frozenset(words | bent)


def _singles(table: str) -> Iterator[str]:
    for row in table.strip().splitlines():
        left, _, english = row.rpartition(":")
        yield from (w for w in (fold(p.strip()) for p in left.split(",")) if " " not in w and w != english.strip())


def _fits(word: str, base: str) -> bool:
    return len(word) > 4 and word.endswith(base)


def _bend(word: str, ending: str, base: str) -> str:
    return word[: len(word) - len(base)] + ending


Edit = tuple[tuple[int, int], str]


def _key_edits(text: str, folded: str, spoken: Tongue | None) -> Iterator[Edit]:
    """Key names: those of the text's own language, and of any other that cannot be taken for English."""
    taken: list[tuple[int, int]] = []
    for tongue in (spoken, *(t for t in TONGUES if t is not spoken)):
        if tongue is None:
            continue
        for match in _key_pattern(tongue.name, tongue is spoken).finditer(folded):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            taken.append(match.span())
            yield match.span(), f"{_note(match, tongue)} {tongue.mode_names[' '.join(match['mode'].split())]}"
    if spoken is not None:
        for match in _bare_pattern(spoken.name).finditer(folded):
            if text[match.start("note")].isupper() or not spoken.compounds:
                span = match.span("note") if match["acc"] is None else (match.start("note"), match.end("acc"))
                yield span, _note(match, spoken)


def _note(match: re.Match[str], tongue: Tongue) -> str:
    name = match["note"]
    letter = tongue.note_names.get(name)
    if letter is None and name[:-1] in tongue.note_names and name[-1] in "#b":
        letter = tongue.note_names[name[:-1]] + name[-1]
    if letter is None:
        letter = name[0].upper() + name[1:]
    return letter + tongue.accidental_names.get(match["acc"] or "", "")


@lru_cache(maxsize=16)
def _key_pattern(name: str, spoken: bool) -> re.Pattern[str]:
    tongue = next(t for t in TONGUES if t.name == name)
    attached = "" if tongue.compounds else "(?:#|b)?"
    notes = "|".join(f"{note}{attached}" for note in sorted(tongue.note_names, key=len, reverse=True))
    if spoken and not tongue.compounds:
        notes = f"{notes}|{_LETTER_NOTE}"
    accidentals = "|".join(tongue.accidental_names) or r"(?!)"
    modes = "|".join(sorted((m.replace(" ", r"\s+") for m in tongue.mode_names), key=len, reverse=True))
    named = rf"(?P<note>{notes})(?:[\s-]+(?P<acc>{accidentals}))?[\s-]+(?P<mode>{modes})"
    return re.compile(rf"(?<![\w']){named}\b(?!\s+parte?\b)")


@lru_cache(maxsize=8)
def _bare_pattern(name: str) -> re.Pattern[str]:
    """A tonic without a mode, at the end of what is said: "en re", "tonalité de si bémol", "in H"."""
    tongue = next(t for t in TONGUES if t.name == name)
    notes = "|".join(sorted(tongue.note_names, key=len, reverse=True))
    accidentals = "|".join(tongue.accidental_names) or r"(?!)"
    return re.compile(
        rf"\b(?:en|in|em|de|do|di|tonart)\s+(?P<note>{notes})(?:[\s-]+(?P<acc>{accidentals}))?(?=\s*[,.;:!?)]|\s*$)"
    )


def _word_edits(text: str, folded: str, tongue: Tongue, taken: list[tuple[int, int]]) -> Iterator[Edit]:
    blocked = [*taken, *(m.span() for m in _QUOTED.finditer(text))]
    tokens = [m for m in _WORD.finditer(folded) if not any(s < m.end() and m.start() < e for s, e in blocked)]
    kept = _genre_phrases(tuple(GENRES))
    at = 0
    while at < len(tokens):
        length, english = _longest(tokens, at, folded, tongue, kept)
        if english is not None:
            span = (tokens[at].start(), tokens[at + length - 1].end())
            if folded[slice(*span)] != english:
                yield span, english
        at += length


def _longest(
    tokens: list[re.Match[str]], at: int, folded: str, tongue: Tongue, kept: frozenset[str]
) -> tuple[int, str | None]:
    """How many words from `at` on belong together, and their English where they are to be exchanged."""
    reach = 1
    while reach < LONGEST_PHRASE and at + reach < len(tokens):
        between = folded[tokens[at + reach - 1].end() : tokens[at + reach].start()]
        if not _GAP.fullmatch(between):
            break
        reach += 1
    for length in range(reach, 0, -1):
        phrase = " ".join(t[0] for t in tokens[at : at + length])
        if phrase in kept:
            return length, None
        english = _table(tongue.name).get(phrase) or tongue.english(phrase)
        if english is not None:
            return length, english
    return 1, _opened(tokens[at][0], tongue, kept) if tongue.compounds else None


@lru_cache(maxsize=8)
def _table(name: str) -> dict[str, str]:
    """The words of a language with hyphens and apostrophes opened, as the tokens of a text come."""
    tongue = next(t for t in TONGUES if t.name == name)
    return {" ".join(_WORD.findall(word)): english for word, english in tongue.words.items()}


@lru_cache(maxsize=4)
def _genre_phrases(ids: tuple[str, ...]) -> frozenset[str]:
    return frozenset(" ".join(_WORD.findall(fold(phrase))) for id_ in ids for phrase in GENRES[id_].phrases)


def _opened(word: str, tongue: Tongue, kept: frozenset[str]) -> str | None:
    """A compound of known words ("Klavierballade", "Gitarrensolo", "Jazzwalzer") taken apart."""
    if len(word) < 7:
        return None
    for cut in range(len(word) - 3, 2, -1):
        first, rest = word[:cut], word[cut:]
        english = tongue.words.get(first) or (
            first if first in kept and (rest in kept or rest in tongue.words) else None
        )
        if english is not None:
            return f"{english} {tongue.words.get(rest, rest)}"
    return None
