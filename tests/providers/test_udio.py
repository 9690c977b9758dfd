"""Udio through a gateway of PiAPI's kind, against a server that knows that contract alone."""

import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers.account import Account
from providers.contract import Job
from providers.errors import ProviderError
from providers.orders import Order, Origin, Sound
from providers.transport import HttpxTransport
from providers.udio import Udio
from tests.providers.gateway_script import (
    LYRICS,
    NO_ADDRESS,
    UNHEARD,
    called_back,
    failure,
    finished,
    lyrics_order,
    refusal,
    song,
    submitted,
)
from tests.providers.servers.base import Answer, Fault, Pace
from tests.providers.servers.piapi import ENDINGS, PiApi
from tests.providers.servers.test_base import Listener

NOW = 1_800_000_000.0
ORIGIN = Origin(provider="udio", job_id="j", take_id="t")


@pytest.fixture
def server() -> Iterator[PiApi]:
    with PiApi() as made:
        yield made


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    made = HttpxTransport()
    yield made
    await made.aclose()


def adapter(server: PiApi, transport: HttpxTransport, secret: str = "") -> Udio:
    account = Account(key=SecretStr(server.key), base_url=server.url, webhook_secret=SecretStr(secret))
    return Udio(account, transport)


@pytest.fixture
def udio(server: PiApi, transport: HttpxTransport) -> Udio:
    return adapter(server, transport)


async def test_a_sung_song_sends_its_lyrics_and_comes_as_one_file(server: PiApi, udio: Udio) -> None:
    server.pace = Pace(polls=3)
    order = song(negative=("metal", "noise"), seed=7, bpm=92.0)
    job = await submitted(udio, order)
    product, seen = await finished(udio, job)
    assert [look.note for look in seen] == ["pending", "pending", "processing"]
    assert [(file.role, file.media_type) for file in product.files] == [("take", "audio/mpeg")]
    assert server.has_file(product.files[0].url)
    assert server.accepted == [
        {
            "model": "music-u",
            "task_type": "generate_music",
            "input": {
                "gpt_description_prompt": "dream pop, soft drums, 92 BPM",
                "lyrics": LYRICS,
                "negative_tags": "metal, noise",
                "lyrics_type": "user",
                "seed": 7,
            },
            "config": {"service_mode": "public"},
        }
    ]
    assert server.spent == udio.quote(order) == Decimal("0.05")


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (song(task=Task.INSTRUMENTAL, instrumental=True), "instrumental"),
        (song(lyrics=""), "generate"),
        (song(task=Task.VOCALS, style="long, " * 900), "user"),
    ],
)
async def test_who_writes_the_words(server: PiApi, udio: Udio, order: Order, kind: str) -> None:
    await finished(udio, await submitted(udio, order))
    sent = server.accepted[0]["input"]
    assert sent["lyrics_type"] == kind
    assert ("lyrics" in sent) == (kind == "user")
    assert len(sent["gpt_description_prompt"]) <= 1000


@pytest.mark.parametrize(
    "order",
    [
        lyrics_order(),
        song(task=Task.STEMS, origin=ORIGIN),
        song(task=Task.SECTION_EDIT, origin=ORIGIN, span_s=(0.0, 20.0)),
        song(origin=ORIGIN),
        song(origin=ORIGIN, wanted="wav"),
        song(reference=Sound(url="https://a.example/b.mp3")),
    ],
)
async def test_what_it_cannot_do_is_said_before_a_call(server: PiApi, udio: Udio, order: Order) -> None:
    with pytest.raises(ProviderError) as caught:
        udio.quote(order)
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert (await refusal(udio, order)).kind is ErrorKind.UNSUPPORTED
    assert server.requests == []


REFUSALS = {
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "auth": ErrorKind.AUTH,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "not_found": ErrorKind.NOT_FOUND,
    "rate_limited": ErrorKind.RATE_LIMITED,
    "upstream": ErrorKind.UPSTREAM,
    "overloaded": ErrorKind.OVERLOADED,
}


def test_every_refusal_is_in_the_table() -> None:
    assert set(REFUSALS) == set(PiApi.ERRORS)


@pytest.mark.parametrize("name", sorted(REFUSALS))
async def test_a_refused_order(server: PiApi, udio: Udio, name: str) -> None:
    server.fail_next(name)
    error = await refusal(udio, song())
    assert error.kind is REFUSALS[name]
    assert PiApi.ERRORS[name].body["message"] in str(error)
    assert server.charges == []


@pytest.mark.parametrize(("ending", "kind"), [("failed", ErrorKind.UPSTREAM), ("moderation", ErrorKind.MODERATION)])
async def test_a_task_that_fails_says_why(server: PiApi, udio: Udio, ending: str, kind: ErrorKind) -> None:
    assert set(ENDINGS) == {"failed", "moderation"}
    server.end_next_with(ending)
    error = await failure(udio, await submitted(udio, song()))
    assert (error.kind, error.final) == (kind, True)
    assert ENDINGS[ending] in str(error)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.lost(), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.half(), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(200), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(502), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(500), ErrorKind.UPSTREAM),
        (Fault.html(403), ErrorKind.PLAN_DENIED),
        (Fault.status(Answer(200, {"code": 200, "data": None})), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.status(Answer(200, {"code": 402, "message": "insufficient credits"})), ErrorKind.INSUFFICIENT_CREDITS),
    ],
)
async def test_an_order_whose_answer_is_lost_or_no_success(
    server: PiApi, udio: Udio, fault: Fault, kind: ErrorKind
) -> None:
    server.fail_next(fault)
    assert (await refusal(udio, song())).kind is kind
    assert len(server.charges) == (1 if fault.kind in ("lost", "half") else 0)


async def test_an_order_that_cannot_have_arrived_may_be_given_again(transport: HttpxTransport) -> None:
    nobody = Udio(Account(key=SecretStr("k"), base_url=NO_ADDRESS), transport)
    assert (await refusal(nobody, song())).kind in UNHEARD


@pytest.mark.parametrize("fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502)])
async def test_a_look_that_fails_is_no_end_of_the_task(server: PiApi, udio: Udio, fault: Fault) -> None:
    job = await submitted(udio, song())
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await udio.poll(job)
    assert caught.value.kind in UNHEARD
    assert not caught.value.final
    assert (await finished(udio, job))[0].files


async def test_a_song_whose_address_is_gone_is_expired(server: PiApi, udio: Udio) -> None:
    gone = {"code": 200, "data": {"task_id": "j", "status": "completed", "output": {"audio_url": ""}}}
    server.fail_next(Fault.status(Answer(200, gone)))
    with pytest.raises(ProviderError) as caught:
        await udio.poll(Job(id="j", operation="generate"))
    assert (caught.value.kind, caught.value.final) == (ErrorKind.RESULT_EXPIRED, True)


async def test_an_id_cannot_lead_to_another_path(server: PiApi, udio: Udio) -> None:
    with pytest.raises(ProviderError) as caught:
        await udio.poll(Job(id="../../admin?x=1", operation="generate"))
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert [seen.query for seen in server.requests] == [{}]
    assert server.requests[0].path.startswith("/api/v1/task/")


async def test_a_call_back_with_the_secret_of_the_order_is_proven_and_another_refused(
    server: PiApi, transport: HttpxTransport
) -> None:
    udio = adapter(server, transport, "s3cret")
    with Listener(204) as listener:
        job = await submitted(udio, song(), listener.url)
        await called_back(server, 1)
    assert server.accepted[0]["config"]["webhook_config"] == {"endpoint": listener.url, "secret": "s3cret"}
    sent = server.callbacks[0]
    body = json.dumps(sent.body).encode()
    call = udio.read_callback(sent.headers, body, now=NOW)
    assert (call.job_id, call.proven, call.finished) == (job.id, True, True)
    assert not udio.read_callback({}, body, now=NOW).proven
    assert not adapter(server, transport).read_callback(sent.headers, body, now=NOW).proven
    with pytest.raises(ProviderError, match="secret is wrong") as caught:
        udio.read_callback({"X-Webhook-Secret": "forged"}, body, now=NOW)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data": {"task_id": ""}}'])
def test_what_is_no_call_back_is_refused(udio: Udio, body: bytes) -> None:
    with pytest.raises(ProviderError, match="names no task") as caught:
        udio.read_callback({}, body, now=NOW)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


async def test_health_asks_nobody_for_there_is_nobody_to_ask(
    server: PiApi, udio: Udio, transport: HttpxTransport
) -> None:
    assert (await udio.probe()).ok
    assert not (await Udio(Account(), transport).probe()).ok
    assert server.requests == []
