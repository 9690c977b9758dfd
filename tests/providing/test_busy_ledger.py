"""What came of an order is written down even when the database is busy: else a paid answer would count as unknown."""

from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from activities import providing
from domain.errors import DatabaseUnavailable


class Session:
    committed = 0

    async def commit(self) -> None:
        self.committed += 1


class Busy:
    """A database that is away for the first so many sessions."""

    def __init__(self, times: int) -> None:
        self.left, self.given = times, Session()

    @asynccontextmanager
    async def session(self):
        if self.left:
            self.left -= 1
            raise DatabaseUnavailable("the database is locked")
        yield self.given


async def written(database: Busy) -> str:
    async def work(_session) -> str:
        return "written"

    return await providing.Providing(SimpleNamespace(store=None, database=database), None)._surely(work)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(providing, "LEDGER_PAUSES_S", (0.0, 0.0))


async def test_it_is_written_once_the_database_is_back():
    database = Busy(2)
    assert await written(database) == "written"
    assert database.given.committed == 1


async def test_a_database_that_stays_away_is_told():
    database = Busy(9)
    with pytest.raises(DatabaseUnavailable, match="locked"):
        await written(database)
    assert database.given.committed == 0
