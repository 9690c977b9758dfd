"""Sound files to the ears and their answers back; an answer is kept under the file's hash."""

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.ears.environment import EarsUnavailableError, ears_python, fingerprint

WORKER = Path(__file__).parent / "ears" / "worker.py"
ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}

Answer = dict[str, Any]
Job = tuple[str, tuple[str, ...]]
"""A file and what to ask about it: tempo, key, chords."""


def listen(jobs: Sequence[Job], kept: Path, *, processes: int, done: Callable[[], None]) -> list[Answer]:
    """The answers to `jobs`, in their order, from `processes` ears at once; `done` is called after each.

    Answers are kept in the folder `kept` by the hash of the file, the question and the ears. A file that cannot be
    heard has `error` in its answer, which is not kept. Raises `EarsUnavailableError` when an ear ends early.
    """
    python = ears_python()
    kept.mkdir(parents=True, exist_ok=True)
    version = sha256((fingerprint() + WORKER.read_text()).encode()).hexdigest()[:16]
    answers: list[Answer | None] = []
    waiting: queue.SimpleQueue[tuple[int, Job, Path]] = queue.SimpleQueue()
    for number, job in enumerate(jobs):
        place = kept / f"{_hash(job, version)}.json"
        answers.append(json.loads(place.read_text()) if place.exists() else None)
        if answers[-1] is None:
            waiting.put((number, job, place))
        else:
            done()
    threads = [_Ear(python, waiting, answers, done) for _ in range(min(processes, waiting.qsize()))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(_complete(answers, threads))


def _complete(answers: Iterable[Answer | None], threads: Sequence["_Ear"]) -> Iterable[Answer]:
    for answer in answers:
        if answer is None:
            reasons = "; ".join(dict.fromkeys(t.problem for t in threads if t.problem))
            raise EarsUnavailableError(f"the ears ended early: {reasons or 'no answer'}")
        yield answer


def _hash(job: Job, version: str) -> str:
    path, ask = job
    return sha256(Path(path).read_bytes() + "\x1f".join([version, *ask]).encode()).hexdigest()[:32]


class _Ear(threading.Thread):
    """One process of ears and the thread that talks with it."""

    def __init__(
        self,
        python: Path,
        waiting: "queue.SimpleQueue[tuple[int, Job, Path]]",
        answers: list[Answer | None],
        done: Callable[[], None],
    ) -> None:
        super().__init__(daemon=True)
        self.python, self.waiting, self.answers, self.done = python, waiting, answers, done
        self.problem = ""

    def run(self) -> None:
        command = [str(self.python), "-W", "ignore", str(WORKER)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, **ONE_THREAD},
        ) as process:  # fmt: skip
            while True:
                try:
                    number, job, place = self.waiting.get_nowait()
                except queue.Empty:
                    return
                answer = self._ask(process, number, job)
                if answer is None:
                    self.problem = f"{job[0]} was not answered; run benchmarks/ears/worker.py by hand to see why"
                    return
                self.answers[number] = answer
                if "error" not in answer:
                    place.write_text(json.dumps(answer))
                self.done()

    def _ask(self, process: "subprocess.Popen[str]", number: int, job: Job) -> Answer | None:
        assert process.stdin is not None
        assert process.stdout is not None
        path, ask = job
        try:
            process.stdin.write(json.dumps({"id": number, "path": path, "ask": list(ask)}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            return None
        return json.loads(line) if line else None
