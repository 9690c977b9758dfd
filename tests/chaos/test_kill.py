"""Kill -9 of the worker and of the Temporal server: the song goes on, computes nothing twice, and is the same."""

import asyncio
import shutil
import time
from datetime import UTC
from pathlib import Path

import pytest
from temporalio.client import WorkflowHandle

from domain.stages import SongStatus, Stage
from tests.chaos.conftest import Site, computed_keys, files_of

pytestmark = pytest.mark.chaos

HEARTBEAT_S = 5
GRACE_S = 3


def at(stage):
    return lambda s: s.stage is stage and s.status is SongStatus.RUNNING


async def test_killed_in_production_and_in_mastering_the_song_is_byte_identical(site, undisturbed):
    handle = await site.start_song()
    await site.until(handle, at(Stage.PRODUCTION))
    await asyncio.sleep(1.0)
    site.kill("worker", "temporal")
    site.start_temporal()
    site.start_worker()
    await site.until(handle, at(Stage.MASTERING))
    site.kill("temporal", "worker")
    site.start_worker()
    site.start_temporal()
    shown = await site.finished(handle)
    assert shown.status is SongStatus.COMPLETED
    assert files_of(shown) == undisturbed
    keys = await computed_keys(handle)
    assert len(keys) == len(set(keys))


async def test_killed_at_rest_it_goes_on_within_three_seconds(site):
    handle = await site.start_song(review=["ideation"])
    await site.until(handle, lambda s: s.status is SongStatus.WAITING and s.recorded)
    site.kill("worker")
    spare = Site(site.folder, port=site.port)
    spare.start_worker()
    try:
        await _ready(spare, 2)
        began = time.monotonic()
        await handle.signal("advance", {})
        await site.until(handle, lambda s: s.stage is not Stage.IDEATION)
        assert time.monotonic() - began <= GRACE_S
    finally:
        spare.close()


@pytest.mark.long
async def test_killed_inside_a_step_it_goes_on_after_the_heartbeat(site):
    spare = Site(site.folder, port=site.port)
    spare.start_worker()
    try:
        await _ready(spare, 2)
        handle = await site.start_song(seed=6)
        await _at_work(site, handle, "render")
        site.kill("worker")
        killed = time.time()
        await site.finished(handle)
        history = await handle.fetch_history()
        again = [
            e.event_time.ToDatetime(tzinfo=UTC).timestamp()
            for e in history.events
            if e.HasField("activity_task_started_event_attributes")
            and e.activity_task_started_event_attributes.attempt > 1
        ]
        assert again
        assert min(again) - killed <= HEARTBEAT_S + GRACE_S
    finally:
        spare.close()


@pytest.mark.long
async def test_the_media_store_away_blocks_with_the_reason_and_goes_on_by_retry(site):
    handle = await site.start_song(seed=7, review=["composition"])
    await site.until(handle, lambda s: s.stage is Stage.COMPOSITION and s.status is SongStatus.WAITING and s.recorded)
    media, aside = site.folder / "media", site.folder / "aside"
    shutil.move(media, aside)
    media.write_text("no folder any more")
    await handle.signal("advance", {})
    shown = await site.until(handle, lambda s: s.status is SongStatus.BLOCKED)
    assert "media" in shown.blocked.reason
    media.unlink()
    shutil.move(aside, media)
    await handle.signal("retry", {})
    assert (await site.finished(handle)).status is SongStatus.COMPLETED


@pytest.mark.postgres
@pytest.mark.long
async def test_on_postgresql_and_s3_a_killed_song_is_the_same(tmp_path: Path, new_postgres_url, s3_server, undisturbed):
    site = Site(
        tmp_path,
        environment={
            "SOSTENUTO_DATABASE_URL": new_postgres_url(),
            "SOSTENUTO_MEDIA_URL": f"s3://{s3_server.bucket}/songs",
            "SOSTENUTO_S3_ENDPOINT": s3_server.endpoint,
            "SOSTENUTO_S3_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": s3_server.access_key_id,
            "AWS_SECRET_ACCESS_KEY": s3_server.secret_access_key,
        },
    )
    site.start_temporal()
    site.start_worker()
    try:
        handle = await site.start_song()
        await site.until(handle, at(Stage.PRODUCTION))
        await asyncio.sleep(1.0)
        site.kill("worker")
        site.start_worker()
        shown = await site.finished(handle)
        assert shown.status is SongStatus.COMPLETED, shown.blocked
        assert files_of(shown) == undisturbed
        assert not (tmp_path / "media").exists()
    finally:
        site.close()


async def _ready(site: Site, workers: int) -> None:
    """Wait until so many workers have started on the site's folder: their start-up is not what is measured."""
    for _ in range(600):
        if (site.folder / "worker.log").read_text().count("worker ready") >= workers:
            return
        await asyncio.sleep(0.1)
    raise TimeoutError("the workers do not start")


async def _at_work(site: Site, handle: WorkflowHandle, step: str) -> None:
    """Wait until the site's own worker has such a step in hand."""
    assert site.worker
    for _ in range(600):
        pending = (await handle.describe()).raw_description.pending_activities
        owners = {p.last_worker_identity for p in pending if p.activity_type.name == step}
        if any(owner.startswith(f"{site.worker.pid}@") for owner in owners):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"the worker never had {step} in hand")
