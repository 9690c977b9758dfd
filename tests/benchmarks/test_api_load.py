"""The load generator of the API's benchmark: what it tells as the server's failure is the server's."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

from benchmarks.api_load import Generator, Outcome, Plan, Request

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
READS: Sequence[Request] = [("GET", "/", {})]


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


class Slow(Hasty):
    """Answers after longer than the time between two requests, and counts how many it has at one time."""

    under_way = most = 0

    def data_received(self, data: bytes) -> None:
        Slow.under_way += 1
        Slow.most = max(Slow.most, Slow.under_way)
        asyncio.get_running_loop().call_later(0.2, self.answer)

    def answer(self) -> None:
        Slow.under_way -= 1
        self.transport.write(ANSWER)


@contextlib.asynccontextmanager
async def serving(protocol: type[asyncio.Protocol]) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def outcome_at(
    protocol: type[asyncio.Protocol], *, rate: float, seconds: float, requests: Sequence[Request] = READS
) -> Outcome:
    async with serving(protocol) as port, asyncio.timeout(10):
        return await Generator(Plan(port, rate, seconds, requests)).run()


async def test_a_connection_the_server_closed_while_it_rested_is_not_used_again() -> None:
    outcome = await outcome_at(Hasty, rate=5, seconds=1)
    assert outcome.failures == []
    assert len(outcome.times) == 5


async def test_an_answer_that_does_not_come_is_a_failure_and_says_which() -> None:
    outcome = await outcome_at(Rude, rate=5, seconds=0.4)
    assert outcome.times == []
    assert [failure.partition(",")[0] for failure in outcome.failures] == ["GET / HTTP/1.1"] * 2
    assert all("ConnectionError" in failure for failure in outcome.failures)


async def test_commands_to_one_song_wait_for_each_other_and_their_waiting_counts() -> None:
    Slow.under_way = Slow.most = 0
    posts = [("POST", "/songs/a/holds", {}), ("POST", "/songs/a/resumptions", {})]
    outcome = await outcome_at(Slow, rate=20, seconds=0.2, requests=posts)
    assert outcome.failures == []
    assert Slow.most == 1
    # Due at 0, 50, 100 and 150 ms, answered at 200, 400, 600 and 800 ms at the earliest.
    assert [time >= wanted for time, wanted in zip(outcome.times, (0.19, 0.34, 0.49, 0.64), strict=True)] == [True] * 4


async def test_reads_and_commands_to_other_songs_wait_for_nothing() -> None:
    Slow.under_way = Slow.most = 0
    mixed = [("POST", "/songs/a/holds", {}), ("POST", "/songs/b/holds", {}), ("GET", "/songs/a", {})]
    outcome = await outcome_at(Slow, rate=60, seconds=0.1, requests=mixed)
    assert outcome.failures == []
    assert Slow.most >= 3
