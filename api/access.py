"""What is let in at all: addresses, hosts, and nothing that a browser was tricked into."""

import ipaddress
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import SAFE_METHODS
from api.limits import rate_headers
from api.problems import problem, problem_response
from domain.errors import InvalidInput
from domain.providing import CALLBACK_PATH
from storage.config import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_PORTS: Mapping[str, int] = MappingProxyType({"http": 80, "https": 443})

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-site",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
)
STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
DOCS_POLICY = (
    "default-src 'none'; script-src https: 'unsafe-inline'; style-src https: 'unsafe-inline'; "
    "img-src https: data:; connect-src 'self'; frame-ancestors 'none'"
)


def is_loopback(host: str) -> bool:
    """Whether binding to `host` reaches this machine only."""
    if host in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_binding(settings: Settings) -> None:
    """Raise InvalidInput when the API would listen to other machines without asking for a key."""
    if not settings.api_keys and not is_loopback(settings.api_host):
        raise InvalidInput(
            f"api_host {settings.api_host!r} is reachable from other machines, but no API key is configured: "
            "set SOSTENUTO_API_KEYS (comma separated), or listen on 127.0.0.1"
        )
    weak = sum(len(key.get_secret_value()) < 16 for key in settings.api_keys)
    if weak:
        raise InvalidInput(f"{weak} of SOSTENUTO_API_KEYS has fewer than 16 characters: use longer random keys")


class Guard:
    """Nothing is done for a page of another site: neither for the local user of a run without keys, nor by a cookie.

    Without keys only the right Host is answered. Every answer has security headers, and says what is left of a rate.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.keyless = not settings.api_keys
        self.hosts = {*LOOPBACK_NAMES, settings.api_host.strip("[]")}
        self.public_url = settings.public_url
        self.public_host = _hostname(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is forged, pass on the rest."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        refused = self._refused(scope)
        sender = _WithSecurityHeaders(send, scope)
        if refused is None:
            await self.app(scope, receive, sender)
        else:
            await problem_response(problem(HTTPConnection(scope), 403, *refused))(scope, receive, sender)

    def _refused(self, scope: Scope) -> tuple[str, str] | None:
        """Code and words of a refusal, None for what may pass."""
        headers = Headers(scope=scope)
        host = _hostname(f"//{headers.get('host', '')}")
        if scope["path"].startswith(f"{CALLBACK_PATH}/") and (not self.keyless or (host and host == self.public_host)):
            # Providers come in under the public name, and each call of theirs is known by its token.
            return None
        if self.keyless and host not in self.hosts:
            return "wrong_host", f"the Host header names {host or 'nothing'}: use {', '.join(LOOPBACK_NAMES)}"[:200]
        # A page that opens a socket reads what it tells, and no browser asks beforehand as it does for a request.
        acts = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if acts and (self._is_foreign(headers) if self.keyless else self._is_foreign_here(headers)):
            return "cross_site", "a request from a page of another site is refused: use the studio of this API"
        return None

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            return _hostname(origin) not in self.hosts
        return headers.get("sec-fetch-site") == "cross-site"

    def _is_foreign_here(self, headers: Headers) -> bool:
        """With keys: a browser sends cookies by itself, but no key, so that who sends a key acts of their own will."""
        if "authorization" in headers:
            return False
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") in ("cross-site", "same-site")
        here = {_place(f"//{headers.get('host', '')}", like=origin), _place(self.public_url)} - {None}
        return _place(origin) not in here


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _place(url: str, like: str = "") -> tuple[str, int | None] | None:
    """Host and port of a URL; without a port, the one that its scheme, or that of `like`, has by itself."""
    try:
        parts = urlsplit(url)
        usual = _PORTS.get(parts.scheme or urlsplit(like).scheme)
        return (parts.hostname, parts.port or usual) if parts.hostname else None
    except ValueError:
        return None


class _WithSecurityHeaders:
    def __init__(self, send: Send, scope: Scope) -> None:
        self.send = send
        self.scope = scope
        self.policy = DOCS_POLICY if scope["path"] in ("/docs", "/redoc") else STRICT_POLICY

    async def __call__(self, message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            given = {name.lower() for name, _ in message.get("headers", [])}
            wanted = {**SECURITY_HEADERS, "content-security-policy": self.policy, "cache-control": "no-store"}
            wanted |= rate_headers(self.scope)
            extra = [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in given]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await self.send(message)
