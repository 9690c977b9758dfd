"""Who calls, and whether their key allows it: what routes depend on."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.credentials import LOCAL_USER, Caller, owner_of
from api.problems import ApiProblem
from domain.access import Scope

if TYPE_CHECKING:
    from api.services import Services

__all__ = ["LOCAL_USER", "SAFE_METHODS", "Caller", "owner_of"]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


async def known_caller(connection: HTTPConnection) -> Caller | None:
    """Who calls; None for somebody unknown, who may still look at what is public.

    ApiProblem 429 for a caller, or an address where nobody is known, that calls too often or tries too many keys.
    """
    services: Services = connection.app.state.services
    caller = await services.credentials.caller(connection)
    await services.limits.count(connection, caller)
    return caller


MaybeCaller = Annotated[Caller | None, Depends(known_caller)]


async def somebody(caller: MaybeCaller) -> Caller:
    """Who calls. ApiProblem 401 for somebody unknown."""
    if caller is None:
        raise unauthorized()
    return caller


Somebody = Annotated[Caller, Depends(somebody)]


async def current_caller(connection: HTTPConnection, caller: Somebody) -> Caller:
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
        "send a valid API key as 'Authorization: Bearer KEY', or sign in: POST /v1/sessions",
        {"WWW-Authenticate": 'Bearer realm="sostenuto"'},
    )


async def current_owner(caller: Annotated[Caller, Depends(current_caller)]) -> str:
    """Whose songs a request is about."""
    return caller.owner


async def key_keeper(caller: Somebody) -> Caller:
    """Who calls, with a key that may manage keys. ApiProblem: 401 for somebody unknown, 403 without the scope."""
    require_scope(caller, Scope.KEYS)
    return caller


CallerDep = Annotated[Caller, Depends(current_caller)]
Owner = Annotated[str, Depends(current_owner)]
KeyKeeper = Annotated[Caller, Depends(key_keeper)]
