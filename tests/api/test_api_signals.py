"""The signals document: what it prints is run as it is, and steers the song."""

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from tests.api.conftest import Api

HELD_EVENTS = 1
"""An accepted command and nothing else."""


async def _document(api: Api, song: str) -> dict[str, Any]:
    answer = await api.http.get(f"/v1/compositions/{song}/signals")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


CRASHED_AT_THE_END = (-signal.SIGABRT, -signal.SIGSEGV)
"""Temporal's Python client may bring a short program down after its last line (temporalio/sdk-python#300, open)."""


async def _run(line: str, *, python: bool = False) -> str:
    """What a printed line says when it is run as it stands; a person whose program crashes at its end runs it again."""
    for _ in range(3):
        code, said = await _once(line, python=python)
        if not (python and code in CRASHED_AT_THE_END):
            break
    assert code == 0, said.decode()
    return said.decode()


async def _once(line: str, *, python: bool) -> tuple[int | None, bytes]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = [sys.executable, "-c", line] if python else ["bash", "-c", line]
    process = await asyncio.create_subprocess_exec(
        *program,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PATH": path},
    )
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    return process.returncode, said


async def _waiting(api: Api) -> str:
    song = await api.start(settings={"review": ["ideation"]}, title='it\'s "$HOME" `id`')
    await api.until(song, status="waiting")
    return song


def _command(document: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["commands"] if one["kind"] == kind)
    return found


async def test_the_printed_lines_steer_the_song(api: Api) -> None:
    assert shutil.which("curl")
    for door in ("curl", "signal", "update"):
        song = await _waiting(api)
        document = await _document(api, song)
        assert document["workflow_id"] == f"song-{song}"
        said = await _run(_command(document, "advance")[door])
        if door == "curl":
            assert '"verdict":"accepted"' in said
        await api.until(song, status="completed")


async def test_the_printed_programs_steer_the_song_and_once_through_all_doors(api: Api) -> None:
    song = await _waiting(api)
    document = await _document(api, song)
    held = _command(document, "hold")
    await _run(held["httpx"], python=True)
    await _run(held["temporalio"], python=True)
    await _run(held["signal"])
    await api.until(song, status="held")
    said = await _run((await _document(api, song))["snapshot"])
    assert '"held":true' in said.replace(" ", "")
    settled = await api.http.get(f"/v1/compositions/{song}/status")
    assert settled.json()["sequence"] == document["sequence"] + HELD_EVENTS, "three doors, one command"


async def test_every_command_that_a_state_allows_fits_it(api: Api) -> None:
    song = await _waiting(api)
    document = await _document(api, song)
    assert {one["kind"] for one in document["commands"]} == set(document["allowed_commands"])
    assert all(one["body"]["expected_stage"] == "ideation" for one in document["commands"])
    for kind in ("accept_enhancement", "hold", "resume", "revise", "cancel"):
        document = await _document(api, song)
        said = await _run(_command(document, kind)["curl"])
        assert '"verdict":"accepted"' in said, (kind, said)
        await api.until(song, past=document["sequence"] + 1, **({"status": "waiting"} if kind == "revise" else {}))
    await api.until(song, status="cancelled")
    assert (await _document(api, song))["commands"] == []


async def test_the_document_for_people_holds_the_same_lines(api: Api) -> None:
    song = await _waiting(api)
    document = await _document(api, song)
    answer = await api.http.get(f"/v1/compositions/{song}/signals", params={"format": "markdown"})
    assert answer.headers["content-type"].startswith("text/markdown")
    for command in document["commands"]:
        assert all(command[door] in answer.text for door in ("curl", "signal", "update"))
    assert document["address"] == api.settings.temporal_address
