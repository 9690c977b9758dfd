"""`sostenuto master`: from files of others to a master, without a server."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from audio.files import decode
from audio.loudness import loudness_reference
from sostenuto import cli
from tests.audio.foreign import silence, sine, tune, written
from tests.audio.signals import noise

ROOT = Path(cli.__file__).parent.parent
QUIET = ("--lufs", "-20")
WHOLE = {"master.wav", "master.flac", "master.mp3", "mix.wav", "report.json"}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, x in (("right.wav", tune(seconds=12.0)), ("wrong.wav", tune(60, seconds=12.0))):
        (tmp_path / name).write_bytes(written(x, subtype="PCM_24"))


def run(*arguments: str) -> int:
    return cli._run(["master", *QUIET, *arguments])


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_the_take_that_was_asked_for_is_mastered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("--key", "A minor", "--tempo", "120", "--seconds", "12")
    assert run("wrong.wav", "right.wav", *asked, "--out", "out", "--json") == 0
    found = document(capsys)
    assert found["ok"]
    assert (found["choice"]["take"], found["choice"]["ranking"]) == (2, [2, 1])
    assert found["choice"]["reasons"][0].startswith("key: ")
    assert names(tmp_path / "out") == WHOLE == set(found["files"])
    audio, rate = decode((tmp_path / "out/master.wav").read_bytes())
    assert (rate, audio.shape) == (48_000, (12 * 48_000, 2))
    assert loudness_reference(audio, rate) == pytest.approx(-20.0, abs=0.1)
    mixed, _ = decode((tmp_path / "out/mix.wav").read_bytes())
    assert np.corrcoef(mixed.ravel(), tune(seconds=12.0).ravel())[0, 1] > 0.999_999
    assert soundfile.info(str(tmp_path / "out/master.mp3")).duration == pytest.approx(12.0, abs=0.1)


def test_the_report_lists_its_files_what_was_heard_and_every_decision(tmp_path: Path) -> None:
    assert run("right.wav", "--out", "out") == 0
    report = json.loads((tmp_path / "out/report.json").read_text())
    for entry in report["files"]:
        content = (tmp_path / "out" / entry["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["bytes"], entry["sha256"])
    assert {entry["path"] for entry in report["files"]} | {"report.json"} == WHOLE
    assert all(check["ok"] for check in report["checks"])
    assert {"gain", "limiter", "dither", "full_mix.level"} <= {d["what"] for d in report["decisions"]}
    assert report["choice"]["takes"][0]["heard"]["key"] == "A minor"


def test_a_person_reads_a_table_and_overrules_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("right.wav", "wrong.wav", "--key", "A minor", "--take", "2", "--out", "out") == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].split() == ["take", "file", "score", "tempo", "key", "length", "clipping", "clicks"]
    assert lines[1].startswith("     1  right.wav")
    assert lines[2].startswith("*    2  wrong.wav")
    assert "take 2 (wrong.wav) was chosen by a person; the measurements prefer take 1 (right.wav)" in said.out
    assert lines[-1] == str(tmp_path / "out")
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert (report["choice"]["take"], report["choice"]["overruled"]) == (2, 1)


def test_stems_are_mixed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "band"
    folder.mkdir()
    hits = (noise(8.0, 0.1) * (np.arange(8 * 48_000) % 24_000 < 2400)[:, None]).astype(np.float32)
    for name, x in (("drums", hits), ("bass", sine(55, 8.0)), ("vocals", tune(69, seconds=7.0))):
        (folder / f"{name}.wav").write_bytes(written(x, subtype="PCM_24"))
    (folder / "notes.txt").write_text("not a stem")
    assert run("--stems", "band", "--genre", "pop", "--out", "out", "--json") == 0
    found = document(capsys)
    assert [(p["id"], p["role"]) for p in found["parts"]] == [("bass", "bass"), ("drums", "drums"), ("vocals", "lead")]
    assert found["choice"] is None
    stems = sorted(name for name in found["files"] if name.startswith("stems/"))
    assert stems[:3] == ["stems/01_bass.wav", "stems/02_drums.wav", "stems/03_vocals.wav"]
    total = sum(decode((tmp_path / "out" / name).read_bytes())[0].astype(np.float64) for name in stems)
    mixed, _ = decode((tmp_path / "out/mix.wav").read_bytes())
    assert np.abs(total - mixed).max() < 1e-6


def test_equal_files_give_equal_bytes_in_another_process_and_over_an_earlier_master(tmp_path: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {name: (tmp_path / "out" / name).read_bytes() for name in names(tmp_path / "out")}

    assert run("right.wav", "--out", "out") == 0
    first = contents()
    subprocess.run(
        [sys.executable, "-m", "sostenuto", "master", *QUIET, "right.wav", "--out", "out"],
        check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "3", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert contents() == first


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "give one or more files"),
        (("right.wav", "--stems", "."), 2, "not both"),
        (("absent.wav",), 2, "absent.wav is no file"),
        (("--stems", "absent"), 2, "absent is no folder"),
        (("--stems", "empty"), 2, "empty holds no sound files"),
        (("--stems", ".", "--take", "1"), 2, "stems are one take"),
        (("right.wav", "--take", "2"), 2, "there is no take 2: choose 1 to 1"),
        (("right.wav", "--key", "H major"), 2, "the key 'H major' cannot be read"),
        (("right.wav", "--tempo", "9000"), 2, "musical.tempo"),
        (("right.wav", "--seconds", "0.1"), 2, "--seconds 0.1 cannot be: a take lasts 1 to 600 s"),
        (("right.wav", "--lufs", "5"), 2, "choose -36 to -6 LUFS"),
        (("words.wav",), 2, "words.wav: it is no sound file"),
        (("silent.wav",), 2, "silent.wav is silent"),
        (("right.wav", "--reference", "short.wav"), 2, "short.wav lasts 0.010 s, too short as a reference"),
        (("right.wav", "--out", "full"), 3, "holds 'mine.txt'"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_writes_nothing(
    arguments: tuple[str, ...], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    (tmp_path / "words.wav").write_text("dear diary")
    (tmp_path / "silent.wav").write_bytes(written(silence(3.0)))
    (tmp_path / "short.wav").write_bytes(written(sine(440, 0.01)))
    before = names(tmp_path)
    assert run(*arguments) == code
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert words in errors[0]
    assert names(tmp_path) == before


def test_a_master_that_misses_its_loudness_is_written_and_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("right.wav", "--lufs", "-7", "--out", "out", "--json") == 8
    found = document(capsys)
    assert (found["ok"], found["exit_code"]) == (False, 8)
    assert [c["name"] for c in found["checks"] if not c["ok"]] == ["loudness"]
    assert names(tmp_path / "out") == WHOLE


def test_the_command_starts_without_what_it_does_not_need() -> None:
    loaded = "any(m.split('.')[0] in ('audio', 'numba') for m in sys.modules)"
    code = f"import sys; from sostenuto import cli; sys.exit({loaded})"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
