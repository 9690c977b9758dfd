"""Signing in and out for browsers: a cookie that no script can read, and that no other site makes a browser send."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.access import is_loopback
from api.callers import Caller, MaybeCaller, Somebody, unauthorized
from api.credentials import COOKIE
from api.idempotency import Answer, Key, once
from api.rates import address_of
from api.services import Services, ServicesDep
from domain.access import Scope
from domain.errors import NotFound
from storage.access import SESSION_LASTS, Opened, in_order, open_session
from storage.records import User

PATH = "/v1/sessions"
router = APIRouter(prefix=PATH, tags=["access"])


class SignIn(BaseModel):
    """The API key to sign in with, where it is not sent as `Authorization: Bearer KEY`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"api_key": "sos_Xk3v9QpB_5vDq0uC2mJt"}]})

    api_key: SecretStr | None = Field(default=None, max_length=512)


class SessionView(BaseModel):
    """A browser's session."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "owner": "key-8c6976e5b5410415",
                    "name": "Ada",
                    "scopes": ["read", "write"],
                    "expires_at": "2026-03-15T12:00:00Z",
                }
            ]
        }
    )

    owner: str
    name: str
    scopes: list[Scope]
    expires_at: datetime | None


@router.post(
    "",
    status_code=201,
    response_model=SessionView,
    responses={201: {"description": "Signed in: the cookie `sostenuto_session` says so from now on."}},
)
async def sign_in(
    caller: MaybeCaller,
    services: ServicesDep,
    request: Request,
    body: SignIn | None = None,
    key: Key = None,
) -> Response:
    """Sign in a browser with an API key, for 14 days, or until the key expires or is revoked.

    The session may do what the key may. A request that is repeated by `Idempotency-Key` gets no second cookie.
    """
    signing_in = await _with_key(services, request, caller, body)
    opened: list[Opened] = []

    async def open_() -> Answer:
        async with services.database.session() as session:
            new = await open_session(
                session,
                user=signing_in.owner,
                scopes=signing_in.scopes,
                key_id=signing_in.key_id,
                until=signing_in.until,
            )
        opened.append(new)
        view = await _view(services, signing_in.owner, new.row.scopes, new.row.expires_at)
        return Answer(201, view, {"Location": f"{PATH}/current"})

    response = await once(request, services, owner=signing_in.owner, key=key, work=open_, scope="sessions")
    for new in opened:
        set_cookie(request, response, new)
    return response


@router.get("/current", responses={404: {"description": "You are not signed in by a session."}})
async def get_session(caller: Somebody, services: ServicesDep) -> SessionView:
    """The session of this browser."""
    if caller.via != "session":
        raise NotFound("you are not signed in by a session: POST /v1/sessions opens one")
    return await _view(services, caller.owner, list(caller.scopes), caller.until)


@router.delete("", status_code=204, response_class=Response)
async def sign_out(caller: MaybeCaller, services: ServicesDep, request: Request) -> Response:
    """Sign out: this browser's session ends, if it has one."""
    if token := request.cookies.get(COOKIE):
        await services.credentials.sign_out(token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=_secure(request))
    return response


def set_cookie(request: Request, response: Response, opened: Opened) -> None:
    """Let the browser keep a session."""
    lasts = opened.row.expires_at - opened.row.created_at
    strict: Literal["strict"] = "strict"
    response.set_cookie(
        COOKIE,
        opened.token,
        max_age=int(min(lasts, SESSION_LASTS).total_seconds()),
        path="/",
        httponly=True,
        samesite=strict,
        secure=_secure(request),
    )


def _secure(request: Request) -> bool:
    """Whether the cookie is for TLS only: always, but for a browser on this very machine."""
    return request.url.scheme != "http" or not is_loopback(request.url.hostname or "")


async def _with_key(services: Services, request: Request, caller: Caller | None, body: SignIn | None) -> Caller:
    """Who signs in, by the key in the body or in the header; ApiProblem 401 without a valid one."""
    if body is not None and body.api_key is not None:
        caller = await services.credentials.by_key(body.api_key.get_secret_value().strip(), address_of(request))
    if caller is None or caller.via not in ("settings", "key"):
        raise unauthorized()
    return caller


async def _view(services: Services, owner: str, scopes: list[str], expires_at: datetime | None) -> SessionView:
    async with services.database.session() as session:
        user = await session.get(User, owner)
    kept = [Scope(scope) for scope in in_order(scopes)]
    return SessionView(owner=owner, name=user.name if user else "", scopes=kept, expires_at=expires_at)
