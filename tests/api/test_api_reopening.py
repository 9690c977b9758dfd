"""Commands to songs whose workflow has ended: a new run of the same song goes on where the archive ends."""

import asyncio
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from api.callers import LOCAL_USER
from domain.commands import CommandResult
from domain.settings import SongSettings
from domain.song_input import QUEUE, WORKFLOW, SongInput, workflow_id
from domain.stages import Stage
from domain.state import LedgerEntry, Snapshot
from storage.database import Database
from storage.events import events_after
from storage.records import IdempotencyRecord
from storage.songs import mark_started, request_song
from tests.api.conftest import PROMPT, Api, serving, settings_in, working
from tests.fixtures.temporal import running_temporal

SHORT = {"retention_s": 0.2}


async def temporal(api: Api) -> Client:
    return await Client.connect(api.settings.temporal_address, data_converter=pydantic_data_converter)


async def ended(api: Api, song: str) -> str:
    """Wait until the song's workflow has ended; the id of its last run."""
    handle = (await temporal(api)).get_workflow_handle(workflow_id(song))
    for _ in range(300):
        described = await handle.describe()
        if described.status is not WorkflowExecutionStatus.RUNNING:
            return described.run_id
        await asyncio.sleep(0.05)
    raise AssertionError("the workflow does not end")


async def complete(api: Api, **settings: Any) -> tuple[str, dict[str, Any]]:
    song = await api.start(settings={**SHORT, **settings})
    return song, await api.until(song, status="completed")


async def numbers(api: Api, song: str) -> tuple[list[int], list[int]]:
    """Numbers of the song's events and of the steps of its history, oldest first."""
    database = Database(api.settings.database_url)
    async with database.session() as session:
        events = [event.seq for event in await events_after(session, song, 0, limit=5000)]
    await database.close()
    steps = (await api.http.get(f"/v1/compositions/{song}/history?limit=500")).json()["items"]
    return events, [step["number"] for step in reversed(steps)]


async def forget_answers(api: Api) -> None:
    """Forget what was answered under which key, as if a day had passed: only the song itself can tell now."""
    database = Database(api.settings.database_url)
    async with database.session() as session:
        await session.exec(delete(IdempotencyRecord))
    await database.close()


async def test_a_song_whose_time_is_over_is_opened_again_by_a_command(api: Api) -> None:
    song, done = await complete(api)
    first = await ended(api, song)
    before = await numbers(api, song)
    answer = await api.send(song, "revisions", {"changes": {"technical.loudness_target": -18}})
    assert (answer.status_code, answer.json()["current_stage"]) == (202, "mastering"), answer.text
    assert answer.json()["duplicate"] is False
    await api.until(song, status="completed", past=done["sequence"] + 5)
    assert await ended(api, song) != first
    events, steps = await numbers(api, song)
    assert len(events) > len(before[0])
    assert events == list(range(1, len(events) + 1))
    assert len(steps) > len(before[1])
    assert steps == list(range(1, len(steps) + 1))
    detail = (await api.http.get(f"/v1/compositions/{song}")).json()
    revisions = {stage["stage"]: stage["revision"] for stage in detail["stages"]}
    assert revisions == dict.fromkeys(revisions, 1) | {"mastering": 2, "finalization": 2}
    assert detail["context"]["technical"]["loudness_target"] == -18


async def test_songs_that_temporal_has_forgotten_go_on_from_the_archive(tmp_path: Path) -> None:
    with running_temporal() as address:
        async with serving(settings_in(tmp_path, temporal_address=address)) as api, working(api.settings):
            complete_one, waiting_one = await api.start(), await api.start(settings={"review": ["arrangement"]})
            done = await api.until(complete_one, status="completed")
            waits = await api.until(waiting_one, status="waiting", stage="arrangement")
    with running_temporal() as address:
        async with serving(settings_in(tmp_path, temporal_address=address)) as api, working(api.settings):
            back = await api.send(complete_one, "reversions", {"stage": "mixing", "revision": 1})
            on = await api.send(waiting_one, "advances", {"expected_stage": "arrangement", "expected_revision": 1})
            assert (back.status_code, on.status_code) == (202, 202), (back.text, on.text)
            at_mixing = await api.until(complete_one, status="waiting", stage="mixing", past=done["sequence"] + 1)
            assert at_mixing["allowed_targets"] == ["production", "mastering"]
            await api.until(waiting_one, status="completed", past=waits["sequence"] + 1)
            for song in (complete_one, waiting_one):
                events, steps = await numbers(api, song)
                assert events == list(range(1, len(events) + 1))
                assert steps == list(range(1, len(steps) + 1))


async def test_what_a_song_would_refuse_does_not_open_it_again(api: Api) -> None:
    song, _ = await complete(api)
    run = await ended(api, song)
    refused = await api.send(song, "retries")
    assert (refused.status_code, refused.json()["result"]["code"]) == (409, "not_allowed_now")
    unknown = await api.send(song, "reversions", {"stage": "mixing", "revision": 7})
    assert (unknown.status_code, unknown.json()["result"]["code"]) == (409, "no_such_revision")
    assert await ended(api, song) == run


async def test_a_cancelled_song_stays_closed(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    assert (await api.send(song, "cancellations")).status_code == 202
    run = await ended(api, song)
    refused = await api.send(song, "advances")
    assert (refused.status_code, refused.json()["result"]["code"]) == (409, "closed")
    assert await ended(api, song) == run


async def test_the_same_command_is_applied_once_before_and_after_the_song_was_opened_again(api: Api) -> None:
    body = {"changes": {"technical.loudness_target": -18}, "command_id": "quieter", "actor": "user:local"}
    song, done = await complete(api)
    await ended(api, song)
    assert (await api.send(song, "revisions", {"changes": body["changes"]}, key="quieter")).status_code == 202
    await api.until(song, status="completed", past=done["sequence"] + 5)
    await ended(api, song)
    await forget_answers(api)
    again = await api.send(song, "revisions", {"changes": body["changes"]}, key="quieter")
    assert (again.status_code, again.json()["duplicate"]) == (200, True), again.text
    back = await api.send(song, "reversions", {"stage": "mixing", "revision": 1}, key="back")
    assert back.status_code == 202
    waits = await api.until(song, status="waiting", stage="mixing")
    handle = (await temporal(api)).get_workflow_handle(workflow_id(song))
    told: CommandResult = await handle.execute_update("revise", body, result_type=CommandResult)
    assert (told.duplicate, told.verdict) == (True, "accepted")
    await handle.signal("revise", body)
    ledger: list[LedgerEntry] = await handle.query("ledger", result_type=list[LedgerEntry])
    assert [entry.id for entry in ledger] == ["quieter", "back"]
    assert (await api.status(song))["sequence"] == waits["sequence"]


async def test_the_same_command_by_rest_update_and_signal_is_applied_once_after_continue_as_new(api: Api) -> None:
    song = uuid.uuid4().hex
    database = Database(api.settings.database_url)
    settings, now = SongSettings.model_validate({"review": "all"}), datetime.now(UTC)
    async with database.session() as session:
        await request_song(
            session, composition_id=song, owner=LOCAL_USER, title="Twice", prompt=PROMPT, settings=settings, seed=1,
            created_at=now,
        )  # fmt: skip
        await mark_started(session, song)
    await database.close()
    start = SongInput(
        composition_id=song, owner=LOCAL_USER, title="Twice", prompt=PROMPT, settings=settings, seed=1, created_at=now,
        continue_after_events=10,
    )  # fmt: skip
    client = await temporal(api)
    handle = await client.start_workflow(WORKFLOW, start, id=workflow_id(song), task_queue=QUEUE)
    await continued(handle, Stage.IDEATION, 1)
    assert (await api.send(song, "advances", {}, key="go")).status_code == 202
    await continued(handle, Stage.COMPOSITION, 2)
    await forget_answers(api)
    again = await api.send(song, "advances", {}, key="go")
    assert (again.status_code, again.json()["duplicate"]) == (200, True), again.text
    body = {"command_id": "go", "actor": "user:local"}
    told: CommandResult = await handle.execute_update("advance", body, result_type=CommandResult)
    assert (told.duplicate, told.verdict) == (True, "accepted")
    await handle.signal("advance", body)
    ledger: list[LedgerEntry] = await handle.query("ledger", result_type=list[LedgerEntry])
    assert [(entry.id, entry.code) for entry in ledger] == [("go", "ok")]
    shown: Snapshot = await handle.query("snapshot", result_type=Snapshot)
    assert (shown.stage, shown.status) == (Stage.COMPOSITION, "waiting")


async def continued(handle: WorkflowHandle[Any, Any], stage: Stage, times: int) -> None:
    """Wait until the song rests at `stage` in a run after so many."""
    for _ in range(300):
        shown: Snapshot = await handle.query("snapshot", result_type=Snapshot)
        if shown.stage is stage and shown.status == "waiting" and shown.continued >= times:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"the song is at {shown.stage}, {shown.status}, continued {shown.continued} times")
