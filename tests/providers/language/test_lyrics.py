import pytest

from domain.errors import InvalidValue
from domain.score import Note, Section, SectionKind
from music.lyrics import lay_verses, read_lyrics
from providers.language import lyrics
from providers.language.lyrics import SungSection
from tests.music import material
from tests.providers.language import answers

K = SectionKind
ASKED = (
    SungSection(name="verse 1", kind=K.VERSE, phrases=(8, 6)),
    SungSection(name="chorus", kind=K.CHORUS, phrases=(7,)),
)
VERSE = ["The harbour lights are going down", "I count them one by one"]
CHORUS = ["Carry me over the water"]


def document(verse=VERSE, chorus=CHORUS, language="en", **more):
    sections = [{"name": "verse 1", "lines": list(verse)}, {"name": "chorus", "lines": list(chorus)}]
    return {"language": language, "sections": sections, "reasoning": answers.WHY, **more}


def test_the_order_tells_the_syllables_of_every_line():
    order = lyrics.order("a night ferry", ASKED, language="Spanish", title="Ferry", style="slow", user="hash")
    assert "verse 1 (verse): 8, 6" in order.text
    assert "chorus (chorus): 7" in order.text
    assert "About: a night ferry" in order.text
    assert "language es" in order.instructions


def test_good_lyrics_become_text_with_tags():
    got = lyrics.read(document(), ASKED)
    assert got.text() == (
        "[Verse 1]\nThe harbour lights are going down\nI count them one by one\n\n[Chorus]\nCarry me over the water"
    )
    assert got.reasoning[0].text == "it is night"


def test_the_text_is_laid_under_the_sections_by_the_score():
    got = lyrics.read(document(), ASKED)
    sections = [
        Section(name=name, kind=kind, start_bar=i * 8, bars=8)
        for i, (name, kind) in enumerate((("verse 1", K.VERSE), ("chorus 1", K.CHORUS), ("chorus 2", K.CHORUS)))
    ]
    laid = lay_verses(read_lyrics(got.text()), sections)
    assert "".join(s.text for s in laid[0]).startswith("Theharbourlights")
    assert laid[8] == laid[16]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("es", "La noche se va sin hablar"),
        ("de", "Die Lichter gehen langsam aus"),
        ("fr", "La nuit descend sur la rivière"),
        ("it", "La notte cade piano su di me"),
        ("pt", "A noite cai devagar no mar"),
    ],
)
def test_other_languages_are_counted_by_their_own_spelling(language, line):
    asked = (SungSection(name="verse", kind=K.VERSE, phrases=(8,)),)
    good = {"language": language, "sections": [{"name": "verse", "lines": [line]}], "reasoning": []}
    assert lyrics.read(good, asked, language=language).sections[0].lines == [line]
    doubled = {**good, "sections": [{"name": "verse", "lines": [f"{line} {line}"]}]}
    with pytest.raises(InvalidValue, match="verse, line 1"):
        lyrics.read(doubled, asked, language=language)


@pytest.mark.parametrize(
    ("spoiled", "told"),
    [
        (document(verse=VERSE[:1]), "verse 1: 2 lines were asked for, there are 1"),
        (document(verse=[VERSE[0], "I count them one by one until the morning comes"]), "verse 1, line 2"),
        (document(chorus=["Carry me"]), "chorus, line 1 .*3 syllables for a phrase of 7 notes"),
        (document(chorus=[""]), "chorus, line 1"),
        (document(language="de"), "language: 'en' was asked for"),
        (document(sections=[{"name": "verse 1", "lines": VERSE}]), "'chorus' is missing"),
        (document(sections=[{"name": "coda", "lines": ["La"]}]), "nobody asked for 'coda'"),
        ({"language": "en"}, "sections"),
    ],
)
def test_wrong_lyrics_are_refused_by_name(spoiled, told):
    with pytest.raises(InvalidValue, match=told):
        lyrics.read(spoiled, ASKED)


def test_a_syllable_more_or_less_is_sung_on_a_slur_or_a_split_note():
    assert lyrics.tolerance(4) == 1
    assert lyrics.tolerance(10) == 2
    nine = document(verse=["The harbour lights are going slowly", VERSE[1]])
    assert lyrics.read(nine, ASKED)


def note(start: float, length: float = 1.0) -> Note:
    return Note(pitch=64, start=start, duration=length)


def test_phrases_end_at_rests():
    tune = [note(0), note(1), note(2), note(4), note(5), note(6), note(7), note(10), note(11), note(12)]
    assert lyrics.phrases_of(tune) == (3, 4, 3)
    assert lyrics.phrases_of([]) == ()


def test_a_stray_note_goes_with_the_phrase_before_and_a_long_phrase_is_two_lines():
    assert lyrics.phrases_of([note(0), note(1), note(2), note(5)]) == (4,)
    assert lyrics.phrases_of([note(0), note(3), note(4), note(5)]) == (4,)
    assert lyrics.phrases_of([note(i / 2, 0.5) for i in range(20)]) == (10, 10)


def test_a_tune_tells_what_is_sung_where():
    tune = material.melody(material.harmony())
    form = [
        Section(name=name, kind=kind, start_bar=i * 8, bars=8)
        for i, (name, kind) in enumerate(
            (
                ("intro", K.INTRO),
                ("verse 1", K.VERSE),
                ("chorus 1", K.CHORUS),
                ("verse 2", K.VERSE),
                ("chorus 2", K.CHORUS),
            )
        )
    ]
    asked = lyrics.sung_sections(tune, form)
    assert [s.name for s in asked] == ["verse 1", "chorus 1", "verse 2"]
    assert sum(asked[0].phrases) == len(tune.of(K.VERSE).notes)
    fitting = {
        "language": "en",
        "reasoning": [],
        "sections": [{"name": s.name, "lines": [" ".join(["la"] * n) for n in s.phrases]} for s in asked],
    }
    assert lyrics.read(fitting, asked).sections[2].name == "verse 2"
