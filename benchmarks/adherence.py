"""How far what was heard is what was asked: the metrics of Mustango, on what independent ears say.

Source: Melechovsky et al., "Mustango: Toward Controllable Text-to-Music Generation", NAACL 2024: TB and TBT on tempo
bins, CK and CKD on keys, PCM and ECM on chord lists, BC on beats. Two readings are ours: a tempo near the edge of a bin
is not missed when the ear is within 2 % of it, and the relative key of CKD counts in both directions.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from music.theory import is_minor, name_pc, parse_chord

TEMPO_BINS: Final = (40, 60, 70, 90, 110, 140, 160, 210)
"""Edges of the tempo bins in bpm."""

NEAR: Final = 0.02
TOLERANCE: Final = 0.04
OCTAVES: Final = (1.0, 2.0, 0.5, 3.0, 1 / 3)
"""What an ear may take for the beat: the beat itself, its half, its double, its third or three of it."""

Key = tuple[int, bool]
"""Tonic as a pitch class, and whether the mode is minor."""

Triad = tuple[int, str]
"""Root as a pitch class, and `maj`, `min`, `dim`, `aug` or `sus`."""


def tempo_bin(bpm: float) -> int:
    """Number of the bin that `bpm` lies in; 0 under 40, 8 from 210 on."""
    return bisect_right(TEMPO_BINS, bpm)


def same_tempo_bin(asked: float, heard: float, apart: int = 0) -> bool:
    """TB (`apart` 0) and TBT (`apart` 1): the bins are equal, or at most `apart` bins off."""
    return abs(tempo_bin(asked) - tempo_bin(heard)) <= apart or within(asked, heard, NEAR)


def within(asked: float, heard: float, tolerance: float = TOLERANCE) -> bool:
    """Whether the heard tempo is off by no more than a share of the asked one."""
    return abs(heard - asked) <= tolerance * asked


def within_octaves(asked: float, heard: float) -> bool:
    """`within` 4 %, where the ear may count another level of the metre (`OCTAVES`)."""
    return any(within(asked, heard * factor) for factor in OCTAVES)


def read_key(tonic: str, scale: str) -> Key:
    """A key as an ear can name it: every scale with a minor third is minor."""
    return name_pc(tonic), is_minor(scale)


def same_key(asked: Key, heard: Key) -> bool:
    """CK: the same tonic and mode."""
    return asked == heard


def related_key(asked: Key, heard: Key) -> bool:
    """CKD: the same key or its relative, which has the same notes."""
    return asked == heard or heard == relative(asked)


def relative(key: Key) -> Key:
    """The relative minor of a major key (three semitones down), the relative major of a minor one."""
    tonic, minor = key
    return ((tonic + 3) % 12, False) if minor else ((tonic - 3) % 12, True)


_THIRDS: Final = {(4, 7): "maj", (3, 7): "min", (3, 6): "dim", (4, 8): "aug"}


def triad(symbol: str) -> Triad:
    """A chord symbol as a triad; what has no third is `sus`. Raises `InvalidValue` for what is no chord."""
    chord = parse_chord(symbol)
    third = next((i for i in (3, 4) if i in chord.intervals), 0)
    fifth = next((i for i in (7, 6, 8) if i in chord.intervals), 7)
    return chord.root, _THIRDS.get((third, fifth), "maj" if third == 4 else "sus")


def without_repeats(chords: Sequence[Triad]) -> list[Triad]:
    """The list without chords that only go on."""
    return [chord for i, chord in enumerate(chords) if i == 0 or chord != chords[i - 1]]


def common_in_order(asked: Sequence[Triad], heard: Sequence[Triad]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(heard) + 1)
    for chord in asked:
        diagonal = 0
        for i, other in enumerate(heard, start=1):
            diagonal, row[i] = row[i], diagonal + 1 if chord == other else max(row[i], row[i - 1])
    return row[-1]


def perfect_chord_match(asked: Sequence[Triad], heard: Sequence[Triad]) -> bool:
    """PCM: the whole asked list is heard in its order; more may be heard between."""
    return common_in_order(asked, heard) == len(asked)


def exact_chord_match(asked: Sequence[Triad], heard: Sequence[Triad]) -> float:
    """ECM: share of the asked list that is heard in its order; 1 for an empty list."""
    return common_in_order(asked, heard) / len(asked) if asked else 1.0
