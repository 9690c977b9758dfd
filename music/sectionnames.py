"""Wishes for sections by name: "chorus 2" means one section, "chorus" every chorus."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from domain.errors import InvalidValue
from domain.score import SectionKind

T = TypeVar("T")


def resolve(wishes: Mapping[str, T], names: Sequence[str], kinds: Sequence[SectionKind]) -> dict[str, T]:
    """The wish for each section that has one; a section's own name goes before the name of its kind.

    Names are read without regard to case. Raises `InvalidValue` for a name that no section has.
    """
    by_name = {name.lower(): name for name in names}
    by_kind: dict[str, list[str]] = {}
    for name, kind in zip(names, kinds, strict=True):
        by_kind.setdefault(kind.value, []).append(name)
    whole: dict[str, T] = {}
    single: dict[str, T] = {}
    for wished, value in wishes.items():
        text = wished.lower().strip()
        if text in by_name:
            single[by_name[text]] = value
        elif text in by_kind:
            whole.update(dict.fromkeys(by_kind[text], value))
        else:
            raise InvalidValue(f"there is no section {wished!r}; the sections are: {', '.join(names)}")
    return {**whole, **single}
