"""The read model after any order and repetition of what the workflow reports."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from song_support import START, Song
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.events import Event, EventType
from domain.projection import Projection
from domain.settings import Enhancement, SongSettings
from domain.stages import SongStatus, Stage
from storage import songs
from storage.database import Database
from storage.events import events_after, last_seq
from storage.projection import needs_results, project
from storage.records import (
    Command,
    Composition,
    CompositionMedia,
    PromptEnhancement,
    StageRevision,
    Transition,
)
from storage.records import Event as EventRow

PLAYS = ("run", "run", "run", "advance", "back", "revise", "hold", "resume", "accept", "reject", "nonsense", "take")


def play(song: Song, action: str) -> None:
    commands: dict[str, tuple[str, dict[str, Any]]] = {
        "advance": ("advance", {}),
        "back": ("advance", {"target": "ideation"}),
        "revise": ("revise", {"changes": {"musical.tempo": 90}}),
        "hold": ("hold", {}),
        "resume": ("resume", {}),
        "accept": ("accept_enhancement", {}),
        "reject": ("reject_enhancement", {}),
        "nonsense": ("sing\x00\ud800", {}),
        "take": ("revise", {"instruction": "another take"}),
    }
    if action == "run":
        if song.state.due and not song.state.held:
            song.run_stage()
        return
    kind, arguments = commands[action]
    song.command(kind, **arguments)


def report(song: Song, actions: list[str]) -> list[Projection]:
    """Projections as a workflow makes them: after each change that made an event, with the events since the last."""
    reports = [song.take()]
    for action in actions:
        play(song, action)
        if song.state.seq > reports[-1].sequence:
            reports.append(song.take())
    return reports


async def write(session: AsyncSession, song: Song, projection: Projection) -> bool:
    needed = await needs_results(session, projection)
    return await project(session, projection, prompt=song.prompt, results=song.documents(projection, needed))


async def rows(session: AsyncSession, song: str) -> dict[str, list[dict[str, Any]]]:
    tables: tuple[type[SQLModel], ...] = (
        StageRevision, CompositionMedia, PromptEnhancement, EventRow, Command, Transition,
    )  # fmt: skip
    found: dict[str, list[dict[str, Any]]] = {}
    for table in (*tables, Composition):
        owner: Any = table.id if table is Composition else table.composition_id  # type: ignore[attr-defined]
        records = (await session.exec(select(table).where(col(owner) == song))).all()
        fresh = {"seq"} if table is PromptEnhancement else set()
        dumped = [record.model_dump(exclude=fresh) for record in records]
        found[table.__name__] = sorted(dumped, key=lambda row: [str(row[k]) for k in sorted(row)])
    return found


async def clear(session: AsyncSession, song: str) -> None:
    record = await session.get(Composition, song)
    assert record is not None
    await session.delete(record)


async def test_a_song_that_runs_through_is_in_the_read_model(db: Database) -> None:
    song = Song()
    for projection in report(song, ["run"] * 7):
        async with db.session() as session:
            assert await write(session, song, projection)
            assert not await write(session, song, projection)
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        assert (row.status, row.progress, row.is_completed, row.title) == (SongStatus.COMPLETED, 100.0, True, "Waltz")
        assert row.description == song.prompt
        assert row.created_at == START
        assert row.completed_at == song.state.stages[Stage.FINALIZATION].completed_at
        assert row.context == song.state.stages[Stage.FINALIZATION].context
        assert row.stage_data["mixing"]["revision"] == 1
        assert await last_seq(session, song.id) == song.state.seq
        files = await songs.media(session, song.id)
        assert [file.stage for file in files] == [stage for stage in Stage for _ in range(2)]
        assert files[0].details == {"duration": 61.5, "true_peak": None}
        (told,) = await songs.enhancements(session, song.id)
        assert (told.original, told.confidence, told.accepted) == (song.prompt, 0.75, None)
        assert told.reasoning == ["a waltz", "is in three"]
        assert [r.stage for r in await songs.revisions(session, song.id)] == list(Stage)


async def test_commands_are_kept_with_their_verdict(db: Database) -> None:
    song = Song()
    async with db.session() as session:
        for projection in report(song, ["run", "hold", "nonsense", "hold"]):
            await write(session, song, projection)
    async with db.session() as session:
        query = select(Command).where(Command.composition_id == song.id).order_by(col(Command.seq))
        kept = (await session.exec(query)).all()
    assert [(c.kind, c.verdict, c.code) for c in kept[:1]] == [("hold", "accepted", "ok")]
    assert kept[1].verdict == "rejected"
    assert kept[1].kind == "sing\ufffd?"
    assert kept[2].verdict == "rejected"


async def test_an_accepted_enhancement_says_so_later(db: Database) -> None:
    song = Song(settings=SongSettings(review=(Stage.IDEATION,)))
    reports = report(song, ["run", "accept"])
    async with db.session() as session:
        for projection in reports:
            await write(session, song, projection)
        (told,) = await songs.enhancements(session, song.id)
        assert told.accepted is True


async def test_without_enhancement_there_is_no_record_of_one(db: Database) -> None:
    song = Song(settings=SongSettings(enhancement=Enhancement(enabled=False)))
    async with db.session() as session:
        for projection in report(song, ["run"]):
            await write(session, song, projection)
        assert await songs.enhancements(session, song.id) == []


async def test_a_renamed_song_keeps_its_name_and_a_branch_its_family(db: Database) -> None:
    song = Song()
    first, second = report(song, ["run"])
    async with db.session() as session:
        await write(session, song, first)
        row = await songs.get_song(session, song.id)
        assert row is not None
        row.title, row.renamed, row.family = "Mine", True, "another-family"
    async with db.session() as session:
        await write(session, song, second)
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        assert (row.title, row.family) == ("Mine", "another-family")


async def test_a_revision_that_comes_back_adds_no_files(db: Database) -> None:
    song = Song()
    async with db.session() as session:
        for projection in report(song, ["run", "run", "run", "revise", "run", "run"]):
            await write(session, song, projection)
        before = await rows(session, song.id)
        old = song.state.stages[Stage.COMPOSITION]
        first = next(r for r in song.results.values() if r.stage is Stage.COMPOSITION and r.revision == 1)
        old.result = next(digest for digest, result in song.results.items() if result is first)
        song.state.seq += 1
        reverted = song.take()
        assert await needs_results(session, reverted) == set()
        await write(session, song, reverted)
        after = await rows(session, song.id)
    for table in ("StageRevision", "CompositionMedia", "PromptEnhancement"):
        assert after[table] == before[table]


async def test_text_that_no_database_keeps_does_not_stop_a_projection(db: Database) -> None:
    song = Song(prompt="a\x00b\ud800c", owner="o\x00" + "x" * 300)
    song.state.title = "t\x00" + "x" * 400
    song.command("hold", command_id="id\x00" + "y" * 50)
    projection = song.take()
    async with db.session() as session:
        await write(session, song, projection)
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        assert row.description == "a\ufffdb?c"
        assert row.title == "t\ufffd" + "x" * 253


async def test_events_are_read_in_order_and_never_past_a_gap(db: Database) -> None:
    song = Song()
    first, second, third = report(song, ["run", "run"])
    assert second.events
    async with db.session() as session:
        await write(session, song, first)
        await write(session, song, third)
        assert await events_after(session, song.id, 0) == []
        assert not await write(session, song, second)
        expected = [*first.events, *second.events, *third.events]
        assert await events_after(session, song.id, 0) == expected
        assert await events_after(session, song.id, 2, limit=3) == expected[2:5]
        assert await events_after(session, song.id, song.state.seq) == []
        assert await last_seq(session, "nobody") == 0


async def test_a_thousand_events_at_once(db: Database) -> None:
    song = Song()
    now = song.tick()
    events = tuple(
        Event(seq=n, type=EventType.STAGE_STALE, time=now, payload={"stages": ["mixing"]}) for n in range(1, 1201)
    )
    projection = song.take().model_copy(update={"events": events, "sequence": 1200})
    async with db.session() as session:
        assert await project(session, projection, prompt=None, results={})
        assert len(await events_after(session, song.id, 0, limit=2000)) == 1200


async def test_a_failed_write_leaves_nothing(db: Database) -> None:
    song = Song()
    projection = song.take()

    async def die() -> None:
        async with db.session() as session:
            await write(session, song, projection)
            raise RuntimeError("the worker dies here")

    with pytest.raises(RuntimeError):
        await die()
    async with db.session() as session:
        assert await songs.get_song(session, song.id) is None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_and_repetition_ends_in_the_same_rows(db: Database, data: st.DataObject) -> None:
    song = Song(settings=SongSettings(review=(Stage.IDEATION, Stage.MIXING)))
    actions = data.draw(st.lists(st.sampled_from(PLAYS), min_size=1, max_size=14))
    reports = report(song, ["run", *actions])
    again = data.draw(st.lists(st.sampled_from(range(len(reports))), max_size=6))
    order = data.draw(st.permutations([*range(len(reports)), *again]))
    async with db.session() as session:
        for projection in reports:
            await write(session, song, projection)
        straight = await rows(session, song.id)
        assert [event["seq"] for event in sorted(straight["Event"], key=lambda e: e["seq"])] == list(
            range(1, song.state.seq + 1)
        )
        await clear(session, song.id)
    for number in order:
        async with db.session() as session:
            await write(session, song, reports[number])
    async with db.session() as session:
        shuffled = await rows(session, song.id)
        await clear(session, song.id)
    assert shuffled == straight


@pytest.mark.postgres
async def test_postgres_tells_listeners_which_song_changed(new_postgres_url: Any) -> None:
    import asyncpg

    url = new_postgres_url()
    database = Database(url)
    await database.migrate()
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(
        user="postgres", database=database.url.database, host=str(database.url.query["host"])
    )
    await listener.add_listener("sostenuto_events", lambda *told: heard.put_nowait(told[-1]))
    song = Song()
    async with database.session() as session:
        await write(session, song, song.take())
        assert heard.empty()
    assert await asyncio.wait_for(heard.get(), 5) == song.id
    await listener.close()
    await database.close()


async def test_writers_at_the_same_time_end_in_the_same_rows(db: Database) -> None:
    song = Song()
    reports = report(song, ["run", "run", "hold", "run", "resume", "run", "revise", "run", "run", "nonsense", "run"])

    async def write_alone(projection: Projection) -> None:
        async with db.session() as session:
            await write(session, song, projection)

    for projection in reports:
        await write_alone(projection)
    async with db.session() as session:
        straight = await rows(session, song.id)
        await clear(session, song.id)
    await asyncio.gather(*(write_alone(projection) for projection in [*reversed(reports), *reports]))
    async with db.session() as session:
        assert await rows(session, song.id) == straight
