"""The page on architecture says what the code says."""

import re
import tomllib

from domain.stages import ORDER
from domain.state import LEDGER_SIZE, OUTBOX_LIMIT
from domain.steps import MAX_PAYLOAD_BYTES, STEPS
from music.genres import GENRES
from tests.docs.pages import ROOT, blocks, prose
from workflows.calls import HEARTBEAT

PAGE = ROOT / "docs" / "architecture.md"


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading or a paragraph."""
    after = prose(PAGE).split(heading, 1)[1]
    table = re.search(r"(?:^\|.*\n)+", after, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]]


def test_every_stage_and_step_is_told() -> None:
    told = {stage: re.findall(r"`(\w+)`", steps) for stage, steps in rows("**Stage.**")}
    assert list(told) == list(ORDER)
    assert {name for names in told.values() for name in names} == set(STEPS)
    assert all(STEPS[name].stage == stage for stage, names in told.items() for name in names)


def test_every_room_is_told() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
    told = {name for room, _ in rows("## Rooms") for name in re.findall(r"`([\w.]+)/?`", room)}
    assert not set(packages) - told


def test_the_arrows_are_those_that_are_checked() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [re.findall(r"\w+", layer) for layer in contracts[0]["layers"]]
    drawn = [re.findall(r"\w+", line)[: len(layer)] for line, layer in zip(drawing(), layers, strict=True)]
    assert drawn == layers


def drawing() -> list[str]:
    """The lines of the picture of who may import whom."""
    return next(block.text for block in blocks(PAGE) if block.text.lstrip().startswith("sostenuto")).splitlines()


def test_the_numbers_are_those_of_the_code() -> None:
    text = " ".join(prose(PAGE).split())
    for number in (
        f"after {HEARTBEAT.total_seconds():.0f} seconds",
        f"up to {OUTBOX_LIMIT};",
        f"under {MAX_PAYLOAD_BYTES // 1024} KB",
        f"the last {LEDGER_SIZE} command ids",
    ):
        assert number in text


def test_every_genre_has_the_words_that_the_page_names() -> None:
    assert all(len(row.phrases) >= 2 for row in GENRES.values())
