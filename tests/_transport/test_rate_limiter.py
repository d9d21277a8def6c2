"""The rate limiter: what is learned, who waits how long, and that nothing is ever lost."""

import math
import sys
import threading
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin._transport.rate_estimator import Ticket
from openai_admin._transport.rate_headers import Limits, parse_duration
from openai_admin._transport.rate_limiter import RateLimiter
from openai_admin._transport.rate_refusals import Streak
from tests._transport import rate_simulation as simulation
from tests._transport.rate_simulation import Client, FixedWindow, Loop, Scenario, Work, summarize

ENDPOINT = "GET /organization/projects/{project_id}/users"


@pytest.mark.parametrize("scenario", simulation.STEADY, ids=str)
def test_a_steady_limit_is_nearly_used_up_with_few_refusals(scenario: Scenario) -> None:
    summary = summarize(scenario, 20)
    print(summary)
    assert all(result.finished and not result.left for result in summary.results)
    assert summary.worst_ratio <= 1.25
    assert summary.worst_share <= 1 / 6


@pytest.mark.parametrize("scenario", simulation.UNUSUAL, ids=str)
def test_any_window_is_found(scenario: Scenario) -> None:
    summary = summarize(scenario, 6)
    print(summary)
    assert all(result.finished and not result.left for result in summary.results)
    assert summary.worst_ratio <= 1.3
    assert summary.worst_share <= 1 / 5


@pytest.mark.parametrize("scenario", simulation.ANY_PHASE, ids=str)
def test_it_does_not_matter_where_in_a_window_a_run_begins(scenario: Scenario) -> None:
    summary = summarize(scenario, 20)
    print(summary)
    assert all(result.finished and not result.left for result in summary.results)
    assert summary.worst_ratio <= 1.25
    assert summary.worst_share <= 1 / 6


@pytest.mark.parametrize("scenario", simulation.CHANGING, ids=str)
def test_a_limit_that_changes_is_learned_again(scenario: Scenario) -> None:
    summary = summarize(scenario, 12)
    print(summary)
    assert all(result.finished and not result.left for result in summary.results)
    if scenario.server is FixedWindow and not scenario.any_phase:
        assert summary.worst_ratio <= 1.25
        assert summary.worst_share <= 1 / 6
    else:
        assert summary.worst_ratio <= 1.45
        assert summary.worst_share <= 1 / 4


@pytest.mark.parametrize("scenario", simulation.TOLD, ids=str)
def test_what_the_server_says_is_believed(scenario: Scenario) -> None:
    summary = summarize(scenario, 8)
    print(summary)
    assert all(result.finished and not result.left for result in summary.results)
    if scenario.headers:
        assert summary.worst_ratio <= 1.15
        assert max(result.refused for result in summary.results) <= 1
    else:
        assert summary.worst_ratio <= 1.3
        assert summary.worst_share <= (1 / 6 if scenario.new_limit is None else 1 / 4)


def test_a_healthy_server_is_not_slowed_down() -> None:
    """2,000 reads of 10 ms by 32 tasks take 625 ms at best, and hardly more when paced."""
    loop = Loop()
    client = Client(loop, RateLimiter(random=Random(1)), Random(2), (0.01, 0.01))
    tally = client.start(ENDPOINT, FixedWindow(10**9, 60.0), Work(2_000, 32))
    loop.run()
    assert tally.most_in_flight == 32
    assert tally.time < 0.625 + 0.04


def test_the_start_is_fast_but_not_blind() -> None:
    rate_limiter = RateLimiter()
    tickets = [rate_limiter.ask(ENDPOINT, 0.0, lane="fan-out") for _ in range(100)]
    assert [ticket.wait == 0 for ticket in tickets] == [True] * 4 + [False] * 96
    for ticket in tickets[:4]:
        rate_limiter.granted(ticket, 0.1)
    assert _go(rate_limiter, tickets[4:], 0.1) == 5
    for ticket in tickets[4:9]:
        rate_limiter.granted(ticket, 0.2)
    assert _go(rate_limiter, tickets[9:], 0.2) == 7
    for ticket in tickets[9:16]:
        rate_limiter.granted(ticket, 0.3)
    assert _go(rate_limiter, tickets[16:], 0.3) == 14


def test_requests_that_hang_cost_their_places_for_a_second_and_then_for_less() -> None:
    rate_limiter = RateLimiter()
    tickets = [rate_limiter.ask(ENDPOINT, 0.0, lane="fan-out") for _ in range(100)]
    for ticket in tickets[1:4]:
        rate_limiter.granted(ticket, 0.1)
    assert _go(rate_limiter, tickets[4:], 0.1) == 4
    assert _go(rate_limiter, tickets[8:], 0.9) == 0
    assert _go(rate_limiter, tickets[8:], 1.0) == 5
    assert _go(rate_limiter, tickets[13:], 1.2) == 0
    assert _go(rate_limiter, tickets[13:], 1.5) == 5
    assert _go(rate_limiter, tickets[18:], 1.75) == 5


def test_a_refusal_holds_everybody_and_one_probes() -> None:
    rate_limiter = RateLimiter(random=Random(1))
    tickets = [rate_limiter.ask(ENDPOINT, 0.0) for _ in range(20)]
    for ticket in tickets[:4]:
        rate_limiter.refused(ticket, 0.1)
    assert _go(rate_limiter, tickets[4:], 1.0) == 0
    assert "429" in tickets[4].reason
    assert 0 < tickets[4].wait <= 0.4
    assert _go(rate_limiter, tickets[4:], 1.4) == 1
    assert _go(rate_limiter, tickets[5:], 6.3) == 0
    assert _go(rate_limiter, tickets[5:], 6.5) == 1  # the probe hangs, and another follows


def test_other_endpoints_are_not_held() -> None:
    rate_limiter = RateLimiter()
    rate_limiter.refused(rate_limiter.ask(ENDPOINT, 0.0), 0.1, retry_after=30)
    assert rate_limiter.ask(ENDPOINT, 0.2).wait == pytest.approx(29.9)
    assert rate_limiter.ask("GET /organization/users", 0.2).wait == 0


def test_retry_after_is_obeyed_even_where_it_is_long() -> None:
    rate_limiter = RateLimiter()
    rate_limiter.refused(rate_limiter.ask(ENDPOINT, 0.0), 1.0, retry_after=3_600)
    ticket = rate_limiter.ask(ENDPOINT, 2.0)
    assert ticket.wait == pytest.approx(3_599)
    assert rate_limiter.renew(ticket, 3_600.9) == pytest.approx(0.1)
    assert rate_limiter.renew(ticket, 3_601.0) == 0


def test_a_stated_wait_is_the_hold_though_it_is_stated_again() -> None:
    rate_limiter, now = RateLimiter(random=Random(1)), 0.0
    for _ in range(4):
        ticket = rate_limiter.ask(ENDPOINT, now)
        now += ticket.wait
        assert rate_limiter.renew(ticket, now) == 0
        rate_limiter.refused(ticket, now, retry_after=1.5)
    assert now == pytest.approx(4.5)
    assert rate_limiter.ask(ENDPOINT, now).wait == pytest.approx(1.5)


def test_an_empty_retry_after_is_not_hammered() -> None:
    rate_limiter = RateLimiter(random=Random(1))
    now = 0.0
    for _ in range(12):
        ticket = rate_limiter.ask(ENDPOINT, now)
        while ticket.wait:
            now += ticket.wait
            rate_limiter.renew(ticket, now)
        rate_limiter.refused(ticket, now, retry_after=0)
    assert now > 200


def test_probes_come_at_growing_distances_up_to_a_minute() -> None:
    rate_limiter = RateLimiter(random=Random(3))
    waits, now = [], 0.0
    for _ in range(8):
        ticket = rate_limiter.ask(ENDPOINT, now)
        waits.append(ticket.wait)
        now += ticket.wait
        assert rate_limiter.renew(ticket, now) == 0
        rate_limiter.refused(ticket, now)
    for wait, planned in zip(waits, [0, 1, 4, 16, 60, 60, 60, 60], strict=True):
        assert planned <= wait <= planned * 1.2


def test_headers_let_as_many_go_as_remain() -> None:
    rate_limiter = RateLimiter()
    tickets = [rate_limiter.ask(ENDPOINT, 0.0, lane="fan-out") for _ in range(10)]
    for left, ticket in zip((5, 4, 3, 2), tickets, strict=False):
        rate_limiter.granted(ticket, 0.1, Limits(6, left, 30.0))
    assert _go(rate_limiter, tickets[4:], 0.2) == 2
    assert tickets[6].wait == pytest.approx(29.9)
    assert "x-ratelimit" in tickets[6].reason
    for left, ticket in zip((1, 0), tickets[4:6], strict=True):
        rate_limiter.granted(ticket, 0.3, Limits(6, left, 29.7))
    assert _go(rate_limiter, tickets[6:], 29.9) == 0
    assert _go(rate_limiter, tickets[6:], 30.1) == 1  # its answer will say how many may follow


def test_a_reset_of_hours_is_believed_once_a_429_has_confirmed_it() -> None:
    rate_limiter = RateLimiter()
    rate_limiter.granted(rate_limiter.ask(ENDPOINT, 0.0), 0.1, Limits(6, 0, 21_600.0))
    probe = rate_limiter.ask(ENDPOINT, 0.2)
    assert probe.wait <= 1
    assert rate_limiter.renew(probe, 1.2) == 0
    rate_limiter.refused(probe, 1.3, limits=Limits(6, 0, 21_598.7))
    assert rate_limiter.ask(ENDPOINT, 2.0).wait == pytest.approx(21_598)


def test_headers_that_promise_what_is_refused_are_not_believed_again() -> None:
    rate_limiter = RateLimiter(random=Random(1))
    ticket = rate_limiter.ask(ENDPOINT, 0.0)
    rate_limiter.refused(ticket, 0.1, limits=Limits(100, 99, 0.0))
    assert rate_limiter.ask(ENDPOINT, 0.2).wait > 0.3


def test_a_quiet_time_earns_a_burst() -> None:
    loop, random = Loop(), Random(5)
    server = FixedWindow(8, 60.0)
    client = Client(loop, RateLimiter(random=Random(6)), random, (0.05, 0.3))
    client.start(ENDPOINT, server, Work(40, 32))
    loop.run()
    later = math.ceil(loop.now / 60) * 60 + 600.0
    tickets = [client.rate_limiter.ask(ENDPOINT, later) for _ in range(12)]
    assert 6 <= sum(ticket.wait == 0 for ticket in tickets) <= 9


def test_the_pace_is_given_in_words() -> None:
    loop = Loop()
    client = Client(loop, RateLimiter(random=Random(6)), Random(5), (0.05, 0.3))
    client.start(ENDPOINT, FixedWindow(8, 60.0), Work(40, 32))
    loop.run()
    interval = client.rate_limiter.interval(ENDPOINT)
    assert interval is not None
    assert 5 < interval < 10
    client.rate_limiter.ask(ENDPOINT, loop.now)
    tickets = [client.rate_limiter.ask(ENDPOINT, loop.now) for _ in range(30)]
    assert f"paced to {60 / interval:.3g} requests a minute" in {
        ticket.reason for ticket in tickets
    }


def test_a_cancelled_waiter_gives_its_turn_to_the_next() -> None:
    rate_limiter = RateLimiter()
    for ticket in [rate_limiter.ask(ENDPOINT, 0.0) for _ in range(4)]:
        rate_limiter.refused(ticket, 0.0, retry_after=10)
    first, second = rate_limiter.ask(ENDPOINT, 1.0), rate_limiter.ask(ENDPOINT, 1.0)
    woken: list[str] = []
    second.wake = lambda: woken.append("second")
    assert rate_limiter.renew(second, 10.0) > 0
    rate_limiter.cancel(first, 10.0)
    assert woken == ["second"]
    assert rate_limiter.renew(second, 10.0) == 0
    rate_limiter.cancel(second, 10.1)
    assert (rate_limiter.in_flight, rate_limiter.waiting) == (0, 0)
    assert rate_limiter.ask(ENDPOINT, 10.2).wait == 0  # a probe without an answer is sent again


def test_closing_twice_counts_once() -> None:
    rate_limiter = RateLimiter()
    ticket = rate_limiter.ask(ENDPOINT, 0.0)
    rate_limiter.granted(ticket, 0.1)
    rate_limiter.cancel(ticket, 0.2)
    rate_limiter.refused(ticket, 0.2)
    assert rate_limiter.in_flight == 0
    assert rate_limiter.ask(ENDPOINT, 0.3).wait == 0


def test_lanes_take_turns_in_the_order_they_came_and_the_refused_go_first() -> None:
    rate_limiter = RateLimiter()
    running = [rate_limiter.ask(ENDPOINT, 0.0) for _ in range(4)]
    fan_out = [rate_limiter.ask(ENDPOINT, 0.0, lane="fan-out") for _ in range(180)]
    single = rate_limiter.ask(ENDPOINT, 0.0, lane="single")
    for ticket in running:
        rate_limiter.refused(ticket, 0.0, retry_after=5)
    again = [rate_limiter.ask(ENDPOINT, 0.1, again=True) for _ in range(2)]
    assert single.wait < fan_out[5].wait < fan_out[6].wait
    order, now = [], 5.0
    waiting = [*again, *fan_out[:5], single]
    while waiting:
        for ticket in list(waiting):
            if rate_limiter.renew(ticket, now) == 0:
                waiting.remove(ticket)
                order.append(ticket)
                rate_limiter.granted(ticket, now)
        now += 1
    assert order == [*again, fan_out[0], single, *fan_out[1:5]]


def test_a_single_call_waits_for_a_few_turns_though_many_were_refused() -> None:
    rate_limiter = RateLimiter()
    for ticket in [rate_limiter.ask(ENDPOINT, 0.0, path=path) for path in range(4)]:
        rate_limiter.refused(ticket, 0.0, retry_after=5)
    others = [rate_limiter.ask(ENDPOINT, 0.1, again=True, path=path) for path in range(30)]
    single = rate_limiter.ask(ENDPOINT, 0.1)
    waiting, now = [*others, single], 5.0
    while single in waiting:
        for ticket in list(waiting):
            if rate_limiter.renew(ticket, now) == 0:
                waiting.remove(ticket)
                rate_limiter.granted(ticket, now)
        now += 1
    assert len(waiting) >= 24


def test_who_waits_is_asked_no_more_than_needed_and_each_step_is_short() -> None:
    """With ten times as many waiters a question takes as many steps, and not ten times as many."""

    class Counting(RateLimiter):
        asked = 0

        def renew(self, ticket: Ticket, now: float) -> float:
            self.asked += 1
            return super().renew(ticket, now)

    def steps(waiters: int) -> tuple[int, int]:
        loop, rate_limiter, lines = Loop(), Counting(random=Random(1)), 0
        client = Client(loop, rate_limiter, Random(2), (0.05, 0.3))
        tally = client.start(
            ENDPOINT, FixedWindow(400, 1.0), Work(waiters, waiters, paths=waiters // 2)
        )

        def count(*_: object) -> None:
            nonlocal lines
            lines += 1

        sys.setprofile(count)
        try:
            loop.run()
        finally:
            sys.setprofile(None)
        assert tally.granted == waiters
        print(f"{rate_limiter.asked} questions for {waiters} requests, {tally.refused} refused")
        return rate_limiter.asked, lines

    few, many = steps(400), steps(4_000)
    assert many[0] <= 10 * 4_000
    assert many[1] / many[0] <= 1.5 * few[1] / few[0]


@pytest.mark.parametrize(
    ("server", "latency"),
    [
        (FixedWindow, (0.005, 0.02)),
        (FixedWindow, (0.05, 0.3)),
        (simulation.SlidingWindow, (0.005, 0.02)),
        (simulation.TokenBucket, (0.005, 0.02)),
    ],
)
def test_a_deep_backlog_is_worked_off_at_the_limit(
    server: type[simulation.Server], latency: tuple[float, float]
) -> None:
    """From the fifth second on, nine tenths of 400 requests a second are granted."""
    loop = Loop()
    client = Client(loop, RateLimiter(random=Random(1)), Random(2), latency)
    tally = client.start(ENDPOINT, server(400, 1.0), Work(8_000, 8_000, paths=8_000))
    loop.run(until=10.0)
    later = [granted for time, granted in tally.trace if 5 <= time < 10]
    assert sum(later) >= 0.9 * 400 * 5
    assert later.count(False) <= len(later) / 6


def test_requests_that_wait_for_a_clients_places_open_no_more_of_an_endpoints() -> None:
    rate_limiter = RateLimiter()
    tickets = [rate_limiter.ask(ENDPOINT, 0.0, lane="fan-out") for _ in range(1_000)]
    for _ in range(20):
        for ticket in [ticket for ticket in tickets if not ticket.wait]:
            tickets.remove(ticket)
            ticket.is_crowded = True
            rate_limiter.granted(ticket, 0.1)
    assert 32 <= rate_limiter.in_flight <= 33


def test_a_moment_that_has_passed_holds_nobody() -> None:
    streak = Streak(Random(1))
    streak.begin(100.0, 1.0, trusted=True, ends=(99.0,))
    streak.add(100.0, granted=30.0, asked=None, free=0)
    assert 101 <= streak.held_until <= 101.2


def test_endpoints_not_used_for_long_are_forgotten() -> None:
    rate_limiter = RateLimiter()
    busy = rate_limiter.ask("busy", 0.0)
    for number in range(10_000):
        rate_limiter.granted(rate_limiter.ask(number, float(number)), float(number))
    assert len(rate_limiter._groups.estimators) <= 256
    assert rate_limiter.in_flight == 1
    rate_limiter.granted(busy, 10_000.0)
    assert rate_limiter.in_flight == 0


def test_threads_share_a_rate_limiter() -> None:
    rate_limiter = RateLimiter()

    def work(number: int) -> None:
        random = Random(number)
        for step in range(2_000):
            ticket = rate_limiter.ask(random.randrange(3), step * 1.0)
            if ticket.wait:
                rate_limiter.renew(ticket, step + 0.5)
            random.choice([rate_limiter.granted, rate_limiter.granted, rate_limiter.cancel])(
                ticket, step + 0.7
            )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (rate_limiter.in_flight, rate_limiter.waiting) == (0, 0)


EVENTS = st.tuples(
    st.sampled_from(
        ["ask", "again", "renew", "granted", "with headers", "refused", "refused", "cancel"]
    ),
    st.integers(0, 1_000),
    st.sampled_from([0.0, 0.001, 0.1, 0.6, 2.0, 30.0, 400.0]),
)


@settings(max_examples=300)
@given(st.lists(EVENTS, max_size=120), st.integers(0, 100))
def test_whatever_happens_nothing_is_lost_and_nobody_waits_forever(
    events: list[tuple[str, int, float]], seed: int
) -> None:
    rate_limiter, random, now = RateLimiter(random=Random(seed)), Random(seed), 0.0
    tickets: list[Ticket] = []
    for event, pick, pause in events:
        now += pause
        if event in ("ask", "again"):
            tickets.append(rate_limiter.ask(ENDPOINT, now, again=event == "again"))
        elif tickets:
            ticket = tickets[pick % len(tickets)]
            if event == "renew":
                rate_limiter.renew(ticket, now)
            elif event == "cancel":
                rate_limiter.cancel(ticket, now)
                tickets.remove(ticket)
            elif not ticket.wait:
                tickets.remove(ticket)
                limits = Limits(8, pick % 9, pause) if pick % 3 else None
                if event == "refused":
                    rate_limiter.refused(
                        ticket, now, retry_after=pause if pick % 2 else None, limits=limits
                    )
                else:
                    rate_limiter.granted(ticket, now, limits if event == "with headers" else None)
        _check(rate_limiter, tickets)
    # From here on everything is granted at once: all who wait must get their turn.
    waiting = tickets
    while sent := [ticket for ticket in waiting if not ticket.wait]:  # each grant may let others go
        waiting = [ticket for ticket in waiting if ticket.wait]
        for ticket in sent:
            rate_limiter.granted(ticket, now)
    for _ in range(20 * len(waiting)):
        if not waiting:
            break
        now = max(now, min(ticket.until for ticket in waiting))
        for ticket in [ticket for ticket in waiting if ticket.until <= now]:
            if rate_limiter.renew(ticket, now) == 0:
                waiting.remove(ticket)
                now += random.random() / 10
                rate_limiter.granted(ticket, now)
        _check(rate_limiter, waiting)
    assert not waiting
    assert (rate_limiter.in_flight, rate_limiter.waiting) == (0, 0)


@settings(max_examples=100)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 5)), max_size=200), st.integers(0, 100))
def test_cancelling_gives_everything_back(steps: list[tuple[bool, float]], seed: int) -> None:
    rate_limiter, now = RateLimiter(random=Random(seed)), 0.0
    tickets = []
    for refused, pause in steps:
        now += pause
        ticket = rate_limiter.ask(ENDPOINT, now)
        if refused and not ticket.wait:
            rate_limiter.refused(ticket, now)
        else:
            tickets.append(ticket)
    for ticket in tickets:
        rate_limiter.cancel(ticket, now)
    assert (rate_limiter.in_flight, rate_limiter.waiting) == (0, 0)
    ticket = rate_limiter.ask(ENDPOINT, now + 120)
    assert ticket.wait == 0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("20ms", 0.02),
        ("1h2m3s", 3_723),
        ("1d", 86_400),
        ("7.66s", 7.66),
        ("1m30.951s", 90.951),
        (" 12 ", 12),
        ("0", 0),
        ("0s", 0),
        ("", None),
        ("s", None),
        ("-1s", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("1 s", None),
        ("soon", None),
        ("\u0661s", None),
        ("9" * 5_000 + "s", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("remaining", "reset", "limit", "expected"),
    [
        ("7", "1s", "8", Limits(8, 7, 1.0)),
        ("0", "6m0s", None, Limits(None, 0, 360.0)),
        ("0", "9999d", None, Limits(None, 0, 86_400.0)),
        ("7", "1s", "many", Limits(None, 7, 1.0)),
        (None, "1s", "8", None),
        ("7", None, "8", None),
        ("7", "soon", "8", None),
        ("-1", "1s", "8", None),
        ("\u0667", "1s", "8", None),
        ("7.5", "1s", "8", None),
    ],
)
def test_headers_are_read_or_left_alone(
    remaining: str | None, reset: str | None, limit: str | None, expected: Limits | None
) -> None:
    values = {"remaining": remaining, "reset": reset, "limit": limit}
    headers = {
        f"x-ratelimit-{name}-requests": value for name, value in values.items() if value is not None
    }
    assert Limits.from_headers(headers) == expected


def _go(rate_limiter: RateLimiter, tickets: list[Ticket], now: float) -> int:
    """How many of the waiters may go."""
    return sum(rate_limiter.renew(ticket, now) == 0 for ticket in tickets)


def _check(rate_limiter: RateLimiter, tickets: list[Ticket]) -> None:
    assert rate_limiter.in_flight == sum(not ticket.wait for ticket in tickets)
    assert rate_limiter.waiting == sum(ticket.wait > 0 for ticket in tickets)
    assert all(math.isfinite(ticket.wait) for ticket in tickets)
