"""Sound from elsewhere: brought into shape, or refused by name, and never able to take this process along."""

import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audio import guarded
from audio.decoding import MIB, Limits
from audio.files import decode
from audio.guarded import LOCAL, UPLOAD, Decoded, decode_guarded
from audio.intake import Intake, Purpose, clipped_samples, conform, take_in
from audio.nature import nature
from audio.rate import RATE
from audio.resample import resample
from domain.errors import InvalidAudio
from tests.audio.foreign import silence, sine, tune, voice, with_data_told, with_frames_told, written
from tests.audio.signals import noise

SMALL = replace(UPLOAD, seconds=20.0)


def refused(data: bytes | Path, purpose: Purpose = Purpose.TAKE, limits: Limits = UPLOAD) -> str:
    with pytest.raises(InvalidAudio) as caught:
        take_in(data, name="mine.wav", purpose=purpose, limits=limits)
    assert caught.value.message.startswith("mine.wav")
    return caught.value.message


def taken(data: bytes, purpose: Purpose = Purpose.TAKE) -> Intake:
    found = take_in(data, name="mine.wav", purpose=purpose)
    assert found.audio.dtype == np.float32
    assert found.audio.flags.c_contiguous
    assert found.audio.shape[1] == 2
    return found


def said(found: Intake) -> dict[str, str]:
    return {note.what.removeprefix("mine.wav."): note.value for note in found.notes}


def tone_db(x: np.ndarray, hertz: float) -> float:
    """Level of a tone in the middle of `x`, in dB against a full-scale sine."""
    middle = x[RATE // 4 : -RATE // 4, 0].astype(np.float64)
    window = np.hanning(middle.size)
    phase = np.exp(-2j * np.pi * hertz * np.arange(middle.size) / RATE)
    return float(20 * np.log10(2 * abs(np.vdot(phase.conj(), middle * window)) / window.sum() + 1e-12))


@pytest.mark.parametrize(
    ("format", "subtype"),
    [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("FLAC", "PCM_24"), ("AIFF", "PCM_16"),
     ("MP3", "MPEG_LAYER_III"), ("OGG", "VORBIS"), ("OGG", "OPUS")],
)  # fmt: skip
def test_files_of_every_kind_come_in_whole(format: str, subtype: str) -> None:
    found = taken(written(sine(440, 2.0), format=format, subtype=subtype))
    assert found.audio.shape == (2 * RATE, 2)
    assert tone_db(found.audio, 440) == pytest.approx(-6.02, abs=0.6)
    assert found.notes == ()
    assert format in found.format


def test_an_mp3_of_varying_bit_rate_is_decoded_in_blocks_as_it_is_in_one_piece() -> None:
    data = written(tune(60, seconds=20.0), format="MP3", subtype="MPEG_LAYER_III")
    assert np.array_equal(decode_guarded(data).samples, decode(data)[0])


def test_one_channel_plays_on_both_sides_and_that_is_said() -> None:
    found = taken(written(sine(440, 2.0, channels=1)))
    assert np.array_equal(found.audio[:, 0], found.audio[:, 1])
    assert tone_db(found.audio, 440) == pytest.approx(-6.02, abs=0.05)
    assert said(found) == {"channels": "1 to 2"}


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000, 192_000])
def test_other_rates_become_48_khz_at_the_same_pitch_level_and_length(rate: int) -> None:
    found = taken(written(sine(1000, 2.0, rate=rate), rate))
    assert found.audio.shape[0] == pytest.approx(2 * RATE, abs=1)
    assert tone_db(found.audio, 1000) == pytest.approx(-6.02, abs=0.02)
    assert said(found) == {"rate": f"{rate} Hz to 48000 Hz"}


@pytest.mark.parametrize("hertz", [24_500, 26_000, 30_000, 60_000])
def test_what_lies_over_24_khz_does_not_come_back_as_another_tone(hertz: int) -> None:
    x = resample(sine(hertz, 1.0, rate=192_000), 192_000, RATE)
    assert np.abs(x[4800:-4800]).max() < 10 ** (-90 / 20)


def test_conversion_leaves_the_audible_band_flat() -> None:
    for rate, hertz in ((44_100, 19_000), (96_000, 20_000), (192_000, 20_000), (8_000, 3_500)):
        x = resample(sine(hertz, 1.0, rate=rate), rate, RATE)
        assert tone_db(x, hertz) == pytest.approx(-6.02, abs=0.05)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_float_file_with_what_is_no_number_is_refused_with_its_place(bad: float) -> None:
    x = sine(440, 2.0)
    x[RATE, 1] = bad
    assert "NaN or infinity in 1 frames, the first at 1.000 s" in refused(written(x, subtype="FLOAT"))


def test_an_offset_is_removed_and_said() -> None:
    found = taken(written(sine(440, 2.0, level=0.3) + np.float32([0.1, -0.05])))
    assert np.abs(found.audio.mean(axis=0)).max() < 1e-4
    assert said(found) == {"offset": "+0.1000 / -0.0500"}


def test_clipped_samples_are_counted_kept_and_said() -> None:
    x = np.clip(sine(440, 2.0, level=1.6), -1.0, 1.0)
    found = taken(written(x))
    assert said(found) == {"clipping": f"{found.clipped} samples"}
    assert found.clipped == pytest.approx(np.count_nonzero(np.abs(x) >= 1.0), rel=0.02)


def test_a_file_clipped_and_turned_down_later_is_found_too_and_a_loud_tone_is_not_taken_for_one() -> None:
    x = np.clip(sine(440, 2.0, level=1.6), -1.0, 1.0)
    assert clipped_samples(x * np.float32(0.4), RATE) == clipped_samples(x, RATE) > 1000
    for hertz in (45.0, 440.0, 5000.0):
        assert clipped_samples(sine(hertz, 2.0, level=1.0), RATE) == 0
    assert clipped_samples(sine(45.0, 2.0, level=1.0, rate=192_000), 192_000) == 0
    assert clipped_samples(noise(2.0), RATE) == 0


@pytest.mark.parametrize(("purpose", "least"), [(Purpose.TAKE, "1 s"), (Purpose.REFERENCE, "5 s")])
def test_ten_milliseconds_are_too_short_and_the_least_is_said(purpose: Purpose, least: str) -> None:
    message = refused(written(sine(440, 0.01)), purpose)
    assert "lasts 0.010 s, too short" in message
    assert f"at least {least}" in message


def test_a_stem_may_be_one_short_hit_or_silent() -> None:
    assert taken(written(sine(440, 0.01)), Purpose.STEM).audio.shape == (480, 2)
    assert not taken(written(silence(2.0)), Purpose.STEM).audio.any()


@pytest.mark.parametrize("purpose", [Purpose.TAKE, Purpose.REFERENCE])
def test_silence_is_refused_where_it_can_be_nothing(purpose: Purpose) -> None:
    assert "is silent (highest sample -120 dBFS)" in refused(written(silence(6.0)), purpose)
    assert "is silent" in refused(written(silence(6.0) + np.float32(0.2)), purpose)


def test_fifteen_minutes_are_refused_by_the_header_before_anything_is_decoded() -> None:
    data = written(silence(900.0, 8_000, 1), 8_000, "FLAC")
    assert len(data) < 1_000_000
    assert "lasts 900.0 s by its header, at most 600 s are taken" in refused(data)


def test_a_bomb_that_hides_its_length_is_stopped_while_it_is_counted() -> None:
    """Ten hours of silence in a small file whose header says that the length is unknown."""
    data = with_frames_told(written(silence(3600.0, 8_000, 1), 8_000, "FLAC"), 0)
    assert len(data) < 2_000_000
    assert "and goes on, at most 600 s" in refused(data)


def test_a_wide_bomb_is_refused_by_the_size_of_its_samples() -> None:
    data = written(silence(400.0, 192_000), 192_000, "FLAC")
    assert "decodes to 586 MiB by its header, at most 256 MiB" in refused(data)


def test_a_flac_that_lies_about_its_frames_is_no_way_around_the_limit() -> None:
    short = with_frames_told(written(silence(900.0, 8_000, 1), 8_000, "FLAC"), 8_000 * 5)
    assert take_in(short, name="mine.wav", purpose=Purpose.STEM).seconds == 5.0
    long = with_frames_told(written(silence(9.0, 8_000, 1), 8_000, "FLAC"), 8_000 * 50)
    assert "it ends after 9.00 s, its header promises 50.00 s" in refused(long)


def test_a_wav_that_promises_more_than_it_holds_is_refused() -> None:
    data = written(sine(440, 2.0))
    assert "promises 1000000000 bytes of samples and 384000 follow" in refused(with_data_told(data, 1_000_000_000))
    assert "was cut off" in refused(data[: len(data) // 2])
    aiff = written(sine(440, 2.0), format="AIFF")
    assert "was cut off" in refused(aiff[: len(aiff) // 2])


def test_a_wav_whose_writer_did_not_know_its_length_is_taken() -> None:
    data = written(sine(440, 2.0))
    for unknown in (0xFFFFFFFF,):
        assert taken(with_data_told(data, unknown)).seconds == pytest.approx(2.0, abs=0.001)


@pytest.mark.parametrize(("format", "subtype"), [("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")])
def test_a_file_that_was_cut_off_is_refused(format: str, subtype: str) -> None:
    data = written(noise(4.0), format=format, subtype=subtype)
    message = refused(data[: len(data) // 2])
    assert "it is damaged after" in message or "it ends after" in message


@pytest.mark.parametrize(
    "data", [b"dear diary, " * 400, b"RIFF\x00\x00\x00\x00WAVEdata", b"fLaC" + bytes(200), bytes(5000), b"\xff\xfb"]
)
def test_what_is_no_sound_is_refused_whatever_its_name(data: bytes, tmp_path: Path) -> None:
    for name in ("words.wav", "words.mp3", "words.raw"):
        file = tmp_path / name
        file.write_bytes(data)
        message = refused(file)
        assert "no sound file that can be read" in message or "no samples" in message


def test_nothing_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "the file is empty" in refused(b"")
    assert "is no file" in refused(tmp_path)
    assert "is no file" in refused(tmp_path / "absent.wav")


def test_six_channels_are_refused() -> None:
    assert "it has 6 channels" in refused(written(sine(440, 2.0, channels=6)))


@pytest.mark.parametrize("rate", [4_000, 384_000])
def test_rates_that_no_song_has_are_refused(rate: int) -> None:
    assert f"sample rate is {rate} Hz: give 8000 to 192000 Hz" in refused(written(sine(440, 2.0, rate=rate), rate))


def test_an_upload_over_50_mb_is_refused_unread_and_the_same_file_from_disk_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "large.wav"
    file.write_bytes(written(noise(180.0, 0.1), subtype="PCM_24"))
    assert "has 52 MB, at most 50 MB are taken" in refused(file)
    assert take_in(file, name="large.wav", purpose=Purpose.TAKE, limits=LOCAL).seconds == 180.0


def test_a_decoder_that_wants_too_much_memory_is_ended_not_this_process() -> None:
    message = refused(written(sine(440, 10.0)), limits=replace(UPLOAD, memory_bytes=48 * MIB))
    assert "needs more than 48 MiB" in message or "needs too much" in message or "made its decoder fail" in message


LIMITED = "import json, sys; sys.path.insert(0, {folder!r}); import decoding as d; "


def _program(code: str) -> tuple[str, ...]:
    """The decoder with another way to decode: what a damaged file might make libsndfile do."""
    folder = str(Path(guarded.__file__).parent)
    return (sys.executable, "-I", "-c", LIMITED.format(folder=folder) + code)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("import time; time.sleep(60)", "takes too long to decode"),
        ("while True: pass", "takes too long to decode"),
        ("import os; os.kill(os.getpid(), 11)", f"crashed its decoder (signal {int(signal.SIGSEGV)})"),
        ("b = [bytearray(1 << 28) for _ in range(64)]", "needs more than 512 MiB"),
        ("t.write_bytes(bytes(1 << 26))", "made its decoder fail"),
    ],
)
def test_a_hang_a_loop_a_crash_a_flood_end_that_process_and_are_said(
    deed: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"d.main(sys.argv[1:], lambda s, t, limits: exec({deed!r}, globals() | dict(s=s, t=t)) or {{}})"
    monkeypatch.setattr(guarded, "_PROGRAM", _program(code))
    limits = Limits(wall_s=3.0, cpu_s=2, memory_bytes=512 * MIB, pcm_bytes=MIB)
    began = time.monotonic()
    with pytest.raises(InvalidAudio) as caught:
        decode_guarded(b"whatever", name="mine.wav", limits=limits)
    assert words in caught.value.message
    assert time.monotonic() - began < 10.0


def test_the_decoder_sees_none_of_our_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSTENUTO_SECRET", "x")
    assert "SOSTENUTO_SECRET" not in guarded._environment()


def test_noise_is_no_reference_of_any_colour() -> None:
    white = noise(8.0)
    spectrum = np.fft.rfft(white, axis=0)
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(1.0, np.arange(spectrum.shape[0])))[:, None], axis=0)
    for x in (white, pink / np.abs(pink).max() * 0.5):
        assert "is noise (spectral flatness 0.6" in refused(written(x), Purpose.REFERENCE)


def test_a_voice_is_used_as_a_reference_and_said_to_be_one() -> None:
    found = taken(written(voice()), Purpose.REFERENCE)
    assert said(found) == {"nature": "voice"}
    assert found.nature is not None


def test_music_is_music_with_nothing_to_say_about_it() -> None:
    found = taken(written(tune()), Purpose.REFERENCE)
    assert found.nature is not None
    assert (found.nature.kind, found.notes) == ("music", ())


def test_drums_alone_are_flat_but_have_a_pulse() -> None:
    x = silence(12.0)
    hit = noise(0.1, 0.5) * np.exp(-np.arange(round(0.1 * RATE)) / 800)[:, None].astype(np.float32)
    for n in range(24):
        x[n * RATE // 2 : n * RATE // 2 + hit.shape[0]] += hit
    found = nature(x, RATE)
    assert found.flatness > 0.5
    assert found.kind == "music"


def test_the_same_bytes_give_the_same_samples() -> None:
    data = written(tune(seconds=4.0), 48_000, "MP3", "MPEG_LAYER_III")
    assert np.array_equal(taken(data).audio, taken(data).audio)


def test_conform_leaves_what_it_is_given_alone() -> None:
    x = sine(440, 2.0) + np.float32(0.1)
    before = x.copy()
    conform(Decoded(x, RATE, "WAV", "PCM_16"), name="mine.wav", purpose=Purpose.TAKE)
    assert np.array_equal(x, before)
