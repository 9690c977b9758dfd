"""Light steps and small files: as many steps as one likes leave reading and writing to the worker."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from activities import runner
from activities.execution import Made
from activities.runtime import STEP_THREADS, Runtime
from domain.context import SongContext
from domain.stages import Stage
from domain.steps import StepRequest
from storage.config import load_settings

REQUEST = StepRequest(
    composition_id="song", owner="ada", stage=Stage.COMPOSITION, step="rhythm", revision=1, seed=1, context="0" * 64
)
MADE = Made(outputs={}, patch=None, decisions=None, measured={})


class Steps:
    """Steps that note the thread in which they begin, and end when they may."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.may_end = threading.Event()
        self.began: list[str] = []

    def work(self, *_given: Any) -> Made:
        self.began.append(threading.current_thread().name)
        self.may_end.wait()
        return MADE

    async def start(self, count: int) -> list["asyncio.Task[Made]"]:
        """Many steps, as many of which have begun as there are threads."""
        made = [runner._in_thread(self.runtime, REQUEST, SongContext(), lambda *_: None) for _ in range(count)]
        tasks = [asyncio.create_task(one) for one in made]
        async with asyncio.timeout(30):
            while len(self.began) < STEP_THREADS:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return tasks


@pytest_asyncio.fixture
async def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Steps]:
    steps = Steps(Runtime.open(load_settings(data_dir=tmp_path)))
    monkeypatch.setattr(runner, "execute", steps.work)
    yield steps
    steps.may_end.set()
    await steps.runtime.close()


async def test_store_answers_while_more_steps_run_than_there_are_threads(steps: Steps) -> None:
    tasks = await steps.start(50)
    async with asyncio.timeout(30):
        kept = await steps.runtime.store.aput(b"a small file")
        assert await steps.runtime.store.aget(kept) == b"a small file"
    assert len(steps.began) == STEP_THREADS
    steps.may_end.set()
    assert await asyncio.gather(*tasks) == [MADE] * 50
    assert all(name.startswith("step") for name in steps.began)


async def test_a_step_cancelled_before_it_began_never_begins_and_one_under_way_is_waited_for(steps: Steps) -> None:
    tasks = await steps.start(STEP_THREADS + 3)
    working, waiting = tasks[0], tasks[-1]
    for task in (working, waiting):
        task.cancel()
    async with asyncio.timeout(30):
        await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert not working.done()
    steps.may_end.set()
    await asyncio.wait(tasks)
    assert working.cancelled()
    assert len(steps.began) == STEP_THREADS + 2
