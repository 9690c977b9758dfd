"""One structured line for each request, without queries, bodies or keys, and the request's numbers."""

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import told_path

QUIET = ("/livez", "/readyz", "/metrics")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

log = structlog.get_logger("sostenuto.access")


class AccessLog:
    """Numbers, times and logs requests; answers carry `X-Request-ID`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write down how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        began = time.perf_counter()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
                message = {**message, "headers": headers}
                self._count(scope, status, time.perf_counter() - began)
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            self._write(scope, status, time.perf_counter() - began, request_id)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = _route(scope), scope["method"]
        self.metrics.add("sostenuto_http_requests_total", method=method, route=route, status=str(status))
        self.metrics.add("sostenuto_http_request_seconds_total", seconds, method=method, route=route)

    def _write(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        path = scope["path"]
        level = log.debug if path in QUIET else log.info
        level(
            "request",
            method=scope["method"],
            path=told_path(path),
            status=status,
            ms=round(seconds * 1000, 1),
            request_id=request_id,
        )


def _route(scope: Scope) -> str:
    """The route's template, so that ids make no series of their own."""
    route = scope.get("route")
    return str(getattr(route, "path", "")) or "unknown"
