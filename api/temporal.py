"""The API's one connection to Temporal: starts songs, sends them commands, asks them, says where the UI shows them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import structlog
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    RPCError,
    RPCTimeoutOrCancelledError,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    Priority,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCStatusCode

from api.problems import Refused
from domain.commands import CommandKind, CommandResult
from domain.enhancing import ENHANCE_WORKFLOW, Enhanced, Enhancing
from domain.errors import NotFound, ServerUnavailable
from domain.providing import CALLBACK_WORKFLOW, INTERPRET_WORKFLOW, CallbackCall, Interpreted, Interpreting
from domain.retention import (
    ERASURE_WORKFLOW,
    RETENTION_ID,
    RETENTION_WORKFLOW,
    Erasing,
    Removed,
    RetentionRun,
    erasure_id,
)
from domain.song_input import AUDIO_QUEUE, QUEUE, WORKFLOW, SongInput, workflow_id
from domain.stages import SongStatus, Stage
from domain.state import Snapshot
from domain.webhooks import WEBHOOK_QUEUE, WEBHOOK_WORKFLOW, DeliveryJob, delivery_workflow_id
from storage.config import Settings

CALL_TIMEOUT_S = 3.0
READING_S = 45.0
ARCHIVE_S = 12 * 3600.0
STATIC_SUMMARY_BYTES = 200
FAIRNESS_KEY_BYTES = 64
# A poller that has not asked for work for longer than one long poll is gone.
POLLER_SEEN_WITHIN = timedelta(seconds=75)

SONG_STAGE = SearchAttributeKey.for_keyword("SongStage")
SONG_STATUS = SearchAttributeKey.for_keyword("SongStatus")
SONG_OWNER = SearchAttributeKey.for_keyword("SongOwner")

POLLERS: Mapping[str, "TaskQueueType.ValueType"] = MappingProxyType(
    {
        QUEUE: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        AUDIO_QUEUE: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    }
)
_OUTCOME_UNKNOWN = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.ABORTED,
    RPCStatusCode.FAILED_PRECONDITION,
)


log = structlog.get_logger("sostenuto.api")


def hashed_owner(owner: str) -> str:
    """The owner as search attributes show it: sixteen hex digits, for they are plain text."""
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


class Temporal:
    """One lazily connected client. Every call ends within a few seconds or raises ServerUnavailable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    async def client(self) -> Client:
        """The client; made at the first use, connected by its first call."""
        async with self._connecting:
            if self._client is None:
                config = connection(self._settings)
                self._client = await Client.connect(**config, data_converter=pydantic_data_converter, lazy=True)
            return self._client

    def link(self, composition_id: str) -> str:
        """Address of a song's workflow in the Temporal UI."""
        return f"{self._workflows}/{quote(workflow_id(composition_id), safe='')}"

    @cached_property
    def _workflows(self) -> str:
        # Asking for the namespace reads files, and lists have a link for each song.
        namespace = quote(str(connection(self._settings)["namespace"]), safe="")
        return f"{self._settings.temporal_ui_url.rstrip('/')}/namespaces/{namespace}/workflows"

    async def start(self, song: SongInput) -> None:
        """Start a song's workflow; a second start of the same song, open or closed, changes nothing."""
        client = await self.client()
        try:
            async with _bounded("start the song"):
                await client.start_workflow(
                    WORKFLOW, song, id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE, **_starting(song)
                )
        except WorkflowAlreadyStartedError:
            return

    async def reopen(self, song: SongInput, kind: CommandKind, body: Mapping[str, Any]) -> CommandResult | None:
        """Start a song out of the archive anew and send it a command, as one; an open workflow gets the command only.

        Answers and raises like `send`.
        """
        client = await self.client()
        again = {"id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE, **_starting(song)}
        return await _answered(
            client.execute_update_with_start_workflow(
                kind.value,
                dict(body),
                start_workflow_operation=WithStartWorkflowOperation(WORKFLOW, song, **again),
                result_type=CommandResult,
            ),
            lambda: client.start_workflow(
                WORKFLOW, song, start_signal=kind.value, start_signal_args=[dict(body)], **again
            ),
        )

    async def hand_over(self, call: CallbackCall) -> None:
        """Have a provider's call read by a worker; the same call again changes nothing."""
        client = await self.client()
        digest = hashlib.sha256(f"{call.provider}\n{call.token}\n{call.body}".encode()).hexdigest()
        try:
            async with _bounded("keep the callback"):
                await client.start_workflow(
                    CALLBACK_WORKFLOW,
                    call,
                    id=f"callback-{call.provider}-{digest[:32]}",
                    task_queue=QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    static_summary=f"callback of {call.provider}",
                )
        except WorkflowAlreadyStartedError:
            return

    async def deliver(self, delivery_id: str) -> None:
        """Start the workflow of a webhook's delivery anew; one that is there has nothing more to do and ends."""
        client = await self.client()
        async with _bounded("send the webhook"):
            await client.start_workflow(
                WEBHOOK_WORKFLOW,
                DeliveryJob(delivery_id=delivery_id),
                id=delivery_workflow_id(delivery_id),
                task_queue=WEBHOOK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            )

    async def interpret(self, asked: Interpreting) -> Interpreted:
        """Have free words read. ServerUnavailable when nobody has read them in time; asked again, they are not paid
        for twice.
        """
        client = await self.client()
        digest = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()[:32]
        async with _bounded("have the instruction read", READING_S):
            answer: Interpreted = await client.execute_workflow(
                INTERPRET_WORKFLOW,
                asked,
                id=f"words-{asked.composition_id}-{digest}",
                task_queue=QUEUE,
                result_type=Interpreted,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=cut(f"what an instruction means: {asked.title}", STATIC_SUMMARY_BYTES),
            )
        return answer

    async def enhance(self, asked: Enhancing) -> Enhanced:
        """Have a prompt understood without a song. ServerUnavailable when nobody has done so in time."""
        client = await self.client()
        digest = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()[:32]
        async with _bounded("have the prompt read", READING_S):
            answer: Enhanced = await client.execute_workflow(
                ENHANCE_WORKFLOW,
                asked,
                id=f"prompt-{digest}",
                task_queue=QUEUE,
                result_type=Enhanced,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="what a prompt would become",
            )
        return answer

    async def look_after_archive(self, asked: RetentionRun) -> Removed:
        """Have the files of songs archived long ago removed, or counted; a run under way is waited for."""
        client = await self.client()
        async with _bounded("look after the archive", ARCHIVE_S):
            removed: Removed = await client.execute_workflow(
                RETENTION_WORKFLOW,
                asked,
                id=f"{RETENTION_ID}-{'count' if asked.dry else 'by-hand'}",
                task_queue=QUEUE,
                result_type=Removed,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        return removed

    async def send(self, composition_id: str, kind: CommandKind, body: Mapping[str, Any]) -> CommandResult | None:
        """Send a command as update; its result, or None where only a signal could be left behind.

        The signal carries the same command id, so that the song applies the command once whatever became of the
        update. Raises Refused with the song's own answer, NotFound where no open workflow is, ServerUnavailable.
        """
        handle = (await self.client()).get_workflow_handle(workflow_id(composition_id))
        return await _answered(
            handle.execute_update(kind.value, dict(body), result_type=CommandResult),
            lambda: handle.signal(kind.value, dict(body)),
        )

    async def request_end(self, composition_id: str) -> None:
        """Ask Temporal to cancel a song's workflow; asked again, nothing is added to its history. NotFound where no
        open workflow is.
        """
        handle = (await self.client()).get_workflow_handle(workflow_id(composition_id))
        async with _bounded("end the song"):
            await handle.cancel()

    async def erase(self, asked: Erasing) -> None:
        """Begin an erasure; one that is under way already is asked for once."""
        client = await self.client()
        async with _bounded("begin the erasure"):
            await client.start_workflow(
                ERASURE_WORKFLOW,
                asked,
                id=erasure_id(asked),
                task_queue=QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="erases for ever",
            )

    async def erasure(self, asked: Erasing) -> WorkflowExecutionStatus | None:
        """How the newest such erasure stands; None where Temporal knows of none."""
        handle = (await self.client()).get_workflow_handle(erasure_id(asked))
        try:
            async with _bounded("ask for the erasure"):
                return (await handle.describe()).status
        except NotFound:
            return None

    async def snapshot(self, composition_id: str) -> Snapshot | None:
        """What the song's workflow itself says; None where Temporal has forgotten it."""
        handle = (await self.client()).get_workflow_handle(workflow_id(composition_id))
        try:
            async with _bounded("ask the song"):
                snapshot: Snapshot = await handle.query("snapshot", result_type=Snapshot)
                return snapshot
        except NotFound:
            return None
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
            raise ServerUnavailable(f"the song's workflow gave no answer: {error}") from error

    async def check_health(self) -> None:
        """Raise ServerUnavailable unless Temporal's frontend serves."""
        client = await self.client()
        async with _bounded("reach Temporal"):
            await client.service_client.check_health(timeout=timedelta(seconds=CALL_TIMEOUT_S))

    async def pollers(self, queue: str, kind: "TaskQueueType.ValueType") -> int:
        """How many pollers have asked for work on a task queue lately."""
        client = await self.client()
        request = DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
        )
        async with _bounded("ask for pollers"):
            answer = await client.workflow_service.describe_task_queue(request)
        oldest = datetime.now(UTC) - POLLER_SEEN_WITHIN
        return sum(p.last_access_time.ToDatetime(tzinfo=UTC) >= oldest for p in answer.pollers)


def connection(settings: Settings) -> dict[str, Any]:
    """Arguments of Client.connect: Temporal's own environment and profiles, unless the settings say otherwise."""
    config: dict[str, Any] = dict(ClientConfig.load_client_connect_config())
    for name, key in (("temporal_address", "target_host"), ("temporal_namespace", "namespace")):
        if name in settings.model_fields_set or key not in config:
            config[key] = getattr(settings, name)
    return config


def _starting(song: SongInput) -> dict[str, Any]:
    """How a song's workflow is started, for the first time or again."""
    state = song.state
    attributes = [
        SearchAttributePair(SONG_STAGE, (state.stage if state else Stage.IDEATION).value),
        SearchAttributePair(SONG_STATUS, (state.status if state else SongStatus.RUNNING).value),
        SearchAttributePair(SONG_OWNER, hashed_owner(song.owner)),
    ]
    return {
        "id": workflow_id(song.composition_id),
        "task_queue": QUEUE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "search_attributes": TypedSearchAttributes(attributes),
        "static_summary": cut(song.title, STATIC_SUMMARY_BYTES),
        "priority": Priority(fairness_key=cut(song.owner, FAIRNESS_KEY_BYTES)),
    }


async def _answered(
    update: Awaitable[CommandResult], leave_behind: Callable[[], Awaitable[object]]
) -> CommandResult | None:
    """What the song says to an update; None where it did not answer and a signal was left behind instead."""
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            return await update
    except WorkflowUpdateFailedError as error:
        raise _refusal(error) from error
    except (TimeoutError, RPCTimeoutOrCancelledError):
        pass
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound("the song's workflow is not open") from None
        if error.status not in _OUTCOME_UNKNOWN:
            raise ServerUnavailable(f"Temporal refused the command: {error.message}") from error
    except RuntimeError as error:
        raise _away("send the command", error) from error
    async with _bounded("send the command"):
        await leave_behind()
    return None


@asynccontextmanager
async def _bounded(what: str, within_s: float = CALL_TIMEOUT_S) -> AsyncIterator[None]:
    """A call that ends in time; Temporal's errors become ours, a missing workflow becomes NotFound."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise ServerUnavailable(
            f"could not {what}: Temporal, or the worker behind it, did not answer within {within_s:.0f} s"
        ) from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFound("the song's workflow is not open") from error
        raise ServerUnavailable(f"could not {what}: Temporal said {error.message!r}") from error
    except RuntimeError as error:
        raise _away(what, error) from error


def _away(what: str, error: RuntimeError) -> ServerUnavailable:
    log.debug("temporal_away", reason=str(error)[:500])
    return ServerUnavailable(f"could not {what}: Temporal cannot be reached; try again when it is back")


def _refusal(error: WorkflowUpdateFailedError) -> Exception:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "CommandRejected" and cause.details:
        return Refused(CommandResult.model_validate(cause.details[0]))
    if isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow":
        return NotFound("the song's workflow ended before it answered")
    return ServerUnavailable(f"the song's workflow gave no answer: {cause}")


def cut(text: str, size: int) -> str:
    """`text` cut to at most `size` bytes of UTF-8, never inside a character."""
    return text.encode()[:size].decode(errors="ignore")
