"""MusicGen, hosted by Replicate: instrumental music from a line of text, after a melody, or as a continuation."""

import base64
import math
from collections.abc import Mapping
from decimal import ROUND_UP, Decimal
from typing import Final, Literal

from pydantic import BaseModel, Field

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task
from providers import replicate
from providers.account import Account
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order, Sound
from providers.refusals import music, unsupported
from providers.transport import Transport
from providers.wording import length_s, style_line

TITLE: Final = "MusicGen"
MODEL: Final = "meta/musicgen"
TEXT_VERSION: Final = "stereo-large"
MELODY_VERSION: Final = "stereo-melody-large"
NATIVE_S: Final = 30.0
LONGEST_PROMPT: Final = 1000
LARGEST_INLINE: Final = 1_000_000
"""Bytes of a sound that may travel inside the request [unverified]; a larger one needs an address."""
SEEDS: Final = 1 << 31

USD_PER_SECOND: Final = "0.0014"
"""Price of the A100 on which the model is said to run [second-hand]; the option `usd_per_second` overrules it."""
PREDICT_S_BASE: Final = "60"
PREDICT_S_PER_S: Final = "6"
"""Seconds of the machine before, and for each second of, music [unverified]: a quote is these times the price.

On the careful side, since a quote must not be less than the bill; `predict_s_base` and `predict_s_per_s` overrule.
"""

CAPABILITIES: Final = Capabilities(
    name="musicgen",
    title="MusicGen (Replicate)",
    tasks=frozenset({Task.INSTRUMENTAL, Task.TRANSFORMATION}),
    shortest_s=1.0,
    longest_s=NATIVE_S,
    formats=("wav", "mp3"),
    reference_audio=True,
    seed=True,
    price=Price(
        usd=Decimal(USD_PER_SECOND) * (Decimal(PREDICT_S_BASE) + Decimal(PREDICT_S_PER_S) * 60),
        per="minute",
        note="an estimate: Replicate bills the seconds of its machine",
    ),
    commercial="no",
    licence="weights CC BY-NC 4.0",
    quality=0.55,
    speed=0.5,
    completion=(Completion.POLL, Completion.CALLBACK),
    evidence={
        "create": Evidence.VERIFIED,
        "get": Evidence.VERIFIED,
        "webhook": Evidence.VERIFIED,
        "account": Evidence.VERIFIED,
        "input": Evidence.VERIFIED,
        "errors": Evidence.VERIFIED,
        "failure words": Evidence.UNVERIFIED,
        "inline audio": Evidence.UNVERIFIED,
        "price": Evidence.SECOND_HAND,
    },
    note="30 s at once; longer where the option longest_s says that the version can",
)


class MusicgenInput(BaseModel):
    """The model's input; `duration` in seconds, `seed` not negative. What is None keeps the model's default."""

    prompt: str
    duration: int = Field(ge=1)
    model_version: str
    output_format: Literal["wav", "mp3"] = "wav"
    seed: int = Field(ge=0, lt=SEEDS)
    input_audio: str | None = None
    continuation: bool | None = None


class MusicgenReplicate:
    """MusicGen at Replicate.

    Account options: version (of the model, 64 hexadecimal digits; without it the model's own address is asked),
    model_version, longest_s, usd_per_second, predict_s_base, predict_s_per_s, failures_billed ("no": a prediction
    that failed costs nothing).
    """

    def __init__(self, account: Account, transport: Transport) -> None:
        self._account = account
        self._replicate = replicate.Replicate(account, transport)

    @property
    def capabilities(self) -> Capabilities:
        """What the model can do; `longest_s` by the account's option."""
        longest = float(self._account.number("longest_s", Decimal(str(NATIVE_S))))
        return CAPABILITIES.model_copy(update={"longest_s": longest})

    def operation(self, order: Order) -> str:
        """`generate`, `melody` (after a sound that goes along) or `continue` (an extension of it)."""
        asked = music(order, TITLE)
        if asked.task not in CAPABILITIES.tasks:
            raise unsupported(TITLE, f"it has no operation for {asked.task}")
        if asked.lyrics or not asked.instrumental:
            raise unsupported(TITLE, "it cannot sing")
        longest = self.capabilities.longest_s
        if not CAPABILITIES.shortest_s <= self._seconds(asked) <= math.ceil(longest):
            raise unsupported(TITLE, f"it makes 1 to {longest:g} s at once, not {length_s(asked):g} s")
        fresh = asked.task is Task.INSTRUMENTAL and asked.origin is None
        if asked.reference is not None:
            return "melody" if fresh or asked.task is Task.TRANSFORMATION else "continue"
        if not fresh:
            raise unsupported(TITLE, "it works on a sound that goes along, since its own files are gone after an hour")
        return "generate"

    def quote(self, order: Order) -> Decimal:
        """The machine's seconds, estimated on the careful side, at the price of a second."""
        length = self._seconds(music(order, TITLE))
        seconds = self._account.number("predict_s_base", Decimal(PREDICT_S_BASE))
        seconds += length * self._account.number("predict_s_per_s", Decimal(PREDICT_S_PER_S))
        return (seconds * self._usd_per_second).quantize(Decimal("0.0001"), rounding=ROUND_UP)

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """Create one prediction."""
        operation = self.operation(order)
        given = self._input(music(order, TITLE), operation).model_dump(exclude_none=True)
        model = self._account.model or MODEL
        prediction = await self._replicate.create(model, given, callback_url)
        return Job(id=prediction.id, operation=operation, data={"duration_s": str(given["duration"])})

    async def poll(self, job: Job) -> Pending | Product:
        """One look at the prediction."""
        prediction = await self._replicate.get(job)
        billed = self._account.options.get("failures_billed", "yes") != "no"
        urls = replicate.outputs(prediction, failures_billed=billed)
        if isinstance(urls, Pending):
            return urls
        return Product(
            files=tuple(MadeFile(url=url, media_type=_media_type(url), take_id=prediction.id) for url in urls),
            cost_usd=replicate.cost_usd(prediction, self._usd_per_second),
            model=prediction.model or self._account.model or MODEL,
            request_id=prediction.id,
        )

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """A signed webhook about a prediction."""
        return self._replicate.read_callback(headers, body, now=now)

    async def probe(self) -> Health:
        """Whether Replicate takes the key."""
        return await self._replicate.probe()

    @property
    def _usd_per_second(self) -> Decimal:
        return self._account.number("usd_per_second", Decimal(USD_PER_SECOND))

    def _seconds(self, order: MusicOrder) -> int:
        """Whole seconds to ask for; as many as go at once where the order names none."""
        named = order.duration_s is not None or bool(order.sections)
        return math.ceil(length_s(order) if named else min(NATIVE_S, self.capabilities.longest_s))

    def _input(self, order: MusicOrder, operation: str) -> MusicgenInput:
        version = MELODY_VERSION if operation == "melody" else TEXT_VERSION
        return MusicgenInput(
            prompt=style_line(order, LONGEST_PROMPT),
            duration=self._seconds(order),
            model_version=self._account.options.get("model_version", version),
            seed=order.seed % SEEDS,
            input_audio=_address(order.reference) if operation != "generate" and order.reference else None,
            continuation=True if operation == "continue" else None,
        )


def _address(sound: Sound) -> str:
    if sound.url:
        return sound.url
    if len(sound.content) > LARGEST_INLINE:
        raise ProviderError(
            ErrorKind.INVALID_REQUEST,
            f"a sound of {len(sound.content):,} bytes is too large to go along with a prediction; at most "
            f"{LARGEST_INLINE:,} are taken without an address",
        )
    return f"data:{sound.media_type};base64,{base64.b64encode(sound.content).decode()}"


def _media_type(url: str) -> str:
    return "audio/mpeg" if url.split("?", 1)[0].endswith(".mp3") else "audio/wav"
