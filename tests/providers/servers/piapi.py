"""PiAPI's music-u: one task endpoint, one poll. Jobs may be ended with `end_next_with("failed")` or `("moderation")`.

The vendor's errors are not in the material this is written from; their shape here (HTTP status and the same envelope)
is an assumption, and so is the webhook: the task as a poll shows it, with the secret in a header.
"""

from decimal import Decimal
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.providers.servers.base import Answer, ContractServer, Field, Job, complaint

USD_A_SONG = Decimal("0.05")
STATES = ("pending", "processing", "completed")
ENDINGS = {"failed": "task failed, please retry later", "moderation": "the prompt was flagged as inappropriate content"}
OUTER = {
    "model": Field(required=True, among=("music-u",)),
    "task_type": Field(required=True, among=("generate_music",)),
    "input": Field(dict, required=True),
    "config": Field(dict),
}
INPUT = {
    "gpt_description_prompt": Field(),
    "lyrics": Field(),
    "negative_tags": Field(),
    "lyrics_type": Field(required=True, among=("instrumental", "generate", "user")),
    "seed": Field(int, low=-1),
}
CONFIG = {"service_mode": Field(among=("public", "private")), "webhook_config": Field(dict)}
WEBHOOK = {"endpoint": Field(required=True), "secret": Field()}


def _answer(code: int, message: str) -> Answer:
    return Answer(code, {"code": code, "message": message, "data": None})


class PiApi(ContractServer):
    """`balance`: US dollars; None means enough for ever."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": _answer(400, "invalid request"),
        "auth": _answer(401, "Invalid API key"),
        "insufficient_credits": _answer(402, "insufficient credits"),
        "not_found": _answer(404, "task not found"),
        "rate_limited": _answer(429, "too many requests"),
        "upstream": _answer(500, "internal server error"),
        "overloaded": _answer(503, "service unavailable"),
    }
    SONG_SECONDS: ClassVar[float] = 12.0

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/task", self.create, methods=["POST"]),
            Route("/api/v1/task/{task_id}", self.read, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        self._authorise(request)
        if self.too_fast():
            raise self.refuse("rate_limited")
        body = await self.json_of(request)
        wrong = complaint(body, OUTER) or complaint(body["input"], INPUT) or _parts(body)
        if wrong:
            raise self.refuse("invalid_request", message=wrong)
        if not self.affords(USD_A_SONG):
            raise self.refuse("insufficient_credits")
        inner = body["input"]
        self.accept(body)
        prompt = inner.get("gpt_description_prompt") or inner.get("lyrics") or ""
        place = self.pay("generate_music", USD_A_SONG, USD_A_SONG, prompt)
        ending = self.next_ending()
        states = (*STATES[:-1], "failed") if ending else STATES
        job = Job(self.new_id("", body), "generate_music", body, states, charge=place)
        job.result = {"ending": ending, "audio_url": self.offer(f"{job.id}.mp3", "mp3", self.SONG_SECONDS)}
        self.jobs[job.id] = job
        hook = body.get("config", {}).get("webhook_config", {})
        self.call_back(hook.get("endpoint"), job, ((states[-1], len(states) - 1),))
        return self._shown(job)

    async def read(self, request: Request) -> Response:
        self._authorise(request)
        job = self.jobs.get(request.path_params["task_id"])
        if job is None:
            raise self.refuse("not_found")
        with self.lock:
            job.advance(self.pace)
        return self._shown(job)

    def _shown(self, job: Job) -> Response:
        return Answer(200, {"code": 200, "data": self._task(job, job.state), "message": "success"}).response()

    def _task(self, job: Job, state: str) -> dict[str, Any]:
        failed = state == "failed"
        return {
            "task_id": job.id,
            "model": "music-u",
            "task_type": "generate_music",
            "status": state,
            "input": job.body["input"],
            "output": {"audio_url": job.result["audio_url"]} if state == "completed" else None,
            "error": {"code": 10000 if failed else 0, "message": ENDINGS[job.result["ending"]] if failed else ""},
        }

    def callback_of(self, job: Job, stage: str, forged: bool) -> tuple[dict[str, Any], dict[str, str]]:
        task = self._task(job, stage)
        if forged and task["output"]:
            task["output"] = {"audio_url": f"{self.url}/files/forged.mp3"}
        secret = job.body["config"]["webhook_config"].get("secret", "")
        return {"timestamp": 0, "data": task}, {"x-webhook-secret": "forged" if forged else secret}

    def _authorise(self, request: Request) -> None:
        if request.headers.get("x-api-key") != self.key:
            raise self.refuse("auth")


def _parts(body: dict[str, Any]) -> str | None:
    inner, config = body["input"], body.get("config", {})
    wrong = complaint(config, CONFIG)
    if wrong is None and "webhook_config" in config:
        wrong = complaint(config["webhook_config"], WEBHOOK)
    if wrong is None and inner["lyrics_type"] == "user" and not inner.get("lyrics"):
        wrong = "lyrics are required when lyrics_type is user"
    if wrong is None and inner["lyrics_type"] != "user" and not inner.get("gpt_description_prompt"):
        wrong = "gpt_description_prompt is required"
    return wrong
