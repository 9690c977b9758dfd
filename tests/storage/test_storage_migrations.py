"""Migrations on both databases: one head, up, down, equal to the models, and safe when two processes run them."""

import asyncio
import sys
from decimal import Decimal

import pytest
from alembic import command
from alembic.config import Config
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import Connection, column, insert, inspect, select, table, text, update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from storage import migrating, records
from storage.database import Database
from tests.storage.song_support import START

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


ROW = (
    "INSERT INTO provider_tasks (id, composition_id, provider, task_type, stage, step_key, attempt, status, request, "
    "created_at) VALUES ('{0}', '{0}-song', 'suno', 'generation', 'production', 'k', 1, 'running', '{{}}', "
    "'2026-07-01 12:00:00')"
)


async def test_provider_tasks_from_before_the_ledger_get_their_owner(empty_url: str) -> None:
    engine = Database(empty_url).engine

    def migrate(connection: Connection) -> None:
        config = migrating.alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        # Later migrations may add columns that are not there yet.
        known = {column["name"] for column in inspect(connection).get_columns("compositions")}
        song = records.Composition(id="old-song", owner="ada", created_at=START, updated_at=START)
        values = {name: value for name, value in song.model_dump().items() if name in known}
        there = table("compositions", *(column(c.name, c.type) for c in inspect(records.Composition).columns))
        connection.execute(insert(there).values(**values))
        connection.execute(text(ROW.format("old")))
        command.upgrade(config, "head")
        found = connection.execute(select(records.ProviderTask)).mappings().one()
        assert (found["owner"], found["reserved"], found["charge_key"], found["take"]) == ("ada", Decimal(0), None, 1)
        connection.execute(update(records.ProviderTask).values(composition_id="erased-song", reserved=Decimal("0.5")))
        command.downgrade(config, "0002")
        assert connection.execute(text("SELECT count(*) FROM provider_tasks")).scalar_one() == 0
        command.upgrade(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


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
