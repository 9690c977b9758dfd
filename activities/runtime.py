"""What the activities of one worker process share: settings, database, media store, sound set, processes."""

import asyncio
from dataclasses import dataclass, field

from activities.heavy import serve_steps
from activities.pool import ProcessPool
from storage.config import Settings
from storage.database import Database
from storage.media import MediaStore


@dataclass
class Runtime:
    """Opened once for each worker process; `told` is set when webhooks may have become due."""

    settings: Settings
    database: Database
    store: MediaStore
    told: asyncio.Event = field(default_factory=asyncio.Event)
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
        await self.database.close()
