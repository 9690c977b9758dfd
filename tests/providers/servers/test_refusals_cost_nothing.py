"""Each documented error of the servers that bill a request: its own shape, nothing accepted, nothing charged."""

from typing import Any

import httpx
import pytest

from tests.providers.servers.anthropic import AnthropicServer
from tests.providers.servers.base import ContractServer
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.openai import OpenAIServer
from tests.providers.servers.replicate import ReplicateServer
from tests.providers.servers.stability import StabilityServer

SHORT = {"prompt": "slow piano", "music_length_ms": 3000}
CHAT = {"model": "gpt-6-luna", "input": "slow piano"}
TALK = {"model": "claude-haiku-5-5", "max_tokens": 20, "messages": [{"role": "user", "content": "slow piano"}]}
PIECE = {"version": "a" * 64, "input": {"prompt": "slow piano"}}
FORM = [("prompt", (None, "slow piano"))]
PAID: list[tuple[type[ContractServer], str, dict[str, Any], set[str]]] = [
    (StabilityServer, "/v2beta/audio/stable-audio/text-to-audio", {"files": FORM}, {"id", "name", "errors"}),
    (ElevenLabsServer, "/v1/music", {"json": SHORT}, {"detail"}),
    (ReplicateServer, "/v1/predictions", {"json": PIECE}, {"type", "title", "status", "detail", "instance"}),
    (OpenAIServer, "/v1/responses", {"json": CHAT}, {"error"}),
    (AnthropicServer, "/v1/messages", {"json": TALK}, {"type", "error", "request_id"}),
]


@pytest.mark.parametrize(("vendor", "path", "body", "shape"), PAID, ids=[one[0].__name__ for one in PAID])
def test_each_documented_error(vendor: type[ContractServer], path: str, body: dict[str, Any], shape: set[str]) -> None:
    with vendor() as server:
        keys = {name: server.key for name in ("xi-api-key", "x-api-key")}
        headers = {"authorization": f"Bearer {server.key}", "anthropic-version": "2026-10-21", **keys}
        with httpx.Client(base_url=server.url, headers=headers, timeout=5.0) as client:
            for name, answer in vendor.ERRORS.items():
                server.fail_next(name, path=path)
                met = client.post(path, **body)
                assert (name, met.status_code, set(met.json())) == (name, answer.status, shape)
            assert set(vendor.PASSING) <= set(vendor.ERRORS)
            assert (server.charges, server.accepted) == ([], [])
            assert client.post(path, **body).is_success
            assert (len(server.charges), len(server.accepted)) == (1, 1)
