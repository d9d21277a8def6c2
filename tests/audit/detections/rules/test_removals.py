"""Many things that somebody deletes or archives within a short time."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from .stream import Raw, at, event, find, key_of, session

MANY = "many_removals"


def gone(number: int, when: float, type: str = "project.archived", by: Any = None) -> Raw:
    return event(type, {"id": f"thing-{number}"}, when=when, by=by)


def burst(number: int, days: float, by: Any = None, start: int = 0) -> list[Raw]:
    return [gone(start + n, at(days, minutes=n), by=by) for n in range(number)]


@pytest.mark.parametrize(
    "type",
    ["project.archived", "project.deleted", "user.deleted", "group.deleted"],
)
@pytest.mark.parametrize("number", [8, 40])
def test_a_burst_is_one_finding(type: str, number: int) -> None:
    (finding,) = find([gone(n, at(1, minutes=n), type) for n in range(number)], keys=[MANY])
    assert finding.about == "user-ann"
    assert len(finding.evidence) == 8
    assert finding.severity == "high"


def test_keys_are_told_from_ten_on_since_they_are_rotated() -> None:
    def keys_gone(number: int) -> list[Raw]:
        return [gone(n, at(1, minutes=n), "api_key.deleted") for n in range(number)]

    assert not find(keys_gone(9), keys=[MANY])
    (finding,) = find(keys_gone(40), keys=[MANY])
    assert len(finding.evidence) == 10
    mixed = [*keys_gone(7), gone(99, at(1, minutes=8))]
    assert len(find(mixed, keys=[MANY])) == 1


def test_what_a_program_removes_each_night_is_not_usual_for_the_one_whose_key_it_has() -> None:
    nights = [raw for day in range(9) for raw in burst(20, day, key_of("ann"), start=day * 100)]
    told = len(find(nights, keys=[MANY]))
    assert len(find([*nights, *burst(20, 9.5, session("ann"))], keys=[MANY])) == told + 1
    assert len(find([*nights, *burst(20, 9.5, key_of("ann"))], keys=[MANY])) == told


def test_a_burst_of_several_kinds_and_odd_shapes() -> None:
    raws = [
        event("project.archived", "proj_1"),
        event("api_key.deleted", [{"id": "key_1"}]),
        event("user.deleted", None),
        event("user.deleted", None),
        event("tenant.group.deleted", {"id": "g"}),
        event("role.deleted", {"id": "r"}, underscored=True),
        event("service_account.deleted", {"id": "sa"}),
        event("resource.deleted", {"id": "x"}),
    ]
    (finding,) = find(raws, keys=[MANY])
    assert finding.evidence[-1].type == "resource.deleted"


def test_events_that_come_late_and_mixed_are_one_finding() -> None:
    raws = burst(12, 1)
    Random(7).shuffle(raws)
    assert len(find(raws, keys=[MANY])) == 1


def test_two_bursts_are_two_findings() -> None:
    assert len(find([*burst(9, 1), *burst(9, 3, start=50)], keys=[MANY])) == 2


@pytest.mark.parametrize(
    "raws",
    [
        burst(7, 1),
        [gone(n, at(n // 4, n % 4)) for n in range(60)],
        [gone(n, at(1, minutes=n), by=session(f"p{n % 5}")) for n in range(30)],
        [gone(1, at(1, minutes=n), "user.deleted") for n in range(30)],
        [gone(n, at(1, minutes=n), "invite.deleted") for n in range(30)],
        [gone(n, -1) for n in range(30)],
    ],
    ids=["a few", "spread over days", "by many", "one person from projects", "invites", "no time"],
)
def test_ordinary_cleaning_is_not_told(raws: list[Raw]) -> None:
    assert not find(raws, keys=[MANY])


def test_a_date_of_the_future_within_a_burst_hides_nothing() -> None:
    raws = burst(9, 1)
    raws.insert(4, gone(99, at(9_000)))
    assert len(find(raws, keys=[MANY])) == 1


def test_what_a_program_does_every_day_is_its_usual() -> None:
    by = key_of("ann")
    daily = [raw for day in range(9) for raw in burst(7, day, by, 100 * day)]
    more = burst(13, 10, by, 5_000)
    assert not find([*daily, *more], keys=[MANY])
    (finding,) = find([*daily, *burst(14, 10, by, 5_000)], keys=[MANY])
    assert finding.learned == (
        "On the busiest days before it was 7 in such a time; the least that is told is 14."
    )


def test_one_cleaning_does_not_make_the_next_one_usual() -> None:
    assert len(find([*burst(7, 1), *burst(9, 5, start=50)], keys=[MANY])) == 1
