"""What somebody is to a song."""

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Role
from storage.listing import Detailed
from storage.records import Collaborator, Composition


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
