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
from domain.stages import Stage

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
    masters: list[float] = field(default_factory=list)
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
    console = Console(width=None if sys.stdout.isatty() else 140)
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
        found.masters.append(master_seconds(release / "mix.wav"))
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


def master_seconds(mix: Path) -> float:
    """Seconds of mastering a mix in memory, in a process of its own that has compiled its kernels."""
    _, printed, _ = timed([sys.executable, "-m", "benchmarks.sound_master", str(mix), str(TARGET_LUFS)])
    return float(printed)


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
    busy = best.busy()
    total = sum(busy.values())
    table = Table("step", "times", "seconds", "share", "× real time", title=f"{name}: {best.duration_s:.1f} s of music",
                  title_justify="left")  # fmt: skip
    for step, seconds in sorted(busy.items(), key=lambda item: -item[1]):
        times = sum(s.step == step.partition(" ")[0] and (not s.label or step.partition(" ")[2] in ("", s.label))
                    for s in best.steps)  # fmt: skip
        table.add_row(step, str(times), f"{seconds:.2f}", f"{100 * seconds / total:.0f} %",
                      f"{best.duration_s / seconds:.0f}")  # fmt: skip
    table.add_section()
    table.add_row("all, in every process", "", f"{total:.2f}", "100 %", "")
    for label, wall, processor in (
        ("wall clock to the master", best.chain_s, best.processor_chain_s),
        ("wall clock to the whole folder", best.folder_s, best.processor_folder_s),
    ):
        table.add_row(label, "", f"{wall:.2f}", f"{processor:.2f} s cpu", f"{best.duration_s / wall:.1f}")
    console.print(table)
    parts = ", ".join(f"{part} {instrument}" for part, instrument in best.parts.items())
    console.print(f"  {len(best.parts)} parts: {parts}; {best.sound_set}", highlight=False)
    renders = [s for s in best.steps if s.step == "render"]
    console.print(
        "  render: " + ", ".join(f"{s.label} {s.ended - s.began:.2f} s" for s in renders),
        highlight=False,
        soft_wrap=True,
    )


def claim_speed(tally: Tally, name: str, measured: Measured) -> None:
    """The lines of one song."""
    best = min(measured.runs, key=lambda run: run.chain_s)
    whole = min(measured.runs, key=lambda run: run.folder_s)
    music = best.duration_s
    master = min(measured.masters)
    speeds = (
        (f"notes to master, stems and MIDI (aim {CHAIN_AIM_X:g})", best.chain_s, CHAIN_X),
        ("notes to the whole folder", whole.folder_s, FOLDER_X),
        ("mastering alone, in memory", master, MASTER_X),
    )
    for line, seconds, target in speeds:
        speed = music / seconds
        tally.claim(name, line, f"≥ {target:g} ×", f"{speed:.1f} × ({seconds:.2f} s)", speed >= target)
    _claim_memory(tally, name, measured.runs)
    _figure_cpu(tally, name, best, whole)
    if measured.peers:
        _claim_peers(tally, name, measured, best, master)


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
    render = best.busy(until=Stage.PRODUCTION).get("render", 0.0)
    step = best.busy(until=Stage.MASTERING).get("master", 0.0)
    if "fluidsynth" in fastest:
        other = fastest["fluidsynth"].wall
        shown = f"{other:.2f} s ({best.duration_s / other:.0f} ×); our {len(best.parts)} stems {render:.2f} s of work"
        tally.figure(name, "fluidsynth alone, same MIDI and font", f"{shown}: {render / other:.2f} × its time")
    else:
        tally.figure(name, "fluidsynth alone, same MIDI and font", "not installed: apt install fluidsynth")
    for peer, took in fastest.items():
        if peer != "fluidsynth":
            shown = (
                f"{took.wall:.2f} s ({best.duration_s / took.wall:.0f} ×): {took.wall / step:.1f} of our step's time"
            )
            tally.figure(name, f"{peer}, same mix", f"{shown}, {took.wall / master:.1f} of mastering alone")
    _claim_levels(tally, name, measured.levels)


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
