"""What can go wrong with a provider, as one exception with a kind."""

from decimal import Decimal

from domain.errors import SostenutoError
from domain.providers import ErrorKind


class ProviderError(SostenutoError):
    """A provider did not do what it was asked to.

    `retry_after_s` is what the vendor asks to wait; `suggestion` a prompt that it would accept (moderation);
    `request_id` its own name of the call, for its support; `refunded` says that nothing was charged although it
    had accepted the call; `final` that the job itself has failed, so that looking at it again is of no use.
    `cost_usd` is what an answer cost that was paid for and is of no use, such as one that was cut; None: nothing.
    """

    code = "provider_error"
    http_status = 502
    exit_code = 9

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        retry_after_s: float | None = None,
        suggestion: str = "",
        request_id: str = "",
        status: int = 0,
        refunded: bool = False,
        final: bool = False,
        cost_usd: Decimal | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.suggestion = suggestion
        self.request_id = request_id
        self.status = status
        self.refunded = refunded
        self.final = final
        self.cost_usd = cost_usd
