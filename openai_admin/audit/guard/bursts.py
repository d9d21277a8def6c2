"""Bursts: minutes in which a key uses far more than is usual for it, for longer than a moment.

Each minute's excess over some times the usual is added up, and what is below takes away from the
sum (Page, "Continuous inspection schemes", Biometrika 41, 1954: the one-sided CUSUM). So a single
large request raises nothing, and ten times the usual does within five minutes. How high the sum
must rise is learned from how high it rose before with nothing the matter. The constants are this
library's own; `python -m benchmarks.audit guard` measures how well they do.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from .bars import Bar, Floor, bar
from .rhythm import Usual, second

SETTLED = 90
"""Minutes after which a minute is not expected to change any more."""
_FEW = 5  # minutes
_UNEVEN = 2.0  # times an hour's mean, which its fullest minutes may have
_OVER = 15  # minutes without excess that end a burst
_DAY = 1440
_PART = 15  # minutes of an hour that are judged alike
_REMEMBERED = 7  # days
_HOURS = 3  # that say how a key is used lately
_FASTEST = 2.5  # times the usual, which a launch may be


@attrs.frozen(kw_only=True)
class Burst:
    """Minutes in which a key used far more than is usual for it.

    Attributes:
        began: its first minute, counted since 1970.
        found: the minute with which it was too much.
        last: the last minute with an excess that was reported.
        used: what was used from the first to the last, in units.
        usual: what is usual in these minutes.
        slow: whether it was found by what came together in hours.
        ended: whether it is over: later minutes were reported, and are as usual.
    """

    began: int
    found: int
    last: int
    used: float
    usual: float
    slow: bool = False
    ended: bool = False

    @property
    def minutes(self) -> int:
        """How many minutes it lasted so far."""
        return self.last - self.began + 1

    @property
    def ratio(self) -> float | None:
        """How many times the usual it is; ``None`` where nothing is usual."""
        return self.used / self.usual if self.usual > 0 else None


@attrs.define
class _Sum:
    """A sum of excess.

    Attributes:
        value: the sum.
        began: the minute that it began to rise with.
        top: the highest since then.
        used: what was used since then.
        usual: what is usual in that time.
    """

    value: float = 0.0
    began: int = 0
    top: float = 0.0
    used: float = 0.0
    usual: float = 0.0

    def add(self, at: int, value: float, most: float, usual: float) -> float:
        """Add a minute.

        Returns:
            The highest that the sum was, where it is back at nothing; else 0.
        """
        if not self.value:
            if value <= most:
                return 0.0
            self.began, self.top, self.used, self.usual = at, 0.0, 0.0, 0.0
        self.value = max(0.0, self.value + value - most)
        self.used += value
        self.usual += usual
        self.top = max(self.top, self.value)
        return 0.0 if self.value else self.top


@attrs.define
class Course:
    """How the minutes of a key went, as of one of them.

    Attributes:
        at: the next minute.
        fast: the excess of the last minutes.
        slow: what came together in hours.
        burst: the burst that lasts.
        pending: what was used, and is usual, since the burst's last minute of excess.
    """

    at: int
    fast: _Sum = attrs.field(factory=_Sum)
    slow: _Sum = attrs.field(factory=_Sum)
    burst: Burst | None = None
    pending: tuple[float, float] = (0.0, 0.0)

    def copy(self) -> Course:
        """A course of its own that is at the same minute."""
        return attrs.evolve(self, fast=attrs.evolve(self.fast), slow=attrs.evolve(self.slow))

    def go(
        self,
        values: Sequence[float],
        bar: Bar,
        *,
        complete: int,
        peaks: Callable[[int, float], None] | None = None,
        learning: bool = False,
    ) -> Iterator[Burst]:
        """Go through minutes of one hour, and yield the bursts that ended.

        Args:
            values: what was used in each.
            bar: what is too much.
            complete: the minute before which nothing is expected any more: a burst ends only there.
            peaks: is given how high the sum rose, with the minute, where it was no burst.
            learning: whether what was before anybody looked is taken as usual where a usual job
                explains it.
        """
        is_idle = self.burst is None and not self.fast.value and not self.slow.value
        if is_idle and max(values, default=0.0) <= min(bar.most, bar.slow_most):
            self.at += len(values)
            return
        height = max(bar.height, bar.peak) if learning else bar.height
        for value in values:
            at = self.at
            self.at += 1
            if self.burst is not None:
                if ended := self._go_on(self.burst, at, value, bar, complete):
                    yield ended
                continue
            if (top := self.fast.add(at, value, bar.most, bar.usual)) and peaks is not None:
                peaks(at, min(top, bar.peak))
            self.slow.add(at, value, bar.slow_most, bar.usual)
            is_fast = self.fast.value > height
            if is_fast or self.slow.value > max(height, bar.slow_height):
                of = self.fast if is_fast else self.slow
                self.burst = Burst(
                    began=of.began,
                    found=at,
                    last=at,
                    used=of.used,
                    usual=of.usual,
                    slow=not is_fast,
                )
                self.pending = 0.0, 0.0

    def _go_on(self, burst: Burst, at: int, value: float, bar: Bar, complete: int) -> Burst | None:
        """Add a minute to the burst; where it is over by that, return it."""
        used, usual = self.pending[0] + value, self.pending[1] + bar.usual
        if value > (bar.slow_most if burst.slow else bar.most):
            self.burst = attrs.evolve(
                burst, last=at, used=burst.used + used, usual=burst.usual + usual
            )
            self.pending = 0.0, 0.0
            return None
        self.pending = used, usual
        if at - burst.last < _OVER or at >= complete:
            return None
        self.fast, self.slow, self.burst = _Sum(), _Sum(), None
        return attrs.evolve(burst, ended=True)


@attrs.define
class KeyWatch:
    """The minutes of one key, judged as they are reported.

    Minutes come late, fill up and are restated: the last stretch is kept, and gone through anew
    each time.

    Attributes:
        usual: what is usual in an hour, by its number since 1970.
        floor: what is worth a look.
        request: what a request is, in units.
    """

    usual: Callable[[int], Usual]
    floor: Floor
    request: float = 0.0
    _minutes: dict[int, float] = attrs.field(factory=dict)
    _course: Course | None = None
    _bars: dict[int, Bar] = attrs.field(factory=dict)
    _usuals: dict[int, Usual] = attrs.field(factory=dict)
    _peaks: dict[int, list[float]] = attrs.field(factory=dict)
    _of_job: float | None = None
    _ended: list[Burst] = attrs.field(factory=list)
    _hour: tuple[int, float] = (0, 0.0)
    _at_once: dict[int, float] = attrs.field(factory=dict)
    _lately: deque[float] = attrs.field(factory=lambda: deque(maxlen=_HOURS))

    def put(self, minutes: Mapping[int, float]) -> int | None:
        """Take in minutes as they are now; they replace what came for them before.

        Returns:
            The earliest that is another than it was; ``None`` where none is.
        """
        if self._course is None and minutes:
            self._course = Course(min(minutes))
        start = 0 if self._course is None else self._course.at
        other = {
            at: value
            for at, value in minutes.items()
            if at >= start and self._minutes.get(at, 0.0) != value
        }
        self._minutes.update(other)
        return min(other, default=None)

    def renew(self, usual: Callable[[int], Usual]) -> None:
        """Judge by newer history from now on."""
        self.usual = usual
        self._bars.clear()
        self._usuals.clear()

    def learn(self, until: int) -> None:
        """Take the minutes before one as past, and what was usual in them as usual."""
        self._settle(until, learning=True)

    def study(self, minutes: Mapping[int, float]) -> None:
        """Learn how a job of the key spreads over an hour.

        Args:
            minutes: an hour of a usual job, each of its minutes.
        """
        usual = bar(self.usual(min(minutes) // 60), self.floor, peak=0.0, request=self.request)
        excess, top = _Sum(), 0.0
        for at, value in sorted(minutes.items()):
            excess.add(at, value, usual.most, usual.usual)
            top = max(top, excess.value)
        self._of_job = max(self._of_job or 0.0, min(top, usual.peak))
        self._bars.clear()

    def judge(self, reported: int, complete: int) -> tuple[Burst, ...]:
        """The bursts of the last minutes that were reported, the earliest first.

        Args:
            reported: the minute before which something was reported.
            complete: the minute before which nothing is expected any more.
        """
        self._settle(complete - SETTLED, learning=False)
        if self._course is None:
            return ()
        course = self._course.copy()
        found = [*self._ended, *self._go(course, reported, complete)]
        return (*found, course.burst) if course.burst is not None else tuple(found)

    def _settle(self, until: int, *, learning: bool) -> None:
        course = self._course
        if course is None or until <= course.at:
            return
        ended = self._go(course, until, until, learning=learning, peaks=self._note)
        kept = [b for b in (*self._ended, *ended) if b.last > until - SETTLED]
        self._ended = [] if learning else kept
        self._minutes = {at: v for at, v in self._minutes.items() if at >= until}
        self._usuals = {hour: u for hour, u in self._usuals.items() if hour >= until // 60 - 1}
        self._bars = {part: b for part, b in self._bars.items() if part >= until // _PART}
        day = until // _DAY
        self._peaks = {d: p for d, p in self._peaks.items() if d > day - _REMEMBERED}
        self._at_once = {d: v for d, v in self._at_once.items() if d > day - _REMEMBERED}

    def _go(
        self,
        course: Course,
        until: int,
        complete: int,
        *,
        learning: bool = False,
        peaks: Callable[[int, float], None] | None = None,
    ) -> list[Burst]:
        found: list[Burst] = []
        while course.at < until:
            hour = course.at // 60
            end = min(until, 60 * hour + 60)
            if peaks is not None:
                self._count(hour, self._values(course.at, end), is_burst=course.burst is not None)
            while course.at < end:
                part = course.at // _PART
                values = self._values(course.at, min(end, (part + 1) * _PART))
                found += course.go(
                    values, self._bar(part), complete=complete, peaks=peaks, learning=learning
                )
        return found

    def _values(self, start: int, end: int) -> list[float]:
        return [self._minutes.get(at, 0.0) for at in range(start, end)]

    def _bar(self, part: int) -> Bar:
        known = self._bars.get(part)
        if known is None:
            usual = self._usual_within(part)
            known = self._bars[part] = bar(
                usual,
                self.floor,
                peak=self._of_job if usual.by_jobs else self._peak(),
                request=self.request,
                at_once=second(sorted(self._at_once.values())),
                pace=self._pace(),
            )
        return known

    def _usual_within(self, part: int) -> Usual:
        """What is usual in a part of an hour: what is usual in the hour is so in its middle."""
        middle = (part * _PART + _PART / 2) / 60
        hour = int(middle)
        off = middle - hour - 0.5
        return self._usual_in(hour).towards(self._usual_in(hour + (1 if off > 0 else -1)), abs(off))

    def _usual_in(self, hour: int) -> Usual:
        known = self._usuals.get(hour)
        if known is None:
            known = self._usuals[hour] = self.usual(hour)
        return known

    def _peak(self) -> float:
        """How high the sum rose: the second of a day, for the highest may have been a chance."""
        return max((p[-2] for p in self._peaks.values() if len(p) > 1), default=0.0)

    def _count(self, hour: int, values: Sequence[float], *, is_burst: bool) -> None:
        """Add to what was used in an hour; once it is over, it says how the key is used lately."""
        used = sum(values)
        if used and not is_burst:
            few = max(sum(values[n : n + _FEW]) for n in range(0, len(values), _FEW))
            few = max(0.0, few - _UNEVEN * _FEW * used / len(values))
            day = hour // 24
            self._at_once[day] = max(few, self._at_once.get(day, 0.0))
        before, sum_before = self._hour
        if before == hour:
            self._hour = hour, math.inf if is_burst else sum_before + used
            return
        usual = self._usual_in(before)
        if usual.level > usual.base / 3 and not usual.by_jobs and math.isfinite(sum_before):
            self._lately.append(sum_before / 60 / usual.level)
        self._hour = hour, math.inf if is_burst else used

    def _pace(self) -> float:
        """How many times the usual the key is used in these hours, as after a launch."""
        if len(self._lately) < _HOURS:
            return 1.0
        return min(_FASTEST, max(1.0, min(self._lately)))

    def _note(self, at: int, peak: float) -> None:
        of_day = self._peaks.setdefault(at // _DAY, [])
        of_day.append(peak)
        of_day.sort()
        del of_day[:-2]
        if self._of_job is not None:
            self._of_job = max(self._of_job, peak)
