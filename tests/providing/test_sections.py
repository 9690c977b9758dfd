"""One section of a provider's song anew, and a song in its stems: only who made it is asked."""

from domain.stages import SongStatus, Stage
from tests.providers.servers.elevenlabs import ElevenLabsServer
from tests.providers.servers.mureka import Mureka

PROMPT = "pop song in C major at 120 bpm, 60 seconds"


async def test_a_section_is_made_anew_by_who_made_the_song(open_studio) -> None:
    with Mureka(key="mk") as vendor:
        vendor.audio_seconds = 60.0
        async with open_studio(mureka_api_key="mk", mureka_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("mureka",), review=("production",))
            shown = await studio.settled(handle)
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.PRODUCTION), shown.blocked
            assert [charge.operation for charge in vendor.charges] == ["instrumental/generate"]
            await handle.execute_update("revise", {"instruction": "regenerate only the chorus"})
            again = await studio.settled(handle, until=lambda s: s.stages[Stage.PRODUCTION].revision == 2)
            assert again.stages[Stage.PRODUCTION].provider == "mureka"
            assert [charge.operation for charge in vendor.charges][1:] == ["song/region-edit"]
            edit = vendor.accepted[-1]
            assert 0 < edit["edit_start"] < edit["edit_end"] < 60_000


async def test_a_song_in_its_stems(open_studio) -> None:
    with ElevenLabsServer(key="xi") as vendor:
        vendor.audio_seconds = 60.0
        async with open_studio(elevenlabs_api_key="xi", elevenlabs_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("elevenlabs",), review=("mixing",), stems=True)
            shown = await studio.settled(handle)
            assert (shown.status, shown.stage) == (SongStatus.WAITING, Stage.MIXING), shown.blocked
            stems = [name for name in shown.stages[Stage.MIXING].artifacts if name.startswith("mixed:")]
            assert "mixed:full_mix" not in stems
            assert len(stems) > 1
