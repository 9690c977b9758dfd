"""Workers and Temporal servers as processes of their own, to be killed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from domain.settings import SongSettings
from domain.song_input import QUEUE, WORKFLOW, SongInput, workflow_id
from domain.stages import ORDER, SongStatus
from domain.state import Snapshot
from domain.steps import STEPS, StepResult
from tests.fixtures.postgres import new_postgres_url, postgres_server
from tests.fixtures.replay import replay
from tests.fixtures.s3 import s3_server
from tests.fixtures.temporal import SEARCH_ATTRIBUTES, free_port, temporal_binary

__all__ = ["new_postgres_url", "postgres_server", "s3_server"]

REPOSITORY = Path(__file__).parents[2]
PROMPT = "dusty lo-fi with rhodes and vibraphone in F minor at 84 bpm, 20 seconds"


@dataclass
class Site:
    """One installation: a Temporal server on a file, a worker, stores in a folder or elsewhere."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    temporal: "subprocess.Popen[bytes] | None" = None
    worker: "subprocess.Popen[bytes] | None" = None
    _client: Client | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start_temporal(self) -> None:
        command = [
            str(temporal_binary()), "server", "start-dev", "--headless", "--ip", "127.0.0.1",
            "--port", str(self.port), "--db-filename", str(self.folder / "temporal.db"), "--log-level", "never",
        ]  # fmt: skip
        for name, kind in SEARCH_ATTRIBUTES.items():
            command += ["--search-attribute", f"{name}={kind}"]
        self.temporal = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        health = [str(temporal_binary()), "operator", "cluster", "health", "--address", self.address]
        for _ in range(200):
            if subprocess.run(health, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise TimeoutError("Temporal does not serve")

    def start_worker(self) -> None:
        environment = {
            **os.environ, "SOSTENUTO_DATA_DIR": str(self.folder), "TEMPORAL_ADDRESS": self.address, **self.environment,
        }  # fmt: skip
        with (self.folder / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "worker"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
            )

    def kill(self, *names: str) -> None:
        """As by power failure: SIGKILL."""
        for name in names:
            process = getattr(self, name)
            process.send_signal(signal.SIGKILL)
            process.wait()

    def close(self) -> None:
        for process in (self.worker, self.temporal):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    async def client(self) -> Client:
        if self._client is None:
            self._client = await Client.connect(self.address, data_converter=pydantic_data_converter)
        return self._client

    async def start_song(self, *, prompt: str = PROMPT, seed: int = 5, **settings: object) -> WorkflowHandle:
        song = uuid.uuid4().hex
        start = SongInput(
            composition_id=song, prompt=prompt, title="Chaos", seed=seed, settings=SongSettings.model_validate(settings)
        )
        client = await self.client()
        return await client.start_workflow(WORKFLOW, start, id=workflow_id(song), task_queue=QUEUE)

    async def snapshot(self, handle: WorkflowHandle) -> Snapshot:
        return await handle.query("snapshot", result_type=Snapshot)

    async def until(self, handle: WorkflowHandle, holds, within_s: float = 180) -> Snapshot:
        """Ask until something holds; a server or worker that is away is asked again."""
        deadline = time.monotonic() + within_s
        shown = None
        while time.monotonic() < deadline:
            try:
                async with asyncio.timeout(3):
                    shown = await self.snapshot(handle)
                if holds(shown):
                    return shown
            except Exception:
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.02)
        log = (self.folder / "worker.log").read_text()[-3000:]
        raise TimeoutError(f"the song stays {shown and (shown.stage, shown.status, shown.blocked)}\n{log}")

    async def finished(self, handle: WorkflowHandle) -> Snapshot:
        """The song at its end; its history is replayed and weighed."""
        ends = (SongStatus.COMPLETED, SongStatus.BLOCKED)
        shown = await self.until(handle, lambda s: s.status in ends and s.recorded)
        await replay(await handle.fetch_history())
        return shown


def files_of(shown: Snapshot) -> dict[str, str]:
    """Content hashes of everything that must be byte-identical."""
    exempt = {"verification", "report_json", "report_html", "index"}
    return {n: ref for stage in ORDER for n, ref in shown.stages[stage].artifacts.items() if n not in exempt}


async def computed_keys(handle: WorkflowHandle) -> list[str]:
    """Keys of all step results that were computed, not reused, as the song's history has them."""
    history = await handle.fetch_history()
    converter = pydantic_data_converter
    steps: dict[int, str] = {}
    keys = []
    for event in history.events:
        if event.HasField("activity_task_scheduled_event_attributes"):
            steps[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        elif event.HasField("activity_task_completed_event_attributes"):
            done = event.activity_task_completed_event_attributes
            if steps[done.scheduled_event_id] in STEPS:
                (result,) = await converter.decode(list(done.result.payloads), [StepResult])
                keys += [] if result.cached else [result.key]
    return keys


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    made.start_temporal()
    made.start_worker()
    yield made
    made.close()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of the song when nothing goes wrong."""
    made = Site(tmp_path_factory.mktemp("undisturbed"))
    made.start_temporal()
    made.start_worker()
    try:
        return asyncio.run(_files_of_one_song(made))
    finally:
        made.close()


async def _files_of_one_song(made: Site) -> dict[str, str]:
    handle = await made.start_song()
    shown = await made.finished(handle)
    assert shown.status is SongStatus.COMPLETED, shown.blocked
    return files_of(shown)
