"""Bad input: a clear error that names the value and what is allowed, and nothing is changed."""

import json
import re
from typing import Any
from urllib.parse import unquote

import pytest

from tests.api.conftest import PROMPT, Api

BAD_STARTS: list[tuple[Any, int, str, str]] = [
    ({"prompt": ""}, 422, "invalid_prompt", "empty"),
    ({"prompt": " \n\t "}, 422, "invalid_prompt", "empty"),
    ({"prompt": "x" * 10_001}, 422, "invalid_prompt", "10,001 characters; at most 10,000"),
    ({"prompt": "a\x00b"}, 422, "invalid_prompt", "U+0000"),
    ({"prompt": "a\x1b[31mb"}, 422, "invalid_prompt", "U+001B"),
    ({}, 422, "invalid_input", "prompt is missing"),
    ({"prompt": 5}, 422, "invalid_input", "prompt cannot be 5"),
    ({"prompt": PROMPT, "tempo": 90}, 422, "invalid_input", "tempo is no field here"),
    ({"prompt": PROMPT, "title": "x" * 256}, 422, "invalid_input", "title"),
    ({"prompt": PROMPT, "title": "a\nb"}, 422, "invalid_input", "title cannot be 'a\\nb'"),
    ({"prompt": PROMPT, "context": {"musical.tempo": 5000}}, 422, "invalid_value", "musical.tempo cannot be 5000"),
    ({"prompt": PROMPT, "context": {"musical": {"key": "H#"}}}, 422, "invalid_value", "musical.key cannot be 'H#'"),
    (
        {"prompt": PROMPT, "context": {"technical.duration": 19}},
        422,
        "invalid_value",
        "technical.duration cannot be 19",
    ),
    (
        {"prompt": PROMPT, "context": {"technical.duration": 901}},
        422,
        "invalid_value",
        "technical.duration cannot be 901",
    ),
    ({"prompt": PROMPT, "context": {"technical.bit_depth": 17}}, 422, "invalid_value", "technical.bit_depth"),
    ({"prompt": PROMPT, "context": {"musical.volume": 3}}, 422, "unknown_path", "'musical.volume'"),
    ({"prompt": PROMPT, "context": []}, 422, "invalid_input", "context"),
    ({"prompt": PROMPT, "settings": {"review": ["mixdown"]}}, 422, "invalid_input", "mixdown"),
    ({"prompt": PROMPT, "settings": {"review": [{}, 5]}}, 422, "invalid_input", "review names stages"),
    ({"prompt": PROMPT, "settings": {"review": None}}, 422, "invalid_input", "review names stages"),
    ({"prompt": PROMPT, "settings": {"vocals": 1}}, 422, "invalid_input", "settings.vocals cannot be 1"),
    ({"prompt": PROMPT, "settings": {"seed": "7"}}, 422, "invalid_input", "settings.seed cannot be '7'"),
    ({"prompt": PROMPT, "settings": {"candidates": True}}, 422, "invalid_input", "settings.candidates cannot be True"),
    ({"prompt": PROMPT, "settings": {"formats": ["wma"]}}, 422, "invalid_input", "wma"),
    ({"prompt": PROMPT, "settings": {"seed": -1}}, 422, "invalid_input", "settings.seed cannot be -1"),
    ([], 422, "invalid_input", "the body cannot be []"),
    (None, 422, "invalid_input", "the body"),
]


@pytest.mark.parametrize(("body", "status", "code", "words"), BAD_STARTS)
async def test_a_bad_song_is_refused_in_words(api: Api, body: Any, status: int, code: str, words: str) -> None:
    before = await _ids(api)
    answer = await api.http.post("/v1/compositions", json=body)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert words in problem["detail"]
    assert problem["type"] == f"/problems/{code}"
    assert await _ids(api) == before


async def _ids(api: Api) -> set[str]:
    songs = (await api.http.get("/v1/compositions", params={"limit": 200})).json()["items"]
    return {song["id"] for song in songs}


RAW: list[tuple[bytes, int, str]] = [
    (b"{", 400, "invalid_json"),
    (b'{"prompt": "\xff"}', 400, "invalid_json"),
    (b'{"prompt": "\\ud800"}', 422, "invalid_prompt"),
    (b'{"prompt": "x", "context": {"creative.constraints": {"n": NaN}}}', 422, "invalid_input"),
    (b'{"prompt": "x", "context": ' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}", 422, "invalid_input"),
    (b'{"prompt": "x", "context": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", 400, "invalid_json"),
    (b'{"prompt": "' + b"x" * 1_100_000 + b'"}', 413, "body_too_large"),
]


@pytest.mark.parametrize(("body", "status", "code"), RAW)
async def test_a_malformed_body_is_a_problem_too(api: Api, body: bytes, status: int, code: str) -> None:
    answer = await api.http.post("/v1/compositions", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_large_body_without_a_length_is_a_problem_too(api: Api) -> None:
    async def chunks() -> Any:
        for _ in range(40):
            yield b"x" * 50_000

    answer = await api.http.post("/v1/compositions", content=chunks(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_form_is_no_json(api: Api) -> None:
    answer = await api.http.post("/v1/compositions", data={"prompt": PROMPT})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "application/json, not application/x-www-form-urlencoded" in answer.json()["detail"]


BAD_KEYS = ["x" * 65, "a b", "ü", ""]


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_bad_idempotency_key_is_named(api: Api, key: str) -> None:
    answer = await api.http.post(
        "/v1/compositions", json={"prompt": PROMPT}, headers=[(b"Idempotency-Key", key.encode())]
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "header:Idempotency-Key"


WRONG_COMMANDS: list[tuple[str, Any, int, str, str]] = [
    ("advances", {"target": "mixdown"}, 422, "invalid_input", "mixdown"),
    ("advances", {"target": "mastering"}, 409, "command_rejected", "cannot go to mastering; allowed now"),
    ("advances", {"command_id": "x"}, 422, "invalid_input", "command_id is no field here"),
    ("revisions", {"stage": "mastering", "instruction": "slower"}, 409, "command_rejected", "mastering comes after"),
    ("revisions", {"stage": "demo", "instruction": "slower"}, 422, "invalid_input", "demo"),
    ("revisions", {}, 409, "command_rejected", "nothing to revise"),
    ("revisions", {"changes": {"musical.nothing": 1}}, 422, "unknown_path", "musical.nothing"),
    ("revisions", {"changes": {"musical.tempo": 5000}}, 422, "invalid_value", "5000"),
    ("revisions", {"instruction": "make it purple"}, 422, "invalid_command", "'purple' is not understood"),
    ("revisions", None, 422, "invalid_input", "the body is missing"),
    ("reversions", {"stage": "ideation", "revision": 9}, 409, "command_rejected", "no revision 9"),
    ("reversions", {"stage": "ideation"}, 422, "invalid_input", "revision is missing"),
    ("resumptions", None, 409, "command_rejected", "not held"),
    ("retries", None, 409, "command_rejected", "nothing is blocked"),
    ("takes/5/choice", None, 409, "command_rejected", "no take 5"),
    ("takes/0/choice", None, 422, "invalid_input", "take cannot be '0'"),
    ("review-settings", {"review": ["mixdown"]}, 422, "invalid_input", "mixdown"),
    ("enhancements/nothing/acceptance", None, 404, "not_found", "nothing"),
    ("holds", {"expected_stage": "mixing"}, 409, "command_rejected", "not at mixing"),
    ("holds", {"expected_revision": 7}, 409, "command_rejected", "not 7"),
]


@pytest.fixture(scope="module")
async def waiting(api: Api) -> str:
    song = await api.start(settings={"review": "all"})
    await api.until(song, status="waiting", stage="ideation")
    return song


@pytest.mark.parametrize(("what", "body", "status", "code", "words"), WRONG_COMMANDS)
async def test_a_wrong_command_changes_nothing(
    api: Api, waiting: str, what: str, body: Any, status: int, code: str, words: str
) -> None:
    before = await api.status(waiting)
    answer = await api.send(waiting, what, body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert words in problem["detail"], problem
    if status == 409:
        assert problem["result"]["verdict"] == "rejected"
        assert problem["result"]["allowed_targets"] == ["composition"]
        assert "advance" in problem["result"]["allowed_commands"]
    assert await api.status(waiting) == before


async def test_advance_at_finalization_is_refused(api: Api) -> None:
    song = await api.start()
    await api.until(song, status="completed")
    answer = await api.send(song, "advances")
    assert answer.status_code == 409
    assert "the last stage" in answer.json()["detail"]
    assert answer.json()["result"]["allowed_targets"] == ["mastering"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/compositions/none",
        "/v1/compositions/none/status",
        "/v1/compositions/none/history",
        "/v1/compositions/none/events",
        "/v1/compositions/none/download",
        "/v1/compositions/none/stages/mixing",
        f"/v1/media/{'0' * 64}/content",
        "/v1/media/none/content",
        "/v1/media/..%2f..%2fetc%2fpasswd/content",
        "/v1/nothing",
        "/problems/none",
    ],
)
async def test_what_is_not_there_is_a_problem(api: Api, path: str) -> None:
    answer = await api.http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_command_to_an_unknown_song_is_404(api: Api) -> None:
    answer = await api.send("none", "advances")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "'none'" in answer.json()["detail"]


async def test_bad_queries_are_named(api: Api) -> None:
    for params, words in (
        ({"stage": "mixdown"}, "mixdown"),
        ({"limit": 0}, "limit cannot be '0'"),
        ({"cursor": "!!"}, "cursor"),
    ):
        answer = await api.http.get("/v1/compositions", params=params)
        assert answer.status_code == 422
        assert words in answer.json()["detail"]


async def test_no_number_is_too_large_to_be_refused(api: Api, waiting: str) -> None:
    huge = 10**30
    root = f"/v1/compositions/{waiting}"
    for path in (f"/history?before={huge}", f"/events?after={huge}"):
        answer = await api.http.get(root + path)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    for what, body in (
        (f"takes/{huge}/choice", None),
        ("holds", {"expected_revision": huge}),
        ("reversions", {"stage": "ideation", "revision": huge}),
    ):
        answer = await api.send(waiting, what, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_a_wrong_method_says_what_is_right(api: Api) -> None:
    answer = await api.http.delete("/v1/compositions")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    assert "it takes GET, POST" in answer.json()["detail"]


async def test_no_odd_input_breaks_the_answer(api: Api) -> None:
    body = json.dumps({"prompt": PROMPT, "title": "\ud800", "\ud801": 1})
    answer = await api.http.post("/v1/compositions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"


TRICKS = [
    "%2e%2e", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cwindows", "%00", "a%00b", "%ff%fe", "a%0d%0aSet-Cookie:x=1",
    "x" * 64, "x" * 65, "x" * 4000, "%F0%9F%8E%B5", "%E2%80%AE", "..;", "%252e%252e", "'%20OR%201=1--", "{id}", "~root",
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
async def test_no_id_is_a_path(api: Api, trick: str) -> None:
    for path in (
        f"/v1/compositions/{trick}",
        f"/v1/compositions/{trick}/download",
        f"/v1/media/{trick}/content",
        f"/v1/references/{trick}",
        f"/v1/api-keys/{trick}",
        f"/v1/webhook-endpoints/{trick}",
        f"/v1/invitations/{trick}",
        f"/problems/{trick}",
    ):
        answer = await api.http.get(path)
        assert answer.status_code in (404, 422), (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "root:" not in answer.text
        assert "set-cookie" not in answer.headers


TITLES = [
    'a"b',
    "a\\b",
    "../../etc/passwd",
    "🎵🎹",
    "\u05e9\u05d9\u05e8",
    "a;filename=x.exe",
    "%0d%0aX: 1",
    "." * 40,
    "x" * 255,
]


@pytest.mark.parametrize("title", TITLES)
async def test_no_title_breaks_out_of_a_downloads_name(api: Api, title: str) -> None:
    song = await api.start(title=title)
    await api.until(song, status="completed")
    answer = await api.http.get(f"/v1/compositions/{song}/download", params={"format": "wav"})
    assert answer.status_code == 200, answer.text
    named = answer.headers["content-disposition"]
    assert named.isascii()
    assert named.startswith("attachment; filename=")
    plain = re.fullmatch(
        r'attachment; filename="((?:[^"\\\\]|\\\\.)*)"(?:; filename\*=UTF-8\'\'([\w.~%!#$&+^`|-]+))?', named
    )
    assert plain, named
    assert not {"/", "\\", "\r", "\n"} & set(plain[1])
    assert "/" not in unquote(plain[2] or "")


@pytest.mark.parametrize("title", ["a\r\nX-Injected: 1", "a\x00b", "\u202egnp.exe", "a\x1b[31m"])
async def test_a_title_that_cannot_be_shown_is_refused(api: Api, title: str) -> None:
    answer = await api.http.post("/v1/compositions", json={"prompt": PROMPT, "title": title})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
