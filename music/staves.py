"""Staves: how many a part needs, under which clef, and which hand plays what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from domain.score import Note, Part, Role
from music.instruments import INSTRUMENTS

MIDDLE_C = 60
_HAND_SPAN = 12
# A hand that plays a smaller share of the notes gets no staff of its own.
_ONE_HAND = 0.04


@dataclass(frozen=True, slots=True)
class Clef:
    """A clef: sign, line, octaves that the notes sound above what is written (0 or -1 or 1)."""

    sign: str
    line: int
    octave: int = 0


TREBLE, BASS, ALTO = Clef("G", 2), Clef("F", 4), Clef("C", 3)
TREBLE_8VB, BASS_8VB, TREBLE_8VA = Clef("G", 2, -1), Clef("F", 4, -1), Clef("G", 2, 1)
PERCUSSION = Clef("percussion", 0)

# The pitches on a clef's bottom and top line.
_LINES: Mapping[Clef, tuple[int, int]] = {
    TREBLE: (64, 77), BASS: (43, 57), TREBLE_8VB: (52, 65), BASS_8VB: (31, 45), TREBLE_8VA: (76, 89), ALTO: (53, 67),
}  # fmt: skip
_GUITAR = (TREBLE_8VB, TREBLE)
# The clefs of a family, then of an instrument: the first unless a later one saves half a ledger line a note.
_CLEFS: Mapping[str, tuple[Clef, ...]] = {
    "acoustic_bass": (BASS_8VB,), "electric_bass": (BASS_8VB,), "synth_bass": (BASS_8VB,), "acoustic_guitar": _GUITAR,
    "electric_guitar": _GUITAR, "driven_guitar": _GUITAR, "saxophone": (TREBLE,), "woodwind": (TREBLE, TREBLE_8VA),
    "reeds": (TREBLE,),
}  # fmt: skip
_CLEFS_OF: Mapping[str, tuple[Clef, ...]] = {
    "double_bass": (BASS_8VB,), "chip_bass": (BASS_8VB,), "violin": (TREBLE,), "viola": (ALTO, TREBLE),
    "cello": (BASS, TREBLE), "bassoon": (BASS,), "tenor_sax": (TREBLE, TREBLE_8VB), "trumpet": (TREBLE,),
    "muted_trumpet": (TREBLE,), "french_horn": (TREBLE, BASS), "trombone": (BASS,), "tuba": (BASS,),
}  # fmt: skip
_ANY = (TREBLE, BASS, TREBLE_8VA)
_WORTH_A_CLEF = 0.5
_TWO_HANDED = frozenset({"piano", "electric_keys", "plucked_keys", "organ"})
_TWO_HANDED_INSTRUMENTS = frozenset({"harp"})
# Families that are written on two staves when they really use both.
_WIDE = frozenset({"pad", "voices", "strings", "synth_lead", "synth_pluck", "mallets", "reeds", "chip"})
_SHORT: Mapping[str, str] = {
    "grand_piano": "Pno.", "upright_piano": "Pno.", "rhodes": "Rh.", "wurlitzer": "Wurl.", "fm_piano": "E.Pno.",
    "organ": "Org.", "church_organ": "Org.", "clavinet": "Clav.", "harpsichord": "Hpsd.", "upright_bass": "Bass",
    "finger_bass": "Bass", "pick_bass": "Bass", "slap_bass": "Bass", "double_bass": "Db.", "synth_bass": "S.Bass",
    "sub_bass": "S.Bass", "bass_808": "808", "nylon_guitar": "N.Gtr.", "steel_guitar": "St.Gtr.",
    "clean_guitar": "E.Gtr.", "muted_guitar": "E.Gtr.", "overdriven_guitar": "O.Gtr.", "distortion_guitar": "D.Gtr.",
    "string_ensemble": "Str.", "synth_strings": "S.Str.", "violin": "Vln.", "viola": "Vla.", "cello": "Vc.",
    "flute": "Fl.", "clarinet": "Cl.", "oboe": "Ob.", "bassoon": "Bn.", "trumpet": "Tpt.", "muted_trumpet": "M.Tpt.",
    "trombone": "Tbn.", "french_horn": "Hn.", "alto_sax": "A.Sax", "tenor_sax": "T.Sax", "brass_section": "Br.",
    "ukulele": "Uke.", "mandolin": "Mand.",
    "vibraphone": "Vib.", "marimba": "Mar.", "harp": "Hp.", "choir": "Ch.", "warm_pad": "Pad", "analog_pad": "Pad",
    "glass_pad": "G.Pad", "latin_percussion": "Perc.", "hand_percussion": "Perc.", "orchestral_percussion": "Perc.",
}  # fmt: skip


def abbreviation(part: Part) -> str:
    """The short name before the later systems of a score."""
    if part.instrument in _SHORT:
        return _SHORT[part.instrument]
    if part.is_drum:
        return "Dr."
    words = part.name.split()
    return f"{words[0][:4]}." if len(words) == 1 else "".join(f"{word[:1].upper()}." for word in words[:3])


def has_two_staves(part: Part, bar: float) -> bool:
    """Whether a part is written on a grand staff: what two hands play, and what is wide enough to need both.

    `bar` is the length of a bar in beats.
    """
    family = _family(part)
    if part.is_drum or not part.notes:
        return False
    low = sum(note.pitch < 55 for note in part.notes) / len(part.notes)
    high = sum(note.pitch > 64 for note in part.notes) / len(part.notes)
    if family in _TWO_HANDED or part.instrument in _TWO_HANDED_INSTRUMENTS:
        if part.role is Role.LEAD and low <= 0.1:
            return False
        left = len(split_hands(part.notes, bar)[1]) / len(part.notes)
        return _ONE_HAND < left < 1 - _ONE_HAND
    return family in _WIDE and low > 0.15 and high > 0.15


def clef_of(part: Part) -> Clef:
    """The clef of a part on one staff: the usual one of its instrument that needs the fewest ledger lines."""
    if part.is_drum:
        return PERCUSSION
    usual = _CLEFS_OF.get(part.instrument) or _CLEFS.get(_family(part), _ANY)
    return best_clef([note.pitch for note in part.notes], usual)


def best_clef(pitches: Sequence[int], clefs: Sequence[Clef] = _ANY) -> Clef:
    """Of `clefs`, the most usual first, the one that needs the fewest ledger lines for `pitches`."""
    if not pitches:
        return clefs[0]
    return min(clefs, key=lambda clef: _ledgers(pitches, clef) + _WORTH_A_CLEF * (clef is not clefs[0]))


def tune_clef(pitches: Sequence[int]) -> Clef:
    """The clef of a lead sheet: treble where it can be, an octave down for low tunes, bass for the lowest."""
    if not pitches:
        return TREBLE
    costs = {TREBLE: 0.0, TREBLE_8VB: 0.35, BASS: 0.7, TREBLE_8VA: 1.5}
    return min(costs, key=lambda clef: _ledgers(pitches, clef) + costs[clef])


def _ledgers(pitches: Sequence[int], clef: Clef) -> float:
    """Mean number of ledger lines a note, about: a line is three and a half semitones."""
    bottom, top = _LINES[clef]
    return sum(max(0, bottom - 2 - p, p - top - 2) / 3.5 for p in pitches) / len(pitches)


def split_hands(notes: Sequence[Note], bar: float) -> tuple[tuple[Note, ...], tuple[Note, ...]]:
    """The notes of the right and of the left hand, by register.

    What one hand can hold stays together: all of a bar (`bar` beats long) in a narrow range, else a chord.
    """
    right: list[Note] = []
    left: list[Note] = []
    for _, inside in groupby(sorted(notes, key=lambda n: (n.start, n.pitch)), key=lambda n: int(n.start / bar + 1e-6)):
        whole = list(inside)
        pitches = sorted({note.pitch for note in whole})
        together = _cut(pitches) if pitches[-1] - pitches[0] <= _HAND_SPAN else None
        for _, group in groupby(whole, key=lambda n: round(n.start, 4)):
            chord = list(group)
            cut = _cut(sorted({note.pitch for note in chord})) if together is None else together
            for note in chord:
                (right if note.pitch >= cut else left).append(note)
    return tuple(right), tuple(left)


def _cut(pitches: Sequence[int]) -> int:
    """The lowest pitch of the right hand in a chord, lowest pitch first."""
    centre = (pitches[0] + pitches[-1]) / 2
    if pitches[-1] - pitches[0] <= _HAND_SPAN:
        return 0 if centre >= MIDDLE_C - 2 else 128
    gaps = [(high - low - 0.7 * abs((high + low) / 2 - MIDDLE_C), high) for low, high in pairwise(pitches)]
    return max(gaps)[1]


def _family(part: Part) -> str:
    known = INSTRUMENTS.get(part.instrument)
    return known.family if known else "kit" if part.is_drum else "piano"
