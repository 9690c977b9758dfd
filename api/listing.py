"""Pages of songs as JSON: what a song looks like in a list is written once for each state that it is in."""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated

from fastapi import Depends, Request, Response

from api.services import Services
from api.views import summary_view
from domain.access import Role
from storage.listing import Listed, listed_song
from storage.songs import Page

KEPT = 5_000
"""How many songs are remembered as they look in lists, of about four kilobytes each with their rows."""


class Pages:
    """Writes pages of songs. A song's row says all that its summary shows, so that equal rows are written once."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._written: Callable[[Listed, Role], bytes] = lru_cache(KEPT)(self._write)

    def response(self, page: Page[Listed], roles: Mapping[str, Role]) -> Response:
        """A SongList; `roles` are what its reader is to the songs, by their ids."""
        songs = b",".join([self._written(row, roles[row.id]) for row in page.items])
        cursor = json.dumps(page.next_cursor).encode()
        return Response(b'{"items":[%b],"next_cursor":%b}' % (songs, cursor), media_type="application/json")

    def _write(self, row: Listed, role: Role) -> bytes:
        return summary_view(listed_song(row), self._services, role).model_dump_json().encode()


async def pages_of(request: Request) -> Pages:
    """The pages of the application that serves a request."""
    pages: Pages = request.app.state.pages
    return pages


PagesDep = Annotated[Pages, Depends(pages_of)]
