"""People and programs that come in: users, API keys, browser sessions. Of every secret only its SHA-256 is kept."""

import hashlib
import secrets
import string
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import ALL_SCOPES, Scope
from storage.asked import asked_rows, given
from storage.clock import utc_now
from storage.cursors import older, read_cursor, write_cursor
from storage.records import ApiKey, Session, User
from storage.upserts import insert_missing, is_postgres

KEY_START = "sos_"
GUEST_START = "guest-"
SESSION_LASTS = timedelta(days=14)
USE_NOTED_EVERY = timedelta(minutes=1)
_BASE62 = string.ascii_letters + string.digits
# 43 characters of 62 hold the 256 bits of 32 random bytes.
_SECRET_LENGTH = 43
_PREFIX_LENGTH = 8


@dataclass(frozen=True)
class Issued:
    """A new key and its row; `secret` is the whole key, told once and kept nowhere."""

    row: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Opened:
    """A new session and its row; `token` is the cookie's value, told once and kept nowhere."""

    row: Session
    token: str = field(repr=False)


@dataclass(frozen=True)
class KeyPage:
    """Some keys, and the cursor of what follows, None at the end."""

    items: list[ApiKey]
    next_cursor: str | None = None


def hash_of(secret: str) -> str:
    """SHA-256 in hex: enough for secrets of 256 random bits, which nobody can try out."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """256 random bits for a cookie or a link, 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def in_order(scopes: Iterable[str]) -> list[str]:
    """Scopes once each, in the order of their definition; those that no longer exist are left out."""
    given = set(scopes)
    return [scope.value for scope in ALL_SCOPES if scope.value in given]


async def ensure_user(session: AsyncSession, user: str, *, name: str = "", now: datetime | None = None) -> User:
    """The row of a user, made where there is none yet."""
    await insert_missing(session, User, [{"id": user, "name": name, "created_at": now or utc_now()}])
    row = await session.get(User, user)
    assert row is not None
    return row


async def rename_user(session: AsyncSession, user: str, name: str) -> User:
    """Give a user a name."""
    row = await ensure_user(session, user)
    row.name = name
    return row


async def names_of(session: AsyncSession, users: Iterable[str]) -> dict[str, str]:
    """Names by user, of those who have given one."""
    query = select(User).where(col(User.id).in_(sorted(set(users))))
    return {row.id: row.name for row in (await session.exec(query)).all() if row.name}


async def new_guest(session: AsyncSession, key: str, name: str) -> User:
    """A new user who was invited and has no key; `key` makes their id."""
    return await ensure_user(session, f"{GUEST_START}{key}", name=name)


async def create_key(
    session: AsyncSession,
    *,
    key_id: str,
    owner: str,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None,
    now: datetime | None = None,
) -> Issued:
    """Issue a key to `owner`."""
    now = now or utc_now()
    await ensure_user(session, owner, now=now)
    prefix = KEY_START + _random(_PREFIX_LENGTH)
    secret = f"{prefix}_{_random(_SECRET_LENGTH)}"
    row = ApiKey(
        id=key_id,
        user_id=owner,
        name=name,
        prefix=prefix,
        key_hash=hash_of(secret),
        scopes=in_order(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    return Issued(row, secret)


async def key_by_hash(session: AsyncSession, key_hash: str, *, now: datetime | None = None) -> ApiKey | None:
    """The key with this hash, unless it is revoked or has expired, or its user may not come in any more."""
    query = select(ApiKey).join(User).where(col(ApiKey.key_hash) == key_hash, col(User.is_active).is_(True))
    row = (await session.exec(query)).first()
    return row if row and holds(row, now or utc_now()) else None


def holds(row: ApiKey | Session, now: datetime) -> bool:
    """Whether a key or session is neither revoked nor expired."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


async def note_use(session: AsyncSession, row: ApiKey, *, now: datetime | None = None) -> None:
    """Write down that a key was used, at most once a minute."""
    now = now or utc_now()
    old = or_(col(ApiKey.last_used_at).is_(None), col(ApiKey.last_used_at) <= now - USE_NOTED_EVERY)
    await session.exec(update(ApiKey).where(col(ApiKey.id) == row.id, old).values(last_used_at=now))


def use_is_noted(row: ApiKey, *, now: datetime | None = None) -> bool:
    """Whether the last use of a key was written down within a minute."""
    return row.last_used_at is not None and row.last_used_at > (now or utc_now()) - USE_NOTED_EVERY


async def get_key(session: AsyncSession, owner: str, key_id: str) -> ApiKey | None:
    """A key of `owner`, revoked or not."""
    row = await session.get(ApiKey, key_id, populate_existing=True)
    return row if row and row.user_id == owner else None


async def list_keys(session: AsyncSession, owner: str, *, limit: int = 50, cursor: str | None = None) -> KeyPage:
    """Keys of `owner`, newest first, revoked ones too. Raises InvalidInput for a cursor that is none of ours."""
    conditions = [col(ApiKey.user_id) == owner]
    if cursor is not None:
        conditions.append(older(col(ApiKey.created_at), col(ApiKey.id), read_cursor(cursor)))
    newest = (col(ApiKey.created_at).desc(), col(ApiKey.id).desc())
    rows = list((await session.exec(select(ApiKey).where(*conditions).order_by(*newest).limit(limit + 1))).all())
    more = len(rows) > limit
    return KeyPage(rows[:limit], write_cursor(rows[limit - 1].created_at, rows[limit - 1].id) if more else None)


async def revoke_key(session: AsyncSession, owner: str, key_id: str, *, now: datetime | None = None) -> ApiKey | None:
    """Revoke a key of `owner` and end the sessions that were opened with it; None where there is no such key."""
    row = await get_key(session, owner, key_id)
    if row is None:
        return None
    now = now or utc_now()
    row.revoked_at = row.revoked_at or now
    opened = and_(col(Session.key_id) == key_id, col(Session.revoked_at).is_(None))
    await session.exec(update(Session).where(opened).values(revoked_at=now))
    return row


async def open_session(
    session: AsyncSession,
    *,
    user: str,
    scopes: Iterable[Scope],
    key_id: str | None,
    until: datetime | None = None,
    now: datetime | None = None,
) -> Opened:
    """Open a browser's session for 14 days, and no longer than `until`, when its key expires."""
    now = now or utc_now()
    await ensure_user(session, user, now=now)
    token = new_token()
    ends = min(now + SESSION_LASTS, until) if until else now + SESSION_LASTS
    row = Session(
        id=hash_of(token), user_id=user, scopes=in_order(scopes), key_id=key_id, created_at=now, expires_at=ends
    )
    session.add(row)
    return Opened(row, token)


async def session_by_hash(session: AsyncSession, token_hash: str, *, now: datetime | None = None) -> Session | None:
    """The session with this hash, unless it has ended, or the issued key that it was opened with has."""
    now = now or utc_now()
    query = select(Session).join(User).where(col(Session.id) == token_hash, col(User.is_active).is_(True))
    row = (await session.exec(query)).first()
    if row is None or not holds(row, now):
        return None
    if row.key_id is not None and (key := await session.get(ApiKey, row.key_id)) is not None:
        return row if holds(key, now) else None
    return row


async def still_open(session: AsyncSession, kind: type[ApiKey | Session], ids: Collection[str]) -> set[str]:
    """Of some keys or sessions those by which somebody may still come in."""
    rows = await session.exec(_known(kind, is_postgres(session)), params=given(ids))
    now = utc_now()
    return {row.id for row in rows.all() if holds(row, now)}


@cache
def _known(kind: type[ApiKey | Session], postgres: bool) -> Any:
    asked, one, _ = asked_rows(postgres=postgres)
    shown = (col(kind.id), col(kind.expires_at), col(kind.revoked_at))
    return select(*shown).join(asked, col(kind.id) == one).join(User).where(col(User.is_active).is_(True))


async def end_session(session: AsyncSession, token_hash: str, *, now: datetime | None = None) -> None:
    """End a session."""
    not_ended = and_(col(Session.id) == token_hash, col(Session.revoked_at).is_(None))
    await session.exec(update(Session).where(not_ended).values(revoked_at=now or utc_now()))


def _random(length: int) -> str:
    return "".join(secrets.choice(_BASE62) for _ in range(length))
