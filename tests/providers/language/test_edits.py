import pytest

from domain.edits import ChangeChord, ChangeDensity, Mute, Transpose, read_edits
from domain.errors import InvalidValue
from music.editing import apply
from providers.language import edits
from tests.music.songs import song
from tests.providers.language import answers


@pytest.fixture(scope="module")
def score():
    return song(
        "pop song in C major, verse 8 bars chorus 8 bars verse 8 bars chorus 8 bars, with piano and drums", 2, 1
    ).score


def document(*found, refusal=None):
    return {"edits": list(found), "refusal": refusal, "reasoning": answers.WHY}


MUTE = {"op": "mute", "part": "the drums", "section": "first verse"}
CHORD = {"op": "change_chord", "section": "chorus", "nth": -1, "bar": None, "old": None, "new": "G7"}
HIGHER = {"op": "transpose", "section": "last chorus", "semitones": 2, "key": None, "scale": None}
THIN = {"op": "change_density", "amount": -0.5, "section": "song", "part": "piano"}


def test_the_order_shows_the_song(score):
    order = edits.order("let the drummer rest at the start", score, user="hash")
    assert order.text.startswith("The person says: let the drummer rest at the start")
    for section in score.sections:
        assert f"Section {section.name}: 8 bars: " in order.text
    for part in score.parts:
        assert f"{part.id} ({part.instrument}, {part.role.value})" in order.text


def test_good_edits_are_the_domains_own(score):
    got = edits.read(document(MUTE, CHORD, HIGHER, THIN), score)
    assert got.edits == (
        Mute(part="drums", section="verse 1"),
        ChangeChord(section="chorus", nth=-1, new="G7"),
        Transpose(section="last chorus", semitones=2),
        ChangeDensity(amount=-0.5, part="piano"),
    )
    assert len(got.done) == 4


def test_operations_are_those_of_an_instruction_in_words(score):
    operations = edits.read(document(MUTE, HIGHER), score).operations()
    assert [(o.op, o.path) for o in operations] == [("edit", "musical.edits")] * 2
    edited, _ = apply(score, read_edits([o.value for o in operations]))
    drums = next(p for p in edited.parts if p.role == "drums")
    verse = score.sections[0]
    assert not [n for n in drums.notes if n.start < verse.bars * 4 - 1]


@pytest.mark.parametrize(
    ("doc", "told"),
    [
        (document(refusal="A song cannot smell of rain."), "no edit: A song cannot smell of rain."),
        (document(MUTE, refusal="I am not sure."), "I am not sure"),
        (document(), "the model gave none"),
        (document({"op": "explode", "section": "chorus"}), "edits.0"),
        (document({**CHORD, "new": "H9x"}), "new"),
        (document({**CHORD, "bar": 2}), "exactly one of nth, bar, old"),
        (document({**MUTE, "part": "kazoo orchestra"}), "part"),
        (document({**MUTE, "section": "bridge"}), "mute: .*no bridge"),
        (document({**MUTE, "part": "harp"}), "mute: .*nobody plays harp"),
        (document({**HIGHER, "semitones": 99}), "semitones"),
        ({"edits": "louder", "refusal": None, "reasoning": []}, "edits"),
    ],
)
def test_what_is_no_edit_is_refused_with_the_reason(doc, told, score):
    with pytest.raises(InvalidValue, match=told):
        edits.read(doc, score)
