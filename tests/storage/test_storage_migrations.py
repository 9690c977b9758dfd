"""Migrations on both databases: one head, up, down, equal to the models, and safe when two processes run them."""

import asyncio
import sys

import pytest
from alembic.config import Config
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from storage import migrating, records
from storage.database import Database

__all__ = [
    "test_model_definitions_match_ddl",
    "test_single_head_revision",
    "test_up_down_consistency",
    "test_upgrade",
]

MIGRATE = """
import asyncio, sys
from storage.database import Database

async def main():
    database = Database(sys.argv[1])
    await database.migrate()
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
def alembic_config() -> Config:
    return migrating.alembic_config()


@pytest.fixture
def alembic_engine(empty_url: str) -> AsyncEngine:
    return Database(empty_url).engine


async def test_all_tables_are_there_after_migrating_twice(empty_url: str) -> None:
    database = Database(empty_url)
    await database.migrate()
    await database.migrate()
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda c: set(inspect(c).get_table_names()))
    await database.close()
    assert names == set(SQLModel.metadata.tables) | {"alembic_version"}
    assert records.Composition.__tablename__ in names


async def test_two_processes_migrate_at_once(empty_url: str) -> None:
    run = (sys.executable, "-W", "error", "-c", MIGRATE, empty_url)
    processes = [await asyncio.create_subprocess_exec(*run, stderr=asyncio.subprocess.PIPE) for _ in range(2)]
    for process in processes:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    database = Database(empty_url)
    async with database.session() as session:
        assert (await session.scalar(text("SELECT count(*) FROM alembic_version"))) == 1
    await database.close()


async def test_a_failed_migration_changes_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(empty_url)
    upgrade = migrating.upgrade

    def break_down(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrating, "upgrade", break_down)
    with pytest.raises(RuntimeError, match="power cut"):
        await database.migrate()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    monkeypatch.undo()
    await database.migrate()
    await database.close()
