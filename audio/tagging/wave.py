"""Tags of a WAV file: bext (EBU Tech 3285 version 2), LIST INFO and an ID3 chunk."""

import struct
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from audio.tagging.id3 import id3
from audio.tagging.tags import Tags, one_line
from domain.errors import RenderError

_BEXT: Final = struct.Struct("<256s32s32s10s8sQH64s5h180s")
_UNKNOWN: Final = 0x7FFF
_CHANNELS: Final[Mapping[int, str]] = {1: "mono", 2: "stereo"}
_REPLACED: Final = (b"bext", b"id3 ", b"ID3 ")
_MAX_BYTES: Final = 2**32 - 1


def tag_wav(data: bytes, tags: Tags) -> bytes:
    """`data` with its tags replaced: bext and INFO before the samples, the ID3 chunk with the cover after them."""
    chunks = [(name, body) for name, body in _chunks(data) if not _is_tag(name, body)]
    form = next((body for name, body in chunks if name == b"fmt "), b"")
    at = next((number for number, (name, _) in enumerate(chunks) if name == b"data"), None)
    if at is None or len(form) < 16:
        raise RenderError("these bytes are no WAV file with sound in it: encode the song again")
    before = [(b"bext", bext(tags, bytes(form))), (b"LIST", _info(tags))]
    ordered: list[tuple[bytes, bytes | memoryview]] = [*chunks[:at], *before, *chunks[at:], (b"id3 ", id3(tags))]
    body = b"".join(part for name, content in ordered for part in _chunk(name, content))
    if len(body) + 4 > _MAX_BYTES:
        raise RenderError("a WAV file holds 4 GB at most: make the song shorter or its sample rate lower")
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise RenderError("these bytes are no WAV file: encode the song again")
    view, at = memoryview(data), 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, view[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _is_tag(name: bytes, body: memoryview) -> bool:
    return name in _REPLACED or (name == b"LIST" and bytes(body[:4]) == b"INFO")


def _chunk(name: bytes, body: bytes | memoryview) -> tuple[bytes, bytes | memoryview, bytes]:
    return name + struct.pack("<I", len(body)), body, b"\0" * (len(body) % 2)


def ascii_of(text: str, length: int) -> bytes:
    """Text as ASCII on one line, at most `length` characters: accents fall off, what has no letter becomes "?"."""
    plain = unicodedata.normalize("NFKD", one_line(text))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.encode("ascii", "replace")[:length]


def bext(tags: Tags, form: bytes) -> bytes:
    """The Broadcast Audio Extension chunk for sound whose `fmt ` chunk is `form`.

    Loudness is stored in hundredths of a unit, the nearest; what is not known reads 0x7fff. The date is the song's; the
    time of day is left out, so that a song that is made twice has the same bytes.
    """
    _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    mode = _CHANNELS.get(channels, "multitrack")
    history = b"A=PCM,F=%d,W=%d,M=%s,T=%s\r\n" % (rate, bits, mode.encode(), ascii_of(tags.software, 100))
    made = f"; generated: {tags.disclosure.source}" if tags.disclosure else ""
    description = ascii_of(tags.title, 256 - len(made)) + made.encode()
    return _BEXT.pack(
        description, ascii_of(tags.software, 32), (tags.isrc or "").encode(),
        tags.date.encode(), b"", 0, 2, b"", *_loudness(tags), b"",
    ) + history  # fmt: skip


def _loudness(tags: Tags) -> tuple[int, ...]:
    m = tags.measured
    if m is None:
        return (_UNKNOWN,) * 5
    figures = (
        m.integrated_lufs, m.loudness_range_lu, m.true_peak_dbtp, m.max_momentary_lufs, m.max_short_term_lufs,
    )  # fmt: skip
    return tuple(max(-0x8000, min(_UNKNOWN - 1, round(100 * figure))) for figure in figures)


def _info(tags: Tags) -> bytes:
    told = (
        ("INAM", tags.title),
        ("IART", tags.artist),
        ("IGNR", ", ".join(tags.genre)),
        ("ICRD", tags.date),
        ("ICMT", tags.comment),
        ("ISFT", tags.software),
    )
    parts = [_chunk(name.encode(), one_line(value).encode() + b"\0") for name, value in told if value]
    return b"INFO" + b"".join(bytes(piece) for part in parts for piece in part)
