"""What every route works with, and the song that a request is about, for those who may see or change it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path
from starlette.requests import HTTPConnection

from api.callers import Caller, MaybeCaller, admitted, unauthorized
from api.contexts import Contexts
from api.credentials import Credentials
from api.inspection import Inspector
from api.limits import Limits
from api.live import Live
from api.metrics import Metrics
from api.problems import ApiProblem
from api.temporal import Temporal
from domain.access import Role
from domain.errors import NotFound
from storage.config import Settings
from storage.database import Database
from storage.media import MediaStore
from storage.records import Composition
from storage.roles import role_in
from storage.songs import get_song


@dataclass(frozen=True)
class Services:
    """The parts that the API stands on."""

    settings: Settings
    database: Database
    media: MediaStore
    temporal: Temporal
    live: Live
    metrics: Metrics
    inspector: Inspector
    credentials: Credentials
    limits: Limits
    contexts: Contexts


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that serves `connection`."""
    services: Services = connection.app.state.services
    return services


async def _services(connection: HTTPConnection) -> Services:
    # Not `services_of` itself: FastAPI hands plain functions over to a thread, for each request.
    return services_of(connection)


ServicesDep = Annotated[Services, Depends(_services)]
SongId = Annotated[str, Path(alias="id", description="The song's id.", max_length=64)]


@dataclass(frozen=True)
class SongAccess:
    """A song, who asks for it, and what they are to it; `caller` is None for somebody unknown and a public song."""

    song: Composition
    role: Role
    caller: Caller | None


async def song_access(
    connection: HTTPConnection, song_id: SongId, caller: MaybeCaller, services: ServicesDep
) -> SongAccess:
    """The song, for whom it is not hidden: one that the caller may not see is NotFound like one that does not exist.

    ApiProblem 401 where nobody known asks for what is not public, 403 for a key without the needed scope.
    """
    async with services.database.reading() as session:
        song = await get_song(session, song_id)
        role = await role_in(session, song, caller.owner if caller else None) if song else None
    role = let_in(connection, song_id, caller, role)
    if song is None:
        raise _hidden(song_id)
    return SongAccess(song, role, caller)


def let_in(connection: HTTPConnection, song_id: str, caller: Caller | None, role: Role | None) -> Role:
    """The role, for whom the song is not hidden and whose key may do it; else the errors of `song_access`."""
    if caller is not None or role is None:
        admitted(connection, caller)
    if role is None:
        raise _hidden(song_id)
    return role


def _hidden(song_id: str) -> NotFound:
    return NotFound(f"there is no song {song_id[:64]!r}: GET /v1/compositions lists yours")


SongAccessDep = Annotated[SongAccess, Depends(song_access)]


def _song_for(wanted: Role) -> Callable[[HTTPConnection, SongAccess], Awaitable[Composition]]:
    async def song_of(connection: HTTPConnection, access: SongAccessDep) -> Composition:
        if access.caller is None and wanted is not Role.PUBLIC:
            raise unauthorized()
        if not access.role.at_least(wanted):
            raise ApiProblem(403, "forbidden", f"this takes the role {wanted} in the song, yours is {access.role}")
        return access.song

    return song_of


SongDep = Annotated[Composition, Depends(_song_for(Role.PUBLIC))]
"""A song that the caller may see: their own, one shared with them, a public one."""
InsideSong = Annotated[Composition, Depends(_song_for(Role.VIEWER))]
"""A song of the caller's, or shared with them: what is public shows no money and no people."""
EditableSong = Annotated[Composition, Depends(_song_for(Role.EDITOR))]
"""A song that the caller may change."""
OwnedSong = Annotated[Composition, Depends(_song_for(Role.OWNER))]
"""A song of the caller's own."""
