"""Songs: start, list, look at, listen to their events."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.audience import Listener
from api.callers import MaybeCaller, Owner, admitted
from api.details import DetailsDep
from api.idempotency import Answer, Key, once
from api.listing import PagesDep
from api.models import (
    MAX_NUMBER,
    EnhancementList,
    History,
    MediaList,
    ProviderTaskList,
    SongDetail,
    SongList,
    SongStatusView,
    SongSummary,
    StageDetail,
    StartSong,
)
from api.preconditions import IfNoneMatch, Seen, has_it, tag_headers, unchanged
from api.publicity import may_have, shown
from api.services import InsideSong, ServicesDep, SongAccessDep, SongDep, SongId, let_in
from api.starts import request_start
from api.streams import StreamPlace, last_of, server_sent
from api.views import (
    enhancement_view,
    media_view,
    provider_task_view,
    stage_detail,
    stage_view,
    status_view,
    summary_view,
    transition_view,
    with_snapshot,
)
from domain.access import Role
from domain.stages import SongStatus, Stage
from domain.state import Snapshot
from domain.steps import MediaType
from storage import songs as repository
from storage.listing import DETAIL
from storage.progress import get_progress
from storage.roles import role_by

router = APIRouter(prefix="/v1/compositions", tags=["songs"])
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "You have it: the song has not changed since."}}
Consistent = Annotated[bool, Query(description="Ask the workflow itself instead of the read model.")]


@router.post("", status_code=202, response_model=SongSummary)
async def start_song(
    body: StartSong, owner: Owner, services: ServicesDep, request: Request, key: Key = None
) -> Response:
    """Start a song. It is written down at once; its workflow starts now, or as soon as Temporal can be reached."""

    async def start() -> Answer:
        song = await request_start(services, owner, body, key)
        return Answer(202, summary_view(song, services), {"Location": f"/v1/compositions/{song.id}"})

    return await once(request, services, owner=owner, key=key, work=start)


@router.get("", response_model=SongList)
async def list_songs(
    request: Request,
    caller: MaybeCaller,
    services: ServicesDep,
    pages: PagesDep,
    scope: Annotated[
        repository.Scope, Query(description="Whose songs; `all` are your own and those shared with you.")
    ] = "all",
    stage: Annotated[Stage | None, Query(description="Only songs at this stage.")] = None,
    status: Annotated[SongStatus | None, Query(description="Only songs of this status.")] = None,
    text: Annotated[
        str | None, Query(max_length=200, description="In title or prompt; words from their beginnings.")
    ] = None,
    family: Annotated[str | None, Query(max_length=64, description="Only versions of this family.")] = None,
    main_only: Annotated[bool, Query(description="Only the main version of each family.")] = False,
    archived: Annotated[bool, Query(description="Your songs in the archive instead.")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="next_cursor of the page before.")] = None,
) -> Response:
    """Songs, newest change first: yours and those shared with you, or everybody's public ones.

    Public songs need no key. A cursor belongs to the filters that it came with.
    """
    if caller is not None or archived or scope != "public":
        caller = admitted(request, caller)
    page = await repository.list_songs(
        services.database, owner=caller.owner if caller else "", stage=stage, status=status, text=text, family=family,
        main_only=main_only, archived=archived, scope=scope, limit=limit, cursor=cursor,
    )  # fmt: skip
    roles = await repository.roles_of(services.database, caller.owner if caller else None, page.items)
    return await pages.response(page, roles)


@router.get("/{id}", response_model=SongDetail, responses=_UNCHANGED)
async def get_song(
    request: Request,
    song_id: SongId,
    caller: MaybeCaller,
    services: ServicesDep,
    details: DetailsDep,
    consistent: Consistent = False,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """All of a song; its `ETag` is what `If-Match` takes."""
    owner = caller.owner if caller else None
    row = await services.database.row(DETAIL, song=song_id, reader=owner or "")
    role = let_in(request, song_id, caller, role_by(row, owner, row.place) if row else None)
    assert row is not None, "there is no role in a song that does not exist"
    seen = Seen(row.last_seq, row.edition, role)
    running = row.status == SongStatus.RUNNING
    # What a running song does right now is no event, so that it is told to whoever asks.
    if not consistent and not running and has_it(if_none_match, seen):
        return unchanged(seen)
    if running:
        async with services.database.reading() as session:
            now = await get_progress(session, row.id)
    else:
        now = None
    body = await details.body(row, role, now)
    snapshot = await services.temporal.snapshot(row.id) if consistent else None
    if snapshot is not None:
        seen = Seen(snapshot.sequence, row.edition, role)
        body = _as_it_is(SongDetail.model_validate_json(body), snapshot, role).model_dump_json().encode()
    return Response(body, media_type="application/json", headers=tag_headers(seen))


def _as_it_is(detail: SongDetail, snapshot: Snapshot, role: Role) -> SongDetail:
    stages = [stage_view(stage, entry) for stage, entry in snapshot.stages.items()]
    fresh = {"title": snapshot.title, "held": snapshot.held, "stages": stages, "consistent": True}
    return shown(with_snapshot(detail, snapshot).model_copy(update=fresh), role)


@router.get("/{id}/status", response_model=SongStatusView, responses=_UNCHANGED)
async def get_status(
    song: SongDep,
    access: SongAccessDep,
    services: ServicesDep,
    response: Response,
    consistent: Consistent = False,
    if_none_match: IfNoneMatch = None,
) -> SongStatusView | Response:
    """The short form of a song; its `ETag` is what `If-Match` takes."""
    snapshot = await services.temporal.snapshot(song.id) if consistent else None
    now = snapshot.sequence if snapshot else song.last_seq
    seen = Seen(now, song.edition, access.role)
    if has_it(if_none_match, seen):
        return unchanged(seen)
    response.headers.update(tag_headers(seen))
    view = with_snapshot(status_view(song), snapshot) if snapshot else status_view(song)
    return shown(view, access.role)


@router.get("/{id}/history")
async def get_history(
    song: SongDep,
    access: SongAccessDep,
    services: ServicesDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=0, le=MAX_NUMBER, description="Only steps with a smaller number.")] = None,
) -> History:
    """Every recorded step of the song along the stages, newest first."""
    async with services.database.session() as session:
        rows = await repository.history(session, song.id, limit=limit, before=before)
    more = len(rows) == limit and rows[-1].number > 1
    found = History(items=[transition_view(row) for row in rows], next_before=rows[-1].number if more else None)
    return shown(found, access.role)


@router.get("/{id}/stages/{stage}")
async def get_stage(song: SongDep, access: SongAccessDep, services: ServicesDep, stage: Stage) -> StageDetail:
    """One stage: what it needs, what it made, what it measured."""
    return shown(await stage_detail(song, services, stage), access.role)


@router.get("/{id}/media")
async def get_media(
    song: SongDep,
    access: SongAccessDep,
    services: ServicesDep,
    stage: Annotated[Stage | None, Query()] = None,
    type: Annotated[MediaType | None, Query()] = None,
) -> MediaList:
    """Every file of the song, within a stage the newest revision first."""
    async with services.database.session() as session:
        rows = await repository.media(session, song.id, stage=stage, type=type)
    return MediaList(items=[media_view(row) for row in rows if may_have(row.type, access.role)])


@router.get("/{id}/enhancements")
async def get_enhancements(song: SongDep, services: ServicesDep) -> EnhancementList:
    """What became of the prompt, newest first."""
    async with services.database.session() as session:
        rows = await repository.enhancements(session, song.id)
    return EnhancementList(items=[enhancement_view(row) for row in rows])


@router.get("/{id}/provider-tasks")
async def get_provider_tasks(song: InsideSong, services: ServicesDep) -> ProviderTaskList:
    """Calls of outside providers, oldest first."""
    async with services.database.session() as session:
        rows = await repository.provider_tasks(session, song.id)
    return ProviderTaskList(items=[provider_task_view(row) for row in rows])


async def _resume_after(
    song: SongDep,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=MAX_NUMBER, description="What an EventSource sends by itself.")
    ] = None,
    after: Annotated[int, Query(ge=0, le=MAX_NUMBER, description="Number of the last event that you have.")] = 0,
) -> int:
    """Where to go on; 204 where nothing can follow any more, which tells an EventSource to stop."""
    start = after if last_event_id is None else last_event_id
    if (last := last_of(song)) is not None and last <= start:
        raise HTTPException(204)
    return start


@router.get("/{id}/events", response_class=EventSourceResponse)
async def get_events(
    song: SongDep,
    access: SongAccessDep,
    services: ServicesDep,
    after: Annotated[int, Depends(_resume_after)],
    place: StreamPlace,
) -> AsyncIterator[ServerSentEvent]:
    """Live events (server-sent), numbered without gap; `progress` messages between them carry no number.

    The stream of a cancelled song ends after its last event; a completed song still takes commands, so its stream stays
    open.
    """
    listener = Listener(song.id, access.role, access.caller)
    async for message in server_sent(services.live, listener, after, last_of(song), place):
        yield message
