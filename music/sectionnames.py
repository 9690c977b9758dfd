"""Wishes for sections by name: "chorus 2" means one section, "last chorus" another, "chorus" every chorus."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from domain.errors import InvalidValue
from domain.score import SectionKind

T = TypeVar("T")

_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1, "final": -1}
_BY_PLACE = re.compile(rf"({'|'.join(_PLACES)})\s+(.+)")
_BY_NUMBER = re.compile(r"(.+?)\s+([1-9]\d?)")
ANY = "section"
"""Stands for a section of any kind: "last section"."""


def resolve(wishes: Mapping[str, T], names: Sequence[str], kinds: Sequence[SectionKind]) -> dict[str, T]:
    """The wish for each section that has one; a section's own name goes before the name of its kind.

    A name is that of a section ("verse 2"), of a kind ("chorus"), or of one by its place among its kind or among all
    ("last chorus", "second verse", "chorus 3", "first section"). Names are read without regard to case. Raises
    `InvalidValue` for a name that no section has.
    """
    by_name = {name.lower(): name for name in names}
    by_kind: dict[str, list[str]] = {ANY: list(names)}
    for name, kind in zip(names, kinds, strict=True):
        by_kind.setdefault(kind.value, []).append(name)
    whole: dict[str, T] = {}
    single: dict[str, T] = {}
    for wished, value in wishes.items():
        text = " ".join(wished.lower().split())
        placed = _placed(text, by_kind)
        if text in by_name:
            single[by_name[text]] = value
        elif text in by_kind and text != ANY:
            whole.update(dict.fromkeys(by_kind[text], value))
        elif placed is not None:
            single.setdefault(placed, value)
        else:
            raise InvalidValue(f"there is no section {wished!r}; the sections are: {', '.join(names)}")
    return {**whole, **single}


def _placed(text: str, by_kind: Mapping[str, Sequence[str]]) -> str | None:
    """The section at a place among its kind; None where there is none."""
    if (match := _BY_PLACE.fullmatch(text)) is not None:
        place, kind = _PLACES[match[1]], match[2]
    elif (match := _BY_NUMBER.fullmatch(text)) is not None:
        place, kind = int(match[2]) - 1, match[1]
    else:
        return None
    found = by_kind.get(kind, ())
    return found[place] if -1 <= place < len(found) and found else None
