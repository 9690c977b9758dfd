"""Families of songs: numbers, parents, the main version."""

import asyncio

import pytest
from song_support import START, fresh

from domain.errors import NotFound
from domain.settings import SongSettings
from domain.stages import Stage
from storage.database import Database
from storage.records import Composition
from storage.songs import get_song, request_song
from storage.versions import make_main, request_branch, versions


async def new_song(db: Database) -> Composition:
    async with db.session() as session:
        return await request_song(
            session, composition_id=fresh("song"), owner=fresh("owner"), title="Waltz", prompt="a waltz",
            settings=SongSettings(), seed=1, created_at=START,
        )  # fmt: skip


async def branch(db: Database, parent: Composition, composition_id: str | None = None) -> Composition:
    async with db.session() as session:
        return await request_branch(
            session, parent=parent, stage=Stage.ARRANGEMENT, revision=2, composition_id=composition_id or fresh("song"),
            title="Waltz, faster", settings=SongSettings(), seed=2, created_at=START,
        )  # fmt: skip


async def test_branches_are_numbered_in_their_family(db: Database) -> None:
    first = await new_song(db)
    second = await branch(db, first)
    third = await branch(db, second)
    again = await branch(db, second, third.id)
    assert (second.version_number, third.version_number, again.version_number) == (2, 3, 3)
    assert (third.parent_id, third.parent_stage, third.parent_revision) == (second.id, Stage.ARRANGEMENT, 2)
    assert (third.owner, third.description, third.family) == (first.owner, "a waltz", first.id)
    async with db.session() as session:
        family = await versions(session, second.id)
    assert [song.id for song in family] == [first.id, second.id, third.id]
    assert [song.is_main for song in family] == [True, False, False]


async def test_branches_at_the_same_time_get_numbers_of_their_own(db: Database) -> None:
    first = await new_song(db)
    made = await asyncio.gather(*(branch(db, first) for _ in range(6)))
    assert sorted(song.version_number for song in made) == [2, 3, 4, 5, 6, 7]


async def test_one_version_is_the_main_one(db: Database) -> None:
    other = await new_song(db)
    first = await new_song(db)
    second = await branch(db, first)
    async with db.session() as session:
        assert (await make_main(session, second.id)).is_main
    async with db.session() as session:
        assert [song.is_main for song in await versions(session, first.id)] == [False, True]
        untouched = await get_song(session, other.id)
        assert untouched is not None
        assert untouched.is_main


async def test_a_song_that_is_not_there(db: Database) -> None:
    async with db.session() as session:
        with pytest.raises(NotFound):
            await versions(session, "nobody")
