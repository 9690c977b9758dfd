"""The environment of the ears: made on first use, made again when its requirements change."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-ears"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
FROM_SOURCE = Path(__file__).with_name("requirements-source.txt")
# madmom asks for its own version under the name of the package that its wheels stand in for.
STAND_IN = ("madmom-0.17.dist-info", "Metadata-Version: 2.1\nName: madmom\nVersion: 0.17\n")


class EarsUnavailableError(Exception):
    """The ears cannot be installed here; the message says which step failed."""


def ears_python() -> Path:
    """The interpreter of the ears; installs them into `.venv-ears/` first where they are missing or out of date."""
    python = FOLDER / "bin" / "python"
    mark = FOLDER / "requirements.sha256"
    wanted = fingerprint()
    if python.exists() and mark.exists() and mark.read_text() == wanted:
        return python
    print("installing the ears into .venv-ears/ (once, about 60 MB; vamp is built with the C++ compiler)", flush=True)
    _install(python)
    mark.write_text(wanted)
    return python


def fingerprint() -> str:
    """Hash of the requirements, the stand-in and the interpreter's version."""
    parts = [REQUIREMENTS.read_text(), FROM_SOURCE.read_text(), *STAND_IN, sys.version]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _install(python: Path) -> None:
    uv = _uv()
    into = ["--quiet", "--no-deps", "--python", str(python)]
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run([uv, "venv", "--quiet", "--python", sys.executable, str(FOLDER)])
    _run([uv, "pip", "install", *into, "--requirement", str(REQUIREMENTS)])
    _run([uv, "pip", "install", *into, "--no-build-isolation", "--requirement", str(FROM_SOURCE)])
    for site in FOLDER.glob("lib/python*/site-packages"):
        folder = site / STAND_IN[0]
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text(STAND_IN[1])


def _uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".venv-bootstrap" / "bin" / "uv")
    if not Path(found).exists():
        raise EarsUnavailableError("uv was not found; start the benchmark with ./run bench-music, which brings it")
    return found


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise EarsUnavailableError(
            f"`{' '.join(command)}` failed ({done.returncode}); the ears need Python 3.11 or 3.12, a C++ compiler and "
            "the package index. Run with --no-ears for what needs no ears"
        )
