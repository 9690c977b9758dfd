import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import jsonschema
import pytest

from tests.providers.servers.base import Fault
from tests.providers.servers.language import Failed, Refusal, Truncated
from tests.providers.servers.openai import OpenAIServer

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "bpm", "vocal", "sections"],
    "properties": {
        "title": {"type": "string"},
        "bpm": {"anyOf": [{"type": "integer", "minimum": 100, "maximum": 140}, {"type": "null"}]},
        "vocal": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Vocal"}]},
        "sections": {"type": "array", "minItems": 3, "items": {"type": "string", "enum": ["verse", "chorus"]}},
    },
    "$defs": {
        "Vocal": {
            "type": "object",
            "additionalProperties": False,
            "required": ["gender"],
            "properties": {"gender": {"type": "string", "enum": ["male", "female"]}},
        }
    },
}


@pytest.fixture(scope="module")
def running() -> Iterator[OpenAIServer]:
    with OpenAIServer() as server:
        yield server


@pytest.fixture
def openai(running: OpenAIServer) -> OpenAIServer:
    return running.afresh()


@pytest.fixture
def client(openai: OpenAIServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=openai.url, headers={"Authorization": f"Bearer {openai.key}"}, timeout=5.0) as made:
        yield made


def asked(schema: dict[str, Any] = SCHEMA, **changes: Any) -> dict[str, Any]:
    wanted = {"type": "json_schema", "name": "song_brief", "strict": True, "schema": schema}
    return {
        "model": "gpt-6-luna",
        "store": False,
        "max_output_tokens": 1500,
        "reasoning": {"effort": "low"},
        "instructions": "Turn the idea into a brief.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "sad song about a night ferry"}]}],
        "text": {"verbosity": "low", "format": wanted},
        "metadata": {"job_id": "j_1"},
        **changes,
    }


def changed(*path: str | int, **change: Any) -> dict[str, Any]:
    """The schema with something added or changed at a place; None takes away."""
    schema = copy.deepcopy(SCHEMA)
    node: Any = schema
    for step in path:
        node = node[step]
    node.update(change)
    for name in [name for name, value in change.items() if value is None]:
        del node[name]
    return schema


def test_the_usual_answer_fits_the_schema_and_is_billed_by_tokens(openai: OpenAIServer, client: httpx.Client) -> None:
    openai.reasoning_tokens, openai.cached_tokens = 40, 3
    answer = client.post("/v1/responses", json=asked())
    said = answer.json()
    assert answer.headers["x-request-id"].startswith("req_")
    assert [item["type"] for item in said["output"]] == ["reasoning", "message"]
    document = json.loads(said["output"][1]["content"][0]["text"])
    jsonschema.validate(document, SCHEMA)
    assert document["bpm"] == 100
    assert document["vocal"] == {"gender": "male"}
    usage = said["usage"]
    assert usage["output_tokens_details"]["reasoning_tokens"] == 40
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    want = (usage["input_tokens"] * Decimal("0.10") + usage["output_tokens"] * Decimal("0.50")) / 1_000_000
    assert [(charge.usd, charge.identity) for charge in openai.charges] == [(want, "sad song about a night ferry")]


BAD_SCHEMAS = (
    changed(additionalProperties=None),
    changed(additionalProperties=True),
    changed(required=["title", "bpm", "vocal"]),
    changed(required=["title", "bpm", "vocal", "sections", "more"]),
    changed("$defs", "Vocal", additionalProperties=None),
    changed("$defs", "Vocal", required=[]),
    changed("properties", "title", default="x"),
    changed("properties", "title", type=None),
    changed("properties", "title", kind="x"),
    changed("properties", "sections", items=None),
    changed("properties", "vocal", anyOf=[{"$ref": "#/$defs/Nobody"}]),
    changed("properties", "vocal", anyOf=None, oneOf=[{"type": "null"}]),
    changed("properties", "vocal", anyOf=[{"$ref": "#/$defs/Vocal", "description": "who sings"}]),
    {"type": "array", "items": {"type": "string"}},
    {"anyOf": [SCHEMA]},
)


def test_strict_means_strict(openai: OpenAIServer, client: httpx.Client) -> None:
    for schema in BAD_SCHEMAS:
        answer = client.post("/v1/responses", json=asked(schema))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_json_schema"), schema
    loose = asked(BAD_SCHEMAS[0])
    loose["text"]["format"]["strict"] = False
    assert openai.charges == []
    assert client.post("/v1/responses", json=loose).status_code == 200


REFUSED_BODIES: tuple[dict[str, Any], ...] = (
    asked(response_format={}),
    asked(temperature="hot"),
    asked(text={"format": {"type": "json_schema", "schema": SCHEMA}}),
    asked(text={"format": {"type": "json_schema", "name": "a b", "schema": SCHEMA}}),
    asked(input=[{"role": "tool", "content": "x"}]),
    asked(input=[{"role": "user", "content": [{"type": "text", "text": "x"}]}]),
    asked(input=""),
    asked(max_output_tokens=0),
    asked(reasoning={"effort": "huge"}),
    asked(metadata={"job": 1}),
    asked(background=True),
)


def test_bodies_it_refuses(openai: OpenAIServer, client: httpx.Client) -> None:
    for body in REFUSED_BODIES:
        answer = client.post("/v1/responses", json=body)
        assert answer.status_code == 400, body
        assert answer.json()["error"]["type"] == "invalid_request_error"
    unknown = client.post("/v1/responses", json=asked(top_k=4)).json()["error"]
    assert (unknown["code"], unknown["param"]) == ("unknown_parameter", "top_k")
    gone = client.post("/v1/responses", json=asked(model="gpt-1"))
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "model_not_found")
    assert (openai.charges, openai.accepted) == ([], [])


def test_scripts(openai: OpenAIServer, client: httpx.Client) -> None:
    def say(script: Any) -> dict[str, Any]:
        openai.answer = lambda body: script
        return dict(client.post("/v1/responses", json=asked(store=True)).json())

    assert say({"title": "Færge"})["output"][0]["content"][0]["text"] == '{"title": "Færge"}'
    assert say("not json")["output"][0]["content"][0]["text"] == "not json"
    refused = say(Refusal("No."))
    assert (refused["status"], refused["output"][0]["content"]) == (
        "completed",
        [{"type": "refusal", "refusal": "No."}],
    )
    cut = say(Truncated("{", reason="content_filter"))
    assert (cut["status"], cut["incomplete_details"]) == ("incomplete", {"reason": "content_filter"})
    paid = openai.spent
    failed = say(Failed("server_error", "Broken."))
    assert (failed["status"], failed["error"]["message"], failed["output"]) == ("failed", "Broken.", [])
    assert openai.spent == paid > 0


def test_the_token_limit_cuts(openai: OpenAIServer, client: httpx.Client) -> None:
    said = client.post("/v1/responses", json=asked(max_output_tokens=16)).json()
    assert (said["status"], said["incomplete_details"]["reason"]) == ("incomplete", "max_output_tokens")
    assert said["usage"]["output_tokens"] == 16
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(said["output"][0]["content"][0]["text"])
    openai.reasoning_tokens = 100
    assert [
        item["type"] for item in client.post("/v1/responses", json=asked(max_output_tokens=50)).json()["output"]
    ] == ["reasoning"]


def test_background_is_polled(openai: OpenAIServer, client: httpx.Client) -> None:
    first = client.post("/v1/responses", json=asked(background=True, store=True)).json()
    assert (first["status"], first["output"]) == ("queued", [])
    states = [client.get(f"/v1/responses/{first['id']}").json()["status"] for _ in range(3)]
    assert states == ["queued", "in_progress", "completed"]
    kept = client.post("/v1/responses", json=asked()).json()["id"]
    assert client.get(f"/v1/responses/{kept}").status_code == 404


def test_keys_money_and_waiting(openai: OpenAIServer, client: httpx.Client) -> None:
    wrong = client.post("/v1/responses", json=asked(), headers={"Authorization": "Bearer no"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_api_key")
    openai.balance = Decimal(0)
    poor = client.post("/v1/responses", json=asked())
    assert (poor.status_code, poor.json()["error"]["code"]) == (429, "insufficient_quota")
    openai.balance = None
    for name, header in (("rate_limited", "retry-after"), ("rate_limited_ms", "retry-after-ms")):
        openai.fail_next(name)
        limited = client.post("/v1/responses", json=asked())
        assert (limited.status_code, limited.json()["error"]["code"]) == (429, "rate_limit_exceeded")
        assert header in limited.headers
    openai.fail_next("upstream_final")
    assert client.post("/v1/responses", json=asked()).headers["x-should-retry"] == "false"
    assert openai.charges == []
    openai.fail_next(Fault.lost())
    with pytest.raises(httpx.TransportError):
        client.post("/v1/responses", json=asked())
    assert len(openai.charges) == 1
    assert "gpt-6-luna" in [model["id"] for model in client.get("/v1/models").json()["data"]]


def chat(**changes: Any) -> dict[str, Any]:
    wanted = {"type": "json_schema", "json_schema": {"name": "brief", "strict": True, "schema": SCHEMA}}
    return {
        "model": "gpt-5-mini",
        "messages": [{"role": "user", "content": "a brief"}],
        "response_format": wanted,
        **changes,
    }


def test_chat_completions(openai: OpenAIServer, client: httpx.Client) -> None:
    done = client.post("/v1/chat/completions", json=chat()).json()
    jsonschema.validate(json.loads(done["choices"][0]["message"]["content"]), SCHEMA)
    assert done["choices"][0]["finish_reason"] == "stop"
    cut = client.post("/v1/chat/completions", json=chat(max_tokens=5)).json()
    assert (cut["choices"][0]["finish_reason"], cut["usage"]["completion_tokens"]) == ("length", 5)
    for wrong in (chat(input="a"), chat(messages=[]), chat(response_format={"type": "json_schema"}), chat(n=2)):
        assert client.post("/v1/chat/completions", json=wrong).status_code == 400
    openai.answer = lambda body: Refusal("No.")
    refused = client.post("/v1/chat/completions", json=chat()).json()["choices"][0]["message"]
    assert (refused["content"], refused["refusal"]) == (None, "No.")
    assert openai.spent > 0


def test_a_local_server_is_free(openai: OpenAIServer) -> None:
    openai.local = True
    done = httpx.post(f"{openai.url}/v1/chat/completions", json=chat(model="qwen"), timeout=5.0)
    assert done.status_code == 200
    assert (openai.spent, len(openai.accepted)) == (Decimal(0), 1)
