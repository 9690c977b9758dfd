"""Sessions: who waits for whom, what is rolled back, and what is said when the database is away."""

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from song_support import START, fresh
from sqlalchemy import func
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col, select

from domain.errors import DatabaseUnavailable, InvalidInput, NotFound
from domain.events import EventType
from domain.settings import SongSettings
from domain.stages import Stage
from storage import songs
from storage.database import Database
from storage.records import Composition, Event, ProviderTask


async def new_song(database: Database, owner: str = "ada") -> Composition:
    async with database.session() as session:
        return await songs.request_song(
            session, composition_id=fresh("song"), owner=owner, title="Waltz", prompt="a waltz",
            settings=SongSettings(), seed=2**63 - 1, created_at=START,
        )  # fmt: skip


async def test_times_come_back_in_utc_whatever_zone_they_went_in(db: Database) -> None:
    song = await new_song(db)
    local = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        row.waiting_since = local
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        assert row.waiting_since == local
        assert row.waiting_since.tzinfo is UTC
        assert row.created_at == START
        assert row.seed == 2**63 - 1


async def test_a_time_without_zone_is_refused(db: Database) -> None:
    song = await new_song(db)

    async def keep(time: datetime) -> None:
        async with db.session() as session:
            row = await songs.get_song(session, song.id)
            assert row is not None
            row.waiting_since = time

    with pytest.raises(StatementError, match="no time zone"):
        await keep(datetime(2026, 7, 1))


async def test_money_is_exact(db: Database) -> None:
    song = await new_song(db)
    async with db.session() as session:
        task = ProviderTask(
            id=fresh("task"), composition_id=song.id, provider="suno", task_type="generation",
            stage=Stage.PRODUCTION, step_key="k", cost=Decimal("0.1") + Decimal("0.2"), currency="EUR",
            created_at=START,
        )  # fmt: skip
        session.add(task)
    async with db.session() as session:
        (kept,) = await songs.provider_tasks(session, song.id)
        assert kept.cost == Decimal("0.3")


async def test_nothing_can_refer_to_a_song_that_is_not_there(db: Database) -> None:
    with pytest.raises(IntegrityError):
        async with db.session() as session:
            session.add(Event(composition_id="nobody", seq=1, type=EventType.STAGE_STALE, time=START, payload={}))


async def test_erasing_a_song_erases_what_belongs_to_it_and_frees_its_branches(db: Database) -> None:
    parent, branch = await new_song(db), await new_song(db)
    async with db.session() as session:
        session.add(Event(composition_id=parent.id, seq=1, type=EventType.STAGE_STALE, time=START, payload={}))
        row = await songs.get_song(session, branch.id)
        assert row is not None
        row.parent_id = parent.id
    async with db.session() as session:
        await session.delete(await songs.get_song(session, parent.id))
    async with db.session() as session:
        row = await songs.get_song(session, branch.id)
        assert row is not None
        assert row.parent_id is None
        assert (await session.exec(select(Event).where(col(Event.composition_id) == parent.id))).all() == []


async def test_an_error_rolls_back(db: Database) -> None:
    song = await new_song(db)

    async def fail() -> None:
        async with db.session() as session:
            row = await songs.get_song(session, song.id)
            assert row is not None
            row.title = "lost"
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        assert row.title == "Waltz"


async def test_a_session_that_reads_before_it_writes_waits_for_another_writer(db: Database) -> None:
    """On SQLite a deferred transaction would fail here at once: it has read, another has written, it writes."""
    song = await new_song(db)

    async def rename(title: str, pause: float) -> None:
        async with db.session() as session:
            row = await songs.get_song(session, song.id)
            assert row is not None
            row.title = title
            await asyncio.sleep(pause)
            await session.flush()
            await asyncio.sleep(pause)

    await asyncio.gather(*(rename(f"title {n}", 0.02 * n) for n in range(6)))


async def test_readers_do_not_wait_for_a_writer(db: Database) -> None:
    song = await new_song(db)
    async with db.session() as writing:
        await songs.mark_started(writing, song.id)
        started = time.monotonic()
        async with db.session() as reading:
            row = await songs.get_song(reading, song.id)
        assert row is not None
        assert not row.started
        assert time.monotonic() - started < 1


COUNT_UP = """
import asyncio, sys
from sqlalchemy import update
from sqlmodel import col
from storage import songs
from storage.database import Database
from storage.records import Composition

async def main(url, song):
    database = Database(url)
    for _ in range(15):
        async with database.session() as session:
            assert await songs.get_song(session, song)
            one_more = update(Composition).values(version_number=col(Composition.version_number) + 1)
            await session.exec(one_more.where(col(Composition.id) == song))
    await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_three_processes_write_one_sqlite_file(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/song.db"
    database = Database(url)
    await database.migrate()
    song = await new_song(database)
    processes = [await asyncio.create_subprocess_exec(sys.executable, "-c", COUNT_UP, url, song.id) for _ in range(3)]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    async with database.session() as session:
        row = await songs.get_song(session, song.id)
    await database.close()
    assert row is not None
    assert row.version_number == 46


async def test_errors_of_the_block_stay_what_they_are(db: Database) -> None:
    for error in (FileNotFoundError("score.mid"), TimeoutError("provider"), NotFound("no such take")):
        with pytest.raises(type(error)) as caught:
            async with db.session():
                raise error
        assert caught.value is error


@pytest.mark.postgres
async def test_a_connection_that_the_server_drops_is_told_and_replaced(postgres_url: str) -> None:
    database = Database(postgres_url)
    end_me = select(func.pg_terminate_backend(func.pg_backend_pid()))
    with pytest.raises(DatabaseUnavailable):
        async with database.session() as session:
            await session.exec(end_me)
    await database.ping()
    await database.close()


@pytest.mark.postgres
async def test_a_connection_that_died_while_it_rested_is_replaced_before_anybody_meets_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.PING_AFTER_S", 0.0)
    database, other = Database(postgres_url), Database(postgres_url)
    async with database.reading() as session:
        served = (await session.exec(select(func.pg_backend_pid()))).one()
    async with other.session() as session:
        await session.exec(select(func.pg_terminate_backend(served)))
    async with database.reading() as session:
        assert (await session.exec(select(func.pg_backend_pid()))).one() != served
    await other.close()
    await database.close()


async def test_who_only_reads_sees_what_was_committed_since(db: Database) -> None:
    song = await new_song(db)
    async with db.reading() as session:
        seen = await songs.get_song(session, song.id)
        assert seen is not None
        assert seen.started is False
        async with db.session() as writing:
            await songs.mark_started(writing, song.id)
        seen = await songs.get_song(session, song.id)
        assert seen is not None
        assert seen.started is True


async def test_a_server_that_is_away_is_named_without_its_password() -> None:
    database = Database("postgresql+asyncpg://ada:hush@127.0.0.1:1/songs")
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1") as caught:
        await database.ping()
    assert "hush" not in str(caught.value) + repr(database)
    with pytest.raises(DatabaseUnavailable):
        await database.migrate()
    await database.close()


async def test_a_file_that_is_no_database_or_has_no_tables(tmp_path: Path) -> None:
    (tmp_path / "noise.db").write_bytes(b"this is not a database at all" * 100)
    for name, reason in (("noise.db", "not a database"), ("empty.db", "no such table")):
        database = Database(f"sqlite+aiosqlite:///{tmp_path}/{name}")
        with pytest.raises(DatabaseUnavailable, match=reason):
            async with database.session() as session:
                await songs.get_song(session, "x")
        await database.close()


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/file/song.db")
    with pytest.raises(DatabaseUnavailable, match="folder"):
        await database.migrate()
    await database.close()


def test_a_url_that_is_none() -> None:
    with pytest.raises(InvalidInput, match="database URL"):
        Database("hush-hush")
