"""The Postman collection: current, well-formed, and run from top to bottom against a real API."""

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

import activities.books
from api.document import EVENT_STREAM, operations
from api.postman import FILE, LEFT_OUT, SCHEMA, UPLOAD, rendered
from storage.projection import project
from tests.api.conftest import Api, serving, settings_in, working
from tests.audio.foreign import tune, written
from tests.fixtures.temporal import running_temporal

KEY = "postman-key-0123456789"
LATE_S = 0.25
MOST_TRIES = 300

TEST = re.compile(r"pm\.test\(\"answers [\d or]+\", \(\) => \{")
EXPECT = re.compile(r"  pm\.expect\(pm\.response\.code\)\.to\.be\.oneOf\((\[[\d, ]+\])\);")
TAKE = re.compile(r"pm\.collectionVariables\.set\(\"(\w+)\", pm\.response\.json\(\)([\w.\[\]]+)\);")
AGAIN = re.compile(
    r"if \(!(\[.+\])\.includes\(pm\.response\.json\(\)\.status\)\) "
    r"\{ pm\.execution\.setNextRequest\(pm\.info\.requestId\); \}"
)


@pytest.fixture(scope="module")
def collection() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    """With a Temporal of its own: a worker serves one database."""
    with running_temporal() as address:
        settings = settings_in(tmp_path, temporal_address=address, api_keys=[SecretStr(KEY)])
        async with serving(settings) as served, working(settings):
            yield served


def requests(collection: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for folder in collection["item"]:
        yield from folder["item"]


def test_the_collection_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == rendered(), "docs/postman.json is stale: run `make openapi`"


def test_it_is_a_collection_with_every_operation(collection: dict[str, Any], api: Api) -> None:
    assert collection["info"]["schema"] == SCHEMA
    assert {"base_url", "api_key", "composition_id"} <= {variable["key"] for variable in collection["variable"]}
    ids = [item["id"] for item in requests(collection)]
    assert len(ids) == len(set(ids))
    called = {
        (item["request"]["method"].lower(), _shape(item["request"]["url"]["raw"])) for item in requests(collection)
    }
    document = api.server.config.app.openapi()
    for path, method, operation in operations(document):
        streams = EVENT_STREAM in operation["responses"].get("200", {}).get("content", {})
        if operation["operationId"] not in LEFT_OUT and not streams:
            assert any(known == method and re.fullmatch(_pattern(path), where) for known, where in called), path


def _shape(raw: str) -> str:
    return raw.removeprefix("{{base_url}}").partition("?")[0]


def _pattern(path: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))


class Runner:
    """Runs a collection's requests: variables, bodies, and the three forms of script lines that it has."""

    def __init__(self, collection: Mapping[str, Any], http: httpx.AsyncClient, folder: Path, **given: str) -> None:
        self.values = {variable["key"]: variable["value"] for variable in collection["variable"]} | given
        self.http, self.folder = http, folder
        self.asserted = 0

    def filled(self, text: str) -> str:
        text = text.replace("{{$guid}}", str(uuid.uuid4()))
        return re.sub(r"{{(\w+)}}", lambda found: self.values[found[1]] or "none", text)

    async def run(self, item: Mapping[str, Any]) -> None:
        for _ in range(MOST_TRIES):
            if not self.judge(item, await self.send(item["request"])):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{item['name']} is sent for ever")

    async def send(self, request: Mapping[str, Any]) -> httpx.Response:
        headers = {header["key"]: self.filled(header["value"]) for header in request["header"]}
        if key := self.values["api_key"]:
            headers["Authorization"] = f"Bearer {key}"
        body = request.get("body")
        content: bytes | None = None
        if body and body["mode"] == "file":
            content = (self.folder / body["file"]["src"]).read_bytes()
        elif body:
            content = self.filled(body["raw"]).encode()
        url = self.filled(request["url"]["raw"])
        return await self.http.request(request["method"], url, headers=headers, content=content)

    def judge(self, item: Mapping[str, Any], answer: httpx.Response) -> bool:
        """Do what the script says; whether it sends the request again. A line of another form is an error."""
        again = False
        for line in item["event"][0]["script"]["exec"]:
            if found := EXPECT.fullmatch(line):
                self.asserted += 1
                assert answer.status_code in json.loads(found[1]), f"{item['name']}: {answer.status_code} {answer.text}"
            elif found := TAKE.fullmatch(line):
                self.values[found[1]] = str(_at(answer.json(), found[2]))
            elif found := AGAIN.fullmatch(line):
                again = answer.json()["status"] not in json.loads(found[1])
            else:
                assert TEST.fullmatch(line) or line == "});", line
        return again


def _at(value: Any, place: str) -> Any:
    for name, number in re.findall(r"\.(\w+)|\[(\d+)\]", place):
        value = value[int(number)] if number else value[name]
    return value


async def _run(collection: dict[str, Any], http: httpx.AsyncClient, folder: Path, **given: str) -> Runner:
    (folder / UPLOAD).write_bytes(written(tune(seconds=5.0), format="WAV"))
    runner = Runner(collection, http, folder, base_url=str(http.base_url).rstrip("/"), **given)
    for item in requests(collection):
        await runner.run(item)
    return runner


async def test_it_runs_with_a_key_and_a_late_read_model(
    collection: dict[str, Any], keyed: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine writes it well after a command is answered: until then a song looks as it did before."""

    async def late(*given: Any, **named: Any) -> None:
        await asyncio.sleep(LATE_S)
        await project(*given, **named)

    monkeypatch.setattr(activities.books, "write_projection", late)
    runner = await _run(collection, keyed.http, tmp_path, api_key=KEY)
    assert runner.asserted >= len(list(requests(collection)))
    assert runner.values["composition_id"]


async def test_it_runs_without_a_key(collection: dict[str, Any], api: Api, tmp_path: Path) -> None:
    await _run(collection, api.http, tmp_path)


async def test_a_wrong_answer_fails(collection: dict[str, Any], lone_api: Api, tmp_path: Path) -> None:
    runner = Runner(collection, lone_api.http, tmp_path, base_url=str(lone_api.http.base_url).rstrip("/"))
    listed = next(item for item in requests(collection) if item["name"].startswith("A retry where nothing"))
    with pytest.raises(AssertionError, match="404"):
        await runner.run(listed)
