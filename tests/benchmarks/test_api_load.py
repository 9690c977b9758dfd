"""The load generator of the API's benchmark: what it tells as the server's failure is the server's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from benchmarks.api_load import Generator, Outcome, Plan

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


class Hasty(asyncio.Protocol):
    """Answers each request and closes the connection when nothing more comes for a moment."""

    rest_s = 0.05

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(ANSWER)
        asyncio.get_running_loop().call_later(self.rest_s, self.transport.close)


class Rude(Hasty):
    """Closes the connection instead of answering."""

    def data_received(self, data: bytes) -> None:
        self.transport.close()


@contextlib.asynccontextmanager
async def serving(protocol: type[asyncio.Protocol]) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def outcome_at(protocol: type[asyncio.Protocol], *, rate: float, seconds: float) -> Outcome:
    async with serving(protocol) as port, asyncio.timeout(10):
        return await Generator(Plan(port, rate, seconds, [("GET", "/", {})])).run()


async def test_a_connection_the_server_closed_while_it_rested_is_not_used_again() -> None:
    outcome = await outcome_at(Hasty, rate=5, seconds=1)
    assert outcome.failures == []
    assert len(outcome.times) == 5


async def test_an_answer_that_does_not_come_is_a_failure_and_says_which() -> None:
    outcome = await outcome_at(Rude, rate=5, seconds=0.4)
    assert outcome.times == []
    assert [failure.partition(",")[0] for failure in outcome.failures] == ["GET / HTTP/1.1"] * 2
    assert all("ConnectionError" in failure for failure in outcome.failures)
