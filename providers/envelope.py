"""The envelope of the music gateways, {"code", "msg", "data"}: HTTP 200 is not yet success, and a code is not a status.

The code in the body decides; the HTTP status counts only where there is no such body.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from domain.providers import ErrorKind
from providers.errors import ProviderError
from providers.transport import Call, Reply, Transport

Shape = TypeVar("Shape", bound=BaseModel)

HTTP_KINDS: Final[Mapping[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.PLAN_DENIED,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    413: ErrorKind.INVALID_REQUEST,
    415: ErrorKind.INVALID_REQUEST,
    422: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    503: ErrorKind.OVERLOADED,
}
"""What a status means where the body is not the vendor's own: it comes from a proxy or a web server."""


@dataclass(frozen=True)
class Vendor:
    """How one gateway speaks: its name for people, and what its codes mean (others: as in HTTP).

    `pause_s` is what its documented rate limit asks to wait when an answer names no time.
    """

    name: str
    codes: Mapping[int, ErrorKind] = field(default_factory=dict)
    pause_s: float | None = None

    def kind(self, code: int) -> ErrorKind:
        """The kind of an error with that code."""
        return self.codes.get(code) or HTTP_KINDS.get(code, ErrorKind.UPSTREAM)


class Envelope(BaseModel):
    """The outermost object of every answer."""

    model_config = ConfigDict(extra="ignore")

    code: int
    msg: str | None = Field(default=None, validation_alias=AliasChoices("msg", "message"))
    data: Any = None


async def ask(transport: Transport, call: Call, vendor: Vendor) -> Any:
    """Send a call and give the `data` of its answer; ProviderError for any code that is not 200."""
    reply = await transport.send(call)
    try:
        envelope = Envelope.model_validate_json(reply.body)
    except ValidationError:
        raise _unreadable(reply, call, vendor) from None
    if envelope.code == 200 and reply.status < 300:
        return envelope.data
    code = reply.status if envelope.code == 200 else envelope.code
    raise refused(vendor, code, envelope.msg or "", retry_after_s=reply.retry_after_s)


def refused(vendor: Vendor, code: int, message: str, *, retry_after_s: float | None = None) -> ProviderError:
    """The error that a vendor's code stands for."""
    kind = vendor.kind(code)
    if kind is ErrorKind.RATE_LIMITED and retry_after_s is None:
        retry_after_s = vendor.pause_s
    said = f": {message[:200]}" if message else ""
    return ProviderError(kind, f"{vendor.name} answered {code}{said}", retry_after_s=retry_after_s, status=code)


def shaped(shape: type[Shape], data: Any, vendor: Vendor, *, charged: bool = False) -> Shape:
    """The data as the documented shape; UPSTREAM when it is another, OUTCOME_UNKNOWN when it was paid for."""
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "data"
        kind = ErrorKind.OUTCOME_UNKNOWN if charged else ErrorKind.UPSTREAM
        raise ProviderError(
            kind, f"{vendor.name} answered with another shape than documented: {where}: {first['msg']}", status=200
        ) from None


def _unreadable(reply: Reply, call: Call, vendor: Vendor) -> ProviderError:
    begin = reply.body[:80].decode("utf-8", "replace")
    told = f"{vendor.name} answered {reply.status} with something that is not its envelope: {begin!r}"
    if call.charged and reply.status < 300:
        return ProviderError(
            ErrorKind.OUTCOME_UNKNOWN, f"{told}; the order may have been accepted", status=reply.status
        )
    kind = HTTP_KINDS.get(reply.status, ErrorKind.UPSTREAM)
    return ProviderError(kind, told, retry_after_s=reply.retry_after_s, status=reply.status)
