import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.score import Note, TimeSignature
from music.beaming import beams, tuplets
from music.metre import parse_metre
from music.notation import measures
from music.notevalues import DIVISIONS, VALUES, bar_ticks, cut
from music.quantising import find_grid, quantised

METRES = ("4/4", "3/4", "6/8", "5/4", "7/8", "2/2", "12/8", "9/8", "5/8", "7/4", "2/4", "7/16", "3/8", "11/8", "4/2")


def notes(*items: tuple[float, float], pitch: int = 60) -> list[Note]:
    return [Note(pitch=pitch, start=start, duration=length) for start, length in items]


def written(metre: str, *items: tuple[float, float]) -> list[list[str]]:
    """Bars as words: lengths in ticks, r before rests, ~ before what is tied from before."""
    of = parse_metre(metre)
    bars = max(1, -(-round(max(s + d for s, d in items) * DIVISIONS) // bar_ticks(of)))
    return [
        [
            ("" if p.pitches else "r") + ("~" if p.tied_from else "") + str(p.ticks)
            for p in bar
        ]
        for bar in measures(notes(*items), of, bars)
    ]  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.floats(0, 30), st.floats(0.01, 9), st.integers(0, 127)
        ),
        max_size=40,
    ),
    st.sampled_from(METRES),
)  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_whatever_is_played_fills_its_bars_exactly(items: list[tuple[float, float, int]], metre: str) -> None:
    of = parse_metre(metre)
    played = [Note(pitch=pitch, start=start, duration=length) for start, length, pitch in items]
    bars = 12
    for pieces in measures(played, of, bars):
        assert sum(p.ticks for p in pieces) == bar_ticks(of)
        at = 0
        for piece in pieces:
            assert piece.start == at
            assert piece.whole_bar or piece.ticks in VALUES
            at += piece.ticks
        sounding = {i for i, p in enumerate(pieces) if p.pitches}
        assert set(beams(pieces, of)) <= sounding
        marks = tuplets(pieces)
        assert sum(starts for starts, _ in marks.values()) == sum(stops for _, stops in marks.values())
        assert {i for i, p in enumerate(pieces) if not p.whole_bar and p.value[2]} == set(marks)


@pytest.mark.parametrize("metre", METRES)
def test_every_stretch_of_sixteenths_can_be_written(metre: str) -> None:
    of = parse_metre(metre)
    for rest in (False, True):
        for start in range(0, bar_ticks(of), 6):
            for end in range(start + 6, bar_ticks(of) + 1, 6):
                values = cut(start, end, of, rest=rest)
                assert sum(values) == end - start
                assert all(value in VALUES for value in values)


@pytest.mark.parametrize(
    ("metre", "played", "expected"),
    [
        ("4/4", [(0, 4)], [["96"]]),
        ("4/4", [(0, 1), (1, 2), (3, 1)], [["24", "48", "24"]]),
        ("4/4", [(0, 0.5), (0.5, 1), (1.5, 0.5), (2, 2)], [["12", "24", "12", "48"]]),
        ("4/4", [(0, 1.5), (1.5, 1), (2.5, 1.5)], [["36", "12", "~12", "36"]]),
        ("4/4", [(0, 0.25), (0.25, 0.5), (0.75, 0.25), (1, 3)], [["6", "12", "6", "24", "~48"]]),
        ("4/4", [(3, 2)], [["r48", "r24", "24"], ["~24", "r24", "r48"]]),
        ("4/4", [(0.75, 0.25), (1, 1)], [["r12", "r6", "6", "24", "r48"]]),
        ("3/4", [(0, 3)], [["72"]]),
        ("3/4", [(2, 1)], [["r24", "r24", "24"]]),
        ("6/8", [(0, 3)], [["72"]]),
        ("6/8", [(0, 1), (1, 0.5), (1.5, 1.5)], [["24", "12", "36"]]),
        ("6/8", [(1, 1)], [["r24", "12", "~12", "r24"]]),
        ("5/4", [(0, 5)], [["72", "~48"]]),
        ("7/8", [(0, 3.5)], [["48", "~36"]]),
        ("7/8", [(0, 0.5), (0.5, 1)], [["12", "12", "~12", "r12", "r24", "r12"]]),
        ("12/8", [(0, 6)], [["144"]]),
        ("2/2", [(0, 4)], [["96"]]),
    ],
)
def test_values_show_the_beats(metre: str, played: list[tuple[float, float]], expected: list[list[str]]) -> None:
    assert written(metre, *played) == expected


def test_triplets_are_written_as_triplets_and_grouped() -> None:
    third = 1 / 3
    pieces = measures(notes((0, third), (third, third), (2 * third, third), (1, 2 * third), (5 / 3, third)),
                      TimeSignature(), 1)[0]  # fmt: skip
    assert [p.ticks for p in pieces] == [8, 8, 8, 16, 8, 48]
    assert tuplets(pieces) == {
        0: (True, False),
        1: (False, False),
        2: (False, True),
        3: (True, False),
        4: (False, True),
    }
    assert beams(pieces, TimeSignature())[1] == ("continue",)


def test_a_roll_keeps_its_32nds_and_a_sloppy_player_gets_sixteenths() -> None:
    roll = notes(*((i / 8, 1 / 8) for i in range(8)))
    assert [p.ticks for p in measures(roll, TimeSignature(), 1)[0]][:8] == [3] * 8
    sextuplets = notes(*((i / 6, 1 / 6) for i in range(6)))
    assert [p.ticks for p in measures(sextuplets, TimeSignature(), 1)[0]][:6] == [4] * 6
    rng = np.random.default_rng(5)
    sloppy = notes(*((max(0.0, i / 4 + rng.uniform(-0.06, 0.06)), 0.2) for i in range(16)))
    assert [p.ticks for p in measures(sloppy, TimeSignature(), 1)[0]] == [6] * 16


def test_short_gaps_are_closed_and_short_notes_dotted() -> None:
    pieces = measures(notes((0, 0.9), (1, 0.4), (2, 1.95)), TimeSignature(), 1)[0]
    assert [(p.ticks, bool(p.pitches), p.staccato) for p in pieces] == [
        (24, True, False), (12, True, False), (12, False, False), (48, True, False),
    ]  # fmt: skip
    assert measures(notes((0, 0.45), (1, 1)), TimeSignature(), 1)[0][0].ticks == 12
    assert measures(notes((0, 0.2), (0.5, 0.5)), TimeSignature(), 1)[0][0].staccato


@pytest.mark.parametrize(
    ("metre", "lengths", "expected"),
    [
        ("4/4", [0.5] * 8, [["begin"], ["continue"], ["continue"], ["end"]] * 2),
        ("4/4", [0.75, 0.25, 0.5, 0.5], [["begin", ""], ["end", "backward hook"], ["begin"], ["end"]]),
        ("4/4", [0.25, 0.5, 0.25], [["begin", "forward hook"], ["continue", ""], ["end", "backward hook"]]),
        ("3/4", [0.5] * 6, [["begin"], *[["continue"]] * 4, ["end"]]),
        ("6/8", [0.5] * 6, [["begin"], ["continue"], ["end"]] * 2),
        ("7/8", [0.5] * 7, [["begin"], ["end"], ["begin"], ["end"], ["begin"], ["continue"], ["end"]]),
        ("5/4", [0.5] * 4, [["begin"], ["end"], ["begin"], ["end"]]),
    ],
)
def test_beams_follow_the_pulses(metre: str, lengths: list[float], expected: list[list[str]]) -> None:
    starts = np.cumsum([0.0, *lengths[:-1]])
    of = parse_metre(metre)
    pieces = measures(notes(*zip(map(float, starts), lengths, strict=True)), of, 1)[0]
    found = beams(pieces, of)
    for i, strokes in enumerate(expected):
        assert [s for s in strokes if s] == list(found[i])[: len([s for s in strokes if s])]


def test_the_grid_keeps_onsets_apart_and_in_order() -> None:
    played = notes((0, 0.1), (0.11, 0.1), (0.25, 0.5), (0.99, 1))
    grid = find_grid(played, TimeSignature())
    starts = [span.start for span in quantised(played, grid, 96)]
    assert starts == sorted(set(starts))
    assert len(starts) == 4
