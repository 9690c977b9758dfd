"""A call that a provider made to us: kept by Temporal before it is answered, read where the provider's secrets are."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from domain.providing import CALLBACK, CALLBACK_WORKFLOW, CallbackCall, CallbackOutcome
    from domain.song_input import QUEUE

RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1), maximum_attempts=50)


@workflow.defn(name=CALLBACK_WORKFLOW)
class ProviderCallbackWorkflow:
    """One delivery; its id is its content's, so that a second delivery of the same is none."""

    @workflow.run
    async def run(self, call: CallbackCall) -> CallbackOutcome:
        """Have it read."""
        outcome: CallbackOutcome = await workflow.execute_activity(
            CALLBACK,
            call,
            result_type=CallbackOutcome,
            task_queue=QUEUE,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=RETRIES,
            summary=f"callback of {call.provider}",
        )
        return outcome
