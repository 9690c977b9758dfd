"""Edits on their way: from the person's patch through the arrangement to the decisions that are told."""

import json

import pytest

from activities.books import _operate
from activities.job import canonical
from domain.context import effective
from domain.errors import InvalidValue
from domain.instructions import understand_instruction
from domain.references import read_sections
from domain.score import Score
from domain.stages import Stage
from music.material import TAIL_S
from tests.activities.local_run import LocalStudio

PROMPT = "calm pop with piano, bass and drums in C major at 100 bpm, 40 seconds"


@pytest.fixture(scope="module")
def studio():
    return LocalStudio()


@pytest.fixture(scope="module")
def plain(studio):
    return studio.song(prompt=PROMPT, until=Stage.ARRANGEMENT)


def told(person, *words):
    """The person's patch after instructions, as the workflow's books keep it."""
    for operation in (op for text in words for op in understand_instruction(text)):
        person = _operate(person, [], operation.model_dump())
        effective(person)
    return person


def arranged(studio, *words, **musical):
    person = told({"musical": musical} if musical else {}, *words)
    return studio.song(person, prompt=PROMPT, until=Stage.ARRANGEMENT)


def names(song):
    return [section["name"] for section in song.document("score")["sections"]]


def test_edits_are_appended_and_taken_back():
    once = told({}, "change the second chord of the chorus to Em7")
    twice = told(once, "mute the drums in the intro")
    assert [edit["op"] for edit in twice["musical"]["edits"]] == ["change_chord", "mute"]
    assert canonical(told(twice, "undo")) == canonical(once)
    assert told({}, "a new bridge", "a new bridge", "a new verse")["musical"]["takes"] == {"bridge": 3, "verse": 2}
    with pytest.raises(InvalidValue, match=r"musical\.edits cannot be"):
        told(twice, *["louder chorus"] * 63)


def test_an_instrument_leaves_and_comes(studio):
    person = {"musical": {"instruments": ["upright_piano", "cello", "rhodes"]}}
    assert told(person, "without cello")["musical"]["instruments"] == ["upright_piano", "rhodes"]
    assert told(person, "remove the piano")["musical"]["instruments"] == ["cello", "rhodes"]
    assert told(person, "add a flute")["musical"]["instruments"] == ["upright_piano", "cello", "rhodes", "flute"]


def test_drums_leave_and_come_back(studio, plain):
    instruments = plain.context.musical.instruments
    silent = arranged(studio, "no drums", instruments=instruments)
    assert not [part for part in silent.document("score")["parts"] if part["is_drum"]]
    again = arranged(studio, "no drums", "add drums", instruments=instruments)
    assert [part["instrument"] for part in again.document("score")["parts"] if part["is_drum"]] == ["acoustic_kit"]


def test_an_edit_changes_the_score_and_nothing_before_it(studio, plain):
    song = arranged(studio, "change the second chord of the chorus to Em7")
    made = {name: ref for name, ref in song.artifacts.items() if plain.artifacts[name] != ref}
    assert set(made) == {"score", "opening", "preview", "sketch"}
    assert song.computed == ["arrange", "sketch opening", "sketch"]
    assert "Em7" in {chord["symbol"] for chord in song.document("score")["chords"]}


def test_an_edit_survives_another_arrangement(studio, plain):
    song = arranged(studio, "change the second chord of the chorus to Em7", instruments=["rhodes", "upright_bass"])
    score = Score.model_validate(song.document("score"))
    assert {part.instrument for part in score.parts} >= {"rhodes", "upright_bass"}
    assert "Em7" in {chord.symbol for chord in score.chords}


def test_undo_brings_the_score_back(studio, plain):
    song = arranged(studio, "drop the last chorus", "undo")
    assert song.artifacts["score"] == plain.artifacts["score"]


def test_what_became_of_edits_is_told(studio, plain):
    present = names(plain)
    missing = next(kind for kind in ("solo", "bridge", "break") if kind not in present)
    song = arranged(studio, "transpose up a whole step", f"drop the {missing}")
    decisions = [d for made in studio.made.values() if made.decisions
                 for d in json.loads(studio.store.get(made.decisions)) if d["what"].startswith("edit ")]  # fmt: skip
    assert {"edit 1: transpose semitones 2": "done", f"edit 2: drop section section {missing}": "left out"}.items() <= {
        d["what"]: d["value"] for d in decisions
    }.items()
    assert any(f"there is no {missing}; the sections are {present[0]}" in d["reason"] for d in decisions)
    assert song.document("score")["key"] == "D"


def test_the_song_tells_its_sections_and_its_new_length(studio, plain):
    song = arranged(studio, "repeat the chorus")
    measured = [made.measured["sections"] for made in studio.made.values() if "sections" in made.measured]
    known = next(s for line in measured if len(s := read_sections(str(line))) == len(names(song)))
    assert [section.name for section in known] == names(song)
    assert [section.copied for section in known].count(True) == 1
    score = Score.model_validate(song.document("score"))
    assert song.context.technical.duration == pytest.approx(score.seconds(score.beats) + TAIL_S, abs=0.01)
    assert song.context.technical.duration > plain.context.technical.duration + 5


def test_edits_that_make_a_song_too_long_are_an_error_that_names_them(studio):
    with pytest.raises(InvalidValue, match="songs of up to 900 s can be made: undo the last edit"):
        arranged(studio, "make the chorus 128 bars", *["repeat the chorus"] * 3)
