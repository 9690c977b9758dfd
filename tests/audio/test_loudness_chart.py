"""Loudness over time as a document: a page draws it, so its steps must lie where the sound is."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio.loudness_chart import STEP_S, chart, loudness_chart
from audio.measure import measure
from domain.errors import RenderError

RATE = 48_000


def _tone(seconds: float, amplitude: float) -> np.ndarray:
    line = amplitude * np.sin(2 * np.pi * 997 * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([line, line], axis=1).astype(np.float32)


def test_a_tone_of_the_standard_stands_at_its_loudness() -> None:
    """EBU Tech 3341: a stereo tone of 1 kHz at -23 dBFS reads -23 LUFS by every meter."""
    found = loudness_chart(_tone(20, 10 ** (-23 / 20)), RATE)
    assert found["integrated_lufs"] == pytest.approx(-23, abs=0.1)
    inner = found["short_term"][20:-20]
    assert inner == pytest.approx([-23.0] * len(inner), abs=0.1)
    assert len(found["momentary"]) == len(found["short_term"]) == round(20 / STEP_S)


def test_the_curves_rise_where_the_sound_does() -> None:
    sound = np.concatenate([_tone(10, 0.01), _tone(10, 0.1)])
    found = loudness_chart(sound, RATE)
    for name, window in (("momentary", 0.4), ("short_term", 3.0)):
        line = found[name]
        halfway = (found["integrated_lufs"] + line[50]) / 2
        crossed = next(i for i, value in enumerate(line) if value is not None and value > halfway) * STEP_S
        assert abs(crossed - 10) <= window / 2 + STEP_S


def test_no_window_reaches_over_an_end() -> None:
    found = loudness_chart(_tone(5, 0.1), RATE)
    short = found["short_term"]
    there = [i for i, value in enumerate(short) if value is not None]
    assert (there[0], there[-1]) == (15, 35)
    assert there == list(range(15, 36))
    assert loudness_chart(_tone(1, 0.1), RATE)["short_term"] == [None] * 10


def test_its_figures_are_those_of_the_report() -> None:
    rng = np.random.default_rng(5)
    sound = (0.2 * rng.standard_normal((6 * RATE, 2)) * np.linspace(0.1, 1, 6 * RATE)[:, None]).astype(np.float32)
    found, report = loudness_chart(sound, RATE), measure(sound, RATE)
    for name in ("integrated_lufs", "loudness_range_lu", "max_momentary_lufs", "max_short_term_lufs", "true_peak_dbtp"):
        assert found[name] == pytest.approx(getattr(report, name), abs=0.006), name
    assert max(value for value in found["momentary"] if value is not None) == found["max_momentary_lufs"]


def test_silence_and_nothing(tmp_path: Path) -> None:
    silent = loudness_chart(np.zeros((RATE, 2), np.float32), RATE)
    assert (silent["integrated_lufs"], silent["true_peak_dbtp"]) == (-120, -120)
    json.dumps(silent, allow_nan=False)
    with pytest.raises(RenderError):
        loudness_chart(np.zeros((0, 2), np.float32), RATE)
    soundfile.write(tmp_path / "mono.wav", _tone(2, 0.1)[:, 0], RATE)
    (tmp_path / "out").mkdir()
    chart(tmp_path / "mono.wav", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "loudness.json").read_text())["duration_s"] == 2.0
