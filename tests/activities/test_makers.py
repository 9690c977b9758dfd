"""Who made what of a song, as its report tells it."""

from typing import Any

import pytest

from activities.makers import asked, engine, recorded_by, vocals
from activities.report_page import render_report
from domain.providers import Choice, ErrorKind, Refusal, Task, Tried
from domain.providing import Provided
from tests.activities.test_release_pages import NASTY, Bench, Page

WORDS = "rain on the roof"


def result(stage: str, *made: tuple[Task, str], lyrics: str | None = None) -> dict[str, Any]:
    """A stage's result: what was asked of whom."""
    provided = [
        Provided(
            task=task, step="s", provider=provider, model="m1" if provider != "builtin" else "",
            choice=Choice(task=task, provider=provider, reasons=(f"{provider} is <first>",),
                          refused=(Refusal(provider="udio", reason=f"no key: {NASTY}"),)),
            tried=(Tried(provider="suno", kind=ErrorKind.OVERLOADED, reason="busy"),) if provider == "mureka" else (),
        ).model_dump(mode="json")
        for task, provider in made
    ]  # fmt: skip
    return {"stage": stage, "provided": provided, "patch": {"creative": {"lyrics": lyrics}} if lyrics else {}}


OURS = result("composition", (Task.MELODY, "builtin"))


def test_each_task_is_told_with_who_did_it_and_who_did_not() -> None:
    entry, other = asked([{"stage": "mixing"}, OURS, result("production", (Task.FULL_SONG, "mureka"))])
    assert (entry["stage"], entry["task"], entry["provider"]) == ("composition", "melody", "builtin")
    assert (other["provider"], other["model"], other["cost"]) == ("mureka", "m1", "0")
    assert other["reasons"] == ["mureka is <first>"]
    assert other["tried"] == [{"provider": "suno", "kind": "overloaded", "reason": "busy"}]
    assert other["not_asked"] == [{"provider": "udio", "reason": f"no key: {NASTY}"}]


@pytest.mark.parametrize(
    ("entries", "stages", "name"),
    [
        ([], [], "builtin"),
        ([{"provider": "builtin"}], [{"provider": "builtin"}], "builtin"),
        ([{"provider": "openai"}], [], "providers"),
        ([], [{"provider": "suno"}], "providers"),
    ],
)
def test_the_engine(entries: list[dict[str, Any]], stages: list[dict[str, Any]], name: str) -> None:
    assert engine(entries, stages) == name


def test_the_recording_is_that_of_production() -> None:
    lines = list(asked([result("ideation", (Task.ENHANCEMENT, "openai")), result("production", (Task.STEMS, "suno"))]))
    assert recorded_by(lines) == "suno"
    assert recorded_by(lines[:1]) == ""
    assert recorded_by(list(asked([result("production", (Task.INSTRUMENTAL, "builtin"))]))) == ""


LYRICS = result("arrangement", (Task.LYRICS, "openai"), lyrics=WORDS)


@pytest.mark.parametrize(
    ("results", "words", "line"),
    [
        ([OURS], None, "none: the lead instrument plays the vocal line"),
        ([OURS], WORDS, "none: the lead instrument plays the vocal line"),
        ([result("production", (Task.INSTRUMENTAL, "suno"))], None, "none: suno was asked for an instrumental"),
        ([result("production", (Task.FULL_SONG, "suno"))], None, "sung by a voice of suno, in its own words"),
        ([result("production", (Task.VOCALS, "udio"))], WORDS, "sung by a voice of udio, in the person's words"),
        (
            [LYRICS, result("production", (Task.FULL_SONG, "suno"))], WORDS,
            "sung by a voice of suno, in words written by openai",
        ),
        (
            [LYRICS, result("production", (Task.FULL_SONG, "suno"))], "my own",
            "sung by a voice of suno, in the person's words",
        ),
        (
            [LYRICS, result("production", (Task.FULL_SONG, "builtin"))], WORDS,
            "none: a voice was asked for, but no provider that sings made the song; the lead instrument plays",
        ),
        (
            [result("production", (Task.TRANSFORMATION, "suno"))], None,
            "as suno made them in its version of the uploaded song",
        ),
    ],
)  # fmt: skip
def test_who_sings_what(results: list[dict[str, Any]], words: str | None, line: str) -> None:
    assert vocals(list(asked(results)), results, words) == line


@pytest.fixture(scope="module")
def recorded() -> Bench:
    """A song whose sound a provider has made."""
    return Bench(old=True, results=[OURS, result("production", (Task.FULL_SONG, "mureka"))])


@pytest.fixture(scope="module")
def own() -> Bench:
    """A song of our own engine, which the router has chosen."""
    return Bench(old=True, results=[OURS])


def test_the_report_of_a_recording_says_whose_it_is_and_that_the_notes_are_its_plan(recorded: Bench) -> None:
    report = recorded.report()
    assert (report["engine"], report["vocals"]) == ("providers", "sung by a voice of mureka, in its own words")
    assert [entry["provider"] for entry in report["providers"]] == ["builtin", "mureka"]
    plan = {file["path"] for file in report["files"] if file.get("plan")}
    assert plan == {"chords.txt", "score.svg", "pianoroll.png"}
    page = " ".join(Page(recorded.content("report_html").decode()).words)
    for told in ("Who was asked", "mureka m1", "mureka is <first>", "suno: overloaded, busy", "Who was not asked"):
        assert told in page
    assert f"no key: {NASTY}" in page
    assert "pianoroll.png  (the plan)" in page
    assert "builtin is" not in page
    assert "piano roll: the plan" in "".join(Page(recorded.content("index").decode()).words)


def test_the_report_of_our_own_engine_says_that_nobody_was_asked(own: Bench) -> None:
    page = " ".join(Page(own.content("report_html").decode()).words)
    assert "Nobody: our own engine did all of it." in page
    assert "the plan" not in page + own.content("index").decode()
    assert not [file for file in own.report()["files"] if "plan" in file]


def test_a_report_from_before_there_were_providers_is_shown(own: Bench) -> None:
    report = {name: value for name, value in own.report().items() if name != "providers"}
    assert "Who was asked" not in render_report(report)
