"""The examples of the pages on steering, run in their order against a real API, Temporal and workflow."""

import contextlib
import json
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from domain.errors import NotFound
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from sostenuto.client import Client
from tests.audio.foreign import tune, written
from tests.cli.conftest import Studio
from tests.docs.pages import ROOT, Block, blocks, inline_code
from tests.docs.shell import Shell

PROMPT = "a calm ambient song with a soft piano"
API, TEMPORAL = "http://127.0.0.1:8000", "127.0.0.1:7233"
RUNNABLE = ("bash", "python")
# Blocks that are not run, by something that stands in them, and why.
NOT_RUN: Mapping[str, str] = {
    "with Embedded(": "starts servers of its own and composes in full; tests/cli runs that door",
}
# What an answer says beside what a page can know: ids, times, counters.
LEFT_OUT = ("…", "sequence")


class Page:
    """A page that is walked through: its blocks, and what those that ran have answered."""

    def __init__(self, name: str, shell: Shell, studio: Studio) -> None:
        self.blocks = [b for b in blocks(ROOT / "docs" / name) if not any(sign in b.text for sign in NOT_RUN)]
        self._shell = shell
        self._at = {API: studio.url, TEMPORAL: studio.settings.temporal_address}

    def walk(self) -> Iterator[tuple[Block, str]]:
        """Run the blocks in order; each with what it printed, or, where it only shows, with the answer before it."""
        answer = ""
        for block in self.blocks:
            if block.language in RUNNABLE:
                text = block.text
                for shown, real in self._at.items():
                    text = text.replace(shown, real)
                answer = self._shell.python(text) if block.language == "python" else self._shell.run(text)
            yield block, answer


def at_rest(client: Client, song: str) -> None:
    """Wait until a song is known, waits for somebody or is complete, and the database has all of it."""
    for _ in range(400):
        # A song that a signal has started appears in the database a moment later.
        with contextlib.suppress(NotFound):
            now = client.status(song, consistent=True)
            if now.status is not SongStatus.RUNNING and client.status(song).sequence >= now.sequence:
                return
        time.sleep(0.03)
    raise AssertionError(f"{song} does not come to rest")


def agrees(shown: Any, answered: Any) -> bool:
    """Whether an answer holds what a page shows of it; dots stand for anything, and at an end for more."""
    if isinstance(shown, dict):
        return isinstance(answered, dict) and all(
            key in LEFT_OUT or (key in answered and agrees(value, answered[key])) for key, value in shown.items()
        )
    if isinstance(shown, list) and shown[-1:] == ["…"]:
        return bool(shown[:-1] == answered[: len(shown) - 1])
    return bool(shown in ("…", answered))


def check_shown(block: Block, answer: str) -> None:
    """Compare an answer that a page shows with the real one before it."""
    if block.language == "json":
        real = json.loads(answer)
        assert agrees(json.loads(block.text), real), f"line {block.line} shows {block.text}the answer is {answer}"
    elif block.language == "text" and block.text.startswith("id: "):
        assert set(re.findall(r"^event: \w+", block.text, re.MULTILINE)) <= set(answer.splitlines())


def test_rest(shell: Shell, studio: Studio, client: Client, tmp_path: Path) -> None:
    song = ""
    (tmp_path / "my-song.flac").write_bytes(written(tune(seconds=8.0), format="FLAC"))
    for block, answer in Page("rest.md", shell, studio).walk():
        check_shown(block, answer)
        if block.language in RUNNABLE and (song := shell.value("SONG")):
            at_rest(client, song)
    found = client.get(song)
    assert found.title == "Rainy Window"
    assert found.context is not None
    assert found.context["technical"]["loudness_target"] == -16
    assert found.context["musical"]["tempo"] < 80
    assert {"Rainy Window.mp3", "Rainy Window stems.zip"} <= {path.name for path in tmp_path.iterdir()}


def test_client(shell: Shell, studio: Studio, tmp_path: Path) -> None:
    (answer,) = [answer for block, answer in Page("client.md", shell, studio).walk() if block.language == "python"]
    assert "'Slower'" in answer
    assert "changed" in answer
    assert (tmp_path / "client-song.wav").stat().st_size > 0


def test_rest_tells_every_command(studio: Studio) -> None:
    page = " ".join(inline_code(ROOT / "docs" / "rest.md"))
    paths = httpx.get(f"{studio.url}/openapi.json").json()["paths"]
    commands = {path.rpartition("/")[2] for path, methods in paths.items() if "post" in methods} - {"compositions"}
    assert not {command for command in commands if command not in page}
    told = {path.partition("?")[0] for path in re.findall(r"/v1/[\w/{}-]+", page)}
    # OpenAPI has no word for WebSockets; tests/api/test_api_socket.py opens it.
    known = {re.sub(r"{\w+}", "{}", path) for path in paths} | {"/v1/ws/compositions/{}"}
    real = {re.sub("/(mixing)$", "/{}", re.sub(r"{\w+}", "{}", path)) for path in told}
    assert not real - known


def asked(shell: Shell, query: str) -> Any:
    """What a song's workflow answers to a query, by the Temporal CLI."""
    command = f'temporal workflow query --workflow-id "song-$SONG" --type {query} --output json'
    return json.loads(shell.run(command))["queryResult"][0]


def test_signals(shell: Shell, studio: Studio, client: Client) -> None:
    song = client.start(PROMPT, settings=SongSettings(review=(Stage.IDEATION,))).id
    at_rest(client, song)
    shell.run(f"SONG={song} && export TEMPORAL_ADDRESS={studio.settings.temporal_address}")
    for block, _ in Page("signals.md", shell, studio).walk():
        if block.language in RUNNABLE:
            at_rest(client, song)
    assert not asked(shell, "snapshot")["rejected"]
    kinds = {entry["id"]: entry["kind"] for entry in asked(shell, "ledger")}
    assert kinds.items() >= {("slower-1", "revise"), ("edit-1", "revise"), ("quieter-1", "revise")}
    assert sorted(kinds.values()) == ["advance", *["revise"] * 4, "set_review"]
    assert client.status(song, consistent=True).status is SongStatus.COMPLETED
    at_rest(client, "my-own-id-1")


def test_user_guide(shell: Shell, studio: Studio, tmp_path: Path) -> None:
    ran = [answer for block, answer in Page("user-guide.md", shell, studio).walk() if block.language in RUNNABLE]
    assert "song_completed" in ran[0]
    assert (tmp_path / "rain.mp3").stat().st_size


def test_what_the_guide_shows_as_refused_is_refused(shell: Shell, studio: Studio, client: Client) -> None:
    song = client.start(PROMPT).id
    at_rest(client, song)
    shell.run(f"export SOSTENUTO_API_URL={studio.url}")
    shown = "\n".join(block.text for block in blocks(ROOT / "docs" / "user-guide.md") if block.language == "console")
    refusals = re.findall(r"^\$ (.+)\n(error: .+)$", shown, re.MULTILINE)
    assert len(refusals) == 2
    for command, answer in refusals:
        # The songs of other tests change as well: this one is meant by its id.
        said = shell.run(f"{command.replace(' last ', f' {song} ')} 2>&1 || true")
        assert said == answer


def test_the_readme_steers(shell: Shell, studio: Studio, client: Client) -> None:
    song = client.start(PROMPT, settings=SongSettings(review=tuple(Stage))).id
    at_rest(client, song)
    shell.run(f"SONG={song} && export TEMPORAL_ADDRESS={studio.settings.temporal_address}")
    steering = next(block for block in blocks(ROOT / "README.md") if "$SONG" in block.text)
    # Commands of the front door talk to the server they find; that they parse is tested beside this.
    lines = [line for line in steering.text.splitlines() if not line.startswith("sostenuto ")]
    for line in lines:
        shell.run(line.replace(API, studio.url))
        at_rest(client, song)
    kinds = [entry["kind"] for entry in asked(shell, "ledger")]
    assert kinds == ["advance", "advance", "revise"]
    assert not asked(shell, "snapshot")["rejected"]
