"""Removing files that nothing needs any more: what songs need is marked, what else archived songs had is swept.

A file goes only when no row, no document and no workflow of a song that stays names it, when no step can reuse it
(kept results that name it were dropped earlier), and when nobody has put it for an hour. Whatever is ended in between
is done again: nothing that a document names goes before the document itself, so that the rest is always found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import (
    Client,
    RPCError,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
)
from temporalio.service import RPCStatusCode

from activities.runner import people_readable_errors
from activities.runtime import Runtime
from domain.retention import CONDEMN, COUNT, REMOVE, RETENTION_ID, RETENTION_WORKFLOW, Removed, RetentionRun
from domain.song_input import QUEUE, workflow_id
from storage.archive import at_work, begin_removal, condemn, condemnable, condemned, end_removal
from storage.clock import utc_now
from storage.database import Database
from storage.media import MediaStore
from storage.reachable import (
    forget_steps,
    hashes_in,
    named_by_calls,
    named_by_references,
    named_by_songs,
    reach,
    songs_with_files,
)

Beat = Callable[[], None]
Histories = Callable[[str], Any]

log = structlog.get_logger()


@dataclass(frozen=True)
class Sweeper:
    """Marks and sweeps. `client` is asked for the histories of songs at work; without one such songs must be none."""

    database: Database
    store: MediaStore
    client: Client | None = None
    beat: Beat = lambda: None

    async def condemn(self, run: RetentionRun, now: datetime) -> int:
        """Choose the songs whose time is over, and have no step reuse what they had; how many."""
        count = 0
        while True:
            async with self.database.session() as session:
                songs = await condemnable(session, archived_before=now - timedelta(days=run.days))
            if not songs:
                return count
            await forget_steps(self.database, await self.belonging_to(songs), self.beat)
            async with self.database.session() as session:
                await condemn(session, songs, now=utc_now())
            count += len(songs)

    async def remove(self, run: RetentionRun, now: datetime) -> Removed:
        """Remove the files of songs that were condemned long enough ago, a hundred songs at a time."""
        total = Removed()
        while True:
            async with self.database.session() as session:
                songs = await begin_removal(
                    session, condemned_before=now - timedelta(seconds=run.pause_s), now=now
                )  # fmt: skip
            if not songs:
                return total
            files, size = await self.sweep(songs, before=now - timedelta(seconds=run.lease_s))
            async with self.database.session() as session:
                await end_removal(session, songs, now=utc_now())
            total = Removed(songs=total.songs + len(songs), files=total.files + files, bytes=total.bytes + size)

    async def count(self, run: RetentionRun, now: datetime) -> Removed:
        """What songs whose time is over have for themselves."""
        async with self.database.session() as session:
            over = await condemnable(session, archived_before=now - timedelta(days=run.days), limit=None)
            songs = [*await condemned(session), *over]
        going = await self.unneeded(songs)
        sizes = [await self.store.asize(hash) for hash in going]
        return Removed(songs=len(songs), files=len(going), bytes=sum(sizes))

    async def belonging_to(self, songs: Sequence[str]) -> dict[str, None]:
        """Everything that some songs name, directly or not, each object after one that names it."""
        async with self.database.session() as session:
            roots = await named_by_songs(session, songs)
        return await reach(self.store, roots, self.beat)

    async def sweep(
        self, songs: Sequence[str], *, before: datetime, owner: str | None = None, also: Sequence[str] = ()
    ) -> tuple[int, int]:
        """Remove what only some songs need and nobody has put since `before`; how many files and bytes.

        With an `owner` the songs are erased: their paid results go as well, and that owner's uploads ("" for none's).
        `also` are further objects that only they may need.
        """
        unneeded = await self.unneeded(songs, owner=owner, also=also)
        files = size = 0
        for hash in reversed(unneeded):
            self.beat()
            if gone := await self.store.adelete_unused(hash, before):
                files, size = files + 1, size + gone
        return files, size

    async def unneeded(self, songs: Sequence[str], *, owner: str | None = None, also: Sequence[str] = ()) -> list[str]:
        """What only some songs need, each object after one that names it."""
        theirs = await self.belonging_to(songs)
        if owner is not None:
            also = [*also, *await self._owned(songs, owner)]
        await reach(self.store, also, self.beat, seen=theirs)
        needed = await self._needed(songs, owner)
        return [hash for hash in theirs if hash not in needed]

    async def _owned(self, songs: Sequence[str], owner: str) -> list[str]:
        """Paid results of songs that are erased, and uploads of an owner who is."""
        async with self.database.session() as session:
            others = {*await named_by_references(session, besides=owner), *await named_by_calls(session, besides=songs)}
            known = [*await named_by_references(session), *await named_by_calls(session)]
        return [hash for hash in known if hash not in others]

    async def _needed(self, songs: Sequence[str], owner: str | None) -> Mapping[str, None]:
        """Everything that stays: of other songs, uploads, paid results, and what songs at work know of."""
        needed: dict[str, None] = {}
        async with self.database.session() as session:
            erased = () if owner is None else songs
            roots = [
                *await named_by_references(session, besides=owner or ""),
                *await named_by_calls(session, besides=erased),
            ]
            working = [song for song in await at_work(session) if song not in songs]
        await reach(self.store, roots, self.beat, seen=needed)
        async for page in songs_with_files(self.database, besides=songs):
            async with self.database.session() as session:
                roots = await named_by_songs(session, page)
            await reach(self.store, roots, self.beat, seen=needed)
        for song in working:
            await reach(self.store, await self.told_by(workflow_id(song)), self.beat, seen=needed)
        return needed

    async def told_by(self, workflow: str, run_id: str | None = None) -> list[str]:
        """What a workflow knows of: a song's history holds every result that no row names yet."""
        assert self.client is not None, "songs are at work, and nobody can ask them"
        found: dict[str, None] = {}
        try:
            async for event in self.client.get_workflow_handle(workflow, run_id=run_id).fetch_history_events():
                self.beat()
                found |= dict.fromkeys(hashes_in(event.SerializeToString().decode("latin-1")))
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return list(found)


class Retention:
    """The activities of the retention workflow."""

    def __init__(self, runtime: Runtime, client: Client) -> None:
        self._sweeper = Sweeper(runtime.database, runtime.store, client, activity.heartbeat)

    def activities(self) -> list[Callable[..., Any]]:
        """All of them, for the worker."""
        return [self.condemn, self.remove, self.count]

    @activity.defn(name=CONDEMN)
    async def condemn(self, run: RetentionRun) -> int:
        """Choose songs whose time in the archive is over; how many."""
        async with people_readable_errors(endless=True):
            return await self._sweeper.condemn(run, utc_now())

    @activity.defn(name=REMOVE)
    async def remove(self, run: RetentionRun) -> Removed:
        """Remove the files of songs that were chosen in an earlier run."""
        async with people_readable_errors(endless=True):
            removed = await self._sweeper.remove(run, utc_now())
            log.info("archive swept", songs=removed.songs, files=removed.files, bytes=removed.bytes)
            return removed

    @activity.defn(name=COUNT)
    async def count(self, run: RetentionRun) -> Removed:
        """What removing and choosing at once would come to, were nothing reused or put in between."""
        async with people_readable_errors(endless=True):
            return await self._sweeper.count(run, utc_now())


async def schedule_retention(client: Client, days: float) -> None:
    """Have the archive looked after once a day; a schedule that is there already learns of new settings."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            RETENTION_WORKFLOW,
            RetentionRun(days=days),
            id=RETENTION_ID,
            task_queue=QUEUE,
            static_summary="files of songs archived long ago",
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
    )
    try:
        await client.create_schedule(RETENTION_ID, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(RETENTION_ID).update(lambda _: ScheduleUpdate(schedule=schedule))
