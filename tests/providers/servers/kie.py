"""kie.ai's jobs API: one endpoint for every operation, the answer as a JSON string, callbacks signed without the body.

The older endpoints of kie.ai are those of `sunoapi.py`. Jobs may be ended with `end_next_with`: the keys of `ENDINGS`.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.providers.servers.base import NUMBER, Answer, ContractServer, Field, Job, complaint

USD_A_CREDIT = Decimal("0.005")
MODELS = ("V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5", "V6", "V6_MINI", "V6_WILD")
WITH_DURATION = ("V5_5", "V6", "V6_MINI", "V6_WILD")
STATES = ("waiting", "queuing", "generating", "success")
TAKES = 2
ENDINGS = {
    "fail": "Internal error, please try again later.",
    "moderation": "The prompt contains sensitive words.",
    "copyright_lyrics": "Song lyrics contain copyrighted material.",
    "copyright_upload": "Uploaded audio matches existing work of art.",
    "timeout": "Generation timed out.",
}


def _answer(code: int, msg: str) -> Answer:
    return Answer(200, {"code": code, "msg": msg, "data": None})


CONTROLS = {
    "negative_tags": Field(),
    "vocal_gender": Field(among=("m", "f")),
    "style_weight": Field(NUMBER, low=0, high=1),
    "weirdness_constraint": Field(NUMBER, low=0, high=1),
    "audio_weight": Field(NUMBER, low=0, high=1),
    "persona_id": Field(),
}
MODEL = Field(required=True, among=MODELS)
GENERATE = {
    "model": MODEL,
    "custom_mode": Field(bool, required=True),
    "instrumental": Field(bool, required=True),
    "title": Field(most=100),
    "style": Field(most=1000),
    "prompt": Field(most=5000),
    "duration": Field(int, low=10, high=360),
    **CONTROLS,
}
TRACK = {"task_id": Field(required=True), "audio_id": Field(required=True)}
UPLOAD = {"upload_url": Field(required=True)}
INPUTS: dict[str, dict[str, Field]] = {
    "generate": GENERATE,
    "extend": {
        "model": MODEL,
        "audio_id": Field(required=True),
        "default_param_flag": Field(bool, required=True),
        "continue_at": Field(NUMBER, low=0),
        "title": Field(most=100),
        "style": Field(most=1000),
        "prompt": Field(most=5000),
        **CONTROLS,
    },
    "upload-and-cover-audio": {**UPLOAD, **GENERATE},
    "upload-and-extend-audio": {
        **UPLOAD,
        "model": MODEL,
        "default_param_flag": Field(bool, required=True),
        "continue_at": Field(NUMBER, low=0),
        "title": Field(most=100),
        "style": Field(most=1000),
        "prompt": Field(most=5000),
        **CONTROLS,
    },
    "add-vocals": {
        **UPLOAD,
        "model": MODEL,
        **{name: Field(required=True) for name in ("prompt", "title", "style", "negative_tags")},
        **{name: CONTROLS[name] for name in ("vocal_gender", "style_weight", "weirdness_constraint", "audio_weight")},
    },
    "separate-vocals": {
        **TRACK,
        "type": Field(required=True, among=("separate_vocal", "split_stem", "split_stem_advanced")),
        "stem_name": Field(),
    },
    "replace-section": {
        **TRACK,
        **{name: Field(required=True) for name in ("prompt", "tags", "title", "full_lyrics")},
        "infill_start_s": Field(NUMBER, required=True, low=0),
        "infill_end_s": Field(NUMBER, required=True, low=0),
        "negative_tags": Field(),
    },
    "timeStamped-lyrics": TRACK,
}
OUTER = {"model": Field(required=True), "callBackUrl": Field(), "input": Field(dict, required=True)}
CUSTOM = ("generate", "upload-and-cover-audio")


class Kie(ContractServer):
    """`webhook_key`: set, callbacks are signed with it. `polls_a_second`: set, a task asked more often answers 429."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": _answer(422, "The request parameters failed validation."),
        "auth": _answer(401, "You do not have access permissions"),
        "not_found": _answer(404, "The requested resource does not exist"),
        "insufficient_credits": _answer(402, "Credits insufficient: your balance is not enough to run this request."),
        "rate_limited": _answer(429, "The request frequency is too high. Please try again later."),
        "overloaded": _answer(455, "The website is being maintained. Please try again later."),
        "upstream": _answer(500, "Internal Server Error"),
    }
    SONG_SECONDS: ClassVar[float] = 12.0

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.webhook_key: str | None = None
        self.polls_a_second: int | None = None
        self.http_codes = False
        self.credits_for: dict[str, Decimal] = dict.fromkeys(INPUTS, Decimal(12)) | {"timeStamped-lyrics": Decimal(0)}
        self._polled: dict[str, list[float]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/jobs/createTask", self.create, methods=["POST"]),
            Route("/api/v1/jobs/recordInfo", self.record, methods=["GET"]),
            Route("/api/v1/chat/credit", self.credit, methods=["GET"]),
        ]

    async def create(self, request: Request) -> Response:
        self._authorise(request)
        if self.too_fast():
            raise self._no("rate_limited")
        body = await self.json_of(request)
        wrong = complaint(body, OUTER) or self._inner(body)
        if wrong:
            raise self._no("invalid_request", wrong)
        operation = body["model"].removeprefix("ai-music-api/")
        credits = self.credits_for[operation]
        if not self.affords(credits):
            raise self._no("insufficient_credits")
        self.accept(body)
        place = self.pay(operation, credits, credits * USD_A_CREDIT, identity_of(body["input"]))
        ending = self.next_ending()
        states = (*STATES[:-1], "fail") if ending else STATES
        job = Job(self.new_id("", body), operation, body["input"], states, charge=place)
        job.result = {"ending": ending, "json": self._result(operation, body["input"], job.id)}
        self.jobs[job.id] = job
        self.call_back(body.get("callBackUrl"), job, ((states[-1], len(states) - 1),))
        return self._ok({"taskId": job.id})

    def _inner(self, body: Mapping[str, Any]) -> str | None:
        outer, inner = body["model"], body["input"]
        operation = outer.removeprefix("ai-music-api/")
        if operation == outer or operation not in INPUTS:
            return f"The model name {outer} is not supported"
        wrong = complaint(inner, INPUTS[operation])
        return wrong or (_custom(inner) if operation in CUSTOM else self._track(inner))

    def _track(self, inner: Mapping[str, Any]) -> str | None:
        if "audio_id" not in inner:
            return None
        found = self.song_of(inner["audio_id"])
        return None if found and inner.get("task_id", found[0].id) == found[0].id else "audio_id does not exist"

    def song_of(self, audio_id: str) -> tuple[Job, dict[str, Any]] | None:
        with self.lock:
            every = [(job, song) for job in self.jobs.values() for song in _songs(job)]
        return next((pair for pair in every if pair[1]["id"] == audio_id), None)

    def known_song(self, seconds: float = 60.0, model: str = "V6") -> tuple[str, str]:
        """(task id, audio id) of a finished song from before the test; nothing is charged."""
        inner = {"model": model, "title": "Known", "prompt": "[Verse]\nla la la", "duration": seconds}
        job = Job(self.new_id("known", inner), "generate", inner, ("success",))
        job.result = {"ending": None, "json": self._result("generate", inner, job.id)}
        self.jobs[job.id] = job
        return job.id, _songs(job)[0]["id"]

    def _result(self, operation: str, inner: Mapping[str, Any], task: str) -> dict[str, Any]:
        if operation == "timeStamped-lyrics":
            return {"aligned_words": self._aligned(inner)}
        if operation == "separate-vocals":
            names = ("vocal_url", "instrumental_url")
            return {name: self.offer(f"{task}-{name}.mp3", "mp3", self._seconds(inner)) for name in names}
        return {"data": [self._song(inner, task, number) for number in range(1, TAKES + 1)]}

    def _song(self, inner: Mapping[str, Any], task: str, number: int) -> dict[str, Any]:
        seconds = self.audio_seconds if self.audio_seconds is not None else self._seconds(inner)
        address = self.offer(f"{task}-{number}.mp3", "mp3", seconds, 165.0 + 55.0 * number)
        return {
            "id": f"{task}-a{number}",
            "audio_url": address,
            "stream_audio_url": address,
            "image_url": f"{self.url}/files/{task}-{number}.jpeg",
            "prompt": inner.get("prompt", ""),
            "model_name": inner.get("model", "V6"),
            "title": inner.get("title") or "Untitled",
            "tags": inner.get("style") or inner.get("tags") or "",
            "duration": seconds,
        }

    def _seconds(self, inner: Mapping[str, Any]) -> float:
        found = self.song_of(inner["audio_id"]) if inner.get("audio_id") else None
        return float(inner.get("duration") or (found[1]["duration"] if found else self.SONG_SECONDS))

    def _aligned(self, inner: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = self.song_of(inner["audio_id"])
        song = found[1] if found else {"prompt": "", "duration": 1.0}
        words = [word for word in str(song["prompt"]).split() if not word.startswith("[")]
        each = float(song["duration"]) / max(len(words), 1)
        return [
            {"word": word, "start_s": round(at * each, 3), "end_s": round(at * each + each, 3), "success": True}
            for at, word in enumerate(words)
        ]

    async def record(self, request: Request) -> Response:
        self._authorise(request)
        job = self.jobs.get(request.query_params.get("taskId", ""))
        if job is None:
            raise self._no("not_found")
        if self._asked_too_often(job.id):
            raise self._no("rate_limited")
        with self.lock:
            job.advance(self.pace)
        return self._ok(self._shown(job))

    def _asked_too_often(self, task: str) -> bool:
        if self.polls_a_second is None:
            return False
        now = time.monotonic()
        with self.lock:
            asked = [*(at for at in self._polled.get(task, []) if now - at < 1.0), now]
            self._polled[task] = asked
        return len(asked) > self.polls_a_second

    def _shown(self, job: Job) -> dict[str, Any]:
        failed = job.state == "fail"
        return {
            "taskId": job.id,
            "model": f"ai-music-api/{job.operation}",
            "state": job.state,
            "param": json.dumps(job.body),
            "resultJson": json.dumps(job.result["json"]) if job.state == "success" else "",
            "failMsg": ENDINGS[job.result["ending"]] if failed else "",
        }

    async def credit(self, request: Request) -> Response:
        self._authorise(request)
        return self._ok(float(self.balance) if self.balance is not None else 1_000_000)

    def callback_of(self, job: Job, stage: str, forged: bool) -> tuple[dict[str, Any], dict[str, str]]:
        shown = self._shown(job)
        if forged:
            false = {"data": [{"id": "forged", "audio_url": f"{self.url}/files/forged.mp3"}]}
            shown = {**shown, "state": "success", "resultJson": json.dumps(false), "failMsg": ""}
        body = {"code": 501 if job.state == "fail" else 200, "msg": "success", "data": shown}
        return body, self.signed(job.id, "wrong key" if forged else self.webhook_key)

    def signed(self, task: str, key: str | None, at: int | None = None) -> dict[str, str]:
        """The headers kie.ai signs with; the body is not covered."""
        if key is None:
            return {}
        stamp = str(int(time.time()) if at is None else at)
        mac = hmac.new(key.encode(), f"{task}.{stamp}".encode(), hashlib.sha256).digest()
        return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(mac).decode()}

    def not_found(self, request: Request) -> Answer:
        return self._coded(self.ERRORS["not_found"])

    def error(self, name: str) -> Any:
        return type(super().error(name)).status(self._coded(self.ERRORS[name]))

    def _authorise(self, request: Request) -> None:
        if not self.bearer(request):
            raise self._no("auth")

    def _no(self, name: str, msg: str | None = None) -> Exception:
        refused = self.refuse(name, **({"msg": msg} if msg else {}))
        refused.answer = self._coded(refused.answer)
        return refused

    def _coded(self, answer: Answer) -> Answer:
        return Answer(answer.body["code"], answer.body) if self.http_codes else answer

    def _ok(self, data: Any) -> Response:
        return Answer(200, {"code": 200, "msg": "success", "data": data}).response()


def identity_of(inner: Mapping[str, Any]) -> str:
    """What a test recognises a request by: its title, else its prompt, else the song it works on."""
    return str(inner.get("title") or inner.get("prompt") or inner.get("audio_id") or "")


def _songs(job: Job) -> list[dict[str, Any]]:
    return job.result["json"].get("data", []) if job.result else []


def _custom(inner: Mapping[str, Any]) -> str | None:
    if inner["custom_mode"]:
        needed = ("style", "title") if inner["instrumental"] else ("style", "title", "prompt")
    else:
        needed = ("prompt",)
    missing = [name for name in needed if not inner.get(name)]
    if missing:
        return f"{missing[0]} is required"
    if "duration" in inner and not (inner["custom_mode"] and inner["model"] in WITH_DURATION):
        return "duration needs custom_mode and a model that takes it"
    return "prompt is longer than 500" if not inner["custom_mode"] and len(inner["prompt"]) > 500 else None
