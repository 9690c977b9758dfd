"""The studio's pages: built files, one page for every address that a person opens, and what browsers may do with them.

The pages are static (`web/`, built into `web/dist` by `./run web`) and speak to the API like any other client.
"""

from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
UNBUILT = Path(__file__).resolve().parent / "unbuilt"
ASSETS = "/assets/"

# Scripts are files of ours and nothing else. Styles may stand in elements, which drawings from the server need; sound
# and pictures may come out of the page's own memory.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
# A built asset has its content's hash in its name. The page itself is asked for each time, and names the newest ones.
FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


def serve_studio(app: FastAPI, directory: Path | None = None) -> None:
    """Serve the pages that were built into `directory`, below every route that `app` has by now.

    Where nothing was built, a page says how to do it.
    """
    built = directory or DIST
    pages = built if (built / "index.html").is_file() else UNBUILT
    api = frozenset(_root(context.path) for context in iter_route_contexts(app.routes) if context.path)
    app.frontend("/", directory=pages, fallback=None, check_dir=True)
    # Innermost: guards, limits and logs see the address that was asked for.
    app.user_middleware.append(Middleware(Studio, api=api))


class Studio:
    """Every address outside of the API that a person opens is the one page, which draws what the address says."""

    def __init__(self, app: ASGIApp, api: frozenset[str]) -> None:
        self.app = app
        self.api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; a person's visit as a visit to the page itself."""
        path = scope.get("path", "")
        if scope["type"] != "http" or _root(path) in self.api:
            await self.app(scope, receive, send)
            return
        if _is_visit(scope):
            scope = {**scope, "path": "/", "raw_path": b"/"}
        await self.app(scope, receive, _Marked(send, path))


def _root(path: str) -> str:
    """The first word of a path, by which the API's addresses are told from those of the pages."""
    return path.lstrip("/").partition("/")[0]


def _is_visit(scope: Scope) -> bool:
    """Whether a person opens an address: a browser asks for HTML then, and a file would have a suffix."""
    if scope["method"] not in ("GET", "HEAD") or "." in scope["path"].rpartition("/")[2]:
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


class _Marked:
    """Adds to a file's answer what browsers need to know of it."""

    def __init__(self, send: Send, path: str) -> None:
        self.send = send
        self.path = path

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] < 400:
            headers = MutableHeaders(scope=message)
            headers["Cache-Control"] = FOREVER if self.path.startswith(ASSETS) else ASK_AGAIN
            headers["Content-Security-Policy"] = PAGE_POLICY
            if headers.get("Content-Type", "").startswith("text/html"):
                headers["Vary"] = "Accept"
        await self.send(message)
