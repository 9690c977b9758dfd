import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.providers.servers.ace_step import AceStep
from tests.providers.servers.base import Fault, Pace

SONG: dict[str, Any] = {
    "prompt": "dream pop",
    "lyrics": "[Verse]\nthe ferry leaves",
    "audio_format": "wav",
    "bpm": 92,
    "audio_duration": 10,
    "batch_size": 1,
    "use_random_seed": False,
    "seed": 7,
}


@pytest.fixture
def ace() -> Iterator[AceStep]:
    with AceStep() as server:
        yield server


@pytest.fixture
def client(ace: AceStep) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ace.url, headers={"authorization": "Bearer test-key"}) as made:
        yield made


def release(client: httpx.Client, body: dict[str, Any]) -> str:
    answer = client.post("/release_task", json=body)
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["status"] == "queued"
    return str(data["task_id"])


def query(client: httpx.Client, *tasks: str) -> list[dict[str, Any]]:
    return list(client.post("/query_result", json={"task_id_list": list(tasks)}).json()["data"])


def test_a_task_is_released_queried_and_heard(ace: AceStep, client: httpx.Client) -> None:
    ace.pace = Pace(polls=2)
    task = release(client, SONG)
    seen = [query(client, task)[0] for _ in range(3)]
    assert [one["status"] for one in seen] == [0, 0, 1]
    assert seen[0]["result"] == "[]"
    (made,) = json.loads(seen[2]["result"])
    assert (made["seed_value"], made["metas"]["bpm"]) == ("7", 92)
    assert client.get(made["file"]).content[:4] == b"RIFF"
    assert [(one.identity, one.usd) for one in ace.charges] == [("dream pop", 0)]
    ace.expire_results()
    assert client.get(made["file"]).json() == {"detail": "Audio file not found"}


def test_a_batch_not_named_is_two_and_names_may_be_camel(ace: AceStep, client: httpx.Client) -> None:
    ace.pace = Pace(polls=0)
    task = release(client, {"prompt": "calm", "audioDuration": 10, "audioFormat": "mp3"})
    assert len(json.loads(query(client, task)[0]["result"])) == 2
    assert ace.accepted == [{"prompt": "calm", "audio_duration": 10, "audio_format": "mp3"}]


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"bpm": 29},
        {"bpm": 92.5},
        {"audio_duration": 601},
        {"audio_format": "aac"},
        {"time_signature": "5"},
        {"batch_size": 9},
        {"infer_method": "euler"},
        {"task_type": "remix"},
        {"task_type": "repaint"},
    ],
)
def test_what_it_does_not_accept_is_not_counted(ace: AceStep, client: httpx.Client, change: dict[str, Any]) -> None:
    answer = client.post("/release_task", json={**SONG, **change})
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert ace.charges == []


def test_keys_types_and_the_queue_are_checked(ace: AceStep, client: httpx.Client) -> None:
    assert httpx.post(f"{ace.url}/release_task", json=SONG).status_code == 401
    assert httpx.post(f"{ace.url}/release_task", json={**SONG, "ai_token": "test-key"}).status_code == 200
    assert client.post("/release_task", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    ace.queue_limit = 1
    assert client.post("/release_task", json=SONG).status_code == 429
    assert client.get("/v1/stats").json()["data"]["queue_size"] == 1
    ace.fail_next("enveloped")
    assert client.get("/health").json()["code"] == 500
    assert client.get("/nowhere").json() == {"detail": "Not Found"}
    assert len(ace.charges) == 1


def test_audio_may_be_uploaded(ace: AceStep, client: httpx.Client) -> None:
    fields = {
        "prompt": "jazz",
        "task_type": "repaint",
        "repainting_start": "2",
        "repainting_end": "6.5",
        "thinking": "false",
    }
    answer = client.post("/release_task", data=fields, files={"src_audio": ("a.wav", b"RIFFxx")})
    task = answer.json()["data"]["task_id"]
    assert ace.uploads == {f"{task}/src_audio": b"RIFFxx"}
    assert ace.accepted[0]["repainting_end"] == 6.5
    assert ace.accepted[0]["thinking"] is False
    bad = client.post("/release_task", data=fields, files={"audio": ("a.wav", b"RIFFxx")})
    assert bad.status_code == 400


def test_lost_failed_and_forgotten_tasks(ace: AceStep, client: httpx.Client) -> None:
    ace.fail_next(Fault.lost())
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/release_task", json=SONG)
    assert len(ace.charges) == 1
    ace.pace = Pace(polls=0)
    ace.end_next_with("failed")
    failed, fine = release(client, SONG), release(client, SONG)
    assert [one["status"] for one in query(client, failed, fine)] == [2, 1]
    ace.forget()
    assert query(client, fine) == [{"task_id": fine, "status": 2, "result": "[]"}]


def test_input_is_formatted_for_free(ace: AceStep, client: httpx.Client) -> None:
    shown = client.post("/format_input", json={"prompt": "calm", "bpm": 80}).json()["data"]
    assert (shown["caption"], shown["bpm"]) == ("calm, warm and detailed", 80)
    assert ace.charges == []
