"""The prompts that everything here is measured on, with what each of them asks for in so many words.

`prompts.csv` is a table to be read and extended by hand. An empty cell asks for nothing. `scale` may stay empty beside
a key; `chords` are symbols, also where the prompt has Roman numerals, for all sections or as `verse=…; chorus=…`;
`seconds` is exact where `exact` says yes; `instruments` are ids of the instrument tables.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("prompts.csv")


@dataclass(frozen=True, slots=True)
class Asked:
    """One row: a prompt and the facts in it. `chords` maps a section kind or "all" to one chord a bar."""

    genre: str
    prompt: str
    tempo: float | None
    key: str | None
    scale: str | None
    metre: str | None
    chords: Mapping[str, tuple[str, ...]]
    seconds: float | None
    exact: bool
    no_drums: bool
    instruments: tuple[str, ...]


@lru_cache(maxsize=1)
def prompts() -> tuple[Asked, ...]:
    """All rows in the order of the table. Raises `ValueError` naming the line of a row that cannot be read."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(_read(row, number) for number, row in enumerate(rows, start=2))


def spread(count: int) -> tuple[Asked, ...]:
    """`count` rows spread evenly over the table, so that few rows still have many genres."""
    rows = prompts()
    count = min(count, len(rows))
    return tuple(rows[number * len(rows) // count] for number in range(count))


def _read(row: Mapping[str | Any, str | Any], line: int) -> Asked:
    # The csv module puts the cells of a row that is too long under None, and None into those of one too short.
    if None in row or None in row.values() or not row["prompt"].strip():
        raise ValueError(f"line {line} of {TABLE.name} has not one cell a column, or no prompt; quote what has commas")
    cells = {name: value.strip() for name, value in row.items()}
    return Asked(
        genre=cells["genre"],
        prompt=cells["prompt"],
        tempo=float(cells["tempo"]) if cells["tempo"] else None,
        key=cells["key"] or None,
        scale=cells["scale"] or None,
        metre=cells["metre"] or None,
        chords=_chords(cells["chords"]),
        seconds=float(cells["seconds"]) if cells["seconds"] else None,
        exact=cells["exact"] == "yes",
        no_drums=cells["no_drums"] == "yes",
        instruments=tuple(cells["instruments"].split()),
    )


def _chords(cell: str) -> dict[str, tuple[str, ...]]:
    if not cell:
        return {}
    lists = [entry.split("=") if "=" in entry else ["all", entry] for entry in cell.split(";")]
    return {kind.strip(): tuple(symbols.split()) for kind, symbols in lists}
