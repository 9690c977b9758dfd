"""A song from the prompt to its verified release."""

from domain.events import PAYLOADS
from domain.stages import ORDER, SongStatus, Stage
from storage.songs import get_song, history, media


async def test_a_sentence_becomes_a_verified_song(studio):
    handle = await studio.start()
    shown = await studio.settled(handle)
    assert (shown.status, shown.stage, shown.progress) == (SongStatus.COMPLETED, Stage.FINALIZATION, 100)
    events = await studio.events(handle)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    for event in events:
        PAYLOADS[event.type].model_validate(event.payload)
    assert [e.payload["stage"] for e in events if e.type == "stage_complete"] == list(ORDER)
    assert events[-1].type == "song_completed"
    assert events[-1].payload["checks_ok"] is True


async def test_the_read_model_tells_the_same_as_the_workflow(studio):
    handle = await studio.start(title="Rain")
    await studio.settled(handle)
    await studio.events(handle)
    shown = await studio.recorded(handle)
    async with studio.runtime.database.session() as session:
        row = await get_song(session, shown.composition_id)
        files = await media(session, shown.composition_id)
        steps = await history(session, shown.composition_id, limit=100)
    assert row is not None
    assert (row.status, row.title, row.last_seq, row.head) == ("completed", "Rain", shown.sequence, shown.head)
    assert {"audio_wav", "audio_mp3", "audio_flac", "midi", "stems", "score", "report"} <= {m.type for m in files}
    assert len(steps) == 13


async def test_walking_back_and_forward_computes_nothing(studio):
    handle = await studio.start()
    await studio.settled(handle)
    before = (await studio.events(handle))[-1].seq
    for target in ("mastering", "mixing"):
        await handle.signal("advance", {"target": target})
        shown = await studio.settled(handle, until=lambda s, t=target: s.stage == t and s.status == "waiting")
        assert shown.status is SongStatus.WAITING
    await handle.signal("advance", {})
    await studio.settled(handle)
    done = [e.payload for e in await studio.events(handle, before) if e.type == "stage_complete"]
    assert [d["stage"] for d in done] == ["mastering", "finalization"]
    assert [d["computed"] for d in done] == [0, 0]
    assert [d["revision"] for d in done] == [1, 1]


async def test_a_new_loudness_remakes_mastering_and_finalization_alone(studio):
    handle = await studio.start()
    await studio.settled(handle)
    before = (await studio.events(handle))[-1].seq
    await handle.execute_update("revise", {"changes": {"technical.loudness_target": -18.5}})
    shown = await studio.settled(handle)
    assert shown.status is SongStatus.COMPLETED
    done = [e.payload for e in await studio.events(handle, before) if e.type == "stage_complete"]
    assert [d["stage"] for d in done] == ["mastering", "finalization"]
    assert done[0]["computed"] == 1
    assert (done[0]["revision"], done[1]["revision"]) == (2, 2)


async def test_reverting_brings_the_earlier_master_back(studio):
    handle = await studio.start()
    first = await studio.settled(handle)
    await handle.execute_update("revise", {"changes": {"technical.loudness_target": -17}})
    await studio.settled(handle)
    await handle.execute_update("revert", {"stage": "mastering", "revision": 1})
    shown = await studio.settled(handle, until=lambda s: s.stages[Stage.MASTERING].status == "done")
    assert shown.stages[Stage.MASTERING].artifacts == first.stages[Stage.MASTERING].artifacts
    assert shown.stages[Stage.FINALIZATION].status == "stale"


async def test_a_new_take_is_another_song_of_the_same_brief(studio):
    handle = await studio.start()
    first = await studio.settled(handle)
    await handle.signal("revise", {"stage": "composition", "instruction": "regenerate"})
    await studio.settled(handle, until=lambda s: s.stages[Stage.COMPOSITION].take == 2)
    second = await studio.settled(handle)
    assert second.status is SongStatus.COMPLETED
    assert second.stages[Stage.COMPOSITION].artifacts["melody"] != first.stages[Stage.COMPOSITION].artifacts["melody"]
    assert second.stages[Stage.IDEATION].artifacts == first.stages[Stage.IDEATION].artifacts


async def test_the_operator_can_read_the_song(studio, temporal_server):
    handle = await studio.start(review=["ideation"])
    await studio.settled(handle)
    attributes = (await handle.describe()).typed_search_attributes
    found = {pair.key.name: pair.value for pair in attributes}
    assert found["SongStage"] == "ideation"
    assert found["SongStatus"] == "waiting"
    assert "SongWaitingSince" in found
    details = await handle.query("__temporal_workflow_metadata")
    assert "ideation" in str(details)
