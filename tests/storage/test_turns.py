"""SQLite's writers: who comes first writes first, whatever becomes of the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio
from song_support import START, fresh
from sqlalchemy import text, update
from sqlmodel import col

from domain.errors import DatabaseUnavailable
from domain.settings import SongSettings
from storage import database as databases
from storage import songs
from storage.database import Database
from storage.records import Composition

WRITE = update(Composition).values(title="Waltz")
SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n"


@pytest_asyncio.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/turns.db")
    await database.migrate()
    yield database
    await database.close()


class Writers:
    """Writers that each come when told, note when they have written, and end when told."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.wrote: list[int] = []
        self.may_end = asyncio.Event()

    async def come(self, number: int) -> "asyncio.Task[None]":
        """A writer that waits for its turn when this returns, or has it."""
        task = asyncio.create_task(self._write(number))
        await asyncio.sleep(0.05)
        return task

    async def _write(self, number: int) -> None:
        async with self._database.session() as session:
            await session.exec(WRITE)
            self.wrote.append(number)
            await self.may_end.wait()


async def test_writers_write_in_the_order_in_which_they_came(sqlite: Database) -> None:
    """SQLite alone lets him write who happens to ask at the right moment: seldom the first of ten."""
    writers = Writers(sqlite)
    tasks = [await writers.come(number) for number in range(10)]
    assert writers.wrote == [0]
    writers.may_end.set()
    await asyncio.gather(*tasks)
    assert writers.wrote == list(range(10))


async def test_one_that_gives_up_and_one_that_fails_pass_their_turns_on(sqlite: Database) -> None:
    writers = Writers(sqlite)
    tasks = [await writers.come(number) for number in range(4)]
    tasks[1].cancel()
    tasks[0].cancel()
    writers.may_end.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in done] == [asyncio.CancelledError, asyncio.CancelledError, type(None), type(None)]
    assert writers.wrote == [0, 2, 3]

    async def fail() -> None:
        async with sqlite.session() as session:
            await session.exec(WRITE)
            raise ZeroDivisionError

    with suppress(ZeroDivisionError):
        await fail()
    await asyncio.wait_for(await writers.come(5), 5)


async def test_a_writer_whose_statement_is_cut_off_keeps_nothing(sqlite: Database) -> None:
    """Cancelled while the driver works: its connection is thrown away, and its traceback keeps a statement of it."""

    async def write_slowly() -> None:
        slow = update(Composition).where(col(Composition.seed) < text(f"({SLOW})")).values(title="Slow")
        async with sqlite.session() as session:
            await session.exec(slow)

    async with sqlite.session() as session:
        await songs.request_song(
            session, composition_id=fresh("song"), owner="ada", title="Waltz", prompt="a waltz",
            settings=SongSettings(), seed=1, created_at=START,
        )  # fmt: skip
    task = asyncio.create_task(write_slowly())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:
        await task
    writers = Writers(sqlite)
    writers.may_end.set()
    await asyncio.wait_for(await writers.come(1), 10)
    assert writers.wrote == [1]
    assert kept.tb is not None


async def test_who_waits_too_long_is_told_that_the_database_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_S", 0.2)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/turns.db")
    await database.migrate()
    writers = Writers(database)
    first = await writers.come(1)
    with pytest.raises(DatabaseUnavailable, match=r"database is locked: other writers did not end within 0\.2 s"):
        await (await writers.come(2))
    writers.may_end.set()
    await first
    await (await writers.come(3))
    assert writers.wrote == [1, 3]
    await database.close()


async def test_another_process_is_waited_for_as_before(sqlite: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite+aiosqlite:///{tmp_path}/turns.db")
    here, there = Writers(sqlite), Writers(other)
    first = await there.come(1)
    second = await here.come(2)
    assert (there.wrote, here.wrote) == ([1], [])
    there.may_end.set()
    here.may_end.set()
    await asyncio.gather(first, second)
    assert here.wrote == [2]
    await other.close()
