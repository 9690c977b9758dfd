"""Which addresses are public: every form that hides a private one inside must be seen through."""

import pytest

from domain.addresses import is_public

PUBLIC = (
    "8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::",
    "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1",
)  # fmt: skip
PRIVATE = {
    "this machine": ("127.0.0.1", "127.255.255.254", "0.0.0.0", "::1", "::"),
    "a home or an office": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1"),
    "this wire": ("169.254.1.1", "fe80::1", "fe80::1%eth0"),
    "a cloud's metadata": ("169.254.169.254", "fd00:ec2::254"),
    "a carrier": ("100.64.0.1", "100.127.255.254"),
    "site-local": ("fec0::1", "feff::1"),
    "many": ("224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1"),
    "reserved": ("240.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.1", "198.18.0.1", "2001:db8::1", "100::1"),
    "outside of what is given out": ("4000::1", "5f00::1", "64:ff9b:1::808:808"),
    "an IPv4 address inside": (
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::7f00:1", "::10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ),
    "no address": ("", "localhost", "127.1", "0x7f000001", "2130706433", "017700000001", "[::1]", "8.8.8.8.8", "::g"),
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("what", "address"), [(what, address) for what, all_of in PRIVATE.items() for address in all_of]
)
def test_not_public(what: str, address: str) -> None:
    assert not is_public(address), what
