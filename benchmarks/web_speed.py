"""How soon the studio's pages are there, and what they weigh, with this processor and with one four times slower."""

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console

from benchmarks.tally import Tally
from benchmarks.web_site import Studio, load, running_studio
from benchmarks.web_vitals import Visit, visit

SLOWER: Final = (1.0, 4.0)


@dataclass(frozen=True)
class Look:
    """A page that is visited: its name, its address, and what a person comes there for, as a CSS selector."""

    name: str
    path: str
    wanted: str


PAGES: Final = (
    Look("songs", "/", "main a[href^='/songs/']"),
    Look("new song", "/new", "main textarea"),
    Look("a finished song", "/songs/{song}", "main article h1"),
)


@dataclass(frozen=True)
class Target:
    """A figure of a visit, how it is shown, and the most that it may be, for each speed of the processor."""

    name: str
    of: Callable[[Visit], float]
    form: str
    most: dict[float, float]


# The useful paint and the weight are ours; the others are what https://web.dev/articles/vitals calls good.
TARGETS: Final = (
    Target("JavaScript by gzip", lambda v: v.script_bytes / 1e3, "{:.1f} kB", {1.0: 180}),
    Target("first useful paint", lambda v: v.useful_s, "{:.2f} s", {1.0: 1.0, 4.0: 2.5}),
    Target("largest contentful paint", lambda v: v.largest_s, "{:.2f} s", {1.0: 2.5, 4.0: 2.5}),
    Target("total blocking time", lambda v: v.blocked_s * 1e3, "{:.0f} ms", {1.0: 200, 4.0: 600}),
    Target("layout shift", lambda v: v.shift, "{:.3f}", {1.0: 0.1, 4.0: 0.1}),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--runs", type=int, default=5, help="visits of each page, each with an empty cache")


def run(chosen: argparse.Namespace) -> int:
    """Visit and print; 0 when every target holds, 1 when one is missed, 69 without Chromium."""
    tally = Tally()
    try:
        with running_studio() as studio:
            song = studio.songs.finished()
            for page in PAGES:
                for slower in SLOWER:
                    claim(tally, page, slower, _visits(studio, page, song.id, slower, chosen.runs))
    except RuntimeError as problem:
        print(f"{problem}.", file=sys.stderr)
        return 69
    console = Console(width=None if sys.stdout.isatty() else 140)
    tally.show(console, f"The studio on loopback, medians of {chosen.runs} visits")
    print(f"{load():.1f} tasks ready for each processor at the end")
    return 1 if tally.missed else 0


def _visits(studio: Studio, page: Look, song: str, slower: float, runs: int) -> list[Visit]:
    url = studio.api.url + page.path.format(song=song)
    # The first visit warms the server's caches, as that of somebody else would have.
    return [visit(studio.browser, url, page.wanted, slower) for _ in range(runs + 1)][1:]


def claim(tally: Tally, page: Look, slower: float, visits: Sequence[Visit]) -> None:
    """A line for each figure: the median of the visits, their range, and the target."""
    group = page.name if slower == 1 else f"{page.name}, {slower:g}× slower"
    for target in TARGETS:
        if slower not in target.most:
            continue
        values = [target.of(one) for one in visits]
        most, median = target.most[slower], statistics.median(values)
        low, high = (target.form.format(bound) for bound in (min(values), max(values)))
        shown = target.form.format(median) + (f" ({low} to {high})" if low != high else "")
        tally.claim(group, target.name, f"≤ {target.form.format(most)}", shown, median <= most)
