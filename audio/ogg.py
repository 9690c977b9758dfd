"""Pages of an Ogg file (RFC 3533): read, written, and packets laid into pages."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from domain.errors import RenderError

CONTINUED: Final = 0x01
FIRST: Final = 0x02
LAST: Final = 0x04
NO_PACKET_ENDS: Final = -1
"""Granule position of a page on which no packet ends."""

_HEAD: Final = struct.Struct("<4sBBqIIIB")
_MAX_SEGMENTS: Final = 255
_MIRROR: Final = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))


class Page(NamedTuple):
    """One page: its flags, granule position, segment table and content; number and checksum come on writing."""

    flags: int
    granule: int
    segments: bytes
    body: bytes


def crc(page: bytes) -> int:
    """CRC-32 of a page (RFC 3533 section 6): polynomial 0x04c11db7, not reflected, from 0, not inverted.

    zlib knows the reflected and inverted sister: mirrored bytes in, its inversions undone, mirrored bits out.
    """
    sister = zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(sister.to_bytes(4, "little").translate(_MIRROR), "big")


def read_pages(data: bytes) -> Iterator[Page]:
    """The pages of a file with one stream. RenderError when `data` is none."""
    at = 0
    while at < len(data):
        if len(data) - at < _HEAD.size or data[at : at + 4] != b"OggS":
            raise RenderError(f"byte {at} of {len(data)} begins no Ogg page: the file is broken; encode it again")
        _, _, flags, granule, _, _, _, count = _HEAD.unpack_from(data, at)
        segments = data[at + _HEAD.size : at + _HEAD.size + count]
        start = at + _HEAD.size + count
        at = start + sum(segments)
        yield Page(flags, granule, segments, data[start:at])


def write_pages(pages: Iterable[Page], stream: int) -> bytes:
    """A file of one stream with the serial number `stream`: pages numbered from 0, checksums made."""
    out = bytearray()
    for number, page in enumerate(pages):
        count = len(page.segments)
        head = _HEAD.pack(b"OggS", 0, page.flags, page.granule, stream, number, 0, count)
        whole = bytearray(head + page.segments + page.body)
        struct.pack_into("<I", whole, 22, crc(bytes(whole)))
        out += whole
    return bytes(out)


def lay_packet(packet: bytes) -> Iterator[Page]:
    """The pages, nothing else on them, that hold one header packet (granule position 0)."""
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    for start in range(0, len(lacing), _MAX_SEGMENTS):
        segments = lacing[start : start + _MAX_SEGMENTS]
        ends = start + _MAX_SEGMENTS >= len(lacing)
        begin = start * 255
        yield Page(
            CONTINUED if start else 0,
            0 if ends else NO_PACKET_ENDS,
            segments,
            packet[begin : begin + sum(segments)],
        )
