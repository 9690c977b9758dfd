"""`INSERT … ON CONFLICT`, which SQLite and PostgreSQL both speak, each by its own name."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

Row = Mapping[str, Any]
# SQLite takes 32,766 parameters in a statement; the widest row has about forty.
ROWS_AT_ONCE = 500


async def insert_missing(session: AsyncSession, table: type[SQLModel], rows: Sequence[Row]) -> int:
    """Insert the rows that no constraint of the table forbids, leave others alone; how many were new."""
    written = 0
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = _complete(table, rows[start : start + ROWS_AT_ONCE])
        # SQLAlchemy keeps the compiled statement of one row, and compiles a list of rows each time.
        statement = _insert(session, table).values(some[0] if len(some) == 1 else some)
        result = await session.exec(statement.on_conflict_do_nothing())
        written += max(0, result.rowcount)
    return written


async def upsert(
    session: AsyncSession, table: type[SQLModel], row: Row, *, unless: ColumnElement[bool] | None = None
) -> None:
    """Insert `row`, or overwrite the row with its primary key, except where `unless` holds for the existing one."""
    statement = _insert(session, table).values(_complete(table, [row])[0])
    keys = [column.name for column in _table(table).primary_key]
    values = {name: statement.excluded[name] for name in row if name not in keys}
    where = None if unless is None else ~unless
    await session.exec(statement.on_conflict_do_update(index_elements=keys, set_=values, where=where))


def is_postgres(session: AsyncSession) -> bool:
    """Whether the session talks to PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


def _insert(session: AsyncSession, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    return (postgresql.insert if is_postgres(session) else sqlite.insert)(_table(table))


def _table(table: type[SQLModel]) -> Any:
    return table.__table__  # type: ignore[attr-defined]


def _complete(table: type[SQLModel], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with the models' defaults, which an INSERT by itself does not know."""
    defaults = {
        name: field
        for name, field in table.model_fields.items()
        if not field.is_required() and field.get_default(call_default_factory=True) is not None
    }
    return [
        {name: field.get_default(call_default_factory=True) for name, field in defaults.items()} | dict(row)
        for row in rows
    ]
