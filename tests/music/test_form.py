import pytest

from domain.errors import InvalidValue
from domain.score import SectionKind
from music.form import plan_form
from music.material import TAIL_S, Form

K = SectionKind


def form(**changes: object) -> Form:
    options = {
        "genre": ["pop"], "tempo": 110.0, "time_signature": "4/4", "duration": 150.0, "structure": [], "energies": {},
        "exact": False, "seed": 1, **changes,
    }  # fmt: skip
    return plan_form(**options)  # type: ignore[arg-type]


def seconds(of: Form) -> float:
    end = of.bars * of.beats_per_bar
    stops = [*(c.start for c in of.tempo[1:]), end]
    return sum((stop - c.start) * 60 / c.bpm for c, stop in zip(of.tempo, stops, strict=True)) + TAIL_S


def test_the_tempo_map_lasts_as_long_as_the_form_says() -> None:
    for changes in ({}, {"exact": True}, {"tempos": {"chorus": 140.0}}, {"genre": ["jazz_ballad"], "tempo": 64.0}):
        made = form(**changes)
        assert made.tempo[0].start == 0
        assert seconds(made) == pytest.approx(made.duration_s, abs=1e-6)


def test_played_songs_broaden_at_the_end_and_loops_do_not() -> None:
    ballad = form(genre=["jazz_ballad"], tempo=64.0)
    assert [c.bpm for c in ballad.tempo] == sorted((c.bpm for c in ballad.tempo), reverse=True)
    assert ballad.tempo[-1].bpm < 0.9 * 64
    assert ballad.tempo[1].start >= (ballad.bars - 2) * 4
    for steady in ("house", "lo_fi", "chiptune"):
        assert len(form(genre=[steady]).tempo) == 1


def test_sections_have_tempos_of_their_own() -> None:
    made = form(tempos={"chorus": 140.0})
    at = {s.name: s for s in made.sections}
    for section in made.sections[:-1]:
        bpm = next(c.bpm for c in reversed(made.tempo) if c.start <= section.start_bar * 4)
        assert bpm == (140.0 if section.kind is K.CHORUS else 110.0), section.name
    assert at
    assert abs(made.duration_s - 150) <= 4 * 60 / 110
    with pytest.raises(InvalidValue, match="no section 'coda 9'"):
        form(tempos={"coda 9": 100.0})


@pytest.mark.parametrize(("period", "homes"), [(4, {0}), (4, {2}), (3, {2}), (8, {0, 5}), (5, {4})])
def test_a_list_of_chords_ends_on_its_tonic(period: int, homes: set[int]) -> None:
    for duration in (40.0, 61.0, 97.0, 180.0):
        made = form(homes=(period, frozenset(homes)), duration=duration)
        assert (made.sections[-1].bars - 1) % period in homes
        assert abs(made.duration_s - duration) <= 4 * 60 / 110


def test_an_exact_duration_is_met_with_a_ritardando_of_the_last_bar() -> None:
    made = form(exact=True, duration=77.7)
    assert made.duration_s == pytest.approx(77.7, abs=1e-6)
    assert made.tempo[-1].start == (made.bars - 1) * 4


def test_given_sections_keep_names_and_bars() -> None:
    structure = [
        {"name": "verse", "duration": 8, "unit": "bars"}, {"name": "chorus", "duration": 8, "unit": "bars"},
        {"name": "verse", "duration": 8, "unit": "bars"}, {"name": "bridge", "duration": 6, "unit": "bars"},
    ]  # fmt: skip
    made = form(structure=structure, duration=None)
    assert [(s.name, s.bars) for s in made.sections] == [("verse 1", 8), ("chorus", 8), ("verse 2", 8), ("bridge", 6)]


def test_energy_rises_to_the_last_chorus() -> None:
    for seed in range(8):
        sections = form(seed=seed, duration=210.0).sections
        choruses = [s.energy for s in sections if s.kind is K.CHORUS]
        assert choruses == sorted(choruses)
        assert max(s.energy for s in sections) == choruses[-1]
