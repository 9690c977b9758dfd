"""Schemathesis against the API, keyless and keyed: `python -m tests.fuzz [--examples N] [--seed S] [--mode MODE]`.

Exit code 0 only when neither mode has a failure.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.fixtures.temporal import running_temporal
from tests.fuzz.running import PHASES, Wish, fuzz

MODES = ("keyless", "keyed")


def main(arguments: Sequence[str]) -> int:
    """Run the modes one after another; print what schemathesis says, and a line for each."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=Wish.examples, help="for each operation and phase")
    parser.add_argument("--seed", type=int, default=Wish.seed)
    parser.add_argument("--phases", default=PHASES)
    parser.add_argument("--mode", choices=MODES, help="only this one")
    parser.add_argument("--only", help="a regular expression of paths")
    given = parser.parse_args(arguments)
    wish = Wish(examples=given.examples, seed=given.seed, phases=given.phases, only=given.only)
    lines = []
    worst = 0
    with running_temporal() as temporal, tempfile.TemporaryDirectory(prefix="sostenuto-fuzz-") as folder:
        for mode in [given.mode] if given.mode else MODES:
            place = Path(folder) / mode
            place.mkdir()
            start = time.monotonic()
            code, output = asyncio.run(fuzz(place, temporal, wish, keyed=mode == "keyed"))
            print(output)
            verdict = "no failure" if code == 0 else f"FAILED ({code})"
            lines.append(f"{mode}: {verdict} in {time.monotonic() - start:.0f} s")
            worst = max(worst, code)
    print(f"fuzz, seed {wish.seed}, {wish.examples} examples for each operation and phase: " + "; ".join(lines))
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
