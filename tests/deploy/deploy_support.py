"""What the tests of the bootstrap and of the deployment share."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Plays uv: answers `--version`, notes every call, and fails at the step that UV_FAILS names.
FAKE_UV = """#!/bin/sh
case "$1" in
    --version) echo "uv 0.13.9" ;;
    python) exit 1 ;;
    *) exec {python} -I -S {script} "$@" ;;
esac
"""
# Play Node and npm: a version, and the same notes; UV_FAILS names a script of package.json, too.
FAKE_NODE = """#!/bin/sh
echo "${{NODE_VERSION:-v22.12.0}}"
"""
FAKE_NPM = """#!/bin/sh
exec {python} -I -S {script} npm "$@"
"""
NOTE_CALL = """
import json, os, sys
keep = ("HOME", "UV_PYTHON_DOWNLOADS", "UV_CACHE_DIR")
call = dict(arguments=sys.argv[1:], cwd=os.getcwd(), env={name: os.environ.get(name) for name in keep})
with open(os.environ["UV_CALLS"], "a") as log:
    print(json.dumps(call), file=log)
if "pytest" in sys.argv:
    print("=" * 20, "3 passed in 0.10s", "=" * 20)
fails = os.environ.get("UV_FAILS", "")
sys.exit(7 if fails and fails in sys.argv else 0)
"""


@dataclass(frozen=True)
class Call:
    arguments: list[str]
    cwd: str
    env: dict[str, str | None]


@dataclass(frozen=True)
class Checkout:
    """A copy of the bootstrap files whose `uv` and `npm` only note what they were asked."""

    folder: Path
    bin: Path
    log: Path

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        base = {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL") if name in os.environ}
        base |= {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "UV_CALLS": str(self.log),
            "SOSTENUTO_NO_APT": "1",
            "PYTHONUTF8": "1",
        }
        return subprocess.run(
            command, env={**base, **(env or {})}, cwd=cwd or self.folder, capture_output=True, text=True, timeout=120
        )

    def calls(self) -> list[Call]:
        return [Call(**json.loads(line)) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def last(self) -> list[str]:
        return self.calls()[-1].arguments


def copy_of_bootstrap(tmp_path: Path) -> Checkout:
    """The bootstrap files in a folder with a blank in its name, and a `uv` and an `npm` that only note their calls."""
    folder, stubs = tmp_path / "check out", tmp_path / "bin"
    stubs.mkdir()
    (folder / ".ci").mkdir(parents=True)
    for name in ("run", "Makefile", ".ci/run"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "web" / "node_modules").mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        (folder / "web" / name).write_text("{}")
    python = Path(sys.executable).resolve()
    script = tmp_path / "note_call.py"
    script.write_text(NOTE_CALL)
    for name, text in (("uv", FAKE_UV), ("node", FAKE_NODE), ("npm", FAKE_NPM)):
        (stubs / name).write_text(text.format(python=python, script=script))
        (stubs / name).chmod(0o755)
    (stubs / "python3").symlink_to(python)
    return Checkout(folder, stubs, tmp_path / "calls.jsonl")


def tool(name: str) -> str:
    """A program of the development environment; the tests need it, so its absence is a failure."""
    found = shutil.which(name, path=f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")
    assert found, f"{name} is not installed: it belongs to the dev dependency group"
    return found
