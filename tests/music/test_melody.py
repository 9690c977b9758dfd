from itertools import pairwise

import numpy as np
import pytest

from domain.score import SectionKind, TimeSignature
from music.critic import tune_merit
from music.metre import parse_metre
from music.motifs import CHARACTERS, GESTURES, OPERATORS, Motif, make_motif
from music.pitching import Slot, make_room, pitch
from music.theory import chord_scale, parse_chord, scale_pcs
from music.tunerhythms import CELLS, PLANS, ending, figure, plan, pushed, read_figure, syncopation
from tests.music.material import harmony, melody

K = SectionKind
MOTIF = Motif(((0, 1), (1, 0.5), (1.5, 0.5), (2, 2)), (1, 1, -2))


@pytest.mark.parametrize(
    ("sign", "steps", "level"),
    [("!", (-1, -1, 2), 0), ("%", (2, -1, -1), 0)],
)  # fmt: skip
def test_turning_a_motif_around(sign: str, steps: tuple[float, ...], level: int) -> None:
    turned = OPERATORS[sign](MOTIF, 4, np.random.default_rng(0))
    assert (turned.steps, turned.level, turned.onsets) == (steps, level, MOTIF.onsets)


def test_sequences_move_the_whole() -> None:
    rng = np.random.default_rng(0)
    assert OPERATORS["^"](MOTIF, 4, rng).level in (1, 2)
    assert OPERATORS["_"](MOTIF, 4, rng).level in (-1, -2)
    assert OPERATORS["^"](MOTIF, 4, rng).steps == MOTIF.steps


def test_fragments_and_augmentation_fill_the_bar() -> None:
    rng = np.random.default_rng(0)
    fragment = OPERATORS["<"](MOTIF, 4, rng)
    assert [at for at, _ in fragment.onsets] == [0, 1, 1.5, 2, 3, 3.5]
    assert len(fragment.steps) == len(fragment.onsets) - 1
    wide = OPERATORS["*"](MOTIF, 4, rng)
    assert wide.onsets == ((0, 2), (2, 1), (3, 1))
    ended = OPERATORS["'"](MOTIF, 4, rng)
    assert ended.steps[:2] == MOTIF.steps[:2]


def test_tables_of_motifs_are_whole() -> None:
    assert all(set(weights) <= set(GESTURES) for weights in CHARACTERS.values())
    for phases in GESTURES.values():
        assert abs(sum(share for share, _ in phases) - 1) < 1e-9
    assert all(len(cell) == 4 and set(cell) <= set("x-.") for cell, _, _ in CELLS)
    for texts in PLANS.values():
        for text in texts:
            tokens = text.split()
            assert len(tokens) in (8, 12)
            assert any(t.startswith("E") for t in tokens)
            assert all(t[0].isalpha() or t == "." for t in tokens)
            assert all(sign in OPERATORS for t in tokens for sign in t[1:])


def test_a_leap_is_filled() -> None:
    rng = np.random.default_rng(4)
    turned = []
    for _ in range(200):
        steps = make_motif(MOTIF.onsets, "hook", rng).steps
        turned += [a * b < 0 for a, b in pairwise(steps) if abs(a) >= 3]
    assert np.mean(turned) > 0.6


@pytest.mark.parametrize("metre", ["4/4", "3/4", "6/8", "5/4", "7/8", "2/4", "12/8"])
def test_figures_fit_their_bar(metre: str) -> None:
    rng = np.random.default_rng(1)
    signature = parse_metre(metre)
    for density in (0.1, 0.5, 0.9):
        for _ in range(20):
            for onsets in (figure(signature, density, 0.5, 0.25, rng), ending(signature, density, rng)):
                assert onsets
                assert all(at >= 0 and at + length <= signature.beats_per_bar + 1e-6 for at, length in onsets)
                assert all(a[0] + a[1] <= b[0] + 1e-6 for a, b in pairwise(onsets))


def test_endings_breathe() -> None:
    rng = np.random.default_rng(2)
    for metre in (TimeSignature(), TimeSignature(numerator=3), TimeSignature(numerator=7, denominator=8)):
        for _ in range(30):
            at, length = ending(metre, 0.5, rng)[-1]
            assert metre.beats_per_bar - at - length >= 0.5


def test_density_and_syncopation_are_heard() -> None:
    rng = np.random.default_rng(3)
    sizes = [np.mean([len(figure(TimeSignature(), d, 0.4, 0.25, rng)) for _ in range(200)]) for d in (0.1, 0.5, 0.9)]
    assert sizes[0] < sizes[1] < sizes[2]
    pushes = [
        np.mean([syncopation(figure(TimeSignature(), 0.5, w, 0.25, rng)) for _ in range(300)]) for w in (0.0, 0.9)
    ]
    assert pushes[0] < pushes[1]
    coarse = [figure(TimeSignature(), 0.9, 0.5, 0.5, rng) for _ in range(50)]
    assert all(at % 0.5 == 0 for onsets in coarse for at, _ in onsets)


def test_a_push_takes_the_eighth_before_the_bar() -> None:
    assert pushed(((0, 1), (2, 2)), 0.5) == ((-0.5, 1.5), (2, 2))
    assert pushed(((0, 1), (2, 2)), 0.25) == ((0, 1), (2, 2))
    assert pushed(((1, 1),), 4) == ((1, 1),)
    assert read_figure("x--x....x-------") == ((0, 0.75), (0.75, 0.25), (2, 2))


@pytest.mark.parametrize("bars", [1, 2, 3, 4, 6, 8, 9, 12, 16, 20])
def test_plans_have_a_token_a_bar_and_close(bars: int) -> None:
    for name in PLANS:
        tokens = plan(name, bars, np.random.default_rng(bars))
        assert len(tokens) == bars
        if name not in {"sparse"}:
            assert any(t.startswith("E") for t in tokens)


def test_pitches_follow_harmony_motif_and_close() -> None:
    room = make_room(58, 84, scale_pcs("C", "major"))
    chord = parse_chord("C")
    scale = chord_scale(chord, "C", "major")

    def slot(at: float, **more: object) -> Slot:
        return Slot(start=at, length=1, strength=1 if at % 4 == 0 else 0.3, target=70, chord=chord, scale=scale, **more)  # type: ignore[arg-type]

    rising = [slot(0), *(slot(i, step=1.0) for i in (1, 2, 3))]
    notes = pitch(rising, room, after=None, warmth=0.0, rng=np.random.default_rng(0))
    assert all(b > a for a, b in pairwise(notes))
    assert notes[0] % 12 in chord.pitch_classes
    closing = [slot(0), slot(1), slot(2, close="E")]
    assert pitch(closing, room, after=67, warmth=0.0, rng=np.random.default_rng(0))[-1] % 12 == 0
    assert pitch([], room, after=None, warmth=0.0, rng=np.random.default_rng(0)) == []
    assert len(pitch([slot(0)], room, after=60, warmth=0.0, rng=np.random.default_rng(0))) == 1


def test_the_hook_returns_where_it_is_quoted() -> None:
    same = 0
    for seed in range(6):
        m = melody(harmony(seed=seed), seed=seed)
        chorus = [round(n.start, 3) for n in m.of(K.CHORUS).notes if n.start < 4]
        outro = [round(n.start % 4, 3) for n in m.of(K.OUTRO).notes]
        same += all(at in outro for at in chorus)
    assert same >= 3


def test_the_second_time_keeps_the_tune() -> None:
    for seed in range(4):
        m = melody(harmony(seed=seed), seed=seed)
        for kind, kept in ((K.CHORUS, 6), (K.VERSE, 5)):
            line = m.of(kind)
            first = {(n.start, n.pitch) for n in line.notes if n.start < 4 * kept}
            again = {(n.start, n.pitch) for n in line.repeat if n.start < 4 * kept}
            assert len(first & again) >= 0.8 * len(first)
            assert line.notes != line.repeat


def test_another_take_is_another_tune_and_leaves_the_rest() -> None:
    h = harmony()
    plain, again = melody(h), melody(h, takes={"chorus": 2})
    *same, own = again.sections
    assert tuple(same) == plain.sections
    assert own.name == "chorus"
    assert own.notes != plain.of(K.CHORUS).notes
    named = melody(h, takes={"verse 2": 2})
    assert [s.name for s in named.sections if s.name] == ["verse 2"]
    assert named.of(K.VERSE) == plain.of(K.VERSE)


def test_other_chords_bend_the_same_tune() -> None:
    plain = melody(harmony())
    h = harmony(progression={"verse 2": ["Bbm", "Eb", "Ab", "Db"] * 2})
    m = melody(h)
    own = next(s for s in m.sections if s.name == "verse 2")
    rhythms = {round(n.start, 3) for n in plain.of(K.VERSE).notes}
    assert m.of(K.VERSE) == plain.of(K.VERSE)
    assert np.mean([round(n.start, 3) in rhythms for n in own.notes]) > 0.6


def test_nobody_improvises_the_same_chorus_twice() -> None:
    line = melody(harmony("swing"), "swing").of(K.SOLO)
    first, again = ({(n.start, n.pitch) for n in notes} for notes in (line.notes, line.repeat))
    assert len(first & again) < 0.4 * len(first)


def test_the_critic_knows_a_tune_from_noise() -> None:
    h = harmony(key="C", scale="major")
    line = melody(h).of(K.VERSE)
    rng = np.random.default_rng(0)
    noise = tuple(n.model_copy(update={"pitch": int(rng.integers(55, 90))}) for n in line.notes)
    stuck = tuple(n.model_copy(update={"pitch": 72}) for n in line.notes)
    scores = [tune_merit(line.model_copy(update={"notes": notes}), h.of(K.VERSE), 4, 16) for notes in (noise, stuck)]
    assert tune_merit(line, h.of(K.VERSE), 4, 16) > max(scores)
