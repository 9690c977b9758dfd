"""Two results side by side, for somebody who may see both."""

from dataclasses import dataclass

from api.callers import Caller
from api.publicity import may_have
from api.services import Services
from api.version_models import ComparedFile, ComparisonView, FileDifference, Place
from api.views import stage_summaries
from domain.access import Role
from domain.comparing import FileChange, compare
from domain.errors import Conflict, NotFound
from domain.stages import Stage
from domain.steps import Artifact, StageResult
from storage.records import StageRevision
from storage.roles import role_in
from storage.songs import get_song, revisions


@dataclass(frozen=True)
class Side:
    """A processed state that is compared, and what the caller is to its song."""

    row: StageRevision
    role: Role

    @property
    def stage(self) -> Stage:
        """The stage that was processed."""
        return self.row.stage

    @property
    def place(self) -> Place:
        """Where it belongs, as the answer says it."""
        row = self.row
        return Place(
            composition_id=row.composition_id, stage=row.stage, revision=row.revision, take=row.take, result=row.result
        )


async def side_of(
    services: Services, composition_id: str, caller: Caller | None, stage: Stage | None, revision: int | None
) -> Side:
    """A processed state of a song that the caller may see; its current stage and revision where none is named.

    Raises NotFound for a song that is hidden and for a revision that is not there, Conflict for a stage without one.
    """
    async with services.database.session() as session:
        song = await get_song(session, composition_id)
        role = await role_in(session, song, caller.owner if caller else None) if song else None
        if song is None or role is None:
            raise NotFound(f"there is no song {composition_id[:64]!r}: GET /v1/compositions lists yours")
        stage = stage or song.stage
        rows = await revisions(session, song.id, stage)
    if not rows:
        raise Conflict(f"{stage} of {composition_id} has no result yet: there is nothing to compare")
    shown = stage_summaries(song)[stage].revision
    current = shown if shown in {row.revision for row in rows} else rows[0].revision
    wanted = revision or current
    found = next((row for row in rows if row.revision == wanted), None)
    if found is None:
        numbers = ", ".join(str(number) for number in sorted({row.revision for row in rows}))
        raise NotFound(f"{stage} of {composition_id} has no revision {wanted}; it has {numbers}")
    return Side(found, role)


async def compared(services: Services, before: Side, after: Side) -> ComparisonView:
    """The differences; MediaStoreUnavailable while the documents cannot be read."""
    store = services.media
    one, other = [await store.aget_model(side.row.result, StageResult) for side in (before, after)]
    contexts = await store.aget_json(one.context), await store.aget_json(other.context)
    found = compare(_shown(one, before.role), _shown(other, after.role), contexts)
    return ComparisonView(
        before=before.place,
        after=after.place,
        context=list(found.context),
        decisions=list(found.decisions),
        measured=list(found.measured),
        added=[_difference(file) for file in found.added],
        removed=[_difference(file) for file in found.removed],
        changed=[_difference(file) for file in found.changed],
        same_files=found.same_files,
    )


def _shown(result: StageResult, role: Role) -> StageResult:
    files = {name: artifact for name, artifact in result.artifacts.items() if may_have(artifact.type, role)}
    return result.model_copy(update={"artifacts": files})


def _difference(file: FileChange) -> FileDifference:
    return FileDifference(name=file.name, before=_file(file.before), after=_file(file.after))


def _file(artifact: Artifact | None) -> ComparedFile | None:
    if artifact is None:
        return None
    shown = artifact.model_dump(include=set(ComparedFile.model_fields))
    return ComparedFile(**shown, url=f"/v1/media/{artifact.hash}/content")
