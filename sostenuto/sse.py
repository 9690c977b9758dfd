"""Server-sent events, as the HTML standard (section 9.2.6) says they are read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

COMMENT = ":"


@dataclass(frozen=True)
class Message:
    """One message; `id` is None where the server gave none. A comment has the event COMMENT and its text as data."""

    event: str
    data: str
    id: str | None


def read_messages(lines: Iterable[str]) -> Iterator[Message]:
    """The messages and comments of a stream of lines without their ends; an unfinished message is dropped."""
    event, data, identity = "message", list[str](), None
    for line in lines:
        if not line:
            if data:
                yield Message(event, "\n".join(data), identity)
            event, data, identity = "message", [], None
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            yield Message(COMMENT, value, None)
        elif name == "event":
            event = value
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            identity = value
