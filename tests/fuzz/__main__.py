"""Schemathesis against the API, keyless and keyed: `python -m tests.fuzz [--examples N] [--seed S] [--mode MODE]`.

Exit code 0 only when neither mode has a failure.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from tests.fixtures.temporal import running_temporal
from tests.fuzz.running import PHASES, Wish, fuzz

MODES = ("keyless", "keyed")


def main(arguments: Sequence[str]) -> int:
    """Run the modes; print what schemathesis says, and a line for each."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=Wish.examples, help="for each operation and phase")
    parser.add_argument("--seed", type=int, default=Wish.seed)
    parser.add_argument("--phases", default=PHASES)
    parser.add_argument("--mode", choices=MODES, help="only this one")
    parser.add_argument("--only", help="a regular expression of paths")
    given = parser.parse_args(arguments)
    if given.mode is None:
        return _both(arguments)
    wish = Wish(examples=given.examples, seed=given.seed, phases=given.phases, only=given.only)
    start = time.monotonic()
    with running_temporal() as temporal, tempfile.TemporaryDirectory(prefix="sostenuto-fuzz-") as folder:
        code, output = asyncio.run(fuzz(Path(folder), temporal, wish, keyed=given.mode == "keyed"))
    verdict = "no failure" if code == 0 else f"FAILED ({code})"
    print(output)
    print(
        f"fuzz, {given.mode}, seed {wish.seed}, {wish.examples} examples for each operation and phase: "
        f"{verdict} in {time.monotonic() - start:.0f} s"
    )
    return code


def _both(arguments: Sequence[str]) -> int:
    """Each mode in a process of its own, side by side: they share nothing, and mostly wait."""
    program = [sys.executable, "-m", "tests.fuzz", *arguments, "--mode"]
    with ExitStack() as stack:
        # Not pipes: the API logs to them too, and would stand still as soon as one is full that nobody reads yet.
        files = [stack.enter_context(tempfile.TemporaryFile("w+")) for _ in MODES]
        running = [
            subprocess.Popen([*program, mode], stdout=file, text=True) for mode, file in zip(MODES, files, strict=True)
        ]
        codes = [process.wait() for process in running]
        told = [_read(file) for file in files]
    print("\n".join(told), end="")
    # What came of each, once more at the end.
    print("\n".join(words.rstrip().rpartition("\n")[2] for words in told))
    return max(codes)


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
