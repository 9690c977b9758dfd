"""The OpenAPI document: what the routes say of themselves, and what follows from how they are built.

Authors of routes write a docstring, models and success codes. From a route's dependencies, parameters and method
follow its problem answers by exact status, who may call it, and examples of what goes in and comes out.

`python -m api.document [FILE]` writes the snapshot that is committed.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, SecretStr

from api.callers import known_caller, somebody
from api.credentials import COOKIE
from api.examples import completed, example_of
from api.models import EventView, Progress
from api.problems import KINDS, MEDIA_TYPE, Problem
from api.services import SongDep, services_of, song_access
from domain.events import PAYLOADS, EventType
from storage.config import Settings, load_settings

SNAPSHOT = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
EVENT_STREAM = "text/event-stream"
LIVE_MESSAGE = "LiveMessage"
_REF = "#/components/schemas/"
_MORE: Sequence[type[BaseModel]] = (Problem, EventView, Progress, *PAYLOADS.values())

SECURITY_SCHEMES: Mapping[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key: configured (`SOSTENUTO_API_KEYS`) or issued by `POST /v1/api-keys`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "What `POST /v1/sessions` gives to a browser.",
    },
}


@dataclass(frozen=True)
class Route:
    """What the document derives from: an operation's route as it is served."""

    path: str
    method: str
    calls: frozenset[Callable[..., Any]]
    parameters: frozenset[str]
    has_path_parameters: bool
    json_body: bool
    has_body: bool
    ranged: bool

    @property
    def known(self) -> bool:
        """Whether it asks who calls."""
        return known_caller in self.calls

    @property
    def public(self) -> bool:
        """Whether somebody unknown may call it, too: for a public song, or to prove who they are."""
        open_song = song_access not in self.calls or _PUBLIC_SONG in self.calls
        return self.known and open_song and somebody not in self.calls

    @property
    def has_input(self) -> bool:
        """Whether something about it can be malformed."""
        return self.has_body or bool(self.parameters)


_PUBLIC_SONG = get_args(SongDep)[1].dependency

# Which problems an operation can answer with, by what it is made of: status, kind for the example, condition.
PROBLEMS: Sequence[tuple[int, str, Callable[[Route], bool]]] = (
    (400, "invalid_json", lambda route: route.json_body),
    (401, "unauthorized", lambda route: route.known),
    (403, "forbidden", lambda route: True),
    (404, "not_found", lambda route: route.has_path_parameters),
    (409, "conflict", lambda route: "idempotency-key" in route.parameters or route.method in ("patch", "delete")),
    (412, "precondition_failed", lambda route: "if-match" in route.parameters),
    (413, "body_too_large", lambda route: route.has_body or route.method in ("post", "put", "patch")),
    (416, "range_not_satisfiable", lambda route: route.ranged),
    (422, "invalid_input", lambda route: route.has_input),
    (429, "too_many_requests", lambda route: route.path.startswith("/v1/")),
    (500, "internal_error", lambda route: True),
    (503, "resource_unavailable", lambda route: services_of in route.calls or route.path.startswith("/v1/")),
)


def describe(app: FastAPI, settings: Settings) -> None:
    """Let `app` serve the whole document; without keys configured, no operation asks for one."""
    generate = app.openapi
    finished: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not finished:
            finished.update(_finished(generate(), app, keyless=not settings.api_keys))
        return finished

    app.openapi = openapi  # type: ignore[method-assign]


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method in lower case, and operation, in the order of the document."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _finished(document: dict[str, Any], app: FastAPI, *, keyless: bool) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    _add_schemas(schemas)
    components["securitySchemes"] = {**components.get("securitySchemes", {}), **SECURITY_SCHEMES}
    components["responses"] = {f"Problem{status}": _problem_answer(status, kind) for status, kind, _ in PROBLEMS}
    routes = dict(_routes(app))
    for _, _, operation in operations(document):
        route = routes[operation["operationId"]]
        _summarise(operation)
        operation["security"] = _security(route, keyless=keyless)
        _answer_problems(operation, route)
        _show_examples(operation, schemas)
        _describe_stream(operation, schemas)
        _name_parameters(operation)
    for item in document.get("webhooks", {}).values():
        for operation in item.values():
            operation["responses"].pop("422", None)
            _summarise(operation)
            _show_examples(operation, schemas)
    document["tags"] = [{"name": tag} for tag in _tags(document)]
    return document


def _add_schemas(schemas: dict[str, Any]) -> None:
    """What no route's return type names: problems, and what event streams carry; then an example for each."""
    for model in _MORE:
        schema = model.model_json_schema(ref_template=_REF + "{model}")
        schemas.update(schema.pop("$defs", {}) | schemas)
        schemas.setdefault(model.__name__, schema)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for name, schema in schemas.items():
        own = schema.get("examples") or [example_of(schema, schemas, name)]
        schema["examples"] = [completed(example, schema, schemas) for example in own]
    schemas[LIVE_MESSAGE] = _live_message(schemas)


def _live_message(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """One message's data: an event of each type with its payload, or a progress line."""
    events = [
        {
            "title": kind.value,
            "allOf": [{"$ref": f"{_REF}EventView"}],
            "properties": {"type": {"const": kind.value}, "payload": {"$ref": f"{_REF}{payload.__name__}"}},
        }
        for kind, payload in PAYLOADS.items()
    ]
    payload = schemas[PAYLOADS[EventType.STAGE_STARTED].__name__]["examples"][0]
    shown = {**schemas["EventView"]["examples"][0], "type": EventType.STAGE_STARTED.value, "payload": payload}
    return {
        "description": "The data of one message: an event, whose number is the message's id, or a line of progress.",
        "anyOf": [*events, {"$ref": f"{_REF}Progress"}],
        "examples": [shown],
    }


def _routes(app: FastAPI) -> Iterator[tuple[str, Route]]:
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        served: Any = context
        if served.include_in_schema:
            for method in served.methods:
                yield served.unique_id, _route(served, method.lower())


def _route(served: Any, method: str) -> Route:
    tree = list(_tree(served.dependant))
    parameters = frozenset(
        (field.field_info.alias or field.name).lower()
        for part in tree
        for field in (*part.path_params, *part.query_params, *part.header_params, *part.cookie_params)
    )
    raw = "requestBody" in (served.openapi_extra or {})
    return Route(
        path=served.path_format,
        method=method,
        calls=frozenset(part.call for part in tree if part.call is not None),
        parameters=parameters,
        has_path_parameters="{" in served.path_format,
        json_body=served.body_field is not None,
        has_body=raw or served.body_field is not None,
        ranged=206 in served.responses,
    )


def _tree(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for part in dependant.dependencies:
        yield from _tree(part)


def _summarise(operation: dict[str, Any]) -> None:
    """The summary is the first sentence of the docstring, the description all of it."""
    text = operation.get("description", "")
    first = text.split("\n\n")[0].replace("\n", " ").strip()
    operation["summary"] = first.split(". ")[0].rstrip(".")[:160]


def _security(route: Route, *, keyless: bool) -> list[dict[str, list[str]]]:
    if not route.known:
        return []
    ways: list[dict[str, list[str]]] = [{name: []} for name in SECURITY_SCHEMES]
    return [*ways, {}] if keyless or route.public else ways


def _problem_answer(status: int, kind: str) -> dict[str, Any]:
    shown = {
        "type": f"/problems/{kind}",
        "title": KINDS[kind],
        "status": status,
        "detail": "what happened, which value, and what to do",
        "code": kind,
        "instance": "/v1/compositions",
    }
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}, "example": shown}}
    return {"description": f"{KINDS[kind]}.", "content": content}


def _answer_problems(operation: dict[str, Any], route: Route) -> None:
    responses = operation["responses"]
    responses.pop("default", None)
    for status in [status for status in responses if status >= "400"]:
        responses[status] = _own_problem(responses[status], int(status))
    for status, _, applies in PROBLEMS:
        if applies(route):
            responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    operation["responses"] = dict(sorted(responses.items()))


def _own_problem(own: dict[str, Any], status: int) -> dict[str, Any]:
    """What an author says of a problem, in the one shape that problems have."""
    kind = _KIND_OF.get(status, "conflict")
    return {**_problem_answer(status, kind), "description": own.get("description", KINDS[kind])}


_KIND_OF: Mapping[int, str] = {410: "gone", **{status: kind for status, kind, _ in PROBLEMS}}


def _show_examples(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    bodies = [operation.get("requestBody", {})]
    bodies += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for body in bodies:
        for kind, content in body.get("content", {}).items():
            if "json" in kind and "schema" in content and not {"example", "examples"} & set(content):
                content["example"] = example_of(content["schema"], schemas)


def _describe_stream(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    content = operation["responses"].get("200", {}).get("content", {}).get(EVENT_STREAM)
    if content is None:
        return
    content.pop("itemSchema", None)
    content["schema"] = {"$ref": f"{_REF}{LIVE_MESSAGE}"}
    shown = schemas[LIVE_MESSAGE]["examples"][0]
    content["example"] = f"id: {shown['seq']}\nevent: {shown['type']}\ndata: {json.dumps(shown)}\n\n"


def _name_parameters(operation: dict[str, Any]) -> None:
    """Every parameter says what it is."""
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("description", parameter["name"].replace("_", " ").capitalize())


def _tags(document: Mapping[str, Any]) -> list[str]:
    return sorted({tag for _, _, operation in operations(document) for tag in operation.get("tags", ())})


def snapshot() -> str:
    """The document of an API with keys, as JSON text: what is committed."""
    from api.app import create_app

    with TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder), api_keys=[SecretStr("documents-only-0123456789")])
        return rendered(create_app(settings).openapi())


def rendered(document: Mapping[str, Any]) -> str:
    """A document as the committed text."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the snapshot to the given file, or to docs/openapi.json."""
    target = Path(arguments[0]) if arguments else SNAPSHOT
    target.write_text(snapshot(), encoding="utf-8")
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
