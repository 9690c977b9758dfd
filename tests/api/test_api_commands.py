"""Steering songs over REST: every kind of command, repeated, late, and with nobody at work."""

import asyncio
import itertools
from pathlib import Path

from temporalio.client import Client

from storage.config import Settings
from tests.api.conftest import Api, serving, settings_in, working
from tests.fixtures.temporal import free_port, running_temporal

SEVEN = ["ideation", "composition", "arrangement", "production", "mixing", "mastering", "finalization"]


async def test_a_song_is_walked_through_its_gates_by_advance(api: Api) -> None:
    song = await api.start(settings={"review": "all"})
    for stage, following in itertools.pairwise(SEVEN):
        waits = await api.until(song, stage=stage, status="waiting")
        assert following in waits["allowed_targets"]
        assert "advance" in waits["waiting_for"]
        answer = await api.send(song, "advances", {"expected_stage": stage})
        assert answer.status_code == 202, answer.text
        assert answer.headers["location"] == f"/v1/compositions/{song}"
        told = answer.json()
        assert (told["verdict"], told["kind"], told["current_stage"]) == ("accepted", "advance", following)
    assert (await api.until(song, status="completed"))["progress"] == 100.0


async def test_one_step_back_parks_the_song(api: Api) -> None:
    song = await api.start(settings={"review": ["composition"]})
    await api.until(song, stage="composition", status="waiting")
    answer = await api.send(song, "advances", {"target": "ideation"})
    assert (answer.status_code, answer.json()["current_stage"]) == (202, "ideation")
    await api.until(song, stage="ideation", status="waiting")


async def test_revise_after_the_end_runs_only_what_depends_on_it(api: Api) -> None:
    song = await api.start()
    done = await api.until(song, status="completed")
    answer = await api.send(song, "revisions", {"changes": {"technical.loudness_target": -18}})
    assert (answer.status_code, answer.json()["current_stage"]) == (202, "mastering")
    await api.until(song, status="completed", past=done["sequence"] + 1)
    detail = (await api.http.get(f"/v1/compositions/{song}")).json()
    assert detail["context"]["technical"]["loudness_target"] == -18
    revisions = {stage["stage"]: stage["revision"] for stage in detail["stages"]}
    assert revisions | {"mastering": 2, "finalization": 2} == revisions
    assert revisions["mixing"] == 1
    back = await api.send(song, "reversions", {"stage": "mastering", "revision": 1})
    assert back.status_code == 202
    await api.until(song, stage="mastering", status="waiting")


async def test_hold_resume_review_and_cancel(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    assert (await api.send(song, "holds")).json()["status"] == "held"
    assert (await api.until(song, status="held"))["waiting_for"] == "resume: the song is held"
    refused = await api.send(song, "advances")
    assert (refused.status_code, refused.json()["result"]["code"]) == (409, "not_allowed_now")
    assert "resume it first" in refused.json()["detail"]
    assert (await api.send(song, "resumptions")).json()["status"] == "waiting"
    settled = await api.send(song, "review-settings", {"review": ["mixing", "composition"]})
    assert settled.json()["message"] == "the song waits for review after composition, mixing"
    assert (await api.send(song, "cancellations")).json()["status"] == "cancelled"
    await api.until(song, status="cancelled")
    late = await api.send(song, "advances")
    assert late.status_code == 409
    assert "the song is cancelled: it takes no more commands" in late.json()["detail"]
    assert late.json()["result"]["allowed_commands"] == []


async def test_takes_and_enhancements_are_decided_on(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting")
    root = f"/v1/compositions/{song}"
    newest = (await api.http.get(f"{root}/enhancements")).json()["items"][0]
    assert newest["accepted"] is None
    assert (await api.send(song, f"enhancements/{newest['id']}/acceptance")).status_code == 202
    again = await api.send(song, "enhancements/latest/acceptance")
    assert (again.status_code, again.json()["detail"]) == (409, "the enhancement was accepted already")
    assert (await api.send(song, "enhancements/latest/rejection")).status_code == 202
    chosen = await api.send(song, "takes/1/choice", {"stage": "ideation"})
    assert chosen.status_code == 202, chosen.text


async def test_a_blocked_song_says_why_and_goes_on_after_a_revision(api: Api) -> None:
    song = await api.start(context={"creative.preferences.mix": "impossible"})
    blocked = await api.until(song, status="blocked")
    assert blocked["blocked"]["stage"] == "mixing"
    assert "the mix cannot be made" in blocked["waiting_for"]
    assert "retry" in blocked["allowed_commands"]
    assert (await api.send(song, "retries")).status_code == 202
    await api.until(song, status="blocked")
    assert (await api.send(song, "revisions", {"changes": {"creative.preferences.mix": None}})).status_code == 202
    await api.until(song, status="completed")


async def test_the_same_key_is_one_command_with_one_answer(api: Api) -> None:
    song = await api.start(settings={"review": "all"})
    await api.until(song, status="waiting", stage="ideation")
    answers = await asyncio.gather(*(api.send(song, "advances", {}, key="k-1") for _ in range(5)))
    assert {answer.text for answer in answers} == {answers[0].text}
    assert {answer.status_code for answer in answers} == {202}
    await api.until(song, status="waiting", stage="composition")
    other = await api.send(song, "advances", {"target": "ideation"}, key="k-1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    rejected = [await api.send(song, "resumptions", key="k-2") for _ in range(2)]
    assert [answer.status_code for answer in rejected] == [409, 409]
    assert rejected[0].text == rejected[1].text
    assert rejected[1].headers["idempotency-replayed"] == "true"


async def test_the_same_command_by_signal_and_by_rest_is_applied_once(api: Api) -> None:
    song = await api.start(settings={"review": "all"})
    await api.until(song, status="waiting", stage="ideation")
    client = await Client.connect(api.settings.temporal_address)
    await client.get_workflow_handle(f"song-{song}").signal("advance", {"command_id": "mixed-1"})
    await api.until(song, status="waiting", stage="composition")
    answer = await api.send(song, "advances", {}, key="mixed-1")
    assert (answer.status_code, answer.json()["duplicate"]) == (200, True)
    assert (await api.status(song))["current_stage"] == "composition"


async def test_with_no_worker_up_a_command_is_left_and_applied_once_later(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{port}")
    with running_temporal(port=port):
        await _leave_a_command(settings)


async def _leave_a_command(settings: Settings) -> None:
    async with serving(settings) as api:
        async with working(settings):
            song = await api.start(settings={"review": "all"})
            await api.until(song, status="waiting", stage="ideation")
        left = await api.send(song, "advances", {}, key="left-1")
        told = left.json()
        assert (left.status_code, told["verdict"], told["command_id"]) == (202, "pending", "left-1")
        assert (await api.status(song))["current_stage"] == "ideation"
        asked = await api.http.get(f"/v1/compositions/{song}", params={"consistent": True})
        assert (asked.status_code, asked.json()["code"]) == (503, "server_unavailable")
        async with working(settings):
            await api.until(song, status="waiting", stage="composition")
            again = await api.send(song, "advances", {}, key="left-1")
            assert (again.status_code, again.json()["duplicate"]) == (200, True)
            assert (await api.status(song))["current_stage"] == "composition"
