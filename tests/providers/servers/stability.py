"""Stability AI's Stable Audio as its REST contract says it: forms in, the HTTP status as the state of a job, bytes out.

`balance` is in credits (1 credit is $0.01). Endings for `end_next_with`: failed (500 when asked for, not billed),
moderated (403 when asked for, not billed), filtered (200 with `finish-reason: CONTENT_FILTERED` and silence).
"""

import asyncio
import base64
import hashlib
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import soundfile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tests.providers.servers.base import (
    MEDIA_TYPES,
    NUMBER,
    Answer,
    ContractServer,
    Field,
    Job,
    Part,
    Refused,
    complaint,
    multipart,
    sound_file,
)

CREDIT = Decimal("0.01")
SEEDS = 4294967295
MEGABYTE = 1024 * 1024
PLENTY = Decimal(1000)
STATES = ("running", "done")


def problem(status: int, name: str, *errors: str) -> Answer:
    """The shape of every error of this vendor."""
    mark = hashlib.sha256(f"{name}{errors}".encode()).hexdigest()[:32]
    return Answer(status, {"id": mark, "name": name, "errors": list(errors)}, {"x-request-id": mark})


@dataclass(frozen=True)
class Model:
    """Limits of one model: seconds of output and upload, steps, megabytes of upload, and its price in credits."""

    longest: int
    steps: tuple[int, int, int]
    cfg: float
    megabytes: int
    credits: Decimal
    credits_a_step: Decimal = Decimal(0)

    def price(self, steps: int) -> Decimal:
        return self.credits + self.credits_a_step * steps

    def fields(self, operation: str) -> dict[str, Field]:
        plain = {
            "prompt": Field(required=True, least=1, most=10_000),
            "model": Field(),
            "duration": Field(NUMBER, low=1, high=self.longest),
            "seed": Field(int, low=0, high=SEEDS - 1),
            "steps": Field(int, low=self.steps[0], high=self.steps[1]),
            "cfg_scale": Field(NUMBER, low=1, high=25),
            "output_format": Field(among=("mp3", "wav")),
        }
        return plain | EXTRA[operation]


EXTRA: dict[str, dict[str, Field]] = {
    "text-to-audio": {},
    "audio-to-audio": {"audio": Field(bytes, required=True), "strength": Field(NUMBER, low=0, high=1)},
    "inpaint": {
        "audio": Field(bytes, required=True),
        "mask_start": Field(NUMBER, low=0),
        "mask_end": Field(NUMBER, low=0),
    },
}
MODELS = {
    "stable-audio-3": Model(380, (4, 8, 8), 1.0, 100, Decimal(26)),
    "stable-audio-2.5": Model(190, (4, 8, 8), 1.0, 50, Decimal(20)),
    "stable-audio-2": Model(190, (30, 100, 50), 7.0, 50, Decimal(17), Decimal("0.06")),
}
# What each path serves; the first is meant when the form names none.
FAMILIES = {"stable-audio": ("stable-audio-3",), "stable-audio-2": ("stable-audio-2", "stable-audio-2.5")}
SHORTEST_UPLOAD = 6.0
USUAL_SECONDS = 190


@dataclass(frozen=True)
class Order:
    """An accepted form: what was asked, and what comes of it."""

    model: str
    operation: str
    form: dict[str, Any]
    seconds: float
    seed: int
    ending: str | None

    @property
    def kind(self) -> str:
        return str(self.form.get("output_format", "mp3"))

    @property
    def price(self) -> Decimal:
        model = MODELS[self.model]
        return model.price(int(self.form.get("steps", model.steps[2]))) * CREDIT


class StabilityServer(ContractServer):
    """`https://api.stability.ai`. More than 150 requests in 10 s lock the key out for `lockout_seconds`."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": problem(400, "bad_request", "prompt: some-field is invalid"),
        "auth": problem(401, "unauthorized", "authorization: invalid or missing header value"),
        "insufficient_credits": problem(402, "payment_required", "You lack sufficient credits to make this request."),
        "moderation": problem(403, "content_moderation", "Your request was flagged by our content moderation system."),
        "not_found": problem(404, "not_found", "The specified resource was not found."),
        "too_large": problem(413, "payload_too_large", "audio: payload too large"),
        "refused": problem(422, "invalid_language", "English is the only supported language for this service."),
        "rate_limited": problem(
            429, "rate_limit_exceeded", "You have exceeded the rate limit of 150 requests within a 10 second period."
        ),
        "upstream": problem(500, "internal_error", "An unexpected server error has occurred."),
        "overloaded": problem(503, "service_unavailable", "The service is not available for now."),
    }

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.rate_limit = (150, 10.0)
        self.lockout_seconds = 60.0
        # Words that the vendor's moderation does not let pass, and words of a language it refuses.
        self.moderated: tuple[str, ...] = ()
        self.foreign: tuple[str, ...] = ()
        self._locked_until = 0.0

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v2beta/audio/{family}/{operation}", self.generate, methods=["POST"]),
            Route("/v2beta/audio/results/{id}", self.results, methods=["GET"]),
            Route("/v1/user/balance", self.credits, methods=["GET"]),
        ]

    # -- handlers ------------------------------------------------------------------------------------------------------

    async def credits(self, request: Request) -> Response:
        self._enter(request)
        return Answer(200, {"credits": float(PLENTY if self.balance is None else self.balance)}).response()

    async def generate(self, request: Request) -> Response:
        self._enter(request)
        family, operation = request.path_params["family"], request.path_params["operation"]
        if family not in FAMILIES or operation not in EXTRA:
            raise Refused(self.ERRORS["not_found"])
        parts = self._parts(request, await request.body())
        order = self._order(family, operation, parts)
        accept = self._accept(request)
        job = self._take(order)
        if family == "stable-audio":
            return Answer(202, {"id": job.id}).response()
        return await self._finished(job, accept)

    async def results(self, request: Request) -> Response:
        self._enter(request)
        accept = self._accept(request)
        job = self.jobs.get(request.path_params["id"])
        if job is None or self._expired is not None or job.operation != "stable-audio-3":
            raise Refused(self.ERRORS["not_found"])
        if job.advance(self.pace) == "running":
            return Answer(202, {"id": job.id, "status": "in-progress"}).response()
        return await self._finished(job, accept)

    # -- what it accepts -----------------------------------------------------------------------------------------------

    def _enter(self, request: Request) -> None:
        """The lock-out comes first, as it does for any request; then the key."""
        now = time.monotonic()
        if now < self._locked_until:
            raise Refused(self.ERRORS["rate_limited"])
        if self.too_fast():
            self._locked_until = now + self.lockout_seconds
            raise Refused(self.ERRORS["rate_limited"])
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(self.ERRORS["auth"])

    def _accept(self, request: Request) -> str:
        wanted = request.headers.get("accept", "*/*").split(",")[0].split(";")[0].strip()
        if wanted not in ("*/*", "audio/*", "application/json"):
            raise bad(f"accept: must be audio/* or application/json, not {wanted}")
        return wanted

    def _parts(self, request: Request, body: bytes) -> list[Part]:
        try:
            parts = multipart(request.headers.get("content-type", ""), body)
        except ValueError:
            raise bad("content-type: must be multipart/form-data") from None
        names = [part.name for part in parts]
        if len(set(names)) < len(names):
            raise bad("a field was sent twice")
        if "audio" in names[:-1]:
            raise bad("audio: must be the last part of the form")
        return parts

    def _order(self, family: str, operation: str, parts: Sequence[Part]) -> Order:
        named = next((part.text for part in parts if part.name == "model"), FAMILIES[family][0])
        if named not in FAMILIES[family]:
            raise bad(f"model: must be one of {', '.join(FAMILIES[family])}")
        model = MODELS[named]
        fields = model.fields(operation)
        form = {part.name: read(fields.get(part.name), part) for part in parts}
        wrong = complaint(form, fields)
        if wrong:
            raise bad(wrong)
        if form.get("mask_end") is not None and form["mask_end"] <= form.get("mask_start", 0):
            raise bad("mask_end: must be after mask_start")
        length = self._upload(model, parts)
        self._words(form["prompt"])
        seconds = float(form.get("duration", length or USUAL_SECONDS))
        seed = int(form.get("seed", 0)) or int(hashlib.sha256(repr(form).encode()).hexdigest()[:7], 16)
        return Order(named, operation, form, seconds, seed, self.next_ending())

    def _upload(self, model: Model, parts: Sequence[Part]) -> float | None:
        """Seconds of the uploaded sound, None without one."""
        part = next((part for part in parts if part.name == "audio"), None)
        if part is None:
            return None
        if part.filename is None:
            raise bad("audio: must be a file")
        if len(part.data) > model.megabytes * MEGABYTE:
            raise Refused(self.ERRORS["too_large"])
        try:
            info = soundfile.info(io.BytesIO(part.data))
        except soundfile.LibsndfileError:
            raise bad("audio: must be an mp3 or wav file") from None
        if not SHORTEST_UPLOAD <= info.duration <= model.longest:
            raise bad(f"audio: must last between {SHORTEST_UPLOAD:g} and {model.longest} seconds")
        return float(info.duration)

    def _words(self, prompt: str) -> None:
        for words, error in ((self.moderated, "moderation"), (self.foreign, "refused")):
            if any(word.lower() in prompt.lower() for word in words):
                raise Refused(self.ERRORS[error])

    def _take(self, order: Order) -> Job:
        cost = order.price / CREDIT
        with self.lock:
            if self.balance is not None and self.balance < cost:
                raise Refused(self.ERRORS["insufficient_credits"])
            plain = {name: value for name, value in order.form.items() if not isinstance(value, bytes)}
            self.accept(plain)
            place = self.charge(f"{order.model}/{order.operation}", order.price, order.form["prompt"])
            self._pay(-cost)
            number = hashlib.sha256(self.new_id("", plain).encode()).hexdigest()
            job = Job(number, order.model, plain, STATES, result=order, charge=place)
            self.jobs[job.id] = job
        return job

    def _pay(self, credit: Decimal) -> None:
        if self.balance is not None:
            self.balance += credit

    # -- what it gives -------------------------------------------------------------------------------------------------

    async def _finished(self, job: Job, accept: str) -> Response:
        order: Order = job.result
        if order.ending in ("failed", "moderated"):
            self._unbill(job)
            raise Refused(self.ERRORS["upstream" if order.ending == "failed" else "moderation"])
        filtered = order.ending == "filtered"
        seconds = self.audio_seconds if self.audio_seconds is not None else order.seconds
        sound = await asyncio.to_thread(
            sound_file, order.kind, seconds, 110.0 + order.seed % 400, self.silent_audio or filtered
        )
        reason = "CONTENT_FILTERED" if filtered else "SUCCESS"
        headers = {"seed": str(order.seed), "finish-reason": reason, "x-request-id": job.id[:32]}
        if accept == "application/json":
            said = {"audio": base64.b64encode(sound).decode(), "finish_reason": reason, "seed": order.seed}
            return Answer(200, said, headers).response()
        return Answer(200, sound, headers | {"content-type": MEDIA_TYPES[order.kind]}).response()

    def _unbill(self, job: Job) -> None:
        """Failures are free: the charge goes back once."""
        with self.lock:
            if job.charge is not None:
                self.refund(job.charge)
                self._pay(job.result.price / CREDIT)
                job.charge = None


def bad(*errors: str) -> Refused:
    return Refused(problem(400, "bad_request", *errors))


def read(rule: Field | None, part: Part) -> Any:
    """The value of a form field in the type its rule wants; text that is no number stays text and is complained of."""
    if rule is None:
        return part.data
    if rule.kind is bytes:
        return part.data
    readers: Mapping[Any, Any] = {int: int, NUMBER: float}
    try:
        return readers.get(rule.kind, str)(part.text)
    except ValueError:
        return part.text
