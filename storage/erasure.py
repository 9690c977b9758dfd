"""Rows of what somebody wants erased: hidden first, removed when their files are gone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.retention import Erasing
from storage import ledger
from storage.records import (
    ApiKey,
    Collaborator,
    Composition,
    ContextRow,
    IdempotencyRecord,
    Invitation,
    ProgressRow,
    ReferenceTrack,
    Session,
    User,
    WebhookEndpoint,
)


async def hide(session: AsyncSession, erasing: Erasing, *, now: datetime) -> list[str]:
    """Hide the songs from everybody, with no way back; their ids. An owner's keys and webhooks go at once."""
    mine = [col(Composition.owner) == erasing.owner, col(Composition.created_at) <= erasing.asked_at]
    if erasing.song is not None:
        mine.append(col(Composition.id) == erasing.song)
    hidden = {
        "is_active": False,
        "is_public": False,
        "archived_at": func.coalesce(col(Composition.archived_at), now),
        "condemned_at": func.coalesce(col(Composition.condemned_at), now),
        "removal_began_at": func.coalesce(col(Composition.removal_began_at), now),
        "edition": col(Composition.edition) + 1,
    }
    await session.exec(update(Composition).where(*mine).values(**hidden))
    if erasing.song is None:
        await session.exec(delete(Session).where(col(Session.user_id) == erasing.owner))
        await session.exec(delete(ApiKey).where(col(ApiKey.user_id) == erasing.owner))
        await session.exec(delete(WebhookEndpoint).where(col(WebhookEndpoint.owner) == erasing.owner))
    return list((await session.exec(select(col(Composition.id)).where(*mine).order_by(col(Composition.id)))).all())


async def erase_songs(session: AsyncSession, songs: Sequence[str]) -> None:
    """Remove the rows of some songs. What was paid for them stays for the budgets, without a word of what it was."""
    for song in songs:
        await ledger.forget(session, song)
        kept = or_(col(IdempotencyRecord.key).startswith(f"{song}/"), col(IdempotencyRecord.body).contains(song))
        await session.exec(delete(IdempotencyRecord).where(kept))
    await session.exec(delete(ContextRow).where(col(ContextRow.composition_id).in_(songs)))
    await session.exec(delete(ProgressRow).where(col(ProgressRow.composition_id).in_(songs)))
    await session.exec(delete(Composition).where(col(Composition.id).in_(songs)))


async def erase_person(session: AsyncSession, erasing: Erasing) -> None:
    """Remove what else there is of an owner: uploads, answers kept under keys, places in songs of others, the name."""
    owner = erasing.owner
    uploads = (col(ReferenceTrack.owner) == owner, col(ReferenceTrack.created_at) <= erasing.asked_at)
    await session.exec(delete(ReferenceTrack).where(*uploads))
    await session.exec(delete(IdempotencyRecord).where(col(IdempotencyRecord.owner) == owner))
    await session.exec(delete(Collaborator).where(col(Collaborator.user_id) == owner))
    await session.exec(
        update(Invitation).where(col(Invitation.accepted_by) == owner).values(accepted_by=None, email=None)
    )
    await session.exec(delete(User).where(col(User.id) == owner))
