"""The database: sessions, migrations, and errors that say which database is away and why."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, Row, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import DatabaseUnavailable, InvalidInput
from storage.turns import take_turns

BUSY_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 5.0
POOL_TIMEOUT_S = 10.0
POOL_KEPT = 10
READERS_KEPT = 5
POOL_MORE = 10
PING_AFTER_S = 1.0
"""A connection that served a moment ago is taken as it is; one that rested longer is asked first whether it lives."""
MIGRATION_LOCK = 0x50_57_E2_07

_BROKEN = (OperationalError, InterfaceError, PoolTimeout)
# Drivers give these as they are, and only while they connect; later they would be the caller's own.
_AWAY = (*_BROKEN, OSError, asyncio.TimeoutError)


class Database:
    """One database, SQLite (`sqlite+aiosqlite:///file`) or PostgreSQL (`postgresql+asyncpg://…`).

    Opens nothing until it is used. SQLite runs in WAL mode, and a session takes the one write lock with its
    first writing statement, waiting for it up to 15 s, first come, first served; what it read before is committed
    data, as in PostgreSQL's READ COMMITTED. Raises InvalidInput for a URL that cannot be one.
    """

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except ArgumentError:
            raise InvalidInput(
                "the database URL cannot be read: it looks like sqlite+aiosqlite:///file.db "
                "or postgresql+asyncpg://user:password@host/database"
            ) from None
        self.shown = self.url.render_as_string(hide_password=True)
        url = self.url.render_as_string(hide_password=False)
        if self.is_sqlite:
            # It opens no transaction for what only reads, and plans no statement twice.
            self.engine = self._reader = self._searcher = _sqlite(url)
        else:
            self.engine = _postgres(url, POOL_KEPT)
            self._searcher = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self._reader = _postgres(url, READERS_KEPT, isolation_level="AUTOCOMMIT")
            event.listen(self._reader.sync_engine, "connect", _plan_once)

    def __repr__(self) -> str:
        return f"Database({self.shown!r})"

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, which has one writer at a time and no NOTIFY."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end, or rolls back when the block raises.

        Raises DatabaseUnavailable when the database cannot be reached, read or written.
        """
        with self._errors(_BROKEN):
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                with self._errors(_AWAY):
                    await session.connection()
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that only reads: each statement sees what is committed when it runs, as in `session`.

        On PostgreSQL no transaction is begun and ended around it, which are two of three trips to the server. Raises
        DatabaseUnavailable when the database cannot be reached or read.
        """
        with self._errors(_BROKEN):
            async with AsyncSession(self._reader, expire_on_commit=False, autoflush=False) as session:
                with self._errors(_AWAY):
                    await session.connection()
                yield session

    async def rows(self, query: Executable, **given: object) -> Sequence[Row[Any]]:
        """The rows of a query that leads to few rows by an index: `reading` without a session's bookkeeping."""
        return await self._rows(self._reader, query, given)

    async def search(self, query: Executable) -> Sequence[Row[Any]]:
        """The rows of a query whose best plan depends on its values: on PostgreSQL it is planned for them."""
        return await self._rows(self._searcher, query, {})

    async def row(self, query: Executable, **given: object) -> Row[Any] | None:
        """The only row of a query, or None. See `rows`."""
        rows = await self.rows(query, **given)
        return rows[0] if rows else None

    async def _rows(self, engine: AsyncEngine, query: Executable, given: Mapping[str, object]) -> Sequence[Row[Any]]:
        with self._errors(_BROKEN):
            connection = engine.connect()
            with self._errors(_AWAY):
                await connection.start()
            try:
                return (await connection.execute(query, given)).all()
            finally:
                await connection.close()

    async def migrate(self) -> None:
        """Bring the tables up to the newest revision; safe when several processes do it at once."""
        # Alembic takes a third of a second to import, and most processes never migrate.
        from storage import migrating

        if self.is_sqlite and self.url.database:
            self._make_folder(Path(self.url.database).parent)
        with self._errors():
            async with self.engine.connect() as connection:
                await connection.execute(text(_LOCKS[self.is_sqlite]))
                await connection.run_sync(migrating.upgrade)
                await connection.commit()

    async def ping(self) -> None:
        """Ask the database for an answer; raises DatabaseUnavailable when there is none."""
        with self._errors():
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self._reader.dispose()
        await self.engine.dispose()

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnavailable(
                f"the folder {folder} of the database cannot be made: {error.strerror}"
            ) from error

    @contextmanager
    def _errors(self, away: tuple[type[Exception], ...] = _AWAY) -> Iterator[None]:
        try:
            yield
        except away as error:
            raise DatabaseUnavailable(self._told(error)) from error
        except DBAPIError as error:
            # SQLite says by the bare class that a file is damaged or no database.
            if error.connection_invalidated or type(error) is DatabaseError:
                raise DatabaseUnavailable(self._told(error)) from error
            raise

    def _told(self, error: BaseException) -> str:
        reason = str(getattr(error, "orig", None) or error).splitlines() or [type(error).__name__]
        return f"the database {self.shown} cannot be used: {reason[0].rstrip('.')}"


_LOCKS = {True: "BEGIN IMMEDIATE", False: f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"}


def _postgres(url: str, kept: int, **options: Any) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=kept,
        max_overflow=POOL_MORE,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={"timeout": CONNECT_TIMEOUT_S},
        **options,
    )
    _ping_rested(engine)
    return engine


class Connection(sqlite3.Connection):
    """A connection that gives the write lock back when it is closed, whatever still refers to its statements.

    SQLite keeps a closed connection, with its transaction, while a prepared statement of it lives, and the traceback
    of a cancelled task keeps one: nobody could write until the garbage was collected.
    """

    def close(self) -> None:
        """Roll back, then close."""
        # It may be closed already, or broken.
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def _sqlite(url: str) -> AsyncEngine:
    # With this isolation level the driver opens a transaction by BEGIN IMMEDIATE, and only before a write.
    # A deferred one that has read fails at its first write, without any waiting, when another has written.
    engine = create_async_engine(
        url,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": "IMMEDIATE", "factory": Connection},
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    take_turns(engine, BUSY_TIMEOUT_S)
    return engine


def _ping_rested(engine: AsyncEngine) -> None:
    """Ask connections that have rested whether they live; a dead one ends all that are as old, and a new one is made.

    What `pool_pre_ping` does before every use, at the price of a trip to the server each time.
    """
    dialect = engine.dialect

    def returned(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < PING_AFTER_S:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine.sync_engine, "checkin", returned)
    event.listen(engine.sync_engine, "checkout", taken)


def _plan_once(connection: Any, _record: object) -> None:
    """Plan a statement once for all values. PostgreSQL by itself plans each time anew for an owner of many songs."""
    cursor = connection.cursor()
    cursor.execute("SET plan_cache_mode = force_generic_plan")
    cursor.close()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
