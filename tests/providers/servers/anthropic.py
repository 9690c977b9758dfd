"""Anthropic's Messages API as its contract says it: a version header, structured output or a tool, usage by class.

`answer(body)` scripts what the model says (see `language`); for a forced tool a dict becomes its input.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tests.providers.servers import language
from tests.providers.servers.base import Answer, ContractServer, Field, Refused, complaint
from tests.providers.servers.language import Failed, Refusal, Script, Truncated

VERSIONS = ("2023-06-01", "2026-10-21")
# Dollars per million tokens, in and out.
PRICES = {
    "claude-haiku-5-5": (Decimal("0.10"), Decimal("0.50")),
    "claude-haiku-4-5": (Decimal(1), Decimal(5)),
    "claude-sonnet-5-5": (Decimal(2), Decimal(10)),
    "claude-opus-5-5": (Decimal(4), Decimal(20)),
}
# What a token costs that is written to the cache or read from it, as a share of one that is read afresh.
CACHE_SHARES = (Decimal("1.25"), Decimal("0.1"))
EFFORTS = ("low", "medium", "high", "xhigh", "max")

MESSAGES = {
    "model": Field(required=True),
    "max_tokens": Field(int, required=True, low=1),
    "messages": Field(list, required=True, least=1),
    "system": Field((str, list)),
    "output_config": Field(dict),
    "metadata": Field(dict),
    "tools": Field(list),
    "tool_choice": Field(dict),
    "thinking": Field(dict),
    "stop_sequences": Field(list),
    "stream": Field(bool, among=(False,)),
}
MESSAGE = {"role": Field(required=True, among=("user", "assistant")), "content": Field((str, list), required=True)}
BLOCK = {
    "type": Field(required=True, among=("text",)),
    "text": Field(required=True),
    "cache_control": Field(dict),
}
OUTPUT = {"effort": Field(among=EFFORTS), "format": Field(dict)}
FORMAT = {"type": Field(required=True, among=("json_schema",)), "schema": Field(dict, required=True)}
METADATA = {"user_id": Field()}
TOOL = {
    "name": Field(required=True, most=128),
    "description": Field(),
    "strict": Field(bool),
    "input_schema": Field(dict, required=True),
    "cache_control": Field(dict),
}
CHOICE = {
    "type": Field(required=True, among=("auto", "any", "tool", "none")),
    "name": Field(),
    "disable_parallel_tool_use": Field(bool),
}
THINKING = {
    "type": Field(required=True, among=("enabled", "disabled", "adaptive")),
    "budget_tokens": Field(int, low=1024),
}


def problem(status: int, kind: str, message: str, code: str | None = None, **headers: str) -> Answer:
    """The shape of every error of this vendor; the id is in the body and in the header."""
    mark = "req_" + hashlib.sha256(f"{kind}{message}".encode()).hexdigest()[:24]
    error: dict[str, Any] = {"type": kind, "message": message}
    if code is not None:
        error["details"] = {"error_code": code}
    named = {name.replace("_", "-"): said for name, said in headers.items()}
    return Answer(status, {"type": "error", "error": error, "request_id": mark}, {"request-id": mark, **named})


def invalid(message: str) -> Refused:
    return Refused(problem(400, "invalid_request_error", message))


def hold(body: Any, fields: Mapping[str, Field], where: str = "") -> None:
    wrong = complaint(body, fields)
    if wrong is None:
        return
    name = wrong.removeprefix("unknown field ")
    raise invalid(f"{where}{name}: Extra inputs are not permitted" if name != wrong else f"{where}{wrong}")


@dataclass(frozen=True)
class Said:
    """What the model says: the blocks, why it stopped, and the tokens it wrote."""

    content: list[dict[str, Any]]
    stop: str
    details: dict[str, Any] | None
    tokens: int


class AnthropicServer(ContractServer):
    """`https://api.anthropic.com`. The key comes as Bearer or as x-api-key."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": problem(400, "invalid_request_error", "x: Extra inputs are not permitted"),
        "usage_limit": problem(
            400,
            "invalid_request_error",
            "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.",
        ),
        "auth": problem(401, "authentication_error", "invalid x-api-key"),
        "insufficient_credits": problem(402, "billing_error", "Your credit balance is too low to access the API."),
        "spend_limit": problem(402, "billing_error", "The spend limit is reached.", "enforced_spend_limit_reached"),
        "contract_limit": problem(402, "billing_error", "The contract is spent.", "contract_spend_limit_reached"),
        "plan_denied": problem(403, "permission_error", "Your API key does not have permission to use this resource."),
        "not_found": problem(404, "not_found_error", "Not Found"),
        "conflict": problem(409, "api_error", "The resource is being changed by another request."),
        "rate_limited": problem(429, "rate_limit_error", "This request would exceed your rate limit.", retry_after="1"),
        "rate_limited_ms": problem(429, "rate_limit_error", "Slow down for a moment.", retry_after_ms="150"),
        "rate_limited_bare": problem(429, "rate_limit_error", "Number of requests has exceeded your limit."),
        "ramp_limited": problem(
            429, "rate_limit_error", "Your traffic rose too fast.", "ramp_limit_exceeded", retry_after="2"
        ),
        "upstream": problem(500, "api_error", "Internal server error"),
        "upstream_final": problem(500, "api_error", "Do not try again", x_should_retry="false"),
        "timeout": problem(504, "timeout_error", "The request timed out"),
        "overloaded": problem(529, "overloaded_error", "Overloaded"),
    }

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.answer: Script | None = None
        self.prices = dict(PRICES)
        # Tokens of each request that count as written to the cache, and as read from it, on top of the input.
        self.cache_written = 0
        self.cache_read = 0
        self.thinking_tokens = 0

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v1/messages", self.message, methods=["POST"]),
            Route("/v1/models", self.models, methods=["GET"]),
        ]

    # -- handlers ------------------------------------------------------------------------------------------------------

    async def models(self, request: Request) -> Response:
        self._enter(request)
        names = list(self.prices)
        listed = [
            {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in names
        ]
        body = {"data": listed, "has_more": False, "first_id": names[0], "last_id": names[-1]}
        return self._give(body, "models")

    async def message(self, request: Request) -> Response:
        self._enter(request)
        body = await self._body(request)
        schema = self._format(body)
        tool = self._tool(body)
        made = self.answer(body) if self.answer else self._usual(schema, tool)
        if isinstance(made, Failed):
            self.accept(body)
            raise Refused(problem(500, "api_error", made.message))
        said = self._said(body, made, tool)
        counted = language.tokens(body.get("system"), body["messages"], body.get("tools"), schema)
        self._pay(body, counted, said.tokens)
        number = self.new_id("msg_", body)
        answer = {
            "id": number,
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": said.content,
            "stop_reason": said.stop,
            "stop_sequence": None,
            "stop_details": said.details,
            "usage": self._usage(counted, said.tokens),
        }
        return self._give(answer, number)

    # -- what it accepts -----------------------------------------------------------------------------------------------

    def _enter(self, request: Request) -> None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.key not in (bearer, request.headers.get("x-api-key")):
            raise Refused(self.ERRORS["auth"])
        if self.too_fast():
            raise Refused(self.ERRORS["rate_limited"])
        version = request.headers.get("anthropic-version")
        if version is None:
            raise invalid("anthropic-version: header is required")
        if version not in VERSIONS:
            raise invalid(f'anthropic-version: "{version}" is not a valid version')

    async def _body(self, request: Request) -> dict[str, Any]:
        if "application/json" not in request.headers.get("content-type", ""):
            raise invalid("content-type: must be application/json")
        try:
            body = await request.json()
        except ValueError:
            raise invalid("The request body is not valid JSON") from None
        hold(body, MESSAGES)
        if body["model"] not in self.prices:
            raise Refused(problem(404, "not_found_error", f"model: {body['model']}"))
        hold(body.get("metadata") or {}, METADATA, "metadata.")
        self._conversation(body)
        return dict(body)

    def _conversation(self, body: dict[str, Any]) -> None:
        for at, message in enumerate(body["messages"]):
            hold(message, MESSAGE, f"messages.{at}.")
            _blocks(message["content"], f"messages.{at}.content")
        if body["messages"][0]["role"] != "user":
            raise invalid("messages: first message must use the user role")
        _blocks(body.get("system") or "", "system")
        thinking = body.get("thinking")
        if thinking is None:
            return
        hold(thinking, THINKING, "thinking.")
        if thinking["type"] != "enabled":
            return
        if thinking.get("budget_tokens", body["max_tokens"]) >= body["max_tokens"]:
            raise invalid("thinking.budget_tokens is required and must be below max_tokens")

    def _format(self, body: dict[str, Any]) -> dict[str, Any] | None:
        config = body.get("output_config") or {}
        hold(config, OUTPUT, "output_config.")
        wanted = config.get("format")
        if wanted is None:
            return None
        hold(wanted, FORMAT, "output_config.format.")
        schema: dict[str, Any] = wanted["schema"]
        wrong = language.schema_complaint(schema, language.ANTHROPIC)
        if wrong:
            raise invalid(f"output_config.format.schema: {wrong}")
        return schema

    def _tool(self, body: dict[str, Any]) -> dict[str, Any] | None:
        """The tool that the request forces, None when it forces none."""
        tools = body.get("tools") or []
        for at, tool in enumerate(tools):
            hold(tool, TOOL, f"tools.{at}.")
            schema = tool["input_schema"]
            wrong = language.schema_complaint(schema, language.ANTHROPIC) if tool.get("strict") else None
            if wrong or schema.get("type") != "object":
                raise invalid(f"tools.{at}.input_schema: {wrong or 'type must be object'}")
        choice = body.get("tool_choice")
        if choice is None:
            return None
        hold(choice, CHOICE, "tool_choice.")
        if not tools:
            raise invalid("tool_choice may only be specified while providing tools")
        if choice["type"] not in ("any", "tool"):
            return None
        if (body.get("thinking") or {}).get("type") in ("enabled", "adaptive"):
            raise invalid("Thinking may not be enabled when tool_choice forces tool use.")
        named = [tool for tool in tools if choice["type"] == "any" or tool["name"] == choice.get("name")]
        if not named:
            raise invalid(f"Tool '{choice.get('name')}' not found in provided tools")
        return dict(named[0])

    # -- what it says --------------------------------------------------------------------------------------------------

    def _usual(self, schema: dict[str, Any] | None, tool: dict[str, Any] | None) -> Any:
        if tool is not None:
            return language.document(tool["input_schema"])
        return "The last boat leaves at nine." if schema is None else language.document(schema)

    def _said(self, body: dict[str, Any], made: Any, tool: dict[str, Any] | None) -> Said:
        most = body["max_tokens"]
        if isinstance(made, Refusal):
            details = {"type": "refusal", "category": made.category, "explanation": made.text}
            return Said([], "refusal", details, language.tokens(made.text))
        if isinstance(made, Truncated):
            return Said(_cut(body, made.text, tool), made.reason or "max_tokens", None, most)
        text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
        spent = language.tokens(text) + self.thinking_tokens
        if spent > most:
            kept = max(0, most - self.thinking_tokens) * language.CHARACTERS_A_TOKEN
            return Said(_cut(body, text[:kept], tool), "max_tokens", None, most)
        if tool is not None and isinstance(made, dict):
            return Said([_use(body, tool, made)], "tool_use", None, spent)
        return Said([{"type": "text", "text": text}], "end_turn", None, spent)

    def _pay(self, body: dict[str, Any], read: int, written: int) -> None:
        into, out = self.prices[body["model"]]
        rates = (into, into * CACHE_SHARES[0], into * CACHE_SHARES[1], out)
        dollars = language.cost((read, self.cache_written, self.cache_read, written), rates)
        with self.lock:
            if self.balance is not None and self.balance < dollars:
                raise Refused(self.ERRORS["insufficient_credits"])
            if self.balance is not None:
                self.balance -= dollars
            self.accept(body)
            self.charge("messages", dollars, identity_of(body))

    def _usage(self, read: int, written: int) -> dict[str, Any]:
        return {
            "input_tokens": read,
            "output_tokens": written,
            "cache_creation_input_tokens": self.cache_written,
            "cache_read_input_tokens": self.cache_read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.cache_written,
                "ephemeral_1h_input_tokens": 0,
            },
            "output_tokens_details": {"thinking_tokens": min(self.thinking_tokens, written)},
            "service_tier": "standard",
            "speed": "standard",
        }

    def _give(self, body: dict[str, Any], mark: str) -> Response:
        request_id = "req_" + hashlib.sha256(mark.encode()).hexdigest()[:24]
        return Answer(200, body, {"request-id": request_id}).response()


def _blocks(content: Any, where: str) -> None:
    for at, block in enumerate(content if isinstance(content, list) else ()):
        hold(block, BLOCK, f"{where}.{at}.")


def _use(body: dict[str, Any], tool: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    number = "toolu_" + hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:24]
    return {"type": "tool_use", "id": number, "name": tool["name"], "input": given}


def _cut(body: dict[str, Any], text: str, tool: dict[str, Any] | None) -> list[dict[str, Any]]:
    """What is left of an answer that was cut: some text, or a tool whose input never came."""
    if tool is not None:
        return [_use(body, tool, {})]
    return [{"type": "text", "text": text}] if text else []


def identity_of(body: dict[str, Any]) -> str:
    """The last thing the user said."""
    content = body["messages"][-1]["content"]
    return str(content if isinstance(content, str) else content[-1]["text"])
