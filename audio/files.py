"""Sound files in memory: WAV, FLAC, MP3, Opus out; anything libsndfile reads in.

The same samples and tags give the same bytes: integers are made here (libsndfile's 24-bit writer truncates),
float WAV is not offered (its PEAK chunk carries a time stamp), and Ogg pages get a fixed stream number.
"""

import io
import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile

from audio.decibels import db_to_gain
from audio.ogg import read_pages, write_pages
from audio.quantising import steps
from audio.rate import Array
from domain.errors import InvalidValue, RenderError

Samples = Array | npt.NDArray[np.float64] | npt.NDArray[np.int32]
"""Floats at full scale ±1, or int32 already scaled to the file's bit depth."""

_BLOCK: Final = 65_536
_SUBTYPES: Final = {16: "PCM_16", 24: "PCM_24"}
_TAGS: Final = (
    "title", "copyright", "software", "artist", "comment", "date", "album", "license", "tracknumber", "genre",
)  # fmt: skip
STREAM: Final = 1
"""Serial number of the one stream in an Ogg file of ours; libogg's is random."""
_OPUS_GAIN_AT: Final = 16
_OPUS_RATES: Final = (8_000, 12_000, 16_000, 24_000, 48_000)


def _write(
    x: npt.NDArray[Any],
    rate: int,
    tags: Mapping[str, Any] | None,
    *,
    format: str,
    subtype: str,
    bit_depth: int | None = None,
    gain: float = 1.0,
    **how: Any,
) -> bytes:
    """One-shot writes of long Vorbis and Opus files crash libsndfile, so everything goes in blocks.

    With a `bit_depth` the samples become its whole steps here, times `gain`.
    """
    data = x[:, None] if x.ndim == 1 else x
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", samplerate=rate, channels=data.shape[1], subtype=subtype, format=format, **how
    ) as file:
        for name in _TAGS:
            if tags and tags.get(name) not in (None, ""):
                setattr(file, name, str(tags[name]))
        for start in range(0, data.shape[0], _BLOCK):
            piece = np.ascontiguousarray(data[start : start + _BLOCK])
            file.write(piece if bit_depth is None else steps(piece, bit_depth, shift=32 - bit_depth, gain=gain))
    return buffer.getvalue()


def _subtype(bit_depth: int) -> str:
    if bit_depth not in _SUBTYPES:
        raise InvalidValue(f"bit depth {bit_depth} is not offered; choose 16 or 24")
    return _SUBTYPES[bit_depth]


def encode_wav(x: Samples, rate: int, *, bit_depth: int = 24, tags: Mapping[str, Any] | None = None) -> bytes:
    """A WAV file of 16 or 24 bit; `tags` go into LIST INFO (title, artist, album, comment, date, genre …)."""
    return _write(x, rate, tags, format="WAV", subtype=_subtype(bit_depth), bit_depth=bit_depth)


def encode_flac(x: Samples, rate: int, *, bit_depth: int = 24, tags: Mapping[str, Any] | None = None) -> bytes:
    """A FLAC file of 16 or 24 bit with Vorbis comments; its samples are those of the WAV file."""
    return _write_flac(x, rate, tags, bit_depth)


def _write_flac(x: Samples, rate: int, tags: Mapping[str, Any] | None, bit_depth: int, gain: float = 1.0) -> bytes:
    return _write(
        x, rate, tags, format="FLAC", subtype=_subtype(bit_depth), bit_depth=bit_depth, gain=gain, compression_level=0.5
    )


def _floats(x: Samples, bit_depth: int) -> Array:
    if x.dtype == np.int32:
        return np.asarray(x * (1.0 / 2 ** (bit_depth - 1)), np.float32)
    if not np.isfinite(x).all():
        raise RenderError("the sound to write holds NaN or infinity; render it again")
    return x.astype(np.float32)


def encode_mp3(
    x: Samples,
    rate: int,
    *,
    bitrate_kbps: int = 320,
    bit_depth: int = 24,
    tags: Mapping[str, Any] | None = None,
) -> bytes:
    """A constant-bitrate MP3 (32–320 kbps) at 32, 44.1 or 48 kHz; int32 input is scaled by `bit_depth`.

    Lossy coding overshoots: decode and measure the result before promising its peak.
    """
    if not 32 <= bitrate_kbps <= 320:
        raise InvalidValue(f"MP3 bit rate {bitrate_kbps} kbps is out of range; choose 32 to 320")
    if rate not in (32_000, 44_100, 48_000):
        raise InvalidValue(f"MP3 cannot hold {rate} Hz; choose 32000, 44100 or 48000")
    level = (320 - bitrate_kbps) / (320 - 32)
    return _write(
        _floats(x, bit_depth),
        rate,
        tags,
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=min(level, 1.0),
    )


def encode_opus(x: Samples, rate: int, *, bit_depth: int = 24, tags: Mapping[str, Any] | None = None) -> bytes:
    """An Ogg Opus file; the rate is one that Opus knows (48000 for music)."""
    if rate not in _OPUS_RATES:
        raise InvalidValue(f"Opus cannot hold {rate} Hz; choose one of {', '.join(map(str, _OPUS_RATES))}")
    data = _write(_floats(x, bit_depth), rate, tags, format="OGG", subtype="OPUS")
    return write_pages(read_pages(data), STREAM)


def with_output_gain(data: bytes, gain_db: float) -> bytes:
    """The Ogg Opus file `data`, to be played `gain_db` louder: the output gain of its header (RFC 7845 section 5.1).

    Decoders multiply by it, so levels follow to 1/256 dB without encoding again. It lies from -128 to 128 dB.
    """
    head, *rest = read_pages(data)
    body = bytearray(head.body)
    struct.pack_into("<h", body, _OPUS_GAIN_AT, round(gain_db * 256))
    return write_pages([head._replace(body=bytes(body)), *rest], STREAM)


def decode(data: bytes) -> tuple[Array, int]:
    """Samples `(frames, channels)` and rate in Hz of a sound file that libsndfile knows.

    RenderError when `data` is none.
    """
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise RenderError(f"{len(data)} bytes are no sound file that can be read: {error}") from error
    return samples, int(rate)


def encode_stem(x: Array, rate: int) -> tuple[bytes, float]:
    """A 24-bit FLAC of a stem that may exceed full scale, and the factor (a power of two) to undo its headroom.

    Equal sides become one channel, which takes half the time to write and to read. `decode_stem` gives back `x` within
    half a 24-bit step times the factor.
    """
    peak = float(np.abs(x).max()) if x.size else 0.0
    if not np.isfinite(peak):
        raise RenderError("the stem to write holds NaN or infinity; render it again")
    limit = 1.0 - db_to_gain(-138.0)
    headroom = 1.0 if peak <= limit else float(2.0 ** np.ceil(np.log2(peak / limit)))
    alike = x.shape[1] == 2 and np.array_equal(x[:, 0], x[:, 1])
    return _write_flac(x[:, :1] if alike else x, rate, None, 24, 1.0 / headroom), headroom


def decode_stem(data: bytes, headroom: float = 1.0) -> tuple[Array, int]:
    """Samples `(frames, 2)` at their own level, and the rate, of what `encode_stem` made."""
    samples, rate = decode(data)
    if samples.shape[1] == 1:
        samples = np.repeat(samples, 2, axis=1)
    if headroom != 1.0:
        samples *= np.float32(headroom)
    return samples, rate
