"""Reference tracks: songs of the caller's that a master comes near to."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.callers import Owner
from api.files import safe_name
from api.idempotency import Answer, Key, once
from api.services import Services, ServicesDep
from domain.errors import InvalidAudio, InvalidInput, NotFound
from storage.outgoing import MAX_URL, Outgoing, Unreachable
from storage.records import ReferenceTrack
from storage.references import get_reference, keep_reference

PATH = "/v1/references"
MAX_BYTES = 50_000_000
FETCH_WITHIN_S = 30.0
UNNAMED = "reference"
router = APIRouter(prefix=PATH, tags=["references"])

_MEDIA_TYPES = {"FLAC": "audio/flac", "MP3": "audio/mpeg", "OGG": "audio/ogg", "AIFF": "audio/aiff"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The sound file itself: WAV, AIFF, FLAC, MP3, Ogg Vorbis or Opus, at most 50 MB and 600 s. Or, "
        "as JSON, the public https:// address of one, which is fetched within 30 s.",
        "content": {
            "*/*": {"schema": {"type": "string", "format": "binary"}},
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"url": {"type": "string", "maxLength": MAX_URL}},
                    "required": ["url"],
                    "additionalProperties": False,
                },
                "example": {"url": "https://example.com/my-song.flac"},
            },
        },
    }
}


class ReferenceAddress(BaseModel):
    """Where a file lies that shall be fetched."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=MAX_URL)


class Reference(BaseModel):
    """An uploaded song, and what was heard in it. `use` goes into a song's `context` as it is."""

    hash: str = Field(description="SHA-256 of the file, in hex: the reference's name.")
    filename: str
    size: int
    media_type: str
    kind: str = Field(description="music, voice or unclear; noise is refused.")
    duration_s: float
    rate: int
    channels: int
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    correlation: float
    tempo_bpm: float
    tempo_confidence: float
    key: str
    key_confidence: float
    clipped_samples: int
    notes: list[str] = Field(description="What was found in the file, and what is done about it.")
    use: dict[str, Any] = Field(description="The wish that names it.")
    created_at: datetime


@router.post("", status_code=201, response_model=Reference, openapi_extra=_BODY)
async def upload_reference(
    owner: Owner,
    services: ServicesDep,
    request: Request,
    name: Annotated[str, Query(max_length=255, description="The file's name, for you to know it by.")] = UNNAMED,
    key: Key = None,
) -> Response:
    """Upload a song whose tone a master shall come near; the body is the file. Name it in `creative.references`.

    A JSON body `{"url": "https://…"}` has the file fetched from a public address. Guests upload nothing.
    """
    # No song of theirs could name it.
    services.limits.check_guest(owner, "upload references for songs of your own")

    async def keep() -> Answer:
        data, given = await request.body(), name
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            url = _address(data)
            data = await _fetched(services, url)
            given = name if name != UNNAMED else unquote(urlsplit(url).path.rpartition("/")[2])[:255] or UNNAMED
        track = await _kept(services, owner, data, safe_name(given))
        return Answer(201, _view(track), {"Location": f"{PATH}/{track.hash}"})

    return await once(request, services, owner=owner, key=key, work=keep)


@router.get("/{hash}")
async def get_reference_track(
    hash: Annotated[str, Path(max_length=64, description="SHA-256 of the file, in hex.")],
    owner: Owner,
    services: ServicesDep,
) -> Reference:
    """An upload of yours, and what was heard in it."""
    async with services.database.session() as session:
        track = await get_reference(session, owner, hash)
    if track is None:
        raise NotFound(f"there is no reference {hash[:64]!r} of yours: POST {PATH} uploads one")
    return _view(track)


def _address(body: bytes) -> str:
    try:
        return ReferenceAddress.model_validate_json(body).url
    except ValidationError:
        raise InvalidInput('the JSON body is {"url": "https://…"}; any other body is the sound file itself') from None


async def _fetched(services: Services, url: str) -> bytes:
    """The file at an address that the caller has named; InvalidValue, InvalidAudio where there is none to be had."""
    try:
        return await Outgoing.of(services.settings).fetch(url, max_bytes=MAX_BYTES, within_s=FETCH_WITHIN_S)
    except Unreachable as error:
        raise InvalidAudio(f"the file cannot be fetched: {error}") from None


async def _kept(services: Services, owner: str, data: bytes, name: str) -> ReferenceTrack:
    """Look at the file, store it, write down whose it is; InvalidAudio for one that cannot be used."""
    if not data:
        raise InvalidAudio("the body is empty: send the sound file as the body")
    heard = await services.inspector.inspect(data, name)
    digest = await services.media.aput(data)
    async with services.database.session() as session:
        return await keep_reference(
            session,
            ReferenceTrack(
                owner=owner,
                hash=digest,
                filename=name,
                size=len(data),
                media_type=_MEDIA_TYPES.get(heard["format"], "audio/wav"),
                analysis=heard,
                created_at=datetime.now(UTC),
            ),
        )


def _view(track: ReferenceTrack) -> Reference:
    heard = {name: value for name, value in track.analysis.items() if name in Reference.model_fields}
    return Reference(
        **heard,
        hash=track.hash,
        filename=track.filename,
        size=track.size,
        media_type=track.media_type,
        use={"creative.references": [{"type": "audio", "hash": track.hash}]},
        created_at=track.created_at,
    )
