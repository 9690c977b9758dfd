"""Takes: asked against heard, and the choice among them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio.guarded import Decoded
from audio.intake import Intake, Purpose, conform
from audio.judging import (
    WEIGHTS,
    Asked,
    Heard,
    Judged,
    choose,
    count_clicks,
    judge,
    listen,
    pitch_classes,
)
from audio.rate import RATE, Array
from domain.errors import InvalidValue
from tests.audio.foreign import silence, sine, tune
from tests.audio.signals import noise

ASKED = Asked(tempo_bpm=120.0, key="A minor", seconds=16.0)


def take(x: Array) -> Intake:
    return conform(Decoded(x, RATE, "WAV", "PCM_16"), name="take", purpose=Purpose.TAKE)


@pytest.fixture(scope="module")
def good() -> Heard:
    return listen(take(tune()))


def score(x: Array, asked: Asked = ASKED) -> float:
    return judge("take", listen(take(x)), asked).score


def verdict(found: Judged, name: str) -> Any:
    return next(v for v in found.verdicts if v.name == name)


def test_a_take_that_is_what_was_asked_scores_high(good: Heard) -> None:
    found = judge("take", good, ASKED)
    assert found.score > 0.95, found.verdicts
    assert good.tempo_bpm == pytest.approx(120.0, abs=0.6)
    assert "A minor" in (good.key, *good.alike)
    assert {v.name for v in found.verdicts} == set(WEIGHTS)
    assert sum(v.weight for v in found.verdicts) == pytest.approx(1.0, abs=0.001)


def test_weights_are_a_whole() -> None:
    assert sum(WEIGHTS.values()) == pytest.approx(1.0)


def test_what_was_not_asked_does_not_count(good: Heard) -> None:
    found = judge("take", good, Asked())
    assert {v.name for v in found.verdicts} == set(WEIGHTS) - {"key", "tempo", "length"}
    assert sum(v.weight for v in found.verdicts) == pytest.approx(1.0, abs=0.001)


def with_steps(x: Array, count: int) -> Array:
    y = x.copy()
    for n in range(count):
        y[RATE // 3 + n * (y.shape[0] - RATE) // max(1, count)] += np.float32(0.8)
    return y


SPOILED = {
    "another key": tune(60),
    "another tempo": tune(bpm=104.0),
    "half as long": tune(seconds=8.0),
    "twice as long": tune(seconds=32.0),
    "clipped": np.clip(tune() * 6.0, -0.25, 0.25),
    "a hole of five seconds": np.concatenate([tune(seconds=8.0), silence(5.0), tune(seconds=3.0)]),
    "clicks": with_steps(tune(), 12),
    "drowned in noise": (tune() * 0.3 + noise(16.0, 0.1)).astype(np.float32),
    "one side upside down": tune() * np.float32([1.0, -1.0]),
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_spoiled_take_loses_in_every_order(fault: str, good: Heard) -> None:
    takes = [judge("good", good, ASKED), judge("spoiled", listen(take(SPOILED[fault])), ASKED)]
    assert takes[0].score > takes[1].score + 0.005
    for order in (takes, takes[::-1]):
        choice = choose(order)
        assert order[choice.best].name == "good"
        assert choice.reasons


def test_reasons_name_what_decided(good: Heard) -> None:
    choice = choose([judge("a", listen(take(tune(seconds=8.0))), ASKED), judge("b", good, ASKED)])
    assert choice.ranking == (1, 0)
    assert choice.reasons[0] == "length: 16.0 s against 8.0 s (16 s)"


def test_the_person_may_overrule_and_what_was_overruled_is_kept(good: Heard) -> None:
    takes = [judge("a", good, ASKED), judge("b", listen(take(tune(60))), ASKED)]
    choice = choose(takes, preferred=2)
    assert (choice.best, choice.ranking, choice.overruled) == (1, (0, 1), 0)
    assert choice.reasons[0] == "take 2 (b) was chosen by a person; the measurements prefer take 1 (a)"
    agreed = choose(takes, preferred=1)
    assert (agreed.best, agreed.overruled) == (0, None)
    for wrong in (0, 3, -1):
        with pytest.raises(InvalidValue, match="choose 1 to 2"):
            choose(takes, preferred=wrong)
    with pytest.raises(InvalidValue, match="no take"):
        choose([])


figures = st.fixed_dictionaries(
    {
        "duration_s": st.floats(1, 600),
        "tempo_bpm": st.floats(40, 240),
        "tempo_confidence": st.floats(0, 1),
        "key": st.sampled_from(["A minor", "C major", "F# minor", "Bb major", "A major", "E minor"]),
        "clipped": st.integers(0, 100_000),
        "clicks": st.integers(0, 40),
        "flatness": st.floats(0, 0.6),
    }
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(figures, min_size=1, max_size=6), data=st.data())
def test_the_choice_does_not_depend_on_the_order_and_equals_go_by_it(
    good: Heard, rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    takes = [
        judge(str(n), good.model_copy(update={**row, "alike": (row["key"],)}), ASKED) for n, row in enumerate(rows)
    ]
    assert all(0.0 <= t.score <= 1.0 for t in takes)
    first = choose(takes)
    shuffled = data.draw(st.permutations(takes))
    second = choose(shuffled)
    assert takes[first.best].score == shuffled[second.best].score == max(t.score for t in takes)
    assert [takes[n].score for n in first.ranking] == [shuffled[n].score for n in second.ranking]
    assert first.best == min(n for n, t in enumerate(takes) if t.score == takes[first.best].score)


@settings(max_examples=60, deadline=None)
@given(row=figures)
def test_each_fault_alone_makes_a_take_worse_or_no_better(good: Heard, row: dict[str, Any]) -> None:
    base = good.model_copy(
        update={**row, "duration_s": 16.0, "key": "A minor", "alike": ("A minor",), "tempo_confidence": 0.9}
    )
    fine = judge("fine", base, ASKED).score
    for fault in (
        {"key": "Eb major", "alike": ("Eb major",)},
        {"tempo_bpm": 97.0},
        {"duration_s": 5.0},
        {"clipped": base.clipped + 50_000},
        {"clicks": base.clicks + 40},
        {"flatness": 0.6},
    ):
        assert judge("worse", base.model_copy(update=fault), ASKED).score <= fine


def test_half_and_double_time_are_nearly_right_and_two_thirds_is_wrong(good: Heard) -> None:
    credit = {
        bpm: verdict(judge("t", good.model_copy(update={"tempo_bpm": bpm}), ASKED), "tempo").credit
        for bpm in (120.0, 60.0, 240.0, 80.0, 180.0, 121.0)
    }
    assert credit[120.0] == credit[121.0] == 1.0
    assert credit[60.0] == credit[240.0] == pytest.approx(0.9)
    assert credit[80.0] == credit[180.0] == 0.0


def test_near_keys_get_part_of_the_credit(good: Heard) -> None:
    found = [
        verdict(judge("t", good.model_copy(update={"key": key, "alike": (key,)}), ASKED), "key").credit
        for key in ("A minor", "C major", "A major", "E minor", "Eb major")
    ]
    assert found == sorted(found, reverse=True)
    assert (found[0], found[-1]) == (1.0, 0.0)
    alike = good.model_copy(update={"key": "C major", "alike": ("C major", "A minor")})
    assert verdict(judge("t", alike, ASKED), "key").credit == 0.9


def test_what_cannot_be_heard_is_said_and_counts_half(good: Heard) -> None:
    dull = listen(take(noise(16.0)))
    found = verdict(judge("t", dull, ASKED), "tempo")
    assert (found.heard, found.credit) == ("no clear pulse", 0.5)


@pytest.mark.parametrize(
    ("key", "answer"),
    [("A minor", (9, "minor")), ("f# min", (6, "minor")), ("Bb", (10, "major")), ("D dorian", (2, "minor")),
     ("E♭ mixolydian", (3, "major")), ("Cb major", (11, "major"))],
)  # fmt: skip
def test_keys_are_read(key: str, answer: tuple[int, str]) -> None:
    assert pitch_classes(key) == answer


@pytest.mark.parametrize("key", ["", "H minor", "A strange", "minor"])
def test_what_is_no_key_is_refused(key: str, good: Heard) -> None:
    with pytest.raises(InvalidValue, match="cannot be read"):
        judge("t", good, ASKED.model_copy(update={"key": key}))


def test_planted_clicks_are_counted_and_drums_are_none() -> None:
    clean = tune(seconds=12.0)
    assert count_clicks(clean) == 0
    assert count_clicks(with_steps(clean, 5)) == 5
    assert count_clicks(noise(4.0)) == 0
    assert count_clicks(sine(5000, 2.0)) == 0
    assert count_clicks(silence(2.0)) == 0


def test_clipping_in_the_source_reaches_the_verdict(good: Heard) -> None:
    assert verdict(judge("t", listen(replace(take(tune()), clipped=10)), ASKED), "clipping").credit < 0.95
