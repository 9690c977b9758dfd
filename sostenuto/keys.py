"""`keys`: issue, list and revoke API keys straight in the database, for whoever runs the installation."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from rich.table import Table
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import ALL_SCOPES, Scope
from domain.errors import InvalidValue, NotFound
from sostenuto.output import Output
from storage.access import create_key, holds, in_order, revoke_key
from storage.clock import utc_now
from storage.config import Settings
from storage.database import Database
from storage.records import ApiKey

T = TypeVar("T")


@dataclass(frozen=True)
class Keys:
    """The keys of an installation. An API that is up believes a revoked key for a few seconds more."""

    settings: Settings
    output: Output

    def create(self, owner: str | None, name: str, scopes: Sequence[Scope], expires_at: datetime | None) -> int:
        """Issue a key and tell it, this once."""
        whose = owner or self._usual_owner()

        async def issue(session: AsyncSession) -> tuple[ApiKey, str]:
            issued = await create_key(
                session, key_id=str(uuid.uuid4()), owner=whose, name=name, scopes=scopes, expires_at=expires_at
            )
            return issued.row, issued.secret

        row, secret = self._do(issue)
        self.output.result({**_document(row), "key": secret}, secret)
        if not self.output.as_json:
            self.output.say(f"note this key of {row.user_id} now: it is shown this once, and kept by nobody")
        return 0

    def show(self, owner: str | None) -> int:
        """A table of the keys, newest first."""

        async def find(session: AsyncSession) -> list[ApiKey]:
            query = select(ApiKey).order_by(col(ApiKey.created_at).desc(), col(ApiKey.id))
            rows = await session.exec(query if owner is None else query.where(col(ApiKey.user_id) == owner))
            return list(rows.all())

        rows = self._do(find)
        self.output.result({"keys": [_document(row) for row in rows]})
        if not self.output.as_json:
            self._print(rows)
        return 0

    def revoke(self, name: str) -> int:
        """Revoke the key with this id or prefix, and end its sessions; NotFound where there is none."""

        async def end(session: AsyncSession) -> ApiKey | None:
            named = (col(ApiKey.id) == name) | (col(ApiKey.prefix) == name)
            found = (await session.exec(select(ApiKey).where(named))).first()
            return await revoke_key(session, found.user_id, found.id) if found else None

        row = self._do(end)
        if row is None:
            raise NotFound(f"there is no key {name!r}: sostenuto keys list shows ids and prefixes")
        self.output.result(_document(row), f"{row.prefix}… of {row.user_id} is revoked")
        return 0

    def _usual_owner(self) -> str:
        """Whose songs the command line makes: the first configured key's, else the local user's."""
        from api.credentials import LOCAL_USER, owner_of  # a second of imports that other commands do not need

        keys = self.settings.api_keys
        return owner_of(keys[0].get_secret_value()) if keys else LOCAL_USER

    def _do(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        async def done() -> T:
            database = Database(self.settings.database_url)
            try:
                await database.migrate()
                async with database.session() as session:
                    return await work(session)
            finally:
                await database.close()

        return asyncio.run(done())

    def _print(self, rows: Sequence[ApiKey]) -> None:
        table = Table(box=None, pad_edge=False)
        for heading in ("key", "owner", "name", "scopes", "last used", "state"):
            table.add_column(heading, no_wrap=heading == "key")
        for row in rows:
            used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
            scopes = " ".join(in_order(row.scopes))
            table.add_row(row.prefix, row.user_id, row.name, scopes, used, state_words(row))
        self.output.out.print(table, markup=False)


def read_scopes(words: str) -> list[Scope]:
    """Scopes from names with commas between; InvalidValue for an unknown one."""
    names = [name.strip() for name in words.split(",") if name.strip()]
    wrong = [name for name in names if name not in {*ALL_SCOPES}]
    if wrong or not names:
        known = ", ".join(ALL_SCOPES)
        raise InvalidValue(f"--scopes cannot be {words!r}: name one or more of {known}, with commas between")
    return [Scope(name) for name in names]


def read_time(words: str) -> datetime:
    """A day or time to come, in UTC where no zone is said; InvalidValue for anything else."""
    try:
        time = datetime.fromisoformat(words)
    except ValueError:
        raise InvalidValue(f"--expires cannot be {words!r}: it is a day or time such as 2027-03-01") from None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    if time <= utc_now():
        raise InvalidValue(f"--expires cannot be {words!r}: that has passed")
    return time


def state_words(row: ApiKey) -> str:
    """Whether a key is good, and until when."""
    if row.revoked_at:
        return f"revoked {row.revoked_at:%Y-%m-%d}"
    if not holds(row, utc_now()):
        return f"expired {row.expires_at:%Y-%m-%d}"
    return f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "good"


def _document(row: ApiKey) -> dict[str, Any]:
    shown = ("id", "name", "prefix", "created_at", "last_used_at", "expires_at", "revoked_at")
    times = {name: getattr(row, name) for name in shown}
    told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in times.items()}
    return {**told, "owner": row.user_id, "scopes": in_order(row.scopes)}
