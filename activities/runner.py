"""One activity for each step: look the result up by its key, or make it with heartbeats, and keep it."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.execution import Made, execute
from activities.job import step_key
from activities.pool import WorkerDied
from activities.runtime import Runtime
from activities.versions import step_version
from domain.context import SongContext
from domain.errors import ResourceUnavailable, SostenutoError
from domain.projection import Progress
from domain.steps import MAX_PAYLOAD_BYTES, STEPS, StepRequest, StepResult, Weight
from storage.progress import put_progress
from storage.step_cache import find_step, save_step

HEARTBEAT_EVERY_S = 1.0
TELL_EVERY_S = 0.5
TRIES_WITHOUT_RESOURCES = 4
TRIES_WHEN_BROKEN = 2

log = structlog.get_logger()


def step_activities(runtime: Runtime, weight: Weight) -> list[Callable[..., Any]]:
    """The activities of all steps of one weight."""
    return [_step_activity(runtime, name) for name, spec in STEPS.items() if spec.weight is weight]


def _step_activity(runtime: Runtime, name: str) -> Callable[..., Any]:
    @activity.defn(name=name)
    async def run(request: StepRequest) -> StepResult:
        async with people_readable_errors():
            return await perform(runtime, request)

    return run


async def perform(runtime: Runtime, request: StepRequest) -> StepResult:
    """The step's result: an earlier one under the same key, or a new one."""
    began = time.monotonic()
    async with _telling(runtime, request) as told:
        context = SongContext.model_validate_json(await runtime.store.aget(request.context))
        spec = STEPS[request.step]
        sound = await asyncio.to_thread(step_version, spec, runtime.settings)
        key = step_key(request, context, sound)
        if found := await _find(runtime, key):
            return found.model_copy(update={"cached": True, "label": request.label, "seconds": 0.0})
        run = _in_process if spec.weight is Weight.HEAVY else _in_thread
        made = await run(runtime, request, context, told)
        result = StepResult(
            step=request.step,
            label=request.label,
            key=key,
            cached=False,
            seconds=round(time.monotonic() - began, 3),
            outputs=made.outputs,
            patch=made.patch,
            decisions=made.decisions,
            measured=made.measured,
        )
        async with runtime.database.session() as session:
            kept = await save_step(session, key, weighed(result))
        # Another worker may have kept the same result first; this run computed it all the same.
        return kept.model_copy(update={"cached": False, "label": request.label, "seconds": result.seconds})


def weighed(result: StepResult) -> StepResult:
    """The result, unless it is too heavy for the song's history; large things travel by reference."""
    size = len(result.model_dump_json())
    if size > MAX_PAYLOAD_BYTES:
        raise ValueError(f"{result.step} answers with {size} bytes; at most {MAX_PAYLOAD_BYTES} pass: use references")
    return result


async def _find(runtime: Runtime, key: str) -> StepResult | None:
    async with runtime.database.session() as session:
        found = await find_step(session, key)
    if found is None:
        return None
    refs = [a.hash for a in found.outputs.values()] + [r for r in (found.patch, found.decisions) if r]
    present = [await runtime.store.aexists(ref) for ref in refs]
    return found if all(present) else None


async def _in_thread(
    runtime: Runtime, request: StepRequest, context: SongContext, told: Callable[[float, str], None]
) -> Made:
    job = runtime.threads.submit(execute, request, context, runtime.store, runtime.settings, told)
    work = asyncio.wrap_future(job)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        # A thread cannot be stopped once it works; it is short, and must not outlive its activity.
        if not job.cancel():
            await asyncio.gather(work, return_exceptions=True)
        raise


async def _in_process(
    runtime: Runtime, request: StepRequest, context: SongContext, told: Callable[[float, str], None]
) -> Made:
    message = (runtime.settings, request.model_dump_json(), context.model_dump_json())
    kind, *rest = await runtime.pool.run(message, told)
    if kind == "made":
        return Made.model_validate_json(rest[0])
    code, text = rest[0], rest[1]
    if kind == "broken":
        log.error("step broken", step=request.step, label=request.label, traceback=rest[2])
        raise RuntimeError(text)
    raise StepRefused(text, code, later=kind == "later")


def discreet(message: str) -> str:
    """A message without paths and addresses: it goes into events that other people may read; the log has all."""
    return re.sub(r"\(?(?:[a-z0-9+]+://|/)[^\s:;,)]*\)?", "…", message)


class StepRefused(SostenutoError):
    """A step's error, brought over from its process."""

    def __init__(self, message: str, code: str, *, later: bool) -> None:
        super().__init__(message)
        self.reason = code
        self.later = later


@contextlib.asynccontextmanager
async def _telling(runtime: Runtime, request: StepRequest) -> AsyncIterator[Callable[[float, str], None]]:
    """Heartbeats for Temporal and an overwritten progress row for live views, while a step runs.

    Two tasks: a database that is slow must not keep the heartbeat back.
    """
    latest: list[tuple[float, str]] = [(0.0, "")]

    def told(fraction: float, text: str) -> None:
        latest[0] = (fraction, text)

    async def beat() -> None:
        while True:
            activity.heartbeat(latest[0][0])
            await asyncio.sleep(HEARTBEAT_EVERY_S)

    async def write() -> None:
        written = latest[0]
        while True:
            await asyncio.sleep(TELL_EVERY_S)
            if latest[0] != written:
                written = latest[0]
                await _write_progress(runtime, request, *written)

    tasks = [asyncio.create_task(beat()), asyncio.create_task(write())]
    try:
        yield told
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write_progress(runtime: Runtime, request: StepRequest, fraction: float, text: str) -> None:
    done, total = request.position
    row = Progress(
        composition_id=request.composition_id,
        stage=request.stage,
        step=request.step,
        label=text or request.label,
        fraction=max(0.0, min(1.0, fraction)),
        done=done,
        total=total,
        time=datetime.now(UTC),
    )
    try:
        async with runtime.database.session() as session:
            await put_progress(session, row)
    except Exception as error:
        # Progress may be lost; a step must not fail for it.
        log.debug("progress not written", reason=str(error)[:200])


@contextlib.asynccontextmanager
async def people_readable_errors(*, endless: bool = False) -> AsyncIterator[None]:
    """Turn errors into Temporal's, with words for the person and a rule whether another try can help.

    `endless` is for the one call that must be tried until it succeeds, whatever goes wrong.
    """
    attempt = activity.info().attempt
    try:
        yield
    except StepRefused as error:
        final = not error.later or attempt >= TRIES_WITHOUT_RESOURCES
        message = discreet(error.message) if error.later else error.message
        raise ApplicationError(message, type=error.reason, non_retryable=final) from None
    except ResourceUnavailable as error:
        final = attempt >= TRIES_WITHOUT_RESOURCES and not endless
        log.warning("away", code=error.code, reason=error.message)
        raise ApplicationError(discreet(error.message), type=error.code, non_retryable=final) from None
    except SostenutoError as error:
        raise ApplicationError(error.message, type=error.code, non_retryable=not endless) from error
    except WorkerDied as error:
        raise ApplicationError(str(error), type="worker_died") from error
    except (asyncio.CancelledError, ApplicationError):
        # An activity that says itself when it wants to be tried again has the last word.
        raise
    except Exception as error:
        log.exception("activity broken", activity=activity.info().activity_type)
        final = attempt >= TRIES_WHEN_BROKEN and not endless
        text = f"something in Sostenuto is broken ({type(error).__name__}: {error}); please report it"
        raise ApplicationError(text[:600], type="internal_error", non_retryable=final) from error
