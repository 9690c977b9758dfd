"""Branches: a new song that begins with what another one had made by a certain revision of a certain stage.

Nothing is copied and nothing is computed again: a branch takes over references. Up to the branching point its
settings are those under which the parent's stages were processed; what only later stages read is as it is now.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from domain.commands import CommandKind
from domain.context import effective, leaf_paths, nest, touched_paths
from domain.lifecycle import StageOutcome, complete_stage
from domain.providers import BUILTIN
from domain.providing import Provided
from domain.references import read_sections
from domain.stages import ORDER, Stage, following, position
from domain.state import Ref, SongState
from domain.steps import StageResult, earliest_reader

COMMAND_ID = "branch"
"""Under this id a branch's own changes stand in its history."""


class Branch(BaseModel):
    """Where a branch begins, and what changes there. `head` is the parent's newest manifest, `actor` who branches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parent: Annotated[str, Field(min_length=1, max_length=64)]
    head: Ref | None = None
    stage: Stage
    revision: Annotated[int, Field(ge=1)]
    changes: dict[str, Any] = {}
    instruction: str | None = None
    actor: Annotated[str, Field(min_length=1, max_length=80)] = "user"
    enhancement_accepted: bool | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the branch is to be changed at once; else it waits at its first stage."""
        return bool(self.changes or self.instruction)


class TakenStage(BaseModel):
    """A stage that a branch takes over."""

    model_config = ConfigDict(frozen=True)

    stage: Stage
    take: int
    outcome: StageOutcome


class OpenBranchRequest(BaseModel):
    """First call of a branch: find what it takes over."""

    composition_id: str
    branch: Branch


class OpenedBranch(BaseModel):
    """What a branch begins with; `edits` counts the score's edits in `person`."""

    prompt: Ref
    person: Ref
    edits: int = 0
    stages: tuple[TakenStage, ...]


class Processed(Protocol):
    """An entry of a history, as far as it tells what a stage had made."""

    @property
    def number(self) -> int: ...
    @property
    def from_stage(self) -> Stage: ...
    @property
    def to_stage(self) -> Stage: ...
    @property
    def revision(self) -> int: ...
    @property
    def result(self) -> str | None: ...


def lineage(history: Iterable[Processed], stage: Stage, revision: int) -> tuple[str, ...]:
    """Results of the stages up to `stage`, in their order, as they were when that revision of it was made.

    `history` is newest first and is read no further than needed. Nothing where it does not tell of the revision.
    """
    found: dict[Stage, str] = {}
    wanted = ORDER[: position(stage) + 1]
    for entry in history:
        if entry.from_stage is not entry.to_stage or entry.result is None:
            continue
        here = entry.from_stage
        if (not found and (here, entry.revision) == (stage, revision)) or (found and here in wanted):
            found.setdefault(here, entry.result)
        if len(found) == len(wanted):
            return tuple(found[one] for one in wanted)
    return ()


def settings_then(
    person: Mapping[str, Any], patches: Sequence[Mapping[str, Any]], context: Mapping[str, Any], stage: Stage
) -> dict[str, Any]:
    """The person's settings with which `stage` was processed under `context`, after stages that set `patches`.

    What only later stages read stays as `person` has it now.
    """
    kept = {
        path: _at(person, path)
        for path in touched_paths(person)
        if _read_later(path, stage) or _at(person, path) == _at(context, path)
    }
    now = effective(nest(kept), patches).model_dump(mode="json")
    for path in leaf_paths():
        then = _at(context, path)
        if then is not None and then != _at(now, path) and not _read_later(path, stage):
            kept[path] = then
    return nest(kept)


def taken_stage(ref: str, result: StageResult) -> TakenStage:
    """A stage's result as a branch takes it over: everything reused, nothing computed, nothing paid."""
    measured = result.measured
    provided = [Provided.model_validate(one) for one in result.provided]
    return TakenStage(
        stage=result.stage,
        take=result.take,
        outcome=StageOutcome(
            result=ref,
            context=result.context,
            artifacts={name: artifact.hash for name, artifact in result.artifacts.items()},
            computed=0,
            reused=len(result.steps),
            seconds=0.0,
            unchanged=False,
            title=str(measured["title"]) if measured.get("title") else None,
            confidence=float(measured.get("confidence", 0.5)),
            checks_ok=bool(measured.get("checks_ok", False)),
            sections=read_sections(str(measured.get("sections", ""))),
            provider=next((one.provider for one in reversed(provided) if one.provider != BUILTIN), BUILTIN),
            fallback_from=next((one.tried[0].provider for one in provided if one.tried), None),
        ),
    )


def take_over(state: SongState, opened: OpenedBranch, now: datetime) -> None:
    """The branch has what it took over and rests after the last of it: complete, at a gate, or waiting."""
    last = opened.stages[-1].stage
    state.opening = False
    state.edits = opened.edits
    state.open_gates_until = last
    state.park_at = None if following(last) is None else last
    for one in opened.stages:
        current = state.current
        current.take = current.takes = one.take
        current.started_at = now
        complete_stage(state, one.outcome, now)


def opening_command(state: SongState, branch: Branch) -> tuple[CommandKind, dict[str, Any]]:
    """The command that a branch gives itself: go on with the changes, from the earliest stage that they concern."""
    wanted = {"changes": branch.changes, "command_id": COMMAND_ID, "actor": branch.actor}
    if branch.instruction is None and following(state.stage) is not None:
        return CommandKind.ADVANCE, wanted
    return CommandKind.REVISE, {**wanted, "instruction": branch.instruction}


def _read_later(path: str, stage: Stage) -> bool:
    return position(earliest_reader(path)) > position(stage)


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for key in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value
