"""`sketch`: a song to hear at once, composed and played in this process, without a server."""

import contextlib
import gc
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from audio.sketch import SKETCH_RATE, play, sketch_frames, wav
from audio.sound_set import SoundSet, find_sound_set
from domain.errors import InvalidInput, ResourceUnavailable
from sostenuto.composing import composed
from sostenuto.output import Output
from sostenuto.release import slug
from sostenuto.wishes import Wishes
from storage.config import Settings

STDOUT = "-"
BROKEN_PIPE = 141


def sketch_song(
    output: Output, settings: Settings, wishes: Wishes, out: str | None, *, seconds: float | None, began: float
) -> int:
    """Compose a song and write it as WAV, 32 kHz, 16 bit, as it is played; 0 when done.

    `out` is a file, `-` for standard output, or None for TITLE-sSEED.wav here; `seconds` ends it early. The first
    sound is told in seconds after `began` (of `time.monotonic`). InvalidInput for what cannot be composed and for
    sound to a terminal, ResourceUnavailable for a file that cannot be written.
    """
    if out == STDOUT and sys.stdout.isatty():
        raise InvalidInput("sound to a terminal is no use: give --out FILE, or send it on: … --out - | aplay")
    # As in composing: looking for garbage costs a tenth of the time to the first sound.
    gc.disable()
    try:
        song, seed = composed(wishes)
    finally:
        gc.enable()
    frames = sketch_frames(song.performance, seconds)
    title = wishes.title or song.understanding.title
    path = None if out == STDOUT else Path(out or f"{slug(title)}-s{seed}.wav").absolute()
    first = None
    with _opened(path) as file:
        for piece in wav(play(song.performance, sound_set=_sound_set(settings), seconds=seconds), frames):
            file.write(piece)
            file.flush()
            if first is None:
                first = time.monotonic() - began
                output.say(f"{title}: first sound after {first:.2f} s, seed {seed}")
    document = {
        "ok": True,
        "title": title,
        "seed": seed,
        "out": STDOUT if path is None else str(path),
        "duration_s": round(frames / SKETCH_RATE, 3),
        "first_sound_s": round(first or 0.0, 3),
        "elapsed_s": round(time.monotonic() - began, 3),
        "exit_code": 0,
    }
    if path is not None:
        output.result(document, str(path))
    return 0


def _sound_set(settings: Settings) -> SoundSet:
    if settings.soundfont:
        os.environ["SOSTENUTO_SOUNDFONT"] = settings.soundfont
    return find_sound_set(settings.sound_set)


@contextlib.contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that appears under its name once it is complete."""
    if path is None:
        try:
            yield sys.stdout.buffer
        except BrokenPipeError:
            # Whoever listened has gone; Python would complain about what it could not flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(BROKEN_PIPE) from None
        return
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise ResourceUnavailable(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        partial.unlink(missing_ok=True)
