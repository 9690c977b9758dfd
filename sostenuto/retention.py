"""`retention run`: look after the archive now, or say what would go."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from activities.retention import Sweeper
from domain.retention import RETENTION_ID, RETENTION_WORKFLOW, Removed, RetentionRun
from domain.song_input import QUEUE
from sostenuto.output import Output
from storage.archive import condemnable, condemned
from storage.clock import utc_now
from storage.config import Settings
from storage.database import Database
from storage.media import MediaStore
from worker import connect

ALL = 1_000_000


@dataclass(frozen=True)
class Archive:
    """The archive of an installation whose Temporal is up."""

    settings: Settings
    output: Output

    def run(self, *, dry: bool) -> int:
        """Remove what was chosen earlier and choose what goes next; with `dry` only count."""
        found = asyncio.run(self._count() if dry else self._run())
        self.output.result(found.model_dump(mode="json"))
        if not self.output.as_json:
            verb = "would lose" if dry else "lost"
            self.output.say(f"{found.songs} archived songs {verb} {found.files} files with {found.bytes} bytes")
        return 0

    async def _run(self) -> Removed:
        """As the schedule does; a run that is under way already is waited for."""
        client = await connect(self.settings)
        asked = RetentionRun(days=self.settings.archive_retention)
        removed: Removed = await client.execute_workflow(
            RETENTION_WORKFLOW, asked, id=f"{RETENTION_ID}-by-hand", task_queue=QUEUE, result_type=Removed
        )
        return removed

    async def _count(self) -> Removed:
        client = await connect(self.settings)
        database, store = Database(self.settings.database_url), MediaStore.open(self.settings)
        try:
            before = utc_now() - timedelta(days=self.settings.archive_retention)
            async with database.session() as session:
                songs = [*await condemned(session), *await condemnable(session, archived_before=before, limit=ALL)]
            going = await Sweeper(database, store, client).unneeded(songs)
            sizes = [await store.asize(hash) for hash in going]
            return Removed(songs=len(songs), files=len(going), bytes=sum(sizes))
        finally:
            await database.close()
