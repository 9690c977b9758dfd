"""Erasing songs, or everything of somebody: workflows with their histories, files that are theirs alone, rows."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, RPCError
from temporalio.service import RPCStatusCode

from activities.retention import Sweeper
from activities.runner import people_readable_errors
from activities.runtime import Runtime
from domain.retention import DELETE_HISTORIES, END_SONGS, ERASE_ROWS, Erasing, Removed
from domain.song_input import workflow_id
from storage.clock import utc_now
from storage.erasure import erase_person, erase_songs, hide
from storage.reachable import forget_steps

SONGS_AT_ONCE = 50

log = structlog.get_logger()


class Erasure:
    """The activities of the erasure workflow; each may be ended anywhere and done again."""

    def __init__(self, runtime: Runtime, client: Client) -> None:
        self._database, self._store, self._client = runtime.database, runtime.store, client
        self._sweeper = Sweeper(runtime.database, runtime.store, client, activity.heartbeat)

    def activities(self) -> list[Callable[..., Any]]:
        """All of them, for the worker."""
        return [self.end_songs, self.delete_histories, self.erase_rows]

    @activity.defn(name=END_SONGS)
    async def end_songs(self, erasing: Erasing) -> str:
        """Hide the songs, end their workflows, have no step reuse what they made; a document of all they knew of."""
        async with people_readable_errors(endless=True):
            async with self._database.session() as session:
                songs = await hide(session, erasing, now=utc_now())
            known = await self._sweeper.belonging_to(songs)
            for song in songs:
                known |= dict.fromkeys(await self._end(song))
            await forget_steps(self._database, known, activity.heartbeat)
            return await self._store.aput_json({"known": list(known)})

    @activity.defn(name=DELETE_HISTORIES)
    async def delete_histories(self, erasing: Erasing) -> None:
        """Remove what Temporal keeps of the songs; only now that what they knew of is written down."""
        async with people_readable_errors(endless=True):
            async with self._database.session() as session:
                songs = await hide(session, erasing, now=utc_now())
            for song in songs:
                await self._delete(song)

    @activity.defn(name=ERASE_ROWS)
    async def erase_rows(self, erasing: Erasing) -> Removed:
        """Remove the files that only these songs need, then all rows."""
        async with people_readable_errors(endless=True):
            async with self._database.session() as session:
                songs = await hide(session, erasing, now=utc_now())
            for song in songs:
                await self._end(song)
                await self._delete(song)
            files, size = await self._sweep(erasing, songs)
            for start in range(0, len(songs), SONGS_AT_ONCE):
                activity.heartbeat()
                async with self._database.session() as session:
                    await erase_songs(session, songs[start : start + SONGS_AT_ONCE])
            if erasing.song is None:
                async with self._database.session() as session:
                    await erase_person(session, erasing)
            if erasing.known:
                await self._store.adelete(erasing.known)
            log.info("erased", songs=len(songs), files=files, bytes=size)
            return Removed(songs=len(songs), files=files, bytes=size)

    async def _sweep(self, erasing: Erasing, songs: Sequence[str]) -> tuple[int, int]:
        also: Sequence[str] = ()
        if erasing.known and await self._store.aexists(erasing.known):
            also = (await self._store.aget_json(erasing.known))["known"]
        before = utc_now() - timedelta(seconds=erasing.lease_s)
        uploads_of = erasing.owner if erasing.song is None else ""
        return await self._sweeper.sweep(songs, before=before, owner=uploads_of, also=also)

    async def _end(self, song: str) -> list[str]:
        """Terminate a song's workflow; the objects that its histories name, as far as Temporal still has them."""
        try:
            await self._client.get_workflow_handle(workflow_id(song)).terminate("the song is erased")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        told: dict[str, None] = dict.fromkeys(await self._sweeper.told_by(workflow_id(song)))
        async for id_, run_id in self._executions(song):
            told |= dict.fromkeys(await self._sweeper.told_by(id_, run_id))
        return list(told)

    async def _delete(self, song: str) -> None:
        """Remove the histories of a song's workflows, which hold its prompt and what people said to it."""
        await self._delete_one(workflow_id(song), "")
        async for id_, run_id in self._executions(song):
            await self._delete_one(id_, run_id)

    async def _executions(self, song: str) -> AsyncIterator[tuple[str, str]]:
        """Every run of a song's workflow, and of those that read words for it."""
        query = f'WorkflowId = "{workflow_id(song)}" OR WorkflowId STARTS_WITH "words-{song}-"'
        async for found in self._client.list_workflows(query):
            activity.heartbeat()
            yield found.id, found.run_id

    async def _delete_one(self, id_: str, run_id: str) -> None:
        execution = WorkflowExecution(workflow_id=id_, run_id=run_id)
        request = DeleteWorkflowExecutionRequest(namespace=self._client.namespace, workflow_execution=execution)
        try:
            await self._client.workflow_service.delete_workflow_execution(request)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
