"""The stack that the examples run against is the one of the command line's tests: only the sound is tiny."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Studio, client, studio, temporal_server
from tests.docs.pages import ROOT
from tests.docs.shell import Shell
from tests.fixtures.temporal import temporal_binary

__all__ = ["client", "studio", "temporal_server"]

NEEDED = ("bash", "curl")


@pytest.fixture
def shell(studio: Studio, tmp_path: Path) -> Iterator[Shell]:
    """A shell with the programs that the pages use."""
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing:
        pytest.skip(f"the examples use {' and '.join(missing)}, which this machine does not have")
    folders = (str(Path(sys.executable).parent), str(temporal_binary().parent), os.environ["PATH"])
    env = {
        "PATH": os.pathsep.join(folders), "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "NO_PROXY": "*",
        "SOSTENUTO_DATA_DIR": str(tmp_path / "data"),
    }  # fmt: skip
    with Shell(tmp_path, env) as running:
        yield running
