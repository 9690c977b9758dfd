"""Outside providers over REST: what there is, whose names are known, what was paid, and their own calls to us."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from temporalio.client import Client, WorkflowExecutionStatus

from api.services import Services
from domain.providers import PROVIDERS, Capabilities, Choice, Completion, ErrorKind, Price, Task, Tried
from domain.providing import CALLBACK_BYTES, CALLBACK_WORKFLOW, Provided
from domain.stages import Stage
from domain.steps import StageResult
from providers.registry import catalogue
from storage import ledger
from storage.charges import Charge
from storage.provider_health import Operation, call_failed
from storage.provider_status import Status, publish
from storage.records import Composition
from tests.api.conftest import PROMPT, Api, serving, settings_in
from tests.api.steps import CALLS

TOKEN = "t" * 32
CHORALE = Capabilities(
    name="chorale", title="Chorale", tasks=frozenset({Task.FULL_SONG}), vocals=True, price=Price(usd=Decimal("0.12")),
    completion=(Completion.CALLBACK,), quality=0.8,
)  # fmt: skip
OURS = Capabilities(name="builtin", title="ours", tasks=frozenset({Task.INSTRUMENTAL}))
JOB = {"id": "job-1", "operation": "songs", "data": {}}


def services_of(api: Api) -> Services:
    served = api.server.config.app
    assert isinstance(served, FastAPI)
    found: Services = served.state.services
    return found


async def ordered(api: Api, song: str = "song-1", **fields: Any) -> str:
    """A call in the ledger that a provider has accepted; its id."""
    usual: dict[str, Any] = {
        "composition_id": song, "owner": "local", "stage": Stage.PRODUCTION, "step_key": song, "provider": "chorale",
        "task": Task.FULL_SONG, "account": "a", "operation": "songs", "quote_usd": Decimal("0.12"),
    }  # fmt: skip
    begun = await in_database(api, lambda session: ledger.begin(session, Charge(**usual | fields)))
    assert await in_database(api, lambda session: ledger.accepted(session, begun.id, JOB))
    return str(begun.id)


async def in_database(api: Api, work: Any) -> Any:
    async with services_of(api).database.session() as session:
        return await work(session)


def test_the_names_that_doors_know_are_those_that_have_adapters() -> None:
    assert sorted(PROVIDERS) == sorted(catalogue())


async def test_before_a_worker_has_told_there_is_nothing_to_list(lone_api: Api) -> None:
    assert (await lone_api.http.get("/v1/providers")).json() == {"items": []}


async def test_what_the_workers_told_with_what_was_spent_and_what_rests(lone_api: Api) -> None:
    seen = datetime.now(UTC) - timedelta(minutes=1)
    statuses = [
        Status(CHORALE, account="a", configured=True, healthy=False, credits=7.5, note="no credits", checked_at=seen),
        Status(OURS, configured=True, healthy=True, checked_at=seen),
        Status(CHORALE.model_copy(update={"name": "udio"}), missing="no key: set UDIO_API_KEY", checked_at=seen),
    ]
    await in_database(lone_api, lambda session: publish(session, statuses))
    await ordered(lone_api, "open", quote_usd=Decimal("0.30"))
    paid = await ordered(lone_api, "paid")
    await in_database(lone_api, lambda session: ledger.succeeded(session, paid, result="0" * 64, cost=Decimal("0.1")))
    for account in ("a", "an older key"):
        where = Operation("chorale", account, "songs")
        await in_database(lone_api, lambda session, at=where: call_failed(session, at, ErrorKind.OVERLOADED))
    ours, chorale, udio = (await lone_api.http.get("/v1/providers")).json()["items"]
    assert (ours["name"], ours["healthy"], Decimal(ours["spent_usd"]), ours["pauses"]) == ("builtin", True, 0, [])
    assert (udio["configured"], udio["missing"], udio["healthy"]) == (False, "no key: set UDIO_API_KEY", None)
    assert (chorale["healthy"], chorale["credits"], chorale["note"]) == (False, 7.5, "no credits")
    assert (Decimal(chorale["spent_usd"]), Decimal(chorale["reserved_usd"])) == (Decimal("0.1"), Decimal("0.3"))
    assert chorale["capabilities"]["tasks"] == ["full_song"]
    assert datetime.fromisoformat(chorale["checked_at"]) == seen
    (pause,) = chorale["pauses"]
    assert pause["operation"] == "songs"
    assert 0 < pause["seconds"] <= 30
    assert "overloaded" in pause["reason"]


@pytest.mark.parametrize("field", ["providers_preferred", "providers_forbidden"])
async def test_a_provider_that_nobody_knows_is_refused_with_those_that_are(lone_api: Api, field: str) -> None:
    body = {"prompt": PROMPT, "settings": {field: ["suno", "sunno"]}}
    answer = await lone_api.http.post("/v1/compositions", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
    said = answer.json()["detail"]
    assert f"settings.{field} cannot name 'sunno'" in said
    assert all(name in said for name in PROVIDERS)
    assert (await lone_api.http.get("/v1/compositions")).json()["items"] == []


async def test_a_provider_that_only_a_worker_knows_can_be_named(lone_api: Api) -> None:
    body = {"prompt": PROMPT, "settings": {"providers_preferred": ["chorale"]}}
    assert (await lone_api.http.post("/v1/compositions", json=body)).status_code == 422
    await in_database(lone_api, lambda session: publish(session, [Status(CHORALE)]))
    assert (await lone_api.http.post("/v1/compositions", json=body)).status_code == 202


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"budget": -0.01}, "greater than or equal to 0"),
        ({"budget": 1e9}, "less than or equal to 1000000"),
        ({"budget": "much"}, "number in JSON"),
        ({"production": "band"}, "'auto', 'builtin' or 'provider'"),
        ({"on_unknown": "guess"}, "'block' or 'fallback'"),
        ({"vocals": "loud"}, "boolean"),
        ({"providers_preferred": ["suno"], "providers_forbidden": ["udio", "suno"]}, "suno is preferred and forbidden"),
    ],
)
async def test_settings_of_providers_that_cannot_be(lone_api: Api, settings: dict[str, Any], words: str) -> None:
    answer = await lone_api.http.post("/v1/compositions", json={"prompt": PROMPT, "settings": settings})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert words in answer.json()["detail"]


async def test_no_number_is_no_budget(lone_api: Api) -> None:
    for word in ("NaN", "Infinity"):
        answer = await lone_api.http.post(
            "/v1/compositions",
            content=f'{{"prompt": "a song", "settings": {{"budget": {word}}}}}',
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 422


async def test_a_song_tells_its_calls_and_what_they_cost(lone_api: Api) -> None:
    settings = {"budget": 2.5, "vocals": True, "stems": True, "production": "provider", "on_unknown": "fallback"}
    song = await lone_api.start(settings=settings)
    paid = await ordered(lone_api, song, take=2)
    await in_database(
        lone_api, lambda session: ledger.succeeded(session, paid, result="0" * 64, cost=Decimal("0.105"), tokens=9)
    )
    lost = await ordered(lone_api, song, step_key="other", operation="stems", resubmission=1)
    await in_database(lone_api, lambda session: ledger.unknown(session, lost, "the connection broke"))
    first, second = (await lone_api.http.get(f"/v1/compositions/{song}/provider-tasks")).json()["items"]
    assert (first["status"], Decimal(first["quoted"]), Decimal(first["reserved"]), Decimal(first["cost"])) == (
        "succeeded", Decimal("0.12"), 0, Decimal("0.105"),
    )  # fmt: skip
    assert (first["operation"], first["take"], first["tokens"], first["error_kind"]) == ("songs", 2, 9, None)
    assert first["accepted_at"]
    assert (second["error_kind"], second["error"]) == ("outcome_unknown", "the connection broke")
    assert (second["operation"], second["resubmission"], second["cost"]) == ("stems", 1, None)
    assert Decimal(second["reserved"]) == Decimal("0.12")
    assert not {"request", "response", "callback_token", "job"} & first.keys()
    detail = (await lone_api.http.get(f"/v1/compositions/{song}")).json()
    assert (Decimal(detail["spent_usd"]), Decimal(detail["reserved_usd"])) == (Decimal("0.105"), Decimal("0.12"))
    assert settings.items() <= detail["settings"].items()


async def test_a_stage_tells_who_was_asked_and_why(lone_api: Api) -> None:
    song = await lone_api.start()
    choice = Choice(task=Task.FULL_SONG, provider="chorale", reasons=("Chorale is the one left",), ranking=("chorale",))
    told = Provided(
        task=Task.FULL_SONG, step="perform", choice=choice, provider="chorale", cost_usd=Decimal("0.12"),
        tried=(Tried(provider="suno", kind=ErrorKind.OVERLOADED, reason="busy"),),
    )  # fmt: skip
    services = services_of(lone_api)
    result = StageResult(
        stage=Stage.PRODUCTION, revision=1, take=1, context=await services.media.aput_json({}),
        provided=(told.model_dump(mode="json"),),
    )  # fmt: skip
    ref = await services.media.aput(result.model_dump_json().encode())
    entry = {
        "status": "done", "revision": 1, "take": 1, "takes": 1, "result": ref, "context": None, "started_at": None,
        "completed_at": None, "computed": 1, "reused": 0, "seconds": 3.0,
    }  # fmt: skip
    made = {"provider": "chorale", "fallback_from": "suno", "cost": "0.12"}

    async def written(session: Any) -> None:
        row = await session.get(Composition, song)
        # A row of a song from before there were providers has no such fields.
        row.stage_data = {"production": {**entry, **made}, "mixing": entry}

    await in_database(lone_api, written)
    found = (await lone_api.http.get(f"/v1/compositions/{song}/stages/production")).json()
    assert made.items() <= found.items()
    (provided,) = found["provided"]
    assert provided["choice"]["reasons"] == ["Chorale is the one left"]
    assert provided["tried"] == [{"provider": "suno", "kind": "overloaded", "reason": "busy"}]
    assert Decimal(provided["cost_usd"]) == Decimal("0.12")
    earlier = (await lone_api.http.get(f"/v1/compositions/{song}/stages/mixing")).json()
    assert (earlier["provider"], earlier["fallback_from"], earlier["cost"]) == ("builtin", None, "0")


def door(provider: str = "chorale", token: str = TOKEN) -> str:
    return f"/v1/provider-callbacks/{provider}/{token}"


async def test_a_callback_for_nobody_is_404(api: Api) -> None:
    await ordered(api, "waits", callback_token=TOKEN)
    for path in (door(token="u" * 32), door(provider="suno")):
        answer = await api.http.post(path, json={"state": "finished"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("path", [door("Chorale"), door("9lives"), door(token="short"), door(token="t" * 20 + "%00")])
async def test_names_and_tokens_that_cannot_be(api: Api, path: str) -> None:
    answer = await api.http.post(path, content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("size", [CALLBACK_BYTES + 1, 1_000_001])
async def test_a_callback_that_is_too_large(api: Api, size: int) -> None:
    answer = await api.http.post(door(), content=bytes(size))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["type"] == "/problems/body_too_large"


async def test_a_callback_is_kept_by_temporal_once_however_often_it_comes(api: Api) -> None:
    await ordered(api, "called", step_key="called", callback_token="c" * 40)
    client = await Client.connect(api.settings.temporal_address)
    body = b'{"song_id": "job-1", "state": "finished"}'
    headers = {"X-Webhook-Signature": "s", "webhook-id": "d1", "Authorization": "Bearer vendor", "Cookie": "x=1"}
    before = {run.id async for run in client.list_workflows(f"WorkflowType='{CALLBACK_WORKFLOW}'")}
    for _ in range(2):
        answer = await api.http.post(door(token="c" * 40), content=body, headers=headers)
        assert (answer.status_code, answer.content) == (202, b"")
    runs = []
    for _ in range(100):
        runs = [r async for r in client.list_workflows(f"WorkflowType='{CALLBACK_WORKFLOW}'") if r.id not in before]
        if runs and runs[0].status is WorkflowExecutionStatus.COMPLETED:
            break
        await asyncio.sleep(0.05)
    (run,) = runs
    assert run.status is WorkflowExecutionStatus.COMPLETED
    assert await client.get_workflow_handle(run.id).result() == {
        "state": "noticed", "reason": "", "proven": False,
    }  # fmt: skip
    (call,) = [call for call in CALLS if call.token == "c" * 40]
    assert call.provider == "chorale"
    assert (call.headers["x-webhook-signature"], call.headers["webhook-id"]) == ("s", "d1")
    assert not {"authorization", "cookie", "host"} & call.headers.keys()


@pytest.fixture
async def public(tmp_path: Path, temporal_server: str) -> AsyncIterator[Api]:
    settings = settings_in(tmp_path, temporal_address=temporal_server, public_url="https://songs.example/")
    async with serving(settings) as served:
        yield served


async def test_under_the_public_name_providers_come_in_and_nobody_else(public: Api) -> None:
    await ordered(public, callback_token=TOKEN)
    for host in ("songs.example", "songs.example:443", "SONGS.example"):
        answer = await public.http.post(
            door(), content=b"{}", headers={"Host": host, "Origin": "https://vendor.example"}
        )
        assert answer.status_code == 202
    for method, path in (
        ("GET", "/v1/providers"), ("GET", "/v1/compositions"), ("POST", "/v1/compositions"),
        ("GET", "/v1/provider-callbacks"), ("POST", "/v1/provider-callbacksx/chorale/" + TOKEN),
    ):  # fmt: skip
        answer = await public.http.request(method, path, headers={"Host": "songs.example"})
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_host"), path
    answer = await public.http.post(door(), content=b"{}", headers={"Host": "evil.example"})
    assert answer.json()["code"] == "wrong_host"


async def test_without_a_public_name_only_this_machine_calls(lone_api: Api) -> None:
    for host in ("songs.example", ""):
        answer = await lone_api.http.post(door(), content=b"{}", headers={"Host": host})
        assert answer.json()["code"] == "wrong_host"


@pytest.fixture
def every_line() -> Iterator[None]:
    """Nothing that is logged is left out."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    yield
    structlog.configure(wrapper_class=before)


@pytest.mark.usefixtures("every_line")
async def test_a_callback_while_temporal_is_away_is_not_taken_and_its_token_stays_out_of_the_log(lone_api: Api) -> None:
    await ordered(lone_api, callback_token=TOKEN)
    with structlog.testing.capture_logs() as lines:
        answer = await lone_api.http.post(door(), content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (503, "server_unavailable")
    assert any(line["event"] == "request" and line["path"] == "/v1/provider-callbacks/chorale/…" for line in lines)
    assert TOKEN not in repr(lines)
