"""sunoapi.org as its pages describe it: the result is in the body's `code`, two songs a call, three callbacks.

Ends a job may be given with `end_next_with`: the keys of `ENDINGS`. What a call costs is `credits_for`, in credits of
half a cent; only the price of a generation is documented, the others are this module's assumption.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.providers.servers.base import LOCAL, NUMBER, Answer, ContractServer, Field, Job, complaint, multipart

USD_A_CREDIT = Decimal("0.005")
MODELS = ("V4", "V4_5", "V4_5PLUS", "V4_5ALL", "V5", "V5_5")
PROMPT_MOST = dict.fromkeys(MODELS, 5000) | {"V4": 3000}
STYLE_MOST = dict.fromkeys(MODELS, 1000) | {"V4": 200}
TITLE_MOST = dict.fromkeys(MODELS, 100) | {"V4": 80, "V4_5ALL": 80}
SIMPLE_PROMPT_MOST = 500
SONGS = 2
WHOLE = ("PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS", "SUCCESS")
SHORT = ("PENDING", "SUCCESS")
STEMS = (
    "vocal", "instrumental", "backingVocals", "drums", "bass", "guitar", "keyboard", "percussion", "strings", "synth",
    "fx", "brass", "woodwinds",
)  # fmt: skip
TWO_STEMS = ("vocal", "instrumental")
SPAN = (10.0, 60.0)


def _answer(code: int, msg: str) -> Answer:
    return Answer(200, {"code": code, "msg": msg, "data": None})


@dataclass(frozen=True)
class Ending:
    """How a job fails: the states it goes through, the code and words of its callback and record."""

    states: tuple[str, ...]
    code: int
    message: str
    refunded: bool = False


ENDINGS: dict[str, Ending] = {
    "CREATE_TASK_FAILED": Ending(("PENDING", "CREATE_TASK_FAILED"), 500, "The task could not be created."),
    "GENERATE_AUDIO_FAILED": Ending(
        ("PENDING", "TEXT_SUCCESS", "GENERATE_AUDIO_FAILED"), 501, "Audio generation failed."
    ),
    "refunded": Ending(
        ("PENDING", "TEXT_SUCCESS", "GENERATE_AUDIO_FAILED"),
        531,
        "Server error occurred during the generation. Credits have been refunded.",
        refunded=True,
    ),
    "timeout": Ending(("PENDING", "TEXT_SUCCESS", "GENERATE_AUDIO_FAILED"), 408, "Timeout."),
    "SENSITIVE_WORD_ERROR": Ending(("PENDING", "SENSITIVE_WORD_ERROR"), 400, "The prompt contains sensitive words."),
    "copyright_lyrics": Ending(("PENDING", "SENSITIVE_WORD_ERROR"), 400, "Song lyrics contain copyrighted material."),
    "copyright_upload": Ending(
        ("PENDING", "GENERATE_AUDIO_FAILED"), 413, "Uploaded audio matches existing work of art."
    ),
    "GENERATE_LYRICS_FAILED": Ending(("PENDING", "GENERATE_LYRICS_FAILED"), 500, "Lyrics generation failed."),
    # The caller's webhook failed; the sound is there.
    "CALLBACK_EXCEPTION": Ending((*WHOLE[:-1], "CALLBACK_EXCEPTION"), 200, "Callback failed."),
}

CALLBACK = {"callBackUrl": Field(required=True)}
CONTROLS = {
    "negativeTags": Field(),
    "vocalGender": Field(among=("m", "f")),
    "styleWeight": Field(NUMBER, low=0, high=1),
    "weirdnessConstraint": Field(NUMBER, low=0, high=1),
    "audioWeight": Field(NUMBER, low=0, high=1),
    "personaId": Field(),
    "personaModel": Field(among=("style_persona", "voice_persona")),
}
MODEL = Field(required=True, among=MODELS)
GENERATE = {
    "customMode": Field(bool, required=True),
    "instrumental": Field(bool, required=True),
    "model": MODEL,
    **CALLBACK,
    "prompt": Field(),
    "style": Field(),
    "title": Field(),
    "duration": Field(int, low=10, high=360),
    **CONTROLS,
}
URL = Field(required=True)
TRACK = {"taskId": Field(required=True), "audioId": Field(required=True)}
FIELDS: dict[str, dict[str, Field]] = {
    "generate": GENERATE,
    "upload-cover": {"uploadUrl": URL, **GENERATE},
    "extend": {
        "defaultParamFlag": Field(bool, required=True),
        "audioId": Field(required=True),
        "model": MODEL,
        **CALLBACK,
        "continueAt": Field(NUMBER, low=0),
        "style": Field(),
        "title": Field(),
        "prompt": Field(),
        **CONTROLS,
    },
    "add-vocals": {
        **{name: Field(required=True) for name in ("prompt", "title", "negativeTags", "style", "uploadUrl")},
        **CALLBACK,
        "model": MODEL,
        **{name: CONTROLS[name] for name in ("vocalGender", "styleWeight", "weirdnessConstraint", "audioWeight")},
    },
    "replace-section": {
        **{name: Field() for name in ("taskId", "audioId", "uploadUrl", "negativeTags", "callBackUrl")},
        "model": Field(among=MODELS),
        **{name: Field(required=True) for name in ("prompt", "tags", "title", "fullLyrics")},
        "infillStartS": Field(NUMBER, required=True, low=0),
        "infillEndS": Field(NUMBER, required=True, low=0),
    },
    "lyrics": {"prompt": Field(required=True), **CALLBACK},
    "wav": {**TRACK, **CALLBACK},
    "vocal-removal": {
        **TRACK,
        **CALLBACK,
        "type": Field(required=True, among=("separate_vocal", "split_stem", "split_stem_advanced")),
        "stemName": Field(),
    },
    "timestamped-lyrics": TRACK,
}


class SunoApi(ContractServer):
    """`http_codes`: whether the HTTP status repeats the body's code (else it is 200, as the pages show).
    `balance`: credits; None means enough for ever."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "invalid_request": _answer(400, "The request parameters are incorrect."),
        "auth": _answer(401, "You do not have access permissions"),
        "not_found": _answer(404, "The requested resource does not exist"),
        "rate_limited": _answer(405, "The request exceeded the rate limit."),
        "prompt_too_long": _answer(413, "The theme or prompt is too long"),
        "insufficient_credits": _answer(429, "The current credits are insufficient. Please top up."),
        "too_frequent": _answer(430, "Your call frequency is too high. Please try again later."),
        "overloaded": _answer(455, "The website is being maintained. Please try again later."),
        "upstream": _answer(500, "An unexpected error occurred"),
    }
    PASSING: ClassVar[tuple[str, ...]] = ("rate_limited", "too_frequent", "overloaded", "upstream")
    SONG_SECONDS: ClassVar[float] = 12.0

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.http_codes = False
        self.credits_for: dict[str, Decimal] = {
            **dict.fromkeys(("generate", "upload-cover", "extend", "add-vocals", "replace-section"), Decimal(12)),
            "vocal-removal": Decimal(12),
            "wav": Decimal(1),
            "lyrics": Decimal(1),
            "timestamped-lyrics": Decimal(0),
        }

    def routes(self) -> list[Route]:
        songs = ("generate/extend", "generate/upload-cover", "generate/add-vocals", "generate/replace-section")
        submits = ("generate", *songs, "lyrics", "wav/generate", "vocal-removal/generate")
        records = {
            "generate/record-info": self.song_record,
            "lyrics/record-info": self.lyrics_record,
            "wav/record-info": self.wav_record,
            "vocal-removal/record-info": self.stems_record,
            "generate/credit": self.credit,
        }
        uploads = ("file-base64-upload", "file-url-upload", "file-stream-upload")
        return [
            *(Route(f"/api/v1/{path}", self.submit, methods=["POST"]) for path in submits),
            *(Route(f"/api/v1/{path}", handler, methods=["GET"]) for path, handler in records.items()),
            Route("/api/v1/generate/get-timestamped-lyrics", self.timestamped_lyrics, methods=["POST"]),
            *(Route(f"/api/{path}", self.upload, methods=["POST"]) for path in uploads),
        ]

    # -- submitting ----------------------------------------------------------------------------------------------------

    async def submit(self, request: Request) -> Response:
        operation = _operation(request.url.path)
        body = await self._checked(request, operation)
        self._buy(operation, body)
        job = self._job(operation, body)
        return self._ok({"taskId": job.id})

    async def _checked(self, request: Request, operation: str) -> dict[str, Any]:
        """Authorised, within its limits and paid for, or refused with the vendor's code."""
        self._authorise(request)
        if self.too_fast():
            raise self._no("too_frequent")
        body = await self.json_of(request)
        wrong = complaint(body, FIELDS[operation])
        if wrong is None:
            wrong = RULES.get(operation, lambda _server, _body: None)(self, body)
        if wrong is not None:
            raise self._no("prompt_too_long" if wrong == TOO_LONG else "invalid_request", wrong)
        if not self.affords(self.credits_for[operation]):
            raise self._no("insufficient_credits")
        return body

    def _buy(self, operation: str, body: dict[str, Any]) -> None:
        self.accept(body)
        credits = self.credits_for[operation]
        self.pay(operation, credits, credits * USD_A_CREDIT, identity_of(body))

    def _job(self, operation: str, body: dict[str, Any]) -> Job:
        ending = self.next_ending()
        plain = SHORT if operation in ("lyrics", "wav", "vocal-removal") else WHOLE
        states = ENDINGS[ending].states if ending else plain
        job = Job(self.new_id("", body), operation, body, states, charge=len(self.charges) - 1)
        job.result = {"ending": ENDINGS[ending] if ending else None, **self._works(operation, body, job)}
        self.jobs[job.id] = job
        last = len(states) - 1
        if ending or operation in ("lyrics", "wav", "vocal-removal"):
            stages = (("error" if self._broke(job) else "complete", last),)
        else:
            stages = (("text", 1), ("first", 2), ("complete", 3))
        self.call_back(body.get("callBackUrl"), job, stages)
        return job

    def _works(self, operation: str, body: dict[str, Any], job: Job) -> dict[str, Any]:
        makers = {"lyrics": self._lyrics, "wav": self._wav, "vocal-removal": self._stems}
        return makers.get(operation, self._songs)(body, job)

    def _songs(self, body: dict[str, Any], job: Job) -> dict[str, Any]:
        seconds = float(body.get("duration") or self._seconds_of(body.get("audioId")) or self.SONG_SECONDS)
        return {"songs": [self._song(body, job.id, number, seconds) for number in range(1, SONGS + 1)]}

    def _song(self, body: dict[str, Any], task: str, number: int, seconds: float) -> dict[str, Any]:
        seconds = self.audio_seconds if self.audio_seconds is not None else seconds
        address = self.offer(f"{task}-{number}.mp3", "mp3", seconds, 165.0 + 55.0 * number)
        return {
            "id": f"{task}-a{number}",
            "audioUrl": address,
            "streamAudioUrl": address,
            "imageUrl": f"{self.url}/files/{task}-{number}.jpeg",
            "prompt": body.get("prompt", ""),
            "modelName": f"chirp-{str(body.get('model', 'V5')).lower()}",
            "title": body.get("title") or "Untitled",
            "tags": body.get("style") or body.get("tags") or "",
            "createTime": "2026-01-01 00:00:00",
            "duration": seconds,
        }

    def _lyrics(self, body: dict[str, Any], job: Job) -> dict[str, Any]:
        words = f"[Verse]\n{body['prompt'][:40]}\nsung again\n[Chorus]\nand once more"
        return {"response": {"taskId": job.id, "data": [{"title": "A song", "text": words, "status": "complete"}]}}

    def _wav(self, body: dict[str, Any], job: Job) -> dict[str, Any]:
        seconds = self._seconds_of(body["audioId"]) or self.SONG_SECONDS
        return {"response": {"audioWavUrl": self.offer(f"{job.id}.wav", "wav", seconds)}}

    def _stems(self, body: dict[str, Any], job: Job) -> dict[str, Any]:
        seconds = self._seconds_of(body["audioId"]) or self.SONG_SECONDS
        names = (
            TWO_STEMS if body["type"] == "separate_vocal" else (body["stemName"],) if body.get("stemName") else STEMS
        )
        urls = {
            name: self.offer(f"{job.id}-{name}.mp3", "mp3", seconds, 110.0 + 10 * at) for at, name in enumerate(names)
        }
        origin = [
            {"id": f"{job.id}-{name}", "stem_type_group_name": name, "audio_url": url, "duration": seconds}
            for name, url in urls.items()
        ]
        return {"response": {f"{name}Url": urls.get(name) for name in STEMS} | {"originData": origin}}

    def song_of(self, audio_id: str) -> tuple[Job, dict[str, Any]] | None:
        """The job and the record of a song this server made."""
        with self.lock:
            found = [
                (job, song)
                for job in self.jobs.values()
                for song in (job.result or {}).get("songs", [])
                if song["id"] == audio_id
            ]
        return found[0] if found else None

    def known_song(self, seconds: float = 60.0, model: str = "V5", **body: Any) -> tuple[str, str]:
        """(task id, audio id) of a finished song that was made before the test; nothing is charged."""
        body = {"model": model, "title": "Known", "prompt": "[Verse]\nla la la", "duration": seconds, **body}
        job = Job(self.new_id("known", body), "generate", body, ("SUCCESS",))
        job.result = {"ending": None, "songs": [self._song(body, job.id, one, seconds) for one in (1, 2)]}
        self.jobs[job.id] = job
        return job.id, job.result["songs"][0]["id"]

    def _seconds_of(self, audio_id: str | None) -> float | None:
        found = self.song_of(audio_id) if audio_id else None
        return float(found[1]["duration"]) if found else None

    # -- reading -------------------------------------------------------------------------------------------------------

    def _found(self, request: Request, operations: tuple[str, ...]) -> Job:
        self._authorise(request)
        job = self.jobs.get(request.query_params.get("taskId", ""))
        if job is None or job.operation not in operations:
            raise self._no("not_found")
        with self.lock:
            job.advance(self.pace)
            self._refund_if_due(job)
        return job

    def _refund_if_due(self, job: Job) -> None:
        ending: Ending | None = job.result["ending"]
        if ending is not None and ending.refunded and job.finished and job.charge is not None:
            self.refund(job.charge)

    def _broke(self, job: Job) -> bool:
        return job.states[-1] not in ("SUCCESS", "CALLBACK_EXCEPTION")

    def _trouble(self, job: Job) -> dict[str, Any]:
        ending: Ending | None = job.result["ending"]
        broke = ending is not None and job.finished
        return {
            "errorCode": ending.code if broke and ending else None,
            "errorMessage": ending.message if broke and ending else None,
        }

    async def song_record(self, request: Request) -> Response:
        songs = ("generate", "upload-cover", "extend", "add-vocals", "replace-section")
        job = self._found(request, songs)
        ready = {"PENDING": None, "TEXT_SUCCESS": 0, "FIRST_SUCCESS": 1, "SUCCESS": SONGS, "CALLBACK_EXCEPTION": SONGS}
        heard = ready.get(job.state)
        shown = None if heard is None else {"taskId": job.id, "sunoData": self._shown(job, heard)}
        return self._ok(
            {
                "taskId": job.id,
                "parentMusicId": job.body.get("audioId", ""),
                "param": json.dumps(job.body),
                "response": shown,
                "status": job.state,
                "type": job.operation.upper().replace("-", "_"),
                **self._trouble(job),
            }
        )

    def _shown(self, job: Job, heard: int) -> list[dict[str, Any]]:
        """The songs as far as they are: those not yet heard have no address."""
        empty = {"audioUrl": "", "duration": None}
        return [song if at < heard else {**song, **empty} for at, song in enumerate(job.result["songs"])]

    async def lyrics_record(self, request: Request) -> Response:
        job = self._found(request, ("lyrics",))
        shown = job.result["response"] if job.state == "SUCCESS" else None
        return self._ok({"taskId": job.id, "response": shown, "status": job.state, **self._trouble(job)})

    async def wav_record(self, request: Request) -> Response:
        return self._flagged(self._found(request, ("wav",)))

    async def stems_record(self, request: Request) -> Response:
        return self._flagged(self._found(request, ("vocal-removal",)))

    def _flagged(self, job: Job) -> Response:
        shown = job.result["response"] if job.state == "SUCCESS" else None
        base = {"taskId": job.id, "musicId": job.body["audioId"], "response": shown, "successFlag": job.state}
        return self._ok({**base, **self._trouble(job)})

    async def timestamped_lyrics(self, request: Request) -> Response:
        body = await self._checked(request, "timestamped-lyrics")
        if self.credits_for["timestamped-lyrics"]:
            self._buy("timestamped-lyrics", body)
        found = self.song_of(body["audioId"])
        song = found[1] if found else {"prompt": "", "duration": 1.0}
        words = [word for word in str(song["prompt"]).split() if not word.startswith("[")]
        each = float(song["duration"]) / max(len(words), 1)
        aligned = [
            {
                "word": f"{word} ",
                "success": True,
                "startS": round(at * each, 3),
                "endS": round(at * each + each, 3),
                "palign": 0,
            }
            for at, word in enumerate(words)
        ]
        return self._ok(
            {"alignedWords": aligned, "waveformData": [0.0, 0.5, 0.2], "hootCer": 0.05, "isStreamed": False}
        )

    async def credit(self, request: Request) -> Response:
        self._authorise(request)
        return self._ok(float(self.balance) if self.balance is not None else 1_000_000)

    # -- uploads -------------------------------------------------------------------------------------------------------

    async def upload(self, request: Request) -> Response:
        self._authorise(request)
        way = request.url.path.rsplit("/", 1)[-1]
        try:
            sent = await (self._streamed(request) if way == "file-stream-upload" else self._posted(request, way))
        except ValueError as problem:
            raise self._no("invalid_request", str(problem)) from problem
        data, name, folder = sent
        kept = f"uploads/{self.new_id('', name)}/{name}"
        address = self.offer_bytes(kept, name.rsplit(".", 1)[-1], data)
        self.accept({"upload": name, "bytes": len(data)})
        shown = {
            "fileName": name,
            "filePath": f"{folder}/{name}",
            "downloadUrl": address,
            "fileSize": len(data),
            "mimeType": "audio/mpeg",
            "uploadedAt": "2026-01-01T00:00:00Z",
        }
        return Answer(200, {"success": True, "code": 200, "msg": "success", "data": shown}).response()

    async def _posted(self, request: Request, way: str) -> tuple[bytes, str, str]:
        content = "base64Data" if way == "file-base64-upload" else "fileUrl"
        body = await self.json_of(request)
        fields = {content: Field(required=True), "uploadPath": Field(required=True), "fileName": Field()}
        wrong = complaint(body, fields)
        if wrong:
            raise ValueError(wrong)
        name = body.get("fileName") or "upload.mp3"
        if content == "fileUrl":
            return await _fetched(body["fileUrl"]), name, body["uploadPath"]
        try:
            return base64.b64decode(body["base64Data"].split(",", 1)[-1], validate=True), name, body["uploadPath"]
        except binascii.Error as problem:
            raise ValueError("base64Data is not base64") from problem

    async def _streamed(self, request: Request) -> tuple[bytes, str, str]:
        parts = {part.name: part for part in multipart(request.headers.get("content-type", ""), await request.body())}
        if set(parts) - {"file", "uploadPath", "fileName"} or not {"file", "uploadPath"} <= set(parts):
            raise ValueError("file and uploadPath are required, fileName is optional")
        name = parts["fileName"].text if "fileName" in parts else parts["file"].filename or "upload.mp3"
        return parts["file"].data, name, parts["uploadPath"].text

    # -- shared --------------------------------------------------------------------------------------------------------

    def callback_of(self, job: Job, stage: str, forged: bool) -> tuple[dict[str, Any], dict[str, str]]:
        self._refund_if_due(job)
        ending: Ending | None = job.result["ending"]
        code, msg = (
            (ending.code, ending.message) if ending and stage == "error" else (200, "All generated successfully.")
        )
        heard = {"text": 0, "first": 1, "complete": SONGS}.get(stage)
        songs = [] if heard is None or "songs" not in job.result else self._shown(job, heard)
        data = [_snake(song) for song in songs]
        if forged:
            data = [{**song, "id": "forged", "audio_url": f"{self.url}/files/forged.mp3"} for song in data]
        return {"code": code, "msg": msg, "data": {"callbackType": stage, "task_id": job.id, "data": data}}, {}

    def not_found(self, request: Request) -> Answer:
        return self._coded(self.ERRORS["not_found"])

    def error(self, name: str) -> Any:
        fault = super().error(name)
        return type(fault).status(self._coded(self.ERRORS[name]))

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


# ---------------------------------------------------------------------------------------------------------------- rules

TOO_LONG = "The prompt is too long"


def identity_of(body: Mapping[str, Any]) -> str:
    """What a test recognises a request by: its title, else its prompt, else the song it works on."""
    return str(body.get("title") or body.get("prompt") or body.get("audioId") or "")


async def _fetched(url: str) -> bytes:
    """The bytes behind a URL of this machine; a test never leaves it."""
    if not url.startswith(LOCAL):
        raise ValueError("fileUrl cannot be fetched")
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)
    if answer.status_code != 200:
        raise ValueError("fileUrl cannot be fetched")
    return answer.content


def _operation(path: str) -> str:
    parts = path.removeprefix("/api/v1/").split("/")
    return parts[1] if parts[0] == "generate" and len(parts) > 1 else parts[0]


def _snake(song: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": song["id"],
        "audio_url": song["audioUrl"],
        "source_audio_url": song["audioUrl"],
        "stream_audio_url": song["streamAudioUrl"],
        "source_stream_audio_url": song["streamAudioUrl"],
        "image_url": song["imageUrl"],
        "source_image_url": song["imageUrl"],
        "prompt": song["prompt"],
        "model_name": song["modelName"],
        "title": song["title"],
        "tags": song["tags"],
        "createTime": song["createTime"],
        "duration": song["duration"],
    }


def _addresses(body: Mapping[str, Any]) -> str | None:
    bad = [name for name in ("callBackUrl", "uploadUrl") if not str(body.get(name) or "http://").startswith("http")]
    return f"{bad[0]} is not a URL" if bad else None


def _lengths(body: Mapping[str, Any]) -> str | None:
    model = body.get("model", "V5")
    if len(body.get("prompt") or "") > PROMPT_MOST[model]:
        return TOO_LONG
    if len(body.get("style") or "") > STYLE_MOST[model]:
        return "style is too long"
    return "title is too long" if len(body.get("title") or "") > TITLE_MOST[model] else None


def _generate(_: SunoApi, body: Mapping[str, Any]) -> str | None:
    return _addresses(body) or (_custom(body) if body["customMode"] else _simple(body)) or _lengths(body)


def _custom(body: Mapping[str, Any]) -> str | None:
    needed = ("style", "title") if body["instrumental"] else ("style", "title", "prompt")
    missing = [name for name in needed if not body.get(name)]
    if missing:
        return f"{missing[0]} is required in custom mode"
    return "duration needs model V5_5" if "duration" in body and body["model"] != "V5_5" else None


def _simple(body: Mapping[str, Any]) -> str | None:
    others = [name for name in ("style", "title", "duration", *CONTROLS) if body.get(name) not in (None, "")]
    if others:
        return f"{others[0]} must be empty when customMode is false"
    if not body.get("prompt"):
        return "prompt is required"
    return TOO_LONG if len(body["prompt"]) > SIMPLE_PROMPT_MOST else None


def _extend(server: SunoApi, body: Mapping[str, Any]) -> str | None:
    found = server.song_of(body["audioId"])
    if found is None:
        return "audioId does not exist"
    if found[0].body.get("model") != body["model"]:
        return "model must be the model of the source"
    if body["defaultParamFlag"]:
        missing = [name for name in ("continueAt", "style", "title", "prompt") if not body.get(name)]
        if missing:
            return f"{missing[0]} is required when defaultParamFlag is true"
        if body["continueAt"] >= found[1]["duration"]:
            return "continueAt must be inside the song"
    return _addresses(body) or _lengths(body)


def _vocals(_: SunoApi, body: Mapping[str, Any]) -> str | None:
    return _addresses(body) or _lengths(body)


def _section(server: SunoApi, body: Mapping[str, Any]) -> str | None:
    track, upload = ("taskId", "audioId"), ("uploadUrl", "model")
    given = [pair for pair in (track, upload) if all(body.get(name) for name in pair)]
    if len(given) != 1:
        return "give taskId and audioId, or uploadUrl and model"
    start, end = body["infillStartS"], body["infillEndS"]
    if any(round(at, 2) != at for at in (start, end)):
        return "infillStartS and infillEndS have at most two decimals"
    if not SPAN[0] <= round(end - start, 2) <= SPAN[1]:
        return "the section must be 10 to 60 seconds long"
    return _addresses(body) or (_inside(server, body, end - start) if given == [track] else None)


def _inside(server: SunoApi, body: Mapping[str, Any], span: float) -> str | None:
    wrong = _track(server, body)
    found = server.song_of(body["audioId"])
    if wrong or found is None:
        return wrong
    seconds = found[1]["duration"]
    if body["infillEndS"] > seconds:
        return "the section must be inside the song"
    return "the section must be at most half of the song" if span > seconds / 2 else None


def _track(server: SunoApi, body: Mapping[str, Any]) -> str | None:
    found = server.song_of(body["audioId"])
    if found is None or found[0].id != body["taskId"]:
        return "taskId and audioId do not name a song"
    return _addresses(body)


def _stem(server: SunoApi, body: Mapping[str, Any]) -> str | None:
    if "stemName" in body and body["type"] != "split_stem_advanced":
        return "stemName needs type split_stem_advanced"
    return _track(server, body)


RULES: dict[str, Any] = {
    "generate": _generate,
    "upload-cover": _generate,
    "extend": _extend,
    "add-vocals": _vocals,
    "replace-section": _section,
    "wav": _track,
    "vocal-removal": _stem,
    "timestamped-lyrics": _track,
}
