"""The Stable Audio adapter against the vendor's contract server: each operation, each error, each accident."""

import io
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
import soundfile
from pydantic import SecretStr

from domain.providers import Capabilities, Completion, ErrorKind, Task
from providers.account import Account
from providers.contract import Job, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Origin, Sound, TextOrder
from providers.stable_audio import StableAudio
from providers.transport import HttpxTransport
from tests.providers.fresh import NOWHERE, as_new
from tests.providers.servers.base import Fault, tone
from tests.providers.servers.stability import StabilityServer

CLIP = Sound(content=tone(8), duration_s=8.0)
ORIGIN = Origin(provider="stable_audio", job_id="one", duration_s=8.0)
KINDS = {
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "auth": ErrorKind.AUTH,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "moderation": ErrorKind.MODERATION,
    "not_found": ErrorKind.NOT_FOUND,
    "too_large": ErrorKind.INVALID_REQUEST,
    "refused": ErrorKind.INVALID_REQUEST,
    "rate_limited": ErrorKind.RATE_LIMITED,
    "upstream": ErrorKind.UPSTREAM,
    "overloaded": ErrorKind.OVERLOADED,
}


@pytest.fixture(scope="module")
def running() -> Iterator[StabilityServer]:
    with StabilityServer() as started:
        yield started


@pytest.fixture
def server(running: StabilityServer) -> Iterator[StabilityServer]:
    with as_new(running) as fresh:
        yield fresh


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    network = HttpxTransport()
    yield network
    await network.aclose()


def adapter(server: StabilityServer, transport: HttpxTransport, model: str = "", **options: str) -> StableAudio:
    return StableAudio(Account(key=SecretStr(server.key), base_url=server.url, model=model, options=options), transport)


def order(**changes: object) -> MusicOrder:
    given = {
        "task": Task.INSTRUMENTAL,
        "title": "Harbour",
        "style": "slow ambient piano, warm tape",
        "bpm": 72,
        "key": "D minor",
        "duration_s": 12.0,
        "seed": 7,
    }
    return MusicOrder.model_validate(given | changes)


CONTINUATION = order(origin=ORIGIN, reference=CLIP)
EDIT = order(task=Task.SECTION_EDIT, origin=ORIGIN, reference=CLIP, span_s=(2.5, 5.0), duration_s=None)
COVER = order(task=Task.TRANSFORMATION, reference=CLIP, strength=0.3, duration_s=None)


async def finished(one: StableAudio, job: Job | Product) -> Product:
    assert isinstance(job, Job)
    for _ in range(10):
        found = await one.poll(job)
        if isinstance(found, Product):
            return found
    raise AssertionError("the job does not end")


def seconds(product: Product) -> float:
    (file,) = product.files
    return float(soundfile.info(io.BytesIO(file.content)).duration)


async def test_a_job_is_pending_and_then_the_sound(server: StabilityServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await one.submit(order())
    assert isinstance(job, Job)
    assert job.operation == "text-to-audio"
    assert isinstance(await one.poll(job), Pending)
    product = await finished(one, job)
    assert seconds(product) == pytest.approx(12.0)
    assert product.files[0].media_type == "audio/wav"
    assert product.model == "stable-audio-3"
    assert product.request_id
    assert server.accepted == [
        {
            "prompt": "slow ambient piano, warm tape, 72 BPM, D minor, instrumental",
            "model": "stable-audio-3",
            "duration": 12.0,
            "seed": 7,
            "output_format": "wav",
        }
    ]
    assert server.requests[0].headers["content-type"].startswith("multipart/form-data")
    assert server.spent == one.quote(order()) == Decimal("0.26")


@pytest.mark.parametrize(
    ("asked", "operation", "fields", "length"),
    [
        (CONTINUATION, "inpaint", {"mask_start": 8.0, "mask_end": 12.0, "duration": 12.0}, 12.0),
        (EDIT, "inpaint", {"mask_start": 2.5, "mask_end": 5.0, "duration": 8.0}, 8.0),
        (COVER, "audio-to-audio", {"strength": 0.3, "duration": 8.0}, 8.0),
    ],
)
@pytest.mark.parametrize("model", ["stable-audio-3", "stable-audio-2.5"])
async def test_operations_on_sound(
    server: StabilityServer,
    transport: HttpxTransport,
    asked: MusicOrder,
    operation: str,
    fields: dict[str, float],
    length: float,
    model: str,
) -> None:
    one = adapter(server, transport, model)
    assert one.operation(asked) == operation
    made = await one.submit(asked)
    product = made if isinstance(made, Product) else await finished(one, made)
    assert seconds(product) == pytest.approx(length)
    assert {name: server.accepted[0][name] for name in fields} == fields
    assert server.requests[0].path.endswith(f"/{operation}")


@pytest.mark.parametrize(
    ("model", "options", "usd"),
    [
        ("stable-audio-2.5", {}, "0.20"),
        ("stable-audio-2", {}, "0.20"),
        ("stable-audio-2", {"steps": "100", "cfg_scale": "7"}, "0.23"),
    ],
)
async def test_family_two_answers_with_the_sound(
    server: StabilityServer, transport: HttpxTransport, model: str, options: dict[str, str], usd: str
) -> None:
    one = adapter(server, transport, model, output_format="mp3", **options)
    product = await one.submit(order())
    assert isinstance(product, Product)
    assert product.files[0].media_type == "audio/mpeg"
    assert server.accepted[0]["model"] == model
    assert server.spent == one.quote(order()) == Decimal(usd)
    with pytest.raises(ProviderError, match="no job") as caught:
        await one.poll(Job(id="x", operation="text-to-audio"))
    assert caught.value.kind is ErrorKind.UNSUPPORTED


@pytest.mark.parametrize("seed", [0, -5, 2**32 - 1, 2**63])
async def test_a_seed_out_of_range_is_a_fixed_one_within(
    server: StabilityServer, transport: HttpxTransport, seed: int
) -> None:
    one = adapter(server, transport)
    await one.submit(order(seed=seed))
    await one.submit(order(seed=seed))
    first, second = (form["seed"] for form in server.accepted)
    assert 1 <= first == second <= 4_294_967_294


def test_each_documented_error_has_a_kind() -> None:
    assert set(KINDS) == set(StabilityServer.ERRORS)


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
async def test_errors_of_a_submission(
    server: StabilityServer, transport: HttpxTransport, name: str, kind: ErrorKind
) -> None:
    server.fail_next(name)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order())
    assert caught.value.kind is kind
    assert caught.value.retry_after_s == (60.0 if kind is ErrorKind.RATE_LIMITED else None)
    assert caught.value.request_id
    assert not server.charges


@pytest.mark.parametrize(("name", "kind"), (KINDS | {"not_found": ErrorKind.RESULT_EXPIRED}).items())
async def test_errors_of_a_poll(server: StabilityServer, transport: HttpxTransport, name: str, kind: ErrorKind) -> None:
    one = adapter(server, transport)
    job = await one.submit(order())
    assert isinstance(job, Job)
    server.fail_next(name)
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is kind
    ended = {ErrorKind.MODERATION, ErrorKind.INVALID_REQUEST, ErrorKind.RESULT_EXPIRED}
    assert caught.value.final is (kind in ended)


async def test_a_wrong_key_is_told(server: StabilityServer, transport: HttpxTransport) -> None:
    one = StableAudio(Account(key=SecretStr("wrong"), base_url=server.url), transport)
    with pytest.raises(ProviderError) as caught:
        await one.submit(order())
    assert caught.value.kind is ErrorKind.AUTH
    assert "wrong" not in caught.value.message
    assert (await one.probe()).ok is False


async def test_locked_out_after_too_many_calls(server: StabilityServer, transport: HttpxTransport) -> None:
    server.rate_limit = (1, 10.0)
    one = adapter(server, transport)
    await one.submit(order())
    with pytest.raises(ProviderError) as caught:
        await one.submit(order())
    assert (caught.value.kind, caught.value.retry_after_s) == (ErrorKind.RATE_LIMITED, 60.0)


@pytest.mark.parametrize("ending", ["moderated", "filtered"])
async def test_a_result_that_is_held_back_costs_nothing(
    server: StabilityServer, transport: HttpxTransport, ending: str
) -> None:
    one = adapter(server, transport)
    server.end_next_with(ending)
    job = await one.submit(order())
    with pytest.raises(ProviderError) as caught:
        await finished(one, job)
    assert (caught.value.kind, caught.value.refunded, caught.value.final) == (ErrorKind.MODERATION, True, True)


async def test_a_job_that_fails(server: StabilityServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    server.end_next_with("failed")
    job = await one.submit(order())
    with pytest.raises(ProviderError) as caught:
        await finished(one, job)
    assert caught.value.kind is ErrorKind.UPSTREAM
    assert server.spent == 0


async def test_an_expired_result(server: StabilityServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await one.submit(order())
    assert isinstance(job, Job)
    server.expire_results()
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.RESULT_EXPIRED


@pytest.mark.parametrize("model", ["stable-audio-3", "stable-audio-2.5"])
@pytest.mark.parametrize(
    "fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502), Fault.html(504)]
)
async def test_nobody_can_tell_whether_a_submission_arrived(
    server: StabilityServer, transport: HttpxTransport, model: str, fault: Fault
) -> None:
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport, model).submit(order())
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN


@pytest.mark.parametrize("fault", [Fault.half(), Fault.lost(), Fault.html(200), Fault.html(502), Fault.cut_before()])
async def test_a_poll_that_breaks_can_be_repeated(
    server: StabilityServer, transport: HttpxTransport, fault: Fault
) -> None:
    one = adapter(server, transport)
    server.pace = type(server.pace)(polls=0)
    job = await one.submit(order())
    assert isinstance(job, Job)
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert (caught.value.kind, caught.value.final) == (ErrorKind.UPSTREAM, False)
    assert seconds(await finished(one, job)) == pytest.approx(12.0)
    assert len(server.charges) == 1


async def test_no_connection_is_no_order(transport: HttpxTransport) -> None:
    with pytest.raises(ProviderError) as caught:
        await StableAudio(Account(base_url=NOWHERE), transport).submit(order())
    assert caught.value.kind is ErrorKind.UPSTREAM


async def test_the_balance_is_probed_for_nothing(server: StabilityServer, transport: HttpxTransport) -> None:
    server.balance = Decimal("12.5")
    health = await adapter(server, transport).probe()
    assert (health.ok, health.credits) == (True, 12.5)
    server.balance = Decimal(0)
    assert (await adapter(server, transport).probe()).ok is False
    assert not server.charges


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"instrumental": False}, "does not sing"),
        ({"task": Task.STEMS}, "none of its tasks"),
        ({"duration_s": 381.0}, "1–380 s"),
        ({"task": Task.TRANSFORMATION}, "brings none"),
        ({"task": Task.TRANSFORMATION, "reference": Sound(content=b"x", duration_s=5.0)}, "6–380 s"),
        ({"task": Task.SECTION_EDIT, "reference": CLIP, "span_s": (5.0, 5.0)}, "span"),
        ({"origin": ORIGIN, "reference": CLIP, "duration_s": 8.0}, "continuation"),
    ],
)
async def test_what_it_does_not_do_is_said_before_any_call(
    server: StabilityServer, transport: HttpxTransport, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(ProviderError, match=told) as caught:
        await adapter(server, transport).submit(order(**changes))
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert not server.requests


async def test_words_and_callbacks_are_not_its_trade(server: StabilityServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    words = TextOrder(task=Task.LYRICS, instructions="", text="", schema_name="x", json_schema={})
    with pytest.raises(ProviderError, match="not words"):
        one.operation(words)
    with pytest.raises(ProviderError, match="no callbacks"):
        one.read_callback({}, b"{}", now=0.0)
    with pytest.raises(ProviderError, match="no model is called"):
        adapter(server, transport, "stable-audio-9").operation(order())
    for steps in ("9", "many"):
        with pytest.raises(ProviderError, match="option steps"):
            adapter(server, transport, steps=steps).quote(order())


def test_capabilities_follow_the_model(server: StabilityServer, transport: HttpxTransport) -> None:
    def told(model: str) -> Capabilities:
        return adapter(server, transport, model).capabilities

    assert (told("").longest_s, told("").completion) == (380, (Completion.HTTP_STATUS,))
    assert (told("stable-audio-2.5").longest_s, told("stable-audio-2.5").completion) == (190, (Completion.BYTES,))
    assert not told("").vocals
    assert told("stable-audio-9") == told("")
