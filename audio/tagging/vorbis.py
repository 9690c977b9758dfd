"""Vorbis comments and the picture block, shared by FLAC and Opus."""

import struct
from collections.abc import Iterator

from audio.tagging.tags import Tags

_FRONT_COVER = 3


def fields(tags: Tags) -> Iterator[tuple[str, str]]:
    """Names and values in the usual spelling; empty ones are left out."""
    told = (
        ("TITLE", tags.title),
        ("ARTIST", tags.artist),
        *(("GENRE", genre) for genre in tags.genre),
        ("DATE", tags.date),
        ("BPM", f"{tags.bpm:g}" if tags.bpm else ""),
        ("KEY", (tags.key or "").replace("_", " ")),
        ("INITIALKEY", tags.initial_key),
        ("ISRC", tags.isrc or ""),
        ("COMMENT", tags.comment),
        ("ENCODED_BY", tags.software),
        *tags.marks,
    )
    return ((name, value) for name, value in told if value)


def comment_block(vendor: bytes, told: Iterator[tuple[str, str]]) -> bytes:
    """The comment header without framing: vendor, then NAME=value in UTF-8, each after its length."""
    entries = [f"{name}={value}".encode() for name, value in told]
    counted = b"".join(struct.pack("<I", len(entry)) + entry for entry in entries)
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(entries)) + counted


def vendor(block: bytes) -> bytes:
    """The vendor of a comment header."""
    (length,) = struct.unpack_from("<I", block)
    return block[4 : 4 + length]


def picture_block(tags: Tags) -> bytes:
    """The cover as FLAC's PICTURE block (RFC 9639 section 8.8)."""
    kind, words = b"image/png", b"Cover"
    size = tags.picture
    data = tags.cover or b""
    head = struct.pack(">II", _FRONT_COVER, len(kind)) + kind + struct.pack(">I", len(words)) + words
    return head + struct.pack(">IIIII", size.width, size.height, size.depth, 0, len(data)) + data
