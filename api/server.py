"""Serving the API: uvicorn that ends event streams at once when it is told to stop."""

import gc
import logging
import signal
import socket
import sys
from types import FrameType

import structlog
import uvicorn
from starlette.types import Scope

from api.access import check_binding
from api.app import create_app
from api.services import Services
from storage.config import Settings, load_settings

# Clients drop idle connections after 5 s or so: were the server as quick, a request could meet a closing one.
KEEP_ALIVE_S = 65
COLLECT_AFTER = (20_000, 20, 50)
"""Objects more than before a collection of the young, those before one of the middle-aged, those before a full one."""
SHUTDOWN_TIMEOUT_S = 10
# Clients have nothing to say on a WebSocket.
WEBSOCKET_MESSAGE_BYTES = 4096
# structlog's own choice would print the local variables of every frame, keys and prompts among them.
_CONSOLE = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


class Server(uvicorn.Server):
    """Uvicorn waits for open connections at shutdown; streams never end by themselves, so they are told to."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve in a process of its own: what was made until now stays, and no collection looks through it again.

        Two thousand open streams are a million objects, which a full collection looks through for half a second.
        """
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        super().run(sockets)

    def stop(self) -> None:
        """End the streams now, then drain: what SIGTERM does, from inside the process."""
        self._services.live.close()
        self.should_exit = True

    def hang_up(self, scope: Scope) -> None:
        """Break off the connection of a request whose client does not read: nothing more is kept for it."""
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == scope["client"]:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: end the streams, then drain; a second SIGINT does not wait."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.stop()


def make_server(settings: Settings) -> Server:
    """A server for `settings`, not yet running. Raises InvalidInput when its address asks for keys."""
    check_binding(settings)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        timeout_keep_alive=KEEP_ALIVE_S,
        ws_max_size=WEBSOCKET_MESSAGE_BYTES,
        lifespan="on",
    )
    server = Server(config, app.state.services)
    app.state.hang_up = server.hang_up
    return server


def serve(settings: Settings | None = None) -> None:
    """Serve until SIGTERM or SIGINT; running requests end first, at most 10 s."""
    settings = settings or load_settings()
    configure_logging(settings)
    make_server(settings).run()


def configure_logging(settings: Settings) -> None:
    """Log lines to standard error, for people or as JSON, from `settings.log_level` up."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    logging.basicConfig(stream=sys.stderr, level=max(level, logging.WARNING))
    as_json = settings.log_format == "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if as_json else []),
            structlog.processors.JSONRenderer() if as_json else _CONSOLE,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
