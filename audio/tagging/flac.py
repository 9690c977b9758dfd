"""Tags of a FLAC file: a comment block and a picture block before the frames."""

from audio.tagging.tags import Tags
from audio.tagging.vorbis import comment_block, fields, picture_block, vendor
from domain.errors import RenderError

_STREAMINFO, _PADDING, _COMMENT, _PICTURE = 0, 1, 4, 6
_REPLACED = (_PADDING, _COMMENT, _PICTURE)


def tag_flac(data: bytes, tags: Tags) -> bytes:
    """`data` with its comments and pictures replaced; STREAMINFO (with the MD5 of the samples) stays as it is."""
    blocks, frames = _split(data)
    made_by = next((vendor(body) for kind, body in blocks if kind == _COMMENT), b"")
    kept = [(kind, body) for kind, body in blocks if kind not in _REPLACED]
    kept.insert(1, (_COMMENT, comment_block(made_by, fields(tags))))
    if tags.cover:
        kept.append((_PICTURE, picture_block(tags)))
    out = bytearray(b"fLaC")
    for number, (kind, body) in enumerate(kept, start=1):
        last = 0x80 if number == len(kept) else 0
        out += bytes([last | kind]) + len(body).to_bytes(3, "big") + body
    return bytes(out) + frames


def _split(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Metadata blocks (type, content), and everything after them."""
    if data[:4] != b"fLaC":
        raise RenderError("these bytes are no FLAC file: encode the song again")
    blocks, at, last = [], 4, False
    while not last:
        last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        end = at + 4 + int.from_bytes(data[at + 1 : at + 4], "big")
        blocks.append((kind, data[at + 4 : end]))
        at = end
    return blocks, data[at:]
