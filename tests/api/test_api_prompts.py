"""Trying an enhancement: what ideation would make of a prompt, with no song started."""

import pytest

from tests.api.conftest import Api

PROMPT = "a slow waltz for piano and strings in D minor"


async def test_a_prompt_is_understood_without_a_song(api: Api) -> None:
    before = (await api.http.get("/v1/compositions", params={"limit": 200})).json()["items"]
    answer = await api.http.post("/v1/prompts/enhance", json={"prompt": PROMPT})
    assert answer.status_code == 200, answer.text
    brief = answer.json()
    assert brief["original"] == PROMPT
    assert (brief["context"]["musical"]["key"], brief["context"]["musical"]["scale"]) == ("D", "minor")
    assert brief["context"]["musical"]["time_signature"] == "3/4"
    assert "grand_piano" in brief["context"]["musical"]["instruments"]
    assert 0 < brief["confidence"] <= 1
    assert brief["enhanced"] != PROMPT
    assert {"musical.key", "musical.tempo"} <= {reason["field"] for reason in brief["reasoning"]}
    assert (await api.http.post("/v1/prompts/enhance", json={"prompt": PROMPT})).json() == brief
    after = (await api.http.get("/v1/compositions", params={"limit": 200})).json()["items"]
    assert [song["id"] for song in after] == [song["id"] for song in before]


async def test_the_enhancement_can_be_turned_off(api: Api) -> None:
    body = {"prompt": PROMPT, "settings": {"enhancement": {"enabled": False}}}
    answer = await api.http.post("/v1/prompts/enhance", json=body)
    assert answer.json()["enhanced"] == PROMPT


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"prompt": "  "}, "invalid_prompt"),
        ({}, "invalid_input"),
        ({"prompt": "x", "settings": {"enhancement": {"level": "wild"}}}, "invalid_input"),
        ({"prompt": "x", "context": {"musical.tempo": -3}}, "invalid_value"),
        ({"prompt": "x", "context": {"musical.tmpo": 90}}, "unknown_path"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_name(api: Api, body: dict[str, object], code: str) -> None:
    answer = await api.http.post("/v1/prompts/enhance", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_one_key_is_read_once(api: Api) -> None:
    headers = {"Idempotency-Key": "enhance-once"}
    first = await api.http.post("/v1/prompts/enhance", json={"prompt": "a fast polka"}, headers=headers)
    again = await api.http.post("/v1/prompts/enhance", json={"prompt": "a fast polka"}, headers=headers)
    other = await api.http.post("/v1/prompts/enhance", json={"prompt": "a slow polka"}, headers=headers)
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
