"""What a finished song of a genre usually measures, as ranges: octave bands and peak to loudness ratio.

The curve of the octaves is measured (`mix_tables.REFERENCE_BANDS`) and its shifts by genre are ours. The ranges of
peak to loudness ratio (PLR, true peak over integrated loudness) are engineering convention: under 8 dB a master is
called over-limited, music for clubs and rock is delivered at 8 to 12 dB, acoustic and orchestral recordings keep 12 dB
and more. No distribution by genre with data was found, so none is claimed.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from audio.decibels import SILENCE_DB
from audio.mix_tables import genre_key, genre_mix, reference_bands, spectrum_range


class Range(NamedTuple):
    """Lowest and highest usual value in dB."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether `value` lies inside."""
        return self.low <= value <= self.high


_CLUB: Final = Range(7.0, 17.0)
_BAND: Final = Range(7.5, 17.0)
_SONG: Final = Range(8.0, 18.0)
_ROOM: Final = Range(10.0, 22.0)
_HALL: Final = Range(11.0, 26.0)

PLR: Final[Mapping[str, Range]] = {
    "house": _CLUB, "techno": _CLUB, "trance": _CLUB, "edm": _CLUB, "dubstep": _CLUB, "drum_and_bass": _CLUB,
    "electronic": _CLUB, "disco": _SONG, "synthwave": _CLUB, "future_bass": _CLUB, "trap": _CLUB, "hip_hop": _CLUB,
    "rnb": _SONG, "lo_fi": _SONG, "rock": _BAND, "punk": _BAND, "metal": _BAND, "indie": _BAND, "country": _SONG,
    "reggae": _SONG, "chiptune": _CLUB, "pop": _SONG, "folk": _ROOM, "jazz": _ROOM, "swing": _ROOM,
    "jazz_ballad": _ROOM, "bossa_nova": _ROOM, "blues": _ROOM, "ambient": _ROOM, "cinematic": _ROOM,
    "orchestral": _HALL, "classical": _HALL, "chamber": _HALL, "waltz": _HALL,
}  # fmt: skip
"""By genre key; convention, see the module."""

OCTAVE_TOLERANCE_DB: Final = 5.0
"""How far an octave may lie over or under the curve, and under it where a genre leaves room, still more."""

_LEVEL_OCTAVES: Final = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)


def plr_range(genres: Sequence[str]) -> Range:
    """Usual PLR in dB of the first of `genres` that is known, also as a word of a longer name ("deep house")."""
    for genre in genres:
        key = genre_key(genre)
        inside = [name for name in PLR if name in key]
        if inside:
            return PLR[max(sorted(inside), key=len)]
    return _SONG


def genre_curve(genres: Sequence[str]) -> dict[float, float]:
    """Octave-band power against 1 kHz in dB of the genre, by centre in Hz."""
    return reference_bands(genre_mix(tuple(genres)))


def genre_ranges(genres: Sequence[str], within_db: float = OCTAVE_TOLERANCE_DB) -> dict[float, Range]:
    """How far each octave may lie from the genre's curve in dB: `within_db`, and below it as much as the genre allows.

    31.5 Hz and 16 kHz may be empty in any genre: what plays there is a choice of instruments, not a fault.
    """
    ranges = {f: Range(*ends) for f, ends in spectrum_range(genre_mix(tuple(genres)), within_db).items()}
    return ranges | {f: Range(SILENCE_DB, ranges[f].high) for f in (min(ranges), max(ranges))}


def octave_misses(bands: Mapping[str, float], curve: Mapping[float, float]) -> dict[float, float]:
    """How far each octave of `Measurement.octave_bands_db` lies over the curve, in dB.

    Compared by shape: the median difference from 63 Hz to 8 kHz is the level and does not count.
    """
    differences = {f: bands[f"{f:g}"] - db for f, db in curve.items()}
    level = median(differences[f] for f in _LEVEL_OCTAVES)
    return {f: round(d - level, 2) for f, d in differences.items()}


def octaves_outside(bands: Mapping[str, float], genres: Sequence[str]) -> dict[float, float]:
    """The octaves out of the genre's range, with how far each lies over its curve in dB."""
    ranges = genre_ranges(genres)
    return {f: miss for f, miss in octave_misses(bands, genre_curve(genres)).items() if not ranges[f].holds(miss)}
