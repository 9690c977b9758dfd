"""Live events: each stream reads the event table by sequence number; one watcher tells the streams when to look.

A stream never holds a subscription to a workflow. On SQLite the watcher polls every 200 ms, on PostgreSQL it
listens for the notifications that the projection sends, and polls the unnumbered progress lines beside them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import structlog
from fastapi.sse import ServerSentEvent

from api.metrics import Metrics
from api.models import EventView
from api.models import Progress as ProgressView
from domain.errors import DatabaseUnavailable
from domain.events import Event, EventType
from domain.projection import Progress
from storage.database import Database
from storage.events import events_after
from storage.progress import get_progress

CHANNEL = "sostenuto_events"
POLL_EVERY_S = 0.2
PAUSE_AFTER_TROUBLE_S = 1.0
RECONNECT_AFTER_MS = 1000
# Looked at again by every stream even if nobody told it to: a lost notification delays, it loses nothing.
LOOK_AGAIN_AFTER_S = 5.0
PAGE = 200

log = structlog.get_logger("sostenuto.live")


class Watch:
    """One stream's bell, the number it has come to, and the newest progress line of its song."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.at: datetime | None = None
        self.bell = asyncio.Event()
        self.progress: Progress | None = None

    def news(self) -> Progress | None:
        """The progress line, unless an event has overtaken it."""
        stale = self.at is not None and self.progress is not None and self.progress.time < self.at
        return None if stale else self.progress

    async def wait(self) -> None:
        """Until there may be something new."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_AFTER_S):
                await self.bell.wait()
        self.bell.clear()


class Live:
    """The watcher of this process and the streams that it wakes."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._watches: dict[str, set[Watch]] = {}
        self._progress: dict[str, Progress] = {}
        self._closing = False

    @contextmanager
    def watching(self, composition_id: str, after: int) -> Iterator[Watch]:
        """A watch on a song for as long as the block runs."""
        watch = Watch(after)
        watch.progress = self._progress.get(composition_id)
        self._watches.setdefault(composition_id, set()).add(watch)
        self._metrics.add("sostenuto_event_streams")
        try:
            yield watch
        finally:
            self._metrics.add("sostenuto_event_streams", -1)
            self._forget(composition_id, watch)

    def _forget(self, composition_id: str, watch: Watch) -> None:
        watches = self._watches.get(composition_id, set())
        watches.discard(watch)
        if not watches:
            self._watches.pop(composition_id, None)
            self._progress.pop(composition_id, None)

    def close(self) -> None:
        """End every stream now; clients connect again and resume where they were."""
        self._closing = True
        for composition_id in list(self._watches):
            self._ring(composition_id)

    def _ring(self, composition_id: str) -> None:
        for watch in self._watches.get(composition_id, ()):
            watch.bell.set()

    async def stream(self, composition_id: str, after: int) -> AsyncIterator[ServerSentEvent]:
        """Events after number `after`, without gap or repeat, with progress lines between them.

        Ends after song_cancelled, and early when the process shuts down or the database goes away: clients then
        connect again and resume.
        """
        yield ServerSentEvent(comment=f"events of {composition_id} after {after}", retry=RECONNECT_AFTER_MS)
        shown: Progress | None = None
        with self.watching(composition_id, after) as watch, suppress(DatabaseUnavailable):
            while not self._closing:
                events = await self._after(composition_id, watch.after)
                for event in events:
                    yield _message(composition_id, event)
                    self._metrics.add("sostenuto_events_sent_total")
                    watch.after, watch.at = event.seq, event.time
                    if event.type is EventType.SONG_CANCELLED:
                        return
                if events:
                    continue
                if (news := watch.news()) and news != shown:
                    shown = news
                    yield _progress(news)
                    continue
                await watch.wait()

    async def _after(self, composition_id: str, after: int) -> list[Event]:
        async with self._database.session() as session:
            return list(await events_after(session, composition_id, after, limit=PAGE))

    async def run(self) -> None:
        """For ever: watch the songs that somebody looks at."""
        listener = None if self._database.is_sqlite else asyncio.create_task(self._listen())
        try:
            while True:
                pause = POLL_EVERY_S
                try:
                    await self._poll()
                except Exception as error:
                    log.warning("live_poll_failed", reason=str(error)[:300])
                    pause = PAUSE_AFTER_TROUBLE_S
                await asyncio.sleep(pause)
        finally:
            if listener:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)

    async def _poll(self) -> None:
        watched = list(self._watches)
        if not watched:
            return
        async with self._database.session() as session:
            for composition_id in watched:
                if self._database.is_sqlite:
                    known = min((w.after for w in self._watches.get(composition_id, ())), default=0)
                    if await events_after(session, composition_id, known, limit=1):
                        self._ring(composition_id)
                self._notice_progress(composition_id, await get_progress(session, composition_id))

    def _notice_progress(self, composition_id: str, progress: Progress | None) -> None:
        if progress is None or self._progress.get(composition_id) == progress:
            return
        if composition_id in self._watches:
            self._progress[composition_id] = progress
        for watch in self._watches.get(composition_id, ()):
            watch.progress = progress
            watch.bell.set()

    async def _listen(self) -> None:
        """Keep one connection on PostgreSQL's channel; after a break wake everybody, for something may be new."""
        while True:
            try:
                await self._listen_once()
            except Exception as error:
                log.warning("live_listen_failed", reason=str(error)[:300])
            await asyncio.sleep(PAUSE_AFTER_TROUBLE_S)

    async def _listen_once(self) -> None:
        async with self._database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            lost = asyncio.Event()
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(CHANNEL, self._notified)
            try:
                for composition_id in list(self._watches):
                    self._ring(composition_id)
                await lost.wait()
            finally:
                if not driver.is_closed():
                    await driver.remove_listener(CHANNEL, self._notified)
                await connection.invalidate()

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._ring(str(payload))


def _message(composition_id: str, event: Event) -> ServerSentEvent:
    view = EventView(composition_id=composition_id, **event.model_dump())
    return ServerSentEvent(data=view, event=event.type.value, id=str(event.seq))


def _progress(progress: Progress) -> ServerSentEvent:
    """Without an id: progress is not resumed from, and may be lost."""
    return ServerSentEvent(data=ProgressView(**progress.model_dump(exclude={"composition_id"})), event="progress")
