import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import soundfile

from tests.providers.servers.base import Fault, sound_file
from tests.providers.servers.stability import StabilityServer

NEW = "/v2beta/audio/stable-audio"
OLD = "/v2beta/audio/stable-audio-2"


@pytest.fixture(scope="module")
def running() -> Iterator[StabilityServer]:
    with StabilityServer() as server:
        yield server


@pytest.fixture
def stability(running: StabilityServer) -> StabilityServer:
    server = running.afresh()
    server.audio_seconds = 1.0
    return server


@pytest.fixture
def client(stability: StabilityServer) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stability.key}"}
    with httpx.Client(base_url=stability.url, headers=headers, timeout=5.0) as made:
        yield made


def form(**fields: Any) -> list[tuple[str, tuple[str | None, Any]]]:
    given = {"prompt": "slow piano", **fields}
    return [(name, (None, str(value))) for name, value in given.items()]


def with_audio(seconds: float, **fields: Any) -> list[Any]:
    return [*form(**fields), ("audio", ("in.wav", sound_file("wav", seconds, rate=8000), "audio/wav"))]


def test_the_status_is_the_state_and_the_last_body_is_the_sound(
    stability: StabilityServer, client: httpx.Client
) -> None:
    asked = client.post(f"{NEW}/text-to-audio", files=form(duration=120, output_format="wav", seed=7))
    assert asked.status_code == 202
    assert len(asked.json()["id"]) == 64
    at = f"/v2beta/audio/results/{asked.json()['id']}"
    states = [client.get(at, headers={"Accept": "audio/*"}).status_code for _ in range(2)]
    assert states == [202, 202]
    done = client.get(at, headers={"Accept": "audio/*"})
    assert done.headers["content-type"] == "audio/wav"
    assert (done.headers["seed"], done.headers["finish-reason"]) == ("7", "SUCCESS")
    assert soundfile.info(io.BytesIO(done.content)).duration == pytest.approx(1.0)
    assert [(charge.usd, charge.identity) for charge in stability.charges] == [(Decimal("0.26"), "slow piano")]


REFUSED_FORMS: tuple[dict[str, Any], ...] = (
    {"files": form(negative_prompt="drums")},
    {"files": form(duration=381)},
    {"files": form(duration="long")},
    {"files": form(steps=9)},
    {"files": form(output_format="flac")},
    {"files": form(model="stable-audio-2")},
    {"files": form(seed=4294967295)},
    {"files": form(prompt="")},
    {"files": form(strength=0.5)},
    {"json": {"prompt": "slow piano"}},
    {"data": {"prompt": "slow piano"}},
)


def test_what_the_form_may_not_say(stability: StabilityServer, client: httpx.Client) -> None:
    for wrong in REFUSED_FORMS:
        answer = client.post(f"{NEW}/text-to-audio", **wrong)
        assert (answer.status_code, answer.json()["name"]) == (400, "bad_request"), wrong
        assert answer.json()["errors"], wrong
    assert stability.charges == []
    assert stability.accepted == []


def test_audio_comes_last_and_has_a_length(stability: StabilityServer, client: httpx.Client) -> None:
    at = f"{NEW}/audio-to-audio"
    assert client.post(at, files=with_audio(7, strength=0.4)).status_code == 202
    assert client.post(at, files=with_audio(5)).status_code == 400
    assert client.post(at, files=with_audio(7)[::-1]).status_code == 400
    assert client.post(at, files=form()).status_code == 400
    assert client.post(f"{OLD}/audio-to-audio", files=with_audio(191)).status_code == 400
    assert len(stability.charges) == 1


def test_a_mask_has_a_start_before_its_end(client: httpx.Client) -> None:
    assert client.post(f"{NEW}/inpaint", files=with_audio(8, mask_start=4, mask_end=12)).status_code == 202
    assert client.post(f"{NEW}/inpaint", files=with_audio(8, mask_start=4, mask_end=4)).status_code == 400


def test_the_second_family_answers_at_once(stability: StabilityServer, client: httpx.Client) -> None:
    sound = client.post(f"{OLD}/text-to-audio", files=form(model="stable-audio-2.5", steps=8))
    assert sound.headers["content-type"] == "audio/mpeg"
    said = client.post(f"{OLD}/text-to-audio", files=form(steps=100), headers={"Accept": "application/json"}).json()
    assert set(said) == {"audio", "finish_reason", "seed"}
    assert stability.spent == Decimal("0.20") + Decimal("0.23")
    assert client.post(f"{OLD}/text-to-audio", files=form(model="stable-audio-2.5", steps=50)).status_code == 400


def test_credits_run_out(stability: StabilityServer, client: httpx.Client) -> None:
    stability.balance = Decimal(30)
    assert client.post(f"{NEW}/text-to-audio", files=form()).status_code == 202
    assert client.get("/v1/user/balance").json() == {"credits": 4.0}
    assert client.post(f"{NEW}/text-to-audio", files=form()).status_code == 402
    assert stability.spent == Decimal("0.26")


def test_who_asks_and_for_what(stability: StabilityServer, client: httpx.Client) -> None:
    wrong = {"Authorization": "Bearer no"}
    assert client.post(f"{NEW}/text-to-audio", files=form(), headers=wrong).status_code == 401
    assert client.get("/v2beta/audio/results/abc").json()["name"] == "not_found"
    assert client.post(f"{NEW}/sing", files=form()).status_code == 404
    stability.moderated, stability.foreign = ("gore",), ("schnell",)
    assert client.post(f"{NEW}/text-to-audio", files=form(prompt="Gore march")).status_code == 403
    assert client.post(f"{NEW}/text-to-audio", files=form(prompt="ein schneller Tanz")).status_code == 422
    assert stability.charges == []


def test_a_lockout_holds(stability: StabilityServer, client: httpx.Client) -> None:
    stability.rate_limit, stability.lockout_seconds = (3, 0.05), 0.3
    assert [client.get("/v1/user/balance").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    locked = client.get("/v1/user/balance")
    assert "retry-after" not in locked.headers
    stability._stopping.wait(0.35)
    assert client.get("/v1/user/balance").status_code == 200


def test_a_failure_is_free_and_a_lost_answer_is_not(stability: StabilityServer, client: httpx.Client) -> None:
    stability.pace = stability.pace.__class__(polls=0)
    stability.balance = Decimal(100)
    stability.end_next_with("failed")
    number = client.post(f"{NEW}/text-to-audio", files=form()).json()["id"]
    assert [client.get(f"/v2beta/audio/results/{number}").status_code for _ in range(2)] == [500, 500]
    assert (stability.spent, stability.balance) == (Decimal(0), Decimal(100))
    stability.fail_next(Fault.lost())
    with pytest.raises(httpx.TransportError):
        client.post(f"{NEW}/text-to-audio", files=form())
    assert stability.spent == Decimal("0.26")


def test_filtered_sound_is_silent_and_results_expire(stability: StabilityServer, client: httpx.Client) -> None:
    stability.pace = stability.pace.__class__(polls=0)
    stability.end_next_with("filtered")
    number = client.post(f"{NEW}/text-to-audio", files=form(output_format="wav")).json()["id"]
    answer = client.get(f"/v2beta/audio/results/{number}")
    assert answer.headers["finish-reason"] == "CONTENT_FILTERED"
    assert abs(soundfile.read(io.BytesIO(answer.content))[0]).max() == 0
    stability.expire_results()
    assert client.get(f"/v2beta/audio/results/{number}").status_code == 404


def test_random_faults_do_not_hang_on_the_boundary() -> None:
    met = []
    for _ in range(2):
        with StabilityServer() as server:
            server.fail_randomly(seed=3, share=0.5, lost=0.0, faults=["upstream"])
            with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}) as asks:
                met.append([asks.post(f"{NEW}/text-to-audio", files=form()).status_code for _ in range(8)])
    assert met[0] == met[1]
    assert set(met[0]) == {202, 500}
