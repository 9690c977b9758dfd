"""What is in a release folder, by judges that only read its files: sound, notes, report."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

import mido
import numpy as np
import pretty_midi

from audio.clicks import find_clicks
from audio.genre_bands import genre_curve, genre_ranges, plr_range
from audio.rate import Array
from audio.true_peak import true_peak_db
from benchmarks import sound_judges as judges
from benchmarks.sound_judges import Stretch
from benchmarks.sound_meters import decoded_by_ffmpeg, ffmpeg_level, libebur128_level, pyloudnorm_loudness, read

LOSSY: Final = ("master.mp3", "master.opus")
STRICT_DB: Final = 5.0
VERSE, CHORUS = "verse", "chorus"
NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Song:
    """Which song: its genre in the table, prompt, seed and wished length, and the folder of its release."""

    genre: str
    prompt: str
    seed: int
    seconds: float
    folder: Path


@dataclass(slots=True)
class Judged:
    """All figures of one release; `error` says why there are none."""

    song: Song
    error: str = ""
    lufs: dict[str, float] = field(default_factory=dict)
    """Integrated loudness by meter."""
    peaks: dict[str, dict[str, float]] = field(default_factory=dict)
    """True peak in dBTP by file and meter, lossy files after decoding by ffmpeg."""
    target_lufs: float = NAN
    ceiling_dbtp: float = NAN
    missed_on_purpose: bool = False
    """The report says that its loudness check does not hold."""
    correlation: float = NAN
    balance_db: float = NAN
    low_side_db: float = NAN
    mono_loss_lu: float = NAN
    mono_drops: dict[float, float] = field(default_factory=dict)
    octaves: dict[float, float] = field(default_factory=dict)
    """Octaves over the genre's curve in dB, both against 1 kHz."""
    outside: dict[float, float] = field(default_factory=dict)
    """Octaves out of the genre's range, compared by shape."""
    slope: float = NAN
    plr_db: float = NAN
    plr_range: tuple[float, float] = (NAN, NAN)
    clipped: int = 0
    clicks: list[float] = field(default_factory=list)
    holes: list[Stretch] = field(default_factory=list)
    edges_s: tuple[float, float] = (0.0, 0.0)
    sections: dict[str, float] = field(default_factory=dict)
    """Integrated loudness of each section by its name."""
    kick_over_bass_db: float = NAN
    residual_db: float = NAN
    flac_is_wav: bool = False
    unheard: dict[str, float] = field(default_factory=dict)
    """Stems without sound where their part has notes: the share of these notes."""
    empty: list[str] = field(default_factory=list)
    """Stems without any sound."""
    failed_checks: list[str] = field(default_factory=list)
    outside_check: list[str] | None = None
    """Lines of an external checker that failed; None without one."""


def judge(song: Song, checker: str = "") -> Judged:
    """Everything about one release; a folder that cannot be read gives an `error` instead of figures."""
    judged = Judged(song)
    try:
        report = json.loads((song.folder / "report.json").read_text())
        _report(judged, report)
        x, rate = read(song.folder / "master.wav")
        midi = pretty_midi.PrettyMIDI(str(song.folder / "song.mid"))
        _levels(judged, x, rate)
        _stereo(judged, x, rate)
        _spectrum(judged, x, rate, report["context"]["musical"]["genre"])
        _faults(judged, x, rate, midi)
        judged.sections = section_loudness(x, rate, sections(song.folder / "song.mid", x.shape[0] / rate))
        _stems(judged, midi)
        if checker:
            judged.outside_check = outside_check(checker, song.folder, judged)
    except (OSError, ValueError, KeyError, RuntimeError, subprocess.CalledProcessError) as problem:
        judged.error = f"{type(problem).__name__}: {problem}"
    return judged


def _report(judged: Judged, report: Mapping[str, Any]) -> None:
    asked = report["requested"]
    judged.target_lufs = float(asked["loudness_target"])
    judged.ceiling_dbtp = float(asked["preferences"].get("master", {}).get("ceiling", -1.0))
    judged.failed_checks = [check["name"] for check in report["checks"] if not check["ok"]]
    judged.missed_on_purpose = "loudness" in judged.failed_checks


def _levels(judged: Judged, x: Array, rate: int) -> None:
    path = judged.song.folder / "master.wav"
    by_ffmpeg, by_libebur128 = ffmpeg_level(path), libebur128_level(x, rate)
    judged.lufs = {
        "ffmpeg": by_ffmpeg.lufs,
        "libebur128": by_libebur128.lufs,
        "pyloudnorm": pyloudnorm_loudness(x, rate),
    }
    judged.peaks["master.wav"] = {
        "ffmpeg": by_ffmpeg.dbtp,
        "libebur128": by_libebur128.dbtp,
        "long filter": true_peak_db(x),
    }
    judged.plr_db = judged.peaks["master.wav"]["long filter"] - by_libebur128.lufs
    for name in LOSSY:
        if (judged.song.folder / name).exists():
            decoded = decoded_by_ffmpeg(judged.song.folder / name, rate)
            judged.peaks[name] = {
                "ffmpeg": ffmpeg_level(judged.song.folder / name).dbtp,
                "libebur128": libebur128_level(decoded, rate).dbtp,
                "long filter": true_peak_db(decoded),
            }
    flac, _ = read(judged.song.folder / "master.flac")
    judged.flac_is_wav = np.array_equal(flac, x)


def _stereo(judged: Judged, x: Array, rate: int) -> None:
    judged.correlation = judges.correlation(x)
    judged.balance_db = judges.balance(x)
    judged.low_side_db = judges.low_side(x, rate)
    judged.mono_loss_lu = judged.lufs["pyloudnorm"] - pyloudnorm_loudness(judges.mono(x), rate)
    judged.mono_drops = judges.mono_drops(x, rate)


def _spectrum(judged: Judged, x: Array, rate: int, genres: Sequence[str]) -> None:
    curve, ranges = genre_curve(genres), genre_ranges(genres)
    found = judges.octave_levels(x, rate)
    judged.octaves = {hertz: found[hertz] - curve[hertz] for hertz in judges.JUDGED_OCTAVES}
    shape = by_shape(judged.octaves)
    judged.outside = {hertz: miss for hertz, miss in shape.items() if not ranges[hertz].holds(miss)}
    judged.slope = judges.slope(x, rate)
    judged.plr_range = plr_range(genres)


def by_shape(octaves: Mapping[float, float]) -> dict[float, float]:
    """Differences to a curve without their median from 63 Hz to 8 kHz, which is level and no shape."""
    level = median(value for hertz, value in octaves.items() if hertz <= 8000.0)
    return {hertz: value - level for hertz, value in octaves.items()}


def _faults(judged: Judged, x: Array, rate: int, midi: Any) -> None:
    judged.clipped = judges.clipped_samples(x)
    judged.clicks = [round(int(frame) / rate, 3) for frame in find_clicks(x, rate)]
    judged.holes = judges.holes(judges.silences(x, rate), notes_of(midi.instruments))
    judged.edges_s = judges.edges(x, rate)


def notes_of(instruments: Sequence[Any]) -> list[Stretch]:
    """When the notes of MIDI tracks sound."""
    return [Stretch(note.start, note.end) for part in instruments for note in part.notes]


# --- sections ----------------------------------------------------------------------------------------


def sections(path: Path, end_s: float) -> dict[str, Stretch]:
    """Where the markers of a MIDI file say that sections are, by name; the last one ends with the sound."""
    now, found = 0.0, []
    for message in mido.MidiFile(path):
        now += message.time
        if message.type == "marker":
            found.append((message.text, now))
    ends = [start for _, start in found[1:]] + [end_s]
    return {name: Stretch(start, end) for (name, start), end in zip(found, ends, strict=True)}


def section_loudness(x: Array, rate: int, places: Mapping[str, Stretch]) -> dict[str, float]:
    """Integrated loudness of each section that lasts a second or more."""
    return {
        name: pyloudnorm_loudness(x[int(place.start * rate) : int(place.end * rate)], rate)
        for name, place in places.items()
        if min(place.end, x.shape[0] / rate) - place.start >= 1.0
    }


def kind_loudness(loudness: Mapping[str, float], kind: str) -> float:
    """Mean loudness of the sections of a kind ("chorus 1", "chorus 2"); NaN without one."""
    found = [value for name, value in loudness.items() if name.split(" ")[0] == kind and np.isfinite(value)]
    return float(np.mean(found)) if found else NAN


# --- stems -------------------------------------------------------------------------------------------


def _stems(judged: Judged, midi: Any) -> None:
    """Parts come first among the stems, in the order of their MIDI tracks; returns of effects follow."""
    files = sorted((judged.song.folder / "stems").glob("*.wav"))
    mix, rate = read(judged.song.folder / "mix.wav")
    stems = {re.sub(r"^\d+_", "", file.stem): read(file)[0] for file in files}
    judged.residual_db = judges.residual_db(list(stems.values()), mix)
    judged.empty = [name for name, stem in stems.items() if not stem.any()]
    parts = dict(zip(stems, midi.instruments, strict=False))
    for name, part in parts.items():
        share = judges.unheard(stems[name], rate, notes_of([part]))
        if share > 0.0:
            judged.unheard[name] = share
    if "drums" in parts and "bass" in parts:
        kicks = [note.start for note in parts["drums"].notes if note.pitch in judges.KICKS]
        judged.kick_over_bass_db = judges.kick_over_bass(stems["drums"], stems["bass"], rate, kicks)


# --- from outside ------------------------------------------------------------------------------------


def outside_check(checker: str, folder: Path, judged: Judged) -> list[str]:
    """Run an external checker on the folder; its lines that begin with FAIL, or its last words when it broke."""
    command = [sys.executable, checker, str(folder), "--lufs", f"{judged.target_lufs:g}"]
    done = subprocess.run([*command, "--ceiling", f"{judged.ceiling_dbtp:g}"], capture_output=True, text=True)
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    if done.returncode and not failed:
        return [f"exit code {done.returncode}: {done.stderr.strip()[-200:]}"]
    return failed


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file by its path in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
