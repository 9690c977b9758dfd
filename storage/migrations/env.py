"""Alembic's environment: migrations run on a connection that the caller opens, locks and commits."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import storage.records  # noqa: F401  (fills the metadata)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is None:
    raise RuntimeError("no connection was given: run migrations by `sostenuto migrate`")
run(given)
