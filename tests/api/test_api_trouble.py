"""Bad luck: a store that is away, a process that died in the middle, another database."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api import idempotency
from storage.database import Database
from storage.idempotency import begin
from tests.api.conftest import PROMPT, Api, serving, settings_in, working
from tests.fixtures.temporal import free_port, running_temporal

BODY = json.dumps({"prompt": PROMPT}).encode()
HEADERS = {"Idempotency-Key": "k", "Content-Type": "application/json"}


async def _leave_a_claim(api: Api, age: timedelta) -> None:
    """What a process leaves behind that is killed while it answers."""
    database = Database(api.settings.database_url)
    digest = hashlib.sha256(BODY).hexdigest()
    async with database.session() as session:
        await begin(
            session,
            owner="local",
            key="k",
            body_sha256=digest,
            method_path="POST /v1/compositions",
            now=datetime.now(UTC) - age,
        )
    await database.close()


async def test_the_claim_of_a_dead_process_is_taken_over(lone_api: Api) -> None:
    await _leave_a_claim(lone_api, timedelta(minutes=1))
    answer = await lone_api.http.post("/v1/compositions", content=BODY, headers=HEADERS)
    assert answer.status_code == 202
    again = await lone_api.http.post("/v1/compositions", content=BODY, headers=HEADERS)
    assert (again.status_code, again.text) == (202, answer.text)


async def test_a_twin_that_does_not_end_is_told_so(lone_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_S", 0.3)
    await _leave_a_claim(lone_api, timedelta(0))
    answer = await lone_api.http.post("/v1/compositions", content=BODY, headers=HEADERS)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert answer.headers["retry-after"]


async def test_a_failed_first_request_leaves_its_key_free(lone_api: Api) -> None:
    bad = json.dumps({"prompt": " "}).encode()
    refused = await lone_api.http.post("/v1/compositions", content=bad, headers=HEADERS)
    assert refused.status_code == 422
    assert (await lone_api.http.post("/v1/compositions", content=BODY, headers=HEADERS)).status_code == 202


async def test_with_the_media_store_away_songs_can_be_read_and_errors_say_why(lone_api: Api) -> None:
    song = await lone_api.start(context={"musical.tempo": 90})
    folder = lone_api.settings.data_dir / "media"
    shutil.rmtree(folder)
    folder.write_text("no folder any more")
    detail = await lone_api.http.get(f"/v1/compositions/{song}")
    assert (detail.status_code, detail.json()["context"]) == (200, None)
    answer = await lone_api.http.post("/v1/compositions", json={"prompt": PROMPT, "context": {"musical.tempo": 80}})
    assert (answer.status_code, answer.json()["code"]) == (503, "media_store_unavailable")
    assert answer.headers["retry-after"]
    assert len((await lone_api.http.get("/v1/compositions")).json()["items"]) == 1
    checks = (await lone_api.http.get("/readyz")).json()["checks"]
    assert not checks["media_store"]["ok"]


async def test_an_unexpected_error_tells_nothing_of_the_inside(lone_api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr("api.songs.repository.list_songs", broken)
    answer = await lone_api.http.get("/v1/compositions")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret words" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.postgres
async def test_a_whole_song_on_postgresql(new_postgres_url: Callable[[], str], tmp_path: Path) -> None:
    port = free_port()
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{port}", database_url=new_postgres_url())
    with running_temporal(port=port):
        async with serving(settings) as api, working(settings):
            song = await api.start(settings={"review": ["mixing"]})
            await api.until(song, stage="mixing", status="waiting")
            answers = await asyncio.gather(*(api.send(song, "advances", key="one") for _ in range(4)))
            assert {answer.status_code for answer in answers} == {202}
            await api.until(song, status="completed")
            found = (await api.http.get("/v1/compositions", params={"text": "PIANO"})).json()["items"]
            assert [item["id"] for item in found] == [song]
