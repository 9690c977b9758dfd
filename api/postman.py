"""A Postman collection (format 2.1) made from the OpenAPI document, in an order that runs from top to bottom.

`FLOW` walks one song through its life; what it does not name follows by itself, with what the document's examples
say, and whatever deletes comes last. Each request carries its expectation as a test script.

`python -m api.postman [FILE]` writes the committed collection.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from api.document import EVENT_STREAM, operations, snapshot
from api.examples import example_of

FILE = Path(__file__).resolve().parent.parent / "docs" / "postman.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
UPLOAD = "reference.wav"
ABOUT = (
    "Every operation of the API, in an order that runs from top to bottom: a song is started, steered, listened to and "
    "ended. Set `base_url`, and `api_key` where the API asks for one; everything else is taken from the answers."
)

# What is taken from an answer into a variable: variable, and where it stands.
Taken = Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """One request of the walk: an operation, and what differs from what its document says.

    `wants` are the statuses that it may answer with; `until` are song states: it is sent again until one is reached.
    """

    operation: str
    wants: tuple[int, ...] = ()
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    takes: Taken = field(default_factory=dict)
    until: tuple[str, ...] = ()
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def _shows(name: str, state: str) -> Step:
    """Wait until everybody sees the song in a state that it has never been in before."""
    return Step("songs-get_status", (200,), until=(state,), name=name)


def _rests() -> Step:
    """Wait until a command has had its effect.

    The read model may still show how the song rested before the command, so the song itself is asked; busy, it may
    not answer in time (503) and is asked again.
    """
    return Step(
        "songs-get_status",
        (200, 503),
        query={"consistent": "true"},
        until=("waiting", "completed"),
        name="Wait until the song rests",
    )


# A song that has no sound or score yet has no pictures of them.
DRAWN = (200, 404, 422, 503)

FLOW: Sequence[tuple[str, tuple[Step, ...]]] = (
    (
        "Is it there",
        (
            Step("operations-livez", (200,)),
            Step("operations-readyz", (200, 503)),
            Step("operations-metrics", (200,)),
            Step("operations-problem_kind", (200,), variables={"code": "not_found"}),
            Step("providers-list_providers", (200,)),
            Step("prompts-read_instruction", (200,), query={"words": "a bit slower, louder chorus"}),
        ),
    ),
    (
        "Start",
        (
            Step(
                "songs-start_song",
                (202,),
                body={
                    "prompt": "melancholic lo-fi hip hop with rhodes and a dusty beat, 75 bpm, in F minor",
                    "title": "Rainy Window",
                    "settings": {"review": "all", "seed": 7},
                },
                takes={"composition_id": "id"},
            ),
            _shows("Wait until the song waits for a decision", "waiting"),
        ),
    ),
    (
        "Look",
        (
            Step("songs-list_songs", (200,), query={"limit": "5"}),
            Step("songs-get_song", (200,)),
            Step("songs-get_history", (200,)),
            Step("songs-get_stage", (200,), variables={"stage": "ideation"}),
            Step("songs-get_media", (200,)),
            Step("songs-get_enhancements", (200,)),
            Step("songs-get_provider_tasks", (200,)),
        ),
    ),
    (
        "Steer",
        (
            Step("commands-accept_enhancement", (202, 409), body={}, variables={"enhancement": "latest"}),
            Step("commands-advance", (202,), body={"expected_stage": "ideation"}),
            _rests(),
            Step("commands-revise", (202,), body={"changes": {"musical.tempo": 80}}),
            _rests(),
            Step("commands-choose_take", (202, 409), body={}, variables={"take": "1"}),
            Step("commands-revert", (202,), body={"stage": "composition", "revision": 1}),
            _rests(),
            Step("commands-retry", (409,), body={}, name="A retry where nothing is blocked is refused"),
            Step("commands-hold", (202,), body={}),
            Step("commands-resume", (202,), body={}),
            Step("commands-reject_enhancement", (202, 409), body={}, variables={"enhancement": "latest"}),
            _rests(),
            Step("commands-set_review", (202,), body={"review": "none"}),
            Step("commands-advance", (202, 409), body={}, name="Go on to the end"),
            _shows("Wait until the song is complete", "completed"),
        ),
    ),
    (
        "Listen",
        (
            Step("downloads-get_sketch", (200, 404)),
            Step("downloads-download", (200, 404), query={"format": "wav"}),
            Step("songs-get_media", (200,), takes={"hash": "items.0.hash"}, name="The files of the finished song"),
            Step("media-get_content", (200,)),
            Step("references-upload_reference", (201,), body=UPLOAD, query={"name": UPLOAD}, takes={"hash": "hash"}),
            Step("references-get_reference_track", (200,)),
            Step("pictures-get_peaks", DRAWN),
            Step("pictures-get_loudness", DRAWN),
            Step("pictures-get_waveform", DRAWN),
            Step("pictures-get_spectrogram", DRAWN),
            Step("pictures-get_score", DRAWN),
            Step("pictures-get_timemap", DRAWN),
        ),
    ),
    (
        "Versions",
        (
            Step("versions-get_revisions", (200,)),
            Step("versions-get_takes", (200,)),
            Step("versions-branch", (202,), body={"stage": "composition", "title": "Rainy Window, slower"}),
            Step("versions-get_versions", (200,)),
            Step("versions-get_comparison", (200,)),
            Step("versions-set_main", (200,)),
        ),
    ),
    (
        "Share",
        (
            Step("collaborators-invite_collaborator", (201,), takes={"invitation": "id", "token": "token"}),
            Step("collaborators-list_invitations", (200,)),
            Step("collaborators-get_invitation", (200,)),
            Step("collaborators-look_at_invitation", (200,)),
            Step("collaborators-accept_invitation", (201, 409), body={}, takes={}),
            Step("collaborators-list_collaborators", (200,)),
            Step("editing-edit_song", (200,), body={"title": "Rainy Window"}),
        ),
    ),
    (
        "Access",
        (
            Step("access-issue_key", (201,), takes={"key_id": "id", "issued_key": "key"}),
            Step("access-list_api_keys", (200,)),
            Step("access-get_api_key", (200,)),
            Step("access-sign_in", (201,), body={"api_key": "{{issued_key}}"}),
            Step("access-get_session", (200, 404)),
            Step("access-sign_out", (204,)),
            Step("access-get_me", (200,)),
        ),
    ),
    (
        "Tell other programs",
        (
            Step("webhooks-create_webhook_endpoint", (201,), takes={"webhook_endpoint_id": "id"}),
            Step("webhooks-try_webhook_endpoint", (202,), takes={"delivery": "id"}),
            Step("webhooks-list_webhook_deliveries", (200,)),
            Step("webhooks-get_webhook_delivery", (200,)),
            Step("webhooks-replay_webhook_delivery", (202, 409)),
            Step("webhooks-rotate_webhook_secret", (201,)),
        ),
    ),
)
# Before everything is deleted; erasing is shown, and refused.
END: tuple[Step, ...] = (Step("commands-cancel", (202, 409), body={}),)
LAST: tuple[Step, ...] = (
    Step("me-erase_me", (422,), body={"confirm": "no"}, name="Erasing everything of yours asks for your owner id"),
)
# Not walked through: what has no end, and what only a provider can call.
LEFT_OUT: Mapping[str, str] = MappingProxyType({"providers-take_callback": "only a provider knows its token"})


class _Maker:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.schemas = document["components"]["schemas"]
        self.known = {op["operationId"]: (path, method, op) for path, method, op in operations(document)}

    def item(self, step: Step) -> dict[str, Any]:
        path, method, operation = self.known[step.operation]
        wants = step.wants or _wanted(operation)
        request: dict[str, Any] = {
            "method": method.upper(),
            "description": operation["description"],
            "header": self._headers(operation, step),
            "url": _url(path, step),
        }
        body = self._body(operation, step)
        if body is not None:
            request["body"] = body
        takes = dict(step.takes) or self._made(path, method, operation)
        script = list(_script(step, wants, takes))
        return {
            "name": step.name or operation["summary"],
            "request": request,
            "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": script}}],
        }

    def _made(self, path: str, method: str, operation: Mapping[str, Any]) -> Taken:
        """The id of what was made, where other operations ask for it in their path."""
        shown = operation["responses"].get("201", {}).get("content", {}).get("application/json", {}).get("example", {})
        if method != "post" or "id" not in shown:
            return {}
        inner = (re.fullmatch(re.escape(path) + r"/{(\w+)}", known) for known, _, _ in self.known.values())
        return {_variable(found[0], found[1]): "id" for found in inner if found}

    def _headers(self, operation: Mapping[str, Any], step: Step) -> list[dict[str, str]]:
        headers = dict(step.headers)
        names = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
        if "idempotency-key" in names:
            headers["Idempotency-Key"] = "{{$guid}}"
        kinds = list(operation.get("requestBody", {}).get("content", {}))
        if kinds:
            headers["Content-Type"] = "application/json" if _is_json(kinds, step) else "application/octet-stream"
        return [{"key": key, "value": value} for key, value in sorted(headers.items())]

    def _body(self, operation: Mapping[str, Any], step: Step) -> dict[str, Any] | None:
        content = operation.get("requestBody", {}).get("content", {})
        if not content:
            return None
        if not _is_json(content, step):
            return {"mode": "file", "file": {"src": UPLOAD}}
        shown = content["application/json"]
        given = step.body if step.body is not None else _without_nothing(shown.get("example"), shown, self.schemas)
        if given is None:
            given = {}
        options = {"raw": {"language": "json"}}
        return {"mode": "raw", "raw": json.dumps(given, indent=2, ensure_ascii=False), "options": options}


def _is_json(kinds: Iterable[str], step: Step) -> bool:
    return "application/json" in kinds and step.body != UPLOAD


def _without_nothing(example: Any, content: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    if example is None:
        return example_of(content["schema"], schemas)
    if isinstance(example, dict):
        return {name: value for name, value in example.items() if value is not None}
    return example


def _wanted(operation: Mapping[str, Any]) -> tuple[int, ...]:
    """What no step describes succeeds, or says that there is no such thing, or that the song's state forbids it."""
    documented = {int(status) for status in operation["responses"]}
    return tuple(sorted(status for status in documented if status < 300 or status in (404, 409)))


def _url(path: str, step: Step) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", path)
    filled = path
    for name in names:
        filled = filled.replace("{" + name + "}", step.variables.get(name) or "{{" + _variable(path, name) + "}}")
    query = [{"key": key, "value": value} for key, value in step.query.items()]
    tail = "?" + "&".join(f"{part['key']}={part['value']}" for part in query) if query else ""
    base = "{{base_url}}"
    url: dict[str, Any] = {"raw": base + filled + tail, "host": [base], "path": filled[1:].split("/")}
    return url | {"query": query} if query else url


def _variable(path: str, name: str) -> str:
    """The collection's variable for a part of a path; what is called `id` is named after what it is the id of."""
    if name != "id":
        return name
    kind = path.partition("/{id}")[0].rpartition("/")[2].replace("-", "_")
    return "composition_id" if kind == "compositions" else f"{kind.removesuffix('s')}_id"


def _script(step: Step, wants: Sequence[int], takes: Taken) -> Iterator[str]:
    """Three forms of lines and no other, which the tests run as well: a status, what is taken, sending again."""
    yield f"pm.test({json.dumps('answers ' + ' or '.join(map(str, wants)))}, () => {{"
    yield f"  pm.expect(pm.response.code).to.be.oneOf({json.dumps(list(wants))});"
    yield "});"
    for variable, place in takes.items():
        where = "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in place.split("."))
        yield f"pm.collectionVariables.set({json.dumps(variable)}, pm.response.json(){where});"
    if step.until:
        states = json.dumps(list(step.until))
        again = "pm.execution.setNextRequest(pm.info.requestId);"
        yield f"if (!{states}.includes(pm.response.json().status)) {{ {again} }}"


def collection(document: Mapping[str, Any]) -> dict[str, Any]:
    """The collection of a document. Raises KeyError for a step whose operation is gone."""
    maker = _Maker(document)
    walked = {step.operation for steps in (END, LAST, *(steps for _, steps in FLOW)) for step in steps}
    others: list[tuple[str, str, int, Step]] = []
    deletions: list[tuple[str, str, int, Step]] = []
    for path, method, operation in operations(document):
        name = operation["operationId"]
        streams = EVENT_STREAM in operation["responses"].get("200", {}).get("content", {})
        if name in walked or name in LEFT_OUT or streams:
            continue
        (deletions if method == "delete" else others).append((operation["tags"][0], path, _ORDER[method], Step(name)))
    others.sort(key=lambda entry: entry[:3])
    tags = dict.fromkeys(entry[0] for entry in others)
    folders = [*FLOW, *((tag.capitalize(), tuple(entry[3] for entry in others if entry[0] == tag)) for tag in tags)]
    deletions.sort(key=lambda entry: (-entry[1].count("/"), entry[:3]))
    folders.append(("End", (*END, *(entry[3] for entry in deletions), *LAST)))
    items = [{"name": name, "item": [maker.item(step) for step in steps]} for name, steps in folders]
    _number(items)
    return {
        "info": {"name": document["info"]["title"], "description": ABOUT, "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{api_key}}", "type": "string"}]},
        "variable": [{"key": key, "value": value} for key, value in _variables(items).items()],
        "item": items,
    }


_ORDER = {"post": 0, "put": 1, "get": 2, "patch": 3, "head": 4, "options": 5, "trace": 6, "delete": 7}


def _number(items: Sequence[dict[str, Any]]) -> None:
    """An id for each request, by which it can be sent again."""
    for number, item in enumerate((inner for folder in items for inner in folder["item"]), 1):
        item["id"] = f"request-{number:03d}"


def _variables(items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    named = re.findall(r"{{(\w+)}}", json.dumps(items))
    given = {"base_url": "http://127.0.0.1:8000", "api_key": ""}
    return given | {name: "" for name in sorted(set(named)) if name not in given}


def rendered() -> str:
    """The committed collection, as JSON text."""
    return json.dumps(collection(json.loads(snapshot())), indent=2, ensure_ascii=False) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the collection to the given file, or to docs/postman.json."""
    target = Path(arguments[0]) if arguments else FILE
    target.write_text(rendered(), encoding="utf-8")
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
