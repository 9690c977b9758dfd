"""Idempotency keys: a repeated request gets the answer of the first one for 24 hours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.clock import utc_now
from storage.records import IdempotencyRecord
from storage.upserts import insert_missing

KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Begun:
    """Where a request under a key stands; `status`, `body` and `headers` are the kept answer when it is done.

    `new`: go ahead, then `finish` or `forget`. `in_flight`: the first one has not ended. `done`: give the kept
    answer. `mismatch`: the key was used for another request.
    """

    state: Literal["new", "in_flight", "done", "mismatch"]
    status: int | None = None
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


async def begin(
    session: AsyncSession, *, owner: str, key: str, body_sha256: str, method_path: str, now: datetime | None = None
) -> Begun:
    """Claim `key` of `owner` for a request; of several at the same time exactly one is `new`."""
    now = now or utc_now()
    await session.exec(
        delete(IdempotencyRecord).where(*_record(owner, key), col(IdempotencyRecord.created_at) <= now - KEPT)
    )
    row = {
        "owner": owner, "key": key, "body_sha256": body_sha256, "method_path": method_path, "created_at": now,
    }  # fmt: skip
    if await insert_missing(session, IdempotencyRecord, [row]):
        return Begun("new")
    kept = await session.get(IdempotencyRecord, (owner, key), populate_existing=True)
    if kept is None:
        return Begun("in_flight")
    if (kept.body_sha256, kept.method_path) != (body_sha256, method_path):
        return Begun("mismatch")
    if kept.status is None:
        return Begun("in_flight")
    return Begun("done", kept.status, kept.body, dict(kept.headers))


async def finish(
    session: AsyncSession, *, owner: str, key: str, status: int, body: str | None, headers: Mapping[str, str]
) -> None:
    """Keep the answer of the request that claimed `key`."""
    answer: dict[str, Any] = {"status": status, "body": body, "headers": dict(headers)}
    await session.exec(update(IdempotencyRecord).where(*_record(owner, key)).values(**answer))


async def forget(session: AsyncSession, *, owner: str, key: str) -> None:
    """Give up a claim: the request ended without an answer that holds, and may be tried again."""
    await session.exec(delete(IdempotencyRecord).where(*_record(owner, key), col(IdempotencyRecord.status).is_(None)))


async def purge(session: AsyncSession, *, now: datetime | None = None) -> int:
    """Remove what is older than 24 hours; how many."""
    old = col(IdempotencyRecord.created_at) <= (now or utc_now()) - KEPT
    return (await session.exec(delete(IdempotencyRecord).where(old))).rowcount


def _record(owner: str, key: str) -> tuple[Any, Any]:
    return col(IdempotencyRecord.owner) == owner, col(IdempotencyRecord.key) == key
