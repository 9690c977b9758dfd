import pytest

from domain.context import SongContext
from domain.errors import InvalidValue
from music.composing import write_grooves
from providers.language import rhythm
from tests.providers.language import answers


def document(**changes):
    return {"groove": "bossa", "density": 0.3, "swing": None, "reasoning": answers.WHY, **changes}


def test_the_order_offers_what_can_be_played():
    order = rhythm.order(genre=["jazz_ballad"], tempo=80, time_signature="4/4", mood={"valence": 0.4, "arousal": 0.2})
    assert order.json_schema["properties"]["groove"]["enum"] == list(rhythm.NAMES)
    assert "none" not in rhythm.NAMES
    assert "Tempo: 80 bpm" in order.text


def test_the_composer_plays_the_groove():
    got = rhythm.read(document())
    assert got.pattern == {"groove": "bossa", "density": 0.3}
    context = SongContext().update({"musical.genre": ["pop"]}).update(got.patch())
    assert write_grooves(context.get, candidates=1, seed=1).groove == "bossa"


@pytest.mark.parametrize("name", rhythm.NAMES)
def test_every_groove_that_is_offered_can_be_played(name):
    context = SongContext().update(rhythm.read(document(groove=name, swing=0.5)).patch())
    assert write_grooves(context.get, candidates=1, seed=1).groove == name


def test_what_was_asked_for_stands():
    got = rhythm.read(document(swing=0.1), given={"swing": 1.0, "groove": None, "summary": "x"})
    assert got.pattern == {"groove": "bossa", "density": 0.3, "swing": 1.0}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"groove": "moonwalk"}, "groove: there is no groove 'moonwalk'"),
        ({"groove": "none"}, "no groove 'none'"),
        ({"density": 1.5}, "density"),
        ({"swing": -0.1}, "swing"),
        ({"kit": "909"}, "kit"),
    ],
)
def test_a_wrong_rhythm_is_refused_by_name(changes, told):
    with pytest.raises(InvalidValue, match=told):
        rhythm.read(document(**changes))
