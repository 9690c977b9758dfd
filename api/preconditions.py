"""Entity tags of songs: `"12.3"` is the song at its event 12 and edition 3 (what people changed besides events).

RFC 9110, section 13: If-Match lets a change happen only to the song that its sender has seen, If-None-Match saves
sending again what the caller has.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Response

from api.models import MAX_NUMBER
from api.problems import ApiProblem
from domain.access import Role
from domain.events import Event, EventType
from storage.database import Database
from storage.events import events_after
from storage.records import Composition
from storage.songs import get_song

_TAG = re.compile(r'(W/)?"([^"]*)"')
_OURS = re.compile(r"(\d{1,10})\.(\d{1,10})(-[a-z]{1,10})?")
_SHOWN = 3
# A page may be kept by its reader, who asks each time whether it still holds.
CACHED = "private, no-cache"

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The song's ETag: act only if the song has not changed since; 412 otherwise.",
        max_length=1000,
        examples=['"12.0"'],
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        description="An ETag that you have: 304 if the song has not changed since.",
        max_length=1000,
        examples=['"12.0"'],
    ),
]


@dataclass(frozen=True)
class Seen:
    """What a caller has seen of a song: its newest event, and how often people had renamed or published it."""

    sequence: int
    edition: int
    role: Role = Role.OWNER

    @property
    def tag(self) -> str:
        """As an entity tag; what others than the owner see is told from what they see once they are something else."""
        reader = "" if self.role is Role.OWNER else f"-{self.role}"
        return f'"{self.sequence}.{self.edition}{reader}"'


def seen_now(song: Composition, role: Role = Role.OWNER) -> Seen:
    """What the read model shows of a song to somebody who is `role` to it."""
    return Seen(song.last_seq, song.edition, role)


def required(header: str | None, song: Composition) -> Seen | None:
    """What `If-Match` asks for: None for no condition or `*`, which any song that exists fulfils.

    Of several tags the newest counts: events and editions only grow. ApiProblem 412 where no tag is one of ours.
    """
    if header is None or header.strip() == "*":
        return None
    ours = (_OURS.fullmatch(text) for weak, text in _tags(header) if not weak)
    known = [Seen(int(tag[1]), int(tag[2])) for tag in ours if tag]
    possible = [seen for seen in known if seen.sequence <= MAX_NUMBER and seen.edition <= MAX_NUMBER]
    if not possible:
        raise outdated(seen_now(song), "If-Match names no ETag of this song, such as the one that GET shows")
    return max(possible, key=lambda seen: (seen.edition, seen.sequence))


def has_it(header: str | None, seen: Seen) -> bool:
    """Whether `If-None-Match` names the song as it is: then its reader has it."""
    if header is None:
        return False
    return header.strip() == "*" or any(f'"{text}"' == seen.tag for _, text in _tags(header))


def unchanged(seen: Seen) -> Response:
    """The answer to somebody who has it."""
    return Response(status_code=304, headers=tag_headers(seen))


def tag_headers(seen: Seen) -> dict[str, str]:
    """Headers of an answer that shows a song."""
    return {"ETag": seen.tag, "Cache-Control": CACHED}


def outdated(now: Seen, detail: str) -> ApiProblem:
    """The refusal of a change to a song that its sender has not seen as it is."""
    return ApiProblem(412, "precondition_failed", f"{detail}; its ETag now is {now.tag}", {"ETag": now.tag})


async def changed_since(database: Database, song_id: str, seen: Seen) -> tuple[Seen, str]:
    """How a song is now, and in words what has become of it since it was `seen`."""
    async with database.session() as session:
        song = await get_song(session, song_id)
        events = await events_after(session, song_id, seen.sequence, limit=500)
    now = seen_now(song) if song else seen
    told = [*_edited(now, seen), *_told(events)]
    return now, "since you saw it: " + "; ".join(told) if told else "it is changing right now: look at it again"


def _edited(now: Seen, seen: Seen) -> Iterator[str]:
    if now.edition != seen.edition:
        yield "its title, visibility or place in the archive was changed"


def _told(events: Sequence[Event]) -> Iterator[str]:
    if len(events) > _SHOWN:
        yield f"{len(events)} events, the newest of them"
    for event in events[-_SHOWN:]:
        yield _words(event)


def _words(event: Event) -> str:
    told = event.payload
    match event.type:
        case EventType.COMMAND_ACCEPTED | EventType.COMMAND_REJECTED:
            verdict = "accepted" if event.type is EventType.COMMAND_ACCEPTED else "refused"
            return f"{told['kind']} by {told['actor']} was {verdict} ({told['message']})"
        case EventType.STAGE_CHANGED:
            return f"it went from {told['from_stage']} to {told['to_stage']}"
        case _:
            about = f" ({told['stage']})" if "stage" in told else ""
            return event.type.value.replace("_", " ") + about


def _tags(header: str) -> list[tuple[str, str]]:
    return _TAG.findall(header)
