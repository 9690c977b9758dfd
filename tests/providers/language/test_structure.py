import pytest

from domain.context import SongContext
from domain.errors import InvalidValue
from domain.score import SectionKind
from music.composing import compose, write_form
from music.material import TAIL_S
from providers.language import structure
from tests.providers.language import answers

FORM = [
    ("intro", 4, 0.2),
    ("verse", 8, 0.4),
    ("chorus", 8, 0.8),
    ("verse", 8, 0.5),
    ("chorus", 16, 1.0),
    ("outro", 4, 0.2),
]
WISHES = {"genre": ["pop"], "tempo": 120.0, "time_signature": "4/4"}
LASTS = 48 * 2 + TAIL_S


def document(form=FORM):
    sections = [{"kind": kind, "bars": bars, "energy": energy} for kind, bars, energy in form]
    return {"sections": sections, "reasoning": answers.WHY}


def read(form=FORM, **more):
    return structure.read(document(form), **{**WISHES, "duration": LASTS, **more})


def test_the_order_says_how_many_bars_there_are():
    order = structure.order(**WISHES, duration=98.5, mood={"valence": 0.5, "arousal": 0.5})
    assert "98.5 seconds, about 49 bars of 2.00 seconds" in order.text


def test_a_good_form_is_played_as_it_is():
    got = read()
    assert got.energies == {
        "intro": 0.2,
        "verse 1": 0.4,
        "chorus 1": 0.8,
        "verse 2": 0.5,
        "chorus 2": 1.0,
        "outro": 0.2,
    }
    context = SongContext().update({"musical.genre": ["pop"], "musical.tempo": 120}).update(got.patch())
    form = write_form(context.get, seed=1)
    assert [(s.kind.value, s.bars, s.energy) for s in form.sections] == FORM


def test_a_whole_song_follows_it():
    wishes = {"musical": {**read().patch()["musical"], "tempo": 120}}
    song = compose("a pop song", seed=1, wishes=wishes, candidates=1)
    assert [(s.kind.value, s.bars) for s in song.score.sections] == [(k, b) for k, b, _ in FORM]


def test_a_form_that_is_near_is_fitted_to_a_bar():
    got = read(duration=120.0)
    bars = sum(entry["duration"] for entry in got.structure)
    assert bars * 2 + TAIL_S == pytest.approx(120, abs=2)
    assert [entry["name"] for entry in got.structure] == [kind for kind, _, _ in FORM]


def test_a_tempo_counts_the_beats_of_its_metre():
    got = structure.read(document(), genre=["folk"], tempo=60, time_signature="6/8", duration=48 * 2 + TAIL_S)
    assert [entry["duration"] for entry in got.structure] == [bars for _, bars, _ in FORM]


@pytest.mark.parametrize(
    ("form", "more", "told"),
    [
        ([], {}, "1 to 32 sections"),
        ([("verse", 0, 0.5)], {}, r"section 1 \(verse\): 0 bars"),
        ([("verse", 8, 0.5), ("chorus", 8, 1.5)], {}, r"section 2 \(chorus\): energy 1.5"),
        (FORM, {"duration": 400.0}, "shall last 400 s"),
        (FORM, {"needed": [SectionKind.BRIDGE]}, "there is no bridge"),
        ([("polka", 8, 0.5)], {}, "sections.0.kind"),
    ],
)
def test_a_wrong_form_is_refused_by_name(form, more, told):
    with pytest.raises(InvalidValue, match=told):
        read(form, **more)
