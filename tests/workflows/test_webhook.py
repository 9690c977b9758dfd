"""Deliveries by the real workflow: the server skips the time between two tries, everything else is as it is."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from standardwebhooks import Webhook, WebhookVerificationError
from temporalio.api.common.v1 import Payloads, TimeSkippingConfig, WorkflowType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import StartWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Replayer

from activities.runtime import Runtime
from activities.webhooks import Dispatcher, Webhooks
from domain.errors import DatabaseUnavailable
from domain.webhooks import (
    JITTER,
    WAITS_S,
    WEBHOOK_QUEUE,
    WEBHOOK_WORKFLOW,
    Attempt,
    DeliveryJob,
    DeliveryStatus,
    delivery_workflow_id,
    ping_message,
)
from storage import webhooks
from storage.config import load_settings
from storage.records import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from tests.fixtures.receiver import Received, Receiver, Says, receiving
from tests.fixtures.temporal import running_temporal
from worker import sandbox, webhook_worker
from workflows.webhook import WebhookDeliveryWorkflow

DAY_S = 86_400.0


@dataclass
class Post:
    """A worker for webhooks, a receiver, and an endpoint that leads there."""

    client: Client
    runtime: Runtime
    receiver: Receiver
    endpoint: WebhookEndpoint

    async def write(self) -> str:
        """A new delivery that waits for its workflow; its id."""
        async with self.runtime.database.session() as session:
            delivery = await webhooks.queue_ping(session, self.endpoint, uuid.uuid4().hex, datetime.now(UTC))
        return delivery.id

    async def begin(self, delivery: str) -> WorkflowHandle[Any, DeliveryStatus]:
        """Start its workflow, whose waits the server skips."""
        job = await self.client.data_converter.encode([DeliveryJob(delivery_id=delivery)])
        await self.client.workflow_service.start_workflow_execution(
            StartWorkflowExecutionRequest(
                namespace=self.client.namespace,
                workflow_id=delivery_workflow_id(delivery),
                workflow_type=WorkflowType(name=WEBHOOK_WORKFLOW),
                task_queue=TaskQueue(name=WEBHOOK_QUEUE),
                input=Payloads(payloads=job),
                request_id=uuid.uuid4().hex,
                time_skipping_config=TimeSkippingConfig(enabled=True),
            )
        )
        return self.client.get_workflow_handle(delivery_workflow_id(delivery), result_type=DeliveryStatus)

    async def deliver(self) -> tuple[WorkflowHandle[Any, DeliveryStatus], WebhookDelivery]:
        """Deliver something; the workflow, and the row afterwards."""
        handle = await self.begin(await self.write())
        await asyncio.wait_for(handle.result(), 60)
        return handle, await self.row(handle.id.removeprefix("webhook-"))

    async def row(self, delivery: str) -> WebhookDelivery:
        async with self.runtime.database.session() as session:
            return await webhooks.get_delivery(session, self.endpoint.id, delivery)

    async def log(self, delivery: str) -> list[WebhookAttempt]:
        async with self.runtime.database.session() as session:
            return await webhooks.attempts(session, delivery)

    async def now(self) -> WebhookEndpoint:
        """The endpoint as it is now."""
        async with self.runtime.database.session() as session:
            return await webhooks.get_endpoint(session, self.endpoint.owner, self.endpoint.id)

    def verified(self, received: Received, secret: str | None = None) -> Any:
        """The message, its signature checked as a receiver does it."""
        return Webhook(secret or self.endpoint.secret).verify(received.body, dict(received.headers))


@pytest.fixture(scope="module")
def apart() -> Iterator[str]:
    """A Temporal of its own: the studio's worker listens on the same queue, and has another database."""
    with running_temporal() as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def office(apart: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Client, Runtime]]:
    settings = load_settings(
        data_dir=tmp_path_factory.mktemp("webhooks"),
        outgoing_allowed=["127.0.0.1"],
    )
    runtime = Runtime.open(settings)
    await runtime.database.migrate()
    client = await Client.connect(apart, data_converter=pydantic_data_converter)
    async with webhook_worker(client, Webhooks(runtime)):
        yield client, runtime
    await runtime.close()


@pytest_asyncio.fixture(loop_scope="session")
async def post(office: tuple[Client, Runtime]) -> AsyncIterator[Post]:
    client, runtime = office
    async with receiving() as receiver:
        endpoint = WebhookEndpoint(
            id=uuid.uuid4().hex,
            owner="somebody",
            url=receiver.url,
            secret=webhooks.new_secret(),
            created_at=datetime.now(UTC),
        )
        async with runtime.database.session() as session:
            session.add(endpoint)
        yield Post(client, runtime, receiver, endpoint)
        async with runtime.database.session() as session:
            await webhooks.delete_endpoint(session, endpoint.owner, endpoint.id)


async def skipped_s(handle: WorkflowHandle[Any, Any]) -> list[float]:
    """Seconds of the workflow's own clock at which it scheduled its tries, from its start on."""
    events = (await handle.fetch_history()).events
    times = [e.event_time.ToDatetime() for e in events if e.HasField("activity_task_scheduled_event_attributes")]
    return [(time - events[0].event_time.ToDatetime()).total_seconds() for time in times]


async def test_a_receiver_that_is_down_for_a_day_gets_its_event_once_and_signed(post: Post) -> None:
    """Tries 1 to 7 are made within the first 19 h, try 8 after 33 h."""
    accepted: list[Received] = []

    def answer(request: Received) -> Says:
        if len(post.receiver.received) <= 7:
            return Says(503)
        accepted.append(request)
        return Says(200, body=b"thank you")

    post.receiver.answer = answer
    handle, row = await post.deliver()
    times = await skipped_s(handle)
    assert times[6] < DAY_S < times[7]
    assert (row.status, row.attempts, row.response_status) == ("delivered", 8, 200)
    assert len(accepted) == 1
    assert post.verified(accepted[0])["type"] == "ping"
    assert {request.headers["webhook-id"] for request in post.receiver.received} == {row.id}
    log = await post.log(row.id)
    assert [entry.response_status for entry in log] == [503] * 7 + [200]
    assert log[-1].response_excerpt == "thank you"


async def test_the_schedule_is_followed_to_its_end(post: Post) -> None:
    post.receiver.answer = lambda _: Says(500)
    handle, row = await post.deliver()
    times = await skipped_s(handle)
    assert sum(WAITS_S) == 75 * 3600 + 35 * 60 + 5
    assert len(times) == len(WAITS_S) == len(post.receiver.received)
    for before, after, wait in zip(times, times[1:], WAITS_S[1:], strict=False):
        assert wait <= after - before <= wait * (1 + JITTER) + 5
    assert (row.status, row.attempts, row.next_attempt_at) == ("failed", 10, None)
    assert row.error == "the receiver answered 500"
    assert (await post.now()).is_active
    history = await handle.fetch_history()
    await Replayer(
        workflows=[WebhookDeliveryWorkflow], data_converter=pydantic_data_converter, workflow_runner=sandbox()
    ).replay_workflow(history)
    assert post.endpoint.secret not in str(history.events)
    assert post.receiver.url not in str(history.events)


async def test_one_that_has_failed_for_five_days_is_switched_off(post: Post) -> None:
    post.receiver.answer = lambda _: Says(500)
    old = datetime.now(UTC) - timedelta(days=5, hours=1)
    async with post.runtime.database.session() as session:
        endpoint = await webhooks.get_endpoint(session, post.endpoint.owner, post.endpoint.id)
        endpoint.created_at = old - timedelta(days=1)
        session.add(endpoint)
    earlier = await post.write()
    attempt = {"time": old, "seconds": 0.1, "response_status": 500, "response_excerpt": "", "error": "no"}
    async with post.runtime.database.session() as session:
        await webhooks.write_attempt(session, earlier, attempt, status=DeliveryStatus.FAILED, next_attempt_at=None)
    last = Attempt(delivery_id=await post.write(), next_in_s=None)
    tried = await ActivityEnvironment().run(Webhooks(post.runtime).attempt_webhook, last)
    assert tried.status is DeliveryStatus.FAILED
    endpoint = await post.now()
    assert not endpoint.is_active
    assert endpoint.disabled_reason is not None
    assert endpoint.disabled_reason.startswith("every delivery has failed for 5 days, since ")
    _, later = await post.deliver()
    assert (later.status, later.attempts, later.error) == ("dropped", 0, endpoint.disabled_reason)


async def test_a_receiver_that_is_gone_is_told_nothing_more(post: Post) -> None:
    post.receiver.answer = lambda _: Says(410)
    _, row = await post.deliver()
    assert (row.status, row.attempts) == ("failed", 1)
    endpoint = await post.now()
    assert (endpoint.is_active, endpoint.disabled_reason) == (False, "the receiver answered 410 Gone")


async def test_redirects_are_not_followed(post: Post) -> None:
    places = iter([Says(307, {"Location": "http://169.254.169.254/latest/meta-data"}), Says(204)])
    post.receiver.answer = lambda _: next(places)
    _, row = await post.deliver()
    first, second = await post.log(row.id)
    assert first.response_status == 307
    assert first.error == "the receiver answered 307: redirects are not followed, name the address itself"
    assert (second.response_status, len(post.receiver.received)) == (204, 2)


async def test_what_the_receiver_says_is_kept_in_its_beginning_only(post: Post) -> None:
    post.receiver.answer = lambda _: Says(200, endless=True)
    _, row = await post.deliver()
    (attempt,) = await post.log(row.id)
    assert row.status == "delivered"
    assert attempt.response_excerpt == "x" * 2048
    assert post.receiver.sent < 20_000_000


async def test_a_receiver_may_ask_to_wait_longer(post: Post) -> None:
    answers = iter([Says(429, {"Retry-After": "1000"}), Says(503, {"Retry-After": "999999"}), Says(204)])
    post.receiver.answer = lambda _: next(answers)
    handle, row = await post.deliver()
    first, second, third = await skipped_s(handle)
    assert 1000 <= second - first < 1030
    assert 21_600 <= third - second < 21_630
    assert row.status == "delivered"


async def test_a_slow_receiver_is_a_failure(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.webhooks.TIMEOUT_S", 0.3)
    answers = iter([Says(silence_s=5), Says(204)])
    post.receiver.answer = lambda _: next(answers)
    _, row = await post.deliver()
    first, _ = await post.log(row.id)
    assert (first.response_status, first.error) == (None, "no answer within 0.3 s")
    assert row.status == "delivered"


async def test_nobody_listening_is_a_failure_with_a_reason(post: Post) -> None:
    async with receiving() as gone:
        url = gone.url
    async with post.runtime.database.session() as session:
        await webhooks.change_endpoint(session, "somebody", post.endpoint.id, {"url": url}, datetime.now(UTC))
    delivery = await post.write()
    handle = await post.begin(delivery)
    for _ in range(500):
        if await post.log(delivery):
            break
        await asyncio.sleep(0.02)
    async with post.runtime.database.session() as session:
        changes = {"url": post.receiver.url}
        await webhooks.change_endpoint(session, "somebody", post.endpoint.id, changes, datetime.now(UTC))
    assert await asyncio.wait_for(handle.result(), 30) is DeliveryStatus.DELIVERED
    log = await post.log(delivery)
    assert log[0].error is not None
    assert log[0].error.startswith("the call broke off")


async def test_both_secrets_sign_after_a_rotation_and_the_old_one_for_a_day_only(post: Post) -> None:
    now = datetime.now(UTC)
    async with post.runtime.database.session() as session:
        rotated = await webhooks.rotate_secret(session, "somebody", post.endpoint.id, now)
    await post.deliver()
    received = post.receiver.received[-1]
    assert len(received.headers["webhook-signature"].split(" ")) == 2
    assert post.verified(received, rotated.secret) == post.verified(received, post.endpoint.secret)
    assert webhooks.secrets_of(rotated, now + timedelta(hours=25)) == [rotated.secret]
    with pytest.raises(WebhookVerificationError):
        post.verified(received, webhooks.new_secret())


async def test_an_endpoint_that_is_deleted_ends_its_deliveries(post: Post) -> None:
    async with post.runtime.database.session() as session:
        other = WebhookEndpoint(
            id=uuid.uuid4().hex,
            owner="somebody",
            url=post.receiver.url,
            secret="whsec_AAAA",
            created_at=datetime.now(UTC),
        )
        session.add(other)
        await session.flush()
        delivery = await webhooks.queue_ping(session, other, uuid.uuid4().hex, datetime.now(UTC))
        await session.flush()
        await session.delete(other)
    handle = await post.begin(delivery.id)
    assert await asyncio.wait_for(handle.result(), 30) is DeliveryStatus.DROPPED
    assert not post.receiver.received


async def test_a_database_that_is_away_costs_no_try(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = await post.write()
    real, calls = post.runtime.database.session, iter(range(3))

    def away() -> Any:
        if next(calls, None) is not None:
            raise DatabaseUnavailable("the database is away")
        return real()

    monkeypatch.setattr(post.runtime.database, "session", away)
    handle = await post.begin(delivery)
    assert await asyncio.wait_for(handle.result(), 30) is DeliveryStatus.DELIVERED
    assert (await post.row(delivery)).attempts == 1
    assert (await skipped_s(handle))[-1] >= 180


async def test_a_replay_sends_the_same_message_again(post: Post) -> None:
    _, row = await post.deliver()
    async with post.runtime.database.session() as session:
        await webhooks.replay(session, post.endpoint, row.id, datetime.now(UTC))
    handle = await post.begin(row.id)
    assert await asyncio.wait_for(handle.result(), 30) is DeliveryStatus.DELIVERED
    first, second = post.receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == row.id
    assert first.body == second.body
    assert (await post.row(row.id)).attempts == 2


async def test_what_was_never_started_is_started_by_the_dispatcher(post: Post) -> None:
    delivery = await post.write()
    dispatcher = Dispatcher(post.runtime, post.client)
    assert await dispatcher.dispatch() == 1
    assert await dispatcher.dispatch() == 0
    handle = post.client.get_workflow_handle(delivery_workflow_id(delivery), result_type=DeliveryStatus)
    assert await asyncio.wait_for(handle.result(), 30) is DeliveryStatus.DELIVERED
    assert len(post.receiver.received) == 1
    assert json.loads(post.receiver.received[0].body)["data"] == json.loads(ping_message(datetime.now(UTC)))["data"]
