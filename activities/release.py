"""Names of the files in a release folder."""

from collections.abc import Mapping, Sequence

FILES: Mapping[str, str] = {
    "master": "master.wav",
    "master.flac": "master.flac",
    "master.mp3": "master.mp3",
    "master.opus": "master.opus",
    "mix": "mix.wav",
    "midi": "song.mid",
    "midi_quantised": "song-quantised.mid",
    "musicxml": "song.musicxml",
    "leadsheet": "leadsheet.musicxml",
    "engraving": "score.svg",
    "chord_chart": "chords.txt",
    "pianoroll": "pianoroll.png",
    "report_json": "report.json",
    "report_html": "report.html",
}
MIXED = "mixed:"
# Artifacts of notes, not of sound.
WRITTEN = ("midi", "midi_quantised", "musicxml", "leadsheet", "engraving", "chord_chart", "pianoroll")


def filename(artifact: str, stems: Sequence[str]) -> str:
    """Where an artifact lies in the release folder; `stems` are the stems' names in their order."""
    if artifact.startswith(MIXED):
        stem = artifact.removeprefix(MIXED)
        return f"stems/{stems.index(stem) + 1:02d}_{stem}.wav"
    return FILES[artifact]
