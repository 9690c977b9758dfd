"""Live events: one reader looks for all streams of a song at once, and each stream takes what it has not had yet.

A stream never holds a subscription to a workflow, nor a connection of the database. On SQLite the reader looks every
200 ms, on PostgreSQL when the projection notifies it; progress lines, which have no number, every 200 ms on both.
A stream that is further behind than what the reader keeps catches up by pages of its own, a few streams at a time.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

import structlog

from api.audience import Audience, Listener
from api.metrics import Metrics
from api.models import EventView
from api.models import Progress as ProgressView
from domain.errors import DatabaseUnavailable
from domain.events import Event, EventType
from domain.projection import Progress
from storage.database import Database
from storage.events import events_after, events_of, last_seq, newest_seq
from storage.progress import progress_of

CHANNEL = "sostenuto_events"
POLL_EVERY_S = 0.2
PAUSE_AFTER_TROUBLE_S = 1.0
# Every song is looked at again even if nobody told of it: a lost notification delays, it loses nothing.
LOOK_AGAIN_AFTER_S = 5.0
PAGE = 200
KEPT = 256
"""Events of a song that are kept for the streams which are nearly up to date."""
CATCHING_UP = 4
"""Pages that are read at the same time for streams which are behind: connections are left for commands."""

log = structlog.get_logger("sostenuto.live")


class Message(NamedTuple):
    """One message of a song, encoded once for all of its streams; `seq` is None for progress."""

    seq: int | None
    type: str
    time: datetime
    data: str


class Feed:
    """What one song has to tell: its newest events without gap, and its progress line."""

    def __init__(self, song: str) -> None:
        self.song = song
        self.head: int | None = None
        self.progress: Message | None = None
        self.bells: set[asyncio.Event] = set()
        self._line: Progress | None = None
        self._kept: list[Message] = []

    def begin(self, head: int) -> None:
        """Keep what comes after number `head`, if nothing is kept yet."""
        self.head = head if self.head is None else self.head

    def add(self, events: Sequence[Event]) -> None:
        """Take events that follow without gap; others are left for the next look."""
        for event in events:
            if self.head is not None and event.seq == self.head + 1:
                self._kept.append(_message(self.song, event))
                self.head = event.seq
                self.ring()
        if len(self._kept) > 2 * KEPT:
            del self._kept[:-KEPT]

    def since(self, after: int) -> list[Message] | None:
        """Kept events after number `after`, at most a page; None where the first of them is not kept."""
        if self.head is None or after < self.head - len(self._kept):
            return None
        first = max(0, after - self.head + len(self._kept))
        return self._kept[first : first + PAGE]

    def notice(self, line: Progress) -> None:
        """Take the song's newest progress line."""
        if line != self._line:
            self._line = line
            view = ProgressView(**line.model_dump(exclude={"composition_id"}))
            self.progress = Message(None, "progress", line.time, view.model_dump_json())
            self.ring()

    def news(self, at: datetime | None) -> Message | None:
        """The progress line, unless an event of the time `at` has overtaken it."""
        stale = at is not None and self.progress is not None and self.progress.time < at
        return None if stale else self.progress

    def ring(self) -> None:
        """Wake every stream of the song."""
        for bell in self.bells:
            bell.set()


class Live:
    """The reader of this process and the feeds of the songs that somebody looks at."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics
        self._feeds: dict[str, Feed] = {}
        self._due: set[str] = set()
        self._wake = asyncio.Event()
        self._pages: dict[tuple[str, int], asyncio.Task[list[Message]]] = {}
        self._turn = asyncio.Semaphore(CATCHING_UP)
        self._audience = Audience(database)
        self.closing = False

    def close(self) -> None:
        """End every stream now; clients connect again and resume where they were."""
        self.closing = True
        for feed in self._feeds.values():
            feed.ring()

    async def follow(self, listener: Listener, after: int, last: int | None = None) -> AsyncGenerator[Message]:
        """Events of the listener's song after number `after`, without gap or repeat, with progress lines between them.

        Ends after song_cancelled and what came with it, or after number `last`, the last of a song that was cancelled
        before; the listener has then heard all. Ends early when the process shuts down, the database goes away or the
        listener is something else to the song than at the beginning: clients connect again and resume, if they may.
        """
        shown: Message | None = None
        at: datetime | None = None
        bell = listener.bell
        with self._watching(listener) as feed, suppress(DatabaseUnavailable):
            while listener.welcome and not self.closing:
                if last is not None and after >= last:
                    listener.heard_all = True
                    return
                found = feed.since(after)
                for message in await self._page(feed, after) if found is None else found:
                    if not listener.welcome:
                        return
                    yield message
                    self._metrics.add("sostenuto_events_sent_total")
                    after, at = message.seq or after, message.time
                    if message.type == EventType.SONG_CANCELLED:
                        # The answer to the command that has ended it follows, perhaps on the next page.
                        last = max(after, last or 0, await self._newest(listener.song))
                    found = [message]
                if found:
                    continue
                if (news := feed.news(at)) and news is not shown:
                    shown = news
                    yield news
                    continue
                await bell.wait()
                bell.clear()

    @contextmanager
    def _watching(self, listener: Listener) -> Iterator[Feed]:
        feed = self._feeds.setdefault(listener.song, Feed(listener.song))
        feed.bells.add(listener.bell)
        self._metrics.add("sostenuto_event_streams")
        try:
            with self._audience.seat(listener):
                yield feed
        finally:
            self._metrics.add("sostenuto_event_streams", -1)
            feed.bells.discard(listener.bell)
            if not feed.bells:
                self._feeds.pop(listener.song, None)

    async def _page(self, feed: Feed, after: int) -> list[Message]:
        """A page for a stream that is behind; streams at the same place share the look."""
        key = (feed.song, after)
        if (task := self._pages.get(key)) is None:
            task = self._pages[key] = asyncio.create_task(self._read_page(feed.song, after))
            task.add_done_callback(lambda done: (self._pages.pop(key), done.cancelled() or done.exception()))
        return await asyncio.shield(task)

    async def _newest(self, song: str) -> int:
        async with self._turn, self._database.reading() as session:
            return await last_seq(session, song)

    async def _read_page(self, song: str, after: int) -> list[Message]:
        async with self._turn, self._database.session() as session:
            events = await events_after(session, song, after, limit=PAGE)
            newest = events[-1].seq if events else min(after, await newest_seq(session, song))
        if len(events) < PAGE and (feed := self._feeds.get(song)):
            feed.begin(newest)
            # Something may have come since.
            self._look(song)
        return [_message(song, event) for event in events]

    def _look(self, song: str) -> None:
        self._due.add(song)
        self._wake.set()

    async def run(self) -> None:
        """For ever: look for what the streams wait for."""
        jobs: list[Callable[[], Coroutine[Any, Any, None]]] = [
            self._read_events, self._read_progress, self._look_again, self._audience.check,
        ]  # fmt: skip
        if not self._database.is_sqlite:
            jobs.append(self._listen)
        tasks = [asyncio.create_task(self._for_ever(job)) for job in jobs]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _for_ever(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await job()
            except Exception as error:
                log.warning("live_reading_failed", reason=str(error)[:300])
                await asyncio.sleep(PAUSE_AFTER_TROUBLE_S)

    async def _look_again(self) -> None:
        await asyncio.sleep(POLL_EVERY_S if self._database.is_sqlite else LOOK_AGAIN_AFTER_S)
        if self._feeds:
            self._due.update(self._feeds)
            self._wake.set()

    async def _read_events(self) -> None:
        await self._wake.wait()
        self._wake.clear()
        due, self._due = self._due, set()
        heads = {song: head for song in due if (feed := self._feeds.get(song)) and (head := feed.head) is not None}
        if not heads:
            return
        try:
            async with self._database.session() as session:
                found = await events_of(session, heads, PAGE)
        except BaseException:
            self._due |= due
            self._wake.set()
            raise
        for song, events in found.items():
            if feed := self._feeds.get(song):
                feed.add(events)
            if len(events) == PAGE:
                self._look(song)

    async def _read_progress(self) -> None:
        await asyncio.sleep(POLL_EVERY_S)
        if not self._feeds:
            return
        async with self._database.session() as session:
            lines = await progress_of(session, list(self._feeds))
        for line in lines:
            if feed := self._feeds.get(line.composition_id):
                feed.notice(line)

    async def _listen(self) -> None:
        """Keep one connection on PostgreSQL's channel until it is lost; after a break every song is looked at."""
        async with self._database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            driver: Any = raw.driver_connection
            lost = asyncio.Event()
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(CHANNEL, self._notified)
            try:
                self._due.update(self._feeds)
                self._wake.set()
                await lost.wait()
            finally:
                if not driver.is_closed():
                    await driver.remove_listener(CHANNEL, self._notified)
                await connection.invalidate()
        await asyncio.sleep(PAUSE_AFTER_TROUBLE_S)

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if str(payload) in self._feeds:
            self._look(str(payload))


def _message(song: str, event: Event) -> Message:
    view = EventView(composition_id=song, **event.model_dump())
    return Message(event.seq, event.type.value, event.time, view.model_dump_json())
