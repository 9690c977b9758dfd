"""Mureka: songs to given lyrics, instrumentals, continuations, edits of a span, stems; it all comes as jobs to poll."""

import asyncio
import base64
import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from pydantic import BaseModel

from domain.providers import Capabilities, ErrorKind, Task
from providers.account import Account
from providers.answers import document
from providers.archives import unpacked
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.download import download
from providers.errors import ProviderError
from providers.mureka_models import (
    BASE_URL,
    BY_STATUS,
    BY_WORD,
    DEFAULT_MODEL,
    DEFAULT_SONG_USD,
    EDIT_MARGIN_S,
    EDIT_SPAN_S,
    EXTEND_AT_MS,
    EXTENDING,
    FAILED_BY_STATUS,
    FAILED_BY_WORD,
    MAX_EASY_PROMPT,
    MAX_LYRICS,
    MAX_PROMPT,
    MAX_SONGS,
    MAX_STEM_UPLOAD_BYTES,
    PROGRESS,
    QUERIES,
    REASONING_MODEL,
    RUNNING,
    SONG_QUERY,
    SONG_USD,
    STEM_UPLOADS,
    STEMS_USD,
    TITLE,
    Billing,
    Choice,
    Extend,
    Generate,
    Refused,
    RegionEdit,
    Separate,
    Separated,
    Song,
    capabilities,
)
from providers.orders import MusicOrder, Order
from providers.refusals import music, no_callbacks, unsupported, uploaded
from providers.transport import Call, Reply, Transport
from providers.wording import lyrics_text, shortened, style_line

PATHS: Final[dict[str, str]] = {
    "song": "/v1/song/generate",
    "easy_song": "/v1/song/easy-generate",
    "instrumental": "/v1/instrumental/generate",
    "extend": "/v1/song/extend",
    "region_edit": "/v1/song/region-edit",
    "stems": "/v1/song/stem",
}
STEMS_S: Final = 600.0
"""Seconds that a separation may take: it answers when it is done."""


class Mureka:
    """One Mureka account.

    Account options: `usd_per_song`, `usd_per_stems`, `stem_model` (audio-separation-1, -2 with MIDI files, or -3).
    """

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._model = account.model or DEFAULT_MODEL
        self._base = account.base_url or BASE_URL

    @property
    def capabilities(self) -> Capabilities:
        """What the account can do with its model."""
        return capabilities(model=self._model, song_usd=self._account.number("usd_per_song", self._song_usd()))

    def operation(self, order: Order) -> str:
        """song, easy_song, instrumental, extend, region_edit or stems."""
        asked = music(order, TITLE)
        operation = _operation(asked)
        if operation == "instrumental" and self._model == REASONING_MODEL:
            raise unsupported(TITLE, f"{REASONING_MODEL} makes no instrumentals")
        _request(operation, asked, self._model, self._account.options)
        return operation

    def quote(self, order: Order) -> Decimal:
        """A price for each song that is ordered, or for one separation."""
        if self.operation(order) == "stems":
            return self._account.number("usd_per_stems", STEMS_USD)
        return self._account.number("usd_per_song", self._song_usd()) * _songs(music(order, TITLE))

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """A job; that of stems is finished, and holds the addresses of its archives."""
        operation = self.operation(order)
        body = _request(operation, music(order, TITLE), self._model, self._account.options)
        reply = await self._transport.send(
            Call(
                "POST",
                self._base + PATHS[operation],
                headers=self._account.bearer(),
                body=body.model_dump(exclude_unset=True),
                timeout_s=STEMS_S if operation == "stems" else 60.0,
                charged=True,
            )
        )
        if reply.status >= 300:
            raise _error(reply)
        if operation == "stems":
            return _separated(document(Separated, reply, charged=True))
        return Job(id=document(Song, reply, charged=True).id, operation=operation)

    async def poll(self, job: Job) -> Pending | Product:
        """One look at a job, or the archives of stems, fetched and unpacked."""
        if job.operation == "stems":
            return await self._stems(job)
        path = QUERIES.get(job.operation, SONG_QUERY)
        reply = await self._transport.send(
            Call("GET", f"{self._base}{path}/{job.id}", headers=self._account.bearer(), timeout_s=30.0)
        )
        if reply.status >= 300:
            raise _error(reply, job=True)
        song = document(Song, reply)
        if song.status in RUNNING:
            return Pending(progress=PROGRESS[song.status], note=song.status)
        if song.status != "succeeded":
            raise _failed(song)
        files = tuple(_take(choice) for choice in song.choices or ())
        if not files or not all(file.url for file in files):
            raise ProviderError(
                ErrorKind.UPSTREAM, f"{TITLE} says that job {song.id} has succeeded, but names no sound", status=200
            )
        return Product(files=files, model=song.model, request_id=song.id)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """Always INVALID_REQUEST: there are no callbacks."""
        return no_callbacks(TITLE)

    async def probe(self) -> Health:
        """The balance, and how many calls may run at once."""
        reply = await self._transport.send(
            Call("GET", f"{self._base}/v1/account/billing", headers=self._account.bearer(), timeout_s=20.0)
        )
        if reply.status >= 300:
            return Health(ok=False, note=_error(reply).message)
        found = document(Billing, reply)
        at_once = f", {found.concurrent_request_limit} calls at once" if found.concurrent_request_limit else ""
        return Health(ok=found.balance > 0, credits=found.balance, note=f"balance {found.balance:g}{at_once}")

    async def _stems(self, job: Job) -> Product:
        files: list[MadeFile] = []
        for url in job.data.values():
            files += await asyncio.to_thread(unpacked, await download(url, trusted=self._base, timeout_s=STEMS_S))
        return Product(files=tuple(files), request_id=job.id)

    def _song_usd(self) -> Decimal:
        return SONG_USD.get(self._model, DEFAULT_SONG_USD)


def _operation(order: MusicOrder) -> str:
    if order.task is Task.STEMS:
        return "stems"
    if order.task is Task.SECTION_EDIT:
        return "region_edit"
    if order.task not in (Task.FULL_SONG, Task.INSTRUMENTAL):
        raise unsupported(TITLE, f"{order.task} is none of its tasks")
    if order.origin is not None:
        return "extend"
    if order.instrumental:
        return "instrumental"
    return "song" if lyrics_text(order) else "easy_song"


def _songs(order: MusicOrder) -> int:
    """How many songs one call makes; each is billed. Continuations and edits are always one."""
    made = order.origin is None and order.task is not Task.SECTION_EDIT
    return max(1, min(order.takes, MAX_SONGS)) if made else 1


def _request(operation: str, order: MusicOrder, model: str, options: Mapping[str, str]) -> BaseModel:
    return REQUESTS[operation](order, model, options)


def _generate(order: MusicOrder, model: str, options: Mapping[str, str]) -> Generate:
    given: dict[str, object] = {"model": model, "n": _songs(order)}
    lyrics = "" if order.instrumental else lyrics_text(order)
    if len(lyrics) > MAX_LYRICS:
        raise unsupported(TITLE, f"the lyrics have {len(lyrics):,} characters, at most {MAX_LYRICS:,} are taken")
    if lyrics:
        given["lyrics"] = lyrics
        if order.vocal_gender:
            given["gender"] = order.vocal_gender
    easy = not lyrics and not order.instrumental
    prompt = style_line(order, MAX_EASY_PROMPT if easy else MAX_PROMPT)
    if easy and order.title:
        prompt = shortened(f"{order.title}: {prompt}", MAX_EASY_PROMPT)
    return Generate.model_validate(given | {"prompt": prompt})


def _extend(order: MusicOrder, model: str, options: Mapping[str, str]) -> Extend:
    lyrics = lyrics_text(order)
    if not lyrics:
        raise unsupported(TITLE, "a continuation needs lyrics")
    at = round((order.origin.duration_s if order.origin else 0.0) * 1000)
    first, last = EXTEND_AT_MS
    if not first <= at <= last:
        raise unsupported(TITLE, f"a song is continued from {first / 1000:g}–{last / 1000:g} s on, not {at / 1000:g} s")
    return Extend(
        song_id=_song_id(order),
        lyrics=lyrics,
        extend_at=at,
        extend_type="tail",
        model=model if model in EXTENDING else EXTENDING[0],
    )


def _region_edit(order: MusicOrder, model: str, options: Mapping[str, str]) -> RegionEdit:
    start, end = order.span_s or (0.0, 0.0)
    whole = order.origin.duration_s if order.origin else 0.0
    if end - start < EDIT_SPAN_S or start < EDIT_MARGIN_S or (whole and end > whole - EDIT_MARGIN_S):
        raise unsupported(
            TITLE,
            f"the span {start:g}–{end:g} s of {whole:g} s: at least {EDIT_SPAN_S:g} s are edited, "
            f"with {EDIT_MARGIN_S:g} s before and after",
        )
    given: dict[str, object] = {
        "song_id": _song_id(order),
        "edit_start": round(start * 1000),
        "edit_end": round(end * 1000),
    }
    lyrics = lyrics_text(order)
    return RegionEdit.model_validate(given | ({"lyrics": lyrics} if lyrics else {}))


def _separate(order: MusicOrder, model: str, options: Mapping[str, str]) -> Separate:
    given = {"model": options["stem_model"]} if options.get("stem_model") else {}
    if order.reference is not None and order.reference.url:
        return Separate.model_validate(given | {"url": order.reference.url})
    sent = uploaded(order.reference, TITLE, max_bytes=MAX_STEM_UPLOAD_BYTES)
    if sent.media_type not in STEM_UPLOADS:
        raise unsupported(TITLE, f"stems are taken from MP3 and M4A files, not from {sent.media_type}")
    encoded = base64.b64encode(sent.content).decode("ascii")
    kind = "audio/mp3" if sent.media_type == "audio/mpeg" else sent.media_type
    return Separate.model_validate(given | {"url": f"data:{kind};base64,{encoded}"})


REQUESTS: Final[dict[str, Callable[[MusicOrder, str, Mapping[str, str]], BaseModel]]] = {
    "song": _generate,
    "easy_song": _generate,
    "instrumental": _generate,
    "extend": _extend,
    "region_edit": _region_edit,
    "stems": _separate,
}


def _song_id(order: MusicOrder) -> str:
    """The vendor's id of the song that is worked on: of the take, not of the job that made it."""
    if order.origin is None or not order.origin.take_id:
        raise unsupported(TITLE, "it works on songs that it made, and the order names none")
    return order.origin.take_id


def _take(choice: Choice) -> MadeFile:
    addresses = ((choice.wav_url, "audio/wav"), (choice.flac_url, "audio/flac"), (choice.url, "audio/mpeg"))
    url, media_type = next(((url, kind) for url, kind in addresses if url), ("", ""))
    words = tuple(
        (word.text, word.start / 1000, word.end / 1000)
        for section in choice.lyrics_sections or ()
        for line in section.lines or ()
        for word in line.words or ()
    )
    return MadeFile(
        url=url,
        media_type=media_type,
        duration_s=None if choice.duration is None else choice.duration / 1000,
        take_id=choice.id,
        words=words,
    )


def _separated(found: Separated) -> Job:
    data = {"zip_url": found.zip_url} | ({"midi_zip_url": found.midi_zip_url} if found.midi_zip_url else {})
    return Job(id=hashlib.sha256(found.zip_url.encode()).hexdigest()[:32], operation="stems", data=data)


def _failed(song: Song) -> ProviderError:
    reason = song.failed_reason or song.status
    kind = next((kind for word, kind in FAILED_BY_WORD if word in reason.lower()), None)
    kind = kind or FAILED_BY_STATUS.get(song.status, ErrorKind.UPSTREAM)
    return ProviderError(kind, f"{TITLE}: job {song.id} {song.status}: {reason}", request_id=song.id, final=True)


def _error(reply: Reply, *, job: bool = False) -> ProviderError:
    try:
        told = document(Refused, reply)
    except ProviderError:
        told = Refused()
    message = told.error.message
    kind = BY_STATUS.get(reply.status, ErrorKind.UPSTREAM)
    if reply.status == 429:
        kind = next((meant for word, meant in BY_WORD if word in message.lower()), kind)
    if job and kind is ErrorKind.NOT_FOUND:
        kind = ErrorKind.RESULT_EXPIRED
    return ProviderError(
        kind,
        f"{TITLE}: {message or 'no reason given'} (status {reply.status})",
        retry_after_s=reply.retry_after_s,
        request_id=told.trace_id,
        status=reply.status,
        final=kind is ErrorKind.RESULT_EXPIRED,
    )
