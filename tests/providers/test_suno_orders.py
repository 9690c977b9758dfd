"""What is asked of Suno for an order, before anything is sent: which operation, within which limits, at what price."""

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers.account import Account
from providers.errors import ProviderError
from providers.orders import MusicOrder, Origin, PlannedSection, Sound, TextOrder
from providers.suno import CONTRACTS, Suno
from providers.suno_errors import JOB_CODES, KIE, SUNOAPI, job_failed
from providers.suno_models import Extend, Generate, OfTake, Results
from providers.suno_requests import LIMITS, checked_span, operation_of, request_of
from providers.suno_results import read_call, stems
from providers.transport import Call, Reply

BACK = "https://app.example/cb"
ORIGIN = Origin(provider="suno", job_id="job-1", take_id="take-1", model="V5_5", duration_s=120.5)
LYRICS = "[Verse]\nThe ferry leaves at night\n\n[Chorus]\nHold the light"


def song(**given: Any) -> MusicOrder:
    fields: dict[str, Any] = {
        "task": Task.FULL_SONG,
        "title": "Night Ferry",
        "style": "dream pop, soft drums",
        "instrumental": False,
        "lyrics": LYRICS,
    }
    return MusicOrder(**(fields | given))


def words(task: Task = Task.LYRICS, **properties: str) -> TextOrder:
    schema = {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}
    return TextOrder(task=task, instructions="", text="a ferry at night", schema_name="lyrics", json_schema=schema)


class Nowhere:
    """A transport that must not be used."""

    async def send(self, call: Call) -> Reply:
        raise AssertionError(f"{call.method} {call.url} was sent")


def adapter(**options: str) -> Suno:
    return Suno(Account(key=SecretStr("k"), options=options), Nowhere())


def camel(order: MusicOrder, model: str = "V5_5") -> dict[str, Any]:
    return request_of(order, model, BACK).camel()


@pytest.mark.parametrize(
    ("order", "operation"),
    [
        (song(), "generate"),
        (song(task=Task.INSTRUMENTAL, instrumental=True), "generate"),
        (song(task=Task.VOCALS), "generate"),
        (song(task=Task.VOCALS, reference=Sound(url="https://a.example/b.mp3")), "add_vocals"),
        (song(reference=Sound(url="https://a.example/b.mp3")), "cover"),
        (song(task=Task.TRANSFORMATION, reference=Sound(url="https://a.example/b.mp3")), "cover"),
        (song(origin=ORIGIN), "extend"),
        (song(task=Task.STEMS, origin=ORIGIN), "stems"),
        (song(task=Task.SECTION_EDIT, origin=ORIGIN, span_s=(10.0, 30.0)), "replace_section"),
        (song(origin=ORIGIN, wanted="wav"), "wav"),
        (song(origin=ORIGIN, wanted="words"), "words"),
        (words(title="string", lyrics="string"), "lyrics"),
    ],
)
def test_the_operation_follows_from_task_origin_and_reference(order: MusicOrder | TextOrder, operation: str) -> None:
    assert operation_of(order) == operation
    assert adapter().operation(order) == operation


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (words(Task.MELODY, title="string", lyrics="string"), "melody"),
        (words(title="string", sections="array"), "other fields"),
        (words(title="string"), "other fields"),
        (song(task=Task.STEMS), "names none"),
        (song(task=Task.SECTION_EDIT, span_s=(0.0, 20.0)), "names none"),
        (song(wanted="wav"), "names none"),
        (song(task=Task.TRANSFORMATION), "public address"),
        (song(task=Task.TRANSFORMATION, origin=ORIGIN), "public address"),
        (song(reference=Sound(content=b"RIFF")), "public address"),
        (song(task=Task.ANALYSIS), "analysis"),
    ],
)
def test_what_it_cannot_do_is_said_before_a_call(order: MusicOrder | TextOrder, says: str) -> None:
    with pytest.raises(ProviderError, match=says) as caught:
        adapter().quote(order)
    assert caught.value.kind is ErrorKind.UNSUPPORTED


@pytest.mark.parametrize("wanted", [words(title="string", lyrics="string"), song(origin=ORIGIN, wanted="wav")])
def test_the_jobs_contract_has_neither_lyrics_nor_wav(wanted: MusicOrder | TextOrder) -> None:
    with pytest.raises(ProviderError, match=r"sunoapi\.org") as caught:
        adapter(contract="kie").operation(wanted)
    assert caught.value.kind is ErrorKind.UNSUPPORTED


def test_capabilities_do_not_promise_what_the_contract_lacks() -> None:
    assert {name: entry[1].official for name, entry in CONTRACTS.items()} == {"sunoapi": False, "kie": False}
    assert Task.LYRICS in adapter().capabilities.tasks
    assert Task.LYRICS not in adapter(contract="kie").capabilities.tasks
    assert adapter(contract="kie").capabilities.formats == ("mp3",)
    for name, (gateway, capabilities) in CONTRACTS.items():
        assert gateway.operations <= set(capabilities.evidence), name


def test_an_unknown_contract_is_refused_with_the_choices() -> None:
    with pytest.raises(ProviderError, match="'studio'; choose one of sunoapi, kie"):
        adapter(contract="studio")


def test_a_sung_song_sends_lyrics_style_and_title_and_nothing_that_is_not_set() -> None:
    sent = camel(song(vocal_gender="female", negative=("metal", "screaming"), bpm=92.0, duration_s=120.4))
    assert sent == {
        "customMode": True,
        "instrumental": False,
        "model": "V5_5",
        "callBackUrl": BACK,
        "prompt": LYRICS,
        "style": "dream pop, soft drums, 92 BPM, female vocal",
        "title": "Night Ferry",
        "duration": 120,
        "negativeTags": "metal, screaming",
        "vocalGender": "f",
    }


def test_an_instrumental_sends_no_words_and_no_voice() -> None:
    sent = camel(song(instrumental=True, vocal_gender="male"))
    assert set(sent) == {"customMode", "instrumental", "model", "callBackUrl", "style", "title"}
    assert sent["instrumental"] is True


def test_without_lyrics_the_gateway_writes_them_and_all_else_stays_empty() -> None:
    sent = camel(song(lyrics="", style="warm, " * 200, negative=("metal",)))
    assert set(sent) == {"customMode", "instrumental", "model", "callBackUrl", "prompt"}
    assert sent["customMode"] is False
    assert sent["prompt"].startswith("Night Ferry: warm")
    assert 400 < len(sent["prompt"]) <= 500


@pytest.mark.parametrize("model", sorted(LIMITS))
def test_style_and_title_are_shortened_at_a_word_lyrics_never(model: str) -> None:
    limits = LIMITS[model]
    full = "x" * (limits.prompt - 8) + "\nthe end"
    sent = camel(song(style="gentle strings, " * 100, title="a very long title " * 20, lyrics=full), model)
    assert limits.style - 20 < len(sent["style"]) <= limits.style
    assert sent["style"].endswith(("gentle", "strings"))
    assert limits.title - 20 < len(sent["title"]) <= limits.title
    assert sent["title"].split()[-1] in {"a", "very", "long", "title"}
    assert sent["prompt"] == full
    with pytest.raises(ProviderError, match=f"the model takes {limits.prompt:,}") as caught:
        camel(song(lyrics=full + "."), model)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


@pytest.mark.parametrize(
    ("model", "wanted", "sent"),
    [("V5_5", 10, 10), ("V5_5", 360, 360), ("V6", 200, 200), ("V5_5", 9, None), ("V5_5", 361, None), ("V5", 200, None)],
)
def test_a_length_is_asked_for_only_where_the_model_takes_it(model: str, wanted: float, sent: int | None) -> None:
    assert camel(song(duration_s=wanted), model).get("duration") == sent


def test_a_cover_stays_near_its_recording_the_weaker_the_change_is() -> None:
    recording = Sound(url="https://a.example/b.mp3", duration_s=480.0)
    assert camel(song(reference=recording, strength=0.25))["audioWeight"] == 0.75
    assert camel(song(reference=recording))["uploadUrl"] == recording.url
    with pytest.raises(ProviderError, match="8 minutes"):
        camel(song(reference=recording.model_copy(update={"duration_s": 480.5})))


def test_an_extension_begins_inside_its_take_or_at_its_end() -> None:
    request = request_of(song(origin=ORIGIN), "V5", BACK)
    assert isinstance(request, Extend)
    assert (request.continue_at, request.model) == (120.0, "V5_5")
    assert camel(song(origin=ORIGIN, span_s=(61.237, 90.0)))["continueAt"] == 61.24
    unknown = camel(song(origin=ORIGIN.model_copy(update={"duration_s": 0.0})))
    assert set(unknown) == {"defaultParamFlag", "audioId", "model", "callBackUrl"}
    assert unknown["defaultParamFlag"] is False
    with pytest.raises(ProviderError, match="earlier time"):
        camel(song(origin=ORIGIN, span_s=(120.5, 140.0)))


@pytest.mark.parametrize(
    ("span", "take_s", "fits"),
    [
        ((0.0, 10.0), 20.0, True),
        ((30.0, 90.0), 120.0, True),
        ((5.004, 15.004), 100.0, True),
        ((0.0, 9.99), 100.0, False),
        ((0.0, 60.01), 200.0, False),
        ((0.0, 10.01), 20.0, False),
        ((95.0, 105.0), 100.0, False),
        ((-1.0, 10.0), 100.0, False),
        ((20.0, 10.0), 100.0, False),
        ((0.0, 10.0), 0.0, False),
        (None, 100.0, False),
    ],
)
def test_a_section_is_10_to_60_s_inside_its_take_and_at_most_half(
    span: tuple[float, float] | None, take_s: float, fits: bool
) -> None:
    if fits:
        assert span is not None
        assert checked_span(span, take_s) == (round(span[0], 2), round(span[1], 2))
        return
    with pytest.raises(ProviderError) as caught:
        checked_span(span, take_s)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


def test_a_replaced_section_sings_what_is_planned_there() -> None:
    sections = (
        PlannedSection(name="verse", duration_s=30.0, lyrics=("one", "two")),
        PlannedSection(name="chorus", duration_s=30.0, lyrics=("three",)),
    )
    order = song(task=Task.SECTION_EDIT, origin=ORIGIN, span_s=(31.0, 60.0), sections=sections)
    sent = camel(order)
    assert sent["prompt"] == "three"
    assert sent["fullLyrics"] == LYRICS
    assert (sent["infillStartS"], sent["infillEndS"]) == (31.0, 60.0)
    assert (sent["taskId"], sent["audioId"]) == ("job-1", "take-1")


def test_vocals_need_words() -> None:
    with pytest.raises(ProviderError, match="needs lyrics") as caught:
        camel(song(task=Task.VOCALS, lyrics="", reference=Sound(url="https://a.example/b.mp3")))
    assert caught.value.kind is ErrorKind.INVALID_REQUEST


def test_two_stems_or_many() -> None:
    many, two = (
        request_of(song(task=Task.STEMS, origin=ORIGIN, stem_kinds=kind), "V5", BACK) for kind in ("many", "two")
    )
    assert isinstance(many, OfTake)
    assert isinstance(two, OfTake)
    assert (many.type, two.type) == ("split_stem", "separate_vocal")


def test_the_jobs_contract_spells_the_same_fields_in_snake_case() -> None:
    request = request_of(song(negative=("metal",), vocal_gender="male"), "V6", BACK)
    assert isinstance(request, Generate)
    assert request.snake() == {
        "custom_mode": True,
        "instrumental": False,
        "model": "V6",
        "prompt": LYRICS,
        "style": "dream pop, soft drums, male vocal",
        "title": "Night Ferry",
        "negative_tags": "metal",
        "vocal_gender": "m",
    }


def test_the_price_is_that_of_the_call_and_can_be_set() -> None:
    assert adapter().quote(song()) == Decimal("0.060")
    assert adapter().quote(song(takes=2)) == Decimal("0.060")
    assert adapter(usd_per_credit="0.01").quote(song()) == Decimal("0.12")
    stems_order = song(task=Task.STEMS, origin=ORIGIN)
    assert adapter(credits_stems="50").quote(stems_order) == Decimal("0.250")
    with pytest.raises(ProviderError, match="usd_per_credit is 'free'"):
        adapter(usd_per_credit="free").quote(song())


@pytest.mark.parametrize("code", sorted(JOB_CODES))
@pytest.mark.parametrize("given", [int, str])
def test_a_failed_job_says_why_by_its_code(code: int, given: type) -> None:
    error = job_failed(SUNOAPI, "job", state="GENERATE_AUDIO_FAILED", code=given(code), said="no")
    assert (error.kind, error.refunded, error.final) == (JOB_CODES[code].kind, code == 531, True)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Sensitive words found", ErrorKind.MODERATION),
        ("lyrics contain copyrighted material", ErrorKind.COPYRIGHT),
        ("uploaded audio matches existing work", ErrorKind.COPYRIGHT),
        ("Credits insufficient", ErrorKind.INSUFFICIENT_CREDITS),
        ("something else", ErrorKind.UPSTREAM),
    ],
)
def test_a_failed_job_says_why_by_its_words(said: str, kind: ErrorKind) -> None:
    assert job_failed(KIE, "job", code=None, said=said).kind is kind


def test_sensitive_words_stay_moderation_whatever_code_comes_along() -> None:
    assert job_failed(SUNOAPI, "j", state="SENSITIVE_WORD_ERROR", code=500, said="").kind is ErrorKind.MODERATION


def test_stems_keep_their_names_and_those_without_a_field_the_separators() -> None:
    results = Results.model_validate(
        {
            "vocalUrl": "https://f/v",
            "backingVocalsUrl": "https://f/b",
            "drumsUrl": None,
            "originData": [
                {"stem_type_group_name": "Vocals", "audio_url": "https://f/v", "duration": 9.5},
                {"stem_type_group_name": "Lead Guitar", "audio_url": "https://f/g", "duration": 9.0},
            ],
        }
    )
    found = [(file.role, file.url, file.duration_s, file.take_id) for file in stems(results, "take")]
    assert found == [
        ("stem:vocals", "https://f/v", 9.5, "take"),
        ("stem:backing_vocals", "https://f/b", None, "take"),
        ("stem:lead_guitar", "https://f/g", 9.0, "take"),
    ]


NOW = 1_800_000_000.0


def signed(job_id: str, *, key: str = "s3cret", at: float = NOW) -> dict[str, str]:
    want = hmac.new(key.encode(), f"{job_id}.{at:.0f}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": f"{at:.0f}", "X-Webhook-Signature": base64.b64encode(want).decode()}


def called(job_id: str = "j1", **data: str) -> bytes:
    return json.dumps({"code": 200, "msg": "", "data": {"task_id": job_id} | data}).encode()


@pytest.mark.parametrize(
    ("data", "finished"),
    [
        ({"callbackType": "text"}, False),
        ({"callbackType": "first"}, False),
        ({"callbackType": "complete"}, True),
        ({"callbackType": "error"}, True),
        ({"state": "generating"}, False),
        ({"state": "success"}, True),
        ({"state": "fail"}, True),
        ({}, True),
    ],
)
def test_a_call_tells_its_job_and_whether_more_will_come(data: dict[str, str], finished: bool) -> None:
    call = read_call("", {}, called(**data), now=NOW)
    assert (call.job_id, call.proven, call.finished) == ("j1", False, finished)
    proven = read_call("s3cret", signed("j1"), called(**data), now=NOW + 299)
    assert (proven.job_id, proven.proven, proven.finished) == ("j1", True, finished)
    assert proven.delivery_id == read_call("s3cret", signed("j1"), called(**data), now=NOW).delivery_id


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, called()),
        (signed("j2"), called()),
        (signed("j1", key="guess"), called()),
        (signed("j1", at=NOW - 301), called()),
        (signed("j1", at=NOW + 301), called()),
        (signed("j1") | {"X-Webhook-Timestamp": "-5"}, called()),
        (signed("j1") | {"X-Webhook-Signature": "\xe9"}, called()),
        (signed("j1"), b"<html>"),
        (signed(""), called("")),
    ],
)
def test_a_forged_or_replayed_call_is_refused(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(ProviderError, match="refused") as caught:
        read_call("s3cret", headers, body, now=NOW)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST
