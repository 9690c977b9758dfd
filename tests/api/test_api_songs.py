"""Starting, listing and reading songs."""

import asyncio
from pathlib import Path

import pytest

from api.starts import uuid7
from tests.api.conftest import PROMPT, Api, serving, settings_in, working
from tests.fixtures.temporal import free_port, running_temporal


async def test_a_song_goes_from_a_sentence_to_files(api: Api) -> None:
    answer = await api.http.post(
        "/v1/compositions", json={"prompt": PROMPT, "context": {"technical.loudness_target": -16}}
    )
    assert answer.status_code == 202
    song = answer.json()
    assert answer.headers["location"] == f"/v1/compositions/{song['id']}"
    done = await api.until(song["id"], status="completed")
    assert (done["progress"], done["is_completed"], done["checks_ok"]) == (100.0, True, True)
    detail = (await api.http.get(answer.headers["location"])).json()
    assert detail["title"] == "Quiet Room"
    assert detail["context"]["technical"]["loudness_target"] == -16
    assert detail["context"]["musical"]["tempo"] == 80
    assert [stage["status"] for stage in detail["stages"]] == ["done"] * 7
    assert detail["links"]["temporal_ui"].endswith(f"/namespaces/default/workflows/song-{song['id']}")


@pytest.fixture(scope="module")
async def finished(api: Api) -> str:
    song = await api.start(title="Room", settings={"seed": 7, "formats": ["mp3"]})
    await api.until(song, status="completed")
    return song


async def test_the_workflow_itself_can_be_asked(api: Api, finished: str) -> None:
    read = (await api.http.get(f"/v1/compositions/{finished}")).json()
    asked = (await api.http.get(f"/v1/compositions/{finished}", params={"consistent": True})).json()
    assert (read["consistent"], asked["consistent"]) == (False, True)
    assert asked | {"consistent": False} == read
    assert (asked["seed"], asked["settings"]["formats"]) == (7, ["mp3"])


async def test_history_is_paged_newest_first(api: Api, finished: str) -> None:
    whole = (await api.http.get(f"/v1/compositions/{finished}/history")).json()["items"]
    numbers = [item["number"] for item in whole]
    assert numbers == list(range(len(numbers), 0, -1))
    assert whole[-1]["by"] == "policy"
    paged, before = [], None
    while True:
        params = {"limit": 4} | ({"before": before} if before else {})
        page = (await api.http.get(f"/v1/compositions/{finished}/history", params=params)).json()
        paged += page["items"]
        before = page["next_before"]
        if before is None:
            break
    assert paged == whole


async def test_a_stage_tells_what_it_needs_and_made(api: Api, finished: str) -> None:
    stage = (await api.http.get(f"/v1/compositions/{finished}/stages/arrangement")).json()
    assert stage["status"] == "done"
    assert stage["requires"] == ["musical.chord_progression", "artifact:melody"]
    assert stage["completeness"] == {
        "stage": "arrangement",
        "required": ["musical.structure", "musical.chord_progression"],
        "missing": [],
        "percent": 100.0,
    }
    assert set(stage["outputs"]) == {"score", "opening", "preview", "midi"}
    assert stage["patch"] == {"musical": {"structure": [{"name": "verse", "duration": 8}]}}
    assert {step["step"] for step in stage["steps"]} == {"form", "arrange", "sketch"}
    assert stage["decisions"] == [
        {"what": "form", "value": "verse 8", "reason": "24.0 s in all"},
        {"what": "part keys", "value": 0.2, "reason": "room for the bass"},
    ]


async def test_records_of_a_song(api: Api, finished: str) -> None:
    root = f"/v1/compositions/{finished}"
    media = (await api.http.get(f"{root}/media", params={"stage": "production", "type": "stems"})).json()["items"]
    assert [item["filename"] for item in media] == ["stems/01_keys.wav", "stems/02_bass.wav"]
    assert media[0]["url"] == f"/v1/media/{media[0]['hash']}/content"
    enhancement = (await api.http.get(f"{root}/enhancements")).json()["items"][0]
    assert (enhancement["original"], enhancement["confidence"]) == (PROMPT, 0.8)
    assert enhancement["reasoning"] == [{"step": "mood", "says": "calm"}]
    assert (await api.http.get(f"{root}/provider-tasks")).json() == {"items": []}


async def test_songs_are_listed_newest_change_first_and_filtered(api: Api, finished: str) -> None:
    waiting = await api.start("a very particular waltz", title="Waltz", settings={"review": "all"})
    await api.until(waiting, status="waiting")
    found = (await api.http.get("/v1/compositions", params={"text": "PARTICULAR"})).json()
    assert [item["id"] for item in found["items"]] == [waiting]
    done = (await api.http.get("/v1/compositions", params={"status": "completed"})).json()["items"]
    assert finished in {item["id"] for item in done}
    assert waiting not in {item["id"] for item in done}
    ids, cursor = [], None
    while True:
        page = (
            await api.http.get("/v1/compositions", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        ).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(ids) == len(set(ids))
    assert {waiting, finished} <= set(ids)


async def test_the_same_key_starts_one_song_however_often(api: Api) -> None:
    async def post() -> tuple[int, str, bool]:
        answer = await api.http.post(
            "/v1/compositions", json={"prompt": PROMPT}, headers={"Idempotency-Key": "one-song"}
        )
        return answer.status_code, answer.text, "idempotency-replayed" in answer.headers

    answers = await asyncio.gather(*(post() for _ in range(8)))
    assert {(status, text) for status, text, _ in answers} == {answers[0][:2]}
    assert answers[0][0] == 202
    assert [replayed for _, _, replayed in answers].count(False) == 1


async def test_a_key_used_for_another_body_is_refused(api: Api) -> None:
    headers = {"Idempotency-Key": "two-bodies"}
    first = await api.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=headers)
    second = await api.http.post("/v1/compositions", json={"prompt": "another"}, headers=headers)
    assert (first.status_code, second.status_code) == (202, 422)
    assert second.json()["code"] == "idempotency_key_reused"


async def test_songs_are_written_down_while_temporal_is_away_and_start_later(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{port}")
    async with serving(settings) as api:
        song = await api.start(context={"musical.tempo": 90}, title="Later")
        told = await api.status(song)
        assert (told["started"], told["status"]) == (False, "running")
        assert "Temporal" in told["waiting_for"]
        refused = await api.send(song, "holds")
        assert (refused.status_code, refused.json()["code"]) == (503, "server_unavailable")
        assert "nothing was changed" in refused.json()["detail"]
        assert refused.headers["retry-after"]
        with running_temporal(port=port):
            async with working(settings):
                await api.until(song, status="completed")
            detail = (await api.http.get(f"/v1/compositions/{song}")).json()
            assert (detail["context"]["musical"]["tempo"], detail["title"]) == (90, "Later")


def test_ids_of_songs_are_ordered_by_time() -> None:
    ids = [uuid7() for _ in range(100)]
    assert all(one.version == 7 and one.variant == "specified in RFC 4122" for one in ids)
    assert [str(one)[:13] for one in ids] == sorted(str(one)[:13] for one in ids)
    assert len(set(ids)) == 100
