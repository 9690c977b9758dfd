"""Orders in words: one line of style, lyrics by section, lengths."""

import pytest

from domain.providers import Task
from providers.orders import MusicOrder, PlannedSection
from providers.wording import length_s, lyrics_text, planned_sections, shortened, style_line, style_words

LYRICS = "[Verse 1]\nfirst line\nsecond line\n\n[Chorus]\nhook\n"


def order(**changes: object) -> MusicOrder:
    return MusicOrder.model_validate({"task": Task.FULL_SONG, "title": "T", "style": "dream pop"} | changes)


def test_nothing_is_said_twice() -> None:
    asked = order(style="Dream pop, 92 bpm, instrumental.", bpm=92, key="A minor")
    assert style_line(asked, 200) == "Dream pop, 92 bpm, instrumental, A minor"
    assert style_words(asked) == ("Dream pop", "92 bpm", "instrumental", "A minor")


def test_the_voice_is_named_when_it_sings() -> None:
    assert style_line(order(instrumental=False, vocal_gender="female"), 200) == "dream pop, female vocal"


@pytest.mark.parametrize(
    ("longest", "text"), [(20, "warm tape, dusty"), (17, "warm tape, dusty"), (4, "warm"), (3, "war")]
)
def test_a_cut_falls_between_words(longest: int, text: str) -> None:
    assert shortened("warm tape, dusty, slow", longest) == text
    assert shortened("short", 20) == "short"


def test_lyrics_come_from_the_sections_when_there_is_no_text() -> None:
    sections = (
        PlannedSection(name="intro", duration_s=5),
        PlannedSection(name="verse", duration_s=20, lyrics=("one", "two")),
        PlannedSection(name="pre_chorus", duration_s=10, lyrics=("three",)),
    )
    assert lyrics_text(order(sections=sections)) == "[Verse]\none\ntwo\n\n[Pre chorus]\nthree"
    assert lyrics_text(order(sections=sections, lyrics=LYRICS)) == LYRICS.strip()


def test_sections_follow_from_lyrics_alone() -> None:
    first, second = planned_sections(order(lyrics=LYRICS, instrumental=False, duration_s=90))
    assert (first.name, first.lyrics, first.duration_s) == ("verse 1", ("first line", "second line"), 60)
    assert (second.name, second.lyrics, second.duration_s) == ("chorus", ("hook",), 30)
    assert planned_sections(order(lyrics=LYRICS)) == ()


def test_sections_without_words_give_way_to_lyrics() -> None:
    bare = (PlannedSection(name="a", duration_s=30), PlannedSection(name="b", duration_s=60))
    assert planned_sections(order(sections=bare)) == bare
    sung = planned_sections(order(sections=bare, lyrics="no tag\n[Outro]\n", instrumental=False))
    assert [(one.name, one.duration_s) for one in sung] == [("verse", 45), ("outro", 45)]


def test_lengths() -> None:
    bare = (PlannedSection(name="a", duration_s=30), PlannedSection(name="b", duration_s=60))
    assert length_s(order(sections=bare, duration_s=10)) == 10
    assert length_s(order(sections=bare)) == 90
    assert length_s(order()) == 120
