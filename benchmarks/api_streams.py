"""Thousands of listeners: `python -m benchmarks.api_streams` opens event streams and watches that none loses an event.

Reads a plan as JSON, one line, on standard input; prints `{"open": N}` when all streams are open; listens until a
second line `{"song": last number, …}` says how far each song has come; waits until every stream has come that far, or
for GRACE_S; then prints its report.
"""

import asyncio
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

OPEN_AT_ONCE: Final = 50
OPEN_WITHIN_S: Final = 120.0
GRACE_S: Final = 20.0
_EVENT: Final = re.compile(rb"(?:^|\r?\n)id: ?(\d+)\r?\n")
_TIME: Final = re.compile(rb'"time": ?"([^"]+)"')


@dataclass
class Report:
    """What the listeners have seen. Seconds: `delays` from an event's own time to its arrival; `spreads` from the
    first to the last arrival of one event at the streams of one song.
    """

    streams: int = 0
    events: int = 0
    faults: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    spreads: list[float] = field(default_factory=list)


class Listener(asyncio.Protocol):
    """One event stream: checks that numbers follow each other."""

    def __init__(self, crowd: "Crowd", song: str, after: int, key: str) -> None:
        self.crowd, self.song, self.after, self.key = crowd, song, after, key
        self.opened = asyncio.get_running_loop().create_future()
        self.ended = ""
        self._read = bytearray()

    def connection_made(self, transport: Any) -> None:
        """Ask for the stream."""
        head = f"GET /v1/compositions/{self.song}/events?after={self.after} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        transport.write(f"{head}authorization: Bearer {self.key}\r\naccept: text/event-stream\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Take whole messages out of what has come."""
        self._read += data
        if not self.opened.done() and b"\r\n\r\n" in self._read:
            self.opened.set_result(int(self._read[9:12]))
        while (end := self._read.find(b"\n\n")) >= 0:
            message = bytes(self._read[: end + 2])
            del self._read[: end + 2]
            if number := _EVENT.search(message):
                self._take(int(number.group(1)), message)

    def connection_lost(self, error: Exception | None) -> None:
        """A stream that ends before it is told to has lost what follows."""
        self.ended = f"ended: {error or 'by the server'}"
        if not self.opened.done():
            self.opened.set_result(0)

    def _take(self, number: int, message: bytes) -> None:
        if number != self.after + 1:
            self.crowd.report.faults.append(f"{self.song}: event {number} came after {self.after}")
        self.after = number
        self.crowd.saw(self.song, number, message)


class Crowd:
    """All listeners, and when each event came to the first and to the last of them."""

    def __init__(self, port: int, key: str, streams: Sequence[tuple[str, int, int]]) -> None:
        """`streams`: song, how many listeners, and the number after which they listen."""
        self.port, self.key = port, key
        self.wanted = [(song, after) for song, count, after in streams for _ in range(count)]
        self.listeners: list[Listener] = []
        self.report = Report()
        self._seen: dict[tuple[str, int], tuple[float, float]] = {}

    async def open(self) -> None:
        """All streams, a few at a time."""
        few = asyncio.Semaphore(OPEN_AT_ONCE)
        async with asyncio.timeout(OPEN_WITHIN_S), asyncio.TaskGroup() as opening:
            for song, after in self.wanted:
                opening.create_task(self._open(few, song, after))
        self.report.streams = len(self.listeners)

    async def _open(self, few: asyncio.Semaphore, song: str, after: int) -> None:
        loop = asyncio.get_running_loop()
        async with few:
            _, listener = await loop.create_connection(
                lambda: Listener(self, song, after, self.key), "127.0.0.1", self.port
            )
            if (status := await listener.opened) != 200:
                self.report.faults.append(f"{song}: a stream was answered with {status}")
                return
        self.listeners.append(listener)

    def saw(self, song: str, number: int, message: bytes) -> None:
        """An event has come to a listener."""
        now = datetime.now(UTC).timestamp()
        self.report.events += 1
        if told := _TIME.search(message):
            self.report.delays.append(now - datetime.fromisoformat(told.group(1).decode()).timestamp())
        first, _ = self._seen.get((song, number), (now, now))
        self._seen[song, number] = first, now

    async def settle(self, reached: Mapping[str, int]) -> Report:
        """The report, once every stream has come as far as its song."""
        behind: list[Listener] = []
        for _ in range(round(GRACE_S / 0.1)):
            behind = [one for one in self.listeners if one.after < reached.get(one.song, 0)]
            if not behind:
                break
            await asyncio.sleep(0.1)
        self.report.faults += [f"{one.song}: a stream stands at {one.after} of {reached[one.song]}" for one in behind]
        self.report.faults += [f"{one.song}: {one.ended}" for one in self.listeners if one.ended]
        self.report.spreads = [last - first for first, last in self._seen.values()]
        return self.report


async def listen() -> None:
    """Run the plan of standard input."""
    plan = json.loads(await asyncio.to_thread(sys.stdin.readline))
    crowd = Crowd(**plan)
    await crowd.open()
    print(json.dumps({"open": len(crowd.listeners)}), flush=True)
    reached = json.loads(await asyncio.to_thread(sys.stdin.readline))
    print(json.dumps(asdict(await crowd.settle(reached))), flush=True)


if __name__ == "__main__":
    asyncio.run(listen())
