"""ID3v2.4 tags: what MP3 files begin with, and WAV files hold in a chunk."""

from collections.abc import Iterator

from audio.tagging.tags import Tags, one_line

_UTF8 = b"\x03"
_FRONT_COVER = b"\x03"
_V1_BYTES = 128


def _synchsafe(number: int) -> bytes:
    """28 bits in four bytes of seven each."""
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _frame(name: str, body: bytes) -> bytes:
    return name.encode() + _synchsafe(len(body)) + b"\0\0" + body


def _text(name: str, *values: str) -> bytes:
    """A text frame; several values are parted by NUL, and none holds a line break."""
    return _frame(name, _UTF8 + "\0".join(one_line(value) for value in values).encode())


def _frames(tags: Tags) -> Iterator[bytes]:
    told = (
        ("TIT2", tags.title),
        ("TPE1", tags.artist),
        ("TBPM", f"{tags.bpm:.0f}" if tags.bpm else ""),
        ("TKEY", tags.initial_key),
        ("TDRC", tags.date),
        ("TSRC", tags.isrc or ""),
        ("TSSE", tags.software),
    )
    yield from (_text(name, value) for name, value in told if value)
    if tags.genre:
        yield _text("TCON", *tags.genre)
    yield from (_text("TXXX", name, value) for name, value in tags.marks)
    if tags.comment:
        yield _frame("COMM", _UTF8 + b"eng" + b"\0" + tags.comment.encode())
    if tags.cover:
        yield _frame("APIC", _UTF8 + b"image/png\0" + _FRONT_COVER + b"Cover\0" + tags.cover)


def id3(tags: Tags) -> bytes:
    """The whole tag: header, frames, no padding."""
    frames = b"".join(_frames(tags))
    return b"ID3\x04\x00\x00" + _synchsafe(len(frames)) + frames


def tag_mp3(data: bytes, tags: Tags) -> bytes:
    """`data` with the tag before its frames; an earlier ID3v2 tag and an ID3v1 tag at the end are dropped."""
    start, end = 0, len(data)
    if data[:3] == b"ID3":
        size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        start = 10 + size + (10 if data[5] & 0x10 else 0)
    if data[-_V1_BYTES : -_V1_BYTES + 3] == b"TAG":
        end -= _V1_BYTES
    return id3(tags) + data[start:end]
