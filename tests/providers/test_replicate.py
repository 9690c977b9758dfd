"""MusicGen at Replicate against the vendor's contract server: each operation, each error, each accident."""

import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers import replicate
from providers.account import Account
from providers.contract import Job, Pending, Product
from providers.errors import ProviderError
from providers.musicgen import LARGEST_INLINE, MusicgenReplicate
from providers.orders import MusicOrder, Origin, Sound, TextOrder
from providers.replicate import STATUS_KINDS, Prediction, outputs
from providers.transport import Call, HttpxTransport, Reply
from tests.providers.servers.base import Fault
from tests.providers.servers.replicate import ReplicateServer

VERSION = "a" * 64
CLIP = Sound(url="https://sounds.example/melody.wav")
ORIGIN = Origin(provider="musicgen", job_id="before")
KINDS = {
    "auth": ErrorKind.AUTH,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "plan_denied": ErrorKind.PLAN_DENIED,
    "not_found": ErrorKind.NOT_FOUND,
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "rate_limited": ErrorKind.RATE_LIMITED,
    "rate_limited_bare": ErrorKind.RATE_LIMITED,
    "upstream": ErrorKind.UPSTREAM,
    "overloaded": ErrorKind.OVERLOADED,
    "timeout": ErrorKind.TIMEOUT,
}


@pytest.fixture
def server() -> Iterator[ReplicateServer]:
    with ReplicateServer() as running:
        yield running


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    network = HttpxTransport()
    yield network
    await network.aclose()


class Ear:
    """An address that hears webhooks, raw."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                heard.append((dict(self.headers.items()), raw))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def wait(self, times: int) -> list[tuple[dict[str, str], bytes]]:
        until = time.monotonic() + 5
        while len(self.heard) < times and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.heard) == times
        return self.heard

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.close()


def adapter(server: ReplicateServer, transport: HttpxTransport, secret: str = "", **options: str) -> MusicgenReplicate:
    account = Account(key=SecretStr(server.key), base_url=server.url, webhook_secret=SecretStr(secret), options=options)
    return MusicgenReplicate(account, transport)


def order(**changes: object) -> MusicOrder:
    given = {
        "task": Task.INSTRUMENTAL,
        "title": "Harbour",
        "style": "slow ambient piano, warm tape",
        "bpm": 72,
        "key": "D minor",
        "duration_s": 12.0,
        "seed": 2**40 + 7,
    }
    return MusicOrder.model_validate(given | changes)


async def submitted(one: MusicgenReplicate, asked: MusicOrder, callback_url: str = "") -> Job:
    job = await one.submit(asked, callback_url=callback_url)
    assert isinstance(job, Job)
    return job


async def refusal(one: MusicgenReplicate, asked: MusicOrder) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await one.submit(asked)
    return caught.value


async def ended(one: MusicgenReplicate, job: Job) -> Product:
    for _ in range(10):
        found = await one.poll(job)
        if isinstance(found, Product):
            return found
    raise AssertionError("the prediction does not end")


async def test_an_instrumental_goes_by_the_models_address_and_comes_as_one_file(
    server: ReplicateServer, transport: HttpxTransport
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, order(duration_s=11.2))
    created = server.requests[0]
    assert created.path == "/v1/models/meta/musicgen/predictions"
    assert created.body == {
        "input": {
            "prompt": "slow ambient piano, warm tape, 72 BPM, D minor, instrumental",
            "duration": 12,
            "model_version": "stereo-large",
            "output_format": "wav",
            "seed": 7,
        }
    }
    assert "prefer" not in created.headers
    assert isinstance(await one.poll(job), Pending)
    product = await ended(one, job)
    (file,) = product.files
    assert file.url.startswith(server.url)
    assert file.media_type == "audio/wav"
    assert (await transport.send(Call("GET", file.url))).body[:4] == b"RIFF"
    assert product.cost_usd == Decimal("0.07") == sum(charge.usd for charge in server.charges)
    assert one.quote(order()) >= product.cost_usd
    assert product.request_id == job.id


async def test_a_version_goes_to_predictions(server: ReplicateServer, transport: HttpxTransport) -> None:
    job = await submitted(adapter(server, transport, version=VERSION, model_version="large"), order())
    created = server.requests[0]
    assert created.path == "/v1/predictions"
    assert created.body["version"] == VERSION
    assert created.body["input"]["model_version"] == "large"
    assert job.operation == "generate"


@pytest.mark.parametrize(
    ("changes", "operation", "more"),
    [
        (
            {"task": Task.TRANSFORMATION, "reference": CLIP},
            "melody",
            {"input_audio": CLIP.url, "model_version": "stereo-melody-large"},
        ),
        ({"reference": CLIP}, "melody", {"input_audio": CLIP.url, "model_version": "stereo-melody-large"}),
        (
            {"origin": ORIGIN, "reference": Sound(content=b"RIFFxyz")},
            "continue",
            {
                "input_audio": "data:audio/wav;base64,UklGRnh5eg==",
                "continuation": True,
                "model_version": "stereo-large",
            },
        ),
    ],
)
async def test_a_sound_that_goes_along_leads_the_melody_or_is_continued(
    server: ReplicateServer,
    transport: HttpxTransport,
    changes: dict[str, Any],
    operation: str,
    more: dict[str, Any],
) -> None:
    job = await submitted(adapter(server, transport), order(**changes))
    assert job.operation == operation
    given = server.requests[0].body["input"]
    assert {name: given[name] for name in more} == more


@pytest.mark.parametrize(
    "changes",
    [
        {"task": Task.FULL_SONG},
        {"task": Task.STEMS, "origin": ORIGIN},
        {"task": Task.SECTION_EDIT, "origin": ORIGIN, "span_s": (1.0, 2.0)},
        {"instrumental": False},
        {"lyrics": "[Verse]\nla"},
        {"duration_s": 31.0},
        {"duration_s": 0.0},
        {"task": Task.TRANSFORMATION},
        {"origin": ORIGIN},
    ],
)
async def test_what_it_cannot_do_is_refused_before_any_call(
    server: ReplicateServer, transport: HttpxTransport, changes: dict[str, Any]
) -> None:
    assert (await refusal(adapter(server, transport), order(**changes))).kind is ErrorKind.UNSUPPORTED
    assert server.requests == []


async def test_words_and_sounds_that_are_too_large_are_refused_before_any_call(
    server: ReplicateServer, transport: HttpxTransport
) -> None:
    one = adapter(server, transport)
    words = TextOrder(task=Task.LYRICS, instructions="", text="", schema_name="x", json_schema={})
    with pytest.raises(ProviderError) as caught:
        one.operation(words)
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    heavy = Sound(content=bytes(LARGEST_INLINE + 1))
    assert (await refusal(one, order(reference=heavy))).kind is ErrorKind.INVALID_REQUEST
    assert server.requests == []


def test_options_change_length_and_price(server: ReplicateServer) -> None:
    network = HttpxTransport()
    usual = adapter(server, network)
    cheap = adapter(server, network, usd_per_second="0.0001", predict_s_base="0", predict_s_per_s="2", longest_s="90")
    assert usual.capabilities.longest_s == 30
    assert cheap.capabilities.longest_s == 90
    assert cheap.operation(order(duration_s=80)) == "generate"
    assert cheap.quote(order(duration_s=80)) == Decimal("0.0160")
    assert usual.quote(order(duration_s=10)) == Decimal("0.1680")
    assert usual.quote(order(duration_s=None)) == Decimal("0.3360")
    with pytest.raises(ProviderError, match="usd_per_second"):
        adapter(server, network, usd_per_second="cheap").quote(order())


def test_every_documented_error_has_a_kind(server: ReplicateServer) -> None:
    assert set(KINDS) == set(server.ERRORS)


@pytest.mark.parametrize("name", KINDS)
async def test_a_documented_error_becomes_its_kind(
    server: ReplicateServer, transport: HttpxTransport, name: str
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, order())
    server.fail_next(name)
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is KINDS[name]
    assert caught.value.retry_after_s == (1.0 if name == "rate_limited" else None)
    assert await ended(one, job)
    server.fail_next(name)
    error = await refusal(one, order())
    # A gateway that gave up says nothing about the server behind it.
    assert error.kind is (ErrorKind.OUTCOME_UNKNOWN if name == "timeout" else KINDS[name])
    assert len(server.charges) == 1


@pytest.mark.parametrize("status", [*STATUS_KINDS, 418, 501, 599])
async def test_any_other_status_has_a_kind_too(status: int) -> None:
    with pytest.raises(ProviderError) as caught:
        replicate.check(Reply(status, {}, b"<html>no</html>"))
    expected = STATUS_KINDS.get(status, ErrorKind.UPSTREAM if status >= 500 else ErrorKind.INVALID_REQUEST)
    assert caught.value.kind is expected
    assert "<html>" in caught.value.message


async def test_a_wrong_key_and_no_credit_are_told(server: ReplicateServer, transport: HttpxTransport) -> None:
    wrong = MusicgenReplicate(Account(key=SecretStr("wrong"), base_url=server.url), transport)
    assert (await refusal(wrong, order())).kind is ErrorKind.AUTH
    server.balance = Decimal("0.01")
    assert (await refusal(adapter(server, transport), order())).kind is ErrorKind.INSUFFICIENT_CREDITS
    assert server.charges == []


@pytest.mark.parametrize(
    ("fault", "kind", "charges"),
    [
        (Fault.lost(), ErrorKind.OUTCOME_UNKNOWN, 1),
        (Fault.half(), ErrorKind.OUTCOME_UNKNOWN, 1),
        (Fault.cut_before(), ErrorKind.OUTCOME_UNKNOWN, 0),
        (Fault.html(502), ErrorKind.OUTCOME_UNKNOWN, 0),
        (Fault.html(200), ErrorKind.OUTCOME_UNKNOWN, 0),
        (Fault.html(503), ErrorKind.OVERLOADED, 0),
        (Fault.huge(), ErrorKind.OUTCOME_UNKNOWN, 0),
    ],
)
async def test_an_order_whose_answer_is_lost_may_have_been_taken(
    server: ReplicateServer, transport: HttpxTransport, fault: Fault, kind: ErrorKind, charges: int
) -> None:
    server.fail_next(fault)
    assert (await refusal(adapter(server, transport), order())).kind is kind
    assert len(server.requests) == 1, "a paid call was made again"
    assert len(server.charges) == charges


@pytest.mark.parametrize("fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(502), Fault.html(200)])
async def test_a_look_that_fails_may_be_taken_again(
    server: ReplicateServer, transport: HttpxTransport, fault: Fault
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, order())
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.UPSTREAM
    assert (await ended(one, job)).files


async def test_nobody_there_is_no_order(transport: HttpxTransport) -> None:
    away = MusicgenReplicate(Account(key=SecretStr("k"), base_url="http://127.0.0.1:9"), transport)
    assert (await refusal(away, order())).kind is ErrorKind.UPSTREAM


@pytest.mark.parametrize(
    ("ending", "options", "refunded"),
    [
        ("failed", {}, False),
        ("failed", {"failures_billed": "no"}, True),
        ("canceled", {}, False),
        ("aborted", {}, True),
    ],
)
async def test_a_prediction_that_does_not_succeed_says_so(
    server: ReplicateServer, transport: HttpxTransport, ending: str, options: dict[str, str], refunded: bool
) -> None:
    one = adapter(server, transport, **options)
    server.end_next_with(ending)
    job = await submitted(one, order())
    with pytest.raises(ProviderError) as caught:
        await ended(one, job)
    assert caught.value.kind is (ErrorKind.OVERLOADED if ending == "failed" else ErrorKind.UPSTREAM)
    assert ending in caught.value.message
    assert caught.value.refunded is refunded
    assert caught.value.request_id == job.id


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("NSFW content detected", ErrorKind.MODERATION),
        ("The prompt was flagged as sensitive (E005)", ErrorKind.MODERATION),
        ("CUDA out of memory. Tried to allocate 2 GiB", ErrorKind.OVERLOADED),
        ("Prediction timed out", ErrorKind.TIMEOUT),
        ("1 validation error for Input", ErrorKind.INVALID_REQUEST),
        ("list index out of range", ErrorKind.UPSTREAM),
        (None, ErrorKind.UPSTREAM),
        ({"code": 7}, ErrorKind.UPSTREAM),
    ],
)
def test_the_words_of_a_failure_have_a_kind(words: Any, kind: ErrorKind) -> None:
    with pytest.raises(ProviderError) as caught:
        outputs(Prediction(id="p", status="failed", error=words))
    assert caught.value.kind is kind


async def test_after_an_hour_the_result_is_gone(server: ReplicateServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await submitted(one, order())
    await ended(one, job)
    server.expire_results()
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.RESULT_EXPIRED


async def test_a_prediction_nobody_knows_is_not_found(server: ReplicateServer, transport: HttpxTransport) -> None:
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).poll(Job(id="../account", operation="generate"))
    assert caught.value.kind is ErrorKind.NOT_FOUND


@pytest.mark.parametrize("output", ["one", ["one", "two"]])
def test_outputs_are_one_address_or_several(output: Any) -> None:
    assert outputs(Prediction(id="p", status="succeeded", output=output)) == ([output] if output == "one" else output)


async def test_a_signed_webhook_is_proven_and_names_its_delivery(
    server: ReplicateServer, transport: HttpxTransport, ear: Ear
) -> None:
    server.calls_back("twice")
    one = adapter(server, transport, secret=server.secret)
    job = await submitted(one, order(), ear.url)
    assert server.requests[0].body["webhook_events_filter"] == ["completed"]
    calls = [one.read_callback(headers, raw, now=time.time()) for headers, raw in ear.wait(2)]
    assert {(call.job_id, call.proven, call.finished) for call in calls} == {(job.id, True, True)}
    assert calls[0].delivery_id == calls[1].delivery_id != ""


async def test_a_forged_or_stale_webhook_is_refused_and_an_unsigned_one_only_looked_into(
    server: ReplicateServer, transport: HttpxTransport, ear: Ear
) -> None:
    one = adapter(server, transport, secret=server.secret)
    server.calls_back("forged")
    await submitted(one, order(), ear.url)
    server.calls_back("once")
    ((headers, raw),) = ear.wait(1)
    with pytest.raises(ProviderError) as caught:
        one.read_callback(headers, raw, now=time.time())
    assert caught.value.kind is ErrorKind.INVALID_REQUEST
    server.webhook_signing = "stale"
    await submitted(one, order(title="two", seed=2), ear.url)
    headers, raw = ear.wait(2)[1]
    with pytest.raises(ProviderError, match="ago"):
        one.read_callback(headers, raw, now=time.time())
    server.webhook_signing = "unsigned"
    job = await submitted(one, order(seed=3), ear.url)
    headers, raw = ear.wait(3)[2]
    call = one.read_callback(headers, raw, now=time.time())
    assert (call.job_id, call.proven) == (job.id, False)


async def test_without_a_secret_nothing_is_proven(server: ReplicateServer, transport: HttpxTransport, ear: Ear) -> None:
    one = adapter(server, transport)
    job = await submitted(one, order(), ear.url)
    ((headers, raw),) = ear.wait(1)
    call = one.read_callback(headers, raw, now=time.time())
    assert (call.job_id, call.proven) == (job.id, False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff\xfe", json.dumps({"id": "p", "status": "odd"}).encode()])
def test_a_call_that_is_no_prediction_is_refused(server: ReplicateServer, body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        adapter(server, HttpxTransport()).read_callback({}, body, now=0.0)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


async def test_the_probe_costs_nothing_and_tells_a_wrong_key(
    server: ReplicateServer, transport: HttpxTransport
) -> None:
    health = await adapter(server, transport).probe()
    assert health.ok
    assert "tester" in health.note
    server.fail_next("auth")
    ill = await adapter(server, transport).probe()
    assert not ill.ok
    assert ill.note.startswith("auth")
    assert server.charges == []
