"""Pitch, scale and chord arithmetic: tables and small pure functions.

Pitch classes count semitones from C (0–11). Chord symbols are the ones on lead sheets (Fm7, Bb7sus4, Ab/C).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from domain.errors import InvalidValue

LETTERS = "CDEFGAB"
LETTER_PC: dict[str, int] = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 9, 11),
    "phrygian_dominant": (0, 1, 4, 5, 7, 8, 10),
    "major_pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10),
    "blues": (0, 3, 5, 6, 7, 10),
}

# Chord quality -> semitones above the root, in thirds order.
QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, 4, 7), "m": (0, 3, 7), "5": (0, 7), "dim": (0, 3, 6), "aug": (0, 4, 8),
    "sus2": (0, 2, 7), "sus4": (0, 5, 7), "6": (0, 4, 7, 9), "m6": (0, 3, 7, 9), "69": (0, 4, 7, 9, 14),
    "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10), "mmaj7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10), "dim7": (0, 3, 6, 9), "aug7": (0, 4, 8, 10), "7sus4": (0, 5, 7, 10),
    "add9": (0, 4, 7, 14), "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14), "maj9": (0, 4, 7, 11, 14), "m9": (0, 3, 7, 10, 14), "9sus4": (0, 5, 7, 10, 14),
    "7b5": (0, 4, 6, 10), "7b9": (0, 4, 7, 10, 13), "7#9": (0, 4, 7, 10, 15), "7#11": (0, 4, 7, 10, 18),
    "maj7#11": (0, 4, 7, 11, 18), "7b13": (0, 4, 7, 10, 20), "7alt": (0, 4, 10, 15, 20),
    "11": (0, 7, 10, 14, 17), "m11": (0, 3, 7, 10, 14, 17),
    "13": (0, 4, 7, 10, 14, 21), "maj13": (0, 4, 7, 11, 14, 21), "m13": (0, 3, 7, 10, 14, 21),
}  # fmt: skip

_QUALITY_SPELLINGS: dict[str, str] = {
    "maj": "", "major": "", "min": "m", "mi": "m", "minor": "m", "-": "m", "M7": "maj7", "ma7": "maj7",
    "major7": "maj7", "Δ": "maj7", "Δ7": "maj7", "min7": "m7", "mi7": "m7", "-7": "m7", "minor7": "m7",
    "dom7": "7", "°": "dim", "o": "dim", "°7": "dim7", "o7": "dim7", "ø": "m7b5", "ø7": "m7b5",
    "m7-5": "m7b5", "min7b5": "m7b5", "+": "aug", "+7": "aug7", "7#5": "aug7", "7+": "aug7", "sus": "sus4",
    "7sus": "7sus4", "9sus": "9sus4", "2": "add9", "add2": "add9", "M9": "maj9", "min9": "m9", "-9": "m9",
    "madd2": "madd9", "6/9": "69", "min6": "m6", "-6": "m6", "mM7": "mmaj7", "m(maj7)": "mmaj7",
    "mMaj7": "mmaj7", "min11": "m11", "alt": "7alt", "M": "", "power": "5", "minmaj7": "mmaj7", "7-9": "7b9",
    "4": "sus4", "maj6": "6", "m(add9)": "madd9", "(add9)": "add9",
}  # fmt: skip

# Chromatic distance above the tonic -> (scale step 0–6, alteration of the major scale's step).
_STEP_OF: tuple[tuple[int, int], ...] = (
    (0, 0), (1, -1), (1, 0), (2, -1), (2, 0), (3, 0), (3, 1), (4, 0), (5, -1), (5, 0), (6, -1), (6, 0),
)  # fmt: skip
# Chord interval -> letters above the root.
_LETTERS_ABOVE: dict[int, int] = {
    0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 4, 7: 4, 8: 4, 9: 5, 10: 6, 11: 6, 13: 1, 14: 1, 15: 1, 17: 3,
    18: 3, 20: 5, 21: 5,
}  # fmt: skip
# Interval above the root -> what the tone is to the chord, counted in thirds: 1 the root, 3 the third, 5 the fifth.
THIRDS: dict[int, int] = {
    0: 1, 2: 3, 3: 3, 4: 3, 5: 3, 6: 5, 7: 5, 8: 5, 9: 7, 10: 7, 11: 7, 13: 9, 14: 9, 15: 9, 17: 11, 18: 11,
    20: 13, 21: 13,
}  # fmt: skip
_ACCIDENTAL = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}
_TONIC = re.compile(r"^([A-G])(bb|b|##|#)?$")
_CHORD = re.compile(r"^([A-G])(bb|b|##|#)?(.*?)(?:/([A-G])(bb|b|##|#)?)?$")
_NUMERAL = re.compile(r"^(b|#)?(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)(.*?)(?:/(b|#)?([1-7]))?$")
_NUMERAL_STEP = {"i": 0, "ii": 1, "iii": 2, "iv": 3, "v": 4, "vi": 5, "vii": 6}
_MAJOR = SCALES["major"]
# Keys a player would rather not read -> the same pitch, written the usual way.
_USUAL_KEY = {
    ("B#", ""): "C", ("E#", ""): "F", ("Cb", ""): "B", ("Fb", ""): "E", ("D#", "major"): "Eb",
    ("G#", "major"): "Ab", ("A#", "major"): "Bb", ("A#", "minor"): "Bb", ("Db", "minor"): "C#",
    ("Gb", "minor"): "F#",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChordSpec:
    """A chord symbol taken apart: root and bass as pitch classes, intervals in semitones above the root."""

    symbol: str
    root: int
    quality: str
    intervals: tuple[int, ...]
    bass: int
    root_name: str

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Pitch classes that sound, the bass included."""
        return frozenset((self.root + i) % 12 for i in self.intervals) | {self.bass}

    @property
    def is_minor(self) -> bool:
        """Whether the third is minor."""
        return 3 in self.intervals


def name_pc(name: str) -> int:
    """Pitch class of a note name such as Ab or C#. Raises `InvalidValue` for anything else."""
    match = _TONIC.match(name)
    if match is None:
        raise InvalidValue(f"{name!r} is no note name; use a letter A to G with b or #, such as F, Ab or C#")
    accidental = match[2] or ""
    return (LETTER_PC[match[1]] + accidental.count("#") - accidental.count("b")) % 12


def normal_key(name: str) -> str:
    """A tonic as written in the tables: capital letter, ASCII accidental. Raises `InvalidValue`."""
    text = name.strip().replace("♭", "b").replace("♯", "#")
    text = re.sub(r"[\s-]*flat$", "b", text, flags=re.IGNORECASE)
    text = re.sub(r"[\s-]*sharp$", "#", text, flags=re.IGNORECASE)
    text = text[:1].upper() + text[1:]
    if _TONIC.match(text) is None:
        raise InvalidValue(f"there is no key {name!r}; use A to G with b or #, such as F, Ab or C#")
    return text


def usual_key(name: str, scale: str) -> str:
    """`name` respelled when nobody writes that key (D# major becomes Eb)."""
    mode = "minor" if is_minor(scale) else "major"
    return _USUAL_KEY.get((name, ""), _USUAL_KEY.get((name, mode), name))


def scale_steps(scale: str) -> tuple[int, ...]:
    """Semitones of `scale` above its tonic. Raises `InvalidValue` for an unknown scale."""
    try:
        return SCALES[scale]
    except KeyError:
        raise InvalidValue(f"there is no scale {scale!r}; use one of: {', '.join(SCALES)}") from None


def is_minor(scale: str) -> bool:
    """Whether the scale's third is minor."""
    return 3 in scale_steps(scale)


def scale_pcs(key: str, scale: str) -> tuple[int, ...]:
    """Pitch classes of the scale from its tonic upwards."""
    tonic = name_pc(key)
    return tuple((tonic + step) % 12 for step in scale_steps(scale))


def _spelled(letter: int, pc: int) -> str:
    """The name of `pc` on letter index `letter`, or a plain name where that needs a double accidental."""
    name = LETTERS[letter % 7]
    alter = (pc - LETTER_PC[name] + 6) % 12 - 6
    if abs(alter) <= 1:
        return name + _ACCIDENTAL[alter]
    flats, sharps = "C Db D Eb E F Gb G Ab A Bb B", "C C# D D# E F F# G G# A A# B"
    return (flats if alter < 0 else sharps).split()[pc]


def spell(pc: int, key: str, chord: ChordSpec | None = None) -> str:
    """The note name of pitch class `pc` in `key`; a chord tone is spelled in thirds above the chord's root."""
    if chord is not None:
        for interval in chord.intervals:
            if (chord.root + interval) % 12 == pc % 12 and interval in _LETTERS_ABOVE:
                return _spelled(LETTERS.index(chord.root_name[0]) + _LETTERS_ABOVE[interval], pc % 12)
    step, _ = _STEP_OF[(pc - name_pc(key)) % 12]
    return _spelled(LETTERS.index(key[0]) + step, pc % 12)


def key_fifths(key: str, scale: str) -> int:
    """Sharps (positive) or flats (negative) of the key signature, -7 to 7."""
    line = {name: i - 1 for i, name in enumerate("FCGDAEB")}
    fifths = line[key[0]] + 7 * (key.count("#") - key.count("b"))
    offset = {"minor": -3, "dorian": -2, "phrygian": -4, "lydian": 1, "mixolydian": -1, "locrian": -5}
    shift = offset.get(scale, -3 if is_minor(scale) else 0)
    if scale == "phrygian_dominant":
        shift = -4
    total = fifths + shift
    return total - 12 if total > 7 else total + 12 if total < -7 else total


@lru_cache(maxsize=4096)
def parse_chord(symbol: str) -> ChordSpec:
    """Take a chord symbol apart. Raises `InvalidValue` naming the symbol."""
    text = symbol.strip().replace("♭", "b").replace("♯", "#")
    body, slash, tail = text.partition("/")
    if slash and tail.startswith("9"):
        body, slash, tail = f"{body}9", "", tail[1:]
    match = _CHORD.match(body + slash + tail)
    quality = match[3] if match else ""
    quality = _QUALITY_SPELLINGS.get(quality, quality)
    if match is None or quality not in QUALITIES:
        raise InvalidValue(f"{symbol!r} is no chord symbol that is known; write it like F, Fm7, Bb7sus4 or Ab/C")
    root_name = match[1] + (match[2] or "")
    root = name_pc(root_name)
    bass = name_pc(match[4] + (match[5] or "")) if match[4] else root
    return ChordSpec(symbol, root, quality, QUALITIES[quality], bass, root_name)


def is_chord(symbol: str) -> bool:
    """Whether `symbol` can be read as a chord symbol."""
    try:
        parse_chord(symbol)
    except InvalidValue:
        return False
    return True


def is_numeral(text: str) -> bool:
    """Whether `text` is a Roman numeral with a known quality, such as bVII or ii7."""
    match = _NUMERAL.match(text)
    return match is not None and _numeral_quality(match[2], match[3]) in QUALITIES


def _numeral_quality(numeral: str, suffix: str) -> str:
    suffix = _QUALITY_SPELLINGS.get(suffix, suffix)
    if numeral.isupper() or suffix in {"dim", "dim7", "m7b5", "sus2", "sus4", "5"}:
        return suffix
    return f"m{suffix}"


def numeral_chord(numeral: str, key: str) -> str:
    """The chord symbol of a Roman numeral in `key`.

    Degrees are those of the major scale on the tonic, so the chords of C minor are i, ii°, bIII, iv, v, bVI,
    bVII. Capital letters are major, small ones minor; "/3" puts degree 3 (of that same scale) in the bass.
    """
    match = _NUMERAL.match(numeral)
    if match is None:
        raise InvalidValue(f"{numeral!r} is no Roman numeral; write it like I, vi, bVII or ii7")
    root = _degree_name(_NUMERAL_STEP[match[2].lower()], match[1], key)
    bass = f"/{_degree_name(int(match[5]) - 1, match[4], key)}" if match[5] else ""
    return f"{root}{_numeral_quality(match[2], match[3])}{bass}"


def _degree_name(step: int, accidental: str | None, key: str) -> str:
    alter = {"b": -1, "#": 1}.get(accidental or "", 0)
    return _spelled(LETTERS.index(key[0]) + step, (name_pc(key) + _MAJOR[step] + alter) % 12)


def chord_scale(chord: ChordSpec, key: str, scale: str) -> frozenset[int]:
    """Pitch classes that fit over `chord`: the key's scale, bent where the chord has a foreign tone."""
    tones = chord.pitch_classes
    steps = scale_steps(scale)
    base = set(scale_pcs(key, scale if len(steps) >= 7 else ("minor" if 3 in steps else "major")))
    for tone in sorted(tones - base):
        base -= {(tone + 1) % 12, (tone - 1) % 12} - tones
        base.add(tone)
    return frozenset(base)
