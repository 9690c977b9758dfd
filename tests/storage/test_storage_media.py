"""The media store in a folder and behind the S3 protocol: whole objects or none, and errors with a reason."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from domain.errors import InvalidInput, MediaStoreUnavailable, NotFound
from storage.config import load_settings
from storage.media import VERIFIED_BYTES, MediaStore, canonical_json, content_hash
from tests.fixtures.s3 import S3Server, free_port

ABC = content_hash(b"abc")


class Note(BaseModel):
    pitch: int
    name: str = "é"


@pytest.fixture(params=["folder", "s3"])
def kept_in(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[MediaStore, Path]:
    """A store and the folder where its objects lie."""
    if request.param == "folder":
        opened = load_settings(data_dir=tmp_path, media_url=(tmp_path / "my media %41").as_uri())
        return MediaStore.open(opened), tmp_path / "my media %41"
    server: S3Server = request.getfixturevalue("s3_server")
    return MediaStore.open(load_settings(data_dir=tmp_path, **server.settings(tmp_path.name))), (
        server.folder / tmp_path.name
    )


@pytest.fixture
def store(kept_in: tuple[MediaStore, Path]) -> MediaStore:
    return kept_in[0]


async def test_what_is_put_can_be_had(kept_in: tuple[MediaStore, Path]) -> None:
    store, folder = kept_in
    big = os.urandom(VERIFIED_BYTES * 7)
    for data in (b"", b"abc", big):
        digest = store.put(data)
        assert digest == content_hash(data) == await store.aput(data)
        assert store.get(digest) == data == await store.aget(digest)
        assert store.size(digest) == len(data) == await store.asize(digest)
        assert store.exists(digest)
        assert await store.aexists(digest)
    assert (folder / ABC[:2] / ABC[2:4] / ABC).read_bytes() == b"abc"


async def test_ranges(store: MediaStore) -> None:
    digest = store.put(b"0123456789")
    for start, length, expected in (
        (0, 4, b"0123"),
        (8, 10, b"89"),
        (3, 0, b""),
        (0, 10, b"0123456789"),
        (0, 99, b"0123456789"),
    ):
        assert store.get_range(digest, start, length) == expected
        assert await store.aget_range(digest, start, length) == expected
    for start, length in ((10, 1), (11, 5), (-1, 2), (0, -1)):
        with pytest.raises(InvalidInput):
            store.get_range(digest, start, length)
        with pytest.raises(InvalidInput):
            await store.aget_range(digest, start, length)


async def test_what_is_not_there(store: MediaStore) -> None:
    missing = content_hash(os.urandom(8))
    asked: list[Callable[[str], Any]] = [store.get, store.size, lambda h: store.get_range(h, 0, 1), store.get_json]
    for name in (missing, "", "../../etc/passwd", ABC.upper(), ABC + "0"):
        for ask in asked:
            with pytest.raises(NotFound):
                ask(name)
    with pytest.raises(NotFound):
        await store.aget(missing)
    with pytest.raises(NotFound):
        await store.asize(missing)
    with pytest.raises(NotFound):
        await store.aget_range(missing, 0, 1)
    assert not store.exists(missing)
    assert not await store.aexists(missing)
    store.delete(missing)
    await store.adelete(missing)


async def test_delete(store: MediaStore) -> None:
    digest = store.put(os.urandom(9))
    store.delete(digest)
    assert not store.exists(digest)
    digest = store.put(os.urandom(9))
    await store.adelete(digest)
    assert not store.exists(digest)


async def test_an_object_of_another_content_is_noticed_and_one_of_another_size_mended(store: MediaStore) -> None:
    digest = store.put(b"good")
    place = f"{digest[:2]}/{digest[2:4]}/{digest}"
    obstore.put(store.store, place, b"evil")
    with pytest.raises(MediaStoreUnavailable, match="damaged"):
        store.get(digest)
    with pytest.raises(MediaStoreUnavailable, match="damaged"):
        await store.aget(digest)
    obstore.put(store.store, place, b"")
    store.put(b"good")
    assert store.get(digest) == b"good"


async def test_documents_are_canonical(store: MediaStore) -> None:
    digest = store.put_json({"b": [1, {"z": None, "a": "é"}], "a": 1.5})
    assert store.get(digest) == '{"a":1.5,"b":[1,{"a":"é","z":null}]}'.encode()
    assert digest == await store.aput_json({"a": 1.5, "b": [1, {"a": "é", "z": None}]})
    assert store.get_json(digest) == await store.aget_json(digest) == {"a": 1.5, "b": [1, {"a": "é", "z": None}]}
    note = store.put_json(Note(pitch=60))
    assert store.get_model(note, Note) == await store.aget_model(note, Note) == Note(pitch=60)
    with pytest.raises(InvalidInput, match="no Note: pitch"):
        store.get_model(digest, Note)
    noise = store.put(b"\xff\x00noise")
    for read in (store.get_json, lambda h: store.get_model(h, Note)):
        with pytest.raises(InvalidInput, match="the object"):
            read(noise)


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), object(), "\ud800", {1, 2}])
def test_what_json_cannot_hold(value: object) -> None:
    with pytest.raises(InvalidInput, match="cannot be stored as JSON"):
        canonical_json({"x": value})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), JSON, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_equal_documents_are_equal_bytes(document: dict[str, Any]) -> None:
    shuffled = dict(reversed(document.items()))
    assert canonical_json(document) == canonical_json(shuffled)
    assert json.loads(canonical_json(document)) == document


async def test_many_at_once(store: MediaStore) -> None:
    same = os.urandom(200_000)
    digests = await asyncio.gather(*(store.aput(same) for _ in range(20)), *(store.aput(bytes([n])) for n in range(20)))
    assert digests[:20] == [content_hash(same)] * 20
    assert store.get(digests[0]) == same


PUT_FOR_EVER = """
import os, sys
from storage.config import load_settings
from storage.media import MediaStore, content_hash
store = MediaStore.open(load_settings(data_dir=sys.argv[1]))
data = bytearray(os.urandom(40_000_000))
print("ready", flush=True)
for n in range(10_000):
    data[:8] = n.to_bytes(8, "big")
    store.put(bytes(data))
"""


def test_a_killed_writer_leaves_no_half_object(tmp_path: Path) -> None:
    for pause in (0.02, 0.11, 0.23, 0.37):
        process = subprocess.Popen(
            [sys.executable, "-c", PUT_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == "ready\n"
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            process.wait()
    objects = [path for path in (tmp_path / "media").rglob("*") if path.is_file() and len(path.name) == 64]
    assert objects
    for path in objects:
        assert content_hash(path.read_bytes()) == path.name


FULL_DISK = """
import os, resource, signal, sys
from domain.errors import MediaStoreUnavailable
from storage.config import load_settings
from storage.media import MediaStore, content_hash
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = MediaStore.open(load_settings(data_dir=sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
data = bytes(3_000_000)
try:
    store.put(data)
except MediaStoreUnavailable as error:
    print(error)
    assert not store.exists(content_hash(data))
"""


def test_a_disk_that_takes_no_more_is_named(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "File too large" in run.stdout
    assert str(tmp_path / "media") in run.stdout


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MediaStoreUnavailable, match="file/media"):
        MediaStore.open(load_settings(data_dir=tmp_path / "file"))


async def test_an_endpoint_that_is_away_is_named_soon_and_without_keys(tmp_path: Path, s3_server: S3Server) -> None:
    away = {**s3_server.settings(), "s3_endpoint": f"http://127.0.0.1:{free_port()}"}
    store = MediaStore.open(load_settings(data_dir=tmp_path, **away))
    started = time.monotonic()
    asked: list[Callable[[], Any]] = [lambda: store.put(b"abc"), lambda: store.get(ABC), lambda: store.exists(ABC)]
    for ask in asked:
        with pytest.raises(MediaStoreUnavailable, match="s3://sostenuto") as caught:
            ask()
        assert s3_server.secret_access_key not in str(caught.value) + repr(store)
    with pytest.raises(MediaStoreUnavailable):
        await store.aput(b"abc")
    assert time.monotonic() - started < 10


def test_wrong_keys_and_a_missing_bucket_are_said(tmp_path: Path, s3_server: S3Server) -> None:
    wrong = {**s3_server.settings(), "s3_secret_access_key": "not-the-secret"}
    with pytest.raises(MediaStoreUnavailable) as caught:
        MediaStore.open(load_settings(data_dir=tmp_path, **wrong)).put(b"abc")
    assert "not-the-secret" not in str(caught.value)
    missing = {**s3_server.settings(), "media_url": "s3://no-such-bucket"}
    with pytest.raises(MediaStoreUnavailable, match="no-such-bucket"):
        MediaStore.open(load_settings(data_dir=tmp_path, **missing)).put(b"abc")
