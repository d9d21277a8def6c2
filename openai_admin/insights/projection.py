"""What the month will cost, with the range that it should end in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import attrs

from .._wire.portable import Portable
from ..errors import InvalidInputError
from ..usage.table import UsageTable
from .daily import DailyCosts, daily_costs
from .defaults import RESTATED_DAYS
from .outlook import outlook
from .periods import Period, month_of


@attrs.frozen(kw_only=True)
class Projection(Portable):
    """What a month should cost in total.

    Attributes:
        month: the calendar month, UTC.
        currency: of every amount; ``None`` where there are no costs.
        spent: reported for the month so far, the current day included; exact. It is without the
            days counted in `gaps`.
        unsettled: the part of `spent` that is of today or of days the API may still restate.
        expected: the month's total cost, to the cent: what was reported for the days that are
            over, and an estimate for today and the days to come. ``None`` where
            nothing was billed before the days that may be restated, and where a day of the month
            is not known.
        low: the range's lower end; never less than `spent`. ``None`` with less than a week of
            history, or where it was not asked for.
        high: its upper end.
        coverage: how often such a range should hold the month's cost, as 0.8.
        fitted_days: how many days the estimate is based on.
        gaps: days of the month whose costs are not known, or not wholly.
    """

    month: Period
    currency: str | None
    spent: Decimal
    unsettled: Decimal
    expected: Decimal | None
    low: Decimal | None
    high: Decimal | None
    coverage: float
    fitted_days: int
    gaps: int = 0


def project_month(
    costs: UsageTable | DailyCosts,
    *,
    now: datetime,
    coverage: float = 0.8,
    restated_days: int = RESTATED_DAYS,
    currency: str | None = None,
    ranged: bool = True,
) -> Projection:
    """Project the cost of the current calendar month, UTC.

    A rhythm is fitted to the last eight weeks: a factor for each weekday, on a straight or
    exponential line that follows growth, and less and less of it in the days to come; by medians so
    that a single odd day does not bend it. Where the last day lies above or below it, and such
    deviations have lasted in the past, the estimate continues the deviation and lets it fade. The
    range adds up the daily scatter (odd days included, so an incident widens it), how long
    deviations last, and the doubt about level, slope and kind of line; then the same method is
    tried on the series' own past, and where it was further off than computed, the range is widened.

    Tried on simulated series, a range of 80 % held the month's cost in 78 to 92 of 100 months
    with noise, weekends or fading deviations, in 73 to 79 with spikes, and in 87 and more with
    growth, whose kind is in doubt, or bursts. It held it less often where the level wanders at
    random (60 to 78), in the weeks after a lasting step (38 to 58), and hardly ever with less than
    two settled weeks of fast growth. `benchmarks.forecast` tries it on demo organizations.

    Today is incomplete and the days before it may be restated, so neither is fitted: today counts
    with its estimate, or with what it has already cost if that is more. The restated days count as
    reported, except that the last of them that lie well below what is usual, as where costs arrive
    late, count like today. The range knows only what the history shows: a
    launch, a price change or a limit that stops requests is outside of it.

    Args:
        costs: a table of daily costs, or daily costs already added up; from eight weeks before
            `now`, or as far as there is history, and at least from the month's first day.
        now: the moment that the costs were fetched, with a time zone.
        coverage: how often the range should hold the result, between 0.5 and 0.99.
        restated_days: how many days before today are not fitted.
        currency: the currency to use, where the table has several.
        ranged: whether to work out the range, which takes ten times as long as the rest.

    Raises:
        InvalidInputError: an argument is out of range, or the table has several currencies.
    """
    if not 0.5 <= coverage <= 0.99:
        raise InvalidInputError(f"coverage must be between 0.5 and 0.99, not {coverage}.")
    if restated_days < 0:
        raise InvalidInputError(f"restated_days must be at least 0, not {restated_days}.")
    daily = costs if isinstance(costs, DailyCosts) else daily_costs(costs, currency=currency)
    total = daily.total()
    found = outlook(total, month_of(now), now=now, restated_days=restated_days, ranged=ranged)
    low, high = found.range(coverage) or (None, None)
    return Projection(
        month=found.period,
        currency=total.currency,
        spent=found.spent,
        unsettled=found.unsettled,
        expected=found.expected,
        low=low,
        high=high,
        coverage=coverage,
        fitted_days=found.fitted_days,
        gaps=found.gaps,
    )
