"""Months in seconds: continue-as-new, gates and retention over time."""

import asyncio

from domain.commands import CommandResult
from domain.stages import SongStatus, Stage


async def test_continue_as_new_carries_everything(studio):
    handle = await studio.start(review="all", more={"continue_after_events": 10})
    for number, stage in enumerate(list(Stage)[:3], 1):
        # A song continues as new once it rests and everything is written; nobody is in a hurry here.
        shown = await studio.settled(handle, until=lambda s, at=stage, n=number: s.stage is at and s.continued >= n)
        assert shown.status is SongStatus.WAITING
        body = {"command_id": f"go-{stage}"}
        await handle.execute_update("advance", body, id=body["command_id"])
    await studio.settled(handle, until=lambda s: s.stage is Stage.PRODUCTION and s.status is SongStatus.WAITING)
    events = await studio.events(handle)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    again = await handle.execute_update(
        "advance", {"command_id": "go-ideation"}, id="go-ideation", result_type=CommandResult
    )
    assert again.duplicate
    assert (await studio.snapshot(handle)).stage is Stage.PRODUCTION
    await handle.signal("advance", {"command_id": "go-ideation"})
    await asyncio.sleep(0.3)
    assert (await studio.snapshot(handle)).stage is Stage.PRODUCTION


async def test_a_gate_opens_at_its_deadline(studio):
    handle = await studio.start(review=["ideation"], gate_deadlines_s={"ideation": 1.0})
    await studio.settled(handle, until=lambda s: s.stage == "ideation" and s.status == "waiting")
    assert (await studio.settled(handle, until=lambda s: s.status == "completed")).status is SongStatus.COMPLETED


async def test_a_complete_song_stays_open_for_its_retention_time(studio):
    handle = await studio.start(retention_s=1.5)
    assert (await studio.settled(handle)).status is SongStatus.COMPLETED
    end = await asyncio.wait_for(handle.result(), 20)
    assert end["status"] == "completed"
