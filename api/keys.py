"""API keys, and who the caller is."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from api.callers import Caller, CallerDep, KeyKeeper, require_scope
from api.idempotency import Answer, Key, once
from api.services import Services, ServicesDep
from api.starts import uuid7
from domain.access import Scope
from domain.errors import InvalidValue, NotFound
from storage.access import create_key, get_key, in_order, list_keys, rename_user, revoke_key
from storage.clock import utc_now
from storage.records import ApiKey, User
from storage.usage import running_songs, spent_today

PATH = "/v1/api-keys"
router = APIRouter(tags=["access"])
_KEY: dict[str, Any] = {
    "id": "019ab1c4-7d1e-7a32-8f0e-0d3c5b8a9e77",
    "name": "studio",
    "prefix": "sos_Xk3v9QpB",
    "scopes": ["read", "write"],
    "created_at": "2026-03-01T12:00:00Z",
    "last_used_at": None,
    "expires_at": "2027-03-01T12:00:00Z",
    "revoked_at": None,
}


def one_line(text: str) -> str:
    """A name without spaces around it; ValueError for one with line breaks or other signs that nobody sees."""
    if any(not char.isprintable() for char in text):
        raise ValueError("a name is one line of printable characters")
    return text.strip()


Name = Annotated[str, AfterValidator(one_line), Field(max_length=255)]


class NewKey(BaseModel):
    """A key to issue: by default with all that your own key allows, and as long as that one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "studio", "scopes": ["read", "write"]}]}
    )

    name: Name = ""
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] | None = Field(
        default=None, description="What it may be used for: nothing that your own key may not."
    )
    expires_at: AwareDatetime | None = Field(default=None, description="When it ends, no later than your own key.")


class KeyView(BaseModel):
    """An API key as lists show it: `prefix` is how it begins, the rest is kept by nobody but its holder."""

    model_config = ConfigDict(json_schema_extra={"examples": [_KEY]})

    id: str
    name: str
    prefix: str
    scopes: list[Scope]
    created_at: datetime
    last_used_at: datetime | None = Field(description="Within a minute.")
    expires_at: datetime | None
    revoked_at: datetime | None


class IssuedKey(KeyView):
    """A new API key, told once: `key` is null when the same request is repeated, since nobody has kept it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_KEY | {"key": "sos_Xk3v9QpB_5vDq0uC2mJt8Zr1LyXhWb7NfKaGs3PoEiTdU6cVx4Mk"}]}
    )

    key: str | None = Field(description="The whole key: note it now, it is shown this once.")


class KeyList(BaseModel):
    """A page of your keys, newest first, revoked ones too; `next_cursor` fetches the next one."""

    items: list[KeyView]
    next_cursor: str | None


class Used(BaseModel):
    """A limit, null for none, and what is used of it."""

    limit: int | None
    used: int


class UsedMoney(BaseModel):
    """A limit in US dollars, null for none, and what is used of it."""

    limit: Decimal | None
    used: Decimal


class LimitsView(BaseModel):
    """What you may use. Rates are such as `600/minute`, null for any."""

    requests: str | None
    starts: str | None = Field(description="How many songs may be started.")
    running_songs: Used = Field(description="Songs that are worked on at the same time; waiting ones do not count.")
    spend_today_usd: UsedMoney = Field(description="What providers may charge in a day (UTC), open calls included.")


class Me(BaseModel):
    """Who you are to this installation: `owner` is what songs belong to, `via` is how you came in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "owner": "key-8c6976e5b5410415",
                    "name": "Ada",
                    "scopes": ["read", "write", "webhooks", "keys"],
                    "via": "session",
                    "is_guest": False,
                    "limits": {
                        "requests": "600/minute",
                        "starts": "60/minute",
                        "running_songs": {"limit": 25, "used": 1},
                        "spend_today_usd": {"limit": "10.00", "used": "0.06"},
                    },
                }
            ]
        }
    )

    owner: str
    name: str
    scopes: list[Scope]
    via: Literal["local", "settings", "key", "session"]
    is_guest: bool = Field(description="You came by an invitation, and have no key.")
    limits: LimitsView


class NewName(BaseModel):
    """How others who work on a song with you see you."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Ada"}]})

    name: Name


@router.post(PATH, status_code=201, response_model=IssuedKey)
async def issue_key(
    caller: KeyKeeper, services: ServicesDep, request: Request, body: NewKey | None = None, key: Key = None
) -> Response:
    """Issue an API key of yours. It is told once: who repeats the request by `Idempotency-Key` gets it without `key`.

    It can never do more, nor hold longer, than the key that it was made with.
    """
    asked = body or NewKey()

    async def issue() -> Answer:
        scopes, ends = _scopes(caller, asked), _end(caller, asked)
        async with services.database.session() as session:
            issued = await create_key(
                session, key_id=str(uuid7()), owner=caller.owner, name=asked.name, scopes=scopes, expires_at=ends
            )
        view = IssuedKey(**key_view(issued.row).model_dump(), key=None)
        told = view.model_copy(update={"key": issued.secret})
        return Answer(201, told, {"Location": f"{PATH}/{issued.row.id}"}, kept=view)

    return await once(request, services, owner=caller.owner, key=key, work=issue, scope="api-keys")


@router.get(PATH)
async def list_api_keys(
    caller: KeyKeeper,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before.")] = None,
) -> KeyList:
    """Your API keys, newest first."""
    async with services.database.session() as session:
        page = await list_keys(session, caller.owner, limit=limit, cursor=cursor)
    return KeyList(items=[key_view(row) for row in page.items], next_cursor=page.next_cursor)


KeyId = Annotated[str, Path(max_length=64, description="The key's id.")]


@router.get(PATH + "/{key_id}")
async def get_api_key(caller: KeyKeeper, services: ServicesDep, key_id: KeyId) -> KeyView:
    """One API key of yours."""
    async with services.database.session() as session:
        row = await get_key(session, caller.owner, key_id)
    if row is None:
        raise _no_key(key_id)
    return key_view(row)


@router.delete(PATH + "/{key_id}", status_code=204, response_class=Response)
async def revoke_api_key(caller: KeyKeeper, services: ServicesDep, key_id: KeyId) -> Response:
    """Revoke an API key of yours, and end the sessions that were opened with it. Doing it again changes nothing."""
    async with services.database.session() as session:
        row = await revoke_key(session, caller.owner, key_id)
    if row is None:
        raise _no_key(key_id)
    services.credentials.forget(key_id=key_id)
    return Response(status_code=204)


@router.get("/v1/me")
async def get_me(caller: CallerDep, services: ServicesDep) -> Me:
    """Who you are, what your key allows, your limits and what you have used of them."""
    async with services.database.session() as session:
        row = await session.get(User, caller.owner)
    return await _me(services, caller, row.name if row else "")


@router.patch("/v1/me")
async def change_me(caller: CallerDep, services: ServicesDep, body: NewName) -> Me:
    """Give yourself a name."""
    async with services.database.session() as session:
        row = await rename_user(session, caller.owner, body.name)
    return await _me(services, caller, row.name)


def key_view(row: ApiKey) -> KeyView:
    """A key as lists show it."""
    fields = {name: getattr(row, name) for name in KeyView.model_fields if name != "scopes"}
    return KeyView(**fields, scopes=[Scope(scope) for scope in in_order(row.scopes)])


def _scopes(caller: Caller, asked: NewKey) -> list[Scope]:
    """What the new key may do; ApiProblem 403 where the caller's may not."""
    wanted = sorted(caller.scopes) if asked.scopes is None else asked.scopes
    for scope in wanted:
        require_scope(caller, scope)
    return wanted


def _end(caller: Caller, asked: NewKey) -> datetime | None:
    """When the new key ends; InvalidValue for a time that has passed, or after the caller's own key."""
    ends = asked.expires_at or caller.until
    if ends is not None and ends <= utc_now():
        raise InvalidValue(f"expires_at cannot be {ends.isoformat()}: that has passed; leave it out")
    if caller.until is not None and ends is not None and ends > caller.until:
        raise InvalidValue(
            f"expires_at cannot be {ends.isoformat()}: a key holds no longer than the one that it is made with, "
            f"until {caller.until.isoformat()}"
        )
    return ends


async def _me(services: Services, caller: Caller, name: str) -> Me:
    limits, local = services.limits, caller.via == "local"
    async with services.database.session() as session:
        running = await running_songs(session, caller.owner)
        spent = (await spent_today(session, caller.owner)).total
    return Me(
        owner=caller.owner,
        name=name,
        scopes=[Scope(scope) for scope in in_order(caller.scopes)],
        via=caller.via,
        is_guest=caller.is_guest,
        limits=LimitsView(
            requests=limits.requests.words if limits.requests and not local else None,
            starts=limits.starts.words if limits.starts and not local else None,
            running_songs=Used(limit=limits.most_running_of(caller.owner), used=running),
            spend_today_usd=UsedMoney(limit=limits.budget, used=spent),
        ),
    )


def _no_key(key_id: str) -> NotFound:
    return NotFound(f"there is no API key {key_id[:64]!r} of yours: GET {PATH} lists them")
