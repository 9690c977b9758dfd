"""Replicate as its contract says it: predictions, `Prefer: wait`, webhooks signed with Standard Webhooks, expiry.

Endings for `end_next_with`: failed (the model raised), canceled, aborted. A prediction that does not succeed is not
billed here unless `bills_failures`: the contract leaves it open.
"""

import asyncio
import base64
import hashlib
import hmac
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tests.providers.servers.base import NUMBER, Answer, ContractServer, Field, Job, Refused, complaint

EVENTS = ("start", "output", "logs", "completed")
# What is posted when the order names no events.
USUAL_EVENTS = ("output", "completed")
TOP = {
    "version": Field(required=True),
    "input": Field(dict, required=True),
    "webhook": Field(),
    "webhook_events_filter": Field(list, most=len(EVENTS)),
    "stream": Field(bool),
}
MUSICGEN = {
    "model_version": Field(among=("stereo-melody-large", "stereo-large", "melody-large", "large")),
    "prompt": Field(),
    "input_audio": Field(),
    "duration": Field(int, low=1),
    "continuation": Field(bool),
    "continuation_start": Field(int, low=0),
    "continuation_end": Field(int, low=0),
    "multi_band_diffusion": Field(bool),
    "normalization_strategy": Field(among=("loudness", "clip", "peak", "rms")),
    "top_k": Field(int),
    "top_p": Field(NUMBER),
    "temperature": Field(NUMBER),
    "classifier_free_guidance": Field(int),
    "output_format": Field(among=("wav", "mp3")),
    "seed": Field(int),
}
STABLE_AUDIO = {
    "prompt": Field(required=True),
    "duration": Field(int, low=1, high=190),
    "steps": Field(int, low=4, high=8),
    "cfg_scale": Field(NUMBER, low=1, high=25),
    "seed": Field(int),
}
# Input schema, seconds when none are asked for, file type when none is asked for.
MODELS: dict[str, tuple[Mapping[str, Field], int, str]] = {
    "meta/musicgen": (MUSICGEN, 8, "wav"),
    "stability-ai/stable-audio-2.5": (STABLE_AUDIO, 190, "mp3"),
}
VERSION = re.compile(r"(?:(?P<model>[\w.-]+/[\w.-]+):)?(?P<number>[0-9a-f]{64})")
PREFER = re.compile(r"wait(?:=(?P<seconds>\d+))?")
LONGEST_WAIT = 60
ENDINGS = ("failed", "canceled", "aborted")
SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes len").decode()
FORGED = base64.b64encode(b"some other secret, not the right").decode()
TERMINAL = ("succeeded", *ENDINGS)
BORN = datetime(2026, 1, 1, tzinfo=UTC)


def problem(status: int, title: str, said: str, **headers: str) -> Answer:
    """RFC 7807, as every error of this vendor."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": said, "instance": "/v1"}
    return Answer(status, body, {"content-type": "application/problem+json", **headers})


def signature(secret: str, number: str, stamp: str, raw: bytes) -> str:
    """Standard Webhooks: HMAC-SHA256 of `id.timestamp.body` with the decoded secret, in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.new(key, f"{number}.{stamp}.".encode() + raw, hashlib.sha256).digest()).decode()


class ReplicateServer(ContractServer):
    """`https://api.replicate.com`, with meta/musicgen and stability-ai/stable-audio-2.5 on it."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "auth": problem(401, "Unauthenticated", "You did not pass a valid authentication token"),
        "insufficient_credits": problem(402, "Insufficient credit", "You have insufficient credit to run this model."),
        "plan_denied": problem(403, "Forbidden", "You do not have permission to perform this action."),
        "not_found": problem(404, "Not found", "The requested resource could not be found."),
        "invalid_request": problem(422, "Input validation failed", "- input: is invalid"),
        "rate_limited": problem(
            429, "Too many requests", "Request was throttled. Expected available in 1 second.", **{"retry-after": "1"}
        ),
        "rate_limited_bare": problem(429, "Too many requests", "Request was throttled."),
        "upstream": problem(500, "Internal server error", "Something went wrong."),
        "overloaded": problem(503, "Service unavailable", "The service is overloaded."),
        "timeout": problem(504, "Gateway timeout", "The service did not answer in time."),
    }

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.price = Decimal("0.07")
        self.predict_seconds = 50.0
        self.bills_failures = False
        # Which version ids exist; any of the right form when empty. The model of a bare id is `default_model`.
        self.versions: dict[str, str] = {}
        self.default_model = "meta/musicgen"
        self.secret = SECRET
        # signed, unsigned (no headers at all), stale (a time-stamp of an hour ago), rotated (an old signature first)
        self.webhook_signing = "signed"

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v1/predictions", self.create, methods=["POST"]),
            Route("/v1/models/{owner}/{name}/predictions", self.create_of, methods=["POST"]),
            Route("/v1/predictions/{id}", self.get, methods=["GET"]),
            Route("/v1/predictions/{id}/cancel", self.cancel, methods=["POST"]),
            Route("/v1/account", self.account, methods=["GET"]),
            Route("/v1/webhooks/default/secret", self.webhook_secret, methods=["GET"]),
        ]

    # -- handlers ------------------------------------------------------------------------------------------------------

    async def account(self, request: Request) -> Response:
        self._enter(request)
        return Answer(200, {"type": "user", "username": "tester", "name": "Tester", "github_url": ""}).response()

    async def webhook_secret(self, request: Request) -> Response:
        self._enter(request)
        return Answer(200, {"key": self.secret}).response()

    async def create(self, request: Request) -> Response:
        body = await self._body(request, TOP)
        found = VERSION.fullmatch(body["version"])
        number = found["number"] if found else ""
        if found is None or (self.versions and number not in self.versions):
            raise self._invalid("Invalid version or not permitted", "The specified version does not exist")
        model = self.versions.get(number) or found["model"] or self.default_model
        return await self._predict(request, body, model, number)

    async def create_of(self, request: Request) -> Response:
        body = await self._body(request, {name: rule for name, rule in TOP.items() if name != "version"})
        model = "{owner}/{name}".format(**request.path_params)
        return await self._predict(request, body, model, "hidden")

    async def get(self, request: Request) -> Response:
        self._enter(request)
        job = self._job(request)
        job.advance(self.pace)
        self._settle(job)
        return Answer(200, self.prediction(job)).response()

    async def cancel(self, request: Request) -> Response:
        self._enter(request)
        job = self._job(request)
        with self.lock:
            if job.state not in TERMINAL:
                job.states = (*job.states[:-1], "canceled")
                job.reached = len(job.states) - 1
        self._settle(job)
        return Answer(200, self.prediction(job)).response()

    # -- what it accepts -----------------------------------------------------------------------------------------------

    def _enter(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(self.ERRORS["auth"])
        if self.too_fast():
            raise Refused(self.ERRORS["rate_limited"])

    def _invalid(self, title: str, said: str) -> Refused:
        return Refused(problem(422, title, said))

    def _job(self, request: Request) -> Job:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            raise Refused(self.ERRORS["not_found"])
        return job

    async def _body(self, request: Request, fields: Mapping[str, Field]) -> dict[str, Any]:
        self._enter(request)
        try:
            body = await request.json()
        except ValueError:
            raise self._invalid("Invalid request", "The body is not JSON") from None
        wrong = complaint(body, fields)
        if wrong:
            raise self._invalid("Invalid request", f"- {wrong}")
        events = body.get("webhook_events_filter") or ()
        if any(event not in EVENTS for event in events):
            raise self._invalid("Invalid request", f"- webhook_events_filter must be among {', '.join(EVENTS)}")
        if body.get("webhook") and not body["webhook"].startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise self._invalid("Invalid request", "- webhook must be an HTTPS address")
        return dict(body)

    def _input(self, model: str, given: dict[str, Any]) -> None:
        if model not in MODELS:
            raise Refused(self.ERRORS["not_found"])
        wrong = complaint(given, MODELS[model][0])
        if wrong:
            raise self._invalid("Input validation failed", f"- input.{wrong}")
        uri = given.get("input_audio")
        if uri is not None and not uri.startswith(("http://", "https://", "data:")):
            raise self._invalid("Input validation failed", "- input.input_audio: does not match format 'uri'")

    def _wait(self, request: Request) -> int:
        """Seconds to hold the answer: 0 without the header, 60 when it names no number or more."""
        preferred = request.headers.get("prefer")
        if preferred is None:
            return 0
        found = PREFER.fullmatch(preferred.strip())
        if found is None:
            raise self._invalid("Invalid request", "- the Prefer header must be wait or wait=n")
        asked = int(found["seconds"] or LONGEST_WAIT)
        if not 1 <= asked <= LONGEST_WAIT:
            raise self._invalid("Invalid request", f"- Prefer: wait=n takes 1 to {LONGEST_WAIT}")
        return asked

    async def _predict(self, request: Request, body: dict[str, Any], model: str, version: str) -> Response:
        self._input(model, body["input"])
        wait = self._wait(request)
        ending = self.next_ending() or "succeeded"
        with self.lock:
            if self.balance is not None and self.balance < self.price:
                raise Refused(self.ERRORS["insufficient_credits"])
            if self.balance is not None:
                self.balance -= self.price
            self.accept(body)
            identity = str(body["input"].get("prompt", ""))
            place = self.charge(model, self.price, identity)
            job = Job(
                self.new_id("", body), model, body, ("starting", "processing", ending), charge=place, result=version
            )
            self.jobs[job.id] = job
        self._announce(job)
        if wait:
            await self._hold(job, wait)
        self._settle(job)
        done = not wait or job.state in TERMINAL
        return Answer(201 if done else 202, self.prediction(job)).response()

    async def _hold(self, job: Job, wait: int) -> None:
        """A pace in seconds may outlast the wait; a pace in polls is over within it."""
        if self.pace.seconds is None:
            job.reached = len(job.states) - 1
            return
        await asyncio.sleep(min(wait, self.pace.seconds))
        job.advance(self.pace)

    def _announce(self, job: Job) -> None:
        wanted = job.body.get("webhook_events_filter") or USUAL_EVENTS
        failed = job.states[-1] != "succeeded"
        stages = (("start", 0), ("logs", 1), ("output", 1), ("completed", 2))
        chosen = [(name, at) for name, at in stages if name in wanted and not (failed and name == "output")]
        self.call_back(job.body.get("webhook"), job, chosen)

    def _settle(self, job: Job) -> None:
        """Once it ended other than well, the charge goes back, unless failures are billed."""
        with self.lock:
            if job.state in ENDINGS and job.charge is not None and not self.bills_failures:
                self.refund(job.charge)
                self.balance = None if self.balance is None else self.balance + self.price
                job.charge = None

    # -- what it gives -------------------------------------------------------------------------------------------------

    def prediction(self, job: Job, with_output: bool = False) -> dict[str, Any]:
        """The prediction as GET and webhooks show it. After an hour (`expire_results`) input and output are gone."""
        ended, gone = job.state in TERMINAL, self._expired is not None
        shows = (job.state == "succeeded" or (with_output and not ended)) and not gone
        took = self.predict_seconds if ended else 0.0
        at = self.url + f"/v1/predictions/{job.id}"
        return {
            "id": job.id,
            "model": job.operation,
            "version": job.result,
            "status": job.state,
            "input": {} if gone else job.body["input"],
            "output": self._output(job) if shows else None,
            "logs": "" if job.state == "starting" or gone else "0% of 500 tokens\n100% of 500 tokens\n",
            "error": "CUDA out of memory" if job.state == "failed" else None,
            "metrics": {"predict_time": took} if ended else {},
            "created_at": _stamp(0),
            "started_at": None if job.state == "starting" else _stamp(2),
            "completed_at": _stamp(2 + took) if ended else None,
            "urls": {"get": at, "cancel": f"{at}/cancel"},
        }

    def _output(self, job: Job) -> str:
        given = job.body["input"]
        _, usual, container = MODELS[job.operation]
        kind = given.get("output_format") or container
        hertz = 110.0 + int(hashlib.sha256(job.id.encode()).hexdigest()[:4], 16) % 400
        return self.offer(f"pbxt/{job.id}/out.{kind}", kind, float(given.get("duration") or usual), hertz)

    def callback_of(self, job: Job, stage: str, forged: bool) -> tuple[dict[str, Any], dict[str, str]]:
        self._settle(job)
        body = self.prediction(job, with_output=stage == "output")
        if forged:
            body |= {"status": "succeeded", "output": f"{self.url}/files/forged.wav"}
        raw = httpx.Request("POST", self.url, json=body).content
        return body, self.webhook_headers(job, stage, raw, forged)

    def webhook_headers(self, job: Job, stage: str, raw: bytes, forged: bool = False) -> dict[str, str]:
        """The id stays the same when one event is delivered twice, so that a receiver can tell."""
        if self.webhook_signing == "unsigned":
            return {}
        number = "msg_" + hashlib.sha256(f"{job.id}{stage}".encode()).hexdigest()[:20]
        stamp = str(int(time.time()) - (3600 if self.webhook_signing == "stale" else 0))
        signed = "v1," + signature(FORGED if forged else self.secret, number, stamp, raw)
        if self.webhook_signing == "rotated":
            signed = "v1," + signature(FORGED, number, stamp, raw) + " " + signed
        return {"webhook-id": number, "webhook-timestamp": stamp, "webhook-signature": signed}


def _stamp(seconds: float) -> str:
    return (BORN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
