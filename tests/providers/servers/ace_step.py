"""The native server of ACE-Step 1.5: tasks are released and queried in lists, states are 0, 1 and 2, sound by path.

It is self-hosted and costs nothing: a charge of 0 is counted for each accepted task. A job may be ended with
`end_next_with("failed")`. `key` "" means that the server asks for none.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.providers.servers.base import NUMBER, Answer, ContractServer, Field, Job, complaint, multipart

STATES = ("queued", "running", "done")
CODES = {"queued": 0, "running": 0, "done": 1, "failed": 2}
DEFAULT_BATCH = 2
DEFAULT_SECONDS = 12.0
AUDIO_TASKS = ("cover", "repaint", "lego", "extract", "complete")
FORM = "application/x-www-form-urlencoded"
SWITCHES = (
    "thinking",
    "sample_mode",
    "use_format",
    "use_random_seed",
    "use_adg",
    "use_cot_caption",
    "use_cot_language",
)
RELEASE: dict[str, Field] = {
    **{name: Field() for name in ("prompt", "lyrics", "vocal_language", "sample_query", "model", "key_scale")},
    **{name: Field() for name in ("timesteps", "reference_audio_path", "src_audio_path", "ai_token")},
    **{name: Field(bool) for name in SWITCHES},
    "audio_format": Field(among=("mp3", "wav", "flac")),
    "bpm": Field(int, low=30, high=300),
    "time_signature": Field((str, int), among=("2", "3", "4", "6", 2, 3, 4, 6)),
    "audio_duration": Field(NUMBER, low=10, high=600),
    "inference_steps": Field(int, low=1),
    "guidance_scale": Field(NUMBER),
    "seed": Field(int),
    "batch_size": Field(int, low=1, high=8),
    "shift": Field(NUMBER),
    "infer_method": Field(among=("ode", "sde")),
    "cfg_interval_start": Field(NUMBER, low=0, high=1),
    "cfg_interval_end": Field(NUMBER, low=0, high=1),
    "lm_temperature": Field(NUMBER),
    "lm_cfg_scale": Field(NUMBER),
    "lm_negative_prompt": Field(),
    "lm_top_k": Field(int),
    "lm_top_p": Field(NUMBER),
    "lm_repetition_penalty": Field(NUMBER),
    "lm_model_path": Field(),
    "lm_backend": Field(),
    "instruction": Field(),
    "task_type": Field(among=("text2music", *AUDIO_TASKS)),
    "repainting_start": Field(NUMBER, low=0),
    "repainting_end": Field(NUMBER),
    "audio_cover_strength": Field(NUMBER, low=0, high=1),
}
FORMAT = {
    **{name: Field() for name in ("prompt", "caption", "lyrics", "key_scale", "vocal_language", "ai_token")},
    "bpm": RELEASE["bpm"],
    "time_signature": RELEASE["time_signature"],
    "duration": Field(NUMBER, low=10, high=600),
    "temperature": Field(NUMBER),
}
QUERY = {"task_id_list": Field(list, required=True), "ai_token": Field()}
UPLOADS = ("reference_audio", "src_audio")


class AceStep(ContractServer):
    """`queue_limit`: unfinished tasks the server takes (200 in the contract)."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": Answer(400, {"detail": "Invalid request"}),
        "auth": Answer(401, {"detail": "Invalid API key"}),
        "not_found": Answer(404, {"detail": "Not Found"}),
        "unsupported": Answer(415, {"detail": "Unsupported Content-Type"}),
        "rate_limited": Answer(429, {"detail": "Server busy: queue is full"}),
        "upstream": Answer(500, {"detail": "Internal server error"}),
        # The envelope carries a code of its own inside HTTP 200.
        "enveloped": Answer(
            200, {"data": None, "code": 500, "error": "CUDA out of memory", "timestamp": 0, "extra": None}
        ),
    }
    PASSING: ClassVar[tuple[str, ...]] = ("rate_limited", "upstream")

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.queue_limit = 200
        self.uploads: dict[str, bytes] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/release_task", self.release, methods=["POST"]),
            Route("/query_result", self.query, methods=["POST"]),
            Route("/format_input", self.format_input, methods=["POST"]),
            Route("/v1/audio", self.audio, methods=["GET"]),
            Route("/v1/models", self.models, methods=["GET"]),
            Route("/v1/stats", self.stats, methods=["GET"]),
            Route("/health", self.health, methods=["GET"]),
        ]

    async def release(self, request: Request) -> Response:
        body, files = await self._read(request)
        self._authorise(request, body)
        wrong = complaint(body, RELEASE) or _rules(body, files)
        if wrong:
            raise self.refuse("invalid_request", detail=wrong)
        waiting = self._unfinished()
        if waiting >= self.queue_limit:
            raise self.refuse("rate_limited")
        self.accept(body)
        self.charge(body.get("task_type", "text2music"), Decimal(0), identity_of(body))
        ending = self.next_ending()
        states = (*STATES[:-1], "failed") if ending else STATES
        job = Job(self.new_id("", body), body.get("task_type", "text2music"), body, states)
        self.uploads.update({f"{job.id}/{name}": data for name, data in files.items()})
        job.result = [] if ending else self._results(job)
        self.jobs[job.id] = job
        return self._ok({"task_id": job.id, "status": "queued", "queue_position": waiting + 1})

    async def _read(self, request: Request) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Fields in snake case and uploaded files, from JSON, multipart or a form."""
        kind, raw = request.headers.get("content-type", ""), await request.body()
        files: dict[str, bytes] = {}
        if kind.startswith("application/json"):
            try:
                given = json.loads(raw)
            except ValueError as problem:
                raise self.refuse("invalid_request", detail="Invalid JSON") from problem
            if not isinstance(given, dict):
                raise self.refuse("invalid_request", detail="JSON payload must be an object")
        elif kind.startswith("multipart/form-data"):
            parts = multipart(kind, raw)
            files = {part.name: part.data for part in parts if part.filename is not None}
            given = {part.name: _plain(part.name, part.text) for part in parts if part.filename is None}
        elif kind.startswith(FORM):
            given = {name: _plain(name, text) for name, text in parse_qsl(raw.decode())}
        else:
            raise self.refuse("unsupported")
        return {_snake(name): value for name, value in given.items()}, {
            _snake(name): data for name, data in files.items()
        }

    def _unfinished(self) -> int:
        with self.lock:
            return sum(not job.finished for job in self.jobs.values())

    def _results(self, job: Job) -> list[dict[str, Any]]:
        body = job.body
        kind = body.get("audio_format", "mp3")
        asked = float(body.get("audio_duration", DEFAULT_SECONDS))
        seconds = self.audio_seconds if self.audio_seconds is not None else asked
        seed = int(body["seed"]) if not body.get("use_random_seed", True) and "seed" in body else 12345
        made = []
        for number in range(body.get("batch_size", DEFAULT_BATCH)):
            name = f"{job.id}-{number}.{kind}"
            self.offer(name, kind, seconds, 220.0 + 55.0 * number)
            made.append(
                {
                    "file": f"/v1/audio?path={quote(f'/tmp/api_audio/{name}', safe='')}",
                    "status": 1,
                    "metas": {
                        "bpm": body.get("bpm", 120),
                        "duration": seconds,
                        "genres": "",
                        "keyscale": body.get("key_scale", "C major"),
                        "timesignature": str(body.get("time_signature", "4")),
                    },
                    "seed_value": str(seed + number),
                    "lm_model": "acestep-5Hz-lm-0.6B",
                    "dit_model": body.get("model", "acestep-v15-turbo"),
                }
            )
        return made

    async def query(self, request: Request) -> Response:
        body, _ = await self._read(request)
        self._authorise(request, body)
        wrong = complaint(body, QUERY)
        if wrong:
            raise self.refuse("invalid_request", detail=wrong)
        return self._ok([self._state(task) for task in body["task_id_list"]])

    def _state(self, task: str) -> dict[str, Any]:
        """A task the server does not know (it was restarted) has failed and has no result."""
        job = self.jobs.get(task)
        if job is None:
            return {"task_id": task, "status": 2, "result": "[]"}
        with self.lock:
            job.advance(self.pace)
        shown = job.result if job.state == "done" else []
        return {"task_id": task, "status": CODES[job.state], "result": json.dumps(shown)}

    def forget(self) -> None:
        """The server was restarted: its tasks and files are gone."""
        with self.lock:
            self.jobs.clear()
            self._files.clear()

    async def audio(self, request: Request) -> Response:
        self._authorise(request, {})
        path = request.query_params.get("path", "")
        if not path:
            raise self.refuse("invalid_request", detail="path is required")
        found = await self.serve(path.removeprefix("/tmp/api_audio/"))
        if found.status_code != 200:
            raise self.refuse("not_found", detail="Audio file not found")
        return found

    async def format_input(self, request: Request) -> Response:
        body, _ = await self._read(request)
        self._authorise(request, body)
        wrong = complaint(body, FORMAT)
        if wrong:
            raise self.refuse("invalid_request", detail=wrong)
        caption = body.get("prompt") or body.get("caption") or ""
        shown = {
            "caption": f"{caption}, warm and detailed",
            "lyrics": body.get("lyrics", ""),
            "bpm": body.get("bpm", 120),
            "key_scale": body.get("key_scale", "C major"),
            "time_signature": str(body.get("time_signature", "4")),
            "duration": body.get("duration", 60),
            "vocal_language": body.get("vocal_language", "en"),
        }
        return self._ok(shown)

    async def models(self, request: Request) -> Response:
        self._authorise(request, {})
        return self._ok({"models": [{"name": "acestep-v15-turbo", "is_default": True}]})

    async def stats(self, request: Request) -> Response:
        self._authorise(request, {})
        return self._ok({"queue_size": self._unfinished(), "avg_job_seconds": 5.0})

    async def health(self, _: Request) -> Response:
        return self._ok({"status": "ok", "service": "ACE-Step API"})

    def _authorise(self, request: Request, body: Mapping[str, Any]) -> None:
        if self.key and not self.bearer(request) and body.get("ai_token") != self.key:
            raise self.refuse("auth")

    def _ok(self, data: Any) -> Response:
        return Answer(
            200, {"data": data, "code": 200, "error": None, "timestamp": 1_700_000_000, "extra": None}
        ).response()


def identity_of(body: Mapping[str, Any]) -> str:
    """What a test recognises a request by: its caption, else its lyrics."""
    return str(body.get("prompt") or body.get("lyrics") or body.get("sample_query") or "")


def _rules(body: Mapping[str, Any], files: Mapping[str, bytes]) -> str | None:
    unknown = sorted(set(files) - set(UPLOADS))
    if unknown:
        return f"unknown file {unknown[0]}"
    task = body.get("task_type", "text2music")
    if task in AUDIO_TASKS and not (body.get("src_audio_path") or "src_audio" in files):
        return f"{task} needs src_audio or src_audio_path"
    end = body.get("repainting_end")
    if task == "repaint" and end is not None and 0 <= end <= body.get("repainting_start", 0):
        return "repainting_end must be after repainting_start"
    return None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _plain(name: str, text: str) -> Any:
    """A form's text as the type its field wants; what does not parse stays text and is refused for its type."""
    kind = RELEASE.get(_snake(name), Field()).kind
    if kind is bool:
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    if kind is str:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
