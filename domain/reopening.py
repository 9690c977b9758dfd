"""Reopening: the state of a song whose workflow has ended, as the archive tells it.

The archive holds all that was projected: snapshot, history, settled commands, the numbers of events. What it does not
hold is what a song at rest has no use for: where a walk under way was to stop.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from domain.edits import edits_in
from domain.projection import StageSummary
from domain.references import KnownSection, read_sections
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage, StageStatus
from domain.state import (
    SECTIONS_BYTES,
    Block,
    LedgerEntry,
    Ref,
    RejectedCommand,
    SongState,
    StageState,
    Transition,
    settle,
)
from domain.steps import StageResult


class ArchivedStage(BaseModel):
    """A stage as the archive has it; `revisions` is the highest made, `resubmissions` those of its orders."""

    model_config = ConfigDict(frozen=True)

    summary: StageSummary
    revisions: int = 0
    resubmissions: int = 0


class Archived(BaseModel):
    """A song as the archive has it: the newest commands and steps oldest first, `seq` the newest event's number."""

    model_config = ConfigDict(frozen=True)

    composition_id: str
    owner: str
    title: str
    seed: int
    created_at: datetime
    settings: SongSettings
    prompt: Ref | None
    person: Ref | None
    head: Ref | None
    parent: Ref | None = None
    stage: Stage
    status: SongStatus
    held: bool
    blocked: Block | None
    waiting_since: datetime | None
    gate_deadline: datetime | None
    enhancement_accepted: bool | None
    checks_ok: bool
    opening: bool = False
    stages: dict[Stage, ArchivedStage]
    ledger: tuple[LedgerEntry, ...] = ()
    rejections: tuple[RejectedCommand, ...] = ()
    transitions: tuple[Transition, ...] = ()
    transition_count: int = 0
    seq: int = 0


def reopened(
    archived: Archived, results: Mapping[Stage, StageResult], person: Mapping[str, Any], now: datetime
) -> SongState:
    """The state with which the song goes on at the time `now`; a complete one has its retention time anew.

    `results` are the documents of its stages, `person` the person's own settings. A stage that was under way is
    processed again.
    """
    shared = {name: getattr(archived, name) for name in _SAME}
    stages = {stage: _stage(entry, results.get(stage)) for stage, entry in archived.stages.items()}
    state = SongState(
        **shared,
        stages=stages,
        ledger=list(archived.ledger),
        rejections=list(archived.rejections),
        transitions=list(archived.transitions),
        sections=_sections(results.get(Stage.ARRANGEMENT)),
        edits=edits_in(person) or 0,
        enhancement_rejected=archived.enhancement_accepted is False,
        due=archived.status is SongStatus.RUNNING or stages[archived.stage].status is StageStatus.RUNNING,
        cancelled=archived.status is SongStatus.CANCELLED,
        projected=archived.seq,
    )
    settle(state, now)
    if state.status is SongStatus.COMPLETED:
        state.retention_deadline = now + timedelta(seconds=state.settings.retention_s)
    return state


_SAME = sorted(
    set(Archived.model_fields) & set(SongState.model_fields) - {"stages", "ledger", "rejections", "transitions"}
)


def _stage(archived: ArchivedStage, result: StageResult | None) -> StageState:
    summary = archived.summary
    return StageState(
        **summary.model_dump(),
        revisions=max(archived.revisions, summary.revision),
        artifacts={name: artifact.hash for name, artifact in result.artifacts.items()} if result else {},
        resubmissions=archived.resubmissions,
    )


def _sections(arrangement: StageResult | None) -> tuple[KnownSection, ...]:
    sections = read_sections(str(arrangement.measured.get("sections", ""))) if arrangement else ()
    return sections if sum(len(section.model_dump_json()) for section in sections) <= SECTIONS_BYTES else ()
