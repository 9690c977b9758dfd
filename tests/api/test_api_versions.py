"""Branches, families, revisions and comparisons over REST, on the real workflow."""

from typing import Any

from domain.stages import ORDER
from tests.api.conftest import Api


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
