"""Outgoing webhooks in the database: who is told, what is on its way, what came of each try."""

import base64
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Conflict, NotFound
from domain.projection import Projection
from domain.webhooks import (
    GIVEN_UP_AFTER,
    MAX_ENDPOINTS,
    OLD_SECRET_SIGNS_FOR,
    PING,
    DeliveryStatus,
    event_message,
    ping_message,
    wanted,
)
from storage.clock import utc_now
from storage.columns import clean_text
from storage.cursors import older, read_cursor, write_cursor
from storage.records import WebhookAttempt, WebhookDelivery, WebhookEndpoint, derived_id
from storage.songs import Page
from storage.upserts import insert_missing

KEPT = timedelta(days=30)
"""So long the log of a delivery is kept."""
START_AGAIN_AFTER = timedelta(minutes=1)
OVERDUE = timedelta(minutes=2)
STARTED_AT_ONCE = 100
MAX_PAGE = 200


def new_secret() -> str:
    """A secret to sign with: `whsec_` and 32 random bytes in base64."""
    return "whsec_" + base64.b64encode(os.urandom(32)).decode()


async def add_endpoint(session: AsyncSession, endpoint: WebhookEndpoint) -> None:
    """Write a new endpoint. Conflict at more than MAX_ENDPOINTS of one owner."""
    count = select(func.count()).select_from(WebhookEndpoint).where(col(WebhookEndpoint.owner) == endpoint.owner)
    if (await session.exec(count)).one() >= MAX_ENDPOINTS:
        raise Conflict(f"you have {MAX_ENDPOINTS} webhook endpoints already: delete one first")
    session.add(endpoint)
    await session.flush()


async def endpoints(session: AsyncSession, owner: str) -> list[WebhookEndpoint]:
    """All endpoints of an owner, oldest first."""
    query = select(WebhookEndpoint).where(col(WebhookEndpoint.owner) == owner)
    return list((await session.exec(query.order_by(col(WebhookEndpoint.created_at), col(WebhookEndpoint.id)))).all())


async def get_endpoint(session: AsyncSession, owner: str, id: str) -> WebhookEndpoint:
    """An endpoint of this owner; NotFound for any other, whoever has it."""
    found = await session.get(WebhookEndpoint, id, populate_existing=True)
    if found is None or found.owner != owner:
        raise NotFound(f"there is no webhook endpoint {id[:64]!r} of yours: GET /v1/webhook-endpoints lists them")
    return found


async def change_endpoint(
    session: AsyncSession, owner: str, id: str, changes: Mapping[str, Any], now: datetime
) -> WebhookEndpoint:
    """Change an endpoint; one that is switched on again starts with a clean record. NotFound."""
    endpoint = await get_endpoint(session, owner, id)
    for name, value in changes.items():
        setattr(endpoint, name, value)
    if changes.get("is_active"):
        endpoint.disabled_reason = None
    endpoint.updated_at = now
    session.add(endpoint)
    await session.flush()
    return endpoint


async def delete_endpoint(session: AsyncSession, owner: str, id: str) -> None:
    """Remove an endpoint, and with it its deliveries and their log. NotFound."""
    endpoint = await get_endpoint(session, owner, id)
    await session.delete(endpoint)


async def rotate_secret(session: AsyncSession, owner: str, id: str, now: datetime) -> WebhookEndpoint:
    """Give an endpoint a new secret; the one before signs as well for 24 hours. NotFound."""
    endpoint = await get_endpoint(session, owner, id)
    endpoint.previous_secret, endpoint.previous_until = endpoint.secret, now + OLD_SECRET_SIGNS_FOR
    endpoint.secret, endpoint.updated_at = new_secret(), now
    session.add(endpoint)
    await session.flush()
    return endpoint


def secrets_of(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    """What a message is signed with at `now`, the newest secret first."""
    old = endpoint.previous_secret
    return [endpoint.secret, *([old] if old and endpoint.previous_until and now < endpoint.previous_until else [])]


async def queue_events(session: AsyncSession, projection: Projection) -> int:
    """Write a delivery for each event and each active endpoint of the song's owner that wants it; how many are new.

    Repeating it adds nothing. An endpoint is told of nothing that happened before it was made.
    """
    active = select(col(WebhookEndpoint.id), col(WebhookEndpoint.event_types), col(WebhookEndpoint.created_at)).where(
        col(WebhookEndpoint.owner) == projection.owner, col(WebhookEndpoint.is_active).is_(True)
    )
    # An endpoint that is deleted meanwhile must not fail the song's projection.
    found = (await session.exec(active.with_for_update(read=True, key_share=True))).all()
    song, now = projection.composition_id, utc_now()
    rows = []
    for event in projection.events if found else ():
        told = [id for id, types, since in found if wanted(types, event.type) and event.time >= since]
        if told:
            body = event_message(event, composition_id=song, title=projection.title)
            rows += [_row(endpoint, event.type, event.seq, body, now, song) for endpoint in told]
    return await insert_missing(session, WebhookDelivery, rows)


async def queue_ping(session: AsyncSession, endpoint: WebhookEndpoint, id: str, now: datetime) -> WebhookDelivery:
    """Write the delivery of a trial, or find the one with its id."""
    row = _row(endpoint.id, PING, 0, ping_message(now), now, None) | {"id": id}
    await insert_missing(session, WebhookDelivery, [row])
    return await get_delivery(session, endpoint.id, id)


def _row(endpoint: str, type_: str, seq: int, body: str, now: datetime, song: str | None) -> dict[str, Any]:
    return {
        "id": derived_id("webhook", endpoint, song or "", seq),
        "endpoint_id": endpoint,
        "composition_id": song,
        "seq": seq,
        "event_type": type_,
        "payload": clean_text(body),
        "status": DeliveryStatus.PENDING.value,
        "created_at": now,
        "next_attempt_at": now,
    }


async def deliveries(
    session: AsyncSession, endpoint: str, *, status: DeliveryStatus | None, limit: int, cursor: str | None
) -> Page[WebhookDelivery]:
    """The log of an endpoint, newest first. InvalidInput for a cursor that is none of ours."""
    query = select(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == endpoint)
    if status is not None:
        query = query.where(col(WebhookDelivery.status) == status.value)
    if cursor is not None:
        place = read_cursor(cursor)
        query = query.where(older(col(WebhookDelivery.created_at), col(WebhookDelivery.id), place))
    newest = (col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
    limit = max(1, min(limit, MAX_PAGE))
    found = list((await session.exec(query.order_by(*newest).limit(limit + 1))).all())
    last = found[limit - 1] if len(found) > limit else None
    return Page(items=found[:limit], next_cursor=write_cursor(last.created_at, last.id) if last else None)


async def get_delivery(session: AsyncSession, endpoint: str, id: str) -> WebhookDelivery:
    """A delivery of an endpoint; NotFound for any other."""
    found = await session.get(WebhookDelivery, id, populate_existing=True)
    if found is None or found.endpoint_id != endpoint:
        raise NotFound(f"there is no delivery {id[:64]!r} of this endpoint")
    return found


async def attempts(session: AsyncSession, delivery: str) -> list[WebhookAttempt]:
    """The tries of a delivery, in their order."""
    query = select(WebhookAttempt).where(col(WebhookAttempt.delivery_id) == delivery)
    return list((await session.exec(query.order_by(col(WebhookAttempt.number)))).all())


async def replay(session: AsyncSession, endpoint: WebhookEndpoint, id: str, now: datetime) -> WebhookDelivery:
    """Put a delivery that is over on its way again. Conflict for one that is still on it, or an endpoint that is off.

    The message keeps its id, so that a receiver that had it knows it again.
    """
    delivery = await get_delivery(session, endpoint.id, id)
    if not endpoint.is_active:
        raise Conflict("the endpoint is switched off: switch it on by PATCH with is_active first")
    over = col(WebhookDelivery.status) != DeliveryStatus.PENDING.value
    again = (
        update(WebhookDelivery)
        .where(col(WebhookDelivery.id) == delivery.id, over)
        .values(status=DeliveryStatus.PENDING.value, next_attempt_at=now, error=None, delivered_at=None)
    )
    if (await session.exec(again)).rowcount == 0:
        raise Conflict("the delivery is still on its way: it is tried again by itself")
    return await get_delivery(session, endpoint.id, id)


async def unstarted(session: AsyncSession, now: datetime) -> list[str]:
    """Pending deliveries that no workflow seems to be busy with, longest waiting first."""
    due, fresh = col(WebhookDelivery.next_attempt_at), col(WebhookDelivery.attempts) == 0
    query = select(col(WebhookDelivery.id)).where(
        col(WebhookDelivery.status) == DeliveryStatus.PENDING.value,
        due <= now,
        or_(fresh, due <= now - OVERDUE),
    )
    return list((await session.exec(query.order_by(due).limit(STARTED_AT_ONCE))).all())


async def mark_started(session: AsyncSession, ids: Sequence[str], now: datetime) -> None:
    """Leave deliveries alone for a minute: a workflow is busy with them."""
    mine = (
        col(WebhookDelivery.id).in_(ids),
        col(WebhookDelivery.status) == DeliveryStatus.PENDING.value,
        col(WebhookDelivery.next_attempt_at) <= now,
    )
    await session.exec(update(WebhookDelivery).where(*mine).values(next_attempt_at=now + START_AGAIN_AFTER))


async def load(session: AsyncSession, delivery: str) -> tuple[WebhookDelivery, WebhookEndpoint] | None:
    """A delivery and where it goes; None when it was deleted."""
    query = (
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, col(WebhookEndpoint.id) == col(WebhookDelivery.endpoint_id))
        .where(col(WebhookDelivery.id) == delivery)
    )
    return (await session.exec(query)).first()


async def write_attempt(
    session: AsyncSession,
    delivery: str,
    attempt: Mapping[str, Any],
    *,
    status: DeliveryStatus,
    next_attempt_at: datetime | None,
) -> bool:
    """Write what came of a try; False when the delivery was deleted meanwhile.

    `attempt` has the columns of WebhookAttempt besides its number, which goes on from the tries before.
    """
    query = select(WebhookDelivery).where(col(WebhookDelivery.id) == delivery).with_for_update()
    row = (await session.exec(query)).first()
    if row is None:
        return False
    row.attempts += 1
    row.status, row.next_attempt_at = status.value, next_attempt_at
    row.response_status, row.error = attempt["response_status"], attempt["error"]
    row.delivered_at = attempt["time"] if status is DeliveryStatus.DELIVERED else None
    session.add(row)
    session.add(WebhookAttempt(delivery_id=delivery, number=row.attempts, **attempt))
    await session.flush()
    return True


async def drop(session: AsyncSession, delivery: str, reason: str) -> None:
    """End a pending delivery whose endpoint is switched off."""
    mine = col(WebhookDelivery.id) == delivery, col(WebhookDelivery.status) == DeliveryStatus.PENDING.value
    values = {"status": DeliveryStatus.DROPPED.value, "next_attempt_at": None, "error": reason}
    await session.exec(update(WebhookDelivery).where(*mine).values(**values))


async def switch_off(session: AsyncSession, endpoint: str, reason: str, now: datetime) -> None:
    """Tell an endpoint nothing more, and keep why; one that is off stays as it is."""
    mine = col(WebhookEndpoint.id) == endpoint, col(WebhookEndpoint.is_active).is_(True)
    values = {"is_active": False, "disabled_reason": reason, "updated_at": now}
    await session.exec(update(WebhookEndpoint).where(*mine).values(**values))


async def only_failed_since(session: AsyncSession, endpoint: WebhookEndpoint, now: datetime) -> datetime | None:
    """When the first of the failures came that no success has followed, if that is five days ago; else None.

    What was before the last change of the endpoint does not count.
    """
    ours = col(WebhookDelivery.endpoint_id) == endpoint.id
    arrived = (await session.exec(select(func.max(col(WebhookDelivery.delivered_at))).where(ours))).one()
    since = max(time for time in (endpoint.created_at, endpoint.updated_at, arrived) if time is not None)
    first = (
        select(col(WebhookAttempt.time))
        .join(WebhookDelivery, col(WebhookDelivery.id) == col(WebhookAttempt.delivery_id))
        .where(ours, col(WebhookAttempt.time) > since)
        .order_by(col(WebhookAttempt.time))
        .limit(1)
    )
    found = (await session.exec(first)).first()
    return found if found is not None and found <= now - GIVEN_UP_AFTER else None


async def purge(session: AsyncSession, now: datetime) -> int:
    """Remove deliveries that have been over for 30 days; how many."""
    old: tuple[ColumnElement[bool], ...] = (
        col(WebhookDelivery.created_at) <= now - KEPT,
        col(WebhookDelivery.status) != DeliveryStatus.PENDING.value,
    )
    return (await session.exec(delete(WebhookDelivery).where(*old))).rowcount
