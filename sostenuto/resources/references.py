"""Songs of the caller's that a master comes near to: uploaded, or fetched from an address."""

import uuid
from pathlib import Path

from domain.errors import InvalidInput
from sostenuto.answers import Reference
from sostenuto.resources.asking import LISTENING_TIMEOUT_S, Asking, given

_PATH = "/v1/references"


class References(Asking):
    """Calls about reference tracks; the answer's `use` goes into the context of a song.

    Both ways to add one raise InvalidAudio for a file that cannot be used.
    """

    def upload_reference(self, file: Path, *, name: str | None = None) -> Reference:
        """Upload a sound file of at most 50 MB and 600 s. Raises InvalidInput when it is no file."""
        try:
            content = file.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{file} cannot be read: {error.strerror or error}") from None
        response = self._call(
            "POST",
            _PATH,
            content=content,
            params={"name": name or file.name},
            headers={"Content-Type": "application/octet-stream", "Idempotency-Key": str(uuid.uuid4())},
            timeout=LISTENING_TIMEOUT_S,
        )
        return self._parse(Reference, response)

    def reference_from_url(self, url: str, *, name: str | None = None) -> Reference:
        """Have the API fetch a sound file, within 30 s. Raises InvalidValue for an address that is not public."""
        params = given(name=name)
        return self._post(Reference, _PATH, {"url": url}, params=params, timeout=LISTENING_TIMEOUT_S)

    def reference(self, content_hash: str) -> Reference:
        """An upload of the caller's by its SHA-256. Raises NotFound."""
        return self._get(Reference, f"{_PATH}/{content_hash}")
