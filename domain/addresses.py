"""Which network addresses a program may be sent to by somebody else: public ones, never the machine's own network."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

PUBLIC_IPV6: Final = IPv6Network("2000::/3")
"""All that is given out for the public internet. Python calls more than that global, such as fec0::/10."""


def is_public(address: str) -> bool:
    """Whether an IPv4 or IPv6 address is one of the public internet.

    What IPv6 wraps around an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64) is judged by the address inside.
    False for what is no address.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = _inside(found)
        if inner is not None:
            return is_public(str(inner))
        if found not in PUBLIC_IPV6:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def _inside(found: IPv6Address) -> IPv4Address | None:
    if found.ipv4_mapped or found.sixtofour:
        return found.ipv4_mapped or found.sixtofour
    if found.teredo:
        return found.teredo[1]
    number = int(found)
    if number >> 32 in (0, 0x0064FF9B << 64) and number > 0xFFFF:
        return IPv4Address(number & 0xFFFFFFFF)
    return None
