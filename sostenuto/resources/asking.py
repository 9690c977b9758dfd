"""What the client's calls are made of: they name method and path, the client sends, tries again and reads."""

import hashlib
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
from pydantic import BaseModel

from sostenuto.answers import Status

Model = TypeVar("Model", bound=BaseModel)
Seen = TypeVar("Seen", bound=Status)
Target = Path | str | IO[bytes]
"""Where a file is written: a path, or something open for writing bytes."""

CHUNK_BYTES = 1 << 20
# The API listens to a sound before it answers about it, or draws it, for up to 120 seconds.
LISTENING_TIMEOUT_S = 150.0


def given(**values: Any) -> dict[str, Any]:
    """The values that are not None, by name."""
    return {name: value for name, value in values.items() if value is not None}


def song_path(song_id: str) -> str:
    """Where a song is, under the API's root."""
    return f"/v1/compositions/{song_id}"


def save(response: httpx.Response, target: Target, *, chunk_bytes: int | None = CHUNK_BYTES) -> tuple[str, int]:
    """Write a body to `target` as it arrives; its SHA-256 in hex and its size in bytes.

    None for `chunk_bytes` writes whatever has come at once, instead of gathering it.
    """
    digest, size = hashlib.sha256(), 0

    def write(file: IO[bytes]) -> None:
        nonlocal size
        for chunk in response.iter_bytes(chunk_bytes):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)

    if isinstance(target, Path | str):
        with Path(target).open("wb") as file:
            write(file)
    else:
        write(target)
    return digest.hexdigest(), size


class Asking(ABC):
    """Mixed into the client, which sends and reads. Errors are those of `domain.errors`, as everywhere in it."""

    @abstractmethod
    def _call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send a request; the answer, or what it refuses as one of `domain.errors`."""

    @abstractmethod
    def _reading(self, path: str, **arguments: Any) -> AbstractContextManager[httpx.Response]:
        """The answer to a GET whose body is read as it arrives; refusals as in `_call`."""

    @abstractmethod
    def _parse(self, model: type[Model], response: httpx.Response) -> Model:
        """What an answer says, as `model`."""

    def _get(self, model: type[Model], path: str, **params: Any) -> Model:
        return self._parse(model, self._call("GET", path, params=given(**params)))

    def _post(
        self,
        model: type[Model],
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **arguments: Any,
    ) -> Model:
        """A POST under the idempotency key `key`, or a new one, so that it can be tried again."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._parse(model, self._call("POST", path, json=dict(body or {}), headers=headers, **arguments))

    def _patch(self, model: type[Model], path: str, body: Mapping[str, Any]) -> Model:
        """A PATCH: it says what shall be, so that a repetition changes nothing more."""
        return self._parse(model, self._call("PATCH", path, json=dict(body)))

    def _parse_seen(self, model: type[Seen], response: httpx.Response) -> Seen:
        """A song with the entity tag that stands in the answer's header."""
        return self._parse(model, response).model_copy(update={"etag": response.headers.get("etag")})

    def _file(self, path: str, target: Target, *, timeout: float | None = None, **params: Any) -> int:
        """Write the body of a GET to `target`; its size in bytes. `timeout`: seconds, the client's where it is None."""
        with self._reading(path, params=given(**params), **given(timeout=timeout)) as response:
            return save(response, target)[1]
