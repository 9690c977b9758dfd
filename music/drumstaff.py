"""Percussion on a staff: where every instrument of the General MIDI kit is written, and with which head.

Places follow the guide of the Percussive Arts Society (Weinberg): hands with stems up, feet with stems down.
"""

from collections.abc import Mapping
from dataclasses import dataclass

GHOST = 45
"""Snare strokes up to this velocity are ghost notes, written in brackets."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Name, place on the staff as on a treble clef, note head, and whether a foot plays it."""

    name: str
    step: str
    octave: int
    head: str = "normal"
    foot: bool = False


_OTHER = Stroke("Percussion", "C", 5)

STROKES: Mapping[int, Stroke] = {
    35: Stroke("Acoustic bass drum", "F", 4, foot=True),
    36: Stroke("Bass drum", "F", 4, foot=True),
    37: Stroke("Side stick", "C", 5, "x"),
    38: Stroke("Snare drum", "C", 5),
    39: Stroke("Hand clap", "D", 5, "x"),
    40: Stroke("Electric snare", "C", 5),
    41: Stroke("Low floor tom", "G", 4),
    42: Stroke("Closed hi-hat", "G", 5, "x"),
    43: Stroke("High floor tom", "A", 4),
    44: Stroke("Pedal hi-hat", "D", 4, "x", foot=True),
    45: Stroke("Low tom", "B", 4),
    46: Stroke("Open hi-hat", "G", 5, "circle-x"),
    47: Stroke("Mid tom", "D", 5),
    48: Stroke("High-mid tom", "D", 5),
    49: Stroke("Crash cymbal", "A", 5, "x"),
    50: Stroke("High tom", "E", 5),
    51: Stroke("Ride cymbal", "F", 5, "x"),
    52: Stroke("China cymbal", "B", 5, "x"),
    53: Stroke("Ride bell", "F", 5, "diamond"),
    54: Stroke("Tambourine", "B", 4, "x"),
    55: Stroke("Splash cymbal", "B", 5, "x"),
    56: Stroke("Cowbell", "E", 5, "triangle"),
    57: Stroke("Crash cymbal 2", "A", 5, "x"),
    59: Stroke("Ride cymbal 2", "F", 5, "x"),
    60: Stroke("High bongo", "E", 5),
    61: Stroke("Low bongo", "C", 5),
    62: Stroke("Muted conga", "D", 5, "x"),
    63: Stroke("Open conga", "D", 5),
    64: Stroke("Low conga", "B", 4),
    65: Stroke("High timbale", "E", 5),
    66: Stroke("Low timbale", "C", 5),
    67: Stroke("High agogo", "E", 5, "triangle"),
    68: Stroke("Low agogo", "D", 5, "triangle"),
    69: Stroke("Cabasa", "B", 4, "x"),
    70: Stroke("Maracas", "B", 4, "x"),
    73: Stroke("Short guiro", "G", 4, "x"),
    74: Stroke("Long guiro", "G", 4, "x"),
    75: Stroke("Claves", "G", 5, "x"),
    76: Stroke("High wood block", "E", 5, "triangle"),
    77: Stroke("Low wood block", "D", 5, "triangle"),
    80: Stroke("Muted triangle", "A", 5, "x"),
    81: Stroke("Open triangle", "A", 5, "circle-x"),
    82: Stroke("Shaker", "B", 4, "x"),
}

SNARES = frozenset({38, 40})


def stroke(pitch: int) -> Stroke:
    """How the percussion of MIDI note `pitch` is written; unknown ones on the middle of the staff."""
    known = STROKES.get(pitch)
    return known or Stroke(f"{_OTHER.name} {pitch}", _OTHER.step, _OTHER.octave)
