"""Spelling: which of its names a note gets, by key, chord and where it goes."""

from functools import lru_cache

from music.chordsymbols import bass_name
from music.theory import LETTER_PC, LETTERS, ChordSpec, is_minor, name_pc, scale_steps, spell

_SIGNS = {-1: "b", 0: "", 1: "#"}
# Scales of fewer than seven tones, by the scale that they leave tones out of.
_PARENT = {"major_pentatonic": "major", "minor_pentatonic": "minor"}


def spell_note(
    pitch: int,
    key: str,
    scale: str,
    chord: ChordSpec | None = None,
    goes_to: tuple[int, ...] = (),
    earlier: str | None = None,
) -> str:
    """The name of MIDI note `pitch`, such as Eb or F#.

    A chord tone is spelled in thirds above the chord's root, a tone of the scale as the scale has it, any other as
    it was `earlier` in the bar, or as a step towards the next pitch of its voice (`goes_to`) a semitone away, else as
    the key's usual alteration.
    """
    pc = pitch % 12
    if chord is not None and pc in chord.pitch_classes:
        return (pc == chord.bass and bass_name(chord)) or spell(pc, key, chord)
    of_scale = _scale_names(key, scale).get(pc)
    if of_scale is not None:
        return of_scale
    if earlier is not None:
        return earlier
    for neighbour in goes_to:
        if abs(neighbour - pitch) == 1:
            target = _scale_names(key, scale).get(neighbour % 12) or spell(neighbour % 12, key, chord)
            letter = LETTERS.index(target[0]) - (neighbour - pitch)
            name = on_letter(letter, pc)
            if name is not None:
                return name
    return spell(pc, key)


def on_letter(letter: int, pc: int) -> str | None:
    """The name of pitch class `pc` on a letter counted from C, None where that needs more than one sharp or flat."""
    name = LETTERS[letter % 7]
    alter = (pc - LETTER_PC[name] + 6) % 12 - 6
    return name + _SIGNS[alter] if alter in _SIGNS else None


@lru_cache(maxsize=256)
def _scale_names(key: str, scale: str) -> dict[int, str]:
    """Pitch class -> name for the tones of a scale, one letter each where it has seven."""
    tonic, first = name_pc(key), LETTERS.index(key[0])
    parent = _PARENT.get(scale, scale)
    if parent == "blues":
        names = _scale_names(key, "minor")
        blue = (tonic + 6) % 12
        return names | {blue: on_letter(first + 4, blue) or spell(blue, key)}
    steps = scale_steps(parent)
    if len(steps) != 7:
        steps = scale_steps("minor" if is_minor(parent) else "major")
    named = {(tonic + step) % 12: on_letter(first + i, (tonic + step) % 12) for i, step in enumerate(steps)}
    return {pc: name or spell(pc, key) for pc, name in named.items()}


def alteration(name: str) -> int:
    """Sharps (positive) or flats (negative) of a note name."""
    return name.count("#") - name[1:].count("b")


def octave_of(pitch: int, name: str) -> int:
    """The octave that MIDI note `pitch` is written in under `name` (60 as C is octave 4, as B# octave 3)."""
    return (pitch - alteration(name) - LETTER_PC[name[0]]) // 12 - 1


class Accidentals:
    """The signs that a staff needs: what its key signature and the bar so far do not say already.

    `fifths` is the key signature. A tone that the bar before altered gets a courtesy sign.
    """

    def __init__(self) -> None:
        self._key: dict[str, int] = dict.fromkeys(LETTERS, 0)
        self._bar: dict[tuple[str, int], int] = {}
        self._before: dict[tuple[str, int], int] = {}

    def key(self, fifths: int) -> None:
        """From here on another key signature, -7 to 7."""
        order = "FCGDAEB" if fifths > 0 else "BEADGCF"
        signed = order[: abs(fifths)]
        self._key = {letter: (1 if fifths > 0 else -1) * (letter in signed) for letter in LETTERS}
        self._before = {}

    def bar(self) -> None:
        """A bar line."""
        self._before, self._bar = self._bar, {}

    def sign(self, name: str, octave: int) -> tuple[int, bool] | None:
        """The alteration to be printed and whether it is a courtesy; None where nothing is printed."""
        place, alter = (name[0], octave), alteration(name)
        current = self._bar.get(place, self._key[name[0]])
        courtesy = place not in self._bar and self._before.get(place, alter) != alter
        if current == alter and not courtesy:
            return None
        self._bar[place] = alter
        return alter, current == alter
