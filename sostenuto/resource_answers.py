"""Answers about what stands around a song: versions, people, access, webhooks. New fields of a newer server pass."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from domain.access import Role, Scope
from domain.commands import CommandKind
from domain.providing import Provided
from domain.stages import SongStatus, Stage
from domain.steps import Completeness
from sostenuto.answers import MediaFile, StageAnswer, _Answer


class Output(_Answer):
    """A file that a stage made; `hash` is the SHA-256 of its content, `size` in bytes."""

    hash: str
    size: int
    type: str = ""
    media_type: str = ""
    filename: str | None = None
    metadata: Mapping[str, Any] = {}


class Decision(_Answer):
    """What a step decided, such as `lead.pan`, its value, and the reason in words."""

    what: str
    value: Any = None
    reason: str = ""


class StageDetail(StageAnswer):
    """A stage with what it made. `context` is the one it was processed with, `patch` what it set, by nested paths.

    `outputs` are its files by name, `steps` how each of its steps was made; `provided` tells for each task who was
    asked, who did it and what it cost. `requires` are the paths and files without which it does not start.
    """

    context: Mapping[str, Any] | None = None
    outputs: Mapping[str, Output] = {}
    patch: Mapping[str, Any] = {}
    measured: Mapping[str, float | int | str | bool] = {}
    steps: tuple[Mapping[str, Any], ...] = ()
    decisions: tuple[Decision, ...] = ()
    provided: tuple[Provided, ...] = ()
    requires: tuple[str, ...] = ()
    completeness: Completeness


class Transition(_Answer):
    """A recorded step of a song along the stages; `command_id` is None where the song went on by itself.

    `context` is the hash of the context as it then was.
    """

    number: int
    from_stage: Stage
    to_stage: Stage
    revision: int
    take: int
    time: datetime
    by: str
    command_id: str | None = None
    context: str | None = None


class TransitionPage(_Answer):
    """Steps, the newest first; `next_before` fetches older ones."""

    items: tuple[Transition, ...] = ()
    next_before: int | None = None


class EnhancementAnswer(_Answer):
    """What became of a prompt; `confidence` 0 to 1, `accepted` None while nobody has decided."""

    id: str
    revision: int = 1
    take: int = 1
    original: str
    enhanced: str
    method: str
    parameters: Mapping[str, Any] = {}
    confidence: float
    reasoning: tuple[Any, ...] = ()
    accepted: bool | None = None
    created_at: datetime | None = None


class EnhancementPage(_Answer):
    """Enhancements, newest first."""

    items: tuple[EnhancementAnswer, ...] = ()


class ProviderCall(_Answer):
    """A call of an outside provider; amounts in `currency`, `cost` None while it is open.

    `attempt` counts the calls for one order, `resubmission` how often a person had it placed again; `error_kind` is
    what went wrong whatever the vendor calls it, `error` the vendor's words.
    """

    id: str
    provider: str
    task_type: str = ""
    operation: str = ""
    stage: Stage
    take: int = 1
    status: str
    attempt: int
    resubmission: int = 0
    provider_job_id: str | None = None
    duration_s: float | None = None
    tokens: int | None = None
    quoted: Decimal
    reserved: Decimal
    cost: Decimal | None = None
    currency: str | None = None
    error_kind: str | None = None
    error: str | None = None
    created_at: datetime | None = None
    accepted_at: datetime | None = None
    completed_at: datetime | None = None


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
    created_at: datetime | None = None
    url: str = ""


class Versions(_Answer):
    """All versions that the caller may see, by number."""

    family: str
    items: tuple[Version, ...] = ()


class Revision(_Answer):
    """One result of a stage; `available` while its documents and files are kept.

    `computed` and `reused` count its steps, `seconds` is its work, `result` the hash of its document.
    """

    stage: Stage
    revision: int
    take: int
    is_current: bool
    available: bool
    measured: Mapping[str, float | int | str | bool] = {}
    computed: int = 0
    reused: int = 0
    seconds: float = 0.0
    completed_at: datetime | None = None
    result: str = ""


class Revisions(_Answer):
    """Results, in the order of the stages."""

    items: tuple[Revision, ...] = ()


class Take(_Answer):
    """One candidate of a stage, with its files; `revision` is the newest that holds it, None where none does."""

    take: int
    is_chosen: bool
    revision: int | None = None
    measured: Mapping[str, float | int | str | bool] = {}
    media: tuple[MediaFile, ...] = ()


class Takes(_Answer):
    """The candidates of a stage."""

    stage: Stage
    items: tuple[Take, ...] = ()


class Change(_Answer):
    """What differs between two results, by its path or name; `delta` is after less before, of numbers."""

    path: str = ""
    name: str = ""
    before: Any = None
    after: Any = None
    delta: float | None = None


class Place(_Answer):
    """One side of a comparison; `result` is the hash of its document."""

    composition_id: str
    stage: Stage
    revision: int
    take: int
    result: str = ""


class Comparison(_Answer):
    """What differs between two results: context, decisions, measurements; files by name."""

    before: Place
    after: Place
    context: tuple[Change, ...] = ()
    decisions: tuple[Change, ...] = ()
    measured: tuple[Change, ...] = ()
    added: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    same_files: int = 0


class Person(_Answer):
    """Somebody who works on a song, and since when."""

    user: str
    name: str
    role: Role
    since: datetime | None = None


class People(_Answer):
    """Everybody who works on a song, its owner first."""

    items: tuple[Person, ...] = ()


class Invitation(_Answer):
    """An offer to work on a song: open, accepted or expired. `token` and `link` are shown once, by `invite`."""

    id: str
    role: Role
    state: str
    expires_at: datetime
    email: str | None = None
    invited_by: str = ""
    created_at: datetime | None = None
    accepted_by: str | None = None
    token: str | None = None
    link: str | None = None


class Invitations(_Answer):
    """Invitations to a song, newest first."""

    items: tuple[Invitation, ...] = ()


class Offer(_Answer):
    """What an invitation offers to whoever holds its token; `invited_by` is a name, empty where none was given."""

    title: str
    role: Role
    invited_by: str
    expires_at: datetime


class Joined(_Answer):
    """What an accepted invitation made of the caller."""

    composition_id: str
    user: str
    name: str
    role: Role


class Key(_Answer):
    """An API key; `key` is shown once, `prefix` tells it afterwards. `last_used_at` is right within a minute."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    prefix: str
    created_at: datetime
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    key: str | None = None


class KeyPage(_Answer):
    """Keys, the newest first."""

    items: tuple[Key, ...] = ()
    next_cursor: str | None = None


class Used(_Answer):
    """A limit, None for none, and what is used of it."""

    limit: Decimal | None = None
    used: Decimal


class Limits(_Answer):
    """What the caller may use: rates such as `600/minute`, None for any; songs at work at once; a day's money (UTC)."""

    requests: str | None = None
    starts: str | None = None
    running_songs: Used
    spend_today_usd: Used


class Me(_Answer):
    """Who the caller is to the API. `is_guest` came by an invitation and has no key."""

    owner: str
    name: str
    scopes: tuple[Scope, ...]
    via: str
    is_guest: bool = False
    limits: Limits | None = None


class Erasure(_Answer):
    """How an erasure stands: `none` was asked for, `running` until everything is gone, `done`."""

    state: Literal["none", "running", "done"]


class WebhookEndpoint(_Answer):
    """Where events are sent; `secret` signs them and is shown once, `disabled_reason` says why it is off.

    Until `old_secret_until` the secret before it signs as well.
    """

    id: str
    url: str
    event_types: tuple[str, ...] = ()
    description: str = ""
    is_active: bool = True
    disabled_reason: str | None = None
    old_secret_until: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    secret: str | None = None


class WebhookEndpoints(_Answer):
    """Endpoints of the caller, oldest first."""

    items: tuple[WebhookEndpoint, ...] = ()


class Delivery(_Answer):
    """An event on its way to an endpoint: pending, delivered, failed, or dropped as the endpoint was switched off.

    `id` is the message's `webhook-id`; `seq` orders the events of a song. A trial is of no song.
    """

    id: str
    event_type: str
    status: str
    attempts: int
    seq: int = 0
    composition_id: str | None = None
    response_status: int | None = None
    error: str | None = None
    created_at: datetime | None = None
    next_attempt_at: datetime | None = None
    delivered_at: datetime | None = None


class DeliveryPage(_Answer):
    """The log of an endpoint, newest first."""

    items: tuple[Delivery, ...] = ()
    next_cursor: str | None = None


class Try(_Answer):
    """One try of a delivery: what was answered, at most its first 2,048 characters, or why nothing was."""

    number: int
    time: datetime
    seconds: float
    response_status: int | None = None
    response_excerpt: str | None = None
    error: str | None = None


class DeliveryDetail(Delivery):
    """A delivery, what it says, and every try."""

    payload: Mapping[str, Any] = {}
    tries: tuple[Try, ...] = ()


class Reason(_Answer):
    """Why a field of a brief has its value; `source` says whose idea it was, `confidence` is 0 to 1."""

    field: str
    value: str
    source: str
    text: str
    confidence: float


class EnhancedPrompt(_Answer):
    """What a prompt would become; `context` holds what it was understood as, `engine` says by whom."""

    original: str
    enhanced: str
    title: str
    confidence: float
    engine: str = ""
    context: Mapping[str, Any] = {}
    reasoning: tuple[Reason, ...] = ()
    contradictions: tuple[str, ...] = ()


class Operation(_Answer):
    """One thing that an instruction does, such as `scale` at `musical.tempo` by `value`."""

    op: str
    path: str | None = None
    value: Any = None


class Reading(_Answer):
    """What an instruction is understood as; `stage` is the earliest to be made again, None for another take."""

    operations: tuple[Operation, ...] = ()
    stage: Stage | None = None


class ReadyCommand(_Answer):
    """A command that the song takes now, ready for every door: shell, Python, Temporal's command line.

    `signal` is sent without an answer, `update` is answered with what became of it.
    """

    kind: CommandKind
    about: str
    body: Mapping[str, Any]
    curl: str
    httpx: str = ""
    temporalio: str = ""
    signal: str
    update: str = ""


class Signals(_Answer):
    """How other systems steer this very song through Temporal; once `sequence` has grown, ask again.

    `snapshot` is a line for Temporal's command line by which the song itself says how it is.
    """

    workflow_id: str
    task_queue: str
    namespace: str
    composition_id: str = ""
    workflow_type: str = ""
    address: str = ""
    status: SongStatus | None = None
    current_stage: Stage | None = None
    sequence: int = 0
    allowed_commands: tuple[CommandKind, ...] = ()
    allowed_targets: tuple[Stage, ...] = ()
    snapshot: str = ""
    commands: tuple[ReadyCommand, ...] = ()
