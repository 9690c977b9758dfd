"""All providers by name: where their adapters are, what they can do, and the adapters of the configured accounts.

An adapter's module is loaded when it is needed. To add a provider, add its row here: docs/extend-providers.md.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from domain.errors import InvalidInput
from domain.providers import BUILTIN, Capabilities
from providers import builtin
from providers.account import Account
from providers.contract import Adapter
from providers.transport import Call, Reply, Transport


class Entry(NamedTuple):
    """Where an adapter's class is; `options` are the account's options that make it this provider."""

    module: str
    adapter: str
    options: Mapping[str, str] = MappingProxyType({})

    def make(self, account: Account, transport: Transport) -> Adapter:
        """The adapter for an account. ProviderError, or ValueError, for options that it cannot work with."""
        options = {**account.options, **self.options}
        factory: Any = getattr(import_module(self.module), self.adapter)
        return cast(Adapter, factory(account.model_copy(update={"options": options}), transport))


ADAPTERS: Final[Mapping[str, Entry]] = MappingProxyType(
    {
        "suno": Entry("providers.suno", "Suno"),
        "udio": Entry("providers.udio", "Udio"),
        "elevenlabs": Entry("providers.elevenlabs", "ElevenLabs"),
        "mureka": Entry("providers.mureka", "Mureka"),
        "ace_step": Entry("providers.ace_step", "AceStep"),
        "musicgen": Entry("providers.musicgen", "MusicgenReplicate"),
        "musicgen_local": Entry("providers.musicgen_local", "MusicgenLocal"),
        "stable_audio": Entry("providers.stable_audio", "StableAudio"),
        "openai": Entry("providers.openai", "OpenAI"),
        "anthropic": Entry("providers.anthropic", "Anthropic"),
        "local_llm": Entry("providers.openai", "OpenAI", MappingProxyType({"api": "chat"})),
    }
)
"""Every provider but the built-in engine, which has no adapter."""


class _Nowhere:
    """The transport of adapters that are only asked what they can do."""

    async def send(self, call: Call) -> Reply:
        raise RuntimeError(f"{call.method} {call.url} was called without an account")


def catalogue() -> dict[str, Capabilities]:
    """What every provider can do with its usual model, the built-in engine first; nothing is asked of anybody."""
    asked = {name: entry.make(Account(), _Nowhere()).capabilities for name, entry in ADAPTERS.items()}
    return {BUILTIN: builtin.CAPABILITIES, **asked}


def build(accounts: Mapping[str, Account], transport: Transport) -> dict[str, Adapter]:
    """Adapters for accounts by the provider's name. InvalidInput for a name that no provider has."""
    for name in accounts:
        if name not in ADAPTERS:
            raise InvalidInput(f"there is no provider {name!r}; choose from {', '.join(ADAPTERS)}")
    return {name: entry.make(accounts[name], transport) for name, entry in ADAPTERS.items() if name in accounts}
