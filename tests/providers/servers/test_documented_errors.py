"""Every error a vendor documents can be met on its submit, leaves no charge, and is followed by a normal answer."""

from typing import Any

import httpx
import pytest

from tests.providers.servers.ace_step import AceStep
from tests.providers.servers.base import ContractServer
from tests.providers.servers.kie import Kie
from tests.providers.servers.mureka import Mureka
from tests.providers.servers.piapi import PiApi
from tests.providers.servers.sunoapi import SunoApi
from tests.providers.servers.test_ace_step_server import SONG as ACE
from tests.providers.servers.test_kie_server import TASK as KIE
from tests.providers.servers.test_mureka_server import SONG as MUREKA
from tests.providers.servers.test_piapi_server import TASK as PIAPI
from tests.providers.servers.test_sunoapi_server import SONG as SUNO

SUBMITS: list[tuple[type[ContractServer], str, dict[str, Any]]] = [
    (SunoApi, "/api/v1/generate", SUNO),
    (Kie, "/api/v1/jobs/createTask", KIE),
    (PiApi, "/api/v1/task", PIAPI),
    (Mureka, "/v1/song/generate", MUREKA),
    (AceStep, "/release_task", ACE),
]


@pytest.mark.parametrize(("vendor", "path", "body"), SUBMITS, ids=[one[0].__name__ for one in SUBMITS])
def test_each_documented_error_is_met_once_and_free(
    vendor: type[ContractServer], path: str, body: dict[str, Any]
) -> None:
    headers = {"authorization": "Bearer test-key", "x-api-key": "test-key"}
    with vendor() as server, httpx.Client(base_url=server.url, headers=headers) as client:
        for name, answer in vendor.ERRORS.items():
            server.fail_next(name, path=path)
            got = client.post(path, json=body)
            assert (name, got.status_code, got.json()) == (name, answer.status, answer.body)
        assert set(vendor.PASSING) <= set(vendor.ERRORS)
        assert server.charges == []
        assert client.post(path, json=body).status_code == 200
        assert len(server.charges) == 1
        assert len(server.requests) == len(vendor.ERRORS) + 1
