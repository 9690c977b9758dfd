"""ElevenLabs Music as its contract says it: sound in the answer itself, plans by section, inpainting, stems.

`balance` is in US dollars. `suggestions` are the words its moderation stops at: each with what it proposes instead, or
None when it proposes nothing. Ending for `end_next_with`: copyright (an upload is rejected, and billed all the same).
"""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import soundfile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from tests.providers.servers.base import (
    Answer,
    ContractServer,
    Field,
    Part,
    Refused,
    complaint,
    multipart,
    sound_file,
)

MODELS = ("music_v1", "music_v2", "music_v2_5")
SHORTEST, LONGEST = 3_000, 600_000
DEFAULT_LENGTH = 60_000
TIERS = ("free", "starter", "creator", "pro")
STEMS = {
    "two_stems_v1": ("vocals", "instrumental"),
    "six_stems_v1": ("vocals", "drums", "bass", "guitar", "piano", "other"),
}
LEVELS = ("low", "medium", "high")
CONDITION_LEVELS = (*LEVELS, "xhigh")
CHUNKS = 30
CONDITION_LONGEST = 30_000
RANGE_SHORTEST = 50
STREAM_PIECE = 4096


def detail(status: int, name: str, message: str, **data: Any) -> Answer:
    """The shape of this vendor's own errors."""
    said: dict[str, Any] = {"status": name, "message": message}
    return Answer(status, {"detail": said | ({"data": data} if data else {})})


def invalid(message: str, *where: str | int) -> Refused:
    """A 422 in the shape of its validator: a list under `detail`."""
    return Refused(Answer(422, {"detail": [{"type": "value_error", "loc": ["body", *where], "msg": message}]}))


# -- formats -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Format:
    """One `output_format`: container, rate in hertz, and the cheapest plan that may have it."""

    media: str
    rate: int
    tier: str = "free"
    subtype: str | None = None


def _formats() -> dict[str, Format]:
    found = {f"mp3_48000_{kbps}": Format("mp3", 48_000) for kbps in (128, 192, 240, 320)}
    found |= {f"mp3_44100_{kbps}": Format("mp3", 44_100) for kbps in (32, 64, 96, 128, 192)}
    found |= {"mp3_22050_32": Format("mp3", 22_050), "mp3_24000_48": Format("mp3", 24_000)}
    found |= {f"pcm_{rate}": Format("pcm", rate) for rate in (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)}
    found |= {f"opus_48000_{kbps}": Format("opus", 48_000) for kbps in (32, 64, 96, 128, 192)}
    found |= {"ulaw_8000": Format("ulaw", 8_000), "alaw_8000": Format("alaw", 8_000)}
    found |= {name: Format("mp3", found[name].rate, "creator") for name in ("mp3_44100_192", "mp3_48000_192")}
    found |= {"pcm_44100": Format("pcm", 44_100, "pro")}
    return found


FORMATS = _formats()
AUTO = {"music_v1": "mp3_44100_128", "music_v2": "mp3_48000_192", "music_v2_5": "mp3_48000_192"}
MEDIA = {"mp3": "audio/mpeg", "pcm": "audio/pcm", "opus": "audio/ogg", "ulaw": "audio/basic", "alaw": "audio/basic"}
# What libsndfile is asked for where the container is not mp3: (format, subtype, channels).
RAW = {"pcm": ("RAW", "PCM_16", 2), "opus": ("OGG", "OPUS", 2), "ulaw": ("RAW", "ULAW", 1), "alaw": ("RAW", "ALAW", 1)}


def encoded(wanted: Format, seconds: float, hertz: float, silent: bool) -> bytes:
    """A sound in a format of the table. PCM is two channels, 16 bit little-endian, without any header."""
    if wanted.media == "mp3":
        return sound_file("mp3", seconds, hertz, silent, wanted.rate)
    samples, rate = soundfile.read(io.BytesIO(sound_file("wav", seconds, hertz, silent, wanted.rate)))
    kind, subtype, channels = RAW[wanted.media]
    out = io.BytesIO()
    soundfile.write(out, samples.repeat(channels).reshape(-1, channels), rate, subtype, format=kind)
    return out.getvalue()


# -- bodies ------------------------------------------------------------------------------------------------------------

COMPOSE = {
    "prompt": Field(),
    "composition_plan": Field(dict),
    "music_length_ms": Field(int, low=SHORTEST, high=LONGEST),
    "model_id": Field(among=MODELS),
    "seed": Field(int, low=0),
    "force_instrumental": Field(bool),
    "finetune_id": Field(),
    "respect_sections_durations": Field(bool),
    "store_for_inpainting": Field(bool),
    "sign_with_c2pa": Field(bool),
}
DETAILED = COMPOSE | {"with_timestamps": Field(bool), "with_waveform_visual": Field(bool)}
PLAN = {
    "prompt": Field(required=True),
    "music_length_ms": Field(int, low=SHORTEST, high=LONGEST),
    "source_composition_plan": Field(dict),
    "model_id": Field(among=MODELS),
}
PLAN_V1 = {
    "positive_global_styles": Field(list, required=True),
    "negative_global_styles": Field(list, required=True),
    "sections": Field(list, required=True, least=1),
}
SECTION = {
    "section_name": Field(required=True),
    "positive_local_styles": Field(list, required=True),
    "negative_local_styles": Field(list, required=True),
    "duration_ms": Field(int, required=True, low=SHORTEST, high=120_000),
    "lines": Field(list, required=True, most=30),
    "source_from": Field(dict),
}
SOURCE = {"song_id": Field(required=True), "range": Field(dict, required=True), "negative_ranges": Field(list)}
RANGE = {"start_ms": Field(int, required=True, low=0), "end_ms": Field(int, required=True, low=0)}
PLAN_V2 = {"chunks": Field(list, required=True, least=1, most=CHUNKS)}
CHUNK = {
    "text": Field(),
    "duration_ms": Field(int, required=True, low=SHORTEST, high=LONGEST),
    "positive_styles": Field(list, required=True),
    "negative_styles": Field(list),
    "context_adherence": Field(among=LEVELS),
    "conditioning_ref": Field(dict),
    "condition_strength": Field(among=CONDITION_LEVELS),
}
REFERENCE = {"song_id": Field(required=True), "range": Field(dict, required=True)}
UPLOAD = {
    "extract_composition_plan": Field(among=MODELS),
    "with_timestamps": Field(among=("true", "false")),
    "with_waveform_visual": Field(among=("true", "false")),
}
SPLIT = {"stem_variation_id": Field(among=tuple(STEMS))}


def hold(body: Any, fields: Mapping[str, Field], *where: str | int) -> None:
    """Raises the vendor's 422 where an object breaks its table."""
    wrong = complaint(body, fields)
    if wrong:
        raise invalid(wrong, *where)


def words(values: Any, most: int | None, *where: str | int) -> None:
    for at, value in enumerate(values or ()):
        if not isinstance(value, str) or (most is not None and len(value) > most):
            raise invalid(f"must be text of at most {most} characters" if most else "must be text", *where, at)


def span(value: Any, *where: str | int) -> int:
    """The length of a range in milliseconds."""
    hold(value, RANGE, *where)
    length = int(value["end_ms"] - value["start_ms"])
    if length < RANGE_SHORTEST:
        raise invalid(f"a range must be at least {RANGE_SHORTEST} ms", *where)
    return length


@dataclass(frozen=True)
class Read:
    """A plan that holds: its length in milliseconds and the songs it takes from."""

    length: int
    songs: tuple[str, ...]


def read_v1(plan: dict[str, Any]) -> Read:
    hold(plan, PLAN_V1, "composition_plan")
    songs: list[str] = []
    for at, section in enumerate(plan["sections"]):
        where = ("composition_plan", "sections", at)
        hold(section, SECTION, *where)
        words(section["lines"], 200, *where, "lines")
        source = section.get("source_from")
        if source is not None:
            hold(source, SOURCE, *where, "source_from")
            for one in (source["range"], *(source.get("negative_ranges") or ())):
                span(one, *where, "source_from", "range")
            songs.append(source["song_id"])
    for name in ("positive_global_styles", "negative_global_styles"):
        words(plan[name], None, "composition_plan", name)
    return Read(sum(section["duration_ms"] for section in plan["sections"]), tuple(songs))


def read_v2(plan: dict[str, Any]) -> Read:
    hold(plan, PLAN_V2, "composition_plan")
    parts = [_chunk(chunk, "composition_plan", "chunks", at) for at, chunk in enumerate(plan["chunks"])]
    return Read(sum(part.length for part in parts), tuple(song for part in parts for song in part.songs))


def _chunk(chunk: Any, *where: str | int) -> Read:
    if isinstance(chunk, dict) and "song_id" in chunk:
        hold(chunk, REFERENCE, *where)
        return Read(span(chunk["range"], *where, "range"), (chunk["song_id"],))
    hold(chunk, CHUNK, *where)
    for name in ("positive_styles", "negative_styles"):
        words(chunk.get(name), None, *where, name)
    reference = chunk.get("conditioning_ref")
    if reference is None:
        if chunk.get("condition_strength") is not None:
            raise invalid("condition_strength needs a conditioning_ref", *where)
        return Read(chunk["duration_ms"], ())
    hold(reference, REFERENCE, *where, "conditioning_ref")
    if span(reference["range"], *where, "conditioning_ref", "range") > CONDITION_LONGEST:
        raise invalid(f"a conditioning range is at most {CONDITION_LONGEST} ms", *where, "conditioning_ref")
    return Read(chunk["duration_ms"], (reference["song_id"],))


READERS: dict[str, Callable[[dict[str, Any]], Read]] = {
    "music_v1": read_v1,
    "music_v2": read_v2,
    "music_v2_5": read_v2,
}


def made_plan(model: str, length: int, styles: Sequence[str], instrumental: bool = False) -> dict[str, Any]:
    """What the vendor's own planner would write: two parts that fill the length."""
    parts = (
        (("Verse", length // 2), ("Chorus", length - length // 2)) if length >= 2 * SHORTEST else (("Verse", length),)
    )
    lines = [] if instrumental else ["the harbour light is on", "and every boat is gone"]
    if model == "music_v1":
        sections = [
            {
                "section_name": name,
                "positive_local_styles": list(styles),
                "negative_local_styles": [],
                "duration_ms": duration,
                "lines": lines,
            }
            for name, duration in parts
        ]
        return {"positive_global_styles": list(styles), "negative_global_styles": [], "sections": sections}
    chunks = [
        {
            "text": "\n".join([f"[{name}]", *lines]),
            "duration_ms": duration,
            "positive_styles": list(styles),
            "negative_styles": [],
            "context_adherence": "high",
        }
        for name, duration in parts
    ]
    return {"chunks": chunks}


@dataclass(frozen=True)
class Song:
    """What was ordered: model, length, plan, format, and how it sounds."""

    id: str
    model: str
    length: int
    plan: dict[str, Any]
    format: Format
    hertz: float
    body: dict[str, Any]


class ElevenLabsServer(ContractServer):
    """`https://api.elevenlabs.io`, the music part. A compose answers when the sound is done."""

    ERRORS: ClassVar[dict[str, Answer]] = {
        "auth": detail(401, "invalid_api_key", "Invalid API key"),
        "insufficient_credits": detail(401, "quota_exceeded", "This request exceeds your quota."),
        "plan_denied": detail(403, "subscription_required", "Your plan does not allow this. Please upgrade."),
        "moderation": detail(400, "bad_prompt", "The prompt violates our terms of service."),
        "moderation_suggestion": detail(
            400, "bad_prompt", "The prompt names a real artist.", prompt_suggestion="a warm soul ballad"
        ),
        "copyright": detail(400, "copyrighted_material", "The file matches copyrighted material."),
        "invalid_request": Answer(
            422, {"detail": [{"type": "value_error", "loc": ["body", "prompt"], "msg": "Value error"}]}
        ),
        "not_found": Answer(404, {"detail": "Not Found"}),
        "song_not_found": detail(404, "song_not_found", "A song with this id was not found."),
        "concurrency": detail(429, "too_many_concurrent_requests", "You have exceeded your concurrency limit."),
        "overloaded": detail(429, "system_busy", "The system is busy, please try again."),
        "rate_limited": Answer(
            429,
            {"detail": {"status": "too_many_concurrent_requests", "message": "Too many requests."}},
            {"retry-after": "1"},
        ),
        "rate_limited_ms": Answer(
            429, {"detail": {"status": "system_busy", "message": "Busy."}}, {"retry-after-ms": "150"}
        ),
        "upstream": detail(500, "internal_server_error", "An error occurred."),
    }

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.tier = "pro"
        self.inpainting = True
        # Dollars a started minute of output; an upload is half of it, stems are `stem_share` of it.
        self.price = Decimal("0.80")
        self.stem_share = Decimal("0.5")
        self.suggestions: dict[str, str | None] = {"famous singer": "soulful singer", "gore": None}
        self.concurrency: int | None = None
        self.work_seconds = 0.0
        self.songs: dict[str, int] = {}
        self._working = 0

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/v1/music", self.compose, methods=["POST"]),
            Route("/v1/music/detailed", self.detailed, methods=["POST"]),
            Route("/v1/music/stream", self.stream, methods=["POST"]),
            Route("/v1/music/plan", self.plan, methods=["POST"]),
            Route("/v1/music/upload", self.upload, methods=["POST"]),
            Route("/v1/music/stem-separation", self.stems, methods=["POST"]),
            Route("/v1/user/subscription", self.subscription, methods=["GET"]),
        ]

    # -- handlers ------------------------------------------------------------------------------------------------------

    async def compose(self, request: Request) -> Response:
        song = await self._song(request, COMPOSE, "compose")
        return Answer(200, await self._sound(song), self._headers(song)).response()

    async def detailed(self, request: Request) -> Response:
        song = await self._song(request, DETAILED, "compose detailed")
        sound = await self._sound(song)
        boundary = hashlib.sha256(song.id.encode()).hexdigest()[:32]
        said = json.dumps(self._told(song)).encode()
        body = b"".join(
            (
                f"--{boundary}\r\nContent-Type: application/json\r\n\r\n".encode(),
                said,
                f"\r\n--{boundary}\r\nContent-Type: {MEDIA[song.format.media]}\r\n"
                f'Content-Disposition: attachment; filename="song.{song.format.media}"\r\n\r\n'.encode(),
                sound,
                f"\r\n--{boundary}--\r\n".encode(),
            )
        )
        headers = self._headers(song) | {"content-type": f"multipart/mixed; boundary={boundary}"}
        return Answer(200, body, headers).response()

    async def stream(self, request: Request) -> Response:
        self._enter(request)
        if self.tier == "free":
            raise Refused(self.ERRORS["plan_denied"])
        song = await self._song(request, COMPOSE, "stream")
        sound = await self._sound(song)
        pieces = (sound[at : at + STREAM_PIECE] for at in range(0, len(sound), STREAM_PIECE))
        return StreamingResponse(pieces, 200, self._headers(song))

    async def plan(self, request: Request) -> Response:
        """Free of charge, though limited in rate."""
        self._enter(request)
        body = await self._json(request, PLAN)
        model = body.get("model_id") or MODELS[0]
        if body.get("source_composition_plan") is not None:
            READERS[model](body["source_composition_plan"])
        self._screen(body["prompt"], None)
        length = body.get("music_length_ms") or DEFAULT_LENGTH
        return Answer(200, made_plan(model, length, styles_of(body["prompt"]))).response()

    async def upload(self, request: Request) -> Response:
        self._enter(request)
        fields, part = await self._form(request, UPLOAD)
        if not self.inpainting:
            raise Refused(self.ERRORS["plan_denied"])
        seconds = seconds_of(part)
        digest = hashlib.sha256(part.data).hexdigest()
        self._pay("upload", self._price(seconds * 1000) / 2, part.filename or digest, {**fields, "file": digest})
        if self.next_ending() == "copyright":
            raise Refused(self.ERRORS["copyright"])
        song_id = self.new_id("song_", digest)
        with self.lock:
            self.songs[song_id] = round(seconds * 1000)
        said: dict[str, Any] = {"song_id": song_id}
        if fields.get("extract_composition_plan"):
            length = min(max(round(seconds * 1000), SHORTEST), 240_000)
            said["composition_plan"] = made_plan(fields["extract_composition_plan"], length, ("uploaded",))
        if fields.get("with_timestamps") == "true":
            said["words_timestamps"] = timed_words(round(seconds * 1000))
        if fields.get("with_waveform_visual") == "true":
            said["waveform_visual"] = [0.1, 0.5, 0.2]
        return Answer(200, said).response()

    async def subscription(self, request: Request) -> Response:
        """The plan and its credits; a thousand of them stand for a dollar here."""
        self._enter(request)
        limit = 100_000 if self.balance is None else int(self.balance * 1000)
        return Answer(200, {"tier": self.tier, "character_count": 0, "character_limit": limit}).response()

    async def stems(self, request: Request) -> Response:
        self._enter(request)
        fields, part = await self._form(request, SPLIT)
        seconds = seconds_of(part)
        digest = hashlib.sha256(part.data).hexdigest()
        cost = self._price(seconds * 1000) * self.stem_share
        self._pay("stem-separation", cost, part.filename or digest, {**fields, "file": digest})
        names = STEMS[fields.get("stem_variation_id") or "six_stems_v1"]
        return Answer(200, await asyncio.to_thread(self._archive, names, seconds), ZIP).response()

    # -- what it accepts -----------------------------------------------------------------------------------------------

    def _enter(self, request: Request) -> None:
        if request.headers.get("xi-api-key") != self.key:
            raise Refused(self.ERRORS["auth"])
        if self.too_fast():
            raise Refused(self.ERRORS["rate_limited"])

    async def _json(self, request: Request, fields: Mapping[str, Field]) -> dict[str, Any]:
        try:
            body = await request.json()
        except ValueError:
            raise invalid("JSON decode error") from None
        hold(body, fields)
        return dict(body)

    async def _form(self, request: Request, fields: Mapping[str, Field]) -> tuple[dict[str, str], Part]:
        try:
            parts = multipart(request.headers.get("content-type", ""), await request.body())
        except ValueError:
            raise invalid("must be multipart/form-data") from None
        files = [part for part in parts if part.name == "file" and part.filename is not None]
        if len(files) != 1:
            raise invalid("Field required", "file")
        said = {part.name: part.text for part in parts if part.name != "file"}
        hold(said, fields)
        return said, files[0]

    async def _song(self, request: Request, fields: Mapping[str, Field], operation: str) -> Song:
        self._enter(request)
        body = await self._json(request, fields)
        model = body.get("model_id") or MODELS[0]
        self._rules(body, model)
        plan = body.get("composition_plan")
        read = READERS[model](plan) if plan is not None else None
        length = read.length if read else body.get("music_length_ms") or DEFAULT_LENGTH
        if not SHORTEST <= length <= LONGEST:
            raise invalid(f"the music must last {SHORTEST} to {LONGEST} ms", "composition_plan")
        self._known(read.songs if read else ())
        wanted = self._format(request, model)
        self._screen(body.get("prompt"), plan)
        identity = body.get("prompt") or json.dumps(plan, sort_keys=True)
        async with self._place():
            self._pay(operation, self._price(length), identity, body)
        number = self.new_id("song_", body)
        hertz = 110.0 + int(hashlib.sha256(f"{identity}{body.get('seed')}".encode()).hexdigest()[:4], 16) % 400
        if body.get("store_for_inpainting"):
            with self.lock:
                self.songs[number] = length
        instrumental = bool(body.get("force_instrumental"))
        used = plan or made_plan(model, length, styles_of(body["prompt"]), instrumental)
        return Song(number, model, length, used, wanted, hertz, body)

    def _rules(self, body: Mapping[str, Any], model: str) -> None:
        """The rules between fields."""
        prompted, planned = bool(body.get("prompt")), body.get("composition_plan") is not None
        given = {name for name, value in body.items() if value is not None}
        checks = (
            (prompted == planned, "exactly one of prompt and composition_plan must be given"),
            (planned and "music_length_ms" in given, "music_length_ms can only be used with prompt"),
            (planned and bool(body.get("force_instrumental")), "force_instrumental can only be used with prompt"),
            (prompted and "seed" in given, "seed cannot be used with prompt"),
            (
                model != MODELS[0] and "respect_sections_durations" in given,
                "respect_sections_durations is only supported by music_v1",
            ),
        )
        for broken, message in checks:
            if broken:
                raise invalid(message)
        if body.get("store_for_inpainting") and not self.inpainting:
            raise Refused(self.ERRORS["plan_denied"])

    def _known(self, songs: Sequence[str]) -> None:
        if songs and not self.inpainting:
            raise Refused(self.ERRORS["plan_denied"])
        if any(song not in self.songs for song in songs):
            raise Refused(self.ERRORS["song_not_found"])

    def _format(self, request: Request, model: str) -> Format:
        named = request.query_params.get("output_format", "auto")
        wanted = FORMATS.get(AUTO[model] if named == "auto" else named)
        if wanted is None:
            raise invalid(f"output_format {named} is not supported", "output_format")
        # "auto" gives what the plan allows: it is not the caller who asked for more.
        if named != "auto" and TIERS.index(self.tier) < TIERS.index(wanted.tier):
            raise Refused(self.ERRORS["plan_denied"])
        return wanted

    def _screen(self, prompt: str | None, plan: dict[str, Any] | None) -> None:
        text = prompt or json.dumps(plan, ensure_ascii=False)
        for word, better in self.suggestions.items():
            if word.lower() not in text.lower():
                continue
            if better is None:
                name = "bad_prompt" if prompt else "bad_composition_plan"
                raise Refused(detail(400, name, "The request violates our terms of service."))
            proposal = replaced(text, word, better)
            if prompt:
                raise Refused(detail(400, "bad_prompt", f"Try without {word}.", prompt_suggestion=proposal))
            said = {"composition_plan_suggestion": json.loads(proposal)}
            raise Refused(detail(400, "bad_composition_plan", f"Try without {word}.", **said))

    def _place(self) -> "_Place":
        return _Place(self)

    def _price(self, milliseconds: float) -> Decimal:
        return self.price * max(1, -(-round(milliseconds) // 60_000))

    def _pay(self, operation: str, cost: Decimal, identity: str, body: Any) -> None:
        with self.lock:
            if self.balance is not None and self.balance < cost:
                raise Refused(self.ERRORS["insufficient_credits"])
            if self.balance is not None:
                self.balance -= cost
            self.accept(body)
            self.charge(operation, cost, identity)

    # -- what it gives -------------------------------------------------------------------------------------------------

    async def _sound(self, song: Song) -> bytes:
        seconds = self.audio_seconds if self.audio_seconds is not None else song.length / 1000
        return await asyncio.to_thread(encoded, song.format, seconds, song.hertz, self.silent_audio)

    def _headers(self, song: Song) -> dict[str, str]:
        """The song's id is told only when the song was stored."""
        kept = {"song-id": song.id} if song.id in self.songs else {}
        return kept | {"content-type": MEDIA[song.format.media]}

    def _told(self, song: Song) -> dict[str, Any]:
        said: dict[str, Any] = {
            "composition_plan": song.plan,
            "song_metadata": {
                "title": "Harbour Light",
                "description": "A song of the sea.",
                "genres": ["pop"],
                "languages": [] if song.body.get("force_instrumental") else ["en"],
                "is_explicit": False,
            },
        }
        if song.body.get("with_timestamps"):
            said["words_timestamps"] = timed_words(song.length)
        if song.body.get("with_waveform_visual"):
            said["waveform_visual"] = [0.1, 0.5, 0.2]
        return said

    def _archive(self, names: Sequence[str], seconds: float) -> bytes:
        length = self.audio_seconds if self.audio_seconds is not None else seconds
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for place, name in enumerate(names):
                sound = sound_file("mp3", length, 110.0 * (place + 1), self.silent_audio)
                archive.writestr(zipfile.ZipInfo(f"{name}.mp3", (2026, 1, 1, 0, 0, 0)), sound)
        return out.getvalue()


class _Place:
    """A place among the requests that run at once; refused when there is none."""

    def __init__(self, server: ElevenLabsServer) -> None:
        self.server = server

    async def __aenter__(self) -> None:
        server = self.server
        if server.concurrency is not None and server._working >= server.concurrency:
            raise Refused(server.ERRORS["concurrency"])
        server._working += 1
        await asyncio.sleep(server.work_seconds)

    async def __aexit__(self, *_: object) -> None:
        self.server._working -= 1


ZIP = {"content-type": "application/zip"}


def styles_of(prompt: str) -> list[str]:
    return [part.strip() for part in prompt.split(",") if part.strip()][:6]


def timed_words(length: int) -> list[dict[str, Any]]:
    """Words spread evenly over the song, times in milliseconds."""
    said = ("the", "harbour", "light", "is", "on")
    step = length // len(said)
    return [{"word": word, "start_ms": at * step, "end_ms": (at + 1) * step} for at, word in enumerate(said)]


def seconds_of(part: Part) -> float:
    try:
        info = soundfile.info(io.BytesIO(part.data))
    except soundfile.LibsndfileError:
        raise invalid("the file is not audio", "file") from None
    return float(info.duration)


def replaced(text: str, word: str, better: str) -> str:
    """`text` with every `word` exchanged, whatever its case."""
    at = text.lower().find(word.lower())
    while at >= 0:
        text = text[:at] + better + text[at + len(word) :]
        at = text.lower().find(word.lower(), at + len(better))
    return text
