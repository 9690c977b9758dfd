"""Webhook endpoints over HTTP: made, told, tried, looked at, turned, sent again; other people's are not there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select
from standardwebhooks import Webhook

from domain.events import EventType
from storage.records import IdempotencyRecord
from tests.api.conftest import Api, serving, settings_in
from tests.fixtures.receiver import Receiver, Says, receiving
from tests.fixtures.temporal import free_port

PATH = "/v1/webhook-endpoints"
KEYS = ("first-key-0123456789", "other-key-0123456789")


@pytest.fixture
async def receiver(api: Api) -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made
    for endpoint in (await api.http.get(PATH)).json()["items"]:
        assert (await api.http.delete(f"{PATH}/{endpoint['id']}")).status_code == 204


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    """An API with two owners; Temporal is away."""
    settings = settings_in(
        tmp_path, temporal_address=f"127.0.0.1:{free_port()}", api_keys=[SecretStr(key) for key in KEYS],
        outgoing_allowed=["relay.example"],
    )  # fmt: skip
    async with serving(settings) as served:
        yield served


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def made(api: Api, url: str, **wish: Any) -> dict[str, Any]:
    """A new endpoint, with its secret."""
    answer = await api.http.post(PATH, json={"url": url, **wish})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


async def arrived(api: Api, place: str, status: str = "delivered") -> dict[str, Any]:
    """A delivery once it stands as wanted."""
    for _ in range(400):
        found: dict[str, Any] = (await api.http.get(place)).json()
        if found["status"] == status:
            return found
        await asyncio.sleep(0.03)
    raise AssertionError(f"wanted {status}, found {found}")


async def test_a_song_tells_what_happens_to_it_signed_and_each_event_once(api: Api, receiver: Receiver) -> None:
    endpoint = await made(api, receiver.url)
    picky = await made(api, receiver.url + "/picky", event_types=["song_completed", "song_completed"])
    assert picky["event_types"] == ["song_completed"]
    song = await api.start(title="Rainy Window")
    status = await api.until(song, status="completed")
    last = status["sequence"]
    for _ in range(400):
        told = [request for request in receiver.received if request.path == "/hooks"]
        chosen = [request for request in receiver.received if request.path == "/hooks/picky"]
        if len(told) >= last and chosen:
            break
        await asyncio.sleep(0.03)
    messages = [Webhook(endpoint["secret"]).verify(request.body, dict(request.headers)) for request in told]
    assert sorted(message["data"]["seq"] for message in messages) == list(range(1, last + 1))
    assert {message["data"]["composition_id"] for message in messages} == {song}
    assert {message["type"] for message in messages} <= set(EventType)
    message = Webhook(picky["secret"]).verify(chosen[0].body, dict(chosen[0].headers))
    assert message["type"] == "song_completed"
    assert message["data"]["url"] == f"/v1/compositions/{song}"
    assert message["data"]["title"] == "Rainy Window"
    assert (await api.http.get(message["data"]["url"])).status_code == 200
    for _ in range(100):
        page = (await api.http.get(f"{PATH}/{picky['id']}/deliveries", params={"status": "delivered"})).json()
        if page["items"]:
            break
        # The receiver has it before the log says so.
        await asyncio.sleep(0.05)
    assert [entry["id"] for entry in page["items"]] == [chosen[0].headers["webhook-id"]]


async def test_a_trial_its_log_and_its_replay(api: Api, receiver: Receiver) -> None:
    endpoint = await made(api, receiver.url, description="our shop")
    root = f"{PATH}/{endpoint['id']}"
    receiver.answer = lambda _: Says(200, body="ça va".encode())
    answer = await api.http.post(f"{root}/tests")
    assert (answer.status_code, answer.json()["event_type"]) == (202, "ping")
    found = await arrived(api, answer.headers["location"])
    assert (found["attempts"], found["response_status"], found["payload"]["type"]) == (1, 200, "ping")
    assert found["tries"][0]["response_excerpt"] == "ça va"
    again = await api.http.post(f"{answer.headers['location']}/replays", headers={"Idempotency-Key": "again-1"})
    assert (again.status_code, again.headers["location"]) == (202, answer.headers["location"])
    repeated = await api.http.post(f"{answer.headers['location']}/replays", headers={"Idempotency-Key": "again-1"})
    assert repeated.headers["idempotency-replayed"] == "true"
    found = await arrived(api, answer.headers["location"])
    for _ in range(200):
        if len(receiver.received) > 1:
            break
        await asyncio.sleep(0.03)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == found["id"]
    assert Webhook(endpoint["secret"]).verify(second.body, dict(second.headers)) == found["payload"]


async def test_a_receiver_that_is_gone_is_switched_off_and_can_be_switched_on(api: Api, receiver: Receiver) -> None:
    endpoint = await made(api, receiver.url)
    root = f"{PATH}/{endpoint['id']}"
    receiver.answer = lambda _: Says(410)
    place = (await api.http.post(f"{root}/tests")).headers["location"]
    await arrived(api, place, "failed")
    off = (await api.http.get(root)).json()
    assert (off["is_active"], off["disabled_reason"]) == (False, "the receiver answered 410 Gone")
    refused = await api.http.post(f"{place}/replays")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    on = await api.http.patch(root, json={"is_active": True})
    assert (on.json()["is_active"], on.json()["disabled_reason"]) == (True, None)
    receiver.answer = lambda _: Says(204)
    assert (await api.http.post(f"{place}/replays")).status_code == 202
    assert (await arrived(api, place))["attempts"] == 2


async def test_a_log_is_read_page_by_page(keyed: Api) -> None:
    me = _as(KEYS[0])
    endpoint = (await keyed.http.post(PATH, json={"url": "http://relay.example/"}, headers=me)).json()
    root = f"{PATH}/{endpoint['id']}"
    sent = [(await keyed.http.post(f"{root}/tests", headers=me)).json()["id"] for _ in range(3)]
    first = (await keyed.http.get(f"{root}/deliveries", params={"limit": 2}, headers=me)).json()
    params = {"limit": 2, "cursor": first["next_cursor"]}
    rest = (await keyed.http.get(f"{root}/deliveries", params=params, headers=me)).json()
    assert [entry["id"] for entry in (*first["items"], *rest["items"])] == sent[::-1]
    assert rest["next_cursor"] is None
    assert {entry["status"] for entry in first["items"]} == {"pending"}
    waiting = await keyed.http.post(f"{root}/deliveries/{sent[0]}/replays", headers=me)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "conflict")
    for cursor in ("nonsense", "W10", "bnVsbA"):
        answer = await keyed.http.get(f"{root}/deliveries", params={"cursor": cursor}, headers=me)
        assert answer.status_code == 422


async def test_a_secret_is_told_once_and_kept_out_of_the_records_of_answers(keyed: Api) -> None:
    me = _as(KEYS[0])
    body = {"url": "http://relay.example/"}
    first = await keyed.http.post(PATH, json=body, headers=me | {"Idempotency-Key": "once-1"})
    secret = first.json()["secret"]
    assert len(Webhook(secret)._whsecret) == 32
    again = await keyed.http.post(PATH, json=body, headers=me | {"Idempotency-Key": "once-1"})
    assert (again.json()["id"], again.json()["secret"]) == (first.json()["id"], None)
    root = first.headers["location"]
    turned = await keyed.http.post(f"{root}/secret-rotations", headers=me | {"Idempotency-Key": "turn-1"})
    assert turned.status_code == 201
    assert turned.json()["secret"] not in (None, secret)
    assert turned.json()["old_secret_until"] is not None
    repeated = await keyed.http.post(f"{root}/secret-rotations", headers=me | {"Idempotency-Key": "turn-1"})
    assert repeated.json() == turned.json() | {"secret": None}
    for place in (root, PATH):
        assert "whsec_" not in (await keyed.http.get(place, headers=me)).text
    async with keyed.server.config.app.state.services.database.session() as session:
        for record in (await session.exec(select(IdempotencyRecord))).all():
            assert "whsec_" not in (record.body or "")


async def test_other_peoples_endpoints_are_not_there(keyed: Api) -> None:
    me, other = map(_as, KEYS)
    root = (await keyed.http.post(PATH, json={"url": "http://relay.example/"}, headers=me)).headers["location"]
    delivery = (await keyed.http.post(f"{root}/tests", headers=me)).headers["location"]
    calls: list[tuple[str, str, Any]] = [
        ("GET", root, None), ("PATCH", root, {"description": "mine"}), ("DELETE", root, None),
        ("POST", f"{root}/secret-rotations", None), ("POST", f"{root}/tests", None), ("GET", delivery, None),
        ("GET", f"{root}/deliveries", None), ("POST", f"{delivery}/replays", None),
    ]  # fmt: skip
    own = (await keyed.http.post(PATH, json={"url": "http://relay.example/"}, headers=other)).headers["location"]
    calls += [("GET", f"{own}/deliveries/{delivery.rpartition('/')[2]}", None)]
    for method, path, body in calls:
        answer = await keyed.http.request(method, path, json=body, headers=other)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, path)
        assert (await keyed.http.request(method, path, json=body)).status_code == 401
    assert (await keyed.http.get(PATH, headers=other)).json()["items"][0]["id"] == own.rpartition("/")[2]
    assert (await keyed.http.get(root, headers=me)).json()["description"] == ""


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://127.0.0.2/"}, {"url": "http://example.com/"}, {"url": "https://2130706434/"},
        {"url": "nonsense"}, {},
        {"url": "https://169.254.169.254/latest"}, {"url": "https://[::ffff:10.0.0.1]/"}, {"url": "https://localhost/"},
        {"url": "https://user:pass@relay.example/"}, {"url": "http://relay.example/", "event_types": ["song_exploded"]},
        {"url": "http://relay.example/", "description": "x" * 256}, {"url": "http://relay.example/", "secret": "x"},
    ],
)  # fmt: skip
async def test_what_cannot_be_told_is_refused_with_a_reason(keyed: Api, body: dict[str, Any]) -> None:
    me = _as(KEYS[0])
    answer = await keyed.http.post(PATH, json=body, headers=me)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]
    root = (await keyed.http.post(PATH, json={"url": "http://relay.example/"}, headers=me)).headers["location"]
    if body:
        assert (await keyed.http.patch(root, json=body, headers=me)).status_code == 422
    assert (await keyed.http.get(root, headers=me)).json()["url"] == "http://relay.example/"


async def test_there_are_twenty_endpoints_at_most(keyed: Api) -> None:
    me = _as(KEYS[0])

    async def add() -> httpx.Response:
        return await keyed.http.post(PATH, json={"url": "http://relay.example/"}, headers=me)

    answers = [await add() for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [409]
    assert (await keyed.http.delete(answers[0].headers["location"], headers=me)).status_code == 204
    assert (await add()).status_code == 201


async def test_what_is_sent_stands_in_the_openapi_document(keyed: Api) -> None:
    told = (await keyed.http.get("/openapi.json")).json()["webhooks"]
    assert set(told) == {*EventType, "ping"}
    for operation in (item["post"] for item in told.values()):
        assert {"webhook-id", "webhook-timestamp", "webhook-signature"} == {p["name"] for p in operation["parameters"]}
        assert operation["summary"]
