"""Names of the files in a release folder."""

from collections.abc import Mapping, Sequence

FILES: Mapping[str, str] = {
    "master": "master.wav",
    "master.flac": "master.flac",
    "master.mp3": "master.mp3",
    "master.opus": "master.opus",
    "mix": "mix.wav",
    "midi": "song.mid",
    "musicxml": "song.musicxml",
    "leadsheet": "leadsheet.musicxml",
    "report_json": "report.json",
    "report_html": "report.html",
}
MIXED = "mixed:"


def filename(artifact: str, stems: Sequence[str]) -> str:
    """Where an artifact lies in the release folder; `stems` are the stems' names in their order."""
    if artifact.startswith(MIXED):
        stem = artifact.removeprefix(MIXED)
        return f"stems/{stems.index(stem) + 1:02d}_{stem}.wav"
    return FILES[artifact]
