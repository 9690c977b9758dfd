from itertools import pairwise

import numpy as np

from domain.score import Chord, Note
from music.countermelody import counter_line, harmonised
from music.theory import chord_scale, parse_chord
from tests.music.songs import song

CHORDS = [Chord(start=4.0 * i, duration=4, symbol=s) for i, s in enumerate(["C", "Am", "F", "G7", "C"])]


def tune(*pitches: int, length: float = 1.0) -> list[Note]:
    return [Note(pitch=p, start=i * length, duration=length * 0.9) for i, p in enumerate(pitches)]


def test_it_stays_in_range_on_the_chords_and_alone() -> None:
    lead = tune(*([72, 74, 76, 74] * 5))
    line = counter_line(CHORDS, lead, "C", "major", 52, 68, 1.0)
    assert line
    assert all(52 <= n.pitch <= 68 for n in line)
    assert all(a.start + a.duration <= b.start + 1e-6 for a, b in pairwise(line))
    for note in line:
        chord = next(c for c in reversed(CHORDS) if c.start <= note.start)
        assert note.pitch % 12 in chord_scale(parse_chord(chord.symbol), "C", "major")


def test_it_answers_when_the_tune_rests() -> None:
    lead = [*tune(72, 74), *(n.model_copy(update={"start": n.start + 8}) for n in tune(76, 74))]
    line = counter_line(CHORDS[:4], lead, "C", "major", 52, 68, 1.0)
    silent = [n for n in line if not any(m.start <= n.start < m.start + m.duration for m in lead)]
    assert len(silent) >= 6
    busy = counter_line(CHORDS[:4], tune(*([72, 74, 76, 77] * 4)), "C", "major", 52, 68, 1.0)
    assert len(busy) < len(line)


def test_it_moves_against_the_tune_more_often_than_with_it() -> None:
    against, along = 0, 0
    for step in (-5, -2, 2, 5):
        lead = [Note(pitch=72 + step * (i % 2), start=4.0 * i, duration=4) for i in range(5)]
        line = counter_line(CHORDS, lead, "C", "major", 48, 72, 1.0)
        for before, after in pairwise(line):
            way = np.sign(next(n.pitch for n in lead if n.start == after.start) - lead[int(before.start // 4)].pitch)
            against += int(np.sign(after.pitch - before.pitch) == -way)
            along += int(np.sign(after.pitch - before.pitch) == way)
    assert against > along


def test_a_second_voice_is_a_consonance_below() -> None:
    lead = tune(72, 76, 74, 79, 77, 76, 74, 72)
    voice = harmonised(lead, CHORDS, "C", "major", 50, 90, 1.0)
    assert len(voice) == len(lead)
    assert all(m.start == n.start and 3 <= n.pitch - m.pitch <= 9 for n, m in zip(lead, voice, strict=True))


def test_the_songs_counter_line_leaves_the_lead_its_room() -> None:
    made = song("chamber music with violin and viola, D minor, 90 seconds")
    parts = {p.role.value: p for p in made.score.parts}
    lead, counter = parts["lead"].notes, parts["counter"].notes
    assert np.mean([n.pitch for n in counter]) < np.mean([n.pitch for n in lead])
