"""Families, revisions and takes as the API shows them."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from api.callers import Caller
from api.version_models import RevisionView, TakeView, VersionList, VersionView
from api.views import media_view, stage_summaries
from domain.stages import Stage
from storage.records import Composition, CompositionMedia, StageRevision
from storage.roles import role_in
from storage.versions import versions


async def family_view(session: AsyncSession, song: Composition, caller: Caller | None) -> VersionList:
    """The versions of a song's family that the caller may see."""
    who = caller.owner if caller else None
    family = [one for one in await versions(session, song.id) if await role_in(session, one, who) is not None]
    seen = {one.id for one in family}
    return VersionList(family=song.family, items=[_version(one, seen) for one in family])


def _version(song: Composition, seen: set[str]) -> VersionView:
    shown = song.parent_id in seen
    return VersionView(
        id=song.id,
        number=song.version_number,
        title=song.title,
        parent_id=song.parent_id if shown else None,
        parent_stage=song.parent_stage if shown else None,
        parent_revision=song.parent_revision if shown else None,
        is_main=song.is_main,
        status=song.status,
        current_stage=song.stage,
        created_at=song.created_at,
        url=f"/v1/compositions/{song.id}",
    )


def revision_views(song: Composition, rows: Sequence[StageRevision]) -> list[RevisionView]:
    """Processed states; a song whose files were removed has none of them any more."""
    current = {stage: entry.revision for stage, entry in stage_summaries(song).items()}
    kept = ("stage", "revision", "take", "measured", "computed", "reused", "seconds", "completed_at", "result")
    return [
        RevisionView(
            **{name: getattr(row, name) for name in kept},
            is_current=row.revision == current[row.stage],
            available=song.files_removed_at is None,
        )
        for row in rows
    ]


def take_views(
    song: Composition, stage: Stage, rows: Sequence[StageRevision], files: Sequence[CompositionMedia]
) -> list[TakeView]:
    """The candidates of a stage; `rows` are its revisions, the newest first."""
    entry = stage_summaries(song)[stage]
    newest = {row.take: row for row in reversed(rows)}
    return [
        TakeView(
            take=take,
            is_chosen=take == entry.take,
            revision=row.revision if (row := newest.get(take)) else None,
            measured=row.measured if row else {},
            media=[media_view(f) for f in files if row and (f.take, f.revision) == (take, row.revision)],
            choose=f"/v1/compositions/{song.id}/takes/{take}/choice",
        )
        for take in range(1, max([entry.takes, *newest]) + 1)
    ]
