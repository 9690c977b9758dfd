"""The pages that the API serves: built where they are missing, or not those of the sources that are here."""

import fcntl
import os
import subprocess
from pathlib import Path

from tests.studio.processes import ROOT

ELSEWHERE = "SOSTENUTO_STUDIO_DIR"


def built_pages() -> Path:
    """The folder of the built pages, made by `./run web` as a person would; or that which the environment names."""
    if named := os.environ.get(ELSEWHERE):
        return Path(named)
    # Tests in several processes may find stale pages at the same time; one of them builds.
    with (ROOT / "web" / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([str(ROOT / "run"), "web"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the pages could not be built by ./run web:\n{done.stdout}\n{done.stderr}"
    return ROOT / "web" / "dist"
