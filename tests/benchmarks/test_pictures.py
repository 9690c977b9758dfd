"""The commands that draw songs and time their writing, on one short song each."""

import argparse
import io
import re
from pathlib import Path

import pytest
from PIL import Image

from benchmarks import composing, pictures

SHORT = "swing with tenor sax and brushes, 25 seconds"


def chosen(command: object, *arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(arguments)


def test_every_song_gets_three_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PROMPTS", {"swing": SHORT})
    assert pictures.run(chosen(pictures, "--out", str(tmp_path / "new"))) == 0
    made = {path.name: Image.open(io.BytesIO(path.read_bytes())) for path in (tmp_path / "new").iterdir()}
    assert set(made) == {f"swing-{kind}.png" for kind in ("roll", "score", "leadsheet", "spectrogram")}
    assert made["swing-score.png"].size == (1400, 1980)
    assert made["swing-leadsheet.png"].width == 1400


def test_the_time_of_the_command_is_judged_by_its_median(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(composing, "PROMPTS", (SHORT,))
    monkeypatch.setattr(composing, "LIMIT_S", 60.0)
    assert composing.run(chosen(composing, "--runs", "1")) == 0
    monkeypatch.setattr(composing, "LIMIT_S", 0.001)
    assert composing.run(chosen(composing, "--runs", "1")) == 1
    rows = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r" *\d+\.\d\d s \(.*\), \d+\.\d\d s of processor .* parts, +\d+ notes, .* MB  " + SHORT, rows[0]
    )
    assert rows[1].endswith("limit 60 s: ok")
    assert rows[3].endswith("FAIL")
