import contextlib
import io
import threading
import time
import wave
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import httpx
import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.providers.servers.base import (
    Answer,
    ContractServer,
    Fault,
    Field,
    Job,
    Pace,
    complaint,
    multipart,
    silence,
    sound_file,
    tone,
)


class Shop(ContractServer):
    """The smallest vendor: sells one thing for 5 cents."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "rate_limited": Answer(429, {"error": "slow down"}, {"retry-after": "1"}),
        "upstream": Answer(500, {"error": "internal"}),
        "overloaded": Answer(503, {"error": "busy"}),
        "not_found": Answer(404, {"error": "no such thing"}),
        "invalid_request": Answer(400, {"error": "?"}),
    }

    def routes(self) -> list[Route]:
        return [Route("/buy", self.buy, methods=["POST"]), Route("/stock", self.stock)]

    async def buy(self, request: Request) -> Response:
        body = await request.json()
        wrong = complaint(body, {"title": Field(required=True, most=10), "callback": Field()})
        if wrong:
            raise self.refuse("invalid_request", error=wrong)
        self.accept(body)
        self.charge("buy", "0.05", body["title"])
        job = Job(self.new_id("job_", body), "buy", body, ("open", "half", "done"))
        self.jobs[job.id] = job
        self.call_back(body.get("callback"), job, (("half", 1), ("done", 2)))
        return Answer(200, {"id": job.id, "file": self.offer(f"{job.id}.wav", "wav", 1.0)}).response()

    async def stock(self, request: Request) -> Response:
        return Answer(200, {"left": 3, "filler": "x" * 1000}).response()

    def callback_of(self, job: Job, stage: str, forged: bool) -> tuple[dict[str, Any], dict[str, str]]:
        return {"id": job.id, "stage": stage}, {"x-signature": "bad" if forged else "good"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        yield server


@pytest.fixture
def client(shop: Shop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, timeout=5.0) as made:
        yield made


def test_a_sale_is_recorded_and_charged_once(shop: Shop, client: httpx.Client) -> None:
    answer = client.post("/buy", json={"title": "a"}, headers={"X-Mark": "m"})
    assert answer.status_code == 200
    assert [(charge.identity, charge.usd) for charge in shop.charges] == [("a", Decimal("0.05"))]
    assert shop.spent == Decimal("0.05")
    assert shop.accepted == [{"title": "a"}]
    seen = shop.requests[0]
    assert (seen.method, seen.path, seen.headers["x-mark"], seen.body) == ("POST", "/buy", "m", {"title": "a"})


def test_what_is_refused_is_not_charged(shop: Shop, client: httpx.Client) -> None:
    for body, says in (({}, "title is required"), ({"title": "a", "x": 1}, "unknown field x"), ({"title": 1}, "type")):
        answer = client.post("/buy", json=body)
        assert answer.status_code == 400
        assert says in answer.json()["error"]
    assert client.get("/nowhere").json() == {"error": "no such thing"}
    assert shop.charges == []
    assert shop.accepted == []


def test_a_lost_answer_is_charged_and_a_cut_request_is_not(shop: Shop, client: httpx.Client) -> None:
    shop.fail_next(Fault.lost(), path="/buy")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/buy", json={"title": "lost"})
    shop.fail_next(Fault.cut_before())
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/buy", json={"title": "cut"})
    assert [charge.identity for charge in shop.charges] == ["lost"]
    assert [seen.fault for seen in shop.requests] == ["lost", "cut_before"]
    assert client.post("/buy", json={"title": "ok"}).status_code == 200


def test_errors_by_name_times_and_path(shop: Shop, client: httpx.Client) -> None:
    shop.fail_next("rate_limited", times=2, path="/buy", method="POST")
    assert client.get("/stock").status_code == 200
    first = client.post("/buy", json={"title": "a"})
    assert (first.status_code, first.headers["retry-after"]) == (429, "1")
    assert client.post("/buy", json={"title": "a"}).status_code == 429
    assert client.post("/buy", json={"title": "a"}).status_code == 200
    shop.fail_next("upstream", times=9)
    shop.behave()
    assert client.get("/stock").status_code == 200


def test_half_an_answer_breaks_off(shop: Shop, client: httpx.Client) -> None:
    shop.fail_next(Fault.half())
    got: list[bytes] = []
    with client.stream("GET", "/stock") as answer, pytest.raises(httpx.RemoteProtocolError):
        got.extend(answer.iter_raw())
    assert 0 < sum(map(len, got)) < int(answer.headers["content-length"])


def test_a_page_instead_of_json(shop: Shop, client: httpx.Client) -> None:
    shop.fail_next(Fault.html(200))
    answer = client.post("/buy", json={"title": "a"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/html")
    assert shop.charges == []


@pytest.mark.parametrize("claimed", [False, True])
def test_a_huge_answer_goes_on_until_the_caller_leaves(shop: Shop, client: httpx.Client, claimed: bool) -> None:
    shop.fail_next(Fault.huge(claimed))
    got = 0
    with client.stream("GET", "/stock") as answer:
        assert answer.headers.get("content-length") == (str(2 * 1024**3) if claimed else None)
        for piece in answer.iter_raw():
            got += len(piece)
            if got > 3_000_000:
                break
    assert client.get("/stock").status_code == 200


def test_slow_is_accepted_before_it_answers(shop: Shop, client: httpx.Client) -> None:
    shop.fail_next(Fault.slow(1.0))
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        client.post("/buy", json={"title": "a"}, timeout=0.2)
    assert time.monotonic() - began < 0.9
    assert [charge.identity for charge in shop.charges] == ["a"]


def test_random_faults_repeat_with_the_seed() -> None:
    runs = []
    for _ in range(2):
        with Shop() as shop, httpx.Client(base_url=shop.url) as client:
            shop.fail_randomly(7, share=0.3, lost=0.1)
            for number in range(80):
                try:
                    client.post("/buy", json={"title": f"t{number}"})
                except httpx.TransportError:
                    continue
            runs.append([seen.fault for seen in shop.requests])
            assert len(shop.charges) == runs[-1].count("") + runs[-1].count("lost")
    assert runs[0] == runs[1]
    assert {"", "lost", "status", "cut_before", "html"} <= set(runs[0])
    assert 12 <= sum(bool(fault) for fault in runs[0]) <= 55


def test_odds_hang_on_the_request_and_not_on_ports_or_order() -> None:
    titles = [f"t{number}" for number in range(60)]
    runs = []
    for order in (titles, titles[::-1]):
        with Shop() as shop, httpx.Client(base_url=shop.url) as client:
            shop.calls_back("never")
            shop.fail_randomly(3, share=0.4, lost=0.1)
            for title in order:
                with contextlib.suppress(httpx.TransportError):
                    client.post("/buy", json={"title": title, "callback": f"{shop.url}/cb"})
            runs.append({seen.body["title"]: seen.fault for seen in shop.requests})
    assert runs[0] == runs[1]
    assert len(set(runs[0].values())) > 3


def test_files_meet_the_faults_of_a_storage(shop: Shop, client: httpx.Client) -> None:
    address = client.post("/buy", json={"title": "a"}).json()["file"]
    shop.fail_randomly(5, share=1.0, lost=0.0)
    kinds = set()
    for number in range(40):
        try:
            kinds.add(client.get(address, params={"try": number}).status_code)
        except httpx.RemoteProtocolError:
            kinds.add(0)
    assert kinds == {0, 502, 503}


def test_files_are_served_and_expire(shop: Shop, client: httpx.Client) -> None:
    address = client.post("/buy", json={"title": "a"}).json()["file"]
    assert shop.has_file(address)
    answer = client.get(address)
    assert answer.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getnframes() == 44100
    shop.expire_results(410)
    assert client.get(address).status_code == 410


@pytest.mark.parametrize(
    ("mode", "stages"),
    [
        ("once", ["half", "done"]),
        ("twice", ["half", "half", "done", "done"]),
        ("out_of_order", ["done", "half"]),
        ("forged", ["done"]),
        ("never", []),
    ],
)
def test_callbacks(shop: Shop, client: httpx.Client, mode: str, stages: list[str]) -> None:
    shop.calls_back(mode)
    with Listener(2) as listener:
        made = client.post("/buy", json={"title": "a", "callback": listener.url}).json()["id"]
        until = time.monotonic() + 3
        while len(shop.callbacks) < len(stages) and time.monotonic() < until:
            time.sleep(0.01)
    assert [sent.stage for sent in shop.callbacks] == stages
    assert all(sent.status == 204 for sent in shop.callbacks)
    assert {sent.headers["x-signature"] for sent in shop.callbacks} <= {"bad" if mode == "forged" else "good"}
    assert shop.jobs[made].finished == (mode in ("once", "twice", "out_of_order"))


class Listener:
    """Takes callbacks on this machine and says 204."""

    def __init__(self, _: int) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/cb"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "Listener":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def test_a_job_goes_through_its_states_in_order() -> None:
    by_polls = Job("a", "x", {}, ("one", "two", "three", "four"))
    assert [by_polls.advance(Pace(3)) for _ in range(5)] == ["one", "two", "three", "four", "four"]
    at_once = Job("b", "x", {}, ("one", "two"))
    assert at_once.advance(Pace(0)) == "two"
    by_time = Job("c", "x", {}, ("one", "two", "three"))
    assert by_time.advance(Pace(seconds=60)) == "one"
    by_time.started -= 31
    assert by_time.advance(Pace(seconds=60)) == "two"
    by_time.started -= 31
    assert by_time.advance(Pace(seconds=60)) == "three"


def test_multipart_parts_come_back_as_sent() -> None:
    data = bytes(range(256)) + b"\r\n--not the boundary\r\n"
    files = [("prompt", (None, "hello")), ("audio", ("a.wav", data, "audio/wav"))]
    sent = httpx.Request("POST", "http://127.0.0.1/", files=files)
    parts = multipart(sent.headers["content-type"], sent.read())
    assert [(part.name, part.filename, part.content_type) for part in parts] == [
        ("prompt", None, None),
        ("audio", "a.wav", "audio/wav"),
    ]
    assert (parts[0].text, parts[1].data) == ("hello", data)
    with pytest.raises(ValueError, match="multipart"):
        multipart("application/json", b"{}")


def test_sounds_have_their_length_and_loudness() -> None:
    def samples(data: bytes) -> np.ndarray:
        with wave.open(io.BytesIO(data)) as file:
            return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")

    loud, quiet = samples(tone(2.0, 22050)), samples(silence(2.0, 22050))
    assert (len(loud), len(quiet)) == (44100, 44100)
    assert np.abs(loud).max() > 5000
    assert not quiet.any()
    assert sound_file("flac", 1.0)[:4] == b"fLaC"
    assert sound_file("mp3", 1.0)[:3] == b"ID3" or sound_file("mp3", 1.0)[0] == 0xFF
