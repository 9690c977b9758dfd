"""Who calls: API keys, the one local user of an embedded run, and what a key may be used for."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.problems import ApiProblem
from domain.access import ALL_SCOPES, Scope
from storage.config import Settings

LOCAL_USER = "local"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def owner_of(key: str) -> str:
    """The owner that a key stands for: a prefix of its hash, so that songs outlive a restart but tell no key."""
    return f"key-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _configured(settings: Settings) -> list[bytes]:
    return [hashlib.sha256(key.get_secret_value().encode()).digest() for key in settings.api_keys]


@dataclass(frozen=True)
class Caller:
    """Somebody whom the API knows: `owner` is what songs belong to, `scopes` is what the key or session allows.

    `via` says how they came in: the one `local` user, a key of the `settings`, an issued `key`, a browser's `session`.
    """

    owner: str
    scopes: frozenset[Scope] = frozenset(ALL_SCOPES)
    via: Literal["local", "settings", "key", "session"] = "settings"

    @property
    def actor(self) -> str:
        """The caller as histories name them."""
        return f"user:{self.owner}"


async def known_caller(connection: HTTPConnection) -> Caller | None:
    """Who calls; None for somebody unknown, who may still look at what is public."""
    settings: Settings = connection.app.state.services.settings
    if not settings.api_keys:
        return Caller(LOCAL_USER, via="local")
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    given = hashlib.sha256(key.strip().encode()).digest()
    # Every key is compared, whichever matches, so that the time taken tells nothing.
    matches = [hmac.compare_digest(given, known) for known in _configured(settings)]
    if scheme.lower() != "bearer" or not any(matches):
        return None
    return Caller(owner_of(key.strip()))


MaybeCaller = Annotated[Caller | None, Depends(known_caller)]


async def current_caller(connection: HTTPConnection, caller: MaybeCaller) -> Caller:
    """Who calls. ApiProblem: 401 for somebody unknown, 403 for a key without the scope that the method needs."""
    return admitted(connection, caller)


def admitted(connection: HTTPConnection, caller: Caller | None) -> Caller:
    """`caller`, if they are known and their key may read, or write where something is changed."""
    if caller is None:
        raise unauthorized()
    require_scope(caller, Scope.READ if connection.scope.get("method", "GET") in SAFE_METHODS else Scope.WRITE)
    return caller


def require_scope(caller: Caller, scope: Scope) -> None:
    """ApiProblem 403 unless the caller's key allows `scope`."""
    if scope not in caller.scopes:
        has = ", ".join(sorted(caller.scopes)) or "none"
        raise ApiProblem(403, "missing_scope", f"this needs a key with the scope {scope}, yours has {has}")


def unauthorized() -> ApiProblem:
    """The answer to somebody unknown."""
    return ApiProblem(
        401,
        "unauthorized",
        "send a valid API key as 'Authorization: Bearer KEY'",
        {"WWW-Authenticate": 'Bearer realm="sostenuto"'},
    )


async def current_owner(caller: Annotated[Caller, Depends(current_caller)]) -> str:
    """Whose songs a request is about."""
    return caller.owner


CallerDep = Annotated[Caller, Depends(current_caller)]
Owner = Annotated[str, Depends(current_owner)]
