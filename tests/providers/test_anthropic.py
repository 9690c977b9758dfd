"""The adapter of Anthropic against its contract server."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
from pydantic import SecretStr

from domain.providers import RETRIED, ErrorKind, Task
from providers.account import Account
from providers.anthropic import Anthropic
from providers.contract import Job
from providers.errors import ProviderError
from providers.language import bass, brief, edits, lyrics, rhythm, structure, theory, tune
from providers.language.schema import Document, strict_schema
from providers.orders import MusicOrder, TextOrder
from providers.transport import HttpxTransport
from tests.music import material
from tests.music.songs import song
from tests.providers.fresh import as_new
from tests.providers.language import answers
from tests.providers.servers.anthropic import AnthropicServer
from tests.providers.servers.base import Answer, Fault
from tests.providers.servers.language import Failed, Refusal, Truncated

E = ErrorKind
MILLIONTH = Decimal("0.000001")


class Said(Document):
    """What the model shall say."""

    word: str
    number: int | None


ORDER = TextOrder(
    task=Task.LYRICS,
    instructions="Say a word.",
    text="the night ferry",
    schema_name="said",
    json_schema=strict_schema(Said),
    max_tokens=800,
    user="hash-of-somebody",
)


@pytest.fixture(scope="module")
def running() -> Iterator[AnthropicServer]:
    with AnthropicServer() as started:
        yield started


@pytest.fixture
def server(running: AnthropicServer) -> Iterator[AnthropicServer]:
    with as_new(running) as fresh:
        fresh.answer = lambda _: {"word": "ferry", "number": None}
        yield fresh


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    one = HttpxTransport()
    yield one
    await one.aclose()


def anthropic(server, transport, *, key="test-key", model="", **options) -> Anthropic:
    return Anthropic(Account(key=SecretStr(key), base_url=server.url, model=model, options=options), transport)


async def failing(adapter, order=ORDER) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await adapter.submit(order)
    return caught.value


async def test_a_document_comes_back_with_its_cost(server, transport):
    adapter = anthropic(server, transport)
    got = await adapter.submit(ORDER)
    assert got.document == {"word": "ferry", "number": None}
    assert got.model == "claude-haiku-5-5"
    assert got.request_id.startswith("req_")
    assert server.spent <= got.cost_usd <= server.spent + MILLIONTH
    assert got.cost_usd < adapter.quote(ORDER)


async def test_what_is_sent(server, transport):
    await anthropic(server, transport, effort="high").submit(ORDER)
    [seen] = server.requests
    assert seen.headers["authorization"] == "Bearer test-key"
    assert seen.headers["anthropic-version"] == "2026-10-21"
    assert seen.body == {
        "model": "claude-haiku-5-5",
        "max_tokens": 800,
        "system": "Say a word.",
        "messages": [{"role": "user", "content": "the night ferry"}],
        "output_config": {"effort": "high", "format": {"type": "json_schema", "schema": ORDER.json_schema}},
        "metadata": {"user_id": "hash-of-somebody"},
    }


async def test_effort_and_user_may_be_left_out(server, transport):
    await anthropic(server, transport, effort="", version="2023-06-01").submit(ORDER.model_copy(update={"user": ""}))
    [seen] = server.requests
    assert set(seen.body["output_config"]) == {"format"}
    assert "metadata" not in seen.body
    assert seen.headers["anthropic-version"] == "2023-06-01"


async def test_each_class_of_tokens_has_its_price(server, transport):
    server.cache_written, server.cache_read, server.thinking_tokens = 4000, 9000, 200
    got = await anthropic(server, transport, model="claude-opus-5-5").submit(ORDER)
    assert server.spent <= got.cost_usd <= server.spent + MILLIONTH
    assert got.usage.input_tokens > 13_000
    assert got.usage.output_tokens > 200


async def test_the_schema_of_every_task_is_taken(server, transport):
    server.answer = None
    harmony = material.harmony()
    usual = {"genre": ["pop"], "tempo": 110, "time_signature": "4/4"}
    mood = {"valence": 0.5, "arousal": 0.5}
    orders = [
        brief.order("a night ferry"),
        lyrics.order("a night ferry", [lyrics.SungSection(name="verse", kind="verse", phrases=(8, 8))]),
        theory.order(key="F", scale="minor", genre=["pop"], mood=mood, time_signature="4/4"),
        tune.order(harmony, **usual),
        bass.order(harmony, **usual),
        rhythm.order(**usual, mood=mood),
        structure.order(**usual, duration=120, mood=mood),
        edits.order("rest the drums", song("pop song", 1, 1).score),
    ]
    adapter = anthropic(server, transport)
    for order in orders:
        got = await adapter.submit(order)
        assert list(got.document) == order.json_schema["required"], order.schema_name
        assert got.cost_usd < adapter.quote(order)


async def test_an_answer_is_read_as_a_brief(server, transport):
    server.answer = lambda _: answers.brief()
    got = await anthropic(server, transport).submit(brief.order("a night ferry"))
    assert brief.read(got.document, "a night ferry", seed=1).understanding.title == "Night Ferry"


@pytest.mark.parametrize(
    ("script", "kind", "told"),
    [
        (Refusal("I will not."), E.MODERATION, "the model refused: I will not."),
        (Truncated(), E.INVALID_REQUEST, "cut at its token limit"),
        (Truncated(reason="model_context_window_exceeded"), E.INVALID_REQUEST, "longer than the model can hold"),
        (Truncated(reason="pause_turn"), E.INVALID_REQUEST, "paused"),
        ("[1, 2]", E.INVALID_REQUEST, "no JSON object"),
        ("Here is your song:", E.INVALID_REQUEST, "no JSON object"),
    ],
)
async def test_an_answer_that_was_paid_and_is_of_no_use_is_not_asked_for_again(server, transport, script, kind, told):
    server.answer = lambda _: script
    error = await failing(anthropic(server, transport))
    assert error.kind is kind
    assert told in error.message
    assert kind not in RETRIED
    assert error.request_id.startswith("req_")
    assert len(server.charges) == 1
    assert server.spent <= error.cost_usd <= server.spent + Decimal("0.000001")


async def test_a_model_that_failed_may_be_asked_again(server, transport):
    server.answer = lambda _: Failed()
    assert (await failing(anthropic(server, transport))).kind is E.UPSTREAM
    assert not server.charges


DOCUMENTED = {
    "invalid_request": E.INVALID_REQUEST,
    "usage_limit": E.INSUFFICIENT_CREDITS,
    "auth": E.AUTH,
    "insufficient_credits": E.INSUFFICIENT_CREDITS,
    "spend_limit": E.INSUFFICIENT_CREDITS,
    "contract_limit": E.INSUFFICIENT_CREDITS,
    "plan_denied": E.PLAN_DENIED,
    "not_found": E.NOT_FOUND,
    "conflict": E.UPSTREAM,
    "rate_limited": E.RATE_LIMITED,
    "rate_limited_ms": E.RATE_LIMITED,
    "rate_limited_bare": E.RATE_LIMITED,
    "ramp_limited": E.RATE_LIMITED,
    "upstream": E.UPSTREAM,
    "upstream_final": E.INVALID_REQUEST,
    # A status that proxies give as well: whether the vendor has taken the order is not sure.
    "timeout": E.OUTCOME_UNKNOWN,
    "overloaded": E.OVERLOADED,
}


async def test_every_documented_error_has_its_kind(server, transport):
    adapter = anthropic(server, transport)
    met = {}
    for name, answer in AnthropicServer.ERRORS.items():
        server.fail_next(name)
        error = await failing(adapter)
        met[name] = error.kind
        assert error.status == answer.status
        if name != "timeout":
            assert error.request_id == answer.headers["request-id"]
            assert answer.body["error"]["message"] in error.message
    assert met == DOCUMENTED
    assert not server.charges


@pytest.mark.parametrize(
    ("name", "wait"),
    [("rate_limited", 1.0), ("rate_limited_ms", 0.15), ("ramp_limited", 2.0), ("rate_limited_bare", None)],
)
async def test_it_says_how_long_to_wait(server, transport, name, wait):
    server.fail_next(name)
    assert (await failing(anthropic(server, transport))).retry_after_s == wait


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, E.AUTH), (402, E.INSUFFICIENT_CREDITS), (403, E.PLAN_DENIED), (413, E.INVALID_REQUEST),
     (429, E.RATE_LIMITED), (500, E.UPSTREAM), (503, E.UPSTREAM), (529, E.OVERLOADED)],
)  # fmt: skip
async def test_a_proxys_own_page_is_told_by_its_status(server, transport, status, kind):
    server.fail_next(Fault.html(status))
    assert (await failing(anthropic(server, transport))).kind is kind


async def test_a_wrong_key_a_wrong_version_and_an_unknown_model(server, transport):
    assert (await failing(anthropic(server, transport, key="wrong"))).kind is E.AUTH
    assert (await failing(anthropic(server, transport, version="1999-01-01"))).kind is E.INVALID_REQUEST
    assert (await failing(anthropic(server, transport, model="claude-0"))).kind is E.NOT_FOUND


async def test_an_empty_account(server, transport):
    server.balance = Decimal(0)
    assert (await failing(anthropic(server, transport))).kind is E.INSUFFICIENT_CREDITS


@pytest.mark.parametrize(
    ("fault", "charges"),
    [(Fault.lost(), 1), (Fault.half(), 1), (Fault.html(504), 0), (Fault.html(200), 0), (Fault.huge(claimed=True), 0),
     (Fault.status(Answer(200, {"stop_reason": "end_turn", "content": "text"})), 0),
     (Fault.status(Answer(200, [])), 0)],
)  # fmt: skip
async def test_nobody_knows_whether_a_lost_answer_was_paid(server, transport, fault, charges):
    server.fail_next(fault)
    error = await failing(anthropic(server, transport))
    assert error.kind is E.OUTCOME_UNKNOWN
    assert len(server.charges) == charges
    assert len(server.requests) == 1


def test_prices():
    dated = Anthropic(Account(model="claude-haiku-4-5-20261001"), HttpxTransport())
    assert dated.capabilities.price.usd_out == 5
    unknown = Anthropic(Account(model="claude-muse-6"), HttpxTransport())
    assert unknown.capabilities.price.usd_out == 20
    own = Anthropic(Account(model="claude-muse-6", options={"usd_in": "1", "usd_out": "3"}), HttpxTransport())
    assert own.capabilities.price.usd == 1


def test_music_is_not_its_business():
    adapter = Anthropic(Account(), HttpxTransport())
    order = MusicOrder(task=Task.FULL_SONG, title="Ferry", style="slow")
    for ask in (adapter.operation, adapter.quote):
        with pytest.raises(ProviderError) as caught:
            ask(order)
        assert caught.value.kind is E.UNSUPPORTED
    assert adapter.operation(ORDER) == "messages"
    assert Task.FULL_SONG not in adapter.capabilities.tasks


async def test_there_are_no_jobs_and_no_callbacks(transport):
    adapter = Anthropic(Account(), transport)
    with pytest.raises(ProviderError) as caught:
        await adapter.poll(Job(id="1", operation="messages"))
    assert caught.value.kind is E.UNSUPPORTED
    with pytest.raises(ProviderError) as caught:
        adapter.read_callback({}, b"{}", now=0.0)
    assert caught.value.kind is E.INVALID_REQUEST


async def test_a_free_look(server, transport):
    assert (await anthropic(server, transport).probe()).ok
    with pytest.raises(ProviderError) as caught:
        await anthropic(server, transport, key="wrong").probe()
    assert caught.value.kind is E.AUTH
    assert not server.charges
