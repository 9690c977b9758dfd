"""Players that rest in some sections of a song stay in the song."""

import pytest

from music.composing import compose
from tests.music.prompts import found, read, sections

# Prompt -> section -> parts that rest there.
RESTS = [
    ("pop, no drums in the verse", {"verse": ["drums"]}),
    ("verse without drums, chorus with drums", {"verse": ["drums"]}),
    ("verse with no drums, chorus, bridge, chorus", {"verse": ["drums"]}),
    ("no guitar in the intro, rock", {"intro": ["guitar", "lead"]}),
    ("pop, no bass or drums in the intro and outro", {"intro": ["drums", "bass"], "outro": ["drums", "bass"]}),
    ("pop, no drums in the first 8 bars", {"intro": ["drums"]}),
    ("pop, no drums at the end", {"outro": ["drums"]}),
    ("pop with a drumless verse", {"verse": ["drums"]}), ("pop with no intro drums", {"intro": ["drums"]}),
    ("pop in 4/4, verse, chorus, verse, no drums until the chorus", {"verse 1": ["drums"]}),
    ("pop, verse, chorus, verse, drums come in at the second verse", {"verse 1": ["drums"], "chorus": ["drums"]}),
    ("pop, verse, chorus, bridge, drums only in the chorus", {"verse": ["drums"], "bridge": ["drums"]}),
    ("pop, verse, chorus, bridge, no drums except in the chorus", {"verse": ["drums"], "bridge": ["drums"]}),
    ("pop, verse, chorus, bridge, drums in the chorus only", {"verse": ["drums"], "bridge": ["drums"]}),
    ("rock, sin batería en el estribillo", {"chorus": ["drums"]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "asked"), RESTS)
def test_who_rests_where(text: str, asked: dict[str, list[str]]) -> None:
    understood = read(text)
    assert {name: shape["mute"] for name, shape in found(understood, "sections").items()} == asked
    assert not found(understood, "creative.constraints")
    assert len(found(understood, "instruments")) > 3
    assert {name.split()[0] for name in asked} <= {name for name, _ in sections(understood)}


@pytest.mark.parametrize("text", ["pop, only piano in the intro", "pop with piano, intro with just piano"])
def test_everybody_else_rests(text: str) -> None:
    understood = read(text)
    assert "grand_piano" in found(understood, "instruments")
    assert {"drums", "bass"} <= set(found(understood, "sections")["intro"]["mute"])
    assert "keys" not in found(understood, "sections")["intro"]["mute"]


@pytest.mark.parametrize("text", ["rock without drums", "pop, no drums, verse 8 bars, chorus 8 bars"])
def test_without_a_section_they_leave_the_song(text: str) -> None:
    assert found(read(text), "creative.constraints") == {"no_drums": True}


def test_who_is_not_in_the_band_is_told() -> None:
    understood = read("punk, no harp in the bridge")
    assert not found(understood, "sections")
    assert any("nobody in the band plays harp" in step.text for step in understood.reasoning)


def test_a_part_that_rests_is_silent_there_and_plays_elsewhere() -> None:
    song = compose("pop, no drums in the verse, 80 seconds", seed=2, candidates=1)
    drums = next(part for part in song.score.parts if part.id == "drums")
    spans = {"verse": False, "chorus": False}
    for section in song.score.sections:
        inside = any(
            section.start_bar * 4 <= note.start < (section.start_bar + section.bars) * 4 - 1 for note in drums.notes
        )
        kind = section.kind.value
        if kind in spans:
            spans[kind] = spans[kind] or inside
    assert spans == {"verse": False, "chorus": True}
