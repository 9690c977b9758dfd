"""The release as one zip, beside its folder."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from domain.errors import Conflict, ResourceUnavailable
from sostenuto.release import Release, write_release
from sostenuto.release_zip import check_zip_target, write_zip, zip_path
from tests.cli.test_release import EVERYTHING, Store


def release(folder: Path, **said: object) -> Release:
    written = write_release(Store().client(), "s", folder)
    return Release(written.folder, written.report | said, written.files)


def test_everything_lies_in_a_folder_named_after_the_song(tmp_path: Path) -> None:
    made = release(tmp_path / "song", title="Río Nuit", created_at="2026-03-01T12:30:08+02:00")
    archive = write_zip(made)
    assert archive == tmp_path / "song.zip"
    with zipfile.ZipFile(archive) as inside:
        assert inside.testzip() is None
        assert set(inside.namelist()) == {f"rio-nuit/{name}" for name in EVERYTHING}
        assert {entry.date_time for entry in inside.infolist()} == {(2026, 3, 1, 10, 30, 8)}
        assert inside.read("rio-nuit/master.wav") == (made.folder / "master.wav").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["song", "song.zip"]


def test_equal_releases_make_equal_zips(tmp_path: Path) -> None:
    one, other = (write_zip(release(tmp_path / name, title="Rain")) for name in ("a", "b"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("time", [None, "yesterday", "1970-01-01T00:00:00+00:00"])
def test_a_time_that_a_zip_cannot_keep_is_its_earliest(tmp_path: Path, time: str | None) -> None:
    with zipfile.ZipFile(write_zip(release(tmp_path / "song", created_at=time))) as inside:
        assert inside.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_an_earlier_zip_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    made = release(tmp_path / "song", title="Rain")
    first = write_zip(made).read_bytes()
    assert write_zip(made).read_bytes() == first
    for strange in (b"my notes", b""):
        zip_path(made.folder).write_bytes(strange)
        with pytest.raises(Conflict, match="no zip of a release"):
            write_zip(made)
        assert zip_path(made.folder).read_bytes() == strange
    with zipfile.ZipFile(zip_path(made.folder), "w") as other:
        other.writestr("holiday.jpg", b"sea")
    with pytest.raises(Conflict):
        check_zip_target(made.folder)


def test_a_file_that_went_away_leaves_no_half_zip(tmp_path: Path) -> None:
    made = release(tmp_path / "song")
    (made.folder / "master.wav").unlink()
    with pytest.raises(ResourceUnavailable, match="cannot be written"):
        write_zip(made)
    assert os.listdir(tmp_path) == ["song"]


def test_a_release_without_a_title_is_named_by_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(write_zip(release(tmp_path / "My Song"))) as inside:
        assert json.loads(inside.read("my-song/report.json"))["prompt"] == "p"
