"""What an engineer starts from: levels, places and treatments by role, instrument and genre.

Levels are loudness against the lead in LU; the figures and their sources stand in the mixing research:
role levels and pans after the Diff-MST rule set, centred lows after Perez-Gonzalez and Reiss (2010).
"""

from typing import Final, NamedTuple

from domain.score import Role


class Squeeze(NamedTuple):
    """A compressor: threshold in dB over the part's own loudness, ratio, attack and release in s."""

    over_db: float
    ratio: float
    attack_s: float
    release_s: float


class RoleMix(NamedTuple):
    """Where a role starts: level LU, pan −1…1 (sign chosen by balance), low cut Hz, sends in dB, compression."""

    level_db: float
    pan: float
    high_pass_hz: float
    room_db: float
    plate_db: float
    delay_db: float
    squeeze: Squeeze | None


OFF: Final = -60.0
"""A send that is off."""

ROLES: Final[dict[Role, RoleMix]] = {
    Role.DRUMS: RoleMix(-2.0, 0.0, 28.0, -17.0, -26.0, OFF, Squeeze(6.0, 2.0, 0.015, 0.09)),
    Role.PERCUSSION: RoleMix(-7.5, 0.2, 120.0, -15.0, -24.0, OFF, None),
    Role.BASS: RoleMix(-2.5, 0.0, 30.0, OFF, OFF, OFF, Squeeze(2.0, 3.0, 0.02, 0.14)),
    Role.KEYS: RoleMix(-4.0, 0.3, 70.0, -16.0, -20.0, OFF, Squeeze(5.0, 1.8, 0.02, 0.16)),
    Role.GUITAR: RoleMix(-4.0, 0.38, 80.0, -16.0, -24.0, OFF, Squeeze(5.0, 2.0, 0.015, 0.14)),
    Role.PAD: RoleMix(-7.0, 0.0, 120.0, -22.0, -14.0, OFF, None),
    Role.STRINGS: RoleMix(-5.0, 0.15, 90.0, -14.0, -16.0, OFF, None),
    Role.BRASS: RoleMix(-4.0, 0.2, 80.0, -16.0, -18.0, OFF, Squeeze(5.0, 2.0, 0.02, 0.15)),
    Role.LEAD: RoleMix(1.5, 0.0, 100.0, -20.0, -14.0, -19.0, Squeeze(4.0, 2.2, 0.012, 0.12)),
    Role.COUNTER: RoleMix(-4.0, 0.25, 110.0, -18.0, -15.0, -21.0, Squeeze(5.0, 1.8, 0.015, 0.14)),
    Role.ARPEGGIO: RoleMix(-6.5, 0.3, 140.0, -20.0, -16.0, -18.0, None),
    Role.EFFECTS: RoleMix(-8.0, 0.0, 30.0, -22.0, -16.0, OFF, None),
    Role.FULL_MIX: RoleMix(0.0, 0.0, 20.0, OFF, OFF, OFF, None),
}

INSTRUMENT_LEVELS: Final = {"vinyl_noise": -22.0, "impact": -6.0, "riser": -9.0, "choir": -6.0}
"""Levels in LU of instruments that stand apart from their role."""

STYLE_SPACE: Final = {
    "dry": -9.0, "intimate": -4.0, "spacious": 4.0, "reverb": 6.0, "dreamy": 3.0, "airy": 1.5, "washed": 6.0,
}  # fmt: skip
"""What a production word adds to a part's sends, in dB."""

BED: Final = frozenset({Role.KEYS, Role.GUITAR, Role.PAD, Role.STRINGS, Role.ARPEGGIO, Role.BRASS, Role.COUNTER})
"""Roles that make room for the lead where they share its register."""


class GenreMix(NamedTuple):
    """How a family of genres is mixed: reverb as dB on every send, decay factor, pump depth dB, width, glue dB."""

    space_db: float = 0.0
    decay: float = 1.0
    pump_db: float = 0.0
    width: float = 0.7
    glue_db: float = 1.5
    drums_db: float = 0.0
    bass_db: float = 0.0
    tilt: tuple[float, float] = (0.0, 0.0)
    """Shift of the reference spectrum in dB at 63 Hz and at 8 kHz."""
    air_room_db: float = 0.0
    """How much darker than the curve the band may be at 16 kHz (half of it at 8 kHz, a quarter at 4 kHz): a string
    quartet or a worn tape has no cymbals, and nothing is wrong with it."""
    sub_room_db: float = 0.0
    """How much less than the curve may lie at 31.5 Hz (two thirds of it at 63 Hz, a third at 125 Hz): a band without
    bass and kick has nothing there."""


_CLUB: Final = GenreMix(-2.0, 0.9, 5.0, 0.75, 2.0, 1.0, 0.5, (2.0, 0.5))
_TRAP: Final = GenreMix(-3.0, 0.85, 0.0, 0.7, 1.5, 0.5, 2.0, (3.0, 0.0))
_SOFT: Final = GenreMix(3.0, 1.4, 0.0, 0.7, 0.0, -3.0, -1.0, (-2.0, -2.0), 28.0, 24.0)
_JAZZ: Final = GenreMix(1.0, 0.9, 0.0, 0.65, 0.7, -3.0, 0.0, (-1.5, -2.0), 10.0, 4.0)
_ROCK: Final = GenreMix(-1.0, 0.9, 0.0, 0.75, 2.0, 0.5, 0.0, (-0.5, 0.5), 6.0)

GENRES: Final[dict[str, GenreMix]] = {
    "house": _CLUB, "techno": _CLUB, "trance": _CLUB._replace(space_db=0.0, width=0.8),
    "edm": _CLUB, "dubstep": _CLUB._replace(bass_db=1.5), "drum_and_bass": _CLUB._replace(pump_db=3.0),
    "electronic": _CLUB._replace(pump_db=3.0), "disco": _CLUB._replace(pump_db=0.0, space_db=-1.0),
    "synthwave": _CLUB._replace(pump_db=3.0, space_db=1.0), "future_bass": _CLUB._replace(pump_db=6.0),
    "trap": _TRAP, "hip_hop": _TRAP._replace(tilt=(2.0, -0.5), air_room_db=6.0),
    "rnb": _TRAP._replace(space_db=0.0, bass_db=0.5),
    "lo_fi": GenreMix(-1.0, 0.9, 1.5, 0.6, 1.5, -0.5, 0.5, (1.0, -4.0), 18.0),
    "ambient": GenreMix(5.0, 2.0, 0.0, 0.85, 0.0, -5.0, -1.5, (0.0, -3.0), 24.0, 12.0),
    "cinematic": GenreMix(3.5, 1.6, 0.0, 0.8, 0.7, -1.0, 0.0, (0.0, -2.0), 18.0, 8.0),
    "orchestral": _SOFT, "classical": _SOFT, "chamber": _SOFT._replace(decay=1.1), "waltz": _SOFT,
    "jazz": _JAZZ, "swing": _JAZZ, "jazz_ballad": _JAZZ, "bossa_nova": _JAZZ, "blues": _JAZZ._replace(drums_db=-1.0),
    "folk": GenreMix(0.0, 0.9, 0.0, 0.7, 0.7, -2.5, -0.5, (-1.5, -1.0), 14.0, 10.0),
    "country": _ROCK._replace(drums_db=-0.5),
    "rock": _ROCK, "punk": _ROCK._replace(space_db=-3.0), "metal": _ROCK._replace(space_db=-3.0, tilt=(0.5, 1.5)),
    "indie": _ROCK, "chiptune": GenreMix(-8.0, 0.6, 0.0, 0.6, 1.0, 0.0, 0.0, (-2.0, 1.0)),
    "reggae": GenreMix(-1.0, 0.9, 0.0, 0.65, 1.5, 0.0, 2.0, (2.5, -2.0)),
}  # fmt: skip
"""Genres by key; one that is not here is mixed by the plain values of `GenreMix`."""

_ALIASES: Final = {
    "lofi": "lo_fi", "lo-fi": "lo_fi", "hiphop": "hip_hop", "r&b": "rnb", "dnb": "drum_and_bass",
    "soundtrack": "cinematic",
    "film": "cinematic", "bossa": "bossa_nova", "epic": "cinematic", "dance": "house", "dub": "reggae",
    "electropop": "electronic", "hyperpop": "electronic", "uk_garage": "house", "drill": "trap", "phonk": "trap",
    "reggaeton": "hip_hop", "trip_hop": "lo_fi", "downtempo": "lo_fi", "vaporwave": "lo_fi", "grunge": "rock",
    "shoegaze": "rock", "new_wave": "rock", "post_punk": "rock", "acoustic": "folk", "bluegrass": "folk",
    "celtic": "folk", "sea_shanty": "folk", "medieval": "folk", "klezmer": "folk", "polka": "folk",
    "tarantella": "folk", "children": "folk", "fado": "folk", "chanson": "folk", "flamenco": "folk",
    "mariachi": "folk", "lullaby": "chamber", "baroque": "chamber", "tango": "chamber", "choral": "classical",
    "march": "orchestral", "ragtime": "jazz", "samba": "bossa_nova", "bolero": "jazz",
}  # fmt: skip


def genre_key(genre: str) -> str:
    """`genre` as the tables write it: lower case, underscores, common spellings joined."""
    key = genre.strip().lower()
    key = _ALIASES.get(key, key.replace("-", "_").replace(" ", "_").replace("&", "and"))
    return _ALIASES.get(key, key)


def genre_mix(genres: tuple[str, ...]) -> GenreMix:
    """The first of `genres` that the table knows, also as a word inside a longer name ("deep house")."""
    for genre in genres:
        key = genre_key(genre)
        if key in GENRES:
            return GENRES[key]
        inside = [name for name in sorted(GENRES) if name in key]
        if inside:
            return GENRES[max(inside, key=len)]
    return GenreMix()


REFERENCE_BANDS: Final = {
    31.5: -3.5, 63.0: 3.2, 125.0: 5.9, 250.0: 3.2, 500.0: 1.8, 1000.0: 0.0, 2000.0: -1.4, 4000.0: -4.4,
    8000.0: -8.6, 16000.0: -15.5,
}  # fmt: skip
"""Octave-band power against 1 kHz in dB of many produced songs (computed from the MUSDB18 statistics of FxNorm)."""


def reference_bands(genre: GenreMix) -> dict[float, float]:
    """The reference curve with the genre's shift at both ends."""
    low, high = genre.tilt
    weights = {31.5: (1.0, 0.0), 63.0: (1.0, 0.0), 125.0: (0.6, 0.0), 250.0: (0.2, 0.0),
               2000.0: (0.0, 0.25), 4000.0: (0.0, 0.6), 8000.0: (0.0, 1.0), 16000.0: (0.0, 1.2)}  # fmt: skip
    none = (0.0, 0.0)
    return {f: db + weights.get(f, none)[0] * low + weights.get(f, none)[1] * high for f, db in REFERENCE_BANDS.items()}


_AIR: Final = {4000.0: 0.25, 8000.0: 0.5, 16000.0: 1.0}
_SUB: Final = {31.5: 1.0, 63.0: 0.67, 125.0: 0.33}


def spectrum_range(genre: GenreMix, within_db: float) -> dict[float, tuple[float, float]]:
    """How far each octave may lie under and over `reference_bands`, in dB; `within_db` is tolerated everywhere."""
    return {
        f: (-within_db - _AIR.get(f, 0.0) * genre.air_room_db - _SUB.get(f, 0.0) * genre.sub_room_db, within_db)
        for f in REFERENCE_BANDS
    }
