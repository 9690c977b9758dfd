"""The table of prompts: it parses, covers the genres, and each row asks for what its cells say."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import benchmarks.prompts
from benchmarks.prompts import Asked, prompts, spread
from music.genres import GENRES
from music.instruments import INSTRUMENTS
from music.theory import is_chord, name_pc
from music.understanding import understand

ROWS = prompts()


def test_a_hundred_prompts_of_all_genres() -> None:
    assert len(ROWS) >= 100
    assert len({row.prompt for row in ROWS}) == len(ROWS)
    assert {row.genre for row in ROWS} <= set(GENRES)
    assert len({row.genre for row in ROWS}) >= 80


def test_most_rows_ask_for_something() -> None:
    assert sum(row.tempo is not None and row.key is not None for row in ROWS) >= 80
    assert sum(row.metre in ("3/4", "6/8") for row in ROWS) >= 15
    assert {"5/4", "7/8"} <= {row.metre for row in ROWS}
    assert sum(bool(row.chords) for row in ROWS) >= 18
    assert all(is_chord(symbol) for row in ROWS for symbols in row.chords.values() for symbol in symbols)
    assert {i for row in ROWS for i in row.instruments} <= set(INSTRUMENTS)


def test_few_rows_still_have_many_genres() -> None:
    assert len({row.genre for row in spread(40)}) >= 30
    assert spread(10_000) == ROWS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.prompt[:60])
def test_each_row_is_understood_as_its_cells_say(row: Asked) -> None:
    patch = understand(row.prompt, enhance=True, level="moderate", given={}, seed=1).patch
    assert _differences(row, patch) == {}


def _differences(row: Asked, patch: Mapping[str, Any]) -> dict[str, object]:
    """Fields that were understood otherwise than the row says, with what was understood."""
    music, constraints = patch["musical"], patch["creative"].get("constraints", {})
    read = {kind: tuple(symbols) for kind, symbols in music.get("chord_progression", {}).items()}
    pairs: dict[str, tuple[object, object]] = {
        "genre": (row.genre, music["genre"][0]),
        "tempo": (row.tempo, music["tempo"]),
        "key": (row.key and name_pc(row.key), name_pc(music["key"])),
        "scale": (row.scale, music["scale"]),
        "metre": (row.metre, music["time_signature"]),
        "seconds": (row.seconds, patch["technical"]["duration"]),
        "chords": (dict(row.chords), read),
        "exact": (row.exact, bool(constraints.get("exact_duration"))),
        "no_drums": (row.no_drums, bool(constraints.get("no_drums"))),
        "instruments": (set(), set(row.instruments) - set(music["instruments"])),
    }
    return {name: found for name, (asked, found) in pairs.items() if asked not in (None, found)}


@pytest.mark.parametrize("line", ['pop,"a song",100,C', "pop,,100,C,major,,,60,,,", "pop,a,b,100,C,major,,,60,,,,"])
def test_a_row_that_cannot_be_read_is_named(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "prompts.csv"
    table.write_text(f"{benchmarks.prompts.TABLE.read_text().splitlines()[0]}\n{line}\n")
    monkeypatch.setattr(benchmarks.prompts, "TABLE", table)
    with pytest.raises(ValueError, match="line 2"):
        prompts.__wrapped__()
