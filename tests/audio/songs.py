"""A small test song, written in code: eight bars of i–VI–III–VII in A minor for eight parts."""

from domain.score import PerformedPart, Role, TimedNote

BPM = 100.0
BEAT = 60.0 / BPM
_CHORDS = ((57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62))
_MELODY = (76, 74, 72, 71, 72, 69, 72, 76, 79, 76, 74, 72, 74, 71, 67, 71)


def note(pitch: int, beat: float, length: float, velocity: int = 90, beat_s: float = BEAT) -> TimedNote:
    return TimedNote(pitch=pitch, start=beat * beat_s, end=(beat + length) * beat_s, velocity=velocity)


def part(
    name: str, role: Role, instrument: str, notes: list[TimedNote], duration: float, **more: object
) -> PerformedPart:
    return PerformedPart.model_validate(
        {
            "id": name, "name": name, "role": role, "instrument": instrument, "tempo_bpm": BPM,
            "duration_s": duration, "notes": notes, **more,
        }
    )  # fmt: skip


def _drums(bars: int) -> list[TimedNote]:
    notes = []
    for bar in range(bars):
        at = bar * 4
        notes += [note(36, at, 0.2, 112), note(36, at + 2.5, 0.2, 96)]
        notes += [note(38, at + 1, 0.2, 108), note(38, at + 3, 0.2, 110)]
        notes += [note(42, at + k * 0.5, 0.1, 84 if k % 2 == 0 else 62) for k in range(7)]
        notes.append(note(46, at + 3.5, 0.3, 80))
    return notes


def song(bars: int = 8, kind: str = "lofi") -> list[PerformedPart]:
    duration = bars * 4 * BEAT + 2.5
    chord = [_CHORDS[b % 4] for b in range(bars)]
    keys = [note(p, b * 4 + at, 1.6, 78) for b in range(bars) for at in (0, 2) for p in chord[b]]
    pad = [note(p + 12, b * 4, 3.9, 70) for b in range(bars) for p in chord[b]]
    bass = [note(chord[b][0] - 24 + (12 if chord[b][0] < 55 else 0), b * 4 + at, 0.9, 95)
            for b in range(bars) for at in (0, 1.5, 2.5)]  # fmt: skip
    lead = [note(_MELODY[(b * 2 + k // 2) % 16], b * 4 + k, 0.8, 88 + 6 * (k % 2))
            for b in range(2, bars) for k in range(4)]  # fmt: skip
    arp = [note(chord[b][k % 3] + 12, b * 4 + k * 0.5, 0.4, 70) for b in range(bars) for k in range(8)]
    strings = [note(p + 12, b * 4, 4, 64) for b in range(bars // 2, bars) for p in chord[b][:2]]
    names = _BANDS[kind]
    rows = [
        ("drums", Role.DRUMS, _drums(bars)), ("bass", Role.BASS, bass), ("keys", Role.KEYS, keys),
        ("pad", Role.PAD, pad), ("lead", Role.LEAD, lead), ("arp", Role.ARPEGGIO, arp),
        ("strings", Role.STRINGS, strings), ("guitar", Role.GUITAR, [n for n in arp if n.pitch > 66]),
    ]  # fmt: skip
    return [
        part(name, role, names[name][0], notes, duration, program=names[name][1], is_drum=role is Role.DRUMS)
        for name, role, notes in rows
    ]


_BANDS = {
    "lofi": {
        "drums": ("lofi_kit", 0), "bass": ("sub_bass", 38), "keys": ("rhodes", 4), "pad": ("warm_pad", 89),
        "lead": ("soft_lead", 80), "arp": ("pluck", 81), "strings": ("string_ensemble", 48),
        "guitar": ("nylon_guitar", 24),
    },
    "house": {
        "drums": ("kit_909", 25), "bass": ("synth_bass", 38), "keys": ("fm_piano", 5),
        "pad": ("analog_pad", 89), "lead": ("saw_lead", 81), "arp": ("synth_arp", 81),
        "strings": ("synth_strings", 50), "guitar": ("supersaw", 81),
    },
    "rock": {
        "drums": ("rock_kit", 16), "bass": ("pick_bass", 34), "keys": ("organ", 16), "pad": ("choir", 52),
        "lead": ("overdriven_guitar", 29), "arp": ("clean_guitar", 27), "strings": ("string_ensemble", 48),
        "guitar": ("distortion_guitar", 30),
    },
    "jazz": {
        "drums": ("brush_kit", 40), "bass": ("upright_bass", 32), "keys": ("grand_piano", 0), "pad": ("organ", 16),
        "lead": ("tenor_sax", 66), "arp": ("vibraphone", 11), "strings": ("string_ensemble", 48),
        "guitar": ("jazz_guitar", 26),
    },
}  # fmt: skip
