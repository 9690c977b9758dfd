"""How long a provider is left alone, and when it is asked again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.breakers import (
    CLOSED,
    FORGET_S,
    LONGEST_RETRY_AFTER_S,
    PAUSES,
    TRIAL_S,
    BreakerState,
    after_failure,
    after_success,
    breaker,
    phase,
    scope,
    trying,
)
from domain.providers import RETRIED, ErrorKind
from domain.routing import FAILURES

NOW = 1_800_000_000.0
ONE_ORDER_ONLY = {
    ErrorKind.MODERATION,
    ErrorKind.COPYRIGHT,
    ErrorKind.INVALID_REQUEST,
    ErrorKind.NOT_FOUND,
    ErrorKind.RESULT_EXPIRED,
    ErrorKind.UNSUPPORTED,
}
OPENING = sorted(PAUSES)


def failed(kind, times=1, now=NOW, **more):
    """The state and the time after so many failed trials, each made as soon as it was allowed."""
    state = CLOSED
    for _ in range(times):
        now = max(now, state.open_until)
        state = after_failure(trying(state, now=now), kind, now=now, **more)
    return state, now


@pytest.mark.parametrize("kind", OPENING)
def test_the_first_failure_opens(kind) -> None:
    state, now = failed(kind)
    assert phase(state, now=now) == "open"
    seen = breaker(state, now=now)
    assert seen.open_for_s == PAUSES[kind].first_s
    assert seen.reason == FAILURES[kind]
    assert breaker(state, now=now + seen.open_for_s).open_for_s == 0


@pytest.mark.parametrize("kind", sorted(ONE_ORDER_ONLY))
def test_what_is_about_one_order_opens_nothing(kind) -> None:
    assert scope(kind) is None
    assert after_failure(CLOSED, kind, now=NOW) == CLOSED
    open_, now = failed(ErrorKind.UPSTREAM)
    assert after_failure(open_, kind, now=now) == open_


@pytest.mark.parametrize("kind", sorted(ONE_ORDER_ONLY))
def test_a_trial_that_is_answered_properly_closes_even_when_the_order_is_refused(kind) -> None:
    state, now = failed(ErrorKind.OVERLOADED)
    now = state.open_until
    assert after_failure(trying(state, now=now), kind, now=now) == CLOSED


def test_every_error_is_about_an_order_or_has_a_pause() -> None:
    assert set(PAUSES) | ONE_ORDER_ONLY == set(ErrorKind)
    assert not set(PAUSES) & ONE_ORDER_ONLY
    assert {kind for kind in PAUSES if scope(kind) == "operation"} >= RETRIED


def test_trouble_with_the_account_is_the_accounts_and_lasts() -> None:
    of_account = {kind for kind in ErrorKind if scope(kind) == "account"}
    assert of_account == {ErrorKind.AUTH, ErrorKind.INSUFFICIENT_CREDITS, ErrorKind.PLAN_DENIED}
    shortest = min(PAUSES[kind].first_s for kind in of_account)
    assert shortest >= 1800
    assert all(pause.longest_s <= shortest for pause in PAUSES.values() if pause.scope == "operation")


@pytest.mark.parametrize(
    ("kind", "pauses"),
    [
        (ErrorKind.OVERLOADED, [30, 60, 120, 240, 480, 900, 900]),
        (ErrorKind.UPSTREAM, [15, 30, 60, 120, 240, 480, 600]),
        (ErrorKind.TIMEOUT, [15, 30, 60, 120, 240, 480, 600]),
        (ErrorKind.OUTCOME_UNKNOWN, [15, 30, 60, 120, 240, 480, 600]),
        (ErrorKind.RATE_LIMITED, [20, 40, 80, 160, 300, 300]),
        (ErrorKind.CONCURRENCY_LIMIT, [15, 30, 60, 120, 120]),
        (ErrorKind.AUTH, [3600, 7200, 14400, 21600, 21600]),
        (ErrorKind.INSUFFICIENT_CREDITS, [1800, 3600, 7200, 14400, 21600, 21600]),
        (ErrorKind.PLAN_DENIED, [21600, 43200, 86400, 86400]),
    ],
)
def test_every_failed_trial_doubles_the_pause_up_to_a_limit(kind, pauses) -> None:
    told = []
    for times in range(1, len(pauses) + 1):
        state, now = failed(kind, times)
        told.append(state.open_until - now)
    assert told == pauses


def test_calls_that_were_out_when_it_opened_count_once() -> None:
    state, now = failed(ErrorKind.UPSTREAM)
    for later in range(1, 10):
        state = after_failure(state, ErrorKind.UPSTREAM, now=now + later)
    assert state.failures == 1
    assert state.open_until == now + 9 + PAUSES[ErrorKind.UPSTREAM].first_s


def test_a_late_failure_never_shortens_a_pause() -> None:
    state, now = failed(ErrorKind.OVERLOADED, 4)
    assert after_failure(state, ErrorKind.CONCURRENCY_LIMIT, now=now, retry_after_s=1) == state


@pytest.mark.parametrize(
    ("kind", "asked", "pause"),
    [
        (ErrorKind.RATE_LIMITED, 3, 3),
        (ErrorKind.RATE_LIMITED, 90, 90),
        (ErrorKind.RATE_LIMITED, 0, 1),
        (ErrorKind.RATE_LIMITED, 10**9, LONGEST_RETRY_AFTER_S),
        (ErrorKind.CONCURRENCY_LIMIT, 2, 2),
        (ErrorKind.OVERLOADED, 2, 30),
        (ErrorKind.OVERLOADED, 300, 300),
        (ErrorKind.UPSTREAM, 45, 45),
        (ErrorKind.AUTH, 5, 3600),
        (ErrorKind.INSUFFICIENT_CREDITS, 5, 1800),
    ],
)
def test_what_the_vendor_asks_for_counts(kind, asked, pause) -> None:
    state, now = failed(kind, retry_after_s=asked)
    assert state.open_until - now == pause


def test_one_call_tries_while_others_wait() -> None:
    state, now = failed(ErrorKind.OVERLOADED)
    assert trying(state, now=now) == state
    now = state.open_until
    assert phase(state, now=now) == "half_open"
    tried = trying(state, now=now)
    assert phase(tried, now=now) == "open"
    assert trying(tried, now=now + 1) == tried
    assert breaker(tried, now=now).open_for_s == TRIAL_S
    assert after_success(tried, now=now + 5) == CLOSED


def test_a_trial_of_which_nothing_is_heard_is_followed_by_another() -> None:
    state, _ = failed(ErrorKind.TIMEOUT)
    tried = trying(state, now=state.open_until)
    assert phase(tried, now=tried.open_until) == "half_open"
    again = trying(tried, now=tried.open_until)
    assert again.open_until == tried.open_until + TRIAL_S


def test_a_success_closes_unless_it_is_older_than_the_trouble() -> None:
    state, now = failed(ErrorKind.UPSTREAM, 3)
    assert after_success(state, now=now + 1) == state
    assert after_success(state, now=state.open_until) == CLOSED
    assert after_success(CLOSED, now=now) == CLOSED
    assert trying(CLOSED, now=now) == CLOSED


def test_old_trouble_is_forgotten() -> None:
    state, _ = failed(ErrorKind.OVERLOADED, 5)
    long_after = state.open_until + FORGET_S + 1
    assert phase(state, now=long_after) == "closed"
    assert trying(state, now=long_after) == state
    fresh = after_failure(state, ErrorKind.OVERLOADED, now=long_after)
    assert fresh.open_until - long_after == PAUSES[ErrorKind.OVERLOADED].first_s


events = st.lists(
    st.tuples(
        st.sampled_from(("failure", "success", "trying")),
        st.sampled_from(ErrorKind),
        st.floats(0, 5000),
        st.none() | st.floats(0, 10**7),
    ),
    max_size=40,
)


@given(events)
def test_whatever_happens_it_is_asked_again_one_day(history) -> None:
    state, now = CLOSED, NOW
    for event, kind, step, asked in history:
        now += step
        before = state
        if event == "failure":
            state = after_failure(state, kind, now=now, retry_after_s=asked)
            assert kind not in PAUSES or phase(state, now=now) == "open"
        elif event == "success":
            state = after_success(state, now=now)
        else:
            state = trying(state, now=now)
        if phase(before, now=now) == "open" and not before.trial:
            assert state.open_until >= before.open_until
        assert state.open_until - now <= max(pause.longest_s for pause in PAUSES.values())
        assert BreakerState.model_validate_json(state.model_dump_json()) == state
