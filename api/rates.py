"""How often somebody may do something: counters in this process's memory, and whom an address belongs to."""

import ipaddress
import math
import time
from dataclasses import dataclass

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection

OFF = ("", "off")
# A home or a server has a whole /64 of IPv6 addresses to call from.
_ONE_NETWORK = 64


@dataclass(frozen=True)
class Left:
    """Where somebody stands: `limit` in a window, how many are left, in how many seconds the window is new."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int

    @property
    def headers(self) -> dict[str, str]:
        """The same for clients."""
        told = {"ratelimit-limit": self.limit, "ratelimit-remaining": self.remaining, "ratelimit-reset": self.reset_s}
        return {name: str(value) for name, value in told.items()}


class Rate:
    """At most so many in a window, such as "600/minute", counted for each name.

    `exact` remembers each single time, which takes memory; otherwise two counters for each name tell nearly the same.
    """

    def __init__(self, words: str, *, exact: bool = False) -> None:
        self.words = words
        self._item = parse(words)
        # Storages clear up after themselves as a whole: each rate has its own, so that they stay small.
        strategy = MovingWindowRateLimiter if exact else SlidingWindowCounterRateLimiter
        self._limiter = strategy(MemoryStorage())

    async def hit(self, name: str) -> Left:
        """Count one for `name`, unless the window is full."""
        allowed = await self._limiter.hit(self._item, name)
        stats = await self._limiter.get_window_stats(self._item, name)
        reset = max(1, math.ceil(stats.reset_time - time.time()))
        return Left(allowed, self._item.amount, max(0, stats.remaining), reset)

    async def wait(self, name: str) -> int:
        """Seconds until `name` may again, 0 for now; counts nothing."""
        if await self._limiter.test(self._item, name):
            return 0
        stats = await self._limiter.get_window_stats(self._item, name)
        return max(1, math.ceil(stats.reset_time - time.time()))


def rate_of(words: str) -> Rate | None:
    """The rate that a setting names; None where it is off."""
    return None if words in OFF else Rate(words)


def address_of(connection: HTTPConnection) -> str:
    """The network address of a caller; of IPv6 the network, since one caller has all of its addresses."""
    host = connection.client.host if connection.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _ONE_NETWORK), strict=False))
