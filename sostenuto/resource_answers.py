"""Answers about what stands around a song: versions, people, access, webhooks. New fields of a newer server pass."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.access import Role, Scope
from domain.commands import CommandKind
from domain.stages import SongStatus, Stage
from sostenuto.answers import MediaFile, _Answer


class Transition(_Answer):
    """A recorded step of a song along the stages; `command_id` is None where the song went on by itself."""

    number: int
    from_stage: Stage
    to_stage: Stage
    revision: int
    take: int
    time: datetime
    by: str
    command_id: str | None = None


class TransitionPage(_Answer):
    """Steps, the newest first; `next_before` fetches older ones."""

    items: tuple[Transition, ...] = ()
    next_before: int | None = None


class EnhancementAnswer(_Answer):
    """What became of a prompt; `confidence` 0 to 1, `accepted` None while nobody has decided."""

    id: str
    original: str
    enhanced: str
    method: str
    confidence: float
    reasoning: tuple[Any, ...] = ()
    accepted: bool | None = None


class EnhancementPage(_Answer):
    """Enhancements, newest first."""

    items: tuple[EnhancementAnswer, ...] = ()


class ProviderCall(_Answer):
    """A call of an outside provider; amounts in `currency`, `cost` None while it is open."""

    id: str
    provider: str
    stage: Stage
    status: str
    attempt: int
    quoted: Decimal
    reserved: Decimal
    cost: Decimal | None = None
    currency: str | None = None
    error: str | None = None


class ProviderCalls(_Answer):
    """Calls of a song, oldest first."""

    items: tuple[ProviderCall, ...] = ()


class Version(_Answer):
    """One version of a family of songs; `parent_id` is None for the first."""

    id: str
    number: int
    title: str
    status: SongStatus
    current_stage: Stage
    is_main: bool
    parent_id: str | None = None
    parent_stage: Stage | None = None
    parent_revision: int | None = None


class Versions(_Answer):
    """All versions that the caller may see, by number."""

    family: str
    items: tuple[Version, ...] = ()


class Revision(_Answer):
    """One result of a stage; `available` while its documents and files are kept."""

    stage: Stage
    revision: int
    take: int
    is_current: bool
    available: bool
    measured: Mapping[str, float | int | str | bool] = {}


class Revisions(_Answer):
    """Results, in the order of the stages."""

    items: tuple[Revision, ...] = ()


class Take(_Answer):
    """One candidate of a stage, with its files."""

    take: int
    is_chosen: bool
    measured: Mapping[str, float | int | str | bool] = {}
    media: tuple[MediaFile, ...] = ()


class Takes(_Answer):
    """The candidates of a stage."""

    stage: Stage
    items: tuple[Take, ...] = ()


class Change(_Answer):
    """A value that differs between two results, by its path or name."""

    path: str = ""
    name: str = ""
    before: Any = None
    after: Any = None


class Comparison(_Answer):
    """What differs between two results: context, decisions, measurements; files by name."""

    context: tuple[Change, ...] = ()
    decisions: tuple[Change, ...] = ()
    measured: tuple[Change, ...] = ()
    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    same_files: int = 0


class Person(_Answer):
    """Somebody who works on a song."""

    user: str
    name: str
    role: Role


class People(_Answer):
    """Everybody who works on a song, its owner first."""

    items: tuple[Person, ...] = ()


class Invitation(_Answer):
    """An offer to work on a song; `token` is shown once."""

    id: str
    role: Role
    state: str
    expires_at: datetime
    token: str | None = None
    link: str | None = None


class Joined(_Answer):
    """What an accepted invitation made of the caller."""

    composition_id: str
    user: str
    name: str
    role: Role


class Key(_Answer):
    """An API key; `key` is shown once, `prefix` tells it afterwards."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    prefix: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    key: str | None = None


class KeyPage(_Answer):
    """Keys, the newest first."""

    items: tuple[Key, ...] = ()
    next_cursor: str | None = None


class Me(_Answer):
    """Who the caller is to the API."""

    owner: str
    name: str
    scopes: tuple[Scope, ...]
    via: str


class WebhookEndpoint(_Answer):
    """Where events are sent; `secret` signs them and is shown once, `disabled_reason` says why it is off."""

    id: str
    url: str
    event_types: tuple[str, ...] = ()
    description: str = ""
    is_active: bool = True
    disabled_reason: str | None = None
    secret: str | None = None


class WebhookEndpoints(_Answer):
    """Endpoints of the caller."""

    items: tuple[WebhookEndpoint, ...] = ()


class Delivery(_Answer):
    """An event on its way to an endpoint."""

    id: str
    event_type: str
    status: str
    attempts: int
    composition_id: str | None = None
    response_status: int | None = None
    error: str | None = None


class DeliveryPage(_Answer):
    """The log of an endpoint, newest first."""

    items: tuple[Delivery, ...] = ()
    next_cursor: str | None = None


class EnhancedPrompt(_Answer):
    """What a prompt would become; `context` holds what it was understood as."""

    original: str
    enhanced: str
    title: str
    confidence: float
    context: Mapping[str, Any] = {}
    contradictions: tuple[str, ...] = ()


class ReadyCommand(_Answer):
    """A command that the song takes now, ready for every door."""

    kind: CommandKind
    about: str
    body: Mapping[str, Any]
    curl: str
    signal: str


class Signals(_Answer):
    """How other systems steer this very song through Temporal."""

    workflow_id: str
    task_queue: str
    namespace: str
    commands: tuple[ReadyCommand, ...] = ()
