"""Providers that call back: a real API takes the call, a worker reads it: never more than a reason to look."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlmodel import col, delete, select

from domain.stages import SongStatus, Stage
from storage.config import load_settings
from storage.records import ProviderHealth, ProviderTask, TaskStatus
from storage.spending import spend
from tests.api.conftest import serving
from tests.fixtures.temporal import free_port
from tests.providers.servers.base import ContractServer, Fault, Pace
from tests.providers.servers.kie import Kie
from tests.providers.servers.replicate import ReplicateServer
from tests.providers.servers.sunoapi import SunoApi
from tests.providing.test_songs import PROMPT


@dataclass(frozen=True)
class Vendor:
    """A vendor that calls back, and the settings that reach it."""

    name: str
    server: Callable[[], ContractServer]
    settings: Callable[[Any], dict[str, Any]]


def _suno(contract: str) -> Callable[[Any], dict[str, Any]]:
    return lambda server: {
        "suno_api_key": server.key, "suno_base_url": server.url, "suno_contract": contract,
        "unofficial_providers": True,
        **({"suno_webhook_key": server.webhook_key} if contract == "kie" else {}),
    }  # fmt: skip


def _replicate(server: Any) -> dict[str, Any]:
    return {
        "replicate_api_token": server.key, "replicate_base_url": server.url, "replicate_webhook_secret": server.secret,
    }  # fmt: skip


VENDORS = {
    "sunoapi": Vendor("suno", SunoApi, _suno("sunoapi")),
    "kie": Vendor("suno", Kie, _suno("kie")),
    "replicate": Vendor("musicgen", ReplicateServer, _replicate),
}


LOOK_S, WINDOW_S = 1.0, 4.0
"""A worker that looks rarely is told by the callback, or later."""


@dataclass
class Reached:
    """A studio whose API its vendors can call."""

    studio: Any
    url: str
    servers: dict[str, ContractServer]


@asynccontextmanager
async def reachable(open_studio: Any, temporal: str, folder: Path, *names: str) -> AsyncIterator[Reached]:
    url = f"http://127.0.0.1:{(port := free_port())}"
    api = load_settings(data_dir=folder, api_port=port, temporal_address=temporal)
    settings: dict[str, Any] = {
        "public_url": url, "provider_poll_s": LOOK_S, "provider_callback_window_s": WINDOW_S,
    }  # fmt: skip
    async with AsyncExitStack() as stack:
        servers = {name: stack.enter_context(VENDORS[name].server()) for name in names}
        for name, server in servers.items():
            settings |= VENDORS[name].settings(server)
        studio = await stack.enter_async_context(open_studio(folder, **settings))
        await stack.enter_async_context(serving(api))
        yield Reached(studio, url, servers)


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[("sunoapi", "replicate"), ("kie",)], ids=str)
async def vendors(request, open_studio, own_temporal, arranged, tmp_path_factory) -> AsyncIterator[Reached]:
    """The two gateways to Suno need a studio each, one after the other: both would work for the same Temporal."""
    folder = Path(shutil.copytree(arranged, tmp_path_factory.mktemp("reached") / "studio"))
    async with reachable(open_studio, own_temporal, folder, *request.param) as opened:
        yield opened


SUNOAPI, KIE = ("sunoapi", "replicate"), ("kie",)
EACH = pytest.mark.parametrize(
    ("vendors", "name"), [(SUNOAPI, "sunoapi"), (SUNOAPI, "replicate"), (KIE, "kie")], indirect=["vendors"], ids=str
)
ONE = pytest.mark.parametrize("vendors", [SUNOAPI], indirect=True, ids=str)


async def as_new(vendors: Reached, name: str) -> Any:
    """A vendor as new, which nobody leaves alone."""
    async with vendors.studio.runtime.database.session() as session:
        await session.exec(delete(ProviderHealth))
        await session.commit()
    return vendors.servers[name].afresh()


async def row_of(studio: Any, handle: Any) -> ProviderTask | None:
    song = (await studio.snapshot(handle)).composition_id
    async with studio.runtime.database.session() as session:
        query = select(ProviderTask).where(col(ProviderTask.composition_id) == song)
        return (await session.exec(query)).first()


async def row_when(studio: Any, handle: Any, status: TaskStatus) -> ProviderTask:
    for _ in range(400):
        row = await row_of(studio, handle)
        if row is not None and row.status is status:
            return row
        await asyncio.sleep(0.05)
    raise TimeoutError(f"the order is {row.status if row else 'not there'}")


async def paid_once(studio: Any, shown: Any, server: ContractServer, vendor: Vendor) -> None:
    assert shown.status is SongStatus.WAITING, shown.blocked
    production = shown.stages[Stage.PRODUCTION]
    assert (production.provider, Decimal(production.cost)) == (vendor.name, server.spent)
    assert len(server.charges) == 1
    async with studio.runtime.database.session() as session:
        found = await spend(session, composition_id=shown.composition_id)
    assert (found.settled, found.reserved) == (server.spent, 0)


async def produce(studio: Any, vendor: Vendor, **settings: Any) -> Any:
    return await studio.start(PROMPT, providers_preferred=(vendor.name,), review=("production",), **settings)


@pytest.mark.parametrize(
    ("vendors", "name", "mode"),
    [
        (SUNOAPI, "sunoapi", "twice"),
        (SUNOAPI, "sunoapi", "out_of_order"),
        (SUNOAPI, "replicate", "twice"),
        (KIE, "kie", "once"),
    ],
    indirect=["vendors"],
    ids=str,
)
async def test_a_callback_ends_the_waiting(vendors: Reached, name: str, mode: str) -> None:
    studio, server = vendors.studio, await as_new(vendors, name)
    server.calls_back(mode)
    server.pace = Pace(polls=1000)
    handle = await produce(studio, VENDORS[name])
    await paid_once(studio, await studio.settled(handle, within_s=30), server, VENDORS[name])
    assert {sent.status for sent in server.callbacks} == {202}


@EACH
async def test_a_forged_call_changes_nothing(vendors: Reached, name: str) -> None:
    studio, server = vendors.studio, await as_new(vendors, name)
    server.calls_back("forged")
    server.pace = Pace(polls=2)
    handle = await produce(studio, VENDORS[name])
    await paid_once(studio, await studio.settled(handle), server, VENDORS[name])
    assert not any("forged" in seen.path for seen in server.requests)
    assert len(server.callbacks) == 1


@ONE
async def test_without_a_callback_the_looks_find_it(vendors: Reached) -> None:
    studio, server = vendors.studio, await as_new(vendors, "sunoapi")
    server.calls_back("never")
    handle = await produce(studio, VENDORS["sunoapi"])
    await paid_once(studio, await studio.settled(handle), server, VENDORS["sunoapi"])
    assert not server.callbacks


@EACH
async def test_a_lost_answer_is_healed_by_the_callback(vendors: Reached, name: str) -> None:
    studio, server = vendors.studio, await as_new(vendors, name)
    server.fail_next(Fault.lost(), method="POST")
    server.callback_gap = 1.0
    handle = await produce(studio, VENDORS[name])
    row = await row_when(studio, handle, TaskStatus.OUTCOME_UNKNOWN)
    assert (row.reserved, row.cost, row.provider_job_id) == (row.quoted, None, None)
    assert row.reserved >= server.spent
    await paid_once(studio, await studio.settled(handle, within_s=30), server, VENDORS[name])
    assert (await row_of(studio, handle)).status is TaskStatus.SUCCEEDED


@ONE
async def test_a_callback_after_the_window_spares_the_second_order(vendors: Reached) -> None:
    studio, server = vendors.studio, await as_new(vendors, "sunoapi")
    server.fail_next(Fault.lost(), method="POST")
    server.callback_gap = WINDOW_S + 2.0
    server.pace = Pace(polls=0)
    handle = await produce(studio, VENDORS["sunoapi"])
    shown = await studio.settled(handle)
    assert (shown.status, shown.blocked.code) == (SongStatus.BLOCKED, "outcome_unknown")
    await row_when(studio, handle, TaskStatus.RUNNING)
    await handle.execute_update("retry", {})
    await paid_once(studio, await studio.settled(handle), server, VENDORS["sunoapi"])


@ONE
async def test_calls_that_nobody_waits_for(vendors: Reached) -> None:
    studio, server, url = vendors.studio, await as_new(vendors, "sunoapi"), vendors.url
    async with httpx.AsyncClient() as http:
        for path, status in (
            ("suno/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 404), ("udio/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 404),
            ("suno/short", 422), ("Suno/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 422),
        ):  # fmt: skip
            answer = await http.post(f"{url}/v1/provider-callbacks/{path}", json={"data": {"task_id": "x"}})
            assert answer.status_code == status, (path, answer.text)
        handle = await produce(studio, VENDORS["sunoapi"])
        token = (await _first_call(server)).url.rsplit("/", 1)[1]
        for body, status in ((b"", 202), (b"\xff\x00", 202), (b"[]", 202), (b"{" * 300_000, 413)):
            answer = await http.post(f"{url}/v1/provider-callbacks/suno/{token}", content=body)
            assert answer.status_code == status, body[:9]
        other = await http.post(f"{url}/v1/provider-callbacks/musicgen/{token}", json={})
        assert other.status_code == 404, "a token is one provider's"
    await paid_once(studio, await studio.settled(handle, within_s=30), server, VENDORS["sunoapi"])


async def _first_call(server: ContractServer) -> Any:
    for _ in range(400):
        if server.callbacks:
            return server.callbacks[0]
        await asyncio.sleep(0.05)
    raise TimeoutError("nobody was called back")
