"""Bodies have a limit, whether their length is declared or not."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import problem, problem_response


class BodyLimit:
    """Refuses a body over `limit` bytes with 413: at once where it is declared, else as soon as it is read.

    `larger` are limits of single paths.
    """

    def __init__(self, app: ASGIApp, limit: int, larger: Mapping[str, int] | None = None) -> None:
        self.app = app
        self.limit = limit
        self.larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.larger.get(scope["path"], self.limit)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            detail = f"the body has {int(declared):,} bytes, at most {limit:,} are taken: send less"
            await problem_response(problem(Request(scope), 413, "body_too_large", detail))(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413, f"the body has more than {limit:,} bytes: send less")
            return message

        await self.app(scope, counted, send)
