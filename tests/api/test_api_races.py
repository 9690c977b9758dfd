"""Many at once under one Idempotency-Key: one effect, and the same answer for everybody, by one process or by two."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from storage.database import Database
from tests.api.conftest import PROMPT, Api, settings_in, working
from tests.api.processes import Process, api_process
from tests.fixtures.temporal import running_temporal

CROWD = 50


async def at_once(
    clients: Sequence[httpx.AsyncClient], path: str, key: str, bodies: Sequence[Any]
) -> list[httpx.Response]:
    """One POST for each body, all under one key, by the clients in turn."""
    headers = {"Idempotency-Key": key}
    calls = (
        clients[number % len(clients)].post(path, json=body, headers=headers) for number, body in enumerate(bodies)
    )
    return list(await asyncio.gather(*calls))


async def songs_called(http: httpx.AsyncClient, title: str) -> list[str]:
    listed = (await http.get("/v1/compositions", params={"text": title, "limit": 200})).json()["items"]
    return [song["id"] for song in listed if song["title"] == title]


def one_answer(answers: Sequence[httpx.Response], status: int) -> Any:
    """The answer that all have got; only one of them is the first."""
    assert Counter(answer.status_code for answer in answers) == {status: len(answers)}, answers[0].text
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers.get("location") for answer in answers}) == 1
    replayed = [answer.headers.get("idempotency-replayed") for answer in answers]
    assert Counter(replayed) == {"true": len(answers) - 1, None: 1}
    return answers[0].json()


async def check_starts(clients: Sequence[httpx.AsyncClient], title: str) -> None:
    answers = await at_once(clients, "/v1/compositions", title, [{"prompt": PROMPT, "title": title}] * CROWD)
    song = one_answer(answers, 202)
    assert await songs_called(clients[0], title) == [song["id"]]


async def check_advances(clients: Sequence[httpx.AsyncClient], song: str, key: str) -> None:
    root = f"/v1/compositions/{song}"
    answers = await at_once(clients, f"{root}/advances", key, [{}] * CROWD)
    assert one_answer(answers, 202)["current_stage"] == "composition"
    await until(clients[0], song, stage="composition")
    steps = (await clients[0].get(f"{root}/history")).json()["items"]
    assert [step["command_id"] for step in steps].count(key) == 1


async def check_different(clients: Sequence[httpx.AsyncClient], key: str) -> None:
    bodies = [{"prompt": PROMPT, "title": f"{key} {number}"} for number in range(CROWD)]
    answers = await at_once(clients, "/v1/compositions", key, bodies)
    assert Counter(answer.status_code for answer in answers) == {202: 1, 422: CROWD - 1}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"idempotency_key_reused"}
    made = [body["title"] for body in bodies if await songs_called(clients[0], body["title"])]
    assert made == [answer.json()["title"] for answer in answers if answer.status_code == 202]


async def until(http: httpx.AsyncClient, song: str, *, stage: str) -> None:
    for _ in range(600):
        found = (await http.get(f"/v1/compositions/{song}/status")).json()
        if (found["status"], found["current_stage"]) == ("waiting", stage):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def waiting_song(http: httpx.AsyncClient) -> str:
    answer = await http.post("/v1/compositions", json={"prompt": PROMPT, "settings": {"review": "all"}})
    song = str(answer.json()["id"])
    await until(http, song, stage="ideation")
    return song


async def test_fifty_identical_starts_are_one_song(api: Api) -> None:
    await check_starts([api.http], "race-starts")


async def test_fifty_identical_advances_are_one_step(api: Api) -> None:
    await check_advances([api.http], await waiting_song(api.http), "race-advances")


async def test_of_fifty_different_bodies_under_one_key_one_counts(api: Api) -> None:
    await check_different([api.http], "race-bodies")


@pytest.fixture(scope="module")
async def two(
    new_postgres_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[list[Process]]:
    """Two API processes on one PostgreSQL, and a worker."""
    folder: Path = tmp_path_factory.mktemp("two")
    url = new_postgres_url()
    with running_temporal() as temporal:
        settings = settings_in(folder, temporal_address=temporal, database_url=url)
        values = {"data_dir": str(folder), "temporal_address": temporal, "database_url": url}
        database = Database(url)
        await database.migrate()
        await database.close()
        async with api_process(folder, values) as one, api_process(folder, values) as other, working(settings):
            yield [one, other]


@pytest.mark.postgres
async def test_two_processes_on_one_database_agree(two: list[Process]) -> None:
    clients = [process.http for process in two]
    await check_starts(clients, "race-starts")
    await check_advances(clients, await waiting_song(clients[0]), "race-advances")
    await check_different(clients, "race-bodies")
