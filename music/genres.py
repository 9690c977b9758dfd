"""Genres: one table entry each, to be read and extended by a musician.

Tempo is a range in quarter notes a minute to draw from. `modes` are weights. `band` names, for each chair, the
instruments to choose from. `language` is a harmonic language of `progressions`, `colour` how its chords are
extended (`COLOURS`). `groove`, `bass`, `comping` and `form` name rows of those tables. `duration` is the usual length
in seconds, `style` the production words, `spectrum` the family that titles are taken from. `swing` is the share of
the first of two `swing_unit` notes (0.5 even, 0.667 triplet). `looseness` is the timing spread of the players in
milliseconds, `lean_ms` how far they sit behind the beat (ahead: negative). `density` and `syncopation` (0–1)
describe the tunes; `valence` and `arousal` (0–1) the usual mood. `words` are what people call the genre, in any
language, parted by commas; the id counts as one of them. docs/extend-genres.md tells how to add a row.
"""

# ruff: noqa: E501 - a row of a table stays on one line

from dataclasses import dataclass

from domain.errors import InvalidValue

COLOURS: dict[str, str] = {
    "triads": "plain triads, now and then a seventh or an added note",
    "power": "root and fifth under driven guitars",
    "as_written": "the chords of the language's table as they stand there",
    "sevenths": "seventh chords",
    "ninths": "sevenths and ninths",
}


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
    lean_ms: float = 0.0
    words: str = ""

    @property
    def phrases(self) -> tuple[str, ...]:
        """What people call the genre: its id with spaces, then its words."""
        return (self.id.replace("_", " "), *(w for w in (word.strip() for word in self.words.split(",")) if w))


_ROWS: tuple[Genre, ...] = (
    Genre("pop", "Pop", (92, 126), {"major": 4, "minor": 3},
          {"drums": ("acoustic_kit", "kit_909"), "bass": ("finger_bass", "synth_bass"),
           "keys": ("grand_piano", "fm_piano"), "guitar": ("clean_guitar", "muted_guitar"),
           "pad": ("warm_pad", "synth_strings"), "lead": ("soft_lead", "pluck", "saw_lead")},
          "pop", "triads", "pop", "root", "push", "song", 180, ("wide", "bright", "punchy"), "pop", 0.65, 0.6,
          density=0.55,
          words="pop, pop song, pop music, indie pop, bedroom pop, teen pop, chart pop, soft pop, musica pop,"
                " música pop, popmusik, chanson pop, canción pop, canção pop, canzone pop"),
    Genre("rock", "Rock", (104, 148), {"major": 3, "mixolydian": 2, "minor": 3},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("overdriven_guitar", "distortion_guitar"),
           "keys": ("organ",), "lead": ("overdriven_guitar", "clean_guitar")},
          "rock", "triads", "rock", "eighths", "drive", "song", 180, ("raw", "punchy"), "rock", 0.55, 0.75,
          looseness=13,
          words="rock, rock song, rock music, alternative, alt rock, alternative rock, classic rock, hard rock,"
                " soft rock, post-rock, britpop, stadium rock, arena rock, emo, progressive rock, prog rock, prog,"
                " psychedelic rock, psychedelic, rockmusik, música rock"),
    Genre("folk", "Folk", (78, 118), {"major": 5, "dorian": 1, "mixolydian": 1, "minor": 1.5},
          {"drums": ("hand_percussion",), "bass": ("upright_bass",), "guitar": ("steel_guitar", "nylon_guitar"),
           "strings": ("string_ensemble",), "lead": ("violin", "harmonica", "flute", "recorder")},
          "folk", "triads", "folk", "root_fifth", "strum", "song", 150, ("intimate", "warm", "dry"), "acoustic",
          0.6, 0.4, looseness=14, density=0.45, syncopation=0.2,
          words="folk, folk song, folk music, indie folk, campfire song, campfire, americana, nordic folk,"
                " balkan, folklore, folclore, volkslied, canción folclórica, musique folk"),
    Genre("country", "Country", (88, 132), {"major": 6, "mixolydian": 1, "minor": 0.6},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "guitar": ("steel_guitar",),
           "keys": ("upright_piano",), "lead": ("clean_guitar", "violin", "harmonica")},
          "folk", "triads", "train", "root_fifth", "boom_chick", "song", 165, ("warm", "crisp"), "acoustic",
          0.7, 0.55, looseness=13, density=0.5, syncopation=0.25,
          words="country, country song, country music, honky tonk, outlaw country, western, country rock,"
                " nashville, alt-country"),
    Genre("blues", "Blues", (68, 118), {"mixolydian": 3, "blues": 2, "minor": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass", "upright_bass"), "guitar": ("clean_guitar",),
           "keys": ("organ", "upright_piano"), "lead": ("overdriven_guitar", "harmonica", "tenor_sax")},
          "blues", "as_written", "shuffle", "walking", "charleston", "blues", 160, ("warm", "raw", "vintage"),
          "acoustic", 0.45, 0.5, swing=0.64, looseness=18, density=0.5, syncopation=0.5,
          lean_ms=6, words="blues, 12-bar blues, twelve-bar blues, delta blues, chicago blues, slow blues, blues rock,"
                " boogie, boogie woogie, texas blues, electric blues"),
    Genre("swing", "Swing", (118, 190), {"major": 4, "minor": 2, "dorian": 1},
          {"drums": ("brush_kit", "acoustic_kit"), "bass": ("upright_bass",), "keys": ("grand_piano",),
           "brass": ("brass_section",), "lead": ("tenor_sax", "trumpet", "clarinet", "vibraphone")},
          "jazz", "sevenths", "swing", "walking", "charleston", "standard", 150, ("vintage", "warm"), "jazz",
          0.7, 0.6, swing=0.64, looseness=18, density=0.6, syncopation=0.6,
          lean_ms=5, words="swing, jazz, bebop, bop, big band, hard bop, swing jazz, dixieland, jazz trio, jazz quartet,"
                " jazz quintet, cool jazz, jazzy swing, post-bop, electro swing, jazzy, jazzig"),
    Genre("jazz_ballad", "Jazz ballad", (56, 78), {"major": 4, "minor": 3},
          {"drums": ("brush_kit",), "bass": ("upright_bass",), "keys": ("grand_piano",),
           "lead": ("tenor_sax", "muted_trumpet", "alto_sax", "flute")},
          "jazz", "ninths", "brushes", "two_feel", "ballad", "standard", 150, ("warm", "intimate", "soft"),
          "jazz", 0.45, 0.2, swing=0.6, looseness=20, density=0.4, syncopation=0.4,
          lean_ms=10, words="jazz ballad, slow jazz, smoky jazz, late-night jazz, jazz noir, noir jazz, noir, film noir,"
                " dinner jazz, torch song, lounge, lounge jazz, smooth jazz, jazz club ballad"),
    Genre("bossa_nova", "Bossa nova", (112, 142), {"major": 4, "minor": 3},
          {"drums": ("brush_kit",), "percussion": ("latin_percussion",), "bass": ("upright_bass",),
           "guitar": ("nylon_guitar",), "keys": ("rhodes",), "lead": ("flute", "tenor_sax", "vibraphone")},
          "jazz", "ninths", "bossa", "bossa", "bossa", "standard", 150, ("warm", "intimate", "soft"), "jazz",
          0.62, 0.4, looseness=14, density=0.45, syncopation=0.6,
          lean_ms=4, words="bossa nova, bossa, bossanova, brazilian jazz, mpb, brazilian, brasileña, brésilienne"),
    Genre("soul", "Soul", (72, 108), {"major": 3, "minor": 2, "mixolydian": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "keys": ("organ", "wurlitzer"),
           "guitar": ("clean_guitar",), "brass": ("brass_section",), "lead": ("alto_sax", "trumpet")},
          "soul", "sevenths", "soul", "syncopated", "offbeat", "song", 170, ("warm", "vintage"), "pop", 0.6, 0.5,
          swing=0.53, swing_unit=0.25, looseness=17, syncopation=0.55,
          lean_ms=6, words="soul, motown, northern soul, soul music, philly soul, southern soul"),
    Genre("funk", "Funk", (96, 118), {"mixolydian": 3, "dorian": 4, "minor": 1},
          {"drums": ("acoustic_kit",), "bass": ("slap_bass", "finger_bass"), "guitar": ("muted_guitar",),
           "keys": ("clavinet",), "brass": ("brass_section",), "lead": ("alto_sax", "trumpet")},
          "funk", "as_written", "funk", "syncopated", "scratch", "song", 165, ("punchy", "dry", "crisp"), "pop",
          0.7, 0.75, swing=0.53, swing_unit=0.25, looseness=14, density=0.6, syncopation=0.75,
          words="funk, funky, p-funk, funk rock, jazz funk, acid jazz, fusion, jazz fusion, electro funk"),
    Genre("disco", "Disco", (112, 126), {"minor": 3, "major": 2, "dorian": 2},
          {"drums": ("acoustic_kit", "kit_909"), "bass": ("finger_bass", "synth_bass"),
           "guitar": ("clean_guitar",), "keys": ("rhodes", "grand_piano"), "strings": ("string_ensemble",),
           "brass": ("brass_section",), "lead": ("trumpet", "saw_lead", "flute")},
          "soul", "sevenths", "disco", "octave", "scratch", "song", 180, ("bright", "wide", "punchy"), "dance",
          0.8, 0.8, density=0.55, syncopation=0.5,
          words="disco, música disco, música de discoteca, musica da discoteca, nu disco, italo disco, eurodisco, french house, boogie disco, dance floor disco, disco"
                " music, discomusik"),
    Genre("hip_hop", "Hip hop", (82, 98), {"minor": 5, "dorian": 2, "phrygian": 0.7},
          {"drums": ("lofi_kit", "kit_808"), "bass": ("sub_bass", "finger_bass"), "keys": ("rhodes", "grand_piano"),
           "strings": ("string_ensemble",), "lead": ("flute", "bell", "muted_trumpet")},
          "hip_hop", "sevenths", "boom_bap", "syncopated", "stabs", "loop", 150, ("punchy", "dusty"), "hip_hop",
          0.4, 0.5, swing=0.56, swing_unit=0.25, looseness=12, density=0.45, syncopation=0.55,
          lean_ms=6, words="hip hop, hiphop, rap, rap beat, boom bap, boombap, old school hip hop, east coast hip hop, west"
                " coast hip hop, g-funk"),
    Genre("lo_fi", "Lo-fi", (68, 88), {"minor": 4, "dorian": 2, "major": 3},
          {"drums": ("lofi_kit",), "bass": ("finger_bass", "sub_bass"), "keys": ("rhodes",),
           "guitar": ("nylon_guitar", "clean_guitar"), "pad": ("warm_pad",),
           "lead": ("vibraphone", "soft_lead", "bell"), "effects": ("vinyl_noise",)},
          "hip_hop", "ninths", "lofi", "lazy", "lazy", "loop", 120, ("dusty", "tape", "vinyl", "warm", "lofi"),
          "lofi", 0.42, 0.25, swing=0.58, swing_unit=0.25, looseness=15, density=0.4, syncopation=0.5,
          lean_ms=9, words="lo-fi, lofi, lo-fi hip hop, lofi hip hop, lofi hiphop, lofi beats, lo-fi beats, lofi beat, lo-fi"
                " beat, chillhop, study beats, study beat, chill beats, jazzhop, lofi study, lofi girl, study music, study, studying, beats to relax, chill vibes"),
    Genre("trap", "Trap", (126, 150), {"minor": 4, "phrygian": 1.5, "harmonic_minor": 2},
          {"drums": ("trap_kit",), "bass": ("bass_808",), "keys": ("bell", "grand_piano"), "pad": ("choir",),
           "lead": ("pluck", "flute", "square_lead")},
          "hip_hop", "triads", "trap", "808", "long", "loop", 140, ("dark", "punchy", "deep"), "hip_hop", 0.3, 0.6,
          looseness=4, density=0.5, syncopation=0.5,
          words="trap, trap beat, 808 trap, cloud rap, dark trap, trap soul, plugg, trap music, rage beat, emo rap, emo trap"),
    Genre("rnb", "R&B", (64, 96), {"minor": 4, "major": 3, "dorian": 1},
          {"drums": ("kit_808", "acoustic_kit"), "bass": ("sub_bass", "finger_bass"),
           "keys": ("rhodes", "fm_piano"), "guitar": ("clean_guitar",), "pad": ("warm_pad",),
           "lead": ("soft_lead", "alto_sax")},
          "soul", "ninths", "rnb", "syncopated", "lazy", "song", 170, ("warm", "wide", "deep"), "hip_hop", 0.5,
          0.4, swing=0.55, swing_unit=0.25, looseness=13, density=0.5, syncopation=0.6,
          lean_ms=8, words="r&b, rnb, r'n'b, r and b, rhythm and blues, contemporary r&b, alternative r&b, slow jam, slow"
                " jams"),
    Genre("house", "House", (119, 127), {"minor": 4, "dorian": 2, "major": 1},
          {"drums": ("kit_909",), "bass": ("synth_bass", "sub_bass"), "keys": ("grand_piano", "organ", "fm_piano"),
           "pad": ("analog_pad",), "lead": ("pluck", "saw_lead"), "effects": ("riser", "impact")},
          "house", "sevenths", "house", "offbeat", "house", "club", 180, ("punchy", "wide", "sidechained"),
          "dance", 0.65, 0.75, swing=0.54, swing_unit=0.25, looseness=5, density=0.45, syncopation=0.6,
          words="house, tech house, progressive house, house music, piano house, dance, dance music, club music,"
                " tropical house, afro house, amapiano, eurodance, acid house, tanzmusik, música de baile, musique"
                " de danse"),
    Genre("techno", "Techno", (126, 140), {"minor": 4, "phrygian": 3},
          {"drums": ("kit_909",), "percussion": ("hand_percussion",), "bass": ("acid_bass", "sub_bass"),
           "arpeggio": ("synth_arp",), "pad": ("analog_pad",), "lead": ("square_lead", "bell"),
           "effects": ("riser", "impact")},
          "techno", "triads", "techno", "sixteenths", "techno", "club", 180, ("dark", "punchy", "deep"), "dance",
          0.35, 0.8, looseness=3, density=0.35, syncopation=0.6,
          words="techno, minimal techno, detroit techno, acid techno, acid, hard techno, industrial techno,"
                " industrial, minimal, berlin techno, ebm, dub techno"),
    Genre("trance", "Trance", (132, 142), {"minor": 6, "major": 1},
          {"drums": ("kit_909",), "bass": ("synth_bass",), "arpeggio": ("synth_arp", "pluck"),
           "keys": ("supersaw",), "pad": ("analog_pad", "synth_strings"), "lead": ("supersaw", "saw_lead"),
           "effects": ("riser", "impact")},
          "trance", "triads", "trance", "offbeat", "gate", "club", 180, ("wide", "bright", "sidechained"),
          "dance", 0.65, 0.85, looseness=3, density=0.55, syncopation=0.45,
          words="trance, psytrance, uplifting trance, goa trance, vocal trance, hard trance, rave"),
    Genre("drum_and_bass", "Drum and bass", (170, 178), {"minor": 5, "dorian": 1},
          {"drums": ("acoustic_kit", "kit_909"), "bass": ("reese_bass",), "keys": ("rhodes", "fm_piano"),
           "pad": ("warm_pad", "analog_pad"), "lead": ("soft_lead", "bell"), "effects": ("riser", "impact")},
          "house", "sevenths", "dnb", "long", "long", "club", 170, ("deep", "punchy", "wide"), "dance", 0.45, 0.85,
          looseness=4, density=0.35, syncopation=0.5,
          words="drum and bass, drum & bass, drum'n'bass, drum n bass, dnb, d&b, d'n'b, jungle, liquid drum and"
                " bass, liquid dnb, liquid, neurofunk, breakbeat, breakcore"),
    Genre("dubstep", "Dubstep", (138, 142), {"minor": 4, "phrygian": 2},
          {"drums": ("kit_909", "trap_kit"), "bass": ("reese_bass", "synth_bass"), "keys": ("bell",),
           "pad": ("analog_pad",), "lead": ("saw_lead", "square_lead"), "effects": ("riser", "impact")},
          "techno", "triads", "dubstep", "wobble", "long", "club", 160, ("dark", "aggressive", "deep"), "dance",
          0.3, 0.85, looseness=3, density=0.4, syncopation=0.5,
          words="dubstep, brostep, riddim, wobble bass, wobble"),
    Genre("synthwave", "Synthwave", (84, 118), {"minor": 5, "dorian": 1, "major": 1},
          {"drums": ("kit_909",), "bass": ("synth_bass",), "arpeggio": ("synth_arp",),
           "keys": ("supersaw", "fm_piano"), "pad": ("analog_pad",), "lead": ("saw_lead", "square_lead")},
          "synthwave", "triads", "synthwave", "octave", "sustain", "song", 180, ("analog", "wide", "gated", "chorus"),
          "dance", 0.5, 0.6, looseness=4, density=0.5,
          words="synthwave, synth wave, retrowave, outrun, darksynth, 80s synth, synth-pop, synthpop, synth pop,"
                " 80s pop, retro synth, italo, new retro wave, cyberpunk"),
    Genre("ambient", "Ambient", (56, 80), {"lydian": 2, "major": 3, "dorian": 2, "minor": 2},
          {"pad": ("warm_pad", "glass_pad"), "strings": ("synth_strings", "choir"), "bass": ("sub_bass",),
           "keys": ("fm_piano", "grand_piano"), "arpeggio": ("harp", "bell"), "lead": ("soft_lead", "bell")},
          "modal", "ninths", "none", "drone", "sustain", "arc", 150, ("spacious", "wide", "airy", "evolving"),
          "ambient", 0.5, 0.15, looseness=18, density=0.2, syncopation=0.2,
          words="ambient, meditation, meditative, new age, soundscape, ambient music, space music, sleep music,"
                " background texture, spa, yoga, healing, música ambiental, meditationsmusik, musique d'ambiance"),
    Genre("cinematic", "Cinematic", (66, 110), {"minor": 4, "dorian": 1, "harmonic_minor": 1, "major": 2, "lydian": 1},
          {"percussion": ("orchestral_percussion",), "bass": ("double_bass",), "strings": ("string_ensemble",),
           "brass": ("french_horn", "brass_section"), "keys": ("grand_piano",), "pad": ("choir",),
           "arpeggio": ("harp",), "lead": ("violin", "french_horn", "cello", "flute")},
          "cinematic", "triads", "cinematic", "long", "ostinato", "arc", 150, ("wide", "spacious"), "orchestral",
          0.45, 0.6, looseness=15, density=0.35, syncopation=0.15,
          words="cinematic, film score, movie score, soundtrack, film music, orchestral, epic, epic orchestral,"
                " trailer, trailer music, score, orchestra, symphonic, symphony, hybrid orchestral, film, movie,"
                " filmmusik, orchestermusik, banda sonora, música de película, musique de film, bande originale,"
                " colonna sonora, trilha sonora, música de cine, orquestal, orquestral, orchestrale, sinfónica,"
                " sinfonica, symphonique, sinfonisch"),
    Genre("chamber", "Chamber", (72, 116), {"major": 4, "minor": 3, "harmonic_minor": 1},
          {"bass": ("cello",), "strings": ("string_ensemble",), "keys": ("grand_piano", "harpsichord"),
           "counter": ("viola", "clarinet"), "lead": ("violin", "flute", "oboe")},
          "classical", "triads", "none", "root_fifth", "alberti", "rondo", 140, ("spacious", "warm"), "orchestral",
          0.6, 0.4, looseness=16, density=0.5, syncopation=0.1,
          words="chamber, chamber music, classical, string quartet, romantic era, sonata, string trio, string quintet, piano quartet,"
                " wind quintet, woodwind quintet, brass quintet, classical"
                " music, mozart, contemporary classical, klassik, klassisch, klassische musik, música clásica,"
                " musique classique, musica classica, clásica, classica, clássica, classique, kammermusik, música"
                " de cámara, musique de chambre, musica da camera, streichquartett, sonate"),
    Genre("waltz", "Waltz", (112, 168), {"major": 4, "minor": 3, "harmonic_minor": 1},
          {"bass": ("double_bass",), "strings": ("string_ensemble",), "keys": ("grand_piano",),
           "counter": ("clarinet", "cello"), "lead": ("violin", "flute", "accordion")},
          "classical", "triads", "none", "waltz", "waltz", "rondo", 140, ("spacious", "warm"), "orchestral", 0.65,
          0.5, metre="3/4", looseness=16, density=0.4, syncopation=0.05,
          words="waltz, viennese waltz, waltzing, mazurka, mazurek, laendler, ländler, wiener walzer, walzer, vals, valse, valzer, valsa"),
    Genre("minuet", "Minuet", (96, 132), {"major": 5, "minor": 3, "harmonic_minor": 1},
          {"bass": ("cello",), "strings": ("string_ensemble",), "keys": ("harpsichord", "grand_piano"),
           "counter": ("viola", "bassoon"), "lead": ("violin", "flute", "oboe")},
          "classical", "triads", "none", "waltz", "alberti", "rondo", 130, ("spacious", "warm"), "orchestral",
          0.62, 0.4, metre="3/4", looseness=14, density=0.5, syncopation=0.05,
          words="minuet, menuet, menuett, minuetto, minueto, sarabande, sarabanda, zarabanda"),
    Genre("reggae", "Reggae", (68, 86), {"major": 4, "minor": 3, "dorian": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "guitar": ("muted_guitar",), "keys": ("organ",),
           "brass": ("brass_section",), "lead": ("trombone", "harmonica", "alto_sax")},
          "reggae", "triads", "one_drop", "reggae", "skank", "song", 170, ("warm", "deep", "spacious"), "pop",
          0.7, 0.45, swing=0.56, swing_unit=0.25, looseness=14, syncopation=0.55,
          lean_ms=6, words="reggae, roots reggae, rocksteady, dancehall"),
    Genre("salsa", "Salsa", (168, 200), {"major": 3, "minor": 4, "harmonic_minor": 1},
          {"percussion": ("latin_percussion",), "bass": ("upright_bass", "finger_bass"), "keys": ("grand_piano",),
           "brass": ("brass_section",), "lead": ("trumpet", "flute", "trombone")},
          "latin", "sevenths", "salsa", "tumbao", "montuno", "song", 170, ("bright", "punchy"), "latin", 0.8, 0.85,
          looseness=11, density=0.55, syncopation=0.75,
          lean_ms=-4, words="salsa, mambo, son cubano, son montuno, latin jazz, latin, cuban, timba, merengue, bachata,"
                " rumba, latin dance, cha cha, salsa dura, latino, música latina"),
    Genre("cumbia", "Cumbia", (84, 104), {"minor": 4, "major": 3},
          {"percussion": ("latin_percussion",), "bass": ("finger_bass",), "keys": ("accordion",),
           "guitar": ("nylon_guitar",), "lead": ("accordion", "flute", "clarinet")},
          "latin", "triads", "cumbia", "cumbia", "offbeat", "song", 160, ("warm", "bright"), "latin", 0.75, 0.65,
          looseness=12, density=0.55, syncopation=0.5,
          words="cumbia, cumbia villera, vallenato, norteño, latin pop"),
    Genre("afrobeat", "Afrobeat", (100, 122), {"dorian": 4, "minor": 3, "mixolydian": 2},
          {"drums": ("acoustic_kit",), "percussion": ("hand_percussion",), "bass": ("finger_bass",),
           "guitar": ("muted_guitar",), "keys": ("organ", "rhodes"), "brass": ("brass_section",),
           "lead": ("tenor_sax", "trumpet")},
          "funk", "as_written", "afrobeat", "syncopated", "offbeat", "song", 180, ("warm", "punchy"), "latin",
          0.72, 0.75, looseness=13, density=0.5, syncopation=0.7,
          words="afrobeat, afro beat, afro funk, ethio jazz, desert blues"),
    Genre("metal", "Metal", (136, 184), {"minor": 3, "phrygian": 3, "harmonic_minor": 2},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar",),
           "lead": ("distortion_guitar",), "pad": ("choir",)},
          "metal", "power", "metal", "eighths", "chug", "song", 170, ("aggressive", "distorted", "dark"), "rock",
          0.25, 0.95, looseness=8, density=0.6, syncopation=0.4,
          lean_ms=-3, words="metal, heavy metal, thrash, thrash metal, death metal, black metal, metalcore, power metal,"
                " djent, nu metal, symphonic metal, speed metal"),
    Genre("punk", "Punk", (164, 196), {"major": 4, "mixolydian": 2, "minor": 2},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar", "overdriven_guitar"),
           "lead": ("overdriven_guitar",)},
          "rock", "power", "punk", "eighths", "drive", "song", 120, ("raw", "aggressive"), "rock", 0.55, 0.95,
          looseness=13, density=0.6, syncopation=0.25,
          lean_ms=-5, words="punk, punk rock, pop punk, hardcore, hardcore punk, skate punk, riot grrrl"),
    Genre("gospel", "Gospel", (70, 112), {"major": 6, "mixolydian": 1},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "keys": ("organ", "grand_piano"),
           "pad": ("choir",), "lead": ("alto_sax", "grand_piano", "trumpet")},
          "gospel", "sevenths", "gospel", "syncopated", "push", "song", 165, ("warm", "wide"), "pop", 0.75, 0.6,
          swing=0.58, looseness=17, density=0.5, syncopation=0.5,
          lean_ms=4, words="gospel, gospel choir, worship, praise, spiritual, hymn, church music, choir song, kirchenlied,"
                " himno, hymne, inno, hino"),
    Genre("chiptune", "Chiptune", (120, 168), {"major": 4, "minor": 3, "mixolydian": 1},
          {"drums": ("chip_kit",), "bass": ("chip_bass",), "arpeggio": ("chip_pulse",), "lead": ("chip_lead",)},
          "chip", "triads", "chip", "octave", "long", "song", 100, ("bright", "crisp"), "chip", 0.75, 0.8,
          looseness=0, density=0.7, syncopation=0.4,
          words="chiptune, chip tune, 8-bit, 8bit, video game, video game music, nes, game boy, retro game,"
                " arcade, 16-bit, platformer, boss fight, boss battle, videojuego, videospielmusik"),
    Genre("pop_ballad", "Pop ballad", (60, 80), {"major": 4, "minor": 2},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "keys": ("grand_piano",), "guitar": ("steel_guitar",),
           "strings": ("string_ensemble",), "pad": ("warm_pad",), "lead": ("soft_lead", "violin", "grand_piano")},
          "pop", "triads", "pop", "root", "ballad", "song", 200, ("wide", "warm", "reverb"), "pop", 0.45, 0.35,
          looseness=13, lean_ms=4, density=0.42, syncopation=0.3,
          words="ballad, power ballad, pop ballad, piano ballad, love ballad, ballade, balada, ballata, love song,"
                " canción de amor, chanson d'amour, canzone d'amore, canção de amor, liebeslied"),
    Genre("electropop", "Electropop", (112, 128), {"minor": 4, "major": 3},
          {"drums": ("kit_909",), "bass": ("synth_bass",), "keys": ("supersaw", "fm_piano"), "arpeggio": ("pluck",),
           "pad": ("analog_pad",), "lead": ("pluck", "saw_lead", "square_lead"), "effects": ("riser", "impact")},
          "pop", "triads", "four", "offbeat", "push", "song", 175, ("bright", "wide", "sidechained"), "dance",
          0.68, 0.72, looseness=4, density=0.55, syncopation=0.5,
          words="electropop, electro pop, dance pop, dance-pop, elektropop"),
    Genre("kpop", "K-pop", (116, 138), {"minor": 5, "major": 3, "dorian": 1},
          {"drums": ("kit_909", "trap_kit"), "bass": ("synth_bass", "sub_bass"), "guitar": ("muted_guitar",),
           "keys": ("fm_piano", "supersaw"), "strings": ("synth_strings",), "lead": ("pluck", "saw_lead", "bell"),
           "effects": ("riser", "impact")},
          "soul", "sevenths", "pop", "syncopated", "stabs", "song", 185, ("bright", "punchy", "wide"), "pop",
          0.7, 0.8, looseness=4, density=0.62, syncopation=0.62, words="k-pop, kpop, korean pop"),
    Genre("jpop", "J-pop", (132, 172), {"major": 5, "minor": 3},
          {"drums": ("acoustic_kit",), "bass": ("pick_bass", "finger_bass"), "guitar": ("clean_guitar", "overdriven_guitar"),
           "keys": ("grand_piano",), "strings": ("string_ensemble",), "lead": ("saw_lead", "soft_lead", "violin")},
          "gospel", "sevenths", "rock", "eighths", "push", "song", 200, ("bright", "crisp", "wide"), "pop", 0.72, 0.78,
          looseness=8, density=0.68, syncopation=0.5, words="j-pop, jpop, japanese pop, anime, anime opening, j-rock, jrock"),
    Genre("city_pop", "City pop", (98, 116), {"major": 4, "minor": 2, "dorian": 1},
          {"drums": ("acoustic_kit",), "bass": ("slap_bass", "finger_bass"), "guitar": ("muted_guitar", "clean_guitar"),
           "keys": ("fm_piano", "rhodes"), "brass": ("brass_section",), "pad": ("synth_strings",),
           "lead": ("alto_sax", "soft_lead", "trumpet")},
          "soul", "ninths", "funk", "syncopated", "scratch", "song", 200, ("warm", "bright", "vintage"), "pop",
          0.75, 0.6, looseness=10, density=0.52, syncopation=0.6, words="city pop, japanese city pop, 80s city pop, yacht rock"),
    Genre("dream_pop", "Dream pop", (84, 112), {"major": 4, "lydian": 1, "minor": 2},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "guitar": ("clean_guitar",), "pad": ("glass_pad", "warm_pad"),
           "keys": ("wurlitzer",), "lead": ("soft_lead", "clean_guitar")},
          "pop", "ninths", "pop", "root", "sustain", "song", 200, ("dreamy", "reverb", "chorus"), "pop", 0.55, 0.35,
          looseness=12, density=0.38, syncopation=0.3, words="dream pop, dreampop, ethereal pop"),
    Genre("hyperpop", "Hyperpop", (144, 172), {"major": 4, "minor": 3},
          {"drums": ("kit_909", "trap_kit"), "bass": ("bass_808", "synth_bass"), "keys": ("supersaw",),
           "arpeggio": ("chip_pulse",), "lead": ("square_lead", "chip_lead", "bell"), "effects": ("riser", "impact")},
          "pop", "triads", "four", "offbeat", "gate", "song", 130, ("bright", "distorted", "punchy"), "dance",
          0.7, 0.95, looseness=2, density=0.7, syncopation=0.6, words="hyperpop, hyper pop, glitchcore, bubblegum bass, pc music"),
    Genre("schlager", "Schlager", (122, 134), {"major": 6, "minor": 1},
          {"drums": ("kit_909", "acoustic_kit"), "bass": ("synth_bass",), "guitar": ("clean_guitar",),
           "keys": ("accordion", "fm_piano"), "brass": ("brass_section",), "lead": ("saw_lead", "trumpet")},
          "folk", "triads", "four", "octave", "offbeat", "song", 180, ("bright", "wide"), "pop", 0.88, 0.72,
          looseness=6, density=0.5, syncopation=0.2, words="schlager, schlagermusik, discofox, partyschlager"),
    Genre("indie_rock", "Indie rock", (112, 152), {"major": 4, "mixolydian": 2, "minor": 2},
          {"drums": ("acoustic_kit",), "bass": ("pick_bass", "finger_bass"), "guitar": ("clean_guitar",),
           "keys": ("organ", "wurlitzer"), "lead": ("clean_guitar", "overdriven_guitar")},
          "pop", "triads", "rock", "eighths", "strum", "song", 190, ("raw", "warm"), "rock", 0.58, 0.65,
          looseness=15, density=0.5, syncopation=0.45, words="indie rock, indie, garage rock, college rock, jangle pop, midwest emo"),
    Genre("rock_and_roll", "Rock and roll", (152, 184), {"mixolydian": 4, "major": 3},
          {"drums": ("acoustic_kit",), "bass": ("upright_bass",), "guitar": ("clean_guitar",), "keys": ("upright_piano",),
           "lead": ("clean_guitar", "tenor_sax")},
          "blues", "as_written", "rock", "walking", "drive", "blues", 140, ("vintage", "raw", "dry"), "rock", 0.82, 0.82,
          swing=0.56, looseness=14, density=0.55, syncopation=0.4,
          words="rock and roll, rock'n'roll, rock n roll, rock & roll, rockabilly, fifties rock, doo-wop, rocanrol"),
    Genre("surf_rock", "Surf rock", (144, 176), {"minor": 4, "phrygian_dominant": 1, "major": 2},
          {"drums": ("acoustic_kit",), "bass": ("pick_bass",), "guitar": ("clean_guitar", "muted_guitar"),
           "keys": ("organ",), "lead": ("clean_guitar",)},
          "rock", "triads", "rock", "eighths", "chug", "song", 130, ("reverb", "tremolo", "vintage"), "rock", 0.7, 0.78,
          looseness=12, density=0.65, syncopation=0.35, words="surf rock, surf music, surf, spy music"),
    Genre("grunge", "Grunge", (96, 126), {"minor": 3, "mixolydian": 2, "dorian": 2},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar",),
           "lead": ("overdriven_guitar", "distortion_guitar")},
          "rock", "power", "rock", "root", "drive", "song", 190, ("gritty", "raw", "dark"), "rock", 0.3, 0.75,
          looseness=15, lean_ms=3, density=0.42, syncopation=0.45, words="grunge, seattle sound, post-grunge"),
    Genre("shoegaze", "Shoegaze", (88, 122), {"major": 3, "lydian": 1, "mixolydian": 1, "minor": 2},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar",), "pad": ("glass_pad", "warm_pad"),
           "lead": ("overdriven_guitar", "soft_lead")},
          "modal", "triads", "rock", "eighths", "drive", "song", 220, ("reverb", "dreamy", "wide", "distorted"), "rock",
          0.5, 0.6, looseness=12, density=0.3, syncopation=0.25, words="shoegaze, shoegazing, nu gaze, blackgaze, noise pop"),
    Genre("new_wave", "New wave", (124, 152), {"major": 4, "minor": 3, "mixolydian": 1},
          {"drums": ("kit_909", "acoustic_kit"), "bass": ("pick_bass", "synth_bass"), "guitar": ("clean_guitar",),
           "pad": ("analog_pad",), "keys": ("supersaw",), "lead": ("saw_lead", "square_lead")},
          "synthwave", "triads", "rock", "eighths", "offbeat", "song", 190, ("chorus", "crisp", "gated"), "rock",
          0.62, 0.68, looseness=8, density=0.5, syncopation=0.4, words="new wave, neue deutsche welle, ndw, new romantic"),
    Genre("post_punk", "Post-punk", (132, 164), {"minor": 5, "dorian": 1, "phrygian": 1},
          {"drums": ("acoustic_kit",), "bass": ("pick_bass",), "guitar": ("clean_guitar",), "pad": ("analog_pad",),
           "lead": ("clean_guitar", "saw_lead")},
          "rock", "triads", "punk", "eighths", "scratch", "song", 200, ("dark", "chorus", "dry"), "rock", 0.28, 0.68,
          looseness=9, density=0.4, syncopation=0.4, words="post-punk, darkwave, dark wave, cold wave, coldwave, goth, gothic rock, goth rock"),
    Genre("doom_metal", "Doom metal", (56, 80), {"minor": 4, "phrygian": 2, "locrian": 0.5},
          {"drums": ("rock_kit",), "bass": ("pick_bass",), "guitar": ("distortion_guitar",), "keys": ("church_organ",),
           "lead": ("distortion_guitar",)},
          "metal", "power", "rock", "root", "long", "song", 240, ("dark", "distorted", "deep"), "rock", 0.12, 0.7,
          looseness=14, lean_ms=8, density=0.25, syncopation=0.2, words="doom metal, doom, sludge, stoner rock, stoner metal, drone metal"),
    Genre("acoustic", "Singer-songwriter", (72, 108), {"major": 5, "minor": 2, "mixolydian": 1},
          {"guitar": ("steel_guitar", "nylon_guitar"), "keys": ("grand_piano",), "bass": ("upright_bass",),
           "strings": ("string_ensemble",), "lead": ("soft_lead", "cello", "harmonica")},
          "pop", "triads", "folk", "root", "strum", "song", 180, ("intimate", "dry", "warm"), "acoustic", 0.55, 0.3,
          looseness=16, lean_ms=3, density=0.48, syncopation=0.4,
          words="singer-songwriter, acoustic, acoustic pop, acoustic ballad, acoustic song, unplugged session, coffeehouse,"
                " cantautor, cantautore, liedermacher, acústico, acústica, akustisch, acoustique"),
    Genre("bluegrass", "Bluegrass", (126, 164), {"major": 6, "mixolydian": 2},
          {"bass": ("upright_bass",), "guitar": ("steel_guitar",), "lead": ("violin", "steel_guitar")},
          "folk", "triads", "none", "root_fifth", "boom_chick", "song", 140, ("dry", "crisp"), "acoustic", 0.78, 0.82,
          looseness=11, lean_ms=-3, density=0.8, syncopation=0.3, words="bluegrass, hoedown, old-time, appalachian, square dance"),
    Genre("celtic", "Celtic", (156, 190), {"dorian": 3, "mixolydian": 2, "major": 4},
          {"percussion": ("hand_percussion",), "bass": ("upright_bass",), "guitar": ("steel_guitar",),
           "arpeggio": ("harp",), "lead": ("flute", "violin", "recorder")},
          "folk", "triads", "folk", "root_fifth", "strum", "rondo", 140, ("warm", "dry"), "acoustic", 0.72, 0.68,
          metre="6/8", looseness=12, density=0.78, syncopation=0.1,
          words="celtic, irish, irish folk, jig, irish jig, reel, scottish, céilidh, keltisch, irisch, celta, celtique, celtico, celtica,"
                " irlandés, irlandesa, irlandais, irlandaise"),
    Genre("sea_shanty", "Sea shanty", (96, 124), {"dorian": 3, "minor": 3, "major": 3},
          {"percussion": ("hand_percussion",), "bass": ("upright_bass",), "keys": ("accordion",), "pad": ("choir",),
           "lead": ("violin", "accordion", "flute")},
          "folk", "triads", "folk", "root_fifth", "boom_chick", "song", 140, ("raw", "warm"), "acoustic", 0.65, 0.65,
          looseness=16, density=0.55, syncopation=0.12, words="sea shanty, shanty, sea song, pirate, pirates, seemannslied, chant de marins, canto marinaro"),
    Genre("medieval", "Medieval", (84, 120), {"dorian": 5, "mixolydian": 3, "phrygian": 1},
          {"percussion": ("hand_percussion",), "bass": ("cello",), "arpeggio": ("harp",), "guitar": ("nylon_guitar",),
           "lead": ("recorder", "violin", "flute")},
          "modal", "triads", "folk", "drone", "strum", "rondo", 130, ("dry", "spacious"), "acoustic", 0.55, 0.45,
          looseness=15, density=0.5, syncopation=0.08,
          words="medieval, renaissance, tavern, tavern music, bardcore, minstrel, troubadour, mittelalter, mittelalterlich, médiéval,"
                " médiévale, medievale, renacentista"),
    Genre("tarantella", "Tarantella", (172, 204), {"minor": 4, "harmonic_minor": 3, "major": 1},
          {"percussion": ("hand_percussion",), "bass": ("upright_bass",), "guitar": ("steel_guitar", "nylon_guitar"),
           "counter": ("violin",), "lead": ("accordion", "violin")},
          "classical", "triads", "folk", "root_fifth", "strum", "rondo", 130, ("dry", "bright"), "acoustic", 0.75, 0.82,
          metre="6/8", looseness=12, density=0.72, syncopation=0.08, words="tarantella, tarantelle, pizzica, saltarello, neapolitan"),
    Genre("klezmer", "Klezmer", (112, 152), {"phrygian_dominant": 4, "harmonic_minor": 3, "minor": 1},
          {"drums": ("acoustic_kit",), "bass": ("tuba", "upright_bass"), "keys": ("accordion",), "counter": ("violin",),
           "lead": ("clarinet", "violin")},
          "latin", "triads", "train", "root_fifth", "boom_chick", "rondo", 140, ("warm", "vintage"), "acoustic", 0.6, 0.75,
          looseness=15, density=0.65, syncopation=0.3, words="klezmer, yiddish, freylekhs, jewish wedding"),
    Genre("polka", "Polka", (112, 128), {"major": 8, "minor": 1},
          {"drums": ("acoustic_kit",), "bass": ("tuba",), "keys": ("accordion",), "brass": ("brass_section",),
           "lead": ("clarinet", "accordion", "trumpet")},
          "classical", "triads", "train", "root_fifth", "boom_chick", "rondo", 130, ("bright", "dry"), "acoustic", 0.88, 0.75,
          looseness=12, density=0.6, syncopation=0.1, words="polka, oompah, oompah band, oktoberfest, blasmusik, volksmusik, schuhplattler"),
    Genre("march", "March", (110, 124), {"major": 7, "minor": 2},
          {"drums": ("orchestral_percussion",), "bass": ("tuba",), "brass": ("brass_section",), "counter": ("trombone", "french_horn"),
           "lead": ("trumpet", "flute", "clarinet")},
          "classical", "triads", "train", "root_fifth", "boom_chick", "rondo", 130, ("bright", "spacious"), "orchestral",
          0.7, 0.72, looseness=9, density=0.45, syncopation=0.08,
          words="march, marching band, military march, parade, marsch, marschmusik, marcha, marche, marcia, fanfare"),
    Genre("lullaby", "Lullaby", (66, 88), {"major": 8, "lydian": 1},
          {"keys": ("grand_piano",), "arpeggio": ("music_box", "celesta", "harp"), "strings": ("string_ensemble",), "bass": ("cello",),
           "lead": ("flute", "celesta", "violin")},
          "classical", "triads", "none", "waltz", "sustain", "rondo", 120, ("soft", "intimate", "airy"), "acoustic", 0.68, 0.1,
          metre="3/4", looseness=16, lean_ms=5, density=0.3, syncopation=0.02,
          words="lullaby, cradle song, bedtime song, wiegenlied, schlaflied, canción de cuna, berceuse, ninna nanna, ninnananna,"
                " canção de ninar, música de ninar"),
    Genre("children", "Children's song", (104, 128), {"major": 9, "mixolydian": 0.5},
          {"percussion": ("hand_percussion",), "bass": ("upright_bass",), "keys": ("upright_piano",), "guitar": ("nylon_guitar",),
           "arpeggio": ("marimba", "music_box"), "lead": ("recorder", "flute", "marimba")},
          "folk", "triads", "folk", "root_fifth", "offbeat", "song", 110, ("bright", "dry"), "acoustic", 0.9, 0.62,
          looseness=12, density=0.5, syncopation=0.08,
          words="children's song, childrens song, children's music, kids song, kids music, nursery rhyme, kinderlied, kinderlieder,"
                " canción infantil, música infantil, chanson enfantine, comptine, chanson pour enfants, musik für kinder, kindermusik, canción para niños, música para niños, canzone per bambini, canção infantil"),
    Genre("ragtime", "Ragtime", (84, 104), {"major": 8, "minor": 1},
          {"bass": ("tuba", "upright_bass"), "keys": ("upright_piano",), "lead": ("upright_piano", "clarinet")},
          "jazz", "as_written", "none", "root_fifth", "boom_chick", "rondo", 130, ("vintage", "dry"), "jazz", 0.82, 0.62,
          looseness=11, density=0.7, syncopation=0.85, words="ragtime, rag, stride, stride piano, scott joplin, silent film"),
    Genre("gypsy_jazz", "Gypsy jazz", (176, 220), {"minor": 4, "harmonic_minor": 2, "major": 3},
          {"bass": ("upright_bass",), "guitar": ("nylon_guitar", "steel_guitar"), "counter": ("clarinet",),
           "lead": ("violin", "steel_guitar", "clarinet")},
          "jazz", "sevenths", "none", "two_feel", "boom_chick", "standard", 140, ("vintage", "warm", "dry"), "jazz", 0.7, 0.75,
          swing=0.6, looseness=12, lean_ms=-2, density=0.72, syncopation=0.45, words="gypsy jazz, manouche, jazz manouche, django, hot club"),
    Genre("neo_soul", "Neo soul", (68, 92), {"dorian": 3, "minor": 3, "major": 3},
          {"drums": ("acoustic_kit", "lofi_kit"), "bass": ("finger_bass",), "keys": ("rhodes", "wurlitzer"),
           "guitar": ("clean_guitar",), "pad": ("warm_pad",), "lead": ("soft_lead", "muted_trumpet", "flute")},
          "soul", "ninths", "lofi", "syncopated", "lazy", "song", 190, ("warm", "dusty", "intimate"), "pop", 0.58, 0.35,
          swing=0.59, swing_unit=0.25, looseness=20, lean_ms=14, density=0.5, syncopation=0.68, words="neo soul, neo-soul, nu soul, future soul"),
    Genre("trip_hop", "Trip hop", (74, 94), {"minor": 5, "dorian": 2, "phrygian": 1},
          {"drums": ("lofi_kit", "acoustic_kit"), "bass": ("sub_bass", "upright_bass"), "keys": ("rhodes", "wurlitzer"),
           "strings": ("string_ensemble",), "pad": ("synth_strings",), "lead": ("muted_trumpet", "soft_lead", "vibraphone"),
           "effects": ("vinyl_noise",)},
          "cinematic", "sevenths", "boom_bap", "lazy", "long", "loop", 190, ("dark", "vinyl", "spacious"), "lofi", 0.28, 0.38,
          swing=0.55, swing_unit=0.25, looseness=13, lean_ms=9, density=0.32, syncopation=0.45, words="trip hop, trip-hop, triphop, bristol sound"),
    Genre("downtempo", "Downtempo", (84, 106), {"dorian": 3, "minor": 3, "major": 2},
          {"drums": ("lofi_kit", "kit_808"), "percussion": ("hand_percussion",), "bass": ("sub_bass", "synth_bass"),
           "keys": ("rhodes",), "pad": ("warm_pad", "analog_pad"), "guitar": ("nylon_guitar",), "lead": ("soft_lead", "flute", "kalimba")},
          "modal", "ninths", "rnb", "long", "offbeat", "loop", 200, ("warm", "wide", "spacious"), "lofi", 0.6, 0.3,
          swing=0.54, swing_unit=0.25, looseness=10, lean_ms=5, density=0.35, syncopation=0.45,
          words="downtempo, chillout, chill out, chill-out, balearic, organic house, ethnic chill, psybient"),
    Genre("drill", "Drill", (138, 146), {"minor": 4, "harmonic_minor": 3, "phrygian": 2},
          {"drums": ("trap_kit",), "bass": ("bass_808",), "keys": ("grand_piano", "bell"), "strings": ("string_ensemble",),
           "lead": ("bell", "flute", "violin")},
          "hip_hop", "triads", "trap", "808", "stabs", "loop", 150, ("dark", "deep", "dry"), "hip_hop", 0.18, 0.68,
          looseness=6, density=0.42, syncopation=0.75, words="drill, uk drill, chicago drill, brooklyn drill, ny drill, drill beat"),
    Genre("phonk", "Phonk", (120, 146), {"phrygian": 3, "minor": 4},
          {"drums": ("kit_808",), "percussion": ("latin_percussion",), "bass": ("bass_808",), "keys": ("bell",),
           "lead": ("bell", "square_lead"), "effects": ("vinyl_noise",)},
          "techno", "triads", "four", "808", "techno", "loop", 140, ("distorted", "dark", "tape"), "hip_hop", 0.25, 0.85,
          looseness=4, density=0.5, syncopation=0.6, words="phonk, drift phonk, memphis rap, cowbell phonk"),
    Genre("afropop", "Afropop", (98, 116), {"major": 4, "minor": 3, "mixolydian": 1},
          {"drums": ("kit_808",), "percussion": ("hand_percussion",), "bass": ("sub_bass", "finger_bass"),
           "guitar": ("muted_guitar", "clean_guitar"), "keys": ("fm_piano",), "lead": ("pluck", "marimba", "kalimba")},
          "pop", "sevenths", "afrobeat", "syncopated", "offbeat", "song", 175, ("warm", "wide", "deep"), "latin", 0.78, 0.6,
          looseness=9, density=0.5, syncopation=0.7, words="afrobeats, afropop, afro pop, highlife, soukous, african, naija"),
    Genre("reggaeton", "Reggaeton", (88, 100), {"minor": 5, "phrygian": 1, "major": 1},
          {"drums": ("kit_808",), "percussion": ("latin_percussion",), "bass": ("sub_bass", "bass_808"), "keys": ("pluck",),
           "guitar": ("nylon_guitar",), "lead": ("pluck", "flute", "square_lead")},
          "pop", "triads", "cumbia", "808", "offbeat", "loop", 180, ("punchy", "deep", "bright"), "latin", 0.62, 0.78,
          looseness=4, density=0.5, syncopation=0.65, words="reggaeton, reggaetón, dembow, perreo, latin trap, urbano"),
    Genre("dub", "Dub", (64, 78), {"minor": 5, "dorian": 2},
          {"drums": ("acoustic_kit",), "bass": ("sub_bass", "finger_bass"), "guitar": ("muted_guitar",), "keys": ("organ",),
           "pad": ("warm_pad",), "lead": ("accordion", "trombone")},
          "reggae", "triads", "one_drop", "reggae", "skank", "loop", 200, ("deep", "spacious", "reverb", "tape"), "pop",
          0.5, 0.35, swing=0.55, swing_unit=0.25, looseness=12, lean_ms=9, density=0.22, syncopation=0.5, words="dub, dub reggae, reggae dub, steppers"),
    Genre("ska", "Ska", (146, 176), {"major": 5, "mixolydian": 1, "minor": 2},
          {"drums": ("acoustic_kit",), "bass": ("finger_bass",), "guitar": ("muted_guitar",), "keys": ("organ",),
           "brass": ("brass_section",), "lead": ("trombone", "trumpet", "tenor_sax")},
          "reggae", "sevenths", "rock", "walking", "offbeat", "song", 150, ("bright", "punchy", "dry"), "pop", 0.85, 0.85,
          looseness=12, lean_ms=-3, density=0.6, syncopation=0.5, words="ska, 2 tone, two tone, ska punk"),
    Genre("edm", "EDM", (124, 130), {"minor": 4, "major": 3},
          {"drums": ("kit_909",), "bass": ("synth_bass", "sub_bass"), "keys": ("supersaw",), "arpeggio": ("pluck",),
           "pad": ("analog_pad",), "lead": ("supersaw", "saw_lead"), "effects": ("riser", "impact")},
          "pop", "triads", "four", "root", "gate", "club", 190, ("bright", "wide", "sidechained", "punchy"), "dance",
          0.72, 0.9, looseness=2, density=0.5, syncopation=0.5,
          words="edm, electronic dance, electronic dance music, electronic, electronica, big room, festival, club banger, banger, club track, electro, electro house, future bass,"
                " elektronisch, elektronische musik, electrónica, électronique, elettronica, eletrônica, música electrónica, musique électronique"),
    Genre("deep_house", "Deep house", (118, 124), {"minor": 3, "dorian": 4, "major": 1},
          {"drums": ("kit_909",), "percussion": ("hand_percussion",), "bass": ("sub_bass",), "keys": ("rhodes", "organ"),
           "pad": ("warm_pad",), "lead": ("soft_lead", "flute", "muted_trumpet"), "effects": ("riser",)},
          "house", "ninths", "house", "syncopated", "house", "club", 210, ("deep", "warm", "sidechained"), "dance", 0.55, 0.55,
          swing=0.56, swing_unit=0.25, looseness=5, density=0.32, syncopation=0.6, words="deep house, soulful house, lounge house, organic deep house"),
    Genre("uk_garage", "UK garage", (130, 136), {"minor": 5, "major": 2, "dorian": 1},
          {"drums": ("kit_909",), "bass": ("sub_bass", "reese_bass"), "keys": ("organ", "rhodes"), "pad": ("warm_pad",),
           "lead": ("pluck", "bell", "soft_lead"), "effects": ("vinyl_noise",)},
          "soul", "sevenths", "dnb", "syncopated", "stabs", "club", 180, ("crisp", "deep", "warm"), "dance", 0.55, 0.7,
          swing=0.6, swing_unit=0.25, looseness=6, density=0.45, syncopation=0.75,
          words="uk garage, ukg, 2-step, two-step, garage house, speed garage, future garage, garage music"),
    Genre("vaporwave", "Vaporwave", (60, 84), {"major": 4, "lydian": 1, "minor": 2},
          {"drums": ("lofi_kit", "kit_909"), "bass": ("synth_bass",), "keys": ("fm_piano",), "pad": ("synth_strings", "glass_pad"),
           "lead": ("alto_sax", "bell", "soft_lead"), "effects": ("vinyl_noise",)},
          "soul", "ninths", "synthwave", "root", "sustain", "loop", 170, ("tape", "reverb", "detuned"), "lofi", 0.5, 0.2,
          looseness=7, lean_ms=6, density=0.3, syncopation=0.35, words="vaporwave, vapourwave, mallsoft, chillwave, future funk"),
    Genre("dark_ambient", "Dark ambient", (48, 68), {"phrygian": 3, "minor": 3, "locrian": 1},
          {"bass": ("sub_bass",), "pad": ("analog_pad", "choir"), "strings": ("synth_strings",), "arpeggio": ("bell",),
           "lead": ("cello", "soft_lead"), "effects": ("impact",)},
          "modal", "triads", "none", "drone", "sustain", "arc", 180, ("dark", "spacious", "evolving"), "ambient", 0.12, 0.3,
          looseness=20, density=0.14, syncopation=0.15,
          words="dark ambient, drone, drone music, horror, horror game, horror score, dungeon synth, horror music, horror soundtrack"),
    Genre("neoclassical", "Neoclassical piano", (64, 96), {"minor": 5, "major": 3, "dorian": 1},
          {"keys": ("grand_piano",), "strings": ("string_ensemble",), "bass": ("cello",), "lead": ("grand_piano", "violin")},
          "cinematic", "triads", "none", "long", "ostinato", "arc", 170, ("felt", "intimate", "reverb"), "orchestral",
          0.42, 0.25, looseness=18, density=0.35, syncopation=0.1,
          words="neoclassical, neo-classical, modern classical, prelude, nocturne, etude, solo piano piece, minimalism, nocturno, notturno"),
    Genre("baroque", "Baroque", (80, 120), {"major": 4, "harmonic_minor": 3, "minor": 2},
          {"bass": ("cello",), "keys": ("harpsichord",), "strings": ("string_ensemble",), "counter": ("oboe", "recorder", "viola"),
           "lead": ("violin", "oboe", "recorder", "flute")},
          "classical", "as_written", "none", "walking", "alberti", "rondo", 140, ("dry", "crisp"), "orchestral", 0.62, 0.55,
          looseness=10, density=0.75, syncopation=0.05,
          words="baroque, bach, vivaldi, handel, gavotte, gavotta, fugue, concerto grosso, barock, barockmusik, barroco, barroca, barocco, barocca"),
    Genre("game_orchestral", "Game orchestral", (104, 144), {"major": 3, "lydian": 2, "mixolydian": 2, "minor": 2},
          {"percussion": ("orchestral_percussion",), "bass": ("double_bass",), "strings": ("string_ensemble",),
           "brass": ("brass_section", "french_horn"), "arpeggio": ("harp", "celesta"), "counter": ("clarinet", "oboe"),
           "lead": ("flute", "trumpet", "french_horn", "violin")},
          "chip", "triads", "cinematic", "root_fifth", "ostinato", "rondo", 140, ("bright", "wide", "spacious"), "orchestral",
          0.72, 0.7, looseness=12, density=0.5, syncopation=0.2,
          words="video game orchestral, game soundtrack, game orchestral, fantasy, adventure theme, rpg, jrpg, quest music, overworld, overworld theme"),
    Genre("choral", "Choral", (56, 80), {"dorian": 4, "mixolydian": 2, "phrygian": 2, "major": 2},
          {"pad": ("church_organ",), "strings": ("choir",), "lead": ("choir",)},
          "modal", "triads", "none", "pedal", "sustain", "arc", 150, ("spacious", "reverb"), "orchestral", 0.5, 0.15,
          looseness=18, density=0.25, syncopation=0.02,
          words="choral, gregorian, gregorian chant, plainchant, chant, monastic, requiem, chorale, gregorianisch, gregorianik, canto gregoriano,"
                " gregoriano, chant grégorien, coral, chormusik, barbershop"),
    Genre("tango", "Tango", (112, 132), {"minor": 4, "harmonic_minor": 4},
          {"bass": ("upright_bass",), "keys": ("grand_piano",), "strings": ("string_ensemble",), "counter": ("violin",),
           "lead": ("accordion", "violin")},
          "classical", "sevenths", "none", "root_fifth", "stabs", "rondo", 150, ("dry", "warm", "vintage"), "latin", 0.35, 0.65,
          looseness=15, density=0.5, syncopation=0.45, words="tango, tango argentino, milonga, tango nuevo, piazzolla"),
    Genre("flamenco", "Flamenco", (100, 144), {"phrygian_dominant": 4, "phrygian": 3, "harmonic_minor": 1},
          {"percussion": ("hand_percussion",), "bass": ("upright_bass",), "guitar": ("nylon_guitar",), "lead": ("nylon_guitar",)},
          "latin", "triads", "folk", "root", "strum", "song", 150, ("dry", "warm", "intimate"), "latin", 0.42, 0.75,
          looseness=13, density=0.68, syncopation=0.55, words="flamenco, bulería, bulerías, soleá, sevillanas, rumba flamenca, gitano"),
    Genre("samba", "Samba", (184, 212), {"major": 5, "minor": 3},
          {"percussion": ("latin_percussion",), "bass": ("finger_bass", "upright_bass"), "guitar": ("nylon_guitar",),
           "keys": ("grand_piano",), "brass": ("brass_section",), "lead": ("flute", "trombone", "trumpet")},
          "jazz", "sevenths", "bossa", "bossa", "bossa", "song", 160, ("bright", "warm"), "latin", 0.85, 0.85,
          looseness=11, density=0.58, syncopation=0.72, words="samba, samba enredo, pagode, batucada, choro, carnaval"),
    Genre("mariachi", "Mariachi", (132, 176), {"major": 6, "minor": 2, "harmonic_minor": 1},
          {"bass": ("upright_bass",), "guitar": ("nylon_guitar",), "strings": ("string_ensemble",), "counter": ("violin",),
           "lead": ("trumpet", "violin")},
          "latin", "triads", "none", "waltz", "waltz", "song", 150, ("bright", "warm"), "latin", 0.78, 0.72,
          metre="3/4", looseness=13, density=0.5, syncopation=0.25, words="mariachi, ranchera, corrido, son jalisciense, huapango, mexican"),
    Genre("bolero", "Bolero", (76, 100), {"minor": 4, "major": 4, "harmonic_minor": 1},
          {"percussion": ("latin_percussion",), "bass": ("upright_bass",), "guitar": ("nylon_guitar",), "keys": ("grand_piano",),
           "strings": ("string_ensemble",), "lead": ("trumpet", "muted_trumpet", "violin")},
          "latin", "sevenths", "cumbia", "two_feel", "bossa", "song", 180, ("warm", "vintage", "intimate"), "latin", 0.5, 0.3,
          looseness=16, lean_ms=6, density=0.38, syncopation=0.35, words="bolero, bolero cubano, trova, latin ballad"),
    Genre("fado", "Fado", (66, 92), {"minor": 5, "harmonic_minor": 3, "major": 1},
          {"bass": ("upright_bass",), "guitar": ("nylon_guitar",), "arpeggio": ("steel_guitar",), "lead": ("steel_guitar", "nylon_guitar")},
          "classical", "triads", "none", "root_fifth", "boom_chick", "song", 180, ("intimate", "warm", "reverb"), "acoustic", 0.2, 0.3,
          looseness=18, lean_ms=5, density=0.48, syncopation=0.15, words="fado, saudade"),
    Genre("chanson", "Chanson", (132, 168), {"minor": 4, "major": 3, "harmonic_minor": 1},
          {"bass": ("upright_bass",), "keys": ("grand_piano",), "guitar": ("nylon_guitar",), "counter": ("clarinet", "violin"),
           "lead": ("accordion", "violin")},
          "jazz", "triads", "none", "waltz", "waltz", "song", 170, ("vintage", "warm", "intimate"), "acoustic", 0.55, 0.45,
          metre="3/4", looseness=17, lean_ms=4, density=0.45, syncopation=0.15, words="chanson, chanson française, musette, valse musette, bal musette, parisian"),
)  # fmt: skip

GENRES: dict[str, Genre] = {row.id: row for row in _ROWS}


def add(row: Genre) -> Genre:
    """Add a genre to the table and give it back; from then on prompts can ask for it by its words.

    Raises `InvalidValue` naming the row and the field for an id or word that is taken, a name that no table has,
    and a number out of range. Rows of this module pass the same check when the composer is loaded.
    """
    # The check knows every table that a row names, and those tables read this one.
    from music.knowledge import check_genre

    check_genre(row, GENRES)
    GENRES[row.id] = row
    return row


def genre(id_: str) -> Genre:
    """The genre called `id_`. Raises `InvalidValue` when there is none."""
    try:
        return GENRES[id_]
    except KeyError:
        raise InvalidValue(f"there is no genre {id_!r}; use one of: {', '.join(GENRES)}") from None


def main_genre(ids: list[str]) -> Genre:
    """The first genre of a list; pop when the list is empty."""
    return genre(ids[0]) if ids else GENRES["pop"]
