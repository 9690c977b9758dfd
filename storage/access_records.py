"""The tables of access and of outgoing notifications: who may see a song, and who hears of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import HASH, ID, OWNER, Json, Line, UtcDateTime, Words


def _refers(table: str, *, primary_key: bool = False) -> Any:
    return Field(
        sa_type=ID,
        primary_key=primary_key,
        index=not primary_key,
        sa_column_args=[ForeignKey(f"{table}.id", ondelete="CASCADE")],
    )


class User(SQLModel, table=True):
    """A person or a program that owns songs."""

    __tablename__ = "users"

    id: str = Field(sa_type=ID, primary_key=True)
    name: str = Field(default="", sa_type=Line(255))
    email: str | None = Field(default=None, sa_type=String(320), unique=True)
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)


class ApiKey(SQLModel, table=True):
    """An API key; only its hash is kept, `prefix` lets its owner recognise it."""

    __tablename__ = "api_keys"

    id: str = Field(sa_type=ID, primary_key=True)
    user_id: str = _refers("users")
    name: str = Field(default="", sa_type=Line(255))
    prefix: str = Field(sa_type=String(16))
    key_hash: str = Field(sa_type=HASH, unique=True)
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Session(SQLModel, table=True):
    """A browser's session; `id` is the hash of its cookie, `key_id` the issued key that it was opened with."""

    __tablename__ = "sessions"

    id: str = Field(sa_type=ID, primary_key=True)
    user_id: str = _refers("users")
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    key_id: str | None = Field(default=None, sa_type=ID)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Collaborator(SQLModel, table=True):
    """Somebody else who may see (`viewer`) or change (`editor`) a song; `user_id` compares to a song's owner."""

    __tablename__ = "collaborators"

    composition_id: str = _refers("compositions", primary_key=True)
    user_id: str = Field(sa_type=OWNER, primary_key=True, index=True)
    role: str = Field(default="viewer", sa_type=String(16))
    created_at: datetime = Field(sa_type=UtcDateTime)


class Invitation(SQLModel, table=True):
    """An offer to become a collaborator; only the hash of its token is kept."""

    __tablename__ = "invitations"

    id: str = Field(sa_type=ID, primary_key=True)
    composition_id: str = _refers("compositions")
    token_hash: str = Field(sa_type=HASH, unique=True)
    email: str | None = Field(default=None, sa_type=String(320))
    role: str = Field(default="viewer", sa_type=String(16))
    invited_by: str = Field(sa_type=OWNER)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted_by: str | None = Field(default=None, sa_type=OWNER)


class WebhookEndpoint(SQLModel, table=True):
    """An address that is told of events; `event_types` empty means all of them.

    `previous_secret` signs as well until `previous_until`, so that receivers can change over. `disabled_reason` says
    why an endpoint is not active any more.
    """

    __tablename__ = "webhook_endpoints"

    id: str = Field(sa_type=ID, primary_key=True)
    owner: str = Field(sa_type=OWNER, index=True)
    url: str = Field(sa_type=String(2048))
    secret: str = Field(sa_type=String(255), repr=False)
    event_types: list[str] = Field(default_factory=list, sa_type=Json)
    description: str = Field(default="", sa_type=Line(255))
    previous_secret: str | None = Field(default=None, sa_type=String(255), repr=False)
    previous_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_active: bool = True
    disabled_reason: str | None = Field(default=None, sa_type=Words)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one address; a trial is about no song."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "composition_id", "seq"),
        Index(None, "status", "next_attempt_at"),
        Index(None, "endpoint_id", "created_at"),
    )

    id: str = Field(sa_type=ID, primary_key=True)
    endpoint_id: str = _refers("webhook_endpoints")
    composition_id: str | None = _refers("compositions")
    seq: int
    event_type: str = Field(default="", sa_type=String(64))
    payload: str = Field(default="", sa_type=Words)
    status: str = Field(default="pending", sa_type=String(32))
    attempts: int = 0
    response_status: int | None = None
    error: str | None = Field(default=None, sa_type=Words)
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_attempt_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class WebhookAttempt(SQLModel, table=True):
    """One try to deliver: what was answered, its beginning only, or why nothing was."""

    __tablename__ = "webhook_attempts"

    delivery_id: str = _refers("webhook_deliveries", primary_key=True)
    number: int = Field(primary_key=True)
    time: datetime = Field(sa_type=UtcDateTime)
    seconds: float = 0.0
    response_status: int | None = None
    response_excerpt: str | None = Field(default=None, sa_type=Words)
    error: str | None = Field(default=None, sa_type=Words)
