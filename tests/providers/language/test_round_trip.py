"""A whole song with everything a language model may write: the band plays what it wrote."""

import pytest

from domain.context import SongContext
from domain.score import Role, Section, SectionKind
from music.composing import (
    play,
    write_bass_line,
    write_chords,
    write_form,
    write_grooves,
    write_score,
    write_tunes,
)
from music.lyrics import lay_verses, read_lyrics
from providers.language import bass, brief, edits, lyrics, rhythm, structure, theory, tune
from tests.providers.language import answers, test_bass, test_tune

K = SectionKind
PROMPT = "a pop song about a night ferry at 96 bpm in F minor, with piano"
CHORDS = [[c] for c in test_tune.CHORDS * 2]
KINDS = (K.VERSE, K.CHORUS)
FORM = [
    ("intro", 4, 0.2),
    ("verse", 8, 0.4),
    ("chorus", 8, 0.8),
    ("verse", 8, 0.5),
    ("chorus", 8, 1.0),
    ("outro", 4, 0.2),
]


@pytest.fixture(scope="module")
def song():
    told = brief.read(answers.brief(bpm=140, key="G major", sections=[]), PROMPT, seed=5)
    context = SongContext().update(told.understanding.patch)
    harmonies = theory.read(
        answers.chords(verse=CHORDS, chorus=CHORDS), key=context.musical.key, scale=context.musical.scale
    )
    feel = rhythm.read({"groove": "rock", "density": 0.4, "swing": 0.0, "reasoning": []})
    form = structure.read(
        {"sections": [{"kind": k, "bars": b, "energy": e} for k, b, e in FORM], "reasoning": []},
        genre=context.musical.genre,
        tempo=context.musical.tempo,
        time_signature=context.musical.time_signature,
        duration=102.5,
    )
    for patch in (harmonies.patch(), feel.patch(), form.patch()):
        context = context.update(patch)
    read = context.get
    chords = write_chords(read, candidates=1, seed=5)
    grooves = write_grooves(read, candidates=1, seed=5)
    melody = tune.read(
        test_tune.document(), chords, write_tunes(read, chords, candidates=1, seed=5), time_signature="4/4", kinds=KINDS
    )
    line = bass.read(
        answers.lines(*(answers.line(k.value, test_bass.VERSE) for k in KINDS)),
        chords,
        write_bass_line(read, chords, grooves, candidates=1, seed=5),
        time_signature="4/4",
        kinds=KINDS,
    )
    planned = write_form(read, seed=5)
    score = write_score(read, planned, chords, grooves, melody, line, title=told.understanding.title, seed=5)
    return context, grooves, melody, score, play(read, score, seed=5)


def part(score, role):
    return next(p for p in score.parts if p.role is role)


def inside(section: Section, notes):
    begin, end = section.start_bar * 4, (section.start_bar + section.bars) * 4
    return [n for n in notes if begin - 1e-6 <= n.start < end - 1e-6]


def test_the_prompt_wins_over_the_model(song):
    context, _, _, score, _ = song
    assert (context.musical.tempo, score.tempo[0].bpm) == (96, 96)
    assert (score.key, score.scale) == ("F", "minor")
    assert "grand_piano" in {p.instrument for p in score.parts}


def test_form_and_groove_are_the_models(song):
    _, grooves, _, score, _ = song
    assert [(s.kind.value, s.bars, s.energy) for s in score.sections] == FORM
    assert grooves.groove == "rock"


def test_the_chords_of_every_bar_are_the_models(song):
    *_, score, _ = song
    for section in score.sections:
        if section.kind not in KINDS:
            continue
        begin = section.start_bar * 4
        sounding = [c for c in score.chords if begin <= c.start < begin + section.bars * 4]
        assert [c.symbol for c in sounding] == test_tune.CHORDS * 2


def test_lead_and_bass_play_what_was_written(song):
    *_, score, _ = song
    verse = next(s for s in score.sections if s.kind is K.VERSE)
    lead = [(n.pitch % 12, n.start - verse.start_bar * 4) for n in inside(verse, part(score, Role.LEAD).notes)]
    written = [(p % 12, s) for p, s, _ in test_tune.VERSE]
    assert len(set(lead) & set(written)) >= 0.8 * len(written)
    low = [(n.pitch % 12, n.start - verse.start_bar * 4) for n in inside(verse, part(score, Role.BASS).notes)]
    assert len(set(low) & {(p % 12, s) for p, s, _ in test_bass.VERSE}) >= 0.8 * len(test_bass.VERSE)


def test_it_is_performed_and_sung(song):
    *_, melody, score, performance = song
    assert all(p.notes for p in performance.parts if p.role in (Role.LEAD, Role.BASS))
    asked = lyrics.sung_sections(melody, score.sections)
    words = {
        "language": "en",
        "reasoning": [],
        "sections": [{"name": s.name, "lines": [" ".join(["low"] * n) for n in s.phrases]} for s in asked],
    }
    laid = lay_verses(read_lyrics(lyrics.read(words, asked).text()), score.sections)
    verses = [s for s in score.sections if s.kind in KINDS]
    assert {s.start_bar for s in verses} == set(laid)
    assert len(laid[verses[0].start_bar]) == sum(asked[0].phrases) == len(test_tune.VERSE)


def test_and_edited(song):
    *_, score, _ = song
    document = {
        "edits": [{"op": "mute", "part": "drums", "section": "verse 1"}], "refusal": None, "reasoning": answers.WHY,
    }  # fmt: skip
    got = edits.read(document, score)
    context = SongContext().update({"musical.edits": [o.value for o in got.operations()]})
    assert context.musical.edits == list(got.edits)
