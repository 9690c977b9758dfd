"""The process that runs workflows and activities: `python -m worker --queues all|light|heavy`.

SIGTERM and SIGINT drain it: no new task is taken, steps under way get time to end, then it leaves.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta

import structlog
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.books import Books
from activities.erasure import Erasure
from activities.provider_desk import Desk
from activities.provider_facts import publish_status
from activities.providing import Providing
from activities.retention import Retention, schedule_retention
from activities.runner import step_activities
from activities.runtime import Runtime
from activities.sketching import warm_up
from activities.webhooks import Dispatcher, Webhooks
from domain.errors import ServerUnavailable, SostenutoError
from domain.providers import PROVIDER_QUEUE
from domain.song_input import AUDIO_QUEUE, QUEUE
from domain.steps import Weight
from domain.webhooks import WEBHOOK_QUEUE
from storage.config import Settings, load_settings
from workflows.callback import ProviderCallbackWorkflow
from workflows.composition import CompositionWorkflow
from workflows.enhancing import EnhancementWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.interpreting import InterpretationWorkflow
from workflows.retention import RetentionWorkflow
from workflows.webhook import WebhookDeliveryWorkflow

DRAIN = timedelta(seconds=20)
STICKY = timedelta(seconds=2)
THROTTLE = timedelta(seconds=1)
PROVIDER_CALLS = 64
WEBHOOK_CALLS = 32
DEPLOYMENT = "sostenuto"
# A worker may start before its server; after about a minute somebody should know.
CONNECT_PAUSES_S = (0.5, 1, 2, 4, 8, 15, 30)

log = structlog.get_logger()


def sandbox() -> SandboxedWorkflowRunner:
    """The workflow sandbox; `domain` passes through, its models are pure and cost time to import again."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules("domain", "pydantic", "pydantic_core")
    return SandboxedWorkflowRunner(restrictions=restrictions)


async def connect(settings: Settings) -> Client:
    """A Temporal client from Temporal's own configuration, or from ours where that says nothing."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", settings.temporal_address)
    config.setdefault("namespace", settings.temporal_namespace)
    for pause_s in CONNECT_PAUSES_S:
        try:
            return await Client.connect(**config, data_converter=pydantic_data_converter)
        except RuntimeError as error:
            log.warning("Temporal does not answer yet", address=config["target_host"], reason=str(error)[:200])
        await asyncio.sleep(pause_s)
    raise ServerUnavailable(f"Temporal at {config['target_host']} does not answer: start it, or set TEMPORAL_ADDRESS")


def versioning(environment: dict[str, str]) -> WorkerDeploymentConfig | None:
    """Worker versioning for production, where SOSTENUTO_BUILD_ID names the build; none in the embedded mode.

    A pinned song hangs once its old worker is gone, so only an operator who drains old workers turns this on.
    """
    build = environment.get("SOSTENUTO_BUILD_ID")
    if not build:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


def build_workers(client: Client, runtime: Runtime, queues: str, desk: Desk | None) -> list[Worker]:
    """The workers of this process: workflows with light steps and calls of providers, heavy steps, or both.

    A worker without a `desk` holds no keys and does heavy steps alone.
    """
    deployment = versioning(dict(os.environ))
    workers = []
    if desk is not None:
        providing = Providing(runtime, desk)
        workers += [_provider_worker(client, providing, desk, name, deployment) for name in desk.adapters]
        workers.append(webhook_worker(client, Webhooks(runtime), deployment))
        workers.append(
            Worker(
                client,
                task_queue=QUEUE,
                workflows=[
                    CompositionWorkflow,
                    ProviderCallbackWorkflow,
                    InterpretationWorkflow,
                    EnhancementWorkflow,
                    RetentionWorkflow,
                    ErasureWorkflow,
                ],
                activities=[
                    *Books(runtime).activities(),
                    *providing.routing(),
                    *Retention(runtime, client).activities(),
                    *Erasure(runtime, client).activities(),
                    *step_activities(runtime, Weight.LIGHT),
                ],
                workflow_runner=sandbox(),
                max_concurrent_activities=16,
                graceful_shutdown_timeout=DRAIN,
                sticky_queue_schedule_to_start_timeout=STICKY,
                max_heartbeat_throttle_interval=THROTTLE,
                default_heartbeat_throttle_interval=THROTTLE,
                deployment_config=deployment,
            )
        )
    if queues in ("all", "heavy"):
        workers.append(
            Worker(
                client,
                task_queue=AUDIO_QUEUE,
                activities=step_activities(runtime, Weight.HEAVY),
                max_concurrent_activities=runtime.settings.heavy_processes,
                graceful_shutdown_timeout=DRAIN,
                max_heartbeat_throttle_interval=THROTTLE,
                default_heartbeat_throttle_interval=THROTTLE,
                deployment_config=deployment,
            )
        )
    return workers


def _provider_worker(
    client: Client, providing: Providing, desk: Desk, name: str, deployment: WorkerDeploymentConfig | None
) -> Worker:
    """The queue of one provider, where all workers together keep to its limit."""
    return Worker(
        client,
        task_queue=PROVIDER_QUEUE.format(name=name),
        activities=providing.calling(),
        max_concurrent_activities=PROVIDER_CALLS,
        max_task_queue_activities_per_second=desk.catalogue[name].calls_per_s,
        graceful_shutdown_timeout=DRAIN,
        max_heartbeat_throttle_interval=THROTTLE,
        default_heartbeat_throttle_interval=THROTTLE,
        deployment_config=deployment,
    )


def webhook_worker(client: Client, told: Webhooks, deployment: WorkerDeploymentConfig | None = None) -> Worker:
    """The queue of outgoing webhooks, apart from the songs': a slow receiver delays no song."""
    return Worker(
        client,
        task_queue=WEBHOOK_QUEUE,
        workflows=[WebhookDeliveryWorkflow],
        activities=told.activities(),
        workflow_runner=sandbox(),
        max_concurrent_activities=WEBHOOK_CALLS,
        max_cached_workflows=WEBHOOK_CALLS,
        graceful_shutdown_timeout=DRAIN,
        sticky_queue_schedule_to_start_timeout=STICKY,
        deployment_config=deployment,
    )


async def run(settings: Settings, queues: str) -> None:
    """Work until a signal asks to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runtime = Runtime.open(settings)
    await runtime.database.migrate()
    client = await connect(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(runtime.close)
        if queues in ("all", "heavy"):
            await runtime.pool.start()
        desk = Desk.open(settings) if queues in ("all", "light") else None
        if desk is not None:
            stack.push_async_callback(desk.close)
        for worker in build_workers(client, runtime, queues, desk):
            await stack.enter_async_context(worker)
        if desk is not None:
            watching = asyncio.create_task(publish_status(runtime.database, desk))
            stack.callback(watching.cancel)
            await schedule_retention(client, settings.archive_retention)
            telling = asyncio.create_task(Dispatcher(runtime, client).run())
            stack.callback(telling.cancel)
        warming = asyncio.create_task(_warm_up(settings, queues))
        log.info("worker ready", queues=queues, temporal=client.service_client.config.target_host)
        await stop.wait()
        log.info("worker drains", seconds=DRAIN.total_seconds())
        await warming


async def _warm_up(settings: Settings, queues: str) -> None:
    """Get ready for the first song while there is none; what goes wrong here goes wrong there, with a reason."""
    if queues in ("all", "light"):
        try:
            await asyncio.to_thread(warm_up, settings)
        except SostenutoError as error:
            log.warning("not warm", reason=error.message)


def configure_logging(settings: Settings) -> None:
    """Plain tracebacks: structlog's rich ones print local variables, and keys may be among them."""
    plain: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso"),
    ]
    if settings.log_format == "json":
        plain += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        plain += [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    structlog.configure(processors=plain)
    logging.basicConfig(level=settings.log_level.upper())


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line of the worker; the exit code of a SostenutoError on failure."""
    parser = argparse.ArgumentParser(prog="worker", description="Run Sostenuto's workflows and activities.")
    parser.add_argument("--queues", choices=("all", "light", "heavy"), default="all")
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings()
        configure_logging(settings)
        asyncio.run(run(settings, chosen.queues))
    except SostenutoError as error:
        print(f"error: {error.message}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The interpreter's exit can abort inside the SDK's runtime thread (sdk-python issue 300).
    os._exit(code)
