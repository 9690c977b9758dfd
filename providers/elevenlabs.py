"""ElevenLabs Music: songs from a prompt or a plan by section, edits of a stored song, stems. It answers with the sound.

A composition is charged once it is accepted, and nothing can be asked for afterwards: a lost answer is lost.
"""

import asyncio
import io
import math
import wave
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from domain.providers import Capabilities, Task
from providers import mixed
from providers.account import Account
from providers.answers import document, sound_type, unusable
from providers.archives import unpacked
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.elevenlabs_models import (
    BASE_URL,
    DEFAULT_MODEL,
    MAX_PROMPT,
    MAX_UPLOAD_BYTES,
    MODELS,
    TITLE,
    USD_PER_MINUTE,
    ChunkPlan,
    Compose,
    Details,
    SectionPlan,
    Subscription,
    Word,
    capabilities,
)
from providers.elevenlabs_plan import check_length, composition, edited, extended, plan_ms
from providers.elevenlabs_refusals import detail_of, refused
from providers.orders import MusicOrder, Order
from providers.refusals import music, no_callbacks, no_jobs, unsupported, uploaded
from providers.transport import MAX_AUDIO_BYTES, Call, Reply, Transport
from providers.wording import length_s, planned_sections, style_line

COMPOSE_S: Final = 600.0
MAX_SEED: Final = 2**31 - 1
STEM_VARIATIONS: Final = {"two": "two_stems_v1", "many": "six_stems_v1"}
PCM_CHANNELS: Final = 2
UNREADABLE: Final = "missing_permissions"
"""What a key says that may make music, but not look at the account."""


class ElevenLabs:
    """One ElevenLabs account.

    Account options: `output_format` ("auto", "mp3_48000_192", "pcm_48000" …), `store_for_inpainting` ("true" keeps
    songs so that sections of them can be edited; an enterprise feature), `usd_per_minute`.
    """

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._transport = transport
        self._model = account.model or DEFAULT_MODEL
        self._base = account.base_url or BASE_URL
        self._keeps = account.options.get("store_for_inpainting", "").lower() in ("true", "1", "yes")

    @property
    def capabilities(self) -> Capabilities:
        """What the account can do with its model."""
        return capabilities(
            model=self._model,
            keeps_songs=self._keeps,
            usd_per_minute=self._account.number("usd_per_minute", USD_PER_MINUTE),
        )

    def operation(self, order: Order) -> str:
        """compose, compose_detailed, section_edit, extend or stems."""
        asked = music(order, TITLE)
        if self._model not in MODELS:
            raise unsupported(TITLE, f"no model is called {self._model!r}; there are {', '.join(MODELS)}")
        operation = _operation(asked)
        if operation == "stems":
            uploaded(asked.reference, TITLE, max_bytes=MAX_UPLOAD_BYTES)
            return operation
        plan = self._plan(asked, operation)
        check_length(round(length_s(asked) * 1000) if plan is None else plan_ms(plan))
        return operation

    def quote(self, order: Order) -> Decimal:
        """Started minutes of what is made, or of what is taken apart."""
        operation = self.operation(order)
        asked = music(order, TITLE)
        if operation == "stems":
            seconds = (asked.reference.duration_s if asked.reference else 0.0) or length_s(asked)
        else:
            plan = self._plan(asked, operation)
            seconds = length_s(asked) if plan is None else plan_ms(plan) / 1000
        return self._account.number("usd_per_minute", USD_PER_MINUTE) * max(1, math.ceil(seconds / 60))

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """The song with its sung words, or the stems."""
        operation = self.operation(order)
        asked = music(order, TITLE)
        if operation == "stems":
            return await self._stems(asked)
        detailed = operation != "compose"
        reply = await self._charged(
            Call(
                "POST",
                f"{self._base}/v1/music/detailed" if detailed else f"{self._base}/v1/music",
                params=self._format(),
                body=self._body(asked, operation, detailed).model_dump(mode="json", exclude_unset=True),
            )
        )
        content, declared, words = _song(reply) if detailed else (reply.body, _declared(reply), ())
        made = self._file(reply, content, declared).model_copy(
            update={
                "take_id": reply.headers.get("song-id", ""),
                "words": tuple((one.word, one.start_ms / 1000, one.end_ms / 1000) for one in words),
            }
        )
        return Product(files=(made,), model=self._model, request_id=_request_id(reply))

    async def poll(self, job: Job) -> Pending | Product:
        """Always UNSUPPORTED: there are no jobs."""
        return no_jobs(TITLE)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """Always INVALID_REQUEST: music has no callbacks."""
        return no_callbacks(TITLE)

    async def probe(self) -> Health:
        """The credits that are left of the running period."""
        reply = await self._transport.send(
            Call("GET", f"{self._base}/v1/user/subscription", headers=self._headers(), timeout_s=20.0)
        )
        if reply.status == 401 and detail_of(reply).status == UNREADABLE:
            return Health(ok=True, note="the key may not read the account's credits")
        if reply.status >= 300:
            return Health(ok=False, note=refused(reply).message)
        found = document(Subscription, reply)
        left = found.character_limit - found.character_count
        return Health(ok=left > 0, credits=left, note=f"{left:g} credits left, plan {found.tier or 'unknown'}")

    async def _stems(self, order: MusicOrder) -> Product:
        sent = uploaded(order.reference, TITLE, max_bytes=MAX_UPLOAD_BYTES)
        reply = await self._charged(
            Call(
                "POST",
                f"{self._base}/v1/music/stem-separation",
                params=self._format(),
                parts=(
                    ("stem_variation_id", (None, STEM_VARIATIONS[order.stem_kinds])),
                    ("file", (sent.filename, sent.content, sent.media_type)),
                ),
            )
        )
        # Up to 1 GB is inflated: the heartbeats of other songs must not wait for it.
        files = await asyncio.to_thread(unpacked, reply.body, charged=True)
        return Product(files=files, request_id=_request_id(reply))

    async def _charged(self, call: Call) -> Reply:
        reply = await self._transport.send(
            replace(call, headers=self._headers(), timeout_s=COMPOSE_S, max_bytes=MAX_AUDIO_BYTES, charged=True)
        )
        if reply.status >= 300:
            raise refused(reply)
        return reply

    def _body(self, order: MusicOrder, operation: str, detailed: bool) -> Compose:
        given: dict[str, object] = {"model_id": self._model}
        plan = self._plan(order, operation)
        if plan is None:
            given["prompt"] = style_line(order, MAX_PROMPT)
            given["music_length_ms"] = round(length_s(order) * 1000)
            given["force_instrumental"] = order.instrumental
        else:
            given["composition_plan"] = plan
            given["seed"] = order.seed if 0 <= order.seed <= MAX_SEED else abs(order.seed) % (MAX_SEED + 1)
        if isinstance(plan, SectionPlan):
            given["respect_sections_durations"] = True
        if self._keeps:
            given["store_for_inpainting"] = True
        if detailed:
            given["with_timestamps"] = True
        return Compose.model_validate(given)

    def _plan(self, order: MusicOrder, operation: str) -> ChunkPlan | SectionPlan | None:
        if operation in ("section_edit", "extend"):
            if self._model == "music_v1":
                raise unsupported(TITLE, "plans of music_v1 are not worked on further here; choose a later model")
            origin = order.origin
            song_id = (origin.take_id or origin.job_id) if origin else ""
            if not song_id:
                raise unsupported(TITLE, "it works on songs that it kept (option store_for_inpainting)")
            return edited(order, song_id) if operation == "section_edit" else extended(order, song_id)
        return composition(order, self._model) if planned_sections(order) else None

    def _file(self, reply: Reply, content: bytes, declared: str) -> MadeFile:
        rate = _pcm_rate(self._account.options.get("output_format", ""))
        if rate and content and declared.startswith(("audio/", "application/octet-stream")) and content[:4] != b"RIFF":
            return MadeFile(content=_as_wav(content, rate), media_type="audio/wav")
        media_type = sound_type(content, declared)
        if not media_type:
            unusable(reply, "sound was expected", charged=True)
        return MadeFile(content=content, media_type=media_type)

    def _format(self) -> dict[str, str]:
        chosen = self._account.options.get("output_format", "")
        return {"output_format": chosen} if chosen else {}

    def _headers(self) -> dict[str, str]:
        return {"xi-api-key": self._account.key.get_secret_value()}


def _operation(order: MusicOrder) -> str:
    if order.task in (Task.STEMS, Task.SECTION_EDIT):
        return order.task.value
    if order.task not in (Task.FULL_SONG, Task.INSTRUMENTAL):
        raise unsupported(TITLE, f"{order.task} is none of its tasks")
    if order.origin is not None:
        return "extend"
    return "compose" if order.instrumental else "compose_detailed"


def _song(reply: Reply) -> tuple[bytes, str, tuple[Word, ...]]:
    """Sound, its declared type and the sung words of a detailed answer."""
    content, declared = b"", ""
    words: tuple[Word, ...] = ()
    found = mixed.parts(reply.headers.get("content-type", ""), reply.body)
    if not found:
        return reply.body, _declared(reply), ()
    for media_type, part in found:
        if media_type == "application/json":
            words = document(Details, Reply(reply.status, reply.headers, part), charged=True).words_timestamps or ()
        elif not content:
            content, declared = part, media_type
    return content, declared, words


def _declared(reply: Reply) -> str:
    return reply.headers.get("content-type", "")


def _request_id(reply: Reply) -> str:
    return reply.headers.get("request-id", "") or reply.headers.get("x-request-id", "")


def _pcm_rate(output_format: str) -> int:
    """Frames a second of a raw format such as "pcm_48000"; 0 for others."""
    kind, _, rate = output_format.partition("_")
    return int(rate) if kind == "pcm" and rate.isdigit() else 0


def _as_wav(frames: bytes, rate: int) -> bytes:
    """Raw 16-bit stereo frames with a header before them."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(PCM_CHANNELS)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(frames)
    return target.getvalue()
