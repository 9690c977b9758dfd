import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.providers.servers.base import Fault, Pace
from tests.providers.servers.piapi import PiApi
from tests.providers.servers.test_base import Listener

INPUT: dict[str, Any] = {
    "gpt_description_prompt": "night ferry",
    "lyrics": "",
    "lyrics_type": "instrumental",
    "seed": -1,
}
TASK: dict[str, Any] = {"model": "music-u", "task_type": "generate_music", "input": INPUT}


@pytest.fixture
def piapi() -> Iterator[PiApi]:
    with PiApi() as server:
        yield server


@pytest.fixture
def client(piapi: PiApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{piapi.url}/api/v1", headers={"x-api-key": "test-key"}) as made:
        yield made


def test_a_task_goes_from_pending_to_completed(piapi: PiApi, client: httpx.Client) -> None:
    piapi.pace = Pace(polls=2)
    made = client.post("/task", json=TASK).json()
    assert (made["code"], made["data"]["status"]) == (200, "pending")
    seen = [client.get(f"/task/{made['data']['task_id']}").json()["data"] for _ in range(3)]
    assert [one["status"] for one in seen] == ["pending", "processing", "completed"]
    assert [one["output"] is None for one in seen] == [True, True, False]
    assert client.get(seen[2]["output"]["audio_url"]).status_code == 200
    assert [(one.usd, one.identity) for one in piapi.charges] == [(Decimal("0.05"), "night ferry")]


@pytest.mark.parametrize(
    "body",
    [
        {**TASK, "model": "music-s"},
        {**TASK, "extra": 1},
        {"model": "music-u", "task_type": "generate_music"},
        {**TASK, "input": {**INPUT, "lyrics_type": "some"}},
        {**TASK, "input": {**INPUT, "lyrics_type": "user"}},
        {**TASK, "input": {**INPUT, "gpt_description_prompt": ""}},
        {**TASK, "input": {**INPUT, "seed": -2}},
        {**TASK, "config": {"webhook_config": {"secret": "s"}}},
    ],
)
def test_what_it_does_not_accept_costs_nothing(piapi: PiApi, client: httpx.Client, body: dict[str, Any]) -> None:
    answer = client.post("/task", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert piapi.charges == []


def test_key_money_loss_and_failure(piapi: PiApi, client: httpx.Client) -> None:
    assert httpx.post(f"{piapi.url}/api/v1/task", json=TASK).status_code == 401
    assert client.get("/task/none").status_code == 404
    piapi.balance = Decimal("0.10")
    piapi.fail_next(Fault.lost())
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/task", json=TASK)
    piapi.end_next_with("moderation")
    piapi.pace = Pace(polls=0)
    task = client.post("/task", json=TASK).json()["data"]["task_id"]
    failed = client.get(f"/task/{task}").json()["data"]
    assert (failed["status"], failed["output"]) == ("failed", None)
    assert "flagged" in failed["error"]["message"]
    assert client.post("/task", json=TASK).status_code == 402
    assert piapi.spent == Decimal("0.10")


def test_the_webhook_carries_the_task_and_the_secret(piapi: PiApi, client: httpx.Client) -> None:
    with Listener(0) as listener:
        hook = {"webhook_config": {"endpoint": listener.url, "secret": "s3"}}
        task = client.post("/task", json={**TASK, "config": hook}).json()["data"]["task_id"]
        until = time.monotonic() + 3
        while not piapi.callbacks and time.monotonic() < until:
            time.sleep(0.01)
    sent = piapi.callbacks[0]
    assert (sent.body["data"]["task_id"], sent.body["data"]["status"]) == (task, "completed")
    assert sent.headers == {"x-webhook-secret": "s3"}
