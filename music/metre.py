"""Metre: time signatures, bar lengths and where the weight of a bar lies. Lengths in quarter notes."""

import re

from domain.errors import InvalidValue
from domain.score import TimeSignature

_SIGNATURE = re.compile(r"^(\d{1,2})/(\d{1,2})$")
# Groups of eighth notes in a bar of an uneven metre, keyed by the number of eighths.
_GROUPS: dict[int, tuple[int, ...]] = {
    5: (3, 2), 7: (2, 2, 3), 9: (3, 3, 3), 10: (3, 3, 2, 2), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2),
    14: (4, 3, 4, 3), 15: (3, 3, 3, 3, 3),
}  # fmt: skip


def parse_metre(text: str) -> TimeSignature:
    """The time signature written as "3/4".

    Numerator 1–16, denominator 2, 4, 8 or 16, at least one quarter note long; raises `InvalidValue` otherwise.
    """
    match = _SIGNATURE.match(text.strip())
    if match is None:
        raise InvalidValue(f"{text!r} is no time signature; write it like 4/4, 3/4, 6/8 or 7/8")
    top, bottom = int(match[1]), int(match[2])
    if not 1 <= top <= 16 or bottom not in (2, 4, 8, 16) or top * 4 / bottom < 1:
        raise InvalidValue(f"the time signature {text!r} cannot be played; use 2–16 over 2, 4, 8 or 16, such as 4/4")
    return TimeSignature(numerator=top, denominator=bottom)


def pulses(metre: TimeSignature) -> tuple[float, ...]:
    """Where the felt pulses of a bar begin, in quarter notes from the bar line; the first is 0."""
    top, bottom = metre.numerator, metre.denominator
    unit = 4 / bottom
    if bottom >= 8 and top % 3 == 0:
        return tuple(i * 3 * unit for i in range(top // 3))
    if bottom >= 8 and top in _GROUPS:
        starts, at = [], 0
        for group in _GROUPS[top]:
            starts.append(at * unit)
            at += group
        return tuple(starts)
    if bottom >= 8 and top % 2 == 0:
        return tuple(i * 2 * unit for i in range(top // 2))
    return tuple(i * unit for i in range(top))


def is_compound(metre: TimeSignature) -> bool:
    """Whether the pulses divide in three (6/8, 9/8, 12/8)."""
    return metre.denominator >= 8 and metre.numerator % 3 == 0


def weight(metre: TimeSignature, beat: float) -> float:
    """Metrical weight 0–1 of a place in the bar (Lerdahl and Jackendoff's levels, simplified)."""
    places = pulses(metre)
    at = round(beat % metre.beats_per_bar, 4)
    if at == 0:
        return 1.0
    if at in places:
        index = places.index(at)
        half = len(places) % 2 == 0 and index == len(places) // 2
        return 0.8 if half else 0.6
    return 0.3 if (at * 2) % 1 == 0 else 0.1


def halves(metre: TimeSignature, count: int) -> tuple[float, ...]:
    """Starts of `count` chords that share a bar, on its pulses where there are enough of them."""
    places = pulses(metre)
    if count <= 1:
        return (0.0,)
    if count > len(places):
        return tuple(i * metre.beats_per_bar / count for i in range(count))
    return tuple(places[-(-i * len(places) // count)] for i in range(count))
