"""Branches, families, revisions and comparisons over REST, on the real workflow."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from api.callers import owner_of
from domain.settings import SongSettings
from domain.stages import ORDER, Stage
from storage.database import Database
from storage.records import Collaborator, StageRevision
from storage.songs import mark_started, request_song
from storage.versions import request_branch
from tests.api.conftest import Api, serving, settings_in, working
from tests.fixtures.temporal import free_port, running_temporal


async def branched(api: Api, song: str, key: str | None = None, **body: Any) -> str:
    """A new branch of a song; its id."""
    answer = await api.send(song, "branches", body, key=key)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert answer.headers["location"] == f"/v1/compositions/{told['id']}"
    return str(told["id"])


async def detail(api: Api, song: str) -> dict[str, Any]:
    answer = await api.http.get(f"/v1/compositions/{song}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def stages(song: dict[str, Any], name: str) -> dict[str, Any]:
    return {stage["stage"]: stage[name] for stage in song["stages"]}


async def test_a_branch_takes_over_what_is_there_and_waits(api: Api) -> None:
    song = await api.start()
    await api.until(song, status="completed")
    new = await branched(api, song, stage="arrangement")
    await api.until(new, stage="arrangement", status="waiting")
    parent, child = await detail(api, song), await detail(api, new)
    assert (child["version_number"], child["parent_id"], child["family"]) == (2, song, song)
    assert (child["is_main"], child["owner"], child["title"]) == (False, parent["owner"], parent["title"])
    taken = [stage.value for stage in ORDER[:3]]
    assert [stages(child, "status")[stage] for stage in taken] == ["done"] * 3
    assert [stages(child, "computed")[stage] for stage in taken] == [0, 0, 0]
    assert [stages(child, "reused")[stage] for stage in taken] == [
        stages(parent, "computed")[stage] + stages(parent, "reused")[stage] for stage in taken
    ]
    assert stages(child, "revision")["production"] == 0
    files = [await api.http.get(f"/v1/compositions/{one}/media") for one in (song, new)]
    hashes = [
        {(item["stage"], item["name"]): item["hash"] for item in answer.json()["items"] if item["stage"] in taken}
        for answer in files
    ]
    assert hashes[0] == hashes[1]
    assert ("arrangement", "midi") in hashes[1]
    assert (await api.send(new, "advances")).status_code == 202
    await api.until(new, status="completed")
    assert set(stages(await detail(api, new), "revision").values()) == {1}


async def test_a_branch_with_changes_runs_on_from_the_earliest_concerned_stage(api: Api) -> None:
    song = await api.start()
    done = await api.until(song, status="completed")
    new = await branched(api, song, title="Slower", changes={"musical.tempo": 66})
    await api.until(new, status="completed", past=25)
    child = await detail(api, new)
    assert (child["title"], child["context"]["musical"]["tempo"]) == ("Slower", 66)
    assert stages(child, "revision")["ideation"] == 1
    assert stages(child, "revision")["composition"] == 2
    assert (await api.status(song))["sequence"] == done["sequence"]
    assert (await detail(api, song))["context"]["musical"]["tempo"] == 80


async def get(api: Api, path: str, status: int = 200, **query: Any) -> dict[str, Any]:
    answer = await api.http.get(f"/v1/compositions/{path}", params=query)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_branch_of_an_earlier_revision_has_the_settings_of_then(api: Api) -> None:
    song = await api.start()
    first = await api.until(song, status="completed")
    changes = {"musical.tempo": 100, "technical.loudness_target": -18}
    assert (await api.send(song, "revisions", {"changes": changes})).status_code == 202
    second = await api.until(song, status="completed", past=first["sequence"] + 20)
    new = await branched(api, song, stage="composition", revision=1)
    await api.until(new, status="waiting", stage="composition")
    child = await detail(api, new)
    assert child["context"]["musical"]["tempo"] == 80
    # What nothing has read by then is as the person wants it now.
    assert child["context"]["technical"]["loudness_target"] == -18
    assert (await api.send(new, "advances")).status_code == 202
    await api.until(new, status="completed")
    assert (await detail(api, new))["context"]["musical"]["tempo"] == 80
    assert (await api.status(song))["sequence"] == second["sequence"]


async def test_a_branch_from_the_end_is_complete_and_takes_instructions(api: Api) -> None:
    song = await api.start()
    await api.until(song, status="completed")
    whole = await branched(api, song)
    await api.until(whole, status="completed")
    assert set(stages(await detail(api, whole), "computed").values()) == {0}
    slower = await branched(api, song, instruction="a bit slower")
    await api.until(slower, status="completed", past=25)
    assert (await detail(api, slower))["context"]["musical"]["tempo"] < 80
    refused = await api.send(song, "branches", {"instruction": "make it taste of plums"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_command")


async def test_a_branch_of_a_branch_waits_at_its_own_gates(api: Api) -> None:
    song = await api.start()
    await api.until(song, status="completed")
    second = await branched(api, song, stage="composition")
    await api.until(second, status="waiting", stage="composition")
    settings = {"review": ["mixing"], "seed": 99}
    third = await branched(api, second, settings=settings, changes={"musical.tempo": 90})
    await api.until(third, status="waiting", stage="mixing")
    child = await detail(api, third)
    assert (child["version_number"], child["parent_id"], child["seed"]) == (3, second, 99)
    assert child["settings"]["review"] == ["mixing"]
    history = (await get(api, f"{third}/history", limit=500))["items"]
    assert [step["number"] for step in history] == list(range(len(history), 0, -1))


async def test_a_cancelled_song_can_be_branched(api: Api) -> None:
    song = await api.start(settings={"review": ["composition"]})
    await api.until(song, status="waiting", stage="composition")
    assert (await api.send(song, "cancellations")).status_code == 202
    await api.until(song, status="cancelled")
    new = await branched(api, song)
    # The gate at which the parent waited is the branch's as well.
    assert "arrangement" in (await api.until(new, status="waiting", stage="composition"))["allowed_targets"]


async def test_what_cannot_be_branched_is_refused_with_what_there_is(api: Api) -> None:
    song = await api.start(settings={"review": ["composition"]})
    await api.until(song, status="waiting", stage="composition")
    early = await api.send(song, "branches", {"stage": "mixing"})
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    assert "ideation, composition" in early.json()["detail"]
    unknown = await api.send(song, "branches", {"stage": "composition", "revision": 4})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert unknown.json()["detail"] == "composition has no revision 4; it has 1"
    for body in ({"changes": {"musical.tempo": 5000}}, {"settings": {"review": ["dinner"]}}, {"stages": "mixing"}):
        assert (await api.send(song, "branches", body)).status_code == 422, body
    assert (await get(api, f"{song}/versions"))["items"][1:] == []


async def test_one_key_makes_one_branch(api: Api) -> None:
    song = await api.start(settings={"review": ["ideation"]})
    await api.until(song, status="waiting", stage="ideation")
    assert await branched(api, song, key="second") == await branched(api, song, key="second")
    other = await api.send(song, "branches", {"title": "Other"}, key="second")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert [version["number"] for version in (await get(api, f"{song}/versions"))["items"]] == [1, 2]


async def test_a_family_is_a_tree_with_one_main_version(api: Api) -> None:
    song = await api.start()
    await api.until(song, status="completed")
    second = await branched(api, song, stage="composition", title="Second")
    third = await branched(api, song, stage="mixing", revision=1)
    family = await get(api, f"{third}/versions")
    assert family["family"] == song
    told = [(v["id"], v["number"], v["parent_id"], v["parent_stage"], v["is_main"]) for v in family["items"]]
    assert told == [
        (song, 1, None, None, True),
        (second, 2, song, "composition", False),
        (third, 3, song, "mixing", False),
    ]
    assert family["items"][1]["title"] == "Second"
    answer = await api.http.put(f"/v1/compositions/{second}/versions/main")
    assert [v["is_main"] for v in answer.json()["items"]] == [False, True, False]
    answer = await api.http.put(f"/v1/compositions/{second}/versions/main", json={"composition_id": third})
    assert [v["is_main"] for v in answer.json()["items"]] == [False, False, True]
    stranger = await api.start(settings={"review": "all"})
    refused = await api.http.put(f"/v1/compositions/{song}/versions/main", json={"composition_id": stranger})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_revisions_takes_and_what_differs_between_them(api: Api) -> None:
    song = await api.start()
    done = await api.until(song, status="completed")
    await api.send(song, "revisions", {"changes": {"technical.loudness_target": -18}})
    done = await api.until(song, status="completed", past=done["sequence"] + 5)
    rows = (await get(api, f"{song}/revisions", stage="mastering"))["items"]
    assert [(row["revision"], row["is_current"], row["available"]) for row in rows] == [
        (2, True, True),
        (1, False, True),
    ]
    assert len((await get(api, f"{song}/revisions"))["items"]) == 9
    found = await get(api, f"{song}/comparison", stage="mastering", revision=1)
    assert (found["before"]["revision"], found["after"]["revision"]) == (1, 2)
    assert found["context"] == [{"path": "technical.loudness_target", "before": -14.0, "after": -18.0}]
    assert [file["name"] for file in found["changed"]] == ["master"]
    assert found["changed"][0]["after"]["url"] == f"/v1/media/{found['changed'][0]['after']['hash']}/content"
    assert (await api.http.get(found["changed"][0]["before"]["url"])).status_code == 200
    new = await branched(api, song, stage="mastering", revision=1)
    await api.until(new, status="waiting", stage="mastering")
    same = await get(api, f"{song}/comparison", **{"stage": "mastering", "revision": 1, "with": new})
    assert (same["after"]["composition_id"], same["changed"], same["measured"]) == (new, [], [])
    assert same["before"]["result"] == same["after"]["result"]
    await get(api, f"{song}/comparison", 404, stage="mastering", revision=9)
    await get(api, f"{song}/comparison", 404, **{"with": "nobody"})
    await get(api, f"{new}/comparison", 409, stage="finalization")
    again = await api.send(song, "revisions", {"stage": "composition", "instruction": "a new take"})
    assert again.status_code == 202, again.text
    await api.until(song, status="completed", past=done["sequence"] + 20)
    takes = await get(api, f"{song}/takes", stage="composition")
    assert [(take["take"], take["is_chosen"]) for take in takes["items"]] == [(1, False), (2, True)]
    assert all(take["media"] for take in takes["items"])
    chosen = await api.http.post(takes["items"][0]["choose"], json={"stage": "composition"})
    assert chosen.status_code == 202, chosen.text


async def test_a_branch_that_was_asked_for_while_temporal_was_away_starts_later(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_in(tmp_path, temporal_address=f"127.0.0.1:{port}")
    async with serving(settings) as api:
        with running_temporal(port=port):
            async with working(settings):
                song = await api.start(settings={"review": ["arrangement"]})
                await api.until(song, status="waiting", stage="arrangement")
        answer = await api.send(song, "branches", {"stage": "composition", "changes": {"musical.tempo": 66}})
        assert (answer.status_code, answer.json()["started"]) == (202, False), answer.text
        with running_temporal(port=port):
            async with working(settings):
                new = str(answer.json()["id"])
                await api.until(new, status="waiting", stage="arrangement")
                assert (await detail(api, new))["context"]["musical"]["tempo"] == 66


async def test_a_hidden_parent_is_not_told_and_editors_keep_their_branches(tmp_path: Path) -> None:
    keys = ("owner-key-0123456789", "editor-key-0123456789")
    owner, editor = (owner_of(key) for key in keys)
    address = f"127.0.0.1:{free_port()}"
    settings = settings_in(
        tmp_path, temporal_address=address, api_keys=[SecretStr(key) for key in keys], max_running_songs=3
    )
    async with serving(settings, headers={"Authorization": f"Bearer {keys[1]}"}) as api:
        database = Database(settings.database_url)
        parent, shared = await _family(database, owner, editor)
        await database.close()
        seen = await get(api, f"{shared}/versions")
        assert [(v["id"], v["number"], v["parent_id"]) for v in seen["items"]] == [(shared, 2, None)]
        await get(api, f"{parent}/versions", 404)
        refused = await api.http.put(f"/v1/compositions/{shared}/versions/main")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        new = await branched(api, shared, stage="ideation")
        mine = await detail(api, new)
        assert (mine["owner"], mine["role"], mine["version_number"]) == (owner, "editor", 3)
        # The song's owner has three at work now: those of an editor count as theirs.
        more = await api.send(shared, "branches", {"stage": "ideation"})
        assert (more.status_code, more.json()["code"]) == (429, "limit_reached")
        assert len((await get(api, f"{shared}/versions"))["items"]) == 2


async def _family(database: Database, owner: str, editor: str) -> tuple[str, str]:
    """A song and its branch, which alone is shared with an editor and has a result."""
    now = datetime.now(UTC)
    async with database.session() as session:
        given = {"title": "Waltz", "settings": SongSettings(), "seed": 1, "created_at": now}
        first = await request_song(session, composition_id="parent", owner=owner, prompt="a waltz", **given)
        await request_branch(
            session, parent=first, stage=Stage.IDEATION, revision=1, composition_id="shared", **given
        )  # fmt: skip
        await mark_started(session, "shared")
        session.add(Collaborator(composition_id="shared", user_id=editor, role="editor", created_at=now))
        session.add(
            StageRevision(
                composition_id="shared", stage=Stage.IDEATION, revision=1, take=1, result="0" * 64, completed_at=now
            )
        )
    return "parent", "shared"
