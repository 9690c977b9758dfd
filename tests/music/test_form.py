import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def entries(*names: str, bars: float = 8, unit: str = "bars") -> list[dict[str, object]]:
    return [{"name": name, "duration": bars, "unit": unit} for name in names]


@pytest.mark.parametrize(
    ("names", "unique"),
    [(["verse", "verse 1", "chorus", "chorus", "chorus 1"], ["verse 2", "verse 1", "chorus 2", "chorus 3", "chorus 1"]),
     (["x" * 64, "x" * 64], ["x" * 62 + " 1", "x" * 62 + " 2"]),
     (["y" * 62 + "aa", "y" * 62 + "aa", "y" * 62 + "bb", "y" * 62 + "bb"], ["y" * 62 + f" {i}" for i in (1, 2, 3, 4)]),
     (["Chorus", "chorus"], ["Chorus 1", "chorus 2"]), (["verse", "Coda"], ["verse 1", "Coda"])],
)  # fmt: skip
def test_section_names_are_unique(names: list[str], unique: list[str]) -> None:
    assert [s.name for s in form(structure=entries(*names), duration=None).sections] == unique


@settings(max_examples=200, deadline=None)
@given(
    tempo=st.floats(20, 400),
    duration=st.floats(20, 900),
    metre=st.sampled_from(["4/4", "3/4", "7/8", "16/2"]),
    genre=st.sampled_from(["pop", "house", "blues", "jazz_ballad"]),
)
def test_an_exact_duration_is_exact_at_every_tempo(tempo: float, duration: float, metre: str, genre: str) -> None:
    made = form(tempo=tempo, duration=duration, time_signature=metre, genre=[genre], exact=True)
    assert seconds(made) == pytest.approx(duration, abs=0.001)
    assert made.duration_s == pytest.approx(duration, abs=0.001)
    assert all(20 <= change.bpm <= 400 for change in made.tempo)
    assert [change.start for change in made.tempo if change.bpm != tempo] in (
        [], [(made.bars - 1) * made.beats_per_bar], [(made.bars - 2) * made.beats_per_bar], [0.0],
    )  # fmt: skip


@pytest.mark.parametrize(("tempo", "duration"), [(20.0, 900.0), (25.0, 50.0), (20.0, 26.6), (20.0, 20.0)])
def test_a_slow_song_hurries_its_last_bar_to_be_exact(tempo: float, duration: float) -> None:
    made = form(tempo=tempo, duration=duration, exact=True)
    assert made.duration_s == pytest.approx(duration, abs=0.001)
    assert made.tempo[-1].bpm > tempo


def test_an_exact_duration_counts_the_tempos_of_sections() -> None:
    for tempos in ({"chorus": 140.0}, {"chorus": 60.0}, {"last section": 30.0}):
        made = form(tempos=tempos, duration=150.0, exact=True)
        assert seconds(made) == pytest.approx(150.0, abs=0.001)


@pytest.mark.parametrize(
    ("structure", "duration", "lasts"),
    [(entries("verse", "chorus"), 200.0, "37.4"), (entries("verse", bars=64), 60.0, "142.1")],
)  # fmt: skip
def test_an_exact_duration_that_the_structure_cannot_last_is_refused(
    structure: list[dict[str, object]], duration: float, lasts: str
) -> None:
    with pytest.raises(InvalidValue, match=rf"last {lasts} s .* exactly {duration:g} s"):
        form(structure=structure, duration=duration, exact=True)


def test_a_structure_is_held_to_an_exact_duration_near_its_own() -> None:
    made = form(structure=entries("verse", "chorus"), duration=39.0, exact=True)
    assert made.bars == 16
    assert seconds(made) == pytest.approx(39.0, abs=1e-6)


def test_a_section_in_seconds_lasts_them_at_its_own_tempo() -> None:
    structure = entries("verse", "chorus", bars=20, unit="seconds")
    made = form(structure=structure, duration=None, tempo=120.0, tempos={"chorus": 60.0}, genre=["house"])
    assert [s.bars for s in made.sections] == [10, 5]
    assert made.duration_s == pytest.approx(40 + TAIL_S)
