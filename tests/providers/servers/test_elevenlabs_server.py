import copy
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import soundfile

from tests.providers.servers.base import Fault, sound_file
from tests.providers.servers.elevenlabs import ElevenLabsServer

CHUNKS: dict[str, Any] = {
    "chunks": [
        {
            "text": "[Verse 1]\nline one",
            "duration_ms": 20_000,
            "positive_styles": ["dream pop"],
            "negative_styles": [],
            "context_adherence": "high",
        },
        {"text": "[Chorus]", "duration_ms": 50_000, "positive_styles": ["dream pop"]},
    ]
}
SECTIONS: dict[str, Any] = {
    "positive_global_styles": ["folk"],
    "negative_global_styles": [],
    "sections": [
        {
            "section_name": "Verse",
            "positive_local_styles": [],
            "negative_local_styles": [],
            "duration_ms": 10_000,
            "lines": ["one"],
        }
    ],
}


@pytest.fixture(scope="module")
def running() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as server:
        yield server


@pytest.fixture
def eleven(running: ElevenLabsServer) -> ElevenLabsServer:
    server = running.afresh()
    server.audio_seconds = 1.0
    return server


@pytest.fixture
def client(eleven: ElevenLabsServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=eleven.url, headers={"xi-api-key": eleven.key}, timeout=5.0) as made:
        yield made


def with_chunk(**changes: Any) -> dict[str, Any]:
    plan = copy.deepcopy(CHUNKS)
    plan["chunks"][0] |= changes
    return {"composition_plan": plan, "model_id": "music_v2_5"}


def with_section(**changes: Any) -> dict[str, Any]:
    plan = copy.deepcopy(SECTIONS)
    plan["sections"][0] |= changes
    return {"composition_plan": plan, "model_id": "music_v1"}


def test_a_prompt_becomes_sound_and_is_billed_by_the_minute(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    body = {"prompt": "sad ferry", "music_length_ms": 61_000, "model_id": "music_v2_5", "force_instrumental": True}
    answer = client.post("/v1/music", params={"output_format": "mp3_44100_128"}, json=body)
    assert answer.headers["content-type"] == "audio/mpeg"
    assert "song-id" not in answer.headers
    assert soundfile.info(io.BytesIO(answer.content)).samplerate == 44_100
    assert [(charge.usd, charge.identity) for charge in eleven.charges] == [(Decimal("1.60"), "sad ferry")]


REFUSED_BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"prompt": "a", **with_chunk()},
    {"prompt": "a", "seed": 4},
    {"prompt": "a", "music_length_ms": 2_999},
    {"prompt": "a", "music_length_ms": 600_001},
    {"prompt": "a", "lyrics": "b"},
    {"prompt": "a", "with_timestamps": True},
    {"prompt": "a", "model_id": "music_v9"},
    {"prompt": "a", "model_id": "music_v2", "respect_sections_durations": True},
    {**with_chunk(), "music_length_ms": 30_000},
    {**with_chunk(), "force_instrumental": True},
    {**with_chunk(), "model_id": "music_v1"},
    {**with_section(), "model_id": "music_v2"},
    with_chunk(context_adherence="xhigh"),
    with_chunk(condition_strength="low"),
    with_chunk(lines=["a"]),
    with_chunk(duration_ms=20.5),
    with_section(duration_ms=120_001),
    with_section(lines=["x" * 201]),
    with_section(lines=["x"] * 31),
    {"composition_plan": {"chunks": CHUNKS["chunks"] * 16}, "model_id": "music_v2"},
)


def test_rules_between_fields(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    for body in REFUSED_BODIES:
        answer = client.post("/v1/music", json=body)
        assert answer.status_code == 422, body
        assert answer.json()["detail"][0]["msg"], body
    assert client.post("/v1/music", content=b"{").status_code == 422
    assert client.post("/v1/music", params={"output_format": "wav"}, json={"prompt": "a"}).status_code == 422
    assert (eleven.charges, eleven.accepted) == ([], [])


def test_plans_that_hold(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    assert client.post("/v1/music", json={**with_chunk(), "seed": 7}).status_code == 200
    assert client.post("/v1/music", json={**with_section(), "respect_sections_durations": True}).status_code == 200
    assert [charge.usd for charge in eleven.charges] == [Decimal("1.60"), Decimal("0.80")]


def test_detailed_is_json_and_sound_in_one(client: httpx.Client) -> None:
    body = {"prompt": "dream pop, slow", "with_timestamps": True, "store_for_inpainting": True}
    answer = client.post("/v1/music/detailed", json=body)
    kind, _, boundary = answer.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/mixed"
    said, sound = answer.content.split(f"--{boundary}".encode())[1:3]
    told = json.loads(said.partition(b"\r\n\r\n")[2])
    assert set(told) == {"composition_plan", "song_metadata", "words_timestamps"}
    assert soundfile.info(io.BytesIO(sound.partition(b"\r\n\r\n")[2][:-2])).duration == pytest.approx(1.0, abs=0.1)
    again = {"song_id": answer.headers["song-id"], "range": {"start_ms": 0, "end_ms": 15_000}}
    kept = with_chunk(conditioning_ref=again, condition_strength="xhigh")
    assert client.post("/v1/music", json=kept).status_code == 200
    again["range"]["end_ms"] = 30_001
    assert client.post("/v1/music", json=with_chunk(conditioning_ref=again)).status_code == 422
    unknown = {"song_id": "nobody", "range": {"start_ms": 0, "end_ms": 1_000}}
    assert client.post("/v1/music", json=with_chunk(conditioning_ref=unknown)).status_code == 404


def test_a_suggestion_is_one_that_passes(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    first = client.post("/v1/music", json={"prompt": "like a Famous Singer at night"})
    said = first.json()["detail"]
    assert (first.status_code, said["status"]) == (400, "bad_prompt")
    assert client.post("/v1/music", json={"prompt": said["data"]["prompt_suggestion"]}).status_code == 200
    plan = client.post("/v1/music", json=with_chunk(positive_styles=["famous singer"])).json()["detail"]
    better = plan["data"]["composition_plan_suggestion"]
    assert plan["status"] == "bad_composition_plan"
    assert client.post("/v1/music", json={"composition_plan": better, "model_id": "music_v2"}).status_code == 200
    assert "data" not in client.post("/v1/music", json={"prompt": "gore"}).json()["detail"]
    assert len(eleven.charges) == 2


def test_a_plan_is_free_and_can_be_played(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    for model in ("music_v1", "music_v2_5"):
        asked = {"prompt": "folk, quiet", "music_length_ms": 30_000, "model_id": model}
        plan = client.post("/v1/music/plan", json=asked).json()
        assert eleven.charges == []
        assert client.post("/v1/music", json={"composition_plan": plan, "model_id": model}).status_code == 200
        eleven._charges.clear()


def test_keys_quotas_and_plans(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    wrong = client.post("/v1/music", json={"prompt": "a"}, headers={"xi-api-key": "no"})
    assert (wrong.status_code, wrong.json()["detail"]["status"]) == (401, "invalid_api_key")
    eleven.balance = Decimal("0.80")
    codes = [client.post("/v1/music", json={"prompt": "a"}) for _ in range(2)]
    assert [code.status_code for code in codes] == [200, 401]
    assert codes[1].json()["detail"]["status"] == "quota_exceeded"
    eleven.balance, eleven.tier = None, "starter"
    fine = {"output_format": "pcm_44100"}
    assert client.post("/v1/music", params=fine, json={"prompt": "a"}).status_code == 403
    eleven.tier = "pro"
    assert len(client.post("/v1/music", params=fine, json={"prompt": "a"}).content) == 44_100 * 4


def test_uploads_and_stems(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    file = {"file": ("in.wav", sound_file("wav", 8, rate=8000), "audio/wav")}
    up = client.post("/v1/music/upload", files=file, data={"extract_composition_plan": "music_v2"}).json()
    assert set(up) == {"song_id", "composition_plan"}
    eleven.end_next_with("copyright")
    refused = client.post("/v1/music/upload", files=file)
    assert refused.status_code == 400
    assert [charge.usd for charge in eleven.charges] == [Decimal("0.40")] * 2
    split = client.post("/v1/music/stem-separation", files=file, data={"stem_variation_id": "two_stems_v1"})
    with zipfile.ZipFile(io.BytesIO(split.content)) as archive:
        assert sorted(archive.namelist()) == ["instrumental.mp3", "vocals.mp3"]
    assert client.post("/v1/music/upload", json={}).status_code == 422
    assert client.post("/v1/music/stem-separation", files=file, data={"stems": "2"}).status_code == 422
    assert client.post("/v1/music/upload", files={"file": ("a", b"text")}).status_code == 422
    assert len(eleven.charges) == 3


def test_two_at_once_where_one_may(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    eleven.concurrency, eleven.work_seconds = 1, 0.3
    other = threading.Thread(target=lambda: client.post("/v1/music", json={"prompt": "a"}))
    other.start()
    eleven._stopping.wait(0.1)
    second = client.post("/v1/music", json={"prompt": "b"})
    other.join()
    assert second.json()["detail"]["status"] == "too_many_concurrent_requests"
    assert [charge.identity for charge in eleven.charges] == ["a"]


def test_lost_answers_cost_and_streams_arrive(eleven: ElevenLabsServer, client: httpx.Client) -> None:
    eleven.fail_next(Fault.lost(), path="/v1/music")
    with pytest.raises(httpx.TransportError):
        client.post("/v1/music", json={"prompt": "a"})
    assert eleven.spent == Decimal("0.80")
    eleven.fail_next("overloaded")
    assert client.post("/v1/music", json={"prompt": "a"}).json()["detail"]["status"] == "system_busy"
    assert client.post("/v1/music/stream", json={"prompt": "a"}).headers["transfer-encoding"] == "chunked"
    eleven.tier = "free"
    assert client.post("/v1/music/stream", json={"prompt": "a"}).status_code == 403
