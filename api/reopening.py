"""Commands to songs whose workflow has ended: a new run of the same song, from the archive."""

from datetime import UTC, datetime
from typing import Any

import structlog

from api.services import Services
from api.views import results_of
from domain.admission import admit
from domain.branching import Branch
from domain.commands import CommandKind, CommandResult, Verdict
from domain.reopening import reopened
from domain.song_input import SongInput
from domain.state import SongState
from storage.records import Composition
from storage.reopening import archived
from storage.songs import get_song

CANCELLED = "the song is cancelled: it takes no more commands; start a new one, or branch from it"

log = structlog.get_logger("sostenuto.api")


async def answer_anew(
    services: Services, song: Composition, kind: CommandKind, sent: dict[str, Any]
) -> CommandResult | None:
    """The answer to a command by a song whose workflow has ended; None where the command is left for a worker.

    A command that was settled before, or that the song would refuse, is answered out of the archive and opens
    nothing. Raises Refused, MediaStoreUnavailable, ServerUnavailable.
    """
    async with services.database.session() as session:
        song = await get_song(session, song.id) or song
        known = await archived(session, song)
    now = datetime.now(UTC)
    person = await services.media.aget_json(song.person) if song.person else {}
    state = reopened(known, await results_of(services, song), person, now)
    result = admit(state, kind, [sent], delivery=sent["command_id"], actor=sent["actor"], now=now).result
    if state.cancelled and not result.duplicate:
        return result.model_copy(update={"code": "closed", "message": CANCELLED})
    if result.duplicate or result.verdict is Verdict.REJECTED:
        return result
    answer = await services.temporal.reopen(_continued(song, state, person), kind, sent)
    services.metrics.add("sostenuto_songs_reopened_total")
    log.info("song_reopened", composition_id=song.id)
    return answer


def _continued(song: Composition, state: SongState, person: dict[str, Any]) -> SongInput:
    """The input of the new run. A song that was never opened needs what it starts from as well."""
    begun = state.prompt is not None
    return SongInput(
        composition_id=song.id,
        owner=song.owner,
        title=state.title,
        prompt="" if begun else song.description,
        settings=state.settings,
        changes={} if begun or song.branching else person,
        seed=song.seed,
        created_at=song.created_at,
        branch=Branch.model_validate(song.branching) if song.branching and not begun else None,
        state=state,
    )
