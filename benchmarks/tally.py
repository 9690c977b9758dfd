"""What a benchmark claims: lines with a target and a value, and the songs that missed it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

WORST = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One song under one line: what was asked or expected and what was found."""

    ok: bool
    prompt: str
    seed: int
    asked: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One claim; `ok` is None for a figure without a target."""

    group: str
    name: str
    target: str
    value: str
    ok: bool | None


class Tally:
    """Lines in the order in which they were claimed, and all misses."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.misses: dict[str, list[Case]] = {}

    def share(self, group: str, name: str, cases: Iterable[Case], target: float | None = None) -> None:
        """Share of the cases that hold, against the least share that should; nothing to judge is no claim."""
        found = list(cases)
        if not found:
            self.figure(group, name, "nothing to measure")
            return
        value = float(np.mean([case.ok for case in found]))
        ok = None if target is None else value >= target - 1e-9
        shown = f"{100 * value:.1f} % of {len(found)}"
        self.lines.append(Line(group, name, "" if target is None else f"≥ {100 * target:g} %", shown, ok))
        if missed := [case for case in found if not case.ok]:
            self.misses[f"{group}: {name}"] = missed

    def mean(self, group: str, name: str, values: Iterable[float], form: str = "{:.3g}") -> float:
        """Mean of the values that are numbers, as a figure; NaN without any."""
        numbers = [v for v in values if not np.isnan(v)]
        value = float(np.mean(numbers)) if numbers else float("nan")
        self.figure(group, name, form.format(value) if numbers else "nothing to measure")
        return value

    def between(self, group: str, name: str, values: Iterable[float], low: float, high: float) -> None:
        """Mean of the values that are numbers, which should lie between two limits."""
        numbers = [v for v in values if not np.isnan(v)]
        if not numbers:
            self.figure(group, name, "nothing to measure")
            return
        value = float(np.mean(numbers))
        self.lines.append(Line(group, name, f"{low:g}–{high:g}", f"{value:.3g}", low <= value <= high))

    def claim(self, group: str, name: str, target: str, value: str, ok: bool) -> None:
        """A line that was judged elsewhere."""
        self.lines.append(Line(group, name, target, value, ok))

    def figure(self, group: str, name: str, value: str) -> None:
        """A line without a target."""
        self.lines.append(Line(group, name, "", value, None))

    @property
    def missed(self) -> int:
        """How many targets were missed."""
        return sum(line.ok is False for line in self.lines)

    def worst(self) -> list[tuple[str, int, list[str]]]:
        """The songs that missed most lines with a target: prompt, seed, lines."""
        targets = {f"{line.group}: {line.name}" for line in self.lines if line.ok is not None}
        missed: dict[tuple[str, int], dict[str, None]] = {}
        for name, cases in self.misses.items():
            if name in targets:
                for case in cases:
                    missed.setdefault((case.prompt, case.seed), {})[name.partition(": ")[2]] = None
        order = Counter({song: len(lines) for song, lines in missed.items()}).most_common(WORST)
        return [(*song, list(missed[song])) for song, _ in order]

    def write(self, path: Path, **about: object) -> None:
        """Lines and misses as JSON."""
        document = {
            **about,
            "lines": [asdict(line) for line in self.lines],
            "misses": {name: [_compact(case) for case in cases] for name, cases in self.misses.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")

    def show(self, console: Console, title: str = "Music") -> None:
        """The table, then the songs that missed most."""
        table = Table("", "target", "value", "", title=title, title_justify="left")
        group = ""
        for line in self.lines:
            if line.group != group:
                group = line.group
                table.add_section()
                table.add_row(f"[bold]{group}[/bold]")
            mark = {None: "", True: "[green]ok[/green]", False: "[red]missed[/red]"}[line.ok]
            table.add_row(f"  {line.name}", line.target, line.value, mark)
        console.print(table)
        show_worst(console, self.worst())


def show_worst(console: Console, worst: Sequence[tuple[str, int, list[str]]]) -> None:
    """The songs that missed most lines."""
    if worst:
        console.print("[bold]songs that missed most[/bold]")
    for prompt, seed, lines in worst:
        console.print(f"  {prompt} (seed {seed}): {'; '.join(lines)}", highlight=False, markup=False)


def _compact(case: Case) -> dict[str, object]:
    found = {"prompt": case.prompt, "seed": case.seed, "asked": case.asked, "found": case.found}
    return {name: value for name, value in found.items() if value != ""}
