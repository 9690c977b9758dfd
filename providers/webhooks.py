"""Whether an incoming call was signed by the vendor that it claims to come from. Pure: the time is passed in.

Three answers: True, it is proven; False, it is unsigned or only partly signed, so it may trigger a look at the vendor
and no more; ProviderError, it is signed and the signature does not hold, or it is too old to be taken again.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.providers import ErrorKind
from providers.errors import ProviderError

TOLERANCE_S: Final = 300.0
"""How far a signed timestamp may be from now: the tolerance that Standard Webhooks and fal ask for."""

STANDARD_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
FAL_HEADERS: Final = (
    "x-fal-webhook-request-id",
    "x-fal-webhook-user-id",
    "x-fal-webhook-timestamp",
    "x-fal-webhook-signature",
)
_ED25519_BYTES: Final = 32
_LONGEST_STAMP: Final = 15


def standard_webhooks(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float, tolerance_s: float = TOLERANCE_S
) -> bool:
    """Standard Webhooks, as Replicate, OpenAI and svix sign: HMAC-SHA256 over `id.timestamp.body`.

    `secret` is base64 with or without `whsec_`; the signature header holds one or several `v1,<base64>`, of which one
    must fit. `now` in seconds of Unix time. ProviderError INVALID_REQUEST for a wrong signature or a timestamp more
    than `tolerance_s` away, AUTH for a secret that is none.
    """
    given = _signed(headers, STANDARD_HEADERS)
    if given is None:
        return False
    delivery, timestamp, signatures = given
    _check_age(timestamp, now, tolerance_s)
    want = hmac.digest(_standard_key(secret), f"{delivery}.{timestamp}.".encode() + body, "sha256")
    offered = [text.removeprefix("v1,") for text in signatures.split() if text.startswith("v1,")]
    if not any(hmac.compare_digest(base64.b64encode(want), text.encode()) for text in offered):
        raise _forged("no signature of the webhook fits its body and the secret")
    return True


def fal(
    keys: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    tolerance_s: float = TOLERANCE_S,
) -> bool:
    """Fal's webhooks: Ed25519 over request id, user id, timestamp and the body's SHA-256, one a line.

    `keys` are the raw public keys of `fal_keys`; one must fit. Errors as in `standard_webhooks`; UNSUPPORTED where
    the package `cryptography` is not installed.
    """
    given = _signed(headers, FAL_HEADERS)
    if given is None:
        return False
    request, user, timestamp, signature = given
    _check_age(timestamp, now, tolerance_s)
    message = "\n".join([request, user, timestamp, hashlib.sha256(body).hexdigest()]).encode()
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        raise _forged("the signature of the webhook is no hexadecimal number") from None
    if not _any_ed25519(keys, raw, message):
        raise _forged("no key of the vendor fits the webhook's signature")
    return True


def fal_keys(document: Any) -> tuple[bytes, ...]:
    """The Ed25519 public keys in a JSON Web Key Set, 32 bytes each; ProviderError UPSTREAM where there is none."""
    entries = document.get("keys") if isinstance(document, dict) else None
    found = []
    for entry in entries if isinstance(entries, list) else ():
        text = entry.get("x") if isinstance(entry, dict) else None
        if isinstance(text, str):
            found.append(_base64url(text))
    keys = tuple(key for key in found if len(key) == _ED25519_BYTES)
    if not keys:
        raise ProviderError(ErrorKind.UPSTREAM, "the vendor's key set holds no Ed25519 public key")
    return keys


def _signed(headers: Mapping[str, str], names: Sequence[str]) -> list[str] | None:
    lower = {name.lower(): value for name, value in headers.items()}
    values = [lower.get(name, "").strip() for name in names]
    return values if all(values) else None


def _check_age(timestamp: str, now: float, tolerance_s: float) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= _LONGEST_STAMP):
        raise _forged(f"the webhook's timestamp {timestamp[:40]!r} is no number of seconds")
    age = now - int(timestamp)
    if abs(age) > tolerance_s:
        raise _forged(f"the webhook was signed {age:.0f} s ago; at most {tolerance_s:.0f} s are taken")


def _standard_key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ProviderError(
            ErrorKind.AUTH, "the webhook secret is no base64 text; copy it from the vendor as it is, whsec_ and all"
        )
    return key


def _base64url(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _any_ed25519(keys: Sequence[bytes], signature: bytes, message: bytes) -> bool:
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        raise ProviderError(
            ErrorKind.UNSUPPORTED, "webhooks of fal need the package cryptography: install it beside Sostenuto"
        ) from None
    for key in keys:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except InvalidSignature:
            continue
        return True
    return False


def _forged(message: str) -> ProviderError:
    return ProviderError(ErrorKind.INVALID_REQUEST, message)
