"""A song through the steps of the stages as a worker computes them, without a server: who took how long, and how much.

Runs in a fresh process of its own: `python -m benchmarks.sound_chain` reads an `Order` as JSON from standard input and
prints a `Run` as JSON. The recipes are the workflow's own, the steps the worker's own, and heavy steps run in the
worker's own pool; what is missing is Temporal, the database and the cache.
"""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

from pydantic import BaseModel

from activities.execution import Made, execute
from activities.heavy import serve_steps
from activities.job import canonical
from activities.pool import ProcessPool
from domain.context import effective, merge, normalise
from domain.score import Score
from domain.settings import SongSettings
from domain.stages import ORDER, Stage, position
from domain.steps import STEPS, Artifact, StepRequest, StepResult, Weight
from storage.config import Settings, load_settings
from storage.media import MediaStore, write_file
from workflows.recipes import PROVIDERS, RECIPES
from workflows.stage_run import StageRun

WRITTEN = Stage.ARRANGEMENT
"""The last stage that makes notes only; what comes after it is timed."""

MASTERED = Stage.MASTERING
SAMPLE_S = 0.02
FAMILY_EVERY = 50
FACTS: Mapping[str, Any] = {"created_at": "2026-01-01T00:00:00+00:00", "stages": [], "results": []}
MEGABYTE = 1024 * 1024


class Order(BaseModel):
    """A song to make. `copies` multiplies its parts; `parts` is how many it must have in the end."""

    prompt: str
    seed: int = 1
    copies: int = 1
    parts: int = 8
    formats: tuple[str, ...] = ("flac", "mp3")
    folder: str


class StepTime(BaseModel):
    """One step: seconds since the clock started, `processor` seconds of its own process or thread.

    `memory_mb` is the most that the process has held until then; 0 for a step in a thread.
    """

    stage: Stage
    step: str
    label: str
    began: float
    ended: float
    processor: float
    memory_mb: float = 0.0

    @property
    def kind(self) -> str:
        """Steps that are told together; every format of an encoder stands alone."""
        return f"{self.step} {self.label}" if self.step == "encode" else self.step


class Memory(BaseModel):
    """Megabytes: the most that all processes held at one time, and the most that each held at any time."""

    together: float
    each: list[float]


class Run(BaseModel):
    """What came out. Times in seconds of wall clock, `processor` in seconds of all cores."""

    duration_s: float
    parts: dict[str, str]
    sound_set: str
    compose_s: float
    warm_s: float
    chain_s: float
    folder_s: float
    processor_chain_s: float
    processor_folder_s: float
    memory: Memory
    steps: list[StepTime]

    def kinds(self) -> dict[str, list[StepTime]]:
        """The steps by kind, in the order in which the kinds began."""
        found: dict[str, list[StepTime]] = {}
        for step in sorted(self.steps, key=lambda step: step.began):
            found.setdefault(step.kind, []).append(step)
        return found


class StageSteps(StageRun):
    """The workflow's `StageRun` without a workflow: a step is computed at once, in a thread or in the pool."""

    def __init__(self, song: "Song", stage: Stage) -> None:
        context = effective(song.person, song.patches)
        template = StepRequest(
            composition_id="benchmark",
            owner="benchmark",
            stage=stage,
            step="",
            revision=1,
            seed=song.order.seed,
            context=song.store.put(canonical(context)),
        )
        settings = {**song.settings, "format": context.technical.format}
        super().__init__(template, song.artifacts, settings, FACTS, _at_once, _unheard)
        self._song, self._context = song, context
        self.patch: dict[str, Any] = {}

    def knows(self, change: str) -> bool:
        """Every change of a recipe, as this song begins now, but asking outside providers, which needs a workflow."""
        return change != PROVIDERS

    async def step(
        self,
        name: str,
        *inputs: str,
        label: str = "",
        renamed: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        position: tuple[int, int] = (0, 0),
        **params: Any,
    ) -> StepResult:
        """One step; its time is kept, and what it made is known to the steps after it."""
        song = self._song
        chosen = self.named(*inputs) | {key: self._available[value] for key, value in (renamed or {}).items()}
        request = self._template.model_copy(
            update={"step": name, "label": label, "inputs": chosen, "params": params, "facts": dict(facts or {})}
        )
        made = await song.compute(request, self._context)
        hashes = {output: artifact.hash for output, artifact in made.outputs.items()}
        self._available.update(hashes)
        song.artifacts.update(hashes)
        song.files.update({a.filename: a.hash for a in made.outputs.values() if a.filename})
        if made.patch:
            self.patch = merge(self.patch, json.loads(song.store.get(made.patch)))
        return StepResult(
            step=name, label=label, key="", cached=False, seconds=0, outputs=made.outputs,
            patch=made.patch, decisions=made.decisions, measured=made.measured,
        )  # fmt: skip


async def _at_once() -> None:
    return


def _unheard(_request: StepRequest, _artifact: Artifact) -> None:
    return


class Song:
    """A song on its way: artifacts by name, files by path in the release folder."""

    def __init__(self, order: Order, settings: Settings, pool: ProcessPool) -> None:
        self.order, self._machine, self._pool = order, settings, pool
        self.store = MediaStore.open(settings)
        chosen = SongSettings.model_validate({"formats": order.formats})
        self.settings = {**chosen.model_dump(mode="json"), "title": "Benchmark"}
        self.person: dict[str, Any] = normalise({})
        self.patches: list[dict[str, Any]] = []
        self.artifacts: dict[str, str] = {"prompt": self.store.put(order.prompt.encode())}
        self.files: dict[str, str] = {}
        self.steps: list[StepTime] = []
        self.clock = 0.0
        self._free = asyncio.Semaphore(settings.heavy_processes)

    async def compute(self, request: StepRequest, context: Any) -> Made:
        """A step where the worker would compute it; waiting for a free process is not in its time."""
        if STEPS[request.step].weight is not Weight.HEAVY:
            began = time.perf_counter()
            made, processor = await asyncio.to_thread(self._in_thread, request, context)
            self._keep(request, began, processor, 0.0)
            return made
        message = (self._machine, request.model_dump_json(), context.model_dump_json())
        async with self._free:
            began = time.perf_counter()
            kind, *rest, processor, memory_mb = await self._pool.run(message, _quiet)
            self._keep(request, began, processor, memory_mb)
        if kind != "made":
            raise RuntimeError(f"the step {request.step} {request.label} failed: {rest[-1]}")
        return Made.model_validate_json(rest[0])

    def _in_thread(self, request: StepRequest, context: Any) -> tuple[Made, float]:
        began = time.thread_time()
        made = execute(request, context, self.store, self._machine, _quiet)
        return made, time.thread_time() - began

    def _keep(self, request: StepRequest, began: float, processor: float, memory_mb: float) -> None:
        self.steps.append(
            StepTime(
                stage=request.stage, step=request.step, label=request.label,
                began=began - self.clock, ended=time.perf_counter() - self.clock,
                processor=processor, memory_mb=memory_mb,
            )
        )  # fmt: skip

    async def process(self, stages: tuple[Stage, ...]) -> None:
        """Some stages, one after the other."""
        for stage in stages:
            run = StageSteps(self, stage)
            await RECIPES[stage](run)
            self.patches.append(run.patch)

    def multiply_parts(self) -> Score:
        """The score, in which every part is there `copies` times."""
        score = Score.model_validate_json(self.store.get(self.artifacts["score"]))
        if self.order.copies > 1:
            parts = [
                part.model_copy(update={"id": f"{part.id}_x{n}", "name": f"{part.name} x{n}"} if n > 1 else {})
                for n in range(1, self.order.copies + 1)
                for part in score.parts
            ]
            score = score.model_copy(update={"parts": tuple(parts)})
            self.artifacts["score"] = self.store.put(canonical(score))
        if len(score.parts) != self.order.parts:
            names = ", ".join(part.id for part in score.parts)
            raise RuntimeError(f"{self.order.prompt!r} has {len(score.parts)} parts, not {self.order.parts}: {names}")
        return score

    def write(self, folder: Path) -> None:
        """The release folder."""
        for name, ref in self.files.items():
            write_file(folder / name, self.store.get(ref))


def _quiet(_fraction: float, _text: str) -> None:
    return


# --- processor and memory ----------------------------------------------------------------------------


def _family() -> list[int]:
    """Own process and all that descend from it, where /proc tells."""
    found, waiting = [], [os.getpid()]
    while waiting:
        process = waiting.pop()
        found.append(process)
        for file in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting += [int(number) for number in file.read_text().split()]
            except OSError:
                continue
    return found


def _resident(process: int) -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / MEGABYTE


def _most_resident(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _processor() -> float:
    """Seconds of all cores that this process and its descendants have used."""
    ticks = 0
    for process in _family():
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


class Watch(Thread):
    """Looks at the memory of all processes every 20 ms, and every second for new ones."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self._stop_now = Event()

    def run(self) -> None:
        number = 0
        while not self._stop_now.wait(SAMPLE_S):
            if number % FAMILY_EVERY == 0:
                family = _family()
            self.most = max(self.most, sum(map(_resident, family)))
            number += 1

    def stop(self) -> None:
        """End the watch."""
        self._stop_now.set()
        self.join()


@contextmanager
def _watched() -> Iterator[Watch]:
    watch = Watch()
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


class _TimedPipe:
    """A pipe whose answers also tell the processor seconds and the most memory of the process."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._began = 0.0

    def recv(self) -> Any:
        message = self._pipe.recv()
        self._began = time.process_time()
        return message

    def send(self, answer: tuple[Any, ...]) -> None:
        # Not ru_maxrss where there is a choice: Linux hands the parent's on.
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        most_mb = _most_resident(os.getpid()) or most / MEGABYTE
        told = () if answer[0] == "progress" else (time.process_time() - self._began, most_mb)
        self._pipe.send((*answer, *told))


def serve_timed(pipe: Connection) -> None:
    """The worker's own process for heavy steps, with times in its answers."""
    serve_steps(cast("Connection", _TimedPipe(pipe)))


# --- one run -----------------------------------------------------------------------------------------


async def _warm(pool: ProcessPool, settings: Settings) -> None:
    """Wait until every process has compiled its kernels: each answers what is no request once it is ready."""
    await pool.start()
    await asyncio.gather(*(pool.run((settings, "", ""), _quiet) for _ in range(settings.heavy_processes)))


async def make(order: Order, settings: Settings) -> Run:
    """Make the song; RuntimeError names a step that failed or parts that are not as many as they should be."""
    pool = ProcessPool(settings.heavy_processes, serve_timed)
    try:
        began = time.perf_counter()
        await _warm(pool, settings)
        warm = time.perf_counter()
        song = Song(order, settings, pool)
        last, mastered = position(WRITTEN) + 1, position(MASTERED) + 1
        await song.process(ORDER[:last])
        score = song.multiply_parts()
        notes, song.steps, song.files = time.perf_counter(), [], {}
        with _watched() as watch:
            busy = [_processor()]
            song.clock = clock = time.perf_counter()
            await song.process(ORDER[last:mastered])
            chain = time.perf_counter()
            busy.append(_processor())
            await song.process(ORDER[mastered:])
            song.write(Path(order.folder))
            folder = time.perf_counter()
            busy.append(_processor())
            each = sorted((round(_most_resident(process), 1) for process in _family()), reverse=True)
        report = json.loads(song.store.get(song.artifacts["report_json"]))
        return Run(
            duration_s=report["measured"]["duration_s"],
            parts={part.id: part.instrument for part in score.parts},
            sound_set=report["sound_set"],
            compose_s=notes - warm,
            warm_s=warm - began,
            chain_s=chain - clock,
            folder_s=folder - clock,
            processor_chain_s=busy[1] - busy[0],
            processor_folder_s=busy[2] - busy[0],
            memory=Memory(together=round(watch.most, 1), each=each),
            steps=song.steps,
        )
    finally:
        pool.close()


def main() -> int:
    """Read the order, make the song, print the run."""
    order = Order.model_validate_json(sys.stdin.read())
    with tempfile.TemporaryDirectory(prefix="sostenuto-bench-") as data:
        run = asyncio.run(make(order, load_settings(data_dir=Path(data))))
    print(run.model_dump_json())
    return 0


if __name__ == "__main__":
    sys.exit(main())
