"""Secrets that are planted everywhere, and a search for them wherever somebody could read them.

The API runs in a process of its own, so that its real log is read; what its clients were told, its database, the
histories of its workflows, its stored files and its command line are searched too.
"""

import base64
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.client import Client

from storage.database import Database
from storage.events import last_seq
from tests.api.conftest import PROMPT, settings_in, working
from tests.api.processes import Process, api_process
from tests.fixtures.temporal import free_port, running_temporal

CONFIGURED = "canary-configured-key+/0123456789"
PROVIDER_KEYS = ("openai_api_key", "suno_api_key", "replicate_api_token", "suno_webhook_key", "elevenlabs_api_key")
# Where a secret must be kept to be of use: what messages of an endpoint are signed with.
KEPT = {("webhook_endpoints", "secret"), ("webhook_endpoints", "previous_secret")}
TOKEN = "canaryCallbackToken0123456789"


@dataclass
class Run:
    """What was planted, and everything that can be read afterwards: by whom or where, and what it says."""

    planted: dict[str, str]
    told: dict[str, str] = field(default_factory=dict)

    def tell(self, place: str, words: str) -> None:
        self.told[place] = self.told.get(place, "") + "\n" + words

    def found(self) -> set[tuple[str, str]]:
        """Which secret stands where, in any of its forms."""
        return {
            (name, place)
            for name, secret in self.planted.items()
            for place, words in self.told.items()
            if any(form in words for form in forms(secret))
        }


def forms(secret: str) -> Iterator[str]:
    """How a secret could be written: as it is, for addresses, in hex, and in base64 from each of three offsets."""
    data = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield data.hex()
    yield json.dumps(secret)[1:-1]
    for offset in range(3):
        coded = base64.b64encode(b"\0" * offset + data).decode()
        # The first and the last group depend on what stands around the secret.
        middle = coded[(4 if offset else 0) : len(coded) - 4]
        yield middle
        yield middle.replace("+", "-").replace("/", "_")


async def answered(run: Run, api: Process, method: str, path: str, *, secret: str = "", **given: Any) -> httpx.Response:
    """A call whose answer is searched, unless it is the one that shows `secret`: then for everything else."""
    answer = await api.http.request(method, path, **given)
    words = f"{answer.text}\n{list(answer.headers.items())}"
    run.tell(f"answer to {method} {path.partition('?')[0][:60]}", words.replace(secret, "") if secret else words)
    return answer


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def issue(run: Run, api: Process) -> None:
    """A key, a session, an invitation and a webhook endpoint: what is shown once is planted from then on."""
    owner = bearer(CONFIGURED)
    made = await api.http.post("/v1/api-keys", json={"name": "issued", "scopes": ["read", "write"]}, headers=owner)
    run.planted["issued key"] = made.json()["key"]
    opened = await api.http.post("/v1/sessions", json={"api_key": run.planted["issued key"]})
    assert opened.status_code == 201, opened.text
    run.planted["session"] = next(iter(opened.cookies.values()))
    run.tell("answer that opens a session", opened.text)
    api.http.cookies.clear()
    hook = await api.http.post("/v1/webhook-endpoints", json={"url": "https://example.com/hooks"}, headers=owner)
    run.planted["webhook secret"] = hook.json()["secret"]
    run.planted["webhook secret's bytes"] = hook.json()["secret"].removeprefix("whsec_")
    # Refused keys are secrets as well: mostly a good one with a slip.
    run.planted["refused key"] = "canary-refused-key-0123456789"
    run.planted["callback token"] = TOKEN


async def use(run: Run, api: Process) -> str:
    """Good calls and bad ones, in all the ways that a secret travels; the song that they were about."""
    owner = bearer(CONFIGURED)
    body = {"prompt": PROMPT, "settings": {"review": "all"}}
    song = (await answered(run, api, "POST", "/v1/compositions", json=body, headers=owner)).json()["id"]
    root = f"/v1/compositions/{song}"
    invitation = await api.http.post(f"{root}/collaborators", json={"role": "viewer"}, headers=owner)
    run.planted["invitation"] = token = invitation.json()["token"]
    for headers in (
        bearer(run.planted["refused key"]),
        {"Authorization": run.planted["refused key"]},
        {"Authorization": f"Basic {base64.b64encode(CONFIGURED.encode()).decode()}"},
        {"Authorization": f"Bearer {CONFIGURED} {CONFIGURED}"},
        {"Cookie": f"sostenuto_session={run.planted['session']}x"},
        {"Authorization": f"Bearer  {run.planted['issued key']}"},
        {"Cookie": f"sostenuto_session={run.planted['session']}"},
        owner,
    ):
        for path in (
            "/v1/me",
            root,
            f"{root}/status",
            f"{root}/download",
            "/v1/providers",
            "/v1/nothing",
            "/v1/api-keys",
        ):
            await answered(run, api, "GET", path, headers=headers)
        await answered(run, api, "POST", f"{root}/advances", json={"target": "mixdown"}, headers=headers)
        await answered(run, api, "POST", "/v1/sessions", content=b"{", headers=headers)
    for path in (f"/v1/invitations/{token}", f"/v1/invitations/{token}/"):
        await answered(run, api, "GET", path, secret=token)
    await answered(run, api, "POST", f"/v1/invitations/{token}/acceptance", json=[], headers=owner, secret=token)
    await answered(run, api, "POST", f"/v1/provider-callbacks/suno/{TOKEN}", content=b"{}", secret=TOKEN)
    await answered(run, api, "POST", "/v1/sessions", json={"api_key": run.planted["refused key"]})
    await answered(run, api, "GET", "/v1/webhook-endpoints", headers=owner)
    await answered(run, api, "POST", f"{root}/revisions", json={"instruction": "make it purple"}, headers=owner)
    wished = {"prompt": PROMPT, "settings": {"providers_preferred": ["suno"], "production": "suno"}}
    await answered(run, api, "POST", "/v1/compositions", json=wished, headers=owner)
    for _ in range(600):
        state = (await api.http.get(f"{root}/status", headers=owner)).json()
        if state["status"] == "waiting":
            break
    await answered(run, api, "GET", f"{root}/provider-tasks", headers=owner)
    await answered(run, api, "POST", f"{root}/cancellations", headers=owner)
    return str(song)


async def read_database(run: Run, url: str) -> None:
    """Every cell of every table, but for the few that keep a secret."""
    database = Database(url)
    async with database.engine.connect() as session:
        tables = (await session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))).scalars().all()
        assert {"events", "idempotency", "webhook_endpoints", "api_keys"} <= {*tables, "idempotency"}
        for table in tables:
            for row in (await session.execute(text(f'SELECT * FROM "{table}"'))).mappings():
                for column, value in row.items():
                    if (table, column) not in KEPT:
                        run.tell(
                            f"table {table}.{column}",
                            value.decode(errors="replace") if isinstance(value, bytes) else str(value),
                        )
    await database.close()


async def read_histories(run: Run, address: str) -> None:
    """Every history of every workflow, its payloads decoded."""
    client = await Client.connect(address)
    count = 0
    async for workflow in client.list_workflows():
        history = await client.get_workflow_handle(workflow.id, run_id=workflow.run_id).fetch_history()
        count += 1
        words = history.to_json()
        run.tell(f"history of {workflow.workflow_type}", words + "\n" + "\n".join(_decoded(json.loads(words))))
    assert count


def _decoded(value: Any) -> Iterator[str]:
    """Every base64 text inside, in clear."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _decoded(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _decoded(inner)
    elif isinstance(value, str):
        try:
            yield base64.b64decode(value, validate=True).decode(errors="replace")
        except ValueError:
            return


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Run]:
    folder: Path = tmp_path_factory.mktemp("canaries")
    data = folder / "data"
    data.mkdir()
    planted = {"configured key": CONFIGURED, "S3 secret": "canary-s3-secret-0123", "S3 key id": "canary-s3-id-0123"}
    planted |= {name: f"canary-{name}-0123456789" for name in PROVIDER_KEYS}
    found = Run(planted)
    dead = f"http://127.0.0.1:{free_port()}"
    with running_temporal() as temporal:
        values: dict[str, Any] = {
            "temporal_address": temporal,
            "s3_secret_access_key": planted["S3 secret"],
            "s3_access_key_id": planted["S3 key id"],
            **{f"{name}_base_url": dead for name in ("suno", "openai", "replicate", "elevenlabs")},
            **{name: planted[name] for name in PROVIDER_KEYS},
        }
        settings = settings_in(data, api_keys=[SecretStr(CONFIGURED)], **values)
        environment = {
            **values,
            "data_dir": str(data),
            "api_keys": CONFIGURED,
            "log_level": "DEBUG",
            "log_format": "json",
        }
        listener = _Listener()
        logging.getLogger().addHandler(listener)
        try:
            async with api_process(folder, environment) as api, working(settings):
                await issue(found, api)
                await use(found, api)
                found.tell("command line", api.arguments())
            await read_histories(found, temporal)
        finally:
            logging.getLogger().removeHandler(listener)
        found.tell("log of the API", api.output.read_text())
        found.tell("log of the worker", "\n".join(listener.lines))
        await read_database(found, settings.database_url)
        for file in data.rglob("*"):
            if file.is_file() and "sostenuto.db" not in file.name:
                found.tell("stored files", file.read_bytes().decode(errors="replace"))
        yield found


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(logging.Formatter().format(record))


def test_no_secret_is_anywhere_where_it_does_not_belong(run: Run) -> None:
    assert run.found() == set()


def test_the_search_has_looked_everywhere(run: Run) -> None:
    assert len(run.planted) >= 14
    assert all(len(secret) >= 12 for secret in run.planted.values())
    places = " ".join(run.told)
    for place in ("log of the API", "table events.payload", "history of", "stored files", "command line", "answer to"):
        assert place in places
    assert "request" in run.told["log of the API"]


@pytest.mark.parametrize("name", ["configured key", "issued key", "session", "invitation", "suno_api_key"])
def test_a_leak_would_be_found_in_each_form(run: Run, name: str) -> None:
    secret = run.planted[name]
    data = secret.encode()
    around = [f"x{secret}y", quote(secret, safe=""), data.hex(), json.dumps({"key": secret})]
    around += [base64.b64encode(b"Bearer"[:n] + data + b"!").decode() for n in range(4)]
    around += [base64.urlsafe_b64encode(b"?>"[:n] + data).decode() for n in range(3)]
    for words in around:
        assert (name, "somewhere") in Run({name: secret}, {"somewhere": words}).found(), words


async def test_a_password_of_the_database_is_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    url = f"postgresql+asyncpg://someone:canary-password-0123@127.0.0.1:{free_port()}/songs"
    database = Database(url)
    with pytest.raises(Exception, match="database") as caught:
        async with database.session() as session:
            await last_seq(session, "song")
    await database.close()
    told = Run({"database password": "canary-password-0123"}, {"error": f"{caught.value!r} {caplog.text} {database!r}"})
    assert told.found() == set()
