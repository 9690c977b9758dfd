"""Suno through the contract of sunoapi.org, against a server that knows that contract alone."""

import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers.account import Account
from providers.contract import Pending, Product
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
    lyrics_order,
    origin_of,
    refusal,
    song,
    submitted,
)
from tests.providers.servers.base import Answer, Fault, Pace
from tests.providers.servers.sunoapi import ENDINGS, SunoApi
from tests.providers.servers.test_base import Listener

NOW = 1_800_000_000.0
RECORDING = Sound(url="https://files.example/tape.mp3", duration_s=90.0)


@pytest.fixture
def server() -> Iterator[SunoApi]:
    with SunoApi() as made:
        yield made


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    made = HttpxTransport()
    yield made
    await made.aclose()


@pytest.fixture
def suno(server: SunoApi, transport: HttpxTransport) -> Suno:
    return Suno(Account(key=SecretStr(server.key), base_url=server.url), transport)


def known(server: SunoApi, seconds: float = 120.0) -> Origin:
    job, take = server.known_song(seconds, model="V5_5")
    return Origin(provider="suno", job_id=job, take_id=take, model="V5_5", duration_s=seconds)


# ----------------------------------------------------------------------------------------------------- what is made


async def test_a_song_comes_as_two_takes_and_is_paid_once(server: SunoApi, suno: Suno) -> None:
    server.pace = Pace(polls=3)
    order = song(duration_s=20.0, vocal_gender="female", negative=("metal",), bpm=92.0)
    job = await submitted(suno, order)
    product, seen = await finished(suno, job)
    assert [look.note for look in seen] == ["PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS"]
    assert [look.progress for look in seen] == sorted(look.progress or 0 for look in seen)
    assert [(file.role, file.media_type, file.duration_s) for file in product.files] == [
        ("take", "audio/mpeg", 20.0)
    ] * 2
    assert len({file.take_id for file in product.files} | {file.url for file in product.files}) == 4
    assert all(server.has_file(file.url) for file in product.files)
    assert (product.model, product.request_id, product.cost_usd) == ("V5_5", job.id, None)
    assert server.spent == suno.quote(order) == Decimal("0.06")
    assert server.accepted[0]["callBackUrl"] == NO_CALLBACK


@pytest.mark.parametrize(
    "order",
    [
        song(task=Task.INSTRUMENTAL, instrumental=True, lyrics=""),
        song(lyrics=""),
        song(task=Task.VOCALS),
        song(title="very " * 60, style="long, " * 400),
        song(reference=RECORDING),
        song(task=Task.TRANSFORMATION, reference=RECORDING, strength=0.2, instrumental=True),
        song(task=Task.VOCALS, reference=RECORDING),
        song(task=Task.VOCALS, reference=RECORDING, negative=("metal",)),
    ],
)
@pytest.mark.parametrize("model", ["V4", "V5_5"])
async def test_the_gateway_accepts_every_order_that_makes_new_sound(
    server: SunoApi, transport: HttpxTransport, order: MusicOrder, model: str
) -> None:
    suno = Suno(Account(key=SecretStr(server.key), base_url=server.url, model=model), transport)
    product, _ = await finished(suno, await submitted(suno, order))
    assert len(product.files) == 2
    assert product.model == model
    assert server.spent == suno.quote(order)


@pytest.mark.parametrize(("task", "path"), [(Task.TRANSFORMATION, "upload-cover"), (Task.VOCALS, "add-vocals")])
async def test_a_recording_without_an_address_is_brought_to_the_store_first(
    server: SunoApi, transport: HttpxTransport, task: Task, path: str
) -> None:
    tape = Sound(content=b"RIFF1234WAVE", filename="tape.wav")
    options = {"upload_url": f"{server.url}/"}
    suno = Suno(Account(key=SecretStr(server.key), base_url=server.url, options=options), transport)
    job = await submitted(suno, song(task=task, reference=tape))
    assert len((await finished(suno, job))[0].files) == 2
    upload, order = server.accepted
    assert upload == {"upload": "tape.wav", "bytes": 12}
    assert server.has_file(order["uploadUrl"])
    assert server.requests[1].path == f"/api/v1/generate/{path}"
    asked = len(server.requests)
    assert (await refusal(suno, song(task=task, reference=tape, lyrics="la " * 3000))).kind is ErrorKind.INVALID_REQUEST
    assert len(server.requests) == asked
    server.fail_next(Fault.lost(), path="/api/file-*")
    assert (await refusal(suno, song(task=task, reference=tape))).kind is ErrorKind.UPSTREAM
    assert len(server.charges) == 1


async def test_a_take_is_continued_with_the_model_that_made_it(server: SunoApi, transport: HttpxTransport) -> None:
    newer = Suno(Account(key=SecretStr(server.key), base_url=server.url, model="V5"), transport)
    origin = known(server)
    for order in (song(origin=origin), song(origin=origin, span_s=(61.237, 90.0), instrumental=True)):
        product, _ = await finished(newer, await submitted(newer, order))
        assert (len(product.files), product.model) == (2, "V5_5")
    unknown = origin.model_copy(update={"duration_s": 0.0})
    await submitted(newer, song(origin=unknown))
    assert [body["model"] for body in server.accepted] == ["V5_5"] * 3
    assert [body.get("continueAt") for body in server.accepted] == [119.0, 61.24, None]


async def test_a_section_is_replaced_within_the_limits_and_refused_outside_before_it_costs(
    server: SunoApi, suno: Suno
) -> None:
    origin = known(server, 100.0)
    order = song(task=Task.SECTION_EDIT, origin=origin, span_s=(20.004, 50.0))
    product, _ = await finished(suno, await submitted(suno, order))
    assert product.files
    assert (server.accepted[0]["infillStartS"], server.accepted[0]["infillEndS"]) == (20.0, 50.0)
    asked = len(server.requests)
    for span in ((0.0, 9.0), (0.0, 50.1), (0.0, 61.0), (60.0, 101.0)):
        error = await refusal(suno, order.model_copy(update={"span_s": span}))
        assert error.kind is ErrorKind.INVALID_REQUEST
    assert len(server.requests) == asked


async def test_stems_wav_and_the_times_of_words_come_of_a_finished_take(server: SunoApi, suno: Suno) -> None:
    job = await submitted(suno, song(duration_s=20.0))
    origin = origin_of(job, (await finished(suno, job))[0])

    many, _ = await finished(suno, await submitted(suno, song(task=Task.STEMS, origin=origin)))
    assert {file.role for file in many.files} >= {"stem:vocals", "stem:drums", "stem:bass", "stem:backing_vocals"}
    assert len(many.files) == 13
    two, _ = await finished(suno, await submitted(suno, song(task=Task.STEMS, origin=origin, stem_kinds="two")))
    assert {file.role for file in two.files} == {"stem:vocals", "stem:instrumental"}
    assert {(file.take_id, file.duration_s) for file in (*many.files, *two.files)} == {(origin.take_id, 20.0)}

    wav, _ = await finished(suno, await submitted(suno, song(origin=origin, wanted="wav")))
    assert [(file.role, file.media_type, file.take_id) for file in wav.files] == [("take", "audio/wav", origin.take_id)]

    sung = await suno.submit(song(origin=origin, wanted="words"))
    assert isinstance(sung, Product)
    assert sung.document is not None
    heard = sung.document["words"]
    assert [word for word, _, _ in heard][:2] == ["The", "ferry"]
    assert all(start < end for _, start, end in heard)
    assert all(heard[at][2] <= heard[at + 1][1] + 0.002 for at in range(len(heard) - 1))


async def test_lyrics_come_under_the_names_that_were_asked_for(server: SunoApi, suno: Suno) -> None:
    product, _ = await finished(suno, await submitted(suno, lyrics_order()))
    assert product.document is not None
    assert set(product.document) == {"title", "lyrics"}
    assert product.document["lyrics"].startswith("[Verse]")
    assert server.spent == suno.quote(lyrics_order())


# ------------------------------------------------------------------------------------------------- what goes wrong

REFUSALS = {
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "auth": ErrorKind.AUTH,
    "not_found": ErrorKind.NOT_FOUND,
    "rate_limited": ErrorKind.RATE_LIMITED,
    "prompt_too_long": ErrorKind.INVALID_REQUEST,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "too_frequent": ErrorKind.RATE_LIMITED,
    "overloaded": ErrorKind.OVERLOADED,
    "upstream": ErrorKind.UPSTREAM,
}


def test_every_documented_refusal_is_in_the_table() -> None:
    assert set(REFUSALS) == set(SunoApi.ERRORS)


@pytest.mark.parametrize("http_codes", [False, True])
@pytest.mark.parametrize("name", sorted(REFUSALS))
async def test_a_refused_order_is_told_by_the_code_in_its_body(
    server: SunoApi, suno: Suno, name: str, http_codes: bool
) -> None:
    server.http_codes = http_codes
    server.fail_next(name)
    error = await refusal(suno, song())
    assert error.kind is REFUSALS[name]
    assert not error.final
    assert SunoApi.ERRORS[name].body["msg"] in str(error)
    assert error.retry_after_s == (10.0 if error.kind is ErrorKind.RATE_LIMITED else None)
    assert server.charges == []


async def test_what_the_vendor_asks_to_wait_goes_before_our_own_pause(server: SunoApi, suno: Suno) -> None:
    body = SunoApi.ERRORS["too_frequent"].body
    server.fail_next(Fault.status(Answer(200, body, {"retry-after": "3"})))
    assert (await refusal(suno, song())).retry_after_s == 3.0


ENDS = {
    "CREATE_TASK_FAILED": ErrorKind.UPSTREAM,
    "GENERATE_AUDIO_FAILED": ErrorKind.UPSTREAM,
    "GENERATE_LYRICS_FAILED": ErrorKind.UPSTREAM,
    "refunded": ErrorKind.UPSTREAM,
    "timeout": ErrorKind.TIMEOUT,
    "SENSITIVE_WORD_ERROR": ErrorKind.MODERATION,
    "copyright_lyrics": ErrorKind.COPYRIGHT,
    "copyright_upload": ErrorKind.COPYRIGHT,
}


def test_every_documented_end_is_in_the_table() -> None:
    assert set(ENDS) | {"CALLBACK_EXCEPTION"} == set(ENDINGS)


@pytest.mark.parametrize("ending", sorted(ENDS))
async def test_a_job_that_fails_says_why_and_whether_it_was_paid_back(server: SunoApi, suno: Suno, ending: str) -> None:
    server.end_next_with(ending)
    order = lyrics_order() if ending == "GENERATE_LYRICS_FAILED" else song()
    job = await submitted(suno, order)
    error = await failure(suno, job)
    assert error.kind is ENDS[ending]
    assert (error.refunded, error.final, error.request_id) == (ending == "refunded", True, job.id)
    assert server.spent == (0 if error.refunded else suno.quote(order))


async def test_a_webhook_that_failed_does_not_lose_the_song(server: SunoApi, suno: Suno) -> None:
    server.end_next_with("CALLBACK_EXCEPTION")
    product, _ = await finished(suno, await submitted(suno, song()))
    assert len(product.files) == 2


async def test_a_webhook_that_failed_early_is_waited_out_until_both_takes_are_there(
    server: SunoApi, suno: Suno
) -> None:
    job = await submitted(suno, song())
    (product, _) = await finished(suno, job)
    songs = [{"id": file.take_id, "audioUrl": file.url, "duration": 1.0} for file in product.files]
    for there in ([], songs[:1], [songs[0], {"id": "b", "audioUrl": ""}]):
        shown = {"taskId": job.id, "status": "CALLBACK_EXCEPTION", "response": {"sunoData": there}}
        server.fail_next(Fault.status(Answer(200, {"code": 200, "msg": "", "data": shown})))
        assert isinstance(await suno.poll(job), Pending)
    shown = {"taskId": job.id, "status": "SUCCESS", "response": {"sunoData": songs[:1]}}
    server.fail_next(Fault.status(Answer(200, {"code": 200, "msg": "", "data": shown})))
    one = await suno.poll(job)
    assert isinstance(one, Product)
    assert len(one.files) == 1


async def test_success_without_files_is_an_error_and_a_job_without_record_is_expired(
    server: SunoApi, suno: Suno
) -> None:
    job = await submitted(suno, song())
    for data, kind in (
        ({"taskId": job.id, "status": "SUCCESS", "response": None}, ErrorKind.UPSTREAM),
        (None, ErrorKind.RESULT_EXPIRED),
    ):
        server.fail_next(Fault.status(Answer(200, {"code": 200, "msg": "", "data": data})))
        with pytest.raises(ProviderError) as caught:
            await suno.poll(job)
        assert (caught.value.kind, caught.value.final) == (kind, True)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.lost(), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.half(), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(200), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(502), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(524), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.html(500), ErrorKind.UPSTREAM),
        (Fault.html(503), ErrorKind.OVERLOADED),
        (Fault.html(429), ErrorKind.RATE_LIMITED),
        (Fault.html(401), ErrorKind.AUTH),
        (Fault.status(Answer(200, {"code": 200, "msg": "success", "data": None})), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.status(Answer(200, {"code": 200, "data": {"taskId": ""}})), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.status(Answer(200, [])), ErrorKind.OUTCOME_UNKNOWN),
        (Fault.status(Answer(500, {"code": 200, "msg": "success"})), ErrorKind.UPSTREAM),
    ],
)
async def test_an_order_whose_answer_is_lost_or_unreadable(
    server: SunoApi, suno: Suno, fault: Fault, kind: ErrorKind
) -> None:
    server.fail_next(fault)
    error = await refusal(suno, song())
    assert (error.kind, error.final) == (kind, False)
    assert len(server.charges) == (1 if fault.kind in ("lost", "half") else 0)


async def test_an_order_that_cannot_have_arrived_may_be_given_again(transport: HttpxTransport) -> None:
    nobody = Suno(Account(key=SecretStr("k"), base_url=NO_ADDRESS), transport)
    assert (await refusal(nobody, song())).kind in UNHEARD


@pytest.mark.parametrize(
    "fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502), Fault.huge()]
)
async def test_a_look_that_fails_is_no_end_of_the_job(server: SunoApi, suno: Suno, fault: Fault) -> None:
    job = await submitted(suno, song())
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await suno.poll(job)
    assert caught.value.kind in UNHEARD
    assert not caught.value.final
    product, _ = await finished(suno, job)
    assert len(product.files) == 2
    assert len(server.charges) == 1


# --------------------------------------------------------------------------------------------- calls back, health


@pytest.mark.parametrize("mode", ["once", "twice", "out_of_order", "forged"])
async def test_no_call_back_is_proven_and_each_names_its_job(server: SunoApi, suno: Suno, mode: str) -> None:
    server.calls_back(mode)
    with Listener(204) as listener:
        job = await submitted(suno, song(), listener.url)
        expected = {"once": 3, "twice": 6, "out_of_order": 3, "forged": 1}[mode]
        await called_back(server, expected)
    calls = [suno.read_callback(sent.headers, json.dumps(sent.body).encode(), now=NOW) for sent in server.callbacks]
    stages = [sent.stage for sent in server.callbacks]
    assert len(calls) == expected
    assert {(call.job_id, call.proven) for call in calls} == {(job.id, False)}
    assert [call.finished for call in calls] == [stage == "complete" for stage in stages]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"code": 200}', b'{"code": 200, "data": {}}'])
def test_what_is_no_call_back_is_refused(suno: Suno, body: bytes) -> None:
    with pytest.raises(ProviderError) as caught:
        suno.read_callback({}, body, now=NOW)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


async def test_health_tells_the_credits_and_costs_nothing(server: SunoApi, suno: Suno) -> None:
    server.balance = Decimal(30)
    assert (await suno.probe()).model_dump() == {"ok": True, "credits": 30.0, "note": ""}
    server.balance = Decimal(11)
    poor = await suno.probe()
    assert (poor.ok, poor.credits) == (False, 11.0)
    assert server.charges == []
    assert (await refusal(suno, song())).kind is ErrorKind.INSUFFICIENT_CREDITS


async def test_the_credits_are_looked_for_at_the_second_place_too(server: SunoApi, suno: Suno) -> None:
    server.fail_next("not_found", path="*/generate/credit")
    answer = Answer(200, {"code": 200, "msg": "success", "data": 42})
    server.fail_next(Fault.status(answer), path="*/account/subscription/remain")
    assert (await suno.probe()).credits == 42.0
    server.fail_next(Fault.status(Answer(200, {"code": 200, "data": {"left": 42}})))
    with pytest.raises(ProviderError, match="no number of credits"):
        await suno.probe()


async def test_a_wrong_key_is_told_as_such(server: SunoApi, transport: HttpxTransport) -> None:
    stranger = Suno(Account(key=SecretStr("wrong"), base_url=server.url), transport)
    assert (await refusal(stranger, song())).kind is ErrorKind.AUTH
    with pytest.raises(ProviderError) as caught:
        await stranger.probe()
    assert caught.value.kind is ErrorKind.AUTH
    assert "wrong" not in str(caught.value)
