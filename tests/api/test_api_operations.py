"""Health, metrics, the OpenAPI document, and what the API does not load."""

import subprocess
import sys

from api.problems import KINDS
from domain.errors import SostenutoError
from tests.api.conftest import Api


async def test_ready_with_everything_there(api: Api) -> None:
    answer = await api.http.get("/readyz")
    assert answer.status_code == 200, answer.text
    checks = answer.json()["checks"]
    assert set(checks) == {"database", "media_store", "temporal", "worker:sostenuto", "worker:sostenuto-audio"}
    assert all(check["ok"] for check in checks.values())


async def test_without_temporal_the_api_lives_reads_and_says_what_is_missing(lone_api: Api) -> None:
    assert (await lone_api.http.get("/livez")).json()["status"] == "ok"
    answer = await lone_api.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    checks = answer.json()["checks"]
    assert {name for name, check in checks.items() if not check["ok"]} == {
        "temporal", "worker:sostenuto", "worker:sostenuto-audio",
    }  # fmt: skip
    assert (await lone_api.http.get("/v1/compositions")).status_code == 200


async def test_counters_are_shown_by_route(api: Api) -> None:
    song = await api.start()
    await api.http.get(f"/v1/compositions/{song}")
    shown = await api.http.get("/metrics")
    assert shown.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'sostenuto_http_requests_total{method="GET",route="/v1/compositions/{id}",status="200"}' in shown.text
    assert "# TYPE sostenuto_songs_started_total counter" in shown.text
    assert song not in shown.text


async def test_every_kind_of_problem_can_be_looked_up(api: Api) -> None:
    def leaves(root: type[SostenutoError]) -> set[str]:
        own = (sub for sub in root.__subclasses__() if sub.__module__ == "domain.errors")
        return {root.code} | {code for sub in own for code in leaves(sub)}

    assert leaves(SostenutoError) - {"error"} <= set(KINDS)
    for code, title in KINDS.items():
        assert (await api.http.get(f"/problems/{code}")).json() == {"code": code, "title": title}


async def test_the_documentation_is_served(api: Api) -> None:
    assert (await api.http.get("/openapi.json")).json()["info"]["title"] == "Sostenuto"
    page = await api.http.get("/docs")
    assert page.status_code == 200
    assert "script-src" in page.headers["content-security-policy"]


def test_the_api_loads_neither_sound_nor_activities() -> None:
    code = (
        "import sys, api.server;"
        "bad = {'numba', 'scipy', 'numpy', 'activities', 'music', 'audio', 'workflows'} & set(sys.modules);"
        "sys.exit(repr(bad) if bad else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
