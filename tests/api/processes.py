"""API processes of their own: real ports, real logs, configured by their environment as an operator does it."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.fixtures.temporal import free_port

ROOT = Path(__file__).resolve().parents[2]
SERVE = "from api.server import serve; serve()"
PATIENCE_S = 40.0


@dataclass
class Process:
    """A served API: its process, a client of it, and the file that its output goes to."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    output: Path

    def arguments(self) -> str:
        """What everybody on the machine can see of it."""
        return Path(f"/proc/{self.process.pid}/cmdline").read_text()


@contextlib.asynccontextmanager
async def api_process(folder: Path, values: Mapping[str, str]) -> AsyncIterator[Process]:
    """An API in a process of its own, with `values` in its environment as SOSTENUTO_…; ended afterwards."""
    port = free_port()
    given = {f"SOSTENUTO_{name.upper()}": value for name, value in values.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SOSTENUTO_")}
    output = folder / f"api-{port}.log"
    with output.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVE, stdout=log, stderr=log,
            env={**kept, "SOSTENUTO_API_PORT": str(port), **given},
            cwd=ROOT,
        )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as http:
            await _until_served(process, http, output)
            yield Process(process, http, output)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_served(process: asyncio.subprocess.Process, http: httpx.AsyncClient, output: Path) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/livez")).status_code == 200:
                    return
            assert process.returncode is None, f"the API ended before it served: see {output}"
            await asyncio.sleep(0.05)
