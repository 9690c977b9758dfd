"""Processes for CPU-heavy steps: killable, isolated from the heartbeats, gone when their parent is gone.

A step that is cancelled has its process killed and replaced; a process that crashes costs one attempt of one step.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

Told = Callable[[float, str], None]
PR_SET_PDEATHSIG = 1
KEPT_MEMORY = {
    # A step works on arrays of 50 MB and more, made and dropped by the hundred. glibc maps each one afresh and gives it
    # back at once, so that a third of a mix was the kernel zeroing pages. One arena that keeps what it has ends that.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
    "NUMPY_MADVISE_HUGEPAGE": "0",
}


class WorkerDied(Exception):
    """The process of a step ended without an answer."""


class StepProcess:
    """One child process and the pipe to it."""

    def __init__(self, target: Callable[[Connection], None]) -> None:
        for name, value in KEPT_MEMORY.items():
            os.environ.setdefault(name, value)  # the allocator reads them once, when the child begins
        here, there = get_context("spawn").Pipe()
        self._pipe = here
        self._process: BaseProcess = get_context("spawn").Process(target=target, args=(there,), daemon=True)
        self._process.start()
        there.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.is_alive()

    def call(self, message: Any, told: Told) -> Any:
        """Send a job and wait for its answer; progress goes to `told`. Blocks; raises WorkerDied."""
        try:
            self._pipe.send(message)
            while True:
                kind, *rest = self._pipe.recv()
                if kind == "progress":
                    told(*rest)
                else:
                    return kind, *rest
        except (EOFError, OSError):
            raise WorkerDied("the process that worked on it ended unexpectedly") from None

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


class ProcessPool:
    """At most `size` jobs at a time, each in a process of its own that is kept for the next one."""

    def __init__(self, size: int, target: Callable[[Connection], None]) -> None:
        self._target = target
        self._free: asyncio.Queue[StepProcess | None] = asyncio.Queue()
        self._busy: set[StepProcess] = set()
        for _ in range(size):
            self._free.put_nowait(None)

    async def start(self) -> None:
        """Start every process now, so that it loads its libraries while there is nothing to do."""
        for _ in range(self._free.qsize()):
            process = self._free.get_nowait() or await asyncio.to_thread(StepProcess, self._target)
            self._free.put_nowait(process)

    async def run(self, message: Any, told: Told) -> Any:
        """Run one job; on cancellation its process is killed before the cancellation goes on."""
        process = await self._free.get()
        try:
            if process is None or not process.alive:
                process = await asyncio.to_thread(StepProcess, self._target)
            self._busy.add(process)
            loop = asyncio.get_running_loop()

            def tell(fraction: float, text: str) -> None:
                loop.call_soon_threadsafe(told, fraction, text)

            return await asyncio.to_thread(process.call, message, tell)
        except (asyncio.CancelledError, WorkerDied):
            if process is not None:
                process.kill()
            raise
        finally:
            if process is not None:
                self._busy.discard(process)
            self._free.put_nowait(process if process is not None and process.alive else None)

    def close(self) -> None:
        """Kill every process."""
        for process in [*self._busy, *self._drain()]:
            process.kill()
        self._busy.clear()

    def _drain(self) -> list[StepProcess]:
        found = []
        with contextlib.suppress(asyncio.QueueEmpty):
            while True:
                process = self._free.get_nowait()
                if process is not None:
                    found.append(process)
        return found


def give_memory_back() -> None:
    """What the last step held is free for the next one, in whichever process it runs."""
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def die_with_parent() -> None:
    """Make this process end when its parent does, however the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
