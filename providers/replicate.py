"""Predictions of Replicate: one way to order, watch and be called about any model that it hosts.

Contract: a prediction is created, polled by its id or told by a signed webhook, and its files are gone after an hour.
"""

from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.providers import ErrorKind
from providers import webhooks
from providers.account import Account
from providers.answers import document
from providers.contract import Callback, Health, Job, Pending
from providers.errors import ProviderError
from providers.transport import Call, Reply, Transport

BASE_URL: Final = "https://api.replicate.com"
OPERATION: Final = "prediction"
USD_STEP: Final = Decimal("0.000001")

STATUS_KINDS: Final[Mapping[int, ErrorKind]] = {
    400: ErrorKind.INVALID_REQUEST,
    401: ErrorKind.AUTH,
    402: ErrorKind.INSUFFICIENT_CREDITS,
    403: ErrorKind.PLAN_DENIED,
    404: ErrorKind.NOT_FOUND,
    405: ErrorKind.INVALID_REQUEST,
    409: ErrorKind.INVALID_REQUEST,
    410: ErrorKind.RESULT_EXPIRED,
    413: ErrorKind.INVALID_REQUEST,
    415: ErrorKind.INVALID_REQUEST,
    422: ErrorKind.INVALID_REQUEST,
    429: ErrorKind.RATE_LIMITED,
    503: ErrorKind.OVERLOADED,
    504: ErrorKind.TIMEOUT,
}
"""What a status means; any other from 500 on is UPSTREAM, any other from 300 on INVALID_REQUEST."""

FAILURE_KINDS: Final[tuple[tuple[str, ErrorKind], ...]] = (
    ("nsfw", ErrorKind.MODERATION),
    ("flagged", ErrorKind.MODERATION),
    ("sensitive", ErrorKind.MODERATION),
    ("out of memory", ErrorKind.OVERLOADED),
    ("timed out", ErrorKind.TIMEOUT),
    ("timeout", ErrorKind.TIMEOUT),
    ("validation", ErrorKind.INVALID_REQUEST),
    ("invalid input", ErrorKind.INVALID_REQUEST),
)
"""What a failed prediction's own words mean [unverified: models word them freely]; all others are UPSTREAM."""

Status = Literal["starting", "processing", "succeeded", "failed", "canceled", "aborted"]
FINAL: Final = frozenset({"succeeded", "failed", "canceled", "aborted"})


class Metrics(BaseModel):
    """What a prediction used; seconds of the machine."""

    model_config = ConfigDict(extra="ignore")

    predict_time: float | None = None


class Prediction(BaseModel):
    """A prediction as Replicate tells it; `output` is an address, several, or what else the model gives."""

    model_config = ConfigDict(extra="ignore")

    id: str
    status: Status
    model: str = ""
    version: str | None = None
    output: Any = None
    error: Any = None
    logs: str | None = None
    metrics: Metrics | None = None
    data_removed: bool = False


class Problem(BaseModel):
    """An error of RFC 7807."""

    model_config = ConfigDict(extra="ignore")

    title: str | None = None
    detail: str | None = None
    status: int | None = None


class PredictionRequest(BaseModel):
    """The body that creates a prediction; `version` only where the address does not name the model."""

    version: str | None = None
    input: dict[str, Any]
    webhook: str | None = None
    webhook_events_filter: list[Literal["start", "output", "logs", "completed"]] | None = None


class Replicate:
    """The predictions of one account. Models are adapters of their own, which know inputs and outputs."""

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._base = account.base_url or BASE_URL

    async def create(self, model: str, given: dict[str, Any], callback_url: str) -> Prediction:
        """Order a prediction of `model` ("owner/name"), or of the version in the account's options; once.

        `Prefer: wait` is not sent: a held connection that breaks would leave the outcome unknown.
        """
        version = self._account.options.get("version", "")
        request = PredictionRequest(
            version=version or None,
            input=given,
            webhook=callback_url or None,
            webhook_events_filter=["completed"] if callback_url else None,
        )
        path = "/v1/predictions" if version else f"/v1/models/{quote(model)}/predictions"
        body = request.model_dump(exclude_none=True)
        call = Call("POST", self._base + path, self._account.bearer(), body=body, charged=True)
        reply = await self._transport.send(call)
        check(reply)
        return document(Prediction, reply, charged=True)

    async def get(self, job: Job) -> Prediction:
        """One look at a prediction."""
        url = f"{self._base}/v1/predictions/{quote(job.id, safe='')}"
        reply = await self._transport.send(Call("GET", url, self._account.bearer()))
        check(reply)
        return document(Prediction, reply)

    async def probe(self) -> Health:
        """Whether the key is taken, by the account's own page."""
        try:
            reply = await self._transport.send(
                Call("GET", f"{self._base}/v1/account", self._account.bearer(), timeout_s=10.0)
            )
            check(reply)
            told = reply.json()
        except ProviderError as error:
            return Health(ok=False, note=f"{error.kind.value}: {error.message}")
        name = told.get("username", "") if isinstance(told, dict) else ""
        return Health(ok=True, note=f"account {name}" if name else "")

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """A webhook of a prediction, proven by its signature where the secret is configured."""
        secret = self._account.webhook_secret.get_secret_value()
        proven = bool(secret) and webhooks.standard_webhooks(secret, headers, body, now=now)
        try:
            prediction = Prediction.model_validate_json(body)
        except ValidationError:
            raise ProviderError(ErrorKind.INVALID_REQUEST, "the call is no prediction of Replicate") from None
        delivery = {name.lower(): value for name, value in headers.items()}.get("webhook-id", "")
        return Callback(job_id=prediction.id, proven=proven, finished=prediction.status in FINAL, delivery_id=delivery)


def check(reply: Reply) -> None:
    """ProviderError for a status that is no success, in the vendor's words."""
    if reply.status < 300:
        return
    kind = STATUS_KINDS.get(reply.status, ErrorKind.UPSTREAM if reply.status >= 500 else ErrorKind.INVALID_REQUEST)
    try:
        problem = Problem.model_validate_json(reply.body)
        told = problem.detail or problem.title or ""
    except ValidationError:
        told = reply.body[:80].decode("utf-8", "replace")
    raise ProviderError(
        kind,
        f"Replicate answered {reply.status}: {told}",
        status=reply.status,
        retry_after_s=reply.retry_after_s,
    )


def outputs(prediction: Prediction, *, failures_billed: bool = True) -> list[str] | Pending:
    """The addresses of what a prediction made, or that it is not finished; RESULT_EXPIRED when they are gone.

    What ended before it started is never billed; whether what failed is, the vendor leaves open: `failures_billed`.
    """
    if prediction.status not in FINAL:
        return Pending(note=prediction.status)
    if prediction.status != "succeeded":
        raise _failed(prediction, refunded=prediction.status == "aborted" or not failures_billed)
    output = prediction.output
    urls = [output] if isinstance(output, str) else output if isinstance(output, list) else []
    found = [url for url in urls if isinstance(url, str) and url]
    if not found:
        raise ProviderError(
            ErrorKind.RESULT_EXPIRED,
            f"the files of prediction {prediction.id} are gone: Replicate keeps them for an hour",
            request_id=prediction.id,
        )
    return found


def cost_usd(prediction: Prediction, usd_per_second: Decimal) -> Decimal | None:
    """What the machine's seconds cost, rounded up; None where the vendor does not tell them."""
    seconds = prediction.metrics.predict_time if prediction.metrics else None
    if seconds is None:
        return None
    return (Decimal(str(seconds)) * usd_per_second).quantize(USD_STEP, rounding=ROUND_UP)


def _failed(prediction: Prediction, *, refunded: bool) -> ProviderError:
    told = str(prediction.error or "")
    lower = told.lower()
    kind = next((kind for words, kind in FAILURE_KINDS if words in lower), ErrorKind.UPSTREAM)
    return ProviderError(
        kind,
        f"Replicate's prediction {prediction.status}: {told or 'no reason given'}",
        request_id=prediction.id,
        refunded=refunded,
        final=True,
    )
