"""A song's name and visibility, and its way into the archive and out of it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from api.archiving import cancel_archived
from api.callers import CallerDep
from api.idempotency import Answer, Key, once
from api.models import SongSummary, Title, _Body, _example
from api.preconditions import IfMatch, Seen, changed_since, outdated, required, seen_now, tag_headers
from api.problems import ApiProblem
from api.services import EditableSong, Services, ServicesDep, SongAccessDep, SongId
from api.views import summary_view
from domain.access import Role
from domain.errors import Conflict, NotFound
from domain.retention import Erasing
from storage import archive
from storage.records import Composition
from storage.roles import role_in
from storage.songs import get_song

router = APIRouter(prefix="/v1/compositions/{id}", tags=["editing"])


class EditSong(_Body):
    """What to change: `title`, or who may see it (`is_public`, which only the owner sets)."""

    model_config = _example(title="Rainy Window")

    title: Title | None = None
    is_public: StrictBool | None = Field(default=None, description="Whether anybody may see and hear the song.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.title is None and self.is_public is None:
            raise ValueError("nothing is to be changed: send title, is_public or both")
        return self


class ErasureView(BaseModel):
    """How an erasure stands: `running` until everything is gone; its songs are hidden from its beginning."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "running"}]})

    state: Literal["none", "running", "done"]


Erase = Annotated[bool, Query(description="Erase an archived song for ever.")]


async def owned_anywhere(caller: CallerDep, id: SongId, services: ServicesDep, erase: Erase = False) -> Composition:
    """A song of the caller's own; one to be erased is looked for in the archive, where no other route finds it."""
    async with services.database.session() as session:
        song = await get_song(session, id)
        role = await role_in(session, song, caller.owner) if song else None
    if song is not None and erase and song.owner == caller.owner:
        return song
    if song is None or role is None:
        raise NotFound(f"there is no song {id[:64]!r}: GET /v1/compositions lists yours")
    if role is not Role.OWNER:
        raise ApiProblem(403, "forbidden", f"this takes the role owner in the song, yours is {role}")
    return song


OwnedAnywhere = Annotated[Composition, Depends(owned_anywhere)]


@router.patch("", response_model=SongSummary)
async def edit_song(
    body: EditSong,
    song: EditableSong,
    access: SongAccessDep,
    services: ServicesDep,
    response: Response,
    if_match: IfMatch = None,
) -> SongSummary:
    """Rename a song, publish it or take it back; its music and its events stay as they are.

    Takes effect only on the song that `If-Match` names, where it is sent.
    """
    if body.is_public is not None and access.role is not Role.OWNER:
        raise ApiProblem(403, "forbidden", f"only the owner publishes a song or takes it back, you are {access.role}")
    values: dict[str, Any] = body.model_dump(exclude_none=True)
    if body.title is not None:
        values["renamed"] = True
    seen = required(if_match, song)
    async with services.database.session() as session:
        done = await archive.edit(session, song.id, values, now=datetime.now(UTC), expected=_expected(seen))
    changed = await _settled(services, song, seen, done=done)
    response.headers.update(tag_headers(seen_now(changed)))
    return summary_view(changed, services, access.role)


@router.delete(
    "",
    status_code=204,
    response_class=Response,
    responses={202: {"description": "With `erase`: the song is being erased.", "model": ErasureView}},
)
async def archive_song(
    song: OwnedAnywhere,
    services: ServicesDep,
    erase: Erase = False,
    if_match: IfMatch = None,
) -> Response:
    """Put a song into the archive: it is hidden from everybody, and cancelled if it still runs.

    It can be restored until its files are removed, some time later. An archived song can be erased (`erase=true`): its
    history, its files that no other song shares, and its rows go for ever within some hours.
    """
    seen = required(if_match, song)
    if erase:
        return await _erase(services, song, seen)
    async with services.database.session() as session:
        done = await archive.archive(session, song.id, now=datetime.now(UTC), expected=_expected(seen))
    if not done and seen is not None:
        await _settled(services, song, seen, done=False)
    await cancel_archived(services, song)
    return Response(status_code=204)


async def _erase(services: Services, song: Composition, seen: Seen | None) -> Response:
    if song.is_active:
        raise Conflict("only an archived song is erased: DELETE it without erase first")
    if seen is not None and seen != seen_now(song):
        raise outdated(seen_now(song), "the song has changed since you saw it")
    await services.temporal.erase(Erasing(owner=song.owner, song=song.id, asked_at=datetime.now(UTC)))
    body = ErasureView(state="running")
    return Response(body.model_dump_json(), status_code=202, media_type="application/json")


@router.post("/restoration", response_model=SongSummary)
async def restore_song(
    caller: CallerDep, id: SongId, services: ServicesDep, request: Request, key: Key = None
) -> Response:
    """Take a song out of the archive, with everything it had; a song that was cancelled there stays cancelled."""
    async with services.database.session() as session:
        song = await get_song(session, id)
    if song is None or song.owner != caller.owner:
        raise NotFound(f"there is no song {id[:64]!r} of yours: GET /v1/compositions?archived=true lists the archive")

    async def work() -> Answer:
        async with services.database.session() as session:
            restored = await archive.restore(session, song.id, now=datetime.now(UTC))
            now = await get_song(session, song.id)
        if now is None:
            raise NotFound(f"the song {song.id} is erased")
        if not restored and not now.is_active:
            raise Conflict("the files of this song are removed, or are being removed: it cannot be restored any more")
        return Answer(200, summary_view(now, services), tag_headers(seen_now(now)))

    return await once(request, services, owner=caller.owner, key=key, work=work, scope=song.id)


async def _settled(services: Services, song: Composition, seen: Seen | None, *, done: bool) -> Composition:
    """The song after a change. ApiProblem 412 where it was not as seen, NotFound where it is archived meanwhile."""
    async with services.database.session() as session:
        now = await get_song(session, song.id)
    if now is None or not now.is_active:
        raise NotFound(f"the song {song.id} has been archived meanwhile: its restoration brings it back")
    if not done and seen is not None:
        tag, words = await changed_since(services.database, song.id, seen)
        raise outdated(tag, f"the song has changed {words}")
    return now


def _expected(seen: Seen | None) -> archive.Expected | None:
    return None if seen is None else (seen.sequence, seen.edition)
