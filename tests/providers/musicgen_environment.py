"""Runs the tests of the real MusicGen in an environment of its own, made on first use and when its list changes."""

import os
import shutil
import subprocess
import sys
import sysconfig
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".venv-musicgen"
REQUIREMENTS = Path(__file__).with_name("musicgen-requirements.txt")
TESTS = "tests/providers/check_musicgen_model.py"


def python() -> Path:
    """The interpreter; it also sees the packages of the environment that this runs in, so only torch is added."""
    found = FOLDER / "bin" / "python"
    mark = FOLDER / "requirements.sha256"
    here = sysconfig.get_path("purelib")
    wanted = sha256("\x1f".join([REQUIREMENTS.read_text(), sys.version, here]).encode()).hexdigest()
    if found.exists() and mark.exists() and mark.read_text() == wanted:
        return found
    print("installing torch and transformers into .venv-musicgen/ (once, about 1.2 GB with a CPU build)", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(FOLDER)])
    _run([str(found), "-m", "pip", "install", "--quiet", "--no-input", "--requirement", str(REQUIREMENTS)])
    for site in FOLDER.glob("lib/python*/site-packages"):
        (site / "sostenuto.pth").write_text(here + "\n")
    mark.write_text(wanted)
    return found


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=True)


def main(arguments: list[str]) -> int:
    """Run pytest there and give its exit code. No hub is asked: the model is made on the spot."""
    # One thread: the model is tiny, and threads that wait for each other are slower than it.
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "OMP_NUM_THREADS": "1"}
    command = [str(python()), "-m", "pytest", TESTS, *arguments]
    return subprocess.run(command, env={**os.environ, **quiet}, cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
