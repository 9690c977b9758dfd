"""`./run bench-render`: how fast notes become a record, where the time goes, and what others need for the same.

Every measurement has a process of its own; ours and the peers' take turns, so that a busy machine is busy for all.
Beside the wall clock stands the processor time, which tells of a program and less of its neighbours.
`docs/measuring-sound.md` explains every line.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from audio.sound_set import find_sound_set
from audio.true_peak import true_peak_db
from benchmarks.peers.environment import PeersUnavailableError, peers_python
from benchmarks.sound_chain import Order, Run
from benchmarks.sound_meters import (
    FFMPEG,
    Level,
    MeterUnavailableError,
    ffmpeg_level,
    libebur128_level,
    read,
    require_ffmpeg,
)
from benchmarks.tally import Tally

OUT: Final = Path("songs/bench-render")
PEERS: Final = Path(__file__).parent / "peers" / "worker.py"
TARGET_LUFS: Final = -14.0

CHAIN_X, CHAIN_AIM_X, FOLDER_X, MASTER_X = 20.0, 40.0, 10.0, 150.0
MEMORY_MB: Final = 1536.0
LOUDNESS_TOLERANCE: Final = 0.05
CEILING_DBTP: Final = -1.0
ROUNDING_DB: Final = 0.05
"""ffmpeg prints true peaks with one decimal."""

SONGS: Final[dict[str, str]] = {
    "band": "funk pop with drums, congas, electric bass, electric piano, clean guitar, strings, brass and alto sax, "
    "112 bpm, three minutes",
    "electronic": "synthwave with drums, shaker, synth bass, arpeggio, warm pad, pluck, electric piano and lead synth, "
    "110 bpm, three minutes",
}
"""Eight parts each: one that the sampler plays nearly alone, one that is synthesised nearly alone."""

LONG: Final = Order(prompt="cinematic, 15 minutes", copies=3, parts=24, folder="")


class Took(NamedTuple):
    """Seconds of wall clock and of all cores."""

    wall: float
    processor: float


@dataclass
class Measured:
    """One song's rounds; peers by name, each with what every round took."""

    runs: list[Run] = field(default_factory=list)
    masters: list[Took] = field(default_factory=list)
    peers: dict[str, list[Took]] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)

    def took(self, name: str, took: Took) -> None:
        """Keep what a peer took in one round."""
        self.peers.setdefault(name, []).append(took)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured; the fastest counts")
    parser.add_argument("--song", choices=sorted(SONGS), help="one song instead of all")
    parser.add_argument("--long", action="store_true", help="also 15 minutes with 24 parts, once, for its memory")
    parser.add_argument("--no-peers", action="store_true", help="our own figures alone")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the songs and of figures.json")


def run(options: argparse.Namespace) -> int:
    """Measure and print; 0 when every target holds, 1 when one is missed, 69 when a peer cannot be had."""
    try:
        if not options.no_peers:
            require_ffmpeg()
            peers_python()
    except (MeterUnavailableError, PeersUnavailableError) as problem:
        print(f"the peers cannot be had: {problem}.", file=sys.stderr)
        return 69
    console = Console(width=None if sys.stdout.isatty() else 160)
    tally = Tally()
    for name in [options.song] if options.song else list(SONGS):
        measured = measure(SONGS[name], options.out / name, rounds=options.rounds, peers=not options.no_peers)
        show_steps(console, name, measured.runs)
        claim_speed(tally, name, measured)
    if options.long:
        order = LONG.model_copy(update={"folder": str(options.out / "long")})
        long = fresh_run(order)
        show_steps(console, "15 minutes, 24 parts", [long])
        _claim_memory(tally, "15 minutes, 24 parts", [long])
        _figure_speed(tally, "15 minutes, 24 parts", long)
    tally.show(console, f"Rendering on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    tally.write(options.out / "figures.json", rounds=options.rounds)
    console.print(f"{tally.missed} targets missed")
    return 1 if tally.missed else 0


# --- measuring ---------------------------------------------------------------------------------------


def timed(command: Sequence[str], given: str = "") -> tuple[Took, str, str]:
    """Run a program on its own; what it took and what it printed. RuntimeError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, input=given, capture_output=True, text=True)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(command)}` failed ({done.returncode}): {done.stderr[-600:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, processor), done.stdout, done.stderr


def fresh_run(order: Order) -> Run:
    """The song made in a process of its own; its release lies in the order's folder afterwards."""
    shutil.rmtree(order.folder, ignore_errors=True)
    _, printed, _ = timed([sys.executable, "-m", "benchmarks.sound_chain"], order.model_dump_json())
    return Run.model_validate_json(printed)


def measure(prompt: str, folder: Path, *, rounds: int, peers: bool) -> Measured:
    """All rounds of one song, ours and the peers' in turns."""
    found = Measured()
    release = folder / "release"
    for number in range(rounds):
        print(f"{prompt[:40]}… round {number + 1} of {rounds}", file=sys.stderr, flush=True)
        found.runs.append(fresh_run(Order(prompt=prompt, folder=str(release))))
        found.masters.append(master_alone(release / "mix.wav"))
        if peers:
            for peer in (_fluidsynth, _matchering, _loudnorm):
                peer(found, release, folder)
    found.levels["ours"] = levels(release / "master.wav")
    if peers:
        found.levels["ffmpeg, ours"] = ffmpeg_level(release / "master.wav")
    return found


def levels(path: Path) -> Level:
    """Loudness and true peak by libebur128; the peak is the higher one of its reading and of our long filter's."""
    x, rate = read(path)
    level = libebur128_level(x, rate)
    return Level(level.lufs, max(level.dbtp, true_peak_db(x)))


def master_alone(mix: Path) -> Took:
    """Mastering a mix in memory, in a process of its own that has compiled its kernels."""
    _, printed, _ = timed([sys.executable, "-m", "benchmarks.sound_master", str(mix), str(TARGET_LUFS)])
    return Took(*map(float, printed.split()))


def _fluidsynth(found: Measured, release: Path, folder: Path) -> None:
    program = shutil.which("fluidsynth")
    sound_set = find_sound_set()
    if program is None:
        return
    wave = folder / "fluidsynth.wav"
    command = [program, "-ni", "-q", "-R0", "-C0", "-r", "48000", "-T", "wav", "-F", str(wave)]
    took, _, _ = timed([*command, str(sound_set.font), str(release / "song.mid")])
    found.took("fluidsynth", took)


def _matchering(found: Measured, release: Path, folder: Path) -> None:
    result = folder / "matchering.wav"
    command = [str(peers_python()), "-W", "ignore", str(PEERS)]
    took, printed, _ = timed([*command, str(release / "mix.wav"), str(release / "master.wav"), str(result)])
    found.took("matchering", Took(float(printed.split()[-1]), took.processor))
    found.levels["matchering"] = levels(result)


def _loudnorm(found: Measured, release: Path, folder: Path) -> None:
    """Two passes, as its documentation asks: measure, then normalise with what was measured."""
    result = folder / "loudnorm.wav"
    goal = f"loudnorm=I={TARGET_LUFS:g}:TP={CEILING_DBTP:g}:LRA=11"
    source = [*FFMPEG, "-y", "-i", str(release / "mix.wav"), "-af"]
    first, _, told = timed([*source, f"{goal}:print_format=json", "-f", "null", "-"])
    heard = json.loads(told[told.rindex("{") : told.rindex("}") + 1])
    names = {"measured_I": "input_i", "measured_TP": "input_tp", "measured_LRA": "input_lra",
             "measured_thresh": "input_thresh", "offset": "target_offset"}  # fmt: skip
    given = ":".join(f"{name}={heard[key]}" for name, key in names.items())
    output = ["-ar", "48000", "-c:a", "pcm_s24le", str(result)]
    second, _, told = timed([*source, f"{goal}:{given}:linear=true:print_format=summary", *output])
    kind = re.search(r"Normalization Type:\s+(\w+)", told)
    found.took(f"loudnorm ({kind[1].lower() if kind else 'unknown'})", Took(*map(sum, zip(first, second, strict=True))))
    found.levels["loudnorm"] = levels(result)


# --- telling -----------------------------------------------------------------------------------------


def show_steps(console: Console, name: str, runs: Sequence[Run]) -> None:
    """A table of the fastest run's steps: how long, and which share of all."""
    best = min(runs, key=lambda run: run.folder_s)
    kinds = best.kinds()
    total = sum(step.processor for step in best.steps)
    table = Table("step", "times", "wall s", "processor s", "share", "× real time", "peak MB", title_justify="left",
                  title=f"{name}: {best.duration_s:.1f} s of music")  # fmt: skip
    for kind, steps in sorted(kinds.items(), key=lambda item: -sum(step.processor for step in item[1])):
        processor = sum(step.processor for step in steps)
        most = max(step.memory_mb for step in steps)
        table.add_row(
            kind, str(len(steps)), f"{sum(step.ended - step.began for step in steps):.2f}", f"{processor:.2f}",
            f"{100 * processor / total:.0f} %", f"{best.duration_s / max(processor, 1e-3):.0f}",
            f"{most:.0f}" if most else "",
        )  # fmt: skip
    table.add_section()
    for label, wall, processor in (
        ("wall clock to the master", best.chain_s, best.processor_chain_s),
        ("wall clock to the whole folder", best.folder_s, best.processor_folder_s),
    ):
        table.add_row(label, "", f"{wall:.2f}", f"{processor:.2f}", "", f"{best.duration_s / wall:.1f}", "")
    console.print(table)
    parts = ", ".join(f"{part} {instrument}" for part, instrument in best.parts.items())
    console.print(f"  {len(best.parts)} parts: {parts}; {best.sound_set}", highlight=False)
    renders = ", ".join(f"{step.label} {step.processor:.2f}" for step in kinds.get("render", []))
    console.print(f"  processor seconds of each stem: {renders}", highlight=False)


def claim_speed(tally: Tally, name: str, measured: Measured) -> None:
    """The lines of one song."""
    best = min(measured.runs, key=lambda run: run.chain_s)
    whole = min(measured.runs, key=lambda run: run.folder_s)
    music = best.duration_s
    master = Took(*map(min, zip(*measured.masters, strict=True)))
    speeds = (
        (f"notes to master, stems and MIDI (aim {CHAIN_AIM_X:g})", best.chain_s, CHAIN_X),
        ("notes to the whole folder", whole.folder_s, FOLDER_X),
        ("mastering alone, in memory", master.wall, MASTER_X),
    )
    for line, seconds, target in speeds:
        speed = music / seconds
        tally.claim(name, line, f"≥ {target:g} ×", f"{speed:.1f} × ({seconds:.2f} s)", speed >= target)
    _claim_memory(tally, name, measured.runs)
    _figure_cpu(tally, name, best, whole)
    tally.figure(name, "mastering alone, processor time", f"{master.processor:.2f} s: {music / master.processor:.1f} ×")
    if measured.peers:
        _claim_peers(tally, name, measured, best, master.wall)


def _figure_cpu(tally: Tally, name: str, best: Run, whole: Run) -> None:
    for line, run, processor in (
        ("to the master", best, best.processor_chain_s),
        ("to the whole folder", whole, whole.processor_folder_s),
    ):
        tally.figure(name, f"processor time {line}", f"{processor:.1f} s: {run.duration_s / processor:.1f} × per core")
    tally.figure(name, "processes ready, with kernels", f"{best.warm_s:.1f} s; composing {best.compose_s:.1f} s")


def _figure_speed(tally: Tally, name: str, run: Run) -> None:
    tally.figure(name, "notes to master", f"{run.duration_s / run.chain_s:.1f} × ({run.chain_s:.0f} s)")
    tally.figure(name, "notes to the whole folder", f"{run.duration_s / run.folder_s:.1f} × ({run.folder_s:.0f} s)")


def _claim_memory(tally: Tally, name: str, runs: Sequence[Run]) -> None:
    most = max(run.memory.together for run in runs)
    each = " + ".join(f"{size:.0f}" for size in max(runs, key=lambda run: run.memory.together).memory.each[:3])
    target = f"≤ {MEMORY_MB:g} MB"
    tally.claim(name, "peak memory, all processes", target, f"{most:.0f} MB (each: {each})", most <= MEMORY_MB)


def _claim_peers(tally: Tally, name: str, measured: Measured, best: Run, master: float) -> None:
    fastest = {peer: Took(*map(min, zip(*took, strict=True))) for peer, took in measured.peers.items()}
    render, step = (_took(measured.runs, kind) for kind in ("render", "master"))
    if "fluidsynth" in fastest:
        tally.figure(name, "fluidsynth alone, same MIDI and font", _beside(best, fastest["fluidsynth"]))
        shown = (
            f"{_beside(best, render)}: {render.processor / fastest['fluidsynth'].processor:.2f} × its processor time"
        )
        tally.figure(name, f"our {len(best.parts)} stems, rendered and stored", shown)
    else:
        tally.figure(name, "fluidsynth alone, same MIDI and font", "not installed: apt install fluidsynth")
    tally.figure(name, "our step master, file to file", _beside(best, step))
    for peer, took in fastest.items():
        if peer != "fluidsynth":
            ratios = f"{took.wall / step.wall:.1f} × our step, {took.wall / master:.1f} × mastering alone"
            tally.figure(name, f"{peer}, same mix, file to file", f"{_beside(best, took)}: {ratios}")
    _claim_levels(tally, name, measured.levels)


def _took(runs: Sequence[Run], kind: str) -> Took:
    """The least that all steps of a kind took in one of the runs."""
    walls = (sum(step.ended - step.began for step in run.kinds()[kind]) for run in runs)
    processors = (sum(step.processor for step in run.kinds()[kind]) for run in runs)
    return Took(min(walls), min(processors))


def _beside(run: Run, took: Took) -> str:
    return f"{took.wall:.2f} s, {took.processor:.2f} s processor ({run.duration_s / took.processor:.0f} ×)"


def _claim_levels(tally: Tally, name: str, found: Mapping[str, Level]) -> None:
    ours, by_ffmpeg = found["ours"], found["ffmpeg, ours"]
    show: Callable[[Level], str] = lambda level: f"{level.lufs:.2f} LUFS, {level.dbtp:.2f} dBTP"  # noqa: E731
    near = abs(ours.lufs - TARGET_LUFS) <= LOUDNESS_TOLERANCE
    under = ours.dbtp <= CEILING_DBTP and by_ffmpeg.dbtp <= CEILING_DBTP + ROUNDING_DB
    goal = f"{TARGET_LUFS:g} ± {LOUDNESS_TOLERANCE:g} LUFS, ≤ {CEILING_DBTP:g} dBTP"
    tally.claim(name, "our master (libebur128, long filter)", goal, show(ours), near and under)
    tally.figure(name, "our master (ffmpeg)", show(by_ffmpeg))
    for peer in ("matchering", "loudnorm"):
        tally.figure(name, f"{peer}'s result", show(found[peer]))
