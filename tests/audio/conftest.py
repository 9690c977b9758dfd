from collections.abc import Mapping

import pytest

from audio.mixing import Mix, mix, plan_mix
from audio.rate import Array
from audio.render import render_part
from audio.sound_set import SoundSet, find_sound_set
from domain.score import PerformedPart
from tests.audio.songs import song


@pytest.fixture(scope="session")
def sound_set() -> SoundSet:
    return find_sound_set()


def rendered(parts: list[PerformedPart], sound_set: SoundSet) -> dict[str, Array]:
    return {p.id: render_part(p, sound_set=sound_set, seed=1) for p in parts}


@pytest.fixture(scope="session")
def house_parts() -> list[PerformedPart]:
    return song(6, "house")


@pytest.fixture(scope="session")
def house_stems(house_parts: list[PerformedPart], sound_set: SoundSet) -> Mapping[str, Array]:
    return rendered(house_parts, sound_set)


@pytest.fixture(scope="session")
def house_mix(house_parts: list[PerformedPart], house_stems: Mapping[str, Array]) -> Mix:
    plan = plan_mix(house_parts, genre=("house",), channels=2, preferences={})
    return mix(house_stems, house_parts, plan, seed=1)


@pytest.fixture(scope="session")
def rock_mix(sound_set: SoundSet) -> Array:
    parts = song(4, "rock")
    plan = plan_mix(parts, genre=("rock",), channels=2, preferences={})
    return mix(rendered(parts, sound_set), parts, plan, seed=1).mix
