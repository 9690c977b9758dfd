"""What an instruction asks of a song against what the song has: its sections, its edits, its takes."""

import pytest

from domain.admission import admit
from domain.commands import Verdict, parse_command
from domain.edits import MAX_EDITS
from domain.errors import InvalidValue
from domain.instructions import FORMS
from domain.lifecycle import complete_stage, start_stage
from domain.references import KnownSection, read_sections, written_sections
from domain.score import SectionKind
from domain.stages import Stage
from domain.state import MESSAGE_BYTES, SECTIONS_BYTES
from tests.domain.test_decide import NOW, give, new_state, outcome

SONG = tuple(
    KnownSection(name=name, kind=SectionKind(kind), copied=copied)
    for name, kind, copied in [
        ("intro", "intro", False), ("verse 1", "verse", False), ("chorus 1", "chorus", False),
        ("verse 2", "verse", False), ("chorus 2", "chorus", False), ("chorus 3", "chorus", True),
        ("outro", "outro", False),
    ]
)  # fmt: skip


def arranged(sections=SONG):
    """A finished song whose arrangement told these sections."""
    state = new_state()
    while state.due:
        start_stage(state, NOW)
        told = {"sections": sections} if state.stage is Stage.ARRANGEMENT else {}
        complete_stage(state, outcome(checks_ok=True, **told), NOW)
        state.outbox.clear()
    return state


def say(state, words, **more):
    admission = give(state, "revise", instruction=words, **more)
    assert admission.result.verdict is Verdict.ACCEPTED, admission.result.message
    operations = [op for effect in admission.effects for op in effect.operations]
    return admission.state, operations


def refused(state, words):
    result = give(state, "revise", instruction=words).result
    assert result.verdict is Verdict.REJECTED
    return result


def test_an_edit_goes_to_the_arrangement():
    state, operations = say(arranged(), "change the second chord of the chorus to Em7")
    assert (state.stage, state.edits) == (Stage.ARRANGEMENT, 1)
    assert [(op.op, op.path) for op in operations] == [("edit", "musical.edits")]
    assert state.stages[Stage.COMPOSITION].status == "done"


def test_another_take_of_a_section_goes_to_the_composition():
    state, operations = say(arranged(), "regenerate the second verse")
    assert state.stage is Stage.COMPOSITION
    assert [(op.op, op.path, op.value) for op in operations] == [("take", "musical.takes", "verse 2")]


@pytest.mark.parametrize(
    ("words", "name"),
    [("a new chorus", "chorus"), ("regenerate the last verse", "verse 2"), ("rewrite the first chorus", "chorus 1"),
     ("regenerate the intro", "intro")],
)  # fmt: skip
def test_takes_are_kept_under_the_names_of_the_form(words, name):
    assert [op.value for op in say(arranged(), words)[1]] == [name]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("drop the bridge", "the song has no bridge: its sections are intro, verse 1, chorus 1, verse 2"),
        ("drop verse 3", "the song has no verse 3"),
        ("regenerate only the bridge", "the song has no bridge"),
        ("regenerate the last chorus", "last chorus is a copy that an edit put there"),
        ("insert a bridge before the last chorus", "the song has no bridge"),
        ("add a chorus after the solo", "the song has no solo"),
        ("drums only from the bridge", "the song has no bridge"),
        ("undo", "there is no edit to undo"),
        ("louder chorus, undo, undo", "there is no edit to undo"),
    ],
)
def test_what_the_song_does_not_have_is_refused_with_what_it_has(words, why):
    state = arranged()
    before = state.model_dump_json()
    result = refused(state, words)
    assert result.code == "not_in_song"
    assert why in result.message
    assert state.model_dump_json() == before


def test_while_the_sections_are_not_known_none_is_refused():
    _, operations = say(arranged(()), "drop the bridge, regenerate the solo")
    assert [op.op for op in operations] == ["edit", "take"]
    assert "not known before the song is arranged" in refused(arranged(()), "regenerate verse 2").message


def test_edits_are_counted_and_taken_back():
    state = arranged()
    state, _ = say(state, "louder chorus, drop verse 2")
    assert state.edits == 2
    state, _ = say(state, "undo")
    assert state.edits == 1
    edits = [{"op": "mute", "part": "drums"}] * 3
    for changes, count in (({"musical": {"edits": edits}}, 3), ({"musical.edits": None}, 0)):
        state = give(state, "revise", changes=changes).state
        assert state.edits == count
    state = give(state, "revise", changes={"musical.edits": [{"op": "mute", "part": "drums"}] * MAX_EDITS}).state
    assert f"at most {MAX_EDITS} edits" in refused(state, "louder chorus").message


def test_a_list_of_edits_is_checked_as_a_whole():
    with pytest.raises(InvalidValue, match=r"musical\.edits cannot be .*at most 64"):
        parse_command("revise", [{"changes": {"musical.edits": [{"op": "mute", "part": "drums"}] * 65}}],
                      command_id="c", actor="a")  # fmt: skip
    with pytest.raises(InvalidValue, match=r"musical\.edits\.1\.swap_instrument\.new cannot be 'kazoo'"):
        parse_command("revise", [{"changes": {"musical": {"edits": [
            {"op": "mute", "part": "drums"}, {"op": "swap_instrument", "old": "piano", "new": "kazoo"}]}}}],
            command_id="c", actor="a")  # fmt: skip


def test_the_answer_names_every_form_and_the_record_the_nearest():
    admission = give(arranged(), "revise", instruction="change the second cord of the bridge to Em7")
    assert admission.result.code == "invalid_command"
    assert all(form in admission.result.message for form in FORMS)
    kept = admission.state.rejections[-1].message
    assert len(kept.encode()) <= MESSAGE_BYTES
    assert "say one of change the second chord of the bridge to Em7" in kept


def test_sections_travel_as_a_line_and_stay_small():
    assert read_sections(written_sections(SONG)) == SONG
    assert read_sections("") == ()
    many = tuple(KnownSection(name=f"{i:03d} " + "x" * 60, kind=SectionKind.VERSE) for i in range(64))
    assert arranged(many).sections == ()
    state = arranged(SONG)
    assert state.sections == SONG
    assert len(written_sections(SONG)) < SECTIONS_BYTES


def test_a_repeated_command_edits_once():
    first = admit(arranged(), "revise", [{"instruction": "louder chorus", "command_id": "x"}],
                  delivery="d", actor="me", now=NOW)  # fmt: skip
    again = admit(first.state, "revise", [{"instruction": "louder chorus", "command_id": "x"}],
                  delivery="e", actor="me", now=NOW)  # fmt: skip
    assert again.result.duplicate
    assert again.state.edits == 1
