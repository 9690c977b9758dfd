"""A contract server that runs for a whole module and is as new for each test: starting one takes longer than a test."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.providers.servers.base import ContractServer

Server = TypeVar("Server", bound=ContractServer)
NOWHERE = "http://127.0.0.1:1"
"""An address where nothing listens."""


@contextmanager
def as_new(server: Server) -> Iterator[Server]:
    """The running server; all that the test arranged or that it recorded is forgotten afterwards."""
    before = {name: _own(value) for name, value in vars(server).items()}
    try:
        yield server
    finally:
        with server.lock:
            vars(server).update(before)


def _own(value: object) -> object:
    return copy.copy(value) if isinstance(value, list | dict | set) else value
