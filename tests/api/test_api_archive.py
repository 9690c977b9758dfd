"""The archive: hidden, restored, swept; and what is erased for ever."""

import asyncio
import functools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import col, select
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, RPCError
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.retention import schedule_retention
from api.archiving import end_the_archived
from api.callers import owner_of
from domain.retention import RETENTION_ID, RETENTION_WORKFLOW, Erasing, Removed, RetentionRun
from domain.song_input import QUEUE, workflow_id
from sostenuto.output import Output
from sostenuto.retention import Archive
from storage.database import Database
from storage.media import MediaStore
from storage.records import Composition, Event, IdempotencyRecord, ReferenceTrack
from tests.api.conftest import PROMPT, Api, serving, settings_in
from tests.fixtures.temporal import free_port, running_temporal

CANCEL_REQUESTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
AT_ONCE = functools.partial(Erasing, pause_s=0, lease_s=0)
KEYS = ["leaving-key-0123456789", "staying-key-0123456789"]


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def _temporal(api: Api) -> Client:
    return await Client.connect(api.settings.temporal_address, data_converter=pydantic_data_converter)


async def _history(client: Client, song: str) -> list[int]:
    events = client.get_workflow_handle(workflow_id(song)).fetch_history_events()
    return [event.event_type async for event in events]


async def _archived(api: Api, **query: Any) -> list[str]:
    answer = await api.http.get("/v1/compositions", params={"archived": "true", "limit": 200, **query})
    return [song["id"] for song in answer.json()["items"]]


async def _files(api: Api, song: str) -> list[str]:
    answer = await api.http.get(f"/v1/compositions/{song}/media")
    return [item["hash"] for item in answer.json()["items"]]


async def _age(api: Api, song: str, days: float) -> None:
    """Make a song one that was archived `days` ago."""
    database = Database(api.settings.database_url)
    async with database.session() as session:
        row = await session.get(Composition, song)
        assert row is not None
        row.archived_at = datetime.now(UTC) - timedelta(days=days)
        session.add(row)
    await database.close()


async def test_an_archived_song_is_hidden_cancelled_and_comes_back(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    root = f"/v1/compositions/{song}"
    assert (await api.http.delete(root)).status_code == 204
    for path in ("", "/status", "/history", "/media", "/events", "/download"):
        assert (await api.http.get(root + path)).status_code == 404
    assert (await api.http.patch(root, json={"title": "x"})).status_code == 404
    assert (await api.http.post(f"{root}/holds")).status_code == 404
    assert (await api.http.delete(root)).status_code == 404
    assert song not in [item["id"] for item in (await api.http.get("/v1/compositions?limit=200")).json()["items"]]
    assert song in await _archived(api)
    back = await api.http.post(f"{root}/restoration", headers={"Idempotency-Key": "back"})
    assert (back.status_code, back.json()["id"]) == (200, song)
    again = await api.http.post(f"{root}/restoration", headers={"Idempotency-Key": "back"})
    assert (again.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    assert (await api.until(song, status="cancelled"))["status"] == "cancelled"
    assert song not in await _archived(api)
    assert (await api.http.post("/v1/compositions/none/restoration")).status_code == 404


async def test_archiving_is_conditional_too(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    root = f"/v1/compositions/{song}"
    tag = (await api.http.get(f"{root}/status")).headers["etag"]
    assert (await api.http.patch(root, json={"is_public": True}, headers={"If-Match": tag})).status_code == 200
    late = await api.http.delete(root, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    both = await asyncio.gather(*(api.http.delete(root, headers={"If-Match": late.headers["etag"]}) for _ in range(2)))
    assert 204 in [answer.status_code for answer in both]
    assert {answer.status_code for answer in both} <= {204, 404}


async def test_a_song_archived_while_temporal_is_away_ends_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_in(tmp_path / "data", temporal_address=f"127.0.0.1:{port}")
    database = tmp_path / "temporal.db"
    async with serving(settings) as api:
        with running_temporal(port=port, database=database):
            song = await api.start()
            await api.until(song, started=True)
        assert (await api.http.delete(f"/v1/compositions/{song}")).status_code == 204
        never = await api.start()
        assert (await api.http.delete(f"/v1/compositions/{never}")).status_code == 204
        with running_temporal(port=port, database=database):
            client = await _temporal(api)
            for _ in range(300):
                if CANCEL_REQUESTED in await _history(client, song):
                    break
                await asyncio.sleep(0.1)
            # Nobody is at work, so that it stays asked for; the sweeper asks again, and nothing is added.
            for _ in range(3):
                await end_the_archived(api.server.config.app.state.services)
            assert (await _history(client, song)).count(CANCEL_REQUESTED) == 1
            with pytest.raises(RPCError):
                await client.get_workflow_handle(workflow_id(never)).describe()


async def test_the_schedule_sweeps_the_archive_and_a_swept_song_stays_there(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    gone, kept = await api.start(settings={"seed": 1}), await api.start(settings={"seed": 2})
    for song in (gone, kept):
        await api.until(song, status="completed")
    theirs, ours = await _files(api, gone), await _files(api, kept)
    assert set(theirs) - set(ours)
    assert (await api.http.delete(f"/v1/compositions/{gone}")).status_code == 204
    await _age(api, gone, 31)
    client = await _temporal(api)
    for days in (30, 31):
        await schedule_retention(client, days)
    handle = client.get_schedule_handle(RETENTION_ID)
    described = await handle.describe()
    assert described.schedule.policy.overlap.name == "SKIP"
    await handle.delete()
    by_hand = Archive(api.settings, Output(as_json=True))
    assert await asyncio.to_thread(by_hand.run, dry=True) == 0
    counted = Removed.model_validate_json(capsys.readouterr().out)
    assert [hash for hash in theirs if not await MediaStore.open(api.settings).aexists(hash)] == []
    run = RetentionRun(days=30, pause_s=0, lease_s=0)
    for _ in range(2):
        removed: Removed = await client.execute_workflow(
            RETENTION_WORKFLOW, run, id=f"sweep-{gone}", task_queue=QUEUE, result_type=Removed
        )
    assert removed == counted
    assert (removed.songs, removed.files > 0) == (1, True)
    store = MediaStore.open(api.settings)
    assert [hash for hash in theirs if hash not in ours and await store.aexists(hash)] == []
    assert [hash for hash in ours if not await store.aexists(hash)] == []
    refused = await api.http.post(f"/v1/compositions/{gone}/restoration")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert gone in await _archived(api)
    assert (await api.http.get(f"/v1/compositions/{kept}/download?format=wav")).status_code == 200


@pytest.fixture
async def keyed(api: Api, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    """A second API on the same songs, for two people with keys; what it erases goes without waiting."""
    monkeypatch.setattr("api.editing.Erasing", AT_ONCE)
    monkeypatch.setattr("api.leaving.Erasing", AT_ONCE)
    settings = api.settings.model_copy(update={"api_keys": [SecretStr(key) for key in KEYS], "api_port": 0})
    async with serving(settings) as served:
        yield served


async def _start_as(keyed: Api, key: str, prompt: str, seed: int) -> str:
    body = {"prompt": prompt, "settings": {"seed": seed}}
    answer = await keyed.http.post("/v1/compositions", json=body, headers=_as(key) | {"Idempotency-Key": f"s{seed}"})
    song = str(answer.json()["id"])
    for _ in range(300):
        status = (await keyed.http.get(f"/v1/compositions/{song}", headers=_as(key))).json()
        if status["status"] == "completed":
            return song
        await asyncio.sleep(0.05)
    raise AssertionError(status)


async def _forgotten(client: Client, id_: str) -> None:
    """Wait until Temporal knows nothing of a workflow: it deletes in its own time."""
    for _ in range(1200):
        try:
            await client.get_workflow_handle(id_).describe()
        except RPCError:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"Temporal still knows {id_}")


async def test_erasing_an_archived_song_leaves_nothing_of_it_and_everything_of_others(keyed: Api) -> None:
    words = "a calm ambient song about a very particular grandmother"
    song, other = await _start_as(keyed, KEYS[0], words, 3), await _start_as(keyed, KEYS[0], PROMPT, 4)
    root, headers = f"/v1/compositions/{song}", _as(KEYS[0])
    media = await keyed.http.get(f"{root}/media", headers=headers)
    hashes = [item["hash"] for item in media.json()["items"]]
    early = await keyed.http.delete(f"{root}?erase=true", headers=headers)
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    assert (await keyed.http.delete(root, headers=headers)).status_code == 204
    assert (await keyed.http.delete(f"{root}?erase=true", headers=_as(KEYS[1]))).status_code == 404
    answer = await keyed.http.delete(f"{root}?erase=true", headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"state": "running"})
    client = await _temporal(keyed)
    removed = await client.get_workflow_handle(f"erasure-song-{song}", result_type=Removed).result()
    assert removed.songs == 1
    await _is_gone(keyed, [song], words, owner=None)
    theirs = [
        i["hash"] for i in (await keyed.http.get(f"/v1/compositions/{other}/media", headers=headers)).json()["items"]
    ]
    store = MediaStore.open(keyed.settings)
    assert [hash for hash in hashes if hash not in theirs and await store.aexists(hash)] == []
    assert [hash for hash in theirs if not await store.aexists(hash)] == []


async def test_everything_of_somebody_is_erased_when_they_confirm_it(keyed: Api) -> None:
    words = "a calm ambient song about one more particular grandmother"
    songs = [await _start_as(keyed, KEYS[0], words, seed) for seed in (5, 6)]
    stays = await _start_as(keyed, KEYS[1], PROMPT, 5)
    owner = owner_of(KEYS[0])
    for body in ({}, {"confirm": "yes"}, {"confirm": owner_of(KEYS[1])}):
        answer = await keyed.http.request("DELETE", "/v1/me", json=body, headers=_as(KEYS[0]))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert (await keyed.http.get("/v1/me/erasure", headers=_as(KEYS[0]))).json() == {"state": "none"}
    answer = await keyed.http.request("DELETE", "/v1/me", json={"confirm": owner}, headers=_as(KEYS[0]))
    assert (answer.status_code, answer.headers["location"]) == (202, "/v1/me/erasure")
    client = await _temporal(keyed)
    removed = await client.get_workflow_handle(f"erasure-owner-{owner}", result_type=Removed).result()
    assert removed.songs >= 2
    assert (await keyed.http.get("/v1/me/erasure", headers=_as(KEYS[0]))).json() == {"state": "done"}
    for song in songs:
        await _forgotten(client, workflow_id(song))
    await _is_gone(keyed, songs, words, owner=owner)
    assert (
        await keyed.http.get(f"/v1/compositions/{stays}/download?format=wav", headers=_as(KEYS[1]))
    ).status_code == 200


async def _is_gone(api: Api, songs: list[str], words: str, owner: str | None) -> None:
    """No row, no answer kept under a key and no stored object holds anything of some songs."""
    database = Database(api.settings.database_url)
    async with database.session() as session:
        assert (await session.exec(select(Composition).where(col(Composition.id).in_(songs)))).all() == []
        assert (await session.exec(select(Event).where(col(Event.composition_id).in_(songs)))).all() == []
        kept = (await session.exec(select(IdempotencyRecord))).all()
        assert [row.key for row in kept if words in (row.body or "") or row.owner == owner] == []
        assert (await session.exec(select(ReferenceTrack).where(col(ReferenceTrack.owner) == owner))).all() == []
    await database.close()
    assert _objects_with(Path(MediaStore.open(api.settings).name), words.encode()) == []


def _objects_with(folder: Path, words: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]
