"""Statistics on hand-made music whose figures can be worked out on paper."""

import math

import pytest

from domain.score import (
    Chord,
    Note,
    Part,
    PerformedPart,
    Role,
    Score,
    Section,
    SectionKind,
    TempoChange,
    TimedNote,
    TimeSignature,
)
from music.statistics import (
    HUMAN,
    POP_BANDS,
    Band,
    bass_on_kick,
    chord_statistics,
    drum_statistics,
    empty_beats,
    four_grams,
    groove_consistency,
    inside,
    lead_line,
    likeness,
    longest_stretch,
    melody_statistics,
    pitch_class_entropy,
    playing_spans,
    polyphony,
    rest_share,
    scale_consistency,
    score_statistics,
)

FOUR = TimeSignature()


def note(pitch: int, start: float, duration: float = 1.0, velocity: int = 80) -> Note:
    return Note(pitch=pitch, start=start, duration=duration, velocity=velocity)


def line(*pitches: int, length: float = 1.0) -> tuple[Note, ...]:
    return tuple(note(pitch, i * length, length) for i, pitch in enumerate(pitches))


def part(*notes: Note, role: Role = Role.LEAD, name: str = "p") -> Part:
    drum = role is Role.DRUMS
    return Part(id=name, name=name, role=role, instrument="kit" if drum else "piano", is_drum=drum, notes=notes)


def score(*parts: Part, bars: int = 2, chords: tuple[Chord, ...] = (), sections: tuple[int, ...] = ()) -> Score:
    lengths = sections or (bars,)
    made, at = [], 0
    for i, length in enumerate(lengths):
        made.append(Section(name=f"s{i}", kind=SectionKind.VERSE, start_bar=at, bars=length))
        at += length
    return Score(
        key="C", scale="major", tempo=(TempoChange(start=0, bpm=120),), sections=tuple(made), chords=chords, parts=parts
    )


def chord(symbol: str, start: float, duration: float = 4.0) -> Chord:
    return Chord(symbol=symbol, start=start, duration=duration)


@pytest.mark.parametrize(
    ("pitches", "bits"),
    [((60, 72, 48), 0.0), ((60, 67), 1.0), ((60, 62, 64, 65), 2.0), (tuple(range(60, 72)), math.log2(12))],
)
def test_pitch_class_entropy_is_that_of_the_histogram(pitches: tuple[int, ...], bits: float) -> None:
    assert pitch_class_entropy(score(part(*line(*pitches)), bars=3)) == pytest.approx(bits)


def test_scale_consistency_finds_the_best_scale_anywhere() -> None:
    d_major = (62, 64, 66, 67, 69, 71, 73)
    assert scale_consistency(score(part(*line(*d_major)))) == 1.0
    assert scale_consistency(score(part(*line(*d_major, 70)))) == pytest.approx(7 / 8)


def test_drums_have_no_pitch() -> None:
    only = score(part(note(38, 0), note(41, 1), role=Role.DRUMS))
    assert math.isnan(pitch_class_entropy(only))
    assert math.isnan(scale_consistency(only))
    assert math.isnan(polyphony(only))


def test_groove_consistency_counts_the_places_that_differ() -> None:
    same = part(*line(60, 60, 60, 60, 62, 62, 62, 62))
    assert groove_consistency(score(same)) == 1.0
    # Of 48 places in a bar one has an onset in the first bar alone.
    other = part(*line(60, 60, 60, 60, 62, 62, 62))
    assert groove_consistency(score(other)) == pytest.approx(1 - 1 / 48)
    # MusPy means over neighbouring bars: two of three bars alike, one of two comparisons differs.
    assert groove_consistency(score(other, bars=3)) == pytest.approx(1 - (1 + 3) / 96)


def test_polyphony_counts_pitches_where_any_sounds() -> None:
    both = score(part(note(60, 0, 2), note(64, 0, 1), note(60, 0, 1)))
    assert polyphony(both) == pytest.approx(1.5)


def test_empty_beats_are_silent_beats() -> None:
    assert empty_beats(score(part(note(60, 0, 1), note(60, 2.5, 1.5)))) == pytest.approx(5 / 8)


def test_intervals_of_a_melody() -> None:
    # repeat, step, third, leap of a fifth up, step back down, leap of an octave down, step down.
    found = melody_statistics(line(60, 60, 62, 65, 72, 71, 59, 57), FOUR)
    assert found["repeats"] == pytest.approx(1 / 7)
    assert found["steps"] == pytest.approx(3 / 7)
    assert found["thirds"] == pytest.approx(1 / 7)
    assert found["leaps"] == pytest.approx(2 / 7)
    assert found["leaps_turned"] == pytest.approx(1 / 2)
    assert found["range"] == 15


def test_an_empty_melody_has_no_figures() -> None:
    assert all(math.isnan(value) for value in melody_statistics((), FOUR).values())


def test_chord_tones_on_and_off_the_beat() -> None:
    tune = (note(60, 0, 0.5), note(62, 0.5, 0.5), note(64, 1, 0.5), note(67, 1.5, 0.5), note(65, 2))
    found = melody_statistics(tune, FOUR, chords=(chord("C", 0),))
    assert found["chord_tones_on_beat"] == pytest.approx(2 / 3)
    assert found["chord_tones_off_beat"] == pytest.approx(1 / 2)


def test_in_six_eight_the_beat_is_a_dotted_quarter() -> None:
    six = TimeSignature(numerator=6, denominator=8)
    found = melody_statistics((note(60, 0), note(62, 1), note(64, 1.5)), six, chords=(chord("C", 0),))
    assert found["chord_tones_on_beat"] == 1.0
    assert found["chord_tones_off_beat"] == 0.0


def test_recurring_bars() -> None:
    # Bars 0 and 2 are the same; bar 1 has their rhythm with other notes; bar 3 has a rhythm of its own.
    tune = (*line(60, 62, 64, 65), *(note(p, 4 + i) for i, p in enumerate((67, 65, 64, 62))),
            *(note(p, 8 + i) for i, p in enumerate((60, 62, 64, 65))), note(60, 12, 3), note(60, 15))  # fmt: skip
    found = melody_statistics(tune, FOUR)
    assert found["rhythm_recurs"] == pytest.approx(3 / 4)
    assert found["melody_recurs"] == pytest.approx(2 / 4)


def test_the_lead_line_is_the_highest_lead_cut_at_the_next_note() -> None:
    written = score(part(note(60, 0, 4), note(72, 0, 4), note(70, 2)), part(note(90, 0), role=Role.KEYS, name="k"))
    assert [(n.pitch, n.duration) for n in lead_line(written)] == [(72, 2), (70, 1)]


def test_rests_are_counted_where_the_melody_plays() -> None:
    written = score(part(note(60, 4, 2), note(62, 6, 1)), sections=(1, 1, 2))
    tune = lead_line(written)
    assert playing_spans(written, tune) == [(4.0, 8.0)]
    assert rest_share(tune, playing_spans(written, tune)) == pytest.approx(0.25)
    assert math.isnan(rest_share((), []))


def test_the_longest_stretch_ends_at_a_breath() -> None:
    tune = (note(60, 0, 3.75), note(60, 4, 2), note(60, 6.5, 1))
    assert longest_stretch(tune) == 6.0
    assert longest_stretch(tune, rest=1.0) == 7.5


def test_four_grams_ignore_key_but_not_rhythm() -> None:
    tune, higher = line(60, 62, 64, 60, 67), line(65, 67, 69, 65, 72)
    slower = line(60, 62, 64, 60, 67, length=2.0)
    assert four_grams(tune) == frozenset({((2, 4), (2, 4), (-4, 4)), ((2, 4), (-4, 4), (7, 4))})
    assert likeness(four_grams(tune), four_grams(higher)) == 1.0
    assert likeness(four_grams(tune), four_grams(slower)) == 0.0
    assert likeness(four_grams(tune, rhythm=False), four_grams(slower, rhythm=False)) == 1.0


def test_likeness_is_against_the_shorter_one() -> None:
    long, short = four_grams(line(60, 62, 64, 60, 67, 66, 61)), four_grams(line(60, 62, 64, 60, 59))
    assert likeness(long, short) == pytest.approx(1 / 2)
    assert likeness(long, frozenset()) == 0.0


def test_chords_that_go_on_are_counted_once() -> None:
    found = chord_statistics((chord("C", 0), chord("C", 4), chord("Am7", 8), chord("C/E", 12), chord("Gsus4", 16)), 5)
    assert found == {"chords_per_bar": 4 / 5, "distinct_chords": 4, "extended_chords": 0.5, "inverted_chords": 0.25}


def test_bass_on_the_kick() -> None:
    drums = part(note(36, 0), note(36, 2), note(38, 1), role=Role.DRUMS, name="d")
    bass = part(note(36, 0), note(36, 1), note(40, 2), note(40, 3), role=Role.BASS, name="b")
    assert bass_on_kick(score(drums, bass)) == 0.5
    assert math.isnan(bass_on_kick(score(bass)))


def played(notes: list[tuple[int, float, int]]) -> PerformedPart:
    timed = tuple(TimedNote(pitch=p, start=s, end=s + 0.05, velocity=v) for p, s, v in notes)
    return PerformedPart(id="d", name="d", role=Role.DRUMS, instrument="kit", is_drum=True, tempo_bpm=120,
                         duration_s=20, notes=timed)  # fmt: skip


def test_drum_timing_leaves_out_the_swing() -> None:
    # Eighths at 120 bpm; those off the beat come 40 ms late, which is swing; one in two is 10 ms early or late.
    strokes = [note(42, i * 0.5, 0.25) for i in range(16)]
    swung = [i * 0.25 + 0.04 * (i % 2) + (0.01 if (i // 2) % 2 else -0.01) + 0.02 for i in range(16)]
    kit = part(*strokes, role=Role.DRUMS, name="d")
    found = drum_statistics(score(kit), kit, played([(42, s, 80) for s in swung]))
    assert found["timing_ms"] == pytest.approx(10)
    # Errors go - - + + - - + + …: of 15 neighbours 8 agree and 7 do not.
    assert found["lag_1"] == pytest.approx(1 / 16)


def test_drum_velocities_by_place() -> None:
    strokes = [(42, 0, 90), (42, 0.5, 70), (42, 0.25, 50), (38, 1, 96), (38, 1.75, 30), (38, 3, 94), (38, 2.75, 40)]
    kit = part(*(note(p, s, 0.25) for p, s, _ in strokes), role=Role.DRUMS, name="d")
    found = drum_statistics(score(kit), kit, played([(p, s / 2, v) for p, s, v in strokes]))
    assert (found["hat_on_beat"], found["hat_off_eighth"], found["hat_sixteenth"]) == (90, 70, 50)
    assert found["backbeat_velocity"] == 95
    assert found["ghosts"] == 0.5


def test_a_silent_kit_has_no_figures() -> None:
    kit = part(role=Role.DRUMS, name="d")
    assert all(math.isnan(value) for value in drum_statistics(score(kit), kit, played([])).values())


def test_bands() -> None:
    band = Band(0.3, 0.1, 0.5)
    assert [inside(band, v) for v in (0.0999, 0.1, 0.5, 0.501, float("nan"))] == [False, True, True, False, False]
    assert all(HUMAN[name].low < HUMAN[name].mean < HUMAN[name].high for name in POP_BANDS)


def test_a_score_has_every_statistic_of_the_human_table() -> None:
    assert set(score_statistics(score(part(*line(60, 62, 64, 65)), chords=(chord("C", 0),)))) == set(HUMAN)
