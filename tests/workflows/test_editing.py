"""Editing a song in words, through the real workflow: what changes, what stays, what is made again."""

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.score import Score
from domain.stages import SongStatus, Stage
from tests.music.layout import by_name

STRUCTURE = [{"name": name, "duration": 4} for name in ("verse", "chorus", "bridge", "chorus")]


async def waiting(studio, handle, revision=1):
    """The snapshot once the song waits with that revision of its arrangement, and its score."""

    def there(shown):
        arrangement = shown.stages[Stage.ARRANGEMENT]
        return shown.status is SongStatus.WAITING and arrangement.revision == revision

    shown = await studio.settled(handle, until=there)
    document = await studio.runtime.store.aget_json(shown.stages[Stage.ARRANGEMENT].artifacts["score"])
    return shown, Score.model_validate(document)


async def made_since(studio, handle, sequence):
    events = await studio.events(handle, sequence)
    return [e.payload["stage"] for e in events if e.type == "stage_complete"]


@pytest.fixture
async def song(studio):
    """A song with a bridge that waits after its arrangement."""
    return await studio.start(
        "pop with piano, bass and drums in C major at 120 bpm", changes={"musical": {"structure": STRUCTURE}},
        review=["arrangement"],
    )  # fmt: skip


async def test_another_chord_in_the_chorus_leaves_the_rest_as_it_is(studio, song):
    first, before = await waiting(studio, song)
    answer = await song.execute_update("revise", {"instruction": "change the second chord of the chorus to Em7"})
    assert answer["message"] == "arrangement is processed again"
    second, after = await waiting(studio, song, 2)
    assert await made_since(studio, song, first.sequence) == ["arrangement"]
    assert second.stages[Stage.COMPOSITION].artifacts == first.stages[Stage.COMPOSITION].artifacts
    old, new = by_name(before), by_name(after)
    assert {name for name in old if old[name] != new[name]} == {"chorus 1", "chorus 2"}
    assert [chord.symbol for chord in after.chords].count("Em7") >= 2

    await song.signal("revise", {"instruction": "undo"})
    _, undone = await waiting(studio, song, 3)
    assert undone == before


async def test_only_the_bridge_is_written_anew_and_an_edit_outlives_it(studio, song):
    await waiting(studio, song)
    await song.execute_update("revise", {"instruction": "change the second chord of the chorus to Em7"})
    first, before = await waiting(studio, song, 2)
    await song.execute_update("revise", {"instruction": "regenerate only the bridge"})
    _, after = await waiting(studio, song, 3)
    assert await made_since(studio, song, first.sequence) == ["composition", "arrangement"]
    old, new = by_name(before), by_name(after)
    assert {name for name in old if old[name] != new[name]} == {"bridge"}


async def test_what_is_not_understood_or_not_there_is_a_recorded_rejection(studio, song):
    await waiting(studio, song)
    await song.signal("revise", {"instruction": "give the bridge more cowbellness"})
    await song.signal("revise", {"instruction": "drop the solo"})
    shown = await studio.settled(song, until=lambda s: len(s.rejected) == 2)
    not_understood, not_there = shown.rejected
    assert not_understood.code == "invalid_command"
    assert "is not understood: say one of" in not_understood.message
    assert not_there.code == "not_in_song"
    assert not_there.message == "the song has no solo: its sections are verse 1, chorus 1, bridge, chorus 2"
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await song.execute_update("revise", {"instruction": "swap the piano for a kazoo"})
    assert "'a kazoo' is no instrument here" in str(refused.value.cause)
    assert shown.status is SongStatus.WAITING
