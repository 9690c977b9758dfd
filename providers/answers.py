"""What a vendor answered, made sure of: a document of the expected shape, or sound.

An answer with success that cannot be used is UPSTREAM for a call that is free, so it may be made again, and
OUTCOME_UNKNOWN for one that costs money: something was made, and it is not here.
"""

from typing import Final, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from domain.providers import ErrorKind
from providers.contract import MadeFile
from providers.download import kind_of
from providers.errors import ProviderError
from providers.transport import Reply

Document = TypeVar("Document", bound=BaseModel)

SHOWN_BYTES: Final = 80
MIDI: Final = "audio/midi"


def document(shape: type[Document], reply: Reply, *, charged: bool = False) -> Document:
    """The body as a document of `shape`; ProviderError when it is none."""
    try:
        return shape.model_validate(reply.json())
    except (ProviderError, ValidationError) as error:
        told = "; ".join(part["msg"] for part in error.errors()[:3]) if isinstance(error, ValidationError) else ""
        unusable(reply, f"{shape.__name__} was expected{': ' + told if told else ''}", charged=charged)


def sound(reply: Reply, *, charged: bool = False) -> MadeFile:
    """The body as one sound file; ProviderError when it is empty, a page or a document."""
    media_type = sound_type(reply.body, reply.headers.get("content-type", ""))
    if not media_type:
        unusable(reply, "sound was expected", charged=charged)
    return MadeFile(content=reply.body, media_type=media_type)


def sound_type(content: bytes, declared: str = "") -> str:
    """The media type by the first bytes, else as `declared`; empty when the content is no sound."""
    found = kind_of(content)
    if found:
        return found if found.startswith("audio/") and found != MIDI else ""
    declared = declared.split(";")[0].strip().lower()
    return declared if content and declared.startswith("audio/") and content[:1] not in b"<{" else ""


def unusable(reply: Reply, reason: str, *, charged: bool) -> NoReturn:
    """Raise ProviderError for an answer with success that is not what was expected."""
    begin = reply.body[:SHOWN_BYTES].decode("utf-8", "replace")
    raise ProviderError(
        ErrorKind.OUTCOME_UNKNOWN if charged else ErrorKind.UPSTREAM,
        f"status {reply.status}, but the answer cannot be used: {reason}; it begins {begin!r}",
        status=reply.status,
        request_id=reply.headers.get("x-request-id", ""),
    )
