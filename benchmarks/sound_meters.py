"""Meters that are not ours: integrated loudness and true peak of a file by ffmpeg, libebur128 and pyloudnorm."""

import importlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyloudnorm
import soundfile

from audio.rate import Array

FFMPEG = ("ffmpeg", "-hide_banner", "-nostats", "-nostdin")


class Level(NamedTuple):
    """Integrated loudness in LUFS and true peak in dBTP; NaN where the meter gives none."""

    lufs: float
    dbtp: float


class MeterUnavailableError(Exception):
    """A meter is not installed; the message says how to get it."""


def require_ffmpeg() -> None:
    """Raise `MeterUnavailableError` where ffmpeg is not installed."""
    if shutil.which("ffmpeg") is None:
        raise MeterUnavailableError("ffmpeg is not installed: `apt install ffmpeg` or `brew install ffmpeg`")


def read(path: Path) -> tuple[Array, int]:
    """Samples `(frames, channels)` and rate in Hz of a file that libsndfile reads."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples, int(rate)


def decoded_by_ffmpeg(path: Path, rate: int) -> Array:
    """Samples `(frames, 2)` of any sound file as ffmpeg decodes it, unclipped, at `rate` Hz."""
    command = [*FFMPEG, "-loglevel", "error", "-i", str(path), "-f", "f32le", "-ac", "2", "-ar", str(rate), "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<f4").reshape(-1, 2).astype(np.float32)


def ffmpeg_level(path: Path) -> Level:
    """What ffmpeg's ebur128 filter prints; it has one decimal."""
    command = [*FFMPEG, "-i", str(path), "-filter_complex", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = text[text.rfind("Summary:") :]
    found = [re.search(rf"{name}:\s+(-?[\d.]+)", summary) for name in ("I", "Peak")]
    return Level(*(float(match[1]) if match else float("nan") for match in found))


def libebur128_level(x: Array, rate: int, *, everything: bool = False) -> Level:
    """libebur128 through pyebur128; `everything` also computes the loudness range."""
    ebur128: Any = importlib.import_module("pyebur128")
    wanted = ebur128.MeasurementMode
    mode = wanted.MODE_I | wanted.MODE_TRUE_PEAK
    state = ebur128.R128State(x.shape[1], rate, mode | wanted.MODE_LRA if everything else mode)
    state.add_frames(np.ascontiguousarray(x).ravel(), x.shape[0])
    if everything:
        ebur128.get_loudness_range(state)
    peak = max(ebur128.get_true_peak(state, channel) for channel in range(x.shape[1]))
    return Level(ebur128.get_loudness_global(state), _db(peak))


def libebur128_loudness(x: Array, rate: int) -> float:
    """Integrated loudness alone."""
    ebur128: Any = importlib.import_module("pyebur128")
    state = ebur128.R128State(x.shape[1], rate, ebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(x).ravel(), x.shape[0])
    return float(ebur128.get_loudness_global(state))


def pyloudnorm_loudness(x: Array, rate: int, filter_class: str = "DeMan") -> float:
    """pyloudnorm; `DeMan` is the standard's filter, "K-weighting" what it does unasked (0.04 LU lower)."""
    return float(pyloudnorm.Meter(rate, filter_class=filter_class).integrated_loudness(x))


def _db(magnitude: float) -> float:
    return float(20 * np.log10(max(magnitude, 1e-9)))
