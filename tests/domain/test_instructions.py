"""Instructions in words: what each form means, and what is said when none fits."""

import contextlib
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.commands import parse_command
from domain.edits import CHORD_PATTERN, Edit, read_edits, shown
from domain.errors import InvalidCommand, InvalidValue, SostenutoError
from domain.instructions import FORMS, TABLE, Operation, understand_instruction
from domain.references import known_instrument, part_reference, section_reference
from domain.stages import Stage
from domain.steps import earliest_reader
from domain.vocabulary import GROUPS, INSTRUMENT_WORDS, SECTION_WORDS
from music.form import section_kind
from music.instruments import INSTRUMENTS
from music.theory import QUALITIES, is_chord


def said(operation: Operation) -> str:
    """An operation in a line: an edit as `shown`, anything else as op, path and value."""
    if operation.op == "edit":
        return shown(read_edits([operation.value])[0])
    path = (operation.path or "").rpartition(".")[2]
    return " ".join(str(word) for word in (operation.op, path, operation.value) if word not in ("", None))


# Words -> the operations, one a line.
MEANT = {
    "regenerate": "new_take",
    "try again": "new_take",
    "regenerate the whole song": "new_take",
    "faster": "scale tempo 1.08",
    "a bit slower": "scale tempo 0.925",
    "please make it faster": "scale tempo 1.08",
    "92 bpm": "set tempo 92.0",
    "tempo 80": "set tempo 80.0",
    "tempo to 92.5 bpm": "set tempo 92.5",
    "in D minor": "set key D; set scale minor",
    "in eb dorian": "set key Eb; set scale dorian",
    "key of F#": "set key F#; set scale major",
    "in B flat major": "set key Bb; set scale major",
    "louder": "add loudness_target 1.0",
    "a little quieter": "add loudness_target -1.0",
    "make the song softer": "add loudness_target -1.0",
    "-16 LUFS": "set loudness_target -16.0",
    "happier": "add valence 0.2",
    "darker mood": "add valence -0.2",
    "calmer": "add arousal -0.2",
    "more energy": "add arousal 0.2",
    "add a cello": "append instruments cello",
    "add electric piano": "append instruments rhodes",
    "without cello": "remove instruments ['cello']",
    "remove the piano": "remove instruments ['grand_piano', 'upright_piano']",
    "no drums": f"remove instruments {list(GROUPS['drums'][2])}",
    "drop the bass": f"remove instruments {list(GROUPS['bass'][2])}",
    "without the melody": "mute part lead",
    "change the second chord of the bridge to Em7": "change chord section bridge nth 2 new Em7",
    "Can you change the 2nd chord of the last chorus to F#m7b5/C?":
        "change chord section last chorus nth 2 new F#m7b5/C",
    "in the bridge, change the last chord to em7": "change chord section bridge nth -1 new Em7",
    "make the third chord of the verse Fmaj7": None,
    "change the third chord of the verse to Fmaj7": "change chord section verse nth 3 new Fmaj7",
    "chord 3 of verse 2: bVII": "change chord section verse 2 nth 3 new bVII",
    "use G7 for the fourth chord of the intro": "change chord section intro nth 4 new G7",
    "bar 3 of verse 1: G7": "change chord section verse 1 bar 3 new G7",
    "set bar 12 in the outro to iv": "change chord section outro bar 12 new iv",
    "in the chorus play F instead of Dm": "change chord section chorus old Dm new F",
    "in the chorus, play F instead of Dm.": "change chord section chorus old Dm new F",
    "F instead of Dm": "change chord section song old Dm new F",
    "replace every Dm with F in the last chorus": "change chord section last chorus old Dm new F",
    "in verse 2 swap Am for C/E": "change chord section verse 2 old Am new C/E",
    "lengthen the bridge by 4 bars": "change length section bridge by 4",
    "make the bridge four bars longer": "change length section bridge by 4",
    "add 2 bars to the intro": "change length section intro by 2",
    "longer outro": "change length section outro times 1.5",
    "shorten the outro": "change length section outro times 0.5",
    "shorten verse 2 by two bars": "change length section verse 2 by -2",
    "cut 2 bars from the intro": "change length section intro by -2",
    "make the intro 8 bars": "change length section intro bars 8",
    "an 8-bar solo": "change length section solo bars 8",
    "cut the breakdown to 4 bars": "change length section break bars 4",
    "double the chorus": "change length section chorus times 2.0",
    "cut the intro in half": "change length section intro times 0.5",
    "drop the second verse": "drop section section verse 2",
    "remove verse 2": "drop section section verse 2",
    "cut the bridge": "drop section section bridge",
    "no pre-chorus": "drop section section prechorus",
    "drop the drop": "drop section section drop",
    "leave out the intro and the outro": "drop section section intro; drop section section outro",
    "repeat the last chorus": "insert section section last chorus",
    "repeat the chorus": "insert section section last chorus",
    "play the bridge twice": "insert section section last bridge",
    "add a chorus at the end": "insert section section chorus where end",
    "add another chorus": "insert section section chorus",
    "add a verse after the bridge": "insert section section verse at bridge",
    "insert a bridge before the last chorus": "insert section section bridge where before at last chorus",
    "put the hook at the start": "insert section section chorus where start",
    "transpose up a whole step": "transpose semitones 2",
    "transpose down a third": "transpose semitones -4",
    "transpose 2 semitones down": "transpose semitones -2",
    "up a minor third": "transpose semitones 3",
    "raise the last chorus by a half step": "transpose section last chorus semitones 1",
    "move the bridge down two whole steps": "transpose section bridge semitones -4",
    "transpose to G minor": "transpose key G scale minor",
    "transpose the song to Ab": "transpose key Ab",
    "the last chorus in E": "transpose section last chorus key E",
    "swap the piano for a rhodes": "swap instrument old piano new rhodes",
    "replace the upright piano with an organ": "swap instrument old upright_piano new organ",
    "use strings instead of pads": "swap instrument old pad new string_ensemble",
    "play the melody on a flute": "swap instrument old lead new flute",
    "give the tune to the trumpet": "swap instrument old lead new trumpet",
    "mute the drums in the intro": "mute part drums section intro",
    "no drums in the bridge": "mute part drums section bridge",
    "remove the strings from verse 1": "mute part strings section verse 1",
    "mute the guitar": "mute part guitar",
    "in the outro mute the bass": "mute part bass section outro",
    "mute the drums and the bass in the intro": "mute part drums section intro; mute part bass section intro",
    "drums only from the first chorus": "mute part drums section before chorus 1",
    "the bass comes in at verse 2": "mute part bass section before verse 2",
    "drums only at the chorus": "mute part drums section before chorus",
    "drums only in the chorus": None,
    "piano only in the bridge": None,
    "drums play only during the chorus": None,
    "make the second verse sparser": "change density amount -0.4 section verse 2",
    "make the bass simpler in the chorus": "change density amount -0.4 section chorus part bass",
    "a bit busier second verse": "change density amount 0.24 section verse 2",
    "make the chorus much fuller": "change density amount 0.64 section chorus",
    "make the drums busier": "change density amount 0.4 part drums",
    "fewer drums in the verse": "change density amount -0.4 section verse part drums",
    "sparser": "change density amount -0.4",
    "louder chorus": "change loudness amount 0.4 section chorus",
    "make the bass a bit louder in the verse": "change loudness amount 0.24 section verse part bass",
    "softer verse 2": "change loudness amount -0.4 section verse 2",
    "let the drums be": None,
    "make the verse and the bridge softer":
        "change loudness amount -0.4 section verse; change loudness amount -0.4 section bridge",
    "chorus at 120 bpm": "change tempo section chorus bpm 120.0",
    "95.5 bpm in the bridge": "change tempo section bridge bpm 95.5",
    "make the last chorus faster": "change tempo section last chorus times 1.08",
    "the bridge slower": "change tempo section bridge times 0.925",
    "regenerate only the bridge": "take takes bridge",
    "rewrite the second verse": "take takes verse 2",
    "a new second verse": "take takes verse 2",
    "new melody for the chorus": "take takes chorus",
    "undo": "undo edits",
    "undo the last edit": "undo edits",
    "Louder chorus, drop the bridge and transpose up a step. Then 92.5 bpm, please":
        "change loudness amount 0.4 section chorus; drop section section bridge; transpose semitones 2; set tempo 92.5",
}  # fmt: skip


@pytest.mark.parametrize("words", MEANT)
def test_what_words_mean(words):
    if MEANT[words] is None:
        with pytest.raises(InvalidCommand, match="is not understood"):
            understand_instruction(words)
        return
    assert "; ".join(said(operation) for operation in understand_instruction(words)) == MEANT[words]


REFUSED = {
    "make it purple": "'purple' is not understood: say one of",
    "swap the piano for a kazoo": "'a kazoo' is no instrument here; say one such as",
    "add a kazoo": "'a kazoo' is no instrument here",
    "mute the kazoo in the intro": "'the kazoo' is no part; say drums,",
    "drop the flurb": "'the flurb' is no part",
    "make the flurb louder": "'the flurb' is no section; sections are intro, verse,",
    "lengthen the flurb by 2 bars": "'the flurb' is no section",
    "regenerate only the flurb": "'the flurb' is no section",
    "add a chorus after the flurb": "'the flurb' is no section",
    "change the second chord of the bridge to Hm7": "new cannot be 'Hm7': a chord is a root",
    "change the second chord of the bridge to Exyz": "new cannot be 'Exyz': a chord is a root",
    "make the intro 900 bars": "bars cannot be 900",
    "lengthen the song by 4 bars": "bars are counted within a section",
    "chorus at 999 bpm": "bpm cannot be",
    "louder, slower, blah": "the instruction 'blah' is not understood",
    "faster in the": "is not understood",
    "add a chorus before": "is not understood",
    "...": "an empty instruction: say one of regenerate",
    " ": "an empty instruction",
    "🥁": "'🥁' is not understood",
    "x" * 500: "xxx...' is not understood",
    "undo everything": "is not understood",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_not_understood_is_refused_with_the_forms(words):
    with pytest.raises(InvalidCommand) as refused:
        understand_instruction(words)
    assert REFUSED[words] in refused.value.message
    assert all(form in refused.value.message for form in FORMS)


def test_the_nearest_forms_come_first():
    with pytest.raises(InvalidCommand, match="say one of drop the second verse"):
        understand_instruction("drop the second purse")


def test_every_form_understands_its_own_example():
    assert len(FORMS) == len(set(FORMS)) >= 35
    for form in TABLE:
        assert form.read(form.example.removeprefix("make ")), form.example
        assert understand_instruction(form.example)
        assert form.does


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from([*" ".join(FORMS).split(), ",", "and", "."])).map(" ".join))
def test_no_words_break_the_reading(words):
    operations: tuple[Operation, ...] = ()
    with contextlib.suppress(InvalidCommand):
        operations = understand_instruction(words)
    for operation in operations:
        assert Operation.model_validate_json(operation.model_dump_json()) == operation
    with contextlib.suppress(SostenutoError):
        assert parse_command("revise", [{"instruction": words}], command_id="c", actor="a").operations == operations


def test_the_guide_shows_every_form_and_the_api_every_edit():
    docs = Path(__file__).parents[2] / "docs"
    guide = (docs / "user-guide.md").read_text().partition("## Changing a song in words")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (?!say \||---)(.+?) \| (.+?) \|$", guide, re.MULTILINE)
    assert rows == [(form.example, form.does) for form in TABLE]
    shown_edits = [
        json.loads(text) for text in re.findall(r'^\| `(\{"op".+?\})` \|', (docs / "rest.md").read_text(), re.M)
    ]
    ops = {get_args(edit.model_fields["op"].annotation)[0] for edit in get_args(get_args(Edit)[0])}
    assert {edit.op for edit in read_edits(shown_edits)} == ops


def test_an_instruction_of_many_clauses_is_read_quickly():
    assert len(understand_instruction("louder, " * 240)) == 240


def test_an_impossible_value_is_refused_before_the_song_is_touched():
    with pytest.raises(InvalidValue, match="loudness_target cannot be"):
        parse_command("revise", [{"instruction": "louder, 20 lufs"}], command_id="c", actor="a")


def test_edits_start_at_the_arrangement_and_takes_at_the_composition():
    assert earliest_reader("musical.edits") is Stage.ARRANGEMENT
    assert earliest_reader("musical.takes") is Stage.COMPOSITION


@pytest.mark.parametrize(
    ("words", "reference"),
    [
        ("the chorus", "chorus"),
        ("every Chorus", "chorus"),
        ("verse 2", "verse 2"),
        ("the 2nd verse", "verse 2"),
        ("second verse", "verse 2"),
        ("Verse no. 3", "verse 3"),
        ("the final hook", "last chorus"),
        ("the whole song", "song"),
        ("everywhere", "song"),
        ("middle eight", "bridge"),
        ("before the first chorus", "before chorus 1"),
        ("the flurb", None),
        ("before the song", None),
        ("", None),
    ],
)
def test_how_sections_are_named(words, reference):
    assert section_reference(words) == reference


def test_words_for_sections_mean_the_same_to_the_form():
    for word, kind in SECTION_WORDS.items():
        assert section_reference(word) == kind.value
        # A number at the end of a section's name counts the section.
        assert section_kind(word) is kind or word[-1].isdigit()


def test_every_instrument_has_its_words():
    assert set(INSTRUMENT_WORDS) == set(INSTRUMENTS)
    for id_ in INSTRUMENT_WORDS:
        assert known_instrument(id_) == known_instrument(f"the {id_.replace('_', ' ')}") == id_
        assert part_reference(id_)
    for group, (words, roles, instruments) in GROUPS.items():
        assert part_reference(group) == group
        assert all(part_reference(word) == group for word in words.split(", "))
        assert set(instruments) <= set(INSTRUMENTS)
        if group in ("drums", "bass"):
            assert set(instruments) >= {row.id for row in INSTRUMENTS.values() if row.roles[0] in roles} - {
                "tuba", "double_bass",
            }  # fmt: skip
        assert roles or instruments
    assert part_reference("the lead part") == "lead"
    assert part_reference("keys_2") == "keys_2"
    assert part_reference("kazoo") is None


def test_every_chord_that_the_composer_knows_can_be_asked_for():
    symbols = [f"{root}{quality}{bass}" for root in ("C", "F#", "Bb") for quality in QUALITIES for bass in ("", "/E")]
    assert all(is_chord(symbol) for symbol in symbols)
    for symbol in symbols:
        (operation,) = understand_instruction(f"change the second chord of the bridge to {symbol}")
        assert operation.value["new"] == symbol
    assert CHORD_PATTERN
