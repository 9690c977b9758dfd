"""Streams of events to clients: how many there may be, how long one may not read, how messages look on the wire."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Annotated

import structlog
from anyio import BrokenResourceError
from fastapi import Depends
from fastapi.sse import ServerSentEvent
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from api.audience import Listener
from api.callers import MaybeCaller
from api.live import Live, Message
from api.problems import ApiProblem
from api.publicity import told
from domain.stages import SongStatus
from storage.config import Settings
from storage.records import Composition

RECONNECT_AFTER_MS = 1000
RETRY_AFTER_S = 10
SEND_WITHIN_S = 30.0
"""Whoever does not take a message for so long is cut off: nothing is kept for them meanwhile."""

log = structlog.get_logger("sostenuto.live")


class Streams:
    """The open streams of this process, by who listens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: Counter[str] = Counter()

    def enter(self, who: str) -> None:
        """Count one stream more. ApiProblem 429 where `who` has as many as one may, 503 where all together have."""
        mine, most = self._open[who], self._settings.streams_per_caller
        if mine >= most:
            detail = f"you have {mine} open event streams, at most {most} are given to one caller: close some"
            raise ApiProblem(429, "too_many_requests", detail, {"Retry-After": str(RETRY_AFTER_S)})
        if self._open.total() >= self._settings.streams_in_all:
            detail = f"all {self._settings.streams_in_all} event streams of this server are taken: try again later"
            raise ApiProblem(503, "limit_reached", detail, {"Retry-After": str(RETRY_AFTER_S)})
        self._open[who] += 1

    def leave(self, who: str) -> None:
        """Count one stream less."""
        self._open[who] -= 1
        if not self._open[who]:
            del self._open[who]


async def stream_place(connection: HTTPConnection, caller: MaybeCaller) -> AsyncIterator[AsyncExitStack]:
    """A place for one stream as long as it lasts, and what is closed at its end; strangers are told apart by where
    they come from.
    """
    streams: Streams = connection.app.state.streams
    who = caller.owner if caller else f"from {connection.client.host if connection.client else 'nowhere'}"
    streams.enter(who)
    try:
        async with AsyncExitStack() as place:
            yield place
    finally:
        streams.leave(who)


StreamPlace = Annotated[AsyncExitStack, Depends(stream_place)]


async def server_sent(
    live: Live, listener: Listener, after: int, last: int | None, place: AsyncExitStack
) -> AsyncIterator[ServerSentEvent]:
    """The song's messages as server-sent events; progress has no id, for nobody resumes from it."""
    messages = live.follow(listener, after, last)
    # Left early, a generator would keep its place among the song's streams until it is collected.
    place.push_async_callback(messages.aclose)
    yield ServerSentEvent(comment=f"events of {listener.song} after {after}", retry=RECONNECT_AFTER_MS)
    async for message in messages:
        number = None if message.seq is None else str(message.seq)
        yield ServerSentEvent(raw_data=told(message, listener.role).data, event=message.type, id=number)


def last_of(song: Composition) -> int | None:
    """The number of the last event of a song that is cancelled; None of all others.

    What an order that was out when the song was cancelled has cost is told later, to whoever asks then.
    """
    return song.last_seq if song.status == SongStatus.CANCELLED else None


def as_json(message: Message) -> str:
    """A message as WebSockets carry it: what it is, and the data of the server-sent event."""
    kind = "progress" if message.seq is None else "event"
    return f'{{"type":"{kind}","data":{message.data}}}'


class Patience:
    """Cuts off a stream whose client does not read; the connection is broken off, not closed politely.

    A server that waits for such a client keeps its buffers and one task for as long as the client likes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.within_s = SEND_WITHIN_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and watch what is sent on a stream."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        streaming = scope["type"] == "websocket"

        async def patient(message: AsgiMessage) -> None:
            nonlocal streaming
            if message["type"] == "http.response.start":
                streaming = _is_event_stream(message)
            if not streaming:
                await send(message)
                return
            try:
                async with asyncio.timeout(self.within_s):
                    await send(message)
            except TimeoutError:
                log.info("slow_reader_cut_off", path=scope["path"][:200])
                hang_up: Callable[[Scope], None] | None = getattr(scope["app"].state, "hang_up", None)
                if hang_up is None:
                    raise OSError("the client does not read") from None
                # The server then says itself that the client is gone.
                hang_up(scope)

        try:
            await self.app(scope, receive, patient)
        except* BrokenResourceError:
            # FastAPI's sender of events meets a client that has gone while a message was on its way.
            if not streaming:
                raise
            log.debug("stream_client_gone", path=scope["path"][:200])


def _is_event_stream(message: AsgiMessage) -> bool:
    return any(n.lower() == b"content-type" and v.startswith(b"text/event-stream") for n, v in message["headers"])
