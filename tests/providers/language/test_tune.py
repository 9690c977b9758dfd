from itertools import pairwise

import pytest

from domain.errors import InvalidValue
from domain.score import SectionKind
from music.arranging import arrange
from music.form import plan_form
from music.material import Harmony, Melody
from providers.language import tune
from tests.music import material
from tests.providers.language import answers

K = SectionKind
CHORDS = ["Fm", "Db", "Ab", "Eb"]
BOTH = (K.VERSE, K.CHORUS)
# Eight bars over Fm Db Ab Eb, twice: a motif of two bars, repeated, with a rest after each.
MOTIF = [(65, 0.0, 1.0), (68, 1.0, 1.0), (67, 2.0, 0.5), (65, 2.5, 1.5), (65, 4.0, 2.0), (61, 6.0, 1.0)]
VERSE = [(p, s + 8 * turn, n) for turn in range(4) for p, s, n in MOTIF]
CHORUS = [(p + 12, s, n) for p, s, n in VERSE]


@pytest.fixture(scope="module")
def harmony() -> Harmony:
    return material.harmony(progression={"verse": CHORDS * 2, "chorus": CHORDS * 2})


@pytest.fixture(scope="module")
def base(harmony) -> Melody:
    return material.melody(harmony)


def document(verse=VERSE, chorus=CHORUS):
    return answers.lines(answers.line("verse", verse), answers.line("chorus", chorus))


def read(doc, harmony, base, **more):
    return tune.read(doc, harmony, base, time_signature="4/4", kinds=BOTH, **more)


def test_the_order_shows_the_chords_and_their_length(harmony):
    order = tune.order(
        harmony, genre=["soul"], tempo=90, time_signature="4/4", kinds=BOTH, wish={"contour": "arch"}, about="a ferry"
    )
    assert "verse: 8 bars, 32 beats: Fm | Db | Ab | Eb | Fm" in order.text
    assert "contour: arch" in order.text
    assert "Key: F minor" in order.text
    assert "bridge" not in order.text


def test_a_good_tune_takes_its_place(harmony, base):
    got = read(document(), harmony, base)
    assert [(n.pitch, n.start) for n in got.of(K.VERSE).notes] == [(p, s) for p, s, _ in VERSE]
    assert got.of(K.VERSE).given is True
    assert [n.pitch for n in got.hook] == [p + 12 for p, _, _ in MOTIF]
    assert got.of(K.BRIDGE) == base.of(K.BRIDGE)
    assert got.of(K.VERSE).notes[0].velocity > got.of(K.VERSE).notes[2].velocity


def test_the_band_plays_it(harmony, base):
    got = read(document(), harmony, base)
    drums = material.rhythm()
    structure = [{"name": name, "duration": 8, "unit": "bars"} for name in ("verse", "chorus", "verse", "chorus")]
    form = plan_form(
        genre=["pop"], tempo=110, time_signature="4/4", duration=None, structure=structure, energies={}, exact=False,
        seed=1,
    )  # fmt: skip
    score = arrange(
        form, harmony, drums, got, material.bass(harmony, drums), title="Ferry", key="F", scale="minor", genre=["pop"],
        tempo=110, time_signature="4/4", instruments=[], constraints={}, section_overrides={}, transitions={},
        dynamics={}, takes={}, seed=1,
    )  # fmt: skip
    lead = [p for p in score.parts if p.role == "lead"]
    steps = [{n.pitch % 12 for n in part.notes if n.start < 4} for part in lead]
    assert {65 % 12, 68 % 12, 67 % 12} in steps


def test_a_note_that_reaches_a_little_into_the_next_is_cut(harmony, base):
    longer = [(p, s, n + 0.04) for p, s, n in VERSE]
    notes = read(document(verse=longer), harmony, base).of(K.VERSE).notes
    assert all(a.start + a.duration <= b.start + 1e-6 for a, b in pairwise(notes))


def spoiled(at, note):
    return [*VERSE[:at], note, *VERSE[at + 1 :]]


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        (document(verse=spoiled(0, (30, 0.0, 1.0))), "verse: pitch 30 at beat 0"),
        (document(chorus=spoiled(0, (99, 0.0, 1.0))), "chorus: pitch 99"),
        (document(verse=spoiled(0, (65, 0.0, 1.5))), "verse: the notes at beats 0 and 1 overlap"),
        (
            document(verse=[*VERSE[:-1], (65, 31.0, 4.0)]),
            "verse: the note at beat 31 with length 4 is not within the 32",
        ),
        (document(verse=[*VERSE[:-1], (65, 32.0, 1.0)]), "not within the 32"),
        (document(verse=spoiled(0, (65, -1.0, 1.0))), "not within the 32"),
        (document(verse=spoiled(0, (65, 0.0, 0.0))), "has no length"),
        (document(verse=VERSE[:2]), "verse: 2 notes in 8 bars"),
        (document(verse=[(p + 1, s, n) for p, s, n in VERSE]), "notes fit F minor"),
        (answers.lines(answers.line("verse", VERSE)), "the line of the chorus is missing"),
        (answers.lines(*[answers.line("verse", VERSE)] * 2), "two lines for the verse"),
        (answers.lines({"kind": "verse", "notes": [{"pitch": 65.5, "start": 0, "length": 1}]}), "pitch"),
        ({"reasoning": []}, "sections"),
    ],
)
def test_a_wrong_tune_is_refused_by_name(doc, told, harmony, base):
    with pytest.raises(InvalidValue, match=told):
        read(doc, harmony, base)


@pytest.mark.parametrize("genre", ["pop", "jazz_ballad", "metal"])
def test_the_composers_own_tunes_would_be_accepted(genre):
    over = material.harmony(genre)
    own = material.melody(over, genre)
    kinds = (K.VERSE, K.CHORUS, K.BRIDGE)
    doc = answers.lines(
        *(answers.line(k.value, [(n.pitch, n.start, n.duration) for n in own.of(k).notes]) for k in kinds)
    )
    got = tune.read(doc, over, own, time_signature="4/4", kinds=kinds)
    assert [n.pitch for n in got.of(K.CHORUS).notes] == [n.pitch for n in own.of(K.CHORUS).notes]
