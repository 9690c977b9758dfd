"""OpenAI's Responses API as its contract says it, and the chat completions that compatible local servers speak.

`answer(body)` scripts what the model says (see `language`). `local` makes it a local server: any key, any model, free.
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
from tests.providers.servers.base import NUMBER, Answer, ContractServer, Field, Job, Refused, complaint
from tests.providers.servers.language import Failed, Refusal, Script, Truncated

# Dollars per million tokens, in and out.
PRICES = {
    "gpt-6-luna": (Decimal("0.10"), Decimal("0.50")),
    "gpt-5.4-nano": (Decimal("0.20"), Decimal("1.25")),
    "gpt-5-mini": (Decimal("0.25"), Decimal("2.00")),
    "gpt-6-sol": (Decimal(2), Decimal(10)),
    "gpt-6-astra": (Decimal(10), Decimal(50)),
}
FREE = (Decimal(0), Decimal(0))
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")
BORN = 1_790_000_000

RESPONSES = {
    "model": Field(required=True),
    "input": Field((str, list), required=True),
    "instructions": Field(),
    "store": Field(bool),
    "background": Field(bool),
    "max_output_tokens": Field(int, low=16),
    "reasoning": Field(dict),
    "text": Field(dict),
    "safety_identifier": Field(),
    "metadata": Field(dict, most=16),
}
REASONING = {"effort": Field(among=EFFORTS)}
TEXT = {"verbosity": Field(among=("low", "medium", "high")), "format": Field(dict)}
FORMAT = {
    "type": Field(required=True, among=("json_schema", "json_object", "text")),
    "name": Field(most=64),
    "strict": Field(bool),
    "schema": Field(dict),
    "description": Field(),
}
MESSAGE = {
    "role": Field(required=True, among=("user", "assistant", "system", "developer")),
    "content": Field((str, list), required=True),
    "type": Field(among=("message",)),
}
PART = {"type": Field(required=True, among=("input_text", "output_text")), "text": Field(required=True)}
CHAT = {
    "model": Field(required=True),
    "messages": Field(list, required=True, least=1),
    "max_tokens": Field(int, low=1),
    "max_completion_tokens": Field(int, low=1),
    "temperature": Field(NUMBER, low=0, high=2),
    "top_p": Field(NUMBER, low=0, high=1),
    "seed": Field(int),
    "n": Field(int, among=(1,)),
    "stream": Field(bool, among=(False,)),
    "response_format": Field(dict),
}
CHAT_MESSAGE = {
    "role": Field(required=True, among=("user", "assistant", "system", "developer")),
    "content": Field((str, list), required=True),
}
CHAT_PART = {"type": Field(required=True, among=("text",)), "text": Field(required=True)}
CHAT_FORMAT = {"type": FORMAT["type"], "json_schema": Field(dict)}
CHAT_SCHEMA = {"name": Field(required=True, most=64), "strict": Field(bool), "schema": Field(dict, required=True)}


def problem(
    status: int, kind: str, message: str, code: str | None = None, param: str | None = None, **headers: str
) -> Answer:
    """The shape of every error of this vendor, with the id that its support asks for."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    mark = "req_" + hashlib.sha256(message.encode()).hexdigest()[:32]
    return Answer(
        status, body, {"x-request-id": mark, **{name.replace("_", "-"): said for name, said in headers.items()}}
    )


def invalid(message: str, param: str | None = None, code: str | None = None) -> Refused:
    return Refused(problem(400, "invalid_request_error", message, code, param))


def hold(body: Any, fields: Mapping[str, Field], where: str = "") -> None:
    wrong = complaint(body, fields)
    if wrong is None:
        return
    name = wrong.removeprefix("unknown field ")
    if name != wrong:
        raise invalid(f"Unknown parameter: '{where}{name}'.", f"{where}{name}", "unknown_parameter")
    missing = wrong.endswith("is required")
    code = "missing_required_parameter" if missing else "invalid_value"
    raise invalid(f"{where}{wrong}", where + wrong.split()[0], code)


@dataclass(frozen=True)
class Said:
    """What the model says to a request, cut where the request wants it cut."""

    text: str
    refusal: str | None
    cut: str | None
    failed: Failed | None
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int


class OpenAIServer(ContractServer):
    """`https://api.openai.com`."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "auth": problem(401, "invalid_request_error", "Incorrect API key provided.", "invalid_api_key"),
        "plan_denied": problem(403, "invalid_request_error", "Your project has no access.", "unsupported_country"),
        "invalid_request": problem(400, "invalid_request_error", "Unknown parameter: 'x'.", "unknown_parameter", "x"),
        "moderation": problem(
            400, "invalid_request_error", "Your prompt was flagged as violating our usage policy.", "invalid_prompt"
        ),
        "not_found": problem(404, "invalid_request_error", "Invalid URL"),
        "model_not_found": problem(404, "invalid_request_error", "There is no such model.", "model_not_found", "model"),
        "timeout": problem(408, "timeout", "The request timed out."),
        "conflict": problem(409, "conflict", "The resource is being changed by another request."),
        "insufficient_credits": problem(
            429, "insufficient_quota", "You exceeded your current quota, check your plan.", "insufficient_quota"
        ),
        "rate_limited": problem(429, "requests", "Rate limit reached.", "rate_limit_exceeded", retry_after="1"),
        "rate_limited_ms": problem(429, "tokens", "Rate limit reached.", "rate_limit_exceeded", retry_after_ms="150"),
        "rate_limited_bare": problem(429, "requests", "Rate limit reached.", "rate_limit_exceeded"),
        "upstream": problem(500, "server_error", "The server had an error while processing your request."),
        "upstream_final": problem(500, "server_error", "Do not try again.", x_should_retry="false"),
        "overloaded": problem(503, "server_error", "The engine is currently overloaded, please try again later."),
    }

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.answer: Script | None = None
        self.local = False
        self.prices = dict(PRICES)
        self.reasoning_tokens = 0
        self.cached_tokens = 0
        self.service_tier = "default"
        self._stored: dict[str, dict[str, Any]] = {}

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v1/responses", self.respond, methods=["POST"]),
            Route("/v1/responses/{id}", self.stored, methods=["GET"]),
            Route("/v1/chat/completions", self.chat, methods=["POST"]),
            Route("/v1/models", self.models, methods=["GET"]),
        ]

    # -- handlers ------------------------------------------------------------------------------------------------------

    async def models(self, request: Request) -> Response:
        self._enter(request)
        listed = [{"id": name, "object": "model", "created": BORN, "owned_by": "system"} for name in self.prices]
        return self._give({"object": "list", "data": listed}, "models")

    async def respond(self, request: Request) -> Response:
        body = await self._body(request, RESPONSES)
        self._messages(body)
        hold(body.get("reasoning") or {}, REASONING, "reasoning.")
        schema = self._text_format(body.get("text") or {})
        if body.get("background") and body.get("store") is False:
            raise invalid("Background mode needs store=true.", "background")
        said = self._say(body, body.get("max_output_tokens"), (body.get("instructions"), body["input"]), schema)
        self._pay("responses", body, said)
        number = self.new_id("resp_", body)
        answer = self._response(number, body, said)
        if body.get("store", True):
            self._stored[number] = answer
        if not body.get("background"):
            return self._give(answer, number)
        job = Job(number, "responses", body, ("queued", "in_progress", answer["status"]))
        self.jobs[number] = job
        return self._give(self._unfinished(answer, job.state), number)

    async def stored(self, request: Request) -> Response:
        self._enter(request)
        number = request.path_params["id"]
        answer = self._stored.get(number)
        if answer is None or self._expired is not None:
            raise Refused(problem(404, "invalid_request_error", f"Response with id '{number}' not found."))
        job = self.jobs.get(number)
        if job is not None:
            job.advance(self.pace)
            if not job.finished:
                answer = self._unfinished(answer, job.state)
        return self._give(answer, f"get{number}")

    async def chat(self, request: Request) -> Response:
        body = await self._body(request, CHAT)
        for at, message in enumerate(body["messages"]):
            hold(message, CHAT_MESSAGE, f"messages[{at}].")
            for piece in message["content"] if isinstance(message["content"], list) else ():
                hold(piece, CHAT_PART, f"messages[{at}].content.")
        schema = self._chat_format(body.get("response_format"))
        most = body.get("max_completion_tokens") or body.get("max_tokens")
        said = self._say(body, most, (body["messages"],), schema)
        self._pay("chat", body, said)
        if said.failed:
            raise Refused(problem(500, "server_error", said.failed.message, said.failed.code))
        return self._give(self._completion(body, said), "chat")

    # -- what it accepts -----------------------------------------------------------------------------------------------

    def _enter(self, request: Request) -> None:
        if not self.local and request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(self.ERRORS["auth"])
        if self.too_fast():
            raise Refused(self.ERRORS["rate_limited"])

    async def _body(self, request: Request, fields: Mapping[str, Field]) -> dict[str, Any]:
        self._enter(request)
        if "application/json" not in request.headers.get("content-type", ""):
            raise invalid("The content-type must be application/json.")
        try:
            body = await request.json()
        except ValueError:
            raise invalid("We could not parse the JSON body of your request.") from None
        hold(body, fields)
        if not self.local and body["model"] not in self.prices:
            raise Refused(self.ERRORS["model_not_found"])
        return dict(body)

    def _messages(self, body: dict[str, Any]) -> None:
        for at, message in enumerate(body["input"] if isinstance(body["input"], list) else ()):
            hold(message, MESSAGE, f"input[{at}].")
            for piece in message["content"] if isinstance(message["content"], list) else ():
                hold(piece, PART, f"input[{at}].content.")
        pairs = body.get("metadata") or {}
        if any(not isinstance(value, str) for value in pairs.values()):
            raise invalid("metadata takes text only", "metadata", "invalid_type")

    def _text_format(self, text: dict[str, Any]) -> dict[str, Any] | None:
        hold(text, TEXT, "text.")
        wanted = text.get("format")
        if wanted is None:
            return None
        hold(wanted, FORMAT, "text.format.")
        if wanted["type"] != "json_schema":
            return None
        for name in ("name", "schema"):
            if not wanted.get(name):
                raise invalid(
                    f"Missing required parameter: 'text.format.{name}'.",
                    f"text.format.{name}",
                    "missing_required_parameter",
                )
        return self._schema(wanted, "text.format.schema")

    def _chat_format(self, wanted: dict[str, Any] | None) -> dict[str, Any] | None:
        if wanted is None:
            return None
        hold(wanted, CHAT_FORMAT, "response_format.")
        if wanted["type"] != "json_schema":
            return None
        if not wanted.get("json_schema"):
            raise invalid("Missing required parameter: 'response_format.json_schema'.", "response_format.json_schema")
        hold(wanted["json_schema"], CHAT_SCHEMA, "response_format.json_schema.")
        return self._schema(wanted["json_schema"], "response_format")

    def _schema(self, wanted: dict[str, Any], param: str) -> dict[str, Any]:
        if not all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in wanted["name"]):
            raise invalid(f"'{wanted['name']}' does not match '^[a-zA-Z0-9_-]+$'.", "name", "invalid_value")
        schema: dict[str, Any] = wanted["schema"]
        wrong = language.schema_complaint(schema, language.OPENAI) if wanted.get("strict") else None
        if wrong:
            raise invalid(
                f"Invalid schema for response_format '{wanted['name']}': {wrong}", param, "invalid_json_schema"
            )
        return schema

    # -- what it says --------------------------------------------------------------------------------------------------

    def _say(self, body: dict[str, Any], most: int | None, read: Sequence[Any], schema: dict[str, Any] | None) -> Said:
        counted = language.tokens(*read, schema)
        made = self.answer(body) if self.answer else self._usual(schema)
        if isinstance(made, Failed):
            return Said("", None, None, made, counted, 0, 0)
        if isinstance(made, Refusal):
            return Said("", made.text, None, None, counted, language.tokens(made.text), 0)
        if isinstance(made, Truncated):
            spent = most or language.tokens(made.text)
            return Said(made.text, None, made.reason or "max_output_tokens", None, counted, spent, 0)
        text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
        spent = language.tokens(text) + self.reasoning_tokens
        if most is not None and spent > most:
            kept = max(0, most - self.reasoning_tokens) * language.CHARACTERS_A_TOKEN
            return Said(text[:kept], None, "max_output_tokens", None, counted, most, min(most, self.reasoning_tokens))
        return Said(text, None, None, None, counted, spent, self.reasoning_tokens)

    def _usual(self, schema: dict[str, Any] | None) -> Any:
        return "The last boat leaves at nine." if schema is None else language.document(schema)

    def _pay(self, operation: str, body: dict[str, Any], said: Said) -> None:
        """A request that failed inside costs nothing."""
        rates = FREE if self.local else self.prices[body["model"]]
        dollars = language.cost((said.input_tokens, said.output_tokens), rates)
        with self.lock:
            if self.balance is not None and self.balance < dollars:
                raise Refused(self.ERRORS["insufficient_credits"])
            self.accept(body)
            if said.failed:
                return
            if self.balance is not None:
                self.balance -= dollars
            self.charge(operation, dollars, identity_of(body))

    def _response(self, number: str, body: dict[str, Any], said: Said) -> dict[str, Any]:
        status = "failed" if said.failed else "incomplete" if said.cut else "completed"
        return {
            "id": number,
            "object": "response",
            "created_at": BORN,
            "status": status,
            "error": {"code": said.failed.code, "message": said.failed.message} if said.failed else None,
            "incomplete_details": {"reason": said.cut} if said.cut else None,
            "model": body["model"],
            "output": [] if said.failed else self._output(number, status, said),
            "usage": None if said.failed else self._usage(said),
            "service_tier": self.service_tier,
            "metadata": body.get("metadata") or {},
        }

    def _output(self, number: str, status: str, said: Said) -> list[dict[str, Any]]:
        """A reasoning item first where the model thought; then the message, unless thinking used all there was."""
        found: list[dict[str, Any]] = []
        if said.reasoning_tokens:
            found.append({"id": f"rs_{number}", "type": "reasoning", "summary": []})
        if said.refusal is not None:
            content: dict[str, Any] = {"type": "refusal", "refusal": said.refusal}
        else:
            content = {"type": "output_text", "text": said.text, "annotations": []}
        if said.refusal is not None or said.text:
            message = {"id": f"msg_{number}", "type": "message", "role": "assistant", "status": status}
            found.append(message | {"content": [content]})
        return found

    def _usage(self, said: Said) -> dict[str, Any]:
        cached = min(self.cached_tokens, said.input_tokens)
        return {
            "input_tokens": said.input_tokens,
            "input_tokens_details": {"cached_tokens": cached, "cache_write_tokens": 0},
            "output_tokens": said.output_tokens,
            "output_tokens_details": {"reasoning_tokens": said.reasoning_tokens},
            "total_tokens": said.input_tokens + said.output_tokens,
        }

    def _unfinished(self, answer: dict[str, Any], state: str) -> dict[str, Any]:
        empty: dict[str, Any] = {
            "status": state,
            "output": [],
            "usage": None,
            "error": None,
            "incomplete_details": None,
        }
        return answer | empty

    def _completion(self, body: dict[str, Any], said: Said) -> dict[str, Any]:
        cuts = {None: "stop", "content_filter": "content_filter"}
        refused = said.refusal is not None
        return {
            "id": self.new_id("chatcmpl-", body),
            "object": "chat.completion",
            "created": BORN,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": None if refused else said.text,
                        "refusal": said.refusal,
                    },
                    "finish_reason": cuts.get(said.cut, "length"),
                }
            ],
            "usage": {
                "prompt_tokens": said.input_tokens,
                "completion_tokens": said.output_tokens,
                "total_tokens": said.input_tokens + said.output_tokens,
            },
        }

    def _give(self, body: dict[str, Any], mark: str) -> Response:
        request_id = "req_" + hashlib.sha256(mark.encode()).hexdigest()[:32]
        return Answer(200, body, {"x-request-id": request_id}).response()


def identity_of(body: dict[str, Any]) -> str:
    """The last thing the user said."""
    last = body["input"] if "input" in body else body["messages"]
    while isinstance(last, list):
        last = last[-1]
        last = last.get("content", last.get("text")) if isinstance(last, dict) else last
    return str(last)
