"""What every adapter offers. An adapter holds no state: what must be remembered is in the job that it gave."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from domain.providers import Capabilities
from providers.orders import Order


class MadeFile(BaseModel):
    """A file that a provider made: its bytes, or an address to fetch it from at once.

    `role` is "take", "stem:<name>", "midi" or "cover"; `take_id` the vendor's id of the take it belongs to;
    `words` are sung words with start and end in seconds.
    """

    model_config = ConfigDict(frozen=True)

    role: str = "take"
    content: bytes = b""
    url: str = ""
    media_type: str = ""
    duration_s: float | None = None
    take_id: str = ""
    words: tuple[tuple[str, float, float], ...] = ()


class Usage(BaseModel):
    """Tokens that a language model counted."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0


class Job(BaseModel):
    """Work that a provider has accepted: its own id, the operation, and what polling it needs besides."""

    model_config = ConfigDict(frozen=True)

    id: str
    operation: str
    data: dict[str, str] = {}


class Pending(BaseModel):
    """Not finished yet; `progress` 0–1 where the vendor tells, `note` in its own words."""

    model_config = ConfigDict(frozen=True)

    progress: float | None = None
    note: str = ""


class Product(BaseModel):
    """What came out: files, or a document of a language model.

    `cost_usd` is what the vendor said that it charged, or follows from its answer; None: the quote counts.
    """

    model_config = ConfigDict(frozen=True)

    files: tuple[MadeFile, ...] = ()
    document: dict[str, Any] | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    model: str = ""
    request_id: str = ""


class Callback(BaseModel):
    """What an incoming call says: about which job, whether its sender is proven, and the result if it is in it.

    Whoever is not proven triggers no more than a look at the provider itself. `delivery_id` names the delivery where
    the vendor does, so that a second one is recognised.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str
    proven: bool = False
    finished: bool = False
    delivery_id: str = ""


class Health(BaseModel):
    """What a free look at the account says."""

    model_config = ConfigDict(frozen=True)

    ok: bool
    credits: float | None = None
    note: str = ""


class Adapter(Protocol):
    """One provider with one account. All methods raise ProviderError and nothing else for what the vendor does."""

    @property
    def capabilities(self) -> Capabilities:
        """What it can do with the models that are configured."""

    def operation(self, order: Order) -> str:
        """The vendor's operation for an order, such as "generate"; ProviderError UNSUPPORTED says why there is none."""

    def quote(self, order: Order) -> Decimal:
        """What the order will cost in US dollars, by the price list; never less than what is charged."""

    async def submit(self, order: Order, *, callback_url: str = "") -> Job | Product:
        """Hand the order over, once: a product where the vendor answers with it, else the job to wait for.

        OUTCOME_UNKNOWN when it may have been accepted and nobody can tell.
        """

    async def poll(self, job: Job) -> Pending | Product:
        """One look at a job. RESULT_EXPIRED when what it made is gone."""

    def read_callback(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Callback:
        """What a call of the vendor says; ProviderError INVALID_REQUEST for what is none, or is signed wrongly."""

    async def probe(self) -> Health:
        """A look at the account that costs nothing."""
