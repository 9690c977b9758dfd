"""Which parts of a recording a machine made, and what kind of machine: plain words that travel with the files."""

from collections.abc import Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


class SourceType(StrEnum):
    """IPTC's digital source types that a song of ours can have; `uri` names the concept."""

    ALGORITHMIC = "algorithmicMedia"
    TRAINED = "trainedAlgorithmicMedia"

    @property
    def uri(self) -> str:
        """The concept's address in IPTC's NewsCodes."""
        return _IPTC + self.value


class Disclosure(BaseModel):
    """The five questions of DDEX's disclosure of AI in a recording: did a machine make the …?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vocals: bool
    instrumentation: bool
    composition: bool
    post_production: bool
    lyrics: bool
    source: SourceType

    def marks(self) -> Iterator[tuple[str, str]]:
        """The disclosure as names and values for tags."""
        for name in ("vocals", "instrumentation", "composition", "post_production", "lyrics"):
            yield f"AI_{name.upper()}", "true" if getattr(self, name) else "false"
        yield "DIGITAL_SOURCE_TYPE", self.source.uri
