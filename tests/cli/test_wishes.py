import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from domain.errors import InvalidInput, InvalidValue, UnknownPath
from domain.stages import Stage, StageStatus
from sostenuto import cli
from sostenuto.answers import Progress, StageAnswer
from sostenuto.display import BarDisplay, PlainDisplay, display_for, stage_fraction
from sostenuto.runfile import RunFile, RunState
from sostenuto.version import VERSION
from sostenuto.wishes import checked_context, checked_settings

PLAIN = {"seed": None, "review": None, "formats": (), "enhance": True, "level": None}


def test_settings_hold_only_what_was_asked_for() -> None:
    assert checked_settings(**PLAIN) == {}
    assert checked_settings(**PLAIN | {"seed": 3, "formats": ("opus",)}) == {
        "seed": 3,
        "formats": ["flac", "mp3", "opus"],
    }
    assert checked_settings(**PLAIN | {"formats": ("wav,mp3",)}) == {"formats": ["flac", "mp3"]}
    assert checked_settings(**PLAIN | {"review": "mixing, ideation"}) == {"review": ["ideation", "mixing"]}
    assert len(checked_settings(**PLAIN | {"review": "all"})["review"]) == 7
    assert checked_settings(**PLAIN | {"review": "none"}) == {"review": []}
    assert checked_settings(**PLAIN | {"enhance": False}) == {"enhancement": {"enabled": False}}
    assert checked_settings(**PLAIN | {"level": "strong"})["enhancement"]["level"] == "strong"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"review": "dreaming"}, "review"),
        ({"formats": ("ogg",)}, "formats"),
        ({"level": "wild"}, "level"),
        ({"seed": -1}, "seed"),
    ],
)
def test_settings_that_cannot_be(wish: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        checked_settings(**PLAIN | wish)


def test_context_from_options_and_pairs() -> None:
    context = checked_context(
        ["musical.mood.valence=0.2", "creative.lyrics=la la", 'musical.genre=["jazz"]', "musical.time_signature=3/4"],
        tempo=92.0,
        key="F minor",
        duration=None,
        lufs=-16.0,
    )
    assert context["musical"] == {
        "tempo": 92.0,
        "key": "F",
        "scale": "minor",
        "mood": {"valence": 0.2},
        "genre": ["jazz"],
        "time_signature": "3/4",
    }
    assert context["technical"] == {"loudness_target": -16.0}
    assert context["creative"] == {"lyrics": "la la"}
    assert checked_context([]) == {}


@pytest.mark.parametrize(
    ("pairs", "kind", "words"),
    [
        (["musical.tempo"], InvalidInput, "path=value"),
        (["musical.colour=blue"], UnknownPath, "musical.colour"),
        (["musical.tempo=5000"], InvalidValue, "5000"),
        (["musical.tempo=NaN"], InvalidValue, "NaN"),
        (["musical.key=H#"], InvalidValue, "key"),
        (["technical.bit_depth=17"], InvalidValue, "17"),
    ],
)
def test_context_that_cannot_be(pairs: list[str], kind: type[InvalidInput], words: str) -> None:
    with pytest.raises(kind, match=words):
        checked_context(pairs)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["make", ""], "the prompt is empty"),
        (["make", "a\x07b"], "control character U+0007"),
        (["make", "x" * 10_001], "10,001 characters"),
        (["make", "x", "--tempo", "5000"], "musical.tempo cannot be 5000"),
        (["make", "x", "--duration", "5"], "technical.duration cannot be 5"),
        (["make", "x", "--key", "H"], "musical.key"),
        (["make", "x", "--review", "dreaming"], "review"),
        (["make", "x", "--nonsense"], "No such option"),
        (["make"], "Missing argument"),
        (["advance", "x", "--to", "dreaming"], "dreaming"),
        (["list", "--limit", "0"], "limit"),
        (["sing"], "No such command"),
    ],
)
def test_bad_lines_are_one_line_and_start_nothing(
    arguments: list[str], words: str, empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli._run(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert words in said.err
    assert not (empty_folder / "data").exists()


def test_errors_as_json(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._run(["make", "x", "--set", "musical.colour=blue", "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["code"] == "unknown_path"
    assert document["exit_code"] == 2


def test_debug_shows_the_traceback(
    empty_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOSTENUTO_DEBUG", "1")
    assert cli._run(["make", ""]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_version_and_migrate(empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._run(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": VERSION}
    assert cli._run(["migrate"]) == 0
    assert (empty_folder / "data" / "sostenuto.db").exists()


def test_a_reader_that_has_gone_away_is_no_error() -> None:
    root = str(Path(cli.__file__).parent.parent)
    shell = f"{sys.executable} -m sostenuto --help | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, text=True, env=os.environ | {"PYTHONPATH": root}, check=False
    )
    assert done.returncode in (0, 1, 141)
    assert "Traceback" not in done.stderr


def test_a_stale_run_file_is_noticed(tmp_path: Path) -> None:
    state = RunState(pid=os.getpid(), version=VERSION, state="ready", api_url="http://127.0.0.1:1")
    mine, other = RunFile(tmp_path), RunFile(tmp_path)
    assert mine.acquire()
    mine.write(state)
    assert other.read() == state
    assert not other.acquire()
    mine.release()
    assert other.read() is None
    other.path.write_text(state.model_dump_json())
    assert mine.read() is None  # nobody holds the lock
    assert other.acquire()
    other.path.write_text("{")
    assert mine.read() is None
    other.release()


def test_fractions_of_a_stage_grow() -> None:
    def at(step: str, fraction: float, done: int = 0, total: int = 0) -> float:
        return stage_fraction(Progress(stage=Stage.PRODUCTION, step=step, fraction=fraction, done=done, total=total))

    steps = [at("perform", 0.0), at("perform", 1.0), at("render", 0.5), at("render", 0, 7, 8)]
    assert steps == [0.0, 0.5, 0.75, 0.9375]
    assert at("unheard of", 3.0) == 1.0


@pytest.mark.parametrize("terminal", [True, False])
def test_displays_show_a_song(terminal: bool) -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, width=120)
    display = display_for(console)
    assert isinstance(display, BarDisplay if terminal else PlainDisplay)
    display.open()
    display.known(StageAnswer(stage=Stage.IDEATION, status=StageStatus.DONE, revision=1, computed=1, seconds=0.9))
    display.known(StageAnswer(stage=Stage.COMPOSITION, status=StageStatus.RUNNING))
    display.started(Stage.COMPOSITION)
    display.doing(Progress(stage=Stage.COMPOSITION, step="melody", label="verse [A]", fraction=0.5, done=1, total=4))
    display.done(Stage.COMPOSITION, seconds=2.0, computed=1, reused=3)
    display.stale(Stage.MIXING)
    with display.paused():
        screen.write("a question")
    display.note("a note [with brackets]")
    display.close()
    shown = screen.getvalue()
    assert "0.9 s" in shown
    assert "3 of 4 steps reused" in shown
    assert "a note [with brackets]" in shown
    assert "will be made again" in shown
