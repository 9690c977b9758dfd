"""Genres: one table entry each, to be read and extended by a musician.

Tempo is a range in quarter notes a minute to draw from. `modes` are weights. `band` names, for each chair, the
instruments to choose from. `colour` says how chords are extended. `swing` is the share of the first of two
`swing_unit` notes (0.5 even, 0.667 triplet). `looseness` is the timing spread of the players in milliseconds.
`density` and `syncopation` (0–1) describe the tunes; `valence` and `arousal` (0–1) the usual mood.
"""

from dataclasses import dataclass

from domain.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Genre:
    """One row of the table."""

    id: str
    name: str
    tempo: tuple[int, int]
    modes: dict[str, float]
    band: dict[str, tuple[str, ...]]
    language: str
    colour: str
    groove: str
    bass: str
    comping: str
    form: str
    duration: int
    style: tuple[str, ...]
    spectrum: str
    valence: float
    arousal: float
    metre: str = "4/4"
    swing: float = 0.5
    swing_unit: float = 0.5
    looseness: float = 10.0
    density: float = 0.5
    syncopation: float = 0.4


_ROWS: tuple[Genre, ...] = (
    Genre("pop", "Pop", (92, 126), {"major": 4, "minor": 3},
          {"drums": ("acoustic_kit", "kit_909"), "bass": ("finger_bass", "synth_bass"),
           "keys": ("grand_piano", "fm_piano"), "guitar": ("clean_guitar", "muted_guitar"),
           "pad": ("warm_pad", "synth_strings"), "lead": ("soft_lead", "pluck", "saw_lead")},
          "pop", "triads", "pop", "root", "push", "song", 180, ("wide", "bright", "punchy"), "pop", 0.65, 0.6,
          density=0.55),
    Genre("rock", "Rock", (104, 148), {"major": 3, "mixolydian": 2, "minor": 3},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("overdriven_guitar", "distortion_guitar"),
           "keys": ("organ",), "lead": ("overdriven_guitar", "clean_guitar")},
          "rock", "triads", "rock", "eighths", "drive", "song", 180, ("raw", "punchy"), "rock", 0.55, 0.75,
          looseness=13),
    Genre("folk", "Folk", (78, 118), {"major": 5, "dorian": 1, "mixolydian": 1, "minor": 1.5},
          {"drums": ("hand_percussion",), "bass": ("upright_bass",), "guitar": ("steel_guitar", "nylon_guitar"),
           "strings": ("string_ensemble",), "lead": ("violin", "harmonica", "flute", "recorder")},
          "folk", "triads", "folk", "root_fifth", "strum", "song", 150, ("intimate", "warm", "dry"), "acoustic",
          0.6, 0.4, looseness=14, density=0.45, syncopation=0.2),
    Genre("country", "Country", (88, 132), {"major": 6, "mixolydian": 1, "minor": 0.6},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "guitar": ("steel_guitar",),
           "keys": ("upright_piano",), "lead": ("clean_guitar", "violin", "harmonica")},
          "folk", "triads", "train", "root_fifth", "boom_chick", "song", 165, ("warm", "crisp"), "acoustic",
          0.7, 0.55, looseness=13, density=0.5, syncopation=0.25),
    Genre("blues", "Blues", (68, 118), {"mixolydian": 3, "blues": 2, "minor": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass", "upright_bass"), "guitar": ("clean_guitar",),
           "keys": ("organ", "upright_piano"), "lead": ("overdriven_guitar", "harmonica", "tenor_sax")},
          "blues", "as_written", "shuffle", "walking", "charleston", "blues", 160, ("warm", "raw", "vintage"),
          "acoustic", 0.45, 0.5, swing=0.64, looseness=18, density=0.5, syncopation=0.5),
    Genre("swing", "Swing", (118, 190), {"major": 4, "minor": 2, "dorian": 1},
          {"drums": ("brush_kit", "acoustic_kit"), "bass": ("upright_bass",), "keys": ("grand_piano",),
           "brass": ("brass_section",), "lead": ("tenor_sax", "trumpet", "clarinet", "vibraphone")},
          "jazz", "sevenths", "swing", "walking", "charleston", "standard", 150, ("vintage", "warm"), "jazz",
          0.7, 0.6, swing=0.64, looseness=18, density=0.6, syncopation=0.6),
    Genre("jazz_ballad", "Jazz ballad", (56, 78), {"major": 4, "minor": 3},
          {"drums": ("brush_kit",), "bass": ("upright_bass",), "keys": ("grand_piano",),
           "lead": ("tenor_sax", "muted_trumpet", "alto_sax", "flute")},
          "jazz", "ninths", "brushes", "two_feel", "sustain", "standard", 150, ("warm", "intimate", "soft"),
          "jazz", 0.45, 0.2, swing=0.6, looseness=20, density=0.4, syncopation=0.4),
    Genre("bossa_nova", "Bossa nova", (112, 142), {"major": 4, "minor": 3},
          {"drums": ("brush_kit",), "percussion": ("latin_percussion",), "bass": ("upright_bass",),
           "guitar": ("nylon_guitar",), "keys": ("rhodes",), "lead": ("flute", "tenor_sax", "vibraphone")},
          "jazz", "ninths", "bossa", "bossa", "bossa", "standard", 150, ("warm", "intimate", "soft"), "jazz",
          0.62, 0.4, looseness=14, density=0.45, syncopation=0.6),
    Genre("soul", "Soul", (72, 108), {"major": 3, "minor": 2, "mixolydian": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "keys": ("organ", "wurlitzer"),
           "guitar": ("clean_guitar",), "brass": ("brass_section",), "lead": ("alto_sax", "trumpet")},
          "soul", "sevenths", "soul", "syncopated", "offbeat", "song", 170, ("warm", "vintage"), "pop", 0.6, 0.5,
          swing=0.53, swing_unit=0.25, looseness=17, syncopation=0.55),
    Genre("funk", "Funk", (96, 118), {"mixolydian": 3, "dorian": 4, "minor": 1},
          {"drums": ("acoustic_kit",), "bass": ("slap_bass", "finger_bass"), "guitar": ("muted_guitar",),
           "keys": ("clavinet",), "brass": ("brass_section",), "lead": ("alto_sax", "trumpet")},
          "funk", "as_written", "funk", "syncopated", "scratch", "song", 165, ("punchy", "dry", "crisp"), "pop",
          0.7, 0.75, swing=0.53, swing_unit=0.25, looseness=14, density=0.6, syncopation=0.75),
    Genre("disco", "Disco", (112, 126), {"minor": 3, "major": 2, "dorian": 2},
          {"drums": ("acoustic_kit", "kit_909"), "bass": ("finger_bass", "synth_bass"),
           "guitar": ("clean_guitar",), "keys": ("rhodes", "grand_piano"), "strings": ("string_ensemble",),
           "brass": ("brass_section",), "lead": ("trumpet", "saw_lead", "flute")},
          "soul", "sevenths", "disco", "octave", "scratch", "song", 180, ("bright", "wide", "punchy"), "dance",
          0.8, 0.8, density=0.55, syncopation=0.5),
    Genre("hip_hop", "Hip hop", (82, 98), {"minor": 5, "dorian": 2, "phrygian": 0.7},
          {"drums": ("lofi_kit", "kit_808"), "bass": ("sub_bass", "finger_bass"), "keys": ("rhodes", "grand_piano"),
           "strings": ("string_ensemble",), "lead": ("flute", "bell", "muted_trumpet")},
          "hip_hop", "sevenths", "boom_bap", "syncopated", "stabs", "loop", 150, ("punchy", "dusty"), "hip_hop",
          0.4, 0.5, swing=0.56, swing_unit=0.25, looseness=12, density=0.45, syncopation=0.55),
    Genre("lo_fi", "Lo-fi", (68, 88), {"minor": 4, "dorian": 2, "major": 3},
          {"drums": ("lofi_kit",), "bass": ("finger_bass", "sub_bass"), "keys": ("rhodes",),
           "guitar": ("nylon_guitar", "clean_guitar"), "pad": ("warm_pad",),
           "lead": ("vibraphone", "soft_lead", "bell"), "effects": ("vinyl_noise",)},
          "hip_hop", "ninths", "lofi", "lazy", "lazy", "loop", 120, ("dusty", "tape", "vinyl", "warm", "lofi"),
          "lofi", 0.42, 0.25, swing=0.58, swing_unit=0.25, looseness=15, density=0.4, syncopation=0.5),
    Genre("trap", "Trap", (126, 150), {"minor": 4, "phrygian": 1.5, "harmonic_minor": 2},
          {"drums": ("trap_kit",), "bass": ("bass_808",), "keys": ("bell", "grand_piano"), "pad": ("choir",),
           "lead": ("pluck", "flute", "square_lead")},
          "hip_hop", "triads", "trap", "808", "long", "loop", 140, ("dark", "punchy", "deep"), "hip_hop", 0.3, 0.6,
          looseness=4, density=0.5, syncopation=0.5),
    Genre("rnb", "R&B", (64, 96), {"minor": 4, "major": 3, "dorian": 1},
          {"drums": ("kit_808", "acoustic_kit"), "bass": ("sub_bass", "finger_bass"),
           "keys": ("rhodes", "fm_piano"), "guitar": ("clean_guitar",), "pad": ("warm_pad",),
           "lead": ("soft_lead", "alto_sax")},
          "soul", "ninths", "rnb", "syncopated", "lazy", "song", 170, ("warm", "wide", "deep"), "hip_hop", 0.5,
          0.4, swing=0.55, swing_unit=0.25, looseness=13, density=0.5, syncopation=0.6),
    Genre("house", "House", (119, 127), {"minor": 4, "dorian": 2, "major": 1},
          {"drums": ("kit_909",), "bass": ("synth_bass", "sub_bass"), "keys": ("grand_piano", "organ", "fm_piano"),
           "pad": ("analog_pad",), "lead": ("pluck", "saw_lead"), "effects": ("riser", "impact")},
          "house", "sevenths", "house", "offbeat", "house", "club", 180, ("punchy", "wide", "sidechained"),
          "dance", 0.65, 0.75, swing=0.54, swing_unit=0.25, looseness=5, density=0.45, syncopation=0.6),
    Genre("techno", "Techno", (126, 140), {"minor": 4, "phrygian": 3},
          {"drums": ("kit_909",), "percussion": ("hand_percussion",), "bass": ("acid_bass", "sub_bass"),
           "arpeggio": ("synth_arp",), "pad": ("analog_pad",), "lead": ("square_lead", "bell"),
           "effects": ("riser", "impact")},
          "techno", "triads", "techno", "sixteenths", "techno", "club", 180, ("dark", "punchy", "deep"), "dance",
          0.35, 0.8, looseness=3, density=0.35, syncopation=0.6),
    Genre("trance", "Trance", (132, 142), {"minor": 6, "major": 1},
          {"drums": ("kit_909",), "bass": ("synth_bass",), "arpeggio": ("synth_arp", "pluck"),
           "keys": ("supersaw",), "pad": ("analog_pad", "synth_strings"), "lead": ("supersaw", "saw_lead"),
           "effects": ("riser", "impact")},
          "trance", "triads", "trance", "offbeat", "gate", "club", 180, ("wide", "bright", "sidechained"),
          "dance", 0.65, 0.85, looseness=3, density=0.55, syncopation=0.45),
    Genre("drum_and_bass", "Drum and bass", (170, 178), {"minor": 5, "dorian": 1},
          {"drums": ("acoustic_kit", "kit_909"), "bass": ("reese_bass",), "keys": ("rhodes", "fm_piano"),
           "pad": ("warm_pad", "analog_pad"), "lead": ("soft_lead", "bell"), "effects": ("riser", "impact")},
          "house", "sevenths", "dnb", "long", "long", "club", 170, ("deep", "punchy", "wide"), "dance", 0.45, 0.85,
          looseness=4, density=0.35, syncopation=0.5),
    Genre("dubstep", "Dubstep", (138, 142), {"minor": 4, "phrygian": 2},
          {"drums": ("kit_909", "trap_kit"), "bass": ("reese_bass", "synth_bass"), "keys": ("bell",),
           "pad": ("analog_pad",), "lead": ("saw_lead", "square_lead"), "effects": ("riser", "impact")},
          "techno", "triads", "dubstep", "wobble", "long", "club", 160, ("dark", "aggressive", "deep"), "dance",
          0.3, 0.85, looseness=3, density=0.4, syncopation=0.5),
    Genre("synthwave", "Synthwave", (84, 118), {"minor": 5, "dorian": 1, "major": 1},
          {"drums": ("kit_909",), "bass": ("synth_bass",), "arpeggio": ("synth_arp",),
           "keys": ("supersaw", "fm_piano"), "pad": ("analog_pad",), "lead": ("saw_lead", "square_lead")},
          "synthwave", "triads", "synthwave", "octave", "sustain", "song", 180, ("analog", "wide", "gated", "chorus"),
          "dance", 0.5, 0.6, looseness=4, density=0.5),
    Genre("ambient", "Ambient", (56, 80), {"lydian": 2, "major": 3, "dorian": 2, "minor": 2},
          {"pad": ("warm_pad", "glass_pad"), "strings": ("synth_strings", "choir"), "bass": ("sub_bass",),
           "keys": ("fm_piano", "grand_piano"), "arpeggio": ("harp", "bell"), "lead": ("soft_lead", "bell")},
          "modal", "ninths", "none", "drone", "sustain", "arc", 150, ("spacious", "wide", "airy", "evolving"),
          "ambient", 0.5, 0.15, looseness=18, density=0.2, syncopation=0.2),
    Genre("cinematic", "Cinematic", (66, 110), {"minor": 4, "dorian": 1, "harmonic_minor": 1, "major": 2, "lydian": 1},
          {"percussion": ("orchestral_percussion",), "bass": ("double_bass",), "strings": ("string_ensemble",),
           "brass": ("french_horn", "brass_section"), "keys": ("grand_piano",), "pad": ("choir",),
           "arpeggio": ("harp",), "lead": ("violin", "french_horn", "cello", "flute")},
          "cinematic", "triads", "cinematic", "long", "ostinato", "arc", 150, ("wide", "spacious"), "orchestral",
          0.45, 0.6, looseness=15, density=0.35, syncopation=0.15),
    Genre("chamber", "Chamber", (72, 116), {"major": 4, "minor": 3, "harmonic_minor": 1},
          {"bass": ("cello",), "strings": ("string_ensemble",), "keys": ("grand_piano", "harpsichord"),
           "counter": ("viola", "clarinet"), "lead": ("violin", "flute", "oboe")},
          "classical", "triads", "none", "root_fifth", "alberti", "rondo", 140, ("spacious", "warm"), "orchestral",
          0.6, 0.4, looseness=16, density=0.5, syncopation=0.1),
    Genre("waltz", "Waltz", (112, 168), {"major": 4, "minor": 3, "harmonic_minor": 1},
          {"bass": ("double_bass",), "strings": ("string_ensemble",), "keys": ("grand_piano",),
           "counter": ("clarinet", "cello"), "lead": ("violin", "flute", "accordion")},
          "classical", "triads", "none", "waltz", "waltz", "rondo", 140, ("spacious", "warm"), "orchestral", 0.65,
          0.5, metre="3/4", looseness=16, density=0.4, syncopation=0.05),
    Genre("reggae", "Reggae", (68, 86), {"major": 4, "minor": 3, "dorian": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "guitar": ("muted_guitar",), "keys": ("organ",),
           "brass": ("brass_section",), "lead": ("trombone", "harmonica", "alto_sax")},
          "reggae", "triads", "one_drop", "reggae", "skank", "song", 170, ("warm", "deep", "spacious"), "pop",
          0.7, 0.45, swing=0.56, swing_unit=0.25, looseness=14, syncopation=0.55),
    Genre("salsa", "Salsa", (168, 200), {"major": 3, "minor": 4, "harmonic_minor": 1},
          {"percussion": ("latin_percussion",), "bass": ("upright_bass", "finger_bass"), "keys": ("grand_piano",),
           "brass": ("brass_section",), "lead": ("trumpet", "flute", "trombone")},
          "latin", "sevenths", "salsa", "tumbao", "montuno", "song", 170, ("bright", "punchy"), "latin", 0.8, 0.85,
          looseness=11, density=0.55, syncopation=0.75),
    Genre("cumbia", "Cumbia", (84, 104), {"minor": 4, "major": 3},
          {"percussion": ("latin_percussion",), "bass": ("finger_bass",), "keys": ("accordion",),
           "guitar": ("nylon_guitar",), "lead": ("accordion", "flute", "clarinet")},
          "latin", "triads", "cumbia", "cumbia", "offbeat", "song", 160, ("warm", "bright"), "latin", 0.75, 0.65,
          looseness=12, density=0.55, syncopation=0.5),
    Genre("afrobeat", "Afrobeat", (100, 122), {"dorian": 4, "minor": 3, "mixolydian": 2},
          {"drums": ("acoustic_kit",), "percussion": ("hand_percussion",), "bass": ("finger_bass",),
           "guitar": ("muted_guitar",), "keys": ("organ", "rhodes"), "brass": ("brass_section",),
           "lead": ("tenor_sax", "trumpet")},
          "funk", "as_written", "afrobeat", "syncopated", "offbeat", "song", 180, ("warm", "punchy"), "latin",
          0.72, 0.75, looseness=13, density=0.5, syncopation=0.7),
    Genre("metal", "Metal", (136, 184), {"minor": 3, "phrygian": 3, "harmonic_minor": 2},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar",),
           "lead": ("distortion_guitar",), "pad": ("choir",)},
          "metal", "power", "metal", "eighths", "chug", "song", 170, ("aggressive", "distorted", "dark"), "rock",
          0.25, 0.95, looseness=8, density=0.6, syncopation=0.4),
    Genre("punk", "Punk", (164, 196), {"major": 4, "mixolydian": 2, "minor": 2},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar", "overdriven_guitar"),
           "lead": ("overdriven_guitar",)},
          "rock", "power", "punk", "eighths", "drive", "song", 120, ("raw", "aggressive"), "rock", 0.55, 0.95,
          looseness=13, density=0.6, syncopation=0.25),
    Genre("gospel", "Gospel", (70, 112), {"major": 6, "mixolydian": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "keys": ("organ", "grand_piano"),
           "pad": ("choir",), "lead": ("alto_sax", "grand_piano", "trumpet")},
          "gospel", "sevenths", "gospel", "syncopated", "push", "song", 165, ("warm", "wide"), "pop", 0.75, 0.6,
          swing=0.58, looseness=17, density=0.5, syncopation=0.5),
    Genre("chiptune", "Chiptune", (120, 168), {"major": 4, "minor": 3, "mixolydian": 1},
          {"drums": ("chip_kit",), "bass": ("chip_bass",), "arpeggio": ("chip_pulse",), "lead": ("chip_lead",)},
          "chip", "triads", "chip", "octave", "long", "song", 100, ("bright", "crisp"), "chip", 0.75, 0.8,
          looseness=0, density=0.7, syncopation=0.4),
)  # fmt: skip

GENRES: dict[str, Genre] = {row.id: row for row in _ROWS}


def genre(id_: str) -> Genre:
    """The genre called `id_`. Raises `InvalidValue` when there is none."""
    try:
        return GENRES[id_]
    except KeyError:
        raise InvalidValue(f"there is no genre {id_!r}; use one of: {', '.join(GENRES)}") from None


def main_genre(ids: list[str]) -> Genre:
    """The first genre of a list; pop when the list is empty."""
    return genre(ids[0]) if ids else GENRES["pop"]
