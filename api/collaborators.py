"""Who works on a song together: collaborators with roles, and the invitations by which they come."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.callers import Caller, MaybeCaller, require_scope, unauthorized
from api.idempotency import Answer, Key, once
from api.keys import Name
from api.problems import ApiProblem
from api.services import InsideSong, OwnedSong, Services, ServicesDep, SongAccessDep
from api.sessions import set_cookie
from api.starts import uuid7
from domain.access import Role, Scope
from domain.errors import Conflict, NotFound
from storage import collaborators as people
from storage.access import Opened, ensure_user, hash_of, names_of, new_guest, open_session
from storage.records import Collaborator, Composition, Invitation
from storage.songs import get_song

router = APIRouter(tags=["collaborators"])
SONG = "/v1/compositions/{id}"
INVITATION = "/v1/invitations/{token}"
GUEST_SCOPES = (Scope.READ, Scope.WRITE)

GivenRole = Literal[Role.VIEWER, Role.EDITOR]
InvitationState = Literal["open", "accepted", "expired"]
_PERSON: dict[str, Any] = {"user": "guest-019ab1c4-7d1e-7a32-8f0e-0d3c5b8a9e77", "name": "Ada", "role": "editor"}
_SINCE: dict[str, Any] = {"since": "2026-03-01T12:00:00Z"}
_OFFER: dict[str, Any] = {
    "id": "019ab1c4-7d1e-7a32-8f0e-0d3c5b8a9e77",
    "role": "viewer",
    "email": "ada@example.org",
    "state": "open",
    "invited_by": "key-8c6976e5b5410415",
    "created_at": "2026-03-01T12:00:00Z",
    "expires_at": "2026-03-08T12:00:00Z",
    "accepted_by": None,
}
_TOKEN = "J2vP8sYkQm4dXr7LbN0wTzHc9FgUe5aKi1oSxV3yR6E"


class Person(BaseModel):
    """Somebody who works on a song, and since when."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PERSON | _SINCE]})

    user: str
    name: str = Field(description="As they call themselves; empty where they have not said.")
    role: Role
    since: datetime


class People(BaseModel):
    """Everybody who works on a song, its owner first."""

    items: list[Person]


class NewInvitation(BaseModel):
    """What to offer. `email` is a note of yours: nothing is sent there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "editor"}]})

    role: GivenRole = Role.VIEWER
    email: str | None = Field(default=None, max_length=320, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$")


class InvitationView(BaseModel):
    """An invitation to a song; it can be accepted once, while it is open."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OFFER]})

    id: str
    role: Role
    email: str | None
    state: InvitationState
    invited_by: str
    created_at: datetime
    expires_at: datetime
    accepted_by: str | None


class IssuedInvitation(InvitationView):
    """A new invitation. `token` and `link` are told once: they are null where the request is repeated."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_OFFER | {"token": _TOKEN, "link": f"https://music.example.org/v1/invitations/{_TOKEN}"}]
        }
    )

    token: str | None
    link: str | None = Field(description="What the invited person looks at; POST to its `acceptance` accepts.")


class Invitations(BaseModel):
    """Invitations to a song, newest first."""

    items: list[InvitationView]


class Offer(BaseModel):
    """What an invitation offers, for whoever holds its token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Rainy Window", "role": "editor", "invited_by": "Grace", "expires_at": _OFFER["expires_at"]}
            ]
        }
    )

    title: str
    role: Role
    invited_by: str = Field(description="Their name; empty where they have not said.")
    expires_at: datetime


class Acceptance(BaseModel):
    """Your name, where you have no key: you become a guest, known by a session."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Ada"}]})

    name: Name | None = None


class Joined(BaseModel):
    """The song that you now work on, and what you are to it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"composition_id": "019ab1c4-0000-7000-8000-000000000000"} | _PERSON]}
    )

    composition_id: str
    user: str
    name: str
    role: Role


class NewRole(BaseModel):
    """What somebody shall be to a song."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"role": "viewer"}]})

    role: GivenRole


User = Annotated[str, Path(max_length=200, description="Who: `user` in the list of collaborators.")]
InvitationId = Annotated[str, Path(max_length=64, description="The invitation's id.")]
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}$", description="The invitation's token.")]


@router.get(f"{SONG}/collaborators")
async def list_collaborators(song: InsideSong, services: ServicesDep) -> People:
    """Everybody who works on the song: its owner, editors and viewers."""
    async with services.database.session() as session:
        rows = await people.collaborators(session, song.id)
        names = await names_of(session, [song.owner, *(row.user_id for row in rows)])
    owner = Person(user=song.owner, name=names.get(song.owner, ""), role=Role.OWNER, since=song.created_at)
    return People(items=[owner, *(_person(row, names) for row in rows)])


@router.post(f"{SONG}/collaborators", status_code=201, response_model=IssuedInvitation)
async def invite_collaborator(
    song: OwnedSong,
    access: SongAccessDep,
    services: ServicesDep,
    request: Request,
    body: NewInvitation | None = None,
    key: Key = None,
) -> Response:
    """Invite somebody to your song. Whoever gets the token may accept it once, within seven days.

    The token is told once: who repeats the request by `Idempotency-Key` gets the invitation without it.
    """
    assert access.caller is not None
    owner, asked = access.caller.owner, body or NewInvitation()

    async def issue() -> Answer:
        async with services.database.session() as session:
            if await people.open_invitations(session, song.id) >= people.MAX_PEOPLE:
                detail = f"{people.MAX_PEOPLE} invitations to this song are open: take some back first"
                raise ApiProblem(409, "limit_reached", detail)
            await ensure_user(session, owner)
            new = await people.invite(
                session,
                invitation_id=str(uuid7()),
                composition_id=song.id,
                role=asked.role,
                email=asked.email,
                invited_by=owner,
            )
        view = IssuedInvitation(**_invitation(new.row).model_dump(), token=None, link=None)
        root = services.settings.public_url or str(request.base_url).rstrip("/")
        link = root + INVITATION.format(token=new.token)
        told = view.model_copy(update={"token": new.token, "link": link})
        location = {"Location": f"/v1/compositions/{song.id}/invitations/{new.row.id}"}
        return Answer(201, told, location, kept=view)

    return await once(request, services, owner=owner, key=key, work=issue, scope=song.id)


@router.patch(f"{SONG}/collaborators/{{user}}")
async def change_role(song: OwnedSong, services: ServicesDep, user: User, body: NewRole) -> Person:
    """Make a collaborator of your song a viewer or an editor."""
    async with services.database.session() as session:
        if await session.get(Collaborator, (song.id, user)) is None:
            raise _nobody(user)
        await people.give_role(session, song.id, user, body.role)
        row = await session.get(Collaborator, (song.id, user), populate_existing=True)
        names = await names_of(session, [user])
    assert row is not None
    return _person(row, names)


@router.delete(f"{SONG}/collaborators/{{user}}", status_code=204, response_class=Response)
async def remove_collaborator(song: InsideSong, access: SongAccessDep, services: ServicesDep, user: User) -> Response:
    """Take somebody's role in your song away, or leave a song that was shared with you."""
    assert access.caller is not None
    if access.role is not Role.OWNER and user != access.caller.owner:
        raise ApiProblem(403, "forbidden", "only the song's owner removes others; you can leave it yourself")
    if user == song.owner:
        raise Conflict("the owner stays: archive the song instead")
    async with services.database.session() as session:
        if not await people.remove(session, song.id, user):
            raise _nobody(user)
    return Response(status_code=204)


@router.get(f"{SONG}/invitations")
async def list_invitations(song: OwnedSong, services: ServicesDep) -> Invitations:
    """The newest 200 invitations to your song, those too that are over."""
    async with services.database.session() as session:
        rows = await people.invitations(session, song.id)
    return Invitations(items=[_invitation(row) for row in rows])


@router.get(f"{SONG}/invitations/{{invitation}}")
async def get_invitation(song: OwnedSong, services: ServicesDep, invitation: InvitationId) -> InvitationView:
    """One invitation to your song."""
    async with services.database.session() as session:
        row = await session.get(Invitation, invitation)
    if row is None or row.composition_id != song.id:
        raise _no_invitation()
    return _invitation(row)


@router.delete(f"{SONG}/invitations/{{invitation}}", status_code=204, response_class=Response)
async def take_back_invitation(song: OwnedSong, services: ServicesDep, invitation: InvitationId) -> Response:
    """Take an invitation to your song back; who has accepted it already stays."""
    async with services.database.session() as session:
        if not await people.withdraw(session, song.id, invitation):
            raise _no_invitation()
    return Response(status_code=204)


_OVER: dict[int | str, dict[str, Any]] = {410: {"description": "The invitation is used or has expired."}}


@router.get(INVITATION, responses=_OVER)
async def look_at_invitation(caller: MaybeCaller, services: ServicesDep, token: Token) -> Offer:
    """What an invitation offers. Its token is enough to see that."""
    row, song = await _offered(services, token)
    async with services.database.session() as session:
        names = await names_of(session, [row.invited_by])
    inviter = names.get(row.invited_by, "")
    return Offer(title=song.title, role=Role(row.role), invited_by=inviter, expires_at=row.expires_at)


@router.post(f"{INVITATION}/acceptance", status_code=201, response_model=Joined, responses=_OVER)
async def accept_invitation(
    caller: MaybeCaller,
    services: ServicesDep,
    request: Request,
    token: Token,
    body: Acceptance | None = None,
    key: Key = None,
) -> Response:
    """Accept an invitation: with a key or a session you become a collaborator as who you are.

    Without one you say your name and become a guest; the answer's cookie is how you are known from then on. Who is an
    editor already stays one.
    """
    asked = body or Acceptance()
    opened: list[Opened] = []

    async def join() -> Answer:
        row, song = await _offered(services, token)
        joining = _who_joins(caller, song, asked)
        async with services.database.session() as session:
            if joining is None:
                user = await new_guest(session, str(uuid7()), asked.name or "")
                opened.append(await open_session(session, user=user.id, scopes=GUEST_SCOPES, key_id=None))
            else:
                user = await ensure_user(session, joining.owner)
            if not await people.use(session, row, user.id):
                raise _over()
            place = await session.get(Collaborator, (song.id, user.id), populate_existing=True)
        assert place is not None
        joined = Joined(composition_id=song.id, user=user.id, name=user.name, role=Role(place.role))
        return Answer(201, joined, {"Location": f"/v1/compositions/{song.id}"})

    owner = f"invitation-{hash_of(token)[:32]}"
    response = await once(request, services, owner=owner, key=key, work=join)
    for new in opened:
        set_cookie(request, response, new)
    return response


def _who_joins(caller: Caller | None, song: Composition, asked: Acceptance) -> Caller | None:
    """Who becomes a collaborator; None for a guest who is still to be made.

    ApiProblem 401 for somebody unknown who gives no name, 403 for a key that only reads; Conflict for the owner.
    """
    # Without keys everybody on this machine is the local user, until they say that they are somebody else.
    unknown = caller is None or (caller.via == "local" and song.owner == caller.owner)
    if unknown and asked.name:
        return None
    if caller is None:
        problem = unauthorized()
        detail = "say who you are: give a name to become a guest, or sign in with a key of yours first"
        raise ApiProblem(problem.status, problem.code, detail, problem.headers)
    require_scope(caller, Scope.WRITE)
    if caller.owner == song.owner:
        words = " give a name to work on it as somebody else" if caller.via == "local" else " send the link to others"
        raise Conflict(f"the song is yours already:{words}")
    return caller


async def _offered(services: Services, token: str) -> tuple[Invitation, Composition]:
    """An open invitation and its song; NotFound for an unknown token, ApiProblem 410 for one that is over."""
    async with services.database.session() as session:
        row = await people.invitation_by_token(session, token)
        song = await get_song(session, row.composition_id) if row else None
    if row is None or song is None or not song.is_active:
        raise _no_invitation()
    if not people.is_open(row):
        raise _over()
    return row, song


def _over() -> ApiProblem:
    return ApiProblem(410, "gone", "this invitation is used or has expired: ask the song's owner for a new one")


def _no_invitation() -> NotFound:
    return NotFound("there is no such invitation: it may have been taken back; ask the song's owner for a new one")


def _nobody(user: str) -> NotFound:
    return NotFound(f"{user[:64]!r} does not work on this song: GET its collaborators to see who does")


def _person(row: Collaborator, names: dict[str, str]) -> Person:
    return Person(user=row.user_id, name=names.get(row.user_id, ""), role=Role(row.role), since=row.created_at)


def _invitation(row: Invitation) -> InvitationView:
    state: InvitationState = "accepted" if row.accepted_at else "open" if people.is_open(row) else "expired"
    fields = {name: getattr(row, name) for name in InvitationView.model_fields if name not in ("state", "role")}
    return InvitationView(**fields, role=Role(row.role), state=state)
