"""A load generator that keeps to its timetable: `python -m benchmarks.api_load` in a process of its own.

Open loop: request `n` is due at `n / rate` seconds, whatever became of those before it, and its time counts from when
it was due, so that a server that stands still is not flattered (coordinated omission). Only commands to one and the
same resource wait for each other, as their sender would: the time for which one waits counts as its own. Reads a plan
as JSON on standard input, writes the times as JSON on standard output. Only the standard library: it has to be lighter
than the server.
"""

import asyncio
import gc
import json
import re
import selectors
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from typing import Any, Final

CONNECTIONS: Final = 16
MOST_CONNECTIONS: Final = 900
"""A server that answers so late has failed, and select() knows no more than 1,024 files."""
PATIENCE_S: Final = 30.0
REST_S: Final = 30.0
"""Servers close connections that rest: this one after 65 s. Like any client, this one is earlier than they are."""
LEAD_S: Final = 0.2
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Request = tuple[str, str, Mapping[str, str]]
"""Method, path with query, headers."""


@dataclass(frozen=True)
class Plan:
    """`requests` are sent in turns at `rate` per second for `seconds`, over keep-alive connections to `port`."""

    port: int
    rate: float
    seconds: float
    requests: Sequence[Request]

    def count(self) -> int:
        """How many requests that makes."""
        return max(1, round(self.rate * self.seconds))


@dataclass
class Outcome:
    """Seconds from due to answered for each request that was answered as it should be, and what else came."""

    times: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    sizes: int = 0


class Connection(asyncio.Protocol):
    """One keep-alive connection that carries one request at a time."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.open = True
        self.used = 0.0
        self.answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._read = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect until the answer is whole."""
        self._read += data
        head = self._read.find(b"\r\n\r\n")
        if head < 0 or self.answer is None:
            return
        length = _LENGTH.search(self._read, 0, head)
        end = head + 4 + int(length.group(1) if length else 0)
        if len(self._read) >= end:
            status, body = int(self._read[9:12]), bytes(self._read[head + 4 : end])
            del self._read[:end]
            self._settle((status, body))

    def connection_lost(self, error: Exception | None) -> None:
        """Tell whoever waits, and be of no use any more."""
        self.open = False
        if self.answer and not self.answer.done():
            self.answer.set_exception(error or ConnectionError("the server closed the connection"))

    def _settle(self, answer: tuple[int, bytes]) -> None:
        if self.answer and not self.answer.done():
            self.answer.set_result(answer)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to `request`."""
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self.answer


class Generator:
    """Sends the requests of a plan when they are due, over free connections, opening more where none is free."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._free: list[Connection] = []
        self._opened = 0
        self._start = 0.0
        self._turns: defaultdict[bytes, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """All requests, until the last is answered."""
        loop = asyncio.get_running_loop()
        self._free = [await self._connect() for _ in range(CONNECTIONS)]
        written = [_written(request) for request in self._plan.requests]
        start = self._start = loop.time() + LEAD_S
        async with asyncio.TaskGroup() as under_way:
            for number, request in enumerate(islice(cycle(written), self._plan.count())):
                due = start + number / self._plan.rate
                if (wait := due - loop.time()) > 0:
                    await asyncio.sleep(wait)
                under_way.create_task(self._send(request.replace(b"@KEY@", b"%d-%d" % (id(self), number)), due))
        for connection in self._free:
            self._drop(connection)
        # What they leave behind is cleared away on the loop's next turn.
        await asyncio.sleep(0)
        return self.outcome

    def _turn(self, request: bytes) -> AbstractAsyncContextManager[object]:
        """Hold this while a command is under way: it is its resource's only one then."""
        method, target, _ = request.split(b" ", 2)
        return self._turns[target.rpartition(b"/")[0]] if method == b"POST" else nullcontext()

    def _rested(self) -> Connection | None:
        """A free connection that is open and served not long ago."""
        while self._free:
            connection = self._free.pop()
            if connection.open and asyncio.get_running_loop().time() - connection.used < REST_S:
                return connection
            self._drop(connection)
        return None

    def _drop(self, connection: Connection) -> None:
        connection.transport.abort()
        self._opened -= 1

    async def _connect(self) -> Connection:
        if self._opened >= MOST_CONNECTIONS:
            raise ConnectionError(f"{self._opened} requests wait for an answer already")
        self._opened += 1
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self._plan.port)
        connection.used = loop.time()
        return connection

    async def _send(self, request: bytes, due: float) -> None:
        clock = asyncio.get_running_loop().time
        self.outcome.late.append(clock() - due)
        connection = None
        try:
            async with self._turn(request), asyncio.timeout(PATIENCE_S):
                connection = self._rested() or await self._connect()
                status, body = await connection.ask(request)
        except (OSError, TimeoutError, ValueError) as error:
            # The connection is not used again: what comes late would be taken for the next answer.
            if connection:
                self._drop(connection)
            asked = request.partition(b"\r\n")[0].decode()
            self.outcome.failures.append(f"{asked}, due at {due - self._start:.1f} s: {type(error).__name__}: {error}")
            return
        self.outcome.times.append(clock() - due)
        connection.used = clock()
        self._free.append(connection)
        self.outcome.sizes += len(body)
        if status >= 300:
            self.outcome.failures.append(f"{status} {body[:300].decode(errors='replace')}")


def _written(request: Request) -> bytes:
    method, path, headers = request
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += ["content-length: 0"] if method == "POST" else []
    return "\r\n".join([*lines, "", ""]).encode()


def precise_loop() -> asyncio.AbstractEventLoop:
    """An event loop whose timers are exact to microseconds: epoll's go by whole milliseconds."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def main() -> None:
    """Run the plan of standard input."""
    given = json.load(sys.stdin)
    # A collection of garbage here would be told as a stall of the server.
    gc.disable()
    with asyncio.Runner(loop_factory=precise_loop) as runner:
        outcome = runner.run(Generator(Plan(**given)).run())
    json.dump(asdict(outcome), sys.stdout)


if __name__ == "__main__":
    main()
