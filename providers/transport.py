"""The one seam to the network: adapters say what to send, and get status, headers and a bounded body back.

httpx is behind it and nowhere else. It never retries: whether a call may be made again is decided above, where the
ledger is. A failure after a charged call may have arrived is OUTCOME_UNKNOWN; one before it left is not.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx

from domain.providers import ErrorKind
from providers.errors import ProviderError

MAX_JSON_BYTES: Final = 16 << 20
MAX_AUDIO_BYTES: Final = 512 << 20
CONNECT_S: Final = 10.0
AMBIGUOUS_STATUSES: Final = frozenset({502, 504, 520, 524})
"""What a proxy says when the server behind it did not answer, or its answer was broken: the call may have arrived."""

Part = tuple[str, tuple[str | None, bytes | str, str] | tuple[str | None, bytes | str]]


@dataclass(frozen=True)
class Call:
    """One HTTP request. `charged` marks a call that costs money once it has arrived."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    """Sent as JSON."""
    parts: Sequence[Part] = ()
    """Sent as multipart/form-data."""
    timeout_s: float = 60.0
    max_bytes: int = MAX_JSON_BYTES
    charged: bool = False


@dataclass(frozen=True)
class Reply:
    """Status, headers by lower-case name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; ProviderError UPSTREAM with the beginning of what came instead."""
        try:
            return json.loads(self.body)
        except ValueError:
            begin = self.body[:80].decode("utf-8", "replace")
            raise ProviderError(
                ErrorKind.UPSTREAM, f"an answer is no JSON document: {begin!r}", status=self.status
            ) from None

    @property
    def retry_after_s(self) -> float | None:
        """Seconds to wait by `retry-after-ms` or `retry-after`; None where neither is a number."""
        for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
            try:
                return max(0.0, float(self.headers[name]) * unit)
            except (KeyError, ValueError):
                continue
        return None


class Transport(Protocol):
    """Whatever sends a call and gives its reply."""

    async def send(self, call: Call) -> Reply:
        """Any status is a reply; ProviderError for what is none."""


class HttpxTransport:
    """The network, through one httpx client. No redirects: an API has none, and a key must not follow one."""

    def __init__(self, client: httpx.AsyncClient | None = None) -> None:
        self._client = client or httpx.AsyncClient(
            follow_redirects=False,
            limits=httpx.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=2.0),
        )

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def send(self, call: Call) -> Reply:
        """Send once; TIMEOUT or UPSTREAM when it cannot have arrived or costs nothing, else OUTCOME_UNKNOWN."""
        given: dict[str, Any] = {"headers": dict(call.headers), "params": dict(call.params) or None}
        if call.parts:
            given["files"] = list(call.parts)
        elif call.body is not None:
            given["json"] = call.body
        timeout = httpx.Timeout(call.timeout_s, connect=min(CONNECT_S, call.timeout_s))
        where = f"{call.method} {httpx.URL(call.url).host}{httpx.URL(call.url).path}"
        try:
            async with self._client.stream(call.method, call.url, timeout=timeout, **given) as answer:
                if call.charged and answer.status_code in AMBIGUOUS_STATUSES:
                    raise ProviderError(
                        ErrorKind.OUTCOME_UNKNOWN,
                        f"{where}: a proxy answered {answer.status_code}; the order may have arrived",
                        status=answer.status_code,
                    )
                headers = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status_code, headers, await _body(answer, call, where))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            kind = ErrorKind.TIMEOUT if isinstance(error, httpx.TimeoutException) else ErrorKind.UPSTREAM
            raise ProviderError(kind, f"{where}: no connection ({_told(error)})") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            kind = ErrorKind.TIMEOUT if isinstance(error, httpx.TimeoutException) else ErrorKind.UPSTREAM
            if call.charged:
                kind = ErrorKind.OUTCOME_UNKNOWN
            raise ProviderError(kind, f"{where}: the connection broke ({_told(error)})") from None


async def _body(answer: httpx.Response, call: Call, where: str) -> bytes:
    kind = ErrorKind.OUTCOME_UNKNOWN if call.charged and answer.status_code < 300 else ErrorKind.UPSTREAM
    pieces, size = [], 0
    async for piece in answer.aiter_bytes():
        size += len(piece)
        if size > call.max_bytes:
            raise ProviderError(
                kind, f"{where}: the answer is larger than {call.max_bytes:,} bytes", status=answer.status_code
            )
        pieces.append(piece)
    return b"".join(pieces)


def _told(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]
