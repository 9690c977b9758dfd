"""Bad luck around a song: stores that go away, commands at awkward moments. Nothing is lost, nothing is wedged."""

import asyncio

import pytest

from domain.commands import CommandResult
from domain.errors import DatabaseUnavailable
from domain.stages import SongStatus, Stage


async def test_a_database_outage_wedges_nothing(studio, monkeypatch):
    handle = await studio.start(review="all")
    await studio.settled(handle)
    away = True
    real = studio.runtime.database.session

    def session():
        if away:
            raise DatabaseUnavailable("the database is away")
        return real()

    monkeypatch.setattr(studio.runtime.database, "session", session)
    await handle.execute_update("hold", {})
    await asyncio.sleep(6)
    assert not (await studio.snapshot(handle)).recorded
    away = False
    shown = await studio.recorded(handle)
    assert shown.status is SongStatus.HELD
    await handle.execute_update("resume", {})
    await handle.execute_update("advance", {})
    await studio.settled(handle, until=lambda s: s.stage is Stage.COMPOSITION and s.status is SongStatus.WAITING)
    events = await studio.events(handle)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))


async def test_a_held_song_does_not_pass_its_gate(studio):
    handle = await studio.start(review=["ideation"], gate_deadlines_s={"ideation": 1.0})
    await studio.settled(handle, until=lambda s: s.status is SongStatus.WAITING)
    await handle.execute_update("hold", {})
    await asyncio.sleep(2)
    assert (await studio.snapshot(handle)).stage is Stage.IDEATION
    await handle.execute_update("resume", {})
    assert (await studio.settled(handle, until=lambda s: s.status is SongStatus.COMPLETED)).progress == 100


async def test_revisions_keep_their_numbers_over_reverts(studio):
    handle = await studio.start()
    first = (await studio.settled(handle)).stages[Stage.MASTERING]
    await handle.execute_update("revise", {"changes": {"technical.loudness_target": -17}})
    second = (await studio.settled(handle)).stages[Stage.MASTERING]
    for number, wanted in ((1, first), (2, second), (1, first)):
        await handle.execute_update("revert", {"stage": "mastering", "revision": number})
        shown = await studio.settled(handle, until=lambda s: s.status is SongStatus.WAITING)
        assert shown.stages[Stage.MASTERING].revision == number
        assert shown.stages[Stage.MASTERING].result == wanted.result


async def test_an_advance_does_not_overtake_a_revert(studio, monkeypatch):
    handle = await studio.start()
    await studio.settled(handle)
    await handle.execute_update("revise", {"changes": {"technical.loudness_target": -17}})
    await studio.settled(handle)
    answer = await handle.execute_update("revert", {"stage": "mastering", "revision": 1}, result_type=CommandResult)
    assert answer.status is SongStatus.RUNNING
    await handle.signal("advance", {})
    shown = await studio.settled(handle, until=lambda s: s.status in (SongStatus.WAITING, SongStatus.COMPLETED))
    assert shown.stages[Stage.MASTERING].revision == 1


@pytest.mark.parametrize("characters", [10_000])
async def test_the_heaviest_song_stays_under_the_payload_limit(studio, characters):
    """Weighed by the fixture, with every history: a prompt of emoji, many changes, refused nonsense."""
    changes = {"creative.constraints": {f"note {n}": "♫" * 30 for n in range(90)}}
    handle = await studio.start("🎹" * characters, changes=changes, review="all", title="♫" * 255)
    await studio.settled(handle)
    for n in range(40):
        await handle.signal("revise", {"changes": {"musical.tempo": "♫" * 900}, "command_id": f"{n:064d}"})
    shown = await studio.settled(handle, until=lambda s: len(s.rejected) == 12)
    assert shown.status is not SongStatus.RUNNING
