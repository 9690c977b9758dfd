"""When a provider is left alone after a failure, and for how long: functions of a small state and the time.

A state belongs to one (provider, account, operation), or to one (provider, account) where the account itself is the
trouble; `scope` tells which. It opens on the first failure, also where nobody else serves the task: otherwise every
song of an outage pays for finding out. When its time is over one call tries it (`trying`); if that fails, the next
pause is longer, up to a limit.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from domain.providers import Breaker, ErrorKind
from domain.routing import FAILURES

Scope = Literal["account", "operation"]


class Pause(NamedTuple):
    """How long a kind of failure closes what: `first_s` seconds, doubled with every failed trial up to `longest_s`."""

    scope: Scope
    first_s: float
    longest_s: float


PAUSES: Final[Mapping[ErrorKind, Pause]] = MappingProxyType(
    {
        ErrorKind.AUTH: Pause("account", 3600, 6 * 3600),
        ErrorKind.INSUFFICIENT_CREDITS: Pause("account", 1800, 6 * 3600),
        ErrorKind.PLAN_DENIED: Pause("account", 6 * 3600, 24 * 3600),
        ErrorKind.RATE_LIMITED: Pause("operation", 20, 300),
        ErrorKind.CONCURRENCY_LIMIT: Pause("operation", 15, 120),
        ErrorKind.OVERLOADED: Pause("operation", 30, 900),
        ErrorKind.UPSTREAM: Pause("operation", 15, 600),
        ErrorKind.TIMEOUT: Pause("operation", 15, 600),
        ErrorKind.OUTCOME_UNKNOWN: Pause("operation", 15, 600),
    }
)
"""Kinds that are not here are about one order, not about the provider: they close nothing."""

LONGEST_RETRY_AFTER_S: Final = 3600.0
"""A vendor that asks for a longer wait is asked again after this: a mistake in a header must not close it for days."""
TRIAL_S: Final = 60.0
"""While a call tries a provider, others wait so long for what comes of it."""
FORGET_S: Final = 3600.0
"""So long after the end of a pause, the failures before it no longer count."""


class BreakerState(BaseModel):
    """What is remembered: failed rounds in a row, when it may be asked again (epoch seconds), why it was closed.

    `trial`: a call is out that finds out whether it works again.
    """

    model_config = ConfigDict(frozen=True)

    failures: int = 0
    open_until: float = 0.0
    reason: ErrorKind | None = None
    trial: bool = False


CLOSED: Final = BreakerState()


def scope(kind: ErrorKind) -> Scope | None:
    """Whose state a failure goes to; None when it goes to none."""
    pause = PAUSES.get(kind)
    return pause.scope if pause else None


def after_failure(
    state: BreakerState, kind: ErrorKind, *, now: float, retry_after_s: float | None = None
) -> BreakerState:
    """The state after a failure at `now` (epoch seconds).

    Failures of calls that were out when it opened are one and the same trouble: they can prolong the pause, they do
    not double it. `retry_after_s` of the vendor counts instead of our guess for rate and concurrency limits, and as
    the least for all other operations.
    """
    pause = PAUSES.get(kind)
    if pause is None:
        # It answered properly: whatever was tried, it works again.
        return CLOSED if state.trial else state
    same_round = state.open_until > now and not state.trial
    failures = state.failures if same_round else _remembered(state, now) + 1
    until = now + _seconds(kind, pause, failures, retry_after_s)
    if same_round and until <= state.open_until:
        return state
    return BreakerState(failures=max(1, failures), open_until=until, reason=kind)


def after_success(state: BreakerState, *, now: float) -> BreakerState:
    """Closed again, and forgotten; a pause that is not over stays when the call that succeeded was no trial.

    Such a call began before the pause, so it says nothing about what came after.
    """
    if state.open_until > now and not state.trial:
        return state
    return CLOSED


def trying(state: BreakerState, *, now: float) -> BreakerState:
    """The state while one call tries a provider whose pause is over: for all others it stays closed for TRIAL_S."""
    if phase(state, now=now) != "half_open":
        return state
    return state.model_copy(update={"trial": True, "open_until": now + TRIAL_S})


def phase(state: BreakerState, *, now: float) -> Literal["closed", "open", "half_open"]:
    """`closed`: may be asked; `open`: may not; `half_open`: its pause is over and nobody knows yet."""
    if state.open_until > now:
        return "open"
    return "half_open" if _remembered(state, now) else "closed"


def breaker(state: BreakerState, *, now: float) -> Breaker:
    """What the router sees of a state."""
    if state.open_until <= now:
        return Breaker()
    return Breaker(open_for_s=state.open_until - now, reason=FAILURES[state.reason] if state.reason else "")


def _remembered(state: BreakerState, now: float) -> int:
    return 0 if now - state.open_until > FORGET_S else state.failures


def _seconds(kind: ErrorKind, pause: Pause, failures: int, retry_after_s: float | None) -> float:
    guess = min(pause.longest_s, pause.first_s * 2.0 ** min(max(0, failures - 1), 16))
    if retry_after_s is None or pause.scope == "account":
        return guess
    asked = min(max(1.0, retry_after_s), LONGEST_RETRY_AFTER_S)
    return asked if kind in (ErrorKind.RATE_LIMITED, ErrorKind.CONCURRENCY_LIMIT) else max(guess, asked)
