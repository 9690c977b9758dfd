"""Alembic's environment: migrations run on a connection that the caller opens, locks and commits."""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

import storage.records  # noqa: F401  (fills the metadata)

# Of an expression and on one database alone: the models do not know it.
APART = ("ix_compositions_words",)


def is_compared(_thing: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
    return name not in APART


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        include_object=is_compared,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_on(engine: AsyncEngine) -> None:
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        # The next command may come from another event loop, where these connections are of no use.
        await engine.dispose()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
elif isinstance(given, AsyncEngine):
    asyncio.run(run_on(given))
else:
    raise RuntimeError("no connection was given: run migrations by `sostenuto migrate`")
