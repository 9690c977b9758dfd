"""OpenAI's Responses API, and any server that speaks its older chat completions (`options["api"]` is "chat").

Text in, one JSON document of a strict schema out. The second kind is for language models on one's own machine: it
needs an address, no key.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price
from providers.account import Account
from providers.answers import document
from providers.contract import Health, Product, Usage
from providers.errors import ProviderError
from providers.orders import Order, TextOrder
from providers.text import (
    SPENT,
    TEXT_TASKS,
    TIMEOUT_S,
    Answer,
    Rate,
    TextAdapter,
    error_in,
    text_order,
)
from providers.transport import Call, Reply, Transport

BASE_URL: Final = "https://api.openai.com"

RATES: Final[Mapping[str, Rate]] = {
    model: Rate(Decimal(usd_in), Decimal(usd_out))
    for model, usd_in, usd_out in (
        ("gpt-6-luna", ".10", ".50"),
        ("gpt-5.4-nano", ".20", "1.25"),
        ("gpt-5-mini", ".25", "2"),
        ("gpt-6-sol", "2", "10"),
        ("gpt-6-astra", "10", "50"),
    )
}
"""By the price list of 2026-11."""

STATUSES: Final[Mapping[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.PLAN_DENIED,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    409: ErrorKind.UPSTREAM,
    413: ErrorKind.INVALID_REQUEST,
    422: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    503: ErrorKind.OVERLOADED,
    529: ErrorKind.OVERLOADED,
}
CODES: Final[Mapping[str, ErrorKind]] = {
    "insufficient_quota": ErrorKind.INSUFFICIENT_CREDITS,
    "billing_hard_limit_reached": ErrorKind.INSUFFICIENT_CREDITS,
    "billing_not_active": ErrorKind.INSUFFICIENT_CREDITS,
    "invalid_api_key": ErrorKind.AUTH,
    "content_policy_violation": ErrorKind.MODERATION,
    "content_filter": ErrorKind.MODERATION,
    "moderation_blocked": ErrorKind.MODERATION,
    "rate_limit_exceeded": ErrorKind.RATE_LIMITED,
    "server_error": ErrorKind.UPSTREAM,
    "model_not_found": ErrorKind.NOT_FOUND,
    "invalid_prompt": ErrorKind.MODERATION,
}
"""What the code of an error says where the status alone does not tell; they stand in failed responses as well."""

TYPES: Final[Mapping[str, ErrorKind]] = {"insufficient_quota": ErrorKind.INSUFFICIENT_CREDITS}
"""The same for its type, which otherwise says less than the status."""

INCOMPLETE: Final[Mapping[str, ErrorKind]] = {
    "max_output_tokens": SPENT,
    "max_messages": SPENT,
    "steered": SPENT,
    "content_filter": ErrorKind.MODERATION,
}
FINISHES: Final[Mapping[str, ErrorKind]] = {"length": SPENT, "content_filter": ErrorKind.MODERATION}


class _Usage(Answer):
    input_tokens: int = 0
    output_tokens: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens_in(self) -> int:
        return self.input_tokens or self.prompt_tokens

    @property
    def tokens_out(self) -> int:
        return self.output_tokens or self.completion_tokens


class _Part(Answer):
    type: str = ""
    text: str = ""
    refusal: str = ""


class _Item(Answer):
    type: str = ""
    content: tuple[_Part, ...] = ()


class _Failure(Answer):
    code: str = ""
    message: str = ""


class _Incomplete(Answer):
    reason: str = "unknown"


class _Response(Answer):
    """An answer of the Responses API."""

    id: str = ""
    model: str = ""
    status: str
    error: _Failure = _Failure()
    incomplete_details: _Incomplete = _Incomplete()
    output: tuple[_Item, ...] = ()
    usage: _Usage | None = None

    def written(self, request_id: str) -> str:
        """The text; ProviderError for an answer that failed, was cut short, or is a refusal."""
        if self.status != "completed":
            raise self._unfinished(request_id)
        content = [part for item in self.output if item.type == "message" for part in item.content]
        refusals = [part.refusal for part in content if part.type == "refusal"]
        if refusals:
            raise ProviderError(ErrorKind.MODERATION, f"the model refused: {refusals[0]}", request_id=request_id)
        return "".join(part.text for part in content if part.type == "output_text")

    def _unfinished(self, request_id: str) -> ProviderError:
        if self.status == "incomplete":
            reason = self.incomplete_details.reason
            kind = INCOMPLETE.get(reason, SPENT)
            return ProviderError(kind, f"the answer was cut short: {reason}", request_id=request_id)
        if self.status == "failed":
            kind = CODES.get(self.error.code, ErrorKind.UPSTREAM)
            told = self.error.message or self.error.code or "no reason given"
            return ProviderError(
                kind, f"the response failed: {told}", request_id=request_id, refunded=self.usage is None
            )
        # Nothing is stored, so that a response which goes on somewhere cannot be fetched.
        return ProviderError(ErrorKind.OUTCOME_UNKNOWN, f"the response is {self.status}", request_id=request_id)


class _Message(Answer):
    content: str = ""
    refusal: str = ""


class _Choice(Answer):
    finish_reason: str = ""
    message: _Message = _Message()


class _Completion(Answer):
    """An answer of the chat completions API."""

    id: str = ""
    model: str = ""
    choices: Annotated[tuple[_Choice, ...], Field(min_length=1)]
    usage: _Usage | None = None

    def written(self, request_id: str) -> str:
        """The text; ProviderError for an answer that was cut short or is a refusal."""
        choice = self.choices[0]
        if choice.message.refusal:
            raise ProviderError(
                ErrorKind.MODERATION, f"the model refused: {choice.message.refusal}", request_id=request_id
            )
        if choice.finish_reason in FINISHES:
            kind = FINISHES[choice.finish_reason]
            raise ProviderError(kind, f"the answer was cut short: {choice.finish_reason}", request_id=request_id)
        return choice.message.content


class OpenAI(TextAdapter):
    """A language model at OpenAI, or at an address that speaks like it.

    Account options: `api` "responses" (the default) or "chat"; `effort` of thinking ("low"; empty leaves it out, for
    models that do not think); `usd_in` and `usd_out` for a million tokens where the price table has no row.
    """

    rates = RATES
    default_model = "gpt-6-luna"

    def __init__(self, account: Account, transport: Transport) -> None:
        self._chat = account.options.get("api") == "chat"
        if self._chat:
            self.default_model = "default"
        super().__init__(account, transport)
        self._free = self._chat and self._rate is None

    @property
    def capabilities(self) -> Capabilities:
        """`openai`, or `local_llm` where it speaks chat completions."""
        return self._local() if self._chat else self._official()

    def _official(self) -> Capabilities:
        rate = self._quoted
        return Capabilities(
            name="openai",
            title=f"OpenAI {self._model}",
            tasks=TEXT_TASKS,
            lyrics=True,
            price=Price(usd=rate.usd_in, per="million tokens", usd_out=rate.usd_out),
            commercial="yes",
            quality=0.75,
            speed=0.8,
            completion=(Completion.JSON,),
            evidence={
                "responses": Evidence.VERIFIED,
                "errors": Evidence.VERIFIED,
                "insufficient_quota": Evidence.UNVERIFIED,
                "probe": Evidence.UNVERIFIED,
            },
        )

    def _local(self) -> Capabilities:
        rate = self._rate or Rate(Decimal(0), Decimal(0))
        return Capabilities(
            name="local_llm",
            title=f"Language model {self._model}",
            tasks=TEXT_TASKS,
            lyrics=True,
            price=Price(usd=rate.usd_in, per="million tokens", usd_out=rate.usd_out),
            commercial="unknown",
            licence="that of the model which the server runs",
            quality=0.45,
            speed=0.4,
            completion=(Completion.JSON,),
            evidence={"chat.completions": Evidence.SECOND_HAND, "probe": Evidence.UNVERIFIED},
            note="any server with /v1/chat/completions and response_format json_schema; a key only where it asks",
        )

    @property
    def _quoted(self) -> Rate:
        return Rate(Decimal(0), Decimal(0)) if self._free else super()._quoted

    def operation(self, order: Order) -> str:
        """`responses` or `chat.completions`; UNSUPPORTED where a server of one's own has no address."""
        text_order(order)
        if self._chat and not self._account.base_url:
            raise ProviderError(ErrorKind.UNSUPPORTED, "a language model of one's own needs an address: set base_url")
        return "chat.completions" if self._chat else "responses"

    async def submit(self, order: Order, *, callback_url: str = "") -> Product:
        """Ask the model once, for the document of the order's schema."""
        self.operation(order)
        asked = text_order(order)
        path, body = ("chat/completions", self._chat_body(asked)) if self._chat else ("responses", self._body(asked))
        call = Call("POST", self._url(path), self._headers(), body=body, timeout_s=TIMEOUT_S, charged=not self._free)
        reply = await self._transport.send(call)
        request_id = reply.headers.get("x-request-id", "")
        if reply.status >= 300:
            self._fail(reply, request_id)
        charged = not self._free
        answer: _Response | _Completion = (
            document(_Completion, reply, charged=charged) if self._chat else document(_Response, reply, charged=charged)
        )
        used = answer.usage
        usage = Usage(input_tokens=used.tokens_in, output_tokens=used.tokens_out) if used else None
        cost = self._cost(usage.input_tokens, usage.output_tokens) if usage else None
        if self._free:
            cost = Decimal(0)
        return self._product(order, answer, request_id, usage, cost)

    async def probe(self) -> Health:
        """The list of models, which costs nothing and needs the key."""
        reply = await self._transport.send(Call("GET", self._url("models"), self._headers(), timeout_s=15.0))
        if reply.status >= 300:
            self._fail(reply, reply.headers.get("x-request-id", ""))
        return Health(ok=True, note=f"model {self._model}")

    def _url(self, path: str) -> str:
        base = self._account.base_url or BASE_URL
        return f"{base}/{path}" if base.endswith("/v1") else f"{base}/v1/{path}"

    def _headers(self) -> dict[str, str]:
        return self._account.bearer() if self._account.key.get_secret_value() else {}

    def _body(self, order: TextOrder) -> dict[str, Any]:
        effort = self._account.options.get("effort", "low")
        return {
            "model": self._model,
            "store": False,
            "max_output_tokens": order.max_tokens,
            **({"reasoning": {"effort": effort}} if effort else {}),
            "instructions": order.instructions,
            "input": [{"role": "user", "content": [{"type": "input_text", "text": order.text}]}],
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": order.schema_name,
                    "strict": True,
                    "schema": order.json_schema,
                }
            },
            **({"safety_identifier": order.user} if order.user else {}),
        }

    def _chat_body(self, order: TextOrder) -> dict[str, Any]:
        schema = {"name": order.schema_name, "strict": True, "schema": order.json_schema}
        return {
            "model": self._model,
            "max_tokens": order.max_tokens,
            "messages": [
                {"role": "system", "content": order.instructions},
                {"role": "user", "content": order.text},
            ],
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

    def _fail(self, reply: Reply, request_id: str) -> None:
        error = error_in(reply)
        kind = STATUSES.get(reply.status, ErrorKind.UPSTREAM if reply.status >= 500 else ErrorKind.INVALID_REQUEST)
        kind = CODES.get(error.get("code", ""), TYPES.get(error.get("type", ""), kind))
        self._refuse(reply, kind, error, request_id)
