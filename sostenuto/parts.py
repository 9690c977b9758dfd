"""The processes of an embedded server: what each is started with, and when it is ready."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from sostenuto.ports import LOOPBACK, answers
from sostenuto.processes import Child
from sostenuto.temporal_server import STARTED, find_temporal, start_command
from storage.config import Settings

TEMPORAL_PORT = 7233
UI_PORT = 8233

# What would lead a child of ours away from the dev server that was started for it.
_FOREIGN_TEMPORAL = (
    "TEMPORAL_PROFILE", "TEMPORAL_API_KEY", "TEMPORAL_TLS", "TEMPORAL_TLS_CLIENT_CERT_PATH",
    "TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_SERVER_NAME",
    "TEMPORAL_TLS_CLIENT_CERT_DATA", "TEMPORAL_TLS_CLIENT_KEY_DATA", "TEMPORAL_TLS_SERVER_CA_CERT_DATA",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where an embedded server keeps its data and listens."""

    data_dir: Path
    api_host: str
    api_port: int
    temporal_port: int
    ui_port: int
    own_temporal: bool
    temporal_address: str
    temporal_ui: str

    def with_temporal(self, port: int, ui_port: int) -> "Place":
        """The same place with the dev server on these ports."""
        return replace(
            self,
            temporal_port=port,
            ui_port=ui_port,
            temporal_address=f"{LOOPBACK}:{port}",
            temporal_ui=f"http://{LOOPBACK}:{ui_port}",
        )

    @property
    def api_url(self) -> str:
        """The root of the API, for this machine."""
        host = LOOPBACK if self.api_host in ("0.0.0.0", "::", "") else self.api_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.api_port}"


@dataclass(frozen=True)
class Part:
    """One process: its name, its program, how to see that it is ready, how long its stop may take in seconds."""

    name: str
    title: str
    command: Callable[[Place], list[str]]
    is_ready: Callable[[Place, Child], bool]
    patience: float
    ports: Callable[[Place], tuple[int, ...]] = lambda _: ()


def preferred_place(settings: Settings) -> Place:
    """The usual ports, and the dev server of our own unless a Temporal was named."""
    own = not temporal_configured(settings)
    place = Place(
        data_dir=Path(settings.data_dir).expanduser().resolve(),
        api_host=settings.api_host,
        api_port=settings.api_port,
        temporal_port=TEMPORAL_PORT,
        ui_port=UI_PORT,
        own_temporal=own,
        temporal_address=settings.temporal_address,
        temporal_ui=settings.temporal_ui_url,
    )
    return place.with_temporal(TEMPORAL_PORT, UI_PORT) if own else place


def temporal_configured(settings: Settings, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody said which Temporal to use, so that none has to be started."""
    named = any(environment.get(name) for name in ("TEMPORAL_ADDRESS", "TEMPORAL_PROFILE"))
    return named or "temporal_address" in settings.model_fields_set


def child_environment(place: Place, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of worker and API: that of this process, with the place's folder and ports."""
    child = dict(environment)
    child |= {
        "SOSTENUTO_DATA_DIR": str(place.data_dir),
        "SOSTENUTO_API_HOST": place.api_host,
        "SOSTENUTO_API_PORT": str(place.api_port),
        "PYTHONUNBUFFERED": "1",
    }
    if place.own_temporal:
        for name in _FOREIGN_TEMPORAL:
            child.pop(name, None)
        child |= {
            "SOSTENUTO_TEMPORAL_ADDRESS": place.temporal_address,
            "SOSTENUTO_TEMPORAL_NAMESPACE": "default",
            "SOSTENUTO_TEMPORAL_UI_URL": place.temporal_ui,
            "TEMPORAL_ADDRESS": place.temporal_address,
            "TEMPORAL_NAMESPACE": "default",
            "TEMPORAL_CONFIG_FILE": os.devnull,
        }
    return child


def _temporal_command(place: Place) -> list[str]:
    database = place.data_dir / "temporal.db"
    return start_command(find_temporal(), database=database, port=place.temporal_port, ui_port=place.ui_port)


def _temporal_ready(place: Place, child: Child) -> bool:
    # Another process may have taken the port and answer there: the line is written by our own server.
    return STARTED in child.output() and answers(place.temporal_port)


def _python(*arguments: str) -> Callable[[Place], list[str]]:
    # -P: a file of the same name in the working folder must not be taken for ours.
    return lambda _: [sys.executable, "-P", "-m", *arguments]


def api_answers(url: str, path: str = "/livez", timeout: float = 1.0) -> bool:
    """Whether the API at `url` answers `path` with 200; `timeout` in seconds."""
    try:
        return httpx.get(url + path, timeout=timeout, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _api_ready(place: Place, child: Child) -> bool:
    # Another server may have taken the port while ours was starting: ours answers with its own process id.
    try:
        answer = httpx.get(place.api_url + "/livez", timeout=1.0, trust_env=False)
        return answer.status_code == 200 and answer.json().get("pid") == child.pid
    except (httpx.HTTPError, ValueError, AttributeError):
        return False


TEMPORAL = Part(
    "temporal",
    "Temporal",
    _temporal_command,
    _temporal_ready,
    patience=10,
    ports=lambda p: (p.temporal_port, p.ui_port),
)
WORKER = Part("worker", "the worker", _python("worker", "--queues", "all"), lambda _place, _child: True, patience=30)
API = Part("api", "the API", _python("sostenuto", "serve-api"), _api_ready, patience=8, ports=lambda p: (p.api_port,))
