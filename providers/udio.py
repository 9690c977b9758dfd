"""Udio, through a gateway of PiAPI's kind (`music-u`), for it has no interface and gives out no files itself.

[create and look verified; the words of `lyrics_type` besides "instrumental" and calls back unverified]
"""

import hmac
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task
from providers.account import Account
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.envelope import Vendor, ask, shaped
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order
from providers.suno_errors import job_failed
from providers.transport import Call, Transport
from providers.wording import lyrics_text, style_line

BASE_URL: Final = "https://api.piapi.ai"
TASK: Final = "/api/v1/task"
MODEL: Final = "music-u"
PROMPT_CHARS: Final = 1000
"""Ours: the vendor documents no limit, and a longer line says nothing more."""
SECRET_HEADER: Final = "x-webhook-secret"
SEEDS: Final = 2**31

PIAPI: Final = Vendor(name="PiAPI")
"""It documents no codes of its own: they mean what they mean in HTTP."""

CAPABILITIES: Final = Capabilities(
    name="udio",
    title="Udio (through a gateway)",
    tasks=frozenset({Task.FULL_SONG, Task.INSTRUMENTAL, Task.VOCALS}),
    vocals=True,
    lyrics=True,
    longest_s=130.0,
    formats=("mp3",),
    seed=True,
    price=Price(usd=Decimal("0.05"), per="song", note="from"),
    commercial="unknown",
    licence="No official interface exists, and Udio itself lets nobody download; the rights to what comes are unclear.",
    official=False,
    quality=0.75,
    speed=0.4,
    completion=(Completion.POLL, Completion.CALLBACK),
    evidence={
        "generate": Evidence.VERIFIED,
        "lyrics_type": Evidence.UNVERIFIED,
        "callbacks": Evidence.UNVERIFIED,
        "errors": Evidence.UNVERIFIED,
        "length": Evidence.UNVERIFIED,
        "price": Evidence.VERIFIED,
    },
    note="one song a call; the length cannot be asked for",
)


class Body(BaseModel):
    """Part of an order; only what is set is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Input(Body):
    """What is to be made; `seed` -1 leaves it to chance."""

    gpt_description_prompt: str
    lyrics_type: Literal["instrumental", "generate", "user"]
    lyrics: str | None = None
    negative_tags: str | None = None
    seed: int


class WebhookConfig(Body):
    """Whom to call when it is done."""

    endpoint: str
    secret: str | None = None


class Config(Body):
    """How the order is served."""

    service_mode: Literal["public"] = "public"
    webhook_config: WebhookConfig | None = None


class CreateTask(Body):
    """The order."""

    model: str
    task_type: Literal["generate_music"] = "generate_music"
    input: Input
    config: Config


class Answer(BaseModel):
    """Part of an answer; what is not named here is not read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Failed(Answer):
    """Why it failed."""

    code: int | str | None = None
    message: str | None = None
    raw_message: str | None = None


class Output(Answer):
    """What was made: an address that does not last."""

    audio_url: str | None = None
    duration: float | None = None


class TaskData(Answer):
    """How a task stands."""

    task_id: str = Field(min_length=1)
    status: str = "pending"
    output: Output | None = None
    error: Failed | None = None


class Called(Answer):
    """A call back: the task, as it is or as `data`."""

    data: TaskData


class Udio:
    """Udio with one account at one gateway."""

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._base = account.base_url or BASE_URL
        self._secret = account.webhook_secret.get_secret_value()

    @property
    def capabilities(self) -> Capabilities:
        """What the gateway offers."""
        return CAPABILITIES

    def operation(self, order: Order) -> str:
        """Always "generate"; UNSUPPORTED for all else."""
        if not isinstance(order, MusicOrder) or order.task not in CAPABILITIES.tasks or order.wanted:
            raise _unsupported(f"Udio's gateway makes new songs only; it has nothing for {order.task.value}")
        if order.origin is not None or order.reference is not None:
            raise _unsupported("Udio's gateway takes no recording and continues no song")
        return "generate"

    def quote(self, order: Order) -> Decimal:
        """US dollars for the one song of a call."""
        self.operation(order)
        return CAPABILITIES.price.usd

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """Hand the order over, once."""
        operation = self.operation(order)
        assert isinstance(order, MusicOrder)
        model = self._account.model or MODEL
        webhook = WebhookConfig(endpoint=callback_url, secret=self._secret or None) if callback_url else None
        body = CreateTask(model=model, input=_input(order), config=Config(webhook_config=webhook))
        call = self._call("POST", TASK, body=body.model_dump(exclude_none=True), charged=True)
        task = shaped(TaskData, await ask(self._transport, call, PIAPI), PIAPI, charged=True)
        return Job(id=task.task_id, operation=operation, data={"model": model})

    async def poll(self, job: Job) -> Pending | Product:
        """One look at a task."""
        call = self._call("GET", f"{TASK}/{quote(job.id, safe='')}")
        task = shaped(TaskData, await ask(self._transport, call, PIAPI), PIAPI)
        status = task.status.lower()
        if status == "failed":
            error = task.error or Failed()
            raise job_failed(PIAPI, job.id, code=None, said=error.message or error.raw_message or "")
        if status != "completed":
            return Pending(note=task.status)
        if task.output is None or not task.output.audio_url:
            raise ProviderError(
                ErrorKind.RESULT_EXPIRED,
                f"{PIAPI.name} made song {job.id}, and its address is gone: it does not last",
                request_id=job.id,
                final=True,
            )
        song = MadeFile(url=task.output.audio_url, media_type="audio/mpeg", duration_s=task.output.duration)
        return Product(files=(song,), model=job.data.get("model", ""), request_id=job.id)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """Which task a call is about; proven when it carries the secret that went out with the order."""
        try:
            task = _called(body)
        except ValidationError:
            raise ProviderError(ErrorKind.INVALID_REQUEST, "a call back was refused: it names no task") from None
        given = {name.lower(): value for name, value in headers.items()}.get(SECRET_HEADER, "")
        if self._secret and given and not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise ProviderError(ErrorKind.INVALID_REQUEST, "a call back was refused: its secret is wrong")
        finished = task.status.lower() in ("completed", "failed")
        return Callback(job_id=task.task_id, proven=bool(self._secret and given), finished=finished)

    async def probe(self) -> Health:
        """Only whether there is a key: the gateway documents no look at the account."""
        there = bool(self._account.key.get_secret_value())
        return Health(ok=there, note="a key is set; the gateway shows no credits" if there else "no key is set")

    def _call(self, method: str, path: str, *, body: Any = None, charged: bool = False) -> Call:
        headers = {"X-API-Key": self._account.key.get_secret_value()}
        return Call(method, f"{self._base}{path}", headers=headers, body=body, charged=charged)


def _input(order: MusicOrder) -> Input:
    lyrics = "" if order.instrumental else lyrics_text(order)
    kind: Literal["instrumental", "generate", "user"] = "user" if lyrics else "generate"
    return Input(
        gpt_description_prompt=style_line(order, PROMPT_CHARS),
        lyrics_type="instrumental" if order.instrumental else kind,
        lyrics=lyrics or None,
        negative_tags=", ".join(order.negative) or None,
        seed=order.seed % SEEDS,
    )


def _called(body: bytes) -> TaskData:
    try:
        return Called.model_validate_json(body).data
    except ValidationError:
        return TaskData.model_validate_json(body)


def _unsupported(message: str) -> ProviderError:
    return ProviderError(ErrorKind.UNSUPPORTED, message)
