"""What the ledger of provider calls is asked and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Any, Final, Literal, NamedTuple

from domain.errors import InvalidValue
from domain.providers import ErrorKind, Task
from domain.stages import Stage
from storage.records import TaskStatus, derived_id

_MICRO: Final = Decimal("0.000001")
_LARGEST: Final = Decimal(10**9)

Limit = Literal["song", "owner", "provider", "day"]
State = Literal["go", "running", "done", "failed", "unknown", "over_budget"]


@dataclass(frozen=True)
class Budgets:
    """What may be spent, None for no limit: on the `song` in its whole life; by its `owner`, at the `provider` and by
    everybody together (`day`) on one day in UTC.
    """

    song: Decimal | None = None
    owner: Decimal | None = None
    provider: Decimal | None = None
    day: Decimal | None = None


class Scope(NamedTuple):
    """A song, its owner and a provider, as far as they matter to a budget."""

    composition_id: str = ""
    owner: str = ""
    provider: str = ""


@dataclass(frozen=True)
class Charge:
    """A call that may be charged; (composition, step key, provider) is charged once.

    `resubmission` counts how often a person has asked for it again, knowing that it may be charged a second time:
    each allows one more submission where the earlier ones failed or nobody knows what became of them. `request` holds
    no keys. `callback_token` is kept as a hash only.
    """

    composition_id: str
    owner: str
    stage: Stage
    step_key: str
    provider: str
    task: Task
    account: str = ""
    operation: str = ""
    take: int = 1
    resubmission: int = 0
    quote_usd: Decimal = Decimal(0)
    request: Mapping[str, Any] = field(default_factory=dict)
    budgets: Budgets = Budgets()
    callback_token: str = ""

    @property
    def scope(self) -> Scope:
        """Whom its money counts for."""
        return Scope(self.composition_id, self.owner, self.provider)

    @property
    def key(self) -> str:
        """Stands for what may be charged once."""
        return derived_id("charge", self.composition_id, self.step_key, self.provider, self.resubmission)


@dataclass(frozen=True)
class Begun:
    """What to do about a charge.

    `go`: submit it, now and once. `running`: wait for `job`. `done`: take `result`. `failed`: it was accepted and
    nothing came of it, see `kind` and `reason`. `unknown`: it may have been accepted, nobody can tell. `over_budget`:
    the budget `which` has `left` dollars.
    """

    state: State
    id: str = ""
    attempt: int = 0
    job: dict[str, Any] | None = None
    result: str | None = None
    cost: Decimal = Decimal(0)
    kind: ErrorKind | None = None
    reason: str = ""
    which: Limit | None = None
    left: Decimal | None = None


@dataclass(frozen=True)
class Spent:
    """Dollars that were charged, and dollars that open calls may still be charged."""

    settled: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)

    @property
    def total(self) -> Decimal:
        """What counts against a budget."""
        return self.settled + self.reserved


@dataclass(frozen=True)
class Left:
    """What budgets still allow, at least 0; None for no limit."""

    song: Decimal | None = None
    owner: Decimal | None = None
    provider: Decimal | None = None
    day: Decimal | None = None

    @property
    def least(self) -> Decimal | None:
        """What song, owner and day allow together, whoever is asked."""
        return min((amount for amount in (self.song, self.owner, self.day) if amount is not None), default=None)


@dataclass(frozen=True)
class Notice:
    """What a webhook met: `noticed` its call, `duplicate` a delivery that was read before, or `nobody`."""

    state: Literal["noticed", "duplicate", "nobody"]
    task_id: str = ""
    composition_id: str = ""
    status: TaskStatus | None = None


def quoted_amount(value: Decimal) -> Decimal:
    """A quote with six decimals, rounded up. Raises InvalidValue for what is no amount."""
    return _amount(value, ROUND_CEILING)


def charged_amount(value: Decimal) -> Decimal:
    """A charge with six decimals, rounded to the nearest. Raises InvalidValue for what is no amount."""
    return _amount(value, ROUND_HALF_EVEN)


def _amount(value: Decimal, rounding: str) -> Decimal:
    if not value.is_finite() or not 0 <= value < _LARGEST:
        raise InvalidValue(f"{value} dollars are no amount for the ledger: it keeps 0 to {_LARGEST}")
    return value.quantize(_MICRO, rounding=rounding)
