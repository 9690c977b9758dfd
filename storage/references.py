"""Uploaded songs to come near to: whose they are, and what was heard in them."""

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import InvalidValue
from storage.records import ReferenceTrack
from storage.upserts import insert_missing


async def keep_reference(session: AsyncSession, track: ReferenceTrack) -> ReferenceTrack:
    """Record an upload; the earlier record when the owner had uploaded the same file before."""
    await insert_missing(session, ReferenceTrack, [track.model_dump()])
    found = await get_reference(session, track.owner, track.hash)
    assert found is not None
    return found


async def get_reference(session: AsyncSession, owner: str, hash: str) -> ReferenceTrack | None:
    """The upload of `owner` with this content, None where there is none."""
    return await session.get(ReferenceTrack, (owner, hash), populate_existing=True)


async def require_reference(session: AsyncSession, owner: str, hash: str) -> ReferenceTrack:
    """As `get_reference`; InvalidValue where there is none, whoever else may have uploaded the same file."""
    found = await get_reference(session, owner, hash)
    if found is None:
        raise InvalidValue(
            f"creative.references names the audio {hash[:12]}…, which is none of your uploads: "
            "send it to POST /v1/references first"
        )
    return found
