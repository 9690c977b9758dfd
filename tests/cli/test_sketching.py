"""`sostenuto sketch`: a song as sound in this process, at once, without a server."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sostenuto import cli

ROOT = Path(cli.__file__).parent.parent
PROMPT = "melancholic lo-fi with rhodes, 78 bpm, F minor, 30 seconds"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> int:
    return cli._run(["sketch", *arguments])


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sostenuto", "sketch", *arguments]


def test_writes_a_file_and_says_when_it_sounded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PROMPT, "--out", "mine.wav", "--seed", "7", "--title", "Mine", "--json") == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    x, rate = soundfile.read(tmp_path / "mine.wav")
    assert (document["out"], document["title"], document["seed"]) == (str(tmp_path / "mine.wav"), "Mine", 7)
    assert (rate, x.shape[0] / rate) == (32_000, pytest.approx(document["duration_s"], abs=1e-3))
    assert document["duration_s"] == pytest.approx(30, abs=6)
    assert 0 < document["first_sound_s"] < document["elapsed_s"]
    told = re.fullmatch(r"Mine: first sound after (\d+\.\d\d) s, seed 7\n", said.err)
    assert told
    assert float(told[1]) == pytest.approx(document["first_sound_s"], abs=0.006), "both are rounded"
    assert 0.1 < np.abs(x).max() < 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.wav"], "nothing else is left behind"


def test_it_has_a_name_of_its_own_and_ends_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(PROMPT, "--seconds", "1.5", "--seed", "7", "--title", "Grüne Wiese") == 0
    name = Path(capsys.readouterr().out.strip()).name
    assert name.endswith("-s7.wav")
    x, rate = soundfile.read(tmp_path / name)
    assert x.shape[0] == 1.5 * rate


def test_it_streams_to_a_pipe_the_same_bytes_before_the_song_has_ended(tmp_path: Path) -> None:
    assert run(PROMPT, "--seed", "7", "--out", "mine.wav") == 0
    began = time.monotonic()
    with subprocess.Popen(
        command(PROMPT, "--seed", "7", "--out", "-"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        start = process.stdout.read(45)
        first = time.monotonic() - began
        data = start + process.stdout.read()
        told = process.stderr.read().decode()
    assert process.returncode == 0
    assert data == (tmp_path / "mine.wav").read_bytes()
    assert float(told.split("first sound after ")[1].split(" s")[0]) < first
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert file.samplerate == 32_000


def test_a_player_that_leaves_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        command(PROMPT, "--out", "-"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        told = process.stderr.read().decode()
    assert process.returncode == 141
    assert "Traceback" not in told
    assert "error" not in told


def test_another_seed_is_another_song(tmp_path: Path) -> None:
    for seed in ("7", "8"):
        assert run(PROMPT, "--seed", seed, "--seconds", "8", "--out", f"{seed}.wav") == 0
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.glob("*.wav")}
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["", "--out", "x.wav"], "the prompt is empty"),
        ([PROMPT, "--seconds", "0", "--out", "x.wav"], "more than 0"),
        ([PROMPT, "--tempo", "5000", "--out", "x.wav"], "musical.tempo"),
        ([PROMPT, "--out", "no/such/folder/x.wav"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(*arguments) != 0
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_sound_is_not_thrown_at_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert run(PROMPT, "--out", "-") != 0
    assert "sound to a terminal" in capsys.readouterr().err
