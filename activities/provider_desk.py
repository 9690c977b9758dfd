"""The adapters of one worker, with the accounts that are configured, and what the router must know of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from activities.accounts import accounts
from domain.errors import NotFound, SostenutoError
from domain.providers import Capabilities
from domain.providing import CALLBACK_PATH
from providers.account import Account
from providers.contract import Adapter
from providers.registry import build, catalogue
from providers.transport import HttpxTransport
from storage.charges import Budgets
from storage.config import Settings


@dataclass
class Desk:
    """Opened once for each worker process; `transport` is shared by all adapters."""

    settings: Settings
    transport: HttpxTransport
    accounts: Mapping[str, Account]
    missing: Mapping[str, str]
    adapters: Mapping[str, Adapter]
    catalogue: Mapping[str, Capabilities] = field(default_factory=dict)

    @classmethod
    def open(cls, settings: Settings) -> "Desk":
        """Adapters for every account; nothing is asked yet."""
        found, missing = accounts(settings)
        transport = HttpxTransport()
        adapters: dict[str, Adapter] = {}
        known = catalogue()
        for name, account in found.items():
            try:
                made = build({name: account}, transport)
                known |= {name: made[name].capabilities}
                adapters |= made
            except (SostenutoError, ValueError) as error:
                # One account that is set up wrongly must not keep the worker from all songs.
                missing[name] = f"set up wrongly: {error}"
        return cls(settings, transport, found, missing, adapters, known)

    async def close(self) -> None:
        """Close its connections."""
        await self.transport.aclose()

    def adapter(self, name: str) -> Adapter:
        """The adapter of a provider. NotFound when it is not configured here."""
        if name not in self.adapters:
            why = self.missing.get(name, "it is not known")
            raise NotFound(f"the provider {name} is not set up in this worker: {why}")
        return self.adapters[name]

    def budgets(self, song: Decimal | None) -> Budgets:
        """What the song's own budget and the operator's allow."""
        chosen = self.settings
        return Budgets(
            song=song, owner=chosen.budget_owner_day, provider=chosen.budget_provider_day, day=chosen.budget_day
        )

    def callback_url(self, provider: str, token: str) -> str:
        """Where a provider tells that it is done; empty when nothing of ours can be reached from outside."""
        root = self.settings.public_url
        return f"{root}{CALLBACK_PATH}/{provider}/{token}" if root else ""
