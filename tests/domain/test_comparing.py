"""What differs between two results of a stage."""

from domain.comparing import compare, differences
from domain.stages import Stage
from domain.steps import Artifact, MediaType, StageResult


def artifact(content: str) -> Artifact:
    return Artifact(hash=content * 64, size=3, type=MediaType.AUDIO_WAV, media_type="audio/wav")


def result(**fields) -> StageResult:
    return StageResult(stage=Stage.MASTERING, revision=1, take=1, context="c" * 64, **fields)


def changed(one: dict, other: dict) -> list[tuple]:
    return [(change.path, change.before, change.after) for change in differences(one, other)]


def test_paths_are_told_with_both_values_in_order():
    one = {"technical": {"loudness_target": -14, "bit_depth": 24}, "musical": {"tempo": 80, "genre": ["jazz"]}}
    other = {"technical": {"loudness_target": -16, "bit_depth": 24}, "musical": {"tempo": 80.0, "genre": ["folk"]}}
    assert changed(one, other) == [
        ("musical.genre", ["jazz"], ["folk"]),
        ("technical.loudness_target", -14, -16),
    ]


def test_what_is_set_on_one_side_only_is_a_difference_of_its_leaves():
    assert changed({}, {"musical": {"mood": {"valence": 0.2}}}) == [("musical.mood.valence", None, 0.2)]
    assert changed({"musical": {"mood": {"valence": 0.2}}}, {"musical": {}}) == [("musical.mood.valence", 0.2, None)]
    assert changed({"musical": {"key": "F"}}, {"musical": {"key": {"tonic": "F"}}}) == [
        ("musical.key", "F", {"tonic": "F"})
    ]


def test_unset_and_empty_are_told_apart_from_values_but_not_from_each_other_as_none():
    assert changed({"creative": {"lyrics": None}}, {"creative": {}}) == []
    assert changed({"creative": {"constraints": {}}}, {"creative": {}}) == [("creative.constraints", {}, None)]


def test_measurements_have_a_delta_where_they_are_numbers():
    one = result(measured={"loudness": -14.2, "peak": -1.0, "checks_ok": False, "key": "F", "length": 60})
    other = result(measured={"loudness": -16.1, "peak": -1.0, "checks_ok": True, "key": "G", "clicks": 0})
    told = {m.name: (m.before, m.after, m.delta) for m in compare(one, other, ({}, {})).measured}
    assert told == {
        "checks_ok": (False, True, None),
        "clicks": (None, 0, None),
        "key": ("F", "G", None),
        "length": (60, None, None),
        "loudness": (-14.2, -16.1, -1.9),
    }


def test_an_endless_measurement_has_no_delta():
    one, other = result(measured={"loudness": -70.0}), result(measured={"loudness": float("-inf")})
    assert [m.delta for m in compare(one, other, ({}, {})).measured] == [None]


def test_files_are_compared_by_name_and_content():
    one = result(artifacts={"master": artifact("a"), "report": artifact("b"), "old": artifact("c")})
    other = result(artifacts={"master": artifact("d"), "report": artifact("b"), "new": artifact("c")})
    told = compare(one, other, ({}, {}))
    assert [file.name for file in told.added] == ["new"]
    assert [file.name for file in told.removed] == ["old"]
    assert [(f.name, f.before.hash[0], f.after.hash[0]) for f in told.changed if f.before and f.after] == [
        ("master", "a", "d")
    ]
    assert told.same_files == 1


def test_a_result_compared_with_itself_has_no_differences():
    one = result(artifacts={"master": artifact("a")}, measured={"peak": -1.0}, patch={"musical": {"tempo": 80}})
    told = compare(one, one, ({"musical": {"tempo": 80}}, {"musical": {"tempo": 80}}))
    assert told == type(told)(same_files=1)


def test_decisions_are_what_the_stage_itself_set():
    one, other = result(patch={"musical": {"key": "F"}}), result(patch={"musical": {"key": "G"}})
    told = compare(one, other, ({"musical": {"tempo": 80}}, {"musical": {"tempo": 90}}))
    assert [(c.path, c.before, c.after) for c in told.decisions] == [("musical.key", "F", "G")]
    assert [(c.path, c.before, c.after) for c in told.context] == [("musical.tempo", 80, 90)]
