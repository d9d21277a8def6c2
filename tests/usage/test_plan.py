"""The query plan, against a model that goes from bucket to bucket."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_admin.usage.plan import Window, plan_windows
from tests.usage.times import DAY, HOUR, NOW, STEPS, TODAY, touched

widths = st.sampled_from(sorted(STEPS))


@st.composite
def ranges(draw: st.DrawFn) -> tuple[str, int, int]:
    """A width and a range of up to some hundred of its buckets, before, around or after now."""
    width = draw(widths)
    step = STEPS[width]
    start = NOW + draw(st.integers(-300 * step, 5 * step))
    if draw(st.booleans()):
        start -= start % step
    length = draw(st.one_of(st.integers(-3, 3), st.integers(0, 300 * step)))
    end = start + length
    if draw(st.booleans()):
        end -= end % step
    return width, start, end


@given(ranges(), st.integers(1, 200))
def test_each_bucket_comes_once_in_the_fewest_windows(
    asked: tuple[str, int, int], per_page: int
) -> None:
    width, start, end = asked
    step = STEPS[width]
    windows = plan_windows(start, end, width=width, per_page=per_page, now=NOW)
    begun = [bucket for bucket in touched(start, end, step) if bucket <= NOW]
    asked_for = [bucket for w in windows for bucket in touched(w.start, w.end, step)]
    assert asked_for == begun
    assert len(windows) == math.ceil(len(begun) / per_page)
    assert [w.buckets for w in windows] == [len(touched(w.start, w.end, step)) for w in windows]
    assert all(0 < w.buckets <= per_page for w in windows)


@given(ranges(), st.integers(1, 200))
def test_windows_join_without_a_gap_and_keep_to_the_range(
    asked: tuple[str, int, int], per_page: int
) -> None:
    width, start, end = asked
    step = STEPS[width]
    windows = plan_windows(start, end, width=width, per_page=per_page, now=NOW)
    assert all(w.start < w.end for w in windows)
    assert [w.end for w in windows[:-1]] == [w.start for w in windows[1:]]
    assert all(w.start % step == 0 for w in windows[1:])
    if windows:
        assert windows[0].start == start
        assert windows[-1].end == min(end, (NOW // step + 1) * step)


def test_borders_lie_at_utc() -> None:
    start = TODAY - 10 * DAY + 5 * HOUR
    windows = plan_windows(start, start + 3 * DAY, width="1d", per_page=2, now=NOW)
    border = TODAY - 8 * DAY
    assert windows == [Window(start, border, 2), Window(border, start + 3 * DAY, 2)]


def test_a_range_within_one_bucket_is_one_window() -> None:
    start = TODAY - DAY + 100
    assert plan_windows(start, start + 1, width="1d", per_page=31, now=NOW) == [
        Window(start, start + 1, 1)
    ]


@pytest.mark.parametrize("end", [TODAY - DAY, TODAY - DAY - 1, 0])
def test_an_empty_range_has_no_window(end: int) -> None:
    assert plan_windows(TODAY - DAY, end, width="1h", per_page=168, now=NOW) == []


def test_what_lies_in_the_future_is_left_out() -> None:
    plan = plan_windows(NOW, NOW + 30 * DAY, width="1d", per_page=1, now=NOW)
    assert plan == [Window(NOW, TODAY + DAY, 1)]
    tomorrow = TODAY + DAY
    assert plan_windows(tomorrow, tomorrow + DAY, width="1d", per_page=31, now=NOW) == []


def test_a_window_says_its_times() -> None:
    assert str(Window(0, DAY, 1)) == "1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z"


@pytest.mark.parametrize("end", [None, TODAY + 90 * DAY])
def test_what_reaches_the_present_of_an_unsure_clock_is_left_open(end: int | None) -> None:
    now = TODAY + HOUR
    windows = plan_windows(TODAY - 40 * DAY, end, width="1d", per_page=31, now=now, told=False)
    assert [w.open for w in windows] == [False, True]
    assert [w.start for w in windows] == [TODAY - 40 * DAY, TODAY - 9 * DAY]
    assert windows[-1].buckets == 31


def test_an_open_window_does_not_begin_in_what_may_be_the_future() -> None:
    windows = plan_windows(
        TODAY - 31 * DAY, None, width="1d", per_page=31, now=TODAY + 60, told=False
    )
    assert [(w.start, w.open) for w in windows] == [(TODAY - 31 * DAY, True)]
    assert plan_windows(TODAY + DAY, None, width="1d", per_page=31, now=TODAY, told=False) == []


def test_an_end_that_is_surely_past_is_sent_whatever_the_clock() -> None:
    asked = {"width": "1d", "per_page": 31, "now": TODAY + HOUR}
    sure = plan_windows(TODAY - DAY, TODAY, **asked)  # type: ignore[arg-type]
    assert plan_windows(TODAY - DAY, TODAY, told=False, **asked) == sure  # type: ignore[arg-type]
