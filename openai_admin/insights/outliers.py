"""Days on which something cost far more or less than it usually does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import NormalDist

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..usage.table import UsageTable
from .cents import cents
from .daily import DailyCosts, Grouping, GroupKey, daily_costs
from .defaults import HISTORY_DAYS, RESTATED_DAYS
from .periods import Period, utc
from .robust import Rhythm, fits, spread, spread_of_rare

_LEAST = 21  # days with costs known, below which nothing is judged
_FALSE_ALARMS = 0.05  # expected in all that is judged together, if the noise were normal
_CAUTION = 1.5  # times the width that normal noise needs; costs have longer tails than that
_FLOOR = 0.2  # of the average day, where next to nothing is usual
_SHORT = 8.0  # days; with so few the usual deviation is known to half of its size
_NARROWEST = 0.05  # of what is usual; no series is steadier than this


@attrs.frozen(kw_only=True)
class Anomaly(Portable):
    """A day on which a group cost far more or less than usual.

    Attributes:
        group: the group's values, in the order of the groupings.
        day: the day, UTC.
        cost: what it cost, exactly.
        expected: what is usual on such a day, to the cent.
        low: the lower end of the day's usual range.
        high: its upper end.
        score: how many usual deviations the cost is off, negative below.
    """

    group: GroupKey
    day: date
    cost: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    score: float

    @property
    def excess(self) -> Decimal:
        """How much more than expected it cost; negative where it was less."""
        return self.cost - self.expected


@attrs.frozen(kw_only=True)
class AnomalySearch(Portable):
    """What was looked through for anomalies, and what was found.

    Attributes:
        by: what was grouped by.
        period: the days that were judged.
        currency: of every amount; ``None`` where none is stated.
        found: the anomalies, the most expensive first.
        judged: how many groups were judged.
        too_short: groups of which less than three weeks are known, which cannot be judged.
        too_small: groups that cost too little on every day to be worth a look.
    """

    by: tuple[Grouping, ...]
    period: Period
    currency: str | None
    found: tuple[Anomaly, ...]
    judged: int
    too_short: int
    too_small: int


def anomalies(
    costs: UsageTable | DailyCosts,
    by: Grouping | Sequence[Grouping] = ("project", "model"),
    *,
    period: Period,
    now: datetime,
    least: Decimal = Decimal(5),
    ratio: float = 0.5,
    restated_days: int = RESTATED_DAYS,
    currency: str | None = None,
) -> AnomalySearch:
    """Find the days of a period on which a group cost far more or less than usual.

    Each group is measured by itself. What is usual on a day is its weekday's median factor on a
    straight or exponential line fitted by medians to the last twelve weeks. How much it usually
    deviates is the median absolute deviation: that of the whole series, of the day's own kind
    (workday or weekend), or of the days above the line, whichever is largest. So noisy series
    need more to stand out, and weekends and growth are not anomalies. A day is one when it lies
    outside of its usual range **and** is off by at least `least` money and by `ratio` of what is
    usual. The range is half as wide again as one that, with normal noise, gives one false alarm
    in twenty searches over all groups and days together, and wider still for short histories.

    A lasting step shows as a run of days until half of the twelve weeks come after it, and a
    series that jumps about has no usual day to deviate from. Drops within the last
    `restated_days` are not reported, since costs still arrive then; the current day is not judged
    at all. Groups with less than three weeks of history are counted, not judged.

    Args:
        costs: a table of daily costs from several weeks before the period on, or its daily costs,
            already grouped.
        by: what to group by; ignored for daily costs.
        period: the days to judge.
        now: when the costs were fetched, with a time zone.
        least: the smallest difference that is worth a look, in units of the currency.
        ratio: the smallest difference, as a fraction of what is usual.
        restated_days: how many days before today may still rise.
        currency: the currency to use, where the table has several.

    Raises:
        InvalidInputError: the table was not grouped that way, or `least` or `ratio` is negative.
    """
    if least < 0 or ratio < 0:
        raise InvalidInputError("least and ratio must not be negative.")
    daily = costs if isinstance(costs, DailyCosts) else daily_costs(costs, by, currency=currency)
    today = utc(now).date()
    period = Period(min(period.start, today), min(period.end, today))
    series: list[tuple[GroupKey, Period]] = []
    too_short = too_small = 0
    for group, days in daily.groups.items():
        amounts = [amount for day, amount in days.items() if day < period.end]
        if not amounts or max(map(abs, amounts)) < least:
            too_small += 1
            continue
        first = min(day for day in days if day < period.end)
        start = max(min(period.start, period.end - timedelta(days=HISTORY_DAYS)), first)
        span = Period(start, period.end)
        if span.days - daily.missing(span) < _LEAST:
            too_short += 1
        else:
            series.append((group, span))
    limit = _limit(len(series) * period.days)
    rule = _Rule(period, limit, least, ratio, today - timedelta(days=restated_days))
    found = [a for group, span in series for a in _judge(daily, group, span, rule)]
    found.sort(key=lambda a: (-abs(a.excess), a.day, [str(part or "") for part in a.group]))
    return AnomalySearch(
        by=daily.by,
        period=period,
        currency=daily.currency,
        found=tuple(found),
        judged=len(series),
        too_short=too_short,
        too_small=too_small,
    )


@attrs.frozen
class _Rule:
    """When a day is an anomaly; private, a name for what all series are judged by."""

    period: Period
    limit: float  # usual deviations
    least: Decimal
    ratio: float
    settled: date  # drops from this day on may be costs that have not arrived


def _limit(tests: int) -> float:
    """How many usual deviations off is too far, in so many tests, both ways.

    The false alarms are shared out among the tests (Bonferroni's correction). The extra caution
    is this library's own, measured on simulated series in the tests of anomalies.
    """
    return _CAUTION * NormalDist().inv_cdf(1 - _FALSE_ALARMS / (2 * max(1, tests)))


def _judge(daily: DailyCosts, group: GroupKey, span: Period, rule: _Rule) -> list[Anomaly]:
    days = [span.start + timedelta(days=i) for i in range(span.days)]
    exact = daily.series(group, span)
    values = [None if amount is None else float(amount) for amount in exact]
    rhythm = fits(values, weekday=span.start.weekday())[0]
    average = sum(v for v in values if v is not None) / max(1, len(values))
    size = _deviations(values, rhythm, average)
    found = []
    for i, (day, cost, value) in enumerate(zip(days, exact, values, strict=True)):
        if day not in rule.period or cost is None or value is None:
            continue
        usual = rhythm.at(i)
        deviation = size[i]
        score = (value - usual) / deviation if deviation else 0.0
        far = abs(score) > rule.limit and abs(value - usual) >= rule.ratio * usual
        expected = cents(usual)
        if far and abs(cost - expected) >= rule.least and (score > 0 or day < rule.settled):
            reach = rule.limit * deviation
            found.append(
                Anomaly(
                    group=group,
                    day=day,
                    cost=cost,
                    expected=expected,
                    low=cents(max(0.0, usual - reach)),
                    high=cents(usual + reach),
                    score=score,
                )
            )
    return found


def _deviations(values: Sequence[float | None], rhythm: Rhythm, average: float) -> list[float]:
    """The usual deviation of each day, in money.

    Deviations are measured as parts of what is usual, since expensive days scatter more than
    cheap ones; where next to nothing is usual, as parts of the average day.
    """
    floor = _FLOOR * abs(average)
    units = [max(rhythm.at(i), floor) for i in range(len(values))]
    off: list[list[float]] = [[], []]
    for i, value in enumerate(values):
        if value is not None and units[i]:
            off[_is_weekend(rhythm, i)].append((value - rhythm.at(i)) / units[i])
    every = [*off[0], *off[1]]
    usual_size = spread_of_rare if 2 * values.count(0.0) > len(values) else spread
    whole = max(usual_size(every), usual_size(d for d in every if d >= 0))
    parts = [max(_NARROWEST, whole, usual_size(kind)) for kind in off]
    short = 1 + _SHORT / max(1, len(every))
    return [short * parts[_is_weekend(rhythm, i)] * u for i, u in enumerate(units)]


def _is_weekend(rhythm: Rhythm, index: int) -> bool:
    return (rhythm.weekday + index) % 7 >= 5
