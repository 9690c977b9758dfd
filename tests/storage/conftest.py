"""Databases, empty and migrated, of both kinds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from storage.database import Database
from tests.fixtures.postgres import new_postgres_url, postgres_server, postgres_url
from tests.fixtures.s3 import s3_server

__all__ = ["new_postgres_url", "postgres_server", "postgres_url", "s3_server"]

KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/song.db"
    make: Callable[[], str] = request.getfixturevalue("new_postgres_url")
    return make()


@pytest.fixture(scope="session", params=KINDS)
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of a migrated database that tests share: each takes ids and owners of its own."""
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('database')}/song.db"
    else:
        url = request.getfixturevalue("new_postgres_url")()

    async def migrate() -> None:
        database = Database(url)
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return url


@pytest_asyncio.fixture
async def db(shared_url: str) -> AsyncIterator[Database]:
    """A migrated database."""
    database = Database(shared_url)
    yield database
    await database.close()
