"""Words for instruments, players and sections: what a person may call them, and what they are here.

Pure data. An instrument's id with its underscores as spaces is a word for it as well.
"""

# ruff: noqa: E501 - a row of a table stays on one line

from domain.score import Role, SectionKind

# Instrument -> what people call it.
INSTRUMENT_WORDS: dict[str, str] = {
    "acoustic_kit": "acoustic drums, live drums, drum kit, drumset, drum set, drums, drum, real drums, breakbeats",
    "brush_kit": "brushes, brushed drums, brushed snare, brush drums, brush kit, brushed kit",
    "rock_kit": "rock drums, heavy drums, double kick, double bass drum, blast beats, big drums, pounding drums",
    "lofi_kit": "dusty beat, dusty drums, lo-fi beat, lo-fi drums, lofi drums, lofi beat, boom bap drums, dusty beats, vinyl drums",
    "trap_kit": "trap drums, trap hats, trap hi-hats, hi-hat rolls, rolling hats, rolling hi-hats",
    "kit_808": "808 drums, 808s drums, tr-808, 808 kit",
    "kit_909": "909 drums, tr-909, 909 kit, four on the floor, four-on-the-floor, drum machine, electronic drums, gated drums, 909",
    "chip_kit": "chip drums, 8-bit drums, noise drums",
    "latin_percussion": "latin percussion, congas, conga, bongos, bongo, timbales, timbale, claves, guiro, cowbell, maracas",
    "hand_percussion": "hand percussion, percussion, shaker, shakers, tambourine, cajon, djembe, hand drums, hand claps, tabla, bodhran, frame drum",
    "orchestral_percussion": "timpani, taiko, taikos, taiko drums, orchestral percussion, cinematic percussion, epic drums, war drums, orchestral drums, gong",
    "upright_bass": "upright bass, double bass, acoustic bass, walking bass, contrabass, stand-up bass",
    "finger_bass": "bass guitar, electric bass, fingered bass, finger bass, bass, bassline, bass line, fretless bass",
    "pick_bass": "picked bass, pick bass, driving bass, fuzz bass",
    "slap_bass": "slap bass, slapped bass, funky bass, slapping bass",
    "synth_bass": "synth bass, analog bass, moog bass, moog, synthesizer bass, fm bass",
    "sub_bass": "sub bass, sub-bass, deep bass, sub, subs",
    "bass_808": "808, 808s, 808 bass, sliding 808, 808 sub",
    "acid_bass": "acid bass, 303, tb-303, acid line, acid synth, squelchy bass",
    "reese_bass": "reese, reese bass, neuro bass, growl bass, wobble bass",
    "chip_bass": "chip bass, triangle bass, 8-bit bass",
    "grand_piano": "piano, grand piano, pianos, concert grand, acoustic piano, felt piano",
    "upright_piano": "upright piano, honky-tonk piano, old piano, saloon piano, out of tune piano, honky tonk piano",
    "rhodes": "rhodes, electric piano, e-piano, epiano, fender rhodes, rhodes piano, ep, suitcase piano, electric pianos, rhodes keys, rhodes chords",
    "wurlitzer": "wurlitzer, wurli, wurly",
    "fm_piano": "dx7, fm piano, digital piano, fm keys, 80s piano, fm electric piano",
    "organ": "organ, hammond, hammond organ, b3, drawbar organ, organs",
    "church_organ": "church organ, pipe organ, cathedral organ",
    "clavinet": "clavinet, clav, clavi",
    "harpsichord": "harpsichord, cembalo",
    "celesta": "celesta, celeste",
    "music_box": "music box, musicbox, glockenspiel, toy piano",
    "vibraphone": "vibraphone, vibes, vibraphones",
    "marimba": "marimba, xylophone, balafon, marimbas",
    "accordion": "accordion, bandoneon, concertina, squeezebox, melodica",
    "nylon_guitar": "nylon guitar, classical guitar, spanish guitar, flamenco guitar, nylon-string guitar, nylon string guitar, ukulele",
    "steel_guitar": "acoustic guitar, steel guitar, steel-string guitar, strummed guitar, fingerpicked guitar, folk guitar, acoustic guitars, banjo, mandolin, guitar, guitars, finger-picked guitar, twelve-string guitar, bouzouki",
    "clean_guitar": "clean guitar, electric guitar, clean electric guitar, jangly guitar, jangly guitars, jazz guitar, telecaster, stratocaster, surf guitar, tremolo guitar, electric guitars, shimmering guitars, chorus guitar, reverb guitar, pedal steel",
    "muted_guitar": "muted guitar, palm-muted guitar, funk guitar, wah guitar, scratch guitar, wah-wah guitar, skank guitar, rhythm guitar",
    "overdriven_guitar": "overdriven guitar, crunchy guitar, crunch guitar, blues guitar, lead guitar, guitar solo, slide guitar, fuzzy guitar, fuzz guitar, gritty guitar, rock guitar, rock guitars",
    "distortion_guitar": "distorted guitar, distortion guitar, heavy guitar, heavy guitars, distorted guitars, metal guitar, power chords, chugging guitars, shredding guitar, wall of guitars",
    "warm_pad": "pad, pads, warm pad, warm pads, synth pad, soft pad, synth pads, lush pads, lush pad, string pad",
    "analog_pad": "analog pad, analogue pad, juno pad, analog pads, juno, poly synth, polysynth, analog synth pad, swelling pads",
    "glass_pad": "glass pad, glassy pad, crystal pad, shimmer pad, shimmering pad, shimmering pads, bell pad, glass",
    "choir": "choir, choirs, voices, choral, vocal pad, choir pad, humming, chant, chanting, wordless voices, gregorian",
    "string_ensemble": "strings, string section, string ensemble, orchestral strings, violins, lush strings, string orchestra, string quartet, sweeping strings, orchestra, soaring strings, pizzicato",
    "synth_strings": "synth strings, string machine, solina, mellotron",
    "violin": "violin, fiddle, solo violin, erhu",
    "viola": "viola",
    "cello": "cello, celli, cellos, solo cello",
    "double_bass": "orchestral bass, double basses, contrabasses",
    "flute": "flute, flutes, pan flute, shakuhachi, piccolo, bamboo flute, tin whistle, whistle, penny whistle",
    "clarinet": "clarinet, clarinets, bass clarinet",
    "oboe": "oboe, english horn, cor anglais, duduk",
    "bassoon": "bassoon",
    "recorder": "recorder, ocarina",
    "harmonica": "harmonica, blues harp, mouth organ",
    "trumpet": "trumpet, trumpets, cornet, flugelhorn, bugle",
    "muted_trumpet": "muted trumpet, harmon mute",
    "trombone": "trombone, trombones",
    "french_horn": "french horn, french horns, orchestral horn, horn solo, epic horns",
    "tuba": "tuba, sousaphone",
    "alto_sax": "sax, saxophone, alto sax, alto saxophone, soprano sax, saxophones",
    "tenor_sax": "tenor sax, tenor saxophone, smoky sax, smoky saxophone, baritone sax",
    "brass_section": "brass, horns, horn section, brass section, brass stabs, horn stabs, big band brass",
    "sitar": "sitar, tanpura, sarod",
    "harp": "harp, harps, lyre, kora, koto, lute",
    "kalimba": "kalimba, mbira, thumb piano",
    "steel_drums": "steel drums, steel drum, steelpan, steel pan, steel pans",
    "saw_lead": "saw lead, synth lead, lead synth, analog lead, sawtooth lead, synth solo, synth, synths, synthesizer, synthesizers, synthesiser, modular synth",
    "square_lead": "square lead, square wave lead, square synth",
    "soft_lead": "soft lead, soft synth, sine lead, theremin, mellow synth",
    "supersaw": "supersaw, supersaws, super saw, saw chords, big synth chords, trance lead",
    "pluck": "pluck, plucks, plucked synth, synth pluck, synth plucks, plucky synth",
    "bell": "bell, bells, bell synth, fm bell, tubular bells, chimes, bell melody, wind chimes",
    "chip_lead": "chip lead, 8-bit lead, pulse lead, game boy lead",
    "chip_pulse": "chip arpeggio, chip arpeggios, pulse wave, 8-bit arpeggios, square waves",
    "synth_arp": "arpeggio, arpeggios, arp, arps, synth arp, sequencer, synth arpeggio, arpeggiated synth, arpeggiated synths, arpeggiator, synth arps",
    "riser": "riser, risers, uplifter, build-up effects, sweep, sweeps",
    "impact": "impact, impacts, boom hit, hits, braam, braams",
    "vinyl_noise": "vinyl crackle, vinyl noise, crackle, tape hiss, vinyl hiss, rain sounds, record noise, hiss",
}  # fmt: skip

_D, _P, _B, _K, _G = Role.DRUMS, Role.PERCUSSION, Role.BASS, Role.KEYS, Role.GUITAR
_PAD, _S, _BR, _L, _C, _A, _FX = (
    Role.PAD, Role.STRINGS, Role.BRASS, Role.LEAD, Role.COUNTER, Role.ARPEGGIO, Role.EFFECTS,
)  # fmt: skip

# A group of players -> (what people call it, the roles in it, the instruments in it whatever their role).
GROUPS: dict[str, tuple[str, tuple[Role, ...], tuple[str, ...]]] = {
    "band": ("band, everybody, everyone, parts, instruments, everything", tuple(Role), ()),
    "drums": ("drums, drum, drummer, drum kit, kit, beat, beats", (_D, _P), ("acoustic_kit", "brush_kit", "rock_kit", "lofi_kit", "trap_kit", "kit_808", "kit_909", "chip_kit", "latin_percussion", "hand_percussion", "orchestral_percussion")),
    "percussion": ("percussion, percussionist", (_P,), ("latin_percussion", "hand_percussion", "orchestral_percussion")),
    "bass": ("bass, bassline, bass line, bassist, low end", (_B,), ("upright_bass", "finger_bass", "pick_bass", "slap_bass", "synth_bass", "sub_bass", "bass_808", "acid_bass", "reese_bass", "chip_bass")),
    "piano": ("piano, pianos, pianist", (), ("grand_piano", "upright_piano")),
    "electric_piano": ("electric piano, electric pianos, e-piano", (), ("rhodes", "wurlitzer", "fm_piano")),
    "keys": ("keys, keyboard, keyboards", (_K,), ()),
    "guitar": ("guitar, guitars, guitarist", (_G,), ("nylon_guitar", "steel_guitar", "clean_guitar", "muted_guitar", "overdriven_guitar", "distortion_guitar")),
    "acoustic_guitar": ("acoustic guitar, acoustic guitars", (), ("nylon_guitar", "steel_guitar")),
    "electric_guitar": ("electric guitar, electric guitars", (), ("clean_guitar", "muted_guitar", "overdriven_guitar", "distortion_guitar")),
    "pad": ("pad, pads, synth pad, synth pads", (_PAD,), ("warm_pad", "analog_pad", "glass_pad")),
    "strings": ("strings, string section", (_S,), ("string_ensemble", "synth_strings", "violin", "viola", "cello", "double_bass")),
    "brass": ("brass, horns, horn section", (_BR,), ("brass_section", "trumpet", "muted_trumpet", "trombone", "french_horn", "tuba")),
    "sax": ("sax, saxophone, saxophones", (), ("alto_sax", "tenor_sax")),
    "woodwinds": ("woodwind, woodwinds, winds", (), ("flute", "clarinet", "oboe", "bassoon", "recorder")),
    "synth": ("synth, synths, synthesizer, synthesizers", (), ("saw_lead", "square_lead", "soft_lead", "supersaw", "pluck", "synth_arp", "analog_pad", "synth_strings", "synth_bass")),
    "organ": ("organ, organs", (), ("organ", "church_organ")),
    "lead": ("lead, melody, tune, lead melody, lead line, main melody, melody line, lead instrument, soloist, vocal line", (_L,), ()),
    "counter": ("counter melody, countermelody, counter-melody, second voice, answer, answers", (_C,), ()),
    "arpeggio": ("arpeggio, arpeggios, arp, arps, arpeggiator", (_A,), ()),
    "chords": ("chords, accompaniment, comping, harmony, harmonies, backing", (_K, _G, _PAD, _S, _BR, _A), ()),
    "effects": ("effects, fx, sound effects, risers", (_FX,), ()),
}  # fmt: skip

# What people call sections -> kind.
SECTION_WORDS: dict[str, SectionKind] = {
    word.strip(): kind
    for kind, words in {
        SectionKind.INTRO: "intro, introduction, opening",
        SectionKind.VERSE: "verse, verses, strophe",
        SectionKind.PRECHORUS: "prechorus, pre-chorus, pre chorus, prechoruses, pre-choruses",
        SectionKind.CHORUS: "chorus, choruses, refrain, hook",
        SectionKind.BRIDGE: "bridge, bridges, middle eight, middle 8",
        SectionKind.SOLO: "solo, solos, instrumental",
        SectionKind.BUILD: "build, builds, buildup, build-up, build up",
        SectionKind.DROP: "drop, drops",
        SectionKind.BREAK: "break, breaks, breakdown, interlude",
        SectionKind.THEME: "theme, themes, head",
        SectionKind.OUTRO: "outro, outros, ending, coda",
    }.items()
    for word in words.split(",")
}
