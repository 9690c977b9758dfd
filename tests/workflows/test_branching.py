"""Branches of real songs: what they share, what they compute, and how their history begins."""

import uuid

from domain.branching import Branch
from domain.projection import Manifest
from domain.song_input import QUEUE, WORKFLOW, SongInput, workflow_id
from domain.stages import ORDER, SongStatus, Stage
from storage.songs import media


async def branch(studio, parent, stage, revision=1, *, more=None, **fields):
    """Start a branch of a song; its handle."""
    shown = await studio.recorded(parent)
    song = uuid.uuid4().hex
    start = SongInput(
        composition_id=song, title=shown.title, seed=shown.seed,
        branch=Branch(parent=shown.composition_id, head=shown.head, stage=stage, revision=revision, **fields),
        **(more or {}),
    )  # fmt: skip
    handle = await studio.client.start_workflow(WORKFLOW, start, id=workflow_id(song), task_queue=QUEUE)
    studio.handles.append(handle)
    return handle


async def manifests(studio, handle):
    """The chain of a song's manifests, the first one first."""
    head, found = (await studio.recorded(handle)).head, []
    while head:
        manifest = Manifest.model_validate(await studio.runtime.store.aget_json(head))
        found.append(manifest)
        head = manifest.previous
    return found[::-1]


async def files(studio, song, stage):
    async with studio.runtime.database.session() as session:
        return {row.name: row.hash for row in await media(session, song, stage=stage)}


async def test_a_branch_shares_what_is_there_and_computes_nothing_again(studio):
    parent = await studio.start()
    done = await studio.settled(parent)
    assert done.status is SongStatus.COMPLETED
    child = await branch(studio, parent, Stage.MIXING)
    waits = await studio.settled(child)
    assert (waits.stage, waits.status) == (Stage.MIXING, SongStatus.WAITING)
    assert [waits.stages[stage].computed for stage in ORDER[:5]] == [0] * 5
    assert all(waits.stages[stage].result == done.stages[stage].result for stage in ORDER[:5])
    chain = await manifests(studio, child)
    head = (await studio.recorded(parent)).head
    assert [manifest.parent for manifest in chain] == [head] + [None] * (len(chain) - 1)
    assert [manifest.sequence for manifest in chain] == list(range(1, len(chain) + 1))
    assert await files(studio, waits.composition_id, Stage.MIXING) == await files(
        studio, done.composition_id, Stage.MIXING
    )
    await child.execute_update("advance", {"command_id": "on"})
    end = await studio.settled(child)
    assert end.status is SongStatus.COMPLETED
    # Mastering was made before; only the report tells of this song's own way.
    assert end.stages[Stage.MASTERING].computed == 0
    assert end.stages[Stage.MASTERING].artifacts["master"] == done.stages[Stage.MASTERING].artifacts["master"]


async def test_a_branch_with_changes_computes_what_they_touch_and_survives_continue_as_new(studio):
    parent = await studio.start()
    done = await studio.settled(parent)
    changes = {"technical": {"loudness_target": -18}}
    child = await branch(
        studio, parent, Stage.ARRANGEMENT, changes=changes, actor="user:local", more={"continue_after_events": 10}
    )
    end = await studio.settled(child, until=lambda s: s.status is SongStatus.COMPLETED and s.continued >= 1)
    assert [end.stages[stage].computed for stage in ORDER[:5]] == [0] * 5
    assert end.stages[Stage.MASTERING].computed > 0
    assert end.stages[Stage.MIXING].artifacts["mix"] == done.stages[Stage.MIXING].artifacts["mix"]
    events = await studio.events(child)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [e.payload["command_id"] for e in events if e.type == "command_accepted"] == ["branch"]


async def test_a_branch_of_what_is_not_there_is_blocked_and_says_so(studio):
    parent = await studio.start(review=["ideation"])
    await studio.settled(parent)
    child = await branch(studio, parent, Stage.COMPOSITION)
    shown = await studio.settled(child)
    assert (shown.status, shown.blocked.code) == (SongStatus.BLOCKED, "not_found")
    assert "revision 1 of composition" in shown.blocked.reason
