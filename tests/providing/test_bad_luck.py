"""Everything that can go wrong at one music provider with a second one behind it: who makes the song, what it costs.

The ledger says to the cent what the vendors' own counters say: settled for what is known, reserved for what is not.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from sqlmodel import delete

from domain.events import EventType
from domain.providers import OUTCOME_UNKNOWN
from domain.stages import SongStatus, Stage
from storage.records import ProviderHealth
from storage.spending import spend
from tests.providers.servers.base import ContractServer, Fault
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.stability import StabilityServer
from tests.providers.servers.sunoapi import SunoApi
from tests.providing.test_songs import PROMPT

SECOND = "stable_audio"
KEYS = {"elevenlabs_api_key": "xi", "stability_api_key": "sk", "suno_api_key": "su"}


class Suno(SunoApi):
    """Its answers may name another address for the sound."""

    elsewhere = ""

    def _song(self, *args: Any) -> dict[str, Any]:
        song = super()._song(*args)
        return {**song, "audioUrl": self.elsewhere, "streamAudioUrl": self.elsewhere} if self.elsewhere else song


@dataclass
class Vendors:
    elevenlabs: ElevenLabsServer
    stable_audio: StabilityServer
    suno: Suno

    def all(self) -> dict[str, ContractServer]:
        return dict(vars(self))


@dataclass
class Scene:
    """A studio with three vendors."""

    studio: Any
    vendors: Vendors

    async def produced(self, first: str, **settings: Any) -> Any:
        """A song whose sound the first is asked for, then Stable Audio, when it has come to rest."""
        given = {"providers_preferred": (first, SECOND), "review": ("production",), **settings}
        handle = await self.studio.start(PROMPT, **given)
        return handle, await self.studio.settled(handle)

    async def failures(self, handle: Any) -> list[str]:
        events = await self.studio.events(handle)
        return [f"{e.payload['provider']} {e.payload['reason']}" for e in events if e.type is EventType.PROVIDER_FAILED]

    async def spent(self, shown: Any, provider: str) -> tuple[Decimal, Decimal]:
        """Settled, reserved."""
        async with self.studio.runtime.database.session() as session:
            found = await spend(session, composition_id=shown.composition_id, provider=provider)
        return found.settled, found.reserved


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(open_studio, arranged, tmp_path_factory) -> AsyncIterator[Scene]:
    with ElevenLabsServer(key="xi") as eleven, StabilityServer(key="sk") as stability, Suno(key="su") as suno:
        vendors = Vendors(eleven, stability, suno)
        urls = {"elevenlabs_base_url": eleven.url, "stability_base_url": stability.url, "suno_base_url": suno.url}
        folder = shutil.copytree(arranged, tmp_path_factory.mktemp("bad") / "luck")
        async with AsyncExitStack() as stack:
            studio = await stack.enter_async_context(open_studio(folder, **KEYS, **urls, unofficial_providers=True))
            yield Scene(studio, vendors)


@pytest_asyncio.fixture(loop_scope="session")
async def scene(opened: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Vendors as new, nobody left alone, and short pauses."""
    for server, key in zip(opened.vendors.all().values(), KEYS.values(), strict=True):
        server.key = key
        server.afresh()
    opened.vendors.suno.elsewhere = ""
    async with opened.studio.runtime.database.session() as session:
        await session.exec(delete(ProviderHealth))
        await session.commit()
    monkeypatch.setattr("activities.providing.DOWNLOAD_PAUSES_S", (0.01, 0.01))
    monkeypatch.setattr("activities.providing.MEDIA_BYTES", 8 << 20)
    return opened


@dataclass(frozen=True)
class Luck:
    """What befalls the first provider; who makes the song then, and what is said of the first.

    `by` is empty for a song that waits for a decision; `charged` how many charges the first one has counted, `asked`
    how many orders it has seen (None: not looked at).
    """

    what: str
    first: str
    arrange: Callable[[Any], Any]
    by: str = SECOND
    says: str = ""
    charged: int = 0
    asked: int | None = None


def _set(**values: Any) -> Callable[[ContractServer], None]:
    return lambda server: [setattr(server, name, value) for name, value in values.items()] and None


def _fails(fault: Fault | str, times: int = 1, path: str | None = None) -> Callable[[ContractServer], None]:
    return lambda server: server.fail_next(fault, times, path)


ELEVEN, SUNO = "elevenlabs", "suno"
FILES, RECORDS, ORDERS = "/files/*", "*record-info*", "/api/v1/generate"
LUCK = (
    Luck("a wrong key", ELEVEN, _set(key="another"), says="auth: "),
    Luck("no credits", ELEVEN, _fails("insufficient_credits"), says="insufficient_credits: ", asked=1),
    Luck("refused words", ELEVEN, _fails("moderation"), says="moderation: ", asked=1),
    Luck("words that it would take", ELEVEN, _fails("moderation_suggestion"), by=ELEVEN, charged=1, asked=2),
    Luck("no words that it would take", ELEVEN, _fails("moderation_suggestion", 9), says="moderation: ", asked=2),
    Luck("asked too often", ELEVEN, _fails("concurrency"), by=ELEVEN, charged=1, asked=2),
    Luck("a storm", SUNO, _fails("upstream", 99), says="upstream: "),
    Luck("a 502 of a proxy", ELEVEN, _fails(Fault.html(502)), by="", says="answered 502", asked=1),
    Luck("cut before", ELEVEN, _fails(Fault.cut_before()), by="", says="connection broke", asked=1),
    Luck("cut during", ELEVEN, _fails(Fault.half()), by="", says="connection broke", charged=1, asked=1),
    Luck("cut after", ELEVEN, _fails(Fault.lost()), by="", says="connection broke", charged=1, asked=1),
    Luck("a job whose answer is half", SUNO, _fails(Fault.half(), path=ORDERS), by="", says="broke", charged=1),
    Luck("a job whose answer is a page", SUNO, _fails(Fault.html(200), path=ORDERS), by="", says="suno may have"),
    Luck("a job whose answer has no end", SUNO, _fails(Fault.huge(), path=ORDERS), by="", says="larger than"),
    Luck("looks that fail", SUNO, _fails("upstream", 3, RECORDS), by=SUNO, charged=1),
    Luck("half a file once", SUNO, _fails(Fault.half(), 1, FILES), by=SUNO, charged=1),
    Luck("half a file always", SUNO, _fails(Fault.half(), 9, FILES), says="upstream: ", charged=1),
    Luck("a page for a file", SUNO, _fails(Fault.html(200), 9, FILES), says="is no audio", charged=1),
    Luck("a file of 2 GB", SUNO, _fails(Fault.huge(claimed=True), 1, FILES), says="larger than", charged=1),
    Luck("a file without end", SUNO, _fails(Fault.huge(), 1, FILES), says="larger than", charged=1),
    Luck("results are gone", SUNO, lambda server: server.expire_results(), says="result_expired: ", charged=1),
    Luck("a file in our network", SUNO, _set(elsewhere="http://169.254.169.254/a.mp3"), says="private", charged=1),
    Luck("a job that was given back", SUNO, lambda s: s.end_next_with("refunded"), says="upstream: ", charged=1),
    Luck("a job that was refused", SUNO, lambda s: s.end_next_with("SENSITIVE_WORD_ERROR"), says="moder", charged=1),
    Luck("a callback of theirs that failed", SUNO, lambda s: s.end_next_with("CALLBACK_EXCEPTION"), by=SUNO, charged=1),
    Luck("another length", ELEVEN, _set(audio_seconds=5.0), says="5 s where", charged=1),
    Luck("silence", ELEVEN, _set(silent_audio=True), says="is silent", charged=1),
    Luck("two silent takes", SUNO, _set(silent_audio=True), says="is silent", charged=1),
)  # fmt: skip


@pytest.mark.parametrize("luck", LUCK, ids=lambda luck: f"{luck.first}: {luck.what}")
async def test_bad_luck(scene: Scene, luck: Luck) -> None:
    server = scene.vendors.all()[luck.first]
    luck.arrange(server)
    handle, shown = await scene.produced(luck.first)
    assert len(server.charges) == luck.charged
    orders = [seen for seen in server.requests if seen.method == "POST"]
    assert luck.asked in (None, len(orders)), [seen.path for seen in orders]
    if luck.by:
        assert shown.status is SongStatus.WAITING, shown.blocked
        assert shown.stages[Stage.PRODUCTION].provider == luck.by
        told = await scene.failures(handle)
        assert len(told) == (luck.by == SECOND), told
        assert all(one.startswith(luck.first) and luck.says in one for one in told), told
        await _to_the_cent(scene, shown)
        return
    assert (shown.status, shown.blocked.code) == (SongStatus.BLOCKED, OUTCOME_UNKNOWN)
    assert f"{luck.first} may have accepted the order" in shown.blocked.reason
    assert luck.says in shown.blocked.reason
    settled, reserved = await scene.spent(shown, luck.first)
    assert settled == 0
    assert reserved > 0
    assert reserved == server.spent or not luck.charged
    assert not scene.vendors.stable_audio.charges


async def _to_the_cent(scene: Scene, shown: Any) -> None:
    billed = {name: server.spent for name, server in scene.vendors.all().items()}
    for name, usd in billed.items():
        assert await scene.spent(shown, name) == (usd, 0), name
    assert Decimal(shown.stages[Stage.PRODUCTION].cost) == sum(billed.values())


@pytest.mark.parametrize(
    ("fault", "kind", "pause_ms"), [("rate_limited", "concurrency_limit", 1000), ("rate_limited_ms", "overloaded", 150)]
)
async def test_a_provider_that_says_when_is_asked_again_then(
    scene: Scene, fault: str, kind: str, pause_ms: int
) -> None:
    scene.vendors.elevenlabs.fail_next(fault)
    handle, shown = await scene.produced(ELEVEN)
    assert shown.stages[Stage.PRODUCTION].provider == ELEVEN
    again = [
        event.activity_task_started_event_attributes.last_failure.application_failure_info
        for event in (await handle.fetch_history()).events
        if event.HasField("activity_task_started_event_attributes")
        and event.activity_task_started_event_attributes.attempt > 1
    ]
    assert [(failure.type, failure.next_retry_delay.ToMilliseconds()) for failure in again] == [(kind, pause_ms)]
