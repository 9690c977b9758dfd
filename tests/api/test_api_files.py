"""Files over HTTP: ranges, validators, names that cannot break a header, stems as a zip."""

import hashlib
import io
import json
import zipfile
from email.message import Message
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.files import content_disposition, safe_name
from tests.api.conftest import Api
from tests.api.steps import BIG_FILE_BYTES

TITLE = 'Río "Nuit" / 雨; filename=x'


@pytest.fixture(scope="module")
async def song(api: Api) -> str:
    song = await api.start(title=TITLE, settings={"review": ["production"], "formats": ["flac", "mp3"]})
    await api.until(song, status="waiting", stage="production")
    await api.send(song, "review-settings", {"review": "none"})
    await api.send(song, "advances")
    await api.until(song, status="completed")
    return song


@pytest.fixture(scope="module")
async def master(api: Api, song: str) -> dict[str, Any]:
    media = (await api.http.get(f"/v1/compositions/{song}/media", params={"stage": "mastering"})).json()["items"]
    found: dict[str, Any] = next(item for item in media if item["name"] == "master")
    return found


async def test_a_file_is_served_whole_with_its_hash_as_tag(api: Api, master: dict[str, Any]) -> None:
    answer = await api.http.get(master["url"])
    assert answer.status_code == 200
    assert len(answer.content) == master["size"] == BIG_FILE_BYTES
    assert hashlib.sha256(answer.content).hexdigest() == master["hash"]
    assert answer.headers["etag"] == f'"{master["hash"]}"'
    assert answer.headers["cache-control"] == "private, immutable, max-age=31536000"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-disposition"] == 'inline; filename="master.wav"'
    head = await api.http.head(master["url"])
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(BIG_FILE_BYTES))


@pytest.mark.parametrize(
    ("asked", "start", "length"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, BIG_FILE_BYTES - 100),
        ("bytes=-5", BIG_FILE_BYTES - 5, 5),
        (f"bytes={BIG_FILE_BYTES - 1}-{BIG_FILE_BYTES + 50}", BIG_FILE_BYTES - 1, 1),
        ("bytes=200-700000", 200, 699_801),
    ],
)
async def test_a_range_is_206(api: Api, master: dict[str, Any], asked: str, start: int, length: int) -> None:
    whole = (await api.http.get(master["url"])).content
    answer = await api.http.get(master["url"], headers={"Range": asked})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {start}-{start + length - 1}/{BIG_FILE_BYTES}"
    assert answer.content == whole[start : start + length]


async def test_a_range_outside_is_416_and_a_strange_one_is_ignored(api: Api, master: dict[str, Any]) -> None:
    for outside in (f"bytes={BIG_FILE_BYTES}-", "bytes=-0"):
        answer = await api.http.get(master["url"], headers={"Range": outside})
        assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
        assert answer.headers["content-range"] == f"bytes */{BIG_FILE_BYTES}"
    for strange in ("bytes=0-1,5-6", "lines=0-1", "bytes=-", "bytes=9-3", "bytes=a-b"):
        assert (await api.http.get(master["url"], headers={"Range": strange})).status_code == 200


async def test_what_the_client_has_is_304(api: Api, master: dict[str, Any]) -> None:
    tag = f'"{master["hash"]}"'
    for given_tag in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await api.http.get(master["url"], headers={"If-None-Match": given_tag})
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await api.http.get(master["url"], headers={"If-None-Match": '"other"'})).status_code == 200
    ranged = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert (await api.http.get(master["url"], headers=ranged)).status_code == 200
    assert (await api.http.get(master["url"], headers=ranged | {"If-Range": tag})).status_code == 206


async def test_a_report_can_show_but_not_act(api: Api, song: str) -> None:
    media = (await api.http.get(f"/v1/compositions/{song}/media", params={"type": "report"})).json()["items"]
    page = next(item for item in media if item["filename"] == "report.html")
    answer = await api.http.get(page["url"])
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("params", "media_type", "ending"),
    [
        ({}, "audio/mpeg", ".mp3"),
        ({"format": "flac"}, "audio/flac", ".flac"),
        ({"format": "wav"}, "audio/wav", ".wav"),
        ({"format": "wav", "stage": "mixing"}, "audio/wav", "(mixing).wav"),
        ({"format": "midi"}, "audio/midi", ".mid"),
        ({"format": "musicxml"}, "application/vnd.recordare.musicxml+xml", ".musicxml"),
        ({"format": "report"}, "text/html; charset=utf-8", "report.html"),
    ],
)
async def test_downloads_are_named_after_the_song(
    api: Api, song: str, params: dict[str, str], media_type: str, ending: str
) -> None:
    answer = await api.http.get(f"/v1/compositions/{song}/download", params=params)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    name = _file_name(answer.headers["content-disposition"])
    assert name.startswith("Río Nuit 雨; filename=x")
    assert name.endswith(ending)


async def test_stems_come_as_one_zip(api: Api, song: str) -> None:
    answers = [await api.http.get(f"/v1/compositions/{song}/download", params={"format": "stems"}) for _ in range(2)]
    assert answers[0].headers["content-type"] == "application/zip"
    assert answers[0].content == answers[1].content
    with zipfile.ZipFile(io.BytesIO(answers[0].content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["01_keys.wav", "02_bass.wav"]
        assert all(entry.file_size for entry in archive.infolist())


async def test_a_release_comes_as_one_zip_with_every_file_as_its_report_says(api: Api, song: str) -> None:
    url = f"/v1/compositions/{song}/download"
    answers = [await api.http.get(url, params={"format": "release"}) for _ in range(2)]
    assert answers[0].headers["content-type"] == "application/zip"
    assert answers[0].content == answers[1].content
    name = _file_name(answers[0].headers["content-disposition"])
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(answers[0].content)) as archive:
        assert archive.testzip() is None
        folders = {path.partition("/")[0] for path in archive.namelist()}
        assert folders == {name.removesuffix(".zip")}
        inside = {path.partition("/")[2]: archive.read(path) for path in archive.namelist()}
    report = json.loads(inside["report.json"])
    assert {"report.json", "report.html", "master.wav", "master.mp3", "mix.wav", "song.mid", "song.musicxml"} <= set(
        inside
    )
    assert len(report["files"]) == 4
    for file in report["files"]:
        assert hashlib.sha256(inside[file["path"]]).hexdigest() == file["sha256"]
    early = await api.http.get(url, params={"format": "release", "stage": "mixing"})
    assert early.status_code == 404
    assert "not at mixing" in early.json()["detail"]


async def test_a_song_under_way_has_no_release(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    answer = await api.http.get(f"/v1/compositions/{song}/download", params={"format": "release"})
    assert answer.status_code == 404
    assert "when finalization is done" in answer.json()["detail"]


async def test_a_missing_kind_says_what_exists(api: Api, song: str) -> None:
    answer = await api.http.get(f"/v1/compositions/{song}/download", params={"format": "opus"})
    assert answer.status_code == 404
    assert "this song has no opus; it has arrangement: midi; production: stems" in answer.json()["detail"]
    early = await api.http.get(f"/v1/compositions/{song}/download", params={"format": "mp3", "stage": "mixing"})
    assert "no mp3 at mixing" in early.json()["detail"]
    wrong = await api.http.get(f"/v1/compositions/{song}/download", params={"format": "wma"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")


async def test_a_lost_file_is_a_problem_before_anything_is_sent(api: Api) -> None:
    song = await api.start(settings={"seed": 99, "formats": ["mp3"]})
    await api.until(song, status="completed")
    media = (await api.http.get(f"/v1/compositions/{song}/media", params={"stage": "mastering"})).json()["items"]
    lost = next(item for item in media if item["name"] == "master")
    api.server._services.media.delete(lost["hash"])
    answer = await api.http.get(lost["url"])
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@given(st.text(max_size=300))
def test_no_title_breaks_a_header_or_leaves_the_folder(title: str) -> None:
    name = safe_name(title, ".wav")
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert name.endswith(".wav")
    assert not set(name) & set('/\\:*?"<>|\r\n\0')
    assert name.lstrip(".") == name
    assert len(name) <= 104
    assert _file_name(header) == name


@pytest.mark.parametrize("title", ["", "...", "CON", "nul.txt", "../../etc/passwd", "a\r\nSet-Cookie: x", "\u202e"])
def test_hostile_titles_become_plain_names(title: str) -> None:
    name = safe_name(title, ".mp3")
    assert name.removesuffix(".mp3") not in ("", "CON", "..")
    assert "/" not in name
    assert "\r" not in content_disposition(name)


def _file_name(header: str) -> str:
    """The name as a client reads it (RFC 6266: filename* before filename)."""
    message = Message()
    message["Content-Disposition"] = header
    _, _, encoded = header.partition("filename*=UTF-8''")
    plain = message.get_filename()
    assert plain is not None
    return unquote(encoded) if encoded else plain
