"""Stems from elsewhere: roles by name, one length, and the same mix and master as our own."""

import numpy as np
import pytest

from audio.guarded import Decoded
from audio.intake import Intake, Purpose, conform
from audio.loudness import loudness_reference
from audio.mastering import master
from audio.mixing import mix, plan_mix
from audio.rate import RATE, Array
from audio.stems import role_of, stem_set, whole_song
from domain.errors import InvalidAudio
from domain.score import Role
from tests.audio.foreign import silence, sine, tune
from tests.audio.signals import noise


def stem(name: str, x: Array) -> Intake:
    return conform(Decoded(x, RATE, "WAV", "PCM_24"), name=name, purpose=Purpose.STEM)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("01_Lead-Vox.wav", Role.LEAD), ("vocals.wav", Role.LEAD), ("BackingVocals_L.wav", Role.COUNTER),
        ("drums.flac", Role.DRUMS), ("bassDrum.wav", Role.DRUMS), ("Kick 808.wav", Role.DRUMS),
        ("bass.wav", Role.BASS), ("sub_bass.wav", Role.BASS), ("Bass Guitar.wav", Role.BASS),
        ("bassoon.wav", Role.COUNTER),
        ("shaker.wav", Role.PERCUSSION), ("keys.wav", Role.KEYS), ("ElectricPiano.wav", Role.KEYS),
        ("other.wav", Role.KEYS), ("gtr_clean.wav", Role.GUITAR), ("lead guitar.wav", Role.LEAD),
        ("strings.wav", Role.STRINGS), ("synth pad.wav", Role.PAD), ("Horns.wav", Role.BRASS),
        ("arp.wav", Role.ARPEGGIO),
        ("fx_riser.wav", Role.EFFECTS), ("full mix.wav", Role.FULL_MIX), ("07.wav", None), ("Zxy.wav", None),
    ],
)  # fmt: skip
def test_a_name_tells_the_role(name: str, role: Role | None) -> None:
    assert role_of(name.rpartition(".")[0]) is role


BAND = {
    "01_drums.wav": (noise(8.0, 0.1) * (np.arange(8 * RATE) % 24_000 < 2400)[:, None]).astype(np.float32),
    "02_bass.wav": sine(55.0, 8.0, level=0.4),
    "03_vocals.wav": tune(69, seconds=7.0),
    "04_mystery.wav": sine(330.0, 8.0, level=0.1),
}


def band() -> list[Intake]:
    return [stem(name, x) for name, x in BAND.items()]


def test_stems_get_ids_roles_and_one_length() -> None:
    found = stem_set(band(), tempo_bpm=90.0)
    assert list(found.stems) == ["drums", "bass", "vocals", "mystery"]
    assert [p.role for p in found.parts] == [Role.DRUMS, Role.BASS, Role.LEAD, Role.KEYS]
    assert {x.shape for x in found.stems.values()} == {(8 * RATE, 2)}
    assert {(p.duration_s, p.tempo_bpm, p.notes) for p in found.parts} == {(8.0, 90.0, ())}
    told = {note.what: note for note in found.notes}
    assert told["03_vocals.wav.length"].value == "+1.00 s of silence"
    assert told["mystery.role"].value == "keys"
    assert "name it" in told["mystery.role"].reason


def test_stems_are_mixed_by_their_roles_and_the_mix_is_their_sum() -> None:
    found = stem_set(band())
    plan = plan_mix(found.parts, genre=("pop",), channels=2, preferences={})
    result = mix(found.stems, found.parts, plan, seed=0)
    assert np.array_equal(sum(result.stems.values()), result.mix)
    levels = {p.id: loudness_reference(result.stems[p.id], RATE) for p in found.parts}
    assert levels["vocals"] == max(levels.values())
    strip = {p.id: p for p in plan.parts}
    assert any(band.hz == 260.0 for band in strip["mystery"].eq), "a recorded bass is a bass: the bed makes room for it"
    mastered = master(result.mix, target_lufs=-16.0, ceiling_dbtp=-1.0, genre=("pop",), rate=RATE, bit_depth=24, seed=0)
    assert mastered.measured.true_peak_dbtp <= -1.0
    assert mastered.measured.integrated_lufs == pytest.approx(-16.0, abs=0.1) or mastered.limited


def test_a_recorded_part_is_cut_where_its_role_is_not_at_a_note_that_nobody_knows() -> None:
    found = stem_set(band())
    plan = plan_mix(found.parts, genre=(), channels=2, preferences={})
    bass = next(p for p in plan.parts if p.role is Role.BASS)
    assert bass.high_pass_hz < 40.0
    assert bass.reasons["high_pass_hz"] == "usual low cut of bass"


def test_a_silent_stem_is_mixed_as_silence_and_said() -> None:
    found = stem_set([*band(), stem("strings.wav", silence(8.0))])
    result = mix(found.stems, found.parts, plan_mix(found.parts, genre=(), channels=2, preferences={}), seed=0)
    assert not result.stems["strings"].any()
    assert any(d.what == "strings.level" and d.reason == "the stem holds no sound" for d in result.decisions)


def test_names_that_meet_are_kept_apart() -> None:
    found = stem_set([stem(n, sine(200, 1.0)) for n in ("kick.wav", "01 Kick.wav", "02_kick.flac", "delay.wav")])
    assert list(found.stems) == ["kick", "kick_2", "kick_3", "delay_stem"]


def test_a_whole_mix_beside_its_stems_is_refused_and_alone_passes_unchanged() -> None:
    with pytest.raises(InvalidAudio, match=r"full mix\.wav looks like the whole mix"):
        stem_set([*band(), stem("full mix.wav", tune(seconds=8.0))])
    take = stem("song.wav", tune(seconds=8.0))
    found = whole_song(take)
    result = mix(found.stems, found.parts, plan_mix(found.parts, genre=(), channels=2, preferences={}), seed=0)
    source, mixed = take.audio.astype(np.float64), result.mix.astype(np.float64)
    gain = np.vdot(mixed, source) / np.vdot(source, source)
    assert np.abs(mixed - gain * source).max() <= 2.0**-22, "one gain for headroom, and nothing else"
    assert list(result.stems) == ["full_mix"]


@pytest.mark.parametrize("count", [0, 65])
def test_a_set_has_stems_and_not_too_many(count: int) -> None:
    with pytest.raises(InvalidAudio, match=f"{count} stems were given: give 1 to 64"):
        stem_set([stem(f"{n}.wav", sine(200, 0.1)) for n in range(count)])
