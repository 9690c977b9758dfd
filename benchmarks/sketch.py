"""How long after a prompt something can be heard, by both ways: the API of a warm server, and `sostenuto sketch`.

The server composes by its durable workflow; the first sound is the first bytes of `GET …/sketch`, asked for right
after the start. The command is timed from the start of its interpreter to the first samples on its standard output.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from sostenuto.embedded import Embedded
from storage.config import load_settings

TARGET_S = 2.0
WARM_AFTER_S = 15.0
WAV_HEAD_BYTES = 44
PROMPTS = (
    "pop song in C major, 112 bpm, three minutes",
    "deep house, 122 bpm, three minutes",
    "swing with tenor sax and brushes, three minutes",
    "metal in 7/8, D minor, three minutes",
    "slow waltz for strings and piano, three minutes",
    "lo-fi hip hop with rhodes, three minutes",
    "acoustic folk ballad, three minutes",
    "bossa nova in A minor, three minutes",
    "dreamy ambient pads, three minutes",
    "funk with slap bass and brass, three minutes",
)

Heard = tuple[float, float]
"""Seconds from the prompt to the first sound, and to the last."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can be chosen on the command line."""
    parser.add_argument("--count", type=int, default=len(PROMPTS), help="how many of the prompts")
    parser.add_argument("--seed", type=int, default=1)


def run(chosen: argparse.Namespace) -> int:
    """Print a row for each prompt and way; 0 when the worst of both is below TARGET_S."""
    prompts = PROMPTS[: chosen.count]
    with served(chosen.seed) as by_server:
        rows = [("server", prompt, by_server(prompt)) for prompt in prompts]
        rows += [("command", prompt, by_command(prompt, chosen.seed)) for prompt in prompts]
    for way, prompt, (first, last) in rows:
        print(f"{way:8} first sound {first:5.2f} s   all of it {last:5.2f} s   {prompt}")
    worst = 0.0
    for way in ("server", "command"):
        firsts = [heard[0] for name, _, heard in rows if name == way]
        worst = max(worst, *firsts)
        median = statistics.median(firsts)
        print(f"{way:8} first sound: median {median:.2f} s, worst {max(firsts):.2f} s of {len(firsts)}")
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(
        f"target {TARGET_S:g} s: {'ok' if worst < TARGET_S else 'MISSED'} ({load:.1f} tasks ready for each processor)"
    )
    return 0 if worst < TARGET_S else 1


@contextmanager
def served(seed: int) -> Iterator[Callable[[str], Heard]]:
    """A warm server of its own; gives what times a prompt on it. Each song is given up once it was heard."""
    with tempfile.TemporaryDirectory(prefix="sostenuto-bench-") as folder:
        settings = load_settings(data_dir=Path(folder))
        with Embedded(settings) as server, httpx.Client(base_url=server.place.api_url, timeout=60) as http:
            time.sleep(WARM_AFTER_S)
            yield lambda prompt: _heard(http, prompt, seed)


def _heard(http: httpx.Client, prompt: str, seed: int) -> Heard:
    began = time.monotonic()
    # The song stops after its arrangement: what follows would be timed with the next prompt.
    settings = {"seed": seed, "review": ["arrangement"]}
    song = http.post("/v1/compositions", json={"prompt": prompt, "settings": settings}).raise_for_status().json()["id"]
    times = []
    with http.stream("GET", f"/v1/compositions/{song}/sketch") as answer:
        answer.raise_for_status()
        times = [time.monotonic() - began for _ in answer.iter_raw()]
    return times[0], times[-1]


def by_command(prompt: str, seed: int) -> Heard:
    """`sostenuto sketch` in an interpreter of its own, read as a player would."""
    command = [sys.executable, "-m", "sostenuto", "sketch", prompt, "--seed", str(seed), "--out", "-"]
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.read(WAV_HEAD_BYTES + 1)
        first = time.monotonic() - began
        while process.stdout.read(1 << 16):
            pass
        last = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"sostenuto sketch ended with {process.returncode}")
    return first, last
