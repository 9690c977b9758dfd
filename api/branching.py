"""Branching: the row of a new version first, then its workflow; the parent is asked for nothing and not disturbed."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import ValidationError

from api.callers import Caller
from api.interpreting import understood
from api.services import Services
from api.starts import check_reference, start, uuid7
from api.version_models import BranchBody
from api.views import stage_summaries
from domain.branching import Branch
from domain.commands import CommandKind, parse_command
from domain.context import invalid_value
from domain.errors import Conflict, NotFound, ResourceUnavailable
from domain.settings import SongSettings
from domain.stages import ORDER, Stage, position
from storage.records import Composition, StageRevision
from storage.songs import get_song, revisions
from storage.versions import request_branch

_BRANCHES = uuid.UUID("0d8d1e0c-7c34-5a52-9f0e-3a6f4a1f5b77")

log = structlog.get_logger("sostenuto.api")


def branch_id(caller: str, parent: str, key: str | None) -> str:
    """The id of a new branch: it follows from caller, parent and Idempotency-Key where one is sent, else it is new."""
    return str(uuid.uuid5(_BRANCHES, f"{caller}\x1f{parent}\x1f{key}")) if key else str(uuid7())


async def request_new_branch(
    services: Services, parent: Composition, caller: Caller, asked: BranchBody, key: str | None
) -> Composition:
    """Write down a branch and start it; where Temporal is away the sweeper starts it later.

    Raises NotFound for a revision that is not there, Conflict for a stage that has none yet, what is wrong with the
    changes, and ApiProblem where the song's owner has reached a limit.
    """
    async with services.database.session() as session:
        made = await revisions(session, parent.id)
    stage = asked.stage or _latest(parent, made)
    revision = asked.revision or _current(parent, stage, made)
    _check_there(stage, revision, made)
    given = await _understood(services, parent, caller, asked)
    branch = Branch(
        parent=parent.id,
        head=parent.head,
        stage=stage,
        revision=revision,
        changes=given["changes"],
        instruction=given["instruction"],
        actor=caller.actor,
        enhancement_accepted=parent.enhancement_accepted,
    )
    settings, new_id = _settings(parent, asked), branch_id(caller.owner, parent.id, key)
    await services.limits.check_start(parent.owner, settings)
    async with services.database.session() as session:
        await services.limits.lock(session, parent.owner)
        known = await get_song(session, new_id) is not None
        song = await request_branch(
            session,
            parent=parent,
            stage=stage,
            revision=revision,
            composition_id=new_id,
            title=parent.title if asked.title is None else asked.title,
            settings=settings,
            seed=parent.seed if settings.seed is None else settings.seed,
            created_at=datetime.now(UTC),
            branching=branch,
            by=caller.owner,
        )
        if not known:
            await services.limits.check_running(session, parent.owner)
    try:
        await start(services, song)
    except ResourceUnavailable as error:
        log.warning("song_not_started_yet", composition_id=song.id, reason=error.message)
    return song


def _latest(parent: Composition, made: Sequence[StageRevision]) -> Stage:
    """The stage at which the parent is, or the last one before it that has a result."""
    processed = {row.stage for row in made}
    reached = [stage for stage in ORDER[: position(parent.stage) + 1] if stage in processed]
    if not reached:
        raise Conflict("no stage of the song has a result yet: branch once ideation is done")
    return reached[-1]


def _current(parent: Composition, stage: Stage, made: Sequence[StageRevision]) -> int:
    known = {row.revision for row in made if row.stage is stage}
    shown = stage_summaries(parent)[stage].revision
    return shown if shown in known else max(known, default=1)


def _check_there(stage: Stage, revision: int, made: Sequence[StageRevision]) -> None:
    known = sorted({row.revision for row in made if row.stage is stage})
    if not known:
        there = ", ".join(dict.fromkeys(row.stage.value for row in made)) or "none"
        raise Conflict(f"{stage} has no result yet; stages with one: {there}")
    if revision not in known:
        numbers = ", ".join(map(str, known))
        raise NotFound(f"{stage} has no revision {revision}; it has {numbers}")


async def _understood(services: Services, parent: Composition, caller: Caller, asked: BranchBody) -> dict[str, Any]:
    """What the branch changes, read and checked as a revision of the parent would be."""
    body = {"changes": asked.changes, **({"instruction": asked.instruction} if asked.instruction else {})}
    read = await understood(parent, services, body)
    command = parse_command(CommandKind.REVISE, [read], command_id="branch", actor=caller.actor)
    await check_reference(services, parent.owner, command.changes)
    return {"changes": command.changes, "instruction": read.get("instruction")}


def _settings(parent: Composition, asked: BranchBody) -> SongSettings:
    try:
        return asked.settings.over(SongSettings.model_validate(parent.settings))
    except ValidationError as error:
        raise invalid_value(error) from None
