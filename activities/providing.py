"""Calls of outside providers: route, order, wait. The ledger is written before anything is sent."""

import asyncio
import base64
import contextlib
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.job import canonical
from activities.orders import make_order
from activities.provider_desk import Desk
from activities.provider_facts import able_accounts, at_home, candidates_for, wishes_for
from activities.runner import HEARTBEAT_EVERY_S, discreet, people_readable_errors
from activities.runtime import Runtime
from domain.context import SongContext
from domain.errors import DatabaseUnavailable, MediaStoreUnavailable
from domain.providers import RETRIED, SOUND_TASKS, Breaker, ErrorKind, Needs
from domain.providing import (
    AWAIT_CALL,
    CALLBACK,
    ORDER_CALL,
    ROUTE,
    Answered,
    Asking,
    CallbackCall,
    CallbackOutcome,
    MadeMedia,
    OrderStatus,
    Placing,
    ProviderResult,
    Routed,
    Waiting,
)
from providers.contract import Job, MadeFile, Product
from providers.download import download, kind_of
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order, TextOrder
from storage import ledger
from storage.charges import Begun, Charge
from storage.provider_health import Operation, call_failed, call_succeeded, claim
from storage.records import ProviderTask, TaskStatus

TRIES = 3
LONGEST_PAUSE_S = 30.0
JOB_TIME_S = 45 * 60.0
FAILED_LOOKS = 8
LAST_WORDS_S = 20.0
MEDIA_BYTES = 512 << 20
DOWNLOAD_PAUSES_S = (0.5, 2.0, 8.0)
LEDGER_PAUSES_S = (0.5, 2.0, 8.0, 30.0)

log = structlog.get_logger()
Value = TypeVar("Value")


class Providing:
    """Activities that call providers, for the queues of one worker."""

    def __init__(self, runtime: Runtime, desk: Desk) -> None:
        self._runtime, self._desk = runtime, desk
        self._store, self._database = runtime.store, runtime.database

    def routing(self) -> list[Callable[..., Any]]:
        """What runs beside the books."""
        return [self.route, self.callback]

    def calling(self) -> list[Callable[..., Any]]:
        """What runs on the queue of each provider."""
        return [self.order, self.wait]

    @activity.defn(name=ROUTE)
    async def route(self, asking: Asking) -> Routed:
        """Write the order down, and gather what the router decides on."""
        async with people_readable_errors():
            context = SongContext.model_validate_json(await self._store.aget(asking.context))
            order: Order | None = None
            needs = Needs(task=asking.task)
            outside = asking.task in SOUND_TASKS or able_accounts(self._desk, asking)
            if outside and not at_home(self._desk, asking):
                documents = {name: await self._store.aget(ref) for name, ref in asking.inputs.items()}
                order, needs = await asyncio.to_thread(make_order, asking, context, documents)
            sounding = await self._with_sound(order) if order is not None else None
            async with self._database.session() as session:
                candidates = await candidates_for(session, self._desk, asking, sounding)
                wishes = await wishes_for(session, self._desk, asking)
            routed = Routed(needs=needs, wishes=wishes, candidates=candidates)
            if order is None:
                return routed
            key = hashlib.sha256(canonical([asking.task, asking.take, order])).hexdigest()
            return routed.model_copy(update={"order": await self._store.aput(canonical(order)), "key": key})

    @activity.defn(name=ORDER_CALL)
    async def order(self, placing: Placing) -> Answered:
        """Place an order, unless it was placed before: then say what became of it."""
        async with people_readable_errors(), _beating():
            adapter = self._desk.adapter(placing.provider)
            order = await self._ordered(placing)
            token = secrets.token_urlsafe(24)
            try:
                operation = adapter.operation(order)
            except ProviderError as error:
                return _answered(error)
            asking = placing.asking
            charge = Charge(
                composition_id=asking.composition_id,
                owner=asking.owner,
                stage=asking.stage,
                step_key=_key(placing),
                provider=placing.provider,
                task=asking.task,
                account=self._desk.accounts[placing.provider].name,
                operation=operation,
                take=asking.take,
                resubmission=asking.resubmission,
                quote_usd=placing.quote_usd,
                request={"order": placing.order},
                budgets=self._desk.budgets(asking.budget_usd),
                callback_token=token,
            )
            begun = await self._in_ledger(lambda session: ledger.begin(session, charge))
            if begun.state != "go":
                return await self._found(begun)
            if activity.info().attempt == 1 and not asking.resubmission:
                closed = await self._surely(lambda session: claim(session, _where(charge)))
                if closed.open_for_s > 0:
                    return await self._left_alone(begun, closed)
            return await self._submitted(placing, order, begun, charge, token)

    @activity.defn(name=AWAIT_CALL)
    async def wait(self, waiting: Waiting) -> Answered:
        """Look at an accepted order until it is done; a callback makes the next look come at once."""
        async with people_readable_errors(), _beating():
            row = await self._row(waiting.task_id)
            deadline = time.monotonic() + JOB_TIME_S
            failures = 0
            while row.status is TaskStatus.RUNNING and row.job is not None:
                try:
                    found = await self._desk.adapter(row.provider).poll(Job.model_validate(row.job))
                    failures = 0
                    if isinstance(found, Product):
                        return await self._made(row, found)
                except ProviderError as error:
                    failures += 1
                    if error.final or error.kind not in RETRIED or failures >= FAILED_LOOKS:
                        return await self._lost(row, error)
                if time.monotonic() > deadline:
                    return await self._lost(
                        row, ProviderError(ErrorKind.TIMEOUT, f"not done after {JOB_TIME_S / 60:.0f} minutes")
                    )
                row = await self._next_look(row, failures)
            return self._of_row(row)

    @activity.defn(name=CALLBACK)
    async def callback(self, call: CallbackCall) -> CallbackOutcome:
        """Read a provider's call; whatever is in it, it makes us look at the provider itself and no more."""
        async with people_readable_errors():
            if call.provider not in self._desk.adapters:
                return CallbackOutcome(state="refused", reason=f"the provider {call.provider} is not set up")
            adapter = self._desk.adapters[call.provider]
            try:
                read = adapter.read_callback(call.headers, base64.b64decode(call.body), now=time.time())
            except ProviderError as error:
                log.warning("callback refused", provider=call.provider, reason=error.message[:200])
                return CallbackOutcome(state="refused", reason=error.message[:200])
            found = await self._in_ledger(
                lambda session: ledger.notice(
                    session, call.provider, token=call.token, job_id=read.job_id, delivery_id=read.delivery_id
                )
            )
            return CallbackOutcome(state=found.state, proven=read.proven)

    # --- what was placed before ----------------------------------------------------------------------

    async def _left_alone(self, begun: Begun, closed: Breaker) -> Answered:
        """Nothing is sent to a provider that is in a pause: somebody else found out before us."""
        reason = f"left alone for {closed.open_for_s:.0f} s more: {closed.reason}"
        await self._surely(lambda session: ledger.refused(session, begun.id, ErrorKind.OVERLOADED, reason))
        return Answered(status=OrderStatus.FAILED, kind=ErrorKind.OVERLOADED, reason=reason)

    async def _found(self, begun: Begun) -> Answered:
        """What the ledger knows of an order that is not to be placed now."""
        if begun.state == "unknown":
            return await self._after_callback(begun.id, begun.reason)
        if begun.state != "over_budget":
            return self._of_row(await self._row(begun.id))
        reason = f"the budget of the {begun.which} has {begun.left} US dollars left, which is less than it would cost"
        return Answered(status=OrderStatus.FAILED, kind=ErrorKind.INSUFFICIENT_CREDITS, reason=reason)

    async def _after_callback(self, task_id: str, reason: str) -> Answered:
        """An order whose answer was lost: only a callback can tell of it, so it is waited for where one can come."""
        until = time.monotonic() + (
            self._desk.settings.provider_callback_window_s if self._desk.settings.public_url else 0
        )
        while time.monotonic() < until:
            row = await self._row(task_id)
            if row.status is TaskStatus.RUNNING:
                return Answered(status=OrderStatus.WAITING, task_id=task_id)
            if row.status is TaskStatus.SUCCEEDED:
                return self._of_row(row)
            await asyncio.sleep(1.0)
        return Answered(status=OrderStatus.UNKNOWN, task_id=task_id, kind=ErrorKind.OUTCOME_UNKNOWN, reason=reason)

    def _of_row(self, row: ProviderTask) -> Answered:
        """What a row of the ledger says of its order.

        Who came to an end since this call was scheduled did it in an attempt whose worker died before it could tell.
        """
        untold = row.completed_at is not None and row.completed_at >= activity.info().scheduled_time
        kind = ErrorKind(row.error_kind) if row.error_kind else None
        status = {
            TaskStatus.SUCCEEDED: OrderStatus.DONE,
            TaskStatus.RUNNING: OrderStatus.WAITING,
            TaskStatus.OUTCOME_UNKNOWN: OrderStatus.UNKNOWN,
        }.get(row.status, OrderStatus.FAILED)
        return Answered(
            status=status, task_id=row.id, result=row.result, kind=kind, reason=row.error or "", reused=not untold,
            cost_usd=row.cost or Decimal(0),
        )  # fmt: skip

    # --- placing -------------------------------------------------------------------------------------

    async def _ordered(self, placing: Placing) -> Order:
        document = await self._store.aget_json(placing.order)
        order: Order = (TextOrder if "json_schema" in document else MusicOrder).model_validate(document)
        order = await self._with_sound(order)
        if placing.suggestion and isinstance(order, MusicOrder):
            return order.model_copy(update={"style": placing.suggestion})
        return order

    async def _with_sound(self, order: Order) -> Order:
        """The order with the sound that it refers to: adapters look at it, and send it."""
        if not isinstance(order, MusicOrder) or order.reference is None or not order.reference.ref:
            return order
        content = await self._store.aget(order.reference.ref)
        kind = kind_of(content) or order.reference.media_type
        named = {"content": content, "media_type": kind, "filename": f"song.{kind.rpartition('/')[2]}"}
        return order.model_copy(update={"reference": order.reference.model_copy(update=named)})

    async def _submitted(self, placing: Placing, order: Order, begun: Begun, charge: Charge, token: str) -> Answered:
        began = time.monotonic()
        adapter = self._desk.adapter(placing.provider)
        url = self._desk.callback_url(placing.provider, token)
        sending = asyncio.ensure_future(adapter.submit(order, callback_url=url))
        try:
            answer = await _to_its_end(sending)
        except ProviderError as error:
            return await self._not_taken(placing, begun, charge, error)
        except BaseException as error:
            # Cancelled, or broken inside the adapter: the order may be out, and nobody will hear of it here.
            reason = f"the call ended unexpectedly ({type(error).__name__})"
            await asyncio.shield(self._surely(lambda session: ledger.unknown(session, begun.id, reason)))
            raise
        if isinstance(answer, Job):
            job = answer.model_dump(mode="json")
            await self._surely(lambda session: ledger.accepted(session, begun.id, job))
            return Answered(status=OrderStatus.WAITING, task_id=begun.id)
        row = await self._surely(lambda session: ledger.find(session, begun.id))
        return await self._made(row, answer, seconds=time.monotonic() - began)

    async def _not_taken(self, placing: Placing, begun: Begun, charge: Charge, error: ProviderError) -> Answered:
        """A refusal: the same provider again where that can help, else the router decides anew."""
        log.warning("provider failed", provider=placing.provider, kind=error.kind, reason=error.message[:300])
        if error.kind is ErrorKind.OUTCOME_UNKNOWN:
            await self._surely(lambda session: ledger.unknown(session, begun.id, error.message))
            await self._tell_health(charge, error)
            return await self._after_callback(begun.id, error.message)
        if error.cost_usd is not None:
            # It was taken and paid for, and what came is of no use: a refusal or a cut of a language model.
            row = await self._surely(lambda session: ledger.find(session, begun.id))
            return await self._lost(row, error, cost=error.cost_usd)
        await self._surely(
            lambda session: ledger.refused(
                session, begun.id, error.kind, error.message, retry_after_s=error.retry_after_s
            )
        )
        pause = error.retry_after_s if error.retry_after_s is not None else float(2**begun.attempt)
        if error.kind in RETRIED and begun.attempt < TRIES and pause <= LONGEST_PAUSE_S:
            raise ApplicationError(
                discreet(error.message), type=error.kind.value, next_retry_delay=timedelta(seconds=pause)
            )
        # Only now is it left alone: one answer of 500 is no outage.
        await self._tell_health(charge, error)
        return _answered(error)

    # --- what came out -------------------------------------------------------------------------------

    async def _made(self, row: ProviderTask, product: Product, seconds: float | None = None) -> Answered:
        """Fetch and keep everything that was made, then settle."""
        try:
            files = [await self._kept(row.provider, file) for file in product.files]
            if not files and product.document is None:
                raise ProviderError(ErrorKind.UPSTREAM, "it said that it was done, and sent nothing")
        except ProviderError as error:
            return await self._lost(row, error, cost=product.cost_usd)
        cost = row.quoted if product.cost_usd is None else product.cost_usd
        job_id = row.provider_job_id or ""
        result = ProviderResult(
            provider=row.provider, task=row.task_type, model=product.model, job_id=job_id,
            request_id=product.request_id, files=tuple(files), document=product.document, cost_usd=cost or Decimal(0),
        )  # fmt: skip
        ref = await self._again(lambda: self._store.aput(canonical(result)))
        usage = product.usage
        tokens = usage.input_tokens + usage.output_tokens if usage else None
        lasted = seconds if seconds is not None else (time.time() - row.created_at.timestamp())
        await self._surely(
            lambda session: ledger.succeeded(
                session, row.id, result=ref, cost=cost, tokens=tokens, seconds=round(lasted, 3)
            )
        )
        with contextlib.suppress(DatabaseUnavailable):
            # An average more or less is no reason to give back a result.
            await self._in_ledger(
                lambda session: call_succeeded(session, _where(row), seconds=lasted, usd=cost or Decimal(0))
            )
        return Answered(
            status=OrderStatus.DONE, task_id=row.id, result=ref, cost_usd=cost or Decimal(0), model=product.model
        )

    async def _kept(self, provider: str, file: MadeFile) -> MadeMedia:
        content = file.content or await self._downloaded(provider, file.url)
        return MadeMedia(
            role=file.role,
            hash=await self._again(lambda: self._store.aput(content)),
            size=len(content), media_type=_sound(content),
            duration_s=file.duration_s, take_id=file.take_id, words=file.words,
        )  # fmt: skip

    async def _downloaded(self, provider: str, url: str) -> bytes:
        """A file that is paid for: what breaks off, or is another page, is fetched again."""
        trusted = self._desk.accounts[provider].base_url
        for pause_s in DOWNLOAD_PAUSES_S:
            try:
                content = await download(url, trusted=trusted, max_bytes=MEDIA_BYTES)
                _sound(content)
                return content
            except ProviderError as error:
                if error.final or error.kind not in RETRIED:
                    raise
            await asyncio.sleep(pause_s)
        return await download(url, trusted=trusted, max_bytes=MEDIA_BYTES)

    async def _lost(self, row: ProviderTask, error: ProviderError, cost: Decimal | None = None) -> Answered:
        """An accepted order that brought nothing; what it cost is settled, unless the vendor gave it back."""
        paid = Decimal(0) if error.refunded else cost
        await self._surely(lambda session: ledger.failed(session, row.id, error.kind, error.message, cost=paid))
        await self._in_ledger(
            lambda session: call_failed(session, _where(row), error.kind, retry_after_s=error.retry_after_s)
        )
        row = await self._row(row.id)
        return _answered(error).model_copy(update={"task_id": row.id, "cost_usd": row.cost or Decimal(0)})

    # --- small things --------------------------------------------------------------------------------

    async def _next_look(self, row: ProviderTask, failures: int) -> ProviderTask:
        """Wait for the time of the next look, or for a callback; the row as it is then."""
        pause = self._desk.settings.provider_poll_s * 2 ** min(failures, 4)
        until = time.monotonic() + pause
        seen = row.noticed_at
        while True:
            await asyncio.sleep(min(1.0, max(0.05, until - time.monotonic())))
            row = await self._row(row.id)
            if time.monotonic() >= until or row.noticed_at != seen or row.status is not TaskStatus.RUNNING:
                return row

    async def _tell_health(self, charge: Charge, error: ProviderError) -> None:
        await self._in_ledger(
            lambda session: call_failed(session, _where(charge), error.kind, retry_after_s=error.retry_after_s)
        )

    async def _row(self, task_id: str) -> ProviderTask:
        async with self._database.session() as session:
            return await ledger.find(session, task_id)

    async def _surely(self, work: Callable[[Any], Awaitable[Value]]) -> Value:
        """A transaction that says what came of an order: a database that is busy for once must not make it unknown."""
        return await self._again(lambda: self._in_ledger(work))

    async def _again(self, work: Callable[[], Awaitable[Value]]) -> Value:
        """What an order that is placed or paid for depends on, done again while a store is away for a moment."""
        for pause_s in LEDGER_PAUSES_S:
            try:
                return await work()
            except (DatabaseUnavailable, MediaStoreUnavailable) as error:
                log.warning("a store is away", reason=error.message)
            await asyncio.sleep(pause_s)
        return await work()

    async def _in_ledger(self, work: Callable[[Any], Awaitable[Value]]) -> Value:
        """One short transaction."""
        async with self._database.session() as session:
            value = await work(session)
            await session.commit()
            return value


async def _to_its_end(sending: "asyncio.Future[Value]") -> Value:
    """The outcome of a call that is out. A song that is changed meanwhile lets it end: it may have been paid for."""
    try:
        return await asyncio.shield(sending)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(asyncio.shield(sending), LAST_WORDS_S)
        if not sending.done():
            sending.cancel()
            raise
        return sending.result()


def _sound(content: bytes) -> str:
    """The media type of what a provider sent; ProviderError for what is no sound."""
    kind = kind_of(content)
    if not kind:
        begin = content[:40].decode("utf-8", "replace")
        raise ProviderError(ErrorKind.UPSTREAM, f"a file is no audio: it begins with {begin!r}")
    return kind


def _where(call: ProviderTask | Charge) -> Operation:
    return Operation(call.provider, call.account, call.operation)


def _key(placing: Placing) -> str:
    """What is charged once; another wording is another order."""
    if not placing.suggestion:
        return placing.key
    return hashlib.sha256(canonical([placing.key, placing.suggestion])).hexdigest()


def _answered(error: ProviderError) -> Answered:
    return Answered(
        status=OrderStatus.FAILED, kind=error.kind, reason=discreet(error.message)[:300], suggestion=error.suggestion
    )


@contextlib.asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """A heartbeat a second, so that a killed worker is noticed and a cancellation heard."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_EVERY_S)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
