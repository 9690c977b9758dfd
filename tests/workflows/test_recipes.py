"""Recipes on their own: which steps a stage calls, with which inputs, also where it began before they existed."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from domain.settings import SongSettings
from domain.stages import Stage
from workflows.recipes import PROVIDERS, RECIPES

SETTINGS = {**SongSettings().model_dump(mode="json"), "format": "wav", "title": "Rain"}
FACTS: dict[str, Any] = {"created_at": "2026-01-01T00:00:00+00:00", "stages": [], "results": []}


class Result:
    decisions = None


class Recorded:
    """Stands where the workflow's StageRun stands; every step takes a moment, so that parallel ones are seen."""

    def __init__(self, *, new: bool) -> None:
        self.new = new
        self.settings, self.facts = SETTINGS, FACTS
        self.begun: list[str] = []
        self.over: list[str] = []
        self.inputs: dict[str, tuple[str, ...]] = {}
        self.asked: list[str] = []

    def knows(self, change: str) -> bool:
        self.asked.append(change)
        return self.new

    async def step(self, name: str, *inputs: str, label: str = "", **_: Any) -> Result:
        called = f"{name} {label}".strip()
        self.begun.append(called)
        self.inputs[called] = inputs
        await asyncio.sleep(0.001)
        self.over.append(called)
        return Result()


def finalized(*, new: bool) -> Recorded:
    run = Recorded(new=new)
    asyncio.run(RECIPES[Stage.FINALIZATION](run))  # type: ignore[arg-type]
    return run


def test_a_song_that_began_to_finish_earlier_ends_with_the_steps_it_began_with() -> None:
    run = finalized(new=False)
    assert run.begun == ["engrave", "encode flac", "encode mp3", "verify", "report"]
    assert run.asked == ["pictures", "listening beside encoders"]


@pytest.mark.parametrize("step", ["cover", "pictures", "index"])
def test_a_new_song_is_drawn_and_gets_a_page(step: str) -> None:
    assert finalized(new=True).begun.count(step) == 1


def test_pictures_are_drawn_while_files_are_encoded_and_the_page_comes_last() -> None:
    run = finalized(new=True)
    assert run.begun.index("pictures") < run.begun.index("verify")
    assert set(run.begun[:6]) == {"engrave", "pictures", "cover", "encode flac", "encode mp3", "listen"}
    assert run.begun.index("encode mp3") < min(run.begun.index(name) for name in ("encode flac", "listen", "pictures"))
    assert {"cover", "pictures", "encode flac", "encode mp3"} <= set(run.over[: run.over.index("verify")])
    assert run.begun[-2:] == ["report", "index"]


def test_what_carries_the_cover_waits_for_it_and_the_report_lists_every_picture() -> None:
    run = finalized(new=True)
    waiting = [name for name, inputs in run.inputs.items() if "cover" in inputs]
    assert {"tag", "report"} <= set(waiting)
    begun, over = run.begun, run.over
    assert begun.index("tag") > begun.index("cover")
    assert over.index("tag") > over.index("cover")
    drawn = {"cover", "waveform_png", "spectrogram_png", "loudness_png", "peaks", "peaks_float", "provenance"}
    assert drawn <= set(run.inputs["report"])


class Played(Recorded):
    """A band of three whose parts sound for so many seconds."""

    def __init__(self) -> None:
        super().__init__(new=True)
        self.places: dict[str, tuple[int, int]] = {}

    def knows(self, change: str) -> bool:
        return change != PROVIDERS

    async def step(self, name: str, *inputs: str, label: str = "", **rest: Any) -> Any:
        await super().step(name, *inputs, label=label)
        self.places[label] = rest.get("position", (0, 0))
        seconds = {"part:bass": 20.0, "part:drums": 5.0, "part:keys": 90.0} if name == "perform" else {}
        parts = {part: SimpleNamespace(metadata={"sounding_s": value}) for part, value in seconds.items()}
        return SimpleNamespace(decisions=None, outputs=parts)


def test_rendering_tells_which_part_of_how_many_it_is() -> None:
    run = Played()
    asyncio.run(RECIPES[Stage.PRODUCTION](run))  # type: ignore[arg-type]
    assert run.places == {"": (0, 0), "keys": (1, 3), "bass": (2, 3), "drums": (3, 3)}
