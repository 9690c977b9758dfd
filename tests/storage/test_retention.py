"""Files of archived songs: what nothing else needs goes, everything else stays, whatever ends in between."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from obstore.store import LocalStore
from sqlmodel import col, select

from activities.retention import Sweeper
from domain.providers import Task
from domain.retention import RetentionRun
from domain.stages import SongStatus, Stage
from domain.steps import Artifact, MediaType, StageResult, StepResult
from storage import ledger
from storage.archive import archive, restore
from storage.charges import Charge
from storage.database import Database
from storage.media import MediaStore
from storage.records import Composition, CompositionMedia, ReferenceTrack, StageRevision, StepCache, derived_id
from storage.step_cache import find_step, save_step
from tests.storage.song_support import fresh

RUN = RetentionRun(days=30, pause_s=0, lease_s=0)


def now() -> datetime:
    """Read where it is used: the suite may have run for long when these tests begin, and stores know their own time."""
    return datetime.now(UTC)


def old() -> datetime:
    return now() - timedelta(days=31)


def later() -> datetime:
    return now() + timedelta(minutes=5)


class Archive:
    """Songs with real documents in a real store, and what becomes of them."""

    def __init__(self, database: Database, store: MediaStore) -> None:
        self.database, self.store = database, store
        self.sweeper = Sweeper(database, store)

    async def song(self, *files: str, head: str | None = None) -> tuple[str, dict[str, str]]:
        """A cancelled song with some files; its id and the hashes of everything that it alone or with others has."""
        song, owner = fresh("song"), fresh("owner")
        refs = {name: await self.store.aput(b"RIFF" + name.encode()) for name in files}
        refs["patch"] = await self.store.aput_json({"musical": {"tempo": 80}, "of": song})
        steps = (StepResult(step="mix", key=f"key-{song}", cached=False, seconds=1, patch=refs["patch"]),)
        artifacts = {name: _artifact(refs[name]) for name in files}
        result = StageResult(
            stage=Stage.MIXING, revision=1, take=1, context=await self.store.aput_json({"of": song}),
            artifacts=artifacts, steps=steps, patch={}, measured={},
        )  # fmt: skip
        refs |= {"result": await self.store.aput_json(result), "context": str(result.context)}
        manifest = {"previous": head, "result": refs["result"], "composition_id": song}
        refs["head"] = await self.store.aput_json(manifest)
        row = Composition(
            id=song, owner=owner, family=song, started=True, status=SongStatus.CANCELLED, head=refs["head"],
            created_at=old(), updated_at=old(),
        )  # fmt: skip
        place: dict[str, Any] = {"composition_id": song, "stage": Stage.MIXING, "revision": 1, "take": 1}
        async with self.database.session() as session:
            session.add(row)
        async with self.database.session() as session:
            session.add(StageRevision(**place, result=refs["result"], context=refs["context"], completed_at=old()))
            for name in files:
                media = {"type": MediaType.AUDIO_WAV, "media_type": "audio/wav", "hash": refs[name], "size": 8}
                id_ = derived_id(song, name)
                session.add(CompositionMedia(**place, **media, id=id_, name=name, created_at=old()))
        return song, refs

    async def put_away(self, song: str, since: datetime | None = None) -> None:
        async with self.database.session() as session:
            assert await archive(session, song, now=since or old())

    async def sweep(self) -> None:
        """Two runs: what the first one chooses, the second one removes."""
        await self.sweeper.condemn(RUN, now())
        await self.sweeper.remove(RUN, later())

    async def row(self, song: str) -> Composition:
        async with self.database.session() as session:
            return (await session.exec(select(Composition).where(col(Composition.id) == song))).one()

    async def there(self, refs: dict[str, str]) -> set[str]:
        return {name for name, hash in refs.items() if await self.store.aexists(hash)}


def _artifact(hash: str) -> Artifact:
    return Artifact(hash=hash, size=8, media_type="audio/wav", type=MediaType.AUDIO_WAV)


@pytest_asyncio.fixture
async def kept(empty_url: str, tmp_path: Path) -> AsyncIterator[Archive]:
    database = Database(empty_url)
    await database.migrate()
    folder = tmp_path / "media"
    yield Archive(database, MediaStore(LocalStore(folder, mkdir=True), str(folder)))
    await database.close()


async def test_what_others_share_stays_and_the_rest_goes(kept: Archive) -> None:
    gone, theirs = await kept.song("shared.wav", "own.wav")
    stays, ours = await kept.song("shared.wav", "other.wav")
    await kept.put_away(gone)
    await kept.sweep()
    assert await kept.there(theirs) == {"shared.wav"}
    assert await kept.there(ours) == set(ours)
    row = await kept.row(gone)
    assert row.files_removed_at is not None
    assert row.removal_began_at is not None
    async with kept.database.session() as session:
        assert not await restore(session, gone, now=later())
    await kept.put_away(stays)
    await kept.sweep()
    assert await kept.there(ours) == set()


async def test_a_branch_keeps_what_its_manifests_lead_to(kept: Archive) -> None:
    parent, theirs = await kept.song("base.wav")
    _, ours = await kept.song("branch.wav", head=theirs["head"])
    later, unshared = await kept.song("later.wav", head=theirs["head"])
    await kept.put_away(parent)
    await kept.put_away(later)
    await kept.sweep()
    assert await kept.there(theirs) == set(theirs)
    assert await kept.there(ours) == set(ours)
    assert await kept.there(unshared) == set()


async def test_uploads_and_what_was_paid_for_stay(kept: Archive) -> None:
    song, refs = await kept.song("upload.wav", "bought.wav", "own.wav")
    made = await kept.store.aput_json({"outputs": [refs["bought.wav"]]})
    upload = ReferenceTrack(
        owner=fresh("owner"), hash=refs["upload.wav"], size=8, media_type="audio/wav", created_at=old()
    )
    charge = Charge(
        composition_id=song, owner="o", stage=Stage.MIXING, step_key="k", provider="suno", task=Task.FULL_SONG
    )
    async with kept.database.session() as session:
        session.add(upload)
        begun = await ledger.begin(session, charge)
    async with kept.database.session() as session:
        assert await ledger.succeeded(session, begun.id, result=made)
    await kept.put_away(song)
    await kept.sweep()
    assert await kept.there(refs) == {"upload.wav", "bought.wav"}
    assert await kept.store.aexists(made)


async def test_only_what_was_archived_long_enough_goes_and_only_in_the_second_run(kept: Archive) -> None:
    young, fresh_refs = await kept.song("young.wav")
    aged, refs = await kept.song("old.wav")
    await kept.put_away(young, now() - timedelta(days=29))
    await kept.put_away(aged)
    patient = RetentionRun(days=30, pause_s=3600, lease_s=0)
    await kept.sweeper.condemn(patient, now())
    await kept.sweeper.remove(patient, now() + timedelta(minutes=50))
    assert await kept.there(refs) == set(refs)
    assert await kept.there(fresh_refs) == set(fresh_refs)
    async with kept.database.session() as session:
        assert await restore(session, aged, now=now())
    await kept.sweeper.remove(patient, now() + timedelta(hours=2))
    assert await kept.there(refs) == set(refs)
    assert (await kept.row(aged)).condemned_at is None


async def test_no_step_reuses_a_condemned_file(kept: Archive) -> None:
    song, refs = await kept.song("stem.wav")
    other = await kept.store.aput(b"RIFF other")
    for key, hash in ((f"{song}-a", refs["stem.wav"]), (f"{song}-b", other)):
        result = StepResult(step="mix", key=key, cached=False, seconds=1, outputs={"mix": _artifact(hash)})
        async with kept.database.session() as session:
            await save_step(session, key, result)
    await kept.put_away(song)
    await kept.sweeper.condemn(RUN, now())
    async with kept.database.session() as session:
        assert await find_step(session, f"{song}-a") is None
        assert await find_step(session, f"{song}-b") is not None
        left = (await session.exec(select(StepCache).where(col(StepCache.key).startswith(song)))).all()
    assert [row.key for row in left] == [f"{song}-b"]


async def test_what_somebody_has_just_put_again_stays(kept: Archive) -> None:
    song, refs = await kept.song("again.wav", "own.wav")
    for hash in refs.values():
        _age(Path(kept.store.name, hash[:2], hash[2:4], hash))
    await kept.put_away(song)
    await kept.sweeper.condemn(RUN, now())
    assert await kept.store.aput(b"RIFFagain.wav") == refs["again.wav"]
    await kept.sweeper.remove(RetentionRun(days=30, pause_s=0, lease_s=3600), later())
    assert await kept.there(refs) == {"again.wav"}


def _age(path: Path) -> None:
    long_ago = (now() - timedelta(days=2)).timestamp()
    os.utime(path, (long_ago, long_ago))


@pytest.mark.parametrize("after", [0, 1, 2, 3, 5])
async def test_a_sweep_that_is_killed_is_taken_up_again(kept: Archive, after: int) -> None:
    """Killed after any number of files: nothing is left over, nothing else is taken."""
    songs = [await kept.song(f"a{after}-{n}.wav", "common.wav") for n in range(2)]
    _, ours = await kept.song("ours.wav", head=None)
    for song, _ in songs:
        await kept.put_away(song)
    await kept.sweeper.condemn(RUN, now())
    deleted = kept.store.adelete_unused
    count = 0

    async def dying(hash: str, before: datetime) -> int:
        nonlocal count
        if count == after:
            raise asyncio.CancelledError
        count += 1
        return await deleted(hash, before)

    kept.store.adelete_unused = dying  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        await kept.sweeper.remove(RUN, later())
    kept.store.adelete_unused = deleted  # type: ignore[method-assign]
    assert (await kept.row(songs[0][0])).files_removed_at is None
    async with kept.database.session() as session:
        assert not await restore(session, songs[0][0], now=later())
    await kept.sweeper.remove(RUN, later())
    for song, refs in songs:
        assert await kept.there(refs) == set()
        assert (await kept.row(song)).files_removed_at is not None
    assert await kept.there(ours) == set(ours)


async def test_a_put_at_the_moment_of_the_removal_wins(kept: Archive) -> None:
    """Two hundred rounds of both at once: the object is there afterwards whenever its put came last."""
    for round_ in range(200):
        data = f"RIFF{round_}".encode()
        hash = await kept.store.aput(data)
        _age(Path(kept.store.name, hash[:2], hash[2:4], hash))
        put, gone = await asyncio.gather(
            kept.store.aput(data), kept.store.adelete_unused(hash, now() - timedelta(hours=1))
        )
        if not await kept.store.aexists(hash):
            assert gone
        assert put == hash
