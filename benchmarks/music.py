"""`./run bench-music`: is what was asked in the music, and does it read and sound like what people write?

Composes the prompts of `prompts.csv` with several seeds, measures the notes (`symbolic_lines`), renders excerpts and
lets independent ears say what they hear (`ear_lines`). `docs/measuring-music.md` explains every line.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audio.sound_set import find_sound_set
from benchmarks.ear_lines import claim_heard
from benchmarks.ears.environment import EarsUnavailableError, ears_python
from benchmarks.excerpts import Clip, write_clips
from benchmarks.hearing import Job, listen
from benchmarks.prompts import Asked, prompts, spread
from benchmarks.symbolic import SongFacts, measure, midi_hash
from benchmarks.symbolic_lines import claim_repeatable, claim_symbolic, claim_variety, claim_whole, show_genres
from benchmarks.tally import Tally
from music.composing import compose

OUT = Path("songs/bench-music")
PROCESSES = 2
VARIETY_PROMPT = "bright summer pop with clean guitar, 112 bpm, G major, 60 seconds"
REPEATED = 5
WHOLE_SONG_S = 180.0
"""The human songs whose statistics are the bands last three to five minutes; short songs repeat less."""

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Made:
    """What a process hands back for a song."""

    facts: SongFacts
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A song to compose, in another length where `seconds` are given; with a folder its clips are rendered into it."""

    asked: Asked
    seed: int
    clips: str = ""
    seconds: float | None = None


def make(order: Order) -> Made:
    """Compose, measure and, where asked, render one song. Runs in a process of its own."""
    facts, song = measure(order.asked, order.seed, order.seconds)
    if song is None or not order.clips:
        return Made(facts)
    folder = Path(order.clips)
    return Made(facts, tuple(write_clips(order.asked, order.seed, song, folder, find_sound_set())))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `bench-music`."""
    parser.add_argument("--songs", type=int, default=len(prompts()), help="how many prompts, spread over the genres")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each prompt")
    parser.add_argument("--variety", type=int, default=100, help="seeds of the one prompt that variety is measured on")
    parser.add_argument("--only", default="", metavar="PREFIX", help="only genres or prompts that begin so")
    parser.add_argument("--no-ears", action="store_true", help="measure the notes alone, without sound")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of clips, answers and misses")
    parser.add_argument("--json", type=Path, help="also write lines and misses to this file")


def run(options: argparse.Namespace) -> int:
    """Measure, print, and return 0 when every target holds, 1 when one is missed, 69 when ears cannot be had."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    rows = chosen(options.songs, options.only)
    if not rows:
        print(f"no genre and no prompt begins with {options.only!r}", file=sys.stderr)
        return 2
    tally = Tally()
    try:
        if not options.no_ears:
            ears_python()
        whole = _measure(tally, rows, options)
    except EarsUnavailableError as problem:
        print(f"the ears cannot be had: {problem}.", file=sys.stderr)
        return 69
    show_genres(console, whole)
    tally.show(console)
    path = options.out / "misses.json"
    for file in {path, options.json or path}:
        tally.write(file, songs=len(rows), seeds=options.seeds, only=options.only, ears=not options.no_ears)
    console.print(f"{tally.missed} targets missed; every miss is in {path}")
    return 1 if tally.missed else 0


def chosen(count: int, only: str) -> tuple[Asked, ...]:
    """The rows to measure: those that begin with `only`, or `count` spread over the table."""
    if not only:
        return spread(count)
    return tuple(row for row in prompts() if row.genre.startswith(only) or row.prompt.startswith(only))[:count]


def _measure(tally: Tally, rows: Sequence[Asked], options: argparse.Namespace) -> list[SongFacts]:
    """Fill the tally; gives the songs of three minutes for the tables by genre."""
    clips = options.out / "clips"
    clips.mkdir(parents=True, exist_ok=True)
    folder = "" if options.no_ears else str(clips)
    orders = [Order(row, seed, folder) for row in rows for seed in range(1, options.seeds + 1)]
    same = next(row for row in prompts() if row.prompt == VARIETY_PROMPT)
    many = [Order(same, seed) for seed in range(1, options.variety + 1)]
    whole = [Order(row, seed, seconds=WHOLE_SONG_S) for row in rows for seed in range(1, options.seeds + 1)]
    with progress_bar() as step:
        made = _in_processes(make, orders, step("composing" if options.no_ears else "composing and rendering"))
        long = [result.facts for result in _in_processes(make, whole, step("the same in three minutes"))]
        varied = _in_processes(make, many, step("one prompt, many seeds"))
        facts = [result.facts for result in made]
        claim_symbolic(tally, facts, {row.prompt: row for row in rows})
        claim_whole(tally, long, facts)
        claim_variety(tally, f"{len(many)} seeds of one prompt", [result.facts for result in varied])
        claim_variety(tally, f"{len(rows)} prompts of one seed", [f for f in facts if f.seed == 1])
        claim_repeatable(tally, [f for f in facts if not f.error][:REPEATED], _again)
        if not options.no_ears:
            _hear(tally, [clip for result in made for clip in result.clips], options.out / "heard", step)
    return long


def _again(song: SongFacts) -> str:
    return midi_hash(compose(song.prompt, seed=song.seed))


def question(clip: Clip) -> Job:
    """What to ask about a clip."""
    return clip.path, ("chords",) if clip.chords else ("tempo", "key")


def _hear(tally: Tally, clips: Sequence[Clip], kept: Path, step: "Step") -> None:
    advance = step("listening")(len(clips))
    answers = listen([question(clip) for clip in clips], kept, processes=PROCESSES, done=advance)
    claim_heard(tally, list(zip(clips, answers, strict=True)))


# --- processes and progress --------------------------------------------------------------------------

Advance = Callable[[], None]
Start = Callable[[int], Advance]
Step = Callable[[str], Start]


@contextmanager
def progress_bar() -> Iterator[Step]:
    """Bars on standard error; `step(name)(total)` begins one and gives the call that moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:

        def step(name: str) -> Start:
            def start(total: int) -> Advance:
                task = bars.add_task(name, total=total)
                return lambda: bars.advance(task)

            return start

        yield step


def _in_processes(work: Callable[[Task], Result], tasks: Iterable[Task], start: Start) -> list[Result]:
    """Results in the order of the tasks."""
    waiting = list(tasks)
    advance = start(len(waiting))
    found: dict[int, Result] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        numbers = {pool.submit(work, task): number for number, task in enumerate(waiting)}
        for future in as_completed(numbers):
            found[numbers[future]] = future.result()
            advance()
    return [found[number] for number in range(len(waiting))]
