"""Lists of songs: whose they are, what filters leave, cursors that remember what was asked."""

import itertools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from api.callers import owner_of
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from storage.database import Database
from storage.records import Collaborator
from storage.songs import get_song, request_song
from tests.api.conftest import Api, serving, settings_in
from tests.fixtures.temporal import free_port

KEYS = ["first-key-0123456789", "second-key-0123456789"]
MINE, OTHER = (owner_of(key) for key in KEYS)
BEGAN = datetime(2026, 11, 20, tzinfo=UTC)
SONGS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("mine-1", MINE, {"title": "Rainy Window", "stage": Stage.MIXING, "family": "mine-1", "is_main": False}),
    ("mine-2", MINE, {"title": "Waltz", "family": "mine-1", "parent_id": "mine-1"}),
    ("mine-3", MINE, {"title": "Lo-Fi/Beats", "status": SongStatus.WAITING, "is_public": True}),
    ("mine-gone", MINE, {"is_active": False}),
    ("hers-1", OTHER, {"title": "Shared to see", "is_public": True}),
    ("hers-2", OTHER, {"title": "Shared to edit"}),
    ("hers-3", OTHER, {"title": "Public", "is_public": True}),
    ("hers-4", OTHER, {"title": "Hidden"}),
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def library(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Api]:
    values: dict[str, Any] = {}
    if request.param == "postgres":
        new_url: Callable[[], str] = request.getfixturevalue("new_postgres_url")
        values = {"database_url": new_url()}
    keys = [SecretStr(key) for key in KEYS]
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{free_port()}", api_keys=keys, **values)
    async with serving(settings) as api:
        database = Database(settings.database_url)
        async with database.session() as session:
            for number, (song, owner, told) in enumerate(SONGS):
                await request_song(
                    session, composition_id=song, owner=owner, title="T", prompt=f"words of {song}",
                    settings=SongSettings(), seed=1, created_at=BEGAN + timedelta(minutes=number),
                )  # fmt: skip
                row = await get_song(session, song)
                assert row is not None
                for name, value in told.items():
                    setattr(row, name, value)
            for song, role in (("hers-1", "viewer"), ("hers-2", "editor")):
                session.add(Collaborator(composition_id=song, user_id=MINE, role=role, created_at=BEGAN))
        await database.close()
        yield api


async def _get(api: Api, key: str | None = KEYS[0], **asked: Any) -> Any:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = await api.http.get("/v1/compositions", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _ids(api: Api, key: str | None = KEYS[0], **asked: Any) -> list[str]:
    return [song["id"] for song in (await _get(api, key, **asked))["items"]]


async def test_each_scope_holds_its_songs_newest_first_with_roles(library: Api) -> None:
    items = (await _get(library))["items"]
    assert [(song["id"], song["role"]) for song in items] == [
        ("hers-2", "editor"), ("hers-1", "viewer"), ("mine-3", "owner"), ("mine-2", "owner"), ("mine-1", "owner"),
    ]  # fmt: skip
    assert await _ids(library, scope="own") == ["mine-3", "mine-2", "mine-1"]
    assert await _ids(library, scope="shared") == ["hers-2", "hers-1"]
    public = (await _get(library, scope="public"))["items"]
    assert [(song["id"], song["role"]) for song in public] == [
        ("hers-3", "public"), ("hers-1", "viewer"), ("mine-3", "owner"),
    ]  # fmt: skip


async def test_strangers_see_what_is_public_and_nothing_else(library: Api) -> None:
    items = (await _get(library, None, scope="public"))["items"]
    assert [song["id"] for song in items] == ["hers-3", "hers-1", "mine-3"]
    assert {song["role"] for song in items} == {"public"}
    for scope in ("own", "shared", "all"):
        answer = await library.http.get("/v1/compositions", params={"scope": scope})
        assert answer.status_code == 401
    assert (await library.http.get("/v1/compositions")).status_code == 401


async def test_filters_leave_what_was_asked_for(library: Api) -> None:
    assert await _ids(library, stage="mixing") == ["mine-1"]
    assert await _ids(library, status="waiting") == ["mine-3"]
    assert await _ids(library, family="mine-1") == ["mine-2", "mine-1"]
    assert await _ids(library, family="mine-1", main_only=True) == ["mine-2"]
    found = (await _get(library, family="mine-1", main_only=True))["items"][0]
    assert (found["family"], found["parent_id"], found["is_main"], found["is_public"]) == (
        "mine-1", "mine-1", True, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("waltz", ["mine-2"]),
        ("RAIN", ["mine-1"]),
        ("rainy win", ["mine-1"]),
        ("lo-fi", ["mine-3"]),
        ("fi/beat", ["mine-3"]),
        ("beats", ["mine-3"]),
        ("words of mine", ["mine-3", "mine-2", "mine-1"]),
        ("hidden", []),
        ("%", []),
        ("' | '", []),
        ("!&|()*:'\\", []),
    ],
)
async def test_a_search_finds_words_from_their_beginnings(library: Api, text: str, found: list[str]) -> None:
    assert await _ids(library, text=text) == found


async def test_cursors_show_every_song_once_and_only_for_what_they_were_given_for(library: Api) -> None:
    seen: list[str] = []
    cursor = None
    for _ in itertools.count():
        page = await _get(library, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [song["id"] for song in page["items"]]
        first, cursor = cursor, page["next_cursor"]
        if cursor is None:
            break
    assert seen == await _ids(library)
    for other in ({"scope": "own"}, {"text": "a"}, {"status": "running"}, {"main_only": True}):
        answer = await library.http.get(
            "/v1/compositions", params={"cursor": first, **other}, headers={"Authorization": f"Bearer {KEYS[0]}"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert "other filters" in answer.json()["detail"]
    stolen = await library.http.get(
        "/v1/compositions", params={"cursor": first}, headers={"Authorization": f"Bearer {KEYS[1]}"}
    )
    assert stolen.status_code == 422
