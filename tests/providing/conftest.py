"""Songs whose stages ask providers: real workflow, worker and ledger, vendors as contract servers."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.provider_desk import Desk
from activities.runtime import Runtime
from domain.stages import SongStatus
from storage.config import load_settings
from tests.fixtures.replay import replay
from tests.fixtures.temporal import running_temporal
from tests.workflows.conftest import PROMPT, Studio, terminate
from worker import build_workers


@pytest.fixture(scope="session")
def own_temporal() -> Iterator[str]:
    """A Temporal server that no other worker of the tests asks for work."""
    with running_temporal() as address:
        yield address


@pytest.fixture(scope="session")
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def arranged(open_studio, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a studio that knows every step of the usual song up to its arrangement: copy it, do not use it."""
    folder = tmp_path_factory.mktemp("arranged")
    async with open_studio(folder) as studio:
        handle = await studio.start(PROMPT, review=("arrangement",))
        shown = await studio.settled(handle)
        assert shown.status is SongStatus.WAITING, shown.blocked
        await studio.recorded(handle)
    return folder


@pytest.fixture
def prepared(arranged: Path, tmp_path: Path) -> Path:
    """A studio's folder for one test where the usual song is quick to arrange."""
    return Path(shutil.copytree(arranged, tmp_path / "studio"))
