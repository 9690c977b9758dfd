import numpy as np
import pytest

from domain.score import Note, Role
from music import drumming
from music.critic import groove_merit
from music.grooves import CRASH, GHOST_SQUARES, GHOSTED, GROOVES, HAT, KICK, SNARE
from music.material import Fill, Hit
from tests.music.material import rhythm
from tests.music.songs import song


def groove(genre: str, level: int = 1, bars: int = 8, seed: int = 0) -> list[Note]:
    made = rhythm(genre)
    return drumming.groove_notes(made.at(level), 0, bars, made.beats_per_bar, 1.0, np.random.default_rng(seed))


def test_a_groove_is_played_not_looped() -> None:
    notes = groove("pop")
    bars = [{(n.pitch, round(n.start % 4, 3)) for n in notes if i * 4 <= n.start < i * 4 + 4} for i in range(8)]
    assert len(set(map(frozenset, bars))) >= 3
    kept = set.intersection(*bars)
    assert (SNARE, 1.0) in kept
    assert (SNARE, 3.0) in kept
    assert groove("pop") == groove("pop")
    assert groove("pop", seed=1) != groove("pop")


def test_ghosts_fall_between_the_backbeats() -> None:
    for name in ("pop", "soul", "funk", "rnb", "gospel"):
        made = rhythm(name)
        snares = [(round(h.start * 4) % 32, h.velocity) for h in made.at(2).hits if h.pitch == SNARE]
        ghosts = [at for at, velocity in snares if velocity < 50]
        assert 0.2 <= len(ghosts) / len(snares) <= 0.75, name
        assert not {at % 16 for at in ghosts} & {4, 12}
    assert set(GROOVES) >= GHOSTED
    assert all(0 <= square < 32 for square in GHOST_SQUARES)
    assert all(h.velocity >= 50 for h in rhythm("techno").at(1).hits if h.pitch == SNARE)


def test_fills_take_the_end_and_lead_over() -> None:
    fill = Fill(beats=2, hits=(Hit(pitch=SNARE, start=0, velocity=90), Hit(pitch=SNARE, start=1.5, velocity=100)))
    filled = drumming.with_fill(groove("rock", bars=2), fill, 8, 1.0)
    late = [n for n in filled if n.start >= 6]
    assert [(n.pitch, n.start) for n in late] == [(SNARE, 6), (SNARE, 7.5)]
    assert drumming.pick_fill(rhythm(), 1.0, np.random.default_rng(0)).beats == 1  # type: ignore[union-attr]
    roll = drumming.build_roll(0, 8, 1.0)
    steps = np.diff([n.start for n in roll])
    assert steps[0] > steps[-1]
    assert roll[0].velocity < roll[-1].velocity


@pytest.mark.parametrize("metre", ["3/4", "6/8", "5/4", "7/8", "2/4"])
@pytest.mark.parametrize("genre", ["rock", "swing", "house", "folk"])
def test_every_metre_has_its_downbeat(metre: str, genre: str) -> None:
    made = rhythm(genre, time_signature=metre)
    low = {KICK, 41, 61, 64}
    for level in (1, 2):
        hits = made.at(level).hits
        assert all(h.start < made.at(level).bars * made.beats_per_bar for h in hits)
        ones = [h for h in hits if h.start % made.beats_per_bar < 1e-6]
        assert any(h.pitch in low for h in ones)


def test_slow_songs_keep_their_pulse() -> None:
    slow, usual = rhythm("metal", tempo=66.0), rhythm("metal", tempo=150.0)
    for level in (1, 2):
        assert len(slow.at(level).hits) < len(usual.at(level).hits)
        assert all(h.start % 1 == 0 for h in slow.at(level).hits if h.pitch == HAT)


def test_slow_compound_songs_keep_their_dotted_pulse() -> None:
    slow = rhythm("soul", tempo=66.0, time_signature="6/8")
    for level in range(4):
        assert {h.start % 3 for h in slow.at(level).hits} <= {0.0, 1.5}
        assert {0.0, 1.5} >= {s.start for s in slow.comping[level].strokes}
    assert any(h.start % 1.5 for h in rhythm("soul", tempo=100.0, time_signature="6/8").at(2).hits)


def test_the_best_of_several_grooves_is_kept() -> None:
    for genre in ("soul", "pop", "afrobeat"):
        one, many = rhythm(genre, candidates=1), rhythm(genre, candidates=6)
        assert groove_merit(many) >= groove_merit(one)
        assert rhythm(genre, candidates=6) == many


def test_arrivals_are_marked() -> None:
    made = song("rock song, 130 bpm, two minutes")
    drums = next(p for p in made.score.parts if p.role is Role.DRUMS)
    crashes = {round(n.start, 3) for n in drums.notes if n.pitch == CRASH}
    choruses = [s.start_bar * 4 for s in made.score.sections if s.kind.value == "chorus" and s.start_bar]
    assert choruses
    assert np.mean([float(at) in crashes for at in choruses]) >= 0.5
