"""Telling people's own programs what happened: one signed call for each try, and the start of what waits for its own.

A delivery's workflow says when; here is what it takes: the secrets, the guard against addresses inside, the log.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import structlog
from standardwebhooks import Webhook
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.runner import people_readable_errors
from activities.runtime import Runtime
from domain.errors import InvalidValue, SostenutoError
from domain.webhooks import (
    ATTEMPT_CALL,
    EXCERPT_CHARACTERS,
    GIVEN_UP_AFTER,
    GONE,
    TIMEOUT_S,
    WEBHOOK_QUEUE,
    WEBHOOK_WORKFLOW,
    Attempt,
    Attempted,
    DeliveryJob,
    DeliveryStatus,
    delivery_workflow_id,
    retry_after_s,
)
from storage import webhooks
from storage.outgoing import Outgoing, Unreachable
from storage.records import WebhookDelivery, WebhookEndpoint

LOOK_EVERY_S = 5.0
PURGE_EVERY = timedelta(hours=1)
# A character has at most four bytes.
EXCERPT_BYTES = 4 * EXCERPT_CHARACTERS

log = structlog.get_logger("sostenuto.webhooks")


@dataclass(frozen=True)
class Heard:
    """What a receiver said, or why nothing was heard."""

    status: int | None = None
    excerpt: str | None = None
    error: str | None = None
    wait_s: float = 0.0

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Webhooks:
    """The activity that makes one try."""

    def __init__(self, runtime: Runtime, outgoing: Outgoing | None = None) -> None:
        self._database = runtime.database
        self._outgoing = outgoing or Outgoing.of(runtime.settings)

    def activities(self) -> list[Callable[..., Any]]:
        """All of them, for the worker."""
        return [self.attempt_webhook]

    @activity.defn(name=ATTEMPT_CALL)
    async def attempt_webhook(self, attempt: Attempt) -> Attempted:
        """Send a delivery once, write down what came of it, and say whether it is over."""
        async with people_readable_errors():
            async with self._database.session() as session:
                found = await webhooks.load(session, attempt.delivery_id)
            if found is None:
                return Attempted(status=DeliveryStatus.DROPPED)
            delivery, endpoint = found
            if delivery.status != DeliveryStatus.PENDING:
                return Attempted(status=DeliveryStatus(delivery.status))
            if not endpoint.is_active:
                return await self._drop(delivery, endpoint)
            began = datetime.now(UTC)
            heard = await self._send(delivery, endpoint, began)
            return await self._conclude(attempt, endpoint, heard, began)

    async def _drop(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> Attempted:
        reason = endpoint.disabled_reason or "the endpoint was switched off"
        async with self._database.session() as session:
            await webhooks.drop(session, delivery.id, reason)
        return Attempted(status=DeliveryStatus.DROPPED)

    async def _send(self, delivery: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime) -> Heard:
        headers = signed(delivery.id, delivery.payload, webhooks.secrets_of(endpoint, now), now)
        heard = Heard(error=f"no answer within {TIMEOUT_S:g} s")
        try:
            async with (
                asyncio.timeout(TIMEOUT_S),
                self._outgoing.call("POST", endpoint.url, headers=headers, content=delivery.payload.encode()) as answer,
            ):
                heard = _heard(answer, "", now)
                # The status is the answer; what follows it is for the log alone.
                heard = _heard(answer, await _beginning(answer), now)
        except (InvalidValue, Unreachable) as error:
            heard = heard if heard.status is not None else Heard(error=str(error))
        except TimeoutError:
            pass
        return heard

    async def _conclude(self, attempt: Attempt, endpoint: WebhookEndpoint, heard: Heard, began: datetime) -> Attempted:
        now = datetime.now(UTC)
        last = attempt.next_in_s is None or heard.status == GONE
        wait_s = max(attempt.next_in_s or 0.0, heard.wait_s)
        status = DeliveryStatus.DELIVERED if heard.ok else DeliveryStatus.FAILED if last else DeliveryStatus.PENDING
        pending = status is DeliveryStatus.PENDING
        row = {
            "time": began,
            "seconds": round((now - began).total_seconds(), 3),
            "response_status": heard.status,
            "response_excerpt": heard.excerpt,
            "error": heard.error,
        }
        async with self._database.session() as session:
            there = await webhooks.write_attempt(
                session,
                attempt.delivery_id,
                row,
                status=status,
                next_attempt_at=now + timedelta(seconds=wait_s) if pending else None,
            )
            if not there:
                return Attempted(status=DeliveryStatus.DROPPED)
            if status is DeliveryStatus.FAILED:
                reason = await _why_off(session, endpoint, heard, now)
                if reason:
                    await webhooks.switch_off(session, endpoint.id, reason, now)
        return Attempted(status=status, wait_s=wait_s)


class Dispatcher:
    """Starts the workflows of deliveries that wait for theirs: at once when told, every few seconds anyway.

    So a projection only writes rows, and a start that was lost with its process is made up for.
    """

    def __init__(self, runtime: Runtime, client: Client) -> None:
        self._database = runtime.database
        self._told = runtime.told
        self._client = client
        self._purge_at = datetime.now(UTC)

    async def run(self) -> None:
        """For ever."""
        while True:
            self._told.clear()
            try:
                begun = await self.dispatch()
                await self._purge()
            except (SostenutoError, RPCError) as error:
                # A store or Temporal is away: what waits is found again.
                begun = 0
                log.warning("webhooks_not_started", reason=str(error))
            except Exception as error:
                begun = 0
                log.error("webhooks_not_started", exc_info=error)
            if begun < webhooks.STARTED_AT_ONCE:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._told.wait()

    async def dispatch(self) -> int:
        """Start what waits; how many that were. Starting one that is under way changes nothing."""
        now = datetime.now(UTC)
        async with self._database.session() as session:
            waiting = await webhooks.unstarted(session, now)
        for delivery in waiting:
            await self._client.start_workflow(
                WEBHOOK_WORKFLOW,
                DeliveryJob(delivery_id=delivery),
                id=delivery_workflow_id(delivery),
                task_queue=WEBHOOK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
        if waiting:
            async with self._database.session() as session:
                await webhooks.mark_started(session, waiting, now)
        return len(waiting)

    async def _purge(self) -> None:
        now = datetime.now(UTC)
        if now >= self._purge_at:
            self._purge_at = now + PURGE_EVERY
            async with self._database.session() as session:
                await webhooks.purge(session, now)


def signed(id: str, body: str, secrets: list[str], now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks 1.0.0; every secret signs, separated by spaces."""
    return {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(id, now, body) for secret in secrets),
    }


def _heard(answer: httpx.Response, excerpt: str, now: datetime) -> Heard:
    status = answer.status_code
    return Heard(
        status=status,
        excerpt=excerpt,
        error=None if answer.is_success else f"the receiver answered {status}{_MEANING.get(status // 100, '')}",
        wait_s=retry_after_s(status, answer.headers, now),
    )


_MEANING: Mapping[int, str] = {3: ": redirects are not followed, name the address itself"}


async def _beginning(answer: httpx.Response) -> str:
    """The first characters of an answer; what breaks off or goes on for ever ends there."""
    found = bytearray()
    async for piece in answer.aiter_raw():
        found += piece
        if len(found) >= EXCERPT_BYTES:
            break
    return bytes(found[:EXCERPT_BYTES]).decode(errors="replace")[:EXCERPT_CHARACTERS]


async def _why_off(session: Any, endpoint: WebhookEndpoint, heard: Heard, now: datetime) -> str | None:
    """Why an endpoint whose delivery has failed for good is told nothing more; None while it is."""
    if heard.status == GONE:
        return "the receiver answered 410 Gone"
    since = await webhooks.only_failed_since(session, endpoint, now)
    if since is None:
        return None
    return f"every delivery has failed for {GIVEN_UP_AFTER.days} days, since {since:%Y-%m-%d %H:%M} UTC"
