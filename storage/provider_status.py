"""What a worker, which holds the keys, tells the API about each provider."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.providers import Capabilities
from storage.clock import utc_now
from storage.records import ProviderStatus
from storage.upserts import upsert


@dataclass(frozen=True)
class Status:
    """A provider as it was seen at `checked_at`.

    `missing` says what is not configured; `healthy` is None where nobody has looked; `credits` are what the vendor
    calls so.
    """

    capabilities: Capabilities
    account: str = ""
    configured: bool = False
    missing: str = ""
    healthy: bool | None = None
    credits: float | None = None
    note: str = ""
    checked_at: datetime | None = None


async def publish(session: AsyncSession, statuses: Sequence[Status], *, now: datetime | None = None) -> None:
    """Overwrite what is known of these providers, unless another worker has looked later.

    A status without a time was seen `now`.
    """
    now = now or utc_now()
    for status in sorted(statuses, key=lambda status: status.capabilities.name):
        capabilities = status.capabilities.model_dump(mode="json")
        # Sets have no order, and a row that says the same should be the same.
        capabilities["tasks"] = sorted(capabilities["tasks"])
        row = {
            "provider": status.capabilities.name,
            "account": status.account,
            "capabilities": capabilities,
            "configured": status.configured,
            "missing": status.missing,
            "healthy": status.healthy,
            "credits": status.credits,
            "note": status.note,
            "checked_at": status.checked_at or now,
        }
        later = col(ProviderStatus.checked_at) > row["checked_at"]
        await upsert(session, ProviderStatus, row, unless=later)


async def published(session: AsyncSession) -> list[Status]:
    """What the workers have told, by name."""
    query = select(ProviderStatus).execution_options(populate_existing=True)
    rows = sorted((await session.exec(query)).all(), key=lambda row: row.provider)
    return [
        Status(
            Capabilities.model_validate(row.capabilities), row.account, row.configured, row.missing, row.healthy,
            row.credits, row.note, row.checked_at,
        )
        for row in rows
    ]  # fmt: skip
