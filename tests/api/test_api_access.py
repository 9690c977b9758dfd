"""Who may come in: keys, owners, hosts, foreign pages, and what no answer and no log may tell."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import structlog
from pydantic import SecretStr

from api.access import check_binding
from api.app import create_app
from api.callers import owner_of
from domain.errors import InvalidInput
from tests.api.conftest import PROMPT, Api, serving, settings_in
from tests.fixtures.temporal import free_port

KEYS = ["first-key-0123456789", "second-key-0123456789"]


@pytest.fixture
async def keyed(tmp_path: Path) -> AsyncIterator[Api]:
    settings = settings_in(
        tmp_path, temporal_address=f"127.0.0.1:{free_port()}", api_keys=[SecretStr(key) for key in KEYS]
    )
    async with serving(settings) as served:
        yield served


def _as(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_without_a_valid_key_nothing_is_told(keyed: Api) -> None:
    for headers in (
        {},
        _as("wrong"),
        {"Authorization": "Bearer"},
        {"Authorization": KEYS[0]},
        {"Authorization": f"Basic {KEYS[0]}"},
    ):
        for path in ("/v1/compositions", "/v1/compositions/none", f"/v1/media/{'0' * 64}/content"):
            answer = await keyed.http.get(path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (await keyed.http.get("/livez")).status_code == 200


async def test_somebody_elses_song_is_404(keyed: Api) -> None:
    answer = await keyed.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=_as(KEYS[0]))
    song = answer.json()
    assert song["owner"] == owner_of(KEYS[0])
    root = f"/v1/compositions/{song['id']}"
    paths = ("", "/status", "/history", "/stages/mixing", "/media", "/enhancements", "/events", "/download")
    for path in paths:
        other = await keyed.http.get(root + path, headers=_as(KEYS[1]))
        assert (other.status_code, other.json()["code"]) == (404, "not_found")
    assert (await keyed.http.post(f"{root}/holds", headers=_as(KEYS[1]))).status_code == 404
    assert (await keyed.http.get(root, headers=_as(KEYS[0]))).status_code == 200
    assert (await keyed.http.get("/v1/compositions", headers=_as(KEYS[1]))).json()["items"] == []


async def test_two_owners_with_one_idempotency_key_have_two_songs(keyed: Api) -> None:
    ids = [
        (
            await keyed.http.post(
                "/v1/compositions", json={"prompt": PROMPT}, headers=_as(key) | {"Idempotency-Key": "same"}
            )
        ).json()["id"]
        for key in KEYS
    ]
    assert len(set(ids)) == 2


async def test_a_foreign_host_is_refused_without_keys(lone_api: Api) -> None:
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", ""):
        answer = await lone_api.http.get("/v1/compositions", headers={"Host": host})
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_host")
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"):
        assert (await lone_api.http.get("/v1/compositions", headers={"Host": host})).status_code == 200


async def test_a_foreign_page_cannot_change_anything_without_keys(lone_api: Api) -> None:
    foreign = (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    )
    for headers in foreign:
        answer = await lone_api.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert (await lone_api.http.get("/v1/compositions")).json()["items"] == []
    own = {"Origin": "http://localhost:5173", "Sec-Fetch-Site": "same-site"}
    assert (await lone_api.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=own)).status_code == 202


async def test_every_answer_has_the_security_headers(lone_api: Api) -> None:
    for path in ("/livez", "/v1/compositions", "/nothing"):
        headers = (await lone_api.http.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert headers["x-request-id"]
        assert "server" not in headers


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org"])
def test_listening_to_others_without_keys_refuses_to_start(tmp_path: Path, host: str) -> None:
    settings = settings_in(tmp_path, api_host=host)
    with pytest.raises(InvalidInput, match="SOSTENUTO_API_KEYS"):
        check_binding(settings)
    with pytest.raises(InvalidInput):
        create_app(settings)
    check_binding(settings_in(tmp_path, api_host=host, api_keys=[SecretStr(KEYS[0])]))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "[::1]", "localhost", "127.0.0.2"])
def test_loopback_needs_no_key(tmp_path: Path, host: str) -> None:
    check_binding(settings_in(tmp_path, api_host=host))


def test_a_short_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_binding(settings_in(tmp_path, api_keys=[SecretStr("secret")]))
    assert "secret" not in str(caught.value)


async def test_no_secret_reaches_log_or_answer(keyed: Api, capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as lines:
        await keyed.http.get("/v1/compositions", params={"text": "private words"}, headers=_as(KEYS[0]))
        answer = await keyed.http.post("/v1/compositions", json={"prompt": "private words"}, headers=_as(KEYS[0]))
    shown = repr(lines) + capsys.readouterr().out + capsys.readouterr().err
    assert KEYS[0] not in shown
    assert "private words" not in shown
    assert KEYS[0] not in answer.text + repr(httpx.Headers(answer.headers))
