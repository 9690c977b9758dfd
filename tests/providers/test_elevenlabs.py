"""The ElevenLabs adapter against the vendor's contract server: plans, words, edits, stems, errors, accidents."""

import io
import wave
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import pytest
import soundfile
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers import mixed
from providers.account import Account
from providers.contract import Job, Product
from providers.elevenlabs import ElevenLabs
from providers.errors import ProviderError
from providers.orders import MusicOrder, Origin, PlannedSection, Sound, TextOrder
from providers.transport import HttpxTransport
from tests.providers.fresh import NOWHERE, as_new
from tests.providers.servers.base import Answer, Fault, tone
from tests.providers.servers.elevenlabs import ElevenLabsServer, detail

KINDS = {
    "auth": ErrorKind.AUTH,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "plan_denied": ErrorKind.PLAN_DENIED,
    "moderation": ErrorKind.MODERATION,
    "moderation_suggestion": ErrorKind.MODERATION,
    "copyright": ErrorKind.COPYRIGHT,
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "not_found": ErrorKind.NOT_FOUND,
    "song_not_found": ErrorKind.NOT_FOUND,
    "concurrency": ErrorKind.CONCURRENCY_LIMIT,
    "overloaded": ErrorKind.OVERLOADED,
    "rate_limited": ErrorKind.CONCURRENCY_LIMIT,
    "rate_limited_ms": ErrorKind.OVERLOADED,
    "upstream": ErrorKind.UPSTREAM,
}
WAITS = {"rate_limited": 1.0, "rate_limited_ms": 0.15}
SECTIONS = (
    PlannedSection(name="intro", duration_s=2.0, styles=("sparse",)),
    PlannedSection(name="verse", duration_s=6.0, styles=("intimate",), lyrics=("the harbour light", "is on")),
    PlannedSection(name="chorus", duration_s=5.0, lyrics=("every boat is gone",)),
)


@pytest.fixture(scope="module")
def running() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as started:
        yield started


@pytest.fixture
def server(running: ElevenLabsServer) -> Iterator[ElevenLabsServer]:
    with as_new(running) as fresh:
        yield fresh


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    network = HttpxTransport()
    yield network
    await network.aclose()


def adapter(server: ElevenLabsServer, transport: HttpxTransport, model: str = "", **options: str) -> ElevenLabs:
    return ElevenLabs(Account(key=SecretStr(server.key), base_url=server.url, model=model, options=options), transport)


def order(**changes: object) -> MusicOrder:
    given = {"task": Task.FULL_SONG, "title": "Harbour", "style": "dream pop, warm pads", "duration_s": 6.0, "seed": 9}
    return MusicOrder.model_validate(given | changes)


SUNG = order(sections=SECTIONS, instrumental=False, vocal_gender="female", bpm=92, negative=("distortion",))


async def made(one: ElevenLabs, asked: MusicOrder) -> Product:
    product = await one.submit(asked)
    assert isinstance(product, Product)
    return product


async def kept(one: ElevenLabs) -> Origin:
    """A song of 12 s that the vendor has stored."""
    product = await made(one, order(duration_s=12.0))
    return Origin(provider="elevenlabs", job_id="", take_id=product.files[0].take_id, duration_s=12.0)


def seconds(product: Product) -> float:
    (file,) = product.files
    return float(soundfile.info(io.BytesIO(file.content)).duration)


async def test_an_instrumental_from_a_prompt(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    product = await made(one, order(task=Task.INSTRUMENTAL))
    assert server.accepted == [
        {
            "model_id": "music_v2_5",
            "prompt": "dream pop, warm pads, instrumental",
            "music_length_ms": 6000,
            "force_instrumental": True,
        }
    ]
    assert server.requests[0].path == "/v1/music"
    assert seconds(product) == pytest.approx(6.0, abs=0.1)
    (file,) = product.files
    assert (file.media_type, file.words, file.take_id) == ("audio/mpeg", (), "")
    assert server.spent == one.quote(order()) == Decimal("0.80")


async def test_a_song_by_sections_comes_with_its_words(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    product = await made(one, SUNG)
    (body,) = server.accepted
    assert body.keys() == {"model_id", "composition_plan", "seed", "with_timestamps"}
    assert body["seed"] == 9
    styles = ["dream pop", "warm pads", "92 BPM", "female vocal"]
    assert body["composition_plan"] == {
        "chunks": [
            {
                "text": "[Intro]",
                "duration_ms": 3000,
                "positive_styles": [*styles, "sparse"],
                "negative_styles": ["distortion"],
            },
            {
                "text": "[Verse]\nthe harbour light\nis on",
                "duration_ms": 6000,
                "positive_styles": [*styles, "intimate"],
                "negative_styles": ["distortion"],
            },
            {
                "text": "[Chorus]\nevery boat is gone",
                "duration_ms": 5000,
                "positive_styles": styles,
                "negative_styles": ["distortion"],
            },
        ]
    }
    (file,) = product.files
    assert file.words[0] == ("the", 0.0, 2.8)
    assert file.words[-1] == ("on", 11.2, 14.0)
    assert seconds(product) == pytest.approx(14.0, abs=0.1)
    assert server.spent <= one.quote(SUNG)


async def test_the_older_model_reads_sections(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    long = PlannedSection(name="verse", duration_s=130.0, lyrics=tuple(f"line {at} " + "x" * 250 for at in range(40)))
    server.audio_seconds = 1.0
    await made(adapter(server, transport, "music_v1"), SUNG.model_copy(update={"sections": (SECTIONS[0], long)}))
    (body,) = server.accepted
    plan = body["composition_plan"]
    assert body["respect_sections_durations"] is True
    assert plan["positive_global_styles"] == ["dream pop", "warm pads", "92 BPM", "female vocal"]
    assert plan["negative_global_styles"] == ["distortion"]
    assert [(one["section_name"], one["duration_ms"], len(one["lines"])) for one in plan["sections"]] == [
        ("intro", 3000, 0),
        ("verse", 65000, 20),
        ("verse", 65000, 20),
    ]


async def test_an_instrumental_plan_keeps_voices_out(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    await made(adapter(server, transport), order(sections=SECTIONS))
    chunks = server.accepted[0]["composition_plan"]["chunks"]
    assert [chunk["text"] for chunk in chunks] == ["[Intro]", "[Verse]", "[Chorus]"]
    assert all("vocals" in chunk["negative_styles"] for chunk in chunks)


async def test_many_sections_share_chunks(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    server.audio_seconds = 1.0
    sections = tuple(PlannedSection(name=f"part {at}", duration_s=4.0) for at in range(40))
    await made(adapter(server, transport), order(sections=sections))
    chunks = server.accepted[0]["composition_plan"]["chunks"]
    assert len(chunks) == 20
    assert chunks[0]["text"] == "[Part 0]\n[Part 1]"
    assert sum(chunk["duration_ms"] for chunk in chunks) == 160_000


async def test_lyrics_without_sections_become_a_plan(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    asked = order(lyrics="[Verse]\none\ntwo\n[Chorus]\nthree\nfour", instrumental=False, duration_s=8.0)
    await made(adapter(server, transport), asked)
    chunks = server.accepted[0]["composition_plan"]["chunks"]
    assert [(one["text"], one["duration_ms"]) for one in chunks] == [
        ("[Verse]\none\ntwo", 4000),
        ("[Chorus]\nthree\nfour", 4000),
    ]


async def test_a_song_without_words_of_its_own_is_sung_to_a_prompt(
    server: ElevenLabsServer, transport: HttpxTransport
) -> None:
    product = await made(adapter(server, transport), order(instrumental=False))
    assert server.accepted[0]["force_instrumental"] is False
    assert server.accepted[0]["with_timestamps"] is True
    assert len(product.files[0].words) == 5


@pytest.mark.parametrize(
    ("span", "ranges", "new_ms"),
    [
        ((4.0, 8.0), [(0, 4000), (8000, 12000)], 4000),
        ((0.0, 8.0), [(8000, 12000)], 8000),
        ((6.0, 11.98), [(0, 6000)], 5980),
    ],
)
async def test_a_section_is_made_anew_between_what_is_kept(
    server: ElevenLabsServer,
    transport: HttpxTransport,
    span: tuple[float, float],
    ranges: list[tuple[int, int]],
    new_ms: int,
) -> None:
    one = adapter(server, transport, store_for_inpainting="true")
    origin = await kept(one)
    edit = order(
        task=Task.SECTION_EDIT,
        origin=origin,
        span_s=span,
        instrumental=False,
        sections=(PlannedSection(name="bridge", duration_s=99.0, lyrics=("new words",)),),
    )
    assert one.operation(edit) == "section_edit"
    product = await made(one, edit)
    chunks = server.accepted[1]["composition_plan"]["chunks"]
    new = [chunk for chunk in chunks if "text" in chunk]
    assert [(chunk["text"], chunk["duration_ms"]) for chunk in new] == [("[Bridge]\nnew words", new_ms)]
    references = [chunk for chunk in chunks if "song_id" in chunk]
    assert [(chunk["range"]["start_ms"], chunk["range"]["end_ms"]) for chunk in references] == ranges
    assert {chunk["song_id"] for chunk in references} == {origin.take_id}
    assert product.files[0].take_id not in ("", origin.take_id)


async def test_a_song_goes_on(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport, store_for_inpainting="true")
    longer = order(origin=await kept(one), duration_s=20.0)
    assert one.operation(longer) == "extend"
    assert seconds(await made(one, longer)) == pytest.approx(20.0, abs=0.1)
    kept_chunk, new = server.accepted[1]["composition_plan"]["chunks"]
    assert kept_chunk["range"] == {"start_ms": 0, "end_ms": 12000}
    assert new["duration_ms"] == 8000


@pytest.mark.parametrize(
    ("kinds", "roles"),
    [
        ("two", ["stem:vocals", "stem:instrumental"]),
        ("many", ["stem:vocals", "stem:drums", "stem:bass", "stem:guitar", "stem:piano", "stem:other"]),
    ],
)
async def test_stems(server: ElevenLabsServer, transport: HttpxTransport, kinds: str, roles: list[str]) -> None:
    one = adapter(server, transport)
    asked = order(task=Task.STEMS, reference=Sound(content=tone(4), duration_s=4.0), stem_kinds=kinds)
    product = await made(one, asked)
    assert [file.role for file in product.files] == roles
    assert all(soundfile.info(io.BytesIO(file.content)).duration > 3.9 for file in product.files)
    assert server.spent <= one.quote(asked)


async def test_raw_sound_gets_a_header(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    product = await made(adapter(server, transport, output_format="pcm_48000"), SUNG)
    (file,) = product.files
    assert file.media_type == "audio/wav"
    with wave.open(io.BytesIO(file.content)) as found:
        assert (found.getnchannels(), found.getframerate(), found.getsampwidth()) == (2, 48000, 2)
        assert found.getnframes() == 14 * 48000


def test_each_documented_error_has_a_kind() -> None:
    assert set(KINDS) == set(ElevenLabsServer.ERRORS)


@pytest.mark.parametrize("asked", [order(), SUNG, order(task=Task.STEMS, reference=Sound(content=tone(4)))])
@pytest.mark.parametrize(("name", "kind"), KINDS.items())
async def test_errors(
    server: ElevenLabsServer, transport: HttpxTransport, name: str, kind: ErrorKind, asked: MusicOrder
) -> None:
    server.fail_next(name)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(asked)
    assert caught.value.kind is kind
    assert caught.value.retry_after_s == WAITS.get(name)
    assert caught.value.suggestion == ("a warm soul ballad" if name == "moderation_suggestion" else "")
    assert not server.charges


async def test_a_refused_prompt_brings_a_better_one(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order(style="like Famous Singer, slow"))
    assert caught.value.suggestion == "like soulful singer, slow, instrumental"
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order(style="gore"))
    assert (caught.value.kind, caught.value.suggestion) == (ErrorKind.MODERATION, "")


@pytest.mark.parametrize("model", ["music_v1", "music_v2"])
async def test_a_refused_plan_brings_better_styles(
    server: ElevenLabsServer, transport: HttpxTransport, model: str
) -> None:
    asked = order(style="like Famous Singer, slow", sections=SECTIONS[1:2], instrumental=False)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport, model).submit(asked)
    assert caught.value.kind is ErrorKind.MODERATION
    assert caught.value.suggestion.startswith("like soulful singer, slow")


async def test_too_many_at_once_and_an_empty_account(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    server.concurrency = 0
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order())
    assert caught.value.kind is ErrorKind.CONCURRENCY_LIMIT
    server.concurrency, server.balance = None, Decimal("0.10")
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order())
    assert caught.value.kind is ErrorKind.INSUFFICIENT_CREDITS


@pytest.mark.parametrize("asked", [order(), SUNG, order(task=Task.STEMS, reference=Sound(content=tone(4)))])
@pytest.mark.parametrize(
    "fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502), Fault.html(504)]
)
async def test_nobody_can_tell_whether_it_arrived(
    server: ElevenLabsServer, transport: HttpxTransport, asked: MusicOrder, fault: Fault
) -> None:
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(asked)
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, "<html>down</html>", ErrorKind.UPSTREAM),
        (503, "<html>down</html>", ErrorKind.OVERLOADED),
        (418, {"detail": "odd"}, ErrorKind.UPSTREAM),
        (429, {"detail": "slow down"}, ErrorKind.RATE_LIMITED),
        (400, ["no object"], ErrorKind.INVALID_REQUEST),
    ],
)
async def test_errors_that_are_not_documented(
    server: ElevenLabsServer, transport: HttpxTransport, status: int, body: object, kind: ErrorKind
) -> None:
    server.fail_next(Fault.status(Answer(status, body, {"x-ratelimit-reset": "3"})))
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order())
    assert (caught.value.kind, caught.value.retry_after_s) == (kind, 3.0)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "audio/mpeg"}, b""),
        ({"content-type": "application/json"}, b'{"ok": true}'),
        ({"content-type": "multipart/mixed; boundary=b"}, b"--b\r\ncontent-type: application/json\r\n\r\n{}\r\n--b--"),
        ({"content-type": "multipart/mixed; boundary=b"}, b"--b\r\ncontent-type: application/json\r\n\r\n<\r\n--b--"),
    ],
)
async def test_success_without_sound_is_paid_and_unknown(
    server: ElevenLabsServer, transport: HttpxTransport, headers: dict[str, str], body: bytes
) -> None:
    server.fail_next(Fault.status(Answer(200, body, headers)))
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(SUNG)
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN


async def test_sound_without_an_envelope_is_taken(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    server.fail_next(Fault.status(Answer(200, tone(1), {"content-type": "audio/wav"})))
    product = await made(adapter(server, transport), SUNG)
    assert (product.files[0].media_type, product.files[0].words) == ("audio/wav", ())


async def test_no_connection_is_no_order(transport: HttpxTransport) -> None:
    with pytest.raises(ProviderError) as caught:
        await ElevenLabs(Account(base_url=NOWHERE), transport).submit(order())
    assert caught.value.kind is ErrorKind.UPSTREAM


async def test_the_account_is_probed_for_nothing(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    server.balance = Decimal(12)
    health = await adapter(server, transport).probe()
    assert (health.ok, health.credits) == (True, 12_000)
    server.balance = Decimal(0)
    assert (await adapter(server, transport).probe()).ok is False
    server.fail_next("auth")
    assert (await adapter(server, transport).probe()).ok is False
    server.fail_next(Fault.status(detail(401, "missing_permissions", "The key lacks user_read.")))
    health = await adapter(server, transport).probe()
    assert (health.ok, health.credits) == (True, None)
    assert not server.charges


LOST = Origin(provider="elevenlabs", job_id="", duration_s=12.0)
FOUND = Origin(provider="elevenlabs", job_id="", take_id="song_1", duration_s=12.0)


@pytest.mark.parametrize(
    ("model", "changes", "told"),
    [
        ("", {"task": Task.TRANSFORMATION}, "none of its tasks"),
        ("", {"task": Task.STEMS}, "brings none"),
        ("", {"duration_s": 2.0}, "3–600 s"),
        ("", {"duration_s": 601.0}, "3–600 s"),
        ("", {"task": Task.SECTION_EDIT, "span_s": (4.0, 8.0)}, "store_for_inpainting"),
        ("", {"task": Task.SECTION_EDIT, "span_s": (4.0, 8.0), "origin": LOST}, "store_for_inpainting"),
        ("", {"task": Task.SECTION_EDIT, "span_s": (4.0, 13.0), "origin": FOUND}, "does not lie within"),
        ("", {"task": Task.SECTION_EDIT, "span_s": (4.0, 6.0), "origin": FOUND}, "no less than 3 s"),
        ("", {"duration_s": 12.0, "origin": FOUND}, "continuation"),
        ("music_v1", {"task": Task.SECTION_EDIT, "span_s": (4.0, 8.0), "origin": FOUND}, "music_v1"),
        ("music_v7", {}, "no model is called"),
    ],
)
async def test_what_it_does_not_do_is_said_before_any_call(
    server: ElevenLabsServer, transport: HttpxTransport, model: str, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(ProviderError, match=told) as caught:
        await adapter(server, transport, model).submit(order(**changes))
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert not server.requests


async def test_words_jobs_and_callbacks_are_not_its_trade(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    words = TextOrder(task=Task.LYRICS, instructions="", text="", schema_name="x", json_schema={})
    with pytest.raises(ProviderError, match="not words"):
        one.operation(words)
    with pytest.raises(ProviderError, match="no callbacks"):
        one.read_callback({}, b"{}", now=0.0)
    with pytest.raises(ProviderError, match="no job"):
        await one.poll(Job(id="x", operation="compose"))


def test_capabilities_follow_the_account(server: ElevenLabsServer, transport: HttpxTransport) -> None:
    assert Task.SECTION_EDIT not in adapter(server, transport).capabilities.tasks
    keeping = adapter(server, transport, store_for_inpainting="true", usd_per_minute="0.5")
    assert keeping.capabilities.section_edit
    assert keeping.quote(order(duration_s=61.0)) == Decimal("1.0")
    assert not adapter(server, transport, "music_v1", store_for_inpainting="true").capabilities.section_edit
    with pytest.raises(ProviderError, match="usd_per_minute is 'cheap'"):
        adapter(server, transport, usd_per_minute="cheap").capabilities  # noqa: B018


def test_mixed_parts() -> None:
    body = b"preamble\r\n--x y\r\nContent-Type: Application/JSON; x=y\r\n\r\n{}\r\n--x y\r\n\r\nRIFF\r\n\r\n--"
    found = mixed.parts('multipart/mixed; boundary="x y"', body)
    assert found == (("application/json", b"{}"), ("", b"RIFF\r\n\r\n--"))
    assert mixed.parts("audio/mpeg", b"ID3") == ()
    assert mixed.parts("multipart/mixed", b"--b") == ()
