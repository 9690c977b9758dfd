"""How long `sostenuto compose` takes for three minutes of music, from the start of the interpreter to its end.

Beside the wall time stands the processor time of the same runs: on a busy machine the first tells of its neighbours.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT_S = 2.0
PROMPTS = (
    "pop song in C major, 112 bpm, three minutes",
    "swing with tenor sax and brushes, three minutes",
    "deep house, 122 bpm, three minutes",
    "metal in 7/8, D minor, three minutes",
    "slow waltz for strings and piano, three minutes",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--runs", type=int, default=3, help="how often each song is composed; the median counts")


def run(chosen: argparse.Namespace) -> int:
    """Print a row for each genre; 0 when every median is below LIMIT_S."""
    rows = [_measured(prompt, chosen.runs) for prompt in PROMPTS]
    slowest = max(rows)
    print(f"slowest median {slowest:.2f} s, limit {LIMIT_S:g} s: {'ok' if slowest < LIMIT_S else 'FAIL'}")
    return 0 if slowest < LIMIT_S else 1


def _measured(prompt: str, runs: int) -> float:
    """The median wall time of the command in seconds; prints what was made."""
    times = []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(prefix="sostenuto-bench-") as folder:
        command = [sys.executable, "-m", "sostenuto", "compose", prompt, "--seed", "1", "--json", "--out"]
        for number in range(runs):
            began = time.perf_counter()
            made = subprocess.run([*command, f"{folder}/{number}"], check=True, capture_output=True, text=True)
            times.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = sum(path.stat().st_size for path in Path(folder, "0").iterdir())
    song = json.loads(made.stdout)
    notes, parts = sum(part["notes"] for part in song["parts"]), len(song["parts"])
    median = statistics.median(times)
    processor = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / runs
    print(
        f"{median:5.2f} s ({min(times):.2f}–{max(times):.2f}), {processor:.2f} s of processor  "
        f"{song['duration_s']:6.1f} s of music, {parts} parts, {notes:5d} notes, {size / 1e6:.1f} MB  {prompt}",
        flush=True,
    )
    return median
