"""Encoding, tags, signing and provenance as steps: what goes in, what is put, what is refused."""

import hashlib
import io
import json

import mutagen
import numpy as np
import pytest
from PIL import Image

from activities.execution import execute
from activities.versions import step_version
from audio.files import decode, encode_wav
from audio.lossy import decoded_peak
from audio.measure import measure
from audio.rate import RATE
from domain.context import SongContext
from domain.errors import InvalidInput, InvalidValue, ResourceUnavailable
from domain.stages import Stage
from domain.steps import STEPS, StepRequest
from storage.config import load_settings
from tests.activities.local_run import LocalStudio
from tests.audio.certificates import chain
from tests.audio.signals import noise

CREATED = "2026-03-04T05:06:07+00:00"
TAGS = {"artist": "Duo Ñ", "isrc": "AA-6Q7-20-00047", "comment": "made for\na test"}


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), "navy").save(out, "PNG")
    return out.getvalue()


class Delivery:
    """The last steps on a short sound that stands for a master."""

    def __init__(self) -> None:
        studio = LocalStudio()
        song = studio.song(until=Stage.ARRANGEMENT, prompt="calm lo-fi in F minor at 90 bpm, 20 seconds")
        self.store, self.settings = studio.store, studio.settings
        self.context = song.context
        sound = noise(2.0, 0.2)
        self.master = encode_wav(sound, RATE)
        put = self.store.put
        self.inputs = {
            "prompt": song.artifacts["prompt"],
            "score": song.artifacts["score"],
            "master": put(self.master),
            "mastering": put(json.dumps({"measured": measure(sound, RATE).model_dump()}).encode()),
            "cover": put(png()),
        }

    def run(self, step, *, inputs=None, settings=None, context=None, facts=None, **params):
        request = StepRequest(
            composition_id="c", owner="o", stage=Stage.FINALIZATION, step=step, revision=1, seed=7, context="0" * 64,
            inputs=inputs or self.inputs, params=params,
            facts={"created_at": CREATED, "providers": {}, **(facts or {})},
        )  # fmt: skip
        made = execute(request, context or self.context, self.store, settings or self.settings, lambda _f, _t: None)
        contents = {name: self.store.get(artifact.hash) for name, artifact in made.outputs.items()}
        decisions = json.loads(self.store.get(made.decisions)) if made.decisions else []
        return made, contents, decisions

    def tagged(self, **options):
        inputs = dict(self.inputs)
        for name in ("flac", "mp3", "opus"):
            made, _, _ = self.run("encode", format=name, bare=True)
            inputs[f"encoded:{name}"] = made.outputs[f"encoded:{name}"].hash
        return self.run("tag", inputs=inputs, title="Ünder the rain", **options)


@pytest.fixture(scope="module")
def delivery() -> Delivery:
    return Delivery()


def given_tags(delivery: Delivery) -> SongContext:
    return delivery.context.set("creative.preferences.tags", TAGS)


@pytest.mark.parametrize("name", ["flac", "mp3", "opus"])
def test_encoding_says_what_it_did(delivery, name) -> None:
    loud = delivery.store.put(encode_wav(noise(2.0, 0.2) * np.float32(1.1), RATE))
    context = delivery.context.set("creative.preferences.master.ceiling", -3)
    made, contents, decisions = delivery.run("encode", inputs={"master": loud}, context=context, format=name, bare=True)
    artifact = made.outputs[f"encoded:{name}"]
    assert artifact.filename is None
    if name == "flac":
        assert decisions == []
        assert np.array_equal(decode(contents["encoded:flac"])[0], decode(delivery.store.get(loud))[0])
        return
    assert decoded_peak(contents[f"encoded:{name}"]) <= -3
    assert artifact.metadata["true_peak_dbtp"] <= -3
    assert [d["what"] for d in decisions] == [f"{name} gain"]
    assert decisions[0]["value"] == f"{artifact.metadata['gain_db']:g} dB"


def test_encoding_for_songs_under_way_delivers_at_once(delivery) -> None:
    made, _, _ = delivery.run("encode", format="flac")
    assert made.outputs["master.flac"].filename == "master.flac"


def test_an_unknown_format_is_refused(delivery) -> None:
    with pytest.raises(InvalidValue, match="'aac' is not offered"):
        delivery.run("encode", format="aac")


def test_every_format_has_tags_and_cover(delivery) -> None:
    made, contents, _ = delivery.tagged(context=given_tags(delivery))
    assert {a.filename for a in made.outputs.values() if a.filename} == {
        "master.wav", "master.flac", "master.mp3", "master.opus",
    }  # fmt: skip
    for name in ("wav", "flac", "mp3", "opus"):
        found = mutagen.File(io.BytesIO(contents[f"master.{name}"]))
        keys = ("TIT2", "TPE1", "TBPM", "TSRC", "TDRC") if name in ("wav", "mp3") else (
            "title", "artist", "bpm", "isrc", "date")  # fmt: skip
        said = [str(found.tags[key][0] if name in ("flac", "opus") else found.tags[key].text[0]) for key in keys]
        assert said == ["Ünder the rain", "Duo Ñ", "90", "AA6Q72000047", "2026-03-04"], name
    assert mutagen.File(io.BytesIO(contents["master.mp3"])).tags["APIC:Cover"].data == png()
    assert mutagen.File(io.BytesIO(contents["master.mp3"])).tags["TKEY"].text == ["Fm"]
    assert np.array_equal(decode(contents["master.wav"])[0], decode(delivery.master)[0])


def test_without_wishes_nothing_is_invented(delivery) -> None:
    _, contents, _ = delivery.tagged()
    found = mutagen.File(io.BytesIO(contents["master.mp3"])).tags
    assert found["TPE1"].text == ["Sostenuto"]
    assert "TSRC" not in found
    assert not found.getall("COMM")
    assert json.loads(contents["tagging"])["signed"] == []


def test_without_cover_there_is_none(delivery) -> None:
    inputs = {name: ref for name, ref in delivery.inputs.items() if name not in ("cover", "mastering")}
    _, contents, _ = delivery.run("tag", inputs=inputs, title="t")
    assert not mutagen.File(io.BytesIO(contents["master.wav"])).tags.getall("APIC")


def test_the_same_facts_give_the_same_bytes(delivery) -> None:
    first, second = delivery.tagged()[0], delivery.tagged()[0]
    assert first.outputs == second.outputs


@pytest.fixture
def signing(tmp_path):
    certificate, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    for path, data in zip((certificate, key), chain(), strict=True):
        path.write_bytes(data)
    return load_settings(c2pa_cert=certificate, c2pa_key=key)


def test_an_operator_with_a_key_signs(delivery, signing) -> None:
    import c2pa

    _, contents, _ = delivery.tagged(settings=signing)
    told = json.loads(contents["tagging"])
    assert told["signed"] == ["master.wav", "master.flac", "master.mp3"]
    assert told["certificate_sha256"] == hashlib.sha256(signing.c2pa_cert.read_bytes()).hexdigest()
    with c2pa.Reader("audio/mpeg", io.BytesIO(contents["master.mp3"])) as reader:
        assert json.loads(reader.json())["validation_state"] == "Valid"
    assert np.array_equal(decode(contents["master.wav"])[0], decode(delivery.master)[0])


def test_a_missing_key_is_an_error_and_not_silence(delivery, signing) -> None:
    signing.c2pa_key.unlink()
    with pytest.raises(ResourceUnavailable, match=r"private key.*key\.pem.*cannot be read"):
        delivery.tagged(settings=signing)
    with pytest.raises(ResourceUnavailable, match=r"key\.pem"):
        step_version(STEPS["tag"], signing)


def test_a_certificate_alone_is_refused_at_once(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="C2PA_CERT and C2PA_KEY go together"):
        load_settings(c2pa_cert=tmp_path / "chain.pem")


def test_who_signs_enters_the_key_of_the_step_that_signs_alone(delivery, signing) -> None:
    plain = delivery.settings
    assert step_version(STEPS["tag"], plain) != step_version(STEPS["tag"], signing)
    assert step_version(STEPS["encode"], plain) == step_version(STEPS["encode"], signing) != ""
    assert step_version(STEPS["provenance"], signing) == ""


def provenance(delivery: Delivery, tagging: bytes, **facts):
    put = delivery.store.put
    inputs = {
        "prompt": delivery.inputs["prompt"],
        "tagging": put(tagging),
        "mixed_order": put(b'["drums", "keys"]'),
        "mixed:keys": put(b"keys"),
        "mixed:drums": put(b"drums"),
        "master.wav": put(b"tagged"),
        "cover": delivery.inputs["cover"],
    }
    _, contents, _ = delivery.run("provenance", inputs=inputs, title="Rain", facts=facts)
    return json.loads(contents["provenance"])


def test_provenance_names_every_file_by_its_content(delivery) -> None:
    told = provenance(delivery, b'{"signed": [], "certificate_sha256": null}')
    assert told["files"] == [
        {"path": path, "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in (
            ("cover.png", png()), ("master.wav", b"tagged"), ("stems/01_drums.wav", b"drums"),
            ("stems/02_keys.wav", b"keys"),
        )
    ]  # fmt: skip
    assert (told["generated"], told["created"], told["seed"], told["title"]) == (True, CREATED[:10], 7, "Rain")
    prompt = delivery.store.get(delivery.inputs["prompt"])
    assert told["prompt_sha256"] == hashlib.sha256(prompt).hexdigest()
    assert told["machine_made"] == {
        "vocals": False, "instrumentation": True, "composition": True, "post_production": True, "lyrics": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("providers", "source", "engine"),
    [
        ({}, "algorithmicMedia", "builtin"),
        ({"ideation": "someone", "production": "builtin"}, "algorithmicMedia", "builtin"),
        ({"production": "someone"}, "trainedAlgorithmicMedia", "providers"),
        ({"composition": "someone"}, "trainedAlgorithmicMedia", "providers"),
    ],
)
def test_the_source_type_follows_who_made_notes_and_sound(delivery, providers, source, engine) -> None:
    told = provenance(delivery, b'{"signed": [], "certificate_sha256": null}', providers=providers)
    assert told["digital_source_type"] == f"http://cv.iptc.org/newscodes/digitalsourcetype/{source}"
    assert told["engine"]["name"] == engine
    assert told["engine"]["providers"] == providers
    _, contents, _ = delivery.tagged(facts={"providers": providers})
    marks = {f.desc: f.text[0] for f in mutagen.File(io.BytesIO(contents["master.mp3"])).tags.getall("TXXX")}
    assert marks["DIGITAL_SOURCE_TYPE"] == told["digital_source_type"]


@pytest.mark.parametrize(
    ("facts", "vocals", "lyrics"),
    [({}, False, False), ({"sung": True}, True, False), ({"sung": True, "worded": True}, True, True)],
)
def test_a_voice_and_words_that_a_machine_made_are_disclosed(delivery, facts, vocals, lyrics) -> None:
    facts = {"providers": {"production": "someone"}, **facts}
    _, contents, _ = delivery.tagged(facts=facts)
    marks = {f.desc: f.text[0] for f in mutagen.File(io.BytesIO(contents["master.mp3"])).tags.getall("TXXX")}
    told = (marks["AI_VOCALS"], marks["AI_LYRICS"])
    assert told == tuple("true" if yes else "false" for yes in (vocals, lyrics))


def test_provenance_says_whether_files_are_signed(delivery) -> None:
    told = provenance(delivery, b'{"signed": ["master.wav"], "certificate_sha256": "ab"}')
    assert told["c2pa"] == {"signed": ["master.wav"], "certificate_sha256": "ab", "note": None}
    told = provenance(delivery, b'{"signed": [], "certificate_sha256": null}')
    assert "no certificate" in told["c2pa"]["note"]


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({"isrc": "AA6Q7"}, "is no ISRC"),
        ({"isrc": 5}, "tags.isrc is a text"),
        ({"artist": "x" * 256}, "at most 255 characters"),
        ({"singer": "me"}, "tags holds artist, isrc, comment, and no 'singer'"),
        ("me", "tags is a map"),
    ],
)
def test_tags_that_cannot_be_are_refused_where_they_are_given(tags, reason) -> None:
    with pytest.raises(InvalidValue, match=reason):
        SongContext().set("creative.preferences.tags", tags)
