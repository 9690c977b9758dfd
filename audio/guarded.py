"""Sound files from elsewhere, decoded in a process of their own: a bomb, a crash or a hang ends that process only."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from audio import decoding
from audio.decoding import Limits
from audio.rate import Array
from domain.errors import InvalidAudio, ResourceUnavailable

UPLOAD: Final = Limits()
"""What is taken over the network."""
LOCAL: Final = replace(UPLOAD, file_bytes=600_000_000)
"""What is taken from the person's own disk: the file may be larger, its samples may not."""

# Isolated: no variables, no folders of the caller's take part.
_PROGRAM: Final = (sys.executable, "-I", str(Path(decoding.__file__)))
_DEATHS: Final = {
    signal.SIGXCPU: "takes too long to decode",
    signal.SIGALRM: "takes too long to decode",
    signal.SIGKILL: "needs too much to decode",
}


@dataclass(frozen=True)
class Decoded:
    """Samples as they are in a file: float32 `(frames, channels)` with 1 or 2 channels at `rate` Hz, unchanged."""

    samples: Array
    rate: int
    format: str
    encoding: str

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(self.samples.shape[0] / self.rate)


def decode_guarded(source: bytes | Path, *, name: str | None = None, limits: Limits = UPLOAD) -> Decoded:
    """Decode a sound file of 1 or 2 channels that nobody vouches for; `name` is what errors call it.

    InvalidAudio says what is wrong with the file, which value, and what to do; ResourceUnavailable when there is no
    room for its samples or no process can be started.
    """
    shown = name or (source.name if isinstance(source, Path) else "the upload")
    try:
        with tempfile.TemporaryDirectory(prefix="sostenuto-audio-") as folder:
            file = _file(source, Path(folder), shown, limits)
            target = Path(folder) / "samples"
            answer = _run(file, target, shown, limits)
            samples = np.fromfile(target, dtype=np.float32).reshape(answer["frames"], answer["channels"])
    except OSError as error:
        raise ResourceUnavailable(f"{shown} cannot be decoded here: {error.strerror or error}") from None
    return Decoded(samples, answer["rate"], answer["format"], answer["encoding"])


def _file(source: bytes | Path, folder: Path, shown: str, limits: Limits) -> Path:
    """The source as a file, if it is one and not too large."""
    if isinstance(source, Path):
        if not source.is_file():
            raise InvalidAudio(f"{shown} is no file: give a sound file ({decoding.READABLE})")
        size = source.stat().st_size
    else:
        size = len(source)
    if size > limits.file_bytes:
        raise InvalidAudio(
            f"{shown} has {size / 1e6:.0f} MB, at most {limits.file_bytes / 1e6:.0f} MB are taken: cut it, or send FLAC"
        )
    if isinstance(source, Path):
        return source.absolute()
    file = folder / "source"
    file.write_bytes(source)
    return file


def _run(file: Path, target: Path, shown: str, limits: Limits) -> dict[str, Any]:
    command = [*_PROGRAM, str(file), str(target), decoding.limits_text(limits)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=limits.wall_s + 5.0,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InvalidAudio(_died(shown, signal.SIGALRM)) from None
    if done.returncode < 0:
        raise InvalidAudio(_died(shown, done.returncode * -1))
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise InvalidAudio(f"{shown} made its decoder fail (exit {done.returncode}): export it again") from None
    if not answer["ok"]:
        raise InvalidAudio(f"{shown}: {answer['reason']}")
    return answer


def _environment() -> dict[str, str]:
    """Only what the loader of libraries needs; one thread, for each would reserve address space."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1"}


def _died(shown: str, number: int) -> str:
    known = {int(kind): words for kind, words in _DEATHS.items()}
    if number in known:
        return f"{shown} {known[number]}: cut it, or export it again as WAV or FLAC"
    return f"{shown} crashed its decoder (signal {number}): the file is damaged, export it again"
