"""The context: paths, validation, merging, layers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.context import SongContext, effective, leaf_paths, merge, normalise, touched_paths
from domain.errors import InvalidValue, UnknownPath
from domain.stages import Stage
from domain.steps import STEPS, earliest_reader, paths_read

VALID = {
    "musical.key": "F#",
    "musical.scale": "dorian",
    "musical.tempo": 91.5,
    "musical.time_signature": "6/8",
    "musical.genre": ["techno"],
    "musical.mood.valence": 0.9,
    "musical.mood.arousal": 0.1,
    "musical.structure": [{"name": "verse", "duration": 8}],
    "musical.chord_progression": {"chorus": ["Fm7", "Db/F"]},
    "musical.instruments": ["rhodes", "cello"],
    "musical.melody.contour": "arch",
    "musical.melody.density": 0.2,
    "musical.melody.range": 12,
    "musical.melody.summary": "a tune",
    "musical.bass_line.style": "walking",
    "musical.bass_line.density": 0.4,
    "musical.bass_line.summary": "walks",
    "musical.rhythm_pattern.groove": "bossa_nova",
    "musical.rhythm_pattern.density": 0.3,
    "musical.rhythm_pattern.swing": 0.6,
    "musical.rhythm_pattern.summary": "swings",
    "musical.sections": {"verse 1": {"energy": 0.2, "mute": ["bass"]}},
    "musical.takes": {"bridge": 2},
    "musical.edits": [{"op": "mute", "part": "drums", "section": "intro"}],
    "musical.transitions": {"chorus 1": "riser"},
    "musical.dynamics": {"verse 1": -0.5},
    "technical.sample_rate": 44_100,
    "technical.bit_depth": 16,
    "technical.channels": 1,
    "technical.format": "flac",
    "technical.duration": 90,
    "technical.loudness_target": -16,
    "creative.inspiration": "rain",
    "creative.references": ["an old record"],
    "creative.constraints": {"no_drums": True},
    "creative.preferences": {"mix": {"reverb": 0.2}},
    "creative.style_modifiers": ["dusty"],
    "creative.enhanced_prompt": "a song",
    "creative.lyrics": "la la",
    "ai_decisions.prompt_enhancement": {"level": "light"},
    "ai_decisions.generation_params": {"candidates": 2},
    "ai_decisions.model_selections": {"composition": "builtin"},
    "ai_decisions.processing_history": ["once"],
}
INVALID = [
    ("musical.tempo", 5000),
    ("musical.tempo", "fast"),
    ("musical.key", "H#"),
    ("musical.scale", "bluegrass"),
    ("musical.time_signature", "4/5"),
    ("musical.mood.valence", 1.2),
    ("musical.chord_progression", ["H7"]),
    ("technical.bit_depth", 17),
    ("technical.duration", 19),
    ("technical.duration", 901),
    ("technical.loudness_target", 3),
    ("technical.loudness_target", float("nan")),
    ("technical.channels", 6),
]


def test_every_path_can_be_set_and_read():
    assert set(VALID) == set(leaf_paths())
    for path, value in VALID.items():
        read = SongContext().set(path, value).get(path)
        assert (
            read == value
            or (path == "musical.sections" and read["verse 1"]["mute"] == ["bass"])
            or (path == "musical.structure" and read[0]["name"] == "verse")
        )


@pytest.mark.parametrize(("path", "value"), INVALID)
def test_an_impossible_value_names_its_path_and_changes_nothing(path, value):
    context = SongContext()
    before = context.model_dump()
    with pytest.raises(InvalidValue, match=path.replace(".", r"\.")):
        context.set(path, value)
    assert context.model_dump() == before


@pytest.mark.parametrize("path", ["tempo", "musical.tempoo", "musical.tempo.x", "creative.x.y", "technical.key"])
def test_an_unknown_path_is_named(path):
    with pytest.raises(UnknownPath, match="unknown context path"):
        SongContext().set(path, 1)
    with pytest.raises(UnknownPath):
        SongContext().get(path)


def test_open_maps_take_any_key():
    context = SongContext().set("creative.preferences.mix.gain.bass", -2)
    assert context.get("creative.preferences") == {"mix": {"gain": {"bass": -2}}}


def test_add_to_list_makes_a_list():
    assert SongContext().add_to_list("musical.genre", "rock").add_to_list("musical.genre", "pop").get(
        "musical.genre"
    ) == ["rock", "pop"]


@pytest.mark.parametrize(("given_key", "key", "scale"), [("d minor", "D", "minor"), ("B♭", "Bb", "major")])
def test_keys_are_understood(given_key, key, scale):
    context = SongContext().set("musical.key", given_key)
    assert (context.musical.key, context.musical.scale) == (key, scale)


def test_the_persons_settings_win_over_the_stages():
    person, stage = {"musical": {"tempo": 90}}, {"musical": {"tempo": 120, "key": "C"}}
    assert effective(person, [stage]).musical.tempo == 90
    assert effective(person, [stage]).musical.key == "C"


def test_a_setting_taken_back_lets_the_stage_decide_again():
    person = merge({"musical": {"tempo": 90}}, normalise({"musical.tempo": None}))
    assert effective(person, [{"musical": {"tempo": 100}}]).musical.tempo == 100


@given(st.dictionaries(st.sampled_from(sorted(VALID)), st.none(), max_size=6))
def test_flat_and_nested_patches_are_the_same(chosen):
    flat = {path: VALID[path] for path in chosen}
    assert SongContext().update(flat) == SongContext().update(normalise(flat))


def test_touched_paths_are_leaves():
    patch = normalise({"technical.loudness_target": -16, "musical.chord_progression.chorus": ["F"]})
    assert touched_paths(patch) == ("technical.loudness_target", "musical.chord_progression.chorus")


@pytest.mark.parametrize(
    ("path", "stage"),
    [
        ("technical.loudness_target", Stage.MASTERING),
        ("musical.tempo", Stage.COMPOSITION),
        ("musical.key", Stage.COMPOSITION),
        ("musical.structure", Stage.ARRANGEMENT),
        ("creative.style_modifiers", Stage.PRODUCTION),
        ("creative.preferences.mix", Stage.MIXING),
        ("creative.lyrics", Stage.FINALIZATION),
    ],
)
def test_the_earliest_stage_that_reads_a_path(path, stage):
    assert earliest_reader(path) is stage


def test_every_path_is_read_by_some_step():
    read = {path for spec in STEPS.values() for path in paths_read(spec)}
    assert read == set(leaf_paths())


def test_sections_of_chords_are_named_without_regard_to_case():
    chords = {" Last Chorus": ["Fm7", "Db"], "ALL": ["C"]}
    for patch in ({"musical.chord_progression": chords}, {"musical": {"chord_progression": chords}}):
        read = SongContext().update(patch).get("musical.chord_progression")
        assert read == {"last chorus": ["Fm7", "Db"], "all": ["C"]}
