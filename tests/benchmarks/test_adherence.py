"""The metrics of adherence on cases whose answer is known."""

import pytest

from benchmarks.adherence import (
    exact_chord_match,
    perfect_chord_match,
    read_key,
    related_key,
    same_key,
    same_tempo_bin,
    tempo_bin,
    triad,
    within,
    within_octaves,
    without_repeats,
)


def test_tempo_bins() -> None:
    assert [tempo_bin(bpm) for bpm in (39, 40, 59.9, 60, 75, 109, 110, 159, 160, 209, 210)] == [
        0, 1, 1, 2, 3, 4, 5, 6, 7, 7, 8,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "heard", "same", "next_door"),
    [(75, 88, True, True), (75, 95, False, True), (75, 115, False, False), (110, 109, True, True),
     (110, 100, False, True), (170, 85, False, False)],
)  # fmt: skip
def test_tempo_bins_that_match(asked: float, heard: float, same: bool, next_door: bool) -> None:
    assert same_tempo_bin(asked, heard) is same
    assert same_tempo_bin(asked, heard, 1) is next_door


def test_tempo_tolerance_and_octaves() -> None:
    assert within(100, 104)
    assert not within(100, 104.5)
    assert within_octaves(174, 87)
    assert within_octaves(70, 140)
    assert not within_octaves(100, 133)


def test_keys() -> None:
    assert read_key("F#", "dorian") == (6, True)
    assert read_key("Gb", "mixolydian") == (6, False)
    assert same_key(read_key("C#", "minor"), read_key("Db", "minor"))
    assert not same_key(read_key("C", "major"), read_key("C", "minor"))


def test_the_relative_key_counts_in_both_directions() -> None:
    c, a_minor = read_key("C", "major"), read_key("A", "minor")
    assert related_key(c, a_minor)
    assert related_key(a_minor, c)
    assert related_key(c, c)
    assert not related_key(c, read_key("Eb", "major"))
    assert not related_key(a_minor, read_key("F#", "major"))


@pytest.mark.parametrize(
    ("symbol", "reduced"),
    [("C", (0, "maj")), ("Am7", (9, "min")), ("Bdim7", (11, "dim")), ("Bm7b5", (11, "dim")), ("Faug", (5, "aug")),
     ("Gsus4", (7, "sus")), ("C/E", (0, "maj")), ("Ebmaj9", (3, "maj")), ("D5", (2, "sus"))],
)  # fmt: skip
def test_triads(symbol: str, reduced: tuple[int, str]) -> None:
    assert triad(symbol) == reduced


def chords(text: str) -> list[tuple[int, str]]:
    return without_repeats([triad(symbol) for symbol in text.split()])


@pytest.mark.parametrize(
    ("asked", "heard", "perfect", "exact"),
    [
        ("C G Am F", "C G Am F C G", True, 1.0),
        ("C G Am F", "C Em G Am Dm F", True, 1.0),
        ("C G Am F", "C Am G F", False, 0.75),
        ("C G Am F", "Dm Em", False, 0.0),
        ("C C G G", "C G", True, 1.0),
        ("C G Am F", "", False, 0.0),
        ("C G7 Am7 F", "C G Am Fmaj7", True, 1.0),
    ],
)
def test_chord_lists(asked: str, heard: str, perfect: bool, exact: float) -> None:
    assert perfect_chord_match(chords(asked), chords(heard)) is perfect
    assert exact_chord_match(chords(asked), chords(heard)) == pytest.approx(exact)
