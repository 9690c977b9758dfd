"""Songs whose stages ask providers: real workflow, worker and ledger, vendors as contract servers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.provider_desk import Desk
from activities.runtime import Runtime
from storage.config import load_settings
from tests.fixtures.replay import replay
from tests.fixtures.temporal import running_temporal
from tests.workflows.conftest import Studio, terminate
from worker import build_workers


@pytest.fixture(scope="session")
def own_temporal() -> Iterator[str]:
    """A Temporal server that no other worker of the tests asks for work."""
    with running_temporal() as address:
        yield address


@pytest.fixture
def open_studio(own_temporal: str, tmp_path_factory: pytest.TempPathFactory):
    """`async with open_studio(stability_api_key=…)`: a worker with these settings, its songs replayed at its end."""

    @asynccontextmanager
    async def opened(data_dir: Path | None = None, **wanted: Any) -> AsyncIterator[Studio]:
        usual = {"provider_poll_s": 0.05, "heavy_processes": 1}
        settings = load_settings(data_dir=data_dir or tmp_path_factory.mktemp("studio"), **{**usual, **wanted})
        runtime, desk = Runtime.open(settings), Desk.open(settings)
        await runtime.database.migrate()
        client = await Client.connect(own_temporal, data_converter=pydantic_data_converter)
        studio = Studio(client, runtime)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(runtime.close)
            stack.push_async_callback(desk.close)
            for worker in build_workers(client, runtime, "all", desk):
                await stack.enter_async_context(worker)
            try:
                yield studio
            finally:
                for handle in studio.handles:
                    await replay(await handle.fetch_history())
                    await terminate(studio, handle)

    return opened
