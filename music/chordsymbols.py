"""Chord symbols as MusicXML says them and as a musician reads them: one row for every quality."""

from collections.abc import Mapping
from dataclasses import dataclass

from music.theory import ChordSpec


@dataclass(frozen=True, slots=True)
class ChordKind:
    """`kind` of MusicXML, what is printed, and the degrees added or altered as (degree, alteration, how)."""

    kind: str
    printed: str
    degrees: tuple[tuple[int, int, str], ...] = ()


_NINTH, _SEVENTH = (9, 0, "add"), (7, -1, "add")

KINDS: Mapping[str, ChordKind] = {
    "": ChordKind("major", ""),
    "m": ChordKind("minor", "m"),
    "5": ChordKind("power", "5"),
    "dim": ChordKind("diminished", "°"),
    "aug": ChordKind("augmented", "+"),
    "sus2": ChordKind("suspended-second", "sus2"),
    "sus4": ChordKind("suspended-fourth", "sus4"),
    "6": ChordKind("major-sixth", "6"),
    "m6": ChordKind("minor-sixth", "m6"),
    "69": ChordKind("major-sixth", "6/9", (_NINTH,)),
    "7": ChordKind("dominant", "7"),
    "maj7": ChordKind("major-seventh", "maj7"),
    "m7": ChordKind("minor-seventh", "m7"),
    "mmaj7": ChordKind("major-minor", "m(maj7)"),
    "m7b5": ChordKind("half-diminished", "m7♭5"),
    "dim7": ChordKind("diminished-seventh", "°7"),
    "aug7": ChordKind("augmented-seventh", "+7"),
    "7sus4": ChordKind("suspended-fourth", "7sus4", (_SEVENTH,)),
    "add9": ChordKind("major", "add9", (_NINTH,)),
    "madd9": ChordKind("minor", "m(add9)", (_NINTH,)),
    "9": ChordKind("dominant-ninth", "9"),
    "maj9": ChordKind("major-ninth", "maj9"),
    "m9": ChordKind("minor-ninth", "m9"),
    "9sus4": ChordKind("suspended-fourth", "9sus4", (_SEVENTH, _NINTH)),
    "7b5": ChordKind("dominant", "7♭5", ((5, -1, "alter"),)),
    "7b9": ChordKind("dominant", "7♭9", ((9, -1, "add"),)),
    "7#9": ChordKind("dominant", "7♯9", ((9, 1, "add"),)),
    "7#11": ChordKind("dominant", "7♯11", ((11, 1, "add"),)),
    "maj7#11": ChordKind("major-seventh", "maj7♯11", ((11, 1, "add"),)),
    "7b13": ChordKind("dominant", "7♭13", ((13, -1, "add"),)),
    "7alt": ChordKind("dominant", "7alt", ((5, 1, "alter"), (9, 1, "add"))),
    "11": ChordKind("dominant-11th", "11"),
    "m11": ChordKind("minor-11th", "m11"),
    "13": ChordKind("dominant-13th", "13"),
    "maj13": ChordKind("major-13th", "maj13"),
    "m13": ChordKind("minor-13th", "m13"),
}

_SIGNS = str.maketrans({"b": "♭", "#": "♯"})


def chord_kind(spec: ChordSpec) -> ChordKind:
    """The row of a chord's quality; a quality without a row is told by its third and seventh, with its own name."""
    row = KINDS.get(spec.quality)
    if row is not None:
        return row
    third = "minor" if spec.is_minor else "major"
    seventh = {10: "-seventh" if spec.is_minor else "", 11: "-seventh"}
    tones = [i for i in spec.intervals if i in seventh]
    kind = "dominant" if tones == [10] and not spec.is_minor else third + (seventh[tones[0]] if tones else "")
    return ChordKind(kind, spec.quality.translate(_SIGNS))


def pretty_note(name: str) -> str:
    """A note name with real signs: Bb becomes B♭."""
    return name[0] + name[1:].translate(_SIGNS)


def bass_name(spec: ChordSpec) -> str:
    """The note after the stroke of a chord symbol, empty where the root is in the bass."""
    name = spec.symbol.replace("♭", "b").replace("♯", "#").rpartition("/")[2].strip()
    return name if spec.bass != spec.root else ""


def pretty_chord(spec: ChordSpec) -> str:
    """A chord symbol as it is printed: B♭maj7, F♯m7♭5/E."""
    bass = bass_name(spec)
    body = pretty_note(spec.root_name) + chord_kind(spec).printed
    return f"{body}/{pretty_note(bass)}" if bass else body
