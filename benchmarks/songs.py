"""Songs of many genres through the front door, on one server; how they differ and whether every check holds."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.prompts import spread

SOSTENUTO = str(Path(sys.executable).with_name("sostenuto"))
START_S = 120


def choose(count: int) -> list[str]:
    """`count` prompts, spread evenly over the table, whose genres follow one another."""
    return [row.prompt for row in spread(count)]


def make_songs(count: int, out: Path, seed: int) -> int:
    """Make the songs, print a row each and what they have in common; 0 when all hold."""
    out.mkdir(parents=True, exist_ok=True)
    rows: list[Mapping[str, Any]] = []
    failed = 0
    with tempfile.TemporaryDirectory(prefix="sostenuto-bench-") as data, running_server(Path(data)):
        for number, prompt in enumerate(choose(count)):
            folder = out / f"{number + 1:03d}"
            shutil.rmtree(folder, ignore_errors=True)
            began = time.monotonic()
            command = [SOSTENUTO, "make", prompt, "--out", str(folder), "--seed", str(seed + number), "--data", data]
            code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
            failed += code != 0
            if not (folder / "report.json").exists():
                print(f"FAIL ({code}) {prompt}", flush=True)
                continue
            row = read_song(folder, time.monotonic() - began)
            rows.append(row)
            print(show(row, prompt, code), flush=True)
    failed += count_alike(rows)
    print(f"{len(rows)} songs, {failed} failures")
    return 1 if failed or len(rows) < count else 0


@contextmanager
def running_server(data: Path) -> Iterator[None]:
    """`sostenuto up` on a data folder of its own."""
    server = subprocess.Popen(
        [SOSTENUTO, "up", "--data", str(data)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + START_S
        while not (data / "run.json").exists() and time.monotonic() < deadline and server.poll() is None:
            time.sleep(0.2)
        yield
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def read_song(folder: Path, seconds: float) -> dict[str, Any]:
    """What a song is like, from its report and from an independent meter where ffmpeg is installed."""
    report = json.loads((folder / "report.json").read_text())
    asked = report["requested"]
    lufs, peak = independent_meter(folder / "master.wav")
    return {
        "genre": asked["genre"][0],
        "key": f"{asked['key']} {asked['scale']}",
        "tempo": asked["tempo"],
        "metre": asked["time_signature"],
        "instruments": tuple(sorted(asked["instruments"])),
        "form": tuple((s["name"], s["duration"]) for s in asked["structure"]),
        "missed": [c["name"] for c in report["checks"] if not c["ok"]],
        "unchecked": report["unchecked"],
        "duration": report["measured"]["duration_s"],
        "lufs": lufs,
        "peak": peak,
        "seconds": seconds,
    }


def independent_meter(path: Path) -> tuple[float | None, float | None]:
    """Integrated loudness and true peak by ffmpeg's ebur128; None without ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return None, None
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-filter_complex",
               "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]  # fmt: skip
    text = subprocess.run(command, capture_output=True, text=True).stderr
    summary = text[text.rfind("Summary:") :]
    found = [re.search(rf"{name}:\s+(-?[\d.]+)", summary) for name in ("I", "Peak")]
    return tuple(float(m[1]) if m else None for m in found)  # type: ignore[return-value]


def show(row: Mapping[str, Any], prompt: str, code: int) -> str:
    """One row of the table."""
    form = " ".join(f"{name}:{bars:g}" for name, bars in row["form"])
    state = "ok  " if code == 0 else f"FAIL {row['missed']}"
    return (
        f"{state} {row['genre']:14} {row['key']:16} {row['tempo']:6.1f} {row['metre']:4} {row['duration']:6.1f} s "
        f"{row['lufs']} LUFS {row['peak']} dBTP  made in {row['seconds']:5.1f} s | {form} | "
        f"{', '.join(row['instruments'])} | {prompt[:60]}"
        + (f" | not judged: {row['unchecked']}" if row["unchecked"] else "")
    )


def count_alike(rows: list[Mapping[str, Any]]) -> int:
    """Print how many songs share a key, a tempo, instruments or a form; pairs alike in all four are failures."""
    names = ("key", "tempo", "instruments", "form")
    for name in names:
        print(f"{len({row[name] for row in rows})} different values of {name} in {len(rows)} songs")
    alike = sum(all(a[name] == b[name] for name in names) for a, b in combinations(rows, 2))
    print(f"{alike} pairs alike in all of them")
    return alike
