"""The one door to addresses that somebody else has named: webhooks, references by URL.

A host is looked up at every call, all of its addresses must be public, and the very address that was checked is
connected to, so that a second look-up cannot give another one. No redirect is followed, no proxy of the environment
is asked. An operator may name places of their own that can be reached all the same.
"""

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache

import httpx

from domain.addresses import Places, check_host, is_local_name, is_public
from domain.errors import InvalidValue
from storage.config import Settings

MAX_URL = 2048
LOOKUP_S = 5.0
CONNECT_S = 5.0
PORTS = {"https": 443, "http": 80}

Lookup = Callable[[str, int], Awaitable[list[str]]]


class Unreachable(Exception):
    """A call that got no answer; the text says why and may be shown."""


async def lookup(host: str, port: int) -> list[str]:
    """The addresses of a host, of whatever family."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class _Target:
    """A URL with a checked address in its host's place, and what makes the server see the host all the same."""

    url: httpx.URL
    headers: Mapping[str, str]
    extensions: Mapping[str, str]


class Outgoing:
    """Calls to addresses that somebody else has named. `resolve` and `trust` (CA certificates) are for tests."""

    def __init__(self, places: Places, *, resolve: Lookup = lookup, trust: ssl.SSLContext | None = None) -> None:
        self._places = places
        self._resolve = resolve
        self._trust = trust

    @classmethod
    def of(cls, settings: Settings) -> "Outgoing":
        """With the places that the operator allows."""
        return cls(Places(settings.outgoing_allowed))

    async def check(self, url: str) -> str:
        """The URL as it is called. InvalidValue, with the reason, where it may not be."""
        parsed = self._parsed(url)
        try:
            await self._targets(parsed)
        except Unreachable as error:
            # A public name that nobody knows today may be there tomorrow, and is looked up at every call.
            host = _host(parsed)
            if not self._places.has_name(host) and (parsed.scheme != "https" or is_local_name(host)):
                raise InvalidValue(f"{error}: the URL begins with https:// and a public host") from None
        return str(parsed)

    @contextlib.asynccontextmanager
    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        silence_s: float = 20.0,
    ) -> AsyncIterator[httpx.Response]:
        """The answer with its headers; its body is read by the caller, as it comes (`aiter_raw`).

        Nothing is decompressed. The caller bounds the whole time; `silence_s` bounds each wait. Raises InvalidValue
        for what may not be called, Unreachable for what does not answer.
        """
        *others, last = await self._targets(self._parsed(url))
        timeout = httpx.Timeout(silence_s, connect=CONNECT_S)
        async with httpx.AsyncClient(
            verify=self._trust or _trust(), trust_env=False, follow_redirects=False, timeout=timeout
        ) as client:
            response = None
            for target in others:
                with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                    response = await client.send(_request(client, method, target, headers, content), stream=True)
                    break
            try:
                response = response or await client.send(_request(client, method, last, headers, content), stream=True)
            except httpx.HTTPError as error:
                raise Unreachable(_reason(error)) from None
            try:
                yield response
            except httpx.HTTPError as error:
                raise Unreachable(_reason(error)) from None
            finally:
                await response.aclose()

    async def fetch(self, url: str, *, max_bytes: int, within_s: float) -> bytes:
        """The file at `url`. InvalidValue where it may not be called, Unreachable for what is missing or too large."""
        try:
            async with asyncio.timeout(within_s), self.call("GET", url) as answer:
                return await _body(answer, max_bytes)
        except TimeoutError:
            raise Unreachable(f"it was not there within {within_s:g} s") from None

    def _parsed(self, url: str) -> httpx.URL:
        """InvalidValue for what is no plain web address."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError, TypeError):
            raise InvalidValue("the URL cannot be read: it looks like https://host/path") from None
        if len(url) > MAX_URL or not url.isprintable() or not url.isascii():
            raise InvalidValue(f"the URL has at most {MAX_URL:,} printable ASCII characters")
        if parsed.scheme not in PORTS or not parsed.host:
            raise InvalidValue(f"the URL begins with https:// and a host, not with {url[:20]!r}")
        # Asked of the text itself: programs disagree about what an odd one means.
        if "@" in re.split("[/?#]", url.partition("//")[2], maxsplit=1)[0] or "\\" in url:
            raise InvalidValue("the URL holds no user, no password and no backslash")
        if parsed.port is not None and not 0 < parsed.port < 65_536:
            raise InvalidValue(f"the URL names the port {parsed.port}: there are 1 to 65535")
        check_host(_host(parsed))
        return parsed.copy_with(fragment=None)

    async def _targets(self, url: httpx.URL) -> list[_Target]:
        """Every address of the URL's host, all of them checked; at least one."""
        host = _host(url)
        addresses = await self._look_up(host, url.port or PORTS[url.scheme])
        named = self._places.has_name(host)
        allowed = [named or self._places.has_address(address) for address in addresses]
        if not all(ours or is_public(address) for ours, address in zip(allowed, addresses, strict=True)):
            raise InvalidValue(
                f"{host[:80]} lies in a private network: only public addresses are called, and those that the "
                "operator names in SOSTENUTO_OUTGOING_ALLOWED"
            )
        if url.scheme != "https" and not all(allowed):
            raise InvalidValue(f"the URL begins with https://, not with {url.scheme}://")
        headers = {"host": url.netloc.decode()}
        return [_Target(url.copy_with(host=address), headers, {"sni_hostname": host}) for address in addresses]

    async def _look_up(self, host: str, port: int) -> list[str]:
        try:
            async with asyncio.timeout(LOOKUP_S):
                found = await self._resolve(host, port)
        except (OSError, TimeoutError, UnicodeError):
            raise Unreachable(f"the host {host[:80]} cannot be found") from None
        if not found:
            raise Unreachable(f"the host {host[:80]} has no address")
        return found


async def _body(answer: httpx.Response, max_bytes: int) -> bytes:
    if answer.status_code != 200:
        moved = ", and redirects are not followed" if answer.is_redirect else ""
        raise Unreachable(f"the answer was {answer.status_code}{moved}")
    content = bytearray()
    told = answer.headers.get("content-length", "")
    size = int(told[:15]) if told.isascii() and told.isdigit() else 0
    if size <= max_bytes:
        async for piece in answer.aiter_raw():
            content += piece
            size = len(content)
            if size > max_bytes:
                break
    if size > max_bytes:
        raise Unreachable(f"it is larger than {max_bytes:,} bytes")
    return bytes(content)


def _host(url: httpx.URL) -> str:
    """The host as it is looked up and told to the server: in ASCII."""
    return url.raw_host.decode("ascii")


@cache
def _trust() -> ssl.SSLContext:
    """One context for all calls: making one reads every certificate anew."""
    return httpx.create_ssl_context(trust_env=False)


def _request(
    client: httpx.AsyncClient,
    method: str,
    target: _Target,
    headers: Mapping[str, str] | None,
    content: bytes | None,
) -> httpx.Request:
    given = {"accept-encoding": "identity", "user-agent": "Sostenuto", **(headers or {}), **target.headers}
    return client.build_request(method, target.url, headers=given, content=content, extensions=dict(target.extensions))


def _reason(error: httpx.HTTPError) -> str:
    told = {httpx.ConnectTimeout: "no connection in time", httpx.ReadTimeout: "no answer in time"}
    known = next((text for kind, text in told.items() if isinstance(error, kind)), None)
    return known or f"the call broke off ({str(error)[:160] or type(error).__name__})"
