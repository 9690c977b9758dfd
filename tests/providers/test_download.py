"""Fetching what was made: whatever a vendor's answer says, nothing of our own network is touched, and it ends."""

import functools
import gzip
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from domain.providers import ErrorKind
from providers import download as module
from providers.download import download, kind_of
from providers.errors import ProviderError
from tests.providers.servers.base import Fault, sound_file
from tests.providers.servers.stability import StabilityServer

PUBLIC, OTHER, SIX = "93.184.216.34", "93.184.216.35", "2606:4700::1111"
WAV = sound_file("wav", 0.1)
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch):
    """`internet(handler)`: every connection ends at the handler; gives the list of requests that were made."""

    def open_(handler: Handler) -> list[httpx.Request]:
        seen: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            seen.append(request)
            return handler(request)

        client = functools.partial(httpx.AsyncClient, transport=httpx.MockTransport(answer))
        monkeypatch.setattr(module.httpx, "AsyncClient", client)
        return seen

    return open_


def names(*answers: str, **more: tuple[str, ...]):
    """A resolver: the addresses of every host, or of the host of that name (dots as underscores)."""
    asked: list[tuple[str, int]] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return list(more.get(host.replace(".", "_"), answers))

    resolve.asked = asked
    return resolve


async def refused(url: str, **more) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await download(url, **more)
    return caught.value


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(internet) -> None:
    seen = internet(lambda request: httpx.Response(200, content=WAV))
    resolve = names(PUBLIC)
    assert await download("https://cdn.example:8443/a%20b.wav?token=1", resolve=resolve) == WAV
    (request,) = seen
    assert str(request.url) == f"https://{PUBLIC}:8443/a%20b.wav?token=1"
    assert request.headers["host"] == "cdn.example:8443"
    assert request.extensions["sni_hostname"] == "cdn.example"
    assert resolve.asked == [("cdn.example", 8443)], "a second look-up could give another address"


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), (PUBLIC, "10.0.0.1"), ("::1",), ("169.254.169.254",), ("fec0::1",), ()]
)
async def test_a_name_that_leads_home_is_not_followed(internet, addresses: tuple[str, ...]) -> None:
    seen = internet(lambda request: httpx.Response(200, content=WAV))
    error = await refused("http://rebound.example/x", resolve=names(*addresses))
    assert (error.kind, error.final) == (ErrorKind.UPSTREAM, True)
    assert "private network" in error.message
    assert not seen


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "http://127.1/x", "http://2130706433/x", "http://0x7f.1/x", "http://localhost/x",
        "http://[::1]/x", "http://[::ffff:127.0.0.1]/x", "http://169.254.169.254/latest/meta-data", "http://0/x",
    ],
)  # fmt: skip
async def test_no_spelling_of_this_machine_is_followed(internet, url: str) -> None:
    seen = internet(lambda request: httpx.Response(200, content=WAV))
    assert (await refused(url)).kind is ErrorKind.UPSTREAM
    assert not seen


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://cdn.example/x", "gopher://x", "https:///x", "https://u:key@cdn.example/", ""],
)
async def test_what_is_no_address_of_a_file(internet, url: str) -> None:
    seen = internet(lambda request: httpx.Response(200, content=WAV))
    error = await refused(url, resolve=names(PUBLIC))
    assert "is no address of a file" in error.message
    assert "key" not in error.message
    assert not seen


async def test_a_redirect_is_checked_again(internet) -> None:
    internet(lambda request: httpx.Response(302, headers={"location": "http://metadata.internal/keys"}))
    error = await refused("https://cdn.example/x", resolve=names(PUBLIC, metadata_internal=("169.254.169.254",)))
    assert "http://metadata.internal/keys lies in a private network" in error.message


async def test_redirects_within_the_internet_are_followed_relative_ones_too(internet) -> None:
    ways = {"/a": (302, "/b"), "/b": (307, "https://other.example/c")}

    def answer(request: httpx.Request) -> httpx.Response:
        status, to = ways.get(request.url.path, (200, ""))
        return httpx.Response(status, headers={"location": to} if to else {}, content=b"" if to else WAV)

    seen = internet(answer)
    assert await download("https://cdn.example/a", resolve=names(PUBLIC, other_example=(OTHER,))) == WAV
    assert [(r.headers["host"], r.url.host) for r in seen][1:] == [("cdn.example", PUBLIC), ("other.example", OTHER)]


async def test_redirects_end(internet) -> None:
    seen = internet(lambda request: httpx.Response(302, headers={"location": "/again"}))
    assert "redirects" in (await refused("https://cdn.example/x", resolve=names(PUBLIC))).message
    assert len(seen) == module.REDIRECTS + 1


async def test_a_redirect_to_nowhere_is_no_file(internet) -> None:
    seen = internet(lambda request: httpx.Response(302))
    assert "answers 302" in (await refused("https://cdn.example/x", resolve=names(PUBLIC))).message
    assert len(seen) == 1


async def test_the_next_address_where_the_first_does_not_answer(internet) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == SIX:
            raise httpx.ConnectError("network is unreachable")
        return httpx.Response(200, content=WAV)

    seen = internet(answer)
    assert await download("https://cdn.example/x", resolve=names(SIX, PUBLIC)) == WAV
    assert [request.url.host for request in seen] == [SIX, PUBLIC]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, "result_expired"), (404, "result_expired"), (410, "result_expired"), (500, "upstream"), (204, "upstream")],
)
async def test_what_a_status_means(internet, status: int, kind: str) -> None:
    internet(lambda request: httpx.Response(status))
    assert (await refused("https://cdn.example/x?secret=1", resolve=names(PUBLIC))).kind is ErrorKind(kind)


@pytest.mark.parametrize("claimed", [True, False])
async def test_what_is_too_large_is_left_as_soon_as_that_is_known(internet, claimed: bool) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1000
            yield b" " * 1000

    headers = {"content-length": str(2 << 30)} if claimed else {}
    internet(lambda request: httpx.Response(200, headers=headers, content=endless()))
    error = await refused("https://cdn.example/x", resolve=names(PUBLIC), max_bytes=10_000)
    assert (error.kind, error.final) == (ErrorKind.UPSTREAM, True)
    assert "larger than 10,000 bytes" in error.message
    assert given <= (0 if claimed else 20_000)


async def test_a_packed_answer_is_counted_unpacked(internet) -> None:
    packed = gzip.compress(b" " * 1_000_000)
    internet(lambda request: httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed))
    assert "larger" in (await refused("https://cdn.example/x", resolve=names(PUBLIC), max_bytes=100_000)).message


async def test_the_largest_file_that_is_allowed_is_taken(internet) -> None:
    internet(lambda request: httpx.Response(200, content=WAV))
    assert await download("https://cdn.example/x", resolve=names(PUBLIC), max_bytes=len(WAV)) == WAV


async def test_a_name_that_does_not_exist(internet) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise OSError("name or service not known")

    internet(lambda request: httpx.Response(200, content=WAV))
    error = await refused("https://nowhere.example/x", resolve=unknown)
    assert (error.kind, "name or service not known" in error.message) == (ErrorKind.UPSTREAM, True)


async def test_the_operators_own_server_may_be_at_home_but_no_other_port_of_it() -> None:
    with StabilityServer() as server, StabilityServer() as other:
        url = server.offer_bytes("x.wav", "wav", WAV)
        assert await download(url, trusted=f"{server.url}/v1") == WAV
        assert "private network" in (await refused(url, trusted=other.url)).message
        assert "private network" in (await refused(url)).message
        assert [len(one.requests) for one in (server, other)] == [1, 0]


async def test_half_a_file_and_a_slow_one() -> None:
    with StabilityServer() as server:
        url = server.offer_bytes("x.wav", "wav", WAV)
        server.fail_next(Fault.half())
        assert (await refused(url, trusted=server.url)).kind is ErrorKind.UPSTREAM
        server.fail_next(Fault.slow(5.0))
        error = await refused(url, trusted=server.url, timeout_s=0.1)
        assert (error.kind, "0.1 s" in error.message) == (ErrorKind.TIMEOUT, True)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        *((sound_file(name, 0.1), kind) for name, kind in
          {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "mp3": "audio/mpeg"}.items()),
        (b"MThd\0\0\0\6", "audio/midi"), (b"PK\3\4", "application/zip"), (b"\0\0\0\x20ftypM4A ", "audio/mp4"),
        (b"<!doctype html>", ""), (b'{"error": 1}', ""), (b"", ""), (b" " * 64, ""),
    ],
)  # fmt: skip
def test_what_a_file_is_by_its_first_bytes(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind
