"""Outgoing webhooks (Standard Webhooks 1.0.0): who is told of what, trials, the log, and sending again."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.callers import Somebody, require_scope
from api.idempotency import Answer, Key, once
from api.services import Services, ServicesDep
from api.starts import uuid7
from domain.access import Scope
from domain.errors import ServerUnavailable
from domain.events import EventType
from domain.strict import Truth
from domain.webhooks import DeliveryStatus, WebhookMessage, WebhookPing
from storage import webhooks
from storage.outgoing import MAX_URL, Outgoing
from storage.records import WebhookAttempt, WebhookDelivery, WebhookEndpoint

PATH = "/v1/webhook-endpoints"
router = APIRouter(prefix=PATH, tags=["webhooks"])
log = structlog.get_logger("sostenuto.api")


async def webhook_keeper(caller: Somebody) -> str:
    """Whose endpoints a request is about. ApiProblem: 401 for somebody unknown, 403 without the scope `webhooks`."""
    require_scope(caller, Scope.WEBHOOKS)
    return caller.owner


Keeper = Annotated[str, Depends(webhook_keeper)]
EndpointId = Annotated[str, Path(alias="id", description="The endpoint's id.", max_length=64)]
DeliveryId = Annotated[str, Path(alias="delivery", description="The delivery's id: its `webhook-id`.", max_length=64)]

_EXAMPLE: dict[str, Any] = {
    "url": "https://example.com/hooks",
    "event_types": ["song_completed", "stage_blocked"],
    "description": "our shop",
    "is_active": True,
}
_SHOWN: dict[str, Any] = {
    "id": "019ab1c2-7d3e-7a00-8b1f-5f2e4c1b9a02",
    **_EXAMPLE,
    "disabled_reason": None,
    "old_secret_until": None,
    "created_at": "2026-03-01T12:00:00Z",
    "updated_at": None,
}


def _example(shown: dict[str, Any]) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [shown]})


class EndpointWish(BaseModel):
    """Where to tell of what."""

    model_config = _example(_EXAMPLE)

    url: str = Field(max_length=MAX_URL, description="https:// and a public host; redirects are not followed.")
    event_types: list[EventType] = Field(default=[], max_length=64, description="What to tell; empty: everything.")
    description: str = Field(default="", max_length=255)
    is_active: Truth = True


class EndpointChange(BaseModel):
    """What to change; what is left out stays. Switched on again, an endpoint starts with a clean record."""

    model_config = _example({"is_active": True})

    url: str | None = Field(default=None, max_length=MAX_URL)
    event_types: list[EventType] | None = Field(default=None, max_length=64)
    description: str | None = Field(default=None, max_length=255)
    is_active: Truth | None = None


class EndpointView(BaseModel):
    """An endpoint. `disabled_reason` says why it was switched off; both secrets sign until `old_secret_until`."""

    model_config = _example(_SHOWN)

    id: str
    url: str
    event_types: list[EventType]
    description: str
    is_active: bool
    disabled_reason: str | None
    old_secret_until: datetime | None
    created_at: datetime
    updated_at: datetime | None


class EndpointWithSecret(EndpointView):
    """An endpoint and its new secret, which is shown this once: null where the same call is repeated."""

    model_config = _example(_SHOWN | {"secret": "whsec_…44 characters…"})

    secret: str | None = Field(repr=False, description="`whsec_` and base64: what signatures are checked with.")


class EndpointList(BaseModel):
    """Your endpoints, oldest first; there are at most twenty."""

    items: list[EndpointView]


class DeliveryView(BaseModel):
    """An event on its way to an endpoint; `seq` orders a song's events, whatever order they arrive in."""

    id: str = Field(description="The message's `webhook-id`, the same at every try.")
    event_type: str
    composition_id: str | None = Field(description="Null for a trial.")
    seq: int
    status: DeliveryStatus = Field(description="`dropped`: the endpoint was switched off before it arrived.")
    attempts: int
    response_status: int | None = Field(description="What the receiver answered last.")
    error: str | None = Field(description="Why the last try failed.")
    created_at: datetime
    next_attempt_at: datetime | None
    delivered_at: datetime | None


class DeliveryList(BaseModel):
    """A page of an endpoint's log, newest first."""

    items: list[DeliveryView]
    next_cursor: str | None


class AttemptView(BaseModel):
    """One try: what was answered, at most its first 2,048 characters, or why nothing was."""

    number: int
    time: datetime
    seconds: float
    response_status: int | None
    response_excerpt: str | None
    error: str | None


class DeliveryDetail(DeliveryView):
    """A delivery, what it says, and every try."""

    payload: dict[str, Any]
    tries: list[AttemptView]


@router.get("")
async def list_webhook_endpoints(owner: Keeper, services: ServicesDep) -> EndpointList:
    """Your webhook endpoints."""
    async with services.database.session() as session:
        return EndpointList(items=[_view(row) for row in await webhooks.endpoints(session, owner)])


@router.post("", status_code=201, response_model=EndpointWithSecret)
async def create_webhook_endpoint(
    owner: Keeper, services: ServicesDep, request: Request, wish: EndpointWish, key: Key = None
) -> Response:
    """Tell an address what happens to your songs. Keep the secret of the answer: it is shown once.

    The address is checked now and at every delivery: it must be public, unless the operator allows it.
    """

    async def create() -> Answer:
        endpoint = WebhookEndpoint(
            id=str(uuid7()),
            owner=owner,
            url=await _checked(services, wish.url),
            secret=webhooks.new_secret(),
            event_types=_types(wish.event_types),
            description=wish.description,
            is_active=wish.is_active,
            created_at=datetime.now(UTC),
        )
        async with services.database.session() as session:
            await webhooks.add_endpoint(session, endpoint)
        return _telling_once(endpoint, {"Location": f"{PATH}/{endpoint.id}"})

    return await once(request, services, owner=owner, key=key, work=create)


@router.get("/{id}")
async def get_webhook_endpoint(id: EndpointId, owner: Keeper, services: ServicesDep) -> EndpointView:
    """A webhook endpoint of yours."""
    async with services.database.session() as session:
        return _view(await webhooks.get_endpoint(session, owner, id))


@router.patch("/{id}")
async def change_webhook_endpoint(
    id: EndpointId, owner: Keeper, services: ServicesDep, change: EndpointChange
) -> EndpointView:
    """Change a webhook endpoint, or switch it off and on."""
    changes = change.model_dump(exclude_none=True)
    if change.url is not None:
        changes["url"] = await _checked(services, change.url)
    if change.event_types is not None:
        changes["event_types"] = _types(change.event_types)
    async with services.database.session() as session:
        return _view(await webhooks.change_endpoint(session, owner, id, changes, datetime.now(UTC)))


@router.delete("/{id}", status_code=204)
async def delete_webhook_endpoint(id: EndpointId, owner: Keeper, services: ServicesDep) -> None:
    """Remove a webhook endpoint with its log; what is on its way there ends."""
    async with services.database.session() as session:
        await webhooks.delete_endpoint(session, owner, id)


@router.post("/{id}/secret-rotations", status_code=201, response_model=EndpointWithSecret)
async def rotate_webhook_secret(
    id: EndpointId, owner: Keeper, services: ServicesDep, request: Request, key: Key = None
) -> Response:
    """Give a webhook endpoint a new secret. The one before signs as well for 24 hours."""

    async def rotate() -> Answer:
        async with services.database.session() as session:
            endpoint = await webhooks.rotate_secret(session, owner, id, datetime.now(UTC))
        return _telling_once(endpoint, {"Location": f"{PATH}/{endpoint.id}"})

    return await once(request, services, owner=owner, key=key, work=rotate, scope=f"webhook/{id}")


@router.post("/{id}/tests", status_code=202, response_model=DeliveryView)
async def try_webhook_endpoint(
    id: EndpointId, owner: Keeper, services: ServicesDep, request: Request, key: Key = None
) -> Response:
    """Send a `ping` to a webhook endpoint. What becomes of it is in its log."""

    async def ping() -> Answer:
        async with services.database.session() as session:
            endpoint = await webhooks.get_endpoint(session, owner, id)
            delivery = await webhooks.queue_ping(session, endpoint, str(uuid7()), datetime.now(UTC))
        return await _on_its_way(services, delivery)

    return await once(request, services, owner=owner, key=key, work=ping, scope=f"webhook/{id}")


@router.get("/{id}/deliveries")
async def list_webhook_deliveries(
    id: EndpointId,
    owner: Keeper,
    services: ServicesDep,
    status: Annotated[DeliveryStatus | None, Query(description="Only deliveries that stand so.")] = None,
    limit: Annotated[int, Query(ge=1, le=webhooks.MAX_PAGE)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before.")] = None,
) -> DeliveryList:
    """The log of a webhook endpoint, newest first; kept for 30 days."""
    async with services.database.session() as session:
        endpoint = await webhooks.get_endpoint(session, owner, id)
        page = await webhooks.deliveries(session, endpoint.id, status=status, limit=limit, cursor=cursor)
    return DeliveryList(items=[_delivery(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{id}/deliveries/{delivery}")
async def get_webhook_delivery(
    id: EndpointId, delivery: DeliveryId, owner: Keeper, services: ServicesDep
) -> DeliveryDetail:
    """A delivery, what it says, and every try."""
    async with services.database.session() as session:
        endpoint = await webhooks.get_endpoint(session, owner, id)
        row = await webhooks.get_delivery(session, endpoint.id, delivery)
        tries = await webhooks.attempts(session, row.id)
    return DeliveryDetail(
        **_delivery(row).model_dump(), payload=json.loads(row.payload), tries=[_attempt(entry) for entry in tries]
    )


@router.post("/{id}/deliveries/{delivery}/replays", status_code=202, response_model=DeliveryView)
async def replay_webhook_delivery(
    id: EndpointId, delivery: DeliveryId, owner: Keeper, services: ServicesDep, request: Request, key: Key = None
) -> Response:
    """Send a delivery that is over once more, with the whole schedule. Its `webhook-id` stays."""

    async def again() -> Answer:
        async with services.database.session() as session:
            endpoint = await webhooks.get_endpoint(session, owner, id)
            row = await webhooks.replay(session, endpoint, delivery, datetime.now(UTC))
        return await _on_its_way(services, row)

    return await once(request, services, owner=owner, key=key, work=again, scope=f"webhook/{id}/{delivery}")


async def _checked(services: Services, url: str) -> str:
    return await Outgoing.of(services.settings).check(url)


def _types(wished: list[EventType]) -> list[str]:
    return [type_.value for type_ in dict.fromkeys(wished)]


async def _on_its_way(services: Services, delivery: WebhookDelivery) -> Answer:
    """Start the delivery's workflow; where Temporal is away a worker starts it later."""
    try:
        await services.temporal.deliver(delivery.id)
    except ServerUnavailable as error:
        log.warning("webhook_not_started_yet", delivery_id=delivery.id, reason=error.message)
    place = f"{PATH}/{delivery.endpoint_id}/deliveries/{delivery.id}"
    return Answer(202, _delivery(delivery), {"Location": place})


def _telling_once(endpoint: WebhookEndpoint, headers: dict[str, str]) -> Answer:
    shown = _view(endpoint).model_dump()
    told = EndpointWithSecret(**shown, secret=endpoint.secret)
    return Answer(201, told, headers, kept=EndpointWithSecret(**shown, secret=None))


def _view(row: WebhookEndpoint) -> EndpointView:
    until = row.previous_until
    return EndpointView(
        id=row.id,
        url=row.url,
        event_types=[EventType(type_) for type_ in row.event_types],
        description=row.description,
        is_active=row.is_active,
        disabled_reason=row.disabled_reason,
        old_secret_until=until if until and until > datetime.now(UTC) else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _delivery(row: WebhookDelivery) -> DeliveryView:
    return DeliveryView.model_validate(row.model_dump(include=set(DeliveryView.model_fields)))


def _attempt(row: WebhookAttempt) -> AttemptView:
    return AttemptView.model_validate(row.model_dump(include=set(AttemptView.model_fields)))


def describe_webhooks(app: FastAPI) -> None:
    """Write into the OpenAPI document what endpoints are sent."""
    for type_ in EventType:
        about = f"{type_.value.replace('_', ' ').capitalize()}. Answer 2xx within 20 s; the order is not promised."
        app.webhooks.post(
            type_.value,
            name=type_.value,
            tags=["webhooks"],
            status_code=204,
            description=about,
            response_class=Response,
        )(_event)
    app.webhooks.post(
        "ping",
        name="ping",
        tags=["webhooks"],
        status_code=204,
        description="A trial. It is sent by `POST /v1/webhook-endpoints/{id}/tests`.",
        response_class=Response,
    )(_ping)


MessageId = Annotated[str, Header(alias="webhook-id", description="The delivery's id, the same at every try.")]
MessageTime = Annotated[str, Header(alias="webhook-timestamp", description="When this try was made, Unix seconds.")]
Signature = Annotated[
    str, Header(alias="webhook-signature", description="`v1,` and the HMAC-SHA256 in base64; two after a rotation.")
]


def _event(message: WebhookMessage, id: MessageId, time: MessageTime, signature: Signature) -> None:
    """An event of a song."""


def _ping(message: WebhookPing, id: MessageId, time: MessageTime, signature: Signature) -> None:
    """A trial."""
