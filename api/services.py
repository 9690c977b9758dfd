"""What every route works with, made once for each process, and the two ways to find a song."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from api.access import Owner
from api.inspection import Inspector
from api.live import Live
from api.metrics import Metrics
from api.temporal import Temporal
from domain.errors import NotFound
from storage.config import Settings
from storage.database import Database
from storage.media import MediaStore
from storage.records import Composition
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


def services_of(request: Request) -> Services:
    """The services of the application that serves `request`."""
    services: Services = request.app.state.services
    return services


ServicesDep = Annotated[Services, Depends(services_of)]
SongId = Annotated[str, Path(alias="id", description="The song's id.", max_length=64)]


async def own_song(song_id: SongId, owner: Owner, services: ServicesDep) -> Composition:
    """The song, if it is the caller's; somebody else's is NotFound like one that does not exist."""
    async with services.database.session() as session:
        song = await get_song(session, song_id)
    if song is None or song.owner != owner or not song.is_active:
        raise NotFound(f"there is no song {song_id[:64]!r}: GET /v1/compositions lists yours")
    return song


SongDep = Annotated[Composition, Depends(own_song)]
