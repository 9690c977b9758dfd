"""Light steps and small files: as many steps as one likes leave reading and writing to the worker."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

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


async def test_store_answers_while_more_steps_run_than_there_are_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = Runtime.open(load_settings(data_dir=tmp_path))
    may_end = threading.Event()
    began: list[str] = []

    def endless(*_given: Any) -> Made:
        began.append(threading.current_thread().name)
        may_end.wait()
        return MADE

    monkeypatch.setattr(runner, "execute", endless)
    steps = [
        asyncio.create_task(runner._in_thread(runtime, REQUEST, SongContext(), lambda *_: None)) for _ in range(50)
    ]
    try:
        async with asyncio.timeout(30):
            while len(began) < STEP_THREADS:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            kept = await runtime.store.aput(b"a small file")
            assert await runtime.store.aget(kept) == b"a small file"
        assert len(began) == STEP_THREADS
    finally:
        may_end.set()
        made = await asyncio.gather(*steps)
        await runtime.close()
    assert made == [MADE] * 50
    assert all(name.startswith("step") for name in began)
