"""Steering from outside: signals from the Temporal CLI, updates, and everything that may go wrong with them."""

import asyncio
import json

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.commands import CommandResult, Verdict
from domain.stages import SongStatus, Stage
from domain.state import LedgerEntry
from tests.fixtures.temporal import temporal_binary


async def signal_by_cli(server, handle, name, *inputs):
    """What somebody types who has only the Temporal CLI."""
    command = [str(temporal_binary()), "workflow", "signal", "--address", server, "-w", handle.id, "--name", name]
    for value in inputs:
        command += ["--input", value]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def test_the_temporal_cli_alone_steers_a_song(studio, temporal_server):
    handle = await studio.start(review="all")
    for stage in (Stage.IDEATION, Stage.COMPOSITION):
        shown = await studio.settled(handle, until=lambda s, at=stage: s.stage == at and s.status == "waiting")
        assert shown.status is SongStatus.WAITING
        await signal_by_cli(temporal_server, handle, "advance", "{}")
    await studio.settled(handle, until=lambda s: s.stage == "arrangement" and s.status == "waiting")
    change = json.dumps({"changes": {"musical": {"tempo": 84}}, "command_id": "tempo-84"})
    await signal_by_cli(temporal_server, handle, "revise", change)
    shown = await studio.settled(
        handle, until=lambda s: s.stages[Stage.COMPOSITION].revision == 2 and s.status == "waiting"
    )
    assert shown.stage is Stage.COMPOSITION


@pytest.mark.parametrize("name", ["advance", "revise"])
async def test_whatever_a_signal_carries_the_song_lives(studio, temporal_server, name):
    handle = await studio.start(review="all")
    await studio.settled(handle)
    bad = [
        (name, '{"target": "mastering", "stage": "mastering"}'),
        (name,),
        (name, "{}", "{}"),
        (name, '"forward, please"'),
        (name, "null"),
        (name, '[{"target": 1}]'),
        (name, '{"changes": {"musical": {"tempo": {"deep": [1, 2]}}}}'),
        (name, '{"changes": {"nonsense": 1}}'),
        ("advnace", "{}"),
    ]
    for sent in bad:
        await signal_by_cli(temporal_server, handle, *sent)
    shown = await studio.settled(handle, until=lambda s: len(s.rejected) >= len(bad))
    assert len(shown.rejected) == len(bad)
    assert (shown.stage, shown.status) == (Stage.IDEATION, SongStatus.WAITING)
    assert all(r.message and r.actor.startswith("unverified:") for r in shown.rejected)
    assert "advnace" in shown.rejected[-1].message
    await signal_by_cli(temporal_server, handle, "advance", "{}")
    await studio.settled(handle, until=lambda s: s.stage == "composition" and s.status == "waiting")


async def test_a_rejected_update_says_why_and_leaves_no_trace(studio):
    handle = await studio.start(review="all")
    shown = await studio.settled(handle)
    await studio.events(handle)
    await asyncio.sleep(0.5)
    before = (await handle.describe()).history_length
    with pytest.raises(WorkflowUpdateFailedError) as caught:
        await handle.execute_update("advance", {"target": "mastering"})
    cause = caught.value.cause
    assert isinstance(cause, ApplicationError)
    result = CommandResult.model_validate(cause.details[0])
    assert result.verdict is Verdict.REJECTED
    assert result.allowed_targets == (Stage.COMPOSITION,)
    assert (await handle.describe()).history_length == before
    assert (await studio.snapshot(handle)).sequence == shown.sequence


async def test_every_other_command_is_an_update_too(studio):
    handle = await studio.start(review="all")
    await studio.settled(handle)
    for name, status in (("hold", "held"), ("resume", "waiting"), ("accept_enhancement", "waiting")):
        answer = await handle.execute_update(name, {}, result_type=CommandResult)
        assert (answer.verdict, answer.status) == (Verdict.ACCEPTED, status)
    answer = await handle.execute_update("set_review", {"review": []}, result_type=CommandResult)
    assert answer.verdict is Verdict.ACCEPTED
    await handle.execute_update("advance", {})
    assert (await studio.settled(handle)).status is SongStatus.COMPLETED


async def test_the_same_command_by_every_door_is_applied_once(studio):
    handle = await studio.start(review="all")
    await studio.settled(handle)
    body = {"command_id": "only-once"}
    await handle.execute_update("advance", body, id="only-once")
    await handle.signal("advance", body)
    again = await handle.execute_update("advance", body, id="another-delivery", result_type=CommandResult)
    assert again.duplicate
    shown = await studio.settled(handle)
    assert shown.stage is Stage.COMPOSITION
    ledger = await handle.query("ledger", result_type=list[LedgerEntry])
    assert [entry.id for entry in ledger].count("only-once") == 1


async def test_a_held_song_starts_no_step(studio):
    handle = await studio.start(seed=77, prompt="calm ambient in A minor, 20 seconds")
    await handle.signal("hold", {})
    shown = await studio.settled(handle, until=lambda s: s.status == "held")
    await asyncio.sleep(1.5)
    later = await studio.snapshot(handle)
    assert (later.stage, later.status) == (shown.stage, SongStatus.HELD)
    await handle.signal("resume", {})
    assert (await studio.settled(handle)).status is SongStatus.COMPLETED


async def test_revising_a_running_stage_starts_it_over(studio):
    handle = await studio.start(seed=78, prompt="slow techno in D minor, 24 seconds")
    await studio.settled(handle, until=lambda s: s.stage == "production" and s.status == "running")
    await handle.execute_update("revise", {"changes": {"creative.style_modifiers": ["warm"]}})
    shown = await studio.settled(handle)
    assert shown.status is SongStatus.COMPLETED


async def test_cancelling_keeps_what_was_made(studio):
    handle = await studio.start(seed=79, prompt="slow house in D minor, 24 seconds")
    await studio.settled(handle, until=lambda s: s.stage == "production")
    await handle.signal("cancel", {})
    end = await handle.result()
    assert end["status"] == "cancelled"


async def test_temporals_own_cancellation_cancels_the_song(studio):
    handle = await studio.start(review="all")
    await studio.settled(handle)
    await handle.cancel()
    events = None
    for _ in range(100):
        if (await handle.describe()).status.name == "CANCELED":
            events = await studio.events(handle)
            break
        await asyncio.sleep(0.05)
    assert events is not None
    assert events[-1].type in ("command_accepted", "song_cancelled")


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("", "empty"), ("   ", "empty"), ("x" * 10_001, "10,001"), ("a\x07b", "U+0007")],
)
async def test_a_bad_prompt_blocks_and_never_fails(studio, prompt, words):
    handle = await studio.start(prompt)
    shown = await studio.settled(handle)
    assert shown.status is SongStatus.BLOCKED
    assert words in shown.blocked.reason


async def test_what_cannot_be_played_blocks_with_the_reason(studio):
    handle = await studio.start(changes={"musical.instruments": ["kazoo_of_doom"]}, seed=80)
    shown = await studio.settled(handle)
    assert shown.status in (SongStatus.BLOCKED, SongStatus.COMPLETED)
    if shown.status is SongStatus.BLOCKED:
        assert "kazoo_of_doom" in shown.blocked.reason


async def test_a_stage_that_is_left_starts_no_further_step(studio):
    """Also when the step under way ends before it hears of it: nothing of the stage is begun for nobody."""
    handle = await studio.start(review=["arrangement"], seed=4711)
    await studio.settled(handle)
    await handle.execute_update("advance", {})
    for _ in range(500):
        if "perform" in await scheduled(handle):
            break
        await asyncio.sleep(0.02)
    await handle.execute_update("advance", {"target": "arrangement"})
    shown = await studio.settled(handle)
    assert shown.stage == "arrangement"
    await asyncio.sleep(1.5)
    events = (await handle.fetch_history()).events
    left = max(
        n for n, event in enumerate(events) if event.HasField("workflow_execution_update_accepted_event_attributes")
    )
    # What the very task that took the command has scheduled as well is called back by it.
    task = next(n for n, e in enumerate(events) if n > left and e.HasField("workflow_task_started_event_attributes"))
    later = [e.activity_task_scheduled_event_attributes.activity_type.name for e in events[task:]]
    assert "render" not in later


async def scheduled(handle) -> list[str]:
    events = (await handle.fetch_history()).events
    return [event.activity_task_scheduled_event_attributes.activity_type.name for event in events]
