"""Suno through the contract of kie.ai's jobs, against a server that knows that contract alone."""

import json
import time
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers.account import Account
from providers.contract import Job
from providers.errors import ProviderError
from providers.orders import MusicOrder, Origin, Sound
from providers.suno import NO_CALLBACK, Suno
from providers.transport import HttpxTransport
from tests.providers.gateway_script import (
    NO_ADDRESS,
    UNHEARD,
    called_back,
    failure,
    finished,
    origin_of,
    refusal,
    song,
    submitted,
)
from tests.providers.servers.base import Answer, Fault, Pace
from tests.providers.servers.kie import ENDINGS, Kie
from tests.providers.servers.test_base import Listener

SECRET = "hook-secret"
RECORDING = Sound(url="https://files.example/tape.mp3", duration_s=90.0)


@pytest.fixture
def server() -> Iterator[Kie]:
    with Kie() as made:
        yield made


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    made = HttpxTransport()
    yield made
    await made.aclose()


def adapter(server: Kie, transport: HttpxTransport, secret: str = "", model: str = "") -> Suno:
    account = Account(
        key=SecretStr(server.key),
        base_url=server.url,
        model=model,
        webhook_secret=SecretStr(secret),
        options={"contract": "kie"},
    )
    return Suno(account, transport)


@pytest.fixture
def suno(server: Kie, transport: HttpxTransport) -> Suno:
    return adapter(server, transport)


def known(server: Kie, seconds: float = 120.0) -> Origin:
    job, take = server.known_song(seconds)
    return Origin(provider="suno", job_id=job, take_id=take, model="V6", duration_s=seconds)


async def test_a_song_comes_as_two_takes_of_the_newest_model(server: Kie, suno: Suno) -> None:
    server.pace = Pace(polls=3)
    job = await submitted(suno, song(duration_s=20.0, vocal_gender="male", negative=("metal",)))
    product, seen = await finished(suno, job)
    assert [look.note for look in seen] == ["waiting", "queuing", "generating"]
    assert [file.duration_s for file in product.files] == [20.0, 20.0]
    assert all(server.has_file(file.url) and file.take_id for file in product.files)
    assert (product.model, product.request_id) == ("V6", job.id)
    assert server.spent == suno.quote(song()) == Decimal("0.06")
    sent = server.accepted[0]
    assert (sent["model"], sent["input"]["model"], sent["callBackUrl"]) == ("ai-music-api/generate", "V6", NO_CALLBACK)
    assert sent["input"]["vocal_gender"] == "m"


@pytest.mark.parametrize(
    ("order", "outer"),
    [
        (song(task=Task.INSTRUMENTAL, instrumental=True, lyrics=""), "generate"),
        (song(lyrics="", style="long, " * 400), "generate"),
        (song(title="very " * 60, style="long, " * 400), "generate"),
        (song(reference=RECORDING), "upload-and-cover-audio"),
        (song(task=Task.VOCALS, reference=RECORDING), "add-vocals"),
    ],
)
@pytest.mark.parametrize("model", ["V4_5ALL", "V6_WILD"])
async def test_each_order_goes_to_its_outer_model(
    server: Kie, transport: HttpxTransport, order: MusicOrder, outer: str, model: str
) -> None:
    suno = adapter(server, transport, model=model)
    product, _ = await finished(suno, await submitted(suno, order))
    assert len(product.files) == 2
    assert (server.accepted[0]["model"], server.accepted[0]["input"]["model"]) == (f"ai-music-api/{outer}", model)


async def test_what_follows_a_take_names_it(server: Kie, suno: Suno) -> None:
    job = await submitted(suno, song(duration_s=60.0))
    origin = origin_of(job, (await finished(suno, job))[0])

    more, _ = await finished(suno, await submitted(suno, song(origin=origin)))
    assert len(more.files) == 2
    section = song(task=Task.SECTION_EDIT, origin=origin, span_s=(10.0, 40.0))
    assert (await finished(suno, await submitted(suno, section)))[0].files
    parts, _ = await finished(suno, await submitted(suno, song(task=Task.STEMS, origin=origin)))
    assert {file.role for file in parts.files} == {"stem:vocals", "stem:instrumental"}
    assert {file.take_id for file in parts.files} == {origin.take_id}

    sung, _ = await finished(suno, await submitted(suno, song(origin=origin, wanted="words")))
    assert sung.document is not None
    assert sung.document["take_id"] == origin.take_id
    assert sung.document["words"][0] == ["The", 0.0, pytest.approx(60 / 8, abs=0.01)]
    with pytest.raises(ProviderError) as caught:
        await suno.submit(song(task=Task.SECTION_EDIT, origin=origin, span_s=(10.0, 40.1)))
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


REFUSALS = {
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "auth": ErrorKind.AUTH,
    "not_found": ErrorKind.NOT_FOUND,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "rate_limited": ErrorKind.RATE_LIMITED,
    "overloaded": ErrorKind.OVERLOADED,
    "upstream": ErrorKind.UPSTREAM,
}


def test_every_documented_refusal_is_in_the_table() -> None:
    assert set(REFUSALS) == set(Kie.ERRORS)


@pytest.mark.parametrize("http_codes", [False, True])
@pytest.mark.parametrize("name", sorted(REFUSALS))
async def test_a_refused_order_is_told_by_its_code_which_differs_from_the_other_contract(
    server: Kie, suno: Suno, name: str, http_codes: bool
) -> None:
    server.http_codes = http_codes
    server.fail_next(name)
    error = await refusal(suno, song())
    assert error.kind is REFUSALS[name]
    assert server.charges == []


async def test_songs_of_a_model_that_is_not_there_are_refused_by_the_vendor(
    server: Kie, transport: HttpxTransport
) -> None:
    error = await refusal(adapter(server, transport, model="V7"), song())
    assert (error.kind, error.status) == (ErrorKind.INVALID_REQUEST, 422)


ENDS = {
    "fail": ErrorKind.UPSTREAM,
    "moderation": ErrorKind.MODERATION,
    "copyright_lyrics": ErrorKind.COPYRIGHT,
    "copyright_upload": ErrorKind.COPYRIGHT,
    "timeout": ErrorKind.TIMEOUT,
}


def test_every_end_is_in_the_table() -> None:
    assert set(ENDS) == set(ENDINGS)


@pytest.mark.parametrize("ending", sorted(ENDS))
async def test_a_job_that_fails_says_why(server: Kie, suno: Suno, ending: str) -> None:
    server.end_next_with(ending)
    error = await failure(suno, await submitted(suno, song()))
    assert (error.kind, error.final, error.refunded) == (ENDS[ending], True, False)
    assert ENDINGS[ending] in str(error)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.lost(), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.half(), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(200), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(504), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(500), ErrorKind.UPSTREAM),
        (Fault.status(Answer(200, {"code": 200, "data": {}})), ErrorKind.OUTCOME_UNKNOWN),
    ],
)
async def test_an_order_whose_answer_is_lost_or_unreadable(
    server: Kie, suno: Suno, fault: Fault, kind: ErrorKind
) -> None:
    server.fail_next(fault)
    assert (await refusal(suno, song())).kind is kind
    assert len(server.charges) == (1 if fault.kind in ("lost", "half") else 0)


async def test_an_order_that_cannot_have_arrived_may_be_given_again(transport: HttpxTransport) -> None:
    account = Account(key=SecretStr("k"), base_url=NO_ADDRESS, options={"contract": "kie"})
    assert (await refusal(Suno(account, transport), song())).kind in UNHEARD


@pytest.mark.parametrize("fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502)])
async def test_a_look_that_fails_is_no_end_of_the_job(server: Kie, suno: Suno, fault: Fault) -> None:
    job = await submitted(suno, song())
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await suno.poll(job)
    assert caught.value.kind in UNHEARD
    assert not caught.value.final
    assert len((await finished(suno, job))[0].files) == 2


async def test_looking_too_often_is_told_and_ends_nothing(server: Kie, suno: Suno) -> None:
    server.polls_a_second = 1
    job = await submitted(suno, song())
    await suno.poll(job)
    with pytest.raises(ProviderError) as caught:
        await suno.poll(job)
    assert (caught.value.kind, caught.value.final) == (ErrorKind.RATE_LIMITED, False)


@pytest.mark.parametrize(
    ("data", "kind", "final"),
    [
        (None, ErrorKind.RESULT_EXPIRED, True),
        ({"state": "success", "resultJson": ""}, ErrorKind.UPSTREAM, True),
        ({"state": "success", "resultJson": '{"data": []}'}, ErrorKind.UPSTREAM, True),
        ({"state": "success", "resultJson": "{half"}, ErrorKind.UPSTREAM, False),
        ({"state": "success", "resultJson": '{"data": [5]}'}, ErrorKind.UPSTREAM, False),
        ({"status": "success"}, ErrorKind.UPSTREAM, False),
    ],
)
async def test_a_record_that_shows_nothing(
    server: Kie, suno: Suno, data: dict[str, str] | None, kind: ErrorKind, final: bool
) -> None:
    server.fail_next(Fault.status(Answer(200, {"code": 200, "msg": "success", "data": data})))
    with pytest.raises(ProviderError) as caught:
        await suno.poll(Job(id="j", operation="generate"))
    assert (caught.value.kind, caught.value.final) == (kind, final)


@pytest.mark.parametrize("mode", ["once", "twice"])
async def test_a_signed_call_back_is_proven_and_its_second_delivery_recognised(
    server: Kie, transport: HttpxTransport, mode: str
) -> None:
    server.webhook_key = SECRET
    server.calls_back(mode)
    suno = adapter(server, transport, SECRET)
    with Listener(204) as listener:
        job = await submitted(suno, song(), listener.url)
        await called_back(server, 2 if mode == "twice" else 1)
    now = time.time()
    sent = server.callbacks[0]
    body = json.dumps(sent.body).encode()
    call = suno.read_callback(sent.headers, body, now=now)
    assert (call.job_id, call.proven, call.finished) == (job.id, True, True)
    assert call.delivery_id == suno.read_callback(sent.headers, body, now=now).delivery_id != ""
    with pytest.raises(ProviderError, match="too long ago"):
        suno.read_callback(sent.headers, body, now=now + 400)
    unproven = adapter(server, transport).read_callback(sent.headers, body, now=now)
    assert (unproven.job_id, unproven.proven) == (job.id, False)


async def test_a_forged_call_back_is_refused_and_brings_nothing_where_no_secret_is_known(
    server: Kie, transport: HttpxTransport
) -> None:
    server.webhook_key = SECRET
    server.calls_back("forged")
    suno = adapter(server, transport, SECRET)
    with Listener(204) as listener:
        job = await submitted(suno, song(), listener.url)
        await called_back(server, 1)
    sent = server.callbacks[0]
    body = json.dumps(sent.body).encode()
    for headers in (sent.headers, {}):
        with pytest.raises(ProviderError) as caught:
            suno.read_callback(headers, body, now=time.time())
        assert caught.value.kind is ErrorKind.INVALID_REQUEST
    assert not adapter(server, transport).read_callback(sent.headers, body, now=time.time()).proven
    product, _ = await finished(suno, job)
    assert all("forged" not in file.url for file in product.files)


async def test_health_tells_the_credits(server: Kie, suno: Suno) -> None:
    server.balance = Decimal(12)
    assert (await suno.probe()).model_dump() == {"ok": True, "credits": 12.0, "note": ""}
    await submitted(suno, song())
    assert (await suno.probe()).credits == 0.0
    assert (await refusal(suno, song())).kind is ErrorKind.INSUFFICIENT_CREDITS
