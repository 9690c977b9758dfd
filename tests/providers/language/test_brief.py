import pytest

from domain.context import SongContext
from domain.errors import InvalidValue
from music.composing import compose
from music.material import TAIL_S
from providers.language import brief
from tests.providers.language import answers

PROMPT = "a song about a night ferry"


def read(prompt=PROMPT, *, level="moderate", given=None, **changes):
    return brief.read(answers.brief(**changes), prompt, level=level, given=given, seed=3)


def test_the_order_asks_for_reasons_and_keeps_what_is_settled():
    order = brief.order(PROMPT, level="strong", given={"musical.tempo": 90}, user="hash")
    assert order.text.startswith(PROMPT)
    assert "musical.tempo = 90" in order.text
    assert order.json_schema["required"][-1] == "reasoning"
    assert "dream_pop" in order.instructions
    assert "rhodes" in order.instructions
    assert brief.LEVELS["strong"] in order.instructions
    assert order.user == "hash"
    assert brief.order(PROMPT).text == PROMPT


def test_what_nobody_said_is_the_models():
    patch = read().understanding.patch
    assert patch["musical"]["genre"] == ["dream_pop", "ambient"]
    assert patch["musical"]["tempo"] == 84
    assert (patch["musical"]["key"], patch["musical"]["scale"]) == ("D", "minor")
    assert patch["musical"]["instruments"] == ["rhodes", "cello", "brush_kit", "upright_bass"]
    assert patch["technical"]["duration"] == 150
    assert patch["creative"]["style_modifiers"] == ["warm", "dreamy"]
    assert patch["creative"]["enhanced_prompt"].startswith("A slow crossing in the dark.")
    assert 0.35 < patch["musical"]["mood"]["valence"] < 0.5


def test_the_patch_is_a_context_and_a_song_can_be_written_from_it():
    patch = read().understanding.patch
    context = SongContext().update(patch)
    assert [s.name for s in context.musical.structure] == ["intro", "verse", "prechorus", "chorus", "outro"]
    song = compose(PROMPT, seed=3, wishes=patch, candidates=1)
    assert song.score.tempo[0].bpm == 84
    assert {part.instrument for part in song.score.parts} >= {"rhodes", "cello"}
    assert song.form.duration_s == pytest.approx(150, abs=240 / 84 + TAIL_S)


@pytest.mark.parametrize(
    ("said", "path", "value"),
    [
        ("a song at 101 bpm about a ferry", "musical.tempo", 101),
        ("a ferry song in G major", "musical.key", "G"),
        ("a ferry song in G major", "musical.scale", "major"),
        ("a ferry waltz in 3/4", "musical.time_signature", "3/4"),
        ("techno about a ferry", "musical.genre", ["techno"]),
        ("a ferry song of 2 minutes", "technical.duration", 120),
        ("ferry song, solo piano", "musical.instruments", ["grand_piano"]),
        ("ferry, chords Am | F | C | G", "musical.chord_progression", {"all": ["Am", "F", "C", "G"]}),
        ("ferry: verse 16 bars, chorus 8 bars", "musical.structure", [
            {"name": "verse", "duration": 16, "unit": "bars"}, {"name": "chorus", "duration": 8, "unit": "bars"},
        ]),
    ],
)  # fmt: skip
def test_explicit_wishes_stand_whatever_the_model_says(said, path, value):
    got = read(said)
    group, _, name = path.partition(".")
    assert got.understanding.patch[group][name] == value
    SongContext().update(got.understanding.patch)


def test_the_person_sees_what_the_model_wanted_instead():
    got = read("sad ferry song at 101 bpm")
    assert "musical.tempo" in got.kept
    assert "musical.mood" in got.kept
    told = [s for s in got.understanding.reasoning if s.field == "musical.tempo"]
    assert [(s.value, s.source) for s in told] == [("101.0", "prompt"), ("84.0", "prompt")]
    assert told[1].text == "the model said this; what the person said was kept"


def test_named_players_join_the_models_band_and_players_left_out_leave_it():
    band = read("a ferry song with accordion and no drums").understanding.patch["musical"]["instruments"]
    assert band == ["accordion", "rhodes", "cello", "upright_bass"]


def test_what_the_person_has_set_is_not_in_the_patch():
    patch = read(given={"musical.tempo": 90.0, "musical.genre": ["jazz_ballad"]}).understanding.patch
    assert "tempo" not in patch["musical"]
    assert "genre" not in patch["musical"]


def test_the_reasons_of_the_model_are_the_trace():
    steps = {s.field: s for s in read().understanding.reasoning}
    assert steps["musical.tempo"].text == "a ferry is slow"
    assert steps["musical.tempo"].source == "model"
    assert steps["vocal"].text == "the sea sings"
    assert steps["musical.key"].text == "the model's choice"


@pytest.mark.parametrize(
    ("written", "key", "scale"), [("Dm", "D", "minor"), ("F# dorian", "F#", "dorian"), ("bb major", "Bb", "major")]
)
def test_keys_as_models_write_them(written, key, scale):
    musical = read(key=written).understanding.patch["musical"]
    assert (musical["key"], musical["scale"]) == (key, scale)


def test_a_note_alone_leaves_the_mode_to_the_mood():
    assert read("a sad ferry song", key="E").understanding.patch["musical"]["key"] == "E"
    assert read("a sad minor ferry song", key="E").understanding.patch["musical"]["scale"] == "minor"


def test_a_light_hand_leaves_band_form_and_sound_to_the_composer():
    light = read(level="light").understanding.patch
    assert light["musical"]["tempo"] == 84
    assert "structure" not in light["musical"]
    assert light["musical"]["instruments"] != read().understanding.patch["musical"]["instruments"]
    assert len(light["musical"]["instruments"]) > 2


def test_sections_are_fitted_to_the_length_that_was_asked_for():
    entries = read("a ferry song of 3 minutes").understanding.patch["musical"]["structure"]
    bars = sum(entry["duration"] for entry in entries)
    assert bars * 240 / 84 + TAIL_S == pytest.approx(180, abs=240 / 84)
    assert {entry["unit"] for entry in entries} == {"bars"}


def test_words_for_music_providers_come_along():
    sections = [{"name": "verse", "duration_seconds": 30, "styles": ["soft"], "lyrics": ["The harbour sleeps"]}]
    voice = {"gender": "female", "timbre": "breathy"}
    got = read(instrumental=False, language="en", vocal=voice, sections=sections, style_prompt="warm " * 300)
    assert got.voice.gender == "female"
    assert got.language == "en"
    assert got.sections[0].lyrics == ("The harbour sleeps",)
    assert len(got.style_prompt) <= 900
    assert not got.style_prompt.endswith("war")


def test_instruments_that_nobody_here_plays_are_told():
    got = read(instruments=["hurdy-gurdy", "electric piano"])
    assert got.unknown == ("hurdy-gurdy",)
    assert got.understanding.patch["musical"]["instruments"] == ["rhodes"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"genre": "xyzzy"}, "genre"),
        ({"bpm": 900}, "bpm: 900"),
        ({"key": "H blurred"}, "key"),
        ({"key": "D sideways"}, "key"),
        ({"time_signature": "4/3"}, "4/3"),
        ({"duration_seconds": 4}, "duration_seconds: 4"),
        ({"sections": [{"name": "verse", "duration_seconds": 0, "styles": [], "lyrics": []}]}, "verse of 0 seconds"),
        ({"sections": [{"name": "polka", "duration_seconds": 9, "styles": [], "lyrics": []}]}, "sections.0.name"),
        ({"vocal": {"gender": "loud", "timbre": ""}}, "vocal"),
        ({"surprise": 1}, "surprise"),
        ({"title": None}, "title"),
    ],
)
def test_a_wrong_answer_is_refused_by_name(changes, told):
    with pytest.raises(InvalidValue, match=told):
        read(**changes)
