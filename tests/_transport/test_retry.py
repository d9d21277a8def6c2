"""Retry decisions, without a clock and without sleeping."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin._transport.retry import (
    AttemptFailure,
    FailureKind,
    RetryPolicy,
    delay_before_retry,
    server_delay,
)
from openai_admin.errors import InvalidInputError

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


def _delay(
    failure: AttemptFailure,
    *,
    attempt: int = 1,
    retries: int = 4,
    repeatable: bool = True,
    time_left: float = 600.0,
    seed: int = 1,
) -> float | None:
    return delay_before_retry(
        failure,
        attempt=attempt,
        retries=retries,
        repeatable=repeatable,
        time_left=time_left,
        rng=random.Random(seed),
        now=NOW,
    )


def _status(status: int, **headers: str) -> AttemptFailure:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return AttemptFailure(FailureKind.STATUS, status=status, headers=named)


# failure, retried when repeatable, retried when not
_TABLE = [
    (AttemptFailure(FailureKind.NOT_SENT), True, True),
    (AttemptFailure(FailureKind.NOT_SENT, is_lasting=True), False, False),
    (AttemptFailure(FailureKind.LOST), True, False),
    (AttemptFailure(FailureKind.TIMED_OUT), True, False),
    (_status(429), True, True),
    *[(_status(s), True, False) for s in (408, 500, 502, 503, 504)],
    *[
        (_status(s), False, False)
        for s in (300, 302, 400, 401, 402, 403, 404, 405, 409, 410, 413, 422, 501, 505, 529)
    ],
    (_status(409, x_should_retry="true"), True, True),
    (_status(409, x_should_retry="false"), False, False),
    (_status(400, x_should_retry="true"), True, True),
    (_status(429, x_should_retry="false"), False, False),
    (_status(500, x_should_retry="false"), False, False),
    (_status(503, x_should_retry=" False "), False, False),
    (_status(503, x_should_retry="perhaps"), True, False),
    (_status(503, x_should_retry=""), True, False),
    (_status(404, x_should_retry="TRUE"), True, True),
]


@pytest.mark.parametrize(("failure", "repeatable", "once_only"), _TABLE, ids=str)
def test_what_is_retried(failure: AttemptFailure, repeatable: bool, once_only: bool) -> None:
    assert (_delay(failure, repeatable=True) is not None) is repeatable
    assert (_delay(failure, repeatable=False) is not None) is once_only


@pytest.mark.parametrize("failure", [f for f, retried, _ in _TABLE if retried], ids=str)
def test_the_number_of_retries_is_bounded(failure: AttemptFailure) -> None:
    assert [_delay(failure, attempt=n, retries=2) is None for n in (1, 2, 3)] == [
        False,
        False,
        True,
    ]
    assert _delay(failure, attempt=1, retries=0) is None


def test_reads_are_tried_five_times_and_changes_three() -> None:
    assert RetryPolicy().retries(reads=True) == 4
    assert RetryPolicy().retries(reads=False) == 2


@pytest.mark.parametrize("reads", [True, False])
def test_a_number_of_retries_holds_for_all(reads: bool) -> None:
    assert RetryPolicy(7).retries(reads=reads) == 7
    assert RetryPolicy(0).retries(reads=reads) == 0


@pytest.mark.parametrize("value", [-1, 1.5, True, "3", float("inf")])
def test_a_wrong_number_of_retries_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^max_retries must be .*0 or more"):
        RetryPolicy(value)  # type: ignore[arg-type]


@given(
    attempt=st.integers(1, 5000),
    status=st.sampled_from([408, 429, 500, 502, 503, 504]),
    seed=st.integers(0, 2**32),
)
def test_jitter_is_full_and_capped(attempt: int, status: int, seed: int) -> None:
    delay = _delay(_status(status), attempt=attempt, retries=attempt, seed=seed)
    cap = 60.0 if status == 429 else 8.0
    expected = random.Random(seed).uniform(0, min(cap, 0.5 * 2.0 ** min(attempt - 1, 20)))
    assert delay == expected
    assert 0 <= expected <= cap


def test_jitter_spreads_over_its_whole_range() -> None:
    delays = [_delay(_status(500), attempt=3, seed=seed) or 0.0 for seed in range(500)]
    assert min(delays) < 0.1
    assert max(delays) > 1.9
    assert max(delays) <= 2.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": " 3 "}, 3.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "1e9"}, 86_400.0),
        ({"retry-after": "99999999999999999999"}, 86_400.0),
        ({"retry-after": "1e400"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "-inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "7 seconds"}, None),
        ({"retry-after": "1_000"}, None),
        ({"retry-after": "\u0667"}, None),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Tue, 24 Nov 2026 13:00:30 +0100"}, 30.0),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:30 -0000"}, 30.0),
        ({"retry-after": "Tuesday, 24-Nov-26 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Tue, 24 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 99 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after": "Tue, 24 Nov 99999999999 12:00:30 GMT"}, None),
        ({"retry-after": "2026-11-24T12:00:30Z"}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "0"}, 0.0),
        ({"retry-after-ms": "-1500"}, 0.0),
        ({"retry-after-ms": "inf"}, None),
        ({"retry-after-ms": "nan", "retry-after": "4"}, 4.0),
        ({"retry-after-ms": "soon", "retry-after": "4"}, 4.0),
        ({"retry-after-ms": "", "retry-after": "4"}, 4.0),
        ({"retry-after-ms": "250", "retry-after": "4"}, 0.25),
        ({"retry-after-ms": "-1", "retry-after": "4"}, 0.0),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert server_delay(headers, now=NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_value_breaks_the_reading(text: str) -> None:
    for name in ("retry-after", "retry-after-ms"):
        delay = server_delay({name: text}, now=NOW)
        assert delay is None or 0 <= delay < float("inf")


@given(st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_any_http_date_is_read(date: datetime) -> None:
    delay = server_delay({"retry-after": format_datetime(date, usegmt=True)}, now=NOW)
    assert delay == min(max(0.0, (date - NOW) / timedelta(seconds=1)), 86_400.0)


def test_the_present_is_the_clocks_when_none_is_given() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    delay = server_delay({"retry-after": date})
    assert delay is not None
    assert 80_000 < delay <= 86_400


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_the_servers_wait_is_obeyed_exactly(status: int) -> None:
    assert _delay(_status(status, retry_after="13")) == 13.0
    assert _delay(_status(status, retry_after_ms="40")) == 0.04


def test_a_wait_that_outlasts_the_call_gives_up_at_once() -> None:
    assert _delay(_status(429, retry_after="601"), time_left=600) is None
    assert _delay(_status(429, retry_after="600"), time_left=600) is None  # no time to try again
    assert _delay(_status(429, retry_after="599"), time_left=600) == 599.0
    assert _delay(_status(429, retry_after="1e9")) is None
    assert _delay(_status(500), time_left=-1) is None
    assert _delay(AttemptFailure(FailureKind.LOST), time_left=-0.5) is None


def test_a_wait_does_not_make_a_failure_worth_retrying() -> None:
    assert _delay(_status(404, retry_after="1")) is None
    assert _delay(_status(500, retry_after="1"), repeatable=False) is None


def test_unreadable_waits_leave_it_to_jitter() -> None:
    assert _delay(_status(503, retry_after="inf"), seed=4) == random.Random(4).uniform(0, 0.5)


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Mon, 21 Sep 2009 14:13:20 GMT", 10.0),  # a server whose clock is years behind
        ("Mon, 21 Sep 2009 14:13:40 GMT", 0.0),
    ],
)
def test_a_date_is_read_on_the_clock_of_the_server(date: str, seconds: float) -> None:
    headers = {"retry-after": "Mon, 21 Sep 2009 14:13:30 GMT", "date": date}
    assert server_delay(headers) == seconds


def test_a_date_header_that_is_none_leaves_our_own_clock() -> None:
    assert server_delay({"retry-after": "Mon, 21 Sep 2009 14:13:30 GMT", "date": "soon"}) == 0.0
