"""One installation for the chaos run: the API, and workers as processes of their own that are killed and replaced."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
import numpy as np

from storage.database import Database
from tests.fixtures.temporal import free_port

ROOT: Final = Path(__file__).parents[1]
START_S: Final = 60.0


class Site:
    """Processes on a folder of their own. Their settings come from the environment alone."""

    def __init__(self, folder: Path, temporal: str, settings: Mapping[str, str], workers: int) -> None:
        self.folder, self.temporal = folder, temporal
        self.api = f"http://127.0.0.1:{free_port()}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SOSTENUTO_", "TEMPORAL_"))}
        self.environment = {
            **kept, "TEMPORAL_ADDRESS": temporal, "SOSTENUTO_TEMPORAL_ADDRESS": temporal,
            "SOSTENUTO_DATA_DIR": str(folder / "data"), "SOSTENUTO_CONFIG": str(folder / "settings.toml"),
            "SOSTENUTO_API_PORT": self.api.rpartition(":")[2], "SOSTENUTO_PUBLIC_URL": self.api,
            "SOSTENUTO_LOG_LEVEL": "WARNING", "SOSTENUTO_HEAVY_PROCESSES": "1", **settings,
        }  # fmt: skip
        self.database = f"sqlite+aiosqlite:///{folder / 'data' / 'sostenuto.db'}"
        self.kills = 0
        self._kept: list[subprocess.Popen[bytes]] = []
        self._workers: list[subprocess.Popen[bytes]] = []
        self._wanted = workers

    async def start(self) -> None:
        """Start everything; returns when the API serves."""
        (self.folder / "settings.toml").write_text("")
        sostenuto = str(Path(sys.executable).with_name("sostenuto"))
        database = Database(self.database)
        await database.migrate()
        await database.close()
        self._kept.append(self._process("api", [sostenuto, "serve-api"]))
        self._workers = [self._worker(number) for number in range(self._wanted)]
        async with asyncio.timeout(START_S), httpx.AsyncClient() as client:
            while True:
                try:
                    if (await client.get(f"{self.api}/livez")).is_success:
                        return
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.2)

    async def kill_at_random(self, draw: np.random.Generator, between_s: float) -> None:
        """Kill a worker as power failure would, about every `between_s` seconds, and start another in its place.

        Ends by cancellation.
        """
        while True:
            await asyncio.sleep(float(draw.uniform(0.4, 1.6)) * between_s)
            self.kill(int(draw.integers(len(self._workers))))

    def kill(self, number: int) -> None:
        """SIGKILL for one worker, and a new one in its place."""
        worker = self._workers[number]
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        self.kills += 1
        self._workers[number] = self._worker(number)

    def deaths(self) -> list[str]:
        """Processes that ended without having been killed by us."""
        gone = [process for process in (*self._kept, *self._workers) if process.poll() is not None]
        return [f"{' '.join(map(str, one.args))} ended with {one.returncode}" for one in gone]  # type: ignore[arg-type]

    def stop(self) -> None:
        """End all of them."""
        for process in (*self._workers, *reversed(self._kept)):
            if process.poll() is None:
                process.kill()
                process.wait()

    def _worker(self, number: int) -> "subprocess.Popen[bytes]":
        return self._process(f"worker-{number}", [sys.executable, "-m", "worker"])

    def _process(self, name: str, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
