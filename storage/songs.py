"""Songs as lists and pages read them: request, find, list, history, media, records of providers."""

import hashlib
import json
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, union, update
from sqlalchemy import select as sql_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Role
from domain.decide import allowed_commands, targets_now
from domain.errors import Conflict
from domain.projection import StageSummary
from domain.settings import SongSettings
from domain.stages import ORDER, SongStatus, Stage
from domain.state import SongState, StageState
from domain.steps import MediaType
from storage.cursors import older, read_cursor, write_cursor
from storage.database import Database
from storage.listing import STAMPED, Stamped, changed_at
from storage.records import (
    Collaborator,
    Composition,
    CompositionMedia,
    PromptEnhancement,
    ProviderTask,
    StageRevision,
    Transition,
)
from storage.upserts import insert_missing

T = TypeVar("T")
Scope = Literal["own", "shared", "public", "all"]
"""Whose songs a list holds; `all` are one's own and those shared with one."""
MAX_PAGE = 200
QUERIES_KEPT = 500


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a list, and the cursor of what follows, None at the end."""

    items: list[T]
    next_cursor: str | None = None


async def request_song(
    session: AsyncSession,
    *,
    composition_id: str,
    owner: str,
    title: str,
    prompt: str,
    settings: SongSettings,
    seed: int,
    created_at: datetime,
) -> Composition:
    """Record a song that was asked for, before its workflow starts; the existing row when it is there already.

    Raises Conflict when the id belongs to another owner's song.
    """
    state = SongState(
        composition_id=composition_id, owner=owner, title=title, seed=seed, created_at=created_at, settings=settings
    )
    row = {
        "id": composition_id,
        "owner": owner,
        "title": title,
        "description": prompt,
        "seed": seed,
        "settings": settings.model_dump(mode="json"),
        "allowed_commands": list(allowed_commands(state)),
        "allowed_targets": list(targets_now(state)),
        "stage_data": {stage.value: _summary(entry) for stage, entry in state.stages.items()},
        "family": composition_id,
        "created_at": created_at,
        "updated_at": created_at,
    }
    await insert_missing(session, Composition, [row])
    song = await get_song(session, composition_id)
    if song is None or song.owner != owner:
        raise Conflict(f"the song {composition_id} belongs to somebody else: take another id")
    return song


async def mark_started(session: AsyncSession, composition_id: str) -> None:
    """Note that the song's workflow has been started."""
    await session.exec(update(Composition).where(col(Composition.id) == composition_id).values(started=True))


async def unstarted(session: AsyncSession, older_than: datetime) -> list[Composition]:
    """Songs asked for before `older_than` whose workflow is not known to have started, oldest first; none archived."""
    query = (
        select(Composition)
        .where(
            col(Composition.started).is_(False),
            col(Composition.is_active).is_(True),
            col(Composition.created_at) < older_than,
        )
        .order_by(col(Composition.created_at), col(Composition.id))
    )
    return await _all(session, query)


async def get_song(session: AsyncSession, composition_id: str) -> Composition | None:
    """The song with this id, as it is in the database now."""
    return await session.get(Composition, composition_id, populate_existing=True)


async def list_songs(
    database: Database,
    *,
    owner: str,
    stage: Stage | None = None,
    status: SongStatus | None = None,
    text: str | None = None,
    family: str | None = None,
    main_only: bool = False,
    archived: bool = False,
    scope: Scope = "own",
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Stamped]:
    """Songs of `owner` (or shared with them, or public), newest change first; or the `archived` ones of `owner`.

    `text` is looked for in title and description, whatever its case; its words count from their beginnings.
    `family` are all versions of a song, `main_only` leaves one of each family. `limit` is 1–200. Following the
    cursors shows no song twice as long as none changes. Raises InvalidInput for a cursor that none of our answers
    held, or that one with other filters held.
    """
    limit = max(1, min(limit, MAX_PAGE))
    # What is in the archive is shown to nobody but its owner.
    scope = "own" if archived else scope
    filters = (owner, scope, stage, status, text, family, main_only, archived)
    asked = _asked(*filters)
    query = _asked_page(*filters, limit + 1, cursor, not database.is_sqlite)
    narrowed = any((stage, status, text, family, main_only))
    songs = list(await (database.search(query) if narrowed else database.rows(query)))
    more = len(songs) > limit
    last = songs[limit - 1] if more else None
    return Page(items=songs[:limit], next_cursor=write_cursor(changed_at(last), last.id, asked) if last else None)


@lru_cache(QUERIES_KEPT)
def _asked_page(
    owner: str, scope: Scope, stage: Stage | None, status: SongStatus | None, text: str | None, family: str | None,
    main_only: bool, archived: bool, limit: int, cursor: str | None, postgres: bool,
) -> Any:  # fmt: skip
    """The query of a page. Kept, for putting it together takes as long as its answer."""
    # Most songs are not archived, which SQLite does not know: by that index it would read all songs of everybody.
    active = col(Composition.is_active).is_(True) if postgres else func.likely(col(Composition.is_active).is_(True))
    conditions: list[ColumnElement[bool]] = [col(Composition.is_active).is_(False) if archived else active]
    if stage is not None:
        conditions.append(col(Composition.stage) == Stage(stage))
    if status is not None:
        conditions.append(col(Composition.status) == SongStatus(status))
    if family is not None:
        conditions.append(col(Composition.family) == family)
    if main_only:
        conditions.append(col(Composition.is_main).is_(True))
    if text:
        conditions.extend(found_by(text, postgres=postgres))
    if cursor is not None:
        asked = _asked(owner, scope, stage, status, text, family, main_only, archived)
        conditions.append(older(col(Composition.updated_at), col(Composition.id), read_cursor(cursor, asked)))
    return page_query(owner, scope, conditions, limit)


def page_query(owner: str, scope: Scope, conditions: Sequence[ColumnElement[bool]], limit: int) -> Any:
    """The `limit` songs of a scope that were changed last, as `Stamped` rows.

    Own and shared songs are looked for apart, each by its own index, and put together: no index serves both at once.
    """
    parts = _PARTS.get(scope, (scope,))
    if len(parts) == 1:
        return _newest(_SCOPES[parts[0]](owner), *conditions, limit=limit)
    each = (_newest(_SCOPES[part](owner), *conditions, limit=limit).subquery() for part in parts)
    # A song that was found twice is the same row both times.
    found = union(*(sql_select(songs) for songs in each)).subquery()
    return sql_select(found).order_by(found.c.updated_at.desc(), found.c.id.desc()).limit(_written(limit))


def _newest(*conditions: ColumnElement[bool], limit: int) -> Any:
    newest = (col(Composition.updated_at).desc(), col(Composition.id).desc())
    return sql_select(*STAMPED).where(*conditions).order_by(*newest).limit(_written(limit))


def _written(limit: int) -> ColumnElement[int]:
    # For a limit that comes later PostgreSQL prepares for many rows, and so plans anew each time.
    return literal_column(str(int(limit)))


def found_by(text: str, *, postgres: bool) -> list[ColumnElement[bool]]:
    """Conditions on title and description: they hold `text`; PostgreSQL looks its words up in an index first."""
    columns = (col(Composition.title), col(Composition.description))
    holds: list[ColumnElement[bool]] = [or_(*(column.icontains(text, autoescape=True) for column in columns))]
    words = text.translate(_SPACED).split()
    if postgres and words:
        wanted = " & ".join(f"'{word}':*" for word in words)
        query = func.to_tsquery(literal_column("'simple'"), wanted)
        holds.append(literal_column(WORDS).op("@@", is_comparison=True)(query))
    return holds


async def roles_of(database: Database, owner: str | None, songs: Sequence[Stamped]) -> dict[str, Role]:
    """What `owner` (None: somebody unknown) is to each of some songs that they may see, by the songs' ids."""
    roles = {song.id: Role.OWNER if song.owner == owner else Role.PUBLIC for song in songs}
    others = [song for song, role in roles.items() if role is Role.PUBLIC]
    if others and owner is not None:
        roles |= await _places(database, owner, others)
    return roles


async def _places(database: Database, user: str, songs: Sequence[str]) -> dict[str, Role]:
    shared = col(Collaborator.composition_id).in_(songs), col(Collaborator.user_id) == user
    places = sql_select(col(Collaborator.composition_id), col(Collaborator.role)).where(*shared)
    return {row.composition_id: Role(row.role) for row in await database.rows(places)}


async def history(
    session: AsyncSession, composition_id: str, *, limit: int = 100, before: int | None = None
) -> list[Transition]:
    """Steps of a song along the stages, newest first; only those with a number below `before`, when given."""
    query = select(Transition).where(col(Transition.composition_id) == composition_id)
    if before is not None:
        query = query.where(col(Transition.number) < before)
    return await _all(session, query.order_by(col(Transition.number).desc()).limit(limit))


async def revisions(session: AsyncSession, composition_id: str, stage: Stage | None = None) -> list[StageRevision]:
    """Processed states of the stages, in the order of production, newest revision first."""
    query = select(StageRevision).where(col(StageRevision.composition_id) == composition_id)
    if stage is not None:
        query = query.where(col(StageRevision.stage) == stage)
    newest = (col(StageRevision.revision).desc(), col(StageRevision.take).desc())
    return await _all(session, query.order_by(_in_production_order(StageRevision.stage), *newest))


async def media(
    session: AsyncSession, composition_id: str, stage: Stage | None = None, type: MediaType | None = None
) -> list[CompositionMedia]:
    """Files of a song, in the order of production, within a stage the newest revision and take first."""
    query = select(CompositionMedia).where(col(CompositionMedia.composition_id) == composition_id)
    if stage is not None:
        query = query.where(col(CompositionMedia.stage) == stage)
    if type is not None:
        query = query.where(col(CompositionMedia.type) == type)
    newest = (col(CompositionMedia.revision).desc(), col(CompositionMedia.take).desc(), col(CompositionMedia.name))
    return await _all(session, query.order_by(_in_production_order(CompositionMedia.stage), *newest))


async def media_by_hash(session: AsyncSession, owner: str | None, hash: str) -> CompositionMedia | None:
    """A file with this content that `owner` may read, in an own, shared or public song; the newest such record.

    Somebody unknown (None) reads what is in public songs, but for their reports. Archived songs are nobody's.
    """
    # Reports tell what a song cost.
    public = and_(_public(""), col(CompositionMedia.type) != MediaType.REPORT)
    scopes = [public] if owner is None else [_own(owner), _shared(owner), public]
    query = (
        select(CompositionMedia)
        .join(Composition, col(Composition.id) == col(CompositionMedia.composition_id))
        .where(col(CompositionMedia.hash) == hash, col(Composition.is_active).is_(True), or_(*scopes))
        .order_by(col(CompositionMedia.created_at).desc(), col(CompositionMedia.id))
        .limit(1)
    )
    found = await _all(session, query)
    return found[0] if found else None


async def provider_tasks(session: AsyncSession, composition_id: str) -> list[ProviderTask]:
    """Calls of outside providers for a song, oldest first."""
    query = select(ProviderTask).where(col(ProviderTask.composition_id) == composition_id)
    return await _all(session, query.order_by(col(ProviderTask.created_at), col(ProviderTask.id)))


async def enhancements(session: AsyncSession, composition_id: str) -> list[PromptEnhancement]:
    """Enhancements of a song's prompt, newest first."""
    query = select(PromptEnhancement).where(col(PromptEnhancement.composition_id) == composition_id)
    newest = (col(PromptEnhancement.revision).desc(), col(PromptEnhancement.take).desc())
    return await _all(session, query.order_by(*newest))


def _summary(entry: StageState) -> dict[str, Any]:
    return entry.model_dump(mode="json", include=set(StageSummary.model_fields))


def _own(owner: str) -> ColumnElement[bool]:
    return col(Composition.owner) == owner


def _shared(owner: str) -> ColumnElement[bool]:
    songs = select(col(Collaborator.composition_id)).where(col(Collaborator.user_id) == owner)
    return col(Composition.id).in_(songs)


def _public(_owner: str) -> ColumnElement[bool]:
    return and_(col(Composition.is_public).is_(True), col(Composition.is_active).is_(True))


_SCOPES: Mapping[str, Callable[[str], ColumnElement[bool]]] = {"own": _own, "shared": _shared, "public": _public}
_PARTS: Mapping[str, tuple[str, ...]] = {"all": ("own", "shared")}
_SPACED = str.maketrans(string.punctuation, " " * len(string.punctuation))
# PostgreSQL reads "lo-fi", "a/b" or "a@b" as one thing or several: without these signs a word is what stands alone.
WORDS = (
    "to_tsvector('simple', translate(compositions.title || ' ' || compositions.description, "
    "'-_./@&<>+;#~=?', '              '))"
)
"""The words of a song's title and prompt, as the index `ix_compositions_words` of PostgreSQL keeps them."""


def _in_production_order(column: Any) -> Any:
    return case({stage.value: number for number, stage in enumerate(ORDER)}, value=column)


def _asked(*filters: object) -> str:
    """What a list was asked for, in sixteen hex digits."""
    return hashlib.sha256(json.dumps(filters, default=str).encode()).hexdigest()[:16]


async def _all(session: AsyncSession, query: Any) -> list[Any]:
    rows: Sequence[Any] = (await session.exec(query)).all()
    return list(rows)
