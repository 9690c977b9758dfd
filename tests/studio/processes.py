"""The studio as it is deployed: Temporal, a worker and the API in processes of their own, on loopback.

The API is a process so that it can be taken away under an open page and brought back on the same port.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.fixtures.temporal import free_port, running_temporal

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 180.0
# Seconds that a killed process may take to be gone.
GONE_S = 15.0
# One page loads some forty files and asks for as much again: tests open hundreds of pages from one address.
UNLIMITED = {"RATE_LIMIT": "off", "START_LIMIT": "off", "MAX_RUNNING_SONGS": "0"}
CHEAPEST_SOUND = {"SOUND_SET": "tinysoundfont", "HEAVY_PROCESSES": "1"}


@dataclass
class Process:
    """A program with its environment and its log; it can be started again after it has ended."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    _running: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it; what it prints goes to the end of its log."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("SOSTENUTO_", "TEMPORAL_"))}
        command = [sys.executable, *self.arguments]
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                command, cwd=ROOT, env={**kept, **self.environment}, stdout=log, stderr=log
            )

    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._running is not None and self._running.poll() is None

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait until it is gone."""
        if self._running is None:
            return
        self._running.send_signal(how)
        try:
            self._running.wait(GONE_S)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        self._running = None

    def signal(self, what: signal.Signals) -> None:
        """Send a signal to it."""
        assert self._running is not None
        self._running.send_signal(what)


@dataclass
class ApiProcess:
    """An API on a port that it keeps when it is killed and comes back."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        """Where the studio is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, path: str = "/livez") -> None:
        """Start it and return when `path` answers."""
        self.process.start()
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            assert self.process.is_running(), f"the API ended before it served: see {self.process.log}"
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(self.url + path, timeout=5, trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the API is not ready after {PATIENCE_S:g} s: see {self.process.log}")

    def kill(self) -> None:
        """As by a power failure."""
        self.process.end(signal.SIGKILL)

    def restart(self) -> None:
        """Killed and started again, on the same port."""
        self.kill()
        self.start()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Gone for the block: nothing listens on its port."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextlib.contextmanager
    def stuck(self) -> Iterator[None]:
        """There for the block, taking connections, and answering nothing."""
        self.process.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.signal(signal.SIGCONT)


@dataclass
class Site:
    """One installation in a folder: Temporal, a worker with real steps, and APIs on the same songs."""

    folder: Path
    temporal: str
    environment: Mapping[str, str] = field(default_factory=dict)
    _processes: list[Process] = field(default_factory=list)

    def start_worker(self) -> None:
        """A worker that does every step itself, with the sound that costs least."""
        self._process("worker", ["-P", "-m", "worker", "--queues", "all"], {}).start()

    def start_api(self, name: str = "api", **settings: str) -> ApiProcess:
        """Another API on these songs, ready to work; `settings` as SOSTENUTO_…"""
        port = free_port()
        command = ["-P", "-m", "sostenuto", "serve-api"]
        api = ApiProcess(self._process(name, command, {"API_PORT": str(port), **settings}), port)
        api.start("/readyz")
        return api

    def stop(self) -> None:
        """End everything, newest first."""
        for process in reversed(self._processes):
            process.end()

    def _process(self, name: str, arguments: Sequence[str], settings: Mapping[str, str]) -> Process:
        given = {"DATA_DIR": str(self.folder / "data"), "CONFIG": str(self.folder / "settings.toml")}
        given |= {"TEMPORAL_ADDRESS": self.temporal, **UNLIMITED, **CHEAPEST_SOUND, **self.environment, **settings}
        environment = {f"SOSTENUTO_{name}": value for name, value in given.items()}
        environment |= {"TEMPORAL_ADDRESS": self.temporal, "PYTHONUNBUFFERED": "1"}
        process = Process(name, arguments, environment, self.folder / f"{name}.log")
        self._processes.append(process)
        return process


@contextlib.contextmanager
def running_site(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Site]:
    """Temporal and a worker for the block, gone afterwards."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text("")
    with running_temporal() as temporal:
        site = Site(folder, temporal, environment or {})
        try:
            site.start_worker()
            yield site
        finally:
            site.stop()
