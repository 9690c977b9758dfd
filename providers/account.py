"""An account at a provider: key, address and model, as the operator configured them."""

import hashlib
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel, ConfigDict, SecretStr

from domain.providers import ErrorKind
from providers.errors import ProviderError


class Account(BaseModel):
    """What an adapter needs of the configuration. `base_url` has no slash at its end; empty means the vendor's own.

    `options` are the vendor's own settings, such as `version` of a Replicate model.
    """

    model_config = ConfigDict(frozen=True)

    key: SecretStr = SecretStr("")
    base_url: str = ""
    model: str = ""
    webhook_secret: SecretStr = SecretStr("")
    options: dict[str, str] = {}

    @property
    def name(self) -> str:
        """Stands for the account in the ledger and in cool-downs, without telling its key."""
        return hashlib.sha256(self.key.get_secret_value().encode()).hexdigest()[:12]

    def number(self, option: str, default: Decimal) -> Decimal:
        """A number from 0 among the options; INVALID_REQUEST for what is none."""
        text = self.options.get(option)
        if text is None:
            return default
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal(-1)
        if not value.is_finite() or value < 0:
            raise ProviderError(
                ErrorKind.INVALID_REQUEST, f"the option {option} is {text!r}; give a number from 0, such as {default}"
            )
        return value

    def bearer(self) -> dict[str, str]:
        """The header that most vendors read the key from."""
        return {"Authorization": f"Bearer {self.key.get_secret_value()}"}
