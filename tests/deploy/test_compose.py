"""docker-compose.yml and the Dockerfile, judged by compose itself, the compose schema and hadolint.

No container engine is needed: `podman-compose config` only reads, merges and interpolates.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from deploy_support import ROOT, tool
from pydantic import AliasChoices

from storage.config import ENV_PREFIX, Settings, load_settings

COMPOSE = ROOT / "docker-compose.yml"
SECRETS = (
    "POSTGRES_PASSWORD",
    "SOSTENUTO_DB_PASSWORD",
    "TEMPORAL_DB_PASSWORD",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "SOSTENUTO_API_KEYS",
)
ONE_SHOT = {"temporal-schema", "temporal-namespace", "objects-bucket", "migrate"}
OURS = {"migrate", "api", "worker-light", "worker-heavy"}


def compose(*arguments: str, env_file: Path = ROOT / ".env.example") -> subprocess.CompletedProcess[str]:
    """Run compose with nothing of this machine's environment: only the file's values count."""
    # `config` never runs podman, but asks some program for its version first.
    command = [
        tool("podman-compose"),
        "--podman-path",
        "/bin/echo",
        "--file",
        str(COMPOSE),
        "--env-file",
        str(env_file),
    ]
    env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run([*command, *arguments], env=env, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    done = compose("config")
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr.lower(), done.stderr
    loaded: dict[str, Any] = yaml.safe_load(done.stdout)
    return loaded


@pytest.fixture(scope="module")
def services(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = config["services"]
    return found


def test_the_file_follows_the_compose_schema() -> None:
    done = subprocess.run(
        [tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("missing", SECRETS)
def test_nothing_starts_without_its_secret(tmp_path: Path, missing: str) -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    env_file = tmp_path / "env"
    env_file.write_text("\n".join(line for line in lines if not line.startswith(f"{missing}=")))
    done = compose("config", env_file=env_file)
    assert done.returncode != 0
    assert f"set {missing} in .env" in done.stderr


def test_no_secret_has_a_default() -> None:
    assert not re.findall(r"\$\{[A-Z_]*(?:PASSWORD|SECRET|KEY)[A-Z_]*:?-", COMPOSE.read_text())


def test_the_example_secrets_say_what_they_are() -> None:
    values = dict(re.findall(r"^(\w+)=(.+)$", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert set(values) == set(SECRETS)
    assert all(value.startswith("change-me-dev-only") for value in values.values())
    assert len(set(values.values())) == len(values)


def test_ports_are_published_on_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}
    assert set(published) == {"api", "temporal", "temporal-ui"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    reachable = {name for name, service in services.items() if "outside" in service["networks"]}
    assert set(published) <= reachable
    assert {"postgres", "objects"}.isdisjoint(reachable)


def test_images_are_pinned(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert re.search(r":\d+\.\d+", service["image"]), f"{name}: {service['image']}"


def test_setup_jobs_end_before_what_needs_them(services: dict[str, dict[str, Any]]) -> None:
    waited_for = {
        dependency
        for service in services.values()
        for dependency, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_completed_successfully"
    }
    assert waited_for == ONE_SHOT
    assert all(services[name]["restart"].startswith("on-failure") for name in ONE_SHOT)
    assert all(service["restart"] == "unless-stopped" for name, service in services.items() if name not in ONE_SHOT)


def test_what_is_waited_for_as_healthy_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        for dependency, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert services[dependency].get("healthcheck"), f"{name} waits for {dependency}"


def test_our_processes_run_with_little_power(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS:
        service = services[name]
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()


def test_mounted_files_exist(config: dict[str, Any], services: dict[str, dict[str, Any]]) -> None:
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]
    files = [ROOT / mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert len(files) == 5
    assert all(path.is_file() for path in files)
    assert all(mount.endswith(":ro") for mount in mounts if mount.startswith("./"))
    volumes = {mount.split(":")[0] for mount in mounts if not mount.startswith("./")}
    assert volumes == set(config["volumes"])


def documented() -> set[str]:
    text = (ROOT / "docs" / "operations.md").read_text()
    return set(re.findall(r"^\| `([A-Z0-9_]+)`", text, flags=re.MULTILINE))


def known_to_settings() -> set[str]:
    """Every variable that the program's settings read."""
    names: set[str] = set()
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [f"{ENV_PREFIX}{name.upper()}"]
        names |= {choice for choice in choices if isinstance(choice, str) and choice.isupper()}
    return names


def test_every_variable_is_documented(services: dict[str, dict[str, Any]]) -> None:
    ours = {variable for name in OURS for variable in services[name]["environment"]}
    in_file = set(re.findall(r"\$\{([A-Z0-9_]+)", COMPOSE.read_text()))
    example = set(re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert (ours | in_file | example | known_to_settings()) - documented() == set()
    assert example <= in_file | ours


def test_the_program_knows_every_variable_that_it_is_given(services: dict[str, dict[str, Any]]) -> None:
    given = {variable for name in OURS for variable in services[name]["environment"]}
    read_elsewhere = {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "SOSTENUTO_BUILD_ID"}
    vendors = {name for name in given if name.endswith(("_API_KEY", "_API_TOKEN"))}
    assert given - read_elsewhere - vendors <= known_to_settings()


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_program_accepts_what_it_is_given(
    services: dict[str, dict[str, Any]], name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in known_to_settings() | {"SOSTENUTO_CONFIG"}:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in services[name]["environment"].items():
        if value is not None:
            monkeypatch.setenv(variable, str(value))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.database_url.startswith("postgresql+asyncpg://sostenuto:change-me")
    assert settings.log_format == "json"
    if name != "migrate":
        assert settings.media_url == "s3://sostenuto"
        assert settings.s3_allow_http


def test_the_dockerfile_passes_hadolint() -> None:
    done = subprocess.run([tool("hadolint"), str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_has_the_packages_that_the_bootstrap_installs() -> None:
    packages = re.search(r"^SAMPLER = \((.*)\)$", (ROOT / "run").read_text(), flags=re.MULTILINE)
    assert packages
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert all(name in dockerfile for name in re.findall(r'"([^"]+)"', packages.group(1)))


def test_the_image_builds_the_pages_with_a_node_that_they_take() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    node = re.search(r"^FROM node:(\d+)", dockerfile, flags=re.MULTILINE)
    wanted = json.loads((ROOT / "web" / "package.json").read_text())["engines"]["node"]
    oldest = re.fullmatch(r">=(\d+)\.\d+", wanted)
    assert node
    assert oldest
    assert int(node[1]) >= int(oldest[1])
    assert "COPY --from=pages /web/dist web/dist" in dockerfile
    assert {"**/node_modules", "web/dist"} <= set((ROOT / ".dockerignore").read_text().splitlines())


def test_secrets_stay_out_of_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".git", ".env", ".env.*"} <= set(ignored)


def test_the_server_knows_every_dynamic_setting() -> None:
    # The server ignores a misspelt key without a word, so the names are looked up in the server itself.
    settings = yaml.safe_load((ROOT / "deploy" / "temporal" / "dynamicconfig.yaml").read_text())
    server = Path(tool("temporal")).read_bytes()
    unknown = [key for key in settings if key.encode() not in server]
    assert unknown == []
    assert settings["system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"] == [{"value": 2}]


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*/*.sh")), ids=lambda path: path.name)
def test_scripts_pass_shellcheck(script: Path) -> None:
    done = subprocess.run([tool("shellcheck"), str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
