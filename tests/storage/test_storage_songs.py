"""Lists, pages and records of songs, and the small tables beside them."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from song_support import START, Song, fresh, ref

from domain.errors import Conflict, InvalidInput
from domain.projection import Progress
from domain.settings import SongSettings
from domain.stages import SongStatus, Stage
from domain.steps import MediaType, StepResult
from storage import idempotency, progress, songs, step_cache
from storage.database import Database
from storage.projection import needs_results, project
from storage.records import Collaborator, Composition

SETTINGS = SongSettings(review=(Stage.MIXING,))


async def request(db: Database, owner: str, **given: Any) -> Composition:
    asked: dict[str, Any] = {
        "composition_id": fresh("song"), "owner": owner, "title": "Waltz", "prompt": "a waltz in E minor",
        "settings": SETTINGS, "seed": 7, "created_at": START,
    }  # fmt: skip
    async with db.session() as session:
        return await songs.request_song(session, **(asked | given))


async def listed(db: Database, **asked: Any) -> list[str]:
    return [song.id for song in (await songs.list_songs(db, **asked)).items]


async def test_a_song_that_was_asked_for_is_there_before_its_workflow(db: Database) -> None:
    song = await request(db, fresh("owner"))
    assert (song.stage, song.status, song.started, song.last_seq) == (
        Stage.IDEATION, SongStatus.RUNNING, False, 0,
    )  # fmt: skip
    assert song.settings == SETTINGS.model_dump(mode="json")
    assert "cancel" in song.allowed_commands
    assert set(song.stage_data) == set(Stage)
    again = await request(db, song.owner, composition_id=song.id, title="Other", seed=8)
    assert (again.title, again.seed) == ("Waltz", 7)
    with pytest.raises(Conflict, match="somebody else"):
        await request(db, fresh("owner"), composition_id=song.id)


async def test_songs_whose_workflow_has_not_started_are_found(db: Database) -> None:
    owner = fresh("owner")
    first = await request(db, owner, created_at=START - timedelta(days=400))
    started = await request(db, owner, created_at=START - timedelta(days=401))
    async with db.session() as session:
        await songs.mark_started(session, started.id)
    async with db.session() as session:
        found = await songs.unstarted(session, START - timedelta(days=399))
    assert [song.id for song in found] == [first.id]


async def test_a_projection_counts_as_a_start_even_before_the_first_event(db: Database) -> None:
    song = Song()
    await request(db, song.owner, composition_id=song.id, prompt=song.prompt)
    async with db.session() as session:
        assert await project(session, song.take(), prompt=None, results={})
    async with db.session() as session:
        row = await songs.get_song(session, song.id)
        assert row is not None
        assert row.started
        assert (row.description, row.prompt) == (song.prompt, song.state.prompt)


async def test_lists_are_newest_change_first_and_paged_without_gap_or_repeat(db: Database) -> None:
    owner = fresh("owner")
    made = [
        (await request(db, owner, created_at=START + timedelta(seconds=n // 3))).id for n in range(11)
    ]  # three songs share each second
    seen: list[str] = []
    cursor = None
    while True:
        page = await songs.list_songs(db, owner=owner, limit=2, cursor=cursor)
        seen += [song.id for song in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(made)
    assert len(seen) == 11
    rows = {song: made.index(song) // 3 for song in seen}
    assert [rows[song] for song in seen] == sorted(rows.values(), reverse=True)


async def test_lists_can_be_narrowed(db: Database) -> None:
    owner = fresh("owner")
    waltz = await request(db, owner, title="100% Waltz_time", prompt="slow")
    march = await request(db, owner, title="March", prompt="a WALTZ that became a march")
    async with db.session() as session:
        row = await songs.get_song(session, march.id)
        assert row is not None
        row.stage, row.status = Stage.MIXING, SongStatus.HELD
    assert set(await listed(db, owner=owner, text="waltz")) == {waltz.id, march.id}
    assert await listed(db, owner=owner, text="100%") == [waltz.id]
    assert await listed(db, owner=owner, text="Waltz_t") == [waltz.id]
    assert await listed(db, owner=owner, text="h%m") == []
    assert await listed(db, owner=owner, stage=Stage.MIXING) == [march.id]
    assert await listed(db, owner=owner, status=SongStatus.HELD) == [march.id]
    assert await listed(db, owner=owner, status=SongStatus.HELD, stage=Stage.IDEATION) == []
    assert await listed(db, owner=fresh("owner")) == []


async def test_archived_songs_are_not_listed_and_shared_and_public_ones_where_asked(db: Database) -> None:
    owner, friend = fresh("owner"), fresh("friend")
    archived, shared, public = [await request(db, owner) for _ in range(3)]
    async with db.session() as session:
        for song, name, value in ((archived, "is_active", False), (public, "is_public", True)):
            row = await songs.get_song(session, song.id)
            setattr(row, name, value)
        session.add(Collaborator(composition_id=shared.id, user_id=friend, role="viewer", created_at=START))
    assert set(await listed(db, owner=owner)) == {shared.id, public.id}
    assert await listed(db, owner=friend) == []
    assert await listed(db, owner=friend, scope="shared") == [shared.id]
    assert public.id in await listed(db, owner=friend, scope="public", limit=200)


@pytest.mark.parametrize("cursor", ["", "x", "bm8", "WyIyMDI2IiwgIngiXQ", "é", "W10", "bnVsbA"])
async def test_a_cursor_that_is_none_of_ours(db: Database, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        await listed(db, owner="ada", cursor=cursor)


async def test_history_media_and_who_may_read_a_file(db: Database) -> None:
    song = Song()
    async with db.session() as session:
        for _ in range(7):
            song.run_stage()
            projection = song.take()
            needed = song.documents(projection, await needs_results(session, projection))
            await project(session, projection, prompt=song.prompt, results=needed)
    async with db.session() as session:
        steps = await songs.history(session, song.id, limit=3)
        assert [step.number for step in steps] == sorted((s.number for s in steps), reverse=True)
        older = await songs.history(session, song.id, before=steps[-1].number)
        assert [step.number for step in older] == list(range(steps[-1].number - 1, 0, -1))
        (mix,) = await songs.media(session, song.id, Stage.MIXING, MediaType.AUDIO_WAV)
        assert (mix.name, mix.stage, mix.revision) == ("main", Stage.MIXING, 1)
        assert len(await songs.media(session, song.id, type=MediaType.PREVIEW)) == 7
        found = await songs.media_by_hash(session, song.owner, mix.hash)
        assert found is not None
        assert found.id == mix.id
        assert await songs.media_by_hash(session, "eve", mix.hash) is None
        assert await songs.media_by_hash(session, song.owner, ref("nothing")) is None


async def test_progress_is_overwritten_and_never_by_an_older_one(db: Database) -> None:
    def at(fraction: float, time: datetime) -> Progress:
        return Progress(
            composition_id=song, stage=Stage.PRODUCTION, step="render", label="rendering bass, 3 of 8",
            fraction=fraction, done=3, total=8, time=time,
        )  # fmt: skip

    song = fresh("song")
    async with db.session() as session:
        assert await progress.get_progress(session, song) is None
        for fraction, seconds in ((0.1, 1), (0.5, 3), (0.3, 2)):
            await progress.put_progress(session, at(fraction, START + timedelta(seconds=seconds)))
        assert await progress.get_progress(session, song) == at(0.5, START + timedelta(seconds=3))


async def test_the_first_result_of_a_step_stays(db: Database) -> None:
    key = ref(fresh("step"))
    first, second = (
        StepResult(step="render", key=key, cached=False, seconds=s, measured={"peak": -1.5}) for s in (1.0, 2.0)
    )
    async with db.session() as session:
        assert await step_cache.find_step(session, key) is None
        assert await step_cache.save_step(session, key, first) == first
    async with db.session() as session:
        assert await step_cache.save_step(session, key, second) == first
        assert await step_cache.find_step(session, key) == first


class TestIdempotency:
    async def begin(self, db: Database, owner: str, body: str = "a", now: datetime = START) -> idempotency.Begun:
        async with db.session() as session:
            return await idempotency.begin(
                session, owner=owner, key="k", body_sha256=ref(body), method_path="POST /v1/compositions", now=now
            )

    async def test_the_answer_of_the_first_is_given_again_for_a_day(self, db: Database) -> None:
        owner = fresh("owner")
        assert (await self.begin(db, owner)).state == "new"
        assert (await self.begin(db, owner)).state == "in_flight"
        assert (await self.begin(db, owner, "b")).state == "mismatch"
        assert (await self.begin(db, fresh("owner"))).state == "new"
        async with db.session() as session:
            answer = {"status": 202, "body": '{"id": 1}', "headers": {"location": "/v1/compositions/1"}}
            await idempotency.finish(session, owner=owner, key="k", **answer)  # type: ignore[arg-type]
        assert await self.begin(db, owner) == idempotency.Begun("done", **answer)  # type: ignore[arg-type]
        assert (await self.begin(db, owner, "b")).state == "mismatch"
        async with db.session() as session:
            await idempotency.forget(session, owner=owner, key="k")
        late = START + timedelta(hours=23, minutes=59)
        assert (await self.begin(db, owner, now=late)).state == "done"
        assert (await self.begin(db, owner, now=START + timedelta(hours=24))).state == "new"

    async def test_a_claim_can_be_given_up(self, db: Database) -> None:
        owner = fresh("owner")
        await self.begin(db, owner)
        async with db.session() as session:
            await idempotency.forget(session, owner=owner, key="k")
        assert (await self.begin(db, owner, "b")).state == "new"

    async def test_of_many_at_once_one_is_new(self, db: Database) -> None:
        owner = fresh("owner")
        begun = await asyncio.gather(*(self.begin(db, owner) for _ in range(12)))
        assert sorted(b.state for b in begun) == ["in_flight"] * 11 + ["new"]

    async def test_old_ones_are_purged(self, db: Database) -> None:
        long_ago = START - timedelta(days=900)
        await self.begin(db, fresh("owner"), now=long_ago)
        async with db.session() as session:
            assert await idempotency.purge(session, now=long_ago + timedelta(hours=25)) == 1
            assert await idempotency.purge(session, now=long_ago + timedelta(hours=25)) == 0
