"""Commands: one model for every door (REST, signal, command line, studio)."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from domain.context import (
    MAX_PATCH_BYTES,
    SongContext,
    invalid_value,
    normalise,
    touched_paths,
    without_nulls,
)
from domain.errors import InvalidCommand, SostenutoError
from domain.instructions import Operation, understand_instruction
from domain.settings import normalise_review
from domain.stages import SongStatus, Stage

MAX_COMMAND_ID = 64
MAX_MESSAGE = 2000


class CommandKind(StrEnum):
    """What a command asks for."""

    ADVANCE = "advance"
    REVISE = "revise"
    HOLD = "hold"
    RESUME = "resume"
    RETRY = "retry"
    CANCEL = "cancel"
    REVERT = "revert"
    CHOOSE_TAKE = "choose_take"
    ACCEPT_ENHANCEMENT = "accept_enhancement"
    REJECT_ENHANCEMENT = "reject_enhancement"
    SET_REVIEW = "set_review"


class CommandBody(BaseModel):
    """The arguments of a command; which ones matter depends on its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    command_id: Annotated[str, Field(min_length=1, max_length=MAX_COMMAND_ID, pattern=r"^[\x21-\x7e]+$")] | None = None
    actor: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    expected_stage: Stage | None = None
    expected_revision: Annotated[int, Field(ge=0)] | None = None
    expected_sequence: Annotated[int, Field(ge=0)] | None = None
    target: Stage | None = None
    stage: Stage | None = None
    changes: dict[str, Any] = {}
    instruction: Annotated[str, Field(max_length=2000)] | None = None
    revision: Annotated[int, Field(ge=1)] | None = None
    take: Annotated[int, Field(ge=1)] | None = None
    review: tuple[Stage, ...] | None = None

    @field_validator("review", mode="before")
    @classmethod
    def _review(cls, value: object) -> object:
        return None if value is None else normalise_review(value)


class Command(CommandBody):
    """A well-formed command: its changes are known paths with possible values, its instruction is understood."""

    kind: CommandKind
    command_id: Annotated[str, Field(min_length=1, max_length=MAX_COMMAND_ID)]
    actor: Annotated[str, Field(min_length=1, max_length=96)]
    operations: tuple[Operation, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Context paths that the command touches."""
        return (*touched_paths(self.changes), *(op.path for op in self.operations if op.path))

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = _NEEDS.get(self.kind, ())
        missing = [name for name in needed if getattr(self, name) in (None, ())]
        if self.kind is CommandKind.SET_REVIEW and self.review == ():
            missing = []
        if missing:
            raise ValueError(f"{self.kind} needs {' and '.join(missing)}")
        unused = [n for n in self.model_fields_set - _COMMON if n not in _TAKES[self.kind] and getattr(self, n)]
        if unused:
            raise ValueError(f"{self.kind} takes no {' or '.join(sorted(unused))}")
        return self


_COMMON = {
    "kind", "command_id", "actor", "expected_stage", "expected_revision", "expected_sequence", "operations",
}  # fmt: skip
_NEEDS: Mapping[CommandKind, tuple[str, ...]] = {
    CommandKind.REVERT: ("stage", "revision"),
    CommandKind.CHOOSE_TAKE: ("take",),
    CommandKind.SET_REVIEW: ("review",),
}
_TAKES: Mapping[CommandKind, frozenset[str]] = {kind: frozenset() for kind in CommandKind} | {
    CommandKind.ADVANCE: frozenset({"target", "changes"}),
    CommandKind.REVISE: frozenset({"stage", "changes", "instruction"}),
    CommandKind.REVERT: frozenset({"stage", "revision"}),
    CommandKind.CHOOSE_TAKE: frozenset({"stage", "take"}),
    CommandKind.SET_REVIEW: frozenset({"review"}),
}


class Verdict(StrEnum):
    """What became of a command."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class CommandResult(BaseModel):
    """The answer to a command, the same at every door. `duplicate` marks a repeated command id."""

    model_config = ConfigDict(frozen=True)

    command_id: str
    kind: str
    verdict: Verdict
    code: str = "ok"
    message: str
    status: SongStatus
    current_stage: Stage
    allowed_targets: tuple[Stage, ...] = ()
    allowed_commands: tuple[CommandKind, ...] = ()
    duplicate: bool = False


def parse_command(
    kind: CommandKind | str, arguments: Sequence[Any], *, command_id: str, actor: str, trusted: bool = True
) -> Command:
    """Turn whatever a door received into a Command, or raise InvalidCommand (or UnknownPath, InvalidValue).

    `arguments` is what the message carried: exactly one JSON object is right. `command_id` and `actor` are used
    where the object names none. Nothing of the song is looked at here.
    """
    try:
        kind = CommandKind(kind)
    except ValueError:
        raise InvalidCommand(f"unknown command {str(kind)[:80]!r}: it is one of {', '.join(CommandKind)}") from None
    if len(arguments) != 1 or not isinstance(arguments[0], Mapping):
        raise InvalidCommand(
            f"{kind} takes exactly one JSON object, such as {{}}, got "
            + (_shape(arguments[0]) if len(arguments) == 1 else f"{len(arguments)} arguments")
        )
    try:
        body = CommandBody.model_validate(dict(arguments[0]))
        changes = checked_changes(body.changes)
        operations = understand_instruction(body.instruction) if body.instruction else ()
        _check_operations(operations)
        fields = body.model_dump(exclude_unset=True, exclude_none=True)
        return Command.model_validate(
            {
                **fields,
                "kind": kind,
                "changes": changes,
                "operations": operations,
                "command_id": body.command_id or command_id,
                "actor": (body.actor or actor) if trusted else f"unverified:{body.actor or actor}",
            }
        )
    except ValidationError as error:
        raise InvalidCommand(f"{kind}: {invalid_value(error).message}") from None


def checked_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """A patch as nested dictionary, once every path is known and every value possible."""
    if not changes:
        return {}
    if not all(isinstance(key, str) for key in changes):
        raise InvalidCommand("changes are named by context paths")
    nested = normalise(changes)
    size = _weight(nested)
    if size > MAX_PATCH_BYTES:
        raise InvalidCommand(f"changes of {size} bytes are too many: at most {MAX_PATCH_BYTES} in one command")
    SongContext().update(without_nulls(nested))
    return nested


def _weight(changes: Mapping[str, Any]) -> int:
    """Bytes of the changes as they are kept; InvalidCommand for what no document can hold."""
    try:
        return len(json.dumps(changes, ensure_ascii=False, allow_nan=False).encode())
    except (ValueError, TypeError, RecursionError):
        raise InvalidCommand("changes hold a value that JSON text cannot: NaN, infinity or half a character") from None


def _check_operations(operations: Sequence[Operation]) -> None:
    for operation in operations:
        if operation.op == "set" and operation.path:
            SongContext().set(operation.path, operation.value)


def _shape(value: Any) -> str:
    names = {
        type(None): "null",
        str: "a string",
        list: "a list",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), type(value).__name__)


def describe(error: SostenutoError) -> str:
    """The message of an error, short enough for an answer; the song keeps the beginning of it."""
    return error.message if len(error.message) <= MAX_MESSAGE else error.message[: MAX_MESSAGE - 3] + "..."
