from itertools import combinations, pairwise

import pytest

from domain.score import Role
from music.casting import cast
from music.genres import GENRES, genre
from music.registers import lead_shift, register_of
from music.theory import parse_chord
from music.voicing import lead_voices, positions

CHORDS = ["C", "Am", "F", "G7", "Em7", "Dm7", "Bb", "C/E"]


@pytest.mark.parametrize("voices", [3, 4])
def test_voices_stay_inside_and_move_little(voices: int) -> None:
    led = lead_voices(CHORDS, voices=voices, low=50, high=74)
    assert all(50 <= note <= 74 for shape in led for note in shape)
    moved = sum(
        sum(abs(a - b) for a, b in zip(x, y, strict=True)) for x, y in pairwise(led) if len(x) == len(y)
    )  # fmt: skip
    roots = [[p for p in positions(c, voices, 50, 74, False) if p[0] % 12 == parse_chord(c).root] for c in CHORDS]
    first = [(found or positions(c, voices, 50, 74, False))[0] for found, c in zip(roots, CHORDS, strict=True)]
    naive = sum(
        sum(abs(a - b) for a, b in zip(x, y, strict=True)) for x, y in pairwise(first) if len(x) == len(y)
    )  # fmt: skip
    assert moved < naive


def test_voicings_hold_what_tells_the_chord() -> None:
    for symbol in ("Cmaj7", "Cm7", "C7", "Cm7b5", "Csus4", "C7b9", "C13"):
        chord = parse_chord(symbol)
        third = next((i for i in chord.intervals if i in (3, 4, 5)), None)
        for shape in positions(symbol, 4, 48, 76, True):
            assert third is None or any(note % 12 == third for note in shape)
            assert all(note % 12 in chord.pitch_classes for note in shape)


def _parallels(led: list[tuple[int, ...]]) -> int:
    count = 0
    for x, y in pairwise(led):
        if len(x) != len(y):
            continue
        for i, j in combinations(range(len(x)), 2):
            fifth = (x[j] - x[i]) % 12 in (0, 7) and y[j] - y[i] == x[j] - x[i] and x[i] != y[i]
            count += fifth
    return count


def test_strict_styles_avoid_parallels() -> None:
    chords = ["C", "Dm", "G", "C", "F", "G", "Am", "Dm", "G", "C"]
    loose = lead_voices(chords, voices=3, low=48, high=72)
    strict = lead_voices(chords, voices=3, low=48, high=72, strict=True)
    assert _parallels(strict) <= _parallels(loose)
    assert _parallels(strict) == 0


def test_the_tonic_likes_to_be_on_top() -> None:
    tops = [
        sum(shape[-1] % 12 == 9 for shape in lead_voices(["Am", "F", "C", "G"], voices=3, low=52, high=72, tonic=tonic))
        for tonic in (None, 9)
    ]
    assert tops[1] >= tops[0]


@pytest.mark.parametrize("id_", sorted(GENRES))
def test_chords_lie_under_the_tune(id_: str) -> None:
    style = genre(id_)
    chairs = cast([ids[0] for ids in style.band.values()], style, {})
    lead = next(c for c in chairs if c.role is Role.LEAD)
    centre = 71 + lead_shift(lead)
    for chair in chairs:
        if chair.role in (Role.KEYS, Role.GUITAR, Role.PAD, Role.STRINGS, Role.BRASS):
            low, high, _ = register_of(chair, chairs)
            assert chair.instrument.low <= low < high <= chair.instrument.high
            assert (low + high) / 2 <= centre + 3 or low <= chair.instrument.low + 1 or low <= 50
