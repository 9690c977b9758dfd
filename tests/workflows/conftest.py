"""Songs through the real workflow, activities, database and media store, on a real Temporal dev server.

All tests share one media store and step cache, so that a song costs its computation once.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.provider_desk import Desk
from activities.runtime import Runtime
from domain.settings import SongSettings
from domain.song_input import QUEUE, WORKFLOW, SongInput, workflow_id
from domain.stages import SongStatus
from domain.state import Snapshot
from storage.config import load_settings
from storage.events import events_after
from tests.fixtures.replay import replay
from tests.fixtures.temporal import temporal_server
from worker import build_workers

__all__ = ["temporal_server"]

PROMPT = "calm lo-fi with rhodes in F minor at 80 bpm, 20 seconds"


class Studio:
    """A running worker with its stores, and songs on it."""

    def __init__(self, client: Client, runtime: Runtime) -> None:
        self.client = client
        self.runtime = runtime
        self.handles: list[WorkflowHandle] = []

    async def start(self, prompt: str = PROMPT, *, changes=None, title="Untitled", seed=1, more=None, **settings):
        """Start a song and give its handle."""
        song = uuid.uuid4().hex
        start = SongInput(
            composition_id=song, prompt=prompt, title=title, seed=seed, settings=SongSettings(**settings),
            changes=changes or {}, **(more or {}),
        )  # fmt: skip
        handle = await self.client.start_workflow(WORKFLOW, start, id=workflow_id(song), task_queue=QUEUE)
        self.handles.append(handle)
        return handle

    async def snapshot(self, handle: WorkflowHandle) -> Snapshot:
        return await handle.query("snapshot", result_type=Snapshot)

    async def settled(self, handle: WorkflowHandle, *, within_s=120.0, until=None) -> Snapshot:
        """Wait until the song no longer works (or `until` holds), and give its snapshot."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            shown = await self.snapshot(handle)
            if until(shown) if until else shown.status is not SongStatus.RUNNING:
                return shown
            await asyncio.sleep(0.05)
        raise TimeoutError(f"the song is still {shown.status} at {shown.stage}: {shown.blocked}")

    async def recorded(self, handle: WorkflowHandle) -> Snapshot:
        """The snapshot once the song has heard that the database has everything."""
        return await self.settled(handle, until=lambda s: s.recorded)

    async def events(self, handle: WorkflowHandle, after: int = 0):
        """The song's events as the database has them, once it has all."""
        shown = await self.snapshot(handle)
        for _ in range(200):
            async with self.runtime.database.session() as session:
                events = await events_after(session, shown.composition_id, after, limit=5000)
            if events and events[-1].seq >= shown.sequence:
                return events
            await asyncio.sleep(0.05)
        raise TimeoutError("the events do not arrive")


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory):
    data: Path = tmp_path_factory.mktemp("studio")
    return load_settings(data_dir=data)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(temporal_server: str, settings) -> AsyncIterator[Studio]:
    runtime = Runtime.open(settings)
    await runtime.database.migrate()
    client = await Client.connect(temporal_server, data_converter=pydantic_data_converter)
    desk = Desk.open(settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(desk.close)
        for worker in build_workers(client, runtime, "all", desk):
            await stack.enter_async_context(worker)
        yield Studio(client, runtime)
    await runtime.close()


@pytest_asyncio.fixture(loop_scope="session")
async def studio(shared: Studio) -> AsyncIterator[Studio]:
    """A studio for one test; every song's history is replayed and weighed afterwards."""
    shared.handles = []
    yield shared
    for handle in shared.handles:
        async for execution in shared.client.list_workflows(f"WorkflowId = '{handle.id}'"):
            run = shared.client.get_workflow_handle(handle.id, run_id=execution.run_id)
            await replay(await run.fetch_history())
        await terminate(shared, handle)


async def terminate(studio: Studio, handle: WorkflowHandle) -> None:
    """End a song that is still open, so that the next test has the machine for itself."""
    description = await studio.client.get_workflow_handle(handle.id).describe()
    if description.status is not None and description.status.name == "RUNNING":
        await studio.client.get_workflow_handle(handle.id).terminate("the test is over")
