"""The adapter of OpenAI, and of servers that speak like it, against their contract server."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from domain.providers import RETRIED, ErrorKind, Task
from providers.account import Account
from providers.contract import Job, Product
from providers.errors import ProviderError
from providers.language import bass, brief, edits, lyrics, rhythm, structure, theory, tune
from providers.language.schema import Document, strict_schema
from providers.openai import OpenAI
from providers.orders import MusicOrder, TextOrder
from providers.transport import HttpxTransport
from tests.music import material
from tests.music.songs import song
from tests.providers.fresh import NOWHERE, as_new
from tests.providers.language import answers
from tests.providers.servers.base import Answer, Fault
from tests.providers.servers.language import Failed, Refusal, Truncated
from tests.providers.servers.openai import OpenAIServer

E = ErrorKind


class Said(Document):
    """What the model shall say."""

    word: str
    number: int | None


ORDER = TextOrder(
    task=Task.ENHANCEMENT,
    instructions="Say a word.",
    text="the night ferry",
    schema_name="said",
    json_schema=strict_schema(Said),
    max_tokens=800,
    user="hash-of-somebody",
)


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAIServer]:
    with OpenAIServer() as started:
        yield started


@pytest.fixture
def server(running: OpenAIServer) -> Iterator[OpenAIServer]:
    with as_new(running) as fresh:
        fresh.answer = lambda _: {"word": "ferry", "number": None}
        yield fresh


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    one = HttpxTransport()
    yield one
    await one.aclose()


def openai(server, transport, *, key="test-key", model="", **options) -> OpenAI:
    account = Account(key=SecretStr(key), base_url=server.url, model=model, options=options)
    return OpenAI(account, transport)


async def failing(adapter, order=ORDER) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await adapter.submit(order)
    return caught.value


# -- what is sent and what comes back ----------------------------------------------------------------------------------


async def test_a_document_comes_back_with_its_cost(server, transport):
    adapter = openai(server, transport)
    got = await adapter.submit(ORDER)
    assert got.document == {"word": "ferry", "number": None}
    assert got.model == "gpt-6-luna"
    assert got.request_id.startswith("req_")
    assert server.spent <= got.cost_usd <= server.spent + Decimal("0.000001")
    assert server.spent < adapter.quote(ORDER)
    assert got.usage.input_tokens > 0


async def test_what_is_sent(server, transport):
    await openai(server, transport, effort="medium").submit(ORDER)
    [seen] = server.requests
    assert seen.body == {
        "model": "gpt-6-luna",
        "store": False,
        "max_output_tokens": 800,
        "reasoning": {"effort": "medium"},
        "instructions": "Say a word.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "the night ferry"}]}],
        "text": {
            "format": {"type": "json_schema", "name": "said", "strict": True, "schema": ORDER.json_schema},
        },
        "safety_identifier": "hash-of-somebody",
    }


async def test_a_model_that_does_not_think_is_not_asked_to(server, transport):
    await openai(server, transport, effort="").submit(ORDER.model_copy(update={"user": ""}))
    assert not {"reasoning", "safety_identifier"} & set(server.requests[0].body)


async def test_thinking_is_paid_for(server, transport):
    server.reasoning_tokens = 300
    got = await openai(server, transport, model="gpt-6-sol").submit(ORDER)
    assert got.usage.output_tokens > 300
    assert got.cost_usd == server.spent.quantize(Decimal("0.000001"))


def orders() -> list[TextOrder]:
    harmony = material.harmony()
    usual: dict[str, Any] = {"genre": ["pop"], "tempo": 110, "time_signature": "4/4"}
    mood = {"valence": 0.5, "arousal": 0.5}
    return [
        brief.order("a night ferry"),
        lyrics.order("a night ferry", [lyrics.SungSection(name="verse", kind="verse", phrases=(8, 8))]),
        theory.order(key="F", scale="minor", genre=["pop"], mood=mood, time_signature="4/4"),
        tune.order(harmony, **usual),
        bass.order(harmony, **usual),
        rhythm.order(**usual, mood=mood),
        structure.order(**usual, duration=120, mood=mood),
        edits.order("rest the drums", song("pop song", 1, 1).score),
    ]


@pytest.mark.parametrize("api", ["responses", "chat"])
async def test_the_schema_of_every_task_is_taken(server, transport, api):
    server.answer = None
    adapter = openai(server, transport, api=api, model="gpt-6-luna")
    for order in orders():
        got = await adapter.submit(order)
        assert list(got.document) == order.json_schema["required"], order.schema_name


async def test_an_answer_is_read_as_a_brief(server, transport):
    server.answer = lambda _: answers.brief()
    got = await openai(server, transport).submit(brief.order("a night ferry"))
    assert brief.read(got.document, "a night ferry", seed=1).understanding.title == "Night Ferry"


# -- refusals and answers of no use ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "kind", "told"),
    [
        (Refusal("I will not."), E.MODERATION, "the model refused: I will not."),
        (Truncated(), E.INVALID_REQUEST, "cut short: max_output_tokens"),
        (Truncated(reason="content_filter"), E.MODERATION, "cut short: content_filter"),
        (Truncated(reason="steered"), E.INVALID_REQUEST, "cut short: steered"),
        ("[1, 2]", E.INVALID_REQUEST, "no JSON object"),
        ("Here is your song:", E.INVALID_REQUEST, "no JSON object"),
    ],
)
async def test_an_answer_that_was_paid_and_is_of_no_use_is_not_asked_for_again(server, transport, script, kind, told):
    server.answer = lambda _: script
    error = await failing(openai(server, transport))
    assert error.kind is kind
    assert told in error.message
    assert kind not in RETRIED
    assert not error.refunded
    assert len(server.charges) == 1
    assert server.spent <= error.cost_usd <= server.spent + Decimal("0.000001")


@pytest.mark.parametrize(
    ("code", "kind"),
    [("server_error", E.UPSTREAM), ("rate_limit_exceeded", E.RATE_LIMITED), ("invalid_prompt", E.MODERATION)],
)
async def test_a_response_that_failed_costs_nothing(server, transport, code, kind):
    server.answer = lambda _: Failed(code, "it broke")
    error = await failing(openai(server, transport))
    assert (error.kind, error.refunded, error.cost_usd) == (kind, True, None)
    assert "it broke" in error.message
    assert not server.charges


async def test_the_limit_of_tokens_is_kept(server, transport):
    server.answer = lambda _: {"word": "ferry " * 100, "number": 1}
    error = await failing(openai(server, transport), ORDER.model_copy(update={"max_tokens": 20}))
    assert error.kind is E.INVALID_REQUEST


# -- documented errors -------------------------------------------------------------------------------------------------

DOCUMENTED = {
    "auth": E.AUTH,
    "plan_denied": E.PLAN_DENIED,
    "invalid_request": E.INVALID_REQUEST,
    "moderation": E.MODERATION,
    "not_found": E.NOT_FOUND,
    "model_not_found": E.NOT_FOUND,
    "timeout": E.TIMEOUT,
    "conflict": E.UPSTREAM,
    "insufficient_credits": E.INSUFFICIENT_CREDITS,
    "rate_limited": E.RATE_LIMITED,
    "rate_limited_ms": E.RATE_LIMITED,
    "rate_limited_bare": E.RATE_LIMITED,
    "upstream": E.UPSTREAM,
    "upstream_final": E.INVALID_REQUEST,
    "overloaded": E.OVERLOADED,
}


@pytest.mark.parametrize("api", ["responses", "chat"])
async def test_every_documented_error_has_its_kind(server, transport, api):
    adapter = openai(server, transport, api=api, model="gpt-6-luna")
    met = {}
    for name, answer in OpenAIServer.ERRORS.items():
        server.fail_next(name)
        error = await failing(adapter)
        met[name] = error.kind
        assert error.request_id == answer.headers["x-request-id"]
        assert error.status == answer.status
        assert answer.body["error"]["message"] in error.message
    assert met == DOCUMENTED
    assert not server.charges


@pytest.mark.parametrize(
    ("name", "wait"), [("rate_limited", 1.0), ("rate_limited_ms", 0.15), ("rate_limited_bare", None)]
)
async def test_it_says_how_long_to_wait(server, transport, name, wait):
    server.fail_next(name)
    assert (await failing(openai(server, transport))).retry_after_s == wait


async def test_a_wrong_key_and_an_unknown_model(server, transport):
    assert (await failing(openai(server, transport, key="wrong"))).kind is E.AUTH
    assert (await failing(openai(server, transport, model="gpt-0"))).kind is E.NOT_FOUND


async def test_an_empty_account(server, transport):
    server.balance = Decimal(0)
    assert (await failing(openai(server, transport))).kind is E.INSUFFICIENT_CREDITS


# -- bad luck ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "charges"), [(Fault.lost(), 1), (Fault.half(), 1), (Fault.html(502), 0), (Fault.html(200), 0),
                           (Fault.huge(), 0), (Fault.cut_before(), 0)]
)  # fmt: skip
async def test_nobody_knows_whether_a_lost_answer_was_paid(server, transport, fault, charges):
    server.fail_next(fault)
    error = await failing(openai(server, transport))
    assert error.kind is E.OUTCOME_UNKNOWN
    assert len(server.charges) == charges
    assert len(server.requests) == 1


async def test_a_page_with_an_error_status_is_the_vendors_trouble(server, transport):
    server.fail_next(Fault.html(500))
    assert (await failing(openai(server, transport))).kind is E.UPSTREAM


async def test_nobody_there(transport):
    assert (await failing(OpenAI(Account(base_url=NOWHERE), transport))).kind is E.UPSTREAM


async def test_a_response_that_goes_on_elsewhere_cannot_be_fetched(server, transport):
    answer = {"id": "resp_1", "status": "in_progress", "output": [], "usage": None}
    server.fail_next(Fault.status(Answer(200, answer)))
    assert (await failing(openai(server, transport))).kind is E.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    "body", [[], {"status": "completed", "output": ["text"]}, {"status": "completed", "output": 7}, 7]
)
async def test_an_answer_of_another_shape_may_have_been_paid(server, transport, body):
    server.fail_next(Fault.status(Answer(200, body)))
    assert (await failing(openai(server, transport))).kind is E.OUTCOME_UNKNOWN


# -- local servers -----------------------------------------------------------------------------------------------------


@pytest.fixture
def local(server) -> OpenAIServer:
    server.local = True
    return server


async def test_a_local_model_needs_no_key_and_costs_nothing(local, transport):
    adapter = openai(local, transport, key="", model="qwen", api="chat")
    assert adapter.capabilities.name == "local_llm"
    assert adapter.quote(ORDER) == 0
    got = await adapter.submit(ORDER)
    assert isinstance(got, Product)
    assert (got.document["word"], got.cost_usd, got.model) == ("ferry", Decimal(0), "qwen")
    assert got.usage.output_tokens > 0
    [seen] = local.requests
    assert "authorization" not in seen.headers
    assert seen.body["response_format"]["json_schema"] == {
        "name": "said", "strict": True, "schema": ORDER.json_schema,
    }  # fmt: skip
    assert [m["role"] for m in seen.body["messages"]] == ["system", "user"]


async def test_an_address_may_end_with_the_version(local, transport):
    account = Account(base_url=f"{local.url}/v1", options={"api": "chat"})
    got = await OpenAI(account, transport).submit(ORDER)
    assert got.model == "default"


async def test_small_models_put_their_document_between_code_fences(local, transport):
    local.answer = lambda _: '```json\n{"word": "ferry", "number": 2}\n```'
    got = await openai(local, transport, api="chat").submit(ORDER)
    assert got.document == {"word": "ferry", "number": 2}


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Refusal("no"), E.MODERATION),
        (Truncated(), E.INVALID_REQUEST),
        (Truncated(reason="content_filter"), E.MODERATION),
        ("not json", E.INVALID_REQUEST),
        (Failed(), E.UPSTREAM),
    ],
)
async def test_a_chat_that_is_of_no_use(local, transport, script, kind):
    local.answer = lambda _: script
    assert (await failing(openai(local, transport, api="chat"))).kind is kind


async def test_a_lost_answer_that_is_free_may_be_asked_for_again(local, transport):
    local.fail_next(Fault.lost())
    assert (await failing(openai(local, transport, api="chat"))).kind is E.UPSTREAM
    paid = openai(local, transport, api="chat", usd_in="1", usd_out="2")
    local.fail_next(Fault.lost())
    assert (await failing(paid)).kind is E.OUTCOME_UNKNOWN


@pytest.mark.parametrize("body", [{"error": "model is loading"}, {"object": "error", "message": "model is loading"}])
async def test_errors_as_local_servers_write_them(local, transport, body):
    local.fail_next(Fault.status(Answer(503, body)))
    error = await failing(openai(local, transport, api="chat"))
    assert error.kind is E.OVERLOADED
    assert "model is loading" in error.message


# -- the rest of the contract ------------------------------------------------------------------------------------------


def test_prices():
    account = Account(model="gpt-6-sol-2026-10-01")
    assert OpenAI(account, HttpxTransport()).capabilities.price.usd == 2
    unknown = OpenAI(Account(model="gpt-7"), HttpxTransport())
    assert unknown.capabilities.price.usd_out == 50
    own = OpenAI(Account(model="gpt-7", options={"usd_in": "3", "usd_out": "4"}), HttpxTransport())
    assert own.capabilities.price.usd_out == 4
    assert own.quote(ORDER) < unknown.quote(ORDER)


async def test_a_model_without_a_price_leaves_the_cost_to_the_quote(server, transport):
    server.prices["gpt-7"] = (Decimal(1), Decimal(1))
    assert (await openai(server, transport, model="gpt-7").submit(ORDER)).cost_usd is None


@pytest.mark.parametrize("task", [Task.INSTRUMENTAL, Task.STEMS])
def test_music_is_not_its_business(task):
    order = MusicOrder(task=task, title="Ferry", style="slow")
    adapter = OpenAI(Account(), HttpxTransport())
    for ask in (adapter.operation, adapter.quote):
        with pytest.raises(ProviderError) as caught:
            ask(order)
        assert caught.value.kind is E.UNSUPPORTED
    assert task not in adapter.capabilities.tasks


def test_operations():
    assert OpenAI(Account(), HttpxTransport()).operation(ORDER) == "responses"
    there = Account(base_url="http://127.0.0.1:1", options={"api": "chat"})
    assert OpenAI(there, HttpxTransport()).operation(ORDER) == "chat.completions"


async def test_a_server_of_ones_own_needs_an_address(transport):
    adapter = OpenAI(Account(options={"api": "chat"}), transport)
    error = await failing(adapter)
    assert error.kind is E.UNSUPPORTED
    assert "base_url" in error.message


@pytest.mark.parametrize("price", ["cheap", "-1", "inf"])
def test_a_price_is_a_number(price):
    with pytest.raises(ValueError, match="usd_in"):
        OpenAI(Account(options={"usd_in": price}), HttpxTransport())


async def test_there_are_no_jobs_and_no_callbacks(transport):
    adapter = OpenAI(Account(), transport)
    with pytest.raises(ProviderError) as caught:
        await adapter.poll(Job(id="1", operation="responses"))
    assert caught.value.kind is E.UNSUPPORTED
    with pytest.raises(ProviderError) as caught:
        adapter.read_callback({}, b"{}", now=0.0)
    assert caught.value.kind is E.INVALID_REQUEST


async def test_a_free_look(server, transport):
    assert (await openai(server, transport).probe()).ok
    with pytest.raises(ProviderError) as caught:
        await openai(server, transport, key="wrong").probe()
    assert caught.value.kind is E.AUTH
    assert not server.charges
