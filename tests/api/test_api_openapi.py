"""The OpenAPI document: valid, complete, what the application serves, and what is committed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from jsonschema import Draft202012Validator
from pydantic import SecretStr
from schemathesis.specs.openapi.definitions import OPENAPI_31

from api.app import create_app
from api.document import EVENT_STREAM, PROBLEMS, SNAPSHOT, operations, snapshot
from api.examples import example_of
from domain.events import PAYLOADS
from tests.api.conftest import Api, settings_in

PROBLEM = {"$ref": "#/components/schemas/Problem"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("openapi")
    return create_app(settings_in(folder, api_keys=[SecretStr("documents-only-0123456789")]))


@pytest.fixture(scope="module")
def document(served: FastAPI) -> dict[str, Any]:
    return served.openapi()


def test_the_snapshot_is_what_the_api_serves() -> None:
    stale = "docs/openapi.json is stale: run `make openapi` and read what has changed"
    assert SNAPSHOT.read_text(encoding="utf-8") == snapshot(), stale


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert _errors(OPENAPI_31, document) == []
    assert _errors(OPENAPI_31, {**document, "paths": {"no-slash": {}}})
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def _errors(schema: dict[str, Any], value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(schema).iter_errors(value)]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for kind, name in set(re.findall(r"#/components/(\w+)/(\w+)", json.dumps(document))):
        assert name in document["components"][kind]
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_it_lists_exactly_what_is_served(served: FastAPI, document: dict[str, Any]) -> None:
    routes: set[tuple[str, str]] = set()
    for context in iter_route_contexts(served.routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            routes |= {(context.path_format, method.lower()) for method in context.methods}
    assert {(path, method) for path, method, _ in operations(document)} == routes


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert re.fullmatch(rf"{operation['tags'][0]}-[a-z_]+", operation["operationId"]), where
        assert operation["summary"], where
        assert operation["description"].strip(), where
        assert not operation["summary"].endswith("."), where
        assert all(parameter["description"] for parameter in operation.get("parameters", ())), where


def test_problem_answers_are_listed_by_status(document: dict[str, Any]) -> None:
    answers = document["components"]["responses"]
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        listed = operation["responses"]
        assert not {"4XX", "5XX", "default"} & set(listed), where
        problems = {status: answer for status, answer in listed.items() if status >= "400"}
        for status, answer in problems.items():
            full = answers[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
            content = full["content"]["application/problem+json"]
            assert content["schema"] == PROBLEM, where
            assert content["example"]["status"] == int(status), where
        assert {"403", "500"} <= set(problems), where
        if operation["security"] and path.startswith("/v1/"):
            assert {"401", "429", "503"} <= set(problems), where
        if "{id}" in path:
            assert "404" in problems, where
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ())):
            assert {"409", "422", "413"} <= set(problems), where


def test_the_problems_follow_from_how_a_route_is_built(document: dict[str, Any]) -> None:
    assert [status for status, _, _ in PROBLEMS] == sorted({status for status, _, _ in PROBLEMS})
    listed = {op["operationId"]: {s for s in op["responses"] if s >= "400"} for _, _, op in operations(document)}
    assert listed["operations-livez"] == {"403", "500"}
    assert listed["songs-list_songs"] == {"401", "403", "422", "429", "500", "503"}
    assert listed["commands-advance"] >= {"400", "401", "403", "404", "409", "413", "422", "429", "500", "503"}
    assert "416" in listed["media-get_content"]


def test_every_model_and_every_json_body_has_a_valid_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema["examples"], name
        for example in schema["examples"]:
            _check(schema, example, document, name)
    for path, method, operation in operations(document):
        bodies = [operation.get("requestBody", {})]
        bodies += [answer for status, answer in operation["responses"].items() if status < "300"]
        for body in bodies:
            for kind, content in body.get("content", {}).items():
                if "json" in kind:
                    _check(content["schema"], content["example"], document, f"{method} {path}")


def test_an_example_says_more_than_that_it_is_text(document: dict[str, Any]) -> None:
    said = {name: json.dumps(schema["examples"]) for name, schema in document["components"]["schemas"].items()}
    assert [name for name, text in said.items() if '"text"' in text.replace('"text":', "")] == []


def _check(schema: dict[str, Any], example: Any, document: dict[str, Any], where: str) -> None:
    assert _errors({**schema, "components": document["components"]}, example) == [], where


def test_an_example_is_made_of_what_the_fields_are_called() -> None:
    schemas = {"Part": {"type": "object", "properties": {"tempo_bpm": {"type": "number"}}}}
    whole = {
        "title": "Whole",
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
            "ended": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
            "kind": {"enum": ["one", "two"], "type": "string"},
        },
    }
    assert example_of(whole, schemas) == {
        "title": "Rainy Window", "parts": [{"tempo_bpm": 75.0}], "ended": None, "kind": "one",
    }  # fmt: skip


def test_access_is_documented(served: FastAPI, document: dict[str, Any], tmp_path: Path) -> None:
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}
    needed = {op["operationId"]: op["security"] for _, _, op in operations(document)}
    assert needed["songs-start_song"] == [{"key": []}, {"session": []}]
    assert needed["songs-get_song"] == [{"key": []}, {"session": []}, {}]
    assert needed["operations-livez"] == []
    keyless = create_app(settings_in(tmp_path)).openapi()
    assert all({} in op["security"] or not op["security"] for _, _, op in operations(keyless))


def test_streams_say_what_their_messages_hold(document: dict[str, Any]) -> None:
    streams = [
        content
        for _, _, operation in operations(document)
        for kind, content in operation["responses"].get("200", {}).get("content", {}).items()
        if kind == EVENT_STREAM
    ]
    assert streams
    union = document["components"]["schemas"]["LiveMessage"]["anyOf"]
    assert {part["title"] for part in union if "title" in part} == {kind.value for kind in PAYLOADS}
    assert {"$ref": "#/components/schemas/Progress"} in union


async def test_the_running_api_serves_it(api: Api) -> None:
    told = (await api.http.get("/openapi.json")).json()
    assert told == create_app(api.settings).openapi()
