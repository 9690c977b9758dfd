"""Whom a key or a cookie stands for: configured keys, issued keys, browser sessions."""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog
from starlette.requests import HTTPConnection

from api.problems import ApiProblem
from api.rates import Rate, address_of
from domain.access import ALL_SCOPES, Scope
from domain.errors import DatabaseUnavailable
from storage.access import (
    GUEST_START,
    KEY_START,
    end_session,
    hash_of,
    key_by_hash,
    note_use,
    session_by_hash,
    use_is_noted,
)
from storage.clock import utc_now
from storage.config import Settings
from storage.database import Database
from storage.records import ApiKey

LOCAL_USER = "local"
CONFIGURED_START = "key-"
COOKIE = "sostenuto_session"
FRESH_S = 3.0
"""For so long what was looked up is believed: a key revoked by another process works no longer than that."""
REMEMBERED = 4096
WRONG_KEYS = "30/minute"
"""So many wrong keys are tried from one address; then only those who came in before are listened to."""

log = structlog.get_logger("sostenuto.access")


def owner_of(key: str) -> str:
    """The owner that a configured key stands for: a prefix of its hash, which tells no key."""
    return f"{CONFIGURED_START}{hash_of(key)[:16]}"


@dataclass(frozen=True)
class Caller:
    """Somebody whom the API knows: `owner` is what songs belong to, `scopes` is what the key or session allows.

    `via` says how they came in: the one `local` user, a key of the `settings`, an issued `key`, a browser's `session`.
    `key_id` is the issued key, or the configured key's owner, that stands behind it; None for guests and the local
    user. `until` is when the key or session expires, `session_id` the session's id, for those who have one.
    """

    owner: str
    scopes: frozenset[Scope] = frozenset(ALL_SCOPES)
    via: Literal["local", "settings", "key", "session"] = "settings"
    key_id: str | None = None
    until: datetime | None = None
    session_id: str | None = None

    @property
    def actor(self) -> str:
        """The caller as histories name them."""
        return f"user:{self.owner}"

    @property
    def is_guest(self) -> bool:
        """Whether they came by an invitation, and have no key."""
        return self.owner.startswith(GUEST_START)


@dataclass(frozen=True)
class _Seen:
    caller: Caller
    fresh_until: float


class Credentials:
    """Knows callers by their secrets; remembers for moments whom it has looked up, so that most calls ask nobody.

    Wrong keys are counted for each address. From one that has tried too many only callers who came in before are
    looked up.
    """

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.keyless = not settings.api_keys
        self._database = database
        self._clock = clock
        keys = [key.get_secret_value() for key in settings.api_keys]
        self._configured = [(hashlib.sha256(key.encode()).digest(), owner_of(key)) for key in keys]
        self._seen: OrderedDict[str, _Seen] = OrderedDict()
        self._wrong = Rate(WRONG_KEYS, exact=True)

    async def caller(self, connection: HTTPConnection) -> Caller | None:
        """Who calls: by a key, else by a session's cookie, else the local user where no keys are configured.

        ApiProblem 429 for an address that has tried too many wrong keys.
        """
        header = connection.headers.get("authorization", "")
        scheme, _, key = header.partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        if key.startswith(KEY_START) or (header and not self.keyless):
            return await self.by_key(key, address_of(connection)) if key else None
        if (token := connection.cookies.get(COOKIE)) and (caller := await self.by_cookie(token)):
            return caller
        return Caller(LOCAL_USER, via="local") if self.keyless else None

    async def by_key(self, key: str, address: str) -> Caller | None:
        """Whom a key stands for; None for a wrong one. ApiProblem 429 after too many wrong ones."""
        digest = hash_of(key)
        if fresh := self._fresh(digest):
            return fresh
        if digest not in self._seen and (wait := await self._wrong.wait(address)):
            raise too_many_keys(wait)
        caller = self._by_configured(key)
        if caller is None and key.startswith(KEY_START):
            caller = await self._by_issued(digest)
        if caller is None:
            self._seen.pop(digest, None)
            await self._wrong.hit(address)
            return None
        return self._remember(digest, caller)

    async def by_cookie(self, token: str) -> Caller | None:
        """Whose session a cookie belongs to; None for one that has ended."""
        digest = hash_of(token)
        if fresh := self._fresh(digest):
            return fresh
        async with self._database.reading() as session:
            row = await session_by_hash(session, digest)
        if row is None or not self._still_configured(row.key_id):
            self._seen.pop(digest, None)
            return None
        scopes = frozenset(map(Scope, row.scopes))
        caller = Caller(row.user_id, scopes, "session", row.key_id, row.expires_at, row.id)
        return self._remember(digest, caller)

    async def sign_out(self, token: str) -> None:
        """End the session of a cookie, if it is one's."""
        digest = hash_of(token)
        async with self._database.session() as session:
            await end_session(session, digest)
        self._seen.pop(digest, None)

    def forget(self, *, key_id: str | None = None, owner: str | None = None) -> None:
        """Believe no more what was looked up of a key and its sessions, or of an owner."""

        def meant(caller: Caller) -> bool:
            return (key_id is not None and caller.key_id == key_id) or (owner is not None and caller.owner == owner)

        for digest in [digest for digest, seen in self._seen.items() if meant(seen.caller)]:
            del self._seen[digest]

    def _fresh(self, digest: str) -> Caller | None:
        seen = self._seen.get(digest)
        if seen is None or seen.fresh_until < self._clock():
            return None
        return seen.caller if seen.caller.until is None or seen.caller.until > utc_now() else None

    def _remember(self, digest: str, caller: Caller) -> Caller:
        self._seen[digest] = _Seen(caller, self._clock() + FRESH_S)
        self._seen.move_to_end(digest)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return caller

    def _by_configured(self, key: str) -> Caller | None:
        given = hashlib.sha256(key.encode()).digest()
        # Every key is compared, whichever matches, so that the time taken tells nothing.
        matches = [owner for known, owner in self._configured if hmac.compare_digest(given, known)]
        return Caller(matches[0], key_id=matches[0]) if matches else None

    async def _by_issued(self, digest: str) -> Caller | None:
        async with self._database.reading() as session:
            row = await key_by_hash(session, digest)
        if row is None:
            return None
        if not use_is_noted(row):
            await self._note_use(row)
        return Caller(row.user_id, frozenset(map(Scope, row.scopes)), "key", row.id, row.expires_at)

    async def _note_use(self, row: ApiKey) -> None:
        try:
            async with self._database.session() as session:
                await note_use(session, row)
        except DatabaseUnavailable as error:
            log.warning("key_use_not_noted", key_id=row.id, reason=error.message)

    def _still_configured(self, key_id: str | None) -> bool:
        """Whether the configured key that a session was opened with is still one; true for every other session."""
        if key_id is None or not key_id.startswith(CONFIGURED_START):
            return True
        return any(owner == key_id for _, owner in self._configured)


def too_many_keys(wait: int) -> ApiProblem:
    """The answer to somebody who tries keys."""
    detail = f"too many wrong API keys from your address: try again in {wait} s"
    return ApiProblem(429, "too_many_requests", detail, {"Retry-After": str(wait)})
