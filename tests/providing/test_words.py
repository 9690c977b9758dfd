"""Language models in the stages: the brief by itself, notes where a song prefers one; what is wrong is not used."""

from domain.events import EventType
from domain.stages import SongStatus, Stage
from tests.providers.servers.anthropic import AnthropicServer
from tests.providing.test_songs import PROMPT, told


async def test_a_language_model_writes_the_brief_where_one_is_configured(open_studio) -> None:
    with AnthropicServer(key="ak") as vendor:
        vendor.answer = brief
        async with open_studio(anthropic_api_key="ak", anthropic_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, review=("ideation",))
            shown = await studio.settled(handle)
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.IDEATION), shown.blocked
            assert shown.stages[Stage.IDEATION].provider == "anthropic"
            result = await studio.runtime.store.aget_json(shown.stages[Stage.IDEATION].result)
            musical = result["patch"]["musical"]
            assert (musical["key"], musical["tempo"]) == ("F", 80), "the prompt says so"
            assert await told(studio, handle, EventType.COST_RECORDED) == ["anthropic"]
            assert len(vendor.charges) == 1


async def test_a_brief_that_cannot_be_is_not_used(open_studio) -> None:
    with AnthropicServer(key="ak") as vendor:
        vendor.answer = lambda body: {**brief(body), "genre": "goblincore of the ninth moon"}
        async with open_studio(anthropic_api_key="ak", anthropic_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, review=("ideation",))
            shown = await studio.settled(handle)
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.IDEATION), shown.blocked
            entry = shown.stages[Stage.IDEATION]
            assert (entry.provider, entry.fallback_from) == ("builtin", "anthropic")
            failures = [e.payload["reason"] for e in await studio.events(handle) if e.type is EventType.PROVIDER_FAILED]
            assert "goblincore" in failures[0]


def brief(_body: object) -> dict[str, object]:
    """A brief that says another key and tempo than the prompt."""
    return {
        "title": "Night Ferry", "summary": "A ferry at night.", "genre": "lo-fi", "subgenres": [], "moods": ["calm"],
        "bpm": 120, "key": "A major", "time_signature": "4/4", "duration_seconds": 20, "instrumental": True,
        "language": None, "vocal": None, "instruments": ["rhodes"], "style_prompt": "dusty lo-fi", "sections": [],
        "negative_styles": [], "reasoning": [{"field": "genre", "value": "lo-fi", "text": "it is calm"}],
    }  # fmt: skip
