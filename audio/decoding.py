"""The program that opens a sound file from elsewhere: alone in its process, under limits, in blocks.

    python -I decoding.py FILE SAMPLES LIMITS

`FILE` is never trusted: its header is read first, then its samples block by block with a running count, so that a
file which lies about its length ends at the limit and not in memory. Samples go to `SAMPLES` as float32, frames by
channels; one JSON object on standard output says what they are, or why the file is refused. The module imports
nothing of the project, for it runs isolated from it; `audio.guarded` starts it.
"""

import contextlib
import json
import os
import signal
import struct
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import soundfile

with contextlib.suppress(ImportError):
    import resource

MIB: Final = 1 << 20
RATES_HZ: Final = (8_000, 192_000)
READABLE: Final = "WAV, AIFF, FLAC, MP3, Ogg Vorbis and Opus are read"
_FORMATS: Final = frozenset({"WAV", "WAVEX", "AIFF", "FLAC", "MP3", "OGG"})
_BLOCK: Final = 65_536
_BYTES: Final = 4
_UNKNOWN_FRAMES: Final = 1 << 40
_UNKNOWN_BYTES: Final = frozenset({0, 0xFFFFFFFF})
# Encoders' padding makes the last frames of a lossy file a matter of taste.
_MISSING_S: Final = 0.1


@dataclass(frozen=True)
class Limits:
    """What a file may cost: bytes of the file, seconds and bytes of its samples (float32); then, for the process
    that opens it, processor seconds, seconds by the clock, and bytes of address space.
    """

    file_bytes: int = 50_000_000
    seconds: float = 600.0
    pcm_bytes: int = 256 * MIB
    cpu_s: int = 60
    wall_s: float = 90.0
    memory_bytes: int = 1024 * MIB


class _Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file read from its start to its end: the library seeks after every block, and that is a guess in many MP3s."""

    def seekable(self) -> bool:
        """No, whatever the file is."""
        return False


class Refused(Exception):
    """Why the file is not taken, without its name."""


def confine(limits: Limits) -> None:
    """Limit this process for good: processor, memory, size of what it writes, open files, and life by the clock."""
    signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
    if "resource" not in globals():
        return
    wanted = {
        resource.RLIMIT_CPU: limits.cpu_s,
        resource.RLIMIT_AS: limits.memory_bytes,
        resource.RLIMIT_FSIZE: limits.pcm_bytes + _BLOCK * 2 * _BYTES,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, value in wanted.items():
        _, most = resource.getrlimit(kind)
        # The processor's soft limit comes first, so that its own signal says what happened.
        hard = value + 1 if kind == resource.RLIMIT_CPU else value
        hard = hard if most == resource.RLIM_INFINITY else min(hard, most)
        resource.setrlimit(kind, (min(value, hard), hard))


def decode_into(source: Path, target: Path, limits: Limits) -> dict[str, Any]:
    """Write the samples of `source` to `target`; what they are: `rate`, `channels`, `frames`, `format`, `encoding`.

    Raises Refused.
    """
    size = source.stat().st_size
    if size == 0:
        raise Refused("the file is empty: give a sound file")
    with source.open("rb") as file:
        _check_promise(file, size)
        descriptor = os.dup(file.fileno())
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            # By descriptor, for libsndfile guesses by a path's extension what it cannot read from the content.
            with _Forward(descriptor, closefd=True) as sound, target.open("wb") as out:
                _check_header(sound, limits)
                frames = _copy(sound, out, limits)
                return {
                    "rate": int(sound.samplerate),
                    "channels": int(sound.channels),
                    "frames": frames,
                    "format": str(sound.format),
                    "encoding": str(sound.subtype),
                }
        except soundfile.LibsndfileError as error:
            raise Refused(f"it is no sound file that can be read ({error.error_string}): {READABLE}") from None


def _check_header(sound: Any, limits: Limits) -> None:
    rate, channels, frames = int(sound.samplerate), int(sound.channels), int(sound.frames)
    if sound.format not in _FORMATS:
        raise Refused(f"the format {sound.format} is not taken: {READABLE}")
    if channels > 2:
        raise Refused(
            f"it has {channels} channels, and how they fold into two is a decision of its mixer: give stereo or mono"
        )
    low, high = RATES_HZ
    if not low <= rate <= high:
        raise Refused(f"its sample rate is {rate} Hz: give {low} to {high} Hz")
    if frames < _UNKNOWN_FRAMES:
        _check_size(frames, rate, channels, limits, "by its header")


def _check_size(frames: int, rate: int, channels: int, limits: Limits, how: str) -> None:
    seconds, size = frames / rate, frames * channels * _BYTES
    if seconds > limits.seconds:
        raise Refused(f"it lasts {seconds:.1f} s {how}, at most {limits.seconds:g} s are taken: cut it")
    if size > limits.pcm_bytes:
        most = limits.pcm_bytes // MIB
        raise Refused(
            f"it decodes to {size / MIB:.0f} MiB {how}, at most {most} MiB are taken: cut it, or convert it to 48 kHz"
        )


def _copy(sound: Any, out: BinaryIO, limits: Limits) -> int:
    """All frames to `out`, counted on the way; how many they were."""
    rate, channels, promised = int(sound.samplerate), int(sound.channels), int(sound.frames)
    frames = 0
    while True:
        try:
            block = sound.read(_BLOCK, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise Refused(
                f"it is damaged after {frames / rate:.2f} s ({error.error_string}): export it again"
            ) from None
        if block.shape[0] == 0:
            break
        frames += block.shape[0]
        _check_size(frames, rate, channels, limits, "and goes on")
        out.write(block.tobytes())
    if promised < _UNKNOWN_FRAMES and promised - frames > max(_MISSING_S * rate, 0.005 * promised):
        raise Refused(
            f"it ends after {frames / rate:.2f} s, its header promises {promised / rate:.2f} s: "
            "it was cut off, fetch or export it again"
        )
    if frames == 0:
        raise Refused("it holds no samples: export it again")
    return frames


def _chunks(file: BinaryIO, order: str, wanted: bytes) -> tuple[int, int] | None:
    """Where the chunk `wanted` starts, and how long it says it is; None where there is none."""
    at = 12
    for _ in range(1000):
        file.seek(at)
        head = file.read(8)
        if len(head) < 8:
            return None
        name, size = head[:4], struct.unpack(order + "I", head[4:])[0]
        if name == wanted:
            return at + 8, size
        at += 8 + size + (size & 1)
    return None


_CONTAINERS: Final[Mapping[tuple[bytes, bytes], tuple[str, bytes]]] = {
    (b"RIFF", b"WAVE"): ("<", b"data"),
    (b"FORM", b"AIFF"): (">", b"SSND"),
    (b"FORM", b"AIFC"): (">", b"SSND"),
}


def _check_promise(file: BinaryIO, size: int) -> None:
    """Libsndfile quietly shortens a WAV or AIFF whose chunk of samples says more than the file holds."""
    head = file.read(12)
    known = _CONTAINERS.get((head[:4], head[8:12]))
    found = _chunks(file, *known) if known else None
    if found is None or found[1] in _UNKNOWN_BYTES:
        return
    start, promised = found
    there = size - start
    if promised > there + 8:
        raise Refused(
            f"its header promises {promised} bytes of samples and {max(0, there)} follow: "
            "it was cut off or its header lies, fetch or export it again"
        )


def main(arguments: list[str], decode: Callable[[Path, Path, Limits], dict[str, Any]] = decode_into) -> int:
    """Decode under limits and print the answer; 0 unless this program itself is broken."""
    source, target, limits = Path(arguments[0]), Path(arguments[1]), Limits(**json.loads(arguments[2]))
    confine(limits)
    try:
        answer = decode(source, target, limits) | {"ok": True}
    except Refused as refusal:
        answer = {"ok": False, "reason": str(refusal)}
    except MemoryError:
        answer = {
            "ok": False,
            "reason": f"it needs more than {limits.memory_bytes // MIB} MiB to decode: cut it, or export it again",
        }
    print(json.dumps(answer))
    return 0


def limits_text(limits: Limits) -> str:
    """The limits as the program's argument."""
    return json.dumps(asdict(limits))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
