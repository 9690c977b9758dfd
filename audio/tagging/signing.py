"""A C2PA manifest in a finished file: who made it and how, signed with the operator's key.

Only on the operator's wish: a signature is never the same twice, so signed files differ from run to run. It binds
every byte of the file, so it is the last thing that is written. Needs the optional dependency `sostenuto[c2pa]`.
"""

import hashlib
import importlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain.disclosure import SourceType
from domain.errors import ResourceUnavailable

SIGNED_FORMATS: Final[Mapping[str, str]] = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}
"""Formats that can carry a manifest, and their media types; Ogg cannot."""

_ALGORITHM: Final = b"es256"


class Signer(NamedTuple):
    """A certificate chain and its private key, both PEM; the key is an ECDSA key on P-256."""

    certificate: bytes
    key: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate chain's text."""
        return hashlib.sha256(self.certificate).hexdigest()

    def __repr__(self) -> str:
        return f"Signer(certificate {self.fingerprint[:12]}, key withheld)"


def load_signer(certificate: Path, key: Path) -> Signer:
    """The signer that an operator configured. ResourceUnavailable when a file cannot be read or is no PEM."""
    return Signer(_pem(certificate, "certificate", b"CERTIFICATE"), _pem(key, "private key", b"PRIVATE KEY"))


def _pem(path: Path, what: str, label: bytes) -> bytes:
    try:
        data = path.expanduser().read_bytes()
    except OSError as error:
        raise ResourceUnavailable(
            f"the {what} that signs songs ({path.name}) cannot be read: {error.strerror or error};"
            " set its path right, or take the C2PA settings away"
        ) from None
    if label + b"-----" not in data:
        raise ResourceUnavailable(
            f"the {what} that signs songs ({path.name}) is no PEM file with a {label.decode().lower()};"
            " set its path right, or take the C2PA settings away"
        )
    return data


def sign(data: bytes, format: str, signer: Signer, *, title: str, software: str, source: SourceType) -> bytes:
    """`data` with a signed manifest: created by `software`, of digital source type `source`.

    ResourceUnavailable when the library is missing or refuses certificate or key. `format` is one of SIGNED_FORMATS.
    """
    try:
        c2pa: Any = importlib.import_module("c2pa")
    except ImportError:
        raise ResourceUnavailable(
            "a key that signs songs is set, and the C2PA library is not installed: install sostenuto[c2pa]"
        ) from None
    name, _, version = software.partition(" ")
    manifest = {
        "claim_generator_info": [{"name": name, "version": version or "0"}],
        "title": title,
        "format": SIGNED_FORMATS[format],
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": source.uri}]},
            }
        ],
    }
    signed = io.BytesIO()
    try:
        # An empty time stamp authority is an error to the library; None asks for none, so nothing goes out.
        info = c2pa.C2paSignerInfo(_ALGORITHM, signer.certificate, signer.key, None)
        with c2pa.Signer.from_info(info) as chosen, c2pa.Builder(json.dumps(manifest)) as builder:
            builder.sign(chosen, SIGNED_FORMATS[format], io.BytesIO(data), signed)
    except c2pa.C2paError as error:
        raise ResourceUnavailable(
            f"the song cannot be signed ({error}): the certificate chain and its P-256 key must fit C2PA's rules;"
            " set them right, or take the C2PA settings away"
        ) from error
    return signed.getvalue()
