"""Songs in full as JSON: one row is read for each answer, and what follows from it is written once."""

import json
from typing import Annotated

from fastapi import Depends, Request

from api.kept import Kept
from api.services import Services
from api.views import detail_view, documents_shown, effective_context
from domain.access import Role
from domain.projection import Progress
from storage.charges import Spent
from storage.contexts import key_of
from storage.listing import Detailed, detailed_song

LIMIT = 2000
"""How many songs are remembered as they look in full, of about twenty kilobytes each with their rows."""


class Details:
    """Writes songs in full. A row says all that is shown but what a song does right now: equal rows, equal answers."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._written: Kept[tuple[Detailed, Role], bytes] = Kept(LIMIT)

    async def body(self, row: Detailed, role: Role, now: Progress | None) -> bytes:
        """A SongDetail for somebody who is `role` to the song; `now` is what it does right now."""
        if now is None and (written := self._written.get((row, role))):
            return written
        song = detailed_song(row)
        if row.kept_documents == key_of(documents_shown(song)):
            context = json.loads(row.kept_context)
        else:
            context = await effective_context(self._services, song)
        spent = Spent(row.settled, row.reserved)
        body = detail_view(song, self._services, context, now, spent, role).model_dump_json().encode()
        # Documents that are away now may be there again, though nothing in the row says so.
        return body if context is None or now is not None else self._written.put((row, role), body)


async def details_of(request: Request) -> Details:
    """The details of the application that serves a request."""
    details: Details = request.app.state.details
    return details


DetailsDep = Annotated[Details, Depends(details_of)]
