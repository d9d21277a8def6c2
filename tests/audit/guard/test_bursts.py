"""Bursts in the minutes of a key, as they are reported."""

from __future__ import annotations

from functools import partial

import pytest

from openai_admin.audit.guard.bars import Floor
from openai_admin.audit.guard.bursts import SETTLED, Burst, KeyWatch
from openai_admin.audit.guard.rhythm import Usual

START = 29_000_000 // 60 * 60
FLOOR = Floor(least=1 / 60)
STEADY = Usual(level=1.0, anytime=2.0, base=1.0, daily=1440.0)
NIGHT = Usual(level=0.0, anytime=2.0, base=0.5, daily=720.0)
JOBS = Usual(level=0.0, anytime=10.0, base=10.0, daily=600.0, by_jobs=True)


def watch(usual: Usual = STEADY, *, before: float = 1.0) -> KeyWatch:
    """A watch that knows the day before, in which each minute had the same."""
    made = KeyWatch(lambda hour: usual, FLOOR)
    made.put({START - n: before for n in range(1, 1440)})
    made.learn(START)
    return made


def judged(of: KeyWatch, values: dict[int, float], *, until: int) -> tuple[Burst, ...]:
    of.put({START + at: value for at, value in values.items()})
    return of.judge(START + until, START + until - 5)


def test_ten_times_the_usual_is_found_within_five_minutes() -> None:
    of = watch()
    found = [judged(of, {n: 10.0}, until=n + 1) for n in range(5)]
    assert not found[0]
    assert found[4]
    (burst,) = found[4]
    assert (burst.began, burst.last, burst.ended) == (START, START + 4, False)
    assert burst.ratio == pytest.approx(10)


@pytest.mark.parametrize("times", [1.0, 2.0, 4.5])
def test_what_may_be_a_launch_is_not(times: float) -> None:
    of = watch()
    for until in range(10, 240, 10):
        assert not judged(of, dict.fromkeys(range(until), times), until=until)


def test_one_large_request_is_not() -> None:
    assert not judged(watch(), {0: 10.0, 1: 1.0, 2: 1.0}, until=30)


def test_a_quiet_key_used_at_night_is_found() -> None:
    of = watch(NIGHT, before=0.0)
    assert judged(of, dict.fromkeys(range(5), 5.0), until=5)
    assert not judged(watch(NIGHT, before=0.0), dict.fromkeys(range(60), 1.5), until=60)


def test_pennies_are_not() -> None:
    pennies = Usual(level=0.00001, anytime=0.00002, base=0.00001, daily=0.0144)
    assert not judged(watch(pennies, before=0.0), dict.fromkeys(range(60), 0.001), until=60)


def test_a_burst_is_one_while_it_lasts_and_ends_once_later_minutes_are_reported() -> None:
    of = watch()
    seen = []
    for until in range(1, 70):
        values = {until - 1: 10.0 if until <= 30 else 1.0}
        seen.append(judged(of, values, until=until))
    assert {len(found) for found in seen[6:]} == {1}
    assert {found[0].began for found in seen[6:]} == {START}
    assert [found[0].last - START for found in seen[9:30]] == list(range(9, 30))
    assert not seen[33][0].ended
    assert seen[-1][0].ended
    assert seen[-1][0].minutes == 30
    assert seen[-1][0].used == pytest.approx(300)


def test_silence_is_not_taken_for_the_end() -> None:
    """Where nothing later is reported, it may be that usage is reported late."""
    of = watch()
    of.put({START + n: 10.0 for n in range(20)})
    for _ in range(5):
        (burst,) = of.judge(START + 20, START + 15)
        assert not burst.ended


def test_minutes_that_fill_up_are_judged_anew() -> None:
    of = watch()
    assert not judged(of, dict.fromkeys(range(10), 1.0), until=10)
    (burst,) = judged(of, dict.fromkeys(range(10), 10.0), until=10)
    assert burst.used == pytest.approx(100)
    assert not judged(of, dict.fromkeys(range(10), 1.0), until=10)  # restated


def test_what_changed_is_told() -> None:
    of = watch()
    assert of.put({START: 1.0, START + 1: 1.0}) == START
    assert of.put({START: 1.0, START + 1: 2.0}) == START + 1
    assert of.put({START: 1.0}) is None


def test_a_burst_that_began_before_anybody_looked_is_found() -> None:
    of = KeyWatch(lambda hour: STEADY, FLOOR)
    of.put({START - n: 1.0 if n > 180 else 10.0 for n in range(1, 1440)})
    of.learn(START - SETTLED)
    (burst,) = of.judge(START, START - 5)
    assert burst.began == START - 180


def test_a_key_that_comes_in_handfuls_needs_more() -> None:
    """What came so every few hours of the day before is usual."""
    values = {START - 1440 + n: 1.0 for n in range(1440)}
    for begins in range(60, 1300, 240):
        values |= {START - 1440 + begins + n: 15.0 for n in range(7)}
    of = KeyWatch(lambda hour: STEADY, FLOOR)
    of.put(values)
    of.learn(START)
    assert not judged(of, dict.fromkeys(range(7), 15.0), until=7)
    assert judged(watch(), dict.fromkeys(range(7), 15.0), until=7)


def test_a_job_may_be_done_again_at_another_hour() -> None:
    of = watch(JOBS, before=0.0)
    of.study({START - 6000 + n: 10.0 for n in range(60)})
    assert not judged(of, dict.fromkeys(range(60), 10.0), until=70)
    assert judged(of, dict.fromkeys(range(5), 100.0), until=5)


def test_more_than_a_day_of_jobs_is_a_burst_however_slow() -> None:
    of = watch(JOBS, before=0.0)
    of.study({START - 6000 + n: 10.0 for n in range(60)})
    (burst,) = judged(of, dict.fromkeys(range(90), 10.0), until=90)
    assert burst.slow
    assert burst.began == START


def test_what_is_learned_later_counts_from_then_on() -> None:
    of = watch()
    of.renew(partial(_ten, 10.0))
    assert not judged(of, dict.fromkeys(range(30), 10.0), until=30)


def _ten(level: float, hour: int) -> Usual:
    return Usual(level=level, anytime=level, base=level, daily=level * 1440)
