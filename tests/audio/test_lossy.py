import io
import re
import shutil
import subprocess

import numpy as np
import pytest
import soundfile

from audio.files import decode, encode_wav, with_output_gain
from audio.lossy import MP3_ROOM_DB, decoded_peak, mp3_under, opus_under, peak_of
from audio.mastering import master
from audio.rate import RATE, Array
from tests.audio.signals import noise, tone

CEILING = -1.0


@pytest.fixture(scope="module")
def loud() -> Array:
    """Six seconds of bursts and bass, limited hard: what codecs overshoot on."""
    x = noise(6.0, 0.3, seed=3) * tone([(6.0, 0.0)], hertz=3.0) + tone([(6.0, -12.0)], hertz=55.0)
    made = master(x, target_lufs=-9.0, ceiling_dbtp=CEILING, genre=["pop"], rate=RATE, bit_depth=24, seed=1)
    return decode(encode_wav(made.audio, RATE))[0]


@pytest.mark.parametrize(("make", "name"), [(mp3_under, "mp3"), (opus_under, "opus")])
@pytest.mark.parametrize("ceiling", [-1.0, -2.5, -6.0])
def test_decoded_files_keep_the_ceiling_and_the_length(make, name, ceiling, loud) -> None:
    made = make(loud, RATE, ceiling)
    x, rate = decode(made.data)
    assert (x.shape, rate) == (loud.shape, RATE)
    assert peak_of(x) <= ceiling
    assert made.true_peak_dbtp == pytest.approx(peak_of(x), abs=0.002)
    # Lowered by what the codec needs, not more.
    assert peak_of(x) >= ceiling - 1.2
    assert made.gain_db < 0
    assert make(loud, RATE, ceiling) == made


@pytest.mark.parametrize("make", [mp3_under, opus_under])
def test_what_is_far_below_the_ceiling_is_not_touched(make) -> None:
    made = make(noise(2.0, 0.02), RATE, CEILING)
    assert made.gain_db == 0.0


def test_an_mp3_is_encoded_once_as_a_rule(monkeypatch, loud) -> None:
    import audio.lossy as lossy

    calls = []
    encode = lossy.encode_mp3
    monkeypatch.setattr(lossy, "encode_mp3", lambda x, rate: calls.append(len(x)) or encode(x, rate))
    quiet = loud * np.float32(10 ** ((-MP3_ROOM_DB - 0.5) / 20))
    lossy.mp3_under(quiet, RATE, CEILING)
    assert calls == [len(loud)]


@pytest.mark.parametrize("overshoot", [0.5, 3.0])
def test_an_mp3_that_overshoots_more_is_encoded_again(monkeypatch, overshoot) -> None:
    import audio.lossy as lossy

    levels = []

    def codec(x: Array, rate: int) -> bytes:
        levels.append(float(np.abs(x).max()))
        return encode_wav(x * np.float32(10 ** (overshoot / 20)), rate)

    monkeypatch.setattr(lossy, "encode_mp3", codec)
    made = lossy.mp3_under(tone([(1.0, -9.0)]), RATE, -9.0)
    assert len(levels) == 2
    assert levels[1] < levels[0]
    assert decoded_peak(made.data) <= -9.0


def test_opus_gain_is_exact_and_in_the_header_alone(loud) -> None:
    plain = opus_under(loud, RATE, 20.0)
    quieter = with_output_gain(plain.data, -6.0)
    assert plain.gain_db == 0.0
    assert len(quieter) == len(plain.data)
    ratio = 10 ** (-6.0 / 20)
    assert np.allclose(decode(quieter)[0], decode(plain.data)[0] * ratio, atol=1e-6)
    with soundfile.SoundFile(io.BytesIO(quieter)) as file:
        assert file.frames == len(loud)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(("make", "name"), [(mp3_under, "mp3"), (opus_under, "opus")])
def test_ffmpeg_decodes_it_under_the_ceiling(make, name, loud, tmp_path) -> None:
    path = tmp_path / f"loud.{name}"
    path.write_bytes(make(loud, RATE, CEILING).data)
    command = ["ffmpeg", "-nostats", "-hide_banner", "-i", str(path), "-af", "ebur128=peak=true:framelog=verbose",
               "-f", "null", "-"]  # fmt: skip
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.search(r"Peak:\s+(-?[\d.]+)", said[said.rindex("Summary:") :])
    assert found
    assert float(found[1]) <= CEILING
