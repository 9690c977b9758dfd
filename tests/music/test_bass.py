import numpy as np
import pytest

from domain.score import Note, SectionKind
from music.critic import bass_merit
from music.grooves import KICK
from music.theory import parse_chord
from tests.music.material import bass, harmony, rhythm

K = SectionKind


def test_the_merit_prefers_the_kick_and_small_moves() -> None:
    kicks = [[0.0, 2.0]]
    on = [Note(pitch=36, start=float(2 * i), duration=1) for i in range(8)]
    off = [n.model_copy(update={"start": n.start + 0.5}) for n in on]
    wild = [n.model_copy(update={"pitch": 30 + 14 * (i % 2)}) for i, n in enumerate(on)]
    assert bass_merit(on, kicks, 4) == pytest.approx(1.0)
    assert bass_merit(off, kicks, 4) < bass_merit(on, kicks, 4)
    assert bass_merit(wild, kicks, 4) < bass_merit(on, kicks, 4)
    assert bass_merit([], kicks, 4) == 0


@pytest.mark.parametrize("genre", ["pop", "soul", "funk", "hip_hop", "rnb"])
def test_more_candidates_lock_no_worse(genre: str) -> None:
    h, r = harmony(genre), rhythm(genre)
    groove = r.at(2)
    kicks = [
        [hit.start - i * 4 for hit in groove.hits if hit.pitch == KICK and i * 4 <= hit.start < i * 4 + 4]
        for i in range(groove.bars)
    ]
    few, many = (bass(h, r, genre, candidates=c).of(K.CHORUS).notes for c in (1, 6))
    assert bass_merit(many, kicks, 4) >= bass_merit(few, kicks, 4) - 1e-9


def test_the_bass_says_where_home_is() -> None:
    h, r = harmony(), rhythm()
    notes = bass(h, r, wish={"style": "root"}).of(K.CHORUS).notes
    downbeats = [n for n in notes if n.start % 4 == 0]
    home = [n.velocity for n in downbeats if n.pitch % 12 == 5]
    away = [n.velocity for n in downbeats if n.pitch % 12 != 5]
    assert home
    assert away
    assert min(home) > max(away)


def test_walking_lines_approach_the_next_chord() -> None:
    h, r = harmony("swing"), rhythm("swing")
    line = bass(h, r, "swing", wish={"style": "walking"}).of(K.CHORUS)
    chords = h.of(K.CHORUS).chords
    near = []
    for chord in chords[1:]:
        before = [n for n in line.notes if n.start < chord.start - 1e-6][-1]
        first = next((n for n in line.notes if abs(n.start - chord.start) < 1e-6), None)
        if first is not None:
            assert first.pitch % 12 == parse_chord(chord.symbol).bass
            near.append(1 <= abs(first.pitch - before.pitch) <= 2)
    assert np.mean(near) > 0.5


def test_takes_and_named_sections_have_lines_of_their_own() -> None:
    h, r = harmony("funk"), rhythm("funk")
    plain, again = bass(h, r, "funk"), bass(h, r, "funk", takes={"bridge": 2, "verse 2": 3})
    named = {s.name: s for s in again.sections if s.name}
    assert set(named) == {"bridge", "verse 2"}
    assert tuple(s for s in again.sections if s.name is None) == plain.sections
    assert named["bridge"].notes != plain.of(K.BRIDGE).notes
