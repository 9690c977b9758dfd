"""The sounds: every synthesised instrument that plays notes, as tables a musician can read and extend."""

from typing import Final

from audio.instruments.fm import FmPatch, Pair
from audio.instruments.subtractive import Patch
from audio.instruments.wavetables import ORGAN, PULSE_12, PULSE_25, SAW, SINE, SQUARE, STEPPED, TRIANGLE

FM: Final[dict[str, FmPatch]] = {
    "rhodes": FmPatch(
        pairs=(
            Pair(1.0, 1.0, 1.5, 1.6, 1.0, 9.0, depth_floor=0.18, cents=-1.5, pan=-0.12),
            Pair(1.0, 1.0, 0.7, 2.4, 0.55, 7.0, depth_floor=0.1, cents=2.0, pan=0.12),
            Pair(1.0, 14.0, 0.45, 0.35, 0.22, 1.3, depth_velocity=0.85, level_velocity=0.5, depth_floor=0.0),
        ),
        release=0.28,
        level=0.24,
    ),
    "wurlitzer": FmPatch(
        pairs=(
            Pair(1.0, 2.0, 1.1, 1.4, 1.0, 6.0, depth_velocity=0.75, depth_floor=0.25),
            Pair(1.0, 1.0, 0.8, 1.0, 0.5, 4.5, depth_velocity=0.6, depth_floor=0.2, cents=3.0),
            Pair(4.0, 7.0, 0.6, 0.2, 0.10, 0.5, level_velocity=0.6, depth_floor=0.0),
        ),
        release=0.2,
        level=0.24,
    ),
    "fm_piano": FmPatch(
        pairs=(
            Pair(1.0, 1.0, 1.2, 2.2, 0.9, 8.0, cents=-4.0, pan=-0.35),
            Pair(1.0, 1.0, 0.9, 2.2, 0.9, 8.0, cents=4.0, pan=0.35),
            Pair(1.0, 14.0, 0.8, 1.0, 0.35, 2.6, depth_velocity=0.8, level_velocity=0.4, depth_floor=0.05),
        ),
        release=0.35,
        level=0.2,
    ),
    "bell": FmPatch(
        pairs=(
            Pair(1.0, 2.0, 0.8, 2.5, 0.8, 5.0, cents=-2.0, pan=-0.3),
            Pair(1.0, 4.0, 0.7, 1.8, 0.6, 5.5, cents=3.0, pan=0.3),
            Pair(2.76, 5.4, 1.1, 0.4, 0.3, 1.1, level_velocity=0.4),
            Pair(5.4, 8.93, 0.8, 0.2, 0.14, 0.45, level_velocity=0.6),
        ),
        release=1.6,
        level=0.2,
        tracking=0.35,
    ),
    "glass_pad": FmPatch(
        pairs=(
            Pair(1.0, 2.0, 0.9, 4.0, 0.8, 6.0, sustain=0.7, depth_floor=0.35, cents=-5.0, pan=-0.5),
            Pair(1.0, 3.0, 0.6, 5.0, 0.7, 6.0, sustain=0.7, depth_floor=0.4, cents=5.0, pan=0.5),
            Pair(2.0, 5.0, 0.5, 3.0, 0.22, 5.0, sustain=0.4, depth_floor=0.3, cents=2.0, pan=0.2),
        ),
        attack=0.35,
        release=1.4,
        velocity_db=16.0,
        level=0.16,
        tracking=0.1,
    ),
}

BASSES: Final[dict[str, Patch]] = {
    "synth_bass": Patch(
        wave=SAW, wave_b=SQUARE, level_b=0.45, sub=0.45, cutoff=520.0, key_track=0.35, env_octaves=2.4,
        filter_decay=0.45, filter_sustain=0.15, resonance=0.25, four_poles=True, decay=0.6, sustain=0.75,
        release=0.08, mono=True, level=0.36,
    ),
    "sub_bass": Patch(
        wave=SINE, wave_b=TRIANGLE, level_b=0.28, cutoff=900.0, velocity_octaves=1.5, decay=0.8, sustain=0.9,
        attack=0.006, release=0.09, drive=0.15, mono=True, glide=0.03, level=0.5,
    ),
    "bass_808": Patch(
        wave=SINE, wave_b=SINE, level_b=0.06, ratio_b=2.0, cutoff=3000.0, key_track=0.2, pitch_drop=14.0,
        pitch_drop_time=0.06, decay=3.2, sustain=0.0, release=0.16, drive=0.7, mono=True, glide=0.09,
        attack=0.002, level=0.5, velocity_octaves=1.5,
    ),
    "acid_bass": Patch(
        wave=SAW, cutoff=330.0, key_track=0.3, env_octaves=3.6, velocity_octaves=2.2, resonance=0.82,
        four_poles=True, filter_decay=0.35, decay=1.2, sustain=0.7, release=0.05, glide=0.06, drive=0.35,
        mono=True, level=0.34,
    ),
    "reese_bass": Patch(
        wave=SAW, unison=3, detune=22.0, spread=0.25, sub=0.6, cutoff=620.0, key_track=0.3, lfo_hz=0.31,
        lfo_octaves=0.7, lfo_delay=0.01, resonance=0.2, four_poles=True, env_octaves=0.8, filter_sustain=0.6,
        drive=0.25, decay=0.8, sustain=0.9, release=0.1, mono=True, level=0.34,
    ),
    "chip_bass": Patch(
        wave=STEPPED, cutoff=16000.0, key_track=0.0, velocity_octaves=0.6, decay=0.4, sustain=0.85,
        release=0.03, attack=0.001, velocity_db=12.0, mono=True, level=0.42,
    ),
}  # fmt: skip

PADS: Final[dict[str, Patch]] = {
    "warm_pad": Patch(
        wave=SAW, wave_b=TRIANGLE, level_b=0.5, unison=4, detune=11.0, spread=0.7, cutoff=900.0, key_track=0.4,
        env_octaves=0.9, filter_attack=0.9, filter_decay=3.0, filter_sustain=0.6, resonance=0.1, attack=0.45,
        decay=2.0, sustain=0.85, release=1.1, lfo_hz=0.23, lfo_octaves=0.25, velocity_db=14.0, level=0.2,
    ),
    "analog_pad": Patch(
        wave=SAW, wave_b=PULSE_25, level_b=0.35, unison=5, detune=16.0, spread=0.75, cutoff=1700.0,
        key_track=0.4, env_octaves=1.0, filter_attack=0.5, filter_decay=2.2, filter_sustain=0.5, resonance=0.25,
        four_poles=True, attack=0.3, decay=2.0, sustain=0.85, release=0.9, lfo_hz=0.35, lfo_octaves=0.35,
        velocity_db=14.0, level=0.2,
    ),
    "synth_strings": Patch(
        wave=SAW, unison=6, detune=13.0, spread=0.8, cutoff=3800.0, key_track=0.35, env_octaves=0.6,
        filter_attack=0.25, filter_decay=2.0, filter_sustain=0.7, attack=0.14, decay=1.5, sustain=0.9,
        release=0.45, lfo_hz=5.0, lfo_cents=4.0, velocity_db=16.0, level=0.2,
    ),
}  # fmt: skip

LEADS: Final[dict[str, Patch]] = {
    "saw_lead": Patch(
        wave=SAW, unison=3, detune=9.0, spread=0.35, cutoff=4200.0, env_octaves=1.3, filter_decay=0.5,
        filter_sustain=0.4, resonance=0.2, attack=0.006, decay=0.8, sustain=0.8, release=0.14, lfo_cents=14.0,
        glide=0.05, mono=True, level=0.3,
    ),
    "square_lead": Patch(
        wave=SQUARE, wave_b=SAW, level_b=0.2, cutoff=3600.0, env_octaves=1.0, filter_decay=0.4,
        filter_sustain=0.4, resonance=0.15, attack=0.005, decay=0.8, sustain=0.8, release=0.12, lfo_cents=12.0,
        glide=0.04, mono=True, level=0.3,
    ),
    "soft_lead": Patch(
        wave=TRIANGLE, wave_b=SAW, level_b=0.3, cutoff=2100.0, env_octaves=0.7, filter_attack=0.05,
        filter_decay=0.8, filter_sustain=0.5, attack=0.02, decay=0.9, sustain=0.85, release=0.22,
        lfo_cents=16.0, glide=0.06, mono=True, level=0.34,
    ),
    "supersaw": Patch(
        wave=SAW, unison=7, detune=21.0, spread=0.75, sub=0.15, cutoff=7500.0, key_track=0.3, env_octaves=0.8,
        filter_decay=0.8, filter_sustain=0.6, attack=0.006, decay=1.0, sustain=0.85, release=0.28, level=0.26,
    ),
    "pluck": Patch(
        wave=SAW, wave_b=SQUARE, level_b=0.35, unison=2, detune=8.0, spread=0.5, cutoff=700.0, env_octaves=3.2,
        filter_decay=0.28, resonance=0.25, attack=0.001, decay=0.75, sustain=0.0, release=0.35,
        velocity_octaves=1.6, level=0.32,
    ),
    "synth_arp": Patch(
        wave=PULSE_25, wave_b=SAW, level_b=0.5, ratio_b=1.003, cutoff=1500.0, env_octaves=2.2,
        filter_decay=0.22, filter_sustain=0.15, resonance=0.3, attack=0.002, decay=0.35, sustain=0.35,
        release=0.16, velocity_octaves=1.5, level=0.3,
    ),
    "chip_lead": Patch(
        wave=PULSE_25, cutoff=18000.0, key_track=0.0, velocity_octaves=0.5, attack=0.001, decay=0.5,
        sustain=0.75, release=0.03, lfo_hz=6.0, lfo_cents=18.0, lfo_delay=0.25, velocity_db=14.0, level=0.28,
    ),
    "chip_pulse": Patch(
        wave=PULSE_12, cutoff=18000.0, key_track=0.0, velocity_octaves=0.5, attack=0.001, decay=0.25,
        sustain=0.5, release=0.03, velocity_db=14.0, level=0.28,
    ),
    "organ": Patch(
        wave=ORGAN, ratio=0.5, noise=0.004, cutoff=9000.0, key_track=0.0, velocity_octaves=0.5, attack=0.004,
        decay=0.05, sustain=0.95, release=0.05, env_octaves=0.6, filter_decay=0.04, velocity_db=8.0, level=0.3,
    ),
}  # fmt: skip

SUBTRACTIVE: Final[dict[str, Patch]] = BASSES | PADS | LEADS
