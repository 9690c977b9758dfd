import io
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.providers.servers.base import Fault, Pace
from tests.providers.servers.mureka import Mureka

SONG: dict[str, Any] = {"lyrics": "[Verse]\nthe ferry leaves", "model": "mureka-9", "n": 1, "prompt": "dream pop"}


@pytest.fixture
def mureka() -> Iterator[Mureka]:
    with Mureka() as server:
        yield server


@pytest.fixture
def client(mureka: Mureka) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{mureka.url}/v1", headers={"authorization": "Bearer test-key"}) as made:
        yield made


def test_a_song_goes_through_its_states_and_has_three_formats(mureka: Mureka, client: httpx.Client) -> None:
    mureka.pace = Pace(polls=4)
    made = client.post("/song/generate", json=SONG).json()
    assert made["status"] == "preparing"
    seen = [client.get(f"/song/query/{made['id']}").json() for _ in range(5)]
    assert [one["status"] for one in seen] == ["preparing", "queued", "running", "reviewing", "succeeded"]
    choice = seen[4]["choices"][0]
    heads = [client.get(choice[name]).content[:4] for name in ("flac_url", "wav_url")]
    assert heads == [b"fLaC", b"RIFF"]
    assert choice["duration"] == 12_000
    words = choice["lyrics_sections"][0]["lines"][0]["words"]
    assert [word["text"] for word in words] == ["the", "ferry", "leaves"]
    assert client.get(f"/instrumental/query/{made['id']}").status_code == 404


def test_takes_not_named_are_two_and_each_is_billed(mureka: Mureka, client: httpx.Client) -> None:
    mureka.pace = Pace(polls=0)
    body = {name: value for name, value in SONG.items() if name != "n"}
    made = client.post("/song/generate", json=body).json()["id"]
    assert len(client.get(f"/song/query/{made}").json()["choices"]) == 2
    assert [(one.usd, one.identity) for one in mureka.charges] == [(Decimal("0.045"), "dream pop")] * 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/song/generate", {**SONG, "title": "x"}),
        ("/song/generate", {**SONG, "lyrics": ""}),
        ("/song/generate", {**SONG, "lyrics": "l" * 5001}),
        ("/song/generate", {**SONG, "n": 4}),
        ("/song/generate", {**SONG, "model": "suno"}),
        ("/song/generate", {**SONG, "prompt": "p" * 1025}),
        ("/song/generate", {**SONG, "melody_id": "file-1"}),
        ("/song/generate", {**SONG, "vocal_id": "unknown"}),
        ("/instrumental/generate", {"model": "mureka-9"}),
        ("/instrumental/generate", {"model": "mureka-o2", "prompt": "x"}),
        ("/instrumental/generate", {"model": "mureka-9", "prompt": "x", "instrumental_id": "y"}),
        ("/song/easy-generate", {"prompt": "p" * 2001}),
        ("/song/extend", {"song_id": "none", "lyrics": "l", "extend_at": 8000}),
    ],
)
def test_what_it_does_not_accept_costs_nothing(
    mureka: Mureka, client: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert answer.json()["trace_id"]
    assert mureka.charges == []


def test_key_quota_concurrency_and_the_documented_errors(mureka: Mureka, client: httpx.Client) -> None:
    assert httpx.post(f"{mureka.url}/v1/song/generate", json=SONG).status_code == 401
    mureka.concurrent = 1
    assert client.post("/song/generate", json=SONG).status_code == 200
    refused = client.post("/song/generate", json=SONG)
    assert (refused.status_code, "concurrent" in refused.json()["error"]["message"]) == (429, True)
    mureka.concurrent = None
    mureka.balance = Decimal("0.05")
    assert client.get("/account/billing").json()["balance"] == 0.05
    short = client.post("/song/generate", json={**SONG, "n": 2})
    assert (short.status_code, "quota" in short.json()["error"]["message"]) == (429, True)
    for name, status in (("plan_denied", 403), ("moderation", 451), ("overloaded", 503), ("upstream", 500)):
        mureka.fail_next(name)
        assert client.post("/song/generate", json=SONG).status_code == status
    assert len(mureka.charges) == 1


def test_a_lost_answer_was_charged_and_jobs_end_badly_when_told(mureka: Mureka, client: httpx.Client) -> None:
    mureka.fail_next(Fault.lost())
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/song/generate", json=SONG)
    assert mureka.spent == Decimal("0.045")
    mureka.pace = Pace(polls=0)
    for ending, status in (("failed", "failed"), ("timeouted", "timeouted"), ("moderation", "failed")):
        mureka.end_next_with(ending)
        seen = client.get(f"/song/query/{client.post('/song/generate', json=SONG).json()['id']}").json()
        assert (seen["status"], "choices" in seen) == (status, False)
    assert "safety" in seen["failed_reason"]


def test_streams_instrumentals_and_the_rest(mureka: Mureka, client: httpx.Client) -> None:
    mureka.pace = Pace(polls=5)
    made = client.post(
        "/instrumental/generate", json={"model": "auto", "prompt": "calm", "n": 1, "stream": True}
    ).json()
    seen = [client.get(f"/instrumental/query/{made['id']}").json() for _ in range(6)]
    assert [one["status"] for one in seen][3] == "streaming"
    assert "stream_url" in seen[3]["choices"][0]
    stems = client.post("/song/stem", json={"url": seen[5]["choices"][0]["wav_url"]}).json()
    packed = zipfile.ZipFile(io.BytesIO(client.get(stems["zip_url"]).content))
    assert packed.namelist() == ["vocals.wav", "drums.wav", "bass.wav", "other.wav"]
    assert "a ferry" in client.post("/lyrics/generate", json={"prompt": "a ferry"}).json()["lyrics"]
    sent = client.post("/files/upload", files={"file": ("v.mp3", b"ID3")}, data={"purpose": "vocal"}).json()
    assert client.post("/song/generate", json={**SONG, "vocal_id": sent["id"]}).status_code == 200
    o2 = {**SONG, "model": "mureka-o2", "vocal_id": sent["id"]}
    assert client.post("/song/generate", json=o2).status_code == 400
    bad = client.post("/files/upload", files={"file": ("v.mp3", b"ID3")}, data={"purpose": "other"})
    assert bad.status_code == 400
    assert mureka.spent == Decimal("0.045") * 2 + Decimal("0.06") + Decimal("0.009")


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [(12_000, 15_000, 200), (11_999, 20_000, 400), (20_000, 22_999, 400), (30_000, 48_001, 400)],
)
def test_a_region_has_its_limits(mureka: Mureka, client: httpx.Client, start: int, end: int, status: int) -> None:
    song = mureka.known_song(seconds=60)
    body = {"song_id": song, "edit_start": start, "edit_end": end, "lyrics": "new words"}
    assert client.post("/song/region-edit", json=body).status_code == status
    assert len(mureka.charges) == (status == 200)
