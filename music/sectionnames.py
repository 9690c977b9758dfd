"""Wishes for sections by name: "chorus 2" means one section, "last chorus" another, "chorus" every chorus."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from domain.errors import InvalidValue
from domain.score import SectionKind
from domain.vocabulary import SECTION_WORDS

T = TypeVar("T")

_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "final": -1}
_BY_PLACE = re.compile(rf"({'|'.join(_PLACES)})\s+(.+)")
_BY_NUMBER = re.compile(r"(.+?)\s+([1-9]\d?)")
ANY = "section"
"""Stands for a section of any kind: "last section"."""


def _closed(text: str) -> str:
    """Small letters without spaces and hyphens: "Pre-Chorus", "pre chorus" and "prechorus" are one."""
    return re.sub(r"[\s\-]+", "", text.lower())


_WORDS = {_closed(word): kind.value for word, kind in SECTION_WORDS.items()}
_SPELLINGS = {_closed(word): word for word in reversed(SECTION_WORDS)}


def folded(name: str) -> str:
    """One spelling for all spellings of a section's name, to compare names by where no form is known yet.

    "Second Verse" is "verse 2", "pre-chorus" and "pre chorus" are "prechorus"; "final chorus" is "last chorus", which
    only a form can number.
    """
    word, place = _parted(" ".join(name.lower().split()))
    stem = _SPELLINGS.get(_closed(word), " ".join(re.split(r"[\s\-]+", word)))
    return f"last {stem}" if place == -1 else stem if place is None else f"{stem} {place + 1}"


def fold_names(wishes: Mapping[str, T]) -> dict[str, T]:
    """The wishes by their folded names; of two spellings of one name the last is kept."""
    return {folded(name): value for name, value in wishes.items()}


def _parted(text: str) -> tuple[str, int | None]:
    """A name in small letters as its words and its place: from 0, -1 the last, None without one."""
    if _closed(text) in _WORDS:
        return text, None
    if (match := _BY_PLACE.fullmatch(text)) is not None:
        return match[2], _PLACES[match[1]]
    if (match := _BY_NUMBER.fullmatch(text)) is not None:
        return match[1], int(match[2]) - 1
    return text, None


def resolve(wishes: Mapping[str, T], names: Sequence[str], kinds: Sequence[SectionKind]) -> dict[str, T]:
    """The wish for each section that has one; a section's own name goes before the name of its kind.

    A name is that of a section ("verse 2"), of a kind ("chorus"), of sections that are told apart by numbers alone
    ("hook" for "hook 1" and "hook 2"), another word for a kind ("refrain"), or one by its place among these or among
    all ("last chorus", "second verse", "chorus 3", "first section"). Names are read without regard to case, hyphens
    and spaces. Raises `InvalidValue` for a name that no section has.
    """
    by_name = {_closed(name): name for name in reversed(names)} | {name.lower(): name for name in names}
    groups = _groups(names, kinds)
    whole: dict[str, T] = {}
    single: dict[str, T] = {}
    for wished, value in wishes.items():
        text = " ".join(wished.lower().split())
        own = by_name.get(text) or by_name.get(_closed(text))
        group = groups.get(_closed(text), ()) if _closed(text) != ANY else ()
        placed = _placed(text, groups)
        if own is not None:
            single[own] = value
        elif group:
            whole.update(dict.fromkeys(group, value))
        elif placed is not None:
            single.setdefault(placed, value)
        else:
            raise InvalidValue(f"there is no section {wished!r}; the sections are: {', '.join(names)}")
    return {**whole, **single}


def _groups(names: Sequence[str], kinds: Sequence[SectionKind]) -> dict[str, list[str]]:
    """The sections that a word stands for: a kind, else what the sections are called, else what people say."""
    by_kind: dict[str, list[str]] = {ANY: list(names)}
    by_stem: dict[str, list[str]] = {}
    for name, kind in zip(names, kinds, strict=True):
        by_kind.setdefault(kind.value, []).append(name)
        by_stem.setdefault(_closed(_parted(" ".join(name.lower().split()))[0]), []).append(name)
    by_word = {word: by_kind[kind] for word, kind in _WORDS.items() if kind in by_kind}
    return {**by_word, **by_stem, **by_kind}


def _placed(text: str, groups: Mapping[str, Sequence[str]]) -> str | None:
    """The section at a place among its kind; None where there is none."""
    word, place = _parted(text)
    found = groups.get(_closed(word), ())
    return found[place] if place is not None and -1 <= place < len(found) and found else None
