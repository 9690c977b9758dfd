"""The embedded server: Temporal dev server, worker and API as children of this process.

    with Embedded(load_settings()) as server:
        client = Client(server.place.api_url)

One thread starts the children, mends what dies and stops them: the API first, then the worker, which finishes or
hands back what it does, then Temporal. `run.json` in the data folder tells other processes where the server is.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from domain.errors import Conflict, ServerUnavailable, SostenutoError
from sostenuto.parts import API, TEMPORAL, WORKER, Part, Place, api_answers, child_environment, preferred_place
from sostenuto.ports import is_free, take
from sostenuto.processes import Child, Watchdog
from sostenuto.runfile import RunFile, RunState
from sostenuto.version import VERSION
from storage.config import Settings

BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
MAX_FAILURES = 8
PORT_TRIES = 5

Say = Callable[[str], None]


@dataclass
class Running:
    """A part, its process and how its last lives ended. `due`: when it may start again, monotonic seconds."""

    part: Part
    child: Child | None = None
    failures: int = 0
    due: float = 0.0
    ready: bool = False


class Embedded:
    """Starts and keeps an embedded server for a data folder; a context manager.

    `keeps` says whether it stays up by itself (`up`) or only for one command. `api_only` starts just the API,
    which is enough to read. `say` receives lines for a person.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        say: Say = lambda _: None,
        keeps: bool = False,
        api_only: bool = False,
        parts: Sequence[Part] = (TEMPORAL, WORKER, API),
    ) -> None:
        self.settings = settings
        self.place: Place = preferred_place(settings)
        self.run_file = RunFile(self.place.data_dir)
        self._say = say
        self._keeps = keeps
        self._api_only = api_only
        self._state: Literal["starting", "ready"] = "starting"
        unwanted = ({"temporal", "worker"} if api_only else set()) | (
            set() if self.place.own_temporal else {"temporal"}
        )
        self._running = [Running(part) for part in parts if part.name not in unwanted]
        self._stop = threading.Event()
        self._failure: SostenutoError | None = None
        # Not Thread.join: in Python 3.11 and 3.12 a signal during it marks the living thread as ended.
        self._ended = threading.Event()
        self._ended.set()
        self._thread = threading.Thread(target=self._keep, name="sostenuto-embedded", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def logs(self) -> Path:
        """The folder of the children's log files."""
        return self.place.data_dir / "logs"

    def start(self, timeout: float = 90.0) -> None:
        """Start everything and return when it is ready; `timeout` in seconds.

        Raises Conflict when the data folder has a server already, ServerUnavailable when a process does not start.
        """
        if not self.run_file.acquire(patience=8.0):
            other = self.run_file.read()
            where = f" at {other.api_url} (process {other.pid})" if other else ""
            raise Conflict(f"a server is already up for {self.place.data_dir}{where}: use it, or stop it first")
        try:
            self._watchdog = Watchdog(self.run_file.lock_fd)
            self._ended.clear()
            self._thread.start()
            self._wait_until_ready(timeout)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything, in order; calling it twice is harmless. Ctrl-C while it waits kills what is left."""
        self._stop.set()
        while not self._ended.is_set():
            try:
                self._ended.wait()
            except KeyboardInterrupt:
                self.kill_now()
        self.run_file.release()

    def wait(self) -> None:
        """Block while the server is up. Raises ServerUnavailable when it had to give up."""
        self._ended.wait()
        if self._failure is not None:
            raise self._failure

    def kill_now(self) -> None:
        """SIGKILL for every child and what it started."""
        for pid in self.pids().values():
            try:
                os.killpg(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue

    def pids(self) -> dict[str, int]:
        """Process ids of the children that run, by part."""
        return {r.part.name: r.child.pid for r in self._running if r.child is not None}

    def _wait_until_ready(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        path = "/livez" if self._api_only else "/readyz"
        while not self._ended.is_set():
            if all(r.ready for r in self._running) and api_answers(self.place.api_url, path):
                self._state = "ready"
                self._write_state()
                return
            if time.monotonic() > deadline:
                slow = ", ".join(r.part.name for r in self._running if not r.ready) or f"{path} of the API"
                raise ServerUnavailable(
                    f"the server was not ready after {timeout:g} s (waiting for {slow}): see the logs in {self.logs}"
                )
            time.sleep(0.05)
        raise self._failure or ServerUnavailable("the server was stopped while it started")

    def _keep(self) -> None:
        try:
            self._write_state()
            for running in self._running:
                if not self._stop.is_set():
                    self._bring_up(running)
            while not self._stop.wait(0.1):
                for running in self._running:
                    self._mend(running)
        except SostenutoError as error:
            self._failure = error
        except OSError as error:
            self._failure = ServerUnavailable(f"the server cannot go on: {error}")
        finally:
            try:
                self._take_down()
            finally:
                self._ended.set()

    def _bring_up(self, running: Running) -> None:
        """First start: the ports are chosen, and Temporal answers before anything else starts."""
        self._say(f"starting {running.part.title}")
        for attempt in range(PORT_TRIES):
            self._choose_ports(running.part, fresh=attempt > 0)
            child = self._spawn(running)
            if running.part.name != TEMPORAL.name or self._comes_up(running, child):
                return
            if self._stop.is_set() or not self._lost_a_port(running.part):
                break
        if not self._stop.is_set():
            raise ServerUnavailable(self._obituary(running))

    def _comes_up(self, running: Running, child: Child) -> bool:
        while child.poll() is None and not self._stop.is_set():
            running.ready = running.part.is_ready(self.place, child)
            if running.ready:
                return True
            time.sleep(0.02)
        return False

    def _choose_ports(self, part: Part, *, fresh: bool) -> None:
        place = self.place
        if part.name == TEMPORAL.name:
            port = take(0 if fresh else place.temporal_port)
            ui_port = take(0 if fresh else place.ui_port, taken=(port,))
            self.place = place.with_temporal(port, ui_port)
        elif part.name == API.name and (fresh or not is_free(place.api_port, place.api_host)):
            if "api_port" in self.settings.model_fields_set and place.api_port:
                raise ServerUnavailable(f"port {place.api_port} is taken: choose another for the API, or none")
            taken = (place.temporal_port, place.ui_port)
            self.place = replace(place, api_port=take(0, taken=taken, host=place.api_host))

    def _spawn(self, running: Running) -> Child:
        running.ready = False
        child = Child(
            running.part.command(self.place),
            log=self.logs / f"{running.part.name}.log",
            environment=child_environment(self.place),
            watchdog=self._watchdog,
        )
        running.child = child
        self._write_state()
        return child

    def _mend(self, running: Running) -> None:
        child = running.child
        if child is None:
            if time.monotonic() >= running.due:
                self._spawn(running)
        elif child.poll() is None:
            running.ready = running.ready or running.part.is_ready(self.place, child)
        else:
            self._bury(running, child)

    def _bury(self, running: Running, child: Child) -> None:
        steady = time.monotonic() - child.started > STEADY_S
        running.failures = 1 if steady else running.failures + 1
        if running.failures >= MAX_FAILURES or (self._state == "starting" and running.failures >= 3):
            raise ServerUnavailable(self._obituary(running))
        if running.part.name == API.name and not running.ready and self._lost_a_port(running.part):
            self._choose_ports(running.part, fresh=True)
        delay = BACKOFF_S[min(running.failures, len(BACKOFF_S)) - 1]
        running.child, running.ready, running.due = None, False, time.monotonic() + delay
        self._write_state()
        self._say(f"{running.part.title} ended ({child.ending}); it starts again in {delay:g} s")

    def _lost_a_port(self, part: Part) -> bool:
        return not all(is_free(port) for port in part.ports(self.place))

    def _obituary(self, running: Running) -> str:
        child = running.child
        lines = [line for line in (child.output() if child else "").splitlines() if line.strip()]
        last = lines[-1][:300] if lines else "it wrote nothing"
        ending = child.ending if child else "ended"
        return f"{running.part.title} does not stay up ({ending}): {last} (log: {self.logs / running.part.name}.log)"

    def _take_down(self) -> None:
        order = ("api", "worker", "temporal")
        for running in sorted(self._running, key=lambda r: order.index(r.part.name)):
            if running.child is not None:
                title, patience = running.part.title, running.part.patience
                slow = partial(self._say, f"{title} ends what it is doing (Ctrl-C again: do not wait)")
                if not running.child.stop(patience, slow=slow):
                    self._say(f"{title} did not stop in {patience:g} s and was killed")
                running.child = None
        self._watchdog.close()

    def _write_state(self) -> None:
        place = self.place
        own = place.own_temporal and not self._api_only
        state = RunState(
            pid=os.getpid(),
            version=VERSION,
            state=self._state,
            keeps=self._keeps,
            api_only=self._api_only,
            api_url=place.api_url,
            temporal_address=place.temporal_address,
            temporal_ui=place.temporal_ui,
            pids=self.pids(),
            ports={"api": place.api_port}
            | ({"temporal": place.temporal_port, "temporal_ui": place.ui_port} if own else {}),
        )
        self.run_file.write(state)
