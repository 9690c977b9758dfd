"""Stable Audio at Stability AI's own API: text to audio, audio to audio, inpainting. Instrumental only.

Stable Audio 3 hands out a job whose HTTP status is its state; the models of family 2 answer with the sound.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domain.providers import Capabilities, ErrorKind, Task
from providers.account import Account
from providers.answers import document, sound
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order
from providers.refusals import music, no_callbacks, no_jobs, unsupported, uploaded
from providers.stable_audio_models import (
    BASE_URL,
    BY_NAME,
    BY_STATUS,
    DEFAULT_MODEL,
    LOCKED_OUT_S,
    MAX_PROMPT,
    MAX_SEED,
    MODELS,
    TITLE,
    Accepted,
    Balance,
    Fields,
    Model,
    Refused,
    capabilities,
)
from providers.transport import MAX_AUDIO_BYTES, Call, Part, Reply, Transport
from providers.wording import length_s, style_line

SUBMIT_S: Final = 120.0
ANSWER_S: Final = 600.0
"""Seconds that a model of family 2 may take to answer with the sound."""


class StableAudio:
    """One Stability account. Account options: `output_format` (wav or mp3), `steps`, `cfg_scale`."""

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._name = account.model or DEFAULT_MODEL
        self._base = account.base_url or BASE_URL

    @property
    def capabilities(self) -> Capabilities:
        """What the configured model can do."""
        return capabilities(self._name if self._name in MODELS else DEFAULT_MODEL)

    def operation(self, order: Order) -> str:
        """text-to-audio, audio-to-audio or inpaint."""
        asked = music(order, TITLE)
        model = self._model()
        if not asked.instrumental:
            raise unsupported(TITLE, "it does not sing")
        operation = _operation(asked)
        self._steps()
        if operation != "text-to-audio":
            _check_upload(asked, model)
        if operation == "inpaint":
            _mask(asked)
        if not 1 <= _whole_s(asked, operation) <= model.longest_s:
            raise unsupported(TITLE, f"{_whole_s(asked, operation):g} s; {self._name} makes 1–{model.longest_s:g} s")
        return operation

    def quote(self, order: Order) -> Decimal:
        """Credits of one result; failures are free."""
        self.operation(order)
        return self._model().price_usd(self._steps())

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """A job for Stable Audio 3, the sound for family 2."""
        operation = self.operation(order)
        asked = music(order, TITLE)
        model = self._model()
        reply = await self._transport.send(
            Call(
                "POST",
                f"{self._base}/v2beta/audio/{model.path}/{operation}",
                headers=self._account.bearer() | {"Accept": "application/json" if model.job else "audio/*"},
                parts=self._parts(asked, operation),
                timeout_s=SUBMIT_S if model.job else ANSWER_S,
                max_bytes=MAX_AUDIO_BYTES,
                charged=True,
            )
        )
        if reply.status >= 300:
            raise _error(reply)
        if model.job:
            return Job(id=document(Accepted, reply, charged=True).id, operation=operation)
        return self._product(reply, charged=True)

    async def poll(self, job: Job) -> Pending | Product:
        """202 is pending, 200 the sound; 404 means that it is gone."""
        if not self._model().job:
            return no_jobs(TITLE)
        reply = await self._transport.send(
            Call(
                "GET",
                f"{self._base}/v2beta/audio/results/{job.id}",
                headers=self._account.bearer() | {"Accept": "audio/*"},
                timeout_s=ANSWER_S,
                max_bytes=MAX_AUDIO_BYTES,
            )
        )
        if reply.status == 202:
            return Pending(note="in progress")
        if reply.status >= 300:
            raise _error(reply, job=True)
        return self._product(reply, charged=False)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """Always INVALID_REQUEST: there are no callbacks."""
        return no_callbacks(TITLE)

    async def probe(self) -> Health:
        """The balance in credits."""
        reply = await self._transport.send(
            Call("GET", f"{self._base}/v1/user/balance", headers=self._account.bearer(), timeout_s=20.0)
        )
        if reply.status >= 300:
            error = _error(reply)
            return Health(ok=False, note=error.message)
        balance = document(Balance, reply).credits
        return Health(ok=balance > 0, credits=balance, note=f"{balance:g} credits")

    def _model(self) -> Model:
        if self._name not in MODELS:
            raise unsupported(TITLE, f"no model is called {self._name!r}; there are {', '.join(MODELS)}")
        return MODELS[self._name]

    def _steps(self) -> int:
        """Sampler steps: as configured, else the model's own number."""
        model = self._model()
        given = self._account.options.get("steps", str(model.default_steps))
        fewest, most = model.steps
        if not given.isdecimal() or not fewest <= int(given) <= most:
            raise unsupported(TITLE, f"the account's option steps is {given!r}; {self._name} takes {fewest}–{most}")
        return int(given)

    def _parts(self, order: MusicOrder, operation: str) -> list[Part]:
        options = self._account.options
        fields = Fields(
            prompt=style_line(order, MAX_PROMPT),
            model=self._name,
            duration=f"{_whole_s(order, operation):g}",
            seed=order.seed if 0 < order.seed <= MAX_SEED else abs(order.seed) % MAX_SEED + 1,
            output_format=options.get("output_format", "wav"),
        )
        given = fields.model_dump(exclude_unset=True)
        given |= {name: options[name] for name in ("steps", "cfg_scale") if name in options}
        if operation == "audio-to-audio":
            given["strength"] = f"{order.strength:g}"
        if operation == "inpaint":
            start, end = _mask(order)
            given |= {"mask_start": f"{start:g}", "mask_end": f"{end:g}"}
        parts: list[Part] = [(name, (None, str(value))) for name, value in given.items()]
        if operation != "text-to-audio":
            sent = uploaded(order.reference, TITLE, max_bytes=self._model().upload_bytes)
            parts.append(("audio", (sent.filename, sent.content, sent.media_type)))
        return parts

    def _product(self, reply: Reply, *, charged: bool) -> Product:
        if reply.headers.get("finish-reason", "").upper() == "CONTENT_FILTERED":
            raise ProviderError(
                ErrorKind.MODERATION,
                f"{TITLE} held the result back after listening to it",
                status=reply.status,
                request_id=reply.headers.get("x-request-id", ""),
                refunded=True,
                final=True,
            )
        made: MadeFile = sound(reply, charged=charged)
        return Product(files=(made,), model=self._name, request_id=reply.headers.get("x-request-id", ""))


def _operation(order: MusicOrder) -> str:
    if order.task is Task.TRANSFORMATION:
        return "audio-to-audio"
    if order.task is Task.SECTION_EDIT or (order.task is Task.INSTRUMENTAL and order.origin is not None):
        return "inpaint"
    if order.task is Task.INSTRUMENTAL:
        return "text-to-audio"
    raise unsupported(TITLE, f"{order.task} is none of its tasks")


def _check_upload(order: MusicOrder, model: Model) -> None:
    sent = uploaded(order.reference, TITLE, max_bytes=model.upload_bytes)
    if sent.duration_s and not model.shortest_upload_s <= sent.duration_s <= model.longest_s:
        raise unsupported(
            TITLE,
            f"the sound file lasts {sent.duration_s:g} s, taken are {model.shortest_upload_s:g}–{model.longest_s:g} s",
        )


def _before_s(order: MusicOrder) -> float:
    """Length in seconds of the sound that is worked on."""
    sent = order.reference.duration_s if order.reference else 0.0
    return sent or (order.origin.duration_s if order.origin else 0.0)


def _mask(order: MusicOrder) -> tuple[float, float]:
    """What is made anew, in seconds: the span of an edit, or all after the join of a continuation."""
    if order.task is Task.SECTION_EDIT:
        if order.span_s is None or not 0 <= order.span_s[0] < order.span_s[1]:
            raise unsupported(TITLE, f"a section edit needs a span of time; it is {order.span_s}")
        return order.span_s
    before, whole = _before_s(order), length_s(order)
    if not 0 < before < whole:
        raise unsupported(TITLE, f"a continuation from {before:g} s to {whole:g} s is none")
    return before, whole


def _whole_s(order: MusicOrder, operation: str) -> float:
    """Length of the result in seconds: an edit or a transformation is as long as what it works on."""
    if operation == "audio-to-audio" or order.task is Task.SECTION_EDIT:
        return order.duration_s or _before_s(order) or length_s(order)
    return length_s(order)


def _error(reply: Reply, *, job: bool = False) -> ProviderError:
    try:
        told = document(Refused, reply)
    except ProviderError:
        told = Refused()
    kind = BY_NAME.get(told.name) or BY_STATUS.get(reply.status, ErrorKind.UPSTREAM)
    if job and kind is ErrorKind.NOT_FOUND:
        kind = ErrorKind.RESULT_EXPIRED
    retry = reply.retry_after_s
    if kind is ErrorKind.RATE_LIMITED and retry is None:
        retry = LOCKED_OUT_S
    ended = job and kind in (ErrorKind.MODERATION, ErrorKind.INVALID_REQUEST)
    reason = "; ".join(told.errors) or told.name or "no reason given"
    return ProviderError(
        kind,
        f"{TITLE}: {reason} (status {reply.status})",
        retry_after_s=retry,
        request_id=told.id or reply.headers.get("x-request-id", ""),
        status=reply.status,
        refunded=ended,
        final=ended or kind is ErrorKind.RESULT_EXPIRED,
    )
