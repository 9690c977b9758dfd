"""Which network addresses a program may be sent to by somebody else: public ones, never the machine's own network."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from domain.errors import InvalidValue

PUBLIC_IPV6: Final = IPv6Network("2000::/3")
"""All that is given out for the public internet. Python calls more than that global, such as fec0::/10."""
_INSIDE: Final = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),
)
"""For protocols and documentation (IANA). Python calls some of them global, such as 192.0.0.192, a cloud's metadata."""
_LOCAL: Final = frozenset(
    {"localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "localdomain"}
)
_NAME: Final = re.compile(
    r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


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
    if any(found in network for network in _INSIDE if network.version == found.version):
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


class Places:
    """Hosts and networks that an operator allows to be reached though they are not public: names, addresses, CIDRs.

    Raises InvalidValue for an entry that is none of these.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._names: set[str] = set()
        self._networks: list[IPv4Network | IPv6Network] = []
        for entry in entries:
            self._add(entry.strip().lower().removeprefix("[").removesuffix("]"))

    def _add(self, entry: str) -> None:
        try:
            self._networks.append(ip_network(entry))
        except ValueError:
            if not _NAME.fullmatch(entry) or _ends_in_number(entry):
                raise InvalidValue(
                    f"{entry[:80]!r} is no host, address or network that may be reached: "
                    "name one as relay.example, 10.1.2.3 or 10.1.0.0/16, without port"
                ) from None
            self._names.add(entry)

    def has_name(self, host: str) -> bool:
        """Whether a host is allowed by its name, wherever it is."""
        return host.lower() in self._names

    def has_address(self, address: str) -> bool:
        """Whether an address lies in one of the networks."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks if network.version == found.version)


def check_host(host: str) -> None:
    """InvalidValue for a host that is written so that programs may read different addresses out of it.

    That is a number that is no plain address (2130706433, 0x7f.1, 0177.0.0.1, 127.1), a zone, and what no name has.
    """
    try:
        plain = str(ip_address(host))
    except ValueError:
        if _NAME.fullmatch(host) and not _ends_in_number(host):
            return
        raise InvalidValue(f"{host[:80]!r} is no plain host name or address") from None
    if "%" in plain:
        raise InvalidValue(f"{host[:80]!r} names a zone of this machine")


def is_local_name(host: str) -> bool:
    """Whether a name means something in one network only: it has no dot, or one of the ends kept for such names."""
    labels = host.lower().rstrip(".").split(".")
    return len(labels) == 1 or labels[-1] in _LOCAL or labels[-2:] == ["home", "arpa"]


def _ends_in_number(host: str) -> bool:
    """Whether a host's last part makes it an address in one of the old forms (WHATWG URL, "ends in a number")."""
    return _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is not None
