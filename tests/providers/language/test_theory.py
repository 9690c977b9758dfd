import pytest

from domain.errors import InvalidValue
from domain.score import SectionKind
from music.composing import compose
from providers.language import theory
from tests.providers.language import answers

K = SectionKind
KEY = {"key": "F", "scale": "minor"}


def test_the_order_names_key_mood_and_sections():
    order = theory.order(
        **KEY, genre=["soul"], mood={"valence": 0.3, "arousal": 0.6}, time_signature="4/4", about="a ferry"
    )
    assert "Key: F minor" in order.text
    assert "valence 0.30, arousal 0.60" in order.text
    assert "Sections: intro, verse, prechorus, chorus, bridge, outro" in order.text
    assert "7sus4" in order.instructions


def test_good_chords_are_a_progression():
    got = theory.read(answers.chords(), **KEY)
    assert got.progression["verse"] == ["Fm", "Db", "Ab", "Eb", "Fm", "Db", "Bbm7 C7", "Fm"]
    assert got.patch() == {"musical": {"chord_progression": got.progression}}
    assert got.reasoning[0].text == "it is night"


def test_the_composer_follows_them_exactly():
    got = theory.read(answers.chords(), **KEY)
    wishes = {"musical": {"key": "F", "scale": "minor", "chord_progression": got.progression}}
    song = compose("a pop song", seed=2, wishes=wishes, candidates=1)
    for name, bars in got.progression.items():
        assert list(song.harmony.of(K(name)).by_bar(4)) == bars
    # A section that nobody wrote chords for has the composer's, and the song's last bar is its final chord.
    written = [s for s in song.score.sections[:-1] if s.kind.value in got.progression]
    assert len(written) > 3
    for section in written:
        asked = got.progression[section.kind.value]
        for bar in range(section.bars):
            begin = (section.start_bar + bar) * 4
            first = next(c for c in reversed(song.score.chords) if c.start <= begin + 1e-6)
            assert first.symbol == asked[bar % len(asked)].split()[0]


def test_what_the_person_gave_stands():
    given = {"chorus": ["Bbm", "Eb", "Ab", "C"]}
    got = theory.read(answers.chords(), **KEY, given=given)
    assert got.progression["chorus"] == given["chorus"]
    assert got.progression["verse"][0] == "Fm"
    everywhere = theory.read(answers.chords(), **KEY, given={"all": ["Fm", "Db"]})
    assert everywhere.progression == {"all": ["Fm", "Db"]}


FAR = [[c] for c in ("D", "A", "E", "B")]


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (answers.chords(verse=[["Fm"], ["Hm"], ["Ab"], ["Eb"]]), "verse, bar 2: 'Hm' is no chord symbol"),
        (answers.chords(verse=[["Fm"], ["bVI"], ["Ab"], ["Eb"]]), "verse, bar 2: 'bVI'"),
        (answers.chords(chorus=[["Fm"], [], ["Ab"], ["Eb"]]), "chorus, bar 2: 0 chords"),
        (answers.chords(chorus=[["Fm"], ["Db"] * 5, ["Ab"], ["Eb"]]), "chorus, bar 2: 5 chords"),
        (answers.chords(chorus=[["Fm"], ["Db"], ["C"]]), "chorus: 3 bars"),
        (answers.chords(**{k: FAR for k in ("intro", "verse", "prechorus", "chorus", "bridge", "outro")}), "not in F"),
        ({**answers.chords(), "sections": answers.chords()["sections"][1:]}, "chords of the intro are missing"),
        ({**answers.chords(), "sections": answers.chords()["sections"] * 2}, "two entries for the intro"),
        ({**answers.chords(), "sections": [{"kind": "polka", "bars": []}]}, "sections.0.kind"),
    ],
)
def test_wrong_chords_are_refused_by_name(spoiled, told):
    with pytest.raises(InvalidValue, match=told):
        theory.read(spoiled, **KEY)


def test_chords_without_their_tonic_are_in_no_key():
    bars = [["Db"], ["Eb"], ["Ab"], ["Bbm"]]
    document = {"sections": [{"kind": "verse", "bars": bars}], "reasoning": []}
    with pytest.raises(InvalidValue, match="the tonic is never heard"):
        theory.read(document, **KEY, kinds=[K.VERSE])


def test_a_scale_of_five_notes_has_the_chords_of_its_mode():
    document = {"sections": [{"kind": "verse", "bars": [["Am"], ["F"], ["C"], ["G"]]}], "reasoning": []}
    assert theory.read(document, key="A", scale="minor_pentatonic", kinds=[K.VERSE]).progression["verse"][1] == "F"
