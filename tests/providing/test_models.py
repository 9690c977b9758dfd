"""Language models that write notes and words, songs that are sung, takes that are compared."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from domain.events import EventType
from domain.stages import SongStatus, Stage
from music.theory import parse_chord
from tests.providers.language import answers
from tests.providers.servers.anthropic import AnthropicServer
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.stability import StabilityServer
from tests.providers.servers.sunoapi import SunoApi
from tests.providing.test_songs import PROMPT
from tests.providing.test_words import brief

BEGINNINGS = {
    "Turn the person's idea": "understand",
    "Write the chord": "chords",
    "Write the melody": "melody",
    "Write the bass": "bass",
    "Write the lyrics": "lyrics",
    "Choose the groove": "rhythm",
    "Plan the form": "form",
}
"""How an order begins, and the step that it is for."""
STEPS = ("chords", "rhythm", "melody", "bass", "form", "lyrics")


class Writer:
    """A language model that can do all of it: its lines follow the chords that it is shown."""

    def __init__(self, spoiled: tuple[str, ...] = ()) -> None:
        self.spoiled = spoiled
        self.asked: list[str] = []

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        said = str(body["system"])
        step = next(step for begin, step in BEGINNINGS.items() if begin in said)
        self.asked.append(step)
        written: dict[str, Any] = getattr(self, step)(str(body["messages"][0]["content"]))
        return {**written, **SPOILED[step]} if step in self.spoiled else written

    def understand(self, text: str) -> dict[str, Any]:
        return brief(text)

    def chords(self, text: str) -> dict[str, Any]:
        return answers.chords()

    def rhythm(self, text: str) -> dict[str, Any]:
        return {"groove": "bossa", "density": 0.4, "swing": 0.0, "reasoning": []}

    def form(self, text: str) -> dict[str, Any]:
        return {"sections": [{"kind": "verse", "bars": 6, "energy": 0.5}], "reasoning": []}

    def melody(self, text: str) -> dict[str, Any]:
        return answers.lines(*(answers.line(kind, [
            (60 + root, 4.0 * bar + at, 1.0) for bar, root in enumerate(roots) for at in (0.0, 1.0, 2.0)
        ]) for kind, roots in _roots(text).items()))  # fmt: skip

    def bass(self, text: str) -> dict[str, Any]:
        return answers.lines(*(answers.line(kind, [
            (28 + (root - 4) % 12, 4.0 * bar + at, 1.5) for bar, root in enumerate(roots) for at in (0.0, 2.0)
        ]) for kind, roots in _roots(text).items()))  # fmt: skip

    def lyrics(self, text: str) -> dict[str, Any]:
        metre = re.findall(r"^(.+) \((?:\w|-)+\): ([\d, ]+)$", text.replace("\\n", "\n"), re.MULTILINE)
        sections = [
            {"name": name, "lines": [" ".join(["low"] * int(count)) for count in counts.split(",")]}
            for name, counts in metre
        ]
        return {"language": "en", "sections": sections, "reasoning": []}


SPOILED: Mapping[str, dict[str, Any]] = {
    "chords": {"sections": [{"kind": "verse", "bars": [["H7"]]}]},
    "rhythm": {"groove": "goblin march"},
    "melody": {"sections": [answers.line("verse", [(200, 0.0, 1.0)])]},
    "bass": {"sections": []},
    "form": {"sections": []},
    "lyrics": {"sections": []},
}


def _roots(text: str) -> dict[str, list[int]]:
    """The root of the first chord of every bar, by kind of section."""
    shown = re.findall(r"^(\w+): \d+ bars, \d+ beats: (.+)$", text.replace("\\n", "\n"), re.MULTILINE)
    return {kind: [parse_chord(bar.split()[0]).root for bar in bars.split(" | ")] for kind, bars in shown}


@pytest_asyncio.fixture(loop_scope="session")
async def opened(open_studio, prepared) -> AsyncIterator[tuple[Any, AnthropicServer, ElevenLabsServer]]:
    with AnthropicServer(key="ak") as model, ElevenLabsServer(key="xi") as singer:
        keys = {"anthropic_api_key": "ak", "elevenlabs_api_key": "xi"}
        urls = {"anthropic_base_url": model.url, "elevenlabs_base_url": singer.url}
        async with open_studio(prepared, **keys, **urls) as studio:
            yield studio, model, singer


async def _provided(studio: Any, shown: Any) -> dict[str, str]:
    """Who did each step up to the arrangement."""
    found = {}
    for stage in (Stage.COMPOSITION, Stage.ARRANGEMENT):
        result = await studio.runtime.store.aget_json(shown.stages[stage].result)
        found |= {one["step"]: one["provider"] for one in result["provided"]}
    return found


async def test_a_model_that_is_preferred_writes_notes_form_and_words(opened) -> None:
    studio, model, singer = opened
    model.afresh().answer = writer = Writer()
    singer.afresh()
    handle = await studio.start(
        PROMPT, providers_preferred=("anthropic", "elevenlabs"), vocals=True, review=("production",)
    )
    shown = await studio.settled(handle)
    assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.PRODUCTION), shown.blocked
    failures = [e.payload for e in await studio.events(handle) if e.type is EventType.PROVIDER_FAILED]
    assert not failures
    assert await _provided(studio, shown) == dict.fromkeys(STEPS, "anthropic")
    assert sorted(writer.asked) == sorted((*STEPS, "understand"))
    store = studio.runtime.store
    artifacts = shown.stages[Stage.ARRANGEMENT].artifacts
    form = await store.aget_json(artifacts["form"])
    assert [(section["kind"], section["bars"]) for section in form["sections"]] == [("verse", 6)]
    lyrics = (await store.aget(artifacts["lyrics"])).decode()
    assert lyrics.startswith("[Verse")
    assert shown.stages[Stage.PRODUCTION].provider == "elevenlabs"
    assert "low low low" in str(singer.accepted[0]), "what was written is what is sung"


async def test_what_cannot_be_used_is_left_and_the_next_one_does_it(opened) -> None:
    studio, model, singer = opened
    model.afresh().answer = Writer(spoiled=STEPS)
    singer.afresh()
    handle = await studio.start(PROMPT, providers_preferred=("anthropic",), vocals=True, review=("arrangement",))
    shown = await studio.settled(handle)
    assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.ARRANGEMENT), shown.blocked
    assert await _provided(studio, shown) == dict.fromkeys(STEPS[:-1], "builtin"), "nobody else writes words"
    told = [e.payload["reason"] for e in await studio.events(handle) if e.type is EventType.PROVIDER_FAILED]
    assert len(told) == len(STEPS)
    assert all(reason.startswith("upstream: unusable answer: ") for reason in told), told
    assert len(model.charges) == len(STEPS) + 1


async def test_a_song_that_nobody_can_sing_says_so(open_studio, prepared) -> None:
    with StabilityServer(key="sk") as vendor:
        async with open_studio(prepared, stability_api_key="sk", stability_base_url=vendor.url) as studio:
            handle = await studio.start(
                PROMPT, providers_preferred=("stable_audio",), vocals=True, production="provider"
            )
            shown = await studio.settled(handle)
            assert (shown.status, shown.blocked.code) == (SongStatus.BLOCKED, "no_provider")
            assert "no provider is left for the full_song: " in shown.blocked.reason
            assert "elevenlabs (it is not configured: no key: set ELEVENLABS_API_KEY)" in shown.blocked.reason
            assert "ace_step (it is not configured: not set up" in shown.blocked.reason
            assert not vendor.charges


class TwoTakes(SunoApi):
    """Its first take is a fifth too short; they sound the same otherwise."""

    def _song(self, body: dict[str, Any], task: str, number: int, seconds: float) -> dict[str, Any]:
        return super()._song(body, task, number, seconds * (0.8 if number == 1 else 1.0))

    def offer(self, name: str, kind: str, seconds: float, hertz: float = 220.0) -> str:
        return super().offer(name, kind, seconds)


@pytest.mark.parametrize(("wanted", "used"), [(None, 2), (1, 1), (7, 2)])
async def test_the_better_take_is_used_unless_a_person_says_otherwise(open_studio, prepared, wanted, used) -> None:
    with TwoTakes() as vendor:
        key = {"suno_api_key": vendor.key, "suno_base_url": vendor.url, "unofficial_providers": True}
        async with open_studio(prepared, **key) as studio:
            changes = {} if wanted is None else {"creative.preferences": {"take": wanted}}
            handle = await studio.start(PROMPT, changes=changes, providers_preferred=("suno",), review=("production",))
            shown = await studio.settled(handle)
            assert shown.status is SongStatus.WAITING, shown.blocked
            result = await studio.runtime.store.aget_json(shown.stages[Stage.PRODUCTION].result)
            assert (result["measured"]["takes"], result["measured"]["chosen_take"]) == (2, used)
            assert {"take:1", "take:2"} <= set(shown.stages[Stage.PRODUCTION].artifacts)


async def test_a_model_that_only_writes_does_not_keep_our_own_engine_from_playing(open_studio, prepared) -> None:
    with AnthropicServer(key="ak") as model:
        model.answer = Writer()
        async with open_studio(prepared, anthropic_api_key="ak", anthropic_base_url=model.url) as studio:
            wanted = {"providers_preferred": ("anthropic",), "vocals": True, "review": ("production",)}
            shown = await studio.settled(await studio.start(PROMPT, **wanted))
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.PRODUCTION), shown.blocked
            assert shown.stages[Stage.PRODUCTION].provider == "builtin"
