"""Suno, through gateways, for it has no interface of its own: two contracts, one adapter, off unless configured.

Options of the account: `contract` "sunoapi" (default) or "kie"; `usd_per_credit`; `credits_<operation>` where an
account's price list differs; `callback_url` for those who have a public address of their own; `upload_url`, the
address of the gateway's file store, where recordings without a public address are brought first.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from domain.providers import Capabilities, Completion, ErrorKind, Evidence, Price, Task
from providers.account import Account
from providers.contract import Callback, Health, Job, Pending, Product
from providers.errors import ProviderError
from providers.kie import Kie
from providers.orders import MusicOrder, Order, TextOrder
from providers.suno_requests import LIMITS, operation_of, request_of
from providers.suno_results import lyrics_names, read_call
from providers.suno_upload import uploaded
from providers.sunoapi import SunoApi
from providers.transport import Transport

V, S, U = Evidence.VERIFIED, Evidence.SECOND_HAND, Evidence.UNVERIFIED

USD_PER_CREDIT: Final = Decimal("0.005")
CREDITS: Final[Mapping[str, int]] = {
    "generate": 12,
    "extend": 12,
    "cover": 12,
    "add_vocals": 12,
    "replace_section": 12,
    "stems": 12,
    "wav": 1,
    "words": 1,
    "lyrics": 1,
}
"""Credits of a call, whatever comes out of it: 12 for two songs was measured by others, the rest is assumed."""

NO_CALLBACK: Final = "https://callback.invalid/"
"""The gateway insists on an address. This one never exists (RFC 2606); jobs are polled then."""

LICENCE: Final = (
    "No official interface exists. Gateways reach Suno in ways that its terms do not foresee; "
    "ask your lawyer before you sell what comes out."
)

CAPABILITIES: Final = Capabilities(
    name="suno",
    title="Suno (through a gateway)",
    tasks=frozenset(
        {
            Task.FULL_SONG,
            Task.INSTRUMENTAL,
            Task.VOCALS,
            Task.LYRICS,
            Task.STEMS,
            Task.SECTION_EDIT,
            Task.TRANSFORMATION,
        }
    ),
    vocals=True,
    lyrics=True,
    shortest_s=10.0,
    longest_s=480.0,
    formats=("mp3", "wav"),
    section_edit=True,
    stems=True,
    reference_audio=True,
    price=Price(usd=12 * USD_PER_CREDIT, per="call", note="12 credits a call, always two takes; second-hand"),
    commercial="unknown",
    licence=LICENCE,
    official=False,
    quality=0.85,
    speed=0.4,
    completion=(Completion.POLL, Completion.CALLBACK),
    evidence={
        "generate": V,
        "extend": V,
        "cover": V,
        "add_vocals": V,
        "replace_section": V,
        "stems": V,
        "wav": V,
        "words": V,
        "lyrics": V,
        "callbacks": V,
        "errors": S,
        "credits": S,
        "price": S,
        "price of stems, wav, words, lyrics": U,
    },
    note="sunoapi.org's contract; two takes come of every call",
)

KIE_CAPABILITIES: Final = CAPABILITIES.model_copy(
    update={
        "tasks": CAPABILITIES.tasks - {Task.LYRICS},
        "formats": ("mp3",),
        "evidence": {
            "generate": S,
            "extend": U,
            "cover": U,
            "add_vocals": U,
            "replace_section": U,
            "stems": U,
            "words": S,
            "callbacks": U,
            "callback signature": V,
            "errors": S,
            "credits": S,
            "price": S,
            "price of stems, words": U,
        },
        "note": "kie.ai's jobs; two takes come of every call",
    }
)

Contract = SunoApi | Kie

CONTRACTS: Final[Mapping[str, tuple[type[SunoApi] | type[Kie], Capabilities]]] = {
    "sunoapi": (SunoApi, CAPABILITIES),
    "kie": (Kie, KIE_CAPABILITIES),
}


class Suno:
    """Suno with one account at one gateway."""

    def __init__(self, account: Account, transport: Transport) -> None:
        name = account.options.get("contract", "sunoapi")
        if name not in CONTRACTS:
            raise ProviderError(
                ErrorKind.INVALID_REQUEST, f"Suno's contract is {name!r}; choose one of {', '.join(CONTRACTS)}"
            )
        gateway, self._capabilities = CONTRACTS[name]
        self._account = account
        self._transport = transport
        self._gateway: Contract = gateway(account, transport)
        self._model = account.model or gateway.default_model

    @property
    def capabilities(self) -> Capabilities:
        """What the configured contract offers."""
        return self._capabilities

    def operation(self, order: Order) -> str:
        """The operation for an order; ProviderError UNSUPPORTED where this contract has none."""
        operation = operation_of(self._located(order))
        if operation not in self._gateway.operations:
            raise ProviderError(
                ErrorKind.UNSUPPORTED, f"this gateway's contract has no {operation}; that of sunoapi.org has"
            )
        if isinstance(order, TextOrder):
            lyrics_names(order.json_schema)
        return operation

    def quote(self, order: Order) -> Decimal:
        """US dollars for the call, by credits; a call brings two takes, and costs the same for one."""
        operation = self.operation(order)
        credits_ = self._account.number(f"credits_{operation}", Decimal(CREDITS[operation]))
        return credits_ * self._account.number("usd_per_credit", USD_PER_CREDIT)

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """Hand the order over, once; INVALID_REQUEST before the call for what the model does not take."""
        operation = self.operation(order)
        address = callback_url or self._account.options.get("callback_url", "") or NO_CALLBACK
        request = request_of(self._located(order), self._model, address)
        reference = order.reference if isinstance(order, MusicOrder) else None
        if reference is not None and not reference.url:
            reference = await uploaded(
                self._transport, self._account, self._upload_url, self._gateway.vendor, reference
            )
            request = request.model_copy(update={"upload_url": reference.url})
        return await self._gateway.submit(operation, request, self._remembered(order))

    async def poll(self, job: Job) -> Pending | Product:
        """One look at a job: every take, stem or text that it made, once all of it is there."""
        return await self._gateway.poll(job)

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """Which job a call is about. Proven only with a webhook secret, which kie.ai signs with."""
        return read_call(self._account.webhook_secret.get_secret_value(), headers, body, now=now)

    async def probe(self) -> Health:
        """The credits that are left; not ok where they do not pay for one song."""
        left = await self._gateway.credits()
        enough = left >= CREDITS["generate"]
        return Health(ok=enough, credits=left, note="" if enough else "too few credits for one call")

    @property
    def _upload_url(self) -> str:
        return self._account.options.get("upload_url", "")

    def _located(self, order: Order) -> Order:
        """The order, its recording at the address that it is about to get when it has none of its own."""
        if not isinstance(order, MusicOrder) or order.reference is None or not self._upload_url:
            return order
        if order.reference.url or not order.reference.content:
            return order
        return order.model_copy(update={"reference": order.reference.model_copy(update={"url": self._upload_url})})

    def _remembered(self, order: Order) -> dict[str, str]:
        """What a look at the job needs besides its id."""
        data = {"model": self._model}
        if isinstance(order, MusicOrder) and order.origin is not None:
            data["take_id"] = order.origin.take_id
            if order.origin.model in LIMITS:
                data["model"] = order.origin.model
        if isinstance(order, TextOrder):
            data["names"] = ",".join(lyrics_names(order.json_schema))
        return data
