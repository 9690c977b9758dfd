"""A real API on a real port, a real Temporal, real storage; only the sound is tiny."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.books import Books
from activities.erasure import Erasure
from activities.provider_desk import Desk
from activities.providing import Providing
from activities.retention import Retention
from activities.runtime import Runtime
from activities.webhooks import Dispatcher, Webhooks
from api.server import Server, make_server
from domain.song_input import AUDIO_QUEUE, QUEUE
from domain.steps import Weight
from storage.config import Settings, load_settings
from tests.api.steps import read_callback, tiny_steps
from tests.fixtures.postgres import new_postgres_url, postgres_server, postgres_url
from tests.fixtures.temporal import free_port, temporal_server
from worker import webhook_worker
from workflows.callback import ProviderCallbackWorkflow
from workflows.composition import CompositionWorkflow
from workflows.enhancing import EnhancementWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.retention import RetentionWorkflow

__all__ = ["new_postgres_url", "postgres_server", "postgres_url", "temporal_server"]

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

PROMPT = "a calm ambient song with a soft piano"


@dataclass
class Api:
    """A served API and a client of it."""

    server: Server
    settings: Settings
    http: httpx.AsyncClient

    async def start(self, prompt: str = PROMPT, **body: Any) -> str:
        """A new song; its id."""
        answer = await self.http.post("/v1/compositions", json={"prompt": prompt, **body})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def status(self, song: str) -> dict[str, Any]:
        """The short form of a song."""
        answer = await self.http.get(f"/v1/compositions/{song}/status")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def until(self, song: str, *, stage: str | None = None, past: int = 0, **wanted: Any) -> dict[str, Any]:
        """The short form when it shows what is wanted and has come to event `past`."""
        wanted |= {"current_stage": stage} if stage else {}
        for _ in range(300):
            found = await self.status(song)
            if found["sequence"] >= past and all(found[name] == value for name, value in wanted.items()):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"wanted {wanted}, found {found}")

    async def send(self, song: str, what: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """A command."""
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post(f"/v1/compositions/{song}/{what}", json=body, headers=headers)


@contextlib.asynccontextmanager
async def serving(settings: Settings, **client: Any) -> AsyncIterator[Api]:
    """The API of `settings`, served by uvicorn on its port."""
    server = make_server(settings)
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server ended before it served"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20, **client) as http:
            yield Api(server, settings, http)
    finally:
        server.stop()
        await task


@contextlib.asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """A worker on both queues: real workflow and books, tiny steps."""
    client = await Client.connect(settings.temporal_address, data_converter=pydantic_data_converter)
    runtime, desk = Runtime.open(settings), Desk.open(settings)
    steps = {weight: tiny_steps(runtime.database, runtime.store, weight) for weight in Weight}
    light = Worker(
        client,
        task_queue=QUEUE,
        workflows=[
            CompositionWorkflow,
            EnhancementWorkflow,
            ProviderCallbackWorkflow,
            RetentionWorkflow,
            ErasureWorkflow,
        ],
        activities=[
            *Books(runtime).activities(),
            *steps[Weight.LIGHT],
            Providing(runtime, desk).route,
            read_callback,
            *Retention(runtime, client).activities(),
            *Erasure(runtime, client).activities(),
        ],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    heavy = Worker(client, task_queue=AUDIO_QUEUE, activities=steps[Weight.HEAVY])
    async with light, heavy, webhook_worker(client, Webhooks(runtime)):
        telling = asyncio.create_task(Dispatcher(runtime, client).run())
        yield
        telling.cancel()
    await desk.close()
    await runtime.database.close()


def settings_in(folder: Path, **values: Any) -> Settings:
    """Settings of a test: everything in its own folder, the API on a free port."""
    return load_settings(data_dir=folder, api_port=0, **values)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(temporal_server: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """One API with a worker behind it, shared by all tests: each takes songs of its own."""
    settings = settings_in(
        tmp_path_factory.mktemp("api"), temporal_address=temporal_server, outgoing_allowed=["127.0.0.1"]
    )
    async with serving(settings) as served, working(settings):
        yield served


@pytest_asyncio.fixture
async def lone_api(tmp_path: Path) -> AsyncIterator[Api]:
    """An API of its own whose Temporal is away."""
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}")
    async with serving(settings) as served:
        yield served
