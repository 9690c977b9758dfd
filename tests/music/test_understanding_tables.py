"""The tables of musical knowledge: checked at load, each genre its own, a new one added in one entry."""

# ruff: noqa: E501 - a row of a table stays on one line

import time
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from domain.errors import InvalidValue
from domain.score import SectionKind as K
from domain.tonality import SCALES as CONTEXT_SCALES
from music import genres, knowledge
from music.form import section_kind
from music.genres import GENRES, Genre, add
from music.lexicon import MOOD_WORDS
from music.matching import lexicon, normal
from music.sectionnames import fold_names, folded, resolve
from music.theory import SCALES
from tests.music.prompts import found, read

NEW = Genre(
    "test_zouk", "Test zouk", (88, 104), {"minor": 3, "major": 2},
    {"drums": ("kit_808",), "bass": ("finger_bass",), "keys": ("fm_piano",), "lead": ("pluck", "flute")},
    "pop", "sevenths", "pop", "syncopated", "offbeat", "song", 170, ("warm", "bright"), "latin", 0.7, 0.6,
    words="test zouk, zouk chiré",
)  # fmt: skip

# Field -> a wrong value and what the refusal says.
WRONG: list[tuple[str, Any, str]] = [
    ("id", "pop", "already"), ("id", "Test Zouk", "small letters"), ("tempo", (120, 90), "lowest first"),
    ("tempo", (5, 90), "20 to 400"), ("modes", {"bluesy": 1}, "scales"), ("modes", {}, "at least one"),
    ("modes", {"minor": 0}, "above 0"), ("band", {}, "at least one chair"), ("band", {"drummer": ("kit_808",)}, "chairs"),
    ("band", {"lead": ("theremin",)}, "theremin"), ("band", {"bass": ("flute",)}, "cannot sit"), ("band", {"lead": ()}, "empty"),
    ("language", "klingon", "languages"), ("colour", "purple", "colours"), ("groove", "zouk", "grooves"),
    ("bass", "slappy", "bass styles"), ("comping", "none", "comping"), ("form", "sonata", "forms"),
    ("duration", 5, "20 to 900"), ("style", ("sparkly",), "production words"), ("spectrum", "red", "spectra"),
    ("valence", 1.5, "0 to 1"), ("arousal", -0.1, "0 to 1"), ("metre", "9/7", "time signature"), ("swing", 0.9, "0.5 to 0.75"),
    ("swing_unit", 1.0, "swing"), ("looseness", -1, "0 to 40"), ("density", 2, "0 to 1"), ("syncopation", 2, "0 to 1"),
    ("lean_ms", 99, "-30 to 30"), ("words", "zouk, Bossa-Nova", "bossa_nova"),
]  # fmt: skip


@pytest.fixture
def table() -> Iterator[dict[str, Genre]]:
    before = dict(GENRES)
    yield GENRES
    GENRES.clear()
    GENRES.update(before)


def test_every_field_of_a_genre_has_a_wrong_value() -> None:
    assert {field for field, _, _ in WRONG} == {field.name for field in fields(Genre)} - {"name"}


@pytest.mark.parametrize(("field", "value", "says"), WRONG)
def test_a_wrong_row_is_refused_by_name_and_field(field: str, value: Any, says: str, table: dict[str, Genre]) -> None:
    row = replace(NEW, **{field: value})
    with pytest.raises(InvalidValue, match=says) as refused:
        add(row)
    assert repr(row.id) in refused.value.message
    assert field in refused.value.message or field == "swing_unit"
    assert "test_zouk" not in table


def test_an_added_genre_is_asked_for_by_its_words(table: dict[str, Genre]) -> None:
    assert found(read("zouk chire"), "genre") != ["test_zouk"]
    assert add(NEW) is NEW
    for text in ("a Test-Zouk song", "zouk chiré at night", "ZOUK CHIRE"):
        understood = read(text)
        assert found(understood, "genre")[0] == "test_zouk"
        assert 80 <= found(understood, "tempo") <= 110
    with pytest.raises(InvalidValue, match="already"):
        add(NEW)


def test_the_tables_pass_their_own_check_quickly() -> None:
    lexicon()
    before = time.process_time()
    knowledge.check_tables()
    assert time.process_time() - before < 0.2


@pytest.mark.parametrize(
    ("module", "table", "row", "says"),
    [("LANGUAGES", "pop", {"major": {}, "minor": {}}, "verse, chorus and bridge"), ("GROOVES", "pop", ((36, 0, 3, "X..."),), "squares"),
     ("GROOVES", "pop", ((36, 3, 0, "X..............."),), "lowest first"), ("COMPING", "push", ((0, 3, "Q---------------"),), "squares"),
     ("FIGURES", "octave", (((9, 1, 1),),), "within the bar"), ("MOOD_WORDS", "happy", (2.0, 0.5), "0 to 1"),
     ("GENRE_OF_INSTRUMENT", "rhodes", "polyfunk", "no such row"), ("INSTRUMENT_WORDS", "kazoo", "kazoo", "no such row")],
)  # fmt: skip
def test_a_wrong_row_of_another_table_is_found(
    module: str, table: str, row: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(getattr(knowledge, module), table, row)
    with pytest.raises(InvalidValue, match=says):
        knowledge.check_tables()


def test_genres_differ_in_what_they_play() -> None:
    sound = [
        (row.tempo, tuple(row.modes.items()), tuple(row.band.items()), row.groove, row.bass, row.comping, row.language)
        for row in GENRES.values()
    ]
    assert len(GENRES) >= 80
    assert len(set(map(repr, sound))) == len(sound)
    pairs = [(a, b) for i, a in enumerate(sound) for b in sound[i + 1 :]]
    assert min(sum(x != y for x, y in zip(a, b, strict=True)) for a, b in pairs) >= 3


@pytest.mark.parametrize("row", GENRES.values(), ids=lambda row: row.id)
def test_every_word_of_a_genre_means_it(row: Genre) -> None:
    for phrase in row.phrases:
        understood = read(phrase)
        assert found(understood, "genre")[0] == row.id, phrase
        assert row.tempo[0] * 0.6 <= found(understood, "tempo") <= row.tempo[1] * 1.4
    assert found(read(f"a {row.name.lower()} song"), "genre")[0] == row.id


def test_moods_of_genres_lie_where_their_words_do() -> None:
    assert all(0 <= row.valence <= 1 and 0 <= row.arousal <= 1 for row in GENRES.values())
    assert all(normal(word) in lexicon() for word in MOOD_WORDS)


def test_scales_of_context_and_theory_are_one() -> None:
    assert set(CONTEXT_SCALES) == set(SCALES)


def test_unknown_genres_are_named() -> None:
    with pytest.raises(InvalidValue, match="polyfunk"):
        genres.genre("polyfunk")


NAMES = ["intro", "verse 1", "chorus 1", "verse 2", "chorus 2", "bridge", "chorus 3"]
KINDS = [K.INTRO, K.VERSE, K.CHORUS, K.VERSE, K.CHORUS, K.BRIDGE, K.CHORUS]


@pytest.mark.parametrize(
    ("wished", "named"),
    [("chorus", ["chorus 1", "chorus 2", "chorus 3"]), ("Chorus 2", ["chorus 2"]), ("last chorus", ["chorus 3"]),
     ("final chorus", ["chorus 3"]), ("first verse", ["verse 1"]), ("second verse", ["verse 2"]), ("first section", ["intro"]),
     ("last section", ["chorus 3"]), ("third chorus", ["chorus 3"]), ("bridge 1", ["bridge"]), ("last  bridge", ["bridge"]),
     ("section 4", ["verse 2"])],
)  # fmt: skip
def test_sections_by_name_place_and_kind(wished: str, named: list[str]) -> None:
    assert list(resolve({wished: 1}, NAMES, KINDS)) == named


@pytest.mark.parametrize(
    "wished", ["third verse", "solo", "last solo", "chorus 9", "section", "verse 0", "fifth chorus"]
)
def test_sections_that_are_not_there(wished: str) -> None:
    with pytest.raises(InvalidValue, match=wished):
        resolve({wished: 1}, NAMES, KINDS)


def test_the_nearer_name_wins() -> None:
    wishes = {"last chorus": "placed", "chorus": "kind", "chorus 3": "name", "second chorus": "placed"}
    assert resolve(wishes, NAMES, KINDS) == {"chorus 1": "kind", "chorus 2": "placed", "chorus 3": "name"}


OWN = ["Hook 1", "verse 1", "pre-chorus 1", "chorus 1", "Hook 2", "verse 2", "pre-chorus 2", "chorus 2", "middle 8"]
OWN_KINDS = [K.CHORUS, K.VERSE, K.PRECHORUS, K.CHORUS, K.CHORUS, K.VERSE, K.PRECHORUS, K.CHORUS, K.BRIDGE]


@pytest.mark.parametrize(
    ("wished", "named"),
    [("pre-chorus", ["pre-chorus 1", "pre-chorus 2"]), ("Pre Chorus", ["pre-chorus 1", "pre-chorus 2"]),
     ("prechorus 2", ["pre-chorus 2"]), ("second pre-chorus", ["pre-chorus 2"]), ("last pre chorus", ["pre-chorus 2"]),
     ("hook", ["Hook 1", "Hook 2"]), ("last hook", ["Hook 2"]), ("refrain", ["Hook 1", "chorus 1", "Hook 2", "chorus 2"]),
     ("last refrain", ["chorus 2"]), ("strophe 2", ["verse 2"]), ("middle eight", ["middle 8"]), ("middle-8", ["middle 8"]),
     ("verses", ["verse 1", "verse 2"])],
)  # fmt: skip
def test_sections_by_what_they_are_called(wished: str, named: list[str]) -> None:
    assert list(resolve({wished: 1}, OWN, OWN_KINDS)) == named


@pytest.mark.parametrize(
    ("spellings", "one"),
    [(("second verse", "Verse 2", "verse  2"), "verse 2"), (("pre-chorus", "Pre Chorus", "prechorus"), "prechorus"),
     (("last chorus", "Final Chorus"), "last chorus"), (("third pre-chorus", "pre chorus 3"), "prechorus 3"),
     (("middle 8", "Middle-8"), "middle 8"),
     (("Build-Up 2", "second build up"), "buildup 2"), (("chorus",), "chorus")],
)  # fmt: skip
def test_spellings_of_a_name_are_one(spellings: tuple[str, ...], one: str) -> None:
    assert {folded(name) for name in spellings} == {one}
    assert {section_kind(name) for name in spellings} == {section_kind(one)}
    assert fold_names({name: i for i, name in enumerate(spellings)}) == {one: len(spellings) - 1}
