"""Names of the files in a release folder."""

from collections.abc import Mapping, Sequence

FILES: Mapping[str, str] = {
    "master": "master.wav",
    "master.wav": "master.wav",
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
    "cover": "cover.png",
    "waveform_png": "waveform.png",
    "spectrogram_png": "spectrogram.png",
    "loudness_png": "loudness.png",
    "peaks": "peaks.json",
    "peaks_float": "peaks-float.json",
    "provenance": "provenance.json",
    "report_json": "report.json",
    "report_html": "report.html",
    "index": "index.html",
}
MIXED = "mixed:"
# Artifacts of notes, not of sound.
WRITTEN = ("midi", "midi_quantised", "musicxml", "leadsheet", "engraving", "chord_chart", "pianoroll")
# What finalization draws and declares before the report is written.
DRAWN = ("cover", "waveform_png", "spectrogram_png", "loudness_png", "peaks", "peaks_float", "provenance")


def filename(artifact: str, stems: Sequence[str]) -> str:
    """Where an artifact lies in the release folder; `stems` are the stems' names in their order."""
    if artifact.startswith(MIXED):
        stem = artifact.removeprefix(MIXED)
        return f"stems/{stems.index(stem) + 1:02d}_{stem}.wav"
    return FILES[artifact]
