"""Writers of one SQLite database take turns, in the order in which they came.

SQLite has one writer. A second one asks again after a pause that grows to 100 ms, and who asks at the right moment
wins: among dozens of writers some wait for many seconds although each of them is done in milliseconds. Here a
transaction waits for its turn before its first statement that writes, and has it until its connection goes back to
the pool. Other processes still compete for SQLite's own lock, and it alone keeps the data whole.
"""

import asyncio
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import TimeoutError as WaitedTooLong
from sqlalchemy.ext.asyncio import AsyncEngine

WRITES: Final = ("INSERT", "UPDATE", "DELETE", "REPLACE")
"""Before these, and no others, Python's driver begins a transaction."""
_TURN: Final = "turn"


def take_turns(engine: AsyncEngine, patience_s: float) -> None:
    """Let the writers of an engine take turns; one that waits longer than `patience_s` gets SQLAlchemy's TimeoutError.

    For connections that are used by one event loop.
    """
    turns = asyncio.Lock()

    async def wait(_driver: object) -> None:
        try:
            async with asyncio.timeout(patience_s):
                await turns.acquire()
        except TimeoutError:
            raise WaitedTooLong(f"database is locked: other writers did not end within {patience_s:g} s") from None

    def begin(connection: Any, _cursor: object, statement: str, *_rest: object) -> None:
        if _TURN not in connection.info and statement.lstrip()[:7].upper().startswith(WRITES):
            connection.connection.dbapi_connection.run_async(wait)
            connection.info[_TURN] = True

    def end(_connection: object, record: Any, *_rest: object) -> None:
        if record is not None and record.info.pop(_TURN, None):
            turns.release()

    event.listen(engine.sync_engine, "before_cursor_execute", begin)
    # Given back, or broken and thrown away, for which a cancelled task is enough.
    for way in ("checkin", "invalidate"):
        event.listen(engine.sync_engine, way, end)
