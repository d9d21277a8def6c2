"""What is usual for a key: how much it uses in each hour of the week, learned from past hours.

The constants are this library's own; `python -m benchmarks.audit guard` measures how well they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from statistics import median

import attrs

HOUR = 3600
WEEK = 168
"""Hours of a week."""
WEEKS = 5
"""How many weeks of hours are looked at: as many as the month before is away."""
_DAY = 24
_FEW = 7 * _DAY  # hours; a younger key is measured by its project as well
_AROUND = (-1, 0, 1)  # hours: what begins a little earlier or later, as with summer time, is usual
_SPIKY = 0.15  # of the hours; a key that is used in fewer does jobs, now and then
_IS_USED = 0.2  # of its second busiest hour; less is not what the key is for
_ANYTIME = 3.0  # times what a busy hour has, which a key that is not regular may have at any hour
_FAR = 4.0  # times what is usual at its hour of the week; more is irregular
_SELDOM = 0.01  # of its hours; a key of which not more are irregular is regular
_ALWAYS = 0.95  # of its hours; one that is used in fewer may be used in any other
_PROVEN = 3  # weeks that show it
_WAS_JOB = 0.5  # of a usual hour of a job
_IS_JOB = 5.0  # times the hour's level; last month's hour with less was chance
_BUSY = 0.8  # the quantile of the hours of a job that a job usually is


@attrs.frozen(kw_only=True)
class Usual:
    """What is usual for a key in one hour, in units (dollars or tokens) a minute.

    Attributes:
        level: what is usual at that hour of the week, its spread included: higher than the second
            highest of the last weeks there is none.
        anytime: what the key may use at any hour without surprise: what it uses in its busy ones.
        base: what a burst is measured in: the higher of the hour's level and the key's average; of
            a key that does jobs, what it uses in a minute of them.
        daily: what it uses on a busy day in all.
        by_jobs: whether the key is silent in most hours, and does jobs in others.
        is_regular: whether the key is used all the time, and in each hour as in other weeks.
    """

    level: float
    anytime: float
    base: float
    daily: float
    by_jobs: bool = False
    is_regular: bool = False

    def towards(self, other: Usual, share: float) -> Usual:
        """What is usual on the way to another hour, of which so much is there already."""
        if not (self.is_regular and other.is_regular):
            return self
        level = (1 - share) * self.level + share * other.level
        return attrs.evolve(self, level=level, anytime=level, base=level)


@attrs.define
class Rhythm:
    """The hours of one key, or of a project's keys together, and what follows from them.

    Attributes:
        hours: what was used in an hour, by its number since 1970; absent ones were quiet.
        first: the hour that the history begins with: of a key younger than the history, its first.
        until: the hour that it ends before.
        unknown: hours whose usage is not known, or not wholly.
    """

    hours: Mapping[int, float]
    first: int
    until: int
    unknown: frozenset[int] = frozenset()
    mean: float = attrs.field(init=False)
    typical: float = attrs.field(init=False)
    by_jobs: bool = attrs.field(init=False)
    is_regular: bool = attrs.field(init=False)
    _daily: float = attrs.field(init=False)
    _growth: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        known = {h: v for h, v in self.hours.items() if self.first <= h < self.until and v > 0}
        lost = sum(self.first <= h < self.until for h in self.unknown)
        number = max(1, self.until - self.first - lost)
        ranked = sorted(known.values())
        busy = [v for v in ranked if v >= _IS_USED * second(ranked)]
        self.mean = sum(ranked) / number / 60
        self.typical = busy[int(_BUSY * (len(busy) - 1))] / 60 if busy else 0.0
        self.by_jobs = bool(busy) and len(busy) < _SPIKY * number
        self.is_regular = not self.by_jobs and self._is_regular(number)
        days: dict[int, float] = {}
        for hour, value in known.items():
            days[hour // _DAY] = days.get(hour // _DAY, 0.0) + value
        self._daily = second(sorted(days.values()))
        week = sum(v for h, v in known.items() if h >= self.until - WEEK) / min(WEEK, number)
        self._growth = min(1.0, week / 60 / self.mean) if self.mean else 1.0
        self.mean = max(self.mean, week / 60)

    def latest_job(self) -> int | None:
        """The last hour in which the key did a job; ``None`` for one that is used all the time."""
        if not self.by_jobs:
            return None
        least = _WAS_JOB * 60 * self.typical
        return max(
            (h for h, v in self.hours.items() if v >= least and h < self.until), default=None
        )

    @property
    def is_short(self) -> bool:
        """Whether the key is too young to be measured by itself alone."""
        return self.until - self.first < _FEW

    def at(self, hour: int) -> Usual:
        """What is usual in an hour that is not part of the history, or is its last one."""
        if not self.by_jobs and not self.is_regular:
            level = self._level(hour) / 60
            busy = max(level, self.typical)
            anytime = max(level, _ANYTIME * self.typical)
            return Usual(level=level, anytime=anytime, base=busy, daily=self._daily)
        if self.is_regular:
            level = self._level(hour) / 60
            return Usual(level=level, anytime=level, base=level, daily=self._daily, is_regular=True)
        level = max(self._level(hour + off) for off in _AROUND) / 60
        busy = max(level, self.typical)
        return Usual(level=level, anytime=busy, base=busy, daily=self._daily, by_jobs=True)

    def _is_regular(self, number: int) -> bool:
        """Whether it is used all the time, and hardly an hour had far more than those of its place
        in other weeks.
        """
        used = sum(self.first <= h < self.until and v > 0 for h, v in self.hours.items())
        if number < _PROVEN * WEEK or used < _ALWAYS * number:
            return False
        alike: list[list[float]] = [[] for _ in range(WEEK)]
        for hour in range(self.first, self.until):
            if hour not in self.unknown:
                alike[hour % WEEK].append(self.hours.get(hour, 0.0))
        far = 0
        for of in alike:
            too_much = _FAR * _median(sorted(of))
            far += sum(value > too_much for value in of)
        return far <= _SELDOM * number

    def _level(self, hour: int) -> float:
        """What is usual at an hour of the week, of a day of its kind, and of the month.

        Jobs vary: of them it is the second highest, which a single odd one does not move.
        """
        middle = second if self.by_jobs else _median
        weekly = middle(self._known(hour - WEEK * n for n in range(1, WEEKS + 1)))
        # A job that is new this week has its hour in the days before, of the same kind.
        is_free = _is_weekend(hour)
        days = (hour - _DAY * n for n in range(1, 8))
        daily = middle(self._known(h for h in days if _is_weekend(h) == is_free))
        level = max(weekly * self._growth, daily)
        monthly = max((self._value(h) or 0.0 for h in _a_month_before(hour)), default=0.0)
        is_job = self.by_jobs or monthly > _IS_JOB * max(level, 60 * self.mean)
        return max(level, monthly) if is_job else level

    def _known(self, hours: Iterable[int]) -> list[float]:
        return sorted(v for h in hours if (v := self._value(h)) is not None)

    def _value(self, hour: int) -> float | None:
        if not self.first <= hour < self.until or hour in self.unknown:
            return None
        return self.hours.get(hour, 0.0)


def by_others(own: Usual, project: Usual, peers: float) -> Usual:
    """What is usual for a key that is young: what it did so far, or its project does, or keys do.

    A key that takes over from another, as after a rotation, does what its project did.

    Args:
        own: of the key.
        project: of its project in all.
        peers: what a typical key of the organization uses, in units a minute.
    """
    return Usual(
        level=max(own.level, project.level, peers),
        anytime=max(own.anytime, project.anytime, peers),
        base=max(own.base, project.base, peers),
        daily=max(own.daily, project.daily, peers * 60 * _DAY),
        by_jobs=own.by_jobs or project.by_jobs,
    )


def second(ranked: list[float]) -> float:
    """The second highest; of less than three the highest."""
    return 0.0 if not ranked else ranked[-2] if len(ranked) > 2 else ranked[-1]


def _median(ranked: list[float]) -> float:
    return median(ranked) if ranked else 0.0


def _is_weekend(hour: int) -> bool:
    return (hour // _DAY + 3) % 7 >= 5  # 1970 began on a Thursday


def _a_month_before(hour: int) -> Iterable[int]:
    """The hours that a job of every month would have had the last time, or times.

    Such jobs are for a day of the month, for one counted from its end, or for a workday.
    """
    return [hour - _DAY * back for back in _alike(hour // _DAY)]


@cache  # asked for with every hour of some days
def _alike(day: int) -> tuple[int, ...]:
    """How many days ago the days were that a day of the month before is like."""
    now = _calendar(day)
    return tuple(
        back
        for back in range(25, 36)
        if any(a == b for a, b in zip(now, _calendar(day - back), strict=True))
    )


@cache
def _calendar(day: int) -> tuple[int, int, int]:
    """A day's number in its month, from the month's end, and among the workdays (negative for
    others), so that days of two months can be compared.
    """
    date = datetime.fromtimestamp(day * _DAY * HOUR, UTC).date()
    following = date.replace(year=date.year + date.month // 12, month=date.month % 12 + 1, day=1)
    from_end = (following - date).days
    workday = sum(date.replace(day=d).weekday() < 5 for d in range(1, date.day + 1))
    return date.day, from_end, workday if date.weekday() < 5 else -date.day
