"""Which API a command talks to: the one that is named, the one that is up, or one of its own for as long as it runs."""

import os
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from domain.errors import Conflict, ServerUnavailable
from sostenuto.client import Client
from sostenuto.embedded import Embedded
from sostenuto.parts import api_answers
from sostenuto.runfile import RunFile, RunState
from storage.config import Settings

URL = "SOSTENUTO_API_URL"
KEY = "SOSTENUTO_API_KEY"
STARTING_S = 60.0


class Door:
    """Opens a client for one command; a context manager. `reads`: nothing is to be started or steered."""

    def __init__(self, settings: Settings, *, say: Callable[[str], None], reads: bool = False) -> None:
        self.settings = settings
        self._say = say
        self._reads = reads
        self._own: Embedded | None = None
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def owns_server(self) -> bool:
        """Whether the server ends with this command."""
        return self._own is not None

    @property
    def client(self) -> Client:
        """A client of the API. Raises ServerUnavailable when there is none and none can be started."""
        if self._client is None:
            self._client = self._open()
        return self._client

    def reopen(self) -> Client:
        """A client after the server of another command has gone away: of the next one, or of one of our own."""
        if os.environ.get(URL) or self._own is not None:
            raise ServerUnavailable("the server is gone: the song is safe and goes on when it is up again")
        if self._client is not None:
            self._client.close()
            self._client = None
        return self.client

    def close(self) -> None:
        """Close the client and stop the server if it is ours."""
        if self._client is not None:
            self._client.close()
        if self._own is not None:
            self._own.stop()

    def _open(self) -> Client:
        named = os.environ.get(URL)
        if named:
            return Client(named, api_key=api_key(self.settings))
        patience = time.monotonic() + STARTING_S
        while True:
            running = RunFile(self.settings.data_dir).read()
            if running is not None and self._serves(running):
                return Client(running.api_url, api_key=api_key(self.settings), patience=15.0)
            if running is None:
                try:
                    return self._start()
                except Conflict:  # another command was faster: its server will do
                    pass
            if time.monotonic() > patience:
                where = running.api_url if running else self.settings.data_dir
                raise ServerUnavailable(f"the server at {where} does not answer: stop it, or see its logs")
            time.sleep(0.1)

    def _serves(self, running: RunState) -> bool:
        enough = self._reads or (running.state == "ready" and not running.api_only)
        return enough and api_answers(running.api_url)

    def _start(self) -> Client:
        own = Embedded(self.settings, say=self._say, api_only=self._reads)
        own.start()
        self._own = own
        return Client(own.place.api_url, api_key=api_key(self.settings), patience=30.0)


def api_key(settings: Settings) -> str | None:
    """The key that commands present: SOSTENUTO_API_KEY, or the first of those that the API accepts."""
    given = os.environ.get(KEY)
    if given:
        return given
    return settings.api_keys[0].get_secret_value() if settings.api_keys else None
