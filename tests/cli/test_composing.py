"""`sostenuto compose`: from a sentence to paper, without a server and without sound."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pretty_midi
import pytest

from domain.score import Score
from sostenuto import cli

ROOT = Path(cli.__file__).parent.parent
PROMPT = "melancholic lo-fi with rhodes, 78 bpm, F minor, 40 seconds"
FILES = {
    "song.mid", "song-quantised.mid", "song.musicxml", "leadsheet.musicxml", "score.svg", "chords.txt",
    "pianoroll.png", "score.json", "brief.json",
}  # fmt: skip
# What would cost the start of the command, or belongs to sound and servers.
HEAVY = ("temporalio", "fastapi", "sqlmodel", "sqlalchemy", "numba", "scipy", "audio", "soundfile", "httpx", "obstore",
         "activities", "workflows", "providers", "api")  # fmt: skip


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    return cli._run(list(arguments))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_writes_all_files_and_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compose", PROMPT, "--out", "mine", "--seed", "7", "--title", "Mine", "--json") == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    folder = tmp_path / "mine"
    assert set(contents(folder)) == FILES == set(document["files"])
    assert document["out"] == str(folder)
    assert (document["ok"], document["exit_code"], document["title"], document["seed"]) == (True, 0, "Mine", 7)
    assert (document["key"], document["scale"], document["tempo"]) == ("F", "minor", 78)
    assert document["duration_s"] == pytest.approx(40, abs=5)
    brief = json.loads((folder / "brief.json").read_text())
    assert {step["field"] for step in brief["reasoning"]} >= {"musical.genre", "musical.key", "musical.tempo"}
    assert brief["chords"]["key"] == "F minor"
    for entry in brief["files"]:
        content = (folder / entry["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])
    score = Score.model_validate_json((folder / "score.json").read_text())
    assert score.title == "Mine"
    midi = pretty_midi.PrettyMIDI(str(folder / "song.mid"))
    assert len(midi.instruments) == len(score.parts)


def test_a_person_reads_the_song_in_a_few_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compose", PROMPT, "--seed", "7", "--key", "D minor", "--tempo", "90", "--duration", "30") == 0
    said = capsys.readouterr()
    first, *rest = said.out.splitlines()
    assert "90 bpm, D minor, 4/4" in first
    assert any(line.startswith("  form  ") for line in rest)
    assert any(line.startswith("  band  ") for line in rest)
    assert Path(rest[-1]).parent == tmp_path / "songs"
    assert set(contents(Path(rest[-1]))) == FILES
    assert said.err == ""


def test_equal_seeds_write_equal_bytes_in_other_processes_and_another_seed_another_song(tmp_path: Path) -> None:
    for number, seed in (("1", "5"), ("2", "5"), ("3", "6")):
        subprocess.run(
            [sys.executable, "-m", "sostenuto", "compose", PROMPT, "--out", str(tmp_path / number), "--seed", seed],
            check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    first, second, third = (contents(tmp_path / number) for number in "123")
    assert first == second
    assert first["song.mid"] != third["song.mid"]


def test_wishes_by_path_are_heard(tmp_path: Path) -> None:
    sets = ("--set", "musical.time_signature=3/4", "--set", 'musical.chord_progression=["Dm","A7","Dm","Dm"]')
    assert run("compose", "a folk song, 30 seconds", "--out", "w", "--seed", "1", *sets) == 0
    chords = (tmp_path / "w" / "chords.txt").read_text()
    assert ", 3/4, " in chords
    score = Score.model_validate_json((tmp_path / "w" / "score.json").read_text())
    assert {chord.symbol for chord in score.chords} <= {"Dm", "A7"}


def test_an_earlier_composition_is_replaced_and_other_folders_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compose", PROMPT, "--out", "mine", "--seed", "1") == 0
    before = contents(tmp_path / "mine")
    assert run("compose", PROMPT, "--out", "mine", "--seed", "2") == 0
    assert contents(tmp_path / "mine")["song.mid"] != before["song.mid"]
    (tmp_path / "mine" / "diary.txt").write_text("mine")
    capsys.readouterr()
    assert run("compose", PROMPT, "--out", "mine", "--seed", "3") != 0
    assert capsys.readouterr().err == (
        "error: mine holds 'diary.txt', which is no file of an earlier release: choose a new or empty folder with "
        "--out\n"
    )
    other = tmp_path / "other"
    other.mkdir()
    (other / "brief.json").write_text("{}")
    assert run("compose", PROMPT, "--out", "other") != 0
    assert contents(other) == {"brief.json": b"{}"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("",), "prompt"),
        ((PROMPT, "--tempo", "9000"), "musical.tempo"),
        ((PROMPT, "--key", "H flat"), "musical.key"),
        ((PROMPT, "--set", "musical.nothing=1"), "musical.nothing"),
        ((PROMPT, "--set", "musical.tempo"), "--set"),
        ((PROMPT, "--seed", "-1"), "seed"),
        ((PROMPT, "--level", "mighty"), "level"),
        ((PROMPT, "--set", 'musical.chord_progression=["Qx7"]'), "Qx7"),
    ],
)
def test_what_cannot_be_composed_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compose", *arguments, "--out", "mine") == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert words in said.err
    assert said.out == ""
    assert not (tmp_path / "mine").exists()


def test_a_refusal_is_an_object_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compose", PROMPT, "--tempo", "9000", "--json") == 2
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["exit_code"] == 2


def test_a_bare_interpreter_composes_without_sound_servers_and_databases(tmp_path: Path) -> None:
    code = (
        "import sys; from sostenuto import cli;"
        f"code = cli._run(['compose', {PROMPT!r}, '--out', {str(tmp_path / 'x')!r}, '--seed', '1', '--json']);"
        "print(code, ' '.join(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    code_said, *loaded = ran.stderr.split()
    assert code_said == "0"
    assert not set(HEAVY) & set(loaded)
