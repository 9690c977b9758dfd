"""Uploaded sound, looked at in processes of their own: this one decodes and measures nothing."""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from domain.errors import InvalidAudio, ResourceUnavailable

ROOT = Path(__file__).resolve().parents[1]
AT_ONCE = 2
PATIENCE_S = 120.0


class Inspector:
    """Starts the program that listens to a file, at most `AT_ONCE` at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def inspect(self, data: bytes, name: str) -> dict[str, Any]:
        """What is heard in the sound file `data`, called `name`; see `audio.inspecting`.

        Raises InvalidAudio when it cannot be used as a reference, ResourceUnavailable when it cannot be looked at.
        """
        async with self._turn:
            with tempfile.TemporaryDirectory(prefix="sostenuto-upload-") as folder:
                file = Path(folder) / "upload"
                await asyncio.to_thread(file.write_bytes, data)
                answer = await run_program("audio.inspecting", name, str(file), name)
        if not answer["ok"]:
            kind = InvalidAudio if answer["code"] == InvalidAudio.code else ResourceUnavailable
            raise kind(answer["message"])
        heard: dict[str, Any] = answer["heard"]
        return heard


async def run_program(module: str, name: str, *arguments: str) -> dict[str, Any]:
    """The JSON object that a module prints, run with `arguments` and without secrets; errors call its work `name`.

    ResourceUnavailable when it takes too long or ends without an answer.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not _secret(key)} | {"PYTHONPATH": str(ROOT)},
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            said, _ = await process.communicate()
        answer: dict[str, Any] = json.loads(said)
        return answer
    except TimeoutError:
        raise ResourceUnavailable(f"{name} was not looked at within {PATIENCE_S:.0f} s: try again later") from None
    except ValueError:
        raise ResourceUnavailable(f"{name} could not be looked at (exit {process.returncode}): try again") from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            if process.returncode is None:
                process.kill()
                await process.wait()


def _secret(name: str) -> bool:
    """What a program that listens to a file has no use for."""
    return name.startswith(("SOSTENUTO_", "AWS_", "TEMPORAL_")) or name.endswith(("_KEY", "_TOKEN", "_PASSWORD"))
