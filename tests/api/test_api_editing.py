"""Entity tags, conditional changes, names and visibility."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from temporalio.client import Client

from api.callers import owner_of
from storage.database import Database
from storage.records import Collaborator
from tests.api.conftest import PROMPT, Api, serving

PAIRS = 50


async def _waiting(api: Api, title: str = "Untitled") -> tuple[str, str]:
    """A song that waits for a decision, and its entity tag."""
    song = await api.start(settings={"review": ["ideation"]}, title=title)
    await api.until(song, status="waiting")
    answer = await api.http.get(f"/v1/compositions/{song}/status")
    return song, answer.headers["etag"]


async def _patch(api: Api, song: str, body: Any, tag: str | None = None) -> httpx.Response:
    headers = {"If-Match": tag} if tag else {}
    return await api.http.patch(f"/v1/compositions/{song}", json=body, headers=headers)


async def test_a_song_that_has_not_changed_is_not_sent_again(api: Api) -> None:
    song, tag = await _waiting(api)
    for path in ("", "/status"):
        url = f"/v1/compositions/{song}{path}"
        whole = await api.http.get(url)
        shown = {name: whole.headers[name] for name in ("etag", "cache-control")}
        assert (whole.status_code, shown) == (200, {"etag": tag, "cache-control": "private, no-cache"})
        for known in (tag, f"W/{tag}", f'"1.0", {tag}', "*"):
            again = await api.http.get(url, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await api.http.get(url, headers={"If-None-Match": '"1.0"'})).status_code == 200
    consistent = await api.http.get(f"/v1/compositions/{song}?consistent=true")
    assert consistent.headers["etag"] == tag
    await api.send(song, "advances")
    await api.until(song, status="completed")
    moved = await api.http.get(f"/v1/compositions/{song}", headers={"If-None-Match": tag})
    assert moved.status_code == 200
    assert moved.headers["etag"] == f'"{moved.json()["sequence"]}.0"'


async def test_a_command_for_an_older_song_changes_nothing_and_says_what_has_changed(api: Api) -> None:
    song, tag = await _waiting(api)
    url = f"/v1/compositions/{song}/holds"
    assert (await api.http.post(url, headers={"If-Match": tag, "Idempotency-Key": "held"})).status_code == 202
    await api.until(song, status="held")
    late = await api.http.post(f"/v1/compositions/{song}/resumptions", headers={"If-Match": tag})
    told = late.json()
    assert (late.status_code, told["code"], told["result"]["code"]) == (412, "precondition_failed", "sequence_mismatch")
    assert "hold by user:local was accepted" in told["detail"]
    assert (await api.status(song))["status"] == "held"
    # The ledger is asked first: what was applied already is no conflict with itself.
    client = await Client.connect(api.settings.temporal_address)
    handle = client.get_workflow_handle(f"song-{song}")
    repeated = await handle.execute_update("hold", {"command_id": "held", "expected_sequence": 1})
    assert (repeated["verdict"], repeated["duplicate"]) == ("accepted", True)
    fresh = late.headers["etag"]
    assert (await api.http.post(f"/v1/compositions/{song}/resumptions", headers={"If-Match": fresh})).status_code == 202


async def test_an_expected_sequence_counts_at_every_door(api: Api) -> None:
    song, _ = await _waiting(api)
    now = (await api.status(song))["sequence"]
    late = await api.send(song, "holds", {"expected_sequence": now - 1})
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    both = await api.http.post(
        f"/v1/compositions/{song}/holds", json={"expected_sequence": now - 1}, headers={"If-Match": f'"{now}.0"'}
    )
    assert (both.status_code, both.json()["code"]) == (422, "invalid_input")
    client = await Client.connect(api.settings.temporal_address)
    handle = client.get_workflow_handle(f"song-{song}")
    await handle.signal("hold", {"expected_sequence": now - 1})
    seen = await api.until(song, status="waiting", past=now + 1)
    await handle.signal("hold", {"expected_sequence": seen["sequence"]})
    await api.until(song, status="held")


async def test_a_refusal_by_if_match_is_not_kept_under_its_key(api: Api) -> None:
    song, tag = await _waiting(api)
    url = f"/v1/compositions/{song}/holds"
    for old in ('"1.0"', "nonsense", f"W/{tag}", '"99999999999.0"'):
        refused = await api.http.post(url, headers={"If-Match": old, "Idempotency-Key": "once"})
        assert (refused.status_code, refused.headers["etag"]) == (412, tag)
    for good in (tag, tag):
        assert (await api.http.post(url, headers={"If-Match": good, "Idempotency-Key": "once"})).status_code == 202


async def test_of_two_editors_with_the_same_tag_exactly_one_wins(api: Api) -> None:
    """Fifty pairs at once, of commands and of names; the loser learns the song's tag as it is now."""
    song, tag = await _waiting(api)
    for _ in range(PAIRS // 2):
        both = await asyncio.gather(
            *(
                api.http.post(f"/v1/compositions/{song}/review-settings", json={"review": r}, headers={"If-Match": tag})
                for r in (["mixing", "ideation"], ["mastering", "ideation"])
            )
        )
        assert sorted(answer.status_code for answer in both) == [202, 412]
        tag = await _newer(api, song, tag)
    for _ in range(PAIRS // 2):
        both = await asyncio.gather(*(_patch(api, song, {"title": title}, tag) for title in ("One", "Two")))
        assert sorted(answer.status_code for answer in both) == [200, 412]
        won, lost = sorted(both, key=lambda answer: answer.status_code)
        assert won.headers["etag"] == lost.headers["etag"] != tag
        tag = won.headers["etag"]
    detail = (await api.http.get(f"/v1/compositions/{song}")).json()
    assert detail["title"] == won.json()["title"]


async def _newer(api: Api, song: str, tag: str) -> str:
    """The song's tag once the read model shows more than `tag`."""
    for _ in range(200):
        now: str = (await api.http.get(f"/v1/compositions/{song}/status")).headers["etag"]
        if now != tag:
            return now
        await asyncio.sleep(0.02)
    raise AssertionError(f"the song stays at {tag}")


async def test_a_new_name_stays_whatever_the_song_does(api: Api) -> None:
    song, tag = await _waiting(api, title="Before")
    answer = await _patch(api, song, {"title": "  Öl & \U0001f3b9 "})
    assert (answer.status_code, answer.json()["title"]) == (200, "Öl & \U0001f3b9")
    assert answer.headers["etag"] == tag.replace(".0", ".1")
    await api.send(song, "advances")
    await api.until(song, status="completed")
    assert (await api.http.get(f"/v1/compositions/{song}")).json()["title"] == "Öl & \U0001f3b9"
    stale = await api.http.post(f"/v1/compositions/{song}/revisions", headers={"If-Match": tag}, json={})
    assert stale.status_code == 412
    assert "title, visibility" in stale.json()["detail"]


async def test_what_cannot_be_changed_is_said(api: Api) -> None:
    song, _ = await _waiting(api)
    wrong: list[Any] = [
        {},
        {"title": "two\nlines"},
        {"title": "x" * 256},
        {"title": None},
        {"seed": 7},
        {"is_public": "perhaps"},
        [],
    ]
    for body in wrong:
        answer = await _patch(api, song, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input"), body
    assert (await _patch(api, "none", {"title": "x"})).status_code == 404


PEOPLE = {role: f"{role}-editing-key-0123456789" for role in ("owner", "editor", "viewer", "stranger")}


@pytest.fixture
async def people(api: Api) -> AsyncIterator[Api]:
    settings = api.settings.model_copy(update={"api_keys": [SecretStr(key) for key in PEOPLE.values()], "api_port": 0})
    async with serving(settings) as served:
        yield served


async def test_editors_rename_and_only_owners_publish_and_archive(people: Api) -> None:
    headers = {role: {"Authorization": f"Bearer {key}"} for role, key in PEOPLE.items()}
    answer = await people.http.post("/v1/compositions", json={"prompt": PROMPT}, headers=headers["owner"])
    root = f"/v1/compositions/{answer.json()['id']}"
    database = Database(people.settings.database_url)
    async with database.session() as session:
        for role in ("editor", "viewer"):
            user = owner_of(PEOPLE[role])
            session.add(
                Collaborator(composition_id=answer.json()["id"], user_id=user, role=role, created_at=datetime.now(UTC))
            )
    await database.close()

    async def statuses(method: str, body: Any = None) -> dict[str, int]:
        return {
            role: (await people.http.request(method, root, json=body, headers=headers[role])).status_code
            for role in ("stranger", "viewer", "editor", "owner")
        }

    renamed = await statuses("PATCH", {"title": "Ours"})
    assert renamed == {"stranger": 404, "viewer": 403, "editor": 200, "owner": 200}
    assert (await people.http.get(root)).status_code == 401
    published = await statuses("PATCH", {"is_public": True})
    assert published == {"stranger": 404, "viewer": 403, "editor": 403, "owner": 200}
    assert (await people.http.get(root)).json()["title"] == "Ours"
    archived = await statuses("DELETE")
    assert archived == {"stranger": 403, "viewer": 403, "editor": 403, "owner": 204}
    assert (await people.http.get(root)).status_code == 401
    for role, status in (("stranger", 404), ("editor", 404), ("owner", 200)):
        assert (await people.http.post(f"{root}/restoration", headers=headers[role])).status_code == status
