"""Plain robust statistics of daily series: medians, and a weekly rhythm on a straight trend.

What is taken from the literature is cited where it is used. The other constants are this
library's own; how well they do is measured on simulated series, in the tests of projections and
anomalies.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise
from statistics import NormalDist, median

import attrs

_WEEK = 7
_TO_SIGMA = 1.4826  # from a median absolute deviation to normal noise's standard deviation
CUT = 3.0  # spreads; see `persistence`
_SILENT = 0.05  # of an average day; a weekday with less says nothing about the level
_LINE_FROM = 14  # days; with fewer, a slope is mostly noise
_FULL_WEEKS = 3  # of each weekday, before it gets a factor of its own
_FASTEST = 0.1  # a day, which doubles in a week; nothing grows like this for a month
_FEW = 2  # of workdays and of weekend days, before they are told apart
_NORMAL = NormalDist()
_FARTHEST = 8.0  # standard deviations; beyond them lies less than a float tells from nothing
_HALVINGS = 60


@attrs.frozen
class Rhythm:
    """What a series usually is: a straight line, times a factor for each weekday.

    Attributes:
        factors: Monday first; they average to 1.
        level: of an average day, at index 0.
        slope: added to an average day with each day; where `exponential`, the logarithm of the
            factor that it grows by.
        exponential: whether the line is one of a logarithmic scale.
        fitted: how many numbers were fitted.
        weekday: of index 0, Monday is 0.
    """

    factors: tuple[float, ...]
    level: float
    slope: float
    fitted: int
    weekday: int
    exponential: bool = False

    def factor(self, index: int) -> float:
        """The factor of a day's weekday."""
        return self.factors[(self.weekday + index) % _WEEK]

    def line(self, index: float) -> float:
        """What a day would be if all weekdays were alike; never negative."""
        if self.exponential:
            return self.level * math.exp(self.slope * index)
        return max(0.0, self.level + self.slope * index)

    def at(self, index: int) -> float:
        """What is usual on a day."""
        return self.factor(index) * self.line(index)

    def times(self, factor: float) -> Rhythm:
        """The rhythm, of an exponential line, so many times as high."""
        return attrs.evolve(self, level=self.level * factor)

    def plus(self, amount: float) -> Rhythm:
        """The rhythm with its line higher by an amount."""
        return attrs.evolve(self, level=self.level + amount)


def fits(values: Sequence[float | None], *, weekday: int) -> list[Rhythm]:
    """Fit rhythms by medians, which single odd days do not move; the nearest one first.

    A weekday's factor is the median of its share of the seven days around it, so growth leaves it
    alone (the ratio to a moving average, as in classical multiplicative decomposition: Hyndman &
    Athanasopoulos, *Forecasting: Principles and Practice*, 3rd edition, 2021, section 3.4, with
    medians in place of means); with fewer than three of each, workdays and weekends share one, and
    with fewer still, or where most days are empty, all days are alike. The slope is the median of
    the slopes between days whole weeks apart, from two weeks on: Theil's and Sen's estimator (Sen,
    "Estimates of the regression coefficient based on Kendall's tau", JASA 63, 1968) in the form
    for series with seasons of Hirsch, Slack & Smith ("Techniques of trend analysis for monthly
    water quality data", Water Resources Research 18, 1982). The level is the median of the rest.
    The results are a straight line and, where every day is above zero, one that is straight on a
    logarithmic scale, if it does not double in a week; else one without a slope.

    Args:
        values: one for each day in order; ``None`` where it is unknown.
        weekday: of the first, Monday is 0.
    """
    factors, of_factors = _factors(values, weekday)
    even = [even_out(v, factors[(weekday + i) % _WEEK]) for i, v in enumerate(values)]
    known = [(i, v) for i, v in enumerate(even) if v is not None]
    if not known:
        return [Rhythm(factors, 0.0, 0.0, 0, weekday)]
    numbers = 1 + of_factors
    if known[-1][0] - known[0][0] < _LINE_FROM - 1:
        return [Rhythm(factors, median(v for _, v in known), 0.0, numbers, weekday)]
    slope = _slope(even)
    level = median(v - slope * i for i, v in known)
    line = Rhythm(factors, level, slope, numbers + 1, weekday)
    level_line = attrs.evolve(line, level=median(v for _, v in known), slope=0.0)
    if min(v for _, v in known) <= 0:
        return [line, level_line]
    logs = [None if v is None else math.log(v) for v in even]
    rate = _slope(logs)
    if abs(rate) > _FASTEST:
        return [line, level_line]
    start = math.exp(median(v - rate * i for i, v in enumerate(logs) if v is not None))
    curve = Rhythm(factors, start, rate, numbers + 1, weekday, exponential=True)
    return sorted((line, curve), key=lambda r: sum(abs(v - r.line(i)) for i, v in known))


def even_out(value: float | None, factor: float) -> float | None:
    """What a day would be if all weekdays were alike; ``None`` for weekdays that say nothing."""
    return None if value is None or factor < _SILENT else value / factor


def _slope(values: Sequence[float | None]) -> float:
    slopes = [
        (values[i + lag] - value) / lag  # type: ignore[operator]  # looked at just below
        for lag in range(_WEEK, len(values), _WEEK)
        for i, value in enumerate(values[:-lag])
        if value is not None and values[i + lag] is not None
    ]
    return median(slopes) if slopes else 0.0


def _factors(values: Sequence[float | None], weekday: int) -> tuple[tuple[float, ...], int]:
    """The weekdays' factors, and how many of them were free."""
    alike = (1.0,) * _WEEK, 0
    if 2 * sum(v == 0 for v in values) > len(values):
        return alike
    shares: list[list[float]] = [[] for _ in range(_WEEK)]
    for i in range(3, len(values) - 3):
        around = values[i - 3 : i + 4]
        here = values[i]
        if here is None or None in around:
            continue
        week = sum(around)  # type: ignore[arg-type]  # looked at just above
        if week > 0:
            shares[(weekday + i) % _WEEK].append(here * _WEEK / week)
    if min(map(len, shares)) >= _FULL_WEEKS:
        raw = [max(0.0, median(s)) for s in shares]
        free = _WEEK - 1
    else:
        workdays, weekends = [*chain(*shares[:5])], [*chain(*shares[5:])]
        if len(workdays) < _FEW or len(weekends) < _FEW:
            return alike
        raw = [max(0.0, median(workdays))] * 5 + [max(0.0, median(weekends))] * 2
        free = 1
    mean = sum(raw) / _WEEK
    return (tuple(f / mean for f in raw), free) if mean > 0 else alike


def spread(deviations: Iterable[float]) -> float:
    """The usual size of deviations, as a standard deviation: from their median absolute one.

    Zero where more than half of them are. The factor 1.4826 makes it consistent for normal noise
    (Rousseeuw & Croux, "Alternatives to the median absolute deviation", JASA 88, 1993).
    """
    sizes = [abs(d) for d in deviations]
    if not sizes:
        return 0.0
    return _TO_SIGMA * median(sizes)


def spread_of_rare(deviations: Iterable[float]) -> float:
    """The usual size of deviations; where more than half are zero, that of the others."""
    listed = list(deviations)
    return spread(listed) or spread(d for d in listed if d)


def student_quantile(probability: float, freedom: float) -> float:
    """The quantile of Student's t distribution, by Cornish and Fisher's series.

    The coefficients are those of Abramowitz & Stegun, *Handbook of Mathematical Functions* (1964),
    26.7.5. Good to 2 % from four degrees of freedom on and between probabilities of 0.001 and
    0.999.
    """
    return _of_student(_NORMAL.inv_cdf(probability), freedom)


def student_probability(quantile: float, freedom: float) -> float:
    """The probability that belongs to a quantile: what `student_quantile` turns round."""
    low, high = -_FARTHEST, _FARTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _of_student(middle, freedom) < quantile else (low, middle)
    return _NORMAL.cdf((low + high) / 2)


def _of_student(z: float, freedom: float) -> float:
    """The quantile of Student's t distribution that is as probable as a normal one; it rises."""
    z3, z5, z7 = z**3, z**5, z**7
    return (
        z
        + (z3 + z) / (4 * freedom)
        + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom**2)
        + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * freedom**3)
    )


def persistence(deviations: Sequence[float | None], *, fitted: int) -> float:
    """How much of a day's deviation is still there on the next: 0 none, to 0.97.

    The first autocorrelation, corrected for the bias that it has in a short series: ``(1 + 3 r) /
    n`` where a level was fitted (Kendall, "Note on bias in the estimation of autocorrelation",
    Biometrika 41, 1954), ``(2 + 4 r) / n`` where more was. Deviations beyond three spreads are cut
    to them, which is the most cautious of the usual limits (Leys et al., "Detecting outliers: Do
    not use standard deviation around the mean, use absolute deviation around the median", Journal
    of Experimental Social Psychology 49, 2013).
    """
    known = [d for d in deviations if d is not None]
    square = sum(d * d for d in known)
    if len(known) < 2 * _WEEK or not square:
        return 0.0
    limit = CUT * spread_of_rare(known)
    cut = [None if d is None else max(-limit, min(limit, d)) for d in deviations]
    square = sum(d * d for d in cut if d is not None)
    pairs = [a * b for a, b in pairwise(cut) if a is not None and b is not None]
    r = sum(pairs) / square if square else 0.0
    terms = (2 + 4 * r) if fitted > 1 else (1 + 3 * r)
    return min(0.97, max(0.0, r + terms / len(known)))


def root_mean_square(values: Iterable[float], *, freedom: int) -> float:
    """The size of deviations that had so many degrees of freedom."""
    return math.sqrt(sum(v * v for v in values) / max(1, freedom))
