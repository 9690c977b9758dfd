"""The program that looks at an uploaded reference: `python -m audio.inspecting FILE NAME`.

It prints one JSON object: what was heard, or why the file is refused. The API starts it, so that no sound is decoded
or measured where requests are answered; the file itself is opened in one more process, under limits.
"""

import json
import sys
from pathlib import Path
from typing import Any

from audio.guarded import decode_guarded
from domain.errors import SostenutoError


def inspect(file: Path, name: str) -> dict[str, Any]:
    """What is heard in a reference. Raises InvalidAudio for one that cannot be used."""
    decoded = decode_guarded(file, name=name)
    # What listens takes a second to load, and a file that is refused so far is not worth it.
    from audio.intake import Purpose, conform
    from audio.judging import listen

    taken = conform(decoded, name=name, purpose=Purpose.REFERENCE)
    heard = listen(taken)
    figures = heard.measured
    return {
        "format": taken.format.partition(" ")[0],
        "encoding": taken.format.partition(" ")[2],
        "rate": taken.rate,
        "channels": taken.channels,
        "duration_s": heard.duration_s,
        "kind": heard.kind,
        "tempo_bpm": heard.tempo_bpm,
        "tempo_confidence": heard.tempo_confidence,
        "key": heard.key,
        "key_confidence": heard.key_confidence,
        "integrated_lufs": round(figures.integrated_lufs, 2),
        "loudness_range_lu": round(figures.loudness_range_lu, 2),
        "true_peak_dbtp": round(figures.true_peak_dbtp, 2),
        "correlation": round(figures.correlation, 3),
        "clipped_samples": taken.clipped,
        "notes": [f"{note.what.removeprefix(name).lstrip('.')}: {note.value} ({note.reason})" for note in taken.notes],
    }


def main(arguments: list[str]) -> int:
    """Print the answer; 0 unless this program itself is broken."""
    try:
        answer = {"ok": True, "heard": inspect(Path(arguments[0]), arguments[1])}
    except SostenutoError as error:
        answer = {"ok": False, "code": error.code, "message": error.message}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
