import numpy as np
import pytest

from domain.score import Chord, Role
from music import comping
from music.comping import Voiced
from music.grooves import COMPING, FIGURATIONS
from music.material import Stroke
from music.theory import parse_chord
from tests.music.material import rhythm
from tests.music.songs import song

VOICED = [
    Voiced(Chord(start=4.0 * i, duration=4, symbol=s), notes)
    for i, (s, notes) in enumerate(
        [("C", (60, 64, 67)), ("Am", (60, 64, 69)), ("F", (60, 65, 69)), ("G", (59, 62, 67))]
    )
]
STROKES = (
    Stroke(start=0, duration=0.9, accent=1.0), Stroke(start=1, duration=0.9, accent=0.6),
    Stroke(start=2, duration=0.9, accent=0.8), Stroke(start=3, duration=0.9, accent=0.6),
)  # fmt: skip


def test_comping_stays_on_its_chords_and_in_its_bars() -> None:
    notes = comping.comped(VOICED, STROKES, 0, 4, 4, 1.0, np.random.default_rng(0))
    assert all(0 <= n.start < 16 and n.start + n.duration <= 16 + 1e-6 for n in notes)
    for note in notes:
        now = [v for v in VOICED if v.chord.start - 0.31 <= note.start < v.end]
        assert any(note.pitch in v.notes for v in now)


def test_it_is_played_rather_than_looped() -> None:
    notes = comping.comped(VOICED, STROKES, 0, 4, 4, 1.0, np.random.default_rng(3))
    bars = {tuple(sorted({round(n.start % 4, 2) for n in notes if i * 4 <= n.start < i * 4 + 4})) for i in range(4)}
    assert len(bars) >= 2
    assert comping.comped(VOICED, STROKES, 0, 4, 4, 1.0, np.random.default_rng(3)) == notes


def test_held_chords_tie_what_stays() -> None:
    notes = comping.held(VOICED[:2], 1.0)
    assert {n.pitch: round(n.start + n.duration) for n in notes if n.pitch in (60, 64)} == {60: 8, 64: 8}
    assert len([n for n in notes if n.pitch == 60]) == 1


def test_power_chords_have_a_third_only_when_it_was_asked_for() -> None:
    plain = comping.power(VOICED, 40, thirds=False)
    asked = comping.power(VOICED, 40, thirds=True)
    for item, full in zip(plain, asked, strict=True):
        root = parse_chord(item.chord.symbol).root
        assert {(n - root) % 12 for n in item.notes} == {0, 7}
        assert {(n - root) % 12 for n in full.notes} in ({0, 4, 7}, {0, 3, 7})


def test_a_player_without_a_bass_has_a_left_hand() -> None:
    low = comping.with_root(VOICED, 36, 52)
    assert all(v.notes[0] % 12 == parse_chord(v.chord.symbol).bass and v.notes[0] <= 52 for v in low)


def test_stabs_answer_in_every_second_bar() -> None:
    notes = comping.stabs(VOICED, 0, 4, 4, 1.0, np.random.default_rng(0))
    assert {int(n.start // 4) for n in notes} == {1, 3}


@pytest.mark.parametrize("metre", ["4/4", "3/4", "6/8", "7/8"])
def test_broken_chords_fit_every_metre(metre: str) -> None:
    made = rhythm("pop", time_signature=metre)
    assert made.figuration
    assert all(s.start + s.duration <= made.beats_per_bar + 1e-6 and s.voice >= 1 for s in made.figuration)
    assert not rhythm("techno").figuration
    assert set(FIGURATIONS) <= set(COMPING)
    assert all(len(line) == 16 for lines in FIGURATIONS.values() for line in lines)


def test_accompanists_do_not_all_do_the_same() -> None:
    made = song("pop song with piano and clean guitar, two minutes")
    chorus = next(s for s in made.score.sections if s.kind.value == "chorus")
    begin, end = chorus.start_bar * 4, (chorus.start_bar + chorus.bars) * 4
    onsets = [
        frozenset(round(n.start, 2) for n in p.notes if begin <= n.start < end)
        for p in made.score.parts
        if p.role in (Role.KEYS, Role.GUITAR, Role.PAD)
    ]
    assert len(onsets) >= 2
    assert len(set(onsets)) == len(onsets)


def test_busy_patterns_get_holes_and_keep_their_length() -> None:
    busy = tuple(Stroke(start=i / 2, duration=0.4, accent=1.0 if i % 4 == 0 else 0.6) for i in range(8))
    notes = comping.comped(VOICED, busy, 0, 4, 4, 1.0, np.random.default_rng(2))
    bars = [{round(n.start % 4, 2) for n in notes if i * 4 <= n.start < i * 4 + 4} for i in range(4)]
    assert any(len(bar) < 8 for bar in bars)
    assert all({0.0, 2.0} <= bar for bar in bars[:3])


def test_a_chord_that_the_pattern_would_miss_is_struck() -> None:
    voiced = [
        Voiced(Chord(start=0, duration=2.5, symbol="C"), (60, 64, 67)),
        Voiced(Chord(start=2.5, duration=1.5, symbol="F"), (60, 65, 69)),
    ]
    notes = comping.comped(voiced, STROKES[:1], 0, 1, 4, 1.0, np.random.default_rng(0))
    assert {n.pitch for n in notes if n.start == 2.5} == {60, 65, 69}
