"""Versions: branches of a song, its family, the revisions and takes of its stages, and what differs between two."""

from fastapi import APIRouter, Request, Response

from api.branching import request_new_branch
from api.idempotency import Answer, Key, once
from api.models import SongSummary
from api.services import EditableSong, ServicesDep, SongAccessDep
from api.version_models import BranchBody
from api.views import summary_view

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
