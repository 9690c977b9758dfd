"""Mureka's API: songs with lyrics, instrumentals, n takes a call (each billed), polling only, errors by HTTP status.

Jobs may be ended with `end_next_with`: "failed", "timeouted", "cancelled", or "moderation" (failed, with its reason).
"""

import io
import time
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.providers.servers.base import Answer, ContractServer, Field, Job, complaint, multipart, sound_file

MODELS = ("auto", "mureka-7.6", "mureka-o2", "mureka-8", "mureka-9", "mureka-9.5")
STATES = ("preparing", "queued", "running", "reviewing", "succeeded")
STREAMED = ("preparing", "queued", "running", "streaming", "reviewing", "succeeded")
PURPOSES = ("reference", "vocal", "melody", "instrumental", "voice", "audio", "remix")
UPLOAD_MOST = 10 * 1024 * 1024
DEFAULT_N = 2
ENDINGS = {
    "failed": ("failed", "internal error"),
    "timeouted": ("timeouted", "the task took too long"),
    "cancelled": ("cancelled", ""),
    "moderation": ("failed", "content violates the safety policy"),
}
# Which of the controls may be given together.
COMBINATIONS = (
    set(),
    {"prompt"},
    {"vocal_id"},
    {"reference_id"},
    {"prompt", "vocal_id"},
    {"reference_id", "vocal_id"},
    {"melody_id"},
)


def _answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, {"error": {"message": message}, "trace_id": f"trace-{status}"}, headers or {})


N = Field(int, low=1, high=3)
LYRICS = Field(required=True, most=5000)
FIELDS: dict[str, dict[str, Field]] = {
    "song/generate": {
        "lyrics": LYRICS,
        "model": Field(required=True, among=MODELS),
        "n": N,
        "prompt": Field(most=1024),
        "gender": Field(among=("male", "female")),
        **{name: Field() for name in ("reference_id", "vocal_id", "melody_id")},
        "stream": Field(bool),
    },
    "song/easy-generate": {
        "prompt": Field(required=True, most=2000),
        "model": Field(among=MODELS),
        "n": N,
        "stream": Field(bool),
    },
    "instrumental/generate": {
        "model": Field(required=True, among=tuple(model for model in MODELS if model != "mureka-o2")),
        "n": N,
        "prompt": Field(most=1024),
        "instrumental_id": Field(),
        "stream": Field(bool),
    },
    "song/extend": {
        "song_id": Field(),
        "upload_audio_id": Field(),
        "lyrics": LYRICS,
        "extend_at": Field(int, required=True, low=8000, high=420_000),
        "extend_type": Field(among=("tail", "head")),
        "model": Field(among=("auto", "mureka-7.6", "mureka-8")),
    },
    "song/region-edit": {
        "song_id": Field(),
        "upload_audio_id": Field(),
        "edit_start": Field(int, required=True, low=0),
        "edit_end": Field(int, required=True, low=0),
        "lyrics": Field(most=5000),
    },
    "song/stem": {
        "url": Field(required=True),
        "model": Field(among=("audio-separation-1", "audio-separation-2", "audio-separation-3")),
    },
    "lyrics/generate": {"prompt": Field(required=True)},
}
JOBS = ("song/generate", "song/easy-generate", "instrumental/generate", "song/extend", "song/region-edit")


class Mureka(ContractServer):
    """`usd_for`: US dollars for one take of each operation. `balance`: US dollars, None for ever.
    `concurrent`: how many jobs may be unfinished at once (5 in the contract), None for any number."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": _answer(400, "Invalid request"),
        "auth": _answer(401, "Invalid authentication"),
        "plan_denied": _answer(403, "Country, region, or territory not supported"),
        "not_found": _answer(404, "Not found"),
        "rate_limited": _answer(429, "Rate limit reached for requests"),
        "concurrency": _answer(429, "Rate limit reached: too many concurrent requests"),
        "insufficient_credits": _answer(429, "You exceeded your current quota, please check your balance"),
        "moderation": _answer(451, "The request was rejected by our safety system"),
        "upstream": _answer(500, "The server had an error while processing your request"),
        "overloaded": _answer(503, "The engine is currently overloaded, please try again later"),
    }
    SONG_SECONDS: ClassVar[float] = 12.0

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.concurrent: int | None = None
        self.usd_for: dict[str, Decimal] = {
            **dict.fromkeys(JOBS, Decimal("0.045")),
            "song/stem": Decimal("0.06"),
            "lyrics/generate": Decimal("0.009"),
        }
        self._uploads: dict[str, tuple[str, bytes]] = {}

    def routes(self) -> list[Route]:
        return [
            *(Route(f"/v1/{path}", self.submit, methods=["POST"]) for path in JOBS),
            Route("/v1/song/query/{job}", self.query, methods=["GET"]),
            Route("/v1/instrumental/query/{job}", self.query, methods=["GET"]),
            Route("/v1/song/stem", self.stem, methods=["POST"]),
            Route("/v1/lyrics/generate", self.lyrics, methods=["POST"]),
            Route("/v1/files/upload", self.upload, methods=["POST"]),
            Route("/v1/account/billing", self.billing, methods=["GET"]),
        ]

    async def submit(self, request: Request) -> Response:
        operation = request.url.path.removeprefix("/v1/")
        body = await self._checked(request, operation)
        if self.concurrent is not None and self._unfinished() >= self.concurrent:
            raise self.refuse("concurrency")
        takes = body.get("n", DEFAULT_N) if "n" in FIELDS[operation] else 1
        self._buy(operation, body, takes)
        ending = self.next_ending()
        states = STREAMED if body.get("stream") else STATES
        if ending:
            states = (*STATES[:3], ENDINGS[ending][0])
        job = Job(self.new_id("", body), operation, body, states)
        seconds = self.audio_seconds if self.audio_seconds is not None else self._seconds(body)
        job.result = {
            "ending": ending,
            "created": int(time.time()),
            "choices": [self._choice(job, index, seconds) for index in range(takes)],
        }
        self.jobs[job.id] = job
        return Answer(200, self._shown(job)).response()

    async def _checked(self, request: Request, operation: str) -> dict[str, Any]:
        self._authorise(request)
        if self.too_fast():
            raise self.refuse("rate_limited")
        body = await self.json_of(request)
        wrong = complaint(body, FIELDS[operation]) or RULES.get(operation, lambda _server, _body: None)(self, body)
        if wrong:
            raise self._no(wrong)
        return body

    def _buy(self, operation: str, body: dict[str, Any], takes: int) -> None:
        """Each take is a charge of its own."""
        usd = self.usd_for[operation]
        if not self.affords(usd * takes):
            raise self.refuse("insufficient_credits")
        self.accept(body)
        for _ in range(takes):
            self.pay(operation, usd, usd, identity_of(body))

    def _unfinished(self) -> int:
        with self.lock:
            return sum(not job.finished for job in self.jobs.values())

    def _seconds(self, body: Mapping[str, Any]) -> float:
        found = self.choice_of(body.get("song_id", ""))
        return found["duration"] / 1000 if found else self.SONG_SECONDS

    def _choice(self, job: Job, index: int, seconds: float) -> dict[str, Any]:
        name, hertz = f"{job.id}-{index}", 220.0 + 55.0 * index
        span = round(seconds * 1000)
        lines = [line for line in str(job.body.get("lyrics", "")).splitlines() if line and not line.startswith("[")]
        each = span // max(len(lines), 1)
        return {
            "index": index,
            "id": f"song-{name}",
            "url": self.offer(f"{name}.mp3", "mp3", seconds, hertz),
            "flac_url": self.offer(f"{name}.flac", "flac", seconds, hertz),
            "wav_url": self.offer(f"{name}.wav", "wav", seconds, hertz),
            "duration": span,
            "lyrics_sections": [
                {
                    "section_type": "verse",
                    "start": 0,
                    "end": span,
                    "lines": [_line(line, at * each, each) for at, line in enumerate(lines)],
                }
            ]
            if lines
            else [],
        }

    def choice_of(self, song: str) -> dict[str, Any] | None:
        """What this server made under a song's id."""
        with self.lock:
            made = [choice for job in self.jobs.values() for choice in job.result["choices"]]
        return next((choice for choice in made if choice["id"] == song), None)

    def known_song(self, seconds: float = 60.0) -> str:
        """The id of a finished song from before the test; nothing is charged."""
        job = Job(self.new_id("known", seconds), "song/generate", {"lyrics": "[Verse]\nla la"}, ("succeeded",))
        job.result = {"ending": None, "created": 0, "choices": [self._choice(job, 0, seconds)]}
        self.jobs[job.id] = job
        return str(job.result["choices"][0]["id"])

    async def query(self, request: Request) -> Response:
        self._authorise(request)
        job = self.jobs.get(request.path_params["job"])
        family = request.url.path.split("/")[2]
        if job is None or job.operation.split("/")[0] != family:
            raise self.refuse("not_found")
        with self.lock:
            job.advance(self.pace)
        return Answer(200, self._shown(job)).response()

    def _shown(self, job: Job) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": job.id,
            "created_at": job.result["created"],
            "model": job.body.get("model", "auto"),
            "status": job.state,
            "watermarked": False,
        }
        if job.finished:
            shown["finished_at"] = int(time.time())
            shown["failed_reason"] = ENDINGS[job.result["ending"]][1] if job.result["ending"] else ""
        if job.state == "succeeded":
            shown["choices"] = job.result["choices"]
        elif job.state == "streaming":
            shown["choices"] = [
                {"index": one["index"], "id": one["id"], "stream_url": one["url"]} for one in job.result["choices"]
            ]
        return shown

    async def stem(self, request: Request) -> Response:
        body = await self._checked(request, "song/stem")
        self._buy("song/stem", body, 1)
        name = self.new_id("stem-", body)
        seconds = self.audio_seconds if self.audio_seconds is not None else self.SONG_SECONDS
        files = {f"{part}.wav": sound_file("wav", seconds, 110.0 + 20 * at) for at, part in enumerate(PARTS)}
        shown = {
            "zip_url": self.offer_bytes(f"{name}.zip", "zip", _zip(files)),
            "midi_zip_url": self.offer_bytes(f"{name}-midi.zip", "zip", _zip({"vocals.mid": b"MThd"})),
            "expires_at": int(time.time()) + 30 * 86400,
        }
        return Answer(200, shown).response()

    async def lyrics(self, request: Request) -> Response:
        body = await self._checked(request, "lyrics/generate")
        self._buy("lyrics/generate", body, 1)
        words = f"[Verse]\n{body['prompt'][:40]}\nsung again\n[Chorus]\nand once more"
        return Answer(200, {"title": "A song", "lyrics": words}).response()

    async def upload(self, request: Request) -> Response:
        self._authorise(request)
        try:
            sent = multipart(request.headers.get("content-type", ""), await request.body())
        except ValueError as problem:
            raise self._no(str(problem)) from problem
        parts = {part.name: part for part in sent}
        if set(parts) != {"file", "purpose"} or parts["purpose"].text not in PURPOSES:
            raise self._no("file and a valid purpose are required")
        if len(parts["file"].data) > UPLOAD_MOST:
            raise self._no("the file is larger than 10 MB")
        name = parts["file"].filename or "audio"
        made = self.new_id("file-", name)
        self._uploads[made] = (parts["purpose"].text, parts["file"].data)
        size = len(parts["file"].data)
        shown = {"id": made, "filename": name, "bytes": size, "purpose": parts["purpose"].text, "created_at": 0}
        return Answer(200, shown).response()

    def uploaded(self, file: str, purpose: str) -> bool:
        return self._uploads.get(file, ("", b""))[0] == purpose

    async def billing(self, request: Request) -> Response:
        self._authorise(request)
        balance = float(self.balance) if self.balance is not None else 1000.0
        spent = float(self.spent)
        shown = {
            "account_id": 1,
            "balance": balance,
            "total_recharge": balance + spent,
            "total_spending": spent,
            "concurrent_request_limit": self.concurrent or 5,
        }
        return Answer(200, shown).response()

    def _authorise(self, request: Request) -> None:
        if not self.bearer(request):
            raise self.refuse("auth")

    def _no(self, message: str) -> Exception:
        return self.refuse("invalid_request", error={"message": message})


PARTS = ("vocals", "drums", "bass", "other")


def identity_of(body: Mapping[str, Any]) -> str:
    """What a test recognises a request by: its prompt, else its lyrics, else what it works on."""
    return str(body.get("prompt") or body.get("lyrics") or body.get("url") or body.get("instrumental_id") or "")


def _line(text: str, start: int, length: int) -> dict[str, Any]:
    words = text.split()
    each = length // max(len(words), 1)
    timed = [
        {"start": start + at * each, "end": start + (at + 1) * each, "text": word} for at, word in enumerate(words)
    ]
    return {"start": start, "end": start + length, "text": text, "words": timed}


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return out.getvalue()


def _song(server: Mureka, body: Mapping[str, Any]) -> str | None:
    given = {name for name in ("prompt", "reference_id", "vocal_id", "melody_id") if body.get(name)}
    if given not in COMBINATIONS:
        return f"{', '.join(sorted(given))} cannot be used together"
    if body["model"] == "mureka-o2" and given & {"vocal_id", "melody_id"}:
        return "mureka-o2 does not support vocal_id and melody_id"
    files = {"reference_id": "reference", "vocal_id": "vocal", "melody_id": "melody"}
    lost = [name for name, purpose in files.items() if name in given and not server.uploaded(body[name], purpose)]
    return f"{lost[0]} does not exist" if lost else None


def _instrumental(server: Mureka, body: Mapping[str, Any]) -> str | None:
    if bool(body.get("prompt")) == bool(body.get("instrumental_id")):
        return "give either prompt or instrumental_id"
    named = body.get("instrumental_id")
    return "instrumental_id does not exist" if named and not server.uploaded(named, "instrumental") else None


def _source(server: Mureka, body: Mapping[str, Any]) -> str | None:
    song, upload = body.get("song_id"), body.get("upload_audio_id")
    if bool(song) == bool(upload):
        return "give either song_id or upload_audio_id"
    known = server.choice_of(song) is not None if song else server.uploaded(str(upload), "audio")
    return None if known else "the song does not exist"


def _extend(server: Mureka, body: Mapping[str, Any]) -> str | None:
    wrong = _source(server, body)
    found = server.choice_of(body.get("song_id", ""))
    late = found is not None and body["extend_at"] > found["duration"]
    return wrong or ("extend_at is after the end" if late else None)


def _region(server: Mureka, body: Mapping[str, Any]) -> str | None:
    wrong = _source(server, body)
    if wrong:
        return wrong
    start, end = body["edit_start"], body["edit_end"]
    found = server.choice_of(body.get("song_id", ""))
    if end - start < 3000:
        return "the region must be at least 3 s long"
    inside = start >= 12_000 and (found is None or end <= found["duration"] - 12_000)
    return None if inside else "the region must leave 12 s on both sides"


RULES: dict[str, Any] = {
    "song/generate": _song,
    "instrumental/generate": _instrumental,
    "song/extend": _extend,
    "song/region-edit": _region,
}
