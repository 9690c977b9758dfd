"""Uploaded references: looked at, kept for their owner, named by songs; everything else refused by name."""

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from storage.config import Settings
from storage.media import MediaStore
from tests.api.conftest import PROMPT, Api, serving, settings_in
from tests.audio.foreign import silence, sine, tune, voice, with_frames_told, written
from tests.audio.signals import noise
from tests.fixtures.receiver import Says, receiving

SONG = written(tune(seconds=8.0))
HASH = hashlib.sha256(SONG).hexdigest()
KEYS = ("first-key-of-sixteen", "other-key-of-sixteen")


async def upload(api: Api, data: bytes, name: str = "mine.wav", **headers: str) -> httpx.Response:
    return await api.http.post("/v1/references", params={"name": name}, content=data, headers=headers)


async def test_an_upload_is_listened_to_and_kept(api: Api) -> None:
    answer = await upload(api, SONG, "My Song.wav")
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["hash"], found["filename"], found["size"]) == (HASH, "My Song.wav", len(SONG))
    assert (found["kind"], found["media_type"], found["rate"], found["channels"]) == ("music", "audio/wav", 48_000, 2)
    assert found["duration_s"] == 8.0
    assert found["tempo_bpm"] == pytest.approx(120, abs=1)
    assert -40 < found["integrated_lufs"] < -10
    assert found["use"] == {"creative.references": [{"type": "audio", "hash": HASH}]}
    assert MediaStore.open(api.settings).get(HASH) == SONG
    assert answer.headers["Location"] == f"/v1/references/{HASH}"
    again = await api.http.get(answer.headers["Location"])
    assert again.json() == found
    assert (await upload(api, SONG, "another name.wav")).json() == found


async def test_a_repeated_upload_with_its_key_gets_the_same_answer(api: Api) -> None:
    data = written(tune(62, seconds=6.0), format="FLAC")
    first = await upload(api, data, **{"Idempotency-Key": "up-1"})
    second = await upload(api, data, **{"Idempotency-Key": "up-1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json()["media_type"] == "audio/flac"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the body is empty"),
        (b"dear diary, " * 100, "it is no sound file that can be read"),
        (SONG[: len(SONG) // 2], "it was cut off"),
        (written(silence(6.0)), "is silent"),
        (written(sine(440, 0.01)), "too short as a reference"),
        (written(noise(6.0)), "is noise"),
        (with_frames_told(written(silence(3600.0, 8_000, 1), 8_000, "FLAC"), 0), "at most 600 s"),
    ],
)
async def test_what_cannot_be_a_reference_is_refused_by_name_and_not_kept(data: bytes, words: str, api: Api) -> None:
    answer = await upload(api, data)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_audio")
    assert words in problem["detail"]
    assert not MediaStore.open(api.settings).exists(hashlib.sha256(data).hexdigest())


async def test_a_voice_is_taken_and_said_to_be_one(api: Api) -> None:
    found = (await upload(api, written(voice(6.0)))).json()
    assert found["kind"] == "voice"
    assert found["notes"][0].startswith("nature: voice (a lone voice")


async def test_uploads_have_a_larger_limit_than_other_bodies_and_only_there(api: Api) -> None:
    answer = await api.http.post("/v1/references", content=b"", headers={"Content-Length": "0"})
    assert answer.status_code == 422
    large = bytes(2_000_000)
    assert (await upload(api, large)).json()["code"] == "invalid_audio"
    assert (await api.http.post("/v1/compositions", content=large)).status_code == 413
    assert (await upload(api, bytes(50_000_001))).status_code == 413


async def inputs_of(api: Api, song: str, name: str, stage: str) -> dict[str, str]:
    """What a step got: the tiny steps write it into what they make."""
    items = (await api.http.get(f"/v1/compositions/{song}/media", params={"stage": stage})).json()["items"]
    content = MediaStore.open(api.settings).get(next(item["hash"] for item in items if item["name"] == name))
    found: dict[str, str] = json.JSONDecoder().raw_decode(content.rstrip(b"\x00").decode())[0][2]
    return found


async def test_a_song_names_its_reference_and_mastering_gets_it(api: Api) -> None:
    await upload(api, SONG)
    use = {"creative.references": ["like the sea", {"type": "audio", "hash": HASH}]}
    song = await api.start(context=use)
    await api.until(song, is_completed=True)
    detail = (await api.http.get(f"/v1/compositions/{song}")).json()
    assert detail["context"]["creative"]["references"] == use["creative.references"]
    assert (await inputs_of(api, song, "master", "mastering"))["reference"] == HASH
    assert "reference" not in await inputs_of(api, song, "mix", "mixing")


async def test_a_song_without_a_reference_is_mastered_without_one(api: Api) -> None:
    song = await api.start()
    await api.until(song, is_completed=True)
    assert set(await inputs_of(api, song, "master", "mastering")) == {"mix"}


@pytest.mark.parametrize(
    ("references", "words"),
    [
        ([{"type": "audio", "hash": "0" * 64}], "none of your uploads"),
        ([{"type": "audio", "hash": "0" * 63}], "creative.references"),
        ([{"type": "video", "hash": HASH}], "creative.references"),
        ([{"type": "audio", "hash": HASH}, {"type": "audio", "hash": HASH}], "name one audio reference"),
    ],
)
async def test_a_reference_that_cannot_be_is_refused_at_the_start_and_in_a_revision(
    references: list[Any], words: str, api: Api
) -> None:
    await upload(api, SONG)
    changes = {"creative.references": references}
    answer = await api.http.post("/v1/compositions", json={"prompt": PROMPT, "context": changes})
    assert answer.status_code == 422
    assert words in answer.text
    song = await api.start(settings={"review": ["ideation"]})
    answer = await api.send(song, "revisions", {"changes": changes})
    assert answer.status_code == 422
    assert words in answer.text


async def test_a_signal_that_names_somebody_elses_upload_blocks_the_master_and_taking_it_back_helps(api: Api) -> None:
    song = await api.start(settings={"review": ["mixing"]})
    await api.until(song, stage="mixing", status="waiting")
    stranger = MediaStore.open(api.settings).put(SONG + b"stored, and uploaded by nobody")
    temporal = await Client.connect(api.settings.temporal_address, data_converter=pydantic_data_converter)
    handle = temporal.get_workflow_handle(f"song-{song}")
    changes = {"creative.references": [{"type": "audio", "hash": stranger}]}
    await handle.signal("advance", {"changes": changes})
    found = await api.until(song, stage="mastering", status="blocked")
    assert "none of your uploads" in found["blocked"]["reason"]
    answer = await api.send(song, "revisions", {"changes": {"creative.references": []}, "stage": "mastering"})
    assert answer.status_code == 202, answer.text


async def test_somebody_elses_upload_is_none(tmp_path: Path, temporal_server: str) -> None:
    settings: Settings = settings_in(
        tmp_path, temporal_address=temporal_server, api_keys=[SecretStr(key) for key in KEYS]
    )
    async with serving(settings) as api:
        mine, theirs = ({"Authorization": f"Bearer {key}"} for key in KEYS)
        owned = await upload(api, SONG, **mine)
        assert owned.status_code == 201
        assert (await api.http.get(f"/v1/references/{HASH}", headers=mine)).status_code == 200
        assert (await api.http.get(f"/v1/references/{HASH}", headers=theirs)).status_code == 404
        body = {"prompt": PROMPT, "context": owned.json()["use"]}
        answer = await api.http.post("/v1/compositions", json=body, headers=theirs)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
        assert "none of your uploads" in answer.json()["detail"]
        assert (await upload(api, SONG)).status_code == 401


async def test_a_file_is_fetched_from_its_address(api: Api) -> None:
    async with receiving() as site:
        site.answer = lambda _: Says(200, {"Content-Type": "audio/wav"}, SONG)
        answer = await api.http.post("/v1/references", json={"url": site.url.replace("hooks", "My%20Song.wav?x=1")})
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["hash"], found["size"]) == (HASH, len(SONG))
    assert site.received[0].path == "/My%20Song.wav?x=1"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (Says(404), "the answer was 404"),
        (Says(302, {"Location": "http://169.254.169.254/latest"}), "redirects are not followed"),
        (Says(200, {"Content-Length": "60000000"}), "larger than 50,000,000 bytes"),
        (Says(200, endless=True), "larger than 50,000,000 bytes"),
        (Says(200, body=b"<html>"), "no sound file"),
        (Says(200), "empty"),
    ],
)
async def test_what_is_no_file_there_is_refused(api: Api, says: Says, words: str) -> None:
    async with receiving() as site:
        site.answer = lambda _: says
        answer = await api.http.post("/v1/references", json={"url": site.url})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert len(site.received) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://169.254.169.254/latest/meta-data"}, {"url": "http://10.0.0.1/a.wav"}, {"url": "file:///etc/passwd"},
        {"url": "https://[::1]/"}, {"url": "https://0x7f.1/"}, {"uri": "https://example.com/"}, {"url": 1}, [], "url",
    ],
)  # fmt: skip
async def test_an_address_that_may_not_be_called_is_refused(api: Api, body: Any) -> None:
    answer = await api.http.post("/v1/references", json=body)
    assert answer.status_code == 422
    assert answer.json()["code"] in ("invalid_value", "invalid_input")
