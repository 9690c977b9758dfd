"""An API that asks for keys, and what tests of access do with it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from api.services import Services
from storage.database import Database
from tests.api.conftest import PROMPT, Api, serving, settings_in
from tests.fixtures.temporal import free_port

FIRST, SECOND = "first-key-0123456789", "second-key-0123456789"


def bearer(key: str) -> dict[str, str]:
    """The header that presents a key."""
    return {"Authorization": f"Bearer {key}"}


@contextlib.asynccontextmanager
async def keyed_api(folder: Path, **values: Any) -> AsyncIterator[Api]:
    """An API with two configured keys whose Temporal is away."""
    keys = [SecretStr(FIRST), SecretStr(SECOND)]
    values = {"temporal_address": f"127.0.0.1:{free_port()}", "api_keys": keys, **values}
    async with serving(settings_in(folder, **values)) as served:
        yield served


@contextlib.asynccontextmanager
async def browser(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of its own, with cookies of its own."""
    async with httpx.AsyncClient(base_url=api.http.base_url, timeout=20) as http:
        yield http


def services(api: Api) -> Services:
    """The parts that the served API stands on."""
    return api.server._services


def database(api: Api) -> Database:
    """The database of the served API."""
    return services(api).database


async def issued(api: Api, key: str = FIRST, **wishes: Any) -> dict[str, Any]:
    """A new key, made with `key`: the answer that tells it."""
    answer = await api.http.post("/v1/api-keys", json=wishes, headers=bearer(key))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def song_of(api: Api, key: str | None = FIRST) -> str:
    """A new song; its path."""
    headers = bearer(key) if key else {}
    answer = await api.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=headers)
    assert answer.status_code == 202, answer.text
    return f"/v1/compositions/{answer.json()['id']}"


def told(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    return answer.status_code, answer.json()["code"]
