"""Something to hear while an arrangement is still at work, of every revision, and songs that began before there was."""

import asyncio
import io
import uuid

import soundfile
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker

from activities.books import Books
from activities.runner import step_activities
from domain.settings import SongSettings
from domain.song_input import SongInput, workflow_id
from domain.stages import SongStatus
from domain.state import Snapshot
from domain.steps import Weight
from workflows import calls, recipes
from workflows.composition import CompositionWorkflow


def heard(events):
    """(part, revision, hash) of each sketch, in order."""
    return [
        (e.payload["part"], e.payload["revision"], e.payload["hash"])
        for e in events
        if e.type == "audio_ready" and e.payload["stage"] == "arrangement"
    ]


async def test_an_arrangement_is_heard_before_it_is_done(studio):
    handle = await studio.start(review=["arrangement"])
    shown = await studio.settled(handle)
    events = await studio.events(handle)
    told = heard(events)
    assert [(part, revision) for part, revision, _ in told] == [("opening", 1), ("whole", 1)]
    at = [e.seq for e in events if e.type == "audio_ready"]
    begun, done = (
        next(e.seq for e in events if e.type == kind and e.payload["stage"] == "arrangement")
        for kind in ("stage_started", "stage_complete")
    )
    assert begun < min(at) < max(at) < done
    opening, whole = [await studio.runtime.store.aget(hash_) for _, _, hash_ in told]
    assert whole.startswith(opening)
    with soundfile.SoundFile(io.BytesIO(whole)) as file:
        assert file.frames / file.samplerate > 15
        assert file.samplerate == 32_000
    assert {e.payload["url"] for e in events if e.type == "audio_ready"} == {
        f"/v1/compositions/{shown.composition_id}/sketch"
    }


async def test_a_revision_makes_a_new_sketch_and_the_old_one_is_kept(studio):
    handle = await studio.start(review=["arrangement"])
    await studio.settled(handle)
    first = heard(await studio.events(handle))
    before = (await studio.events(handle))[-1].seq
    await handle.execute_update("revise", {"instruction": "transpose the song up 2 semitones"})
    await studio.settled(handle)
    second = heard(await studio.events(handle, before))
    assert [(part, revision) for part, revision, _ in second] == [("opening", 2), ("whole", 2)]
    assert second[1][2] != first[1][2]
    assert await studio.runtime.store.aexists(first[1][2])


async def test_a_song_from_before_openings_is_replayed_as_it_was(studio, monkeypatch):
    """Its history, made by the recipe of that time, is replayed by today's without complaint."""
    queue, song = f"before-{uuid.uuid4().hex}", uuid.uuid4().hex
    start = SongInput(
        composition_id=song, prompt="calm lo-fi with rhodes in F minor at 80 bpm, 20 seconds", seed=1,
        settings=SongSettings(review=("arrangement",)),
    )  # fmt: skip
    monkeypatch.setattr(recipes.StageRun, "knows", lambda _self, _change: False)
    monkeypatch.setattr(calls, "QUEUE", queue)
    monkeypatch.setattr(calls, "QUEUES", {Weight.LIGHT: queue})
    activities = [*Books(studio.runtime).activities(), *step_activities(studio.runtime, Weight.LIGHT)]
    unsandboxed = UnsandboxedWorkflowRunner()
    async with Worker(
        studio.client, task_queue=queue, workflows=[CompositionWorkflow], activities=activities,
        workflow_runner=unsandboxed,
    ):  # fmt: skip
        handle = await studio.client.start_workflow(
            CompositionWorkflow.run, start, id=workflow_id(song), task_queue=queue
        )
        for _ in range(400):
            shown = await handle.query("snapshot", result_type=Snapshot)
            if shown.status is SongStatus.WAITING and shown.recorded:
                break
            await asyncio.sleep(0.05)
        assert shown.status is SongStatus.WAITING
        old = await handle.fetch_history()
    scheduled = [
        e.activity_task_scheduled_event_attributes.activity_type.name
        for e in old.events
        if e.HasField("activity_task_scheduled_event_attributes")
    ]
    assert scheduled.count("sketch") == 1
    monkeypatch.undo()
    replayer = Replayer(
        workflows=[CompositionWorkflow], data_converter=studio.client.data_converter, workflow_runner=unsandboxed
    )
    await replayer.replay_workflow(old)
    await handle.terminate("the test is over")
