"""Tiny rate limits: 90 projects' roles and users, listed by 32 tasks at 8 requests a minute."""

from __future__ import annotations

import pytest

from benchmarks import virtual_time
from benchmarks.rate_limits import MEMBERS, PROJECTS, Case, Run, in_virtual_time

REQUIRED = [
    Case(),
    Case(headers=True),
    Case(count="sliding"),
    Case(count="bucket"),
    Case(then=4),
    Case(then=16),
    Case(headers=True, then=4),
    Case(headers=True, then=16),
]
# Where a run begins in a window that has begun already, or a sliding window shrinks, the client
# finds out what is granted only by being refused, and has fewer refusals to learn from.
HARDER = [
    Case(phase=0.25),
    Case(phase=0.5),
    Case(phase=0.75),
    Case(count="sliding", then=4),
    Case(count="sliding", then=16),
]


def _complete(run: Run) -> None:
    assert run.failed == 0
    assert run.items["projects.users.list"] == PROJECTS * MEMBERS
    assert run.items["projects.roles.list"] % PROJECTS == 0
    assert run.items["projects.roles.list"] >= PROJECTS
    for endpoint, requests in run.requests.items():
        assert requests - run.refused[endpoint] == PROJECTS


@pytest.mark.parametrize("case", REQUIRED, ids=str)
@pytest.mark.parametrize("seed", range(2))
def test_a_minutes_limit_is_nearly_used_up_with_few_refusals(case: Case, seed: int) -> None:
    run = virtual_time.run(in_virtual_time(case, seed))
    print(f"{case}: {run.seconds:.1f} s = {run.ratio:.3f} of the best, {run.share:.1%} refused")
    _complete(run)
    assert run.ratio <= 1.25
    assert run.share <= 1 / 6


@pytest.mark.parametrize("case", HARDER, ids=str)
@pytest.mark.parametrize("seed", range(2))
def test_where_less_can_be_known_it_takes_hardly_longer(case: Case, seed: int) -> None:
    run = virtual_time.run(in_virtual_time(case, seed))
    print(f"{case}: {run.seconds:.1f} s = {run.ratio:.3f} of the best, {run.share:.1%} refused")
    _complete(run)
    assert run.ratio <= 1.3  # a window is lost while it is not known where they begin
    assert run.share <= 1 / 5


def test_headers_leave_nothing_to_find_out() -> None:
    run = virtual_time.run(in_virtual_time(Case(headers=True), 0))
    assert run.refused.total() == 0
    assert run.ratio <= 1.01
