"""Every provider can be made from its name, and says about itself what the router needs."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from domain.errors import InvalidInput
from domain.providers import BUILTIN, SOUND_TASKS, Candidate, Completion, Needs, Task, Wishes
from domain.routing import ORDER, choose
from providers import builtin
from providers.account import Account
from providers.registry import ADAPTERS, build, catalogue
from providers.table import can_do, known, orders, price, written
from providers.transport import Call, Reply

ROOT = Path(__file__).resolve().parents[2]
ALL = {
    "suno", "udio", "musicgen", "musicgen_local", "stable_audio", "openai", "local_llm", "anthropic", "elevenlabs",
    "ace_step", "mureka",
}  # fmt: skip
CATALOGUE = catalogue()
everyone = pytest.mark.parametrize("name", CATALOGUE)


class NoNetwork:
    async def send(self, call: Call) -> Reply:
        raise AssertionError(f"{call.method} {call.url} was sent")


def test_all_are_there_and_called_by_their_own_names() -> None:
    assert set(ADAPTERS) == ALL
    assert set(CATALOGUE) == ALL | {BUILTIN}
    assert all(able.name == name for name, able in CATALOGUE.items())


def test_an_order_names_nobody_who_does_not_do_the_task() -> None:
    for task, order in ORDER.items():
        for name in order:
            assert task in CATALOGUE[name].tasks, (task, name)


def test_every_task_has_somebody() -> None:
    done = {task for able in CATALOGUE.values() for task in able.tasks}
    assert done == set(Task)


@everyone
def test_what_is_declared_fits_together(name) -> None:
    able = CATALOGUE[name]
    makes_sound = bool(able.tasks & SOUND_TASKS)
    assert able.tasks
    assert able.title
    assert able.stems == (Task.STEMS in able.tasks)
    assert able.section_edit == (Task.SECTION_EDIT in able.tasks)
    assert bool(able.formats) == makes_sound
    assert (able.longest_s > 0) == makes_sound
    assert able.shortest_s <= able.longest_s
    assert able.vocals or Task.VOCALS not in able.tasks
    assert able.completion
    assert able.evidence
    assert set(able.completion) <= set(Completion)
    if able.commercial in ("no", "plan"):
        assert able.licence, "what limits the sale is told"


@everyone
def test_unofficial_are_those_that_have_no_interface_of_their_own(name) -> None:
    assert CATALOGUE[name].official == (name not in ("suno", "udio"))


def test_our_own_engine_is_there_for_notes_and_songs_without_a_voice() -> None:
    able = builtin.CAPABILITIES
    notes = {Task.MUSIC_THEORY, Task.MELODY, Task.BASS, Task.RHYTHM, Task.STRUCTURE}
    assert able.tasks == notes | {Task.FULL_SONG, Task.INSTRUMENTAL, Task.ENHANCEMENT, Task.ANALYSIS}
    assert not able.vocals
    assert able.price.usd == 0
    alone = [Candidate(capabilities=able)]
    for task in able.tasks:
        assert choose(Needs(task=task), alone, Wishes(commercial=True)).provider == BUILTIN
    assert choose(Needs(task=Task.FULL_SONG, vocals=True), alone, Wishes()).provider == ""


def test_adapters_are_built_for_accounts_alone() -> None:
    account = Account(key=SecretStr("k"), base_url="https://studio.invalid", model="")
    built = build({"mureka": account, "local_llm": account}, NoNetwork())
    assert list(built) == ["mureka", "local_llm"]
    assert {name: adapter.capabilities.name for name, adapter in built.items()} == {
        "mureka": "mureka",
        "local_llm": "local_llm",
    }
    assert build({}, NoNetwork()) == {}
    assert account.options == {}


def test_an_unknown_name_is_told_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"no provider 'sunoo'; choose from suno, udio"):
        build({"sunoo": Account()}, NoNetwork())


def test_adapters_are_loaded_only_when_they_are_needed() -> None:
    script = (
        "import sys, providers.registry\n"
        "loaded = [name for name in sys.modules if name.startswith('providers.')]\n"
        "heavy = {'torch', 'transformers', 'scipy', 'numba'} & set(sys.modules)\n"
        "print(sorted(loaded), sorted(heavy))\n"
        "providers.registry.catalogue()\n"
        "print(sorted({'torch', 'transformers'} & set(sys.modules)))\n"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded, after = said.stdout.splitlines()
    assert "providers.suno" not in loaded
    assert "providers.registry" in loaded
    assert loaded.endswith("[]")
    assert after == "[]"


# The tables of the page.


def test_the_page_says_what_the_data_say() -> None:
    page = ROOT / "docs" / "providers.md"
    assert page.read_text() == written(page.read_text(), CATALOGUE), "run: python -m providers.table"


@everyone
def test_the_tables_have_a_row_for_everybody(name) -> None:
    able = CATALOGUE[name]
    row = next(line for line in can_do(CATALOGUE).splitlines() if line.startswith(f"| `{name}`"))
    assert all(task.value.replace("_", " ") in row for task in able.tasks)
    assert price(able.price) in row
    assert ("**no** | " in row) == (not able.official or able.commercial == "no")
    (evidence,) = [line for line in known(CATALOGUE).splitlines() if line.startswith(f"| `{name}`")]
    assert all(part in evidence for part in able.evidence)


def test_every_task_has_a_row_in_the_orders() -> None:
    assert [line.split("`")[1] for line in orders().splitlines()[2:]] == list(Task)


def test_a_page_without_places_is_an_error() -> None:
    with pytest.raises(ValueError, match="has 0 places for the table 'capabilities'"):
        written("# Providers\n", CATALOGUE)
