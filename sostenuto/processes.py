"""Child processes that cannot outlive this one: each in its own group, its output in a log file."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from sostenuto import child as child_script
from sostenuto import watchdog as watchdog_script
from sostenuto.watchdog import alive

MAX_LOG_BYTES = 10_000_000
SLOW_S = 1.5


class Watchdog:
    """The process that ends the children when this one is killed; it also keeps `lock_fd` open until then."""

    def __init__(self, lock_fd: int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(watchdog_script.__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=() if lock_fd is None else (lock_fd,),
            start_new_session=True,
            cwd="/",
        )

    def watch(self, group: int) -> None:
        """Look after a process group."""
        self._tell(f"+{group}\n")

    def forget(self, group: int) -> None:
        """The group has ended; its number may be used by others now."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Say farewell; groups still watched are ended."""
        pipe = self._process.stdin
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=3 * watchdog_script.GRACE_S)

    def _tell(self, line: str) -> None:
        pipe = self._process.stdin
        if pipe is not None and not pipe.closed:
            with contextlib.suppress(BrokenPipeError):
                pipe.write(line.encode())
                pipe.flush()


class Child:
    """A running program. `log` receives its output and is started anew when it has grown beyond 10 MB."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        watchdog: Watchdog,
    ) -> None:
        self.log = log
        self._watchdog = watchdog
        with _open_log(log) as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(Path(child_script.__file__).resolve())),
                    str(os.getpid()),
                    *command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                process_group=0,
            )
        self.started = time.monotonic()
        watchdog.watch(self.pid)

    @property
    def pid(self) -> int:
        """Process id, and the id of its group."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs. The rest of a dead one's group is ended."""
        code = self._process.poll()
        if code is not None:
            self._end_group()
        return code

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        code = self._process.returncode
        if code is None:
            return "still running"
        return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def output(self) -> str:
        """What it has written since it started, at most the last 20,000 bytes."""
        try:
            with self.log.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(self._log_start, size - 20_000))
                return file.read().decode(errors="replace")
        except OSError:
            return ""

    def stop(self, patience: float, *, slow: Callable[[], None] = lambda: None) -> bool:
        """SIGTERM, up to `patience` seconds, then SIGKILL for the whole group. True if it went by itself.

        `slow` is called once if it has not gone after SLOW_S seconds.
        """
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        went = self._gone_within(min(SLOW_S, patience))
        if not went and patience > SLOW_S:
            slow()
            went = self._gone_within(patience - SLOW_S)
        self._end_group()
        self._process.wait()
        return went

    def _gone_within(self, seconds: float) -> bool:
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _end_group(self) -> None:
        if alive(self.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        self._watchdog.forget(self.pid)


def _open_log(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    return log.open("ab")
