"""Fetching what a provider has made, at once and with a guard: a vendor's answer must not send us into our own network.

An address is looked up once and that very address is connected to, so that a second look-up cannot give another one;
every redirect is checked again. The operator's own server (the account's base URL) may be anywhere.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpx

from domain.addresses import is_public
from domain.providers import ErrorKind
from providers.errors import ProviderError
from providers.transport import MAX_AUDIO_BYTES

REDIRECTS: Final = 4
TIMEOUT_S: Final = 60.0
GONE: Final = frozenset({403, 404, 410})

SIGNATURES: Final[tuple[tuple[bytes, int, str], ...]] = (
    (b"RIFF", 0, "audio/wav"), (b"fLaC", 0, "audio/flac"), (b"OggS", 0, "audio/ogg"), (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"), (b"\xff\xf3", 0, "audio/mpeg"), (b"\xff\xf2", 0, "audio/mpeg"),
    (b"\xff\xfa", 0, "audio/mpeg"), (b"ftyp", 4, "audio/mp4"), (b"MThd", 0, "audio/midi"),
    (b"PK\x03\x04", 0, "application/zip"),
    (b"FORM", 0, "audio/aiff"),
)  # fmt: skip
"""First bytes of what providers send, where they stand, and what it then is."""

Lookup = Callable[[str, int], Awaitable[list[str]]]


async def lookup(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def download(
    url: str,
    *,
    trusted: str = "",
    max_bytes: int = MAX_AUDIO_BYTES,
    timeout_s: float = TIMEOUT_S,
    resolve: Lookup = lookup,
) -> bytes:
    """The file at `url`. `trusted` is a base URL whose host and port need not be public.

    ProviderError: RESULT_EXPIRED when it is gone, UPSTREAM for what breaks off, is too large or lies in a private
    network, TIMEOUT.
    """
    for _ in range(REDIRECTS + 1):
        try:
            async with asyncio.timeout(timeout_s):
                found = await _get(url, trusted, max_bytes, resolve)
        except TimeoutError:
            raise ProviderError(ErrorKind.TIMEOUT, f"{_shown(url)} was not there after {timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ProviderError(
                ErrorKind.UPSTREAM, f"{_shown(url)} broke off ({str(error)[:120] or type(error).__name__})"
            ) from None
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise ProviderError(ErrorKind.UPSTREAM, f"{_shown(url)}: more than {REDIRECTS} redirects")


async def _get(url: str, trusted: str, max_bytes: int, resolve: Lookup) -> bytes | str:
    """The content, or where a redirect leads; of several addresses the first that answers."""
    *others, last = await _targets(url, trusted, resolve)
    for target in others:
        with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
            return await _fetched(url, target, max_bytes)
    return await _fetched(url, last, max_bytes)


async def _fetched(url: str, target: "_Target", max_bytes: int) -> bytes | str:
    async with (
        httpx.AsyncClient(follow_redirects=False, timeout=httpx.Timeout(TIMEOUT_S, connect=10.0)) as client,
        client.stream("GET", target.url, headers=target.headers, extensions=target.extensions) as answer,
    ):
        if answer.has_redirect_location:
            return str(answer.headers["location"])
        if answer.status_code in GONE:
            raise ProviderError(ErrorKind.RESULT_EXPIRED, f"{_shown(url)} is gone", status=answer.status_code)
        if answer.status_code != httpx.codes.OK:
            raise ProviderError(ErrorKind.UPSTREAM, f"{_shown(url)} answers {answer.status_code}")
        return await _content(url, answer, max_bytes)


async def _content(url: str, answer: httpx.Response, max_bytes: int) -> bytes:
    """The body, which is not even begun where it says that it is too large."""
    said = answer.headers.get("content-length", "")
    size = int(said) if said.isdecimal() else 0
    content = bytearray()
    if size <= max_bytes:
        async for piece in answer.aiter_bytes():
            content += piece
            size = len(content)
            if size > max_bytes:
                break
    if size > max_bytes:
        raise ProviderError(ErrorKind.UPSTREAM, f"{_shown(url)} is larger than {max_bytes:,} bytes", final=True)
    return bytes(content)


class _Target(NamedTuple):
    """A URL with a checked address in the host's place, and what makes the server see the host all the same."""

    url: httpx.URL
    headers: dict[str, str]
    extensions: dict[str, str]


async def _targets(url: str, trusted: str, resolve: Lookup) -> list[_Target]:
    """Every address of the URL's host, all of them checked; at least one."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ProviderError(ErrorKind.UPSTREAM, f"{_shown(url)} is no address of a file", final=True)
    own = urlsplit(trusted)
    if trusted and (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
        return [_Target(httpx.URL(url), {}, {})]
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await resolve(parts.hostname, port)
    if not found or not all(map(is_public, found)):
        raise ProviderError(
            ErrorKind.UPSTREAM, f"{_shown(url)} lies in a private network: it is not fetched", final=True
        )
    given = httpx.URL(url)
    headers, extensions = {"Host": given.netloc.decode()}, {"sni_hostname": parts.hostname}
    return [_Target(given.copy_with(host=address), headers, extensions) for address in found]


def kind_of(content: bytes) -> str:
    """The media type by a file's first bytes; "" for what no provider should send, such as a web page."""
    return next((kind for begin, at, kind in SIGNATURES if content[at : at + len(begin)] == begin), "")


def _shown(url: str) -> str:
    """A URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"[:200]
