"""A real API, Temporal, workflow and storage in a thread of its own, so that synchronous code can talk to it."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from temporalio.client import Client as TemporalClient
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.books import Books
from activities.erasure import Erasure
from activities.provider_desk import Desk
from activities.providing import Providing
from activities.runtime import Runtime
from api.server import Server, make_server
from domain.song_input import AUDIO_QUEUE, QUEUE
from domain.steps import Weight
from sostenuto.client import Client
from storage.config import Settings, load_settings
from tests.cli.things import DRAWN, keep_drawn_song, receiver_in
from tests.cli.tiny import steps_with_report
from tests.fixtures.receiver import Receiver
from tests.fixtures.temporal import free_port, temporal_server
from workflows.composition import CompositionWorkflow
from workflows.enhancing import EnhancementWorkflow
from workflows.erasure import ErasureWorkflow

__all__ = ["temporal_server"]


@dataclass
class Studio:
    """An API with a worker behind it; `stop_api` and `start_api` take the API away and bring it back."""

    settings: Settings
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _server: Server | None = None
    _serving: "Future[None] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.api_port}"

    def run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def start_api(self) -> None:
        self._server = make_server(self.settings)
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(), self.loop)
        with Client(self.url, patience=10) as client:
            for _ in range(400):
                if client.is_live():
                    return
                threading.Event().wait(0.025)
        raise AssertionError("the API does not come up")

    def stop_api(self) -> None:
        assert self._server is not None
        assert self._serving is not None
        self._server.handle_exit(15, None)
        self._serving.result(15)

    async def tidy(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def work(self, started: threading.Event, stop: asyncio.Event) -> None:
        client = await TemporalClient.connect(self.settings.temporal_address, data_converter=pydantic_data_converter)
        runtime, desk = Runtime.open(self.settings), Desk.open(self.settings)
        await runtime.database.migrate()
        light = Worker(
            client,
            task_queue=QUEUE,
            workflows=[CompositionWorkflow, EnhancementWorkflow, ErasureWorkflow],
            activities=[
                *Books(runtime).activities(),
                *steps_with_report(runtime, Weight.LIGHT),
                *Providing(runtime, desk).routing(),
                *Erasure(runtime, client).activities(),
            ],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        heavy = Worker(client, task_queue=AUDIO_QUEUE, activities=steps_with_report(runtime, Weight.HEAVY))
        async with light, heavy:
            started.set()
            await stop.wait()
        await desk.close()
        await runtime.close()


@pytest.fixture(scope="session")
def studio(temporal_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = load_settings(
        data_dir=tmp_path_factory.mktemp("studio"), temporal_address=temporal_server, api_port=free_port(),
        outgoing_allowed=["127.0.0.1"],
    )  # fmt: skip
    running = Studio(settings)
    # The API shares this process here, and its log would mix with what the commands print.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    started, stop = threading.Event(), asyncio.Event()
    work = asyncio.run_coroutine_threadsafe(running.work(started, stop), running.loop)
    assert started.wait(20)
    running.start_api()
    try:
        yield running
    finally:
        running.stop_api()
        running.loop.call_soon_threadsafe(stop.set)
        work.result(20)
        asyncio.run_coroutine_threadsafe(running.tidy(), running.loop).result(10)
        running.loop.call_soon_threadsafe(running.loop.stop)
        thread.join(10)
        running.loop.close()
        structlog.reset_defaults()


@pytest.fixture
def client(studio: Studio) -> Iterator[Client]:
    with Client(studio.url) as made:
        yield made


@pytest.fixture(scope="session")
def drawn(studio: Studio) -> str:
    """The id of a song with real sound and a real score."""
    asyncio.run_coroutine_threadsafe(keep_drawn_song(studio.settings), studio.loop).result(20)
    return DRAWN


@pytest.fixture(scope="module")
def receiver(studio: Studio) -> Iterator[Receiver]:
    """A receiver of webhooks, and the worker that sends them, for the tests of one file."""
    with receiver_in(studio.settings, lambda work: asyncio.run_coroutine_threadsafe(work, studio.loop)) as made:
        yield made


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without configuration, and nothing in the environment that names a server."""
    for name in (
        "SOSTENUTO_API_URL", "SOSTENUTO_CONFIG", "SOSTENUTO_API_PORT", "SOSTENUTO_API_KEY", "SOSTENUTO_API_KEYS",
        "SOSTENUTO_DEBUG", "TEMPORAL_ADDRESS", "SOSTENUTO_TEMPORAL_ADDRESS",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOSTENUTO_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path
