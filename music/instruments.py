"""The band: every instrument by id, with its roles, General MIDI program, range and what it listens to.

`synth` instruments are made by synthesis; the others are sampled by their General MIDI program.
Ranges are sounding MIDI note numbers (60 is middle C); `low`/`high` is what the instrument plays well.
"""

from dataclasses import dataclass

from domain.errors import InvalidValue
from domain.score import Role


@dataclass(frozen=True, slots=True)
class Instrument:
    """One row of the table."""

    id: str
    name: str
    roles: tuple[Role, ...]
    program: int
    low: int
    high: int
    family: str
    is_drum: bool = False
    synth: bool = False


_D, _P, _B, _K, _G = Role.DRUMS, Role.PERCUSSION, Role.BASS, Role.KEYS, Role.GUITAR
_PAD, _S, _BR, _L, _C, _A, _FX = (
    Role.PAD, Role.STRINGS, Role.BRASS, Role.LEAD, Role.COUNTER, Role.ARPEGGIO, Role.EFFECTS,
)  # fmt: skip

# id, name, roles (most usual first), program, lowest, highest, family
_SAMPLED: tuple[tuple[str, str, tuple[Role, ...], int, int, int, str], ...] = (
    ("upright_bass", "Upright bass", (_B,), 32, 28, 60, "acoustic_bass"),
    ("finger_bass", "Fingered bass", (_B,), 33, 28, 62, "electric_bass"),
    ("pick_bass", "Picked bass", (_B,), 34, 28, 62, "electric_bass"),
    ("slap_bass", "Slap bass", (_B,), 36, 28, 64, "electric_bass"),
    ("grand_piano", "Grand piano", (_K, _L, _A, _C), 0, 28, 100, "piano"),
    ("upright_piano", "Upright piano", (_K, _L, _A, _C), 1, 28, 96, "piano"),
    ("clavinet", "Clavinet", (_K,), 7, 36, 86, "electric_keys"),
    ("harpsichord", "Harpsichord", (_K, _A, _L), 6, 36, 89, "plucked_keys"),
    ("church_organ", "Church organ", (_PAD, _K), 19, 36, 96, "organ"),
    ("celesta", "Celesta", (_A, _C, _L), 8, 60, 103, "mallets"),
    ("music_box", "Music box", (_A, _L, _C), 10, 60, 100, "mallets"),
    ("vibraphone", "Vibraphone", (_C, _L, _K, _A), 11, 53, 89, "mallets"),
    ("marimba", "Marimba", (_A, _C, _L, _K), 12, 45, 91, "mallets"),
    ("accordion", "Accordion", (_K, _L, _C), 21, 53, 89, "reeds"),
    ("nylon_guitar", "Nylon guitar", (_G, _L, _A), 24, 40, 83, "acoustic_guitar"),
    ("steel_guitar", "Steel-string guitar", (_G, _A, _L), 25, 40, 83, "acoustic_guitar"),
    ("clean_guitar", "Clean electric guitar", (_G, _L, _C), 27, 40, 86, "electric_guitar"),
    ("muted_guitar", "Muted guitar", (_G, _A), 28, 40, 83, "electric_guitar"),
    ("overdriven_guitar", "Overdriven guitar", (_G, _L), 29, 40, 86, "driven_guitar"),
    ("distortion_guitar", "Distortion guitar", (_G, _L), 30, 38, 86, "driven_guitar"),
    ("choir", "Choir", (_PAD, _S, _C, _L), 52, 48, 79, "voices"),
    ("string_ensemble", "String ensemble", (_S, _PAD, _C), 48, 40, 96, "strings"),
    ("violin", "Violin", (_L, _C), 40, 55, 96, "strings"),
    ("viola", "Viola", (_C, _L), 41, 48, 84, "strings"),
    ("cello", "Cello", (_C, _L, _B), 42, 36, 72, "strings"),
    ("double_bass", "Double bass", (_B,), 43, 28, 60, "strings"),
    ("flute", "Flute", (_L, _C), 73, 60, 93, "woodwind"),
    ("clarinet", "Clarinet", (_L, _C), 71, 50, 86, "woodwind"),
    ("oboe", "Oboe", (_L, _C), 68, 58, 86, "woodwind"),
    ("bassoon", "Bassoon", (_C, _L, _B), 70, 34, 70, "woodwind"),
    ("recorder", "Recorder", (_L, _C), 74, 60, 91, "woodwind"),
    ("harmonica", "Harmonica", (_L, _C), 22, 60, 88, "reeds"),
    ("trumpet", "Trumpet", (_L, _C, _BR), 56, 55, 82, "brass"),
    ("muted_trumpet", "Muted trumpet", (_L, _C), 59, 55, 82, "brass"),
    ("trombone", "Trombone", (_C, _L, _BR), 57, 40, 70, "brass"),
    ("french_horn", "French horn", (_C, _BR, _L), 60, 41, 74, "brass"),
    ("tuba", "Tuba", (_B,), 58, 28, 55, "brass"),
    ("alto_sax", "Alto saxophone", (_L, _C), 65, 50, 80, "saxophone"),
    ("tenor_sax", "Tenor saxophone", (_L, _C), 66, 45, 75, "saxophone"),
    ("brass_section", "Brass section", (_BR, _C), 61, 46, 82, "brass"),
    ("sitar", "Sitar", (_L, _C), 104, 48, 79, "plucked"),
    ("harp", "Harp", (_A, _C, _K), 46, 36, 96, "plucked"),
    ("kalimba", "Kalimba", (_A, _L, _C), 108, 55, 88, "mallets"),
    ("steel_drums", "Steel drums", (_L, _A, _C), 114, 55, 86, "mallets"),
)  # fmt: skip

_SYNTHS: tuple[tuple[str, str, tuple[Role, ...], int, int, int, str], ...] = (
    ("synth_bass", "Synth bass", (_B,), 38, 28, 60, "synth_bass"),
    ("sub_bass", "Sub bass", (_B,), 39, 26, 55, "synth_bass"),
    ("bass_808", "808 bass", (_B,), 39, 26, 55, "synth_bass"),
    ("acid_bass", "Acid bass", (_B,), 38, 28, 64, "synth_bass"),
    ("reese_bass", "Reese bass", (_B,), 38, 28, 57, "synth_bass"),
    ("chip_bass", "Chip bass", (_B,), 80, 28, 64, "chip"),
    ("ukulele", "Ukulele", (_G, _L, _A), 24, 60, 86, "acoustic_guitar"),
    ("mandolin", "Mandolin", (_L, _G, _A, _C), 25, 55, 91, "acoustic_guitar"),
    ("lute", "Lute", (_G, _L, _A), 24, 40, 79, "acoustic_guitar"),
    ("rhodes", "Rhodes", (_K, _L, _C, _A), 4, 36, 91, "electric_keys"),
    ("wurlitzer", "Wurlitzer", (_K, _L, _C), 4, 36, 91, "electric_keys"),
    ("fm_piano", "FM piano", (_K, _L, _A), 5, 36, 96, "electric_keys"),
    ("organ", "Drawbar organ", (_K, _PAD, _L), 16, 36, 91, "organ"),
    ("warm_pad", "Warm pad", (_PAD,), 89, 40, 88, "pad"),
    ("analog_pad", "Analogue pad", (_PAD,), 90, 40, 88, "pad"),
    ("glass_pad", "Glass pad", (_PAD, _C), 92, 48, 96, "pad"),
    ("synth_strings", "Synth strings", (_PAD, _S), 50, 40, 91, "pad"),
    ("saw_lead", "Saw lead", (_L, _C), 81, 48, 93, "synth_lead"),
    ("square_lead", "Square lead", (_L, _C), 80, 48, 93, "synth_lead"),
    ("soft_lead", "Soft lead", (_L, _C), 85, 48, 91, "synth_lead"),
    ("supersaw", "Supersaw", (_K, _L, _PAD), 90, 43, 93, "synth_lead"),
    ("pluck", "Synth pluck", (_A, _K, _L, _C), 88, 48, 96, "synth_pluck"),
    ("bell", "Bell", (_L, _C, _A, _K), 98, 55, 100, "synth_pluck"),
    ("chip_lead", "Chip lead", (_L, _C), 80, 48, 96, "chip"),
    ("chip_pulse", "Chip pulse", (_A, _K, _C), 80, 48, 96, "chip"),
    ("synth_arp", "Synth arpeggio", (_A,), 81, 45, 93, "synth_pluck"),
    ("riser", "Riser", (_FX,), 97, 36, 84, "effects"),
    ("impact", "Impact", (_FX,), 127, 24, 60, "effects"),
    ("vinyl_noise", "Vinyl noise", (_FX,), 122, 36, 84, "effects"),
)  # fmt: skip

# id, name, roles, program of the General MIDI kit, synthesised
_KITS: tuple[tuple[str, str, tuple[Role, ...], int, bool], ...] = (
    ("acoustic_kit", "Acoustic kit", (_D,), 0, False),
    ("brush_kit", "Brush kit", (_D,), 40, False),
    ("rock_kit", "Rock kit", (_D,), 16, False),
    ("lofi_kit", "Lo-fi kit", (_D,), 0, True),
    ("trap_kit", "Trap kit", (_D,), 25, True),
    ("kit_808", "808 kit", (_D,), 25, True),
    ("kit_909", "909 kit", (_D,), 24, True),
    ("chip_kit", "Chip kit", (_D,), 25, True),
    ("latin_percussion", "Latin percussion", (_P, _D), 0, False),
    ("hand_percussion", "Hand percussion", (_P, _D), 0, False),
    ("orchestral_percussion", "Orchestral percussion", (_P, _D), 48, False),
)

INSTRUMENTS: dict[str, Instrument] = {
    **{row[0]: Instrument(*row) for row in _SAMPLED},
    **{row[0]: Instrument(*row, synth=True) for row in _SYNTHS},
    **{
        id_: Instrument(id_, name, roles, program, 27, 87, "kit", is_drum=True, synth=synth)
        for id_, name, roles, program, synth in _KITS
    },
}

_TONE = frozenset({"warm", "bright", "dark", "soft"})
_SPACE = frozenset({"wide", "spacious", "dry", "reverb", "dreamy", "intimate", "airy"})
_TAPE = frozenset({"tape", "dusty", "lofi", "saturated", "vintage"})
_DRIVE = frozenset({"gritty", "distorted", "saturated", "aggressive", "raw"})

FAMILY_STYLE: dict[str, frozenset[str]] = {
    "kit": _TAPE | _DRIVE | _SPACE | frozenset({"punchy", "crisp", "bright", "dark", "soft", "gated"}),
    "acoustic_bass": _TONE | frozenset({"dry", "intimate", "vintage"}),
    "electric_bass": _TONE | _DRIVE | frozenset({"punchy", "vintage"}),
    "synth_bass": _TONE | _DRIVE | frozenset({"punchy", "deep", "sidechained"}),
    "piano": _TONE | _SPACE | _TAPE | frozenset({"felt", "detuned"}),
    "electric_keys": _TONE | _SPACE | _TAPE | frozenset({"chorus", "detuned", "tremolo"}),
    "plucked_keys": _TONE | _SPACE,
    "organ": _TONE | _SPACE | _DRIVE | frozenset({"vintage"}),
    "mallets": _TONE | _SPACE | _TAPE,
    "reeds": _TONE | _SPACE,
    "acoustic_guitar": _TONE | _SPACE | _TAPE,
    "electric_guitar": _TONE | _SPACE | _TAPE | frozenset({"chorus", "tremolo", "crisp"}),
    "driven_guitar": _TONE | _DRIVE | _SPACE,
    "voices": _TONE | _SPACE,
    "strings": _TONE | _SPACE | frozenset({"vintage"}),
    "woodwind": _TONE | _SPACE,
    "brass": _TONE | _SPACE | frozenset({"punchy", "vintage"}),
    "saxophone": _TONE | _SPACE | _TAPE,
    "plucked": _TONE | _SPACE,
    "chip": frozenset({"bright", "raw", "crisp", "wide", "dry"}),
    "pad": _TONE | _SPACE | _TAPE | frozenset({"sidechained", "chorus", "analog", "deep", "evolving"}),
    "synth_lead": _TONE | _SPACE | _DRIVE | frozenset({"sidechained", "analog", "chorus", "detuned"}),
    "synth_pluck": _TONE | _SPACE | frozenset({"sidechained", "analog", "crisp"}),
    "effects": _SPACE | _TAPE | frozenset({"vinyl", "dark", "bright"}),
}


def instrument(id_: str) -> Instrument:
    """The instrument called `id_`. Raises `InvalidValue` when there is none."""
    try:
        return INSTRUMENTS[id_]
    except KeyError:
        raise InvalidValue(f"there is no instrument {id_!r}; use one of: {', '.join(sorted(INSTRUMENTS))}") from None


def styles_heard(id_: str, words: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Those of the production `words` that instrument `id_` listens to, sorted and unique."""
    heard = FAMILY_STYLE[instrument(id_).family]
    return tuple(sorted({word for word in words if word in heard}))
