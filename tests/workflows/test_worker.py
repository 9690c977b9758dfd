"""The worker process: versioning, waiting for its server, and what crosses an activity boundary."""

import pytest
from temporalio.common import VersioningBehavior

import worker
from activities.runner import weighed
from domain.errors import ServerUnavailable
from domain.steps import MAX_PAYLOAD_BYTES, StepResult
from storage.config import load_settings
from tests.fixtures.temporal import free_port


def test_versions_are_for_operators_who_name_a_build():
    assert worker.versioning({}) is None
    config = worker.versioning({"SOSTENUTO_BUILD_ID": "2026-11-22"})
    assert config is not None
    assert config.version.build_id == "2026-11-22"
    assert config.default_versioning_behavior is VersioningBehavior.PINNED


async def test_a_server_that_stays_away_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(worker, "CONNECT_PAUSES_S", (0.0, 0.0))
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(ServerUnavailable, match=address):
        await worker.connect(load_settings(data_dir=tmp_path, temporal_address=address))


def test_a_result_too_heavy_for_the_history_is_refused():
    light = StepResult(step="mix", key="k", cached=False, seconds=1)
    assert weighed(light) is light
    heavy = light.model_copy(update={"measured": {"note": "x" * MAX_PAYLOAD_BYTES}})
    with pytest.raises(ValueError, match="mix answers with"):
        weighed(heavy)
