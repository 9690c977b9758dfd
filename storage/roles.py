"""What somebody is to a song."""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Role
from storage.asked import asked_rows, given
from storage.listing import Detailed
from storage.records import Collaborator, Composition
from storage.upserts import is_postgres


async def role_in(session: AsyncSession, song: Composition, user: str | None) -> Role | None:
    """The role of `user` (None: somebody unknown) in a song; None where the song is hidden from them or archived."""
    shared = user is not None and user != song.owner and song.is_active
    place = await session.get(Collaborator, (song.id, user)) if shared else None
    return role_by(song, user, place.role if place else None)


def role_by(song: Composition | Detailed, user: str | None, place: str | None) -> Role | None:
    """The same, for somebody with a `place` in the song, or None for somebody with whom it is not shared."""
    if not song.is_active:
        return None
    if user is not None and user == song.owner:
        return Role.OWNER
    if place is not None:
        return Role(place)
    return Role.PUBLIC if song.is_public else None


async def roles_in(
    session: AsyncSession, wanted: Collection[tuple[str, str | None]]
) -> dict[tuple[str, str | None], Role | None]:
    """The roles for many songs and users at once; None also where there is no such song."""
    postgres = is_postgres(session)
    songs = {row.id: row for row in (await session.exec(_songs(postgres), params=given({s for s, _ in wanted}))).all()}
    # Most people look at songs of their own.
    shared = {song for song, user in wanted if user is not None and song in songs and songs[song].owner != user}
    rows = (await session.exec(_places(postgres), params=given(shared))).all() if shared else ()
    places = {(row.composition_id, row.user_id): row.role for row in rows}
    found: dict[tuple[str, str | None], Role | None] = {}
    for song, user in wanted:
        row = songs.get(song)
        found[song, user] = role_by(row, user, places.get((song, user)) if user else None) if row else None
    return found


@cache
def _songs(postgres: bool) -> Any:
    asked, song, _ = asked_rows(postgres=postgres)
    shown = (col(Composition.id), col(Composition.owner), col(Composition.is_active), col(Composition.is_public))
    return select(*shown).join(asked, col(Composition.id) == song)


@cache
def _places(postgres: bool) -> Any:
    asked, song, _ = asked_rows(postgres=postgres)
    return select(Collaborator).join(asked, col(Collaborator.composition_id) == song)
