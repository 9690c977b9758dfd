"""What the tags of a delivered file say, whatever its format."""

import re
from datetime import datetime
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from audio.measure import Measurement
from domain.disclosure import Disclosure
from domain.recording import isrc as checked_isrc
from domain.tonality import MINOR_LIKE

PNG: Final = b"\x89PNG\r\n\x1a\n"
MAX_COVER_BYTES: Final = 8_000_000
# Line breaks and other characters that steer instead of showing.
_STEERING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def _storable(text: str) -> str:
    """Text that UTF-8 can hold and no reader cuts off: lone surrogates and NUL are replaced."""
    return text.encode("utf-8", "replace").decode().replace("\0", " ").strip()


def _png(data: bytes) -> bytes:
    if not data.startswith(PNG) or len(data) < 33:
        raise ValueError("a cover is a PNG picture")
    return data


Text = Annotated[str, AfterValidator(_storable)]


class Picture(NamedTuple):
    """Size of a PNG in pixels, and its bits per pixel."""

    width: int
    height: int
    depth: int


class Tags(BaseModel):
    """The tags of one song. Empty fields are left out of the file; nothing here is invented.

    `key` is a tonic and a scale ("F minor"), `created` the song's own time, `isrc` the person's, `cover` a PNG,
    `measured` the figures of exactly this sound, `disclosure` what a machine made of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Text = ""
    artist: Text = ""
    bpm: Annotated[float, Field(gt=0, le=1000)] | None = None
    key: Annotated[str, Field(pattern=r"^[A-G](##|bb|#|b)?( [a-z_]+)?$")] | None = None
    genre: tuple[Text, ...] = ()
    created: datetime | None = None
    isrc: Annotated[str, AfterValidator(checked_isrc)] | None = None
    comment: Text = ""
    software: Text = ""
    cover: Annotated[bytes, Field(max_length=MAX_COVER_BYTES), AfterValidator(_png)] | None = Field(
        default=None, repr=False
    )
    disclosure: Disclosure | None = None
    measured: Measurement | None = None

    @property
    def initial_key(self) -> str:
        """The key in at most three characters, as DJs' programs write it: "Fm", "Eb"; empty without one."""
        tonic, _, scale = (self.key or "").partition(" ")
        return tonic[:2] + ("m" if scale in MINOR_LIKE else "")

    @property
    def date(self) -> str:
        """YYYY-MM-DD, empty without a time."""
        return self.created.date().isoformat() if self.created else ""

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """Names and values that say which parts a machine made."""
        return tuple(self.disclosure.marks()) if self.disclosure else ()

    @property
    def picture(self) -> Picture:
        """What the cover's header says."""
        head = (self.cover or b"")[16:26]
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(head[9], 1)
        return Picture(int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big"), head[8] * channels)


def one_line(text: str) -> str:
    """Text without line breaks and control characters."""
    return _STEERING.sub(" ", text).strip()
