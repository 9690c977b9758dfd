"""What somebody is to a song."""

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Role
from storage.records import Collaborator, Composition


async def role_in(session: AsyncSession, song: Composition, user: str | None) -> Role | None:
    """The role of `user` (None: somebody unknown) in a song; None where the song is hidden from them or archived."""
    if not song.is_active:
        return None
    if user is not None and user == song.owner:
        return Role.OWNER
    if user is not None and (place := await session.get(Collaborator, (song.id, user))):
        return Role(place.role)
    return Role.PUBLIC if song.is_public else None
