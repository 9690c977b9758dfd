"""C2PA manifests, written with a certificate of the test's own and read back."""

import io
import json

import c2pa
import mutagen
import numpy as np
import pytest
from mutagen.flac import FLAC

from audio.files import decode
from audio.tagging import tag
from audio.tagging.signing import SIGNED_FORMATS, Signer, load_signer, sign
from domain.disclosure import SourceType
from domain.errors import ResourceUnavailable
from tests.audio.certificates import chain
from tests.audio.test_tagging import FILES, cover, tags

CERTIFICATE, KEY = chain()


def manifest(data: bytes, name: str) -> dict:
    with c2pa.Reader(SIGNED_FORMATS[name], io.BytesIO(data)) as reader:
        return json.loads(reader.json())


def signed(name: str, source: SourceType = SourceType.ALGORITHMIC) -> tuple[bytes, bytes]:
    data = tag(FILES[name], name, tags())
    made = sign(data, name, Signer(CERTIFICATE, KEY), title="Rain", software="Sostenuto 0.1.0", source=source)
    return data, made


@pytest.mark.parametrize("name", SIGNED_FORMATS)
@pytest.mark.parametrize("source", SourceType)
def test_a_manifest_tells_how_the_sound_was_made(name, source) -> None:
    data, made = signed(name, source)
    told = manifest(made, name)
    assert told["validation_state"] == "Valid"
    # A root that nobody trusts is all there is to complain about.
    assert {status["code"] for status in told.get("validation_status", [])} <= {"signingCredential.untrusted"}
    active = told["manifests"][told["active_manifest"]]
    assert active["title"] == "Rain"
    assert active["claim_generator_info"][0]["name"] == "Sostenuto"
    actions = next(a["data"]["actions"] for a in active["assertions"] if a["label"].startswith("c2pa.actions"))
    assert [(a["action"], a["digitalSourceType"]) for a in actions] == [("c2pa.created", source.uri)]
    assert np.array_equal(decode(made)[0], decode(data)[0])


@pytest.mark.parametrize("name", SIGNED_FORMATS)
def test_tags_and_cover_are_still_read(name) -> None:
    data, made = signed(name)
    # The library puts the manifest before the FLAC stream, in an ID3 tag that readers skip.
    reader = FLAC if name == "flac" else mutagen.File
    before, after = reader(io.BytesIO(data)), reader(io.BytesIO(made))
    if name == "flac":
        assert after.tags.as_dict() == before.tags.as_dict()
        assert after.pictures[0].data == cover()
    else:
        assert after.tags["TIT2"].text == before.tags["TIT2"].text
        assert after.tags["APIC:Cover"].data == cover()


def test_a_changed_sample_breaks_the_manifest() -> None:
    _, made = signed("wav")
    broken = bytearray(made)
    broken[made.index(b"data") + 1000] ^= 1
    assert manifest(bytes(broken), "wav")["validation_state"] == "Invalid"


def test_files_of_the_operator_are_read_or_refused_by_name(tmp_path) -> None:
    certificate, key = tmp_path / "chain.pem", tmp_path / "secret.key"
    certificate.write_bytes(CERTIFICATE)
    with pytest.raises(ResourceUnavailable, match=r"private key.*secret\.key.*cannot be read: No such file"):
        load_signer(certificate, key)
    key.write_bytes(b"nothing of the kind")
    with pytest.raises(ResourceUnavailable, match=r"secret\.key.*no PEM"):
        load_signer(certificate, key)
    key.write_bytes(KEY)
    signer = load_signer(certificate, key)
    assert signer == Signer(CERTIFICATE, KEY)
    assert KEY.decode().splitlines()[1] not in repr(signer)


def test_a_key_that_does_not_fit_is_refused() -> None:
    _, other = chain()
    data = tag(FILES["mp3"], "mp3", tags())
    with pytest.raises(ResourceUnavailable, match="cannot be signed"):
        sign(data, "mp3", Signer(CERTIFICATE, other), title="", software="Sostenuto 1", source=SourceType.TRAINED)


def test_without_the_library_the_error_names_it(monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "c2pa", None)
    with pytest.raises(ResourceUnavailable, match=r"install sostenuto\[c2pa\]"):
        sign(b"", "mp3", Signer(CERTIFICATE, KEY), title="", software="Sostenuto 1", source=SourceType.TRAINED)
