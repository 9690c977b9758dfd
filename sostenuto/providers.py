"""`providers`: whom songs can ask, what they can do, cost and have cost."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from rich.table import Table

from domain.errors import ServerUnavailable
from domain.providers import Price
from sostenuto.answers import Provider
from sostenuto.door import Door
from sostenuto.output import Output
from storage.config import Settings

# A worker gives each provider fifteen seconds to tell of its account.
TOLD_WITHIN_S = 25.0
LOOK_EVERY_S = 0.2
_PER = {"million tokens": "for a million tokens"}


@dataclass(frozen=True)
class Offer:
    """Shows what the workers have told of the providers; they alone hold the keys."""

    settings: Settings
    output: Output

    def show(self) -> int:
        """A table of the providers, from the server that is up, or else from one that looks at the accounts now."""
        began = datetime.now(UTC)
        with Door(self.settings, say=self.output.say) as door:
            found = self._told(door, began)
        self.output.result({"providers": [one.model_dump(mode="json") for one in found]})
        if not self.output.as_json:
            self._print(found)
        return 0

    def _told(self, door: Door, began: datetime) -> tuple[Provider, ...]:
        """What was told; a server of our own has kept what an earlier one had seen, so its worker is waited for."""
        client = door.client
        deadline = time.monotonic() + TOLD_WITHIN_S
        while True:
            found = client.providers()
            if any(not door.owns_server or (one.checked_at or began) > began for one in found):
                return found
            if time.monotonic() > deadline:
                raise ServerUnavailable(
                    f"no worker has told of the providers within {TOLD_WITHIN_S:g} s: is one up at {client.base_url}?"
                )
            time.sleep(LOOK_EVERY_S)

    def _print(self, found: Sequence[Provider]) -> None:
        table = Table(box=None, pad_edge=False)
        table.add_column("provider", no_wrap=True)
        table.add_column("state", ratio=3)
        table.add_column("price", ratio=2)
        for heading in ("quality", "spent", "reserved"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("does", ratio=3)
        for one in found:
            can = one.capabilities
            table.add_row(
                one.name if can.official else f"{one.name} *",
                state_words(one),
                price_words(can.price),
                f"{can.quality:.2f}",
                dollars(one.spent_usd) if one.spent_usd else "",
                dollars(one.reserved_usd) if one.reserved_usd else "",
                ", ".join(sorted(task.value.replace("_", " ") for task in can.tasks)),
            )
        self.output.out.print(table, markup=False)
        if not all(one.capabilities.official for one in found):
            self.output.out.print(
                "* not official: reached through a gateway that the vendor does not run", markup=False
            )


def state_words(provider: Provider) -> str:
    """Whether a provider can be asked now, or what keeps it from that."""
    if not provider.configured:
        return provider.missing or "not set up"
    if provider.pauses:
        pause = max(provider.pauses, key=lambda pause: pause.seconds)
        return f"rests {pause.seconds:.0f} s: {pause.reason}"
    if provider.healthy is False:
        return f"not healthy: {provider.note}" if provider.note else "not healthy"
    told = "set up" if provider.healthy is None else "healthy"
    return told if provider.credits is None else f"{told}, {provider.credits:g} credits"


def price_words(price: Price) -> str:
    """What a provider's list says: `$0.06 a call`."""
    per = _PER.get(price.per, f"a {price.per}")
    if price.usd_out:
        return f"{dollars(price.usd)} in, {dollars(price.usd_out)} out {per}"
    return f"{dollars(price.usd)} {per}" if price.usd else "free"


def dollars(amount: Decimal) -> str:
    """At least cents, and as many digits as the amount has."""
    plain = amount.normalize()
    return f"${plain:.2f}" if plain == plain.quantize(Decimal("0.01")) else f"${plain:f}"
