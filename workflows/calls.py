"""How the workflow calls activities: queues, timeouts, retries, and what the operator reads beside each call."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    TimeoutError,
    TimeoutType,
    is_cancelled_exception,
)

with workflow.unsafe.imports_passed_through():
    from domain.song_input import AUDIO_QUEUE, QUEUE
    from domain.steps import STEPS, StepRequest, StepResult, StepSpec, Weight

QUEUES: Mapping[Weight, str] = {Weight.LIGHT: QUEUE, Weight.HEAVY: AUDIO_QUEUE}
HEARTBEAT = timedelta(seconds=5)
A_WEEK = timedelta(days=7)
HEEDED = "a cancelled step goes no further"
"""The change with which a step that ended all the same stops its cancelled stage."""
# A killed worker costs an attempt, so there are many; what cannot succeed is not retried by its own word.
STEP_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10), maximum_attempts=10
)
BOOK_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=300), maximum_interval=timedelta(seconds=5), maximum_attempts=10
)
# The read model must not lose an event: this one call is tried until it succeeds.
ENDLESS_RETRIES = RetryPolicy(initial_interval=timedelta(milliseconds=300), maximum_interval=timedelta(seconds=10))

Answer = TypeVar("Answer", bound=BaseModel)


class StepFailed(Exception):
    """A step or a call of the books ended for good without a result; `reason` is for the person."""

    def __init__(self, reason: str, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


async def run_step(request: StepRequest, *, key: str) -> StepResult:
    """One cached step on the queue of its weight."""
    spec = STEPS[request.step]
    try:
        result: StepResult = await workflow.execute_activity(
            request.step,
            request,
            result_type=StepResult,
            task_queue=QUEUES[spec.weight],
            start_to_close_timeout=timedelta(seconds=spec.timeout_s),
            schedule_to_close_timeout=A_WEEK,
            heartbeat_timeout=HEARTBEAT,
            retry_policy=STEP_RETRIES,
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=_summary(spec, request),
            priority=Priority(fairness_key=request.owner[:64]),
            activity_id=key,
        )
    except ActivityError as error:
        raise explain(error, f"{request.step} {request.label}".strip()) from error
    if is_cancelled() and workflow.patched(HEEDED):
        raise asyncio.CancelledError
    return result


def is_cancelled() -> bool:
    """Whether the caller was cancelled: an activity that ends before it hears of it gives its result all the same."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def keep_books(name: str, request: BaseModel, answer: type[Answer], *, endless: bool = False) -> Answer:
    """A short call that reads or writes the song's documents and records."""
    try:
        given: Answer = await workflow.execute_activity(
            name,
            request,
            result_type=answer,
            task_queue=QUEUE,
            start_to_close_timeout=timedelta(seconds=10),
            schedule_to_close_timeout=None if endless else A_WEEK,
            retry_policy=ENDLESS_RETRIES if endless else BOOK_RETRIES,
            summary=name.replace("_", " "),
        )
        return given
    except ActivityError as error:
        raise explain(error, name) from error


def explain(error: ActivityError, what: str) -> StepFailed | asyncio.CancelledError:
    """Why an activity failed, in words for the person; a cancellation stays one."""
    if is_cancelled_exception(error):
        return asyncio.CancelledError()
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return StepFailed(cause.message or f"{what} failed", cause.type or "error")
    if isinstance(cause, TimeoutError):
        late = cause.type is TimeoutType.HEARTBEAT
        reason = "its worker died again and again" if late else "it took longer than it may"
        return StepFailed(f"{what} did not finish: {reason}; try again", "timeout")
    return StepFailed(f"{what} failed: {cause or error}", "error")


def _summary(spec: StepSpec, request: StepRequest) -> str:
    label = f" {request.label}" if request.label else ""
    return f"{spec.stage}: {spec.name}{label} (revision {request.revision}, take {request.take})"[:190]
