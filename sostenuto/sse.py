"""Server-sent events, as the HTML standard (section 9.2.6) says they are read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """One message; `id` is None where the server gave none."""

    event: str
    data: str
    id: str | None


def read_messages(lines: Iterable[str]) -> Iterator[Message]:
    """The messages of a stream of lines without their ends; comments and unfinished messages are dropped."""
    event, data, identity = "message", list[str](), None
    for line in lines:
        if not line:
            if data:
                yield Message(event, "\n".join(data), identity)
            event, data, identity = "message", [], None
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            event = value
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            identity = value
