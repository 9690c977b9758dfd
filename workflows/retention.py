"""The archive's schedule: files of songs that were archived long ago are removed where nothing else needs them."""

from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.retention import CONDEMN, COUNT, REMOVE, RETENTION_WORKFLOW, Removed, RetentionRun
    from domain.song_input import QUEUE

T = TypeVar("T")

RETRIES = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=10))
HEARTBEAT = timedelta(minutes=2)
LONGEST = timedelta(hours=12)


@workflow.defn(name=RETENTION_WORKFLOW)
class RetentionWorkflow:
    """One run: first goes what earlier runs have chosen, then songs are chosen for a later one."""

    @workflow.run
    async def run(self, asked: RetentionRun) -> Removed:
        """Remove, then choose; each is taken up again wherever it was ended."""
        if asked.dry:
            return await self._done(COUNT, asked, Removed, "counts what would go")
        removed = await self._done(REMOVE, asked, Removed, "removes what was chosen earlier")
        await self._done(CONDEMN, asked, int, f"chooses songs archived for {asked.days:g} days")
        return removed

    async def _done(self, activity: str, asked: RetentionRun, kind: type[T], summary: str) -> T:
        done: T = await workflow.execute_activity(
            activity,
            asked,
            result_type=kind,
            task_queue=QUEUE,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=RETRIES,
            summary=summary,
        )
        return done
