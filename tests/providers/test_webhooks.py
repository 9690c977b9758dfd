"""Signatures of webhooks: what is proven, what only triggers a look, what is refused."""

import base64
import hashlib
import hmac
import json
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from domain.providers import ErrorKind
from providers.errors import ProviderError
from providers.webhooks import FAL_HEADERS, STANDARD_HEADERS, TOLERANCE_S, fal, fal_keys, standard_webhooks

NOW = 1_790_000_000.0
BODY = b'{"id": "p1", "status": "succeeded"}'
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a real secret").decode()
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def standard(body: bytes = BODY, at: float = NOW, secret: str = SECRET, number: str = "msg_1") -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{number}.{at:.0f}.".encode() + body, hashlib.sha256).digest()
    return {
        "Webhook-Id": number,
        "Webhook-Timestamp": f"{at:.0f}",
        "Webhook-Signature": "v1," + base64.b64encode(signed).decode(),
    }


def fals(body: bytes = BODY, at: float = NOW) -> dict[str, str]:
    message = f"r1\nu1\n{at:.0f}\n{hashlib.sha256(body).hexdigest()}".encode()
    return {
        "X-Fal-Webhook-Request-Id": "r1",
        "X-Fal-Webhook-User-Id": "u1",
        "X-Fal-Webhook-Timestamp": f"{at:.0f}",
        "X-Fal-Webhook-Signature": PRIVATE.sign(message).hex(),
    }


def refused(headers: dict[str, str], body: bytes = BODY, now: float = NOW, secret: str = SECRET) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        standard_webhooks(secret, headers, body, now=now)
    return caught.value


def refused_fal(headers: dict[str, str], body: bytes = BODY, now: float = NOW) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        fal([PUBLIC], headers, body, now=now)
    return caught.value


def test_the_example_of_the_standard_itself_holds() -> None:
    # Published with Standard Webhooks: id, time, secret, body and signature.
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    assert standard_webhooks("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, b'{"test": 2432232314}', now=1614265331)


@given(st.binary(max_size=200), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20))
def test_what_was_signed_is_proven_and_any_changed_bit_is_not(body: bytes, number: str) -> None:
    headers = standard(body, number=number)
    assert standard_webhooks(SECRET, headers, body, now=NOW)
    assert refused(headers, body + b" ").kind is ErrorKind.INVALID_REQUEST
    assert refused({**headers, "Webhook-Id": number + "x"}, body).kind is ErrorKind.INVALID_REQUEST


def test_a_secret_works_with_and_without_its_mark() -> None:
    assert standard_webhooks(SECRET.removeprefix("whsec_"), standard(), BODY, now=NOW)


def test_one_of_several_signatures_is_enough_while_a_secret_changes() -> None:
    headers = standard()
    old = standard(secret="whsec_" + base64.b64encode(b"the old one").decode())["Webhook-Signature"]
    assert standard_webhooks(
        SECRET, {**headers, "Webhook-Signature": f"{old} {headers['Webhook-Signature']}"}, BODY, now=NOW
    )


@pytest.mark.parametrize("gone", STANDARD_HEADERS)
def test_a_webhook_that_is_only_partly_signed_proves_nothing(gone: str) -> None:
    headers = {name: value for name, value in standard().items() if name.lower() != gone}
    assert not standard_webhooks(SECRET, headers, BODY, now=NOW)
    assert not standard_webhooks(SECRET, {}, BODY, now=NOW)


@pytest.mark.parametrize(
    "signature",
    [
        "v1,",
        "v2,AAAA",
        "AAAA",
        "v1a,AAAA",
        "v1,ÄÖÜ",
        "v1,AAAA v1,BBBB",
        standard(secret="whsec_QUJD")["Webhook-Signature"],
    ],
)
def test_a_forged_signature_is_refused(signature: str) -> None:
    error = refused({**standard(), "Webhook-Signature": signature})
    assert error.kind is ErrorKind.INVALID_REQUEST
    assert "signature" in error.message


@pytest.mark.parametrize("age", [TOLERANCE_S + 1, -TOLERANCE_S - 1, 3600, 1e9])
def test_a_replay_after_the_tolerance_is_refused_however_well_it_is_signed(age: float) -> None:
    assert standard_webhooks(SECRET, standard(), BODY, now=NOW + TOLERANCE_S)
    assert standard_webhooks(SECRET, standard(), BODY, now=NOW - TOLERANCE_S)
    assert "300 s" in refused(standard(), now=NOW + age).message


@pytest.mark.parametrize("stamp", ["soon", "1e9", "-5", "1.5", "١٢٣", "9" * 400])
def test_a_timestamp_that_is_no_number_of_seconds_is_refused(stamp: str) -> None:
    assert refused({**standard(), "Webhook-Timestamp": stamp}).kind is ErrorKind.INVALID_REQUEST


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!"])
def test_a_secret_that_is_none_is_the_operators_to_mend(secret: str) -> None:
    error = refused(standard(), secret=secret)
    assert error.kind is ErrorKind.AUTH
    assert "secret" in error.message


def test_fal_proves_with_any_key_of_its_set() -> None:
    assert fal([OTHER, PUBLIC], fals(), BODY, now=NOW)
    assert fal([PUBLIC], {name.upper(): value for name, value in fals().items()}, BODY, now=NOW + TOLERANCE_S)


@pytest.mark.parametrize("gone", FAL_HEADERS)
def test_a_webhook_of_fal_that_is_only_partly_signed_proves_nothing(gone: str) -> None:
    headers = {name: value for name, value in fals().items() if name.lower() != gone}
    assert not fal([PUBLIC], headers, BODY, now=NOW)


@pytest.mark.parametrize(
    ("changed", "body", "now"),
    [
        ({}, BODY + b" ", NOW),
        ({"X-Fal-Webhook-Request-Id": "r2"}, BODY, NOW),
        ({"X-Fal-Webhook-User-Id": "u2"}, BODY, NOW),
        ({"X-Fal-Webhook-Timestamp": f"{NOW + 1:.0f}"}, BODY, NOW),
        ({"X-Fal-Webhook-Signature": "00" * 64}, BODY, NOW),
        ({"X-Fal-Webhook-Signature": "00"}, BODY, NOW),
        ({"X-Fal-Webhook-Signature": "no number"}, BODY, NOW),
        ({}, BODY, NOW + TOLERANCE_S + 1),
        ({}, BODY, NOW - TOLERANCE_S - 1),
    ],
)
def test_a_webhook_of_fal_that_was_changed_or_is_old_is_refused(
    changed: dict[str, str], body: bytes, now: float
) -> None:
    assert refused_fal({**fals(), **changed}, body, now).kind is ErrorKind.INVALID_REQUEST


def test_no_key_of_fal_fits_a_stranger() -> None:
    with pytest.raises(ProviderError, match="no key"):
        fal([OTHER], fals(), BODY, now=NOW)
    with pytest.raises(ProviderError, match="no key"):
        fal([], fals(), BODY, now=NOW)


def test_without_cryptography_fal_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    error = refused_fal(fals())
    assert error.kind is ErrorKind.UNSUPPORTED
    assert "cryptography" in error.message


def test_keys_of_fal_are_read_from_its_key_set() -> None:
    text = base64.urlsafe_b64encode(PUBLIC).decode().rstrip("=")
    document = {
        "keys": [{"kty": "RSA", "n": "AQAB"}, {"kty": "OKP", "x": "AAAA"}, {"kty": "OKP", "crv": "Ed25519", "x": text}]
    }
    assert fal_keys(json.loads(json.dumps(document))) == (PUBLIC,)


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": [7, {"x": 1}, {"x": "!"}, {}]}])
def test_a_key_set_without_keys_is_the_vendors_fault(document: object) -> None:
    with pytest.raises(ProviderError) as caught:
        fal_keys(document)
    assert caught.value.kind is ErrorKind.UPSTREAM
