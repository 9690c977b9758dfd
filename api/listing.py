"""Pages of songs as JSON: what a song looks like in a list is fetched and written once for each state that it is in."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from api.kept import Kept
from api.services import Services
from api.views import summary_view
from domain.access import Role
from storage.listing import BY_IDS, Listed, Stamped, listed_song, stamp_of
from storage.songs import Page

LIMIT = 10_000
"""How many songs are remembered as they look in lists, of about two kilobytes each."""


class Pages:
    """Writes pages of songs. A stamp says whether what is remembered of a song still holds; the rest is fetched."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._written: Kept[tuple[str, Role], tuple[tuple[Any, ...], bytes]] = Kept(LIMIT)

    async def response(self, page: Page[Stamped], roles: Mapping[str, Role]) -> Response:
        """A SongList; `roles` are what its reader is to the songs, by their ids."""
        known = {row.id: self._known(row, roles[row.id]) for row in page.items}
        missing = [song for song, written in known.items() if written is None]
        if missing:
            rows = await self._services.database.rows(BY_IDS, songs=missing)
            known |= {row.id: self._write(row, roles[row.id]) for row in rows if _still_shown(row, roles[row.id])}
        # A song that was erased or made private between the two looks is in no list any more.
        songs = b",".join([written for written in known.values() if written is not None])
        cursor = json.dumps(page.next_cursor).encode()
        return Response(b'{"items":[%b],"next_cursor":%b}' % (songs, cursor), media_type="application/json")

    def _known(self, row: Stamped, role: Role) -> bytes | None:
        stamp, written = self._written.get((row.id, role)) or (None, None)
        return written if stamp == stamp_of(row) else None

    def _write(self, row: Listed, role: Role) -> bytes:
        written = summary_view(listed_song(row), self._services, role).model_dump_json().encode()
        # With the stamp of this row, which may be newer than the one that the page was found by.
        return self._written.put((row.id, role), (stamp_of(row), written))[1]


def _still_shown(row: Listed, role: Role) -> bool:
    return role is not Role.PUBLIC or bool(row.is_public and row.is_active)


async def pages_of(request: Request) -> Pages:
    """The pages of the application that serves a request."""
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(pages_of)]
