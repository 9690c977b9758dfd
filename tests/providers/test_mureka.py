"""The Mureka adapter against the vendor's contract server: songs, instrumentals, edits, stems, errors, accidents."""

import base64
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr

from domain.providers import ErrorKind, Task
from providers.account import Account
from providers.contract import Job, MadeFile, Pending, Product
from providers.errors import ProviderError
from providers.mureka import Mureka
from providers.orders import MusicOrder, Origin, PlannedSection, Sound, TextOrder
from providers.transport import HttpxTransport
from tests.providers.fresh import NOWHERE, as_new
from tests.providers.servers.base import Answer, Fault, Pace, sound_file
from tests.providers.servers.mureka import Mureka as MurekaServer

KINDS = {
    "invalid_request": ErrorKind.INVALID_REQUEST,
    "auth": ErrorKind.AUTH,
    "plan_denied": ErrorKind.PLAN_DENIED,
    "not_found": ErrorKind.NOT_FOUND,
    "rate_limited": ErrorKind.RATE_LIMITED,
    "concurrency": ErrorKind.CONCURRENCY_LIMIT,
    "insufficient_credits": ErrorKind.INSUFFICIENT_CREDITS,
    "moderation": ErrorKind.MODERATION,
    "upstream": ErrorKind.UPSTREAM,
    "overloaded": ErrorKind.OVERLOADED,
}
MP3 = Sound(content=sound_file("mp3", 2.0), media_type="audio/mpeg", filename="song.mp3", duration_s=2.0)
LYRICS = "[Verse]\nthe harbour light\nis on"


@pytest.fixture(scope="module")
def running() -> Iterator[MurekaServer]:
    with MurekaServer() as started:
        yield started


@pytest.fixture
def server(running: MurekaServer) -> Iterator[MurekaServer]:
    with as_new(running) as fresh:
        fresh.audio_seconds = 4.0
        yield fresh


@pytest.fixture
async def transport() -> AsyncIterator[HttpxTransport]:
    network = HttpxTransport()
    yield network
    await network.aclose()


def adapter(server: MurekaServer, transport: HttpxTransport, model: str = "", **options: str) -> Mureka:
    return Mureka(Account(key=SecretStr(server.key), base_url=server.url, model=model, options=options), transport)


def order(**changes: object) -> MusicOrder:
    given = {"task": Task.FULL_SONG, "title": "Harbour", "style": "dream pop", "instrumental": False, "lyrics": LYRICS}
    return MusicOrder.model_validate(given | changes)


INSTRUMENTAL = order(task=Task.INSTRUMENTAL, instrumental=True)
STEMS = order(task=Task.STEMS, reference=MP3)


async def accepted(one: Mureka, asked: MusicOrder) -> Job:
    job = await one.submit(asked)
    assert isinstance(job, Job)
    return job


async def finished(one: Mureka, job: Job) -> Product:
    for _ in range(10):
        found = await one.poll(job)
        if isinstance(found, Product):
            return found
    raise AssertionError("the job does not end")


async def fetched(file: MadeFile) -> bytes:
    async with httpx.AsyncClient() as client:
        return (await client.get(file.url)).content


async def test_a_song_to_given_lyrics(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    asked = order(vocal_gender="female", bpm=92)
    job = await accepted(one, asked)
    assert job.operation == "song"
    assert server.accepted == [
        {"model": "auto", "n": 1, "lyrics": LYRICS, "gender": "female", "prompt": "dream pop, 92 BPM, female vocal"}
    ]
    seen = await one.poll(job)
    assert isinstance(seen, Pending)
    assert (seen.note, seen.progress) == ("preparing", 0.0)
    product = await finished(one, job)
    (file,) = product.files
    assert (file.role, file.media_type, file.duration_s) == ("take", "audio/wav", 4.0)
    assert file.take_id.startswith("song-")
    assert [word for word, _, _ in file.words] == ["the", "harbour", "light", "is", "on"]
    assert file.words[0][1:] == (0.0, 0.666)
    assert (await fetched(file))[:4] == b"RIFF"
    assert len(server.charges) == 1
    assert server.spent <= one.quote(asked)


async def test_takes_are_ordered_and_billed_one_by_one(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport, "mureka-9")
    product = await finished(one, await accepted(one, order(takes=3)))
    assert len({file.take_id for file in product.files}) == 3
    assert server.spent == one.quote(order(takes=3)) == Decimal("0.135")


async def test_an_instrumental(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await accepted(one, INSTRUMENTAL)
    assert server.accepted == [{"model": "auto", "n": 1, "prompt": "dream pop, instrumental"}]
    product = await finished(one, job)
    assert product.files[0].words == ()
    assert {seen.path.rsplit("/", 1)[0] for seen in server.requests[1:]} == {"/v1/instrumental/query"}


async def test_a_song_without_lyrics_is_made_the_easy_way(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await accepted(one, order(lyrics=""))
    assert job.operation == "easy_song"
    assert server.accepted == [{"model": "auto", "n": 1, "prompt": "Harbour: dream pop"}]
    assert (await finished(one, job)).files


async def test_lyrics_of_the_sections(server: MurekaServer, transport: HttpxTransport) -> None:
    sections = (PlannedSection(name="verse", duration_s=20, lyrics=("one", "two")),)
    await accepted(adapter(server, transport), order(lyrics="", sections=sections))
    assert server.accepted[0]["lyrics"] == "[Verse]\none\ntwo"


@pytest.mark.parametrize(("model", "used"), [("", "mureka-8"), ("mureka-7.6", "mureka-7.6")])
async def test_a_song_goes_on(server: MurekaServer, transport: HttpxTransport, model: str, used: str) -> None:
    song = server.known_song(30.0)
    server.audio_seconds = 30.0
    one = adapter(server, transport, model)
    asked = order(origin=Origin(provider="mureka", job_id="j", take_id=song, duration_s=4.0 * 2), takes=3)
    job = await accepted(one, asked)
    assert server.accepted == [
        {"song_id": song, "lyrics": LYRICS, "extend_at": 8000, "extend_type": "tail", "model": used}
    ]
    assert job.operation == "extend"
    assert len((await finished(one, job)).files) == 1
    assert server.spent <= one.quote(asked) <= Decimal("0.15")


@pytest.mark.parametrize("lyrics", [LYRICS, ""])
async def test_a_span_is_made_anew(server: MurekaServer, transport: HttpxTransport, lyrics: str) -> None:
    server.audio_seconds = None
    song = server.known_song(60.0)
    one = adapter(server, transport)
    asked = order(
        task=Task.SECTION_EDIT,
        lyrics=lyrics,
        origin=Origin(provider="mureka", job_id="j", take_id=song, duration_s=60.0),
        span_s=(20.0, 30.5),
    )
    job = await accepted(one, asked)
    assert server.accepted == [
        {"song_id": song, "edit_start": 20000, "edit_end": 30500} | ({"lyrics": lyrics} if lyrics else {})
    ]
    assert (await finished(one, job)).files[0].duration_s == 60.0


async def test_stems_are_fetched_and_unpacked(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport, stem_model="audio-separation-2")
    job = await accepted(one, STEMS)
    (body,) = server.accepted
    assert body["model"] == "audio-separation-2"
    head, _, data = body["url"].partition(",")
    assert head == "data:audio/mp3;base64"
    assert base64.b64decode(data) == MP3.content
    product = await one.poll(job)
    assert isinstance(product, Product)
    assert [file.role for file in product.files] == ["stem:vocals", "stem:drums", "stem:bass", "stem:other", "midi"]
    assert server.spent == one.quote(STEMS) == Decimal("0.06")


async def test_stems_of_a_public_address(server: MurekaServer, transport: HttpxTransport) -> None:
    await accepted(adapter(server, transport), order(task=Task.STEMS, reference=Sound(url="https://example.com/a.mp3")))
    assert server.accepted == [{"url": "https://example.com/a.mp3"}]


async def test_stems_that_break_off_or_expire(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await accepted(one, STEMS)
    for fault in (Fault.half(), Fault.html(200), Fault.html(502)):
        server.fail_next(fault, path="/files/*")
        with pytest.raises(ProviderError) as caught:
            await one.poll(job)
        assert caught.value.kind is ErrorKind.UPSTREAM
    assert isinstance(await one.poll(job), Product)
    server.expire_results()
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.RESULT_EXPIRED
    assert len(server.charges) == 1


async def test_an_archive_in_the_inner_network_is_not_fetched(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = Job(id="x", operation="stems", data={"zip_url": "http://169.254.169.254/stems.zip"})
    with pytest.raises(ProviderError, match="private network") as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.UPSTREAM
    assert not server.requests


def test_each_documented_error_has_a_kind() -> None:
    assert set(KINDS) == set(MurekaServer.ERRORS)


@pytest.mark.parametrize("asked", [order(), INSTRUMENTAL, STEMS])
@pytest.mark.parametrize(("name", "kind"), KINDS.items())
async def test_errors_of_a_submission(
    server: MurekaServer, transport: HttpxTransport, name: str, kind: ErrorKind, asked: MusicOrder
) -> None:
    server.fail_next(name)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(asked)
    assert caught.value.kind is kind
    assert caught.value.request_id.startswith("trace-")
    assert not server.charges


@pytest.mark.parametrize(("name", "kind"), (KINDS | {"not_found": ErrorKind.RESULT_EXPIRED}).items())
async def test_errors_of_a_poll(server: MurekaServer, transport: HttpxTransport, name: str, kind: ErrorKind) -> None:
    one = adapter(server, transport)
    job = await accepted(one, order())
    server.fail_next(name)
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert caught.value.kind is kind
    assert caught.value.final is (kind is ErrorKind.RESULT_EXPIRED)


async def test_the_vendor_says_how_long_to_wait(server: MurekaServer, transport: HttpxTransport) -> None:
    server.fail_next(Fault.status(Answer(429, {"error": {"message": "slow down"}}, {"retry-after": "7"})))
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(order())
    assert (caught.value.kind, caught.value.retry_after_s) == (ErrorKind.RATE_LIMITED, 7.0)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("failed", ErrorKind.UPSTREAM),
        ("timeouted", ErrorKind.TIMEOUT),
        ("cancelled", ErrorKind.UPSTREAM),
        ("moderation", ErrorKind.MODERATION),
    ],
)
async def test_a_job_that_fails_is_over(
    server: MurekaServer, transport: HttpxTransport, ending: str, kind: ErrorKind
) -> None:
    one = adapter(server, transport)
    server.end_next_with(ending)
    job = await accepted(one, order())
    with pytest.raises(ProviderError) as caught:
        await finished(one, job)
    assert (caught.value.kind, caught.value.final, caught.value.refunded) == (kind, True, False)


@pytest.mark.parametrize("choices", [[], [{"id": "song-1", "duration": 4000}]])
async def test_success_without_sound_is_none(
    server: MurekaServer, transport: HttpxTransport, choices: list[dict[str, object]]
) -> None:
    one = adapter(server, transport)
    job = await accepted(one, order())
    server.fail_next(Fault.status(Answer(200, {"id": job.id, "status": "succeeded", "choices": choices})))
    with pytest.raises(ProviderError, match="names no sound") as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.UPSTREAM


@pytest.mark.parametrize(
    ("addresses", "media_type"),
    [
        ({"url": "u.mp3", "flac_url": "u.flac"}, "audio/flac"),
        ({"url": "u.mp3", "wav_url": None}, "audio/mpeg"),
    ],
)
async def test_the_best_format_there_is(
    server: MurekaServer, transport: HttpxTransport, addresses: dict[str, str], media_type: str
) -> None:
    one = adapter(server, transport)
    job = await accepted(one, order())
    body = {"id": job.id, "status": "succeeded", "choices": [{"id": "s", "new_field": 1} | addresses]}
    server.fail_next(Fault.status(Answer(200, body)))
    product = await one.poll(job)
    assert isinstance(product, Product)
    assert (product.files[0].media_type, product.files[0].duration_s) == (media_type, None)


@pytest.mark.parametrize("asked", [order(), INSTRUMENTAL, STEMS])
@pytest.mark.parametrize(
    "fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502), Fault.html(504)]
)
async def test_nobody_can_tell_whether_it_arrived(
    server: MurekaServer, transport: HttpxTransport, asked: MusicOrder, fault: Fault
) -> None:
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await adapter(server, transport).submit(asked)
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN


@pytest.mark.parametrize("fault", [Fault.lost(), Fault.half(), Fault.cut_before(), Fault.html(200), Fault.html(502)])
async def test_a_poll_that_breaks_can_be_repeated(
    server: MurekaServer, transport: HttpxTransport, fault: Fault
) -> None:
    one = adapter(server, transport)
    server.pace = Pace(polls=0)
    job = await accepted(one, order())
    server.fail_next(fault)
    with pytest.raises(ProviderError) as caught:
        await one.poll(job)
    assert (caught.value.kind, caught.value.final) == (ErrorKind.UPSTREAM, False)
    assert isinstance(await one.poll(job), Product)


async def test_an_answer_without_end(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    job = await accepted(one, order())
    server.fail_next(Fault.huge(), times=2)
    with pytest.raises(ProviderError, match="larger than") as caught:
        await one.poll(job)
    assert caught.value.kind is ErrorKind.UPSTREAM
    with pytest.raises(ProviderError, match="larger than") as caught:
        await one.submit(order())
    assert caught.value.kind is ErrorKind.OUTCOME_UNKNOWN


async def test_no_connection_is_no_order(transport: HttpxTransport) -> None:
    with pytest.raises(ProviderError) as caught:
        await Mureka(Account(base_url=NOWHERE), transport).submit(order())
    assert caught.value.kind is ErrorKind.UPSTREAM


async def test_the_account_is_probed_for_nothing(server: MurekaServer, transport: HttpxTransport) -> None:
    server.balance = Decimal("3.5")
    health = await adapter(server, transport).probe()
    assert (health.ok, health.credits) == (True, 3.5)
    assert "5 calls at once" in health.note
    server.balance = Decimal(0)
    assert (await adapter(server, transport).probe()).ok is False
    server.fail_next("auth")
    assert (await adapter(server, transport).probe()).ok is False
    assert not server.charges


MADE = Origin(provider="mureka", job_id="j", take_id="song-1", duration_s=60.0)
NO_TAKE = Origin(provider="mureka", job_id="j", duration_s=60.0)


@pytest.mark.parametrize(
    ("model", "changes", "told"),
    [
        ("", {"task": Task.TRANSFORMATION}, "none of its tasks"),
        ("mureka-o2", {"task": Task.INSTRUMENTAL, "instrumental": True}, "no instrumentals"),
        ("", {"lyrics": "la " * 2000}, "6,000|5,999"),
        ("", {"origin": MADE, "lyrics": ""}, "needs lyrics"),
        ("", {"origin": NO_TAKE}, "names none"),
        ("", {"origin": MADE.model_copy(update={"duration_s": 5.0})}, "8–420 s"),
        ("", {"task": Task.SECTION_EDIT, "origin": MADE}, "at least 3 s"),
        ("", {"task": Task.SECTION_EDIT, "origin": MADE, "span_s": (20.0, 22.0)}, "at least 3 s"),
        ("", {"task": Task.SECTION_EDIT, "origin": MADE, "span_s": (11.0, 20.0)}, "12 s before"),
        ("", {"task": Task.SECTION_EDIT, "origin": MADE, "span_s": (20.0, 49.0)}, "12 s before"),
        ("", {"task": Task.SECTION_EDIT, "span_s": (20.0, 30.0)}, "names none"),
        ("", {"task": Task.STEMS}, "brings none"),
        ("", {"task": Task.STEMS, "reference": Sound(content=b"RIFF")}, "MP3 and M4A"),
        ("", {"task": Task.STEMS, "reference": Sound(content=bytes(11 << 20), media_type="audio/mpeg")}, "at most"),
    ],
)
async def test_what_it_does_not_do_is_said_before_any_call(
    server: MurekaServer, transport: HttpxTransport, model: str, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(ProviderError, match=told) as caught:
        await adapter(server, transport, model).submit(order(**changes))
    assert caught.value.kind is ErrorKind.UNSUPPORTED
    assert not server.requests


async def test_words_and_callbacks_are_not_its_trade(server: MurekaServer, transport: HttpxTransport) -> None:
    one = adapter(server, transport)
    words = TextOrder(task=Task.LYRICS, instructions="", text="", schema_name="x", json_schema={})
    with pytest.raises(ProviderError, match="not words"):
        one.operation(words)
    with pytest.raises(ProviderError, match="no callbacks"):
        one.read_callback({}, b"{}", now=0.0)


def test_prices_and_capabilities_follow_the_account(server: MurekaServer, transport: HttpxTransport) -> None:
    assert adapter(server, transport).quote(order()) == Decimal("0.15")
    assert adapter(server, transport, "mureka-8").quote(order(takes=9)) == Decimal("0.135")
    assert adapter(server, transport, usd_per_song="0.05").quote(order(takes=2)) == Decimal("0.10")
    with pytest.raises(ProviderError, match=r"usd_per_song is '\?'"):
        adapter(server, transport, usd_per_song="?").quote(order())
    assert Task.INSTRUMENTAL in adapter(server, transport).capabilities.tasks
    assert Task.INSTRUMENTAL not in adapter(server, transport, "mureka-o2").capabilities.tasks
