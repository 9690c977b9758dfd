"""Words people use about music, and what they mean here. Longer phrases win over shorter ones.

The words for a genre stand in its own row (`genres`), those of other languages in `tongues`.
"""

# ruff: noqa: E501 - a row of a table stays on one line

from domain.vocabulary import INSTRUMENT_WORDS as INSTRUMENT_WORDS

# Word: valence, arousal (0–1); anchored on the circumplex of affect (J. Russell, 1980).
MOOD_WORDS: dict[str, tuple[float, float]] = {
    word.strip(): (float(valence), float(arousal))
    for row in """
happy, cheerful, joyful, joyous, merry, glad, feel-good, feel good, sunny: 0.9 0.65
upbeat, lively, bouncy, peppy, perky, spirited: 0.8 0.75
euphoric, ecstatic, exhilarating, jubilant, elated, festive, celebratory, party, carnival, birthday: 0.92 0.9
energetic, energizing, high energy, high-energy, driving, dynamic, vigorous, pumping, workout, gym, running, kinetic: 0.65 0.9
exciting, thrilling, adrenaline, racing, action, action-packed, frantic, frenetic, chase: 0.55 0.93
uplifting, inspiring, inspirational, motivational, triumphant, victorious, heroic, anthemic, glorious, majestic: 0.85 0.7
hopeful, optimistic, positive, encouraging, reassuring, sunrise, morning, spring: 0.78 0.5
playful, quirky, whimsical, fun, funny, silly, cheeky, mischievous, cute, goofy, comical: 0.8 0.65
proud, confident, swagger, bold, strong, powerful, empowering, badass: 0.65 0.78
epic, grand, monumental, sweeping, massive, huge: 0.6 0.8
romantic, loving, love, tender, sensual, sexy, intimate, affectionate, wedding: 0.7 0.35
warm, cozy, cosy, comforting, homely, fireside, gentle, soft, delicate, sweet: 0.68 0.25
calm, peaceful, serene, tranquil, relaxing, relaxed, soothing, restful, quiet, still, zen, floating, weightless, sleepy, drowsy, bedtime: 0.65 0.14
chill, chilled, laid-back, laid back, mellow, easy, easygoing, easy-going, lazy, breezy, smooth, coffee, cafe, café, study, studying, focus, focused: 0.62 0.27
dreamy, ethereal, hazy, floaty, airy, otherworldly, celestial, heavenly, magical, enchanted, wonder, starry: 0.62 0.28
nostalgic, wistful, bittersweet, sentimental, longing, yearning, reminiscent, memories, autumn, autumnal: 0.42 0.3
melancholic, melancholy, pensive, reflective, introspective, contemplative, rainy, rain, blue, wintry, winter, autumn, autumnal: 0.27 0.25
sad, sorrowful, mournful, tearful, heartbroken, heartbreak, heartbreaking, lonely, alone, loss, grief, grieving, tragic, funeral, depressing, depressed, gloomy, somber, sombre, bleak, desolate, crying, farewell, goodbye, lament: 0.15 0.25
dark, brooding, moody, shadowy, gothic, sinister, noirish, ominous, menacing, evil, foreboding: 0.2 0.5
mysterious, enigmatic, eerie, haunting, haunted, spooky, creepy, uncanny, suspicious, secretive: 0.28 0.42
scary, horror, terrifying, nightmare, nightmarish, frightening, halloween: 0.1 0.7
tense, suspenseful, suspense, anxious, nervous, uneasy, dramatic, urgent, dramatically, thriller: 0.28 0.7
angry, furious, rage, raging, aggressive, violent, hostile, brutal, savage, vicious, intense: 0.18 0.93
rebellious, defiant, gritty, raw, edgy, fierce, wild, rowdy: 0.45 0.85
groovy, danceable, infectious, catchy, swinging: 0.75 0.68
cool, stylish, suave, sophisticated, elegant, classy, slick, chic, dinner party, dinner, cocktail: 0.65 0.45
exotic, tropical, summer, summery, beach, holiday, vacation, island, sunset, poolside: 0.8 0.5
futuristic, space, cosmic, sci-fi, neon, night drive, night-drive, midnight, nocturnal, city lights, late night, late-night: 0.5 0.5
hypnotic, trancey, repetitive, mesmerizing, immersive: 0.48 0.5
spiritual, sacred, solemn, reverent, holy, noble, dignified: 0.55 0.3
innocent, childlike, children, kids, baby, toy: 0.8 0.4
emotional, moving, heartfelt, touching, poignant, soulful, passionate, stirring: 0.42 0.45
christmas, cheer, jolly, holidays: 0.85 0.5
""".strip().splitlines()
    for words, _, numbers in [row.partition(":")]
    for valence, arousal in [numbers.split()]
    for word in words.split(",")
}

# Production word used by the instruments -> what people say.
STYLE_WORDS: dict[str, str] = {
    "dusty": "dusty, dust, grainy, worn", "tape": "tape, cassette, tape saturation, wow and flutter, taped",
    "vinyl": "vinyl, crackle, crackling, record player, turntable", "warm": "warm, cozy, cosy, round, analog warmth",
    "bright": "bright, shiny, sparkling, sparkly, glittering, brilliant, crystalline", "dark": "dark, muffled, murky, shadowy",
    "wide": "wide, huge, big, massive, stereo, panoramic, expansive", "spacious": "spacious, roomy, cavernous, open, vast, big reverb",
    "reverb": "reverb, reverberant, echo, echoing, echoey, cathedral, wet", "dry": "dry, close, close-miked, tight room",
    "dreamy": "dreamy, hazy, ethereal, washed-out, washed out, shimmering", "intimate": "intimate, bare, stripped-back, stripped back, unplugged, bedroom",
    "airy": "airy, breathy, floating, light", "saturated": "saturated, overdriven mix, hot", "vintage": "vintage, retro, old-school, old school, classic, oldies, retro sounding",
    "gritty": "gritty, dirty, grimy, rough, crunchy", "distorted": "distorted, fuzzy, fuzz, overdriven", "aggressive": "aggressive, hard-hitting, brutal",
    "raw": "raw, unpolished, garage, live", "punchy": "punchy, hard hitting, tight, pounding", "crisp": "crisp, clean, polished, clear",
    "deep": "deep, subby, heavy bass, bass-heavy", "sidechained": "sidechain, sidechained, pumping, ducking", "chorus": "chorus effect, chorused, detuned chorus",
    "detuned": "detuned, wobbly, out of tune, warped", "gated": "gated, gated reverb, gated snare", "analog": "analog, analogue, modular",
    "lofi": "lo-fi, lofi, lo fi", "soft": "soft, gentle, delicate, mellow, tender", "evolving": "evolving, morphing, slowly changing", "tremolo": "tremolo, vibrato",
    "felt": "felt, felted",
}  # fmt: skip

# Tempo words: (lowest, highest) bpm where fixed, or a shift of the genre's own range.
ITALIAN_TEMPO: dict[str, tuple[int, int]] = {
    "grave": (40, 48), "largo": (44, 60), "lento": (48, 60), "adagio": (60, 74), "andante": (76, 96),
    "andantino": (80, 100), "moderato": (100, 116), "allegretto": (108, 122), "allegro": (120, 150),
    "vivace": (150, 172), "presto": (168, 196), "prestissimo": (196, 216),
}  # fmt: skip
TEMPO_SHIFT: dict[str, float] = {
    "very slow": -0.9, "extremely slow": -1.1, "really slow": -0.9, "super slow": -1.0, "slow": -0.6, "slow-burning": -0.6,
    "slowly": -0.6, "downtempo": -0.5, "half-time": -0.4, "slow tempo": -0.6, "unhurried": -0.5, "relaxed tempo": -0.4,
    "mid-tempo": 0.0, "midtempo": 0.0, "medium tempo": 0.0, "moderate tempo": 0.0, "mid tempo": 0.0,
    "uptempo": 0.5, "up-tempo": 0.5, "up tempo": 0.5, "fast": 0.6, "quick": 0.5, "brisk": 0.4, "rapid": 0.7, "fast-paced": 0.6,
    "fast paced": 0.6, "very fast": 0.9, "extremely fast": 1.1, "super fast": 1.0, "breakneck": 1.1, "blazing": 0.9,
    "high tempo": 0.6, "speedy": 0.6, "really fast": 0.9,
}  # fmt: skip

# Era -> production words.
ERA_STYLE: dict[str, tuple[str, ...]] = {
    "50s": ("vintage", "warm"), "60s": ("vintage", "warm"), "70s": ("vintage", "warm", "tape"), "80s": ("analog", "gated", "wide"),
    "90s": ("punchy", "crisp"), "2000s": ("crisp", "wide"),
}  # fmt: skip

# With no genre named: instrument -> genre it suggests.
GENRE_OF_INSTRUMENT: dict[str, str] = {
    "string_ensemble": "cinematic", "french_horn": "cinematic", "choir": "choral", "orchestral_percussion": "cinematic",
    "violin": "chamber", "viola": "chamber", "cello": "chamber", "oboe": "chamber", "bassoon": "chamber", "harpsichord": "baroque",
    "steel_guitar": "acoustic", "nylon_guitar": "acoustic", "harmonica": "folk", "ukulele": "folk", "mandolin": "folk", "lute": "medieval", "recorder": "folk", "harp": "ambient",
    "rhodes": "lo_fi", "wurlitzer": "soul", "vinyl_noise": "lo_fi", "lofi_kit": "lo_fi", "tenor_sax": "jazz_ballad",
    "alto_sax": "jazz_ballad", "muted_trumpet": "jazz_ballad", "brush_kit": "jazz_ballad", "upright_bass": "swing", "vibraphone": "swing",
    "organ": "soul", "clavinet": "funk", "slap_bass": "funk", "muted_guitar": "funk", "brass_section": "soul",
    "distortion_guitar": "metal", "overdriven_guitar": "rock", "rock_kit": "rock", "clean_guitar": "rock", "pick_bass": "rock",
    "trap_kit": "trap", "bass_808": "trap", "kit_808": "rnb", "kit_909": "house", "acid_bass": "techno", "reese_bass": "drum_and_bass",
    "supersaw": "trance", "synth_arp": "synthwave", "analog_pad": "synthwave", "saw_lead": "synthwave", "synth_bass": "synthwave",
    "chip_lead": "chiptune", "chip_kit": "chiptune", "chip_pulse": "chiptune", "chip_bass": "chiptune", "warm_pad": "ambient",
    "glass_pad": "ambient", "bell": "ambient", "latin_percussion": "salsa", "steel_drums": "reggae", "accordion": "chanson",
    "kalimba": "ambient", "grand_piano": "neoclassical", "church_organ": "choral", "music_box": "lullaby", "marimba": "afrobeat",
    "sitar": "ambient", "tuba": "march", "celesta": "cinematic", "flute": "folk", "clarinet": "chamber", "trumpet": "swing",
    "trombone": "swing", "soft_lead": "ambient", "pluck": "house", "fm_piano": "synthwave",
}  # fmt: skip

TITLE_NOUNS: dict[str, tuple[str, ...]] = {
    "pop": ("Hearts", "Skyline", "Summer", "Echo", "Ribbon"), "rock": ("Highway", "Thunder", "Wires", "Avenue", "Static"),
    "acoustic": ("River", "Harbour", "Meadow", "Lantern", "Orchard"), "jazz": ("Corner", "Hour", "Smoke", "Parlour", "Rendezvous"),
    "hip_hop": ("Block", "Concrete", "Ledger", "Crown", "Corners"), "lofi": ("Window", "Notebook", "Umbrella", "Afternoon", "Postcard"),
    "dance": ("Signal", "Pulse", "Horizon", "Voltage", "Neon"), "ambient": ("Drift", "Tide", "Stillness", "Aurora", "Lichen"),
    "orchestral": ("Summit", "Passage", "Oath", "Cathedral", "Voyage"), "latin": ("Plaza", "Fuego", "Terrace", "Carnival", "Brisa"),
    "chip": ("Level", "Quest", "Pixel", "Cartridge", "Castle"),
}  # fmt: skip


# An unknown genre's parts: a theme in the word -> (genre that carries it, a mood word of this lexicon).
THEMES: dict[str, tuple[str, str]] = {
    word.strip(): (genre, mood)
    for row in """
goblin, gnome, troll, imp, gremlin, kobold: medieval mischievous
fairy, elf, elven, faerie, sprite, unicorn: celtic magical
cottage, farm, meadow, grandma, prairie: folk cozy
wizard, witch, sorcerer, mage, dragon, knight, castle: medieval mysterious
pirate, sailor, ship, captain, whale: sea_shanty rowdy
viking, norse, barbarian: folk fierce
cowboy, desert, saloon, frontier, gunslinger: country lonely
space, cosmic, galaxy, astro, star, alien, moon: synthwave futuristic
cyber, robot, android, neon, laser, machine: synthwave futuristic
pixel, arcade, glitch, console: chiptune playful
ghost, vampire, crypt, zombie, demon, hell, blood, grave: dark_ambient scary
dungeon, cave, catacomb: dark_ambient mysterious
forest, moss, mushroom, swamp, river, rain, fog, ocean, sea: ambient calm
dream, cloud, sleep, pillow: dream_pop dreamy
angel, heaven, church, cathedral: choral spiritual
royal, regency, princess, queen, king, empire: baroque elegant
circus, clown, carnival: polka playful
beach, surf, palm, island: surf_rock sunny
samurai, ninja, dojo: cinematic tense
war, battle, gladiator, titan: cinematic heroic
coffee, library, study, academia: lo_fi studying
school, anime, kawaii, sakura: jpop cute
""".strip().splitlines()
    for words, _, meaning in [row.partition(":")]
    for genre, mood in [meaning.split()]
    for word in words.split(",")
}

# How names of genres end -> the genre that the ending comes from.
GENRE_ENDINGS: dict[str, str] = {
    "core": "punk", "wave": "synthwave", "step": "dubstep", "gaze": "shoegaze", "hop": "hip_hop", "tronica": "edm",
    "tronic": "edm", "tech": "techno", "grass": "bluegrass", "folk": "folk", "house": "house", "metal": "metal",
    "rock": "rock", "punk": "punk", "trap": "trap", "jazz": "swing", "funk": "funk", "soul": "soul", "pop": "pop",
    "beat": "hip_hop", "synth": "synthwave", "blues": "blues", "disco": "disco", "trance": "trance",
}  # fmt: skip

# Emoji -> words of this lexicon.
EMOJI: dict[str, str] = {
    sign: words.strip()
    for row in """
😢😭😿🥺😞☹: sad
💔🥀: heartbroken
😀😃😄😁😊🙂😺☺: happy
😂🤣🤪: funny
🎉🥳🎊🍾🪩: party
💃🕺: danceable
🔥💥⚡: energetic
😡🤬👿: angry
😈👹🩸: evil
👻🎃🧟🦇: spooky
💀☠: dark
😱🔪: scary
❤💕💖💘😍🥰💗💞💋🌹: romantic
😴💤🛌🥱: sleepy
🧘☮🕊🪷: peaceful
🌧☔🌦⛈: rainy
☀🌞🌅🌻: sunny
🏖🏝🌴🍹⛱: beach
🌊: ambient
🌙🌃🌌🌆: nocturnal
✨💫🧚🦄🪄: magical
❄⛄☃: wintry
🎄🎅: christmas
🚀🛸👽🪐: space
🏎🏁💨: racing
🏋🏃💪: workout
⚔🛡🏰🐉: heroic
🏴‍☠: pirate
🤠🐎🌵: country
👾🎮🕹: chiptune
🤖🦾: techno
☕📚: lo-fi
🤘: metal
🎩: swing
🎹: piano
🎸: guitar
🎻: violin
🎺: trumpet
🎷: saxophone
🥁: drums
🪕: banjo
🪗: accordion
🪈: flute
🔔: bells
🐢🐌: slow
🐇: fast
👶🍼: lullaby
💒👰: wedding
""".strip().splitlines()
    for signs, _, words in [row.partition(":")]
    for sign in ([signs] if "\u200d" in signs else signs)
}
EMOJI = {sign.replace("\u200d", ""): words for sign, words in EMOJI.items()}

# Common English words that other languages' tables hold as well, or that tell that a text is English.
_ENGLISH = (
    "a about after again all also alone alto am an and any are around art as at bad be beat big break build"
    " but by can cent chant chorus coda come dark deep die do double down dream drop due electronic end every"
    " fast fat feel final fin for from full gift give go gut half hand happy has hat have he heavy hell her"
    " here high his horn hot house i if in instrumental into is it its just key land last late like little live"
    " long loud low made make man many march mayor me metal mood more much my new night no not now of off old"
    " on once one only open or our out over own pop quiet rain rock sad section see seize she short six slow so"
    " soft solo some son song sound still take tempo that the their them then they this through time to under"
    " up upbeat use vers very verse voice voices want war warm was we weird what when where while wind with"
    " without you your"
    " minute minutes second seconds hour hours bar bars beat beats bpm tempo key major minor measure measures voice"
    " verses bridge intro outro refrain theme one two three four five six seven eight nine ten piece written played"
)
ENGLISH_WORDS: frozenset[str] = frozenset(_ENGLISH.split())
