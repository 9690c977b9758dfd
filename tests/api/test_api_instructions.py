"""Words of a revision can be tried: what they are understood as, with no song changed."""

import pytest

from tests.api.conftest import Api


async def read(api: Api, words: str) -> tuple[list[dict[str, object]], object]:
    answer = await api.http.get("/v1/instructions/reading", params={"words": words})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["operations"], found["stage"]


async def test_words_are_told_as_what_they_do_and_from_where(api: Api) -> None:
    operations, stage = await read(api, "a bit slower, louder chorus")
    assert operations[0] == {"op": "scale", "path": "musical.tempo", "value": 0.925}
    edit = {"op": "change_loudness", "amount": 0.4, "section": "chorus", "part": "band"}
    assert operations[1] == {"op": "edit", "path": "musical.edits", "value": edit}
    assert stage == "composition"


@pytest.mark.parametrize(
    ("words", "stage"), [("-16 LUFS", "mastering"), ("drop the second verse", "arrangement"), ("regenerate", None)]
)
async def test_only_what_is_touched_is_made_again(api: Api, words: str, stage: str | None) -> None:
    assert (await read(api, words))[1] == stage


async def test_what_is_not_understood_says_what_is(api: Api) -> None:
    answer = await api.http.get("/v1/instructions/reading", params={"words": "swap the piano for a kazoo"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_command"
    assert "'a kazoo' is no instrument here" in answer.json()["detail"]


async def test_words_are_neither_none_nor_a_book(api: Api) -> None:
    for words in ("", "x" * 2001):
        assert (await api.http.get("/v1/instructions/reading", params={"words": words})).status_code == 422
