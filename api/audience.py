"""Who listens to which song, and whether they still may: a stream is open for hours, and a right may end meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from api.credentials import CONFIGURED_START, Caller
from domain.access import Role
from storage.access import still_open
from storage.access_records import ApiKey, Session
from storage.clock import utc_now
from storage.database import Database
from storage.roles import roles_in

CHECK_EVERY_S = 3.0
"""For so long a stream outlives the right to it: as long as a revoked key may work in another process."""


@dataclass(eq=False)
class Listener:
    """Somebody on a stream: what they were to the song when it began, and the bell that wakes the stream.

    `welcome` is False once that has changed, and the stream then ends; `heard_all` is True where it ended because the
    song has.
    """

    song: str
    role: Role
    caller: Caller | None
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    welcome: bool = True
    heard_all: bool = False

    @property
    def who(self) -> tuple[str, str | None]:
        """The song and the user."""
        return self.song, self.caller.owner if self.caller else None

    def dismiss(self) -> None:
        """End the stream."""
        self.welcome = False
        self.bell.set()


class Audience:
    """Everybody who listens now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seated: set[Listener] = set()

    @contextmanager
    def seat(self, listener: Listener) -> Iterator[None]:
        """Count a listener in, as long as the stream lasts."""
        self._seated.add(listener)
        try:
            yield
        finally:
            self._seated.discard(listener)

    async def check(self) -> None:
        """Once, after a pause: end the streams of those whose role, key or session is no more what it was."""
        await asyncio.sleep(CHECK_EVERY_S)
        if not self._seated:
            return
        seated = list(self._seated)
        async with self._database.reading() as session:
            roles = await roles_in(session, {listener.who for listener in seated})
            out = await _locked_out(session, {listener.caller for listener in seated if listener.caller})
        for listener in seated:
            if roles[listener.who] is not listener.role or listener.caller in out:
                listener.dismiss()


async def _locked_out(session: AsyncSession, callers: set[Caller]) -> set[Caller]:
    """Those whose key or session has expired or was revoked, or whose account has ended."""
    now = utc_now()
    out = {caller for caller in callers if caller.until is not None and caller.until <= now}
    for kind, of in (
        (ApiKey, {c: c.key_id for c in callers if c.key_id and not c.key_id.startswith(CONFIGURED_START)}),
        (Session, {c: c.session_id for c in callers if c.session_id}),
    ):
        if of:
            known = await still_open(session, kind, set(of.values()))
            out |= {caller for caller, one in of.items() if one not in known}
    return out
