"""What is remembered of songs in lists holds: whoever changes a song makes its stamp another."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from song_support import START, Song, fresh
from sqlmodel.ext.asyncio.session import AsyncSession

from api.listing import Pages
from domain.access import Role
from domain.retention import Erasing
from domain.settings import SongSettings
from domain.stages import Stage
from storage import archive, erasure, songs, versions
from storage.database import Database
from storage.listing import stamp_of
from storage.projection import needs_results, project
from storage.records import Composition

LATER = START + timedelta(hours=1)
Change = Callable[[AsyncSession, Song], Awaitable[object]]


async def projected(session: AsyncSession, song: Song) -> None:
    projection = song.take()
    needed = song.documents(projection, await needs_results(session, projection))
    await project(session, projection, prompt=song.prompt, results=needed)


async def a_stage_ran(session: AsyncSession, song: Song) -> None:
    song.run_stage()
    await projected(session, song)


async def held(session: AsyncSession, song: Song) -> None:
    song.command("hold")
    await projected(session, song)


async def another_main_version(session: AsyncSession, song: Song) -> None:
    parent = await songs.get_song(session, song.id)
    assert parent is not None
    branch = await versions.request_branch(
        session, parent=parent, stage=Stage.IDEATION, revision=1, composition_id=fresh("song"), title="Another",
        settings=SongSettings(), seed=2, created_at=LATER,
    )  # fmt: skip
    await versions.make_main(session, branch.id)


CHANGES: dict[str, Change] = {
    "its workflow is started": lambda session, song: songs.mark_started(session, song.id),
    "a stage ran": a_stage_ran,
    "held": held,
    "renamed": lambda session, song: archive.edit(session, song.id, {"title": "Nocturne", "renamed": True}, now=LATER),
    "published": lambda session, song: archive.edit(session, song.id, {"is_public": True}, now=LATER),
    "another version is the main one": another_main_version,
    "archived": lambda session, song: archive.archive(session, song.id, now=LATER),
    "ended in the archive": lambda session, song: archive.mark_ended(session, song.id),
    "restored": lambda session, song: archive.restore(session, song.id, now=LATER),
    "archived again": lambda session, song: archive.archive(session, song.id, now=LATER),
    "hidden, to be erased": lambda session, song: erasure.hide(
        session, Erasing(owner=song.owner, asked_at=LATER), now=LATER
    ),
}
SILENT = {"restored", "archived again"}
"""Changes that may leave the song looking as it did before: a list does not tell the archive."""


def pages(db: Database) -> Pages:
    return Pages(
        cast(Any, SimpleNamespace(database=db, temporal=SimpleNamespace(link=lambda song: f"http://127.0.0.1/{song}")))
    )


async def asked(db: Database, made: Pages, owner: str, *, archived: bool) -> tuple[bytes, tuple[Any, ...] | None]:
    """The page as it is answered, and the stamp of its first song."""
    page = await songs.list_songs(db, owner=owner, archived=archived)
    shown = await made.response(page, {row.id: Role.OWNER for row in page.items})
    return bytes(shown.body), stamp_of(page.items[0]) if page.items else None


async def request(db: Database, owner: str, **given: Any) -> Composition:
    wanted: dict[str, Any] = {
        "composition_id": fresh("song"), "owner": owner, "title": "Waltz", "prompt": "a waltz",
        "settings": SongSettings(), "seed": 7, "created_at": START,
    }  # fmt: skip
    async with db.session() as session:
        return await songs.request_song(session, **(wanted | given))


async def test_a_list_shows_each_change_at_once(db: Database) -> None:
    song = Song()
    await request(db, song.owner, composition_id=song.id, title="Untitled", prompt=song.prompt)
    kept, archived = pages(db), False
    before, stamp = await asked(db, kept, song.owner, archived=archived)
    for name, change in CHANGES.items():
        async with db.session() as session:
            await change(session, song)
            row = await songs.get_song(session, song.id)
            assert row is not None
            archived = not row.is_active
        remembered, now = await asked(db, kept, song.owner, archived=archived)
        fresh_page, _ = await asked(db, pages(db), song.owner, archived=archived)
        assert remembered == fresh_page, f"{name}: the list shows what was before"
        assert now != stamp, f"{name}: the stamp is the one of before"
        assert (remembered != before) or name in SILENT, f"{name}: this changes nothing that a list shows"
        before, stamp = remembered, now


async def test_a_list_asks_for_a_song_again_only_when_it_is_another(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = fresh("owner")
    made = [await request(db, owner, created_at=START + timedelta(seconds=number)) for number in range(3)]
    asked_for: list[list[str]] = []
    rows = Database.rows

    async def counted(self: Database, query: Any, **given: Any) -> Any:
        if "songs" in given:
            asked_for.append(sorted(given["songs"]))
        return await rows(self, query, **given)

    monkeypatch.setattr(Database, "rows", counted)
    kept = pages(db)
    await asked(db, kept, owner, archived=False)
    await asked(db, kept, owner, archived=False)
    async with db.session() as session:
        await songs.mark_started(session, made[1].id)
    await asked(db, kept, owner, archived=False)
    assert asked_for == [sorted(song.id for song in made), [made[1].id]]


async def test_a_song_that_goes_between_the_two_looks_is_in_no_list(db: Database) -> None:
    owner = fresh("owner")
    await request(db, owner)
    song = await request(db, owner)
    page = await songs.list_songs(db, owner=owner)
    async with db.session() as session:
        await erasure.erase_songs(session, [song.id])
    shown = await pages(db).response(page, {row.id: Role.OWNER for row in page.items})
    assert song.id.encode() not in bytes(shown.body)
    assert bytes(shown.body).count(b'"links"') == 1


async def test_a_song_that_is_made_private_between_the_two_looks_is_told_to_no_stranger(db: Database) -> None:
    song = await request(db, fresh("owner"))
    async with db.session() as session:
        await archive.edit(session, song.id, {"is_public": True}, now=LATER)
    page = await songs.list_songs(db, owner=fresh("stranger"), scope="public")
    assert song.id in [row.id for row in page.items]
    async with db.session() as session:
        await archive.edit(session, song.id, {"is_public": False, "title": "Secret"}, now=LATER)
    shown = await pages(db).response(page, {row.id: Role.PUBLIC for row in page.items})
    assert b"Secret" not in bytes(shown.body)
