import io

import numpy as np
import pytest
import soundfile

from audio.files import decode, decode_stem, encode_flac, encode_mp3, encode_opus, encode_stem, encode_wav
from audio.rate import RATE
from domain.errors import InvalidValue, RenderError
from tests.audio.signals import noise, tone

TAGS = {"title": "Ünder the rain", "artist": "Sostenuto", "comment": "seed 1", "genre": "Lo-fi"}


@pytest.mark.parametrize("encode", [encode_wav, encode_flac])
@pytest.mark.parametrize("bits", [16, 24])
def test_lossless_files_hold_exactly_the_rounded_samples(encode, bits) -> None:
    x = noise(0.5)
    samples, rate = decode(encode(x, RATE, bit_depth=bits))
    top = 2.0 ** (bits - 1)
    assert rate == RATE
    assert np.array_equal(samples, (np.rint(x.astype(np.float64) * top) / top).astype(np.float32))


def test_integers_are_written_untouched() -> None:
    x = np.array([[0, 1], [-(2**23), 2**23 - 1], [12345, -777]], np.int32)
    written, _ = soundfile.read(io.BytesIO(encode_wav(x, RATE, bit_depth=24)), dtype="int32")
    assert np.array_equal(written >> 8, x)


@pytest.mark.parametrize("encode", [encode_wav, encode_flac, encode_mp3, encode_opus])
def test_same_samples_same_bytes_tags_and_length_kept(encode) -> None:
    x = noise(1.3)
    first, second = encode(x, RATE, tags=TAGS), encode(x, RATE, tags=TAGS)
    assert first == second
    assert decode(first)[0].shape == x.shape
    with soundfile.SoundFile(io.BytesIO(first)) as file:
        assert file.title == TAGS["title"]


def test_opus_longer_than_a_minute_is_written_in_blocks() -> None:
    x = tone([(65, -20)])
    samples, rate = decode(encode_opus(x, RATE))
    assert (samples.shape, rate) == (x.shape, RATE)


def test_mp3_bit_rate_is_as_asked() -> None:
    x = noise(4.0)
    for kbps in (128, 256, 320):
        size = len(encode_mp3(x, RATE, bitrate_kbps=kbps)) * 8 / 4.0 / 1000
        assert size == pytest.approx(kbps, rel=0.06)


def test_stems_survive_the_way_between_steps() -> None:
    x = noise(0.5, 1.5)
    data, headroom = encode_stem(x, RATE)
    back, _ = decode_stem(data, headroom)
    assert headroom in (4.0, 8.0, 16.0)
    assert np.abs(back - x).max() <= headroom * 2.0**-24 * 1.001
    again, same = encode_stem(back, RATE)
    assert (again, same) == (data, headroom)


def test_what_cannot_be_written_is_refused() -> None:
    x = noise(0.1)
    with pytest.raises(InvalidValue, match="bit depth 12"):
        encode_wav(x, RATE, bit_depth=12)
    with pytest.raises(InvalidValue, match="999 kbps"):
        encode_mp3(x, RATE, bitrate_kbps=999)
    with pytest.raises(InvalidValue, match="44100"):
        encode_opus(x, 44_100)
    x[5] = np.inf
    for encode in (encode_wav, encode_flac, encode_mp3, encode_opus, encode_stem):
        with pytest.raises(RenderError, match="NaN or infinity"):
            encode(x, RATE)
    with pytest.raises(RenderError, match="no sound file"):
        decode(b"not a sound")
