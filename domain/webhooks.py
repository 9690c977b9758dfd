"""Outgoing notifications (Standard Webhooks 1.0.0): what is sent, when it is tried again, when an address is given up.

The message's id is the delivery's and never changes, so that a receiver knows a repetition. Events may arrive in any
order; a song's `seq` orders them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from domain.events import Event, EventType

WEBHOOK_WORKFLOW: Final = "WebhookDeliveryWorkflow"
WEBHOOK_QUEUE: Final = "sostenuto-webhooks"
ATTEMPT_CALL: Final = "attempt_webhook"

WAITS_S: Final = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each try, counted from the end of the one before it: 75 h 35 min in all (Standard Webhooks 1.0.0)."""
JITTER: Final = 0.02
"""The largest part by which a wait is lengthened, so that a receiver that comes back is not met by all at once."""
RETRY_AFTER_MAX_S: Final = 21_600.0
"""The longest wait that a receiver may ask for."""
RETRY_AFTER_STATUSES: Final = frozenset({429, 503})
GONE: Final = 410
TIMEOUT_S: Final = 20.0
EXCERPT_CHARACTERS: Final = 2_048
PAYLOAD_BYTES: Final = 20_000
GIVEN_UP_AFTER: Final = timedelta(days=5)
"""An address that has answered nothing but failures for so long is told nothing more."""
OLD_SECRET_SIGNS_FOR: Final = timedelta(hours=24)
MAX_ENDPOINTS: Final = 20
PING: Final = "ping"


class DeliveryStatus(StrEnum):
    """How a delivery stands; `dropped` is one whose address was switched off before it arrived."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class EventData(BaseModel):
    """What a message says about an event: enough to know whether to look, and where."""

    composition_id: str
    seq: int = Field(description="Orders the events of a song; deliveries may overtake each other.")
    title: str
    payload: dict[str, Any] = Field(description="The event's payload; empty, with `shortened`, where it is too large.")
    url: str = Field(description="The song, relative to the API's root.")
    shortened: bool = False


class WebhookMessage(BaseModel):
    """The body of a delivery, signed as it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "song_completed",
                    "timestamp": "2026-01-31T12:00:00Z",
                    "data": {
                        "composition_id": "019ab1",
                        "seq": 41,
                        "title": "Rainy Window",
                        "payload": {"seconds": 93.2, "checks_ok": True},
                        "url": "/v1/compositions/019ab1",
                        "shortened": False,
                    },
                }
            ]
        }
    )

    type: EventType
    timestamp: datetime
    data: EventData


class WebhookPing(BaseModel):
    """The body of a trial: it is about no song."""

    type: str = PING
    timestamp: datetime
    data: dict[str, str] = {}


class DeliveryJob(BaseModel):
    """What a delivery's workflow starts with: a name only, for histories hold no secrets."""

    delivery_id: str


class Attempt(BaseModel):
    """One try; after `next_in_s` seconds comes another one, after None there is none."""

    delivery_id: str
    next_in_s: float | None = None


class Attempted(BaseModel):
    """How the delivery stands after a try, and how long to wait if it is still pending."""

    status: DeliveryStatus
    wait_s: float = 0.0


def delivery_workflow_id(delivery_id: str) -> str:
    """The id of a delivery's workflow."""
    return f"webhook-{delivery_id}"


def event_message(event: Event, *, composition_id: str, title: str) -> str:
    """The body that tells of an event, at most PAYLOAD_BYTES in UTF-8."""
    data = EventData(
        composition_id=composition_id,
        seq=event.seq,
        title=title[:255],
        payload=event.payload,
        url=f"/v1/compositions/{composition_id}",
    )
    body = _body(event.type, event.time, data.model_dump(mode="json"))
    if len(body.encode()) <= PAYLOAD_BYTES:
        return body
    return _body(event.type, event.time, data.model_copy(update={"payload": {}, "shortened": True}).model_dump())


def ping_message(time: datetime) -> str:
    """The body of a trial."""
    return _body(PING, time, {})


def wanted(event_types: list[str], type_: str) -> bool:
    """Whether an address that asked for `event_types` is told of events of a type; nothing named means all."""
    return not event_types or type_ in event_types


def retry_after_s(status: int, headers: Mapping[str, str], now: datetime) -> float:
    """Seconds that a receiver asks to wait by Retry-After (seconds or a date), 0 where it asks for nothing."""
    told = headers.get("retry-after", "").strip()
    if status not in RETRY_AFTER_STATUSES or not told:
        return 0.0
    seconds = float(told[:9]) if told.isascii() and told.isdigit() else _until(told, now)
    return min(max(0.0, seconds), RETRY_AFTER_MAX_S)


def _until(told: str, now: datetime) -> float:
    try:
        then = datetime.strptime(told, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return (then - now).total_seconds()


def _body(type_: str, time: datetime, data: Mapping[str, Any]) -> str:
    told = {"type": type_, "timestamp": time.isoformat().replace("+00:00", "Z"), "data": data}
    # Half a surrogate pair in a title is no text that could be sent.
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
