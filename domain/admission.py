"""The one door: whatever arrives by signal, update or REST is admitted here, at most once for each command id."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from domain.commands import MAX_COMMAND_ID, CommandKind, CommandResult, Verdict, describe, parse_command
from domain.decide import Effect, allowed_commands, decide, targets_now
from domain.decide import Rejection as Refusal
from domain.errors import SostenutoError
from domain.events import EventType
from domain.state import (
    ACTOR_BYTES,
    LEDGER_SIZE,
    OUTBOX_LIMIT,
    REJECTION_TAIL,
    LedgerEntry,
    RejectedCommand,
    SongState,
    shortened,
)

LEDGER_ID_LENGTH = 40
# Who asks, and on what condition, is not what is asked: a repetition may have seen a newer song.
_NOT_ASKED = ("command_id", "actor", "expected_sequence")


class Admission(BaseModel):
    """The answer to a delivery, the state after it and what the workflow has to do."""

    result: CommandResult
    state: SongState
    effects: tuple[Effect, ...] = ()


def admit(
    state: SongState,
    kind: str,
    arguments: Sequence[Any],
    *,
    delivery: str,
    actor: str,
    now: datetime,
    trusted: bool = True,
) -> Admission:
    """Settle one delivery. Never raises: what is wrong becomes a recorded rejection.

    `delivery` identifies this delivery and serves as command id where none is given; the ledger is asked first.
    The actor that an untrusted delivery names is kept as `unverified:…`.
    """
    command_id = _given_id(arguments) or delivery
    digest, kept_as = _digest(kind, arguments), ledger_id(command_id)
    if known := next((entry for entry in state.ledger if entry.id == kept_as), None):
        return Admission(result=_repeat(state, known, command_id, kind, digest), state=state)
    try:
        command = parse_command(kind, arguments, command_id=command_id, actor=actor, trusted=trusted)
        decision = decide(state, command, now)
        who = shortened(command.actor, ACTOR_BYTES)
        refusal = (decision.code, decision.message) if isinstance(decision, Refusal) else None
    except SostenutoError as error:
        refusal, decision, who = (error.code, describe(error)), None, actor if trusted else f"unverified:{actor}"
    if refusal is not None or decision is None or isinstance(decision, Refusal):
        code, message = refusal or ("invalid_command", "not understood")
        return _reject(state, command_id, kind, who, code, message, digest, now)
    after = decision.state
    _remember(after, LedgerEntry(id=kept_as, kind=command.kind, code="ok", d=digest))
    after.emit(
        EventType.COMMAND_ACCEPTED,
        now,
        command_id=command_id,
        kind=command.kind,
        actor=who,
        message=decision.message,
    )
    result = _result(after, command_id, command.kind, "ok", decision.message)
    return Admission(result=result, state=after, effects=decision.effects)


def _reject(
    state: SongState,
    command_id: str,
    kind: str,
    actor: str,
    code: str,
    message: str,
    digest: str,
    now: datetime,
) -> Admission:
    after = state.model_copy(deep=True)
    whole, message, actor, kind = message, shortened(message), shortened(actor, ACTOR_BYTES), shortened(kind, 40)
    shown = RejectedCommand(command_id=command_id, kind=kind, actor=actor, code=code, message=message, time=now)
    after.rejections = [*after.rejections, shown][-REJECTION_TAIL:]
    if code != "busy":
        _remember(after, LedgerEntry(id=ledger_id(command_id), kind=shortened(kind, 20), code=code, d=digest))
    if len(after.outbox) < OUTBOX_LIMIT:
        after.emit(
            EventType.COMMAND_REJECTED, now,
            command_id=command_id, kind=kind, actor=actor, message=message, code=code,
        )  # fmt: skip
    return Admission(result=_result(after, command_id, kind, code, whole), state=after)


def _repeat(state: SongState, known: LedgerEntry, command_id: str, kind: str, digest: str) -> CommandResult:
    if known.d not in ("", digest):
        message = f"command id {command_id!r} was used for another command: take a new one"
        return _result(state, command_id, kind[:40], "command_id_reused", message, duplicate=True)
    words = "applied" if known.verdict is Verdict.ACCEPTED else f"rejected ({known.code})"
    message = f"already {words}; nothing is done twice"
    return _result(state, command_id, known.kind, known.code, message, duplicate=True)


def _result(
    state: SongState, command_id: str, kind: str, code: str, message: str, *, duplicate: bool = False
) -> CommandResult:
    return CommandResult(
        command_id=command_id,
        kind=kind,
        verdict=Verdict.ACCEPTED if code == "ok" else Verdict.REJECTED,
        code=code,
        message=message,
        status=state.status,
        current_stage=state.stage,
        allowed_targets=targets_now(state),
        allowed_commands=allowed_commands(state),
        duplicate=duplicate,
    )


def _remember(state: SongState, entry: LedgerEntry) -> None:
    state.ledger = [*state.ledger, entry][-LEDGER_SIZE:]


def _given_id(arguments: Sequence[Any]) -> str | None:
    if len(arguments) == 1 and isinstance(arguments[0], Mapping):
        given = arguments[0].get("command_id")
        if isinstance(given, str) and 0 < len(given) <= MAX_COMMAND_ID:
            return given
    return None


def ledger_id(command_id: str) -> str:
    """The id under which a command is remembered: itself, or a digest of it where it is long."""
    if len(command_id) <= LEDGER_ID_LENGTH:
        return command_id
    return hashlib.sha256(command_id.encode()).hexdigest()[:LEDGER_ID_LENGTH]


def _digest(kind: str, arguments: Sequence[Any]) -> str:
    """Eight hex digits of what was asked, whoever asked, under whatever id and whatever they had seen."""
    body: Any = list(arguments)
    if len(arguments) == 1 and isinstance(arguments[0], Mapping):
        body = {k: v for k, v in arguments[0].items() if k not in _NOT_ASKED and v not in (None, {})}
    text = json.dumps([str(kind), body], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def is_known(kind: str) -> bool:
    """Whether `kind` names a command."""
    return kind in set(CommandKind)
