"""What a stretch of the calendar will cost, with what is known about the estimate's error."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal

import attrs

from ..errors import InvalidInputError
from .cents import cents
from .daily import DailyCosts
from .defaults import RESTATED_DAYS
from .forecast import Forecast, forecast
from .periods import Period, utc
from .robust import student_probability, student_quantile

_HISTORY = 56  # days; older weeks say little about the coming ones
_DIGITS = 4  # of a probability; more would say more than is known
_NOTHING = 0.005  # what rounding to the cent hides
_SURE = 0.0001  # nothing that is to come is surer
_LOW = 0.1  # of a day, by which it must lie below what is usual to be in doubt
_LOW_SPREADS = 1.5  # of usual deviations, likewise
_LEAST = 7  # days; a week, below which its rhythm is unknown


@attrs.frozen(kw_only=True)
class Outlook:
    """What a period should cost in total.

    Attributes:
        period: the period, which has begun.
        spent: reported for it so far, the current day included; exact. It is without the days
            counted in `gaps`.
        unsettled: the part of `spent` that is of today or of days the API may still restate.
        expected: the period's total, to the cent; what was spent, where it is over. ``None`` where
            nothing was billed before the days that may be restated, and where a day of the period
            is not known.
        deviation: of `expected` from the truth, as a standard deviation: zero where the period is
            over; ``None`` where it is not known, with less than a week of history, or was not asked
            for.
        freedom: degrees of freedom that `deviation` was estimated with.
        fitted_days: how many days the estimate is based on.
        gaps: days of the period whose costs are not known, or not wholly.
        has_credits: whether a day was credited more than it cost, so that the total may yet fall
            below `spent`.
    """

    period: Period
    spent: Decimal
    unsettled: Decimal
    expected: Decimal | None
    deviation: float | None
    freedom: int
    fitted_days: int
    gaps: int
    has_credits: bool

    def range(self, coverage: float) -> tuple[Decimal, Decimal] | None:
        """The range that holds the total in such a part of all cases; ``None`` if not known."""
        if self.expected is None or self.deviation is None:
            return None
        quantile = student_quantile((1 + coverage) / 2, self.freedom)
        half = cents(quantile * self.deviation)
        low = self.expected - half
        return low if self.has_credits else max(self.spent, low), self.expected + half

    def probability(self, limit: Decimal) -> float | None:
        """The probability that the total is above a limit; ``None`` if not known.

        It is what belongs to the range: beyond the upper end of that of 80 % lie 10 %. It is 1 once
        more than the limit is spent, whatever else is not known, and 0 where the period is over
        otherwise; before, it is neither.
        """
        if self.spent > limit:
            return 1.0
        if self.expected is None or self.deviation is None:
            return None
        if not self.deviation:
            return float(self.expected > limit)
        if self.deviation < _NOTHING:
            return 1 - _SURE if self.expected > limit else _SURE
        found = student_probability(float(self.expected - limit) / self.deviation, self.freedom)
        # Passed by more than the limit: one that is expected to the cent rather is not.
        most = 1 - _SURE if self.expected > limit else 0.5 - _SURE
        return min(max(round(found, _DIGITS), _SURE), most)


def outlook(
    total: DailyCosts,
    period: Period,
    *,
    now: datetime,
    restated_days: int = RESTATED_DAYS,
    ranged: bool = True,
) -> Outlook:
    """Look ahead to the end of a period; `project_month` says how.

    Args:
        total: daily costs, ungrouped; from eight weeks before `now`, or as far as there is history,
            and at least from the period's first day.
        period: the period.
        now: the moment that the costs were fetched, with a time zone.
        restated_days: how many days before today are not fitted.
        ranged: whether to find the deviation, which takes ten times as long as the rest.

    Raises:
        InvalidInputError: the period has not begun.
    """
    today = utc(now).date()
    if period.start > today:
        raise InvalidInputError(f"The period {period} lies in the future; it must have begun.")
    settled = today - timedelta(days=restated_days)
    begun = Period(period.start, min(period.end, today + timedelta(days=1)))
    spent = total.cost((), begun)
    unsettled_from = min(max(settled, begun.start), begun.end)
    unsettled = total.cost((), Period(unsettled_from, begun.end))
    gaps = total.missing(period)
    history = _history(total, settled)
    fitted = sum(v is not None for v in history.values)
    expected: Decimal | None = None
    deviation: float | None = None
    freedom = 1
    has_credits = any(v is not None and v < 0 for v in history.values)
    if period.end <= today:
        expected, deviation = (None, None) if gaps else (spent, 0.0)
    else:
        late = _late_from(total, history, Period(max(settled, period.start), today))
        ahead = range((late - history.start).days, (period.end - history.start).days)
        coming = forecast(
            history.values, weekday=history.start.weekday(), ahead=ahead, ranged=ranged
        )
        if coming is not None and not gaps:
            done = total.cost((), Period(period.start, late))
            expected = cents(done + _open(total, coming, late, today))
            expected = expected if has_credits else max(spent, expected)
            if fitted >= _LEAST and not math.isnan(coming.deviation):
                deviation, freedom = coming.deviation, coming.freedom
    return Outlook(
        period=period,
        spent=spent,
        unsettled=unsettled,
        expected=expected,
        deviation=deviation,
        freedom=freedom,
        fitted_days=fitted,
        gaps=gaps,
        has_credits=has_credits,
    )


def history_from(now: datetime, restated_days: int = RESTATED_DAYS) -> date:
    """The first day whose costs an outlook looks at, besides those of its period."""
    return utc(now).date() - timedelta(days=restated_days + _HISTORY)


def _late_from(total: DailyCosts, history: _History, restated: Period) -> date:
    """The first of the last restated days that lie well below what is usual: they may be reported
    in part. Where none does, the day after them.

    What is late is later the nearer it is, so that a low day before a full one counts as it is.
    """
    ahead = range(*((day - history.start).days for day in (restated.start, restated.end)))
    usual = forecast(history.values, weekday=history.start.weekday(), ahead=ahead, ranged=False)
    found = restated.end
    if usual is None:
        return found
    part = 1 - max(_LOW, _LOW_SPREADS * usual.scatter)
    for day in reversed(usual.days):
        reported = total.cost((), Period(found - timedelta(days=1), found))
        if not 0 <= reported < part * day:
            break
        found -= timedelta(days=1)
    return found


def _open(total: DailyCosts, coming: Forecast, late: date, today: date) -> Decimal:
    """The days from `late` on: those up to today with what is reported, if that is more."""
    found = Decimal(0)
    for number, estimate in enumerate(map(cents, coming.days)):
        day = late + timedelta(days=number)
        reported = (
            total.cost((), Period(day, day + timedelta(days=1))) if day <= today else estimate
        )
        found += max(reported, estimate) if estimate >= 0 else min(reported, estimate)
    return found


@attrs.frozen
class _History:
    """The days that are fitted; private, since it only passes them on."""

    start: date
    values: list[float | None]


def _history(total: DailyCosts, end: date) -> _History:
    """The last eight weeks before `end`, from the first day that ever cost something."""
    span = total.span()
    start = end - timedelta(days=_HISTORY)
    start = max(start, span.start) if span else end
    if start >= end:
        return _History(end, [])
    period = Period(start, end)
    values = [None if amount is None else float(amount) for amount in total.series((), period)]
    return _History(start, values)
