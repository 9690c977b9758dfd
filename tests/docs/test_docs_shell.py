"""The means of these tests see what they are there to see."""

import pytest

from tests.docs.shell import Shell
from tests.docs.test_docs_commands import SOSTENUTO, words
from tests.docs.test_docs_examples import agrees


def test_a_block_sees_what_the_one_before_has_set(shell: Shell) -> None:
    assert shell.run('greeting=hello\nsay() { echo "$greeting $1"; }') == ""
    assert shell.run("say you") == "hello you"


@pytest.mark.parametrize("text", ["true\nfalse\ntrue", "exit 0", "no-such-program", "sleep 5"])
def test_a_block_that_fails_or_hangs_is_an_error(shell: Shell, text: str) -> None:
    with pytest.raises(AssertionError, match="failed or took over"):
        shell.run(text, seconds=1)


def test_a_variable_that_is_not_exported_does_not_reach_a_program(shell: Shell) -> None:
    shell.run("SONG=mine")
    with pytest.raises(AssertionError, match="KeyError"):
        shell.python("import os\nos.environ['SONG']")


def test_a_shown_answer_is_compared_in_what_it_says() -> None:
    answer = {"id": "a1", "status": "waiting", "allowed": ["advance", "revise"], "sequence": 9}
    assert agrees({"id": "…", "status": "waiting", "allowed": ["advance", "…"], "sequence": 4}, answer)
    assert not agrees({"status": "running"}, answer)
    assert not agrees({"allowed": ["advance"]}, answer)
    assert not agrees({"title": "…"}, answer)


def test_brackets_and_placeholders_of_a_command_line() -> None:
    line = 'sostenuto revise ID ["slower, in D minor"] [--stage S] [--set PATH=VALUE]'
    _, name, *rest = words(line)
    assert (name, *rest) == (
        "revise", "ID", "slower, in D minor", "--stage", "mixing", "--set", "PATH=VALUE",
    )  # fmt: skip
    with pytest.raises(Exception, match="No such option"):
        SOSTENUTO.commands["make"].make_context("make", ["--tempi", "92", "a waltz"])  # type: ignore[attr-defined]
