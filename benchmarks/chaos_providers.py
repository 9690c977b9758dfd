"""Many songs at providers that fail by chance, by workers that are killed: nothing is charged twice or gets lost."""

import argparse
import asyncio
import contextlib
import hashlib
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from sqlmodel import col, select
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.chaos_proof import Ended, Evidence, prove
from benchmarks.chaos_site import Site
from benchmarks.chaos_vendors import SOUND, Watched, change_callbacks, environment, running_vendors
from domain.providers import BUILTIN, OUTCOME_UNKNOWN
from domain.seeds import derive
from domain.settings import SongSettings
from domain.song_input import QUEUE, WORKFLOW, SongInput, workflow_id
from domain.stages import SongStatus
from storage.database import Database
from storage.records import Composition, ProviderTask
from tests.fixtures.temporal import running_temporal

PROMPTS: Final = (
    "calm lo-fi with rhodes in F minor at 80 bpm, 20 seconds",
    "gentle ambient piano in C major at 70 bpm, 20 seconds",
    "bright house with synths in A minor at 124 bpm, 20 seconds",
    "slow blues with guitar in E minor at 84 bpm, 20 seconds",
)
SONG_SEED: Final = 7
"""One for all songs: whatever is not ordered outside is computed once."""
ENDS: Final = (SongStatus.COMPLETED, SongStatus.BLOCKED)
LOOK_S: Final = 0.5
STUCK_S: Final = 900.0
TELL_EVERY: Final = 50
SETTINGS: Final = {"SOSTENUTO_PROVIDER_POLL_S": "0.5", "SOSTENUTO_PROVIDER_CALLBACK_WINDOW_S": "8"}


@dataclass(frozen=True)
class Wish:
    """What is asked of one song, drawn from the run's seed and its number."""

    id: str
    owner: str
    prompt: str
    settings: SongSettings
    retries: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--songs", type=int, default=1000, help="how many songs")
    parser.add_argument("--seed", type=int, default=1, help="decides wishes, failures and kills")
    parser.add_argument("--open", type=int, default=30, help="how many songs at the same time")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--kill-s", type=float, default=40.0, help="seconds between two kills, on average")
    parser.add_argument("--keep", type=Path, help="folder for database, media and logs; default: a temporary one")


def run(chosen: argparse.Namespace) -> int:
    """Make the songs and print what was proven; 0 when everything holds."""
    # Whoever ends this ends the workers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        kept: Path | None = chosen.keep
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sostenuto-chaos-")))
        folder.mkdir(parents=True, exist_ok=True)
        temporal = stack.enter_context(running_temporal())
        servers = stack.enter_context(running_vendors(chosen.seed))
        return asyncio.run(_run(chosen, folder, temporal, servers))


def wish(seed: int, number: int) -> Wish:
    """The song of a number."""
    draw = np.random.default_rng(derive(seed, "song", number))
    id_ = hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:32]
    preferred = [str(name) for name in draw.permutation(SOUND)[: int(draw.integers(0, 4))]]
    settings = SongSettings(
        providers_preferred=tuple(preferred),
        # Without our own engine a song may find that nobody is left.
        providers_forbidden=(BUILTIN,) if draw.random() < 0.02 else (),
        budget=0.10 if draw.random() < 0.1 else None,
        on_unknown="block" if draw.random() < 0.5 else "fallback",
        production="provider",
        vocals=bool(draw.random() < 0.15),
        formats=(),
    )
    return Wish(id_, f"owner-{number}", str(draw.choice(PROMPTS)), settings, bool(draw.random() < 0.5))


async def _run(chosen: argparse.Namespace, folder: Path, temporal: str, servers: Mapping[str, Watched]) -> int:
    site = Site(folder, temporal, {**SETTINGS, **environment(servers)}, chosen.workers)
    began = time.monotonic()
    try:
        await site.start()
        client = await Client.connect(temporal, data_converter=pydantic_data_converter)
        database = Database(site.database)
        try:
            async with _killing(site, chosen.seed, chosen.kill_s):
                ended = await Songs(client, database, servers, chosen.seed).made(chosen.songs, chosen.open)
            rows = await _rows(database)
        finally:
            await database.close()
        evidence = Evidence(ended, rows, {name: server.taken() for name, server in servers.items()},
                            {name: server.refusals() for name, server in servers.items()},
                            {name: server.spent for name, server in servers.items()}, site.deaths())  # fmt: skip
    finally:
        site.stop()
    lines, wrong = prove(evidence)
    took = time.monotonic() - began
    print(
        f"\n{len(ended)} songs of seed {chosen.seed} in {took / 60:.1f} minutes ({len(ended) / took:.2f} a second), "
        f"{chosen.workers} workers, {site.kills} killed\n"
    )
    print("\n".join(lines), flush=True)
    return 1 if wrong else 0


@contextlib.asynccontextmanager
async def _killing(site: Site, seed: int, between_s: float) -> AsyncIterator[None]:
    killer = asyncio.create_task(site.kill_at_random(np.random.default_rng(derive(seed, "kills")), between_s))
    try:
        yield
    finally:
        killer.cancel()
        await asyncio.gather(killer, return_exceptions=True)


async def _rows(database: Database) -> list[ProviderTask]:
    async with database.session() as session:
        return list((await session.exec(select(ProviderTask).order_by(col(ProviderTask.created_at)))).all())


class Songs:
    """Starts songs, a limited number at a time, and watches them in the database as anybody else would."""

    def __init__(self, client: Client, database: Database, servers: Mapping[str, Watched], seed: int) -> None:
        self._client, self._database, self._servers, self._seed = client, database, servers, seed
        self._callbacks = np.random.default_rng(derive(seed, "callbacks"))
        self._shown: dict[str, Composition] = {}
        self._open: set[str] = set()
        self._done = 0
        self._began = time.monotonic()

    async def made(self, count: int, at_once: int) -> list[Ended]:
        """Every song at its end, in the order of their numbers."""
        limit = asyncio.Semaphore(at_once)

        async def one(number: int) -> Ended:
            async with limit:
                change_callbacks(self._servers, self._callbacks)
                ended = await self._song(wish(self._seed, number))
                self._tell(count)
                return ended

        watching = asyncio.create_task(self._watch())
        try:
            return list(await asyncio.gather(*(one(number) for number in range(count))))
        finally:
            watching.cancel()

    async def _song(self, wanted: Wish) -> Ended:
        start = SongInput(
            composition_id=wanted.id, owner=wanted.owner, prompt=wanted.prompt, title="Chaos", seed=SONG_SEED,
            settings=wanted.settings,
        )  # fmt: skip
        handle = await self._client.start_workflow(WORKFLOW, start, id=workflow_id(wanted.id), task_queue=QUEUE)
        self._open.add(wanted.id)
        shown = await self._end(wanted.id, 0)
        resubmissions = 0
        if shown is not None and wanted.retries and (shown.blocked or {}).get("code") == OUTCOME_UNKNOWN:
            resubmissions = 1
            await handle.signal("retry", {})
            shown = await self._end(wanted.id, shown.last_seq)
        self._open.discard(wanted.id)
        return Ended.of(wanted.id, wanted.owner, shown, resubmissions)

    async def _end(self, id_: str, after: int) -> Composition | None:
        """The song as the database shows it once it works no more, None when it hangs."""
        until = time.monotonic() + STUCK_S
        while time.monotonic() < until:
            shown = self._shown.get(id_)
            if shown is not None and shown.last_seq > after and shown.status in ENDS:
                return shown
            await asyncio.sleep(LOOK_S)
        return None

    async def _watch(self) -> None:
        while True:
            async with self._database.session() as session:
                query: Any = select(Composition).where(col(Composition.id).in_(sorted(self._open)))
                self._shown |= {row.id: row for row in (await session.exec(query)).all()}
            await asyncio.sleep(LOOK_S)

    def _tell(self, count: int) -> None:
        self._done += 1
        if self._done % TELL_EVERY == 0 or self._done == count:
            took = time.monotonic() - self._began
            print(f"{self._done:5} of {count} songs, {took:5.0f} s, {self._done / took:.2f} a second", flush=True)
