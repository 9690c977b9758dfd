"""A hundred thousand songs for the API's benchmark, written straight into the tables, with documents for some."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import numpy as np
from sqlmodel import insert

from domain.projection import StageSummary
from domain.seeds import derive
from domain.settings import SongSettings
from domain.stages import ORDER, SongStatus, Stage, StageStatus
from domain.steps import Artifact, MediaType, StageResult, StepResult
from storage.contexts import documents_of, keep_context, read_context
from storage.database import Database
from storage.media import MediaStore
from storage.records import Composition, derived_id

BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
BATCH: Final = 2000
SHARES: Final = (0.9, 0.09, 0.01)
"""How the songs go to the owners: one has most of them."""
GENRES: Final = ("lo-fi", "house", "waltz", "metal", "ambient", "bossa nova", "folk", "funk", "blues", "synthwave")
MOODS: Final = ("calm", "bright", "dark", "slow", "hopeful", "restless", "warm", "cold")
PATCHES: Final[Mapping[Stage, Mapping[str, Any]]] = {
    Stage.IDEATION: {
        "musical": {"genre": ["ambient"], "key": "F", "tempo": 80, "instruments": ["piano", "strings", "bass"]},
        "technical": {"duration": 60},
    },
    Stage.COMPOSITION: {"musical": {"chord_progression": {"all": ["F", "Bb", "Gm", "C"]}}},
    Stage.ARRANGEMENT: {
        "musical": {"structure": [{"name": "verse", "duration": 8}, {"name": "chorus", "duration": 8}]}
    },
}
STEPS_A_STAGE: Final = 5


def song_ids(count: int) -> list[str]:
    """Ids of the songs."""
    return [derived_id("benchmark", number) for number in range(count)]


async def fill(database: Database, store: MediaStore, owners: Sequence[str], count: int, documented: int) -> None:
    """`count` songs of `owners`; the first `documented` of the first owner each have documents of their own."""
    refs = await asyncio.to_thread(_documents, store, documented)
    rows = _rows(owners, count, refs)
    async with database.session() as session:
        for number, (song, (person, results)) in enumerate(zip(song_ids(documented), refs, strict=True)):
            # As the projector keeps them.
            documents = documents_of(person, _stage(number), results)
            await keep_context(session, song, documents, read_context(store, documents))
    for _ in range(0, count, BATCH):
        async with database.session() as session:
            await session.exec(insert(Composition), params=list(islice(rows, BATCH)))
    if not database.is_sqlite:
        async with database.engine.connect() as connection:
            # What the server does by itself within minutes, at a time that would be told as the API's.
            settled = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await settled.exec_driver_sql("VACUUM (ANALYZE)")
            await settled.exec_driver_sql("CHECKPOINT")


def _rows(owners: Sequence[str], count: int, refs: Sequence[tuple[str, dict[Stage, str]]]) -> Iterator[dict[str, Any]]:
    draw = np.random.default_rng(derive(1, "api benchmark"))
    bounds = np.cumsum(SHARES) * count
    for number, song in enumerate(song_ids(count)):
        owner = owners[int(np.searchsorted(bounds, number, side="right").clip(max=len(owners) - 1))]
        mood, genre = MOODS[int(draw.integers(len(MOODS)))], GENRES[int(draw.integers(len(GENRES)))]
        yield _row(number, song, owner, f"{mood} {genre} in three minutes, number {number}", refs)


def _row(
    number: int, song: str, owner: str, prompt: str, refs: Sequence[tuple[str, dict[Stage, str]]]
) -> dict[str, Any]:
    person, results = refs[number] if number < len(refs) else (None, {})
    # Changed in an order of its own, so that a page of the list is spread over the table.
    changed = BEGAN + timedelta(seconds=(number * 7919) % 10_000_000)
    done = number % 5 != 0
    row = Composition(
        id=song, owner=owner, title=prompt[:60], description=prompt, seed=number, family=song, started=True,
        settings=SongSettings().model_dump(mode="json"), person=person, last_seq=40, checks_ok=done,
        stage=_stage(number), progress=100.0 if done else 28.6,
        status=SongStatus.COMPLETED if done else SongStatus.WAITING, is_completed=done,
        allowed_commands=["revise", "revert", "choose_take"], allowed_targets=[stage.value for stage in ORDER[:2]],
        stage_data={stage.value: _summary(changed, results.get(stage)) for stage in ORDER},
        created_at=changed - timedelta(hours=1), updated_at=changed, completed_at=changed if done else None,
    )  # fmt: skip
    return row.model_dump()


def _stage(number: int) -> Stage:
    """Every fifth song waits after its composition."""
    return Stage.FINALIZATION if number % 5 else Stage.COMPOSITION


def _summary(at: datetime, result: str | None) -> dict[str, Any]:
    return StageSummary(
        status=StageStatus.DONE, revision=1, take=1, takes=1, result=result, context=None, started_at=at,
        completed_at=at, computed=STEPS_A_STAGE, reused=0, seconds=2.5,
    ).model_dump(mode="json")  # fmt: skip


def _documents(store: MediaStore, count: int) -> list[tuple[str, dict[Stage, str]]]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda number: _documents_of(store, number), range(count)))


def _documents_of(store: MediaStore, number: int) -> tuple[str, dict[Stage, str]]:
    """Hashes of a song's own settings and of the results of its stages: no two songs share a document."""
    person = store.put_json({"creative": {"preferences": {"number": str(number)}}})
    return person, {stage: store.put_json(_result(stage, number)) for stage in ORDER}


def _result(stage: Stage, number: int) -> StageResult:
    files = {
        f"file:{n}": Artifact(
            hash=f"{number:064x}", size=1000 + n, type=MediaType.DOCUMENT, media_type="application/json", filename=None
        )
        for n in range(STEPS_A_STAGE)
    }
    steps = tuple(
        StepResult(step=f"step {n}", key=f"{number:064x}", cached=False, seconds=0.5, outputs=files)
        for n in range(STEPS_A_STAGE)
    )
    return StageResult(
        stage=stage, revision=1, take=1, context="0" * 64, patch=dict(PATCHES.get(stage, {})), artifacts=files,
        measured={"number": number}, steps=steps,
    )  # fmt: skip
