"""The environment of the peers: made on first use, made again when its requirements change."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-peers"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class PeersUnavailableError(Exception):
    """The peers cannot be installed here; the message says which step failed."""


def peers_python() -> Path:
    """The interpreter of the peers; installs them into `.venv-peers/` first where they are missing or out of date."""
    python = FOLDER / "bin" / "python"
    mark = FOLDER / "requirements.sha256"
    wanted = sha256(f"{REQUIREMENTS.read_text()}\x1f{sys.version}".encode()).hexdigest()
    if python.exists() and mark.exists() and mark.read_text() == wanted:
        return python
    print("installing the peers into .venv-peers/ (once, about 450 MB)", file=sys.stderr, flush=True)
    uv = _uv()
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run([uv, "venv", "--quiet", "--python", sys.executable, str(FOLDER)])
    _run([uv, "pip", "install", "--quiet", "--no-deps", "--python", str(python), "--requirement", str(REQUIREMENTS)])
    mark.write_text(wanted)
    return python


def _uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".venv-bootstrap" / "bin" / "uv")
    if not Path(found).exists():
        raise PeersUnavailableError("uv was not found; start the benchmark with ./run bench-render, which brings it")
    return found


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise PeersUnavailableError(f"`{' '.join(command)}` failed ({done.returncode}): it needs the package index")
