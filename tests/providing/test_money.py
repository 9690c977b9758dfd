"""What is paid for once stays paid for: killed workers, changed songs, new takes, and budgets that end."""

import asyncio
from contextlib import AsyncExitStack
from decimal import Decimal
from typing import Any

from domain.events import EventType
from domain.stages import SongStatus, Stage
from storage.records import TaskStatus
from storage.spending import spend
from tests.providers.servers.base import ContractServer, Fault, Pace
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.stability import StabilityServer
from tests.providers.servers.sunoapi import SunoApi
from tests.providing.test_callbacks import row_of, row_when
from tests.providing.test_songs import PROMPT, told


async def settled_money(studio: Any, shown: Any) -> tuple[Decimal, Decimal]:
    async with studio.runtime.database.session() as session:
        found = await spend(session, composition_id=shown.composition_id)
    return found.settled, found.reserved


def suno(server: ContractServer) -> dict[str, Any]:
    return {"suno_api_key": server.key, "suno_base_url": server.url, "unofficial_providers": True}


async def test_a_killed_worker_between_order_and_look_goes_on_with_the_same_job(open_studio, prepared) -> None:
    with SunoApi() as server:
        server.pace = Pace(polls=1000)
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(open_studio(prepared, **suno(server)))
            handle = await first.start(PROMPT, providers_preferred=("suno",), review=("production",))
            job = (await row_when(first, handle, TaskStatus.RUNNING)).provider_job_id
            first.handles.clear()
        assert len(server.charges) == 1
        server.pace = Pace(polls=0)
        async with open_studio(prepared, **suno(server)) as second:
            second.handles.append(handle)
            shown = await second.settled(handle)
            assert shown.status is SongStatus.WAITING, shown.blocked
            row = await row_of(second, handle)
            assert (row.status, row.provider_job_id, row.attempt) == (TaskStatus.SUCCEEDED, job, 1)
            assert len(server.charges) == 1
            assert await settled_money(second, shown) == (server.spent, 0)


async def test_what_changes_and_what_does_not_is_paid_accordingly(open_studio, prepared) -> None:
    with SunoApi() as server:
        server.pace = Pace(polls=1000)
        async with open_studio(prepared, **suno(server)) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("suno",), review=("production", "mastering"))
            await row_when(studio, handle, TaskStatus.RUNNING)
            # Nothing of the order changes while it runs: the song starts production anew and finds it.
            began = asyncio.get_running_loop().time()
            await handle.execute_update(
                "revise", {"stage": "production", "changes": {"technical.loudness_target": -15}}
            )
            await asyncio.sleep(1.0)
            server.pace = Pace(polls=0)
            shown = await studio.settled(handle)
            assert asyncio.get_running_loop().time() - began < 30
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.PRODUCTION), shown.blocked
            assert len(server.charges) == 1
            assert shown.stages[Stage.PRODUCTION].provider == "suno"
            await _mastered_quieter(studio, handle, server)
            await handle.execute_update("revise", {"stage": "production", "instruction": "regenerate"})
            shown = await studio.settled(handle)
            assert shown.stages[Stage.PRODUCTION].take == 2
            assert len(server.charges) == 2, "a new take is a new order"
            assert await settled_money(studio, shown) == (server.spent, 0)
            assert Decimal(shown.stages[Stage.PRODUCTION].cost) == server.spent


async def _mastered_quieter(studio: Any, handle: Any, server: ContractServer) -> None:
    await handle.execute_update("advance", {})
    shown = await studio.settled(handle)
    assert shown.stage is Stage.MASTERING
    await handle.execute_update("revise", {"changes": {"technical.loudness_target": -18}})
    shown = await studio.settled(handle)
    assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.MASTERING), shown.blocked
    assert len(server.charges) == 1, "another loudness is no other song"


async def test_an_order_that_is_being_placed_is_let_end_when_the_song_changes(open_studio, prepared) -> None:
    with SunoApi() as server:
        server.fail_next(Fault.slow(2.0), path="/api/v1/generate")
        server.pace = Pace(polls=1000)
        async with open_studio(prepared, **suno(server)) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("suno",), review=("arrangement", "production"))
            await studio.settled(handle)
            await handle.execute_update("advance", {})
            await row_when(studio, handle, TaskStatus.SUBMITTING)
            await asyncio.sleep(0.3)
            await handle.execute_update("advance", {"target": "arrangement"})
            shown = await studio.settled(handle, within_s=20)
            assert shown.stage is Stage.ARRANGEMENT, "it does not wait for the provider's song"
            await row_when(studio, handle, TaskStatus.RUNNING)
            await asyncio.sleep(1.0)
            assert (len(server.charges), await scheduled(handle, "await_provider")) == (1, 0)
            server.pace = Pace(polls=0)
            await handle.execute_update("advance", {})
            shown = await studio.settled(handle)
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.PRODUCTION), shown.blocked
            assert len(server.charges) == 1
            assert await settled_money(studio, shown) == (server.spent, 0)


async def test_budgets_end_at_the_next_provider_or_at_our_own_engine(open_studio, prepared) -> None:
    with ElevenLabsServer(key="xi") as eleven, StabilityServer(key="sk") as stability:
        both = {
            "elevenlabs_api_key": "xi", "elevenlabs_base_url": eleven.url,
            "stability_api_key": "sk", "stability_base_url": stability.url,
        }  # fmt: skip
        preferred = ("elevenlabs", "stable_audio")
        async with open_studio(prepared, **both, budget_provider_day=Decimal("0.27"), budget_owner_day=1) as studio:
            # 0.80 a minute is beyond what a provider may cost here in a day, 0.26 is not; a second song's is.
            first = await studio.start(PROMPT, providers_preferred=preferred, review=("production",))
            shown = await studio.settled(first)
            assert shown.stages[Stage.PRODUCTION].provider == "stable_audio"
            assert "its own budget leaves" in await reason(studio, first)
            second = await studio.start(PROMPT, providers_preferred=preferred, review=("production",))
            shown = await studio.settled(second)
            assert (shown.status, shown.stages[Stage.PRODUCTION].provider) == (SongStatus.WAITING, "builtin")
            assert (len(eleven.charges), len(stability.charges)) == (0, 1)
            third = await studio.start(PROMPT, providers_preferred=preferred, review=("production",), budget=0.1)
            shown = await studio.settled(third)
            assert shown.stages[Stage.PRODUCTION].provider == "builtin"
            assert await told(studio, third, EventType.PROVIDER_SELECTED) == []


async def test_what_one_owner_may_spend_in_a_day(open_studio, prepared) -> None:
    with StabilityServer(key="sk") as vendor:
        settings = {"stability_api_key": "sk", "stability_base_url": vendor.url, "budget_owner_day": Decimal("0.30")}
        async with open_studio(prepared, **settings) as studio:
            made = []
            for owner in ("ann", "ann", "bob"):
                handle = await studio.start(
                    PROMPT, providers_preferred=("stable_audio",), review=("production",), more={"owner": owner}
                )
                made.append((await studio.settled(handle)).stages[Stage.PRODUCTION].provider)
            assert made == ["stable_audio", "builtin", "stable_audio"]


async def test_a_provider_without_a_key_is_not_offered_and_says_why(open_studio, prepared) -> None:
    async with open_studio(prepared) as studio:
        handle = await studio.start(
            PROMPT, production="provider", providers_preferred=("elevenlabs",), review=("production",)
        )
        shown = await studio.settled(handle)
        assert (shown.status, shown.stages[Stage.PRODUCTION].provider) == (SongStatus.WAITING, "builtin")
        result = await studio.runtime.store.aget_json(shown.stages[Stage.PRODUCTION].result)
        refused = {one["provider"]: one["reason"] for one in result["provided"][0]["choice"]["refused"]}
        assert refused["elevenlabs"] == "it is not configured: no key: set ELEVENLABS_API_KEY"
        assert "unofficial gateway" in refused["suno"]
        only = {"production": "provider", "review": ("production",), "providers_forbidden": ("builtin",)}
        handle = await studio.start(PROMPT, enhancement={"enabled": False}, vocals=True, **only)
        shown = await studio.settled(handle)
        assert (shown.status, shown.blocked.code) == (SongStatus.BLOCKED, "no_provider")


async def scheduled(handle: Any, activity: str) -> int:
    """How many activities of that name the song has begun."""
    events = (await handle.fetch_history()).events
    return sum(event.activity_task_scheduled_event_attributes.activity_type.name == activity for event in events)


async def reason(studio: Any, handle: Any) -> str:
    events = await studio.events(handle)
    return next(event.payload["reason"] for event in events if event.type is EventType.PROVIDER_SELECTED)
