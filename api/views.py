"""From records and documents to what the API shows."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from api.models import (
    Decision,
    EnhancementView,
    MediaView,
    Progress,
    ProviderTaskView,
    SongDetail,
    SongStatusView,
    SongSummary,
    StageDetail,
    StageView,
    TransitionView,
)
from api.publicity import shown
from api.services import Services
from domain.access import Role
from domain.context import SongContext, merge, without_nulls
from domain.errors import MediaStoreUnavailable, NotFound
from domain.projection import Progress as ProgressLine
from domain.projection import StageSummary
from domain.providing import Provided
from domain.settings import SongSettings
from domain.stages import ORDER, SongStatus, Stage, StageStatus
from domain.state import Block, Snapshot
from domain.steps import COMPLETE, ENTRY, Completeness, StageResult
from storage.charges import Spent
from storage.contexts import Documents, documents_of
from storage.records import Composition, CompositionMedia, PromptEnhancement, ProviderTask, Transition

View = TypeVar("View", bound=SongStatusView)

_AS_STORED = (
    "title",
    "owner",
    "is_public",
    "version_number",
    "family",
    "is_main",
    "parent_id",
    "created_at",
    "updated_at",
    "completed_at",
)
_PENDING = StageSummary(
    status=StageStatus.PENDING, revision=0, take=1, takes=1, result=None, context=None,
    started_at=None, completed_at=None, computed=0, reused=0, seconds=0.0,
)  # fmt: skip


def stage_summaries(song: Composition) -> dict[Stage, StageSummary]:
    """The song's stages in production order."""
    data = song.stage_data
    return {stage: StageSummary.model_validate(data[stage]) if stage in data else _PENDING for stage in ORDER}


def status_view(song: Composition) -> SongStatusView:
    """The short form."""
    return SongStatusView(**_status_fields(song))


def _status_fields(song: Composition) -> dict[str, Any]:
    blocked = Block.model_validate(song.blocked) if song.blocked else None
    return {
        "id": song.id,
        "status": song.status,
        "current_stage": song.stage,
        "progress": song.progress,
        "is_completed": song.status is SongStatus.COMPLETED,
        "checks_ok": song.checks_ok,
        "started": song.started,
        "waiting_for": waiting_for(song.status, song.stage, blocked, started=song.started),
        "waiting_since": song.waiting_since,
        "gate_deadline": song.gate_deadline,
        "blocked": blocked,
        "allowed_commands": song.allowed_commands,
        "allowed_targets": song.allowed_targets,
        "sequence": song.last_seq,
    }


def waiting_for(status: SongStatus, stage: Stage, blocked: Block | None, *, started: bool) -> str | None:
    """What has to happen before the song goes on, in words; None while it works or has ended."""
    if not started:
        return "Temporal takes the song as soon as it can be reached"
    if blocked:
        return f"{blocked.stage} is blocked: {blocked.reason}; retry, revise or step back"
    return {
        SongStatus.WAITING: f"a decision after {stage}: advance, revise or step back",
        SongStatus.HELD: "resume: the song is held",
    }.get(status)


def summary_view(song: Composition, services: Services, role: Role = Role.OWNER) -> SongSummary:
    """A song in a list, of somebody who is `role` to it."""
    return shown(SongSummary(**_summary_fields(song, services, role)), role)


def _summary_fields(song: Composition, services: Services, role: Role) -> dict[str, Any]:
    root = f"/v1/compositions/{song.id}"
    names = ("status", "events", "history", "media", "download", "sketch", "signals")
    links = {"self": root, **{name: f"{root}/{name}" for name in names}, "temporal_ui": services.temporal.link(song.id)}
    return {
        **_status_fields(song),
        "role": role,
        **{name: getattr(song, name) for name in _AS_STORED},
        "prompt": song.description,
        "links": links,
    }


def detail_view(
    song: Composition,
    services: Services,
    context: dict[str, Any] | None,
    now: ProgressLine | None,
    spent: Spent,
    role: Role = Role.OWNER,
) -> SongDetail:
    """All of a song, for somebody who is `role` to it."""
    running = song.status is SongStatus.RUNNING
    detail = SongDetail(
        **_summary_fields(song, services, role),
        settings=SongSettings.model_validate(song.settings),
        seed=song.seed,
        held=song.held,
        enhancement_accepted=song.enhancement_accepted,
        context=context,
        stages=[stage_view(stage, entry) for stage, entry in stage_summaries(song).items()],
        now=Progress(**now.model_dump(exclude={"composition_id"})) if now and running else None,
        spent_usd=spent.settled,
        reserved_usd=spent.reserved,
    )
    return shown(detail, role)


def with_snapshot(view: View, snapshot: Snapshot) -> View:
    """A view as the workflow itself says, which is newer than the read model."""
    same = ("status", "progress", "blocked", "waiting_since", "gate_deadline", "sequence")
    return view.model_copy(
        update={
            **{name: getattr(snapshot, name) for name in same},
            "current_stage": snapshot.stage,
            "is_completed": snapshot.status is SongStatus.COMPLETED,
            "waiting_for": waiting_for(snapshot.status, snapshot.stage, snapshot.blocked, started=True),
            "started": True,
            "allowed_commands": list(snapshot.allowed_commands),
            "allowed_targets": list(snapshot.allowed_targets),
        }
    )


def stage_view(stage: Stage, entry: BaseModel) -> StageView:
    """One stage of a song, from its summary or its state."""
    return StageView(stage=stage, **entry.model_dump(include=set(StageView.model_fields)))


async def results_of(services: Services, song: Composition) -> dict[Stage, StageResult]:
    """The documents of the stages' current results, in production order."""
    found = {}
    for stage, entry in stage_summaries(song).items():
        if entry.result:
            found[stage] = await services.media.aget_model(entry.result, StageResult)
    return found


def documents_shown(song: Composition) -> Documents:
    """What the context that is shown of a song follows from."""
    results = {Stage(stage): one["result"] for stage, one in song.stage_data.items()}
    return documents_of(song.person, song.stage, results)


async def effective_context(services: Services, song: Composition) -> dict[str, Any] | None:
    """Defaults, what the stages up to the current one set, what the person set; None while documents are away."""
    try:
        return await services.contexts.effective(documents_shown(song))
    except (MediaStoreUnavailable, NotFound):
        return None


async def stage_detail(song: Composition, services: Services, stage: Stage) -> StageDetail:
    """A stage with what it made; the documents must be readable."""
    entry = stage_summaries(song)[stage]
    result = await services.media.aget_model(entry.result, StageResult) if entry.result else None
    context = await services.media.aget_json(entry.context) if entry.context else None
    return StageDetail(
        **stage_view(stage, entry).model_dump(),
        context=context,
        outputs=dict(result.artifacts) if result else {},
        patch=result.patch if result else {},
        measured=result.measured if result else {},
        steps=[step.model_dump(mode="json") for step in result.steps] if result else [],
        decisions=await _decisions(services, result) if result else [],
        provided=[Provided.model_validate(one) for one in result.provided] if result else [],
        requires=ENTRY[stage],
        completeness=completeness(stage, merge(context or {}, result.patch if result else {})),
    )


async def _decisions(services: Services, result: StageResult) -> list[Decision]:
    made: list[Decision] = []
    for step in result.steps:
        if step.decisions:
            told: list[dict[str, Any]] = await services.media.aget_json(step.decisions)
            made += [Decision.model_validate(one) for one in told]
    return made


def completeness(stage: Stage, context: Mapping[str, Any]) -> Completeness:
    """What a stage has to have when it is left, and how much of that is there."""
    known = SongContext().update(without_nulls(context)) if context else SongContext()
    required = COMPLETE[stage]
    missing = tuple(path for path in required if known.get(path) in (None, [], {}, ""))
    percent = 100.0 if not required else round(100.0 * (len(required) - len(missing)) / len(required), 1)
    return Completeness(stage=stage, required=required, missing=missing, percent=percent)


def transition_view(row: Transition) -> TransitionView:
    """One recorded step."""
    return TransitionView.model_validate(row, from_attributes=True)


def media_view(row: CompositionMedia) -> MediaView:
    """One file."""
    fields = {name: getattr(row, name) for name in MediaView.model_fields if name != "url"}
    return MediaView(**fields, url=f"/v1/media/{row.hash}/content")


def enhancement_view(row: PromptEnhancement) -> EnhancementView:
    """What became of the prompt."""
    return EnhancementView.model_validate(row, from_attributes=True)


def provider_task_view(row: ProviderTask) -> ProviderTaskView:
    """A provider call, without its request and response."""
    return ProviderTaskView.model_validate(row, from_attributes=True)
