"""A song made by a provider, by the second one when the first is down, and by our own engine when all are."""

from decimal import Decimal

from domain.events import EventType
from domain.stages import SongStatus, Stage
from storage.spending import spend
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.stability import StabilityServer

PROMPT = "calm lo-fi with rhodes in F minor at 80 bpm, 20 seconds"


async def told(studio, handle, kind: EventType) -> list[str]:
    return [event.payload["provider"] for event in await studio.events(handle) if event.type is kind]


async def test_a_provider_makes_the_sound_and_the_song_is_finished(open_studio, prepared) -> None:
    with StabilityServer(key="sk") as vendor:
        async with open_studio(prepared, stability_api_key="sk", stability_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("stable_audio",))
            shown = await studio.settled(handle)
            assert (shown.status, shown.stage) == (SongStatus.COMPLETED, Stage.FINALIZATION), shown.blocked
            production = shown.stages[Stage.PRODUCTION]
            assert (production.provider, Decimal(production.cost)) == ("stable_audio", vendor.spent)
            assert "stem:full_mix" in production.artifacts
            assert await told(studio, handle, EventType.PROVIDER_SELECTED) == ["stable_audio"]
            async with studio.runtime.database.session() as session:
                spent = await spend(session, composition_id=shown.composition_id)
            assert (spent.settled, spent.reserved) == (vendor.spent, 0)
            assert len(vendor.charges) == 1


async def test_the_second_provider_when_the_first_is_down(open_studio, prepared) -> None:
    with StabilityServer(key="sk") as stability, ElevenLabsServer(key="xi") as eleven:
        eleven.fail_next("upstream", times=99)
        keys = {"stability_api_key": "sk", "elevenlabs_api_key": "xi"}
        urls = {"stability_base_url": stability.url, "elevenlabs_base_url": eleven.url}
        async with open_studio(prepared, **keys, **urls) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("elevenlabs", "stable_audio"))
            shown = await studio.settled(handle)
            assert shown.status is SongStatus.COMPLETED, shown.blocked
            production = shown.stages[Stage.PRODUCTION]
            assert (production.provider, production.fallback_from) == ("stable_audio", "elevenlabs")
            assert await told(studio, handle, EventType.PROVIDER_FAILED) == ["elevenlabs"]
            assert "stable_audio, as elevenlabs failed" in str(await handle.query("__temporal_workflow_metadata"))
            assert (len(eleven.charges), len(stability.charges)) == (0, 1)


async def test_our_own_engine_when_all_are_down(open_studio, prepared) -> None:
    with StabilityServer(key="sk") as vendor:
        vendor.fail_next("overloaded", times=99)
        async with open_studio(prepared, stability_api_key="sk", stability_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("stable_audio",))
            shown = await studio.settled(handle)
            assert shown.status is SongStatus.COMPLETED, shown.blocked
            production = shown.stages[Stage.PRODUCTION]
            assert (production.provider, production.fallback_from, production.cost) == ("builtin", "stable_audio", "0")
            assert vendor.spent == 0


async def test_an_answer_that_was_lost_blocks_the_song_until_somebody_decides(open_studio, prepared) -> None:
    with StabilityServer(key="sk") as vendor:
        from tests.providers.servers.base import Fault

        vendor.fail_next(Fault.lost())
        async with open_studio(prepared, stability_api_key="sk", stability_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("stable_audio",))
            shown = await studio.settled(handle)
            assert shown.status is SongStatus.BLOCKED
            assert shown.blocked.code == "outcome_unknown"
            assert "may have accepted" in shown.blocked.reason
            async with studio.runtime.database.session() as session:
                spent = await spend(session, composition_id=shown.composition_id)
            assert (spent.settled, spent.reserved) == (0, vendor.spent)
            answer = await handle.execute_update("retry", {})
            assert "twice" in answer["message"]
            shown = await studio.settled(handle)
            assert shown.status is SongStatus.COMPLETED, shown.blocked
            assert len(vendor.charges) == 2
