"""Versions: branches of a song, its family, the revisions and takes of its stages, and what differs between two."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.branching import request_new_branch
from api.comparing import Side, compared, side_of
from api.idempotency import Answer, Key, once
from api.models import MAX_NUMBER, SongSummary
from api.publicity import may_have
from api.services import EditableSong, OwnedSong, ServicesDep, SongAccessDep, SongDep
from api.version_models import BranchBody, ComparisonView, MainBody, RevisionList, TakeList, VersionList
from api.version_views import family_view, revision_views, take_views
from api.views import summary_view
from domain.errors import NotFound
from domain.stages import Stage
from storage import versions as families
from storage.songs import media, revisions

router = APIRouter(prefix="/v1/compositions/{id}", tags=["versions"])


@router.post("/branches", status_code=202, response_model=SongSummary)
async def branch(
    song: EditableSong,
    access: SongAccessDep,
    services: ServicesDep,
    request: Request,
    body: BranchBody | None = None,
    key: Key = None,
) -> Response:
    """Start a new version of the song from any stage and revision of it.

    Everything made up to there is shared and nothing of it is computed again. The song itself goes on undisturbed;
    it may be running, complete, cancelled, or long at rest. The branch belongs to the song's owner.
    """
    assert access.caller is not None
    caller, asked = access.caller, body or BranchBody()

    async def begin() -> Answer:
        new = await request_new_branch(services, song, caller, asked, key)
        return Answer(202, summary_view(new, services, access.role), {"Location": f"/v1/compositions/{new.id}"})

    return await once(request, services, owner=caller.owner, key=key, work=begin, scope=song.id)


@router.get("/versions")
async def get_versions(access: SongAccessDep, services: ServicesDep) -> VersionList:
    """The family of the song as a tree: every version that you may see, and from where each one branched."""
    async with services.database.session() as session:
        return await family_view(session, access.song, access.caller)


@router.put("/versions/main")
async def set_main(
    song: OwnedSong, access: SongAccessDep, services: ServicesDep, body: MainBody | None = None
) -> VersionList:
    """Say which version of the family counts; again, nothing changes."""
    chosen = (body.composition_id if body else None) or song.id
    async with services.database.session() as session:
        visible = await family_view(session, song, access.caller)
        if chosen not in {version.id for version in visible.items}:
            raise NotFound(f"the family of the song has no version {chosen[:64]!r}: GET its versions lists them")
        await families.make_main(session, chosen)
        return await family_view(session, song, access.caller)


OneStage = Annotated[Stage | None, Query(description="Only of this stage.")]


@router.get("/revisions")
async def get_revisions(song: SongDep, services: ServicesDep, stage: OneStage = None) -> RevisionList:
    """Every processed state of the song's stages, to go back to by `reversions` or to start from by `branches`."""
    async with services.database.session() as session:
        rows = await revisions(session, song.id, stage)
    return RevisionList(items=revision_views(song, rows))


@router.get("/takes")
async def get_takes(
    access: SongAccessDep,
    services: ServicesDep,
    stage: Annotated[Stage | None, Query(description="The current one where it is not said.")] = None,
) -> TakeList:
    """The candidates of a stage with their files; `takes/{take}/choice` goes on with another one."""
    song, wanted = access.song, stage or access.song.stage
    async with services.database.session() as session:
        rows, files = await revisions(session, song.id, wanted), await media(session, song.id, stage=wanted)
    return TakeList(
        stage=wanted, items=take_views(song, wanted, rows, [f for f in files if may_have(f.type, access.role)])
    )


Revision = Annotated[int | None, Query(ge=1, le=MAX_NUMBER, description="The current one where it is not said.")]


async def _before(
    access: SongAccessDep,
    services: ServicesDep,
    stage: Annotated[Stage | None, Query(description="The current one where it is not said.")] = None,
    revision: Revision = None,
) -> Side:
    return await side_of(services, access.song.id, access.caller, stage, revision)


async def _after(
    before: Annotated[Side, Depends(_before)],
    access: SongAccessDep,
    services: ServicesDep,
    other: Annotated[
        str | None, Query(alias="with", max_length=64, description="Id of another song; this one if left out.")
    ] = None,
    with_stage: Annotated[Stage | None, Query(description="The same as `stage` where it is not said.")] = None,
    with_revision: Revision = None,
) -> Side:
    stage = with_stage or before.stage
    return await side_of(services, other or access.song.id, access.caller, stage, with_revision)


@router.get("/comparison", responses={409: {"description": "A side has no result yet, or none any more."}})
async def get_comparison(
    before: Annotated[Side, Depends(_before)], after: Annotated[Side, Depends(_after)], services: ServicesDep
) -> ComparisonView:
    """What differs between two revisions of a song, or between two songs: settings, decisions, measurements, files."""
    return await compared(services, before, after)
