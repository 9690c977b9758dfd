"""Versions of a song: a family of songs, each but the first branched from another one's stage and revision."""

from datetime import datetime

from sqlalchemy import case, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.branching import Branch
from domain.errors import NotFound
from domain.settings import SongSettings
from domain.stages import Stage
from storage.records import Collaborator, Composition, Transition
from storage.songs import get_song, request_song
from storage.upserts import insert_missing


async def request_branch(
    session: AsyncSession,
    *,
    parent: Composition,
    stage: Stage,
    revision: int,
    composition_id: str,
    title: str,
    settings: SongSettings,
    seed: int,
    created_at: datetime,
    branching: Branch | None = None,
    by: str | None = None,
) -> Composition:
    """Record a branch that was asked for, before its workflow starts; the existing row when it is there already.

    It belongs to its parent's owner and family and takes the family's next version number. `branching` is what its
    workflow starts from. Somebody else, `by` whom it was asked for, is to it what they are to the parent.
    """
    # One branch of a family after the other, so that no number is given twice.
    family = select(col(Composition.id)).where(col(Composition.id) == parent.family).with_for_update()
    await session.exec(family)
    await request_song(
        session, composition_id=composition_id, owner=parent.owner, title=title, prompt=parent.description,
        settings=settings, seed=seed, created_at=created_at,
    )  # fmt: skip
    highest = select(func.max(col(Composition.version_number))).where(col(Composition.family) == parent.family)
    new = (col(Composition.id) == composition_id, col(Composition.parent_stage).is_(None))
    await session.exec(
        update(Composition)
        .where(*new)
        .values(
            family=parent.family, parent_id=parent.id, parent_stage=stage, parent_revision=revision,
            version_number=highest.scalar_subquery() + 1, is_main=False,
            branching=branching.model_dump(mode="json") if branching else None,
        )
    )  # fmt: skip
    if by is not None and by != parent.owner and (place := await session.get(Collaborator, (parent.id, by))):
        row = {"composition_id": composition_id, "user_id": by, "role": place.role, "created_at": created_at}
        await insert_missing(session, Collaborator, [row])
    return await _song(session, composition_id)


async def processed(session: AsyncSession, composition_id: str) -> list[Transition]:
    """Entries of a song's history that tell what a stage had made, newest first."""
    made = (col(Transition.from_stage) == col(Transition.to_stage), col(Transition.result).is_not(None))
    query = select(Transition).where(col(Transition.composition_id) == composition_id, *made)
    return list((await session.exec(query.order_by(col(Transition.number).desc()))).all())


async def versions(session: AsyncSession, composition_id: str) -> list[Composition]:
    """All versions of a song's family, the first one first; archived ones are among them."""
    family = (await _song(session, composition_id)).family
    query = select(Composition).where(col(Composition.family) == family)
    return list((await session.exec(query.order_by(col(Composition.version_number), col(Composition.id)))).all())


async def make_main(session: AsyncSession, composition_id: str) -> Composition:
    """Make a song the one main version of its family."""
    family = (await _song(session, composition_id)).family
    is_main = case((col(Composition.id) == composition_id, True), else_=False)
    changed = (col(Composition.family) == family, col(Composition.is_main) != is_main)
    await session.exec(
        update(Composition).where(*changed).values(is_main=is_main, edition=col(Composition.edition) + 1)
    )
    return await _song(session, composition_id)


async def _song(session: AsyncSession, composition_id: str) -> Composition:
    song = await get_song(session, composition_id)
    if song is None:
        raise NotFound(f"there is no song {composition_id}")
    return song
