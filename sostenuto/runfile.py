"""`run.json` and `run.lock` in the data folder: whether a server is up for it, and where."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import ServerUnavailable


class RunState(BaseModel):
    """What a running server says of itself; `keeps`: it stays up by itself, not only for one command."""

    model_config = ConfigDict(frozen=True)

    pid: int
    version: str
    state: Literal["starting", "ready"]
    keeps: bool = True
    api_only: bool = False
    api_url: str
    temporal_address: str | None = None
    temporal_ui: str | None = None
    pids: dict[str, int] = {}
    ports: dict[str, int] = {}


class RunFile:
    """The state file of a data folder and the lock of whoever runs a server for it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.path = data_dir / "run.json"
        self.lock_path = data_dir / "run.lock"
        self._lock: int | None = None

    @property
    def lock_fd(self) -> int | None:
        """The held lock's file descriptor."""
        return self._lock

    def acquire(self, patience: float = 0.0) -> bool:
        """Take the lock, waiting up to `patience` seconds; False when another process keeps it.

        Raises ServerUnavailable when the data folder cannot be written to.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ServerUnavailable(
                f"the data folder {self.data_dir} cannot be used ({error.strerror}): choose another with --data"
            ) from None
        deadline = time.monotonic() + patience
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._lock = handle
                return True
            if time.monotonic() >= deadline:
                os.close(handle)
                return False
            time.sleep(0.05)

    def release(self) -> None:
        """Remove the state and give the lock back."""
        if self._lock is None:
            return
        self.path.unlink(missing_ok=True)
        os.close(self._lock)
        self._lock = None

    def write(self, state: RunState) -> None:
        """Say what is running; a reader sees the old state or the new one, never a part."""
        fresh = self.path.with_suffix(".json.new")
        fresh.write_text(state.model_dump_json(indent=2) + "\n", encoding="utf-8")
        fresh.replace(self.path)

    def read(self) -> RunState | None:
        """The state of a server that is alive; None when there is none, whatever an old file says."""
        try:
            state = RunState.model_validate_json(self.path.read_bytes())
        except (OSError, ValidationError):
            return None
        return state if self._is_locked() and _runs(state.pid) else None

    def _is_locked(self) -> bool:
        try:
            handle = os.open(self.lock_path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            return False
        finally:
            os.close(handle)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
