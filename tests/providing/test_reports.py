"""The report of a song that a provider has recorded: whose sound it is, and what it is not judged by."""

from decimal import Decimal

from domain.stages import SongStatus, Stage
from tests.providers.servers.stability import StabilityServer

PROMPT = "calm lo-fi with rhodes in F minor at 80 bpm, 20 seconds"


async def test_a_recording_is_not_judged_by_the_plan_and_its_notes_are_called_so(open_studio) -> None:
    with StabilityServer(key="sk") as vendor:
        async with open_studio(stability_api_key="sk", stability_base_url=vendor.url) as studio:
            handle = await studio.start(PROMPT, providers_preferred=("stable_audio",))
            shown = await studio.settled(handle)
            assert shown.status is SongStatus.COMPLETED, shown.blocked
            made = shown.stages[Stage.FINALIZATION].artifacts
            report = await studio.runtime.store.aget_json(made["report_json"])
            page = (await studio.runtime.store.aget(made["report_html"])).decode()
    assert report["engine"] == "providers"
    assert report["vocals"] == "none: stable_audio was asked for an instrumental"
    entry = next(entry for entry in report["providers"] if entry["stage"] == "production")
    assert (entry["provider"], entry["task"], entry["tried"]) == ("stable_audio", "instrumental", [])
    assert entry["reasons"]
    production = next(stage for stage in report["stages"] if stage["name"] == "production")
    assert production["provider"] == "stable_audio"
    assert Decimal(production["cost"]) == Decimal(report["cost"]) == Decimal(entry["cost"]) == vendor.spent
    assert {check["name"] for check in report["checks"]} & {"duration", "tempo", "key"} == set()
    planned = [
        note for note in report["unchecked"] if note.endswith("a recording from elsewhere is not judged by the plan")
    ]
    assert [note.partition(":")[0] for note in planned] == ["duration", "tempo", "key"]
    assert planned[1].startswith("tempo: planned 80 bpm")
    assert str(round(report["measured"]["tempo_bpm"], 1)) in planned[1]
    assert planned[2].startswith("key: planned F minor, found ")
    plan = {file["path"] for file in report["files"] if file.get("plan")}
    assert {"song.mid", "song-quantised.mid", "song.musicxml", "leadsheet.musicxml", "score.svg"} <= plan
    assert not any(path.startswith("master") for path in plan)
    assert "Who was asked" in page
    assert "Paid to providers in all: 0.26." in page
