"""What the activities of one worker process share: settings, database, media store, sound set, processes."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from activities.heavy import serve_steps
from activities.pool import ProcessPool
from storage.config import Settings
from storage.database import Database
from storage.media import MediaStore

STEP_THREADS = (os.cpu_count() or 1) + 2
"""More would only take the interpreter from the event loop; a few wait for programs outside."""


def _step_threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(STEP_THREADS, thread_name_prefix="step")


@dataclass
class Runtime:
    """Opened once for each worker process; `told` is set when webhooks may have become due.

    Light steps have `threads` of their own: reading or writing a small file must not wait for them.
    """

    settings: Settings
    database: Database
    store: MediaStore
    told: asyncio.Event = field(default_factory=asyncio.Event)
    threads: ThreadPoolExecutor = field(default_factory=_step_threads)
    _pool: ProcessPool | None = field(default=None)

    @classmethod
    def open(cls, settings: Settings) -> "Runtime":
        """Open database and media store; processes start with the first heavy step."""
        return cls(settings, Database(settings.database_url), MediaStore.open(settings))

    @property
    def pool(self) -> ProcessPool:
        """The processes for heavy steps."""
        if self._pool is None:
            self._pool = ProcessPool(self.settings.heavy_processes, serve_steps)
        return self._pool

    async def close(self) -> None:
        """Stop processes, close connections."""
        if self._pool is not None:
            self._pool.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        await self.database.close()
