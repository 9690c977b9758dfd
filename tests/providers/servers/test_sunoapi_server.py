import base64
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.providers.servers.base import Fault, Pace
from tests.providers.servers.sunoapi import SunoApi
from tests.providers.servers.test_base import Listener

SONG: dict[str, Any] = {
    "customMode": True,
    "instrumental": False,
    "model": "V5_5",
    "callBackUrl": "https://app.example/cb",
    "prompt": "[Verse]\nthe ferry leaves",
    "style": "dream pop",
    "title": "Night Ferry",
    "duration": 20,
}


@pytest.fixture
def suno() -> Iterator[SunoApi]:
    with SunoApi() as server:
        yield server


@pytest.fixture
def client(suno: SunoApi) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{suno.url}/api/v1", headers={"authorization": "Bearer test-key"}) as made:
        yield made


def post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 200
    return answer.json()


def states(client: httpx.Client, task: str, polls: int) -> list[str]:
    seen = [client.get("/generate/record-info", params={"taskId": task}).json()["data"] for _ in range(polls)]
    return [one["status"] for one in seen]


def test_a_song_comes_as_two_through_the_documented_states(suno: SunoApi, client: httpx.Client) -> None:
    suno.pace = Pace(polls=3)
    made = post(client, "/generate", SONG)
    assert (made["code"], made["msg"]) == (200, "success")
    task = made["data"]["taskId"]
    heard = []
    for _ in range(4):
        data = client.get("/generate/record-info", params={"taskId": task}).json()["data"]
        songs = (data["response"] or {"sunoData": []})["sunoData"]
        heard.append((data["status"], [bool(song["audioUrl"]) for song in songs]))
    assert heard == [
        ("PENDING", []),
        ("TEXT_SUCCESS", [False, False]),
        ("FIRST_SUCCESS", [True, False]),
        ("SUCCESS", [True, True]),
    ]
    assert {song["duration"] for song in songs} == {20.0}
    assert client.get(songs[0]["audioUrl"]).headers["content-type"] == "audio/mpeg"
    assert [(one.operation, one.usd, one.identity) for one in suno.charges] == [
        ("generate", Decimal("0.06"), "Night Ferry")
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"surprise": 1}, 400),
        ({"callBackUrl": None}, 400),
        ({"callBackUrl": "not a url"}, 400),
        ({"model": "V6"}, 400),
        ({"customMode": "yes"}, 400),
        ({"title": ""}, 400),
        ({"title": "t" * 101}, 400),
        ({"prompt": ""}, 400),
        ({"prompt": "p" * 5001}, 413),
        ({"model": "V4", "duration": None, "prompt": "p" * 3001}, 413),
        ({"style": "s" * 1001}, 400),
        ({"vocalGender": "x"}, 400),
        ({"styleWeight": 1.1}, 400),
        ({"duration": 9}, 400),
        ({"duration": 361}, 400),
        ({"model": "V5"}, 400),
        ({"customMode": False}, 400),
    ],
)
def test_what_it_does_not_accept_costs_nothing(
    suno: SunoApi, client: httpx.Client, change: dict[str, Any], code: int
) -> None:
    body = {name: value for name, value in {**SONG, **change}.items() if value is not None}
    assert post(client, "/generate", body)["code"] == code
    assert suno.charges == []
    assert suno.accepted == []


def test_keys_money_and_pace_are_checked(suno: SunoApi, client: httpx.Client) -> None:
    assert httpx.post(f"{suno.url}/api/v1/generate", json=SONG).json()["code"] == 401
    suno.balance = Decimal(13)
    assert client.get("/generate/credit").json()["data"] == 13
    assert post(client, "/generate", SONG)["code"] == 200
    assert post(client, "/generate", SONG)["code"] == 429
    assert client.get("/generate/credit").json()["data"] == 1
    suno.balance = None
    suno.rate_limit = (1, 10.0)
    assert [post(client, "/generate", SONG)["code"] for _ in range(2)] == [200, 430]
    assert len(suno.charges) == 2
    assert client.get("/generate/record-info", params={"taskId": "none"}).json()["code"] == 404
    suno.http_codes = True
    assert client.get("/generate/record-info", params={"taskId": "none"}).status_code == 404
    suno.fail_next("overloaded")
    assert client.get("/generate/credit").status_code == 455


def test_a_lost_answer_was_charged(suno: SunoApi, client: httpx.Client) -> None:
    suno.fail_next(Fault.lost(), path="/api/v1/generate")
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/generate", json=SONG)
    assert [one.identity for one in suno.charges] == ["Night Ferry"]


@pytest.mark.parametrize(
    ("ending", "passes", "code"),
    [
        ("CREATE_TASK_FAILED", ["PENDING", "CREATE_TASK_FAILED"], 500),
        ("GENERATE_AUDIO_FAILED", ["PENDING", "TEXT_SUCCESS", "GENERATE_AUDIO_FAILED"], 501),
        ("refunded", ["PENDING", "TEXT_SUCCESS", "GENERATE_AUDIO_FAILED"], 531),
        ("SENSITIVE_WORD_ERROR", ["PENDING", "SENSITIVE_WORD_ERROR"], 400),
        ("CALLBACK_EXCEPTION", ["PENDING", "TEXT_SUCCESS", "FIRST_SUCCESS", "CALLBACK_EXCEPTION"], 200),
    ],
)
def test_jobs_end_badly_when_told(
    suno: SunoApi, client: httpx.Client, ending: str, passes: list[str], code: int
) -> None:
    suno.pace = Pace(polls=len(passes) - 1)
    suno.end_next_with(ending)
    task = post(client, "/generate", SONG)["data"]["taskId"]
    assert states(client, task, len(passes)) == passes
    data = client.get("/generate/record-info", params={"taskId": task}).json()["data"]
    assert data["errorCode"] == code
    assert bool(data["response"]) == (ending == "CALLBACK_EXCEPTION")
    assert suno.spent == (0 if ending == "refunded" else Decimal("0.06"))


def test_three_callbacks_in_snake_case(suno: SunoApi, client: httpx.Client) -> None:
    with Listener(0) as listener:
        task = post(client, "/generate", {**SONG, "callBackUrl": listener.url})["data"]["taskId"]
        until = time.monotonic() + 3
        while len(suno.callbacks) < 3 and time.monotonic() < until:
            time.sleep(0.01)
    data = [sent.body["data"] for sent in suno.callbacks]
    assert [one["callbackType"] for one in data] == ["text", "first", "complete"]
    assert {one["task_id"] for one in data} == {task}
    assert [[bool(song["audio_url"]) for song in one["data"]] for one in data] == [
        [False, False],
        [True, False],
        [True, True],
    ]
    assert states(client, task, 1) == ["SUCCESS"]


def test_work_on_a_known_song(suno: SunoApi, client: httpx.Client) -> None:
    suno.pace = Pace(polls=1)
    task, audio = suno.known_song(seconds=60)
    track = {"taskId": task, "audioId": audio}
    back = {"callBackUrl": "https://app.example/cb"}
    wav = post(client, "/wav/generate", {**track, **back})["data"]["taskId"]
    flags = [client.get("/wav/record-info", params={"taskId": wav}).json()["data"] for _ in range(2)]
    assert [one["successFlag"] for one in flags] == ["PENDING", "SUCCESS"]
    assert client.get(flags[1]["response"]["audioWavUrl"]).content[:4] == b"RIFF"
    stems = post(client, "/vocal-removal/generate", {**track, **back, "type": "separate_vocal"})["data"]["taskId"]
    got = [client.get("/vocal-removal/record-info", params={"taskId": stems}).json()["data"] for _ in range(2)][1]
    assert {name for name, url in got["response"].items() if url} == {"vocalUrl", "instrumentalUrl", "originData"}
    again = post(client, "/vocal-removal/generate", {**track, **back, "type": "split_stem"})
    assert again["code"] == 200
    assert post(client, "/vocal-removal/generate", {**track, **back, "type": "all"})["code"] == 400
    words = post(client, "/generate/get-timestamped-lyrics", track)["data"]["alignedWords"]
    assert [one["word"].strip() for one in words] == ["la", "la", "la"]
    assert words[-1]["endS"] == 60.0
    assert post(client, "/wav/generate", {**track, "audioId": "other", **back})["code"] == 400
    assert [one.operation for one in suno.charges] == ["wav", "vocal-removal", "vocal-removal"]


@pytest.mark.parametrize(
    ("start", "end", "code"), [(10.0, 25.5, 200), (10, 19.9, 400), (0, 31, 400), (50, 61, 400), (10.001, 25, 400)]
)
def test_a_section_has_its_limits(suno: SunoApi, client: httpx.Client, start: float, end: float, code: int) -> None:
    task, audio = suno.known_song(seconds=60)
    words = {"prompt": "new", "tags": "pop", "title": "T", "fullLyrics": "all"}
    body = {"taskId": task, "audioId": audio, **words, "infillStartS": start, "infillEndS": end}
    assert post(client, "/generate/replace-section", body)["code"] == code
    assert len(suno.charges) == (1 if code == 200 else 0)


def test_extend_needs_the_model_of_its_source(suno: SunoApi, client: httpx.Client) -> None:
    _, audio = suno.known_song(seconds=60, model="V5")
    body = {
        "defaultParamFlag": True,
        "audioId": audio,
        "model": "V5",
        "callBackUrl": "https://app.example/cb",
        "continueAt": 50,
        "style": "pop",
        "title": "More",
        "prompt": "[Outro]",
    }
    assert post(client, "/generate/extend", body)["code"] == 200
    for change in ({"model": "V4"}, {"continueAt": 60}, {"style": ""}, {"audioId": "none"}):
        assert post(client, "/generate/extend", {**body, **change})["code"] == 400
    assert [one.identity for one in suno.charges] == ["More"]


def test_lyrics_covers_vocals_and_uploads(suno: SunoApi, client: httpx.Client) -> None:
    suno.pace = Pace(polls=1)
    sound = base64.b64encode(b"ID3xxxx").decode()
    sent = httpx.post(
        f"{suno.url}/api/file-base64-upload",
        json={"base64Data": sound, "uploadPath": "in", "fileName": "a.mp3"},
        headers=dict(client.headers),
    ).json()
    assert sent["success"] is True
    address = sent["data"]["downloadUrl"]
    assert client.get(address).content == b"ID3xxxx"
    assert post(client, "/generate/upload-cover", {**SONG, "uploadUrl": address})["code"] == 200
    assert post(client, "/generate/upload-cover", SONG)["code"] == 400
    vocals = {name: SONG[name] for name in ("prompt", "title", "style", "callBackUrl")}
    full = {**vocals, "negativeTags": "metal", "uploadUrl": address, "model": "V5"}
    assert post(client, "/generate/add-vocals", full)["code"] == 200
    assert post(client, "/generate/add-vocals", {**full, "negativeTags": ""})["code"] == 400
    task = post(client, "/lyrics", {"prompt": "a ferry", "callBackUrl": "https://app.example/cb"})["data"]["taskId"]
    seen = [client.get("/lyrics/record-info", params={"taskId": task}).json()["data"] for _ in range(2)]
    assert [one["status"] for one in seen] == ["PENDING", "SUCCESS"]
    assert "a ferry" in seen[1]["response"]["data"][0]["text"]
    assert [one.operation for one in suno.charges] == ["upload-cover", "add-vocals", "lyrics"]
