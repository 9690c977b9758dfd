import pytest

from music.chordchart import chord_chart
from music.composing import compose


@pytest.mark.parametrize(("metre", "quarters"), [("6/8", 174.0), ("12/8", 174.0), ("3/4", 116.0), ("7/8", 116.0)])
def test_a_tempo_counts_the_beats_of_the_metre(metre: str, quarters: float) -> None:
    """In 6/8 a musician counts dotted quarters: a jig at 116 has 116 of them a minute."""
    made = compose(f"a lively dance in {metre}, 116 bpm, 60 seconds")
    assert made.context.musical.tempo == 116.0
    assert made.score.tempo[0].bpm == pytest.approx(quarters)
    assert made.performance.music_end_s == pytest.approx(60, abs=6)
    assert "116 bpm" in chord_chart(made.score)


def test_a_section_s_own_tempo_counts_them_too() -> None:
    made = compose("a jig in 6/8, 110 bpm, verse 8 bars, chorus 8 bars at 130 bpm")
    assert {change.bpm for change in made.score.tempo} >= {165.0, 195.0}
