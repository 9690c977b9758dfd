"""The program that draws a song's sound on demand: `python -m audio.drawing FILE FOLDER`.

Into FOLDER go `peaks.json`, `waveform.png` and `spectrogram.png`; one JSON object on standard output says whether, or
why not. The API starts it for sound that no finalization has drawn, so that nothing is decoded where requests are
answered; the file itself is opened in one more process, under limits.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

from audio.guarded import LOCAL, decode_guarded
from audio.pictures.peaks import peaks_of
from audio.pictures.spectrogram import draw_spectrogram
from audio.pictures.waveform import draw_waveform
from domain.errors import SostenutoError


def draw(file: Path, folder: Path) -> None:
    """Draw what is in the sound file. InvalidAudio for one that cannot be decoded, RenderError for an empty one."""
    decoded = decode_guarded(file, name="the song's sound", limits=LOCAL)
    whole, _ = peaks_of(decoded.samples, decoded.rate)
    (folder / "peaks.json").write_text(json.dumps(whole, separators=(",", ":")))
    (folder / "waveform.png").write_bytes(draw_waveform(decoded.samples, decoded.rate))
    (folder / "spectrogram.png").write_bytes(draw_spectrogram(decoded.samples, decoded.rate))


def answer_for(made: Callable[[Path, Path], None], arguments: list[str]) -> int:
    """Make something of FILE in FOLDER and print the answer; 0 unless this program itself is broken."""
    try:
        made(Path(arguments[0]), Path(arguments[1]))
        answer: dict[str, object] = {"ok": True}
    except SostenutoError as error:
        answer = {"ok": False, "code": error.code, "message": error.message}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(answer_for(draw, sys.argv[1:]))
