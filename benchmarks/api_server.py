"""What the API's benchmark talks to: the API as it is deployed with one empty route more, and a server of nothing.

`python -m benchmarks.api_server api` is `sostenuto serve-api` with `GET /bench/empty`, which passes the same
middlewares and the same look at the caller's key, and does nothing. `python -m benchmarks.api_server null PORT`
answers whatever comes with the same few bytes: what the load generator measures there is its own.
"""

import asyncio
import sys
from typing import Any, Final

EMPTY: Final = "/bench/empty"
ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def serve_api() -> None:
    """The API until SIGTERM, one process as deployed."""
    from fastapi import FastAPI

    from api.callers import Owner
    from api.server import configure_logging, make_server
    from storage.config import load_settings

    settings = load_settings()
    configure_logging(settings)
    server = make_server(settings)
    app = server.config.app
    assert isinstance(app, FastAPI)

    @app.get(EMPTY, include_in_schema=False)
    async def empty(owner: Owner) -> dict[str, str]:
        return {}

    server.run()


class Null(asyncio.Protocol):
    """Answers each read with `ANSWER`; a request without a body is one read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer."""
        self.transport.write(ANSWER)


async def serve_null(port: int) -> None:
    """Until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Null, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "api":
        serve_api()
    else:
        asyncio.run(serve_null(int(sys.argv[2])))
