"""Speed and scale of the API: reads beside an empty endpoint, commands, event streams, and memory under load."""

import argparse
import asyncio
import itertools
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from rich.console import Console

from benchmarks.api_load import Outcome, Plan, Request
from benchmarks.api_rows import song_ids
from benchmarks.api_server import EMPTY
from benchmarks.api_site import KEY, Site, report_of, running_site
from benchmarks.tally import Tally
from domain.seeds import derive

READ_RATE: Final = 200.0
COMMAND_RATE: Final = 20.0
RATIO: Final = 2.0
COMMAND_P99_S: Final = 0.3
GROWTH: Final = 0.05
STREAMS_OF_ONE: Final = 500
STREAMS: Final = 2000
LIVING: Final = 40
LISTENERS_OF_EACH: Final = 10
WARM_S: Final = 3.0
SHOWN_FAILURES: Final = 5
AUTHORIZED: Final = {"authorization": f"Bearer {KEY}"}
PROMPT: Final = "a calm ambient song with a soft piano, 20 seconds"


@dataclass
class Samples:
    """Times of one kind of request over all rounds."""

    times: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    sizes: int = 0

    def add(self, outcome: Outcome) -> None:
        """The outcome of one more round."""
        self.times += outcome.times
        self.failures += outcome.failures
        self.sizes += outcome.sizes

    def at(self, percent: float) -> float:
        """A percentile in seconds."""
        return float(np.percentile(self.times, percent)) if self.times else float("nan")

    def told(self) -> str:
        """The percentiles for people."""
        return " / ".join(f"{1000 * self.at(percent):.1f}" for percent in (50, 95, 99)) + " ms"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    parser.add_argument("--songs", type=int, default=100_000)
    parser.add_argument("--documented", type=int, default=4000, help="songs whose detail is asked for")
    parser.add_argument("--rounds", type=int, default=6, help="rounds of reads; each asks every kind for --round-s")
    parser.add_argument("--round-s", type=float, default=10.0)
    parser.add_argument("--commands-s", type=float, default=60.0, help="length of each run of commands")
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="length of the mixed load under which memory is flat"
    )
    parser.add_argument("--quick", action="store_true", help="a try: fewer songs and seconds, the same targets")
    parser.add_argument("--only", choices=list(PARTS), nargs="*", help="parts to measure; default: all")


def run(chosen: argparse.Namespace) -> int:
    """Print the table; 0 when every target is met."""
    if chosen.quick:
        chosen.songs, chosen.documented, chosen.rounds, chosen.round_s = 20_000, 800, 2, 4.0
        chosen.commands_s, chosen.minutes = 10.0, 0.5
    tally = Tally()
    asyncio.run(_measure(chosen, tally))
    tally.show(Console(width=130), "API")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"{load:.1f} tasks ready for each processor")
    return 1 if tally.missed else 0


async def _measure(chosen: argparse.Namespace, tally: Tally) -> None:
    began = time.monotonic()
    async with running_site(sqlite=chosen.sqlite, songs=chosen.songs, documented=chosen.documented) as site:
        print(
            f"{chosen.songs:,} songs written and everything started after {time.monotonic() - began:.0f} s", flush=True
        )
        bench = Bench(site, chosen, tally)
        await bench.prepare()
        for name in chosen.only or PARTS:
            await PARTS[name](bench)
            print(f"{name} measured after {time.monotonic() - began:.0f} s", flush=True)


class Bench:
    """The measurements, each of which adds lines to the table."""

    def __init__(self, site: Site, chosen: argparse.Namespace, tally: Tally) -> None:
        self.site, self.chosen, self.tally = site, chosen, tally
        self.living: list[str] = []
        draw = np.random.default_rng(derive(1, "api benchmark", "reads"))
        documented = song_ids(chosen.documented)
        self.details = [_get(f"/v1/compositions/{documented[n]}") for n in draw.permutation(chosen.documented)]
        self.lists: list[Request] = []
        self.commands = itertools.count()

    async def prepare(self) -> None:
        """Songs that take commands, and the pages that are read."""
        first = "/v1/compositions?limit=50"
        cursor = None
        for _ in range(20):
            page = (await self.site.http.get("/v1/compositions", params=_given(limit=200, cursor=cursor))).json()
            cursor = page["next_cursor"]
            self.lists += [_get(first), _get(f"{first}&cursor={cursor}")]
        for number in range(LIVING):
            body = {"prompt": PROMPT, "settings": {"seed": number, "review": ["ideation"]}}
            answer = await self.site.http.post("/v1/compositions", json=body)
            self.living.append(answer.raise_for_status().json()["id"])
        async with asyncio.timeout(300):
            for song in self.living:
                while (await self._status(song))["status"] != "waiting":  # noqa: ASYNC110
                    await asyncio.sleep(0.3)

    async def _status(self, song: str) -> Mapping[str, Any]:
        found: dict[str, Any] = (await self.site.http.get(f"/v1/compositions/{song}/status")).raise_for_status().json()
        return found

    async def reads(self) -> None:
        """Every kind of read in turns, so that what the machine does meanwhile meets all of them."""
        kinds = {"an empty endpoint": [_get(EMPTY)], "GET one song": self.details, "GET 50 songs": self.lists}
        samples = {name: Samples() for name in kinds}
        null = Samples()
        for requests in kinds.values():
            await self.site.load(Plan(self.site.port, READ_RATE, WARM_S, requests))
        for number in range(self.chosen.rounds):
            null.add(await self.site.load(Plan(self.site.null_port, READ_RATE, 2.0, [_get("/")])))
            for name, requests in kinds.items():
                turned = _turned(requests, number * self.chosen.round_s * READ_RATE)
                samples[name].add(await self.site.load(Plan(self.site.port, READ_RATE, self.chosen.round_s, turned)))
        group = f"reads, {READ_RATE:g} a second, p50 / p95 / p99"
        self.tally.figure(group, "the load generator at a server of nothing", null.told())
        base = samples["an empty endpoint"]
        for name, found in samples.items():
            size = found.sizes / max(1, len(found.times)) / 1000
            self.tally.figure(group, name, f"{found.told()}, {size:.1f} kB")
            self._no_failure(group, name, found.failures)
        for name in list(samples)[1:]:
            ratio = samples[name].at(99) / base.at(99)
            shown = f"{ratio:.2f}, p50 {samples[name].at(50) / base.at(50):.2f}"
            self.tally.claim(group, f"{name}: p99 to that of the empty one", f"≤ {RATIO:g}", shown, ratio <= RATIO)

    async def command(self) -> None:
        """Commands alone."""
        found = Samples()
        found.add(await self._command(self.chosen.commands_s))
        self._commands_told("commands alone", found)

    async def streams(self) -> None:
        """Commands beside open streams, on which their events flow."""
        hot, *others = self.living
        after = {song: (await self._status(song))["sequence"] for song in self.living}
        quiet = song_ids(self.chosen.songs)[: STREAMS - STREAMS_OF_ONE - LISTENERS_OF_EACH * len(others)]
        listeners = [(hot, STREAMS_OF_ONE, after[hot])]
        listeners += [(song, LISTENERS_OF_EACH, after[song]) for song in others]
        listeners += [(song, 1, 40) for song in quiet]
        found = Samples()
        async with self.site.listening(listeners) as crowd:
            found.add(await self._command(self.chosen.commands_s))
            reached = {song: (await self._status(song))["sequence"] for song in self.living}
            report = await report_of(crowd, reached)
        group = "event streams"
        self._commands_told(group, found)
        opened, events = report["streams"], report["events"]
        self.tally.claim(
            group, "open at one time", f"{STREAMS:,}", f"{opened:,}, {STREAMS_OF_ONE} on one song", opened == STREAMS
        )
        self._no_failure(group, "streams that lost or repeated an event, or ended", report["faults"])
        wanted = sum(count * (reached[song] - after[song]) for song, count, _ in listeners if song in reached)
        self.tally.claim(group, "events delivered", f"{wanted:,}", f"{events:,}", events == wanted > 0)
        delays, spreads = Samples(report["delays"]), Samples(report["spreads"])
        self.tally.figure(group, "from the song's decision to the listener, p50 / p95 / p99", delays.told())
        self.tally.figure(group, "from the first listener to the last, p50 / p95 / p99", spreads.told())

    async def memory(self) -> None:
        """Reads, commands, and streams that come and go, while the process's memory is watched."""
        seconds = self.chosen.minutes * 60
        mixed = [request for pair in zip(itertools.cycle(self.lists), self.details, strict=False) for request in pair]
        watch = asyncio.create_task(self._watch_memory())
        visit = asyncio.create_task(self._visit())
        outcomes = await asyncio.gather(
            self.site.load(Plan(self.site.port, READ_RATE / 2, seconds, mixed)), self._command(seconds)
        )
        for task in (watch, visit):
            task.cancel()
        await asyncio.gather(watch, visit, return_exceptions=True)
        group = f"memory over {self.chosen.minutes:g} minutes"
        self._no_failure(group, "requests", [failure for outcome in outcomes for failure in outcome.failures])
        for name, outcome in zip(("reads", "commands"), outcomes, strict=True):
            found = Samples(outcome.times)
            self.tally.figure(group, f"{name}, p50 / p95 / p99, slowest", f"{found.told()}, {found.at(100):.1f} s")
        self.tally.figure(group, "streams that came and went", f"{self.visits:,}")
        times, sizes = np.array(self.resident).T
        # The first fifth warms up: pools, caches, code that had not run.
        warm = times >= times[0] + (times[-1] - times[0]) / 5
        slope, start = np.polyfit(times[warm], sizes[warm], 1)
        first, last = start + slope * times[warm][[0, -1]]
        grown = float(last / first - 1)
        shown = f"{100 * grown:+.1f} %, {first / 1e6:.0f} to {last / 1e6:.0f} MB"
        self.tally.claim(group, "growth of the API, by regression", f"< {100 * GROWTH:g} %", shown, grown < GROWTH)

    async def _watch_memory(self) -> None:
        self.resident: list[tuple[float, int]] = []
        while True:
            self.resident.append((time.monotonic(), self.site.memory()))
            await asyncio.sleep(1.0)

    async def _visit(self) -> None:
        self.visits = 0
        for song in itertools.cycle(self.living):
            async with self.site.http.stream("GET", f"/v1/compositions/{song}/events") as stream:
                async for _ in stream.aiter_raw():
                    break
            self.visits += 1
            await asyncio.sleep(0.1)

    async def _command(self, seconds: float) -> Outcome:
        """Hold every song, then let every song go on, and so on."""
        rounds = max(1, round(seconds * COMMAND_RATE / len(self.living) / 2))
        posts = [_post(f"/v1/compositions/{song}/{what}") for what in ("holds", "resumptions") for song in self.living]
        return await self.site.load(Plan(self.site.port, COMMAND_RATE, rounds * len(posts) / COMMAND_RATE, posts))

    def _commands_told(self, group: str, found: Samples) -> None:
        self._no_failure(group, f"commands, {COMMAND_RATE:g} a second", found.failures)
        p99 = found.at(99)
        self.tally.claim(
            group, "commands, p50 / p95 / p99", f"p99 ≤ {1000 * COMMAND_P99_S:g} ms", found.told(), p99 <= COMMAND_P99_S
        )

    def _no_failure(self, group: str, name: str, failures: Sequence[str]) -> None:
        for failure in failures[:SHOWN_FAILURES]:
            print(f"{name}: {failure}")
        if failures or "streams" in name:
            self.tally.claim(group, f"{name}: failures", "0", f"{len(failures):,}", not failures)


PARTS: Final = {"reads": Bench.reads, "commands": Bench.command, "streams": Bench.streams, "memory": Bench.memory}


def _get(path: str) -> Request:
    return "GET", path, AUTHORIZED


def _post(path: str) -> Request:
    return "POST", path, {**AUTHORIZED, "idempotency-key": "@KEY@"}


def _given(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}


def _turned(requests: Sequence[Request], by: float) -> Sequence[Request]:
    """The same requests, beginning elsewhere: no round asks for what the one before it asked for."""
    start = round(by) % len(requests)
    return [*requests[start:], *requests[:start]]
