"""What the adapters of language models share: prices by tokens, the check of an order, the document in an answer."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Any, Final, NamedTuple, NoReturn, Protocol

from pydantic import BaseModel, ConfigDict, model_validator

from domain.providers import Capabilities, ErrorKind, Task
from providers.account import Account
from providers.contract import Callback, Job, Pending, Product, Usage
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order, TextOrder
from providers.transport import Reply, Transport

TEXT_TASKS: Final = frozenset(
    {
        Task.LYRICS, Task.ENHANCEMENT, Task.MUSIC_THEORY, Task.MELODY, Task.BASS, Task.RHYTHM, Task.STRUCTURE,
        Task.ANALYSIS,
    }
)  # fmt: skip
"""Tasks whose result is a document."""

TIMEOUT_S: Final = 240.0
OVERHEAD_TOKENS: Final = 500
"""What a vendor adds around a request: roles, the schema in its own words."""

SPENT: Final = ErrorKind.INVALID_REQUEST
"""For an answer that was paid for and is of no use, such as one that was cut at its token limit.

The same order would be answered, and billed, like that again: it goes to the next provider instead. UPSTREAM would say
that nothing was taken.
"""

RETRY_ADVICE: Final[Mapping[tuple[ErrorKind, str | None], ErrorKind]] = {
    (ErrorKind.INVALID_REQUEST, "true"): ErrorKind.UPSTREAM,
    (ErrorKind.UPSTREAM, "false"): ErrorKind.INVALID_REQUEST,
}
"""What `x-should-retry` makes of an error: the vendor knows better than its status whether to ask again."""

_CENT = Decimal("0.000001")
_FENCED = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)


class Rate(NamedTuple):
    """US dollars for a million tokens in and out."""

    usd_in: Decimal
    usd_out: Decimal

    def cost(self, tokens_in: int | Decimal, tokens_out: int) -> Decimal:
        """US dollars, rounded up to a millionth."""
        return ((self.usd_in * tokens_in + self.usd_out * tokens_out) / 1_000_000).quantize(_CENT, ROUND_UP)


def rate_of(account: Account, model: str, table: Mapping[str, Rate]) -> Rate | None:
    """The account's own `usd_in` and `usd_out` options, else the row of the model; a dated name is its model's.

    None where neither is known; ValueError for a price that is no number.
    """
    if "usd_in" in account.options or "usd_out" in account.options:
        return Rate(*(_price(name, account.options.get(name, "0")) for name in ("usd_in", "usd_out")))
    rows = [name for name in table if model == name or model.startswith(f"{name}-20")]
    return table[max(rows, key=len)] if rows else None


def _price(name: str, text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("nan")
    if not price.is_finite() or price < 0:
        raise ValueError(f"{name} is {text!r}; it is US dollars for a million tokens, such as 0.25")
    return price


def quote_of(order: Order, rate: Rate) -> Decimal:
    """At most what an order costs: no token is shorter than a byte, and the answer has its limit."""
    if isinstance(order, MusicOrder):
        raise unsupported(order)
    sent = len(f"{order.instructions}{order.text}{json.dumps(order.json_schema)}".encode())
    return rate.cost(sent + OVERHEAD_TOKENS, order.max_tokens)


def unsupported(order: Order) -> ProviderError:
    """Why an order that a language model cannot fulfil is refused."""
    return ProviderError(ErrorKind.UNSUPPORTED, f"a language model writes words; it cannot make {order.task.value}")


def text_order(order: Order) -> TextOrder:
    """The order if it is one for words; ProviderError UNSUPPORTED otherwise."""
    if isinstance(order, MusicOrder) or order.task not in TEXT_TASKS:
        raise unsupported(order)
    return order


def document_in(text: str, request_id: str) -> dict[str, Any]:
    """The JSON object that a model wrote, `SPENT` for anything else; small models put it between code fences."""
    fenced = _FENCED.fullmatch(text.strip())
    try:
        document = json.loads(fenced[1] if fenced else text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise ProviderError(SPENT, f"the model answered with no JSON object: {text[:80]!r}", request_id=request_id)
    return document


def error_in(reply: Reply) -> dict[str, str]:
    """Message, type and code of an error answer; servers write it as {"error": {…}}, {"error": "…"} or {…}."""
    try:
        body = reply.json()
    except ProviderError as error:
        return {"message": error.message}
    found = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(found, dict):
        return {"message": str(found)}
    details = found.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    named = {"message": found.get("message"), "type": found.get("type"), "code": found.get("code") or code}
    return {name: str(value) for name, value in named.items() if value is not None}


class Answer(BaseModel):
    """The shape of a vendor's answer: what it adds is let be, null counts as left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        return {k: v for k, v in values.items() if v is not None} if isinstance(values, dict) else values


class Written(Protocol):
    """An answer of any vendor: the vendor's own id of it, the model that wrote it."""

    @property
    def id(self) -> str: ...

    @property
    def model(self) -> str: ...

    def written(self, request_id: str) -> str:
        """Its text; ProviderError for an answer that was cut short, or is a refusal."""


class TextAdapter(ABC):
    """What every language model has in common: no jobs to wait for, no callbacks, a price by tokens.

    A class of its own sets `rates` (by model; the account's `usd_in` and `usd_out` options win) and `default_model`.
    """

    rates: Mapping[str, Rate] = {}
    default_model = ""

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account, self._transport = account, transport
        self._model = account.model or self.default_model
        self._rate = rate_of(account, self._model, self.rates)

    @property
    @abstractmethod
    def capabilities(self) -> Capabilities:
        """What it can do with the model that is configured."""

    @property
    def _quoted(self) -> Rate:
        """A model that has no row is quoted like the dearest."""
        return self._rate or max(self.rates.values(), key=lambda rate: rate.usd_out)

    def quote(self, order: Order) -> Decimal:
        """At most what the order costs in US dollars."""
        return quote_of(text_order(order), self._quoted)

    def _cost(self, tokens_in: int | Decimal, tokens_out: int) -> Decimal | None:
        return self._rate.cost(tokens_in, tokens_out) if self._rate else None

    def _product(
        self, order: Order, answer: Written, request_id: str, usage: Usage | None, cost: Decimal | None
    ) -> Product:
        """What an answer is worth; where it does not tell its `cost`, the quote is what was paid."""
        return Product(
            document=self._document(answer, request_id, self.quote(order) if cost is None else cost),
            usage=usage,
            cost_usd=cost,
            model=answer.model or self._model,
            request_id=request_id or answer.id,
        )

    def _document(self, answer: Written, request_id: str, paid: Decimal) -> dict[str, Any]:
        """The document of an answer; an answer of no use says what was `paid` for it."""
        try:
            return document_in(answer.written(request_id), request_id)
        except ProviderError as error:
            error.cost_usd = None if error.refunded else paid
            raise

    async def poll(self, job: Job) -> Pending | Product:
        """There is nothing to wait for: UNSUPPORTED."""
        raise self._no_jobs()

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """There are no callbacks: INVALID_REQUEST."""
        raise ProviderError(ErrorKind.INVALID_REQUEST, f"{self.capabilities.title} calls nobody back")

    def _no_jobs(self) -> ProviderError:
        return ProviderError(ErrorKind.UNSUPPORTED, f"{self.capabilities.title} answers at once; it has no jobs")

    def _refuse(self, reply: Reply, kind: ErrorKind, error: Mapping[str, str], request_id: str) -> NoReturn:
        said = error.get("message") or f"status {reply.status}"
        if (kind, reply.headers.get("x-should-retry")) in RETRY_ADVICE:
            kind = RETRY_ADVICE[kind, reply.headers["x-should-retry"]]
        raise ProviderError(
            kind,
            f"{self.capabilities.title}: {said[:300]}",
            retry_after_s=reply.retry_after_s,
            request_id=request_id,
            status=reply.status,
        )
