"""The vendors of the chaos run: contract servers that fail by chance and remember what befell each order."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urlsplit

import numpy as np

from domain.seeds import derive
from tests.providers.servers import base, mureka
from tests.providers.servers.anthropic import AnthropicServer
from tests.providers.servers.base import ContractServer, Fault, Seen
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.mureka import Mureka
from tests.providers.servers.openai import OpenAIServer
from tests.providers.servers.replicate import SECRET, ReplicateServer
from tests.providers.servers.stability import StabilityServer
from tests.providers.servers.sunoapi import SunoApi

SHARE: Final = 0.20
"""Share of the requests that fail."""
LOST: Final = 0.05
"""Share of the requests whose answer is lost after they were taken."""
SONG_SECONDS: Final = 13.0
"""Length of every vendor's sound: as short as may be for a song of 20 s, since each is listened to anew."""
HERTZ: Final = 220.0
CALLBACKS: Final = ("never", "twice")
SOUND: Final = ("stable_audio", "elevenlabs", "mureka", "musicgen", "suno")

_NOW: ContextVar[Seen] = ContextVar("request that is being answered")


@dataclass(frozen=True)
class Taken:
    """An order that a vendor took and will bill.

    `fault` is what befell its answer, "" when it was sent whole. `token` is ours in the callback's address and
    `person` the hash of the song's owner, "" where this vendor gets none.
    """

    usd: Decimal
    refunded: bool
    fault: str
    token: str
    person: str


class Watched(ContractServer):
    """Put before a vendor's server: keeps the request of every charge."""

    def __init__(self, key: str | None = None) -> None:
        super().__init__(key)
        self.orders: dict[int, Seen] = {}

    def _record(self, request: Any, body: bytes, fault: Fault | None) -> None:
        super()._record(request, body, fault)
        with self.lock:
            _NOW.set(self._requests[-1])

    def charge(self, operation: str, usd: Decimal | str, identity: str) -> int:
        """Count a charge, and of which request it is."""
        with self.lock:
            place = super().charge(operation, usd, identity)
            self.orders[place] = _NOW.get()
            return place

    def taken(self) -> list[Taken]:
        """Every order that was taken, in its order."""
        with self.lock:
            return [
                Taken(one.usd, one.refunded, seen.fault, _token(seen.body), _person(seen.body))
                for one, seen in ((charge, self.orders[place]) for place, charge in enumerate(self._charges))
            ]

    def refusals(self) -> int:
        """How many requests met a fault that a worker may take for a refusal of an order."""
        return sum(seen.fault in ("status", "html", "cut_before") and seen.method == "POST" for seen in self.requests)


class _Anthropic(Watched, AnthropicServer):
    pass


class _OpenAI(Watched, OpenAIServer):
    pass


class _Stability(Watched, StabilityServer):
    pass


class _ElevenLabs(Watched, ElevenLabsServer):
    pass


class _Mureka(Watched, Mureka):
    pass


class _Replicate(Watched, ReplicateServer):
    pass


class _Suno(Watched, SunoApi):
    pass


@dataclass(frozen=True)
class Vendor:
    """A server's class, and the beginning of the settings that lead to it."""

    server: type[Watched]
    setting: str
    key: str = "API_KEY"


VENDORS: Final[Mapping[str, Vendor]] = MappingProxyType(
    {
        "anthropic": Vendor(_Anthropic, "ANTHROPIC"),
        "openai": Vendor(_OpenAI, "OPENAI"),
        "stable_audio": Vendor(_Stability, "STABILITY"),
        "elevenlabs": Vendor(_ElevenLabs, "ELEVENLABS"),
        "mureka": Vendor(_Mureka, "MUREKA"),
        "musicgen": Vendor(_Replicate, "REPLICATE", "API_TOKEN"),
        "suno": Vendor(_Suno, "SUNO"),
    }
)


@contextmanager
def running_vendors(seed: int) -> Iterator[dict[str, Watched]]:
    """Every vendor's server, each with misfortunes of its own."""
    with ExitStack() as stack:
        # All make the same sound, so that it is mixed, mastered and drawn once.
        stack.enter_context(patch.object(base, "_tone_samples", partial(_one_tone, base._tone_samples)))
        servers = {}
        for name, vendor in VENDORS.items():
            server = vendor.server(f"key-of-{name}")
            server.audio_seconds = SONG_SECONDS
            server.fail_randomly(derive(seed, "vendor", name) % 2**32, share=SHARE, lost=LOST)
            PREPARED.get(name, lambda _: None)(server)
            servers[name] = stack.enter_context(server)
        yield servers


def environment(servers: Mapping[str, Watched]) -> dict[str, str]:
    """Settings of workers and API that lead to the servers."""
    found = {"SOSTENUTO_UNOFFICIAL_PROVIDERS": "true", "SOSTENUTO_REPLICATE_WEBHOOK_SECRET": SECRET}
    for name, server in servers.items():
        vendor = VENDORS[name]
        found[f"SOSTENUTO_{vendor.setting}_{vendor.key}"] = server.key
        found[f"SOSTENUTO_{vendor.setting}_BASE_URL"] = server.url
    return found


def change_callbacks(servers: Mapping[str, Watched], draw: np.random.Generator) -> None:
    """From now on each vendor calls back twice, or not at all."""
    for name in sorted(servers):
        servers[name].calls_back(str(draw.choice(CALLBACKS)))


def brief(_body: object) -> dict[str, object]:
    """What the language models say to everything: a brief, which is of no use where words to sing were asked for."""
    return {
        "title": "Night Ferry", "summary": "A ferry at night.", "genre": "lo-fi", "subgenres": [], "moods": ["calm"],
        "bpm": 80, "key": "F minor", "time_signature": "4/4", "duration_seconds": 20, "instrumental": True,
        "language": None, "vocal": None, "instruments": ["rhodes"], "style_prompt": "dusty lo-fi", "sections": [],
        "negative_styles": [], "reasoning": [{"field": "genre", "value": "lo-fi", "text": "it is calm"}],
    }  # fmt: skip


def _one_tone(tone: Callable[[float, int, float], Any], seconds: float, rate: int, _hertz: float) -> Any:
    return tone(seconds, rate, HERTZ)


def _talk(server: Any) -> None:
    server.answer = brief


def _price(server: Any) -> None:
    # The server counts by an older model; the newest, which is ordered, is $0.15 a song.
    server.usd_for |= dict.fromkeys(mureka.JOBS, Decimal("0.15"))


PREPARED: Final[Mapping[str, Callable[[Any], None]]] = MappingProxyType(
    {"anthropic": _talk, "openai": _talk, "mureka": _price}
)


def _token(body: Any) -> str:
    """Our token in the address that is to be called back."""
    address = (body.get("callBackUrl") or body.get("webhook") or "") if isinstance(body, dict) else ""
    return urlsplit(str(address)).path.rpartition("/")[2]


def _person(body: Any) -> str:
    """The hash of the song's owner that language models are told."""
    if not isinstance(body, dict):
        return ""
    return str((body.get("metadata") or {}).get("user_id") or body.get("safety_identifier") or "")
