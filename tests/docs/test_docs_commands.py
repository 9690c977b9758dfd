"""Every command that the documentation shows is one that the program understands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path

import pytest
import typer.main

from domain.stages import SongStatus, Stage
from sostenuto.cli import app
from tests.docs.pages import PAGES, ROOT, blocks, inline_code

SOSTENUTO = typer.main.get_command(app)
# What stands for a value of a limited set in a table of commands.
PLACEHOLDERS = {
    ("--status", "S"): SongStatus.WAITING.value,
    ("--stage", "S"): Stage.MIXING.value,
    ("--stage", "STAGE"): Stage.MIXING.value,
    ("--to", "STAGE"): Stage.MIXING.value,
}
SHELL = ("console", "sh", "bash")


def shown(page: Path, program: str) -> Iterator[str]:
    """Command lines of a program in a page: in shell blocks and between backticks."""
    for block in blocks(page):
        if block.language in SHELL:
            # A console shows output as well; only what follows its prompt is a command.
            lines = block.text.replace("\\\n", " ").splitlines()
            prompted = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
            yield from (line for line in (prompted if block.language == "console" else lines))
    yield from inline_code(page)


def commands(program: str) -> list[tuple[str, str]]:
    """(page, command line) of every use of a program in the documentation."""
    found = {
        (str(page.relative_to(ROOT)), line.strip()): None
        for page in PAGES
        for line in shown(page, program)
        if line.strip().startswith(program + " ")
    }
    return list(found)


def words(line: str) -> list[str]:
    """The words of a command line: brackets and what stands for more taken away, placeholders filled in."""
    line = re.sub(r"\[(?=--|[A-Z\"])|(?<=[\w\"])\]", "", line.partition(" #")[0].partition(" | …")[0])
    parts = shlex.split(line)
    return [PLACEHOLDERS.get((before, word), word) for before, word in zip(["", *parts], parts, strict=False)]


@pytest.mark.parametrize(("page", "line"), commands("sostenuto"))
def test_commands_of_the_front_door_parse(page: str, line: str) -> None:
    name, *rest = words(line)[1:]
    command = SOSTENUTO.commands[name]  # type: ignore[attr-defined]
    # A bare name in running text speaks of the command and is no use of it.
    if rest:
        command.make_context(name, rest)


@pytest.mark.parametrize(("page", "line"), commands("make"))
def test_make_has_the_targets(page: str, line: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    name, *variables = shlex.split(line.partition(" #")[0].replace("[", "").replace("]", ""))[1:]
    assert name in targets
    assert {variable.partition("=")[0] for variable in variables} <= {"PROMPT", "OUT", "SEED", "ARGS"}


@pytest.mark.parametrize(("page", "line"), commands("./run"))
def test_run_has_the_commands(page: str, line: str) -> None:
    assert shlex.split(line.partition(" #")[0])[1] in run_path(str(ROOT / "run"))["COMMANDS"]


def test_the_guide_tells_every_option_of_make() -> None:
    guide = " ".join(inline_code(ROOT / "docs" / "user-guide.md"))
    told = set(re.findall(r"--[a-z-]+", guide))
    known = {
        option
        for command in SOSTENUTO.commands.values()  # type: ignore[attr-defined]
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    make = SOSTENUTO.commands["make"]  # type: ignore[attr-defined]
    of_make = {option for parameter in make.params for option in parameter.opts if option.startswith("--")}
    assert told <= known
    # Enriching is what happens anyway; the guide tells how to go without.
    assert of_make - told <= {"--enhance"}


def test_every_command_of_the_front_door_is_told() -> None:
    told = {words(line)[1] for _, line in commands("sostenuto")}
    assert set(SOSTENUTO.commands) - told <= {"serve-api", "migrate", "version"}  # type: ignore[attr-defined]
