"""How people point at sections and players: "the second verse", "last chorus", "the piano".

A reference is kept as short text. Sections: `song` (all of them), a kind (`chorus`: every chorus), a kind and a
number (`verse 2`), `last chorus`, `before chorus 1`, `after verse 2`, or the section's own name. Players: a group
(`drums`, `piano`, `lead`), an instrument (`upright_piano`) or a part's own id (`keys_2`).
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from domain.score import Role, SectionKind
from domain.vocabulary import GROUPS, INSTRUMENT_WORDS, SECTION_WORDS

WHOLE = "song"
ORDINALS: Mapping[str, int] = {
    word: number + 1
    for number, word in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    )
}
_ARTICLE = r"(?:(?:the|a|an|every|each|all(?: the| of the)?|both|this|that|my|our|another|one more)\s+)?"
_ORDINAL = rf"(?:{'|'.join(ORDINALS)}|last|final|\d{{1,2}}(?:st|nd|rd|th))"
_KIND = "|".join(sorted(map(re.escape, SECTION_WORDS), key=len, reverse=True))
_ONE = rf"{_ARTICLE}(?:{_ORDINAL}\s+)?(?:{_KIND})(?:\s+(?:number\s+|no\.?\s*|#)?\d{{1,2}})?"
SECTION_PATTERN = rf"(?:{_ARTICLE}(?:(?:whole|entire|full|complete)\s+)?(?:song|track|piece|tune)|{_ONE})"
"""A regular expression, without groups, for what `section_reference` reads."""

_TAKEN_APART = re.compile(
    rf"{_ARTICLE}(?:(?P<ordinal>{_ORDINAL})\s+)?(?P<kind>{_KIND})(?:\s+(?:number\s+|no\.?\s*|#)?(?P<number>\d{{1,2}}))?",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"{_ARTICLE}(?:(?:whole|entire|full|complete)\s+)?(?:song|track|piece|tune)|everywhere|throughout", re.IGNORECASE
)
_BESIDE = re.compile(r"(before|after)\s+(.+)", re.IGNORECASE)
_PART_ID = re.compile(rf"(?:{'|'.join(Role)})(?:_\d{{1,2}})?")


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> SectionKind: ...


class KnownSection(BaseModel):
    """A section of a song as it was arranged last; one that an edit has `copied` cannot be composed anew by itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    kind: SectionKind
    copied: bool = False


class _Player(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def instrument(self) -> str: ...


_SECTIONS = TypeAdapter(tuple[KnownSection, ...])


def written_sections(sections: Sequence[KnownSection]) -> str:
    """Sections as a line of JSON, as a step's measurements carry them."""
    return _SECTIONS.dump_json(tuple(sections), exclude_defaults=True).decode()


def read_sections(line: str) -> tuple[KnownSection, ...]:
    """What `written_sections` wrote; nothing for an empty line."""
    return _SECTIONS.validate_json(line) if line else ()


def section_reference(text: str) -> str | None:
    """The reference that words such as "the 2nd verse" mean; None when they name no kind of section."""
    words = " ".join(text.lower().split())
    if _WHOLE.fullmatch(words):
        return WHOLE
    if beside := _BESIDE.fullmatch(words):
        other = section_reference(beside[2])
        return None if other in (None, WHOLE) else f"{beside[1]} {other}"
    match = _TAKEN_APART.fullmatch(words)
    if match is None:
        return None
    kind = SECTION_WORDS[match["kind"]].value
    if match["ordinal"] in ("last", "final"):
        return f"last {kind}"
    number = ordinal(match["ordinal"]) if match["ordinal"] else match["number"]
    return f"{kind} {int(number)}" if number else kind


def ordinal(word: str) -> int:
    """1 for "first" or "1st", -1 for "last"."""
    word = word.lower()
    if word in ("last", "final"):
        return -1
    return ORDINALS.get(word) or int(re.sub(r"\D", "", word))


def resolve_sections(reference: str, sections: Sequence[_Named]) -> tuple[int, ...]:
    """Places in `sections`, from 0, that a reference means; empty when there is none."""
    if reference == WHOLE:
        return tuple(range(len(sections)))
    if beside := _BESIDE.fullmatch(reference):
        return _beside(beside[1], resolve_sections(beside[2], sections), len(sections))
    of_kind = [i for i, s in enumerate(sections) if s.kind.value == reference]
    if of_kind:
        return tuple(of_kind)
    named = [i for i, s in enumerate(sections) if s.name.lower() == reference]
    if named:
        return tuple(named)
    first, _, second = reference.rpartition(" ")
    if first == "last":
        return tuple([i for i, s in enumerate(sections) if s.kind.value == second][-1:])
    numbers = _numbers([(i, s.name) for i, s in enumerate(sections) if s.kind.value == first])
    return tuple(i for i, number in numbers.items() if str(number) == second)


def _beside(side: str, places: Sequence[int], count: int) -> tuple[int, ...]:
    if not places:
        return ()
    return tuple(range(places[0])) if side == "before" else tuple(range(places[-1] + 1, count))


def _numbers(named: Sequence[tuple[int, str]]) -> dict[int, int]:
    """Place -> number of the sections of one kind; one whose name has no number takes the next that is free."""
    given = {i: int(match[1]) for i, name in named if (match := re.search(r"(\d{1,3})$", name))}
    free = (n for n in range(1, len(named) + 1) if n not in given.values())
    return {i: given[i] if i in given else next(free) for i, _ in named}


def next_number(kind: SectionKind, sections: Sequence[_Named]) -> int:
    """The first number after all those that sections of `kind` have."""
    numbers = _numbers([(i, s.name) for i, s in enumerate(sections) if s.kind is kind])
    return max(numbers.values(), default=0) + 1


@cache
def _instrument_words() -> dict[str, str]:
    spelled = {id_.replace("_", " "): id_ for id_ in INSTRUMENT_WORDS}
    said = {word.strip(): id_ for id_, words in INSTRUMENT_WORDS.items() for word in words.split(",")}
    return {**said, **spelled}


@cache
def _group_words() -> dict[str, str]:
    spelled = {group.replace("_", " "): group for group in GROUPS}
    return {**spelled, **{word.strip(): group for group, (words, _, _) in GROUPS.items() for word in words.split(",")}}


def _plain(text: str) -> str:
    words = re.sub(r"[_\s]+", " ", text.lower()).strip()
    return re.sub(r"^(?:the|a|an|some|any|all the|all|my|that|this)\s+", "", words)


def known_instrument(text: str) -> str | None:
    """The id of the instrument that `text` names ("electric piano" is `rhodes`); None for an unknown one."""
    return _instrument_words().get(_plain(text))


def near_instruments(text: str, count: int = 8) -> tuple[str, ...]:
    """Words for instruments that look like `text`, filled up with usual ones."""
    near = difflib.get_close_matches(_plain(text), _instrument_words(), count, 0.6)
    usual = ("piano", "rhodes", "organ", "acoustic guitar", "strings", "synth pad", "trumpet", "flute")
    return tuple(dict.fromkeys([*near, *usual]))[:count]


def part_reference(text: str) -> str | None:
    """The group, instrument or part id that `text` names; None when it names no player."""
    words = _plain(text)
    words = re.sub(r"\s+(?:part|track|player|line)s?$", "", words) if words not in _group_words() else words
    group = _group_words().get(words) or _instrument_words().get(words)
    if group is None and _PART_ID.fullmatch(given := text.strip().lower()):
        return given
    return group


def resolve_parts(reference: str, parts: Sequence[_Player]) -> tuple[int, ...]:
    """Places in `parts`, from 0, that a reference means; empty when nobody plays it."""
    if reference in GROUPS:
        _, roles, instruments = GROUPS[reference]
        return tuple(i for i, p in enumerate(parts) if p.role in roles or p.instrument in instruments)
    return tuple(i for i, p in enumerate(parts) if reference in (p.instrument, p.id))


def _section(value: str) -> str:
    return section_reference(value) or " ".join(value.lower().split())


def _part(value: str) -> str:
    if (known := part_reference(value)) is None:
        raise ValueError(f"a part is an instrument, a part's id or one of {', '.join(GROUPS)}")
    return known


def _instrument(value: str) -> str:
    if (known := known_instrument(value)) is None:
        raise ValueError(f"no such instrument; say one such as {', '.join(near_instruments(value))}")
    return known


SectionRef = Annotated[str, Field(min_length=1, max_length=72), AfterValidator(_section)]
"""Sections: `song`, a kind, `verse 2`, `last chorus`, `before chorus 1`, or a section's own name."""
PartRef = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_part)]
"""Players: a group such as `drums`, an instrument's id, or a part's own id."""
InstrumentId = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_instrument)]
"""An instrument's id; a word that people use for it is turned into the id."""
