"""Who else works on a song: collaborators, and the invitations by which they come."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Role
from storage.access import hash_of, new_token
from storage.clock import utc_now
from storage.records import Collaborator, Invitation
from storage.upserts import upsert

INVITATION_LASTS = timedelta(days=7)
MAX_PEOPLE = 100
"""Collaborators and open invitations of one song, each."""


@dataclass(frozen=True)
class Invited:
    """A new invitation and its row; `token` is what the invited person gets, told once and kept nowhere."""

    row: Invitation
    token: str = field(repr=False)


async def collaborators(session: AsyncSession, composition_id: str) -> list[Collaborator]:
    """Who works on a song besides its owner, the longest first."""
    query = select(Collaborator).where(col(Collaborator.composition_id) == composition_id)
    return list((await session.exec(query.order_by(col(Collaborator.created_at), col(Collaborator.user_id)))).all())


async def give_role(
    session: AsyncSession, composition_id: str, user: str, role: Role, *, now: datetime | None = None
) -> None:
    """Make `user` a collaborator, or change what they are."""
    row = {"composition_id": composition_id, "user_id": user, "role": role.value, "created_at": now or utc_now()}
    if (known := await session.get(Collaborator, (composition_id, user))) is not None:
        row["created_at"] = known.created_at
    await upsert(session, Collaborator, row)


async def remove(session: AsyncSession, composition_id: str, user: str) -> bool:
    """Take a collaborator's role away; False where they had none."""
    place = (col(Collaborator.composition_id) == composition_id, col(Collaborator.user_id) == user)
    return bool((await session.exec(delete(Collaborator).where(*place))).rowcount)


async def invite(
    session: AsyncSession,
    *,
    invitation_id: str,
    composition_id: str,
    role: Role,
    email: str | None,
    invited_by: str,
    now: datetime | None = None,
) -> Invited:
    """Offer a role in a song to whoever will hold the token, for seven days and once."""
    now = now or utc_now()
    token = new_token()
    row = Invitation(
        id=invitation_id,
        composition_id=composition_id,
        token_hash=hash_of(token),
        email=email,
        role=role.value,
        invited_by=invited_by,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    session.add(row)
    return Invited(row, token)


async def invitations(session: AsyncSession, composition_id: str) -> list[Invitation]:
    """Invitations to a song, newest first, those too that are used or have expired; at most the newest 200."""
    query = select(Invitation).where(col(Invitation.composition_id) == composition_id)
    newest = (col(Invitation.created_at).desc(), col(Invitation.id).desc())
    return list((await session.exec(query.order_by(*newest).limit(2 * MAX_PEOPLE))).all())


async def open_invitations(session: AsyncSession, composition_id: str, *, now: datetime | None = None) -> int:
    """How many invitations to a song can still be accepted."""
    open_ = (col(Invitation.accepted_at).is_(None), col(Invitation.expires_at) > (now or utc_now()))
    query = select(func.count()).select_from(Invitation)
    return (await session.exec(query.where(col(Invitation.composition_id) == composition_id, *open_))).one()


async def withdraw(session: AsyncSession, composition_id: str, invitation_id: str) -> bool:
    """Take an invitation back, or forget one that is over; False where there is none."""
    place = (col(Invitation.composition_id) == composition_id, col(Invitation.id) == invitation_id)
    return bool((await session.exec(delete(Invitation).where(*place))).rowcount)


async def invitation_by_token(session: AsyncSession, token: str) -> Invitation | None:
    """The invitation that this token belongs to, open or over."""
    query = select(Invitation).where(col(Invitation.token_hash) == hash_of(token))
    return (await session.exec(query)).first()


def is_open(row: Invitation, *, now: datetime | None = None) -> bool:
    """Whether an invitation can still be accepted."""
    return row.accepted_at is None and row.expires_at > (now or utc_now())


async def use(session: AsyncSession, row: Invitation, user: str, *, now: datetime | None = None) -> bool:
    """Use an invitation up for `user`, who gets its role unless theirs is higher; False where somebody was faster."""
    now = now or utc_now()
    unused = (col(Invitation.id) == row.id, col(Invitation.accepted_at).is_(None), col(Invitation.expires_at) > now)
    taken = await session.exec(update(Invitation).where(*unused).values(accepted_at=now, accepted_by=user))
    if not taken.rowcount:
        return False
    known = await session.get(Collaborator, (row.composition_id, user))
    if known is None or not Role(known.role).at_least(Role(row.role)):
        await give_role(session, row.composition_id, user, Role(row.role), now=now)
    return True
