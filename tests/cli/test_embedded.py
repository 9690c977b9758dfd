import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from domain.errors import Conflict, ServerUnavailable
from sostenuto import embedded
from sostenuto.embedded import Embedded
from sostenuto.parts import API, TEMPORAL, child_environment, preferred_place
from sostenuto.processes import Child, Watchdog
from sostenuto.runfile import RunFile
from sostenuto.temporal_server import find_temporal, is_healthy
from storage.config import Settings, load_settings
from tests.cli.doubles import FAKE_API, FAKE_WORKER, PARTS, SUPERVISOR, WITHOUT_TEMPORAL, helper_pid


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("TEMPORAL_ADDRESS", "SOSTENUTO_TEMPORAL_ADDRESS", "SOSTENUTO_API_PORT", "SOSTENUTO_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return load_settings(data_dir=tmp_path / "data")


def test_starts_with_a_real_temporal_and_stops_cleanly(settings: Settings) -> None:
    said: list[str] = []
    with Embedded(settings, parts=PARTS, say=said.append) as server:
        pids = server.pids()
        assert set(pids) == {"temporal", "worker", "api"}
        assert is_healthy(find_temporal(), server.place.temporal_address)
        assert httpx.get(server.place.api_url + "/readyz").status_code == 200
        assert httpx.get(server.place.temporal_ui, follow_redirects=True).status_code == 200
        state = RunFile(settings.data_dir).read()
        assert state is not None
        assert state.state == "ready"
        assert state.pids == pids
        assert state.api_url == server.place.api_url
        helper = helper_pid(settings.data_dir)
        assert not gone(helper)
    assert all(gone(pid) for pid in pids.values())
    until(lambda: gone(helper))
    assert "drained" in (settings.data_dir / "logs" / "worker.log").read_text()
    assert (settings.data_dir / "temporal.db").stat().st_size > 0
    assert RunFile(settings.data_dir).read() is None
    assert not (settings.data_dir / "run.json").exists()
    # A busy machine may say besides that somebody takes time to end.
    assert said[:3] == ["starting Temporal", "starting the worker", "starting the API"]
    assert all("ends what it is doing" in line for line in said[3:])


def test_takes_a_free_port_when_the_usual_one_is_busy(settings: Settings) -> None:
    away = load_settings(data_dir=settings.data_dir, temporal_address="127.0.0.1:1")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        server = Embedded(away, parts=WITHOUT_TEMPORAL)
        server.place = replace(server.place, api_port=busy)
        with server:
            assert server.place.api_port != busy
            assert httpx.get(server.place.api_url + "/livez").status_code == 200


def test_a_port_that_was_asked_for_is_not_exchanged(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        asked = load_settings(data_dir=settings.data_dir, api_port=port, temporal_address="127.0.0.1:1")
        with pytest.raises(ServerUnavailable, match=f"port {port} is taken"):
            Embedded(asked, parts=WITHOUT_TEMPORAL).start(10)


def test_temporal_loses_a_port_race_and_takes_another(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        lost = taken.getsockname()[1]
        real = embedded.take
        answers = [lost]
        # The port was free when it was chosen and is taken when Temporal binds it.
        monkeypatch.setattr(embedded, "take", lambda port, **more: answers.pop() if answers else real(port, **more))
        with Embedded(settings, parts=PARTS) as server:
            assert server.place.temporal_port != lost
            assert is_healthy(find_temporal(), server.place.temporal_address)


@pytest.mark.chaos
@pytest.mark.parametrize("name", ["worker", "api", "temporal"])
def test_a_killed_child_comes_back_on_the_same_ports(settings: Settings, name: str) -> None:
    said: list[str] = []
    parts = PARTS if name == "temporal" else WITHOUT_TEMPORAL
    if name != "temporal":
        settings = load_settings(data_dir=settings.data_dir, temporal_address="127.0.0.1:1")
    with Embedded(settings, parts=parts, say=said.append) as server:
        place, before = server.place, server.pids()
        helper = helper_pid(settings.data_dir)
        os.kill(before[name], signal.SIGKILL)
        until(lambda: server.pids().get(name, before[name]) != before[name])
        assert server.place == place
        until(lambda: httpx.get(place.api_url + "/livez").status_code == 200 if name != "api" else True)
        if name == "worker":
            until(lambda: gone(helper))
        if name == "temporal":
            until(lambda: is_healthy(find_temporal(), place.temporal_address))
        state = RunFile(settings.data_dir).read()
        assert state is not None
        assert state.pids[name] == server.pids()[name]
        others = {part: pid for part, pid in before.items() if part != name}
        assert others.items() <= server.pids().items()
    assert any("SIGKILL" in line and "starts again" in line for line in said)


@pytest.mark.chaos
def test_children_go_when_the_supervisor_is_killed(settings: Settings) -> None:
    root = Path(embedded.__file__).parent.parent
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(settings.data_dir)],
        stdout=subprocess.PIPE,
        cwd=settings.data_dir.parent,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])},
    )
    assert supervisor.stdout is not None
    with supervisor.stdout:
        assert supervisor.stdout.readline() == b"up\n"
    state = RunFile(settings.data_dir).read()
    assert state is not None
    helper = helper_pid(settings.data_dir)
    supervisor.kill()
    supervisor.wait()
    began = time.monotonic()
    until(lambda: all(gone(pid) for pid in (*state.pids.values(), helper)))
    assert time.monotonic() - began < 5
    # The old state is noticed as stale, and the folder can be used again at once.
    assert RunFile(settings.data_dir).read() is None
    with Embedded(settings, parts=PARTS) as server:
        assert is_healthy(find_temporal(), server.place.temporal_address)


def test_the_watchdog_alone_is_enough(settings: Settings) -> None:
    """Where the system has no parent-death signal, and for a child that does not mind SIGTERM."""
    watchdog = Watchdog()
    child = Child(
        [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"],
        log=settings.data_dir / "logs" / "child.log",
        environment=os.environ,
        watchdog=watchdog,
    )
    assert child.poll() is None
    closing = threading.Thread(target=watchdog.close)
    closing.start()
    until(lambda: child.poll() is not None)
    closing.join(10)


def test_one_server_for_a_data_folder(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    away = load_settings(data_dir=settings.data_dir, temporal_address="127.0.0.1:1")
    with Embedded(away, parts=WITHOUT_TEMPORAL) as first:
        second = Embedded(away, parts=WITHOUT_TEMPORAL)
        monkeypatch.setattr(second.run_file, "acquire", lambda patience: False)
        with pytest.raises(Conflict, match=f"already up for .*{first.place.api_port}"):
            second.start()


def test_a_child_that_never_starts_is_told_with_its_last_words(settings: Settings) -> None:
    away = load_settings(data_dir=settings.data_dir, temporal_address="127.0.0.1:1")
    broken = replace(FAKE_API, command=lambda _: [sys.executable, "-c", "raise SystemExit('no database here')"])
    began = time.monotonic()
    with pytest.raises(ServerUnavailable, match=r"the API does not stay up \(exit code 1\): no database here"):
        Embedded(away, parts=(FAKE_WORKER, broken)).start(20)
    assert time.monotonic() - began < 10
    assert RunFile(settings.data_dir).read() is None


def test_no_dev_server_beside_a_configured_temporal(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert preferred_place(settings).own_temporal
    assert not preferred_place(load_settings(temporal_address="temporal.example:7233")).own_temporal
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    place = preferred_place(load_settings(data_dir=settings.data_dir))
    assert not place.own_temporal
    assert "SOSTENUTO_TEMPORAL_ADDRESS" not in child_environment(place, {})
    with Embedded(load_settings(data_dir=settings.data_dir), parts=PARTS) as server:
        assert set(server.pids()) == {"worker", "api"}


def test_children_of_an_own_temporal_are_not_led_elsewhere(settings: Settings) -> None:
    place = preferred_place(settings)
    environment = child_environment(place, {"TEMPORAL_API_KEY": "k", "TEMPORAL_PROFILE": "prod", "HOME": "/h"})
    assert environment["TEMPORAL_ADDRESS"] == place.temporal_address
    assert environment["HOME"] == "/h"
    assert not {"TEMPORAL_API_KEY", "TEMPORAL_PROFILE"} & set(environment)


def test_commands_of_the_parts(settings: Settings) -> None:
    place = preferred_place(settings)
    assert API.command(place)[1:] == ["-P", "-m", "sostenuto", "serve-api"]
    assert f"--db-filename={place.data_dir / 'temporal.db'}" in TEMPORAL.command(place)
    assert "--search-attribute=SongWaitingSince=Datetime" in TEMPORAL.command(place)
