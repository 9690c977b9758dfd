"""One run of schemathesis against a real API with a worker behind it, with or without keys."""

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from pydantic import SecretStr

from api import credentials
from storage.config import Settings
from tests.api.conftest import Api, serving, settings_in, working

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
KEY = "fuzz-key-0123456789abcdef"
PHASES = "examples,coverage,fuzzing,stateful"
# Streams and the endpoints of browsers' sockets do not end by themselves.
ENDLESS = ("/v1/compositions/{id}/events",)


@dataclass(frozen=True)
class Wish:
    """How much is tried: examples for each operation and phase, from one seed, in which phases."""

    examples: int = 20
    seed: int = 20261124
    phases: str = PHASES
    only: str | None = None
    max_time_s: int | None = None


def mode_settings(folder: Path, temporal: str, *, keyed: bool) -> Settings:
    """Settings of a mode: `keyed` asks for a key, else the one local user needs none."""
    values = {"api_keys": [SecretStr(KEY)]} if keyed else {}
    # Limits would answer instead of the routes; they have tests of their own.
    return settings_in(folder, temporal_address=temporal, rate_limit="off", start_limit="off", **values)


async def fuzz(folder: Path, temporal: str, wish: Wish, *, keyed: bool) -> tuple[int, str]:
    """Exit code (0: no failure) and output of a run in one mode."""
    settings = mode_settings(folder, temporal, keyed=keyed)
    headers = {"Authorization": f"Bearer {KEY}"} if keyed else {}
    async with AsyncExitStack() as stack:
        # Every call is tried with wrong keys too, from one address: the guard against that has tests of its own.
        stack.enter_context(patch.object(credentials, "WRONG_KEYS", "1000000/minute"))
        api = await stack.enter_async_context(serving(settings, headers=headers))
        await stack.enter_async_context(working(settings))
        (folder / "ids.txt").write_text("".join(f'"{song}"\n' for song in await _songs(api)))
        return await _call(folder, command(folder, str(api.http.base_url), wish, keyed=keyed))


async def _songs(api: Api) -> list[str]:
    """Songs that calls can be about: one that waits, one that is complete, one that is cancelled."""
    waiting = await api.start(settings={"review": "all"})
    complete = await api.start()
    cancelled = await api.start(settings={"review": "all"})
    await api.until(waiting, status="waiting")
    await api.until(complete, status="completed")
    await api.send(cancelled, "cancellations")
    await api.until(cancelled, status="cancelled")
    return [waiting, complete, cancelled]


def command(folder: Path, url: str, wish: Wish, *, keyed: bool) -> list[str]:
    """The command line of a run; its configuration is written beside the songs' ids."""
    configuration = folder / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.read_text().replace("IDS", str(folder / "ids.txt")))
    found = [
        str(Path(sys.executable).with_name("schemathesis")), "--no-color", "--config-file", str(configuration),
        "run", f"{url}/openapi.json", "--phases", wish.phases, "--max-examples", str(wish.examples),
        "--seed", str(wish.seed), "--generation-database", "none", "--checks", "all", "--continue-on-failure",
        "--workers", "1", "--no-shrink", "--request-timeout", "60", "--suppress-health-check", "all",
    ]  # fmt: skip
    for path in ENDLESS:
        found += ["--exclude-path", path]
    if wish.only:
        found += ["--include-path-regex", wish.only]
    if wish.max_time_s:
        found += ["--max-time", str(wish.max_time_s)]
    return [*found, "--header", f"Authorization: Bearer {KEY}"] if keyed else found


async def _call(folder: Path, arguments: Sequence[str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONWARNINGS": "default",
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "PYTHONPATH": str(ROOT),
        },
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, output.decode(errors="replace")
