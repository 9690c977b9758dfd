import pytest

from domain.errors import InvalidValue
from domain.score import SectionKind
from music.material import BassLine, Harmony
from providers.language import bass
from tests.music import material
from tests.providers.language import answers

K = SectionKind
CHORDS = ["Fm", "Db", "Ab", "Eb"]
ROOTS = (29, 37, 32, 39)
VERSE = [(root, bar * 4.0 + at, 1.5) for bar, root in enumerate(ROOTS * 2) for at in (0.0, 2.0)]


@pytest.fixture(scope="module")
def harmony() -> Harmony:
    return material.harmony(progression={"verse": CHORDS * 2})


@pytest.fixture(scope="module")
def base(harmony) -> BassLine:
    return material.bass(harmony, material.rhythm())


def read(notes, harmony, base):
    return bass.read(answers.lines(answers.line("verse", notes)), harmony, base, time_signature="4/4", kinds=[K.VERSE])


def test_the_order_shows_chords_groove_and_range(harmony):
    order = bass.order(
        harmony, genre=["soul"], tempo=90, time_signature="4/4", groove="soul", kinds=[K.VERSE], wish={"density": 0.2}
    )
    assert "verse: 8 bars, 32 beats: Fm | Db" in order.text
    assert "Groove: soul" in order.text
    assert "density: 0.2" in order.text
    assert "from 28 to 55" in order.instructions


def test_a_good_line_takes_its_place(harmony, base):
    got = read(VERSE, harmony, base)
    assert [n.pitch for n in got.of(K.VERSE).notes[::2]] == list(ROOTS * 2)
    assert got.of(K.CHORUS) == base.of(K.CHORUS)
    assert got.style == base.style


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ([(p + 27, s, n) for p, s, n in VERSE], "verse: pitch 56 .*28 to 55"),
        ([(29, 0.0, 3.0), *VERSE[1:]], "overlap"),
        ([(34, s, n) for _, s, n in VERSE], "the bass carries 2 of 8 chords"),
        ([(p + 1, s, n) for p, s, n in VERSE], "notes fit F minor"),
        (VERSE[:1], "1 notes in 8 bars"),
    ],
)
def test_a_wrong_line_is_refused_by_name(notes, told, harmony, base):
    with pytest.raises(InvalidValue, match=told):
        read(notes, harmony, base)


@pytest.mark.parametrize("genre", ["pop", "swing", "reggae", "techno"])
def test_the_composers_own_lines_would_be_accepted(genre):
    over = material.harmony(genre)
    own = material.bass(over, material.rhythm(genre), genre)
    kinds = (K.VERSE, K.CHORUS)
    doc = answers.lines(
        *(answers.line(k.value, [(n.pitch, n.start, n.duration) for n in own.of(k).notes]) for k in kinds)
    )
    got = bass.read(doc, over, own, time_signature="4/4", kinds=kinds)
    assert [n.pitch for n in got.of(K.VERSE).notes] == [n.pitch for n in own.of(K.VERSE).notes]
