"""MusicGen on our own machine, through transformers: instrumental music for no money, not to be sold."""

import asyncio
import io
from collections.abc import Mapping
from decimal import Decimal
from importlib.util import find_spec
from typing import Final

import numpy as np
import soundfile

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task
from domain.seeds import derive
from providers import musicgen_model
from providers.account import Account
from providers.contract import Callback, Health, Job, MadeFile, Pending, Product
from providers.errors import ProviderError
from providers.orders import MusicOrder, Order
from providers.refusals import music, no_callbacks, no_jobs, unsupported
from providers.transport import Transport
from providers.wording import length_s, style_line

TITLE: Final = "MusicGen on this machine"
OPERATION: Final = "generate"
SHORTEST_S: Final = 1.0
LONGEST_S: Final = 300.0
WINDOW_S: Final = 30.0
"""What MusicGen was trained to hear at once."""
OVERLAP_S: Final = 12.0
LONGEST_PROMPT: Final = 1000
PACKAGES: Final = ("torch", "transformers")

CAPABILITIES: Final = Capabilities(
    name="musicgen_local",
    title="MusicGen (this machine)",
    tasks=frozenset({Task.INSTRUMENTAL}),
    shortest_s=SHORTEST_S,
    longest_s=LONGEST_S,
    formats=("wav",),
    seed=True,
    price=Price(note="runs on your own machine"),
    commercial="no",
    licence="code Apache-2.0, weights CC BY-NC 4.0",
    quality=0.5,
    speed=0.2,
    completion=(Completion.BYTES,),
    evidence={"load": Evidence.VERIFIED, "generate": Evidence.VERIFIED, "continue": Evidence.VERIFIED},
    note="needs the extra musicgen and a folder with weights; beyond 30 s each window continues the one before",
)


class MusicgenLocal:
    """MusicGen in this process; the account's `model` is a folder, or a name in the hub's local cache.

    Options: device (auto, cpu, cuda), allow_download ("yes" fetches what is not there), guidance_scale, top_k,
    temperature, window_s, overlap_s.
    """

    def __init__(self, account: Account, transport: Transport) -> None:
        del transport  # Nothing is sent anywhere; every adapter is made the same way.
        self._account = account

    @property
    def capabilities(self) -> Capabilities:
        """Instrumental music up to five minutes."""
        return CAPABILITIES

    def operation(self, order: Order) -> str:
        """`generate`, for instrumental music that works on nothing else; UNSUPPORTED says why not."""
        asked = music(order, TITLE)
        if asked.task not in CAPABILITIES.tasks:
            raise unsupported(TITLE, f"it has no operation for {asked.task}")
        if not asked.instrumental or asked.lyrics:
            raise unsupported(TITLE, "it cannot sing")
        if asked.origin is not None or asked.reference is not None:
            raise unsupported(TITLE, "it works from words alone, not from other music")
        length = length_s(asked)
        if not SHORTEST_S <= length <= LONGEST_S:
            raise unsupported(TITLE, f"it makes {SHORTEST_S:g} to {LONGEST_S:g} s, not {length:g} s")
        return OPERATION

    def quote(self, order: Order) -> Decimal:
        """Nothing is billed for one's own machine."""
        del order
        return Decimal(0)

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """Generate in a thread: one WAV file (24 bit) at the model's own rate.

        The same order gives the same bytes on one machine.
        """
        del callback_url
        self.operation(order)
        return await asyncio.to_thread(self._make, music(order, TITLE))

    async def poll(self, job: Job) -> Pending | Product:
        """No job is ever given, so there is none to look at."""
        return no_jobs(TITLE)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """Nobody calls back."""
        return no_callbacks(TITLE)

    async def probe(self) -> Health:
        """Whether the packages are installed and a model is named; the weights are not loaded for it."""
        missing = [name for name in PACKAGES if find_spec(name) is None]
        if missing:
            return Health(ok=False, note=f"{' and '.join(missing)} missing: install the extra musicgen")
        if not self._account.model:
            return Health(ok=False, note="no model is configured: give a folder with MusicGen's weights")
        return Health(ok=True, note=self._account.model)

    def _make(self, order: MusicOrder) -> Product:
        options = self._account.options
        window_s, overlap_s = self._number("window_s", WINDOW_S), self._number("overlap_s", OVERLAP_S)
        if overlap_s >= window_s:
            raise _invalid(f"overlap_s ({overlap_s:g}) must be less than window_s ({window_s:g})")
        if not self._account.model:
            raise _invalid("no model is configured: give a folder with MusicGen's weights")
        sampling = musicgen_model.Sampling(
            guidance=self._number("guidance_scale", 3.0),
            top_k=round(self._number("top_k", 250)),
            temperature=self._number("temperature", 1.0),
        )
        download = options.get("allow_download") == "yes"
        model = musicgen_model.load(self._account.model, options.get("device", "auto"), download)
        length = length_s(order)
        line = style_line(order, LONGEST_PROMPT)
        samples = model.generate(line, length, derive(order.seed, "musicgen"), sampling, window_s, overlap_s)
        made = MadeFile(
            content=wav(samples, model.rate), media_type="audio/wav", duration_s=samples.shape[1] / model.rate
        )
        return Product(files=(made,), cost_usd=Decimal(0), model=self._account.model)

    def _number(self, name: str, default: float) -> float:
        text = self._account.options.get(name, "")
        try:
            value = float(text) if text else default
        except ValueError:
            value = -1.0
        if not 0 <= value < 1e6:
            raise _invalid(f"the option {name} is {text!r}; give a number, such as {default:g}")
        return value


def wav(samples: musicgen_model.Samples, rate: int) -> bytes:
    """A WAV file (24 bit) of channels × samples; turned down where it would clip."""
    peak = float(np.abs(samples).max(initial=0.0))
    out = io.BytesIO()
    soundfile.write(out, (samples / max(1.0, peak)).T, rate, format="WAV", subtype="PCM_24")
    return out.getvalue()


def _invalid(message: str) -> ProviderError:
    return ProviderError(ErrorKind.INVALID_REQUEST, message)
