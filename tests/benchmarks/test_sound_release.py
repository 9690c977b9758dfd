"""A release folder under the judges of `bench-sound`, and the lines that are made of what they find."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from rich.console import Console

from audio.files import encode_flac, encode_mp3, encode_opus, encode_wav
from audio.rate import RATE, Array
from benchmarks import sound
from benchmarks.sound_lines import claim_all, claim_same, show_songs
from benchmarks.sound_meters import pyloudnorm_loudness
from benchmarks.sound_release import Judged, Song, by_shape, judge, kind_loudness, sections
from benchmarks.tally import Tally
from tests.benchmarks.test_sound_judges import music

SECONDS = 8.0
CHORUS_S = 4.0


def levelled(x: Array) -> Array:
    """Half as loud before the chorus, -14 LUFS or about in all, with no peak over -1 dBTP."""
    x = x.copy()
    x[: int(CHORUS_S * RATE)] *= 0.7
    return (x / np.abs(x).max() * 0.7).astype(np.float32)


def write_release(folder: Path, x: Array, *, lufs: float) -> None:
    """A folder as the front door writes it, with one part and the drums."""
    (folder / "stems").mkdir(parents=True)
    half = (0.5 * x).astype(np.float32)
    files = {
        "master.wav": encode_wav(x, RATE),
        "master.flac": encode_flac(x, RATE),
        "master.mp3": encode_mp3(half, RATE),
        "master.opus": encode_opus(half, RATE),
        "stems/01_drums.wav": encode_wav(half, RATE),
        "stems/02_bass.wav": encode_wav(half, RATE),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    stems, _ = soundfile.read(io.BytesIO(files["stems/01_drums.wav"]), dtype="float64")
    (folder / "mix.wav").write_bytes(encode_wav(2 * stems, RATE))
    report = {
        "requested": {"loudness_target": lufs, "preferences": {}},
        "checks": [{"name": "loudness", "ok": True}],
        "context": {"musical": {"genre": ["pop"]}},
    }
    (folder / "report.json").write_text(json.dumps(report))
    write_midi(folder / "song.mid")


def write_midi(path: Path) -> None:
    """Two bars at 120, marked verse 1 and chorus 1, and a kick and a bass note on every beat."""
    midi = mido.MidiFile(ticks_per_beat=480)
    head = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=500_000)])
    head += [mido.MetaMessage("marker", text="verse 1"), mido.MetaMessage("marker", text="chorus 1", time=8 * 480)]
    midi.tracks.append(head)
    for channel, pitch, name in ((9, 36, "Kit"), (0, 36, "Bass")):
        track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
        for _ in range(14):
            track.append(mido.Message("note_on", channel=channel, note=pitch, velocity=90))
            track.append(mido.Message("note_off", channel=channel, note=pitch, time=480))
        midi.tracks.append(track)
    midi.save(path)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("release") / "song"
    x = levelled(music(SECONDS))
    lufs = pyloudnorm_loudness(x, RATE)
    write_release(folder, x, lufs=lufs)
    return judge(Song("pop", "a song", 1, SECONDS, folder))


def lines(*songs: Judged) -> dict[str, bool | None]:
    tally = Tally()
    claim_all(tally, songs)
    return {line.name: line.ok for line in tally.lines}


def test_a_sound_release_holds(released: Judged) -> None:
    assert released.error == ""
    missed = {name for name, ok in lines(released).items() if ok is False}
    assert missed <= {"every octave inside the genre's range"}
    assert released.sections["chorus 1"] > released.sections["verse 1"]
    assert released.peaks["master.wav"]["long filter"] == pytest.approx(20 * np.log10(0.7), abs=0.5)
    assert released.kick_over_bass_db == pytest.approx(0.0, abs=0.1)
    show_songs(Console(file=io.StringIO()), [released])


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ({"target_lufs": -30.0}, "loudness within 0.1 LU on three meters"),
        ({"target_lufs": -30.0}, "loudness, or the report says why not"),
        ({"ceiling_dbtp": -20.0}, "true peak of master.wav on three meters"),
        ({"ceiling_dbtp": -20.0}, "true peak of master.mp3, decoded"),
        ({"ceiling_dbtp": -20.0}, "true peak of master.opus, decoded"),
        ({"peaks": {"master.wav": {"long filter": -1.2}}}, "true peak of master.opus, decoded"),
        ({"plr_db": 5.0}, "crest inside the genre's range"),
        ({"correlation": -0.1}, "correlation over 0"),
        ({"low_side_db": -10.0}, "side under 120 Hz ≤ -15 dB"),
        ({"mono_loss_lu": 1.5}, "mono loses under 1 LU"),
        ({"mono_drops": {125.0: 7.0}}, "no octave loses 6 dB in mono"),
        ({"outside": {16000.0: 7.0}}, "every octave inside the genre's range"),
        ({"clipped": 1}, "no clipped sample"),
        ({"clicks": [1.0]}, "no click"),
        ({"holes": [(1.0, 3.0)]}, "silence over 1 s only where written"),
        ({"residual_db": -60.0}, "stems sum to the mix within -90 dB"),
        ({"unheard": {"bass": 0.5}}, "every stem sounds where its part plays"),
        ({"empty": ["bass"]}, "no stem is empty"),
        ({"flac_is_wav": False}, "the FLAC has the samples of the WAV"),
        ({"failed_checks": ["key"]}, "every check of the report holds"),
        ({"outside_check": ["FAIL files"]}, "the checker holds"),
        ({"sections": {"verse 1": -12.0, "chorus 1": -13.0}}, "chorus louder than verse"),
        ({"error": "no file"}, "a release folder that can be read"),
    ],
)
def test_every_fault_misses_its_line(released: Judged, fault: dict[str, object], line: str) -> None:
    assert lines(replace(released, **fault))[line] is False  # type: ignore[arg-type]


def test_loudness_that_is_missed_and_said_so_is_told_apart(released: Judged) -> None:
    found = lines(replace(released, target_lufs=-30.0, missed_on_purpose=True))
    assert found["loudness within 0.1 LU on three meters"] is False
    assert found["loudness, or the report says why not"] is True


def test_a_folder_that_is_not_there_has_an_error(tmp_path: Path) -> None:
    judged = judge(Song("pop", "a song", 1, SECONDS, tmp_path / "nothing"))
    assert "report.json" in judged.error
    show_songs(Console(file=io.StringIO()), [judged])


def test_octaves_are_compared_by_shape() -> None:
    octaves = {63.0: 4.0, 125.0: 4.0, 250.0: 4.0, 1000.0: 0.0, 4000.0: 4.0, 16000.0: 10.0}
    assert by_shape(octaves) == {63.0: 0.0, 125.0: 0.0, 250.0: 0.0, 1000.0: -4.0, 4000.0: 0.0, 16000.0: 6.0}


def test_sections_follow_the_markers(tmp_path: Path) -> None:
    write_midi(tmp_path / "song.mid")
    assert sections(tmp_path / "song.mid", 9.5) == {"verse 1": (0.0, 4.0), "chorus 1": (4.0, 9.5)}
    assert kind_loudness({"chorus 1": -12.0, "chorus 2": -14.0, "outro": -20.0}, "chorus") == -13.0
    assert np.isnan(kind_loudness({"outro": -20.0}, "chorus"))


def test_other_bytes_are_named_and_facts_of_the_run_may_differ(released: Judged, tmp_path: Path) -> None:
    first, again = tmp_path / "a", tmp_path / "b"
    for folder, time in ((first, "10:20:13"), (again, "10:25:51")):
        folder.mkdir()
        (folder / "song.mid").write_text("1")
        (folder / "report.json").write_text(time)
        (folder / "master.wav").write_bytes(b"RIFF")
    song = replace(released, song=replace(released.song, folder=first))
    tally = Tally()
    claim_same(tally, [(song, again)])
    assert [line.ok for line in tally.lines] == [True, None]
    assert tally.lines[1].value == "report.json"
    (again / "song.mid").write_text("2")
    (again / "master.wav").write_bytes(b"RIFFx")
    (again / "more.txt").write_text("more")
    tally = Tally()
    claim_same(tally, [(song, again)])
    assert tally.lines[0].ok is False
    assert tally.misses["again: made twice: the same bytes but for run facts"][0].found == (
        "master.wav, more.txt, song.mid"
    )


def test_an_external_checker_is_asked(released: Judged, tmp_path: Path) -> None:
    script = tmp_path / "check.py"
    script.write_text("import sys\nprint('ok   a: 1')\nprint('FAIL b:', sys.argv[2:])\nsys.exit(1)\n")
    judged = judge(released.song, str(script))
    assert judged.outside_check == [f"FAIL b: ['--lufs', '{judged.target_lufs:g}', '--ceiling', '-1']"]
    script.write_text("raise SystemExit(0)\n")
    assert judge(released.song, str(script)).outside_check == []
    script.write_text("raise ValueError('broken')\n")
    (told,) = judge(released.song, str(script)).outside_check or [""]
    assert "broken" in told
    assert sys.executable not in told


def test_songs_are_chosen_from_the_table(tmp_path: Path) -> None:
    songs = sound.chosen(sound.PROMPTS, 30, 2, "", tmp_path)
    assert len(songs) == 60
    assert len({song.genre for song in songs}) == 30
    assert len({song.folder for song in songs}) == 60
    assert {song.genre for song in sound.chosen(sound.PROMPTS, 30, 1, "house", tmp_path)} == {"house"}
    few = sound.chosen(sound.PROMPTS, 3, 1, "", tmp_path)
    assert [song.genre for song in few] == ["pop", "bossa_nova", "trance"]
    with pytest.raises(ValueError, match="no genre and no prompt has 'yodel' in it"):
        sound.chosen(sound.PROMPTS, 30, 1, "yodel", tmp_path)
    (tmp_path / "table.csv").write_text("name\nx\n")
    with pytest.raises(ValueError, match="columns genre and prompt"):
        sound.chosen(tmp_path / "table.csv", 30, 1, "", tmp_path)
