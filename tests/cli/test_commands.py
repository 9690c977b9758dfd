"""The command line against a real API, workflow and storage; only the sound is tiny."""

import hashlib
import io
import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.commands import CommandKind
from domain.stages import SongStatus, Stage
from sostenuto import cli
from sostenuto.client import Client
from tests.audio.foreign import tune, written
from tests.cli.conftest import Studio
from tests.cli.test_client import PROMPT, to_the_end, until

ROOT = str(Path(cli.__file__).parent.parent)


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def sostenuto(
    studio: Studio, empty_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run a command line in this process, with the studio's API as the one that is named."""
    monkeypatch.setenv("SOSTENUTO_API_URL", studio.url)

    def run(*arguments: str) -> Ran:
        code = cli._run(list(arguments))
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


def test_make_writes_a_verified_release(sostenuto: Callable[..., Ran], empty_folder: Path) -> None:
    ran = sostenuto("make", PROMPT, "--out", "mine", "--seed", "7", "--tempo", "96", "--json")
    assert ran.code == 0, ran.err
    document = ran.document
    assert document["ok"]
    assert document["status"] == "completed"
    assert document["seed"] == 7
    assert document["out"] == str(empty_folder / "mine")
    assert {"master.wav", "master.mp3", "report.json"} <= set(document["files"])
    assert all((empty_folder / "mine" / name).stat().st_size for name in document["files"])
    for stage in Stage:
        assert f"{stage}: done in" in ran.err


def test_make_zips_its_release_and_refuses_to_overwrite_before_it_begins(
    sostenuto: Callable[..., Ran], empty_folder: Path
) -> None:
    ran = sostenuto("make", PROMPT, "--out", "mine", "--zip", "--json")
    assert ran.code == 0, ran.err
    archive = empty_folder / "mine.zip"
    assert ran.document["zip"] == str(archive)
    with zipfile.ZipFile(archive) as inside:
        assert {name.partition("/")[2] for name in inside.namelist()} == set(ran.document["files"])
    archive.write_text("my own")
    refused = sostenuto("make", PROMPT, "--out", "mine", "--zip")
    assert refused.code != 0
    assert "no zip of a release" in refused.err
    assert "song " not in refused.err.replace("sostenuto", "")
    assert archive.read_text() == "my own"


def test_make_uploads_a_reference_and_names_it_beside_the_words(
    sostenuto: Callable[..., Ran], empty_folder: Path, client: Client
) -> None:
    (empty_folder / "near.flac").write_bytes(written(tune(seconds=6.0), format="FLAC"))
    words = 'creative.references=["like the sea"]'
    ran = sostenuto("make", PROMPT, "--reference", "near.flac", "--set", words, "--out", "mine", "--json")
    assert ran.code == 0, ran.err
    assert "reference near.flac: music, -" in ran.err
    context = client.get(ran.document["id"]).context
    assert context is not None
    said, uploaded = context["creative"]["references"]
    assert said == "like the sea"
    assert uploaded == {
        "type": "audio", "hash": hashlib.sha256((empty_folder / "near.flac").read_bytes()).hexdigest()
    }  # fmt: skip


@pytest.mark.parametrize(("content", "words"), [(b"dear diary", "no sound file that can be read"), (None, "cannot be")])
def test_a_reference_that_cannot_be_starts_nothing(
    content: bytes | None, words: str, sostenuto: Callable[..., Ran], empty_folder: Path, client: Client
) -> None:
    if content is not None:
        (empty_folder / "words.wav").write_bytes(content)
    before = len(list(client.all()))
    ran = sostenuto("make", PROMPT, "--reference", "words.wav")
    assert ran.code == 2
    assert "words.wav" in ran.err
    assert words in ran.err
    assert len(list(client.all())) == before


def test_make_names_the_folder_after_the_song(sostenuto: Callable[..., Ran], empty_folder: Path) -> None:
    ran = sostenuto("make", PROMPT, "--title", "Café Nights")
    assert ran.code == 0, ran.err
    (folder,) = (empty_folder / "songs").iterdir()
    assert folder.name.startswith("cafe-nights-")
    assert ran.out.splitlines() == ["Café Nights: 60.5 s, -14.0 LUFS", "2 of 2 checks ok", str(folder)]


def test_a_missed_check_is_named(sostenuto: Callable[..., Ran]) -> None:
    ran = sostenuto("make", "a loud song with a calm end", "--json")
    assert ran.code == 8
    assert ran.document["exit_code"] == 8
    assert not ran.document["ok"]
    assert ran.err.splitlines()[-1] == (
        "error: the song is finished but misses 1 of its checks: loudness: asked -14 LUFS, measured -14.0 LUFS"
    )


def test_a_blocked_song_says_why(sostenuto: Callable[..., Ran]) -> None:
    ran = sostenuto("make", PROMPT, "--set", "creative.preferences.mix=impossible", "--json")
    assert ran.code == 5
    assert "mixing is blocked: the mix cannot be made: ask for another" in ran.err
    assert ran.document["error"]["code"] == "missing_requirement"
    song = ran.err.split("sostenuto retry ")[1].split()[0]
    mended = sostenuto("revise", song, "--set", 'creative.preferences.mix="wide"')
    assert mended.code == 0, mended.err
    assert sostenuto("follow", song, "--out", "mended").code == 0


def test_a_blocked_song_is_waited_for(sostenuto: Callable[..., Ran], client: Client) -> None:
    def mend() -> None:
        for _ in range(400):
            songs = client.list(status=SongStatus.BLOCKED, text="patience").items
            if songs:
                time.sleep(0.5)
                client.command(songs[0].id, CommandKind.REVISE, changes={"creative.preferences.mix": "wide"})
                return
            time.sleep(0.05)

    helper = threading.Thread(target=mend)
    helper.start()
    ran = sostenuto("make", "a song of patience", "--set", "creative.preferences.mix=impossible", "--wait")
    helper.join(20)
    assert ran.code == 0, ran.err
    assert ran.err.count("mixing is blocked") == 1


def test_a_gate_without_terminal_is_told_and_waited_for(sostenuto: Callable[..., Ran], client: Client) -> None:
    def go_on() -> None:
        for _ in range(400):
            songs = client.list(status=SongStatus.WAITING, text="gatekeeper").items
            if songs:
                time.sleep(0.3)
                client.command(songs[0].id, CommandKind.ADVANCE)
                return
            time.sleep(0.05)

    helper = threading.Thread(target=go_on)
    helper.start()
    ran = sostenuto("make", "a gatekeeper of a song", "--review", "mixing", "--out", "gate")
    helper.join(20)
    assert ran.code == 0, ran.err
    assert ran.err.count("mixing waits for a decision: sostenuto advance ") == 1


def test_a_song_cancelled_by_somebody_else(sostenuto: Callable[..., Ran], client: Client) -> None:
    song = client.start(PROMPT, settings={"review": ["mixing"]})
    until(client, song.id, SongStatus.WAITING)
    threading.Timer(0.5, lambda: sostenuto_cancel(client, song.id)).start()
    ran = sostenuto("follow", song.id)
    assert ran.code == 3
    assert "was cancelled" in ran.err


def sostenuto_cancel(client: Client, song: str) -> None:
    client.command(song, CommandKind.CANCEL)


def test_steering_from_the_terminal(sostenuto: Callable[..., Ran], client: Client) -> None:
    song = client.start(PROMPT, settings={"review": "all"}, title="Steered").id
    until(client, song, SongStatus.WAITING, Stage.IDEATION)
    assert sostenuto("advance", song).out.startswith(f"{song}: composition starts")
    until(client, song, SongStatus.WAITING, Stage.COMPOSITION)
    assert sostenuto("advance", "last", "--to", "ideation").code == 0
    assert sostenuto("advance", song[:13], "--set", "musical.tempo=88").code == 0
    until(client, song, SongStatus.WAITING, Stage.COMPOSITION)
    revised = sostenuto("revise", song[-8:], "slower, in D minor", "--json")
    assert revised.document["verdict"] == "accepted"
    until(client, song, SongStatus.WAITING, Stage.COMPOSITION)
    assert sostenuto("hold", song).code == 0
    refused = sostenuto("advance", song)
    assert refused.code == 3
    assert refused.err == "error: the song is held: resume it first\n"
    assert "held: resume it first" in sostenuto("revise", song, "-16 LUFS").err
    assert sostenuto("resume", song).code == 0
    assert sostenuto("retry", song, "--json").document["error"]["code"] == "command_rejected"
    assert sostenuto("revise", song, "quack").code == 2
    assert sostenuto("revise", song).code == 3
    shown = sostenuto("status", song).out
    assert f"Steered ({song})" in shown
    assert "waiting at composition" in shown
    assert "allowed now: advance" in shown
    unfinished = sostenuto("export", song)
    assert unfinished.code == 3
    assert "not finished (waiting at composition)" in unfinished.err
    assert sostenuto("cancel", song).code == 0
    assert sostenuto("status", song, "--json").document["status"] == "cancelled"


def test_export_and_links(sostenuto: Callable[..., Ran], client: Client, studio: Studio, empty_folder: Path) -> None:
    song = client.start(PROMPT).id
    to_the_end(client, song)
    assert sostenuto("export", song, "--out", "there").code == 0
    assert (empty_folder / "there" / "master.wav").exists()
    links = sostenuto("open", song, "--print", "--json").document
    assert links["song"] == f"{studio.url}/v1/compositions/{song}"
    assert links["temporal_ui"].endswith(f"workflows/song-{song}")


def test_lists(sostenuto: Callable[..., Ran], client: Client) -> None:
    song = client.start("a listed song", title="Listed").id
    to_the_end(client, song)
    assert song[-8:] in sostenuto("list", "--text", "Listed").out
    assert [s["id"] for s in sostenuto("list", "--text", "Listed", "--json").document["songs"]] == [song]
    assert "no songs yet" in sostenuto("list", "--text", "nobody wrote this").out


def test_names_of_songs(sostenuto: Callable[..., Ran]) -> None:
    unknown = sostenuto("status", "00000000-0000-0000-0000-000000000000")
    assert unknown.code == 4
    none = sostenuto("status", "zzzz9")
    assert none.code == 4
    assert "begins or ends with 'zzzz9'" in none.err
    assert sostenuto("status", "what is this?").code == 2


def test_a_folder_that_is_in_use_is_refused_before_anything_starts(
    sostenuto: Callable[..., Ran], empty_folder: Path, client: Client
) -> None:
    (empty_folder / "taken").mkdir()
    (empty_folder / "taken" / "thesis.tex").write_text("x")
    before = client.list(limit=1).items
    ran = sostenuto("make", PROMPT, "--out", "taken")
    assert ran.code == 3
    assert "thesis.tex" in ran.err
    assert client.list(limit=1).items == before


def test_the_prompt_from_standard_input(sostenuto: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("ein stilles Stück\n".encode())))
    ran = sostenuto("make", "-", "--json", "--out", "out")
    assert ran.code == 0, ran.err
    shown = sostenuto("status", ran.document["id"], "--json").document
    assert shown["prompt"] == "ein stilles Stück"


class Terminal:
    """A command on a pseudo-terminal, with a person who types."""

    def __init__(self, *arguments: str, folder: Path, url: str) -> None:
        self.master, slave = pty.openpty()
        environment = os.environ | {"SOSTENUTO_API_URL": url, "PYTHONPATH": ROOT, "TERM": "xterm", "COLUMNS": "120"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sostenuto", *arguments],
            stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.screen = ""

    def wait_for(self, text: str, times: int = 1) -> None:
        deadline = time.monotonic() + 30
        while self.screen.count(text) < times:
            if time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                raise AssertionError(self.screen)
            self._read()

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        deadline = time.monotonic() + 30
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                self.process.kill()
            self._read()
        os.close(self.master)
        return self.process.wait(30)

    def _read(self) -> None:
        if not select.select([self.master], [], [], 0.05)[0]:
            return
        try:
            self.screen += os.read(self.master, 65536).decode(errors="replace")
        except OSError:  # the other side is closed
            time.sleep(0.02)


def test_a_person_at_the_gates(studio: Studio, empty_folder: Path, client: Client) -> None:
    terminal = Terminal(
        "make",
        "a song at the gates",
        "--review",
        "ideation,mixing",
        "--out",
        "out",
        folder=empty_folder,
        url=studio.url,
    )
    terminal.wait_for("ideation is ready")
    terminal.type("quack\n")
    terminal.wait_for("'quack' is not understood")
    terminal.type("slower\n")
    terminal.wait_for("ideation is ready", times=3)
    terminal.type("\n")
    terminal.wait_for("mixing is ready")
    terminal.type("\n")
    assert terminal.end() == 0
    assert "2 of 2 checks ok" in terminal.screen
    assert (empty_folder / "out" / "master.wav").exists()


def test_a_person_leaves_a_song_waiting(studio: Studio, empty_folder: Path, client: Client) -> None:
    terminal = Terminal("make", "a song left alone", "--review", "all", folder=empty_folder, url=studio.url)
    terminal.wait_for("ideation is ready")
    terminal.type("q\n")
    assert terminal.end() == 3
    assert "sostenuto follow" in terminal.screen
    (song,) = client.list(text="left alone").items
    assert song.status is SongStatus.WAITING
    client.command(song.id, CommandKind.CANCEL)


def test_ctrl_c_leaves_the_song_to_itself(studio: Studio, empty_folder: Path, client: Client) -> None:
    terminal = Terminal("make", "a song interrupted", "--review", "mixing", folder=empty_folder, url=studio.url)
    terminal.wait_for("mixing is ready")
    terminal.process.send_signal(2)
    assert terminal.end() == 130
    assert "the song is safe" in terminal.screen
    assert "Traceback" not in terminal.screen
    (song,) = client.list(text="interrupted").items
    assert song.status is SongStatus.WAITING
    client.command(song.id, CommandKind.CANCEL)
