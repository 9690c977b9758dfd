"""Anthropic's Messages API: text in, one JSON document of a strict schema out."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price
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
from providers.transport import Call, Reply

BASE_URL: Final = "https://api.anthropic.com"
VERSION: Final = "2026-10-21"

RATES: Final[Mapping[str, Rate]] = {
    model: Rate(Decimal(usd_in), Decimal(usd_out))
    for model, usd_in, usd_out in (
        ("claude-haiku-5-5", ".10", ".50"),
        ("claude-haiku-4-5", "1", "5"),
        ("claude-sonnet-5-5", "2", "10"),
        ("claude-opus-5-5", "4", "20"),
    )
}
"""By the price list of 2026-11."""
CACHE_WRITTEN: Final = Decimal("1.25")
CACHE_READ: Final = Decimal("0.1")
"""What a token of the cache costs, as a share of one that is read afresh; no request here asks for a cache."""

TYPES: Final[Mapping[str, ErrorKind]] = {
    "invalid_request_error": ErrorKind.INVALID_REQUEST,
    "authentication_error": ErrorKind.AUTH,
    "billing_error": ErrorKind.INSUFFICIENT_CREDITS,
    "permission_error": ErrorKind.PLAN_DENIED,
    "not_found_error": ErrorKind.NOT_FOUND,
    "request_too_large": ErrorKind.INVALID_REQUEST,
    "rate_limit_error": ErrorKind.RATE_LIMITED,
    "api_error": ErrorKind.UPSTREAM,
    "timeout_error": ErrorKind.TIMEOUT,
    "overloaded_error": ErrorKind.OVERLOADED,
}
CODES: Final[Mapping[str, ErrorKind]] = {
    "ramp_limit_exceeded": ErrorKind.RATE_LIMITED,
    "enforced_spend_limit_reached": ErrorKind.INSUFFICIENT_CREDITS,
    "contract_spend_limit_reached": ErrorKind.INSUFFICIENT_CREDITS,
}
"""`details.error_code`, which goes before the type."""

STATUSES: Final[Mapping[int, ErrorKind]] = {
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.PLAN_DENIED,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    409: ErrorKind.UPSTREAM,
    429: ErrorKind.RATE_LIMITED,
    529: ErrorKind.OVERLOADED,
}
"""For an error whose body is none of Anthropic's, such as a proxy's."""

NO_CREDIT: Final = ("usage limit", "credit balance", "spend limit")
"""An invalid request whose text says one of these is an empty account: seen by others, in no document."""

STOPS: Final[Mapping[str, tuple[ErrorKind, str]]] = {
    "max_tokens": (SPENT, "the answer was cut at its token limit"),
    "model_context_window_exceeded": (SPENT, "the request and its answer are longer than the model can hold"),
    "pause_turn": (SPENT, "the model paused, for tools that it was not given"),
}


class _Usage(Answer):
    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_read_input_tokens: int = 0

    @property
    def tokens_in(self) -> int:
        return self.input_tokens + self.cache_creation_input_tokens + self.cache_read_input_tokens

    @property
    def billed_in(self) -> Decimal:
        """Tokens in, those of the cache weighted by what they cost."""
        written, read = self.cache_creation_input_tokens, self.cache_read_input_tokens
        return self.input_tokens + written * CACHE_WRITTEN + read * CACHE_READ


class _Part(Answer):
    type: str = ""
    text: str = ""


class _Stop(Answer):
    explanation: str = "no reason given"


class _Answer(Answer):
    """An answer of the Messages API."""

    id: str = ""
    model: str = ""
    stop_reason: str
    stop_details: _Stop = _Stop()
    content: tuple[_Part, ...] = ()
    usage: _Usage | None = None

    def written(self, request_id: str) -> str:
        """The text; ProviderError for a refusal and for an answer that was cut short."""
        if self.stop_reason == "refusal":
            raise ProviderError(
                ErrorKind.MODERATION, f"the model refused: {self.stop_details.explanation}", request_id=request_id
            )
        if self.stop_reason in STOPS:
            kind, told = STOPS[self.stop_reason]
            raise ProviderError(kind, told, request_id=request_id)
        return "".join(part.text for part in self.content if part.type == "text")


class Anthropic(TextAdapter):
    """A language model at Anthropic.

    Account options: `effort` of thinking ("low"; empty leaves it out), `version` of the API, `usd_in` and `usd_out`
    for a million tokens where the price table has no row.
    """

    rates = RATES
    default_model = "claude-haiku-5-5"

    @property
    def capabilities(self) -> Capabilities:
        """`anthropic`."""
        rate = self._quoted
        return Capabilities(
            name="anthropic",
            title=f"Anthropic {self._model}",
            tasks=TEXT_TASKS,
            lyrics=True,
            price=Price(usd=rate.usd_in, per="million tokens", usd_out=rate.usd_out),
            commercial="yes",
            quality=0.8,
            speed=0.75,
            completion=(Completion.JSON,),
            evidence={
                "messages": Evidence.VERIFIED,
                "errors": Evidence.VERIFIED,
                "usage limits as invalid_request_error": Evidence.SECOND_HAND,
                "probe": Evidence.UNVERIFIED,
            },
        )

    def operation(self, order: Order) -> str:
        """`messages`."""
        text_order(order)
        return "messages"

    async def submit(self, order: Order, *, callback_url: str = "") -> Product:
        """Ask the model once, for the document of the order's schema."""
        body = self._body(text_order(order))
        call = Call("POST", self._url("messages"), self._headers(), body=body, timeout_s=TIMEOUT_S, charged=True)
        reply = await self._transport.send(call)
        request_id = reply.headers.get("request-id", "")
        if reply.status >= 300:
            self._fail(reply, request_id)
        answer = document(_Answer, reply, charged=True)
        used = answer.usage
        usage = Usage(input_tokens=used.tokens_in, output_tokens=used.output_tokens) if used else None
        cost = self._cost(used.billed_in, used.output_tokens) if used else None
        return self._product(order, answer, request_id, usage, cost)

    async def probe(self) -> Health:
        """The list of models, which costs nothing and needs the key."""
        reply = await self._transport.send(Call("GET", self._url("models"), self._headers(), timeout_s=15.0))
        if reply.status >= 300:
            self._fail(reply, reply.headers.get("request-id", ""))
        return Health(ok=True, note=f"model {self._model}")

    def _url(self, path: str) -> str:
        return f"{self._account.base_url or BASE_URL}/v1/{path}"

    def _headers(self) -> dict[str, str]:
        return {**self._account.bearer(), "anthropic-version": self._account.options.get("version", VERSION)}

    def _body(self, order: TextOrder) -> dict[str, Any]:
        effort = self._account.options.get("effort", "low")
        return {
            "model": self._model,
            "max_tokens": order.max_tokens,
            "system": order.instructions,
            "messages": [{"role": "user", "content": order.text}],
            "output_config": {
                **({"effort": effort} if effort else {}),
                "format": {"type": "json_schema", "schema": order.json_schema},
            },
            **({"metadata": {"user_id": order.user}} if order.user else {}),
        }

    def _fail(self, reply: Reply, request_id: str) -> None:
        error = error_in(reply)
        kind = STATUSES.get(reply.status, ErrorKind.UPSTREAM if reply.status >= 500 else ErrorKind.INVALID_REQUEST)
        kind = CODES.get(error.get("code", ""), TYPES.get(error.get("type", ""), kind))
        if kind is ErrorKind.INVALID_REQUEST and any(word in error.get("message", "").lower() for word in NO_CREDIT):
            kind = ErrorKind.INSUFFICIENT_CREDITS
        self._refuse(reply, kind, error, request_id)
