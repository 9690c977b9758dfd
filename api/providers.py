"""Outside providers: which there are, what they can do and cost; and the door for their own calls."""

import base64
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.callers import Owner
from api.problems import ApiProblem
from api.services import ServicesDep
from domain.errors import NotFound
from domain.providers import Capabilities
from domain.providing import CALLBACK_BYTES, CALLBACK_PATH, CallbackCall
from storage import ledger
from storage.charges import Spent
from storage.provider_health import pauses
from storage.provider_status import published
from storage.spending import spend_by_provider

KEPT_HEADERS = ("x-webhook-", "webhook-", "x-fal-webhook-", "elevenlabs-signature", "content-type")
"""Beginnings of the headers that a worker needs to check a signature."""

router = APIRouter(tags=["providers"])


class PauseView(BaseModel):
    """A provider's operation that is left alone after a failure; the empty operation is the whole account."""

    operation: str
    seconds: float = Field(description="For so long it is asked for nothing.")
    reason: str


class ProviderView(BaseModel):
    """A provider as a worker saw it last. `missing` says why it is not offered; amounts are US dollars."""

    name: str
    configured: bool
    missing: str
    healthy: bool | None = Field(description="What the last free look at the account said; null: nobody looked.")
    credits: float | None
    note: str
    capabilities: Capabilities
    spent_usd: Decimal = Field(description="Charged to this installation's songs so far.")
    reserved_usd: Decimal = Field(description="What open calls may still be charged.")
    pauses: list[PauseView]
    checked_at: datetime | None


class ProviderList(BaseModel):
    """All providers by name, Sostenuto's own engine first."""

    items: list[ProviderView]


@router.get("/v1/providers")
async def list_providers(owner: Owner, services: ServicesDep) -> ProviderList:
    """Which providers there are, whether they are set up and healthy, what they can do, cost and have cost."""
    async with services.database.session() as session:
        found = await published(session)
        spent = await spend_by_provider(session)
        paused = await pauses(session)
    none = Spent()
    items = [
        ProviderView(
            name=status.capabilities.name,
            configured=status.configured,
            missing=status.missing,
            healthy=status.healthy,
            credits=status.credits,
            note=status.note,
            capabilities=status.capabilities,
            spent_usd=spent.get(status.capabilities.name, none).settled,
            reserved_usd=spent.get(status.capabilities.name, none).reserved,
            pauses=[
                PauseView(operation=where.operation, seconds=round(closed.open_for_s, 1), reason=closed.reason)
                for where, closed in paused
                if (where.provider, where.account) == (status.capabilities.name, status.account)
            ],
            checked_at=status.checked_at,
        )
        for status in found
    ]
    return ProviderList(items=sorted(items, key=lambda item: (item.name != "builtin", item.name)))


@router.post(CALLBACK_PATH + "/{provider}/{token}", status_code=202, response_class=Response)
async def take_callback(
    provider: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,31}$")],
    token: Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,64}$")],
    request: Request,
    services: ServicesDep,
) -> Response:
    """A provider tells that it is done. Kept, checked by a worker, and never more than a reason to look there."""
    body = await request.body()
    if len(body) > CALLBACK_BYTES:
        detail = f"a callback has at most {CALLBACK_BYTES:,} bytes, this one {len(body):,}"
        raise ApiProblem(413, "body_too_large", detail)
    async with services.database.session() as session:
        if not await ledger.knows_token(session, provider, token):
            raise NotFound("nobody waits for this callback")
    headers = {name: value for name, value in request.headers.items() if name.startswith(KEPT_HEADERS)}
    call = CallbackCall(provider=provider, token=token, headers=headers, body=base64.b64encode(body).decode())
    await services.temporal.hand_over(call)
    return Response(status_code=202)
