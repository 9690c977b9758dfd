"""The ACE-Step adapter against the contract server: each operation, each error, each accident."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers.account import Account
from providers.ace_step import AceStep
from providers.ace_step_models import KINDS as CODES
from providers.contract import Job, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Origin, PlannedSection, Sound, TextOrder
from providers.transport import Call, HttpxTransport, Reply
from tests.providers.servers.ace_step import AceStep as AceStepServer
from tests.providers.servers.base import Fault, tone

CLIP = Sound(content=tone(2), filename="clip.wav")
ORIGIN = Origin(provider="ace_step", job_id="before", take_id="/tmp/api_audio/before-0.flac")
LYRICS = "[Verse]\nThe ferry leaves at night\n\n[Chorus]\nHold the light"
KINDS = {
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "auth": ErrorKind.AUTH,
    "not_found": ErrorKind.NOT_FOUND,
    "unsupported": ErrorKind.INVALID_REQUEST,
    "rate_limited": ErrorKind.OVERLOADED,
    "upstream": ErrorKind.UPSTREAM,
    "enveloped": ErrorKind.UPSTREAM,
}


@pytest.fixture
def server() -> Iterator[AceStepServer]:
    with AceStepServer() as running:
        running.audio_seconds = 1.0
        yield running


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    network = HttpxTransport()
    yield network
    await network.aclose()


class Canned:
    """Answers every call with the same words."""

    def __init__(self, *bodies: Any, status: int = 200) -> None:
        self.replies = [
            Reply(status, {}, body if isinstance(body, bytes) else json.dumps(body).encode()) for body in bodies
        ]
        self.calls: list[Call] = []

    async def send(self, call: Call) -> Reply:
        self.calls.append(call)
        return self.replies[min(len(self.calls), len(self.replies)) - 1]


def adapter(server: AceStepServer, transport: HttpxTransport, model: str = "", **options: str) -> AceStep:
    return AceStep(Account(key=SecretStr(server.key), base_url=server.url, model=model, options=options), transport)


def canned(*bodies: Any, status: int = 200) -> AceStep:
    return AceStep(Account(), Canned(*bodies, status=status))


def song(**changes: object) -> MusicOrder:
    given = {
        "task": Task.FULL_SONG,
        "title": "Night Ferry",
        "style": "dream pop, soft drums",
        "lyrics": LYRICS,
        "instrumental": False,
        "language": "en-GB",
        "bpm": 92.4,
        "key": "E major",
        "time_signature": "3/4",
        "duration_s": 95.5,
        "seed": 2**40 + 7,
    }
    return MusicOrder.model_validate(given | changes)


EDIT = song(task=Task.SECTION_EDIT, origin=ORIGIN, span_s=(10.0, 20.5))
COVER = song(task=Task.TRANSFORMATION, reference=CLIP, strength=0.3)
VOICE = song(task=Task.STEMS, origin=ORIGIN, stem_kinds="two")


async def submitted(one: AceStep, asked: MusicOrder) -> Job:
    job = await one.submit(asked)
    assert isinstance(job, Job)
    return job


async def refusal(one: AceStep, asked: MusicOrder) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await one.submit(asked)
    return caught.value


async def failed_look(one: AceStep, job: Job) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ended(one, job)
    return caught.value


async def ended(one: AceStep, job: Job) -> Product:
    for _ in range(10):
        found = await one.poll(job)
        if isinstance(found, Product):
            return found
    raise AssertionError("the task does not end")


async def test_a_song_is_released_with_all_that_is_known_and_fetched_at_once(
    server: AceStepServer, transport: HttpxTransport
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, song())
    assert server.requests[0].body == {
        "prompt": "dream pop, soft drums, 92.4 BPM, E major",
        "lyrics": LYRICS,
        "task_type": "text2music",
        "audio_format": "flac",
        "thinking": False,
        "vocal_language": "en",
        "bpm": 92,
        "key_scale": "E Major",
        "time_signature": "3",
        "audio_duration": 95.5,
        "use_random_seed": False,
        "seed": 7,
        "batch_size": 1,
    }
    assert isinstance(await one.poll(job), Pending)
    product = await ended(one, job)
    (file,) = product.files
    assert file.content[:4] == b"fLaC"
    assert (file.role, file.media_type, file.duration_s) == ("take", "audio/flac", 1.0)
    assert file.take_id == f"/tmp/api_audio/{job.id}-0.flac"
    assert product.model == "acestep-v15-turbo"
    assert product.cost_usd == one.quote(song()) == 0
    assert all(seen.headers["authorization"] == f"Bearer {server.key}" for seen in server.requests)


async def test_as_many_takes_are_made_as_were_ordered_and_no_two_by_default(
    server: AceStepServer, transport: HttpxTransport
) -> None:
    one = adapter(server, transport, model="acestep-v15-base", format="mp3", thinking="yes", steps="32")
    job = await submitted(one, song(takes=3))
    given = server.requests[0].body
    assert (given["batch_size"], given["thinking"], given["inference_steps"]) == (3, True, 32)
    product = await ended(one, job)
    assert len(product.files) == 3
    assert len({file.take_id for file in product.files}) == 3
    assert {file.media_type for file in product.files} == {"audio/mpeg"}
    assert product.model == "acestep-v15-base"


async def test_an_instrumental_says_so_in_its_lyrics(server: AceStepServer, transport: HttpxTransport) -> None:
    await submitted(adapter(server, transport), song(task=Task.INSTRUMENTAL, instrumental=True, lyrics=""))
    given = server.requests[0].body
    assert given["lyrics"] == "[Instrumental]"
    assert "vocal_language" not in given


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"bpm": 20.0}, "bpm"),
        ({"bpm": 301.0}, "bpm"),
        ({"bpm": None}, "bpm"),
        ({"time_signature": "7/8"}, "time_signature"),
        ({"key": ""}, "key_scale"),
        ({"language": ""}, "vocal_language"),
    ],
)
async def test_what_the_server_has_no_value_for_is_left_to_its_model(
    server: AceStepServer, transport: HttpxTransport, changes: dict[str, Any], gone: str
) -> None:
    await submitted(adapter(server, transport), song(**changes))
    assert gone not in server.requests[0].body


async def test_lyrics_come_from_the_sections_where_the_order_has_none(
    server: AceStepServer, transport: HttpxTransport
) -> None:
    sections = (PlannedSection(name="verse", duration_s=30.0, lyrics=("one line",)),)
    await submitted(adapter(server, transport), song(lyrics="", sections=sections, duration_s=None))
    given = server.requests[0].body
    assert (given["lyrics"], given["audio_duration"]) == ("[Verse]\none line", 30.0)


async def test_a_section_is_painted_anew_in_the_earlier_take(server: AceStepServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await submitted(one, EDIT)
    given = server.requests[0].body
    assert given["task_type"] == job.operation == "repaint"
    assert given["src_audio_path"] == ORIGIN.take_id
    assert (given["repainting_start"], given["repainting_end"]) == (10.0, 20.5)
    assert "audio_duration" not in given
    assert (await ended(one, job)).files[0].content


async def test_a_cover_uploads_its_source_and_keeps_more_of_it_the_less_far_it_may_go(
    server: AceStepServer, transport: HttpxTransport
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, COVER)
    assert server.uploads == {f"{job.id}/src_audio": CLIP.content}
    given = server.jobs[job.id].body
    assert given["task_type"] == "cover"
    assert given["audio_cover_strength"] == 0.7
    assert given["use_random_seed"] is False
    assert (await ended(one, job)).files


async def test_a_reference_lends_its_sound_to_a_song(server: AceStepServer, transport: HttpxTransport) -> None:
    job = await submitted(adapter(server, transport), song(reference=CLIP))
    assert server.uploads == {f"{job.id}/reference_audio": CLIP.content}


async def test_the_voice_alone_is_a_stem(server: AceStepServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await submitted(one, VOICE)
    given = server.requests[0].body
    assert (given["task_type"], given["batch_size"]) == ("extract", 1)
    assert "vocals" in given["instruction"]
    assert (await ended(one, job)).files[0].role == "stem:vocals"


@pytest.mark.parametrize(
    "changes",
    [
        {"task": Task.STEMS, "origin": ORIGIN, "stem_kinds": "many"},
        {"task": Task.STEMS, "stem_kinds": "two"},
        {"task": Task.SECTION_EDIT, "span_s": (1.0, 2.0)},
        {"task": Task.TRANSFORMATION},
        {"task": Task.TRANSFORMATION, "reference": Sound(url="https://sounds.example/a.wav")},
        {"task": Task.VOCALS, "reference": CLIP},
        {"task": Task.ANALYSIS},
        {"origin": ORIGIN},
        {"duration_s": 9.0},
        {"duration_s": 601.0},
        {"lyrics": "la " * 2000},
    ],
)
async def test_what_it_cannot_do_is_refused_before_any_call(
    server: AceStepServer, transport: HttpxTransport, changes: dict[str, Any]
) -> None:
    error = await refusal(adapter(server, transport), song(**changes))
    assert error.kind is ErrorKind.UNSUPPORTED
    assert server.requests == []


@pytest.mark.parametrize("span", [None, (5.0, 5.0), (5.0, 2.0), (-1.0, 2.0)])
async def test_a_section_needs_a_start_before_its_end(
    server: AceStepServer, transport: HttpxTransport, span: tuple[float, float] | None
) -> None:
    error = await refusal(adapter(server, transport), EDIT.model_copy(update={"span_s": span}))
    assert error.kind is ErrorKind.INVALID_REQUEST
    assert server.requests == []


async def test_words_and_odd_steps_are_refused(server: AceStepServer, transport: HttpxTransport) -> None:
    words = TextOrder(task=Task.LYRICS, instructions="", text="", schema_name="x", json_schema={})
    with pytest.raises(ProviderError, match="words"):
        adapter(server, transport).operation(words)
    error = await refusal(adapter(server, transport, steps="many"), song())
    assert error.kind is ErrorKind.INVALID_REQUEST
    assert "steps" in error.message


def test_every_documented_error_has_a_kind(server: AceStepServer) -> None:
    assert set(KINDS) == set(server.ERRORS)


@pytest.mark.parametrize("name", KINDS)
async def test_a_documented_error_becomes_its_kind(server: AceStepServer, transport: HttpxTransport, name: str) -> None:
    one = adapter(server, transport)
    server.fail_next(name)
    assert (await refusal(one, song())).kind is KINDS[name]
    assert server.charges == []
    job = await submitted(one, song())
    server.fail_next(name)
    assert (await failed_look(one, job)).kind is KINDS[name]
    assert (await ended(one, job)).files


@pytest.mark.parametrize("code", [*CODES, 418, 502, 999])
@pytest.mark.parametrize("enveloped", [True, False])
async def test_a_code_means_the_same_in_the_envelope_and_as_a_status(code: int, enveloped: bool) -> None:
    body = {"data": None, "code": code, "error": "no"} if enveloped else {"detail": "no"}
    error = await refusal(canned(body, status=200 if enveloped else code), song())
    assert error.kind is CODES.get(code, ErrorKind.UPSTREAM)
    assert "no" in error.message


async def test_a_wrong_key_is_told_and_none_is_sent_where_there_is_none(
    server: AceStepServer, transport: HttpxTransport
) -> None:
    wrong = AceStep(Account(key=SecretStr("wrong"), base_url=server.url), transport)
    assert (await refusal(wrong, song())).kind is ErrorKind.AUTH
    server.key = ""
    open_one = adapter(server, transport)
    assert (await ended(open_one, await submitted(open_one, song()))).files
    assert "authorization" not in server.requests[-1].headers


async def test_a_full_queue_is_overload(server: AceStepServer, transport: HttpxTransport) -> None:
    server.queue_limit = 1
    one = adapter(server, transport)
    await submitted(one, song())
    assert (await refusal(one, song(seed=2))).kind is ErrorKind.OVERLOADED


@pytest.mark.parametrize(
    ("fault", "kind", "released"),
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
async def test_a_task_whose_answer_is_lost_may_have_been_released(
    server: AceStepServer, transport: HttpxTransport, fault: Fault, kind: ErrorKind, released: int
) -> None:
    server.fail_next(fault)
    assert (await refusal(adapter(server, transport), song())).kind is kind
    assert len(server.requests) == 1
    assert len(server.charges) == released


@pytest.mark.parametrize("fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(502), Fault.html(200)])
@pytest.mark.parametrize("path", ["/query_result", "/v1/audio"])
async def test_a_look_or_a_download_that_fails_may_be_taken_again(
    server: AceStepServer, transport: HttpxTransport, fault: Fault, path: str
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, song())
    server.fail_next(fault, path=path)
    assert (await failed_look(one, job)).kind is ErrorKind.UPSTREAM
    assert (await ended(one, job)).files[0].content[:4] == b"fLaC"


async def test_a_task_that_fails_says_so(server: AceStepServer, transport: HttpxTransport) -> None:
    server.end_next_with("failed")
    one = adapter(server, transport)
    error = await failed_look(one, await submitted(one, song()))
    assert error.kind is ErrorKind.UPSTREAM
    assert "could not make it" in error.message


async def test_files_that_are_gone_are_expired(server: AceStepServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await submitted(one, song())
    await ended(one, job)
    server.expire_results()
    assert (await failed_look(one, job)).kind is ErrorKind.RESULT_EXPIRED


async def test_a_server_that_was_started_anew_has_lost_the_task(
    server: AceStepServer, transport: HttpxTransport
) -> None:
    one = adapter(server, transport)
    job = await submitted(one, song())
    server.forget()
    assert (await failed_look(one, job)).kind is ErrorKind.UPSTREAM


def told(**state: Any) -> dict[str, Any]:
    return {"data": [{"task_id": "t", "status": 1, "result": "[]", **state}], "code": 200, "error": None}


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (told(task_id="another"), ErrorKind.NOT_FOUND, "does not know"),
        ({"data": [], "code": 200}, ErrorKind.NOT_FOUND, "does not know"),
        (told(), ErrorKind.UPSTREAM, "without a file"),
        (told(status=7), ErrorKind.UPSTREAM, "another shape"),
        ({"data": {"t": 1}, "code": 200}, ErrorKind.UPSTREAM, "another shape"),
        (told(result="<html>"), ErrorKind.UPSTREAM, "another shape"),
        (told(status=2, result="out of memory"), ErrorKind.UPSTREAM, "out of memory"),
        (told(status=2, result='[{"status": 2, "error": "no model"}]'), ErrorKind.UPSTREAM, "no model"),
        (told(result='[{"file": "", "status": 2}]'), ErrorKind.UPSTREAM, "no reason"),
        (told(result='[{"file": "/etc/passwd"}]'), ErrorKind.UPSTREAM, "unknown way"),
        (told(result='[{"file": "/v1/audio"}]'), ErrorKind.UPSTREAM, "unknown way"),
    ],
)
async def test_odd_answers_have_a_kind_and_say_what_came(answer: Any, kind: ErrorKind, words: str) -> None:
    with pytest.raises(ProviderError, match=words) as caught:
        await canned(answer).poll(Job(id="t", operation="text2music"))
    assert caught.value.kind is kind


async def test_the_key_goes_to_the_configured_server_whatever_address_an_answer_names() -> None:
    result = json.dumps([{"file": "http://evil.example/v1/audio?path=%2Ftmp%2Fa.wav", "metas": {"duration": "auto"}}])
    network = Canned(told(result=result), tone(1))
    one = AceStep(Account(key=SecretStr("k"), base_url="http://studio:8001"), network)
    product = await one.poll(Job(id="t", operation="text2music"))
    assert isinstance(product, Product)
    assert product.files[0].duration_s is None
    assert [call.url for call in network.calls] == ["http://studio:8001/query_result", "http://studio:8001/v1/audio"]
    assert network.calls[1].params == {"path": "/tmp/a.wav"}


async def test_it_calls_nobody_back(server: AceStepServer, transport: HttpxTransport) -> None:
    with pytest.raises(ProviderError) as caught:
        adapter(server, transport).read_callback({}, b"{}", now=0.0)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


async def test_the_probe_tells_the_queue_and_what_is_wrong(server: AceStepServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    await submitted(one, song())
    health = await one.probe()
    assert (health.ok, health.note) == (True, "1 waiting, 5 s a task")
    server.fail_next("upstream")
    ill = await one.probe()
    assert not ill.ok
    assert ill.note.startswith("upstream")
    assert not (await canned({"data": {"status": "loading"}, "code": 200}).probe()).ok
