"""`./run bench-sound`: do songs of thirty genres sound like records, by meters and judges that are not ours?

Makes the prompts of `sound_prompts.csv` through the front door on one server, judges every release folder from its
files alone, and makes a few songs again on another server to compare bytes. `docs/measuring-sound.md` explains every
line.
"""

import argparse
import csv
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks.music import progress_bar
from benchmarks.songs import SOSTENUTO, running_server
from benchmarks.sound_lines import claim_all, claim_same, show_songs
from benchmarks.sound_meters import MeterUnavailableError, require_ffmpeg
from benchmarks.sound_release import Judged, Song, judge
from benchmarks.tally import Tally

OUT: Final = Path("songs/bench-sound")
PROMPTS: Final = Path(__file__).with_name("sound_prompts.csv")
DURATIONS_S: Final = (45, 60)
"""Lengths asked for, in turns."""

REPEATED: Final = 3
FORMATS: Final = ("opus",)
"""What is asked for beside WAV, FLAC and MP3."""

CHECKER: Final = "SOSTENUTO_CHECK"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench-sound`."""
    parser.add_argument("--genres", type=int, default=30, help="how many rows of the table, spread over it")
    parser.add_argument("--seeds", type=int, default=2, help="seeds of each prompt")
    parser.add_argument("--only", default="", metavar="TEXT", help="only genres or prompts that have this in them")
    parser.add_argument("--prompts", type=Path, default=PROMPTS, metavar="FILE", help="another table: genre,prompt")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the releases and of misses.json")
    parser.add_argument("--no-make", action="store_true", help="judge the releases that lie there already")
    parser.add_argument("--repeat", type=int, default=REPEATED, help="how many songs are made twice")
    parser.add_argument(
        "--check", default=os.environ.get(CHECKER, ""), metavar="PATH",
        help=f"a script that judges a release folder from outside; default: what {CHECKER} names",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Make, judge, print; 0 when every target holds, 1 when one is missed, 2 for bad options, 69 without ffmpeg."""
    try:
        require_ffmpeg()
        songs = chosen(options.prompts, options.genres, options.seeds, options.only, options.out)
    except MeterUnavailableError as problem:
        print(f"a meter is missing: {problem}.", file=sys.stderr)
        return 69
    except (OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 180)
    tally = Tally()
    judged = _judged(songs, options.check, make=not options.no_make)
    show_songs(console, judged)
    claim_all(tally, judged)
    if options.repeat and not options.no_make:
        _claim_again(tally, [j for j in judged if not j.error][: options.repeat])
    tally.show(console, "Sound")
    path = options.out / "misses.json"
    tally.write(path, songs=len(songs), genres=options.genres, seeds=options.seeds, only=options.only)
    console.print(f"{tally.missed} targets missed; every miss is in {path}")
    return 1 if tally.missed else 0


def chosen(table: Path, genres: int, seeds: int, only: str, out: Path) -> list[Song]:
    """The songs to make: `genres` rows spread over the table, or those with `only` in them, with every seed.

    ValueError for a table without the columns genre and prompt, or when nothing is left.
    """
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"genre", "prompt"} <= set(rows[0]):
        raise ValueError(f"{table} is no table with the columns genre and prompt")
    rows = [row for row in rows if only in row["genre"] or only in row["prompt"]]
    if not rows:
        raise ValueError(f"no genre and no prompt has {only!r} in it")
    count = min(genres, len(rows))
    rows = [rows[number * len(rows) // count] for number in range(count)]
    names = [f"{number:02d}-{row['genre']}" for number, row in enumerate(rows, 1)]
    return [
        Song(row["genre"], row["prompt"], seed, DURATIONS_S[number % len(DURATIONS_S)], out / f"{name}-s{seed}")
        for number, (name, row) in enumerate(zip(names, rows, strict=True))
        for seed in range(1, seeds + 1)
    ]


def _judged(songs: Sequence[Song], checker: str, *, make: bool) -> list[Judged]:
    """Every song made, one after the other, and judged beside it in another process; in the order given."""
    with progress_bar() as step, ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting: list[Future[Judged]] = []
        advance = step("judging")(len(songs))
        for song in made(songs, step("making")(len(songs))) if make else songs:
            waiting.append(pool.submit(judge, song, checker))
            waiting[-1].add_done_callback(lambda _: advance())
        return [future.result() for future in waiting]


def made(songs: Sequence[Song], advance: Callable[[], None]) -> Iterator[Song]:
    """The songs, each after its release was made through the front door of one server on a data folder of its own.

    A song that cannot be made leaves no folder, and what `sostenuto make` said beside it.
    """
    with tempfile.TemporaryDirectory(prefix="sostenuto-bench-") as data, running_server(Path(data)):
        for song in songs:
            shutil.rmtree(song.folder, ignore_errors=True)
            song.folder.parent.mkdir(parents=True, exist_ok=True)
            command = [SOSTENUTO, "make", song.prompt, "--out", str(song.folder), "--seed", str(song.seed)]
            command += ["--duration", str(song.seconds), "--data", data, *(f"--format={name}" for name in FORMATS)]
            done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
            if not (song.folder / "report.json").exists():
                song.folder.with_suffix(".txt").write_text(done.stdout + done.stderr)
            advance()
            yield song


def _claim_again(tally: Tally, judged: Sequence[Judged]) -> None:
    """Make some of the songs once more on a server that has made nothing yet, and compare all files."""
    others = [replace(j.song, folder=j.song.folder.with_name(f"again-{j.song.folder.name}")) for j in judged]
    with progress_bar() as step:
        again = list(made(others, step("again")(len(others))))
    claim_same(tally, [(one, other.folder) for one, other in zip(judged, again, strict=True)])
