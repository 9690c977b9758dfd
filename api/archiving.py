"""Archived songs whose workflow must hear of it: told at once, or later where Temporal was away."""

from datetime import UTC, datetime, timedelta

import structlog

from api.problems import Refused
from api.services import Services
from domain.commands import CommandKind
from domain.errors import NotFound, ResourceUnavailable
from storage.archive import ENDED, mark_ended, running_in_the_archive
from storage.records import Composition

TOLD_AFTER = timedelta(seconds=2)

log = structlog.get_logger("sostenuto.api")


async def cancel_archived(services: Services, song: Composition) -> None:
    """Send the command to a song that has just been archived; where Temporal is away the sweeper ends it later."""
    if not song.started or song.status in ENDED:
        return
    sent = {"command_id": f"archive-{song.edition}", "actor": f"user:{song.owner}"[:80]}
    try:
        await services.temporal.send(song.id, CommandKind.CANCEL, sent)
    except Refused as refused:
        log.info("archived_song_needs_no_cancel", composition_id=song.id, reason=refused.message)
    except (NotFound, ResourceUnavailable) as error:
        log.warning("archived_song_not_cancelled_yet", composition_id=song.id, reason=error.message)


async def end_the_archived(services: Services) -> int:
    """End the workflows of songs that were archived while Temporal was away; how many were asked to.

    By Temporal's own cancellation, which leaves no second trace in a history however often it is asked for.
    """
    async with services.database.session() as session:
        waiting = await running_in_the_archive(session, before=datetime.now(UTC) - TOLD_AFTER)
    for song in waiting:
        try:
            await services.temporal.request_end(song.id)
        except NotFound:
            async with services.database.session() as session:
                await mark_ended(session, song.id)
    return len(waiting)
