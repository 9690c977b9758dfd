"""`./run bench-meter`: how long measuring a three-minute file takes, ours and others', and what each of them reads.

All meters take turns; the fastest of the rounds counts. Ratios are against pyloudnorm's integrated loudness.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import Console

from audio.loudness import bin_energies, loudness
from audio.measure import measure
from audio.rate import Array
from audio.true_peak import true_peak_db
from benchmarks.render_speed import SONGS, fresh_run
from benchmarks.sound_chain import Order
from benchmarks.sound_meters import (
    Level,
    MeterUnavailableError,
    ffmpeg_level,
    libebur128_level,
    libebur128_loudness,
    pyloudnorm_loudness,
    read,
    require_ffmpeg,
)
from benchmarks.tally import Tally

OUT: Final = Path("songs/bench-meter")
LOUDNESS_RATIO: Final = 0.5
"""All loudness figures take at most this share of pyloudnorm's time for the integrated one."""

AGREEMENT_LU: Final = 0.1
PEAK_AGREEMENT_DB: Final = 0.3
"""What Tech 3341 lets two true-peak meters differ by: +0.2 and -0.4 dB around the truth."""

NAN: Final = float("nan")


class Meter(NamedTuple):
    """A meter: what it gives, and the call that gives it."""

    gives: str
    call: Callable[[Path, Array, int], Level]


def _ours(_: Path, x: Array, rate: int) -> Level:
    found = measure(x, rate)
    return Level(found.integrated_lufs, found.true_peak_dbtp)


OURS_ALL: Final = "ours, the whole measurement"
OURS_LOUDNESS: Final = "ours, loudness"
BASE: Final = "pyloudnorm (DeMan)"
METERS: Final[dict[str, Meter]] = {
    BASE: Meter("I", lambda _, x, rate: Level(pyloudnorm_loudness(x, rate), NAN)),
    "pyloudnorm (default filter)": Meter(
        "I", lambda _, x, rate: Level(pyloudnorm_loudness(x, rate, "K-weighting"), NAN)
    ),
    "libebur128, I": Meter("I", lambda _, x, rate: Level(libebur128_loudness(x, rate), NAN)),
    "libebur128, I LRA TP": Meter("I LRA TP", lambda _, x, rate: libebur128_level(x, rate, everything=True)),
    "ffmpeg ebur128, with decoding": Meter("I M S LRA TP", lambda path, *_: ffmpeg_level(path)),
    OURS_LOUDNESS: Meter("I M S LRA", lambda _, x, rate: Level(loudness(bin_energies(x, rate)).integrated, NAN)),
    "ours, true peak": Meter("TP", lambda _, x, rate: Level(NAN, true_peak_db(x))),
    OURS_ALL: Meter("I M S LRA TP, bands, stereo, silence, clipping, DC", _ours),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--rounds", type=int, default=5, help="how often every meter measures; the fastest counts")
    parser.add_argument("--file", type=Path, help="a WAV or FLAC file instead of a master made for this")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the master")


def run(options: argparse.Namespace) -> int:
    """Measure and print; 0 when every target holds, 1 when one is missed, 69 without ffmpeg."""
    try:
        require_ffmpeg()
    except MeterUnavailableError as problem:
        print(f"a meter is missing: {problem}.", file=sys.stderr)
        return 69
    path = options.file or _master(options.out)
    x, rate = read(path)
    seconds, levels = take_turns(path, x, rate, options.rounds)
    tally = Tally()
    claim(tally, seconds, levels, x.shape[0] / rate)
    tally.show(Console(width=None if sys.stdout.isatty() else 180), f"Measuring {x.shape[0] / rate:.1f} s of {path}")
    return 1 if tally.missed else 0


def _master(folder: Path) -> Path:
    fresh_run(Order(prompt=SONGS["band"], folder=str(folder)))
    return folder / "master.wav"


def take_turns(path: Path, x: Array, rate: int, rounds: int) -> tuple[dict[str, float], dict[str, Level]]:
    """Fewest seconds and the reading of every meter; a first round, which compiles and loads, does not count."""
    seconds = dict.fromkeys(METERS, float("inf"))
    levels: dict[str, Level] = {}
    for number in range(rounds + 1):
        for name, meter in METERS.items():
            began = time.perf_counter()
            levels[name] = meter.call(path, x, rate)
            took = time.perf_counter() - began
            seconds[name] = min(seconds[name], took if number else float("inf"))
    return seconds, levels


def claim(tally: Tally, seconds: dict[str, float], levels: dict[str, Level], music_s: float) -> None:
    """The lines: time, ratio to pyloudnorm, times real time, and the reading."""
    base = seconds[BASE]
    for name, took in seconds.items():
        level = levels[name]
        shown = f"{1000 * took:6.0f} ms, {took / base:5.2f} × pyloudnorm, {music_s / took:5.0f} × real time"
        values = [f"{level.lufs:.3f} LUFS"] * (level.lufs == level.lufs) + [f"{level.dbtp:.2f} dBTP"] * (
            level.dbtp == level.dbtp
        )
        tally.figure("time and reading", f"{name} ({METERS[name].gives})", f"{shown}: {', '.join(values)}")
    ratio = seconds[OURS_LOUDNESS] / base
    tally.claim("targets", "all loudness figures", f"≤ {LOUDNESS_RATIO:g} × pyloudnorm", f"{ratio:.2f} ×",
                ratio <= LOUDNESS_RATIO)  # fmt: skip
    other = seconds["libebur128, I LRA TP"]
    tally.figure("targets", "the whole measurement", f"{seconds[OURS_ALL] / other:.2f} × libebur128's I, LRA and TP")
    ours, theirs = levels[OURS_ALL], levels["libebur128, I LRA TP"]
    apart = abs(ours.lufs - theirs.lufs)
    tally.claim("targets", "loudness against libebur128", f"± {AGREEMENT_LU:g} LU", f"{apart:.4f} LU",
                apart <= AGREEMENT_LU)  # fmt: skip
    apart = ours.dbtp - theirs.dbtp
    tally.claim("targets", "true peak against libebur128", f"± {PEAK_AGREEMENT_DB:g} dB", f"{apart:+.2f} dB",
                abs(apart) <= PEAK_AGREEMENT_DB)  # fmt: skip
