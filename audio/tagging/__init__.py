"""Tags of delivered files, written by us: the same sound and tags give the same bytes, and no sample changes."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from audio.tagging.flac import tag_flac
from audio.tagging.id3 import tag_mp3
from audio.tagging.opus import tag_opus
from audio.tagging.tags import Tags
from audio.tagging.wave import tag_wav

__all__ = ["FORMATS", "Format", "Tags", "tag"]

Format = Literal["wav", "flac", "mp3", "opus"]

FORMATS: Final[Mapping[Format, Callable[[bytes, Tags], bytes]]] = {
    "wav": tag_wav,
    "flac": tag_flac,
    "mp3": tag_mp3,
    "opus": tag_opus,
}


def tag(data: bytes, format: Format, tags: Tags) -> bytes:
    """The sound file `data` with its tags replaced by `tags`. RenderError when `data` is not of that format."""
    return FORMATS[format](data, tags)
