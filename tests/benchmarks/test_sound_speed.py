"""The commands that time sound: what they tell of made-up times, and the chain on one short song. No time is judged."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from activities.job import canonical
from activities.pool import ProcessPool
from audio.files import encode_wav
from audio.rate import RATE
from benchmarks import meter_speed, render_speed
from benchmarks.peers import environment
from benchmarks.render_speed import Measured, Took, claim_speed, show_steps
from benchmarks.sound_chain import Memory, Order, Run, Song, StepTime, serve_timed
from benchmarks.sound_meters import Level, ffmpeg_level, libebur128_level, libebur128_loudness, pyloudnorm_loudness
from benchmarks.tally import Tally
from domain.score import Note, Part, Role, Score, Section, SectionKind, TempoChange
from domain.stages import Stage
from storage.config import load_settings
from tests.benchmarks.test_sound_judges import music

PROMPT = "swing with tenor sax and brushes, 20 seconds"


def made_up(chain_s: float, folder_s: float, together: float = 1000.0) -> Run:
    def step(stage: Stage, name: str, label: str, began: float, ended: float) -> StepTime:
        return StepTime(stage=stage, step=name, label=label, began=began, ended=ended, processor=ended - began,
                        memory_mb=400.0)  # fmt: skip

    return Run(
        duration_s=180.0, parts={"drums": "acoustic_kit", "bass": "finger_bass"}, sound_set="a font", compose_s=1.0,
        warm_s=2.0, chain_s=chain_s, folder_s=folder_s, processor_chain_s=10.0, processor_folder_s=20.0,
        memory=Memory(together=together, each=[600.0, 400.0]),
        steps=[
            step(Stage.PRODUCTION, "render", "drums", 0.0, 2.0), step(Stage.PRODUCTION, "render", "bass", 0.0, 1.0),
            step(Stage.MASTERING, "master", "", 2.0, 2.5), step(Stage.FINALIZATION, "encode", "mp3", 3.0, 6.0),
            step(Stage.FINALIZATION, "encode", "flac", 3.0, 4.0),
        ],
    )  # fmt: skip


def claimed(measured: Measured) -> dict[str, bool | None]:
    tally = Tally()
    claim_speed(tally, "song", measured)
    return {line.name: line.ok for line in tally.lines}


def measured(chain_s: float, folder_s: float, master_s: float, **more: float) -> Measured:
    return Measured(
        runs=[made_up(chain_s, folder_s, **more), made_up(chain_s + 5, folder_s + 5)],
        masters=[Took(master_s + 1, master_s), Took(master_s, master_s)],
        peers={"fluidsynth": [Took(4.0, 4.0), Took(6.0, 3.0)], "matchering": [Took(20.0, 18.0)]},
        levels={
            "ours": Level(-14.01, -1.1), "ffmpeg, ours": Level(-14.0, -1.0),
            "matchering": Level(-14.0, -0.3), "loudnorm": Level(-14.0, -1.0),
        },
    )  # fmt: skip


def test_the_fastest_round_is_held_against_the_targets() -> None:
    assert {name: ok for name, ok in claimed(measured(8.9, 17.9, 1.19)).items() if ok is not None} == {
        "notes to master, stems and MIDI (aim 40)": True,
        "notes to the whole folder": True,
        "mastering alone, in memory": True,
        "peak memory, all processes": True,
        "our master (libebur128, long filter)": True,
    }
    slow = claimed(measured(9.1, 18.1, 1.21, together=1537.0))
    assert [name for name, ok in slow.items() if ok is False] == [
        "notes to master, stems and MIDI (aim 40)",
        "notes to the whole folder",
        "mastering alone, in memory",
        "peak memory, all processes",
    ]


@pytest.mark.parametrize("level", [Level(-14.06, -1.1), Level(-14.0, -0.99)])
def test_a_fast_master_that_is_off_is_missed(level: Level) -> None:
    found = measured(8.0, 16.0, 1.0)
    found.levels["ours"] = level
    assert claimed(found)["our master (libebur128, long filter)"] is False


def test_the_table_shows_every_kind_of_step_with_its_share() -> None:
    out = io.StringIO()
    show_steps(Console(file=out, width=160), "song", [made_up(8.0, 16.0), made_up(9.0, 17.0)])
    rows = {row[1].strip(): row for line in out.getvalue().splitlines() if len(row := line.split("│")) > 5}
    assert [rows["render"][i].strip() for i in (2, 3, 4, 5)] == ["2", "3.00", "3.00", "40 %"]
    assert rows["encode mp3"][5].strip() == "40 %"
    assert rows["encode flac"][5].strip() == "13 %"
    assert "processor seconds of each stem: drums 2.00, bass 1.00" in out.getvalue()


def test_a_program_that_fails_is_named_with_its_words() -> None:
    took, printed, _ = render_speed.timed([sys.executable, "-c", "print(input())"], "hello")
    assert printed == "hello\n"
    assert 0 < took.processor < 60
    with pytest.raises(RuntimeError, match="no such thing"):
        render_speed.timed([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_the_chain_makes_a_whole_folder_and_times_every_step(tmp_path: Path) -> None:
    order = Order(prompt=PROMPT, parts=10, copies=2, folder=str(tmp_path), formats=("flac",))
    run = render_speed.fresh_run(order)
    assert len(run.parts) == 10
    assert 15 < run.duration_s < 25
    assert {"perform", "render", "mix", "master", "encode flac", "engrave", "verify", "report"} <= set(run.kinds())
    assert len(run.kinds()["render"]) == 10
    assert all(step.ended > step.began >= 0 for step in run.steps)
    assert all(step.processor > 0 for step in run.steps)
    assert sum(step.ended - step.began for step in run.kinds()["render"]) < 2 * run.chain_s
    assert run.chain_s < run.folder_s
    assert run.memory.together > 100
    names = {path.name for path in tmp_path.iterdir()}
    assert {"master.wav", "master.flac", "mix.wav", "song.mid", "stems", "report.json"} <= names
    assert not names & {"master.mp3", "sketch.mid"}
    assert json.loads((tmp_path / "report.json").read_text())["measured"]["duration_s"] == run.duration_s


def test_parts_are_multiplied_and_counted(tmp_path: Path) -> None:
    part = Part(
        id="bass", name="Bass", role=Role.BASS, instrument="finger_bass", notes=(Note(pitch=36, start=0, duration=1),)
    )
    section = Section(name="verse 1", kind=SectionKind.VERSE, start_bar=0, bars=2)
    score = Score(key="C", scale="major", tempo=(TempoChange(start=0, bpm=120),), sections=(section,), parts=(part,))
    settings = load_settings(data_dir=tmp_path)

    def song(copies: int, parts: int) -> Song:
        order = Order(prompt="a bass", copies=copies, parts=parts, folder=str(tmp_path))
        made = Song(order, settings, ProcessPool(1, serve_timed))
        made.artifacts["score"] = made.store.put(canonical(score))
        return made

    tripled = song(3, 3)
    assert [part.id for part in tripled.multiply_parts().parts] == ["bass", "bass_x2", "bass_x3"]
    assert len(Score.model_validate_json(tripled.store.get(tripled.artifacts["score"])).parts) == 3
    with pytest.raises(RuntimeError, match=r"'a bass' has 1 parts, not 8: bass"):
        song(1, 8).multiply_parts()


def test_mastering_alone_is_timed(tmp_path: Path) -> None:
    (tmp_path / "mix.wav").write_bytes(encode_wav(music(4.0), RATE))
    took = render_speed.master_alone(tmp_path / "mix.wav")
    assert took.wall > 0
    assert took.processor > 0


def test_meters_agree_on_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = music(5.0)
    (tmp_path / "x.wav").write_bytes(encode_wav(x, RATE))
    reference = pyloudnorm_loudness(x, RATE)
    level = libebur128_level(x, RATE, everything=True)
    assert level.lufs == pytest.approx(reference, abs=1e-3)
    assert libebur128_loudness(x, RATE) == pytest.approx(level.lufs, abs=1e-6)
    assert ffmpeg_level(tmp_path / "x.wav").lufs == pytest.approx(reference, abs=0.06)
    assert ffmpeg_level(tmp_path / "x.wav").dbtp == pytest.approx(level.dbtp, abs=0.3)
    assert pyloudnorm_loudness(x, RATE, "K-weighting") < reference - 0.01


def test_meters_are_told_beside_one_another() -> None:
    x = music(5.0)
    seconds = dict.fromkeys(meter_speed.METERS, 0.4) | {meter_speed.OURS_LOUDNESS: 0.1}
    level = Level(float(pyloudnorm_loudness(x, RATE)), -6.0)
    levels = dict.fromkeys(meter_speed.METERS, level)
    tally = Tally()
    meter_speed.claim(tally, seconds, levels, 180.0)
    assert [line.ok for line in tally.lines if line.ok is not None] == [True, True, True]
    shown = next(line.value for line in tally.lines if line.name.startswith("ours, loudness"))
    assert re.fullmatch(r" +100 ms, +0\.25 × pyloudnorm, +1800 × real time: -\d+\.\d+ LUFS, -6\.00 dBTP", shown)
    seconds[meter_speed.OURS_LOUDNESS] = 0.21
    levels[meter_speed.OURS_ALL] = Level(level.lufs + 0.2, -5.0)
    tally = Tally()
    meter_speed.claim(tally, seconds, levels, 180.0)
    assert [line.ok for line in tally.lines if line.ok is not None] == [False, False, False]


def test_every_meter_reads_the_file(tmp_path: Path) -> None:
    x = music(5.0)
    (tmp_path / "x.wav").write_bytes(encode_wav(x, RATE))
    seconds, levels = meter_speed.take_turns(tmp_path / "x.wav", x, RATE, 1)
    assert set(seconds) == set(levels) == set(meter_speed.METERS)
    assert all(np.isfinite(took) and took > 0 for took in seconds.values())
    assert all(np.isfinite(level.lufs) or np.isfinite(level.dbtp) for level in levels.values())


def test_peers_are_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    def installed(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command)
        (tmp_path / "peers/bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / "peers/bin/python").touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(environment, "FOLDER", tmp_path / "peers")
    monkeypatch.setattr(environment.subprocess, "run", installed)
    monkeypatch.setenv("UV", sys.executable)
    assert environment.peers_python() == tmp_path / "peers/bin/python"
    assert len(calls) == 2
    assert environment.peers_python() == tmp_path / "peers/bin/python"
    assert len(calls) == 2
    monkeypatch.setattr(environment.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1))
    (tmp_path / "peers/requirements.sha256").write_text("other")
    with pytest.raises(environment.PeersUnavailableError, match=r"failed \(1\)"):
        environment.peers_python()


def test_peers_are_pinned() -> None:
    lines = environment.REQUIREMENTS.read_text().splitlines()
    pinned = [line for line in lines if not line.startswith("#")]
    assert "matchering==2.0.6" in pinned
    assert all(re.fullmatch(r"[a-z0-9_-]+==[0-9.a-z]+", line) for line in pinned)
