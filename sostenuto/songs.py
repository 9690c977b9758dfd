"""Naming a song on the command line: its id, a unique beginning or end of it, or `last`."""

import re
from typing import TYPE_CHECKING

from domain.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from sostenuto.client import Client

LAST = "last"
_FULL = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SEARCHED = 10_000


def resolve(client: "Client", name: str) -> str:
    """The full id of the song that `name` means. Raises NotFound, and InvalidInput when it could be several."""
    name = name.strip().lower()
    if _FULL.fullmatch(name):
        return name
    if not re.fullmatch(r"[0-9a-z_-]{1,64}", name):
        raise InvalidInput(f"{name[:80]!r} is no id of a song: give an id, a part of one, or {LAST}")
    found: list[str] = []
    for number, song in enumerate(client.all(limit=100)):
        if name in (LAST, song.id):
            return song.id
        if song.id.startswith(name) or song.id.endswith(name):
            found.append(song.id)
        if number >= _SEARCHED or len(found) > 4:
            break
    if not found:
        raise NotFound(
            "there is no song yet" if name == LAST else f"no song has an id that begins or ends with {name!r}"
        )
    if len(found) > 1:
        raise InvalidInput(f"{name!r} could be {' or '.join(found[:4])}: give more of the id")
    return found[0]
