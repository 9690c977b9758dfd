"""One event on its way to one address: a workflow of its own, which tries as long as the schedule of webhooks says."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.webhooks import (
        ATTEMPT_CALL,
        JITTER,
        TIMEOUT_S,
        WAITS_S,
        WEBHOOK_QUEUE,
        WEBHOOK_WORKFLOW,
        Attempt,
        Attempted,
        DeliveryJob,
        DeliveryStatus,
    )

NO_RETRY = RetryPolicy(maximum_attempts=1)
# Look-up, the receiver's time, and writing down what came of it.
ATTEMPT_TIMEOUT = timedelta(seconds=TIMEOUT_S + 30)
UNHEARD_PAUSE = timedelta(minutes=1)


@workflow.defn(name=WEBHOOK_WORKFLOW)
class WebhookDeliveryWorkflow:
    """One delivery; whether it is over, and why, stands in the database."""

    @workflow.run
    async def run(self, job: DeliveryJob) -> DeliveryStatus:
        """Try until the event has arrived, the address is gone, or the schedule ends."""
        waits = [*(wait * (1 + JITTER * workflow.random().random()) for wait in WAITS_S[1:]), None]
        for number, wait in enumerate(waits, 1):
            tried = await self._attempt(Attempt(delivery_id=job.delivery_id, next_in_s=wait), number)
            if tried.status is not DeliveryStatus.PENDING:
                return tried.status
            await workflow.sleep(timedelta(seconds=tried.wait_s), summary=f"before try {number + 1}")
        return DeliveryStatus.FAILED

    async def _attempt(self, attempt: Attempt, number: int) -> Attempted:
        """One try. One of which nobody knows what came, as with the database away, is none: it is made again."""
        while True:
            try:
                tried: Attempted = await workflow.execute_activity(
                    ATTEMPT_CALL,
                    attempt,
                    result_type=Attempted,
                    task_queue=WEBHOOK_QUEUE,
                    schedule_to_start_timeout=timedelta(days=7),
                    start_to_close_timeout=ATTEMPT_TIMEOUT,
                    retry_policy=NO_RETRY,
                    summary=f"try {number} of {len(WAITS_S)}",
                )
            except ActivityError:
                await workflow.sleep(UNHEARD_PAUSE, summary="nobody knows what came of the try")
            else:
                return tried
