import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.providers.servers.base import Fault, Pace
from tests.providers.servers.kie import Kie
from tests.providers.servers.test_base import Listener

INNER: dict[str, Any] = {
    "model": "V6",
    "custom_mode": True,
    "instrumental": False,
    "title": "Night Ferry",
    "style": "dream pop",
    "prompt": "[Verse]\nthe ferry leaves",
    "duration": 20,
}
TASK: dict[str, Any] = {"model": "ai-music-api/generate", "input": INNER}


@pytest.fixture
def kie() -> Iterator[Kie]:
    with Kie() as server:
        yield server


@pytest.fixture
def client(kie: Kie) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{kie.url}/api/v1", headers={"authorization": "Bearer test-key"}) as made:
        yield made


def create(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    return client.post("/jobs/createTask", json=body).json()


def record(client: httpx.Client, task: str) -> dict[str, Any]:
    return client.get("/jobs/recordInfo", params={"taskId": task}).json()["data"]


def test_a_job_waits_queues_generates_and_succeeds(kie: Kie, client: httpx.Client) -> None:
    kie.pace = Pace(polls=3)
    task = create(client, TASK)["data"]["taskId"]
    seen = [record(client, task) for _ in range(4)]
    assert [one["state"] for one in seen] == ["waiting", "queuing", "generating", "success"]
    assert [one["resultJson"] for one in seen[:3]] == ["", "", ""]
    songs = json.loads(seen[3]["resultJson"])["data"]
    assert len(songs) == 2
    assert client.get(songs[1]["audio_url"]).headers["content-type"] == "audio/mpeg"
    assert [(one.usd, one.identity) for one in kie.charges] == [(Decimal("0.060"), "Night Ferry")]


@pytest.mark.parametrize(
    "body",
    [
        {**TASK, "model": "V6"},
        {**TASK, "surprise": 1},
        {"model": "ai-music-api/generate"},
        {**TASK, "model": "ai-music-api/dance"},
        {**TASK, "input": {**INNER, "negativeTags": "x"}},
        {**TASK, "input": {**INNER, "model": "V9"}},
        {**TASK, "input": {**INNER, "title": ""}},
        {**TASK, "input": {**INNER, "model": "V5"}},
        {**TASK, "input": {**INNER, "duration": 361}},
        {"model": "ai-music-api/separate-vocals", "input": {"task_id": "a", "audio_id": "b", "type": "split_stem"}},
    ],
)
def test_what_it_does_not_accept_costs_nothing(kie: Kie, client: httpx.Client, body: dict[str, Any]) -> None:
    assert create(client, body)["code"] == 422
    assert kie.charges == []


def test_keys_money_and_polls_are_checked(kie: Kie, client: httpx.Client) -> None:
    assert httpx.post(f"{kie.url}/api/v1/jobs/createTask", json=TASK).json()["code"] == 401
    kie.balance = Decimal(12)
    task = create(client, TASK)["data"]["taskId"]
    assert create(client, TASK)["code"] == 402
    assert client.get("/chat/credit").json()["data"] == 0
    kie.polls_a_second = 3
    asked = [client.get("/jobs/recordInfo", params={"taskId": task}).json()["code"] for _ in range(4)]
    assert asked == [200, 200, 200, 429]
    assert len(kie.charges) == 1


def test_a_lost_answer_was_charged_and_a_failed_job_says_why(kie: Kie, client: httpx.Client) -> None:
    kie.fail_next(Fault.lost())
    with pytest.raises(httpx.RemoteProtocolError):
        create(client, TASK)
    assert len(kie.charges) == 1
    kie.pace = Pace(polls=0)
    kie.end_next_with("moderation")
    failed = record(client, create(client, TASK)["data"]["taskId"])
    assert (failed["state"], failed["resultJson"]) == ("fail", "")
    assert "sensitive" in failed["failMsg"]


@pytest.mark.parametrize(("mode", "key"), [("once", "secret"), ("forged", "secret"), ("once", None)])
def test_callbacks_are_signed_over_task_and_time(kie: Kie, client: httpx.Client, mode: str, key: str | None) -> None:
    kie.webhook_key = key
    kie.calls_back(mode)
    kie.pace = Pace(polls=50)
    with Listener(0) as listener:
        task = create(client, {**TASK, "callBackUrl": listener.url})["data"]["taskId"]
        until = time.monotonic() + 3
        while not kie.callbacks and time.monotonic() < until:
            time.sleep(0.01)
    sent = kie.callbacks[0]
    assert (sent.body["data"]["taskId"], sent.body["data"]["state"]) == (task, "success")
    assert record(client, task)["state"] == ("waiting" if mode == "forged" else "success")
    if key is None:
        assert sent.headers == {}
        return
    plain = f"{task}.{sent.headers['X-Webhook-Timestamp']}".encode()
    want = base64.b64encode(hmac.new(key.encode(), plain, hashlib.sha256).digest()).decode()
    assert (sent.headers["X-Webhook-Signature"] == want) == (mode == "once")


def test_work_on_a_known_song(kie: Kie, client: httpx.Client) -> None:
    kie.pace = Pace(polls=0)
    task, audio = kie.known_song(seconds=30)
    track = {"task_id": task, "audio_id": audio}
    words = create(client, {"model": "ai-music-api/timeStamped-lyrics", "input": track})["data"]["taskId"]
    aligned = json.loads(record(client, words)["resultJson"])["aligned_words"]
    assert [one["word"] for one in aligned] == ["la", "la", "la"]
    stems = {"model": "ai-music-api/separate-vocals", "input": {**track, "type": "separate_vocal"}}
    made = json.loads(record(client, create(client, stems)["data"]["taskId"])["resultJson"])
    assert client.get(made["vocal_url"]).status_code == 200
    kie.expire_results(410)
    assert client.get(made["vocal_url"]).status_code == 410
