import base64
import hashlib
import hmac
import io
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
import soundfile

from tests.providers.servers.base import Fault, Pace
from tests.providers.servers.replicate import ReplicateServer

VERSION = "a" * 64


@pytest.fixture(scope="module")
def running() -> Iterator[ReplicateServer]:
    with ReplicateServer() as server:
        yield server


@pytest.fixture
def replicate(running: ReplicateServer) -> ReplicateServer:
    server = running.afresh()
    server.audio_seconds = 0.5
    return server


@pytest.fixture
def client(replicate: ReplicateServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {replicate.key}"}
    with httpx.Client(base_url=replicate.url, headers=headers, timeout=5.0) as made:
        yield made


@pytest.fixture
def ear() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address that hears webhooks, and what it heard."""
    heard: list[tuple[dict[str, str], bytes]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            heard.append(({name.lower(): value for name, value in self.headers.items()}, raw))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", heard
    server.shutdown()
    thread.join()
    server.server_close()


def order(**given: Any) -> dict[str, Any]:
    return {"version": VERSION, "input": {"prompt": "lo-fi piano", "duration": 12, **given}}


def genuine(secret: str, headers: dict[str, str], raw: bytes) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + raw
    key = base64.b64decode(secret.removeprefix("whsec_"))
    want = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return any(given.removeprefix("v1,") == want for given in headers["webhook-signature"].split())


def heard_all(server: ReplicateServer) -> None:
    for poster in server._posters:
        poster.join(5)


def test_a_prediction_goes_its_way(replicate: ReplicateServer, client: httpx.Client) -> None:
    made = client.post("/v1/predictions", json=order())
    assert (made.status_code, made.json()["status"], made.json()["output"]) == (201, "starting", None)
    at = made.json()["urls"]["get"]
    states = [client.get(at).json()["status"] for _ in range(3)]
    assert states == ["starting", "processing", "succeeded"]
    done = client.get(at).json()
    assert done["metrics"]["predict_time"] > 0
    sound = client.get(done["output"])
    assert soundfile.info(io.BytesIO(sound.content)).format == "WAV"
    assert [(charge.usd, charge.identity) for charge in replicate.charges] == [(Decimal("0.07"), "lo-fi piano")]


REFUSED_ORDERS: tuple[dict[str, Any], ...] = (
    {"inptu": {}, "version": VERSION},
    {"version": VERSION},
    {"input": {"prompt": "a"}},
    {"version": "latest", "input": {"prompt": "a"}},
    order(negative_prompt="drums"),
    order(duration="12"),
    order(duration=0),
    order(output_format="flac"),
    order(model_version="small"),
    order(normalization_strategy="lufs"),
    order(continuation="yes"),
    order(input_audio="/tmp/a.wav"),
    {**order(), "webhook_events_filter": ["done"]},
    {**order(), "webhook": "ftp://host/x"},
    {**order(), "version": f"stability-ai/stable-audio-2.5:{VERSION}", "input": {"prompt": "a", "duration": 191}},
)


def test_inputs_it_refuses(replicate: ReplicateServer, client: httpx.Client) -> None:
    for body in REFUSED_ORDERS:
        answer = client.post("/v1/predictions", json=body)
        assert answer.status_code == 422, body
        assert {"type", "title", "status", "detail", "instance"} == set(answer.json()), body
    assert client.post("/v1/predictions", json=order(), headers={"Prefer": "wait=61"}).status_code == 422
    assert (replicate.charges, replicate.accepted) == ([], [])


def test_waiting_for_it(replicate: ReplicateServer, client: httpx.Client) -> None:
    at = "/v1/models/meta/musicgen/predictions"
    body = {"input": {"prompt": "a", "output_format": "mp3"}}
    held = client.post(at, json=body, headers={"Prefer": "wait"})
    assert (held.status_code, held.json()["status"]) == (201, "succeeded")
    assert held.json()["output"].endswith(".mp3")
    replicate.pace = Pace(seconds=1.4)
    short = client.post(at, json=body, headers={"Prefer": "wait=1"})
    assert (short.status_code, short.json()["status"], short.json()["output"]) == (202, "processing", None)
    assert client.post("/v1/models/nobody/nothing/predictions", json=body).status_code == 404


def test_keys_credits_and_probes(replicate: ReplicateServer, client: httpx.Client) -> None:
    assert client.get("/v1/account").json()["username"] == "tester"
    assert client.get("/v1/account", headers={"Authorization": "Token x"}).status_code == 401
    replicate.balance = Decimal("0.10")
    assert [client.post("/v1/predictions", json=order()).status_code for _ in range(2)] == [201, 402]
    assert replicate.spent == Decimal("0.07")
    assert client.get("/v1/predictions/none").status_code == 404


def test_what_does_not_succeed(replicate: ReplicateServer, client: httpx.Client) -> None:
    replicate.end_next_with("failed")
    failed = client.post("/v1/predictions", json=order(), headers={"Prefer": "wait"}).json()
    assert (failed["status"], failed["output"]) == ("failed", None)
    assert failed["error"]
    stopped = client.post("/v1/predictions", json=order()).json()["urls"]
    assert client.post(stopped["cancel"]).json()["status"] == "canceled"
    assert [client.get(stopped["get"]).json()["status"] for _ in range(4)] == ["canceled"] * 4
    assert (len(replicate.charges), replicate.spent) == (2, Decimal(0))
    done = client.post("/v1/predictions", json=order(), headers={"Prefer": "wait"}).json()
    assert client.post(done["urls"]["cancel"]).json()["status"] == "succeeded"
    assert replicate.spent == Decimal("0.07")


def test_webhooks_are_signed_over_what_was_sent(replicate: ReplicateServer, client: httpx.Client, ear: Any) -> None:
    url, heard = ear
    secret = client.get("/v1/webhooks/default/secret").json()["key"]
    replicate.calls_back("twice")
    client.post("/v1/predictions", json={**order(), "webhook": url, "webhook_events_filter": ["start", "completed"]})
    heard_all(replicate)
    assert [sent.stage for sent in replicate.callbacks] == ["start", "start", "completed", "completed"]
    assert all(genuine(secret, headers, raw) for headers, raw in heard)
    assert len({headers["webhook-id"] for headers, _ in heard}) == 2
    assert replicate.callbacks[-1].body["status"] == "succeeded"


@pytest.mark.parametrize(("mode", "signing"), [("forged", "signed"), ("once", "unsigned"), ("once", "rotated")])
def test_webhooks_of_other_kinds(
    replicate: ReplicateServer, client: httpx.Client, ear: Any, mode: str, signing: str
) -> None:
    url, heard = ear
    replicate.calls_back(mode)
    replicate.webhook_signing = signing
    number = client.post("/v1/predictions", json={**order(), "webhook": url}).json()["id"]
    heard_all(replicate)
    headers, raw = heard[-1]
    if signing == "unsigned":
        assert not [name for name in headers if name.startswith("webhook-")]
        return
    assert genuine(replicate.secret, headers, raw) is (mode != "forged")
    state = client.get(f"/v1/predictions/{number}").json()["status"]
    assert state == ("starting" if mode == "forged" else "succeeded")


def test_a_webhook_of_what_was_canceled(replicate: ReplicateServer, client: httpx.Client, ear: Any) -> None:
    replicate.callback_gap = 0.2
    made = client.post("/v1/predictions", json={**order(), "webhook": ear[0]}).json()
    client.post(made["urls"]["cancel"])
    heard_all(replicate)
    assert {sent.body["status"] for sent in replicate.callbacks} == {"canceled"}
    assert {sent.body["output"] for sent in replicate.callbacks} == {None}


def test_an_hour_later_it_is_gone(replicate: ReplicateServer, client: httpx.Client) -> None:
    done = client.post("/v1/predictions", json=order(), headers={"Prefer": "wait"}).json()
    replicate.expire_results()
    assert client.get(done["output"]).status_code == 404
    later = client.get(done["urls"]["get"]).json()
    assert (later["status"], later["output"], later["input"]) == ("succeeded", None, {})


def test_a_lost_answer_costs_and_a_refusal_does_not(replicate: ReplicateServer, client: httpx.Client) -> None:
    replicate.fail_next(Fault.lost())
    with pytest.raises(httpx.TransportError):
        client.post("/v1/predictions", json=order())
    replicate.fail_next("rate_limited")
    slow = client.post("/v1/predictions", json=order())
    assert (slow.status_code, slow.headers["retry-after"]) == (429, "1")
    assert len(replicate.charges) == 1
