"""Erasing a song, or everything of somebody, for ever; whatever dies meanwhile, it is brought to its end."""

from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.retention import DELETE_HISTORIES, END_SONGS, ERASE_ROWS, ERASURE_WORKFLOW, Erasing, Removed
    from domain.song_input import QUEUE

RETRIES = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=10))
HEARTBEAT = timedelta(minutes=2)
LONGEST = timedelta(hours=12)


@workflow.defn(name=ERASURE_WORKFLOW)
class ErasureWorkflow:
    """Hides and ends at once; removes when nothing that was still under way can bring anything back."""

    @workflow.run
    async def run(self, asked: Erasing) -> Removed:
        """End, wait, remove."""
        known = await _carried_out(END_SONGS, asked, str, "hides the songs and ends their workflows")
        asked = asked.model_copy(update={"known": known})
        await _carried_out(DELETE_HISTORIES, asked, None, "removes their histories")
        await workflow.sleep(timedelta(seconds=asked.pause_s), summary="lets what is under way end")
        return cast(Removed, await _carried_out(ERASE_ROWS, asked, Removed, "removes files and rows"))


async def _carried_out(name: str, asked: Erasing, result: Any, summary: str) -> Any:
    return await workflow.execute_activity(
        name,
        asked,
        result_type=result,
        task_queue=QUEUE,
        start_to_close_timeout=LONGEST,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RETRIES,
        summary=summary,
    )
