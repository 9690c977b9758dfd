"""ACE-Step 1.5 on a server of one's own: songs with lyrics, instrumentals, covers, repainted sections, the voice alone.

A task is released, asked about until its number says 1 or 2, and its sound is fetched from the same server at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.providers import Capabilities, ErrorKind, Task
from providers.account import Account
from providers.ace_step_models import (
    BASE_URL,
    CAPABILITIES,
    EXTRACT_VOICE,
    FASTEST_BPM,
    INSTRUMENTAL_LYRICS,
    KINDS,
    LARGEST_BATCH,
    LARGEST_UPLOAD,
    LONGEST_LYRICS,
    LONGEST_PROMPT,
    LONGEST_S,
    METERS,
    SEEDS,
    SHORTEST_S,
    SLOWEST_BPM,
    TITLE,
    Envelope,
    HealthData,
    Made,
    Queried,
    Released,
    ReleaseTask,
    Stats,
    TaskType,
    Trouble,
)
from providers.answers import document, sound
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order
from providers.refusals import music, no_callbacks, unsupported, uploaded
from providers.transport import MAX_AUDIO_BYTES, Call, Part, Reply, Transport
from providers.wording import length_s, lyrics_text, style_line

DOWNLOAD_S: Final = 300.0
PROBE_S: Final = 10.0
AUDIO_PATH: Final = "/v1/audio"
FORMATS: Final[Mapping[str, Literal["mp3", "wav", "flac"]]] = {"mp3": "mp3", "wav": "wav", "flac": "flac"}

OPERATIONS: Final[Mapping[Task, TaskType]] = {
    Task.FULL_SONG: "text2music",
    Task.INSTRUMENTAL: "text2music",
    Task.VOCALS: "text2music",
    Task.TRANSFORMATION: "cover",
    Task.SECTION_EDIT: "repaint",
    Task.STEMS: "extract",
}

Shape = TypeVar("Shape", bound=BaseModel)
_MADE: Final = TypeAdapter(list[Made])


class AceStep:
    """One server. Account options: format (flac, wav, mp3), thinking ("yes": its language model plans first), steps.

    The key is only needed where the server asks for one.
    """

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._base = account.base_url or BASE_URL

    @property
    def capabilities(self) -> Capabilities:
        """What ACE-Step 1.5 can do."""
        return CAPABILITIES

    def operation(self, order: Order) -> str:
        """The server's task type: text2music, cover, repaint or extract."""
        asked = music(order, TITLE)
        operation = OPERATIONS.get(asked.task)
        if operation is None:
            raise unsupported(TITLE, f"it has no operation for {asked.task}")
        _CHECKS[operation](asked)
        return operation

    def quote(self, order: Order) -> Decimal:
        """Nothing is billed for one's own server."""
        del order
        return Decimal(0)

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """Release one task. The server calls nobody back, so `callback_url` stays unused."""
        del callback_url
        operation = self.operation(order)
        asked = music(order, TITLE)
        request = self._request(asked, OPERATIONS[asked.task])
        parts = _parts(asked, request)
        body = None if parts else request.model_dump(exclude_none=True)
        reply = await self._send(Call("POST", f"{self._base}/release_task", body=body, parts=parts, charged=True))
        released = _data(Released, reply, charged=True)
        return Job(id=released.task_id, operation=operation)

    async def poll(self, job: Job) -> Pending | Product:
        """One look at a task; when it is done, its sound is fetched with it."""
        reply = await self._send(Call("POST", f"{self._base}/query_result", body={"task_id_list": [job.id]}))
        told = [one for one in _queried(reply) if one.task_id == job.id]
        if not told:
            raise ProviderError(ErrorKind.NOT_FOUND, f"{TITLE} does not know the task {job.id}; was it started anew?")
        if told[0].status == 0:
            return Pending(note="queued or running")
        made = _made(told[0], reply)
        if told[0].status == 2 or any(one.status == 2 for one in made):
            reason = next((one.error for one in made if one.error), "it gives no reason")
            raise ProviderError(
                ErrorKind.UPSTREAM, f"{TITLE} could not make it: {reason}", request_id=job.id, final=True
            )
        role = "stem:vocals" if job.operation == "extract" else "take"
        files = [await self._fetch(one, role, reply) for one in made]
        if not files:
            why = f"{TITLE} finished {job.id} without a file"
            raise ProviderError(ErrorKind.UPSTREAM, why, request_id=job.id, final=True)
        model = next((one.dit_model for one in made if one.dit_model), self._account.model)
        return Product(files=tuple(files), cost_usd=Decimal(0), model=model, request_id=job.id)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """The server calls nobody back."""
        return no_callbacks(TITLE)

    async def probe(self) -> Health:
        """Whether the server is up, and how long its queue is."""
        try:
            health = _data(HealthData, await self._send(Call("GET", f"{self._base}/health", timeout_s=PROBE_S)))
            stats = _data(Stats, await self._send(Call("GET", f"{self._base}/v1/stats", timeout_s=PROBE_S)))
        except ProviderError as error:
            return Health(ok=False, note=f"{error.kind.value}: {error.message}")
        queue = f"{stats.queue_size} waiting" if stats.queue_size is not None else ""
        pace = f"{stats.avg_job_seconds:g} s a task" if stats.avg_job_seconds is not None else ""
        return Health(ok=health.status == "ok", note=", ".join(part for part in (queue, pace) if part))

    async def _send(self, call: Call) -> Reply:
        headers = self._account.bearer() if self._account.key.get_secret_value() else {}
        reply = await self._transport.send(replace(call, headers=headers))
        if reply.status >= 300:
            raise _refused(reply.status, _told(reply), reply)
        return reply

    async def _fetch(self, made: Made, role: str, reply: Reply) -> MadeFile:
        """The sound of one result, from this server whatever host its address names: the key goes along."""
        address = urlsplit(made.file)
        path = parse_qs(address.query).get("path", [""])[0]
        if address.path != AUDIO_PATH or not path:
            raise ProviderError(
                ErrorKind.UPSTREAM, f"{TITLE} names a file in an unknown way: {made.file[:120]!r}", status=reply.status
            )
        call = Call(
            "GET", self._base + AUDIO_PATH, params={"path": path}, timeout_s=DOWNLOAD_S, max_bytes=MAX_AUDIO_BYTES
        )
        try:
            got = await self._send(call)
        except ProviderError as error:
            if error.status in (404, 410):
                raise ProviderError(
                    ErrorKind.RESULT_EXPIRED, f"{TITLE} no longer has {path}", status=error.status
                ) from None
            raise
        return sound(got).model_copy(update={"role": role, "take_id": path, "duration_s": _duration_s(made)})

    def _request(self, order: MusicOrder, operation: TaskType) -> ReleaseTask:
        options = self._account.options
        given = ReleaseTask(
            prompt=style_line(order, LONGEST_PROMPT),
            task_type=operation,
            audio_format=FORMATS.get(options.get("format", ""), "flac"),
            model=self._account.model or None,
            inference_steps=_steps(options.get("steps", "")),
            seed=order.seed % SEEDS,
            batch_size=min(max(order.takes, 1), LARGEST_BATCH),
            src_audio_path=_source_path(order, operation),
        )
        return given.model_copy(update=_DETAILS[operation](order, options))


def _described(order: MusicOrder) -> dict[str, Any]:
    """What the music shall be, in fields: lyrics, language, tempo, key, metre."""
    bpm = round(order.bpm) if order.bpm is not None else None
    return {
        "lyrics": INSTRUMENTAL_LYRICS if order.instrumental else lyrics_text(order) or None,
        "vocal_language": None if order.instrumental else order.language.split("-")[0].lower() or None,
        "bpm": bpm if bpm is not None and SLOWEST_BPM <= bpm <= FASTEST_BPM else None,
        "key_scale": order.key.replace(" major", " Major") or None,
        "time_signature": METERS.get(order.time_signature),
    }


def _text2music(order: MusicOrder, options: Mapping[str, str]) -> dict[str, Any]:
    thinking = options.get("thinking", "no") == "yes"
    return {**_described(order), "audio_duration": length_s(order), "thinking": thinking}


def _cover(order: MusicOrder, options: Mapping[str, str]) -> dict[str, Any]:
    # The vendor's strength says how much of the source stays, ours how far it may go.
    return {**_described(order), "audio_cover_strength": round(1.0 - order.strength, 4)}


def _repaint(order: MusicOrder, options: Mapping[str, str]) -> dict[str, Any]:
    start, end = order.span_s or (0.0, 0.0)
    return {**_described(order), "repainting_start": start, "repainting_end": end}


def _extract(order: MusicOrder, options: Mapping[str, str]) -> dict[str, Any]:
    return {"instruction": EXTRACT_VOICE, "batch_size": 1}


_DETAILS: Final[Mapping[TaskType, Callable[[MusicOrder, Mapping[str, str]], dict[str, Any]]]] = {
    "text2music": _text2music,
    "cover": _cover,
    "repaint": _repaint,
    "extract": _extract,
}


def _check_text2music(order: MusicOrder) -> None:
    if order.origin is not None:
        raise unsupported(TITLE, "it documents no way to go on where an earlier song ends")
    if order.task is Task.VOCALS and order.reference is not None:
        raise unsupported(TITLE, "it sings a song of its own, not over music that is there already")
    if not SHORTEST_S <= length_s(order) <= LONGEST_S:
        raise unsupported(TITLE, f"it makes {SHORTEST_S:g} to {LONGEST_S:g} s, not {length_s(order):g} s")
    if order.reference is not None:
        uploaded(order.reference, TITLE, max_bytes=LARGEST_UPLOAD)
    _check_lyrics(order)


def _check_cover(order: MusicOrder) -> None:
    _check_source(order)
    _check_lyrics(order)


def _check_repaint(order: MusicOrder) -> None:
    _check_source(order)
    _check_lyrics(order)
    if order.span_s is None or not 0 <= order.span_s[0] < order.span_s[1]:
        raise ProviderError(
            ErrorKind.INVALID_REQUEST, f"a section to paint anew needs a start before its end, not {order.span_s}"
        )


def _check_extract(order: MusicOrder) -> None:
    _check_source(order)
    if order.stem_kinds != "two":
        raise unsupported(TITLE, "it takes one instrument out of a song at a time: here the voice, with two stems")


def _check_source(order: MusicOrder) -> None:
    if order.reference is None and order.origin is not None and order.origin.take_id:
        return
    uploaded(order.reference, TITLE, max_bytes=LARGEST_UPLOAD)


def _check_lyrics(order: MusicOrder) -> None:
    if not order.instrumental and len(lyrics_text(order)) > LONGEST_LYRICS:
        raise unsupported(TITLE, f"it reads at most {LONGEST_LYRICS:,} characters of lyrics")


_CHECKS: Final[Mapping[TaskType, Callable[[MusicOrder], None]]] = {
    "text2music": _check_text2music,
    "cover": _check_cover,
    "repaint": _check_repaint,
    "extract": _check_extract,
}


def _source_path(order: MusicOrder, operation: TaskType) -> str | None:
    """Where the earlier take lies on the server: its id; None where a file goes along instead."""
    if operation == "text2music" or order.reference is not None or order.origin is None:
        return None
    return order.origin.take_id


def _parts(order: MusicOrder, request: ReleaseTask) -> tuple[Part, ...]:
    """The request as a form with the sound file, where one goes along; else nothing."""
    if order.reference is None:
        return ()
    file = order.reference
    fields: list[Part] = [
        (name, (None, str(value).lower() if isinstance(value, bool) else str(value)))
        for name, value in request.model_dump(exclude_none=True).items()
    ]
    name = "reference_audio" if request.task_type == "text2music" else "src_audio"
    return (*fields, (name, (file.filename, file.content, file.media_type)))


def _steps(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 200):
        raise ProviderError(ErrorKind.INVALID_REQUEST, f"the option steps is {text!r}; give a number from 1 to 200")
    return int(text)


def _data(shape: type[Shape], reply: Reply, *, charged: bool = False) -> Shape:
    """What is in the envelope; the body's own code counts, since HTTP says 200 to much."""
    try:
        return shape.model_validate(_open(reply, charged=charged))
    except ValidationError as error:
        raise _misshapen(shape.__name__, error, reply, charged=charged) from None


def _open(reply: Reply, *, charged: bool = False) -> Any:
    envelope = document(Envelope, reply, charged=charged)
    if envelope.code != 200 or envelope.error:
        raise _refused(envelope.code if envelope.code != 200 else 500, envelope.error or "", reply)
    return envelope.data


def _queried(reply: Reply) -> list[Queried]:
    try:
        return TypeAdapter(list[Queried]).validate_python(_open(reply))
    except ValidationError as error:
        raise _misshapen("Queried", error, reply) from None


def _made(told: Queried, reply: Reply) -> list[Made]:
    try:
        return _MADE.validate_json(told.result or "[]")
    except ValidationError as error:
        if told.status == 2:  # What failed may word its result as it likes.
            return [Made(error=(told.result or "")[:200])]
        raise _misshapen("result", error, reply) from None


def _misshapen(name: str, error: ValidationError, reply: Reply, *, charged: bool = False) -> ProviderError:
    first = error.errors()[0]
    kind = ErrorKind.OUTCOME_UNKNOWN if charged else ErrorKind.UPSTREAM
    where = ".".join(str(part) for part in first["loc"]) or name
    return ProviderError(
        kind, f"{TITLE} answered with another shape than documented: {where}: {first['msg']}", status=reply.status
    )


def _refused(code: int, told: str, reply: Reply) -> ProviderError:
    return ProviderError(
        KINDS.get(code, ErrorKind.UPSTREAM),
        f"{TITLE} answered {code}{': ' + told[:200] if told else ''}",
        retry_after_s=reply.retry_after_s,
        status=code,
    )


def _told(reply: Reply) -> str:
    try:
        detail = Trouble.model_validate_json(reply.body).detail
    except ValidationError:
        return reply.body[:80].decode("utf-8", "replace")
    return str(detail or "")


def _duration_s(made: Made) -> float | None:
    try:
        return float(made.metas.duration) if made.metas and made.metas.duration is not None else None
    except ValueError:
        return None
