"""The export: all of somebody and nothing of anybody else, whole, named, without secrets."""

import hashlib
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from api.callers import owner_of
from storage.database import Database
from storage.records import ApiKey, ReferenceTrack, User, WebhookEndpoint
from tests.api.conftest import Api, serving

KEYS = ["export-key-0123456789", "another-key-0123456789"]
HASH_OF_A_KEY = "ab" * 32


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
async def keyed(api: Api) -> AsyncIterator[Api]:
    settings = api.settings.model_copy(update={"api_keys": [SecretStr(key) for key in KEYS], "api_port": 0})
    async with serving(settings) as served:
        yield served


async def _song(keyed: Api, key: str, prompt: str, title: str) -> str:
    body = {"prompt": prompt, "title": title}
    song = str((await keyed.http.post("/v1/compositions", json=body, headers=_as(key))).json()["id"])
    keyed.http.headers.update(_as(key))
    await keyed.until(song, status="completed")
    return song


async def test_an_export_holds_everything_of_its_owner_and_nothing_else(keyed: Api) -> None:
    other = await _song(keyed, KEYS[1], "a calm ambient song that nobody else may read", "Hers")
    song = await _song(keyed, KEYS[0], "a calm ambient song to take along", '../../etc/passwd "\U0001f3b9"')
    archived = await _song(keyed, KEYS[0], "a calm ambient song from the archive", "Old")
    assert (await keyed.http.delete(f"/v1/compositions/{archived}")).status_code == 204
    owner, now = owner_of(KEYS[0]), datetime.now(UTC)
    database = Database(keyed.settings.database_url)
    async with database.session() as session:
        session.add(User(id=owner, name="Ada", created_at=now))
        session.add(WebhookEndpoint(id="hook", owner=owner, url="https://a.example", secret="whsec_x", created_at=now))
    async with database.session() as session:
        session.add(ApiKey(id="key", user_id=owner, prefix="sk_1", key_hash=HASH_OF_A_KEY, created_at=now))
        upload = ReferenceTrack(
            owner=owner, hash="0" * 64, filename="gone.wav", size=1, media_type="audio/wav", created_at=now
        )
        session.add(upload)
    await database.close()
    answer = await keyed.http.get("/v1/me/export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(names) == len(set(names))
    assert not any(name.startswith("/") or ".." in name.split("/") for name in names)
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["owner"] == owner
    listed = {one["path"]: one for one in manifest["files"]}
    assert [one["sha256"] for one in listed.values() if one.get("missing")] == ["0" * 64]
    for name in names[:-1]:
        data = archive.read(name)
        assert (listed[name]["sha256"], listed[name]["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    whole = b"".join(archive.read(name) for name in names)
    for mine in (song, archived):
        media = json.loads(archive.read(next(n for n in names if mine in n and n.endswith("/media.json"))))
        held = {one["sha256"] for path, one in listed.items() if mine in path}
        assert media
        assert {row["hash"] for row in media} <= held
        events = json.loads(archive.read(next(n for n in names if mine in n and n.endswith("/events.json"))))
        assert events[0]["type"] == "song_created"
    assert b"to take along" in whole
    about = json.loads(archive.read("me.json"))
    assert (about["keys"][0]["prefix"], about["webhooks"][0]["url"]) == ("sk_1", "https://a.example")
    for secret in (HASH_OF_A_KEY, "whsec_x", KEYS[0], other, "nobody else may read", owner_of(KEYS[1])):
        assert secret.encode() not in whole


async def test_an_export_needs_a_key(keyed: Api) -> None:
    assert (await keyed.http.get("/v1/me/export", headers={"Authorization": "none"})).status_code == 401
