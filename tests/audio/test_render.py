import subprocess
import sys

import numpy as np
import pytest

from audio.character import WORDS
from audio.filters import high_pass, run
from audio.instruments.kits import KITS
from audio.instruments.patches import BASSES, FM, SUBTRACTIVE
from audio.instruments.plucked import STRINGS
from audio.measure import octave_bands
from audio.rate import RATE, Array, frames
from audio.render import PLAYERS, PROGRAMS, render_part
from audio.sound_set import SoundSet, find_sound_set
from domain.errors import InvalidValue, RenderError
from domain.score import ControlChange, PerformedPart, Role, TimedNote
from tests.audio.songs import part

PITCHED = sorted({*FM, *SUBTRACTIVE})
KIT_IDS = (*KITS, "acoustic_kit", "brush_kit", "rock_kit", "orchestral_percussion", "latin_percussion")
OTHERS = ("riser", "impact", "vinyl_noise")
SAMPLED = ("grand_piano", "upright_bass", "nylon_guitar", "violin", "trumpet", "flute", "choir", "marimba")
STEM_S = 4.0


def player(instrument: str, pitch: int = 57, velocity: int = 96, **more) -> PerformedPart:
    drum = instrument.endswith(("kit", "percussion")) or instrument.startswith("kit_")
    pitches = [36, 38, 42, 46] if drum else [pitch]
    notes = [
        TimedNote(pitch=p, start=0.25 + 0.5 * i, end=1.45 + 0.5 * i, velocity=velocity) for i, p in enumerate(pitches)
    ]
    settings = {"program": PROGRAMS.get(instrument, 0), "is_drum": drum} | more
    return part("one", Role.DRUMS if drum else Role.LEAD, instrument, notes, STEM_S, **settings)


def play(instrument: str, sound_set: SoundSet, **more) -> Array:
    return render_part(player(instrument, **more), sound_set=sound_set, seed=7)


def pitch_of(x: Array) -> float:
    """Fundamental in Hz by autocorrelation over half a second of the held note."""
    y = x[frames(0.6) : frames(1.2)].mean(axis=1).astype(float)
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 17)) ** 2
    raw = np.fft.irfft(spectrum)[: RATE // 25]
    low, high = RATE // 2000, RATE // 30
    best = low + int(np.argmax(raw[low:high]))
    for divisor in (2, 3, 4):
        k = round(best / divisor)
        if k >= low and raw[k - 2 : k + 3].max() > 0.93 * raw[best]:
            best = k - 2 + int(np.argmax(raw[k - 2 : k + 3]))
            break
    a, b, c = raw[best - 1 : best + 2]
    return RATE / (best + 0.5 * (a - c) / (a - 2 * b + c))


def level(x: Array) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(x.astype(float) ** 2)) + 1e-12))


def brightness(x: Array) -> float:
    return level(run(x.copy(), [high_pass(2000.0), high_pass(2000.0)])) - level(x)


@pytest.mark.parametrize("instrument", [*PITCHED, *KIT_IDS, *OTHERS, *SAMPLED])
def test_every_instrument_is_audible_finite_and_ends_quietly(instrument: str, sound_set: SoundSet) -> None:
    x = play(instrument, sound_set)
    assert (x.dtype, x.shape) == (np.float32, (frames(STEM_S), 2))
    assert np.isfinite(x).all()
    assert 0.005 < np.abs(x).max() < 1.0
    assert np.abs(x[: frames(0.24)]).max() < 1e-4
    assert np.abs(x[-1]).max() == 0.0


@pytest.mark.parametrize("instrument", [*PITCHED, "grand_piano", "upright_bass", "violin"])
@pytest.mark.parametrize("pitch", [45, 57])
def test_pitch_is_the_written_one(instrument: str, pitch: int, sound_set: SoundSet) -> None:
    if instrument == "violin":
        pitch += 24
    found = pitch_of(play(instrument, sound_set, pitch=pitch))
    written = 440 * 2 ** ((pitch - 69) / 12)
    if instrument == "organ":
        written /= 2  # its 16' drawbar sounds an octave lower
    off = 1200 * np.log2(found / written)
    assert abs(off) < 25, f"{instrument} sounds {off:+.0f} cents off"


@pytest.mark.parametrize("instrument", [*PITCHED, "kit_808", "lofi_kit", "grand_piano"])
def test_velocity_is_level_and_brightness(instrument: str, sound_set: SoundSet) -> None:
    soft, hard = (play(instrument, sound_set, velocity=v) for v in (40, 120))
    assert level(hard) - level(soft) > 4.0
    if instrument not in ("bass_808", "sub_bass", "chip_bass"):
        assert brightness(hard) > brightness(soft) - 0.05


@pytest.mark.parametrize("word", WORDS)
def test_every_style_word_is_heard(word: str, sound_set: SoundSet) -> None:
    plain = play("wurlitzer", sound_set)
    styled = play("wurlitzer", sound_set, style=(word,))
    assert np.isfinite(styled).all()
    assert level(styled - plain) - level(plain) > -36.0
    assert abs(level(styled) - level(plain)) < 14.0


def test_dark_is_darker_and_bright_is_brighter(sound_set: SoundSet) -> None:
    plain, dark, bright = (play("saw_lead", sound_set, style=s) for s in ((), ("dark",), ("bright",)))
    assert brightness(dark) < brightness(plain) - 1.0
    assert brightness(bright) > brightness(plain) + 1.0


def test_an_unknown_word_and_an_unknown_instrument_fall_back(sound_set: SoundSet) -> None:
    assert np.array_equal(play("rhodes", sound_set), play("rhodes", sound_set, style=("purple",)))
    assert np.abs(play("theremin", sound_set, program=79)).max() > 0.005


@pytest.mark.parametrize("instrument", ["supersaw", "rhodes", "lofi_kit", "riser", "vinyl_noise", "grand_piano"])
def test_same_part_same_samples(instrument: str, sound_set: SoundSet) -> None:
    styled = player(instrument, style=("lush", "tape"))
    first, second = (render_part(styled, sound_set=sound_set, seed=5) for _ in range(2))
    assert np.array_equal(first, second)


def test_another_process_gives_the_same_samples(sound_set: SoundSet) -> None:
    code = (
        "import hashlib; from audio.sound_set import find_sound_set; from tests.audio.test_render import play;"
        "s = find_sound_set();"
        "print(hashlib.sha256(b''.join(play(i, s).tobytes() for i in ('supersaw', 'kit_909', 'nylon_guitar')))"
        ".hexdigest())"
    )
    import hashlib

    here = b"".join(play(i, sound_set).tobytes() for i in ("supersaw", "kit_909", "nylon_guitar"))
    # pyfluidsynth may say on standard output where it found its library, so the last line counts.
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.split()[-1] == hashlib.sha256(here).hexdigest()


def test_another_seed_gives_another_noise(sound_set: SoundSet) -> None:
    p = player("lofi_kit")
    assert not np.array_equal(*(render_part(p, sound_set=sound_set, seed=s) for s in (1, 2)))


def test_expression_pedal_and_wheel_are_heard(sound_set: SoundSet) -> None:
    for instrument in ("soft_lead", "violin"):
        quiet = play(instrument, sound_set, controls=[ControlChange(time=0.0, number=11, value=60)])
        assert level(quiet) < level(play(instrument, sound_set)) - 6.0
    down_up = [ControlChange(time=0.1, number=64, value=127), ControlChange(time=3.0, number=64, value=0)]
    for instrument in ("rhodes", "grand_piano"):
        long = play(instrument, sound_set, controls=down_up)
        short = play(instrument, sound_set)
        assert level(long[frames(2.2) : frames(2.9)]) > level(short[frames(2.2) : frames(2.9)]) + 6.0


def test_pip_only_sampler_plays_too() -> None:
    tiny = find_sound_set("tinysoundfont")
    assert tiny.kind == "tinysoundfont"
    first, second = (play("grand_piano", tiny) for _ in range(2))
    assert np.array_equal(first, second)
    assert abs(1200 * np.log2(pitch_of(first) / 220)) < 25
    assert np.abs(play("acoustic_kit", tiny)).max() > 0.005


def test_sound_set_says_what_a_stem_depends_on(monkeypatch, tmp_path) -> None:
    found = find_sound_set()
    for name in ("numpy-", "numba-", "scipy-", "sound-"):
        assert name in found.version
    with pytest.raises(InvalidValue, match="accordion"):
        find_sound_set("accordion")
    monkeypatch.setenv("SOSTENUTO_SOUNDFONT", str(tmp_path / "none.sf2"))
    with pytest.raises(InvalidValue, match="SOSTENUTO_SOUNDFONT"):
        find_sound_set()
    broken = tmp_path / "broken.sf2"
    broken.write_bytes(b"RIFF no font")
    monkeypatch.setenv("SOSTENUTO_SOUNDFONT", str(broken))
    for kind in ("auto", "tinysoundfont"):
        with pytest.raises(RenderError, match=r"broken\.sf2"):
            play("grand_piano", find_sound_set(kind))


def test_progress_runs_from_zero_to_one(sound_set: SoundSet) -> None:
    seen: list[float] = []
    render_part(player("pluck"), sound_set=sound_set, seed=1, progress=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("instrument", ["saw_lead", "square_lead", "chip_lead", "supersaw"])
def test_high_notes_do_not_alias(instrument: str, sound_set: SoundSet) -> None:
    """Under the fundamental of a high note there is nothing but a little noise."""
    x = play(instrument, sound_set, pitch=96)
    held = x[frames(0.6) : frames(1.4)].mean(axis=1)
    spectrum = np.abs(np.fft.rfft(held * np.blackman(len(held))))
    hertz = np.fft.rfftfreq(len(held), 1 / RATE)
    under = spectrum[(hertz > 100) & (hertz < 1800)].max()
    assert 20 * np.log10(under / spectrum.max()) < -60.0


@pytest.mark.parametrize("instrument", ["synth_bass", "sub_bass", "acid_bass", "bass_808"])
def test_basses_have_their_weight_low(instrument: str, sound_set: SoundSet) -> None:
    assert instrument in BASSES
    bands = octave_bands(play(instrument, sound_set, pitch=33), RATE)
    assert max(bands["63"], bands["125"]) > bands["2000"] + 10


def test_every_table_instrument_has_a_player() -> None:
    assert {*FM, *SUBTRACTIVE, *STRINGS, *KITS, *OTHERS} == set(PLAYERS)
