"""Limits of one caller: requests, new songs, songs at work, money of the day; what they have left is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection

from api.callers import owner_of
from api.rates import OFF, Rate, address_of, rate_of
from domain.errors import InvalidInput
from domain.stages import SongStatus, Stage
from storage.clock import utc_now
from storage.config import load_settings
from storage.records import Composition, ProviderTask, TaskStatus
from tests.api.conftest import PROMPT, Api
from tests.api.people import FIRST, SECOND, bearer, database, issued, keyed_api, song_of, told


async def start(api: Api, key: str = FIRST, **settings: Any) -> httpx.Response:
    body = {"prompt": PROMPT, "settings": settings}
    return await api.http.post("/v1/compositions", json=body, headers=bearer(key))


async def test_requests_are_counted_for_each_caller(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, rate_limit="5/hour") as api:
        new = await issued(api)
        answers = [await api.http.get("/v1/compositions", headers=bearer(key)) for key in (FIRST, new["key"]) * 2]
        left = [int(answer.headers["ratelimit-remaining"]) for answer in answers]
        assert (left, answers[0].headers["ratelimit-limit"]) == ([3, 2, 1, 0], "5")
        over = await api.http.get("/v1/compositions", headers=bearer(FIRST))
        assert told(over) == (429, "too_many_requests")
        assert 1 <= int(over.headers["retry-after"]) <= 3600
        assert over.headers["ratelimit-remaining"] == "0"
        # Neither another caller nor somebody unknown pays for it; and who looks whether we live is never counted.
        assert (await api.http.get("/v1/compositions", headers=bearer(SECOND))).status_code == 200
        assert (await api.http.get("/v1/compositions")).status_code == 401
        alive = await api.http.get("/livez", headers=bearer(FIRST))
        assert (alive.status_code, "ratelimit-limit" in alive.headers) == (200, False)


async def test_somebody_unknown_is_counted_by_address(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, rate_limit="2/hour") as api:
        found = [(await api.http.get("/v1/compositions")).status_code for _ in range(4)]
    assert found == [401, 401, 429, 429]


async def test_concurrent_requests_do_not_slip_through(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, rate_limit="10/hour") as api:
        answers = await asyncio.gather(*(api.http.get("/v1/me", headers=bearer(FIRST)) for _ in range(25)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 15


async def test_a_limit_can_be_off(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, rate_limit="off", start_limit="off", max_running_songs=0) as api:
        answer = await api.http.get("/v1/me", headers=bearer(FIRST))
    assert "ratelimit-limit" not in answer.headers
    limits = answer.json()["limits"]
    assert (limits["requests"], limits["starts"], limits["running_songs"]["limit"]) == (None, None, None)


async def test_the_local_user_has_no_limits(lone_api: Api) -> None:
    limits = (await lone_api.http.get("/v1/me")).json()["limits"]
    assert (limits["requests"], limits["starts"], limits["running_songs"]["limit"]) == (None, None, None)


async def test_songs_are_started_no_faster_than_allowed(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, start_limit="2/hour") as api:
        found = [(await start(api)).status_code for _ in range(3)]
        assert found == [202, 202, 429]
        assert (await start(api, SECOND)).status_code == 202
        repeated = bearer(SECOND) | {"Idempotency-Key": "same"}
        again = [
            (await api.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=repeated)).status_code
            for _ in range(3)
        ]
        assert again == [202, 202, 202]


async def test_no_more_songs_are_at_work_than_allowed_however_many_ask_at_once(tmp_path: Path) -> None:
    async with keyed_api(tmp_path, max_running_songs=3) as api:
        answers = await asyncio.gather(*(start(api) for _ in range(12)))
        assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 9
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["code"] == "limit_reached"
        assert int(refused.headers["retry-after"]) > 0
        listed = (await api.http.get("/v1/compositions", headers=bearer(FIRST))).json()["items"]
        assert len(listed) == 3
        assert (await start(api, SECOND)).status_code == 202
        async with database(api).session() as session:
            song = await session.get(Composition, listed[0]["id"])
            assert song is not None
            song.status = SongStatus.WAITING
        assert (await start(api)).status_code == 202
        assert told(await start(api)) == (429, "limit_reached")


@asynccontextmanager
async def spent(folder: Path, dollars: str) -> AsyncIterator[Api]:
    async with keyed_api(folder, budget_owner_day=Decimal("1.00")) as api:
        song = (await song_of(api)).rpartition("/")[2]
        async with database(api).session() as session:
            session.add(
                ProviderTask(
                    id="t", composition_id=song, owner=owner_of(FIRST), provider="suno", task_type="full_song",
                    operation="full_song", stage=Stage.PRODUCTION, status=TaskStatus.SUCCEEDED, step_key="s",
                    charge_key="c", cost=Decimal(dollars), currency="USD", created_at=utc_now(),
                )
            )  # fmt: skip
        yield api


async def test_with_the_budget_used_up_no_song_that_asks_providers_starts(tmp_path: Path) -> None:
    async with spent(tmp_path, "1.00") as api:
        me = (await api.http.get("/v1/me", headers=bearer(FIRST))).json()
        assert {name: float(amount) for name, amount in me["limits"]["spend_today_usd"].items()} == {
            "limit": 1.0,
            "used": 1.0,
        }
        for settings in ({"production": "provider"}, {"providers_preferred": ["suno"]}):
            refused = await start(api, **settings)
            assert told(refused) == (429, "limit_reached")
            assert "$1" in refused.json()["detail"]
            assert 1 <= int(refused.headers["retry-after"]) <= 24 * 3600 + 1
        assert (await start(api)).status_code == 202
        assert (await start(api, production="builtin")).status_code == 202
        assert (await start(api, SECOND, production="provider")).status_code == 202


async def test_with_money_left_songs_start(tmp_path: Path) -> None:
    async with spent(tmp_path, "0.99") as api:
        assert (await start(api, production="provider")).status_code == 202


async def test_a_full_window_says_when_to_come_again() -> None:
    rate = Rate("2/minute", exact=True)
    assert [(await rate.hit("a")).allowed for _ in range(3)] == [True, True, False]
    assert 1 <= await rate.wait("a") <= 60
    assert await rate.wait("b") == 0


@pytest.mark.parametrize("words", ["600", "600/fortnight", "0/minute", "-1/minute", "a/minute", "1/minute; 2/hour"])
def test_a_rate_that_is_none_is_refused(tmp_path: Path, words: str) -> None:
    with pytest.raises(InvalidInput, match="600/minute"):
        load_settings(data_dir=tmp_path, rate_limit=words)


def test_off_is_no_rate() -> None:
    assert [rate_of(words) for words in OFF] == [None, None]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_a_network_in_ipv6(host: str, address: str) -> None:
    assert address_of(HTTPConnection({"type": "http", "client": (host, 1), "headers": []})) == address
