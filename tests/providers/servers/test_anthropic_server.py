import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import jsonschema
import pytest

from tests.providers.servers.anthropic import AnthropicServer
from tests.providers.servers.base import Fault
from tests.providers.servers.language import Failed, Refusal, Truncated

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "bpm"],
    "properties": {
        "title": {"type": "string"},
        "bpm": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "lines": {"type": "array", "items": {"type": "string"}},
    },
}
TOOL = {"name": "emit_song_brief", "description": "The brief.", "strict": True, "input_schema": SCHEMA}
FORCED = {"type": "tool", "name": "emit_song_brief", "disable_parallel_tool_use": True}


@pytest.fixture(scope="module")
def running() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture
def anthropic(running: AnthropicServer) -> AnthropicServer:
    return running.afresh()


@pytest.fixture
def client(anthropic: AnthropicServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {anthropic.key}", "anthropic-version": "2026-10-21"}
    with httpx.Client(base_url=anthropic.url, headers=headers, timeout=5.0) as made:
        yield made


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "model": "claude-haiku-5-5",
        "max_tokens": 1500,
        "system": "Turn the idea into a brief.",
        "messages": [{"role": "user", "content": "a night ferry"}],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
        "metadata": {"user_id": "hash"},
        **changes,
    }


def by_tool(**changes: Any) -> dict[str, Any]:
    body = asked(tools=[TOOL], tool_choice=FORCED)
    del body["output_config"]
    return body | changes


def with_schema(**changes: Any) -> dict[str, Any]:
    return asked(output_config={"format": {"type": "json_schema", "schema": {**SCHEMA, **changes}}})


def test_structured_output_and_what_it_costs(anthropic: AnthropicServer, client: httpx.Client) -> None:
    anthropic.cache_written, anthropic.cache_read = 100, 1000
    answer = client.post("/v1/messages", json=asked())
    said = answer.json()
    assert answer.headers["request-id"].startswith("req_")
    assert (said["type"], said["role"], said["stop_reason"]) == ("message", "assistant", "end_turn")
    jsonschema.validate(json.loads(said["content"][0]["text"]), SCHEMA)
    usage = said["usage"]
    assert (usage["cache_creation_input_tokens"], usage["cache_read_input_tokens"]) == (100, 1000)
    into = usage["input_tokens"] + 100 * Decimal("1.25") + 1000 * Decimal("0.1")
    want = (into * Decimal("0.10") + usage["output_tokens"] * Decimal("0.50")) / 1_000_000
    assert [(charge.usd, charge.identity) for charge in anthropic.charges] == [(want, "a night ferry")]


def test_a_forced_tool_gets_parsed_input(anthropic: AnthropicServer, client: httpx.Client) -> None:
    said = client.post("/v1/messages", json=by_tool()).json()
    block = said["content"][0]
    assert (said["stop_reason"], block["type"], block["name"]) == ("tool_use", "tool_use", "emit_song_brief")
    jsonschema.validate(block["input"], SCHEMA)
    anthropic.answer = lambda body: {"title": "Færge", "bpm": None}
    assert client.post("/v1/messages", json=by_tool()).json()["content"][0]["input"]["title"] == "Færge"


REFUSED_BODIES: tuple[dict[str, Any], ...] = (
    asked(temperature=0.5),
    asked(output_format={"type": "json_schema"}),
    asked(max_tokens=None),
    asked(max_tokens=0),
    asked(messages=[]),
    asked(messages=[{"role": "system", "content": "x"}]),
    asked(messages=[{"role": "assistant", "content": "x"}]),
    asked(messages=[{"role": "user", "content": [{"type": "input_text", "text": "x"}]}]),
    asked(metadata={"job": "1"}),
    asked(output_config={"effort": "huge"}),
    asked(output_config={"format": {"type": "json_object"}}),
    with_schema(additionalProperties=None),
    with_schema(properties={"title": {"type": "string", "maxLength": 5}, "bpm": {"type": "integer"}}),
    with_schema(properties={"title": {"type": "string"}, "bpm": {"type": "integer", "minimum": 30}}),
    with_schema(required=["title", "key"]),
    asked(tool_choice=FORCED),
    by_tool(tool_choice={"type": "tool", "name": "other"}),
    by_tool(thinking={"type": "enabled", "budget_tokens": 1024}),
    by_tool(tools=[{**TOOL, "parameters": {}}]),
    asked(thinking={"type": "enabled", "budget_tokens": 1500}),
)


def test_bodies_it_refuses(anthropic: AnthropicServer, client: httpx.Client) -> None:
    for body in REFUSED_BODIES:
        answer = client.post("/v1/messages", json=body)
        assert answer.status_code == 400, body
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert answer.json()["request_id"] == answer.headers["request-id"]
    assert client.post("/v1/messages", json=asked(model="claude-1")).status_code == 404
    assert (anthropic.charges, anthropic.accepted) == ([], [])
    assert client.post("/v1/messages", json=by_tool(thinking={"type": "disabled"})).status_code == 200


def test_headers(anthropic: AnthropicServer) -> None:
    version = {"anthropic-version": "2023-06-01"}
    cases = (
        ({**version, "x-api-key": anthropic.key}, 200),
        ({**version, "x-api-key": "no"}, 401),
        (version, 401),
        ({"x-api-key": anthropic.key}, 400),
        ({"x-api-key": anthropic.key, "anthropic-version": "2027-01-01"}, 400),
    )
    for headers, status in cases:
        answer = httpx.post(f"{anthropic.url}/v1/messages", json=asked(), headers=headers, timeout=5.0)
        assert answer.status_code == status, headers
    assert len(anthropic.charges) == 1


def test_scripts_and_limits(anthropic: AnthropicServer, client: httpx.Client) -> None:
    anthropic.answer = lambda body: Refusal("Not this.", "weapons")
    refused = client.post("/v1/messages", json=asked()).json()
    assert (refused["stop_reason"], refused["content"]) == ("refusal", [])
    assert refused["stop_details"] == {"type": "refusal", "category": "weapons", "explanation": "Not this."}
    anthropic.answer = lambda body: Truncated('{"ti')
    cut = client.post("/v1/messages", json=asked()).json()
    assert (cut["stop_reason"], cut["content"][0]["text"], cut["usage"]["output_tokens"]) == (
        "max_tokens",
        '{"ti',
        1500,
    )
    anthropic.answer = None
    short = client.post("/v1/messages", json=by_tool(max_tokens=3)).json()
    assert (short["stop_reason"], short["content"][0]["input"]) == ("max_tokens", {})
    paid = len(anthropic.charges)
    anthropic.answer = lambda body: Failed()
    assert client.post("/v1/messages", json=asked()).status_code == 500
    assert len(anthropic.charges) == paid == 3


def test_each_error_has_its_shape(anthropic: AnthropicServer, client: httpx.Client) -> None:
    seen = {}
    for name in anthropic.ERRORS:
        anthropic.fail_next(name)
        answer = client.post("/v1/messages", json=asked())
        assert answer.json()["type"] == "error"
        seen[name] = (answer.status_code, answer.json()["error"]["type"])
    assert seen["overloaded"] == (529, "overloaded_error")
    assert seen["insufficient_credits"] == (402, "billing_error")
    assert seen["usage_limit"] == (400, "invalid_request_error")
    assert seen["timeout"] == (504, "timeout_error")
    assert "API usage limits" in anthropic.ERRORS["usage_limit"].body["error"]["message"]
    assert anthropic.ERRORS["ramp_limited"].body["error"]["details"] == {"error_code": "ramp_limit_exceeded"}
    assert anthropic.charges == []


def test_money(anthropic: AnthropicServer, client: httpx.Client) -> None:
    anthropic.balance = Decimal(0)
    assert client.post("/v1/messages", json=asked()).status_code == 402
    anthropic.balance = None
    anthropic.fail_next(Fault.lost())
    with pytest.raises(httpx.TransportError):
        client.post("/v1/messages", json=asked())
    assert len(anthropic.charges) == 1
    assert client.get("/v1/models").json()["data"][0]["type"] == "model"
