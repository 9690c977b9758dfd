"""What is let in at all: addresses, hosts, and nothing that a browser was tricked into."""

import ipaddress
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.callers import SAFE_METHODS
from api.problems import problem, problem_response
from domain.errors import InvalidInput
from domain.providing import CALLBACK_PATH
from storage.config import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

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
    """Without keys: only the right Host, and nothing changed by a foreign page. Security headers for every answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.keyless = not settings.api_keys
        self.hosts = {*LOOPBACK_NAMES, settings.api_host.strip("[]")}
        self.public_host = _hostname(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what is forged, pass on the rest."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sender = _WithSecurityHeaders(send, scope["path"])
        refusal = self._forged(scope) if self.keyless else None
        if refusal is None:
            await self.app(scope, receive, sender)
        else:
            await refusal(scope, receive, sender)

    def _forged(self, scope: Scope) -> Response | None:
        headers, request = Headers(scope=scope), Request(scope)
        host = _hostname(f"//{headers.get('host', '')}")
        if scope["path"].startswith(f"{CALLBACK_PATH}/") and host and host == self.public_host:
            # Providers come in under the public name, and each call of theirs is known by its token.
            return None
        if host not in self.hosts:
            detail = f"the Host header names {host or 'nothing'}: use {', '.join(LOOPBACK_NAMES)}"
            return problem_response(problem(request, 403, "wrong_host", detail[:200]))
        if scope["method"] not in SAFE_METHODS and self._is_cross_site(headers):
            detail = "a request from a page of another site is refused: use the studio of this API"
            return problem_response(problem(request, 403, "cross_site", detail))
        return None

    def _is_cross_site(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is not None:
            return _hostname(origin) not in self.hosts
        return headers.get("sec-fetch-site") == "cross-site"


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


class _WithSecurityHeaders:
    def __init__(self, send: Send, path: str) -> None:
        self.send = send
        self.policy = DOCS_POLICY if path in ("/docs", "/redoc") else STRICT_POLICY

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", [])}
            wanted = {**SECURITY_HEADERS, "content-security-policy": self.policy, "cache-control": "no-store"}
            extra = [(n.encode(), v.encode()) for n, v in wanted.items() if n.encode() not in given]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await self.send(message)
