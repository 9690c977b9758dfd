"""Free words of a revision that are understood without a language model.

Each form is one row: what it looks like, the operations it means. Words that match no row are refused with the
list of forms, never ignored.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain.errors import InvalidCommand


class Operation(BaseModel):
    """One edit: set a context path, scale or add to a number there, append to a list, or ask for a new take."""

    model_config = ConfigDict(frozen=True)

    op: Literal["set", "scale", "add", "append", "remove", "new_take"]
    path: str | None = None
    value: Any = None


def _set(path: str, convert: Callable[[str], Any] = str) -> Callable[[re.Match[str]], tuple[Operation, ...]]:
    return lambda m: (Operation(op="set", path=path, value=convert(m["value"])),)


def _change(op: Literal["scale", "add"], path: str, value: float) -> Callable[[re.Match[str]], tuple[Operation, ...]]:
    return lambda _: (Operation(op=op, path=path, value=value),)


def _key(match: re.Match[str]) -> tuple[Operation, ...]:
    tonic = match["tonic"][:1].upper() + match["tonic"][1:]
    scale = (match["scale"] or "major").strip().lower()
    return (
        Operation(op="set", path="musical.key", value=tonic),
        Operation(op="set", path="musical.scale", value={"maj": "major", "min": "minor"}.get(scale, scale)),
    )


def _instrument(op: Literal["append", "remove"]) -> Callable[[re.Match[str]], tuple[Operation, ...]]:
    return lambda m: (Operation(op=op, path="musical.instruments", value=m["value"].strip().lower().replace(" ", "_")),)


_NUMBER = r"(?P<value>-?\d{1,3}(?:\.\d+)?)"
_FORMS: tuple[tuple[str, str, Callable[[re.Match[str]], tuple[Operation, ...]]], ...] = (
    ("regenerate", r"(?:regenerate|again|try again|(?:a )?new take)", lambda _: (Operation(op="new_take"),)),
    ("faster", r"(?:a (?:bit|little) )?faster", _change("scale", "musical.tempo", 1.08)),
    ("slower", r"(?:a (?:bit|little) )?slower", _change("scale", "musical.tempo", 0.925)),
    ("92 bpm", rf"(?:tempo (?:to |of )?)?{_NUMBER} ?bpm|tempo (?:to )?(?P<plain>\d{{2,3}})", lambda m: (
        Operation(op="set", path="musical.tempo", value=float(m["value"] or m["plain"])),)),
    ("in D minor", r"(?:in|key(?: of| to)?) (?P<tonic>[a-g][#b]?)(?P<scale> (?:major|minor|maj|min|dorian|phrygian|"
     r"lydian|mixolydian))?", _key),
    ("louder", r"(?:a (?:bit|little) )?louder", _change("add", "technical.loudness_target", 1.0)),
    ("quieter", r"(?:a (?:bit|little) )?(?:quieter|softer)", _change("add", "technical.loudness_target", -1.0)),
    ("-16 LUFS", rf"(?:loudness (?:to )?)?{_NUMBER} ?lufs", _set("technical.loudness_target", float)),
    ("happier", r"happier|brighter mood", _change("add", "musical.mood.valence", 0.2)),
    ("sadder", r"sadder|darker mood", _change("add", "musical.mood.valence", -0.2)),
    ("calmer", r"calmer", _change("add", "musical.mood.arousal", -0.2)),
    ("more energetic", r"more energetic|more energy", _change("add", "musical.mood.arousal", 0.2)),
    ("add cello", r"add (?:a |an )?(?P<value>[a-z0-9 _]{2,40})", _instrument("append")),
    ("without cello", r"(?:without|remove|no) (?:the )?(?P<value>[a-z0-9 _]{2,40})", _instrument("remove")),
)  # fmt: skip

FORMS = tuple(name for name, _, _ in _FORMS)


def understand_instruction(text: str) -> tuple[Operation, ...]:
    """The operations that an instruction means; several forms may be joined by commas, "and" or full stops.

    Raises InvalidCommand, with the forms that are understood, when any of its clauses matches none.
    """
    clauses = [c for c in re.split(r"\s*(?:[,.;!]|\band\b)(?!\d)\s*", text.strip().lower()) if c]
    if not clauses:
        raise InvalidCommand(f"an empty instruction: say one of {', '.join(FORMS)}")
    return tuple(op for clause in clauses for op in _understand(clause))


def _understand(clause: str) -> tuple[Operation, ...]:
    clause = re.sub(r"^(?:please|make it|make the song|let it be|play it)\s+", "", clause)
    for _, pattern, build in _FORMS:
        if match := re.fullmatch(pattern, clause, flags=re.IGNORECASE):
            return build(match)
    shown = clause if len(clause) <= 60 else clause[:57] + "..."
    raise InvalidCommand(f"the instruction {shown!r} is not understood: say one of {', '.join(FORMS)}")
