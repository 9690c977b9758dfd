import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import httpx
import pytest

from domain.errors import ServerUnavailable
from sostenuto import cli, door
from sostenuto.door import Door, api_key
from sostenuto.embedded import Embedded
from sostenuto.runfile import RunFile
from storage.config import Settings, load_settings
from tests.cli.doubles import WITHOUT_TEMPORAL
from tests.cli.test_embedded import gone, until

ENVIRONMENT = {"PYTHONPATH": str(Path(cli.__file__).parent.parent)}


@pytest.fixture
def settings(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setattr(door, "Embedded", partial(Embedded, parts=WITHOUT_TEMPORAL))
    return load_settings()


def quiet(_: str) -> None:
    pass


def test_commands_share_a_server_and_hand_it_over(settings: Settings) -> None:
    with Door(settings, say=quiet) as first, Door(settings, say=quiet) as second:
        assert first.client.is_live()
        assert second.client.base_url == first.client.base_url
        assert first.owns_server
        assert not second.owns_server
        first.close()
        assert not second.client.is_live()
        assert second.reopen().is_live()
        assert second.owns_server
    assert RunFile(settings.data_dir).read() is None


def test_reading_starts_no_worker(settings: Settings) -> None:
    with Door(settings, say=quiet, reads=True) as reading:
        assert reading.client.is_live()
        state = RunFile(settings.data_dir).read()
        assert state is not None
        assert set(state.pids) == {"api"}


def test_a_named_api_is_the_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSTENUTO_API_URL", "https://songs.example")
    with Door(settings, say=quiet) as named:
        assert named.client.base_url == "https://songs.example"
        assert not named.owns_server
        with pytest.raises(ServerUnavailable, match="the song is safe"):
            named.reopen()


def test_which_key_is_presented(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api_key(load_settings()) is None
    monkeypatch.setenv("SOSTENUTO_API_KEYS", "first,second")
    assert api_key(load_settings()) == "first"
    monkeypatch.setenv("SOSTENUTO_API_KEY", "mine")
    assert api_key(load_settings()) == "mine"


@pytest.mark.chaos
def test_up_for_real(empty_folder: Path) -> None:
    """Every process is the real one: they come up, commands find them, they go in order."""
    up = subprocess.Popen(
        [sys.executable, "-m", "sostenuto", "up", "--json"],
        stdout=subprocess.PIPE, text=True, cwd=empty_folder, env=os.environ | ENVIRONMENT,
    )  # fmt: skip
    try:
        assert up.stdout is not None
        with up.stdout:
            told = json.loads(up.stdout.readline())
        assert httpx.get(told["api"] + "/readyz").status_code == 200
        assert cli._run(["list", "--json"]) == 0
        assert cli._run(["up"]) == 3
        up.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert up.wait(40) == 0
        assert time.monotonic() - began < 20
    finally:
        up.kill()
        up.wait()
    until(lambda: all(gone(pid) for pid in told["pids"].values()))
    logs = empty_folder / "data" / "logs"
    assert "worker drains" in (logs / "worker.log").read_text()
    assert "Traceback" not in "".join(log.read_text() for log in logs.glob("*.log"))
