"""Who is limited: one path, an endpoint, several endpoints together, or two processes."""

import statistics
from random import Random

import pytest

from openai_admin._transport.rate_limiter import RateLimiter
from tests._transport.rate_simulation import (
    Client,
    FixedWindow,
    Loop,
    Never,
    Server,
    SlidingWindow,
    Stray,
    Tally,
    TokenBucket,
    Work,
    best_time,
)

LATENCY = (0.05, 0.3)


def _free() -> Server:
    return FixedWindow(10**9, 60.0)


def _client(seed: int, loop: Loop, latency: tuple[float, float] = LATENCY) -> Client:
    return Client(loop, RateLimiter(random=Random(seed + 1)), Random(seed), latency)


def _run(server: Server, work: Work, seed: int = 0, until: float = 100_000.0) -> Tally:
    loop = Loop()
    tally = _client(seed, loop).start("endpoint", server, work)
    loop.run(until)
    return tally


# --- paths -------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1, 7, 15, 29])
def test_a_path_that_is_always_refused_costs_the_others_one_short_hold(place: int) -> None:
    undisturbed = _run(_free(), Work(60, 30, paths=30))
    refused = {place: Never(1, 60.0)}
    tally = _run(_free(), Work(60, 30, paths=30, own=refused), until=300.0)
    assert tally.granted == 58
    assert tally.time <= undisturbed.time + 3
    assert 5 <= tally.refused <= 12  # at growing distances, for each of the two tasks


@pytest.mark.parametrize("bad", [range(10), range(0, 30, 3), range(29)], ids=str)
def test_many_paths_that_are_always_refused_do_not_starve_the_others(bad: range) -> None:
    own = {path: Never(1, 60.0) for path in bad}
    tally = _run(_free(), Work(120, 120, paths=30, own=own), until=120.0)
    assert tally.granted == 4 * (30 - len(bad))
    assert tally.time <= 10


def test_the_first_refusal_holds_its_path_alone() -> None:
    rate_limiter = RateLimiter()
    rate_limiter.refused(rate_limiter.ask("endpoint", 0.0, path="a"), 0.1, retry_after=3_600)
    again = rate_limiter.ask("endpoint", 0.1, path="a")
    probe = rate_limiter.ask("endpoint", 0.1, path="b")
    assert rate_limiter.renew(probe, 0.1) == 0
    rate_limiter.granted(probe, 0.2)
    assert rate_limiter.ask("endpoint", 0.2, path="c").wait == 0
    assert rate_limiter.renew(again, 0.2) == pytest.approx(3_599.9)


def test_what_two_paths_are_asked_to_wait_binds_all_once_any_was_granted() -> None:
    rate_limiter = RateLimiter()
    rate_limiter.granted(rate_limiter.ask("endpoint", 0.0, path="a"), 0.1)
    for path, seconds in (("b", 600), ("c", 900)):
        ticket = rate_limiter.ask("endpoint", 1.0, path=path)
        assert ticket.wait == 0
        rate_limiter.refused(ticket, 1.0, retry_after=seconds)
    assert rate_limiter.ask("endpoint", 2.0, path="d").wait == pytest.approx(599)


def test_a_path_with_a_limit_of_its_own_is_paced_by_itself() -> None:
    own = FixedWindow(8, 60.0)
    tally = _run(_free(), Work(400, 400, paths=4, own={3: own}))
    others = [time for time, granted in tally.trace if granted][:300]
    assert others[-1] <= 10
    assert tally.done == {0: 100, 1: 100, 2: 100, 3: 100}
    assert tally.time <= 1.25 * best_time(FixedWindow(8, 60.0), 100)
    assert tally.refused <= 45  # a burst of its requests was on its way at first


def test_refusals_with_a_long_retry_after_hold_the_path_and_not_its_neighbours() -> None:
    rate_limiter = RateLimiter()
    tickets = [rate_limiter.ask("endpoint", 0.0, path=path) for path in range(3)]
    for ticket in tickets[:2]:
        rate_limiter.granted(ticket, 0.1)
    rate_limiter.refused(tickets[2], 0.1)
    probe, again = (rate_limiter.ask("endpoint", 0.1, path=path) for path in (0, 2))
    assert rate_limiter.renew(probe, 1.4) == 0
    rate_limiter.granted(probe, 1.5)
    assert rate_limiter.renew(again, 1.5) == 0
    rate_limiter.refused(again, 1.6, retry_after=600)
    assert rate_limiter.ask("endpoint", 1.7, path=0).wait == 0
    assert rate_limiter.ask("endpoint", 1.7, path=2).wait == pytest.approx(599.9)


def test_the_probe_asks_something_else_than_what_was_refused() -> None:
    rate_limiter = RateLimiter()
    refused = rate_limiter.ask("endpoint", 0.0, path="a")
    rate_limiter.refused(refused, 0.1)
    again = rate_limiter.ask("endpoint", 0.1, path="a", again=True)
    other = rate_limiter.ask("endpoint", 0.1, path="b")
    assert rate_limiter.renew(again, 1.4) > 0
    assert rate_limiter.renew(other, 1.4) == 0


def test_paths_that_were_set_apart_are_bounded() -> None:
    rate_limiter, now = RateLimiter(), 0.0
    for path in range(300):
        for asked in (path, *(3 * ("neighbour", path))):
            ticket = rate_limiter.ask("endpoint", now, path=asked)
            while ticket.wait:
                now += ticket.wait
                rate_limiter.renew(ticket, now)
            if asked == "neighbour":
                rate_limiter.granted(ticket, now)
            else:
                rate_limiter.refused(ticket, now)
    assert 10 < len(rate_limiter._groups.apart) <= 256


# --- strays, and windows that others used up ---------------------------------------------


@pytest.mark.parametrize("tasks", [1, 4, 30])
@pytest.mark.parametrize("number", [1, 5, 20, 150, 299])
def test_a_stray_refusal_costs_at_most_three_seconds(tasks: int, number: int) -> None:
    undisturbed = _run(_free(), Work(300, tasks, paths=300), seed=number)
    tally = _run(Stray(number, 60.0), Work(300, tasks, paths=300), seed=number)
    assert (tally.granted, tally.refused) == (300, 1)
    assert tally.time <= undisturbed.time + 3


@pytest.mark.parametrize("used", range(9))
def test_a_window_that_others_used_up_is_no_low_limit(used: int) -> None:
    loop, server = Loop(), FixedWindow(8, 60.0)
    for _ in range(used):
        server.admit(0.0)
    client = _client(used, loop)
    client.start("endpoint", server, Work(60, 32, paths=60))
    loop.run(until=122.0)
    interval = client.rate_limiter.interval("endpoint")
    assert interval is not None
    assert 60 / interval >= 0.9 * 8


# --- several endpoints, several processes ---------------------------------------------------


@pytest.mark.parametrize("kind", [FixedWindow, SlidingWindow, TokenBucket])
@pytest.mark.parametrize("window", [60.0, 1.0])
def test_a_limit_that_three_endpoints_share_is_noticed(kind: type[Server], window: float) -> None:
    best = best_time(kind(8, window), 180)
    for seed in range(5):
        loop, server = Loop(), kind(8, window)
        scale = min(1.0, window / 10)
        client = _client(seed, loop, (0.05 * scale, 0.3 * scale))
        work = Work(60, 32, paths=60)
        tallies = [client.start(f"endpoint {number}", server, work) for number in range(3)]
        loop.run()
        assert [tally.granted for tally in tallies] == [60] * 3
        assert max(tally.time for tally in tallies) <= 1.25 * best
        assert (
            sum(tally.refused for tally in tallies) / sum(len(tally.trace) for tally in tallies)
            <= 1 / 6
        )


def test_endpoints_that_only_seem_to_share_a_limit_are_told_apart() -> None:
    loop = Loop()
    client = _client(3, loop)
    work = Work(60, 32, paths=60)
    tallies = [client.start(f"endpoint {n}", FixedWindow(8, 60.0), work) for n in range(3)]
    loop.run()
    assert max(tally.time for tally in tallies) <= 1.25 * best_time(FixedWindow(8, 60.0), 60)


def test_a_single_refusal_of_two_endpoints_holds_neither_for_long() -> None:
    loop = Loop()
    client = _client(3, loop)
    work = Work(300, 30, paths=300)
    tallies = [client.start(f"endpoint {n}", Stray(9, 60.0), work) for n in range(2)]
    loop.run()
    assert max(tally.time for tally in tallies) <= 7


def test_two_processes_that_begin_together_share_a_limit() -> None:
    least = []
    for seed in range(8):
        loop, server = Loop(), FixedWindow(8, 60.0)
        work = Work(100_000, 32, paths=90)
        clients = [_client(2 * seed + number, loop) for number in range(2)]
        tallies = [client.start("endpoint", server, work) for client in clients]
        loop.run(until=1_200.0)
        granted = [tally.granted / 160 for tally in tallies]
        assert sum(granted) >= 0.9
        least.append(min(granted))
    assert min(least) >= 0.35
    assert statistics.fmean(least) >= 0.4


@pytest.mark.parametrize(("limit", "window"), [(60, 60.0), (100, 1.0)])
def test_a_process_that_comes_later_leaves_the_first_its_part(limit: int, window: float) -> None:
    for seed in range(4):
        loop, server = Loop(), FixedWindow(limit, window)
        scale = min(1.0, window / 10)
        tallies = [
            _client(2 * seed + number, loop, (0.05 * scale, 0.3 * scale)).start(
                "endpoint", server, Work(100_000, 32, paths=90, begin=number * 5.3 * window)
            )
            for number in range(2)
        ]
        loop.run(until=25.3 * window)
        granted = [
            sum(granted and time > 5.3 * window for time, granted in tally.trace) / (20 * limit)
            for tally in tallies
        ]
        assert min(granted) >= 0.2
        assert sum(granted) >= 0.9


# --- whatever happens ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_nobody_starves_and_the_limit_is_used(seed: int) -> None:
    """Any limit, window, latency, paths, and requests that hang; perhaps a path always refused."""
    random = Random(seed)
    kind = random.choice([FixedWindow, SlidingWindow, TokenBucket])
    limit, window = random.randint(4, 60), random.choice([1.0, 10.0, 60.0])
    paths = random.choice([1, 7, 1_000])
    requests = max(150, 15 * limit)
    own = {3: Never(1, window)} if paths > 1 and random.random() < 0.5 else {}
    hung = {random.randrange(40) for _ in range(random.randrange(4))}
    lost = len(range(3, requests, paths)) if own else 0
    slowest = random.uniform(0.05, 2.0) * min(1.0, window / 10)
    loop = Loop()
    client = _client(seed, loop, (0.02, slowest))
    work = Work(requests, 40 + requests // 4, paths=paths, own=own, hung=hung)
    tally = client.start("endpoint", kind(limit, window), work)
    best = best_time(kind(limit, window), requests - lost)
    loop.run(until=2 * best + 300)
    assert tally.granted == requests - lost
    learning = 60.0 if window == 10 else window  # a window that is not usual is found by chance
    assert tally.time <= best / 0.8 + learning + 65 * bool(hung)
    refused = tally.refused - (tally.not_done[3] if own else 0)
    assert refused / (refused + tally.granted) <= 1 / 5
