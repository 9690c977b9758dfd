import hashlib
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.errors import Conflict, NotFound, ResourceUnavailable, VerificationFailed
from sostenuto.client import Client
from sostenuto.release import check_report, check_target, default_folder, slug, write_release


class Store:
    """An API that only knows the files of one song."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.final: dict[str, bytes] = {}
        self.damaged: set[str] = set()
        self.stage_files(master=b"sound" * 1000, bass=b"low")

    def stage_files(self, **made: bytes) -> None:
        files = {"master.wav": made["master"], "stems/01_bass.wav": made["bass"]}
        self.contents = {_hash(data): data for data in files.values()}
        report = {
            "prompt": "p", "checks": [{"name": "loudness", "ok": True}], "stages": [],
            "files": [{"path": n, "sha256": _hash(d), "bytes": len(d)} for n, d in files.items()],
        }  # fmt: skip
        self.set_final({"report.json": json.dumps(report).encode(), "report.html": b"<p>"})

    def set_final(self, files: dict[str, bytes]) -> None:
        self.final = files
        self.contents |= {_hash(data): data for data in files.values()}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/media"):
            return httpx.Response(200, json={"items": [self._item(n, d) for n, d in self.final.items()]})
        ref = request.url.path.split("/")[3]
        return httpx.Response(200, content=self.contents[ref][: 3 if ref in self.damaged else None])

    def _item(self, name: str, data: bytes) -> dict[str, Any]:
        return {
            "name": name, "filename": name, "stage": "finalization", "revision": 2, "hash": _hash(data),
            "size": len(data),
        }  # fmt: skip

    def client(self) -> Client:
        return Client("http://test", transport=httpx.MockTransport(self))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


EVERYTHING = {"master.wav", "stems/01_bass.wav", "report.json", "report.html"}


def test_writes_everything_that_the_report_lists(tmp_path: Path) -> None:
    release = write_release(Store().client(), "s", tmp_path / "deep" / "song")
    assert names(release.folder) == EVERYTHING
    assert release.ok
    assert release.failed == ()
    assert os.listdir(tmp_path / "deep") == ["song"]


def test_replaces_an_earlier_release_and_nothing_else(tmp_path: Path) -> None:
    store, folder = Store(), tmp_path / "song"
    write_release(store.client(), "s", folder)
    store.stage_files(master=b"another", bass=b"lower")
    write_release(store.client(), "s", folder)
    assert (folder / "master.wav").read_bytes() == b"another"
    assert names(folder) == EVERYTHING
    assert os.listdir(tmp_path) == ["song"]
    (folder / "my notes.txt").write_text("precious")
    with pytest.raises(Conflict, match=r"my notes\.txt"):
        write_release(store.client(), "s", folder)
    assert (folder / "my notes.txt").read_text() == "precious"


def test_refuses_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(Conflict, match=r"thesis\.tex"):
        check_target(tmp_path)
    with pytest.raises(Conflict, match="is a file"):
        check_target(tmp_path / "thesis.tex")
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(Conflict, match=r"report\.json"):
        check_target(tmp_path)


def test_refuses_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceUnavailable, match="cannot be written"):
        check_target(tmp_path / "file" / "song")
    # Root may write everywhere, so the system's answer is given here.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ResourceUnavailable, match="cannot be written"):
        check_target(tmp_path / "song")


def test_nothing_is_there_when_something_goes_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = Store(), tmp_path / "song"
    store.damaged = {_hash(b"sound" * 1000)}
    with pytest.raises(ResourceUnavailable, match="arrived damaged"):
        write_release(store.client(), "s", folder)
    store.damaged = set()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ResourceUnavailable, match="No space left"):
        write_release(store.client(), "s", folder)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_release_stays_when_the_new_one_fails(tmp_path: Path) -> None:
    store, folder = Store(), tmp_path / "song"
    write_release(store.client(), "s", folder)
    store.stage_files(master=b"another", bass=b"lower")
    store.damaged = {_hash(b"another")}
    with pytest.raises(ResourceUnavailable):
        write_release(store.client(), "s", folder)
    assert (folder / "master.wav").read_bytes() == b"sound" * 1000
    assert os.listdir(tmp_path) == ["song"]


def test_the_folder_where_one_stands_is_filled_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, folder = Store(), tmp_path / "song"
    folder.mkdir()
    monkeypatch.chdir(folder)
    inode = folder.stat().st_ino
    for master in (b"one", b"two"):
        store.stage_files(master=master, bass=b"b")
        write_release(store.client(), "s", Path())
        assert names(folder) == EVERYTHING
        assert Path("master.wav").read_bytes() == master
    assert folder.stat().st_ino == inode
    assert os.listdir(tmp_path) == ["song"]


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_release(Store().client(), "s", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert names(tmp_path / "real") == EVERYTHING


@pytest.mark.parametrize("name", ["../escape.wav", "/etc/escape.wav", "stems\\..\\x.wav"])
def test_names_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    store = Store()
    store.set_final(store.final | {name: b"x"})
    with pytest.raises(VerificationFailed, match="not inside"):
        write_release(store.client(), "s", tmp_path / "song")


def test_a_song_without_release(tmp_path: Path) -> None:
    store = Store()
    store.final = {}
    with pytest.raises(NotFound, match="no release yet"):
        write_release(store.client(), "s", tmp_path / "song")


@pytest.mark.parametrize("report", [b"", b"[]", b'{"files": 3}', b'{"files": [{"path": "x"}]}'])
def test_a_report_that_cannot_be_read(tmp_path: Path, report: bytes) -> None:
    (tmp_path / "report.json").write_bytes(report)
    with pytest.raises(VerificationFailed, match=r"report\.json"):
        check_report(tmp_path)


def test_a_report_that_contradicts_the_files(tmp_path: Path) -> None:
    write_release(Store().client(), "s", tmp_path / "song")
    (tmp_path / "song" / "master.wav").write_bytes(b"SOUND" * 1000)
    with pytest.raises(VerificationFailed, match=r"master\.wav is not the file"):
        check_report(tmp_path / "song")
    (tmp_path / "song" / "master.wav").unlink()
    with pytest.raises(VerificationFailed, match=r"lists master\.wav"):
        check_report(tmp_path / "song")


def test_names_of_folders() -> None:
    assert slug("Café del Mar (Night Mix)") == "cafe-del-mar-night-mix"
    assert slug("夜") == "song"
    assert len(slug("long " * 50)) <= 60
    assert default_folder("Rainy Window", "0d9c-1234abcd") == Path("songs/rainy-window-1234abcd")
