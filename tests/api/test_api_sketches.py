"""The sketch over HTTP: heard before it is complete, a file with ranges afterwards, always of the song as it is."""

import asyncio
import hashlib
import time

import httpx
import pytest

from tests.api.conftest import Api
from tests.api.steps import SKETCH_REST_BYTES

HEADER = "Sostenuto-Sketch"


async def taken(api: Api, song: str, **params: float) -> tuple[httpx.Response, list[tuple[float, bytes]]]:
    """The answer, and its pieces with the seconds after which each came."""
    began = time.monotonic()
    pieces: list[tuple[float, bytes]] = []
    async with api.http.stream("GET", f"/v1/compositions/{song}/sketch", params=params) as answer:
        pieces += [(time.monotonic() - began, piece) async for piece in answer.aiter_raw()]
    return answer, pieces


async def whole(api: Api, song: str) -> httpx.Response:
    return await api.http.get(f"/v1/compositions/{song}/sketch")


async def test_it_is_heard_while_its_rest_is_played(api: Api) -> None:
    song = await api.start(context={"creative.preferences": {"sketch": "slow"}})
    answer, pieces = await taken(api, song)
    assert answer.status_code == 200
    assert answer.headers[HEADER] == "current; part=opening; stage=arrangement; revision=1; take=1"
    assert "content-length" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    data = b"".join(piece for _, piece in pieces)
    opening = len(data) - SKETCH_REST_BYTES
    assert pieces[0][1] == data[:opening], "the opening comes by itself"
    assert pieces[-1][0] - pieces[0][0] > 0.5, "long before the rest"
    await api.until(song, is_completed=True)
    assert (await whole(api, song)).content == data


async def test_once_complete_it_is_a_file_with_ranges(api: Api) -> None:
    song = await api.start()
    await api.until(song, is_completed=True)
    answer = await whole(api, song)
    data = answer.content
    assert answer.status_code == 200
    assert answer.headers[HEADER] == "current; part=whole; stage=arrangement; revision=1; take=1"
    assert answer.headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert answer.headers["Content-Type"] == "audio/flac"
    assert answer.headers["Content-Disposition"] == 'inline; filename="Quiet Room (sketch).flac"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    part = await api.http.get(f"/v1/compositions/{song}/sketch", headers={"Range": "bytes=4-99"})
    assert (part.status_code, part.content) == (206, data[4:100])
    assert part.headers["Content-Range"] == f"bytes 4-99/{len(data)}"
    outside = await api.http.get(f"/v1/compositions/{song}/sketch", headers={"Range": f"bytes={len(data)}-"})
    assert outside.status_code == 416
    known = await api.http.get(f"/v1/compositions/{song}/sketch", headers={"If-None-Match": answer.headers["ETag"]})
    assert known.status_code == 304
    assert known.headers[HEADER] == answer.headers[HEADER]


async def test_an_event_says_when_and_where(api: Api) -> None:
    song = await api.start(settings={"review": ["arrangement"]})
    now = await api.until(song, status="waiting")
    events = []
    async with api.http.stream("GET", f"/v1/compositions/{song}/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                events.append(line.removeprefix("event: "))
            if line == f"id: {now['sequence']}":
                break
    assert events[-4:].count("stage_complete") == 1
    heard = [i for i, name in enumerate(events) if name == "audio_ready"]
    arranged = max(i for i, name in enumerate(events) if name == "stage_complete")
    assert len(heard) == 2, "the opening and the whole"
    assert max(heard) < arranged, "before the stage is over"


async def test_a_revision_makes_a_new_sketch(api: Api) -> None:
    song = await api.start(settings={"review": ["arrangement"]})
    now = await api.until(song, status="waiting")
    first = await whole(api, song)
    changes = {"creative.preferences": {"sketch": "slow"}, "technical.duration": 90}
    answer = await api.send(song, "revisions", {"changes": changes, "stage": "arrangement"})
    assert answer.status_code == 202
    await api.until(song, status="running", past=now["sequence"] + 1)
    answer, pieces = await taken(api, song)
    assert answer.headers[HEADER] == "current; part=opening; stage=arrangement; revision=2; take=1"
    await api.until(song, status="waiting", past=now["sequence"] + 1)
    second = await whole(api, song)
    assert second.headers[HEADER] == "current; part=whole; stage=arrangement; revision=2; take=1"
    assert second.content == b"".join(piece for _, piece in pieces)
    assert second.headers["ETag"] != first.headers["ETag"]


async def test_a_song_that_waits_before_it_has_none_and_says_why(api: Api) -> None:
    song = await api.start(settings={"review": ["composition"]})
    await api.until(song, status="waiting")
    answer = await whole(api, song)
    assert answer.status_code == 404
    assert "a decision after composition" in answer.json()["detail"]


async def test_an_earlier_sketch_is_given_as_such(api: Api) -> None:
    song = await api.start(settings={"review": ["composition", "arrangement"]})
    await api.until(song, stage="composition", status="waiting")
    await api.send(song, "advances")
    now = await api.until(song, stage="arrangement", status="waiting")
    first = await whole(api, song)
    sent = await api.send(song, "revisions", {"stage": "composition", "changes": {"musical.key": "D minor"}})
    assert sent.status_code == 202
    await api.until(song, stage="composition", status="waiting", past=now["sequence"] + 1)
    answer = await whole(api, song)
    assert answer.headers[HEADER] == "earlier; part=whole; stage=arrangement; revision=1; take=1"
    assert answer.content == first.content


async def test_what_is_given_up_ends_with_the_opening(api: Api) -> None:
    song = await api.start(context={"creative.preferences": {"sketch": "broken"}})
    answer, pieces = await taken(api, song)
    assert answer.headers[HEADER].startswith("current; part=opening")
    data = b"".join(piece for _, piece in pieces)
    assert data.startswith(b"fLaC")
    assert len(data) < SKETCH_REST_BYTES
    blocked = await api.until(song, status="blocked")
    assert "the rest cannot be played" in blocked["blocked"]["reason"]


async def test_who_does_not_wait_is_told_at_once(lone_api: Api) -> None:
    song = await lone_api.start()
    began = time.monotonic()
    answer = await lone_api.http.get(f"/v1/compositions/{song}/sketch", params={"wait": 0})
    assert answer.status_code == 404
    assert time.monotonic() - began < 2
    assert "Temporal takes the song as soon as it can be reached" in answer.json()["detail"]
    assert (await lone_api.http.get(f"/v1/compositions/{song}/sketch", params={"wait": 99})).status_code == 422


async def test_the_end_of_a_listener_ends_nothing_else(api: Api) -> None:
    song = await api.start(context={"creative.preferences": {"sketch": "slow"}})
    async with api.http.stream("GET", f"/v1/compositions/{song}/sketch") as answer:
        async for piece in answer.aiter_raw():
            assert piece.startswith(b"fLaC")
            break
    await api.until(song, is_completed=True)


async def test_somebody_elses_song_is_not_heard(api: Api) -> None:
    answer = await api.http.get("/v1/compositions/nobody/sketch")
    assert answer.status_code == 404


@pytest.mark.parametrize("listeners", [12])
async def test_many_hear_the_same(api: Api, listeners: int) -> None:
    song = await api.start(context={"creative.preferences": {"sketch": "slow"}})
    heard = await asyncio.gather(*(taken(api, song) for _ in range(listeners)))
    assert len({b"".join(piece for _, piece in pieces) for _, pieces in heard}) == 1
