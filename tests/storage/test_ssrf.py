"""Addresses that somebody else has named: nothing inside is reached, whatever it is called and whenever it moves."""

import asyncio
import contextlib
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from domain.addresses import Places
from domain.errors import InvalidValue
from storage.outgoing import MAX_URL, Lookup, Outgoing, Unreachable
from tests.fixtures.receiver import Receiver, Says, receiving

PUBLIC = "93.184.215.14"
DAY = timedelta(days=1)


def resolving(*answers: Iterable[str]) -> Lookup:
    """A resolver that gives one answer after the other, the last one for ever; literal addresses stay as they are."""
    left = [list(answer) for answer in answers]

    async def resolve(host: str, port: int) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
            return [str(found[0][4][0])]
        except OSError:
            return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def guard(*answers: Iterable[str], allowed: Iterable[str] = ()) -> Outgoing:
    return Outgoing(Places(allowed), resolve=resolving(*(answers or ([PUBLIC],))))


INSIDE = [
    # Loopback and "this host".
    "127.0.0.1", "127.1.2.3", "127.255.255.254", "0.0.0.0", "0.1.2.3",
    # Private, shared (CGNAT), link-local with the clouds' metadata, benchmarks, documentation.
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
    "100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.0.1", "169.254.169.254", "169.254.170.2",
    "192.0.0.1", "192.0.0.192", "192.88.99.1", "192.0.2.1",
    "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    # Multicast, reserved, broadcast.
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    # IPv6: unspecified, loopback, local, site-local, multicast, documentation, discard, the clouds' metadata.
    "::", "::1", "fe80::1", "febf::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff05::2",
    "2001:db8::1", "100::1", "3fff::1", "5f00::1",
    # IPv4 inside IPv6: mapped, compatible, NAT64, 6to4, Teredo.
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::127.0.0.1", "::a9fe:a9fe",
    "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::", "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:0:0:0:0:3fff:fdd2",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
async def test_an_address_inside_is_refused_written_out_and_behind_a_name(address: str) -> None:
    written = f"[{address}]" if ":" in address else address
    for url, outgoing in (
        (f"https://{written}/", guard()),
        (f"https://{written}:8443/hooks", guard()),
        ("https://hooks.example/", guard([address])),
        ("https://hooks.example/", guard([PUBLIC, address])),
        ("https://hooks.example/", guard([address, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])),
    ):
        with pytest.raises(InvalidValue):
            await outgoing.check(url)
        with pytest.raises(InvalidValue):
            async with outgoing.call("POST", url):
                pytest.fail("it was called")


ODD_HOSTS = [
    # 127.0.0.1 in other words, and 169.254.169.254: decimal, octal, hexadecimal, short, with zeros.
    "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0177.1", "127.1", "127.0.1", "0", "0x", "00000177.0.0.1",
    "127.0.0.01", "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0251.0376.0251.0376", "169.254.43518",
    "1.2.3.4.5", "127.0.0.1.", "0x7f.0.0.0x1.", "256.1.1.1", "example.0x1", "example.1",
    # Zones, dots, blanks, letters that look like digits or dots, what splits a host in two readers' eyes.
    "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]", "①②⑦.⓪.⓪.①", "127。0。0。1", "ｌocalhost", "a..b", ".example",
    "-a.example", "exa mple", "example.com\\@127.0.0.1", "example.com%2f@127.0.0.1", "example.com%00.evil.example",
    "127.0.0.1%23.example", "foo@127.0.0.1", "foo:bar@example.com", "@example.com", "[::1", "::1", "[]", "",
    "example.com\n127.0.0.1", "example.com\r\nHost: inside", "example.com\t", "example.com:99999", "example.com:port",
]  # fmt: skip


@pytest.mark.parametrize("host", ODD_HOSTS)
async def test_a_host_in_an_odd_form_is_refused_before_any_look_up(host: str) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        pytest.fail(f"{host} was looked up")

    with pytest.raises(InvalidValue):
        await Outgoing(Places(), resolve=resolve).check(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "", "/", "//example.com/", "example.com", "http:example.com", "https:/example.com", "https:///hooks", "https://",
        "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:alert(1)", "data:,x",
        "ws://example.com/", "unix:///run/docker.sock", "http+unix://%2Frun%2Fdocker.sock/", "https+insecure://a.example/",
        "https://example.com/" + "x" * MAX_URL, "https://exämple.example/", "https://example.com/\x00", " https://example.com/",
    ],
)  # fmt: skip
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        await guard().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hooks?x=1", "https://example.com:8443/", "https://a-b.example.co/%20", "HTTPS://Example.COM/",
        f"https://{PUBLIC}/", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", "https://xn--exmple-cua.example/",
    ],
)  # fmt: skip
async def test_a_public_address_may_be_called(url: str) -> None:
    assert (await guard().check(url)).lower().startswith("https://")


async def test_without_encryption_only_the_operators_own_places_are_called() -> None:
    with pytest.raises(InvalidValue, match="begins with https://"):
        await guard().check("http://example.com/")
    assert await guard(["10.1.2.3"], allowed=["relay.example"]).check("http://relay.example/")
    assert await guard(["10.1.2.3"], allowed=["10.1.0.0/16"]).check("http://anything.example/")
    with pytest.raises(InvalidValue, match="private network"):
        await guard(["10.1.2.3", "10.2.0.1"], allowed=["10.1.0.0/16"]).check("http://anything.example/")
    with pytest.raises(InvalidValue, match="private network"):
        await guard(["10.1.2.3"], allowed=["relay.example"]).check("https://relay.example.evil.example/")
    with pytest.raises(InvalidValue, match="private network"):
        await guard(allowed=["127.0.0.1"]).check("http://127.0.0.2/")


@pytest.mark.parametrize("entry", ["http://relay.example", "relay.example:80", "10.0.0.0/33", "127.1", "*", "", "a b"])
def test_a_place_that_is_none_is_refused(entry: str) -> None:
    with pytest.raises(InvalidValue, match="no host, address or network"):
        Places([entry])


async def test_a_name_that_moves_inside_after_it_was_checked_is_not_followed_there() -> None:
    """DNS rebinding: public when the endpoint is made, private at the first call."""
    outgoing = guard([PUBLIC], ["127.0.0.1"])
    assert await outgoing.check("https://rebind.example/") == "https://rebind.example/"
    with pytest.raises(InvalidValue, match="private network"):
        async with outgoing.call("GET", "https://rebind.example/"):
            pytest.fail("it was called")


async def test_the_address_that_was_checked_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is looked up once for a call: a second answer, which leads inside, is never asked for."""
    called: list[httpx.URL] = []
    headers: list[httpx.Headers] = []
    names: list[object] = []

    async def send(self: httpx.AsyncClient, request: httpx.Request, **_: object) -> httpx.Response:
        called.append(request.url)
        headers.append(request.headers)
        names.append(request.extensions["sni_hostname"])
        return httpx.Response(200, request=request)

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    async with guard([PUBLIC], ["127.0.0.1"]).call("GET", "https://rebind.example:8443/x") as answer:
        assert answer.status_code == 200
    assert [str(url) for url in called] == [f"https://{PUBLIC}:8443/x"]
    assert (headers[0]["host"], names) == ("rebind.example:8443", ["rebind.example"])


async def test_a_redirect_is_not_followed_and_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver, receiving() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        receiver.answer = lambda _: Says(302, {"Location": "http://169.254.169.254/latest/meta-data"})
        async with _local(receiver).call("GET", f"http://relay.example:{receiver.port}/a?b=1") as answer:
            assert answer.status_code == 302
        (request,) = receiver.received
        assert (request.path, request.headers["host"]) == ("/a?b=1", f"relay.example:{receiver.port}")
        assert not proxy.received


async def test_the_next_address_is_tried_where_one_is_silent() -> None:
    async with receiving() as receiver:
        outgoing = guard(["127.0.0.2", "127.0.0.1"], allowed=["relay.example"])
        async with outgoing.call("GET", f"http://relay.example:{receiver.port}/") as answer:
            assert answer.status_code == 204


async def test_a_host_that_cannot_be_found_may_be_named_and_is_not_reached() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    outgoing = Outgoing(Places(), resolve=nowhere)
    for local in (
        "https://localhost/",
        "https://redis/",
        "https://metadata.google.internal/",
        "http://tomorrow.example/",
    ):
        with pytest.raises(InvalidValue, match="public host"):
            await outgoing.check(local)
    assert await outgoing.check("https://tomorrow.example/") == "https://tomorrow.example/"
    with pytest.raises(Unreachable, match=r"tomorrow\.example cannot be found"):
        async with outgoing.call("GET", "https://tomorrow.example/"):
            pytest.fail("it was called")


def _local(receiver: Receiver) -> Outgoing:
    return guard(["127.0.0.1"], allowed=["relay.example"])


@contextlib.asynccontextmanager
async def _encrypted(name: str) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """A TLS server on loopback with a certificate for `name`: its port, and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(), now, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain = certificate.public_bytes(Encoding.PEM)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "server.pem"
        file.write_bytes(chain + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
    receiver = Receiver()
    server = await asyncio.start_server(receiver.handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], ssl.create_default_context(cadata=chain.decode())
    finally:
        server.close()


async def test_the_certificate_is_judged_by_the_name_though_an_address_is_called() -> None:
    async with _encrypted("relay.example") as (port, trust):
        outgoing = Outgoing(Places(["127.0.0.0/8"]), resolve=resolving(["127.0.0.1"]), trust=trust)
        async with outgoing.call("GET", f"https://relay.example:{port}/") as answer:
            assert answer.status_code == 204
        with pytest.raises(Unreachable, match="certificate"):
            async with outgoing.call("GET", f"https://other.example:{port}/"):
                pytest.fail("it was called")
