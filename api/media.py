"""Stored files by their content hash, for those who may see a song that holds them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.callers import MaybeCaller, admitted
from api.files import content_disposition, file_response, safe_name
from api.services import ServicesDep
from domain.errors import NotFound
from storage.songs import media_by_hash

router = APIRouter(prefix="/v1/media", tags=["media"])

_BINARY: dict[str, Any] = {"content": {"*/*": {}}}


@router.get(
    "/{hash}/content",
    response_class=Response,
    responses={
        200: {"description": "The whole file.", **_BINARY},
        206: {"description": "The range that was asked for.", **_BINARY},
        304: {"description": "You have it: the entity tag is the content's SHA-256."},
    },
)
@router.head("/{hash}/content", response_class=Response, include_in_schema=False)
async def get_content(
    hash: Annotated[str, Path(max_length=64, description="SHA-256 of the file, in hex.")],
    caller: MaybeCaller,
    services: ServicesDep,
    request: Request,
) -> Response:
    """The bytes of a file, whole or by range; immutable, so they may be cached for ever."""
    async with services.database.reading() as session:
        row = await media_by_hash(session, caller.owner if caller else None, hash)
    if caller is not None or row is None:
        admitted(request, caller)
    if row is None:
        raise NotFound(f"there is no file {hash[:64]!r} in your songs: GET /v1/compositions/ID/media lists them")
    name = safe_name((row.filename or row.name).rpartition("/")[2].rpartition(":")[2])
    return await file_response(
        request,
        services.media,
        services.metrics,
        hash_=row.hash,
        size=row.size,
        media_type=row.media_type,
        disposition=content_disposition(name, inline=True),
    )
