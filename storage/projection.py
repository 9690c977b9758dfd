"""Writing what a song's workflow reports into the read model: idempotent, ordered by its sequence numbers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.commands import Verdict
from domain.events import Event as SongEvent
from domain.events import EventType
from domain.projection import Projection, StageSummary
from domain.stages import SongStatus, Stage
from domain.steps import StageResult
from storage.records import (
    Command,
    Composition,
    CompositionMedia,
    Event,
    PromptEnhancement,
    StageRevision,
    Transition,
    derived_id,
)
from storage.upserts import insert_missing, is_postgres, upsert
from storage.webhooks import queue_events

CHANNEL = "sostenuto_events"
_SETTLED: Mapping[EventType, Verdict] = {
    EventType.COMMAND_ACCEPTED: Verdict.ACCEPTED,
    EventType.COMMAND_REJECTED: Verdict.REJECTED,
}


async def project(
    session: AsyncSession, projection: Projection, *, prompt: str | None, results: Mapping[Stage, StageResult]
) -> bool:
    """Write a projection; whether its snapshot was newer than the one shown.

    Everything goes into the caller's one transaction. Repeating a projection changes nothing; an older or equal
    one adds the events, steps and files that are still missing. `prompt` is the song's description where its row
    is new, `results` are the documents of the stages that `needs_results` named.
    """
    song = projection.composition_id
    row = snapshot_values(projection) | {"description": prompt or "", "last_seq": -1}
    await insert_missing(session, Composition, [row])
    # Two writers of one song take turns; SQLite, which knows no row locks, has one writer anyway.
    await session.exec(select(col(Composition.id)).where(col(Composition.id) == song).with_for_update())
    newer = await _show(session, projection)
    await insert_missing(session, Event, [_event_row(song, event) for event in projection.events])
    await queue_events(session, projection)
    await insert_missing(
        session,
        Transition,
        [{"composition_id": song, **transition.model_dump()} for transition in projection.transitions],
    )
    await _write_commands(session, song, projection.events, projection.digests)
    for stage, result in results.items():
        await _write_result(session, projection, stage, result)
    await _write_enhancement(session, projection, prompt, results.get(Stage.IDEATION))
    if is_postgres(session):
        await session.exec(select(func.pg_notify(CHANNEL, song)))
    return newer


async def needs_results(session: AsyncSession, projection: Projection) -> set[Stage]:
    """Stages of the projection whose results are not in the read model yet."""
    query = select(col(StageRevision.stage), col(StageRevision.result)).where(
        col(StageRevision.composition_id) == projection.composition_id
    )
    known = {(stage, result) for stage, result in (await session.exec(query)).all()}
    shown = {stage: summary.result for stage, summary in projection.stages.items() if summary.result}
    return {stage for stage, result in shown.items() if (stage, result) not in known}


def snapshot_values(projection: Projection) -> dict[str, Any]:
    """The columns of a Composition that show a projection's snapshot."""
    completed = projection.status is SongStatus.COMPLETED
    finished = projection.stages[Stage.FINALIZATION].completed_at
    return {
        "id": projection.composition_id,
        "owner": projection.owner,
        "title": projection.title,
        "stage": projection.stage,
        "status": projection.status,
        "started": True,
        "last_seq": projection.sequence,
        "seed": projection.seed,
        "settings": projection.settings.model_dump(mode="json"),
        "prompt": projection.prompt,
        "person": projection.person,
        "context": _context(projection),
        "head": projection.head,
        "progress": projection.progress,
        "held": projection.held,
        "blocked": projection.blocked.model_dump(mode="json") if projection.blocked else None,
        "enhancement_accepted": projection.enhancement_accepted,
        "allowed_commands": list(projection.allowed_commands),
        "allowed_targets": list(projection.allowed_targets),
        "waiting_since": projection.waiting_since,
        "gate_deadline": projection.gate_deadline,
        "checks_ok": projection.checks_ok,
        "stage_data": {stage.value: s.model_dump(mode="json") for stage, s in projection.stages.items()},
        "family": projection.composition_id,
        "is_completed": completed,
        "completed_at": (finished or projection.time) if completed else None,
        "created_at": projection.created_at,
        "updated_at": projection.time,
    }


# Set once, by whoever makes the row: a branch knows its family, and a song keeps its birthday.
_FIXED = frozenset({"id", "owner", "family", "created_at", "title"})


def _context(projection: Projection) -> str | None:
    """The context of the current stage, or of the latest one before it that has one."""
    reached = list(projection.stages)[: list(projection.stages).index(projection.stage) + 1]
    known = (projection.stages[stage].context for stage in reversed(reached))
    return next((context for context in known if context), None)


async def _show(session: AsyncSession, projection: Projection) -> bool:
    values = {name: value for name, value in snapshot_values(projection).items() if name not in _FIXED}
    mine = col(Composition.id) == projection.composition_id
    # A row that only the API has written shows sequence 0 as well, and is older than any projection.
    older = or_(
        col(Composition.last_seq) < projection.sequence,
        and_(col(Composition.last_seq) == projection.sequence, col(Composition.started).is_(False)),
    )
    shown = await session.exec(update(Composition).where(mine, older).values(**values))
    if shown.rowcount == 0:
        # The manifests may come later than the snapshot they belong to.
        equal = and_(mine, col(Composition.last_seq) == projection.sequence)
        await session.exec(update(Composition).where(equal).values(head=projection.head))
        return False
    await session.exec(
        update(Composition).where(mine, col(Composition.renamed).is_(False)).values(title=projection.title)
    )
    return True


def _event_row(song: str, event: SongEvent) -> dict[str, Any]:
    return {"composition_id": song, **event.model_dump()}


async def _write_commands(
    session: AsyncSession, song: str, events: Iterable[SongEvent], digests: Mapping[str, str]
) -> None:
    for event in events:
        verdict = _SETTLED.get(event.type)
        if verdict is None:
            continue
        payload = event.payload
        row = {
            "composition_id": song,
            "id": payload["command_id"],
            "seq": event.seq,
            "kind": payload["kind"],
            "actor": payload["actor"],
            "verdict": verdict,
            "code": payload.get("code", "ok"),
            "digest": digests.get(payload["command_id"], ""),
            "message": payload["message"],
            "time": event.time,
        }
        # The first settlement counts, in whatever order the projections arrive; being too busy settles nothing.
        settled = and_(col(Command.seq) <= event.seq, col(Command.code) != "busy")
        await upsert(session, Command, row, unless=settled)


async def _write_result(session: AsyncSession, projection: Projection, stage: Stage, result: StageResult) -> None:
    summary = projection.stages[stage]
    if summary.result is None:
        return
    place = _place(projection, stage, summary, result)
    time = summary.completed_at or summary.started_at or projection.time
    revision = {
        **place,
        "result": summary.result,
        "context": result.context,
        "measured": dict(result.measured),
        "computed": summary.computed,
        "reused": summary.reused,
        "seconds": summary.seconds,
        "completed_at": time,
    }
    await insert_missing(session, StageRevision, [revision])
    await insert_missing(session, CompositionMedia, _media_rows(place, result, time))


def _place(projection: Projection, stage: Stage, summary: StageSummary, result: StageResult) -> dict[str, Any]:
    """Where a result belongs: its own revision and take, unless the song still counts it as an earlier revision."""
    return {
        "composition_id": projection.composition_id,
        "stage": stage,
        "revision": min(result.revision, summary.revision) or result.revision,
        "take": result.take,
    }


def _media_rows(place: Mapping[str, Any], result: StageResult, time: datetime) -> list[dict[str, Any]]:
    return [
        {
            **place,
            "id": derived_id("media", *place.values(), name),
            "name": name,
            "type": artifact.type,
            "media_type": artifact.media_type,
            "filename": artifact.filename,
            "hash": artifact.hash,
            "size": artifact.size,
            "details": artifact.metadata,
            "created_at": time,
        }
        for name, artifact in sorted(result.artifacts.items())
    ]


async def _write_enhancement(
    session: AsyncSession, projection: Projection, prompt: str | None, result: StageResult | None
) -> None:
    summary = projection.stages[Stage.IDEATION]
    if result is not None and summary.result is not None:
        await _insert_enhancement(session, projection, prompt, result)
    accepted = (
        update(PromptEnhancement)
        .where(*_current(projection, summary), col(PromptEnhancement.seq) < projection.sequence)
        .values(accepted=projection.enhancement_accepted, seq=projection.sequence)
    )
    await session.exec(accepted)


def _current(projection: Projection, summary: StageSummary) -> tuple[ColumnElement[bool], ...]:
    return (
        col(PromptEnhancement.composition_id) == projection.composition_id,
        col(PromptEnhancement.revision) == summary.revision,
        col(PromptEnhancement.take) == summary.take,
    )


async def _insert_enhancement(
    session: AsyncSession, projection: Projection, prompt: str | None, result: StageResult
) -> None:
    summary = projection.stages[Stage.IDEATION]
    told = result.patch.get("ai_decisions", {}).get("prompt_enhancement", {})
    enhanced = result.patch.get("creative", {}).get("enhanced_prompt")
    if not told or not isinstance(enhanced, str) or not projection.settings.enhancement.enabled:
        return
    place = _place(projection, Stage.IDEATION, summary, result)
    place.pop("stage")
    reasoning = told.get("reasoning") or []
    row = {
        **place,
        "id": derived_id("enhancement", *place.values()),
        "original": prompt if prompt is not None else await _description(session, projection.composition_id),
        "enhanced": enhanced,
        "method": told.get("method") or "chain_of_thought",
        "parameters": projection.settings.enhancement.model_dump(mode="json"),
        "reasoning": reasoning if isinstance(reasoning, list) else [reasoning],
        "confidence": told.get("confidence", 0.5),
        "created_at": summary.completed_at or summary.started_at or projection.time,
    }
    await insert_missing(session, PromptEnhancement, [row])


async def _description(session: AsyncSession, song: str) -> str:
    query = select(col(Composition.description)).where(col(Composition.id) == song)
    return (await session.exec(query)).one()
