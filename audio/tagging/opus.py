"""Tags of an Ogg Opus file: the comment packet is written anew (RFC 7845 section 5.2), audio packets stay."""

import base64
from collections.abc import Iterator

from audio.files import STREAM
from audio.ogg import Page, lay_packet, read_pages, write_pages
from audio.tagging.tags import Tags
from audio.tagging.vorbis import comment_block, fields, picture_block, vendor
from domain.errors import RenderError

_MAGIC = b"OpusTags"


def tag_opus(data: bytes, tags: Tags) -> bytes:
    """`data` with its comments replaced; the cover is one of them, in base64."""
    pages = list(read_pages(data))
    ends = next((number for number, page in enumerate(pages[1:], start=1) if _ends_packet(page)), None)
    if ends is None or not pages[1].body.startswith(_MAGIC):
        raise RenderError("these bytes are no Ogg Opus file: encode the song again")
    old = b"".join(page.body for page in pages[1 : ends + 1])
    packet = _MAGIC + comment_block(vendor(old[len(_MAGIC) :]), _told(tags))
    return write_pages([pages[0], *lay_packet(packet), *pages[ends + 1 :]], STREAM)


def _told(tags: Tags) -> Iterator[tuple[str, str]]:
    yield from fields(tags)
    if tags.cover:
        yield "METADATA_BLOCK_PICTURE", base64.b64encode(picture_block(tags)).decode()


def _ends_packet(page: Page) -> bool:
    return any(length < 255 for length in page.segments)
